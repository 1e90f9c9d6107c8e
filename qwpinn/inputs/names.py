"""Names: which of the known ones may be meant by one that is not known."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def meant(name: object, known: Iterable[str]) -> str:
    """A question for the message that refuses a name, or nothing where no known one is close.

    Case, and whether words are joined by underscores, hyphens or blanks, makes no difference.

    Args:
        name: What was given.
        known: What would have been understood.

    Example:
        >>> meant("finit_well", ["infinite_well", "finite_well", "morse"])
        'Did you mean finite_well?'
        >>> meant("tanh", ["finite_well", "morse"])
        ''
    """
    written = {_plain(one): one for one in known}
    found = get_close_matches(_plain(str(name)[:100]), written, n=1, cutoff=0.6)
    return f"Did you mean {written[found[0]]}?" if found else ""


def asked(name: object, known: Iterable[str], cure: str) -> str:
    """The question of `meant`, or a cure where nothing is close.

    Example:
        >>> asked("dept", ["depth", "width"], "Correct its name.")
        'Did you mean depth?'
        >>> asked("omega", ["depth", "width"], "Correct its name.")
        'Correct its name.'
    """
    return meant(name, known) or cure


def _plain(name: str) -> str:
    return name.lower().lstrip("-").replace("-", "").replace("_", "").replace(" ", "")
