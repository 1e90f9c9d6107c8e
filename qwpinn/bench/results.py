"""Results: what a run found beside the reference, and a table of many runs."""

from __future__ import annotations

import csv
import dataclasses
import io
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qwpinn.bench.problems import Problem
from qwpinn.sheets.screen import Grid, Line, Row, Sheet
from qwpinn.storage.plain import Json

Array = NDArray[np.float64]

# An error of E, in units of E - min V, that a run may be asked for how soon it has it.
GOAL = 1e-4
# A norm of psi below which a run is on the way to psi = 0.
VANISHING = 0.1


class Run(NamedTuple):
    """One solver on one well.

    Attributes:
        well: Its name.
        technique: Its name.
        seed: Of all random numbers.
    """

    well: str
    technique: str
    seed: int


@dataclass(frozen=True)
class Trace:
    """What a run had found at each look, columns of one length.

    Attributes:
        seconds: CPU seconds, increasing.
        energy_errors: |E - E_0| / (E_0 - min V).
        psi_errors: The norm of the difference of psi, normalised, from that of the ground state.
        steps: How many had been made.
    """

    seconds: Sequence[float] = ()
    energy_errors: Sequence[float] = ()
    psi_errors: Sequence[float] = ()
    steps: Sequence[int] = ()


@dataclass(frozen=True)
class Result:
    """What came of a run.

    Attributes:
        run: Which.
        energy_error: |E - E_0| / (E_0 - min V) in the end.
        psi_error: That of psi.
        width: Of the enclosure of E in the same unit; NaN of a solver without one.
        norm: Of psi.
        state: The level that psi is close to, or None.
        steps: Made.
        seconds: CPU seconds.
        failure: Why it found nothing; empty if it found the ground state.
        trace: On the way.
        said: What its program wrote of an error that ended it; else nothing.
    """

    run: Run
    energy_error: float = math.inf
    psi_error: float = math.inf
    width: float = math.nan
    norm: float = math.nan
    state: int | None = None
    steps: int = 0
    seconds: float = math.nan
    failure: str = ""
    trace: Trace = field(default_factory=Trace)
    said: str = ""

    @property
    def seconds_to_goal(self) -> float:
        """CPU seconds from which on E stays within `GOAL`; infinite if it does not."""
        late = [e > GOAL or math.isnan(e) for e in self.trace.energy_errors]
        begun = len(late) - late[::-1].index(True) if True in late else 0
        return self.trace.seconds[begun] if begun < len(late) else math.inf

    @classmethod
    def scored(cls, run: Run, problem: Problem, found: Mapping[str, Array]) -> Result:
        """What `qwpinn.bench.clock.Clock.save` wrote, beside the reference."""
        psi, energies = found["psis"], found["energies"]
        norm, finite = problem.norm(psi[-1]), bool(np.isfinite(psi[-1]).all())
        trace = Trace(
            found["seconds"].tolist(),
            [problem.energy_error(energy) for energy in energies.tolist()],
            [problem.psi_error(each) for each in psi],
            found["steps"].tolist(),
        )
        state = problem.state(psi[-1]) if finite else None
        scale = float(problem.spectrum.energies[0]) - problem.potential.minimum
        return cls(
            run,
            trace.energy_errors[-1],
            trace.psi_errors[-1],
            float(found["width"]) / scale,
            norm,
            state,
            trace.steps[-1],
            trace.seconds[-1],
            _failure(float(energies[-1]), finite, norm, state),
            trace,
        )

    def to_config(self) -> dict[str, Json]:
        """All of it, in JSON values."""
        return dataclasses.asdict(self) | {"run": self.run._asdict()}

    @classmethod
    def from_config(cls, given: Mapping[str, Json]) -> Result:
        """Restores what `to_config` gave."""
        return cls(**{**given, "run": Run(**given["run"]), "trace": Trace(**given["trace"])})


def _failure(energy: float, finite: bool, norm: float, state: int | None) -> str:
    """Why something that was found is not the ground state."""
    if not (finite and math.isfinite(energy)):
        return "not finite"
    if norm < VANISHING:
        return "psi = 0"
    if state is None:
        return "no state"
    return f"state {state}" if state else ""


COLUMNS = (
    "well", "technique", "seed", "energy_error", "psi_error", "width", "norm", "state", "steps",
    "seconds", "seconds_to_1e-4", "failure",
)  # fmt: skip


def as_csv(results: Sequence[Result]) -> str:
    """A row each, errors and widths in units of E_0 - min V."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for found in results:
        numbers = (found.energy_error, found.psi_error, found.width, found.norm)
        rows.writerow(
            (
                *found.run,
                *(f"{number:.4g}" for number in numbers),
                "" if found.state is None else found.state,
                found.steps,
                f"{found.seconds:.3f}",
                f"{found.seconds_to_goal:.3f}",
                found.failure,
            )
        )
    return text.getvalue()


def sheet(results: Sequence[Result], well: str) -> Sheet:
    """The techniques on one well, the least median error of E first."""
    groups: dict[str, list[Result]] = {}
    for found in results:
        if found.run.well == well:
            groups.setdefault(found.run.technique, []).append(found)
    ordered = sorted(groups.items(), key=lambda item: _middle(item[1], "energy_error"))
    rows = [_row(name, group) for name, group in ordered]
    headings = (
        "technique", "E error\nmedian", "E error\nworst", "psi error\nmedian", "width\nmedian",
        "s to\n1e-4", "s", "failed",
    )  # fmt: skip
    failed = [found for group in groups.values() for found in group if found.failure]
    said = sorted({f"{found.run.technique}: {found.failure}" for found in failed})
    lines = [Line(f"Failed: {'; '.join(said)}.", "dim")] if said else []
    return Sheet((Grid(headings, rows, left=("technique",), title=well), *lines))


def _row(name: str, group: Sequence[Result]) -> Row:
    failures = sum(bool(found.failure) for found in group)
    worst = _sorted(group, "energy_error")[-1]
    return Row(
        (
            name,
            f"{_middle(group, 'energy_error'):.1e}",
            f"{worst:.1e}",
            f"{_middle(group, 'psi_error'):.1e}",
            _shown(_middle(group, "width"), ".1e"),
            _shown(_middle(group, "seconds_to_goal"), ".2f"),
            _shown(_middle(group, "seconds"), ".2f"),
            f"{failures} of {len(group)}" if failures else "",
        )
    )


def _middle(group: Sequence[Result], name: str) -> float:
    """The median over seeds."""
    return statistics.median(_sorted(group, name))


def _sorted(group: Sequence[Result], name: str) -> list[float]:
    """Numbers of all seeds, those that there are not the last."""
    numbers = [float(getattr(found, name)) for found in group]
    return sorted(math.inf if math.isnan(number) else number for number in numbers)


def _shown(number: float, how: str) -> str:
    return format(number, how) if math.isfinite(number) else "-"
