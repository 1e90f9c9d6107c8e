"""Rendezvous: the workers of a cluster find each other before TensorFlow waits for them for ever.

Each listens at its own address and asks at all others, until everybody has met everybody; then the
ports are free again for TensorFlow. Who is missing, or describes another cluster, is named, which
TensorFlow's own start of a cluster does not do.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple, NoReturn

# Seconds between two rounds of questions, and until an answer must be there.
ROUND, ANSWER = 0.1, 2.0
# Seconds of waiting after which it is said for whom.
SAID = 5.0
EXAMPLE = (
    '{"cluster": {"worker": ["host:port", ...]}, "task": {"type": "worker", "index": 0}}, the same '
    "addresses on all, each with its index"
)


class Cluster(NamedTuple):
    """What TF_CONFIG describes.

    Attributes:
        addresses: ``"host:port"`` of each worker.
        number: Which of them this is, its index.
    """

    addresses: tuple[str, ...]
    number: int

    @property
    def own(self) -> str:
        """The address of this worker."""
        return self.addresses[self.number]


def described(text: str) -> Cluster:
    """The cluster that a text such as that of TF_CONFIG describes.

    Raises:
        ValueError: If it is no JSON, or describes no cluster of workers with this one among them.

    Example:
        >>> described('{"cluster": {"worker": ["a:1", "b:1"]}, '
        ...           '"task": {"type": "worker", "index": 1}}').own
        'b:1'
    """
    try:
        config = json.loads(text)
    except (ValueError, RecursionError):
        _refuse(f"no JSON, {text:.60}")
    cluster, task = _table(config, "cluster"), _table(config, "task")
    others = sorted(set(cluster) - {"worker"})
    if others:
        _refuse(f"the job {others[0]!r:.60}, where there are workers only")
    workers = cluster.get("worker")
    if not isinstance(workers, list) or not workers:
        _refuse(f"workers that are no list of addresses, {workers!r:.60}")
    for address in workers:
        if not isinstance(address, str) or _port(address) is None:
            _refuse(f"the address {address!r:.60}, which is not host:port")
        if workers.count(address) > 1:
            _refuse(f"the address {address!r:.60} twice")
    if task.get("type") != "worker":
        _refuse(f"a task of type {task.get('type')!r:.60}, where there are workers only")
    index = task.get("index")
    if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < len(workers):
        _refuse(f"the index {index!r:.60}, where an integer from 0 to {len(workers) - 1} is")
    return Cluster(tuple(workers), index)


def meet(cluster: Cluster, wait: float, say: Callable[[str], None]) -> None:
    """Waits until all workers of a cluster have met.

    Args:
        cluster: Their addresses.
        wait: Seconds after which it gives up.
        say: Takes a sentence for people, if it takes longer than a few seconds.

    Raises:
        ValueError: If the address of this worker is taken, or another worker describes another
            cluster.
        TimeoutError: With the addresses at which nobody answered in time.
    """
    peers = [_Peer(address, index) for index, address in enumerate(cluster.addresses)]
    others = [peer for peer in peers if peer.index != cluster.number]
    began, said = time.monotonic(), False
    with _listening(cluster, others):
        while True:
            for peer in others:
                peer.ask(cluster)
            if all(peer.done for peer in others):
                return
            waited = time.monotonic() - began
            # Of those that are there, some have not met the missing ones either.
            missing = [peer for peer in others if not peer.met] or others
            names = ", ".join(f"{peer.address} (worker {peer.index})" for peer in missing)
            if waited > wait:
                raise TimeoutError(
                    f"all {len(peers)} workers of TF_CONFIG must be started within {wait:g} s. "
                    f"Received: {missing[0].found} from {names}. Start the same command there, or "
                    "give more time, --wait SECONDS."
                )
            if not said and waited > min(SAID, wait / 2):
                said = True
                say(f"waiting for {names}, at most {wait:g} s")
            time.sleep(ROUND)


class _Peer:
    """Another worker, as far as it is known."""

    def __init__(self, address: str, index: int) -> None:
        self.address, self.index = address, index
        self.met = self.done = False
        self.found = "no answer"

    def ask(self, cluster: Cluster) -> None:
        """Ask it, unless it is done, who it is and whether it has met all others."""
        if self.done:
            return
        try:
            place = (_host(self.address), _port(self.address))
            with socket.create_connection(place, timeout=ANSWER) as connection:
                answer = connection.makefile("r", encoding="utf-8").readline(100_000)
            known = json.loads(answer)["qwpinn"]
            theirs = tuple(known["addresses"]), int(known["number"])
        except OSError as error:
            # Who was there, and is no more, has met all others: it computes.
            self.done, self.found = self.met, f"no answer ({_reason(error)})"
            return
        except (ValueError, KeyError, TypeError):
            self.done, self.found = self.met, "the answer of another program"
            return
        if theirs != (cluster.addresses, self.index):
            raise ValueError(
                "`TF_CONFIG` must have the same addresses for all workers. Received: from "
                f"{self.address}, worker {theirs[1]} of {', '.join(theirs[0])}. Correct it there, "
                "or here."
            )
        self.met, self.done = True, bool(known["complete"])


@contextlib.contextmanager
def _listening(cluster: Cluster, others: list[_Peer]) -> Iterator[None]:
    """Tells everybody who asks who this is, and whether it has met all others."""
    both = socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if both else socket.AF_INET
    try:
        server = socket.create_server(
            ("", _port(cluster.own) or 0), family=family, dualstack_ipv6=both
        )
    except OSError as error:
        raise ValueError(
            f"`TF_CONFIG` must give this worker an address of its own. Received: {cluster.own} "
            f"({os.strerror(error.errno or 0)}). End what runs there, e.g. a worker with the same "
            "index."
        ) from None

    def answer() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            complete = all(peer.met for peer in others)
            known = {**cluster._asdict(), "complete": complete}
            with contextlib.suppress(OSError), connection:
                connection.sendall(json.dumps({"qwpinn": known}).encode() + b"\n")

    threading.Thread(target=answer, daemon=True).start()
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            # Wakes the thread that accepts.
            server.shutdown(socket.SHUT_RDWR)
        server.close()


def _table(config: object, name: str) -> dict[str, object]:
    table = config.get(name) if isinstance(config, dict) else None
    if not isinstance(table, dict):
        _refuse(f"no table {name!r}")
    return table


def _host(address: str) -> str:
    return address.rpartition(":")[0].strip("[]")


def _port(address: str) -> int | None:
    """The port of ``"host:port"``, or None where it has none."""
    host, _, port = address.rpartition(":")
    good = host.strip("[]") and port.isascii() and port.isdecimal() and 0 < int(port) < 65536
    return int(port) if good else None


def _refuse(found: str) -> NoReturn:
    raise ValueError(
        "`TF_CONFIG` must hold a cluster of workers and which of them this is. Received: "
        f"{found}. Give {EXAMPLE}."
    )


def _reason(error: OSError) -> str:
    """In a few words."""
    return (error.strerror or str(error)).partition(" (")[0].lower()
