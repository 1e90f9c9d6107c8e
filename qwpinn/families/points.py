"""Collocation in x and p: quadrature nodes that follow the walls and breakpoints of a family."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray

from qwpinn.equation.mesh import Mesh
from qwpinn.equation.potential import values
from qwpinn.families.family import Family, checked_family
from qwpinn.inputs import check, limits
from qwpinn.quadrature import apportioned, gauss_legendre
from qwpinn.training.guard import untuned

Array = NDArray[np.float64]

ORDER = limits.LEAST_NODES
# How many members are asked where their states need nodes.
ASKED = 16


class Relative(NamedTuple):
    """Quadrature nodes in coordinates that all members share, each of shape ``(q,)``.

    Attributes:
        layer: Between which edges a node lies, from 0.
        fraction: Where between them, from 0 to 1.
        weights: Of the integral over the layer, in units of its length.
    """

    layer: NDArray[np.intp]
    fraction: Array
    weights: Array


class Members(NamedTuple):
    """Members of a family on their quadratures, in the coordinate and units of `normal_form`.

    Attributes:
        p: Parameters, shape ``(n, m)``.
        x: Nodes, ``(n, q)``.
        potential: V there.
        weight: rho there.
        quadrature: Weights of an integral over x.
        lengths: Of the layer in which each node lies.
    """

    p: Array
    x: Array
    potential: Array
    weight: Array
    quadrature: Array
    lengths: Array


def relative_nodes(family: Family, states: int, points: int) -> Relative:
    """About ``points`` Gauss-Legendre nodes, dense where the K lowest states of all members are.

    The density of panels is the mean over some members of that of their `Mesh`.
    """
    meshes = [Mesh(family.potential(p), states) for p in family.points(ASKED)]
    layers = meshes[0].potential.smooth_pieces.size - 1
    places = np.linspace(0.0, layers, 200 * layers + 1)
    share = np.mean([_share(mesh, places) for mesh in meshes], axis=0)
    at_edges = share[::200]
    order = min(ORDER, max(3, points // layers))
    counts = apportioned(np.diff(at_edges), max(layers, round(points / order)))
    ends = [
        np.interp(np.linspace(low, high, count + 1), share, places)[:-1]
        for low, high, count in zip(at_edges[:-1], at_edges[1:], counts, strict=True)
    ]
    starts = [np.array([layer, *end[1:]]) for layer, end in enumerate(ends)]
    rule = gauss_legendre(np.array([*np.concatenate(starts), layers]), order)
    layer = np.floor(rule.nodes).astype(np.intp)
    return Relative(layer, rule.nodes - layer, rule.weights)


def _share(mesh: Mesh, places: Array) -> Array:
    """The integral of the panels' density, of 1 in total, up to relative places."""
    edges = mesh.scaling.position(mesh.potential.smooth_pieces)
    xi = np.interp(places, np.arange(edges.size), edges)
    return np.asarray(np.interp(xi, mesh.profile.edges, mesh.share) / mesh.share[-1])


def members(family: Family, p: Array, at: Relative) -> Members:
    """The members with parameters ``(n, m)`` on their own nodes.

    Raises:
        ValueError: If a potential is not finite.
    """
    rows = []
    for row in p:
        form = family.potential(row).normal_form
        edges = form.smooth_pieces
        length = np.diff(edges)[at.layer]
        x = edges[at.layer] + at.fraction * length
        rows.append((row, x, values(form, x), form.weight(x), at.weights * length, length))
    return Members(*(np.stack(column) for column in zip(*rows, strict=True)))


def family_collocation(
    family: Family,
    parameters: int = 128,
    points: int = 96,
    states: int = limits.USUAL_STATES,
    batch_size: int | None = None,
    seed: int = 0,
    p: ArrayLike | None = None,
    shard: int = 0,
    shards: int = 1,
) -> tf.data.Dataset:
    """Batches of members with everything that a training step of a `FamilyPINN` needs.

    Args:
        family: The potentials.
        parameters: How many members; Sobol points of the box.
        points: About how many nodes each has.
        states: How many of the lowest states the nodes are placed for.
        batch_size: Members a batch. Defaults to None, all: what `LevenbergMarquardt` needs.
        seed: Of the members.
        p: The members, shape ``(n, m)``, instead of Sobol points.
        shard: Which of several equal parts of the members to take, from 0.
        shards: How many parts. With ``batch_size``, each part has its share of a batch.

    Returns:
        A dataset of dicts of float64 tensors: ``p`` of shape ``(n, m)``, and ``x``, ``potential``
        V, ``weight`` rho and ``quadrature`` w of shape ``(n, q)``, in the units and the coordinate
        of each member's `normal_form`.
    """
    states = check.integer("states", states, maximum=limits.FAMILY_STATES)
    points = check.integer("points", points, ORDER, limits.NODES)
    shards = check.integer("shards", shards)
    shard = check.integer("shard", shard, 0, shards - 1)
    checked_family(family)
    rows = family.points(parameters, seed) if p is None else family.checked(p)
    if len(rows) % shards or (batch_size or 0) % shards:
        raise ValueError(
            f"`parameters` must be divisible by the {shards} workers, and so must batches. "
            f"Received: {len(rows)} members. Give a multiple."
        )
    rows = rows[shard::shards]
    found = members(family, rows, relative_nodes(family, states, points))
    columns = found._asdict()
    del columns["lengths"]
    data = tf.data.Dataset.from_tensor_slices(columns)
    size = len(rows) * shards if batch_size is None else check.integer("batch_size", batch_size)
    return untuned(data.batch(size // shards))


def paired(x: ArrayLike, walls: Array) -> tuple[Array, NDArray[np.intp]]:
    """Positions for every member, and for each of them, in order, which member it is of.

    Args:
        x: Shape ``(n,)`` or ``(n, points)``; the first axis broadcasts with the members. One number
            is in all of them.
        walls: Of each member, shape ``(n, 2)``.

    Returns:
        Positions, broadcast, and members, flat.

    Raises:
        TypeError: If ``x`` does not hold real numbers.
        ValueError: If its shape does not fit, or a position is not finite or outside the walls.
    """
    positions, count = np.atleast_1d(check.real_array("x", x)), len(walls)
    fits = positions.ndim in (1, 2) and positions.size > 0
    if not fits or (positions.shape[0] != count and 1 not in (positions.shape[0], count)):
        raise ValueError(
            f"`x` must have shape ({count},) or ({count}, points), its first axis that of the rows "
            f"of `p`, or of length 1. Received: shape={positions.shape}. For the same positions in "
            "every member give np.reshape(x, (1, -1))."
        )
    rows = max(count, positions.shape[0])
    positions = np.broadcast_to(positions, (rows, *positions.shape[1:])).copy()
    first = np.broadcast_to(np.arange(count), rows) if count == rows else np.zeros(rows, np.intp)
    member = np.repeat(first, positions.size // rows)
    ends, flat = walls[member], positions.reshape(-1)
    slack = 1e-12 * (ends[:, 1] - ends[:, 0])
    outside = (flat < ends[:, 0] - slack) | (flat > ends[:, 1] + slack)
    if outside.any():
        at = int(np.argmax(outside))
        raise ValueError(
            f"`x` must lie between the walls of its member, [{ends[at, 0]:g}, {ends[at, 1]:g}]. "
            f"Received: {flat[at]:g}. Leave out the points beyond, where psi is zero."
        )
    return np.clip(flat, *ends.T).reshape(positions.shape), member
