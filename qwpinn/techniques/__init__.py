"""Techniques: published ways to build and train networks for eigenvalues, each in one file.

You need this folder to try another one: a layer for `QuantumWellPINN(hidden=..., features=...)`,
a loss for `compile`, a sampling for `collocation`, a callback for `fit`, an optimizer. No other
folder imports one.

- `gated`: hidden layers between two encodings of their input;
- `gaussians`: features whose centres and widths are trained;
- `fourier`, `sine`: random waves as features, and networks of sines, for highly excited states;
- `parity`: layers that are even or odd.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "fourier": ["FourierFeatures"],
        "gated": ["GatedMLP"],
        "gaussians": ["Gaussians"],
        "parity": ["Parity"],
        "sine": ["Sine", "siren"],
    },
)
