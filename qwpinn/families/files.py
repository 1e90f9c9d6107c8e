"""Files of families: a potential, and the ranges over which its numbers vary (.toml).

The table [potential] is that of `qwpinn.potentials.files`. The keys of [family] are the numbers
that the potential's `varied` takes, their values the lowest and the highest; how to train may
follow:

    [potential]
    kind = "finite_well"
    box = 6.0

    [family]
    depth = [5, 50]
    width = [1.2, 2.8]

    [train]
    states = 3

Here too, numbers may be strings with a unit, of a heterostructure, or where the file has [units]:

    [family]
    well.thickness = ["5 nm", "12 nm"]
    field = ["0 kV/cm", "50 kV/cm"]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from qwpinn.equation.potential import Potential
from qwpinn.families.family import Family
from qwpinn.inputs import check, limits
from qwpinn.potentials import documents, files
from qwpinn.storage.places import as_path
from qwpinn.storage.plain import Json, flat
from qwpinn.units.quantities import number_in

SETTINGS: files.Checks = {
    "states": lambda name, value: check.integer(name, value, maximum=limits.FAMILY_STATES),
    "epochs": lambda name, value: check.integer(name, value, minimum=0),
    "members": lambda name, value: check.integer(name, value, maximum=limits.MEMBERS),
    "points": lambda name, value: check.integer(name, value, limits.LEAST_NODES, limits.NODES),
    "teachers": lambda name, value: check.integer(name, value, maximum=limits.MEMBERS),
    "seed": lambda name, value: check.integer(name, value, 0, limits.SEED),
}


@dataclass(frozen=True)
class FamilyProblem:
    """What a file describes.

    Attributes:
        family: The potentials.
        settings: Those of `SETTINGS`, arguments of `qwpinn.train_family`, that the file gives.
    """

    family: Family
    settings: dict[str, Json] = field(default_factory=dict)


def read_family(path: str | Path) -> FamilyProblem:
    r"""The family in a .toml file, and the settings in its table [train].

    Args:
        path: The file.

    Raises:
        OSError: If the file, or a table that it names, cannot be read.
        ValueError: If it is not .toml, or with its name and the key that is wrong.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder, "wells.toml")
        ...     _ = path.write_text("potential.kind = 'infinite_well'\nfamily.width = [1, 2]")
        ...     read_family(path).family
        Family(InfiniteWell(width=1.0), width=(1, 2))
    """
    path = as_path("path", path)
    if path.suffix.lower() != ".toml":
        raise ValueError(
            f"`path` must end in .toml. Received: '{path}'. "
            "Describe the family by tables [potential] and [family]."
        )
    document = documents.read_toml(path)
    with flat(f"`{path}`"):
        return _described(document, path)


def _described(document: documents.Table, path: Path) -> FamilyProblem:
    """What a document describes."""
    known = {"potential", "family", "train", "units"}
    documents.check_keys(f"`{path}`", document, known, {"potential", "family"})
    potential = files.potential_in(document, path)
    where = f"`{path}`, [family]"
    given = dict(_flat(documents.as_table(where, document["family"])))
    ranges = {name: _range(where, potential, name, pair) for name, pair in given.items()}
    # The potential has no keyword: a number may have any name.
    family = documents.made(where, lambda **given: Family(potential, **given), ranges)
    settings = files.settings_of(document.get("train", {}), f"`{path}`, [train]", SETTINGS)
    return FamilyProblem(family, settings)


def _flat(table: documents.Table, prefix: str = "") -> Iterator[tuple[str, Json]]:
    """``"well.thickness"`` of a table, whether or not the key stood in quotation marks."""
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _range(where: str, potential: Potential, name: str, pair: object) -> tuple[float, float]:
    """The lowest and the highest value, in the unit of `Potential.unit`."""
    usual = potential.unit(name)
    if not isinstance(pair, list) or len(pair) != 2:
        example = f"['5 {usual}', '12 {usual}']" if usual else "[5, 12]"
        raise ValueError(
            f"{where}: `{name}` must be a list of two, the lowest and the highest. Received: "
            f"{name}={pair!r:.60}. Write it as in {example}; what is fixed belongs to [potential]."
        )
    read = [
        documents.made(where, number_in, {"name": name, "value": value, "unit": usual})
        for value in pair
    ]
    low, high = (documents.made(where, check.finite, {"name": name, "value": v}) for v in read)
    return low, high
