"""Places: one writer at a time, whole or not at all, and one line when that cannot be."""

import errno
import json
import os
import re
import resource
import socket
import subprocess
import sys
from contextlib import contextmanager

import processes
import pytest
import tensorflow as tf

import qwpinn
from qwpinn.storage import places
from qwpinn.storage.places import held, replaced_folder, write_file

# Holds a place until its input ends.
HOLDING = """
import sys
from qwpinn.storage.places import held
with held(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def holding(place):
    """Another process holds a place while the block runs; it is killed with the block."""
    command = processes.program(HOLDING, place)
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def anything(path):
    return True


def test_the_second_says_who_holds_it_and_a_killed_one_is_no_obstacle(tmp_path, small_model):
    place = tmp_path / "well"
    with holding(place) as process:
        signed = json.loads((tmp_path / ".well.qwpinn-lock").read_text())
        assert (signed["pid"], signed["host"]) == (process.pid, socket.gethostname())
        message = (
            rf"written by two processes at a time. Received: '{place}', held by process "
            rf"{process.pid} on \S+ since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d. Wait until that one"
        )
        for write in (small_model.export, lambda path: write_file(path, b"")):
            with pytest.raises(BlockingIOError, match=message) as error:
                write(place)
            assert "\n" not in str(error.value)
    # It was killed: its lock file is there, its lock is not.
    assert names(tmp_path) == [".well.qwpinn-lock"]
    write_file(place, b"x")
    assert names(tmp_path) == ["well"]


@pytest.mark.parametrize(
    "command",
    [
        ["solve", "infinite_well", "--output"],
        ["sweep", "infinite_well", "--parameter", "width", "--values", "1,2", "--output"],
        ["train-family", "FAMILY", "--output"],
        ["reproduce", "--output"],
    ],
)
def test_a_command_whose_output_is_held_ends_with_2(tmp_path, capsys, monkeypatch, command):
    file = tmp_path / "wells.toml"
    file.write_text("potential.kind = 'infinite_well'\nfamily.width = [1, 2]")
    command = [str(file) if part == "FAMILY" else part for part in command]
    monkeypatch.setattr("qwpinn.cli.commands.solve", lambda *_, **__: pytest.fail("solved"))
    monkeypatch.setattr("qwpinn.solving.reproduction.solve", lambda *_, **__: pytest.fail("solved"))
    place = tmp_path / "well"
    inside = place / "savedmodels" / "finite_well" if command[0] == "reproduce" else place
    inside.parent.mkdir(parents=True, exist_ok=True)
    from qwpinn.cli import parser

    # A lock is a thread's: another one is as foreign as another process.
    with in_another_thread(inside):
        assert parser.main([*command, str(place)]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"qwpinn: error: `path` must not be written by two {'process'}")
    assert f"held by process {os.getpid()} on" in error
    assert error.count("\n") == 1


@contextmanager
def in_another_thread(place):
    """Another thread of this process holds a place while the block runs."""
    import threading

    ready, done = threading.Event(), threading.Event()

    def hold():
        with held(place):
            ready.set()
            done.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    ready.wait()
    try:
        yield
    finally:
        done.set()
        thread.join()


def test_who_holds_a_place_may_hold_it_again(tmp_path):
    with held(tmp_path / "a" / "well") as place, held(place):
        assert names(tmp_path / "a") == [".well.qwpinn-lock"]
    # Nothing came to lie there.
    assert names(tmp_path) == []


def test_without_locks_it_is_written_all_the_same(tmp_path, monkeypatch):
    def unknown(*_, **__):
        raise OSError(errno.ENOTSUP, "Operation not supported")

    monkeypatch.setattr(places.FileLock, "acquire", unknown)
    write_file(tmp_path / "x.csv", b"x")
    assert names(tmp_path) == ["x.csv"]


def test_a_link_is_followed_and_stays(tmp_path, small_model):
    (tmp_path / "far").mkdir()
    (tmp_path / "link").symlink_to("far")
    for _ in range(2):
        small_model.export(tmp_path / "link")
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "far" / "qwpinn.json").is_file()
        assert names(tmp_path) == ["far", "link"]
    (tmp_path / "far.csv").write_bytes(b"old")
    (tmp_path / "link.csv").symlink_to("far.csv")
    write_file(tmp_path / "link.csv", b"new")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "far.csv").read_bytes() == b"new"


@pytest.mark.parametrize("below", ["", "runs/well"])
def test_a_link_to_nothing_is_refused_before_the_work(tmp_path, capsys, monkeypatch, below):
    from qwpinn.cli import parser

    monkeypatch.setattr("qwpinn.cli.commands.solve", lambda *_, **__: pytest.fail("solved"))
    link = tmp_path / "link"
    link.symlink_to("nowhere")
    assert parser.main(["solve", "infinite_well", "--output", str(link / below)]) == 2
    error = capsys.readouterr().err
    assert f"'{link}' is a link to 'nowhere', which is not there. Make that first" in error
    assert error.count("\n") == 1
    assert names(tmp_path) == ["link"]


@contextmanager
def room_for(size):
    """No file may become larger: the system refuses it as it does where a disk is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize(
    "size",
    [
        pytest.param(100, id="JSON"),
        pytest.param(5_000, id="weights, written first by TensorFlow"),
        pytest.param(30_000, id="the graph, written by TensorFlow"),
    ],
)
def test_a_full_disk_is_one_line_and_what_was_there_stays(tmp_path, small_model, size):
    small_model.export(tmp_path / "model")
    before = qwpinn.load(tmp_path / "model").energies.numpy()
    small_model.trial.output_layer.kernel.assign_add(
        tf.ones_like(small_model.trial.output_layer.kernel)
    )
    with (
        room_for(size),
        pytest.raises(places.DiskFullError, match=r"larger than the disk .*Make room") as error,
    ):
        small_model.export(tmp_path / "model")
    assert "\n" not in str(error.value)
    assert qwpinn.load(tmp_path / "model").energies.numpy().tolist() == before.tolist()
    assert names(tmp_path) == ["model"]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "the disk is full"),
        (OSError(errno.EDQUOT, os.strerror(errno.EDQUOT)), "the disk quota is used up"),
        # As HDF5 and TensorFlow say it.
        (RuntimeError("file write failed, error message = 'No space left on device'"), "is full"),
        (tf.errors.ResourceExhaustedError(None, None, "x.tmp; No space left on device"), "is full"),
        (tf.errors.UnknownError(None, None, "x.tmp; Disk quota exceeded"), "quota is used up"),
    ],
)
def test_whoever_finds_the_disk_full_it_is_said(tmp_path, error, reason):
    (tmp_path / "model").mkdir()
    with (
        pytest.raises(places.DiskFullError, match=reason),
        replaced_folder(tmp_path / "model", anything),
    ):
        raise error
    assert names(tmp_path) == ["model"]


def test_errors_that_say_nothing_of_the_disk_are_left_alone(tmp_path):
    with (
        pytest.raises(tf.errors.ResourceExhaustedError, match="OOM"),
        replaced_folder(tmp_path / "model", anything),
    ):
        raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")
    assert names(tmp_path) == []


def test_a_full_disk_in_training_keeps_the_epochs_that_are_there(tmp_path, capsys, monkeypatch):
    from qwpinn.cli import kept, parser

    # The first epoch finds room, the second does not.
    weights_of, sizes = kept.weights_of, [1, 100]
    monkeypatch.setattr(
        "qwpinn.cli.kept.weights_of", lambda model: weights_of(model) * sizes.pop(0)
    )
    command = ["solve", "finite_well", "--units", "12", "--epochs", "3", "--states", "1"]
    command += ["--output", str(tmp_path / "well")]
    with room_for(200_000):
        assert parser.main(command) == 2
    error = capsys.readouterr().err
    assert "but a file is larger than the disk or the process may hold. Make room" in error
    assert error.endswith("Then the same command with --resume goes on after epoch 1.\n")
    assert error.count("\n") == 1
    assert names(tmp_path) == [".well-backup"]
    monkeypatch.undo()
    parser.main([*command, "--resume"])
    assert "Going on after epoch 1 of the backup." in capsys.readouterr().out
    assert names(tmp_path) == ["well"]


@pytest.mark.programs
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="No device that is always full.")
def test_standard_output_without_room_is_one_line(tmp_path, small_model):
    small_model.export(tmp_path / "model")
    command = [sys.executable, "-m", "qwpinn", "evaluate", str(tmp_path / "model"), "--grid=0:1:9"]
    with open("/dev/full", "w") as full:
        found = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=processes.LIMIT,
            check=False,
        )  # fmt: skip
    assert found.returncode == 2
    assert found.stderr == (
        "qwpinn: error: what is printed, or a temporary file, finds no room: the disk is full. "
        "Make room.\n"
    )


@pytest.mark.parametrize(
    ("path", "kind", "message"),
    [
        (3, TypeError, r"name of a file or folder\. Received: path=3 of type int\. Give a string"),
        (None, TypeError, r"Received: path=None of type NoneType"),
        ("", ValueError, r"Received: path=''\. Give its name"),
        ("a\0b", ValueError, r"name of a file or folder\. Received: path='a"),
    ],
)
@pytest.mark.parametrize(
    "use",
    [
        qwpinn.load,
        qwpinn.read,
        qwpinn.Sampled.from_csv,
        lambda path: write_file(path, b""),
        lambda path: places.check_replaceable(path, anything),
    ],
)
def test_what_is_no_path_is_said(use, path, kind, message):
    with pytest.raises(kind, match=message):
        use(path)


def test_a_place_under_a_file_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match=re.escape("must be a place that can be written")):
        write_file(tmp_path / "file" / "below", b"")


def test_what_is_no_file_is_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="must be new, or a file to replace"):
        places.write_file(pipe, b"1")
    assert pipe.is_fifo()
