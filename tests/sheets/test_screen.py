"""Sheets as text and as HTML."""

from printed import Tags

from qwpinn.sheets.screen import Grid, Line, Row, Sheet


def test_markup_is_text():
    sheet = Sheet((Line("a [bold] <b>"), Grid(("x [m]", "y"), [Row(("[red]1", "<2>"))])))
    assert sheet.text().splitlines() == [
        "a [bold] <b>",
        " x [m]    y",
        "------------",
        "[red]1  <2>",
    ]
    assert Tags(sheet.html()).count == {
        "div": 1, "p": 1, "table": 1, "thead": 1, "tbody": 1, "tr": 2, "th": 2, "td": 2,
    }  # fmt: skip
    assert "&lt;2&gt;" in sheet.html()
