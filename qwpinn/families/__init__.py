"""Families: one network for all wells of a box of parameters.

You need this folder to change what `train_family` does. It mirrors a single well: `points`,
`residuals`, `squares`, `ritz`, `networks`, `model`.

- `family`, `ranges`, `frame`: the box, and walls that move with its parameters;
- `teaching`, `train`: the network learns its own Ritz states; `guards`: what it is asked with;
- `errors`, `anticrossings`, `measured`, `sheets`: how far it is off;
- `design`, `search`: members whose levels are as wanted; `files`: [family] of a TOML file.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "design": ["Design"],
        "family": ["Family"],
        "model": ["FamilyPINN"],
        "points": ["family_collocation"],
        "train": ["train_family"],
    },
)
