"""Configs: potentials to JSON and back."""

import json

import processes
import pytest
from wells import CONFIGURABLE

from qwpinn.potentials import Potential, potential_from_config


def test_all_classes_are_known_after_one_import_without_tensorflow() -> None:
    code = (
        "import json, sys, qwpinn.potentials, qwpinn.references\n"
        "for config in sys.argv[1:]:\n"
        "    qwpinn.potentials.potential_from_config(json.loads(config))\n"
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    configs = [json.dumps(potential.to_config()) for potential in CONFIGURABLE]
    processes.run(processes.program(code, *configs))


@pytest.mark.parametrize("potential", CONFIGURABLE, ids=lambda p: p.name)
def test_config_round_trip_through_json(potential: Potential) -> None:
    config = potential.to_config()
    text = json.dumps(config)
    assert json.loads(text) == config
    assert potential_from_config(json.loads(text)) == potential


def test_bad_configs() -> None:
    with pytest.raises(ValueError, match=r"one of the classes .*FiniteWell.*class='Nothing'"):
        potential_from_config({"class": "Nothing"})
    with pytest.raises(ValueError, match=r"only the fields width. Received: depth"):
        potential_from_config({"class": "InfiniteWell", "depth": 1.0})
    with pytest.raises(ValueError, match=r"Received: none for values"):
        potential_from_config({"class": "PiecewiseConstant", "edges": [0, 1]})
