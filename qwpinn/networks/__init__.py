"""Networks: the network of one well, from its inputs to the saved model.

You need this folder to add a feature or a hidden layer, or another model of a well.

- `features`, `region_features`, `trial`: inputs, those of the plane, hidden layers, and psi = 0
  at the walls; `tanh_basis`, `well_squares`: one layer of tanh units with its derivatives and its
  loss, which nothing traces;
- `ritz`: the start, H diagonalised in the features, but for `jumps`; `regression`: small networks
  of values, whose loss is `map_squares`;
- `well_model`: the contract of a model; `well_equation`: its residual and its loss; `model`:
  QuantumWellPINN, of `own_layers` too; `nonparabolic`: a network a level;
  `product`: two, of a plane V1(x) + V2(y);
- `time`: TimePINN, psi in space and time; `time_equation`: its loss, `time_features`: its inputs,
  `time_drive`: f(t) W(x), `initial`: psi at t = 0, `events`: where and when it is asked;
- `certificate`: enclosures; `callbacks`; `answers`, `saved_model`: what `export` writes.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "callbacks": ["EnergyErrors", "StopAtTolerance", "WavefunctionFigures"],
        "certificate": ["certify"],
        "features": ["KinkFeatures"],
        "model": ["QuantumWellPINN"],
        "nonparabolic": ["NonparabolicPINN"],
        "product": ["ProductPINN"],
        "time": ["TimePINN"],
        "trial": ["TrialFunctions"],
    },
)
