"""Potentials: values, breakpoints, exact levels, configs, and what they refuse."""

import dataclasses
import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import processes
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import WELLS, Problem, gaas_well

from qwpinn.potentials import (
    CustomPotential,
    FiniteBarrier,
    FiniteWell,
    InfiniteWell,
    PiecewiseConstant,
    PiecewisePolynomial,
    Potential,
    Sampled,
    potential_from_config,
    tabulate,
)
from qwpinn.references import count_below, legendre_galerkin

CONFIGURABLE = [
    InfiniteWell(2.0),
    FiniteWell(20.0, 2.0, 6.0),
    FiniteBarrier(50.0, 0.2, 1.0),
    PiecewiseConstant([0, 1, 2, 4], [0, 5, 1]),
    PiecewiseConstant([0, 1, 2], [0, 5], weights=[1.0, 0.5]),
    Sampled([0, 1, 3], [0, 2, 2]),
    Sampled([0, 1, 2, 3, 4], [0, 2, 3, 2, 9], "cubic", breakpoints=(3.0,)),
    PiecewisePolynomial([0, 1, 3], [[1, 2], [0, 1]], [[1, 0.5], [2, 0]], (1.0,)),
]


@pytest.mark.parametrize("problem", WELLS, ids=lambda problem: problem.id)
def test_levels_to_round_off(problem: Problem) -> None:
    levels = problem.potential.levels(problem.levels.size)
    np.testing.assert_allclose(levels, problem.levels, rtol=2e-15)


def test_a_pair_closer_than_round_off_is_in_order() -> None:
    for step in np.linspace(4900.0, 5000.0, 21):
        assert np.all(np.diff(FiniteBarrier(float(step), 0.75, 1.0).levels(6)) >= 0.0)


@pytest.mark.parametrize("make", [FiniteWell, FiniteBarrier])
def test_levels_without_step_are_the_empty_box(make: Callable[..., Potential]) -> None:
    levels = make(0.0, 0.5, 2.0).levels(8)
    np.testing.assert_allclose(levels, (np.arange(1, 9) * np.pi / 2.0) ** 2, rtol=1e-14)


def test_levels_of_a_high_step() -> None:
    deep = FiniteWell(depth=1e12, width=2.0, box=6.0).levels(3)
    # Walls of height V act like walls 1 / sqrt(V) further out, on either side.
    np.testing.assert_allclose(deep, (np.arange(1, 4) * np.pi / (2.0 + 2e-6)) ** 2, rtol=1e-11)
    high = FiniteBarrier(height=1e8, width=0.2, box=1.0).levels(4)
    np.testing.assert_allclose(high[::2], high[1::2], rtol=1e-15)


def test_levels_at_the_step_itself() -> None:
    # The even state with E = depth, where psi is linear outside: k tan(k a) = 1 / w.
    k, w = 1.0, 1.0 / math.tan(1.0)
    well = FiniteWell(depth=k * k, width=2.0, box=2.0 + 2.0 * w)
    assert well.levels(1)[0] == pytest.approx(1.0, rel=1e-14)


def test_no_closed_form() -> None:
    with pytest.raises(LookupError, match=r"Use qwpinn.references.legendre_galerkin"):
        Sampled([0, 1], [0, 1]).levels(2)


def test_values_and_breakpoints_of_the_wells() -> None:
    well, barrier = FiniteWell(20.0, 2.0, 6.0), FiniteBarrier(50.0, 0.2, 1.0)
    np.testing.assert_array_equal(well([-3, -1.5, -1, 0, 0.999, 1, 3]), [20, 20, 0, 0, 0, 20, 20])
    np.testing.assert_array_equal(barrier([0, 0.399, 0.4, 0.5, 0.6, 1.0]), [0, 0, 50, 50, 0, 0])
    assert well.breakpoints == (-1.0, 1.0)
    assert barrier.breakpoints == (0.4, 0.6)
    assert InfiniteWell().breakpoints == FiniteWell(0.0, 1.0, 2.0).breakpoints == ()
    assert well.interval == (-3.0, 3.0)
    assert well(np.zeros((2, 3))).shape == well.weight(np.zeros((2, 3))).shape == (2, 3)
    assert well(0.0).shape == ()


def test_layers_and_weights() -> None:
    stack = PiecewiseConstant([0, 1, 2, 3], [1, 1, 1], weights=[1.0, 2.0, 2.0])
    assert stack.breakpoints == (1.0,)
    np.testing.assert_array_equal(stack.weight([0.5, 1.0, 3.0]), [1.0, 2.0, 2.0])
    assert hash(stack) == hash(PiecewiseConstant((0, 1, 2, 3), (1, 1, 1), (1, 2, 2)))


def test_sampled_breaks_where_the_slope_changes() -> None:
    table = Sampled([0.0, 0.1, 0.2, 0.3, 0.7], [0.0, 1.0, 2.0, 3.0, 3.0])
    assert table.breakpoints == (0.3,)
    np.testing.assert_allclose(table([0.05, 0.5]), [0.5, 3.0])


def test_splines_are_exact_for_cubics_between_breakpoints() -> None:
    x = np.linspace(-2, 3, 11)
    table = Sampled(x, np.where(x < 1, x**3 - x, 4.0 - x**3), "cubic", breakpoints=(1.0,))
    fine = np.linspace(1, 3, 50)
    np.testing.assert_allclose(table(fine), 4.0 - fine**3, atol=1e-13)
    assert table.interval == (-2.0, 3.0)
    assert table([[0.0]]).shape == (1, 1)
    np.testing.assert_allclose(table(x), table.v, atol=1e-13)
    # Pieces of two and three samples are lines and parabolas.
    short = Sampled([0, 1, 2, 3], [0, 1, 4, 0], "cubic", breakpoints=(2.0,))
    np.testing.assert_allclose(short([0.5, 1.5, 2.5]), [0.25, 2.25, 2.0])
    assert Sampled([0, 2], [1, 5], "cubic")(0.5) == 2.0


def test_splines_are_of_fourth_order() -> None:
    exact = legendre_galerkin(CustomPotential(lambda x: 20 * np.cosh(x) ** -2, (-6, 6)), 2).energies
    errors = []
    for samples in (61, 121):
        x = np.linspace(-6, 6, samples)
        table = Sampled(x, 20 * np.cosh(x) ** -2, "cubic")
        assert table.breakpoints == ()
        errors.append(np.abs(legendre_galerkin(table, 2).energies - exact))
    assert np.all(np.log2(errors[0] / errors[1]) > 3.7)


@pytest.mark.parametrize("samples", [40, 101, 200, 500])
def test_kinks_and_jumps_are_found_and_smooth_curves_have_none(samples: int) -> None:
    x = np.linspace(-8, 8, samples)
    rounded = [float(f"{v:.5g}") for v in 3.0 * x + 0.1 * x**2]
    noise = np.random.default_rng(0).normal(size=samples)
    smooth = (x**2, x**4 - 5 * x**2, np.exp(-0.5 * x**2), np.sin(3 * x), 3 * x, rounded, noise)
    for curve in smooth:
        assert Sampled(x, curve, "cubic").breakpoints == ()
    step = x[1] - x[0]
    for curve, place in ((np.abs(x - 0.1), 0.1), (np.where(x < 0.5, x, x + 3.0), 0.5)):
        found = np.array(Sampled(x, curve, "cubic").breakpoints)
        assert 1 <= found.size <= 2
        assert np.all(np.abs(found - place) <= step)
    well = Sampled(x, np.where(np.abs(x) < 2, 0.0, 20.0), "cubic")
    assert len(well.breakpoints) == 4
    fine = well(np.linspace(-8, 8, 4001))
    assert np.min(fine) >= 0.0
    assert np.max(fine) <= 20.0


@pytest.mark.parametrize("kind", ["linear", "cubic"])
def test_a_jump_is_two_samples_close_to_each_other(kind: Any) -> None:
    gap = 3e-5
    x = [-3, -2, -1 - gap, -1 + gap, 0, 1 - gap, 1 + gap, 2, 3]
    table = Sampled(x, [20, 20, 20, 0, 0, 0, 20, 20, 20], kind)
    assert table.breakpoints == (-1.0, 1.0)
    energies = legendre_galerkin(table, 3).energies
    np.testing.assert_allclose(energies, FiniteWell().levels(3), rtol=5e-9)


@pytest.mark.parametrize("samples", [200, 500])
def test_big_tables_are_smooth_between_their_breakpoints(samples: int) -> None:
    x = np.linspace(-8, 8, samples)
    straight, smooth = Sampled(x, x**2, "linear"), Sampled(x, x**2)
    assert straight.breakpoints == tuple(x[1:-1])
    assert [count_below(table, 5.1) for table in (straight, smooth)] == [3, 3]
    np.testing.assert_allclose(legendre_galerkin(smooth, 3).energies, [1, 3, 5], rtol=1e-12)
    # Chords lie above the parabola, by h^2 / 6 in the mean.
    chords = legendre_galerkin(straight, 3, degree=3, panels=1).energies
    np.testing.assert_allclose(chords - [1, 3, 5], (x[1] - x[0]) ** 2 / 6.0, rtol=1e-3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: InfiniteWell(-1.0), r"`width` must be a positive, finite length. .*width=-1.0"),
        (lambda: InfiniteWell(0.0), r"`width` must be a positive, finite length. .*width=0.0"),
        (lambda: InfiniteWell(math.nan), r"`width` must be a positive, finite length. .*width=nan"),
        (lambda: InfiniteWell(math.inf), r"`width` must be a positive, finite length. .*width=inf"),
        (lambda: FiniteWell(depth=-1.0), r"`depth` must be a finite energy that is not negative"),
        (lambda: FiniteWell(depth=math.nan), r"`depth` must be a finite energy .*depth=nan"),
        (lambda: FiniteWell(box=math.inf), r"`box` must be a positive, finite length. .*box=inf"),
        (lambda: FiniteWell(width=6.0, box=6.0), r"`width` must be below `box`. .*box=6.0"),
        (lambda: FiniteBarrier(height=math.inf), r"`height` must be a finite energy"),
        (lambda: FiniteBarrier(width=math.nan), r"`width` must be a positive, .*width=nan"),
        (lambda: FiniteBarrier(width=2.0, box=1.0), r"Received: width=2.0, box=1.0"),
        (lambda: PiecewiseConstant([0, 1], [1, 2]), r"`values` must be 1 numbers"),
        (lambda: PiecewiseConstant([1, 0], [1]), r"`edges` must increase strictly"),
        (lambda: PiecewiseConstant([0, 1], [1], [0.0]), r"`min\(weights\)` must be a positive"),
        (
            lambda: PiecewiseConstant([0, math.inf], [1]),
            r"`edges` must hold finite .*inf at index 1",
        ),
        (lambda: PiecewiseConstant([0, 1], [math.nan]), r"`values` must hold finite numbers"),
        (lambda: Sampled([0, 1, 2], [0, 1]), r"`v` must be 3 numbers"),
        (lambda: Sampled([0, 1], [0, math.inf]), r"`v` must hold finite numbers. .*inf at index 1"),
        (lambda: Sampled([0, 1, 1], [0, 1, 2]), r"`x` must increase strictly. Received: 1.0 twice"),
        (
            lambda: Sampled([0, 1], [0, 1], "spline"),
            r"`kind` must be 'linear' or 'cubic'. .*spline",
        ),
        (lambda: Sampled([0, 1, 2], [0, 1, 2], "cubic", (1.5,)), r"must be among `x`.* 1.5"),
        (lambda: Sampled([0, 1], [0, 1], breakpoints=(0.0,)), r"must lie strictly inside"),
        (lambda: CustomPotential(np.sin, (1, 0)), r"`interval` must increase"),
        (lambda: CustomPotential(np.sin, (0, math.inf)), r"`interval` must hold finite numbers"),
        (
            lambda: CustomPotential(np.sin, (0, 1), (1.0,)),
            r"`breakpoints` must lie strictly inside",
        ),
        (lambda: PiecewisePolynomial([0, 1], [[1], [2]]), r"must have shape \(1, degree \+ 1\)"),
        (lambda: PiecewisePolynomial([0, 1, 2], [[1], [2, 3]]), r"rows of one length"),
        (lambda: PiecewisePolynomial([0, 1], [[1]], None, (0.5,)), r"must be among `edges`"),
    ],
)
def test_bad_arguments(make: Callable[[], Potential], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("width", ["1", True, None, [1.0], 1j])
def test_lengths_are_real_numbers(width: Any) -> None:
    with pytest.raises(TypeError, match=r"`width` must be a real number. Received: width="):
        InfiniteWell(width)


def test_custom_function_is_checked_when_called() -> None:
    with pytest.raises(TypeError, match="`function` must be callable"):
        CustomPotential(3.0, (0, 1))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"must have the shape of x, \(2,\). Received: shape=\(\)"):
        CustomPotential(lambda x: np.max(x), (0, 1))([0.1, 0.2])
    with pytest.raises(ValueError, match=r"must be finite everywhere.*Received: V\(0\.1\) = inf"):
        CustomPotential(lambda x: np.full_like(x, np.inf), (0, 1))([0.1])
    with pytest.raises(TypeError, match=r"dtype=complex128"):
        CustomPotential(lambda x: x + 1j, (0, 1))([0.1])


@dataclasses.dataclass(frozen=True)
class _Tilted(Potential):
    slope: float = 1.0

    @property
    def interval(self) -> tuple[float, float]:
        return 0.0, 1.0

    def __call__(self, x: Any) -> Any:
        return self.slope * np.asarray(x)


def test_own_subclass() -> None:
    tilted = _Tilted(3.0)
    assert tilted.breakpoints == ()
    assert tilted.layers is None
    np.testing.assert_array_equal(tilted.weight([0.1, 0.2]), [1.0, 1.0])
    assert potential_from_config(tilted.to_config()) == tilted


def test_subclass_without_interval() -> None:
    class Nowhere(Potential):
        def __call__(self, x: Any) -> Any:
            return np.asarray(x)

    with pytest.raises(TypeError, match="`Nowhere` must define `interval`"):
        _ = Nowhere().interval
    with pytest.raises(TypeError, match="must be a dataclass to be stored"):
        Nowhere().to_config()


def test_all_classes_are_known_after_one_import_without_tensorflow() -> None:
    code = (
        "import json, sys, qwpinn.potentials, qwpinn.references\n"
        "for config in sys.argv[1:]:\n"
        "    qwpinn.potentials.potential_from_config(json.loads(config))\n"
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    configs = [json.dumps(potential.to_config()) for potential in CONFIGURABLE]
    processes.run(processes.program(code, *configs))


def test_names() -> None:
    assert [p.name for p in CONFIGURABLE[:4]] == [
        "infinite_well",
        "finite_well",
        "finite_barrier",
        "piecewise_constant",
    ]


@pytest.mark.parametrize("potential", CONFIGURABLE, ids=lambda p: p.name)
def test_config_round_trip_through_json(potential: Potential) -> None:
    config = potential.to_config()
    text = json.dumps(config)
    assert json.loads(text) == config
    assert potential_from_config(json.loads(text)) == potential


def test_bad_configs() -> None:
    with pytest.raises(ValueError, match=r"one of the classes .*FiniteWell.*class='Nothing'"):
        potential_from_config({"class": "Nothing"})
    with pytest.raises(ValueError, match=r"only the fields width. Received: depth"):
        potential_from_config({"class": "InfiniteWell", "depth": 1.0})
    with pytest.raises(ValueError, match=r"Received: none for values"):
        potential_from_config({"class": "PiecewiseConstant", "edges": [0, 1]})


@pytest.mark.parametrize("potential", CONFIGURABLE, ids=lambda p: p.name)
def test_tabulate_reproduces_values(potential: Potential) -> None:
    table = tabulate(potential)
    a, b = potential.interval
    x = np.append(np.linspace(a, b, 1001), potential.breakpoints)
    np.testing.assert_allclose(table(x), potential(x), atol=1e-13 * np.max(potential(x)) + 1e-15)
    np.testing.assert_allclose(table.weight(x), potential.weight(x), rtol=1e-13)
    assert table.breakpoints == potential.breakpoints
    assert table.interval == potential.interval


def test_tabulate_is_economical() -> None:
    assert tabulate(FiniteWell()).coefficients == ((20.0,), (0.0,), (20.0,))
    assert tabulate(FiniteWell()).weights is None
    assert tabulate(gaas_well(100.0)).layers is not None
    quartic = tabulate(CustomPotential(lambda x: x**4, interval=(-5, 5)))
    assert np.shape(quartic.coefficients) == (1, 5)


def test_tabulate_halves_until_resolved() -> None:
    def kink(x: Any) -> Any:
        return np.exp(-np.abs(x)) * np.sin(9.0 * x)

    table = tabulate(CustomPotential(kink, (-5, 5), breakpoints=(0.0,)))
    x = np.linspace(-5, 5, 2001)
    assert np.max(np.abs(table(x) - kink(x))) < 1e-13
    hidden = tabulate(CustomPotential(lambda x: np.abs(x - 0.1), (0, 1)))
    assert len(hidden.edges) < 30  # only the panel of the kink was halved, 12 times


def test_custom_config_is_its_table() -> None:
    custom = CustomPotential(lambda x: np.where(x < 0.5, x**2, 3.0), (0, 1), (0.5,))
    restored = potential_from_config(json.loads(json.dumps(custom.to_config())))
    x = np.linspace(0, 1, 101)
    np.testing.assert_allclose(restored(x), custom(x), atol=1e-14)
    assert restored.breakpoints == (0.5,)


@settings(max_examples=30, deadline=None)
@given(
    step=st.floats(0.0, 1e4),
    width=st.floats(0.05, 0.95),
    s=st.floats(0.1, 10.0),
    make=st.sampled_from([FiniteWell, FiniteBarrier]),
)
def test_levels_scale_and_increase(
    step: float, width: float, s: float, make: Callable[..., Potential]
) -> None:
    levels = make(step, width, 1.0).levels(6)
    scaled = make(step / s**2, s * width, s).levels(6)
    np.testing.assert_allclose(scaled * s**2, levels, rtol=1e-12)
    assert np.all(np.diff(levels) >= 0.0)
    assert np.all(make(step + 1.0, width, 1.0).levels(6) >= levels * (1.0 - 1e-13))
