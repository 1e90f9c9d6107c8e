"""Enclosures of the members of a family, from the refined states of its network."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from qwpinn.certificate import GUARDS, psi_and_h_psi
from qwpinn.enclosures import Enclosure, enclose
from qwpinn.potential import Potential
from qwpinn.scaling import Scaling

Array = NDArray[np.float64]


def enclosed(model: Any, p: Array) -> Enclosure:
    """Encloses the K lowest levels of members ``(n, m)``; every array is ``(n, K)``.

    Args:
        model: A `qwpinn.FamilyPINN`.
        p: Parameters.
    """
    found = []
    for row, features in zip(p, model.refinement.features(p), strict=True):
        coefficients = model.refinement.ritz(features, GUARDS)[1]
        form = model.family.potential(row).normal_form
        functions = _psi_and_h_psi(model, row, form, tf.constant(coefficients))
        found.append(enclose(form, functions, model.states))
    names = (f.name for f in dataclasses.fields(Enclosure))
    return Enclosure(**{name: np.stack([getattr(one, name) for one in found]) for name in names})


def _psi_and_h_psi(
    model: Any, p: Array, form: Potential, coefficients: tf.Tensor
) -> Callable[[Array], tuple[Array, Array]]:
    """Psi and H psi of Ritz states of one member, as functions of x."""
    frame = model.frame
    scaling = Scaling(form.interval, frame.energy_origin, frame.weight_unit)

    def basis(xi: tf.Tensor) -> tf.Tensor:
        rows = tf.constant(np.tile(p, (len(xi), 1)))
        at = model.operator.moving(scaling.centre + scaling.half_width * xi, rows)
        return model.operator.basis(at._replace(xi=xi))

    return lambda x: psi_and_h_psi(basis, coefficients, scaling, form, x)
