"""What lies in folders of results, and in nobody else's."""

import pytest

from qwpinn.storage import contents

MODEL = ["qwpinn.json", "qwpinn.weights.h5", "saved_model.pb", "variables", "assets"]


@pytest.mark.parametrize(
    ("told", "names", "ours"),
    [
        (contents.is_model_folder, [], True),
        (contents.is_model_folder, MODEL, True),
        (contents.is_model_folder, [*MODEL, "result.json", "states.png", "run.json"], True),
        (contents.is_model_folder, [*MODEL, "result.json", "wavefunctions.csv"], True),
        (contents.is_model_folder, [*MODEL, "result.json", "wavefunctions.npz"], True),
        (contents.is_model_folder, ["wavefunctions.npz"], False),
        (contents.is_model_folder, ["saved_model.pb", "variables"], True),
        (contents.is_model_folder, ["result.json", "states.png"], False),
        (contents.is_model_folder, [*MODEL, "thesis.tex"], False),
        (contents.is_log_folder, ["events.out.tfevents.1.host"], True),
        (contents.is_log_folder, ["events.out.tfevents.1.host", "notes.txt"], False),
        (contents.is_sweep_folder, ["sweep.csv", "run.json"], True),
        (contents.is_sweep_folder, ["sweep.csv", "sweep.txt"], False),
        (contents.is_bench_folder, ["results.csv", "runs", "logs", "run.json", "well.png"], True),
        (contents.is_bench_folder, ["runs"], True),
        (
            contents.is_bench_folder,
            ["runs", ".logs.qwpinn-draft", ".run.qwpinn-lock"],
            True,
        ),
        (contents.is_bench_folder, ["runs", "thesis.tex"], False),
        (contents.is_bench_folder, ["well.png"], False),
    ],
)
def test_a_folder_of_results_is_told_by_its_files(tmp_path, told, names, ours):
    for name in names:
        (tmp_path / name).touch()
    assert told(tmp_path) is ours
