"""Frozen: how a frozen dataclass stores what it made of its arguments in `__post_init__`."""

from qwpinn.inputs import check


def set_fields(frozen: object, **values: object) -> None:
    """Stores fields."""
    for name, value in values.items():
        object.__setattr__(frozen, name, value)


def set_positive(frozen: object, **kinds: str) -> None:
    """Stores checked fields, which must be positive: name=what it is."""
    for name, kind in kinds.items():
        set_fields(frozen, **{name: check.positive(name, getattr(frozen, name), kind)})
