"""What a GPU is worth here: wells a second and training steps, beside one core of the CPU.

    python benchmarks/gpu.py                              # at most eight minutes
    python benchmarks/gpu.py --cpu                        # all cores in the place of the GPU
    python benchmarks/gpu.py --wells 1e6 --seconds 60     # small, to try this program

One process takes the GPU, one is bound to a single core and sees no GPU; on a machine with a GPU a
third takes all cores, for the algebra of a step may be faster there. Each measures

- energies of the committed family of finite wells: as the exported model's endpoint and as the
  network's surface under XLA, in float64 and float32, on tensors that stay on the device, a batch
  of wells again and again; and `model.energies`, from NumPy to NumPy with all checks;
- a Levenberg-Marquardt step of such a family at the defaults' sizes on fewer members, J^T J by
  TensorFlow where there is a GPU; and there once more by BLAS on the CPU, J being copied;
- steps of a `QuantumWellPINN` of the default size in `fit`: Levenberg-Marquardt, whose algebra is
  NumPy's, and Adam.

The table gives the rates and their ratios to the single core. First calls, which trace and compile,
are left out. ``--seconds`` is for all processes together; every part ends at most a batch or a step
after its share. Without a GPU the program says so in a line, and with ``--cpu`` measures the rest.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

if "--measure" in sys.argv and "core" in sys.argv:
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

from machine import processor

from qwpinn.startup import quiet

with quiet():
    import keras
    import numpy as np
    import tensorflow as tf

    import qwpinn
    from qwpinn.families.networks import BLOCK, EnergySurface
    from qwpinn.training.squares import gramian
    from qwpinn.training.traced import Pieces

ROOT = Path(__file__).parents[1]
MODEL = ROOT / "savedmodels" / "finite_well_family"
STATES, MEMBERS, NODES = 3, 32, 48
# Wells at once: what keeps a GPU busy, and what stays in a core's cache.
LARGE = 2**22
# Shares of the time that the processes get, by what they run on.
SHARES = {"gpu": 0.4, "cores": 0.25, "core": 0.35}
TITLES = {"gpu": "GPU", "cores": "all cores", "core": "one core"}
# The largest relative errors that float32 may bring to energies.
SINGLE = 1e-4

Answer = dict[str, Any]


def main() -> None:
    """Start the processes and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--wells", type=float, default=1e8, help="for each way of asking energies")
    parser.add_argument("--seconds", type=float, default=420.0, help="of all processes together")
    parser.add_argument("--cpu", action="store_true", help="measure without a GPU")
    parser.add_argument("--measure", choices=list(SHARES), help="in this process, as JSON lines")
    parser.add_argument("--until", type=float, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(options.measure, int(options.wells), options.until)
        return
    devices = tf.config.list_physical_devices("GPU")
    if not devices and not options.cpu:
        print("TensorFlow sees no GPU here: nothing was measured. --cpu measures the processor.")
        return
    places = ["cores", "core"] if options.cpu else list(SHARES)
    # A clock that all processes share.
    end, found = time.monotonic() + options.seconds, {}
    for number, place in enumerate(places):
        share = SHARES[place] / sum(SHARES[other] for other in places[number:])
        now = time.monotonic()
        found[place] = in_child(place, options.wells, now + share * (end - now))
    print_table(found)


def in_child(place: str, wells: float, until: float) -> dict[str, Answer]:
    """What a process at a place measures, by name; progress goes to the screen at once."""
    command = [sys.executable, __file__, "--measure", place]
    command += ["--wells", str(wells), "--until", str(until)]
    own = {} if place == "gpu" else {"CUDA_VISIBLE_DEVICES": ""}
    if place == "core":
        own |= {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
    found = {}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=os.environ | own, bufsize=1
    )
    with process:
        assert process.stdout  # noqa: S101 - a pipe
        for line in process.stdout:
            if line.startswith("{"):
                answer = json.loads(line)
                found[answer["name"]] = answer
                print(f"{TITLES[place]}: {described(answer)}", file=sys.stderr, flush=True)
    if process.returncode:
        print(f"The process on {TITLES[place]} ended with {process.returncode}.", file=sys.stderr)
    return found


def described(answer: Answer) -> str:
    """An answer in a line of progress."""
    if "error" in answer:
        return f"{answer['name']}: failed: {answer['error']}"
    return f"{answer['name']}: {answer['count']:.3g} in {answer['seconds']:.1f} s"


def print_table(found: dict[str, dict[str, Answer]]) -> None:
    """A row for everything that was measured somewhere."""
    names = dict.fromkeys(name for answers in found.values() for name in answers)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    gpu = next((answer["device"] for answer in found.get("gpu", {}).values()), "no GPU")
    print(
        f"{gpu}; {processor()}, {len(os.sched_getaffinity(0))} cores; Python "
        f"{platform.python_version()}, TensorFlow {tf.__version__}; load at the end {load}\n"
    )
    beside = [place for place in found if place != "core"]
    heads = "".join(f" {TITLES[place]} | to one core |" for place in beside)
    print(f"| a second | one core |{heads}\n|---|--:|{'--:|--:|' * len(beside)}")
    for name in names:
        rates = {place: answers.get(name, {}).get("rate") for place, answers in found.items()}
        one = rates.get("core")
        cells = [shown(one)]
        for place in beside:
            rate = rates[place]
            cells += [shown(rate), f"{rate / one:.2f}" if rate and one else "-"]
        print(f"| {name} | {' | '.join(cells)} |")
    for place, answers in found.items():
        for name, answer in answers.items():
            for note in ("error", "note"):
                if note in answer:
                    print(f"\n{TITLES[place]}, {name}: {answer[note]}")


def shown(rate: float | None) -> str:
    """A rate with three digits."""
    return "-" if rate is None else f"{rate:.2e}" if rate >= 1e4 else f"{rate:.3g}"


def measure(place: str, wells: int, deadline: float) -> None:
    """Measure everything on what this process sees, a line of JSON each."""
    if place == "core":
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    gpus = tf.config.list_physical_devices("GPU")
    detail = tf.config.experimental.get_device_details(gpus[0]) if gpus else {}
    device = str(detail.get("device_name", "a GPU")) if gpus else TITLES[place]
    parts = {**energies(wells, LARGE if gpus else BLOCK), **steps(bool(gpus))}
    for number, (name, run) in enumerate(parts.items()):
        left = deadline - time.monotonic()
        try:
            answer = run(left / (len(parts) - number)) if left > 0.0 else {"error": "no time left"}
        except Exception as error:  # what a device cannot do is a row of the table
            answer = {"error": f"{type(error).__name__}: {str(error).strip():.300}"}
        print(json.dumps({"name": name, "device": device} | answer), flush=True)


Part = Callable[[float], Answer]


def energies(wells: int, batch: int) -> dict[str, Part]:
    """Ways of asking the committed family for energies.

    Args:
        wells: How many, if there is time.
        batch: As many at once.
    """
    model = qwpinn.load(MODEL)
    exported = tf.saved_model.load(MODEL)
    family, batch = model.family, min(batch, wells)
    p = np.random.default_rng(1).uniform(family.lower, family.upper, (batch, len(family.names)))

    def on_device(function: Callable[[tf.Tensor], tf.Tensor], dtype: str) -> Part:
        def run(seconds: float) -> Answer:
            rows = tf.constant(p, dtype)
            apart = np.max(
                np.abs(function(rows).numpy() / exported.energies(tf.constant(p)).numpy() - 1.0)
            )
            start, count = time.perf_counter(), 0
            while count < wells and time.perf_counter() - start < seconds:
                found = function(rows)
                # A device works through its queue; this waits for it.
                found[-1:].numpy()
                count += batch
            if not apart < (SINGLE if dtype == "float32" else 1e-9):
                raise ArithmeticError(f"relative difference to the endpoint {apart:.1e}")
            note = {"note": f"differs from float64 by {apart:.0e}"} if dtype == "float32" else {}
            return rated(count, time.perf_counter() - start) | note

        return run

    def from_numpy(seconds: float) -> Answer:
        model.energies(p)
        start, count = time.perf_counter(), 0
        while count < wells and time.perf_counter() - start < seconds:
            model.energies(p)
            count += batch
        return rated(count, time.perf_counter() - start)

    single = tf.function(in_single(model.surface), autograph=False, jit_compile=True)
    double = tf.function(model.surface.call, autograph=False, jit_compile=True)
    return {
        "wells, endpoint `energies`, float64": on_device(exported.energies, "float64"),
        "wells, surface by XLA, float64": on_device(double, "float64"),
        "wells, surface by XLA, float32": on_device(single, "float32"),
        "wells, `model.energies`, NumPy to NumPy": from_numpy,
    }


def in_single(surface: EnergySurface) -> Callable[[tf.Tensor], tf.Tensor]:
    """The surface in float32, which its own layers are not made for."""
    layers = [*surface.network.hidden.layers, surface.network.output_layer]
    weights = [[tf.cast(part.value, tf.float32) for part in (d.kernel, d.bias)] for d in layers]

    class Network(SimpleNamespace):
        outputs = surface.network.outputs

        def __call__(self, u: tf.Tensor) -> tf.Tensor:
            for kernel, bias in weights[:-1]:
                u = tf.tanh(u @ kernel + bias)
            return u @ weights[-1][0] + weights[-1][1]

    rounded = SimpleNamespace(network=Network())

    def call(p: tf.Tensor) -> tf.Tensor:
        logarithms = EnergySurface.logarithms(rounded, surface.scaled(p))
        return surface.origin + tf.exp(logarithms)

    return call


def steps(gpu: bool) -> dict[str, Part]:
    """Training steps in `fit`: of a family, and of the network of one well."""
    well = qwpinn.FiniteWell(depth=20.0, width=2.0, box=6.0)
    second = qwpinn.LevenbergMarquardt

    def family_step(seconds: float) -> Answer:
        family = qwpinn.Family(qwpinn.FiniteWell, depth=(5, 50), width=(1.2, 2.8), box=6.0)
        model = qwpinn.FamilyPINN.for_family(family, STATES)
        data = qwpinn.family_collocation(family, MEMBERS, NODES, STATES)
        model.compile(second(damping=1e-3))
        return fitted(model, data, seconds)

    def by_blas(seconds: float) -> Answer:
        def product(self: Pieces, jacobian: tf.Tensor) -> tf.Tensor:
            found = tf.numpy_function(gramian, [jacobian], jacobian.dtype, stateful=False)
            return tf.ensure_shape(found, [jacobian.shape[1]] * 2)

        with mock.patch.object(Pieces, "_gramian", product):
            return family_step(seconds)

    def well_step(optimizer: Callable[[], object], repeat: int) -> Part:
        def run(seconds: float) -> Answer:
            model = qwpinn.QuantumWellPINN.for_potential(well, STATES)
            model.compile(optimizer())
            return fitted(model, qwpinn.collocation(well, states=STATES).repeat(repeat), seconds)

        return run

    copied = {f"steps, family of {MEMBERS} members, J^T J copied to BLAS": by_blas} if gpu else {}
    return {
        "steps, one well, Levenberg-Marquardt": well_step(second, 1),
        # From a Ritz start larger steps diverge.
        "steps, one well, Adam": well_step(lambda: keras.optimizers.Adam(1e-6), 50),
        f"steps, family of {MEMBERS} members": family_step,
        **copied,
    }


class Clock(keras.callbacks.Callback):
    """Times the steps after the first epoch, and stops when the time is over.

    Args:
        seconds: For all of them, the first one included.
        most: Steps that are enough.
    """

    def __init__(self, seconds: float, most: int) -> None:
        super().__init__()
        self.begun, self.limit, self.most = time.perf_counter(), seconds, most
        self.count, self.first = 0, 0.0

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.count += bool(self.first)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.first = self.first or time.perf_counter()
        over = time.perf_counter() - self.begun > self.limit or self.count >= self.most
        # One epoch is timed at least.
        self.model.stop_training = over and self.count > 0
        self.last = time.perf_counter()


def fitted(model: keras.Model, data: tf.data.Dataset, seconds: float) -> Answer:
    """`fit`, until the time is over or the steps are enough for a mean."""
    clock = Clock(seconds, most=50 * int(data.cardinality()))
    model.fit(data, epochs=10_000, verbose=0, callbacks=[clock])
    return rated(clock.count, clock.last - clock.first)


def rated(count: int, seconds: float) -> Answer:
    """How many a second."""
    return {"count": count, "seconds": seconds, "rate": count / seconds if count else None}


if __name__ == "__main__":
    main()
