"""What is printed: plain text of 80 columns, and HTML whose tags are closed."""

import html.parser
import io

from rich.console import Console

import qwpinn

RITZ = qwpinn.Precise(units=60, epochs=0)


class Tags(html.parser.HTMLParser):
    """Counts the tags, and fails where one is closed that is not the last one open."""

    def __init__(self, text):
        super().__init__()
        self.open, self.count, self.sources = [], {}, []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.count[tag] = self.count.get(tag, 0) + 1
        if tag == "img":
            self.sources.append(dict(attributes)["src"])
        elif tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def check_text(thing):
    """At most 80 columns of plain text, whatever the environment is."""
    text = str(thing)
    assert max(len(line) for line in text.splitlines()) <= 80
    assert "\x1b" not in text
    assert text.isascii()
    return text


def check_html(thing, images):
    """Tables, and a figure of which nothing stays open."""
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    tags = Tags(thing._repr_html_())
    assert tags.count["table"] >= 1
    assert tags.count.get("img", 0) == images
    assert all(source.startswith("data:image/png;base64,iVBOR") for source in tags.sources)
    assert plt.get_fignums() == before


def printed(sheet):
    """What a table shows at 80 columns."""
    screen = Console(file=io.StringIO(), width=80)
    screen.print(sheet)
    text = screen.file.getvalue()
    assert max(len(line) for line in text.splitlines()) <= 80
    return text
