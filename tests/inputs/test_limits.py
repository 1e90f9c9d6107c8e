"""What is too large is refused at once, in one line that names the limit and the cure."""

import inspect
import os
from pathlib import Path

import numpy as np
import pytest

import qwpinn
from qwpinn import (
    Family,
    FamilyPINN,
    FiniteWell,
    Heterostructure,
    InfiniteWell,
    Layer,
    Paper,
    PiecewiseConstant,
    Precise,
    QuantumWellPINN,
    Sampled,
)
from qwpinn.cli.jobs import grid
from qwpinn.families.files import SETTINGS as TRAIN
from qwpinn.families.train import train_family
from qwpinn.inputs import limits
from qwpinn.networks import features
from qwpinn.potentials.files import SETTINGS, read_problem
from qwpinn.potentials.square_wells import KronigPenney
from qwpinn.solving.settings import Settings

FAMILY = Family(FiniteWell, depth=(15, 25), width=(1.8, 2.2), box=6.0)
HUGE = 300_000_000


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: KronigPenney(wells=10**7), "`wells` must be at most 2000. .*wells=10000000"),
        (lambda: PiecewiseConstant(range(20_003), [0.0]), "`edges` must hold at most 4002"),
        (lambda: Heterostructure([Layer(1.0, "GaAs")] * 20_000), "`layers` must hold at most 400"),
        (lambda: Sampled(range(200_000), [0.0]), "`x` must hold at most 100000 samples. .*every n"),
        (
            lambda: qwpinn.CustomPotential(np.sin, (0, 1), np.linspace(0.1, 0.9, 10_001)),
            "`breakpoints` must hold at most 4000 points. Received: 10001",
        ),
        (lambda: Precise(units=HUGE), "`units` must be at most 2000. Received: units=300000000"),
        (lambda: Precise(widest=HUGE), "`widest` must be at most 2000"),
        (lambda: Precise(epochs=10**12), "`epochs` must be at most 1000000"),
        (lambda: Settings(units=HUGE), "`units` must be at most 2000"),
        (lambda: Settings(states=10**30), "`states` must be at most 10000. .*more than 10\\*\\*18"),
        (lambda: Settings(seed=2**32), "`seed` must be at most 4294967295. .*seed=4294967296"),
        (lambda: Paper(hidden=(HUGE,)), "`hidden` must be at most 1400"),
        (lambda: Paper(hidden=(4,) * 11), "`hidden` must hold at most 10 layers. Received: 11"),
        (lambda: features.mlp([HUGE], 0), "`hidden` must be at most 2000"),
        (lambda: qwpinn.solve(InfiniteWell(), 10_001), "`states` must be at most 10000"),
        (lambda: qwpinn.solve(InfiniteWell(), seed=2**32), "`seed` must be at most 4294967295"),
        (lambda: QuantumWellPINN.for_potential(InfiniteWell(), units=HUGE), "`units` must be at m"),
        (lambda: qwpinn.collocation(InfiniteWell(), points=HUGE), "`points` must be at most 20000"),
        (lambda: FamilyPINN.for_family(FAMILY, units=HUGE), "`units` must be at most 1400"),
        (lambda: FamilyPINN.for_family(FAMILY, modes=HUGE), "`modes` must be at most 1400"),
        (lambda: FamilyPINN.for_family(FAMILY, 1, branch=(HUGE,)), "`branch` must be at most 2000"),
        (
            lambda: FamilyPINN.for_family(FAMILY, 1, surface=(HUGE,)),
            "`surface` must be at most 200",
        ),
        (lambda: FamilyPINN.for_family(FAMILY, 51), "`states` must be at most 50"),
        (lambda: train_family(FAMILY, 1, members=HUGE), "`members` must be at most 20000"),
        (lambda: train_family(FAMILY, 1, points=HUGE), "`points` must be at most 20000"),
        (lambda: train_family(FAMILY, 1, teachers=HUGE), "`teachers` must be at most 20000"),
        (lambda: train_family(FAMILY, 1, batch_size=HUGE), "`batch_size` must be at most 1000000"),
        (lambda: FAMILY.points(HUGE), "`count` must be at most 20000"),
        (
            lambda: Family(lambda **p: FiniteWell(), **{f"p{i}": (1, 2) for i in range(9)}),
            "`parameters` must hold at most 8 ranges. Received: 9 ranges",
        ),
        (
            lambda: qwpinn.sweep(FiniteWell(), "depth", np.linspace(1, 2, 10_001)),
            "`values` must hold at most 10000 numbers",
        ),
        (lambda: grid("--values", "0:1:1000000000", "", 9), "`--values` must hold at most 9 poi"),
        (lambda: SETTINGS["states"]("states", 10**9), "`states` must be at most 1000"),
        (lambda: TRAIN["members"]("members", 10**9), "`members` must be at most 20000"),
        (
            lambda: limits.at_most("a", 3, 2, "b", "Cure."),
            "`a` must hold at most 2 b. .*3 b. Cure.",
        ),
    ],
)
def test_what_is_too_large_is_refused(make, message):
    with pytest.raises(ValueError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["pipe.csv", "pipe.toml", "device.csv", "folder.csv"])
def test_only_regular_files_are_read(tmp_path, name):
    path = tmp_path / name
    if name.startswith("pipe"):
        os.mkfifo(path)
    elif name.startswith("device"):
        path.symlink_to("/dev/zero")
    else:
        path.mkdir()
    message = "Is a directory" if name == "folder.csv" else "must be a regular file. .*a pipe"
    with pytest.raises((ValueError, OSError), match=message):
        qwpinn.read(path)
    (tmp_path / "well.toml").write_text(f"[potential]\nkind = 'sampled'\nfile = '{name}'")
    with pytest.raises((ValueError, OSError), match=message):
        read_problem(tmp_path / "well.toml")


def test_files_are_read_up_to_a_size(tmp_path: Path) -> None:
    for name, size in (("big.csv", limits.TABLE_BYTES), ("big.toml", limits.TOML_BYTES)):
        with (tmp_path / name).open("wb") as stream:
            stream.truncate(size + 1)  # Sparse: it takes no room.
        with pytest.raises(ValueError, match=f"{name}` must hold at most {size} bytes"):
            qwpinn.read(tmp_path / name)
    (tmp_path / "line.csv").write_text("1," * 1000)
    with pytest.raises(ValueError, match="line 1, must hold at most 1000 characters"):
        qwpinn.read(tmp_path / "line.csv")
    rows = "".join(f"{i},{i}\n" for i in range(limits.SAMPLES + 1))
    (tmp_path / "tall.csv").write_text(rows)
    with pytest.raises(ValueError, match=r"must hold at most 100000 samples. .*every n-th line"):
        qwpinn.read(tmp_path / "tall.csv")
    (tmp_path / "deep.toml").write_text("potential = " + "[" * 20_000)
    with pytest.raises(ValueError, match="must nest its tables and lists less deeply"):
        qwpinn.read(tmp_path / "deep.toml")


def test_a_large_table_is_read_in_time_that_grows_with_it():
    x = np.linspace(-8, 8, limits.SAMPLES)
    table = Sampled(x, x**2)
    assert (table.kind, table.breakpoints) == ("cubic", ())
    assert len(table.coarser.x) == limits.SAMPLES // 2
    with pytest.raises(ValueError, match="`breakpoints` must hold at most 4000 points"):
        Sampled(x, x**2, "linear")


def test_the_same_number_of_states_is_the_default_everywhere():
    roads = (
        qwpinn.solve, qwpinn.sweep, qwpinn.train_family, qwpinn.FamilyPINN.for_family,
        qwpinn.family_collocation, Settings,
    )  # fmt: skip
    found = {inspect.signature(road).parameters["states"].default for road in roads}
    assert found == {limits.USUAL_STATES} == {3}
    model = qwpinn.QuantumWellPINN.for_potential(qwpinn.FiniteWell(), units=20)
    held = qwpinn.QuantumWellPINN.for_potential(qwpinn.InfiniteWell(), units=20, energies=[9.0])
    assert (model.trial.states, held.trial.states) == (3, 1)
