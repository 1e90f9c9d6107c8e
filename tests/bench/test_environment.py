"""The environment of DeepXDE: given, found, or made once."""

import subprocess
import sys

import pytest

from qwpinn.bench import environment


def test_a_python_without_deepxde_is_refused():
    with pytest.raises(ValueError, match=r"`--deepxde` must be a Python .*No module named"):
        environment.python_of(sys.executable, None, print)
    with pytest.raises(ValueError, match=r"Received: nowhere .No such file"):
        environment.python_of("nowhere", None, print)


def test_one_is_made_once_and_found_again(tmp_path, monkeypatch):
    said, made, folder = [], [], tmp_path / "deepxde"

    def create(place, with_pip, clear):
        made.append(place)
        python = place / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text("#!/bin/sh\nexit 0\n")
        python.chmod(0o755)

    monkeypatch.setattr(environment.venv, "create", create)
    for _ in range(2):
        python = environment.python_of(None, folder, said.append)
        assert python == str(folder / "bin" / "python")
    assert made == [folder]
    assert said == [f"Setting up DeepXDE with PyTorch in {folder}: a download of gigabytes, once."]


def test_a_python_that_dies_without_a_word_is_refused(tmp_path):
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nkill -9 $$\n")
    python.chmod(0o755)
    with pytest.raises(ValueError, match=r"it ended with -9"):
        environment.python_of(str(python), None, print)


def test_what_cannot_be_installed_is_said(tmp_path, monkeypatch):
    def run(command, **options):
        return subprocess.CompletedProcess(command, 1, "", "a page\nNo matching distribution\n")

    monkeypatch.setattr(environment.venv, "create", lambda *given, **options: None)
    monkeypatch.setattr(environment.subprocess, "run", run)
    with pytest.raises(ValueError, match=r"`--peers` must be able .*No matching distribution"):
        environment.python_of(None, tmp_path / "deepxde", lambda said: None)
