"""Dynamics: psi in time, in the states of a solved well.

You need this folder for packets, driven wells and what bounds their error.

- `packet`, `initial`: psi at time 0; `drive`: f(t) W(x); `absorber`: ends that take what comes;
- `basis`: the states on nodes; `doubts`, `leakage`: what bounds the error; `magnus`: steps of a
  driven well;
- `evolving`: evolve; `carrying`: one initial state in one basis; `evolution`, `periods`,
  `storing`, `summary`: what was found;
- `animation`: what moves, as a film; `quasienergies`: floquet.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "drive": ["Pulse"],
        "evolution": ["Evolution"],
        "evolving": ["evolve"],
        "packet": ["Packet"],
        "quasienergies": ["Floquet", "floquet"],
    },
)
