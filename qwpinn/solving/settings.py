"""Settings: how a potential, or a family of them, is solved unless it is said otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qwpinn.inputs import check, limits

# The defaults of `qwpinn.train_family` that the command line can change.
FAMILY: Mapping[str, int] = {
    "states": 3, "epochs": 10, "members": 96, "points": 48, "teachers": 1024, "seed": 0,
}  # fmt: skip

# Of the numbers of a `qwpinn.Precise`, which may choose them itself: the least and the most.
SIZES: Mapping[str, tuple[int, int]] = {
    "units": (1, limits.WIDEST), "epochs": (0, limits.POINTS), "widest": (1, limits.WIDEST),
}  # fmt: skip


def check_sizes(**sizes: int | None) -> None:
    """Refuses sizes of a network that are out of range; None is left to the recipe.

    Args:
        **sizes: Some of `SIZES`.

    Raises:
        TypeError: If one is no integer.
        ValueError: If one is out of range.
    """
    for name, size in sizes.items():
        if size is not None:
            check.integer(name, size, *SIZES[name])


@dataclass(frozen=True)
class Settings:
    """How a potential is to be solved: the arguments of `qwpinn.solve` and `qwpinn.Precise`.

    Args:
        states: How many.
        rtol: The largest width of an enclosure, in units of E - min V.
        seed: Of every random number.
        units: Of the hidden layer. Defaults to None: as many as the tolerance needs.
        epochs: Of training. Defaults to None: as many as the tolerance needs.

    Raises:
        TypeError: If a number is of the wrong type.
        ValueError: If a number is out of range.
    """

    states: int = limits.USUAL_STATES
    rtol: float = 1e-6
    seed: int = 0
    units: int | None = None
    epochs: int | None = None

    def __post_init__(self) -> None:
        check.integer("states", self.states, maximum=limits.STATES)
        check.tolerance("rtol", self.rtol)
        check.integer("seed", self.seed, 0, limits.SEED)
        check_sizes(units=self.units, epochs=self.epochs)
