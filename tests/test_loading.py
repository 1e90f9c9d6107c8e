"""Loading: what is no saved model is refused before anything is made."""

import importlib
import json

import pytest

import qwpinn
from qwpinn.techniques import GatedMLP

HUGE = 300_000_000


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 100_000, "an unreadable 'qwpinn.json' .RecursionError"),
        (
            json.dumps({"format": 1, "model": {"class_name": "QuantumWellPINN", "units": HUGE}}),
            "an impossible size in 'qwpinn.json', units=300000000",
        ),
    ],
)
def test_a_saved_model_of_impossible_size_is_refused(tmp_path, text, message):
    (tmp_path / "qwpinn.json").write_text(text)
    with pytest.raises(ValueError, match=message):
        qwpinn.load(tmp_path)


def test_the_file_of_a_technique_is_imported_where_a_model_names_it(tmp_path, monkeypatch):
    model = qwpinn.QuantumWellPINN(qwpinn.InfiniteWell(), states=1, hidden=GatedMLP(4))
    model.export(tmp_path / "model")
    asked, known = [], importlib.import_module

    def import_module(name, *rest):
        asked.append(name)
        return known(name, *rest)

    monkeypatch.setattr(importlib, "import_module", import_module)
    assert isinstance(qwpinn.load(tmp_path / "model").trial.hidden, GatedMLP)
    assert "qwpinn.techniques.gated" in asked
