"""How wrong a family's networks are, as a function of the parameters: measured, then stated."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from qwpinn.families import anticrossings
from qwpinn.families.anticrossings import Anticrossings
from qwpinn.families.ritz import Compared, RefinedFamily
from qwpinn.storage.plain import Json

Array = NDArray[np.float64]

# Distances from anticrossings, scaled, at which errors are measured, at so many of each pair.
OFFSETS = np.geomspace(3e-4, 0.3, 7)
MEASURED = 6
# How many members have their refined levels enclosed.
ENCLOSED = 8
# Neighbours of a place whose largest error is the one stated there, for each parameter, and one.
NEIGHBOURS = 4
# The stated error is at least so many times what neighbours have.
MARGIN = 2.0
# An anticrossing is marked as far as errors are more than so many times their median.
USUAL = 10.0
# The largest error is far from the median above so many times it, if it is not small all the same:
# of energies in units of E - V0, of wavefunctions in L2.
FAR, SMALL = 100.0, (1e-6, 1e-2)
# Of the box's corners, where errors are often largest, at most so many are measured.
CORNERS = 32
DIGITS = 4


@dataclass(frozen=True)
class FamilyErrors:
    """Errors of a family's networks at members that training did not see, and between them.

    Columns are those of the energies, in units of E_k - V0, then those of the wavefunctions in L2.
    Between the measured members the error is the largest of some neighbours; near an anticrossing
    it is what was measured at its distance; both are multiplied by a factor that the measured
    members need among themselves, twice over. It is an estimate from samples, no proof.

    Attributes:
        places: Scaled parameters of the measured members, shape ``(n, m)``.
        errors: There, against Ritz states in the trunk, ``(n, 2 K)``.
        widths: The widest enclosure of a refined level of some members, in units of E_k - V0,
            ``(K,)``; infinite where its quantum number is not proven.
        crossings: The anticrossings that were found.
        profile: Errors near those of each pair: below `OFFSETS[0]`, then from each offset on,
            ``(K, 1 + len(OFFSETS), 2 K)``.
        weights: The `fingerprint` of the networks that were measured.
    """

    places: Array
    errors: Array
    widths: Array
    crossings: Anticrossings
    profile: Array
    weights: int

    @property
    def states(self) -> int:
        """K."""
        return len(self.profile)

    @cached_property
    def medians(self) -> Array:
        """Of the measured errors, shape ``(2 K,)``."""
        return np.asarray(np.median(self.errors, axis=0))

    @cached_property
    def largest(self) -> Array:
        """Of the measured errors, those at anticrossings among them, shape ``(2 K,)``."""
        return np.asarray(np.maximum(self.errors.max(axis=0), self.profile.max(axis=(0, 1))))

    @cached_property
    def uneven(self) -> NDArray[np.bool_]:
        """Where the largest error is far from the median, shape ``(2 K,)``."""
        small = np.repeat(SMALL, self.states)
        return np.asarray(self.largest > np.maximum(FAR * self.medians, small))

    @property
    def felt(self) -> NDArray[np.bool_]:
        """Whether errors near the anticrossings of each pair are worse than usual, ``(K,)``."""
        return np.asarray(np.any(self._reach > 0.0, axis=1))

    def stated(self, u: Array) -> Array:
        """Errors at scaled parameters ``(n, m)``, shape ``(n, 2 K)``."""
        found = self._factors * self._between(u)
        for pair in range(self.states):
            distance = self.crossings.distances(u, pair)[:, None]
            step = np.searchsorted(OFFSETS, distance[:, 0], side="right")
            near = MARGIN * self.profile[pair][step]
            found = np.where(distance < self._reach[pair], np.maximum(found, near), found)
        # Refined levels, which errors are measured against, are off themselves.
        return np.asarray(found + np.concatenate([self.widths, np.zeros(self.states)]))

    def marked(self, u: Array) -> NDArray[np.bool_]:
        """Whether energies are worse than usual near an anticrossing, at u ``(n, m)``: (n, K)."""
        return np.asarray(
            np.any(
                [
                    self.crossings.distances(u, pair)[:, None] < reach[: self.states]
                    for pair, reach in enumerate(self._reach)
                ],
                axis=0,
            )
        )

    @cached_property
    def _reach(self) -> Array:
        """How far each pair's anticrossings are felt by each error, shape ``(K, 2 K)``."""
        usual = USUAL * self.medians
        worse = self.profile > usual
        # The first row is nearer than the first offset.
        last = np.where(worse.any(axis=1), worse.shape[1] - 1 - worse[:, ::-1].argmax(axis=1), -1)
        ends = np.append(OFFSETS, OFFSETS[-1])
        return np.asarray(np.where(last >= 0, ends[last], 0.0))

    @cached_property
    def _far_from_crossings(self) -> NDArray[np.bool_]:
        """Which measured members no error's anticrossing is near, shape ``(n, 2 K)``."""
        far = np.ones(self.errors.shape, bool)
        for pair in range(self.states):
            far &= self.crossings.distances(self.places, pair)[:, None] >= self._reach[pair]
        few = far.sum(axis=0) <= self._neighbours
        return np.asarray(far | few)

    @property
    def _neighbours(self) -> int:
        return NEIGHBOURS * (1 + int(self.places.shape[1]))

    @cached_property
    def _trees(self) -> list[tuple[cKDTree, Array]]:
        """Of each error, the members between which it is stated."""
        return [
            (cKDTree(self.places[far]), self.errors[far, column])
            for column, far in enumerate(self._far_from_crossings.T)
        ]

    def _between(self, u: Array) -> Array:
        """The largest error of the nearest members, ``(n, 2 K)``."""
        columns = []
        for tree, errors in self._trees:
            index = tree.query(u, min(self._neighbours, len(errors)))[1].reshape(len(u), -1)
            columns.append(errors[index].max(axis=1))
        return np.stack(columns, axis=1)

    @cached_property
    def _factors(self) -> Array:
        """Twice what each measured member exceeds its own neighbours by, if it does: ``(2 K,)``."""
        found = []
        for tree, errors in self._trees:
            count = min(self._neighbours, len(errors) - 1)
            index = tree.query(tree.data, count + 1)[1][:, 1:]
            found.append(np.max(errors / np.maximum(errors[index].max(axis=1), 1e-300)))
        return MARGIN * np.maximum(1.0, found)

    def to_config(self) -> dict[str, Json]:
        """A dict of plain JSON values."""
        crossings = self.crossings
        return {
            "places": self.places.tolist(),
            "errors": self.errors.tolist(),
            "widths": [width if np.isfinite(width) else None for width in self.widths.tolist()],
            "profile": self.profile.tolist(),
            "weights": f"{self.weights:08x}",
            "crossings": {
                name: getattr(crossings, name).tolist()
                for name in ("pairs", "places", "normals", "gaps", "widths")
            },
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Json]) -> FamilyErrors:
        """Restores what `to_config` returned."""
        places = np.array(config["places"], np.float64)
        given = dict(config["crossings"])
        pairs = np.array(given.pop("pairs"), np.intp)
        parts = {name: np.array(value, np.float64) for name, value in given.items()}
        for name in ("places", "normals"):
            parts[name] = parts[name].reshape(-1, places.shape[1])
        widths = [np.inf if width is None else width for width in config["widths"]]
        return cls(
            places,
            np.array(config["errors"], np.float64),
            np.array(widths, np.float64),
            Anticrossings(pairs, **parts),
            np.array(config["profile"], np.float64),
            int(config["weights"], 16),
        )


def measure(model: RefinedFamily, members: int, seed: int) -> FamilyErrors:
    """Errors of a model's networks, against refined states.

    Args:
        model: The networks.
        members: How many are measured, besides corners and those at anticrossings.
        seed: Of their parameters.
    """
    family = model.family
    u = np.vstack([family.scaled(family.points(members, seed)), _corners(len(family.names))])

    def compared(u: Array) -> tuple[Compared, Array]:
        p = family.unscaled(u)
        found = model.refinement.compared(p)
        return found, found.forces * family.stretch(p)[:, None, :]

    found, slopes = compared(u)
    crossings = anticrossings.find_anticrossings(
        lambda u: ((one := compared(u))[0].energies, one[1]), u, found.energies, slopes
    )
    errors, beside = found.errors, _beside(crossings)
    profile = np.zeros((model.states, 1 + OFFSETS.size, errors.shape[1]))
    if len(beside):
        near = compared(beside)[0].errors
        u, errors = np.vstack([u, beside]), np.vstack([errors, near])
        for pair in range(model.states):
            profile[pair] = _profile(crossings.distances(u, pair), errors)
    count = len(found.errors)
    places = [*range(0, count, -(-count // ENCLOSED)), *range(count, len(u), 1 + 2 * OFFSETS.size)]
    return FamilyErrors(
        np.round(u[:count], DIGITS + 2),
        _rounded_up(errors[:count]),
        _rounded_up(_widths(model, family.unscaled(u[places]))),
        crossings,
        _rounded_up(profile),
        fingerprint(model),
    )


def fingerprint(model: RefinedFamily) -> int:
    """A number that changes with any weight of a model: what is known is known of these."""
    found = 0
    for weight in model.get_weights():
        found = zlib.crc32(np.ascontiguousarray(weight).tobytes(), found)
    return found


def _corners(dimension: int) -> Array:
    corners = itertools.islice(itertools.product((-1.0, 1.0), repeat=dimension), CORNERS)
    return np.array(list(corners))


def _beside(crossings: Anticrossings) -> Array:
    """Members at some of the anticrossings and beside them, within the box."""
    steps = np.concatenate([[0.0], -OFFSETS, OFFSETS])
    rows = []
    for pair in np.unique(crossings.pairs):
        own = crossings.of(int(pair))
        some = own.taken(np.unique(np.linspace(0, own.pairs.size - 1, MEASURED).astype(int)))
        rows += list(some.places[:, None] + steps[:, None] * some.normals[:, None])
    u = np.concatenate(rows) if rows else np.zeros((0, crossings.places.shape[1]))
    return u[np.all(np.abs(u) <= 1.0, axis=1)]


def _profile(distances: Array, errors: Array) -> Array:
    """The largest errors at least half as far away as each offset, ``(1 + offsets, 2 K)``."""
    near = distances <= OFFSETS[-1]
    rows = [
        errors[near & (distances >= offset / 2.0)].max(axis=0, initial=0.0)
        for offset in (0.0, *OFFSETS)
    ]
    return np.stack(rows)


def _widths(model: RefinedFamily, p: Array) -> Array:
    """The widest proven enclosures of members, in units of E_k - V0, ``(K,)``."""
    enclosure = model.enclosed(p)
    proven = enclosure.quantum_numbers == np.arange(model.states)
    above = enclosure.upper - model.floor
    return np.asarray(np.max(np.where(proven, enclosure.widths / above, np.inf), axis=0))


def _rounded_up(values: Array) -> Array:
    """To a few digits, as they are stored; never down."""
    with np.errstate(divide="ignore", invalid="ignore"):
        unit = 10.0 ** (np.floor(np.log10(values)) - DIGITS + 1)
        return np.where((values > 0.0) & np.isfinite(values), np.ceil(values / unit) * unit, values)
