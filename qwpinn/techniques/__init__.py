"""Techniques: published ways to build and train networks for eigenvalues, each in one file.

You need this folder to try another one: a layer for `QuantumWellPINN(hidden=..., features=...)`,
a loss for `compile`, a sampling for `collocation`, a callback for `fit`, an optimizer. No other
folder imports one.

- `adaptive`: points where the residual is large;
- `annealing`: weights of the loss's terms by their gradients;
- `joined`: a network for each piece of the well, and what joins them;
- `random_grid`: collocation on a grid that is drawn anew at each step.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "adaptive": ["AdaptivePoints"],
        "annealing": ["AnnealedWeights"],
        "joined": ["Continuity", "Joined"],
        "random_grid": ["RandomGrid"],
    },
)
