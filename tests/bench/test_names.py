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
