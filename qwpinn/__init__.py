"""Quantum wells solved by physics-informed neural networks in TensorFlow and Keras.

Give `solve` a potential, or build a `QuantumWellPINN` for it and train it by ``compile`` and
``fit`` like any Keras model. `qwpinn.potentials`, `qwpinn.quadrature` and `qwpinn.references`
need NumPy and SciPy only; TensorFlow loads with the first name that needs it.

The public names stand in ``__init__.pyi``, each with its file.
"""

import lazy_loader as _lazy_loader

from qwpinn import pickles as _pickles
from qwpinn import startup as _startup

__version__ = "0.1.0"

_startup.install()
_pickles.install()

_found, _listed, __all__ = _lazy_loader.attach_stub(__name__, __file__)


def __dir__() -> list[str]:
    return sorted([*_listed(), "__version__"])


def __getattr__(name: str) -> object:
    try:
        return _found(name)
    except AttributeError:
        from qwpinn.inputs.names import meant

        line = f"module 'qwpinn' has no attribute '{name}'. {meant(name, __dir__())}"
        raise AttributeError(line) from None
