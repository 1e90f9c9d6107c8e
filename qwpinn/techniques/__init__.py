"""Techniques: published ways to build and train networks for eigenvalues, each in one file.

You need this folder to try one: a layer for `QuantumWellPINN(hidden=..., features=...)`, a loss
for `compile`, a sampling for `collocation`, a callback, an optimizer. No other folder imports it.

- `gated`: hidden layers between two encodings of their input;
- `gaussians`: features whose centres and widths are trained;
- `fourier`, `sine`: random waves as features, and networks of sines, for highly excited states;
- `parity`: layers that are even or odd;
- `joined`: a network for each piece of the well, and what joins them; `bandit`: with which weights;
- `adaptive`: points where the residual is large; `random_grid`: a grid that is drawn anew at each
  step; `annealing`: weights of the loss's terms by their gradients; `term_weights`: any that vary;
- `natural_gradient`: the energy as a sum of squares, for natural gradient descent;
- `quasi_newton`: optimizers that learn curvature from gradients, self-scaled ones too;
- `cold`: a recipe from random weights, made of these;
- `refinement`: networks that correct what is left of those before them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "adaptive": ["AdaptivePoints"],
        "annealing": ["AnnealedWeights"],
        "bandit": ["InterfaceBandit"],
        "cold": ["Cold"],
        "fourier": ["FourierFeatures"],
        "gated": ["GatedMLP"],
        "gaussians": ["Gaussians"],
        "joined": ["Continuity", "Joined"],
        "natural_gradient": ["EnergySquares"],
        "parity": ["Parity"],
        "quasi_newton": ["LBFGS", "QuasiNewton", "SelfScaledBroyden"],
        "random_grid": ["RandomGrid"],
        "refinement": ["Stages", "refine"],
        "sine": ["Sine", "siren"],
        "term_weights": ["TermWeights"],
    },
)
