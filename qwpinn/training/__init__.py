"""Training: how any network is driven to an equation; it knows no network by name.

You need this folder to add a loss, an optimizer or another choice of points.

- `points`: collocation, `sampling`: by other rules than Gauss's; `time_points`: in `space_time`;
- `residuals`: the loss as a vector,
  by tapes over x; `jets`: tanh alone, by tapes that serve every network;
- `losses`: what `compile(loss=...)` takes, `objective`: one with weights and added terms;
- `least_squares`: models whose loss is a sum of squares, `arguments` of their `compile`;
  `open_model`: of one well, trained by any loss;
- `squares`: that sum as an optimizer is given it, `traced`: of any model;
- `optimizers`, `levenberg_marquardt`: what takes steps by residuals;
- `guard`: what looks at every batch; `divergence`: the best weights come back;
- `distributed`, `rendezvous`: several processes or machines.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "divergence": ["StopOnDivergence"],
        "levenberg_marquardt": ["LevenbergMarquardt"],
        "losses": ["Loss", "RayleighQuotient", "ResidualLoss", "SquaresLoss", "VarianceLoss"],
        "points": ["collocation"],
        "optimizers": ["SecondOrderOptimizer", "Step"],
        "sampling": ["Random", "Sampling", "Sobol", "Uniform"],
        "squares": ["Linearised", "Squares"],
        "time_points": ["time_collocation"],
    },
)
