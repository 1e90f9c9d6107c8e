"""Loading: what is no saved model is refused before anything is made."""

import json

import pytest

import qwpinn

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
