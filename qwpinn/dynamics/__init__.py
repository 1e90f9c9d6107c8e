"""Dynamics: psi in time, in the states of a solved well.

You need this folder to follow packets and driven wells, or to bound how wrong they are.

- `packet`, `initial`: psi at time 0; `times`: when it is asked for; `drive`: f(t) W(x);
  `absorber`: ends that take what comes;
- `basis`: the states on nodes; `doubts`, `leakage`: what bounds the error; `magnus`: steps of a
  driven well;
- `evolving`: evolve; `carrying`: one initial state in one basis; `evolution`, `periods`,
  `storing`, `restoring`, `summary`: what was found;
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
