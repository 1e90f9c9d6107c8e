"""Geometry: what differs between the line and the plane, for all who need not know which it is."""

from __future__ import annotations

import abc
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qwpinn.equation import potential as line
from qwpinn.equation.mesh import Mesh
from qwpinn.equation.plane import PlanePotential, finite
from qwpinn.equation.plane_mesh import PlaneMesh
from qwpinn.equation.plane_scaling import PlaneScaling
from qwpinn.equation.potential import Potential
from qwpinn.equation.scaling import Scaling
from qwpinn.inputs import check

Array = NDArray[np.float64]
# A `Potential` or a `PlanePotential`, a `Mesh` or a `PlaneMesh`, a `Scaling` or a `PlaneScaling`:
# who takes them needs what both have, or asks for the geometry.
AnyWell: TypeAlias = Any
AnyMesh: TypeAlias = Any
AnyScaling: TypeAlias = Any


class Geometry(abc.ABC):
    """Where wells of one kind live.

    Attributes:
        axes: The names of the coordinates.
        mesh: The class of meshes: of a well, K and a scaling.
        scaling: The class of scalings.
        shape: Of positions, for people.
    """

    axes: ClassVar[tuple[str, ...]]
    mesh: ClassVar[Any]
    scaling: ClassVar[Any]
    shape: ClassVar[str]

    @property
    def dimension(self) -> int:
        """How many coordinates there are."""
        return len(self.axes)

    @abc.abstractmethod
    def walls(self, well: Any) -> Array:
        """Both walls of each dimension, ``(d, 2)``."""

    @abc.abstractmethod
    def landmarks(self, well: Any) -> Array:
        """Numbers that tell a well's walls, and where V is not smooth, ``(m,)``."""

    @abc.abstractmethod
    def positions(self, well: Any, x: ArrayLike) -> Array:
        """Positions as float64 rows ``(n, d)`` between the walls.

        Points outside by no more than 1e-12 of the length are moved to the wall.

        Raises:
            TypeError: If ``x`` does not hold real numbers.
            ValueError: If it has another shape, or a point is not finite or outside.
        """

    @abc.abstractmethod
    def values(self, well: Any, x: Array) -> Array:
        """V at positions ``(n,)``, or ``(n, 2)``, refused where it is not finite.

        Raises:
            ValueError: With the first position where V is infinite or NaN.
        """

    def summands(self, well: Any) -> tuple[Potential, ...]:
        """The wells of one dimension by which a well is solved; most are solved by themselves."""
        return ()

    def normalisation(self, well: Any, states: int) -> float:
        """The usual weight of the overlaps in the loss of K states."""
        return Mesh.normalisation

    @abc.abstractmethod
    def searched(self, well: Any) -> bool:
        """Whether V or rho may have jumps and kinks that are not known, and can be searched."""


class _Line(Geometry):
    axes, mesh, scaling, shape = ("x",), Mesh, Scaling, "(n,)"

    def walls(self, well: Potential) -> Array:
        return np.array([well.interval], np.float64)

    def landmarks(self, well: Potential) -> Array:
        return well.smooth_pieces

    def positions(self, well: Potential, x: ArrayLike) -> Array:
        return check.points(x, well.interval)[:, None]

    def values(self, well: Potential, x: Array) -> Array:
        return line.values(well, x)

    def searched(self, well: Potential) -> bool:
        return well.layers is None and not well.energy_dependent


class _Plane(Geometry):
    axes, mesh, scaling, shape = ("x", "y"), PlaneMesh, PlaneScaling, "(n, 2)"

    def walls(self, well: PlanePotential) -> Array:
        return np.reshape(well.box, (2, 2))

    def landmarks(self, well: PlanePotential) -> Array:
        regions = (at for region in well.regions for at in region.extent)
        return np.array([*well.box, *regions, *well.lines[0], *well.lines[1]])

    def positions(self, well: PlanePotential, x: ArrayLike) -> Array:
        points = check.real_array("x", x)
        if points.ndim != 2 or points.shape[1] != 2:
            raise ValueError(
                f"`x` must have shape (n, 2), a row a point. Received: shape={points.shape}. "
                "Give e.g. np.stack([x, y], axis=-1)."
            )
        low, high = self.walls(well).T
        slack = 1e-12 * (high - low)
        outside = ((points < low - slack) | (points > high + slack)).any(axis=1)
        if outside.any():
            x0, x1, y0, y1 = well.box
            first = ", ".join(f"{at:g}" for at in points[outside][0])
            raise ValueError(
                f"`x` must lie in the box, x from {x0:g} to {x1:g} and y from {y0:g} to {y1:g}. "
                f"Received: ({first}). Leave out the points beyond the walls, where psi is zero."
            )
        return np.clip(points, low, high)

    def values(self, well: PlanePotential, x: Array) -> Array:
        return finite(well, x[:, 0], x[:, 1])

    def summands(self, well: PlanePotential) -> tuple[Potential, ...]:
        return well.summands

    def normalisation(self, well: PlanePotential, states: int) -> float:
        return PlaneMesh(well, states).normalisation

    def searched(self, well: PlanePotential) -> bool:
        return False


LINE, PLANE = _Line(), _Plane()


def geometry_of(well: AnyWell) -> Geometry:
    """That of a well."""
    return PLANE if isinstance(well, PlanePotential) else LINE


def mesh_of(well: AnyWell, states: int, scaling: AnyScaling | None = None) -> AnyMesh:
    """The mesh of a well for its K lowest states."""
    found: AnyMesh = geometry_of(well).mesh(well, states, scaling)
    return found


def scaling_of(well: AnyWell) -> AnyScaling:
    """The scaling of a well's normal form."""
    found: AnyScaling = geometry_of(well).scaling.for_potential(well.normal_form)
    return found


def values(well: AnyWell, x: Array) -> Array:
    """`Geometry.values` of a well."""
    return geometry_of(well).values(well, x)
