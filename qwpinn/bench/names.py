"""Names: what the bench can run, ours, those of other packages, and the peers."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from qwpinn.inputs.names import asked

if TYPE_CHECKING:
    from qwpinn.bench.technique import Technique

GROUP = "qwpinn.techniques"
# Of a technique: files are called so.
NAME = re.compile(r"[A-Za-z0-9_.-]+")


class Named(NamedTuple):
    """What a name stands for.

    Attributes:
        source: ``module:Class`` of a technique, or the file of a peer.
        kind: What it changes: "network", "points", "training"; "whole" or "peer".
    """

    source: str
    kind: str


def _ours(kind: str, **classes: str) -> dict[str, Named]:
    return {
        name.replace("_", "-"): Named(f"qwpinn.bench.published:{found}", kind)
        for name, found in classes.items()
    }


BASELINE = "adam"
TECHNIQUES: Mapping[str, Named] = {
    BASELINE: Named("qwpinn.bench.technique:Baseline", "training"),
    **_ours(
        "network",
        no_kinks="NoKinks", one_layer="OneLayer", gated="Gated", gaussians="Gaussians",
        fourier="Fourier", sine="Sine", parity="Even", joined="Joined",
    ),
    **_ours(
        "points",
        uniform="EvenPoints", sobol="SobolPoints", random="RandomPoints",
        random_grid="RandomGrid", adaptive="Adaptive",
    ),
    **_ours(
        "training",
        annealing="Annealed", rayleigh="Rayleigh", variance="Variance", lbfgs="LBFGS",
        self_scaled="SelfScaledBroyden", lm="LeastSquares", natural="NaturalGradient",
    ),
    **_ours("whole", precise="Precise", cold="Cold", refine="Refined"),
}  # fmt: skip


class Peer(NamedTuple):
    """A solver that is no technique.

    Attributes:
        script: What `qwpinn.bench.clock` runs, in this folder.
        kind: "peer".
        exact: Whether it draws no random numbers, so that one run will do.
        apart: Whether it needs an environment of its own.
        layers_only: Whether it takes layers of constant V only.
    """

    script: str
    kind: str = "peer"
    exact: bool = False
    apart: bool = False
    layers_only: bool = False


PEERS: Mapping[str, Peer] = {
    "plain-keras": Peer("plain_keras.py", layers_only=True),
    "deepxde": Peer("deepxde_peer.py", apart=True, layers_only=True),
    "deepxde-tuned": Peer("deepxde_peer.py", apart=True, layers_only=True),
    "finite-differences": Peer("classical.py", exact=True),
    "legendre-galerkin": Peer("classical.py", exact=True),
}


def check_techniques(names: Sequence[str]) -> None:
    """Refuses names that stand for nothing, and those that cannot be joined.

    Raises:
        ValueError: If one does.
    """
    ours, theirs = known(), {point.name for point in entry_points(group=GROUP)}
    every = [*ours, *PEERS]
    for name in names:
        if taken := [part for part in (name, *name.split("+")) if part in {*TECHNIQUES, *PEERS}]:
            _refuse_taken(taken, theirs)
        parts = [] if name in PEERS else name.split("+")
        for part in parts:
            if part not in ours:
                raise ValueError(
                    f"`--techniques` must be of {', '.join(every)}, the first {len(ours)} also "
                    f"joined by +. Received: {name}. {asked(part, every, 'Correct its name.')}"
                )
            if len(parts) > 1 and ours[part].kind == "whole":
                raise ValueError(
                    f"`--techniques` must join parts of a training. Received: {name}, of which "
                    f"{part} is a whole one. Give it alone."
                )


def _refuse_taken(ours: Sequence[str], theirs: set[str]) -> None:
    """Refuses names of ours that another package has taken, too."""
    if twice := [name for name in ours if name in theirs]:
        raise ValueError(
            f"`--techniques` must be of one meaning each. Received: {twice[0]}, which another "
            f"package names by an entry point of {GROUP}, too. Have that one renamed."
        )


def kind_of(technique: str) -> str:
    """What a technique or a peer changes; of several that are joined, "joined"."""
    if technique in PEERS:
        return "peer"
    if "+" in technique:
        return "joined"
    # What other packages have is looked up on the disk.
    return (TECHNIQUES.get(technique) or known()[technique]).kind


def fingerprint(technique: str) -> str | None:
    """Of the files that techniques of other packages stand in; None where all are ours."""
    parts = [] if technique in PEERS else technique.split("+")
    sources = [known()[name].source for name in parts if name not in TECHNIQUES]
    if not sources:
        return None
    digest = hashlib.sha256()
    for source in sources:
        digest.update(source.encode())
        # A package that cannot be found or read fails in its own process, and is told there.
        with suppress(Exception):
            place = find_spec(source.partition(":")[0])
            digest.update(Path(place.origin).read_bytes())  # type: ignore[union-attr, arg-type]
    return digest.hexdigest()


def loaded(technique: str) -> list[Technique]:
    """The techniques of a name: one, or several joined by "+"."""
    found = []
    for name in technique.split("+"):
        module, _, attribute = known()[name].source.partition(":")
        found.append(getattr(import_module(module), attribute)())
    return found


def known() -> dict[str, Named]:
    """All techniques by name: ours, and those that entry points of the group name."""
    others = {p.name: Named(p.value, "others") for p in entry_points(group=GROUP)}
    return {**{name: one for name, one in others.items() if NAME.fullmatch(name)}, **TECHNIQUES}
