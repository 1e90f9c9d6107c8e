"""What was saved comes back, driven or not; what is damaged is refused in one line."""

import moved
import numpy as np
import pytest

import qwpinn

X = np.linspace(0.0, 1.0, 7)


@pytest.mark.parametrize(
    "changes", [{}, {"drive": ("x", qwpinn.Pulse(2.0, 3.0))}, {"absorbing": (0.0, 0.03)}]
)
def test_all_of_it_comes_back(tmp_path, changes):
    kept = qwpinn.evolve(moved.solved("box"), [1.0, 1.0j], [0.0, 0.5, 1.0], **changes)
    kept.save(tmp_path / "kept")
    found = qwpinn.load(tmp_path / "kept")
    assert isinstance(found, qwpinn.Evolution)
    np.testing.assert_array_equal(found(X), kept(X))
    np.testing.assert_array_equal(found.errors, kept.errors)
    np.testing.assert_allclose(found.energy, kept.energy)
    np.testing.assert_array_equal(found.error([0.5]), kept.error([0.5]))
    assert (found.size, found.tol, str(found)) == (kept.size, kept.tol, str(kept))
    np.testing.assert_array_equal(found.solution.lower, kept.solution.lower)
    if "absorbing" in changes:
        np.testing.assert_array_equal(found.absorbed.taken, kept.absorbed.taken)
    if not changes:
        np.testing.assert_array_equal(found.at([2.0])(X), kept.at([2.0])(X))


def damaged(path):
    path.write_bytes(path.read_bytes()[:900])


def of_another_format(path):
    with np.load(path) as kept:
        columns = dict(kept)
    np.savez(path, **{**columns, "format": 2})


def of_another_model(path):
    with np.load(path) as kept:
        columns = dict(kept)
    np.savez(path, **{**columns, "coefficients": columns["coefficients"][:, :3]})


def of_other_bounds(path):
    with np.load(path) as kept:
        columns = dict(kept)
    np.savez(path, **{**columns, "doubts.apart": columns["doubts.apart"][:, :3]})


def without_numbers(path):
    with np.load(path) as kept:
        columns = dict(kept)
    np.savez(path, **{**columns, "coefficients": np.nan * columns["coefficients"]})


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (damaged, r"`path` must be a folder with a saved evolution.*cannot be read"),
        (of_another_format, r"another format"),
        (of_another_model, r"coefficients of another model"),
        (of_other_bounds, r"bounds of another model"),
        (without_numbers, r"that are no numbers"),
    ],
)
def test_damaged_numbers_are_refused(tmp_path, harm, message):
    qwpinn.evolve(moved.solved("box"), [1.0], [0.0]).save(tmp_path / "kept")
    harm(tmp_path / "kept" / "evolution.npz")
    with pytest.raises(ValueError, match=message):
        qwpinn.load(tmp_path / "kept")
