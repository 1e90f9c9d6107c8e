"""The growth sheet: the layers of a device with the numbers that are used of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from qwpinn.equation.description import Described
from qwpinn.sheets.screen import Grid, Line, Row, Sheet

if TYPE_CHECKING:
    from qwpinn.devices.heterostructure import Heterostructure


class Grown(Described):
    """What a structure of layers says of itself."""

    field: float
    nonparabolic: bool

    @property
    def title(self) -> str:
        """Its length, its field and its kind of bands, in one line."""
        kind = ", non-parabolic" if self.nonparabolic else ""
        length = cast("Heterostructure", self).edges[-1]
        return f"{type(self).__name__}, {length:g} nm, field {self.field:g} kV/cm{kind}"

    def heading(self) -> Sheet:
        """The equation, and a row a layer with the offset and the mass that are used."""
        return _growth_sheet(cast("Heterostructure", self))

    def sheet(self) -> Sheet:
        return self.heading()


def _growth_sheet(device: Heterostructure) -> Sheet:
    """A row a layer, the field, the kind of bands, and where the numbers are from."""
    gap = ["gap (meV)"] if device.nonparabolic else []
    columns = ("layer", "z (nm)", "thickness (nm)", "material", "offset (meV)", "mass (m0)")
    rows = [
        Row(
            (
                device.layers[i].name or str(i),
                f"{device.edges[i]:g} - {device.edges[i + 1]:g}",
                f"{used.thickness:g}",
                used.material or "",
                f"{used.offset:.4f}",
                f"{used.mass:.6g}",
                *([f"{used.gap:g}".replace("inf", "")] if gap else []),
                "yes" if used.active else "contact" if used.contact else "",
            )
        )
        for i, used in enumerate(device.used)
    ]
    table = Grid((*columns, *gap, "active"), rows, ("material", "active"), padding=0)
    kind = "mass (1 + (E - V) / gap)" if device.nonparabolic else "parabolic"
    sources = sorted({m.source.split(", table")[0] for m in device.materials if m})
    return Sheet(
        (
            Line(device.title),
            Line(device.equation, "dim"),
            table,
            Line(f"Field {device.field:g} kV/cm; bands: {kind}."),
            *(Line(f"Materials: {source}.", "dim") for source in sources),
        )
    )
