"""Arguments of Keras's `compile` that would have no effect on a loss that is a model's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from qwpinn.equation import kinds

# What Keras's `compile` takes, in its order, without effect here: why, and what does.
WITHOUT_EFFECT = {
    "loss": ("the model brings its own", "Compile without."),
    "loss_weights": ("the loss is one sum of squares", "Compile without."),
    "metrics": ("`fit` logs what the model reports", "Add to it by a callback."),
    "weighted_metrics": ("`fit` logs what the model reports", "Add to it by a callback."),
    "auto_scale_loss": ("float64 needs no scaling", "Give `loss_scale_factor` to the optimizer."),
}
# Of a model that has nothing of its own to name.
NONE: Mapping[str, str] = MappingProxyType({})

# The places after the optimizer's in Keras's `compile`.
PLACES = (
    "loss", "loss_weights", "metrics", "weighted_metrics", "run_eagerly", "steps_per_execution",
    "jit_compile", "auto_scale_loss",
)  # fmt: skip


def refuse_without_effect(
    places: Sequence[object], named: Mapping[str, object], cures: Mapping[str, str] = NONE
) -> None:
    """Refuses all but None of what Keras's `compile` takes beside what has an effect.

    Args:
        places: Arguments in the places after the optimizer's.
        named: Arguments by name.
        cures: By name, what a model has in place of an argument, where that is more than nothing.

    Raises:
        TypeError: If an argument is none of `keras.Model.compile`.
        ValueError: If one is given that would have no effect.
    """
    placed = dict(zip(PLACES, places, strict=False))
    for name, value in {**named, **placed}.items():
        if name not in PLACES:
            raise TypeError(
                "`compile` must be given an optimizer, and what its docstring names. Received: "
                f"{name}={value!r:.40}. Leave it out."
            )
        if name in placed and name not in WITHOUT_EFFECT and value is not None:
            raise TypeError(
                f"`{name}` must be given by its name. Received: {value!r:.40} in its place. Give "
                f"{name}={value!r:.40}."
            )
        if value is not None and name in WITHOUT_EFFECT:
            reason, usual = WITHOUT_EFFECT[name]
            raise ValueError(
                f"`{name}` must be left out, for {reason}. Received: {name}={value!r:.40}. "
                f"{cures.get(name, usual)}"
            )


def checked_jit(given: object) -> object:
    """What ``jit_compile`` may be.

    Raises:
        ValueError: If it is something else.
    """
    if given not in (True, False, "auto"):
        raise ValueError(
            f"`jit_compile` must be True or False. Received: {kinds.shown(given)}. Leave it out."
        )
    return given
