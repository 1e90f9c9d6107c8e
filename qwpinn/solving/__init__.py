"""Solving: one well, from a tolerance to an answer.

You need this folder to change how a network is found, or what is said of its states.

- `recipes`, `paper`, `settings`, `outlook`: how networks are made, and what that may cost;
- `solver`, `by_level`: solve; `many`, `workers`: many wells, by several processes;
- `solution`, `enclosed`, `observed`, `resolution`, `subbands`: what was found;
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
        "recipes": ["Precise", "Recipe", "Task", "Trained"],
        "results": ["as_dict"],
        "solution": ["NotConverged", "Solution"],
        "solver": ["solve"],
        "stark": ["stark_shift"],
        "subbands": ["Subbands"],
        "sweeps": ["Sweep", "sweep"],
    },
)
