"""Random families and wells saved, loaded and asked: the largest difference of any answer.

    python benchmarks/saving.py             # 50 families and 50 wells, five to ten minutes
    python benchmarks/saving.py --count 8 --seed 1

Networks are untrained, for what is stored does not depend on how good it is. Families have one to
four parameters in any order, with equal and unequal ranges, and fixed values of any type; wells are
of every kind, devices with masses included. Each is written by `export` and read twice, by
`qwpinn.load` and by TensorFlow alone. Energies differ in units of E - min V, wavefunctions and
gradients in their largest value, V and rho in their range.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from qwpinn.startup import quiet

with quiet():
    import numpy as np
    import tensorflow as tf
    from numpy.typing import NDArray

    import qwpinn
    from qwpinn import potentials

    tf.config.list_physical_devices()
    # Every model is traced anew, which TensorFlow takes for an oversight.
    tf.get_logger().setLevel("ERROR")
    QuantumWellPINN, FamilyPINN = qwpinn.QuantumWellPINN, qwpinn.FamilyPINN

Array = NDArray[np.float64]
ALLOWED = 1e-12


@dataclasses.dataclass(frozen=True)
class Tilted(qwpinn.Potential):
    """A user's class, which keeps what it is given: numbers of any type, a tuple, an array."""

    zeta: float = 1.0
    alpha: float = 1.0
    mu: float = 1.0
    half_width: float = 2.0
    series: Any = (0.5, 0.25, 0.125)

    @property
    def interval(self) -> tuple[float, float]:
        return -float(self.half_width), float(self.half_width)

    def __call__(self, x: Any) -> Array:
        x = np.asarray(x, float)
        bend = sum(c * x**n for n, c in enumerate(self.series))
        return self.zeta * x**2 + 3.0 * self.alpha * x + self.mu / 3 + bend


def numbered(rng: np.random.Generator, value: float) -> Any:
    """A number of one of the types that people use."""
    kinds = [float, np.float32, np.float64, lambda v: round(v, 2)]
    return kinds[rng.integers(len(kinds))](value)


def random_family(rng: np.random.Generator) -> qwpinn.Family:
    """A family with parameters in random order."""
    wall = qwpinn.Layer(9.0, offset=300.0, mass=0.09)
    left = qwpinn.Layer(6.0, offset=0.0, mass=0.067, name="left")
    right = qwpinn.Layer(5.0, offset=20.0, mass=0.06, name="right")
    stack = qwpinn.Heterostructure(
        [wall, left, qwpinn.Layer(2.0, "GaAs", offset=250.0), right, wall]
    )
    series = (rng.normal(size=3), tuple(rng.normal(size=4)), [*rng.normal(size=2).tolist(), 1])
    template, numbers, fixed = [
        (qwpinn.FiniteWell, {"depth": 20.0, "width": 2.0, "box": 6.0}, {}),
        (qwpinn.FiniteBarrier, {"height": 50.0, "width": 0.2, "box": 1.0}, {}),
        (
            qwpinn.KronigPenney,
            {"well_width": 1.0, "barrier_width": 0.3, "height": 40.0},
            {"wells": np.int64(rng.integers(1, 4))},
        ),
        (
            stack,
            {"right.thickness": 5.0, "left.thickness": 6.0, "left.offset": 4.0, "0.thickness": 9.0},
            {},
        ),
        (Tilted(series=tuple(rng.normal(size=2))), {"zeta": 4.0, "alpha": 4.0, "mu": 4.0}, {}),
        (Tilted, {"zeta": 4.0, "alpha": 4.0, "mu": 4.0}, {"series": series[rng.integers(3)]}),
        (potentials.Scaled, {"factor": 2.0, "offset": 5.0}, {"potential": qwpinn.FiniteWell()}),
    ][rng.integers(7)]
    names = rng.permutation(list(numbers)).tolist()
    count = int(rng.integers(1, len(names) + 1))
    given: dict[str, Any] = {}
    for index, name in enumerate(names):
        value = numbers[name] * (1.0 if rng.random() < 0.5 else rng.uniform(0.95, 1.05))
        given[name] = numbered(rng, value) if index >= count else (0.9 * value, 1.1 * value)
    given = {**given, **fixed}
    order = rng.permutation(list(given)).tolist()
    return qwpinn.Family(template, **{name: given[name] for name in order})


def random_well(rng: np.random.Generator) -> qwpinn.Potential:
    """A well of one of many kinds."""
    a, b = rng.uniform(0.5, 2.0, 2)
    x = np.linspace(-2.0, 2.0, 31)
    edges = np.cumsum([0.0, *rng.uniform(0.2, 1.0, 4)])
    wall, well = qwpinn.Layer(8.0, "Al0.3Ga0.7As"), qwpinn.Layer(5.0 + a, "GaAs")
    device = qwpinn.Heterostructure([wall, well, wall], field=float(rng.integers(0, 30)))
    return [
        lambda: qwpinn.InfiniteWell(np.float32(a)),
        lambda: qwpinn.FiniteWell(20 * a, 2 * b, 6),
        lambda: qwpinn.KronigPenney(2, a, 0.3 * b, 40.0),
        lambda: qwpinn.PiecewiseConstant(edges, rng.uniform(0, 50, 4), rng.uniform(0.5, 2, 4)),
        lambda: qwpinn.Sampled(x, np.round(a * x**4, 3), "cubic"),
        lambda: qwpinn.Sampled(x, 5.0 * a * np.cos(3.0 * x), "linear"),
        lambda: qwpinn.CustomPotential(lambda x: 7.0 * a * np.cos(b + 3.0 * x) / 3.0, (-1.0, 2.0)),
        lambda: potentials.Harmonic(a),
        lambda: potentials.WoodsSaxon(20.0 * a),
        lambda: (2.0 * qwpinn.FiniteWell(9.0 * a) - b / 3.0).shifted(0.1 * a).mirrored(),
        lambda: potentials.tabulate(potentials.Gaussian(20.0 * a)),
        lambda: Tilted(np.float32(a), b, 1, 2.0, rng.normal(size=3)),
        lambda: device,
    ][rng.integers(13)]()


def apart(one: Any, other: Any, size: Any = None) -> float:
    """The largest difference, in units of a size or of the largest value."""
    one, other = np.asarray(one, float), np.asarray(other, float)
    size = np.max(np.abs(one)) if size is None else size
    return float(np.max(np.abs(one - other) / np.where(size == 0.0, 1.0, size)))


def family_difference(model: Any, again: Any, alone: Any, rng: np.random.Generator) -> float:
    """Of a family's model, of the one that was loaded, and of the SavedModel."""
    family = model.family
    if again.family.names != family.names:
        return np.inf
    p = family.points(5, seed=int(rng.integers(1000)))
    members, restored = ([f.potential(row) for row in p] for f in (family, again.family))
    x = np.array([np.linspace(*member.interval, 23)[1:-1] for member in members])
    energies, psi = model.energies(p), model.wavefunctions(x, p)
    above = energies - model.frame.energy_origin
    rows = tf.constant(np.repeat(p, x.shape[1], axis=0))
    serve = alone.wavefunctions(tf.constant(x.reshape(-1)), rows).numpy()
    return max(
        apart(energies, again.energies(p), above),
        apart(energies, alone.energies(tf.constant(p)), above),
        apart(*(m.energies(p, refine=True) for m in (model, again)), above),
        apart(*(m.gradients(p) for m in (model, again))),
        apart(psi, again.wavefunctions(x, p)),
        apart(psi, serve.reshape(psi.shape)),
        *(apart(m(at), r(at)) for m, r, at in zip(members, restored, x, strict=True)),
    )


def well_difference(model: Any, again: Any, alone: Any) -> float:
    """Of a well's model, of the one that was loaded, and of the SavedModel."""
    potential, restored = model.potential, again.potential
    x = np.linspace(*potential.interval, 203)[1:-1]
    energies, psi = model.energies.numpy(), model.predict(x, verbose=0)
    above = energies - model.scaling.energy_origin
    rho = [well.normal_form.weight(well.to_normal(x)) for well in (potential, restored)]
    return max(
        apart(energies, again.energies, above),
        apart(energies, alone.energies(), above),
        apart(psi, again.predict(x, verbose=0)),
        apart(psi, alone.serve(tf.constant(x))),
        apart(potential(x), restored(x)),
        apart(*rho),
        apart(potential.breakpoints or [0.0], restored.breakpoints or [0.0]),
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    largest = {"families": 0.0, "wells": 0.0}
    began = time.perf_counter()
    for number in range(options.count):
        rng = np.random.default_rng([options.seed, number])
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model"
            if number % 2:
                kind, described = "wells", random_well(rng)
                model = QuantumWellPINN.for_potential(described, 2, units=14, seed=number)
            else:
                kind, described = "families", random_family(rng)
                sizes = dict(units=12, modes=6, branch=(5,), surface=(6,))
                model = FamilyPINN.for_family(described, 2, seed=number, **sizes)
            model.export(path)
            again, alone = qwpinn.load(path), tf.saved_model.load(path)
            found = (
                family_difference(model, again, alone, rng)
                if kind == "families"
                else well_difference(model, again, alone)
            )
        if not found < ALLOWED:
            print(f"{found:.1e}: {described!r}")
        largest[kind] = max(largest[kind], found)
    seconds = time.perf_counter() - began
    print(
        f"{options.count} random families and wells saved, loaded, asked (seed {options.seed}, "
        f"{seconds:.0f} s): largest difference {max(largest.values()):.1e} "
        f"({', '.join(f'{kind} {value:.1e}' for kind, value in largest.items())})"
    )
    return int(not max(largest.values()) < ALLOWED)


if __name__ == "__main__":
    sys.exit(main())
