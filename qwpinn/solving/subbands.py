"""Subbands: the states of a heterostructure, with what a device designer reads off them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants

from qwpinn import plotting
from qwpinn.devices.heterostructure import Heterostructure
from qwpinn.devices.validity import barriers
from qwpinn.equation.layers import panel_of
from qwpinn.inputs import check
from qwpinn.observables import Observables
from qwpinn.sheets.digits import with_uncertainty
from qwpinn.sheets.screen import Grid, Line, Row, Sheet, with_unit
from qwpinn.solving.solution import Solution, Whereabouts
from qwpinn.units.quantities import KINETIC

Array = NDArray[np.float64]

# h c in meV um.
PHOTON = constants.h * constants.c / constants.e * 1e9
# A state with less than this of its probability in the active layers belongs to the box.
LOCALISED = 0.5
BOX = "*: less than half in the active layers, or a state of the box."
LIGHT = (
    "transition", "energy (meV)", "wavelength (um)", "dipole (nm)", "oscillator\nstrength",
)  # fmt: skip


@dataclass(frozen=True, repr=False, eq=False)
class Subbands(Solution):
    r"""The K lowest states of a heterostructure, in nm and meV.

    All of `Solution`, with positions z in nm from the left wall. Of non-parabolic bands,
    `wavefunctions` are the component psi of the conduction band, normalised by itself; densities
    and dipoles count that of the valence band too,
    (hbar^2 / 2 m0 / (mu Eg))^(1/2) / (1 + (E - V) / Eg) dpsi/dz, without which the states would not
    be orthogonal. At an interface dpsi/dz jumps with the mass; `slopes` gives the mean there.

    Reference:
        C. Sirtori, F. Capasso, J. Faist, S. Scandolo, Phys. Rev. B 50 (1994) 8663,
        doi:10.1103/PhysRevB.50.8663
    """

    potential: Heterostructure

    def table(self) -> Sheet:
        """As that of `Solution`, and what light sees of the localised states."""
        lines = [] if self.localised.all() else [Line(BOX, "dim")]
        if not self.localised.any():
            text = "No state is in the active layers: ask for more states, or lower the field."
            lines.append(Line(text, "bold red"))
        inside = np.flatnonzero(self.localised).tolist()
        rows = [Row(self._line(i, j)) for i, j in itertools.combinations(inside, 2)]
        grids = [Grid(LIGHT, rows, ("transition",))] if rows else []
        return super().table() + Sheet((*lines, *grids))

    def _line(self, i: int, j: int) -> tuple[str, ...]:
        """The cells of a transition; dipole and strength 0 where symmetry forbids it."""
        change = self.lower[j] - self.upper[i], self.upper[j] - self.lower[i]
        dipole = abs(self.dipoles[i, j])
        forbidden = dipole < 1e-6
        return (
            f"{i} - {j}",
            with_uncertainty(float(self.transitions[i, j]), *map(float, change)),
            f"{self.wavelengths[i, j]:.6g}",
            "0" if forbidden else f"{dipole:.4g}",
            "0" if forbidden else f"{self.oscillator_strengths[i, j]:.4g}",
        )

    def where(self) -> Whereabouts:
        """The mean position of each state, and how much of it is in the active layers."""
        columns = self.expectation("z"), self.doubts, self.localisation, self.localised
        cells = [
            (f"{mean:.2f}{doubt}", f"{100.0 * share:.0f} %{doubt}{' ' if own else '*'}")
            for mean, doubt, share, own in zip(*columns, strict=True)
        ]
        return Whereabouts((with_unit("<z>", self.potential.length_unit), "in layers"), cells)

    @property
    def region(self) -> tuple[float, float]:
        """Both ends of the active layers."""
        return self.potential.region

    @property
    def title(self) -> str:
        """The field."""
        return f"field {self.potential.field:g} kV/cm"

    @cached_property
    def localisation(self) -> Array:
        """The probability of each state to be in the active layers, shape ``(K,)``."""
        return self.probability(*self.region)

    @cached_property
    def localised(self) -> NDArray[np.bool_]:
        """Which states belong to the active layers, shape ``(K,)``.

        Those that are there by more than half, behind a barrier on the way to each end that is no
        wall; and those that are bound by V itself, which is above E everywhere outside. The others
        are states of the box: above the barriers, or in the triangle that a field makes before the
        wall. A device has no such levels.
        """
        device = self.potential
        first, last = device.span
        outside = np.delete(device.ends, slice(first, last + 1), axis=0)
        bound = self.energies < np.min(outside, initial=np.inf)
        z = plotting.grid(device)
        layer = panel_of(z, device.edges)
        largest = np.argmax(np.abs(self.wavefunctions(z)) * device.active[layer][:, None], axis=0)
        behind = self.energies < barriers(device)[layer[largest]]
        return np.asarray(bound | behind & (self.localisation > LOCALISED))

    @property
    def box_states(self) -> NDArray[np.bool_]:
        """Those that are not localised, and those that are below V at the ends and not bound.

        So not the resonances that tunnel out, of a device in a field or between contacts.
        """
        return ~self.localised | (np.isfinite(self.wall_shift) & ~self.bound)

    @property
    def notes(self) -> tuple[str, ...]:
        """As those of `Solution`, and which states tunnel out without a field."""
        leaving = np.flatnonzero(self.localised & np.isinf(self.wall_shift))
        if self.potential.field or not leaving.size:
            return super().notes
        names = ", ".join(map(str, leaving))
        text = f"Localised and above V at an end that goes on: {names}. It is a resonance, and "
        return (*super().notes, text + "the ends move it a little.")

    @cached_property
    def transitions(self) -> Array:
        """E_j - E_i in meV, shape ``(K, K)``."""
        return np.asarray(self.energies[None, :] - self.energies[:, None])

    @cached_property
    def wavelengths(self) -> Array:
        """Of light, h c / |E_j - E_i| in um, infinite on the diagonal, shape ``(K, K)``."""
        with np.errstate(divide="ignore"):
            return np.asarray(PHOTON / np.abs(self.transitions))

    @cached_property
    def oscillator_strengths(self) -> Array:
        r"""f_ij = (2 m / hbar^2) (E_j - E_i) z_ij^2, positive for absorption, shape ``(K, K)``.

        m is the mass at the band edge of the lowest active layer, the well. Were it that of all
        layers, f_ij would add up to 1 over all j; divided by it, in units of the electron mass, f
        is that of a free electron.

        Reference:
            M. Helm, Semiconductors and Semimetals 62 (1999) 1, doi:10.1016/S0080-8784(08)60304-X
        """
        active = np.flatnonzero(self.potential.active)
        well = active[np.argmin(self.potential.offsets[active])]
        factor = self.potential.masses[well] / KINETIC
        return np.asarray(factor * self.transitions * self.dipoles**2)

    @property
    def biased(self) -> bool:
        """Whether there is a field and one well: of several, it shows in their distances."""
        return bool(self.potential.field) and int(np.sum(self.potential.active)) == 1

    def lines(self) -> dict[str, Array]:
        """Transition energies ``E`` (meV), dipoles ``z`` (nm) and oscillator strengths ``f``."""
        return {"E": self.transitions, "z": np.abs(self.dipoles), "f": self.oscillator_strengths}

    def details(self) -> dict[str, object]:
        """The key ``device``: `as_dict`."""
        return {"device": self.as_dict()}

    def as_dict(self) -> dict[str, object]:
        """What a designer reads off, as plain lists: the key ``device`` of result.json.

        ``units`` of all that follows; ``field``; ``layers``, each with the ``thickness``,
        ``material``, ``offset``, ``mass``, ``gap`` (null without) that were used and whether it is
        ``active`` or a ``contact``; ``region``, the ends of the active layers; ``localisation``,
        ``localised``: the probability of each state to be there, and whether it is the device's;
        ``bound``, ``wall_shift``: those of `Solution`; ``transitions``, ``wavelengths``,
        ``dipoles``, ``oscillator_strengths``: a row a state, a column a state.
        """
        device = self.potential
        matrices = ("transitions", "wavelengths", "dipoles", "oscillator_strengths")
        return {
            "units": {
                "length": "nm",
                "energy": "meV",
                "field": "kV/cm",
                "mass": "m0",
                "wavelength": "um",
            },
            "field": device.field,
            "nonparabolic": device.nonparabolic,
            "layers": [used._asdict() for used in device.used],
            "region": list(self.region),
            "localisation": self.localisation.tolist(),
            "localised": self.localised.tolist(),
            "bound": self.bound.tolist(),
            "wall_shift": self.wall_shift.tolist(),
            **{name: getattr(self, name).tolist() for name in matrices},
        }

    def density(self, x: ArrayLike) -> Array:
        """The probability density of each state in 1/nm, that in the valence band included."""
        psi = self.wavefunctions(x)
        if not self.potential.nonparabolic:
            return np.square(psi)
        other = self.valence(np.ravel(x)).reshape(psi.shape)
        return np.asarray((np.square(psi) + np.square(other)) / self.observables.norms)

    def fluxes(self, x: ArrayLike) -> Array:
        """(hbar^2/2m) dpsi/dz with the mass of each layer, continuous at interfaces."""
        positions = np.ravel(check.points(np.atleast_1d(x), self.potential.interval))
        # At an interface the slope has two values: that of the layer whose mass is taken.
        beside = np.isin(positions, self.potential.breakpoints)
        positions = positions + beside * 1e-12 * np.ptp(self.potential.interval)
        found = np.asarray(KINETIC / self._masses(positions) * self.slopes(positions))
        return found[0] if np.ndim(x) == 0 else found

    @cached_property
    def observables(self) -> Observables:
        """Expectation values and more, as one object; the methods of `Solution` are its.

        "p^2" is the kinetic energy, -(hbar^2/2) d/dz (1/m) d/dz.
        """
        return Observables(
            self.potential,
            self.wavefunctions,
            lambda z: np.sqrt(KINETIC / self._masses(z)) * self.slopes(z),
            self._visible,
            self.valence if self.potential.nonparabolic else None,
        )

    def valence(self, z: ArrayLike) -> Array:
        """The component of each state in the valence band, shape ``(len(z), K)``.

        Zero for parabolic bands, which know of no other.

        Args:
            z: Positions in nm, shape ``(n,)``.
        """
        if not self.potential.nonparabolic:
            return np.zeros_like(self.wavefunctions(z))
        edge = self.potential.mass(z)[:, None]
        gap = self.potential.gap(z)[:, None]
        return np.asarray(np.sqrt(KINETIC * edge / gap) * self.slopes(z) / self._masses(z))

    def _masses(self, z: ArrayLike) -> Array:
        """The mass that each state has at z, ``(n, K)``."""
        return np.stack([self.potential.mass(z, energy) for energy in self.energies], axis=1)
