"""Names: what can be run, techniques of other packages too."""

from importlib.metadata import EntryPoint

import pytest

from qwpinn.bench import names
from qwpinn.bench.published import Gated, LeastSquares


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("gatd", "Received: gatd. Did you mean gated?"),
        ("gated+lmm", "Received: gated\\+lmm. Did you mean lm?"),
        ("gated+", "Received: gated\\+. Correct its name."),
        ("precise+lm", "precise is a whole one. Give it alone."),
        ("deepxde+lm", "Received: deepxde\\+lm"),
    ],
)
def test_what_stands_for_nothing_is_refused(given, message):
    with pytest.raises(ValueError, match=message):
        names.check_techniques(["adam", given])


def test_every_name_stands_for_a_class_that_can_be_made():
    names.check_techniques([*names.TECHNIQUES, *names.PEERS, "gated+lm"])
    kinds = {type(names.loaded(name)[0]) for name in names.TECHNIQUES}
    assert len(kinds) == len(names.TECHNIQUES)
    assert [type(part) for part in names.loaded("gated+lm")] == [Gated, LeastSquares]
    assert names.kind_of("gated+lm") == "joined"
    assert names.kind_of("gated") == "network"
    assert names.kind_of("deepxde") == "peer"


def named(monkeypatch, *given):
    entries = [EntryPoint(name, source, names.GROUP) for name, source in given]
    monkeypatch.setattr(names, "entry_points", lambda group: entries)


def test_the_file_of_a_technique_of_others_tells_what_it_was(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "theirs_of_test_names.py").write_text("class Mine: ...")
    named(monkeypatch, ("mine", "theirs_of_test_names:Mine"))
    before = names.fingerprint("mine+lm")
    assert before == names.fingerprint("mine")
    (tmp_path / "theirs_of_test_names.py").write_text("class Mine: other = 1")
    assert names.fingerprint("mine") != before
    assert names.fingerprint("gated+lm") is names.fingerprint("deepxde") is None


def test_a_name_that_two_have_is_refused(monkeypatch):
    named(monkeypatch, ("gated", "somewhere:Else"))
    with pytest.raises(ValueError, match="Received: gated, which another package names"):
        names.check_techniques(["gated+lm"])
    names.check_techniques(["lm"])


def test_an_entry_point_names_a_technique_but_none_of_ours(monkeypatch):
    def entries(group):
        assert group == "qwpinn.techniques"
        return [
            EntryPoint("mine", "qwpinn.bench.published:Gated", group),
            EntryPoint("gated", "somewhere:Else", group),
            EntryPoint("../bad", "somewhere:Else", group),
        ]

    monkeypatch.setattr(names, "entry_points", entries)
    names.check_techniques(["mine", "mine+lm"])
    assert type(names.loaded("mine")[0]) is Gated
    assert names.kind_of("mine") == "others"
    assert type(names.loaded("gated")[0]) is Gated
    assert "../bad" not in names.known()
