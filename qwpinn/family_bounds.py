"""Enclosures of the members of a family, from the refined states of its network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from qwpinn.certificate import GUARDS
from qwpinn.enclosures import Enclosure, enclose
from qwpinn.potential import Potential, values
from qwpinn.residuals import derivative

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
    names = ("lower", "upper", "quantum_numbers", "residuals")
    return Enclosure(*(np.stack([getattr(one, name) for one in found]) for name in names))


def _psi_and_h_psi(
    model: Any, p: Array, form: Potential, coefficients: tf.Tensor
) -> Callable[[Array], tuple[Array, Array]]:
    """Psi and H psi of Ritz states of one member, as functions of x."""

    def functions(x: Array) -> tuple[Array, Array]:
        at = model.operator.moving(tf.constant(x[:, None]), tf.constant(np.tile(p, (len(x), 1))))

        def chi(xi: tf.Tensor) -> tf.Tensor:
            return tf.matmul(model.operator.basis(at._replace(xi=xi)), coefficients)

        half = at.half_width.numpy()
        amplitude = 1.0 / np.sqrt(half * model.frame.weight_unit)
        psi = amplitude * chi(at.xi).numpy()
        curvature = amplitude * derivative(derivative(chi))(at.xi).numpy() / half**2
        v, rho = values(form, x)[:, None], form.weight(x)[:, None]
        return psi, -curvature / rho + v * psi

    return functions
