"""Techniques: published ways to build and train networks for eigenvalues, each in one file.

You need this folder to try another one: a layer for `QuantumWellPINN(hidden=..., features=...)`,
a loss for `compile`, a sampling for `collocation`, a callback for `fit`, an optimizer. No other
folder imports one.

- `natural_gradient`: the energy as a sum of squares, for natural gradient descent;
- `quasi_newton`: optimizers that learn curvature from gradients, self-scaled ones too;
- `refinement`: networks that correct what is left of those before them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "natural_gradient": ["EnergySquares"],
        "quasi_newton": ["LBFGS", "QuasiNewton", "SelfScaledBroyden"],
        "refinement": ["Stages", "refine"],
    },
)
