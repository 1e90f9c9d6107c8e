"""The screen: tables and sentences as data, which the console, `print` and notebooks show alike."""

from __future__ import annotations

import abc
import base64
import dataclasses
import html
import io
import reprlib
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import FunctionType
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from rich import box
from rich.console import Console, Group, JustifyMethod, RenderableType
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from _typeshed import DataclassInstance
    from matplotlib.figure import Figure

# No line is longer, however wide the terminal is.
WIDTH = 80
# Longer ones are cut in the middle: a `repr` is one line in a traceback or a list.
LONGEST, LONGEST_FIELD = 180, 70
# Dots an inch of a figure on a notebook's page.
PAGE = 100
# A rule below the headings, in letters that every encoding has.
PLAIN = box.Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True)
# How what the console prints dimly, or in red, looks on a page.
CSS = {"dim": "opacity:0.7;font-size:90%", "bold red": "color:#b00020;font-weight:bold", "": ""}


class Block(Protocol):
    """A part of a sheet."""

    def drawn(self, plain: bool) -> RenderableType: ...

    def html(self) -> str: ...


class Line(NamedTuple):
    """A sentence; `mark` stands before it, in red."""

    said: str
    style: str = ""
    mark: str = ""

    def drawn(self, plain: bool) -> RenderableType:
        """For `rich`."""
        return Text.assemble((self.mark, "bold red"), (self.said, self.style), overflow="fold")

    def html(self) -> str:
        """A paragraph."""
        mark = f'<b style="{CSS["bold red"]}">{html.escape(self.mark)}</b>' if self.mark else ""
        return f'<p style="margin:2px 0;{CSS[self.style]}">{mark}{html.escape(self.said)}</p>'


class Row(NamedTuple):
    """The cells of a line of a table, and whether a gap follows."""

    cells: Sequence[str]
    style: str = ""
    gap: bool = False


@dataclass(frozen=True)
class Grid:
    """A table, narrow enough for 80 columns.

    Args:
        columns: Headings; a unit in parentheses goes into a line of its own.
        rows: With as many cells each.
        left: Headings of the columns that are aligned to the left; numbers are to the right.
        title: Above it.
        padding: Blanks between two columns.
    """

    columns: Sequence[str]
    rows: Sequence[Row]
    left: Sequence[str] = ()
    title: str = ""
    padding: int = 1

    def drawn(self, plain: bool) -> RenderableType:
        """For `rich`."""
        table = Table(
            title=self.title or None,
            box=PLAIN if plain else box.SIMPLE_HEAD,
            padding=(0, self.padding, 0, 0),
            show_edge=False,
            title_justify="left",
        )
        for heading in self.columns:
            justify: JustifyMethod = "left" if heading in self.left else "right"
            table.add_column(Text(_broken(heading)), justify=justify, overflow="fold")
        for row in self.rows:
            cells = [Text(cell) for cell in row.cells]
            table.add_row(*cells, style=row.style or None, end_section=row.gap)
        return table

    def html(self) -> str:
        """A table without any style sheet."""
        sides = ["left" if heading in self.left else "right" for heading in self.columns]
        headings = [html.escape(_broken(h)).replace("\n", "<br>") for h in self.columns]
        caption = f"<caption>{html.escape(self.title)}</caption>" if self.title else ""
        body = "".join(
            f'<tr style="{CSS[row.style]}">{_cells("td", map(html.escape, row.cells), sides)}</tr>'
            for row in self.rows
        )
        head = f"<thead><tr>{_cells('th', headings, sides)}</tr></thead>"
        return f"<table>{caption}{head}<tbody>{body}</tbody></table>"


@dataclass(frozen=True)
class Sheet:
    """Tables and sentences, one below the other; ``console.print`` of `rich` takes it.

    Args:
        blocks: The parts.
    """

    blocks: tuple[Block, ...] = ()

    def __add__(self, other: Sheet) -> Sheet:
        return Sheet(self.blocks + other.blocks)

    def __rich__(self) -> Group:
        return Group(*(block.drawn(plain=False) for block in self.blocks))

    def text(self) -> str:
        """Plain text of at most 80 columns, whatever terminal and environment are."""
        page = io.StringIO()
        # Nothing here looks at the environment: neither FORCE_COLOR nor COLUMNS nor a notebook.
        console = Console(
            file=page, width=WIDTH, color_system=None, force_terminal=False, force_jupyter=False,
            legacy_windows=False,
        )  # fmt: skip
        for block in self.blocks:
            console.print(block.drawn(plain=True), highlight=False)
        return "\n".join(line.rstrip() for line in page.getvalue().splitlines())

    def html(self, figure: Figure | None = None) -> str:
        """The same for a notebook, above a figure that is part of the page."""
        parts = [block.html() for block in self.blocks]
        if figure is not None:
            image = base64.b64encode(png(figure, PAGE)).decode("ascii")
            parts.append(f'<img alt="figure" src="data:image/png;base64,{image}">')
        return f"<div>{''.join(parts)}</div>"


class Shown(abc.ABC):
    """What has a sheet: `print` shows it as text, a notebook as HTML with a figure, if any."""

    @abc.abstractmethod
    def sheet(self) -> Sheet:
        """What is shown: tables and sentences."""

    def portrait(self) -> Figure | None:
        """The figure that a notebook shows below; None for none."""
        return None

    def __str__(self) -> str:
        return self.sheet().text()

    def __rich__(self) -> Sheet:
        return self.sheet()

    def _repr_html_(self) -> str:
        return self.sheet().html(self.portrait())


class Pictured(Shown):
    """What is shown above the figure that its `plot` makes."""

    @abc.abstractmethod
    def plot(self) -> Figure:
        """The figure; it is none of ``pyplot``'s: there is nothing to close."""

    def portrait(self) -> Figure | None:
        return self.plot()


def png(figure: Figure, dpi: int = 220) -> bytes:
    """The figure as the content of a PNG file.

    As `Figure.savefig` makes it, which draws everything twice, once for the layout alone.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    own, figure.dpi = figure.dpi, dpi
    try:
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        pixels = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    finally:
        figure.dpi = own
    content = io.BytesIO()
    # What is drawn has long runs of one colour: nothing else need be sought.
    pixels.save(content, "png", dpi=(dpi, dpi), compress_type=zlib.Z_RLE)
    return content.getvalue()


def short_repr(thing: DataclassInstance) -> str:
    """A dataclass by its fields in one line of less than 200 characters.

    Example:
        >>> from qwpinn.potentials import PiecewiseConstant
        >>> PiecewiseConstant(range(1000), range(999))
        PiecewiseConstant(edges=(0.0, 1.0, 2.0, ...), values=(0.0, 1.0, 2.0, ...), weights=None)
    """
    fields = [f.name for f in dataclasses.fields(thing) if f.repr]
    for written in (_WHOLE, _SHORT):
        given = ", ".join(f"{name}={written.repr(getattr(thing, name))}" for name in fields)
        if len(given) + len(type(thing).__name__) + 2 <= LONGEST:
            break
    return _cut(f"{type(thing).__name__}({given})", LONGEST)


class _Short(reprlib.Repr):
    """The first items of what is long, functions by their names."""

    def __init__(self, items: int, longest: int) -> None:
        super().__init__()
        self.maxtuple = self.maxlist = items
        self.maxstring = self.maxlong = self.maxother = self.longest = longest

    def repr_function(self, function: FunctionType, level: int) -> str:
        return str(function.__name__)

    def repr_instance(self, x: object, level: int) -> str:
        return _cut(" ".join(repr(x).split()), self.longest)


_WHOLE, _SHORT = _Short(LONGEST, LONGEST), _Short(3, LONGEST_FIELD)


def _cut(text: str, most: int) -> str:
    """The text, without its middle if it is longer than that."""
    half = (most - 3) // 2
    return text if len(text) <= most else f"{text[:half]}...{text[-half:]}"


def _broken(heading: str) -> str:
    """A heading whose unit is in a line of its own."""
    return heading.replace(" (", "\n(")


def _cells(tag: str, texts: Sequence[str] | Iterator[str], sides: Sequence[str]) -> str:
    """The cells of a line of a table on a page."""
    return "".join(
        f'<{tag} style="text-align:{side}">{text}</{tag}>'
        for text, side in zip(texts, sides, strict=True)
    )


def with_unit(name: str, unit: str) -> str:
    """A quantity as it stands at an axis, e.g. ``"field (kV/cm)"``; without unit, its name."""
    return f"{name} ({unit})" if unit else name
