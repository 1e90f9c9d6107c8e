"""Inverse design: targets met, all solutions, what cannot be reached."""

import numpy as np
import pytest

from qwpinn import references
from qwpinn.families.design import _distinct


@pytest.fixture(scope="module")
def model(family_model):
    return family_model


def test_two_targets_of_two_parameters_have_one_solution(model):
    wanted = references.exact(model.family.potential([18.3, 2.07]), 2).energies
    targets = {"E0": wanted[0], "E1-E0": wanted[1] - wanted[0]}
    design = model.design(targets)
    assert design.parameters.shape == (1, 2)
    np.testing.assert_allclose(design.parameters[0], [18.3, 2.07], rtol=5e-3)
    np.testing.assert_allclose(design.achieved[0], list(targets.values()), rtol=1e-6)
    np.testing.assert_allclose(design.verified[0], list(targets.values()), rtol=1e-4)
    assert design.converged
    assert design.solutions[0].potential == model.family.potential(design.parameters[0])


def test_one_target_of_two_parameters_has_several(model):
    design = model.design({"E1-E0": 4.8}, verify=False)
    assert len(design.parameters) >= 3
    np.testing.assert_allclose(design.achieved, 4.8, rtol=1e-6)
    assert np.ptp(design.parameters[:, 0]) > 3.0
    with pytest.raises(ValueError, match=r"`design` must be verified.*verify=False\. Give"):
        _ = design.verified


def test_bounds_narrow_the_search(model):
    design = model.design({"E1-E0": 4.8}, {"depth": (19.0, 21.0)}, verify=False)
    assert np.all((design.parameters[:, 0] >= 19.0) & (design.parameters[:, 0] <= 21.0))


@pytest.mark.parametrize(
    ("targets", "bounds", "error", "message"),
    [
        (
            {"E1-E0": 50.0},
            None,
            ValueError,
            r"within reach: E1-E0 from 3\.8\d+ to 5\.945\d+\. Rec.*50",
        ),
        (
            {"E0": 1.6, "E1": 9.0},
            None,
            ValueError,
            r"each by itself\. Received: E0=1\.6, E1=9; the",
        ),
        ({"E7": 1.0}, None, ValueError, r"levels E0 to E1 or differences.*Received: 'E7'"),
        ({"E1-E1": 1.0}, None, ValueError, r"Received: 'E1-E1'\. Correct it"),
        ({"gap": 1.0}, None, ValueError, r"Received: 'gap'"),
        ({"E0": 0.0}, None, ValueError, r"`targets` must not be 0.*E0=0"),
        ({"E0": np.nan}, None, ValueError, r"`targets\['E0'\]` must be .*finite"),
        ({}, None, TypeError, r"`targets` must be a dict of at least one target"),
        ({"E0": 1.6}, {"box": (1, 2)}, ValueError, r"`bounds` must be of depth, width\..*box"),
        (
            {"E0": 1.6},
            {"depth": (1, 20)},
            ValueError,
            r"`bounds` must lie in the trained box.*1, 20",
        ),
        ({"E0": 1.6}, {"depth": (20, 17)}, ValueError, r"bounds\['depth'\]` must .*increase"),
    ],
)
def test_bad_wishes_are_one_clear_line(model, targets, bounds, error, message):
    with pytest.raises(error, match=message) as info:
        model.design(targets, bounds)
    assert "\n" not in str(info.value)


def test_equal_solutions_are_one_and_the_nearest_to_the_middle_is_first():
    found = [np.array([0.5, 0.0]), np.array([0.1, 0.0]), np.array([0.5, 1e-5])]
    kept = _distinct(found, np.zeros(2))
    assert [u.tolist() for u in kept] == [[0.1, 0.0], [0.5, 0.0]]
