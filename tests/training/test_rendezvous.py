"""Workers find each other, and say whom they miss."""

import json
import os
import socket
import threading
from pathlib import Path

import processes
import pytest

from qwpinn.cli import parser
from qwpinn.training import rendezvous
from qwpinn.training.rendezvous import Cluster


def free_addresses(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    found = [f"127.0.0.1:{one.getsockname()[1]}" for one in sockets]
    for one in sockets:
        one.close()
    return tuple(found)


def met(cluster, wait=60.0):
    """A thread in which a worker meets the others, and the list to which it adds how it ended."""
    ended = []

    def run():
        try:
            rendezvous.meet(cluster, wait, lambda text: None)
            ended.append("met")
        except (ValueError, TimeoutError) as error:
            ended.append(str(error))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, ended


def ending(*clusters):
    started = [met(cluster) for cluster in clusters]
    for thread, _ in started:
        thread.join(processes.LIMIT)
    return [ended for _, ended in started]


def test_all_meet_and_leave_their_ports_free():
    addresses = free_addresses(3)
    assert ending(*(Cluster(addresses, index) for index in range(3))) == [["met"]] * 3
    for address in addresses:
        host, port = address.split(":")
        with socket.create_server((host, int(port))):
            pass


def test_one_alone_has_nobody_to_wait_for():
    assert ending(Cluster(free_addresses(1), 0)) == [["met"]]


def test_who_is_missing_is_said_while_waiting_and_at_the_end():
    addresses, heard = free_addresses(3), []
    present, ended = met(Cluster(addresses, 1), wait=1.0)
    with pytest.raises(TimeoutError, match=r"all 3 workers of TF_CONFIG.*within 1 s") as info:
        rendezvous.meet(Cluster(addresses, 0), 1.0, heard.append)
    missing = f"{addresses[2]} (worker 2)"
    assert f"no answer (connection refused) from {missing}. Start the same command" in str(
        info.value
    )
    assert len(heard) == 1
    assert heard[0].startswith("waiting for 127.0.0.1:")
    assert heard[0].endswith(f"{missing}, at most 1 s")
    present.join(processes.LIMIT)
    assert missing in ended[0]


def test_another_program_at_an_address_is_no_worker():
    addresses = free_addresses(2)
    host, port = addresses[1].split(":")
    with socket.create_server((host, int(port))) as server:

        def answer():
            for _ in range(100):
                connection, _ = server.accept()
                connection.sendall(b"HTTP/2 \x00\xff\n")
                connection.close()

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(TimeoutError, match="the answer of another program from 127"):
            rendezvous.meet(Cluster(addresses, 0), 0.5, lambda text: None)


def test_a_worker_of_another_cluster_is_told_at_once():
    first, second, third = free_addresses(3)
    # The other one is there and answers for as long as it takes to ask it.
    with rendezvous._listening(Cluster((third, second), 1), []):
        found = ending(Cluster((first, second), 0))
    assert found == [
        [
            "`TF_CONFIG` must have the same addresses for all workers. Received: from "
            f"{second}, worker 1 of {third}, {second}. Correct it there, or here."
        ]
    ]


def test_two_workers_of_one_index_are_told_at_once():
    addresses = free_addresses(2)
    port = addresses[0].rpartition(":")[2]
    with (
        socket.create_server(("", int(port))),
        pytest.raises(ValueError, match=rf"Received: {addresses[0]} \(.*in use.*\)\. End what"),
    ):
        rendezvous.meet(Cluster(addresses, 0), 60.0, lambda text: None)


WORKERS = {"worker": ["a:1", "b:2"]}
TASK = {"type": "worker", "index": 0}


@pytest.mark.parametrize(
    ("config", "found"),
    [
        ("{", "no JSON, {"),
        ("[" * 100_000, "no JSON, [[["),
        ({}, "no table 'cluster'"),
        ({"cluster": WORKERS}, "no table 'task'"),
        ({"cluster": {"worker": "a:1"}, "task": TASK}, "no list of addresses, 'a:1'"),
        ({"cluster": {"worker": []}, "task": TASK}, "no list of addresses, []"),
        ({"cluster": {"worker": [1, 2]}, "task": TASK}, "the address 1, which is not host:port"),
        ({"cluster": {"worker": ["a", "b:2"]}, "task": TASK}, "the address 'a', which is not"),
        ({"cluster": {"worker": ["a:0"]}, "task": TASK}, "the address 'a:0', which is not"),
        ({"cluster": {"worker": ["a:1", "a:1"]}, "task": TASK}, "the address 'a:1' twice"),
        ({"cluster": {**WORKERS, "chief": ["c:3"]}, "task": TASK}, "the job 'chief', where there"),
        ({"cluster": WORKERS, "task": {"type": "ps", "index": 0}}, "a task of type 'ps', where"),
        ({"cluster": WORKERS, "task": {"type": "worker"}}, "the index None, where an integer"),
        ({"cluster": WORKERS, "task": {**TASK, "index": 0.5}}, "the index 0.5, where an integer"),
        ({"cluster": WORKERS, "task": {**TASK, "index": 2}}, "the index 2, where an integer from"),
        ({"cluster": WORKERS, "task": {**TASK, "index": -1}}, "the index -1, where an integer"),
        ({"cluster": WORKERS, "task": {**TASK, "index": True}}, "the index True, where an integer"),
    ],
)
def test_a_wrong_cluster_is_one_line(config, found):
    text = config if isinstance(config, str) else json.dumps(config)
    with pytest.raises(ValueError, match=r"`TF_CONFIG` must hold a cluster of workers") as info:
        rendezvous.described(text)
    assert f"Received: {found}" in str(info.value).replace("workers that are ", "")
    assert str(info.value).count("\n") == 0


def test_addresses_of_the_sixth_version_have_ports_too():
    text = json.dumps({"cluster": {"worker": ["[::1]:2222"]}, "task": TASK})
    assert rendezvous.described(text) == Cluster(("[::1]:2222",), 0)


def test_the_command_says_for_whom_it_waits_and_gives_up(tmp_path, monkeypatch, capsys):
    addresses = free_addresses(2)
    config = {"cluster": {"worker": addresses}, "task": TASK}
    monkeypatch.setenv("TF_CONFIG", json.dumps(config))
    monkeypatch.chdir(tmp_path)
    wells = str(Path(__file__).parents[2] / "examples" / "finite_well_family.toml")
    command = ["train-family", wells, "--output", "mine"]
    assert parser.main([*command, "--wait", "1"]) == 2
    first, last = capsys.readouterr().err.splitlines()
    assert first == f"qwpinn: waiting for {addresses[1]} (worker 1), at most 1 s"
    assert last.startswith("qwpinn: error: all 2 workers of TF_CONFIG must be started within 1 s.")
    assert addresses[1] in last
    assert os.listdir() == []
    assert parser.main([*command, "--wait", "-1"]) == 2
    assert "`--wait` must be a positive, finite time" in capsys.readouterr().err
