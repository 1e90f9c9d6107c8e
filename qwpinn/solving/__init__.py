"""Solving: one well, from a tolerance to an answer.

You need this folder to change how a network is found, or what is said of its states.

- `recipes`, `paper`, `settings`, `outlook`: how networks are made, and what that may cost;
- `solver`, `by_level`, `by_parts`: solve; `many`, `workers`: many wells, by several processes;
- `solved`, `solution`, `enclosed`, `observed`, `resolution`, `subbands`, `plane`: what was found;
  `kind`: which of these fits a well;
- `sweeps`, `sweep_tables`, `stark`: one number varied;
- `reproduction`, `comparison`: the paper, other solvers;
- `results`, `stored`: what lies on disk.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "many": ["solve_all"],
        "paper": ["Paper"],
        "plane": ["PlaneSolution"],
        "recipes": ["Precise", "Recipe", "Task", "Trained"],
        "results": ["as_dict"],
        "solution": ["Solution"],
        "solved": ["NotConverged"],
        "solver": ["solve"],
        "stark": ["stark_shift"],
        "subbands": ["Subbands"],
        "sweeps": ["Sweep", "sweep"],
    },
)
