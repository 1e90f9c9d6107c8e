"""The entry point of the command."""

import pytest

import qwpinn
from qwpinn import __main__ as entry
from qwpinn.cli import parser


def test_the_entry_point_is_the_command(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["qwpinn", "--version"])
    with pytest.raises(SystemExit) as ended:
        entry.main()
    assert ended.value.code == 0
    assert qwpinn.__version__ in capsys.readouterr().out


def test_its_exit_code_is_that_of_the_command(monkeypatch):
    monkeypatch.setattr(parser, "main", lambda: 3)
    assert entry.main() == 3
