"""Arguments of Keras's `compile` that would have no effect on a loss that is a model's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qwpinn.equation import kinds

# What Keras's `compile` takes, in its order, without effect here: why, and what does.
WITHOUT_EFFECT = {
    "loss": ("the model brings its own", "Weigh its parts by `normalisation`."),
    "loss_weights": ("the loss is one sum of squares", "Weigh its parts by `normalisation`."),
    "metrics": ("`fit` logs what the model reports", "Add to it by a callback: EnergyErrors."),
    "weighted_metrics": ("`fit` logs what the model reports", "Add to it by a callback."),
    "auto_scale_loss": ("float64 needs no scaling", "Give `loss_scale_factor` to the optimizer."),
}


def refuse_without_effect(places: Sequence[object], named: Mapping[str, object]) -> None:
    """Refuses all but None of what Keras's `compile` takes beside what has an effect.

    Args:
        places: Arguments in the places after the optimizer's.
        named: Arguments by name.

    Raises:
        TypeError: If an argument is none of `keras.Model.compile`.
        ValueError: If one is given that would have no effect.
    """
    for name, value in {**named, **dict(zip(WITHOUT_EFFECT, places, strict=False))}.items():
        if name not in WITHOUT_EFFECT:
            raise TypeError(
                "`compile` must be given an optimizer, jit_compile, steps_per_execution and "
                f"run_eagerly only. Received: {name}={value!r:.40}. Leave it out."
            )
        if value is not None:
            reason, cure = WITHOUT_EFFECT[name]
            raise ValueError(
                f"`{name}` must be left out, for {reason}. Received: {name}={value!r:.40}. {cure}"
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
