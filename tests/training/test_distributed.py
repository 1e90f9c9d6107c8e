"""Workers: which one writes, how long they wait, and what is said when one is lost."""

import sys
from types import SimpleNamespace

import pytest

from qwpinn.training import distributed


def strategy(task, workers=3):
    spec = SimpleNamespace(as_dict=lambda: {"worker": ["a:1"] * workers})
    return SimpleNamespace(
        cluster_resolver=SimpleNamespace(task_id=task, cluster_spec=lambda: spec)
    )


def test_the_first_worker_writes_and_each_has_its_part():
    alone = SimpleNamespace(cluster_resolver=None)
    cases = (None, alone, strategy(None), strategy(0), strategy(2))
    assert [distributed.is_chief(one) for one in cases] == [True, True, True, True, False]
    assert [distributed.part_of(one) for one in cases] == [(0, 1)] * 3 + [(0, 3), (2, 3)]


def test_without_a_cluster_there_is_no_strategy():
    assert distributed.cluster({}) is None
    assert distributed.cluster({"TF_CONFIG": ""}) is None


def test_an_epoch_may_take_twenty_times_the_longest():
    dog = distributed.Watchdog()
    assert dog.allowed == 600.0
    for longest, allowed in ((0.1, 60.0), (10.0, 200.0)):
        dog.longest = longest
        assert dog.allowed == allowed


def test_a_loss_is_passed_on_where_there_are_no_others():
    lost = distributed.LOST[0](None, None, "lost")
    with pytest.raises(distributed.LOST), distributed.ending_with_others(None):
        raise lost


def test_all_end_when_one_fails_and_it_is_said_which():
    """The first waits for a minute; the second fails with a reason, or is killed."""
    program = (
        "import json, os, signal, sys, time\n"
        "index = json.loads(os.environ['TF_CONFIG'])['task']['index']\n"
        "if index == 0: time.sleep(60)\n"
        "if sys.argv[1:] == ['killed']: os.kill(os.getpid(), signal.SIGKILL)\n"
        "sys.exit('no memory' if sys.argv[1:] == ['failing'] else 75)\n"
    )
    for how, code, sentence in (
        ("failing", 1, "worker 1 ended with exit code 1; the others were ended: no memory"),
        ("killed", 137, "worker 1 was killed by signal 9 (SIGKILL); the others were ended."),
        ("leaving", 75, "another worker of the cluster was lost."),
    ):
        said = []
        command = [sys.executable, "-c", program, how]
        assert distributed.run_workers(command, 2, said.append) == code
        assert len(said) == 1
        assert said[0].startswith(sentence)


def test_all_that_end_well_end_well():
    assert distributed.run_workers([sys.executable, "-c", ""], 2, pytest.fail) == 0
