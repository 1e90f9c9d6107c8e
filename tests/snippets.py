"""Snippets of the documentation: what each block of code promises, and what it gives when it runs.

A block of Python begins with ``import qwpinn``, needs no other block, and runs in a process and a
folder of its own. Behind an expression that stands alone on a line, a comment may promise its
value: a list, a number, True, False or a status at its beginning (a word and a colon may come
first, "meV: [51.4, 71.9]"), or its shape, "(2, 3)" anywhere. "first row" promises that of the first
row. A number holds to half a unit of its last digit, or to what training repeats from one machine
to the next.

What a block prints is promised by a block of ``text`` that follows it, and what a command prints by
the lines below ``$ command`` in a block of ``console``; there, "..." stands for anything.
"""

import ast
import doctest
import re
from typing import NamedTuple

import numpy as np

# Relative: where training ends depends on the last digits of its sums, far within the enclosures.
REPEATED = 1e-9
NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|nan|inf"
VALUE = re.compile(
    rf"^(?:first row |[\w/^.]+: )?(\[[^\]]*\](?:,? \[[^\]]*\])*|(?:{NUMBER}|True|False|Status\.\w+)"
    r"(?![\w.)]))"
)
SHAPE = re.compile(r"\((\d+,|\d+(?:, \d+)+)\)")

# Runs a block statement by statement, and keeps what its expressions give.
RUNNER = """
import ast, json, sys
source, results = sys.argv[1:]
text = open(source, encoding="utf-8").read()
names, found = {"__name__": "__main__"}, {}
def plain(value):
    numpy = sys.modules["numpy"]
    try:
        array = numpy.asarray(value)
        numbers = array.tolist() if array.dtype.kind in "biuf" else None
        return {"text": str(value), "repr": repr(value), "value": numbers, "shape": array.shape}
    except Exception:
        return {"text": str(value), "repr": repr(value), "value": None, "shape": None}
for statement in ast.parse(text).body:
    if isinstance(statement, ast.Expr):
        value = eval(compile(ast.Expression(statement.value), source, "eval"), names)
        found[statement.end_lineno] = plain(value)
    else:
        exec(compile(ast.Module([statement], []), source, "exec"), names)
with open(results, "w", encoding="utf-8") as file:
    json.dump(found, file)
"""


class Block(NamedTuple):
    """A fenced block of a document.

    Attributes:
        document: Its file's name.
        line: The first line of its text there.
        kind: What stands behind the fence.
        text: Its lines.
        printed: The lines of the block of ``text`` that follows it, or None.
    """

    document: str
    line: int
    kind: str
    text: str
    printed: str | None = None


class Promise(NamedTuple):
    """What the comment behind an expression says.

    Attributes:
        line: Of the block.
        value: As it is written, or None.
        row: Whether it is that of the first row.
        shape: Or None.
    """

    line: int
    value: str | None
    row: bool
    shape: tuple[int, ...] | None


def blocks(path):
    """All fenced blocks of a document."""
    text, found, ends = path.read_text(encoding="utf-8"), [], 0
    for match in re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        block = Block(path.name, text.count("\n", 0, match.start()) + 2, match[1], match[2])
        follows = block.kind == "text" and not text[ends : match.start()].strip()
        if follows and found and found[-1].kind == "python":
            found[-1] = found[-1]._replace(printed=block.text)
        found.append(block)
        ends = match.end()
    return found


def promises(text):
    """What the comments of a block of Python promise."""
    lines = text.splitlines()
    for statement in ast.parse(text).body:
        if not isinstance(statement, ast.Expr) or isinstance(statement.value, ast.Constant):
            continue
        rest = lines[statement.end_lineno - 1][statement.end_col_offset :].strip()
        if not rest.startswith("#"):
            continue
        comment = rest.lstrip("# ")
        value, shape = VALUE.match(comment), SHAPE.search(comment)
        if value or shape:
            sizes = tuple(map(int, re.findall(r"\d+", shape[1]))) if shape else None
            row = comment.startswith("first row")
            yield Promise(statement.end_lineno, value and value[1], row, sizes)


def check(promise, found):
    """Assert that an expression gave what was promised."""
    if promise.shape is not None:
        shape = found["shape"]
        # Of several in a tuple, each.
        assert shape is not None and tuple(shape)[-len(promise.shape) :] == promise.shape, found
    if promise.value is None:
        return
    if found["value"] is None or promise.value.startswith("Status."):
        assert promise.value in (found["text"], found["repr"].split(":")[0].strip("<")), found
        return
    given = np.asarray(found["value"])
    given = np.ravel(given[0] if promise.row else given)
    written = re.findall(rf"{NUMBER}|True|False", promise.value)
    assert len(written) == given.size, (promise.value, found["text"])
    for text, number in zip(written, given.tolist(), strict=True):
        if text in ("True", "False"):
            assert str(bool(number)) == text, (promise.value, found["text"])
        else:
            np.testing.assert_allclose(number, float(text), rtol=REPEATED, atol=half_a_unit(text))


def half_a_unit(text):
    """Of the last digit of a number as it is written, and a little for its rounding.

    Example:
        >>> half_a_unit("1.64"), half_a_unit("2e-3")
        (0.0051, 0.00051)
    """
    digits, _, exponent = text.partition("e")
    decimals = len(digits.partition(".")[2])
    return float(f"0.51e{int(exponent or 0) - decimals}") if text[-1].isdigit() else 0.0


def commands(text):
    """The commands of a block of ``console``, each with the lines that it promises, if any."""
    found = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:].split("  #")[0].strip(), []))
        elif found:
            found[-1][1].append(line)
    return [(command, "\n".join(lines).strip("\n")) for command, lines in found]


def printed(promised, found):
    """Whether what was printed is what was promised, whatever the blanks at the ends of lines."""
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    return doctest.OutputChecker().check_output(promised + "\n", found, options)
