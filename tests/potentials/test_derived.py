"""What potentials that are made of others take from these."""

import dataclasses
import json
from typing import Any

import numpy as np
import pytest
from wells import STEPS, WELL

from qwpinn.potentials import (
    CustomPotential,
    Harmonic,
    InfiniteWell,
    Morse,
    Potential,
    Sampled,
    potential_from_config,
)


def test_no_levels_where_none_are_known() -> None:
    cases = (WELL + WELL, 2.0 * WELL, -WELL, WELL.stretched(2.0), Sampled([0, 1], [0, 1]) + 1.0)
    for potential in cases:
        with pytest.raises(LookupError, match=r"Use qwpinn.references.legendre_galerkin"):
            potential.levels(1)
    with pytest.raises(LookupError, match="exceed the 6 bound states"):
        (Morse() + 1.0).shifted(2.0).levels(9)


CONFIGURABLE: list[Potential] = [
    WELL + Harmonic(box=6.0),
    3.0 - 2.0 * STEPS,
    (STEPS + STEPS.mirrored().mirrored()).shifted(0.1) / 3.0,
    -Morse().mirrored(),
    InfiniteWell(2.0).stretched(0.5) + Sampled([0, 0.5, 1], [0, 1, 0]),
]


@pytest.mark.parametrize("potential", CONFIGURABLE, ids=str)
def test_config_round_trip_through_json(potential: Potential) -> None:
    config = potential.to_config()
    restored = potential_from_config(json.loads(json.dumps(config)))
    assert restored == potential
    assert restored.to_config() == config
    assert restored.breakpoints == potential.breakpoints


@dataclasses.dataclass(frozen=True)
class _Foreign(Potential):
    interval: tuple[float, float] = (-3.0, 3.0)

    def __call__(self, x: Any) -> Any:
        return np.square(np.asarray(x, dtype=float))


def test_strangers_are_stored_as_tables() -> None:
    for part in (_Foreign(), CustomPotential(np.square, (-3, 3))):
        total = WELL + 2.0 * part
        text = json.dumps(total.to_config())
        assert "_Foreign" not in text
        restored = potential_from_config(json.loads(text))
        x = np.linspace(-3, 3, 41)
        np.testing.assert_allclose(restored(x), total(x), atol=1e-12)
        assert restored.breakpoints == (-1.0, 1.0)
