"""Files: potentials from tables of samples (.csv) and from descriptions (.toml).

A description names the potential's kind, its class in snake case, and gives its fields; how to
solve it may follow:

    [potential]
    kind = "finite_well"
    depth = 20.0
    width = 2.0
    box = 6.0

    [solve]
    states = 3
    seed = 0

A table of samples is named by ``file``, its place relative to the description, and joined as
``interpolation`` says, "linear", "cubic" or, the default, "auto" (`qwpinn.Sampled`):

    [potential]
    kind = "sampled"
    file = "measured.csv"
    interpolation = "cubic"

The units of its numbers, and the mass of the particle, are a table of their own; without it,
hbar^2/2m = 1. A number may then be a string with another unit, such as ``depth = "500 meV"``. The
headings ``x (nm),V (eV)`` of a table of samples are units, too:

    [units]
    length = "nm"
    energy = "eV"
    mass = 0.067

A mass is in free-electron masses, or a string such as "7.0015 u". ``system = "hartree"`` stands for
both units (`Potential.in_units`).

The layers of a heterostructure are a list. Lengths, energies and fields are in nm, meV and kV/cm,
or strings with their unit; a mass is in free-electron masses, a composition is a number:

    [potential]
    kind = "heterostructure"
    field = "40 kV/cm"
    layers = [
        { thickness = "20 nm", material = "Al0.2Ga0.8As" },
        { thickness = "60 A", offset = "0 meV", mass = 0.067, name = "well" },
        { thickness = "20 nm", material = "AlGaAs", composition = 0.2 },
    ]

Regions of the plane are a list, too (`qwpinn.Plane`), of the kinds ``disc`` and ``rectangle``:

    [potential]
    kind = "plane"
    function = 50.0
    box = [-3.0, 3.0, -2.5, 2.5]
    regions = [
        { kind = "disc", centre = [-1.0, 0.0], radius = 0.8, value = 0.0 },
        { kind = "rectangle", box = [0.5, 1.5, -0.5, 0.5], value = 2.0 },
    ]

A field that is a potential itself is a table of its own, e.g. ``[potential.first]`` of kind "sum".
Nothing in a file is ever evaluated: for a formula, write its samples.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from qwpinn.devices.bands import AtEnergy
from qwpinn.devices.heterostructure import Heterostructure
from qwpinn.devices.layer import Layer
from qwpinn.equation.geometry import AnyWell
from qwpinn.equation.potential import Potential
from qwpinn.equation.regions import REGIONS, Region
from qwpinn.inputs import check, limits
from qwpinn.inputs.names import asked
from qwpinn.potentials.config import fields_of, known_classes
from qwpinn.potentials.custom import CustomPotential, Sampled
from qwpinn.potentials.documents import Table, as_table, check_keys, made, read_toml
from qwpinn.potentials.measured import InUnits
from qwpinn.potentials.plane_measured import PlaneInUnits
from qwpinn.storage.places import as_path
from qwpinn.storage.plain import Json, flat, snake_case
from qwpinn.units.quantities import quantity_in
from qwpinn.units.systems import Units

# A function, a state's own equation, and what [units] stands for.
NOT_IN_FILES = (CustomPotential, AtEnergy, InUnits, PlaneInUnits)
Checks = Mapping[str, Callable[[str, object], object]]

SETTINGS: Checks = {
    "states": lambda name, value: check.integer(name, value, maximum=limits.STATES),
    "rtol": lambda name, value: check.tolerance(name, value, kind="number"),
    "seed": lambda name, value: check.integer(name, value, 0, limits.SEED),
}


@dataclass(frozen=True)
class Problem:
    """What a file describes.

    Attributes:
        potential: The potential.
        settings: Those of `states`, `rtol` and `seed` that the file gives.
    """

    potential: AnyWell
    settings: dict[str, Json] = field(default_factory=dict)


def read(path: str | Path) -> AnyWell:
    """The potential in a .csv or .toml file.

    A .csv file is `Sampled.from_csv(path)`: call this yourself to say how the samples are joined.

    Args:
        path: The file.

    Raises:
        OSError: If the file, or a table that it names, cannot be read.
        ValueError: If it is neither .csv nor .toml, or with its name and the line or the key that
            is wrong.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder, "well.toml")
        ...     _ = path.write_text("potential = {kind = 'infinite_well', width = 2.0}")
        ...     read(path)
        InfiniteWell(width=2.0)
    """
    return read_problem(path).potential


def read_problem(path: str | Path) -> Problem:
    """The potential in a .csv or .toml file, and the settings in the table [solve] of the latter.

    Args:
        path: The file.

    Raises:
        OSError: If the file, or a table that it names, cannot be read.
        ValueError: As for `read`.
    """
    path = as_path("path", path)
    if path.suffix.lower() == ".csv":
        return Problem(Sampled.from_csv(path))
    if path.suffix.lower() != ".toml":
        raise ValueError(
            f"`path` must end in .csv or .toml. Received: '{path}'. "
            "Give a table of samples as .csv, or a description as .toml."
        )
    document = read_toml(path)
    with flat(f"`{path}`"):
        check_keys(f"`{path}`", document, {"potential", "solve", "units"}, {"potential"})
        potential = potential_in(document, path)
        return Problem(potential, settings_of(document.get("solve", {}), f"`{path}`, [solve]"))


def potential_in(document: Table, path: Path) -> AnyWell:
    """The potential of a document's table [potential], in the units of its table [units]."""
    where = f"`{path}`, [units]"
    units = None
    if "units" in document:
        given = dict(as_table(where, document["units"]))
        check_keys(where, given, {"system", "length", "energy", "mass"}, set())
        if "system" in given:
            given["length"] = given.pop("system")
        units = made(where, Units, given)
    potential = potential_of(document["potential"], path, "[potential]", units)
    if units is None:
        return potential
    return made(where, potential.in_units, given)


def potential_of(table: object, path: Path, heading: str, units: Units | None = None) -> AnyWell:
    """The potential that a table describes, e.g. of the heading ``[potential]``.

    Args:
        table: The description.
        path: The file, for messages and the places of tables.
        heading: Of the description, for messages.
        units: Those of its numbers, for strings with a unit.
    """
    where = f"`{path}`, {heading}"
    classes = [cls for cls in known_classes().values() if cls not in NOT_IN_FILES]
    kinds = {snake_case(cls.__name__): cls for cls in classes}
    table = as_table(where, table)
    kind = table.get("kind")
    cls = {**kinds, **{cls.__name__: cls for cls in classes}}.get(str(kind))
    if cls is None:
        cure = "A formula is not evaluated: give its samples, with kind = 'sampled'."
        raise ValueError(
            f"{where}: `kind` must be one of {', '.join(sorted(kinds))}. Received: kind={kind!r}. "
            f"{asked(kind, kinds, cure)}"
        )
    given = {key: value for key, value in table.items() if key != "kind"}
    if cls is not Heterostructure:
        given = _numbers(where, cls, given, units)
    if cls is Sampled:
        return _sampled(given, path, where)
    if cls is Heterostructure:
        return _heterostructure(given, where)
    check_keys(where, given, *fields_of(cls))
    if "regions" in given:
        given["regions"] = _regions(given["regions"], where, units)
    for key, value in given.items():
        if isinstance(value, Mapping):
            given[key] = potential_of(value, path, f"{heading[:-1]}.{key}]", units)
    return made(where, cls, given)


def _numbers(where: str, cls: type[AnyWell], given: Table, units: Units | None) -> dict[str, Json]:
    """The fields of a potential, strings with a unit as numbers of the units that were declared."""
    found = dict(given)
    for key in ("length", "energy", "mass"):
        if key in given and key not in cls.__dataclass_fields__:
            raise ValueError(
                f"{where} must leave its units to a table [units]. Received: {key} = "
                f"{given[key]!r}. Write [units] on a line of its own, and this line below it."
            )
    for key, value in given.items():
        if quantity_in(value) is None:
            continue
        if units is None:
            raise ValueError(
                f"{where}: `{key}` must be a number where no units are declared. Received: {key}="
                f"{value!r:.60}. Add a table [units] with length = 'nm' and energy = 'eV'."
            )
        dimension = cls.dimensions.get(key, (0.0, 0.0))
        found[key] = made(
            where, units.number, {"name": key, "value": value, "dimension": dimension}
        )
    return found


def _heterostructure(given: dict[str, Json], where: str) -> Potential:
    """Layers, a table each, with units."""
    check_keys(where, given, *fields_of(Heterostructure))
    if not isinstance(given["layers"], list):
        raise ValueError(
            f"{where}: `layers` must be a list of tables. Received: {given['layers']!r:.60}. "
            "Write layers = [ { thickness = '20 nm', material = 'GaAs' } ]."
        )
    layers = [
        _layer(table, f"{where}, layer {index}") for index, table in enumerate(given["layers"])
    ]
    return made(where, Heterostructure, {**given, "layers": layers})


def _regions(tables: object, where: str, units: Units | None) -> list[Region]:
    """Regions of the plane, a table each."""
    if not isinstance(tables, list):
        raise ValueError(
            f"{where}: `regions` must be a list of tables. Received: {tables!r:.60}. Write "
            "regions = [ { kind = 'disc', centre = [0.0, 0.0], radius = 1.0, value = 0.0 } ]."
        )
    kinds = {snake_case(name): kind for name, kind in REGIONS.items()}
    found = []
    for index, table in enumerate(tables):
        place = f"{where}, region {index}"
        given = dict(as_table(place, table))
        kind = given.pop("kind", None)
        if not isinstance(kind, str) or kind not in kinds:
            raise ValueError(
                f"{place}: `kind` must be one of {', '.join(kinds)}. Received: kind={kind!r}. "
                f"{asked(kind, kinds, 'Correct its name.')}"
            )
        given = _numbers(place, kinds[kind], given, units)
        check_keys(place, given, *fields_of(kinds[kind]))
        found.append(made(place, kinds[kind], given))
    return found


def _layer(table: object, where: str) -> Layer:
    """One layer."""
    given = dict(as_table(where, table))
    check_keys(where, given, *fields_of(Layer))
    return made(where, Layer, given)


def _sampled(given: dict[str, Json], path: Path, where: str) -> Potential:
    """A table of samples, given here or in a file."""
    arguments = {key: given[key] for key in ("breakpoints",) if key in given}
    if "interpolation" in given:
        arguments["kind"] = given["interpolation"]
        if arguments["kind"] not in ("auto", "linear", "cubic"):
            raise ValueError(
                f"{where}: `interpolation` must be 'linear' or 'cubic'. Received: "
                f"interpolation={arguments['kind']!r}. Join the samples by straight lines, or by "
                "splines between the breakpoints; leave it out, or give 'auto', to have it chosen."
            )
    if "file" not in given:
        check_keys(where, given, {"x", "v", "file", "interpolation", "breakpoints"}, {"x", "v"})
        return made(where, Sampled, {**arguments, "x": given["x"], "v": given["v"]})
    check_keys(where, given, {"file", "interpolation", "breakpoints"}, {"file"})
    place = given["file"]
    if not isinstance(place, str):
        raise ValueError(
            f"{where}: `file` must be the name of a table. Received: file={place!r}. "
            "Give it in quotation marks, e.g. file = 'measured.csv'."
        )
    return made(where, Sampled.from_csv, {**arguments, "path": path.parent / place})


def settings_of(table: object, where: str, checks: Checks = SETTINGS) -> dict[str, Json]:
    """The settings, each passed through its check."""
    table = as_table(where, table)
    check_keys(where, table, checks, set())
    return {
        key: made(where, checks[key], {"name": key, "value": value}) for key, value in table.items()
    }
