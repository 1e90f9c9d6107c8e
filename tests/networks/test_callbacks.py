import json
import re
import sys
import time
import urllib.error
import urllib.request

import keras
import numpy as np
import processes
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import qwpinn
from qwpinn import EnergyErrors, references

EPOCHS = 5


@pytest.fixture(scope="module")
def traced(tmp_path_factory):
    """A short training with all traces: its log folder and its history."""
    well = qwpinn.FiniteWell()
    logs = tmp_path_factory.mktemp("logs")
    model = qwpinn.QuantumWellPINN.for_potential(well, states=2, units=16, seed=3)
    model.compile(optimizer=qwpinn.LevenbergMarquardt())
    history = model.fit(
        qwpinn.collocation(well),
        epochs=EPOCHS,
        verbose=0,
        callbacks=[
            qwpinn.EnergyErrors(references.exact(well, 2).energies),
            keras.callbacks.TensorBoard(logs, write_graph=False),
            qwpinn.WavefunctionFigures(logs, every=2),
        ],
    )
    return logs, history.history


def events(folder):
    accumulator = EventAccumulator(str(folder), size_guidance={"tensors": 0})
    accumulator.Reload()
    return accumulator


def series(accumulator, tag):
    return [
        float(np.frombuffer(event.tensor_proto.tensor_content, np.float32)[0])
        if event.tensor_proto.tensor_content
        else event.tensor_proto.float_val[0]
        for event in accumulator.Tensors(tag)
    ]


def test_event_files_hold_loss_residual_gram_and_every_energy_with_its_error(traced):
    logs, history = traced
    accumulator = events(logs / "train")
    names = ("loss", "residual", "gram_error", "energy_0", "energy_1")
    for name in (*names, "energy_0_error", "energy_1_error"):
        found = series(accumulator, f"epoch_{name}")
        np.testing.assert_allclose(found, history[name], rtol=1e-6)
        assert len(found) == EPOCHS


def test_energy_errors_are_relative_to_the_reference(traced):
    _, history = traced
    exact = references.exact(qwpinn.FiniteWell(), 2).energies
    for k in range(2):
        expected = np.abs(np.array(history[f"energy_{k}"]) / exact[k] - 1.0)
        np.testing.assert_allclose(history[f"energy_{k}_error"], expected, rtol=1e-9)


def test_event_files_hold_figures_every_few_epochs_and_at_the_end(traced):
    logs, _ = traced
    accumulator = events(logs / "figures")
    for tag in ("wavefunctions", "residual"):
        pictures = accumulator.Tensors(tag)
        assert [event.step for event in pictures] == [0, 2, 4]
        width, height, png = pictures[0].tensor_proto.string_val[:3]
        assert int(width) > 300
        assert int(height) > 200
        assert png.startswith(b"\x89PNG")


@pytest.mark.programs
def test_the_real_tensorboard_serves_the_scalars(traced):
    logs, history = traced
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(logs)]
    # It takes a port that is free, and says which once it listens there.
    options = ["--host", "127.0.0.1", "--port", "0", "--load_fast=false"]
    with processes.running([*command, *options]) as server:
        address = processes.said(server, re.compile(r"http://127\.0\.0\.1:\d+/"))[0]
        query = "data/plugin/scalars/scalars?run=train&tag=epoch_energy_0"
        scalars = _when_loaded(address + query)
    assert [step for _, step, _ in scalars] == list(range(EPOCHS))
    np.testing.assert_allclose([v for *_, v in scalars], history["energy_0"], rtol=1e-6)


def _when_loaded(address):
    """What the address answers, once TensorBoard has loaded all events: it does so in its time."""
    deadline = time.monotonic() + processes.LIMIT
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=processes.LIMIT) as answer:
                scalars = json.load(answer)
        except urllib.error.HTTPError:  # the run is not known yet
            scalars = []
        if len(scalars) == EPOCHS:
            return scalars
        time.sleep(0.2)
    pytest.fail(f"TensorBoard did not serve the scalars within {processes.LIMIT:g} s.")


def test_callbacks_can_be_used_again(traced, tmp_path):
    well = qwpinn.FiniteWell()
    figures = qwpinn.WavefunctionFigures(tmp_path, every=100)
    model = qwpinn.QuantumWellPINN.for_potential(well, states=1, units=8)
    model.compile(optimizer=qwpinn.LevenbergMarquardt())
    for _ in range(2):
        model.fit(qwpinn.collocation(well, 60), epochs=2, verbose=0, callbacks=figures)
    assert len(events(tmp_path / "figures").Tensors("residual")) == 4


def test_figures_need_a_positive_interval(tmp_path):
    with pytest.raises(ValueError, match="`every` must be"):
        qwpinn.WavefunctionFigures(tmp_path, every=0)


def test_energy_errors_need_a_reference_for_every_state(small_model, finite_well):
    errors = qwpinn.EnergyErrors([1.6])
    with pytest.raises(ValueError, match=r"`reference` must have 2 energies.*Received: 1"):
        small_model.fit(qwpinn.collocation(finite_well, 60), verbose=0, callbacks=[errors])


def test_a_reference_is_one_row_of_finite_energies():
    with pytest.raises(ValueError, match=r"`reference` must be energies in one row.*\(1, 1\)"):
        EnergyErrors([[1.0]])
    with pytest.raises(ValueError, match="`reference` must hold finite numbers"):
        EnergyErrors([np.nan])
