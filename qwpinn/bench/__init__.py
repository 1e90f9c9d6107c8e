"""The bench: techniques and peers beside each other, on the same wells, under equal CPU time.

You need this folder to compare a technique of yours with those that are here; ``qwpinn bench`` runs
it. Each run is a process of its own, kept to one core.

- `problems`: the wells, and what is known of their ground states;
- `technique`: what a technique may change of the baseline; `published`: those of this package;
- `names`: what can be run, techniques of other packages and peers too;
- `clock`: runs one solver, and takes down what it finds; `trained`, `classical`, `plain_keras` and
  `deepxde_peer` are what it runs;
- `contest`: all runs, one after the other on each core; `environment`: where DeepXDE is;
- `results`: errors, and tables of them; `figures`, `traces`: what they are drawn as.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "clock": ["Clock"],
        "contest": ["Contest", "hold"],
        "problems": ["WELLS", "Problem"],
        "results": ["Result", "Run"],
        "technique": ["Baseline", "Task", "Technique", "Watch", "finish", "train"],
    },
)
