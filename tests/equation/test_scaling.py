import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qwpinn
from qwpinn import FiniteWell, InfiniteWell, PiecewiseConstant, Precise, solve
from qwpinn.equation.scaling import Scaling


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e6])
def test_scaled_levels_do_not_depend_on_the_unit_of_length(scale):
    well = qwpinn.FiniteWell(depth=20.0 / scale**2, width=2.0 * scale, box=6.0 * scale)
    scaled = Scaling.for_potential(well).energy(well.levels(3))
    np.testing.assert_allclose(scaled, 9.0 * qwpinn.FiniteWell().levels(3), rtol=1e-12)


def test_interval_is_mapped_to_minus_one_and_one_and_back():
    scaling = Scaling((2.0, 5.0), energy_origin=-3.0, weight_unit=4.0)
    np.testing.assert_array_equal(scaling.position(np.array([2.0, 3.5, 5.0])), [-1.0, 0.0, 1.0])
    np.testing.assert_allclose(scaling.own_energy(scaling.energy(7.5)), 7.5, rtol=1e-15)
    assert scaling.energy_unit == pytest.approx(1.0 / (1.5**2 * 4.0))


def test_amplitude_keeps_the_norm():
    scaling = Scaling((2.0, 5.0), weight_unit=4.0)
    x = np.linspace(2.0, 5.0, 20001)
    chi = np.cos(np.pi / 2 * scaling.position(x))  # integral of chi^2 over [-1, 1] is 1
    norm = np.trapezoid(4.0 * (scaling.amplitude * chi) ** 2, x)
    assert norm == pytest.approx(1.0, abs=1e-8)


def test_energy_origin_is_the_bottom_of_the_potential():
    shifted = qwpinn.PiecewiseConstant([0.0, 0.3, 1.0], [7.0, -2.0])
    assert Scaling.for_potential(shifted).energy_origin == -2.0


MAGNITUDE = st.floats(-300.0, 300.0).map(lambda exponent: 10.0**exponent)


@settings(max_examples=40)
@given(MAGNITUDE, MAGNITUDE, MAGNITUDE, st.booleans())
def test_numbers_of_any_size_are_solved_or_refused_in_one_line(first, second, third, extreme):
    """No warning of NumPy either: those are errors here."""
    # By themselves, three magnitudes hardly ever fit each other: half of the wells are scaled ones.
    length, unit = first**0.2, first**-0.4
    wells = [
        lambda: PiecewiseConstant([0.0, first, 3.0 * first], [0.0, second], [third, 1.0]),
        lambda: FiniteWell(depth=30.0 * unit, width=length, box=3.0 * length),
    ]
    try:
        found = solve(wells[not extreme](), recipe=Precise(epochs=0, units=24))
    except ValueError as refusal:
        assert "\n" not in str(refusal)
        assert "`potential` must have" in str(refusal)
    else:
        assert np.isfinite(found.energies).all()
        if not extreme:
            # One equation in other units.
            assert found.energies[0] == pytest.approx(5.2081 * unit, rel=1e-3)


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (lambda: InfiniteWell(1e-200), "1e-60 and 1e+60 long.* 1e-200. Choose other units"),
        (lambda: InfiniteWell(1e200), "1e-60 and 1e+60 long.* 1e+200. Choose other units"),
        (lambda: FiniteWell(depth=1e300), "energies of 1e+120 at most.*V from 0 to 1e+300"),
        (lambda: FiniteWell(depth=1e40), "varies by at most 1e+30 times.* 9e+40 times. Model a"),
        (lambda: PiecewiseConstant([0, 1, 2], [0, 1], [1e-300, 1]), "at most 1e+12 fold.* 1e+300"),
        (lambda: PiecewiseConstant([0, 1e-50, 1], [0, 1]), "layers of 1e-12.* 1e-50. Leave the"),
        (lambda: InfiniteWell().shifted(1e12), "within 1e+10 of its length.*x=1e+12. Shift it"),
        (lambda: FiniteWell() + 1e20, "within 1e+15 times.* 9e+20 times. Shift V near to 0"),
    ],
)
def test_what_is_out_of_reach_is_said(make, found):
    with pytest.raises(ValueError, match=found.replace("+", r"\+").replace(". ", r"\. ")):
        solve(make())
