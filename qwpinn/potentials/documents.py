"""Documents: TOML files and their tables, refused by name where they hold something else."""

import tomllib
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TypeVar

from qwpinn.inputs import files, limits
from qwpinn.inputs.names import asked
from qwpinn.storage.plain import Json, flat

Table = Mapping[str, Json]
Made = TypeVar("Made")


def read_toml(path: Path) -> Table:
    """The document in a .toml file."""
    try:
        with flat(f"`{path}`"):
            return tomllib.loads(files.text_file(path, limits.TOML_BYTES))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(
            f"`{path}` must be a TOML file in UTF-8. Received: {error}. Correct it there; text "
            "stands in quotation marks, and lists in brackets."
        ) from None


def made(where: str, make: Callable[..., Made], arguments: Table) -> Made:
    """What `make` returns; its complaint begins with the place in the file."""
    try:
        return make(**arguments)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{where}: {error}") from None


def as_table(where: str, value: object) -> Table:
    """The value, refused if it is no table."""
    if not isinstance(value, Mapping):
        raise ValueError(
            f"{where} must be a table. Received: {value!r}. Write its name in brackets on a line "
            "of its own, and a line `key = value` for every key."
        )
    return value


def check_keys(where: str, table: Table, known: Collection[str], needed: Collection[str]) -> None:
    """Refuses keys that are unknown, and tables without those that are needed."""
    unknown = [key for key in table if key not in known]
    if unknown:
        raise ValueError(
            f"{where} must hold only the keys {', '.join(sorted(known))}. Received: {unknown[0]}. "
            f"{asked(unknown[0], known, 'Correct its name, or remove it.')}"
        )
    missing = sorted(set(needed) - set(table))
    if missing:
        raise ValueError(
            f"{where} must hold the keys {', '.join(sorted(needed))}. Received: no {missing[0]}. "
            "Add it."
        )
