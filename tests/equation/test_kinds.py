"""Arguments of the wrong type: every public function refuses them in one line."""

import keras
import numpy as np
import pytest

import qwpinn
from qwpinn import (
    EnergyErrors,
    Family,
    FamilyPINN,
    FiniteWell,
    LevenbergMarquardt,
    Paper,
    Precise,
    QuantumWellPINN,
    StopAtTolerance,
    WavefunctionFigures,
    references,
)
from qwpinn.equation import kinds

WELL, FAST = FiniteWell(), Precise(epochs=0)
FAMILY = Family(FiniteWell, depth=(15, 25), width=(1.8, 2.2), box=6.0)


@pytest.fixture(scope="module")
def model():
    made = QuantumWellPINN.for_potential(WELL, units=8)
    made.compile("sgd")
    return made


@pytest.fixture(scope="module")
def family_model():
    return FamilyPINN.for_family(FAMILY, 1, units=8, modes=2, branch=(3,), surface=(3,))


def solving(**given):
    return lambda: qwpinn.solve(WELL, **{"recipe": FAST, **given})


def training(**given):
    return lambda: qwpinn.train_family(FAMILY, 1, epochs=1, **given)


POTENTIAL = r"`potential` must be a qwpinn\.Potential"
CALLBACKS = "`callbacks` must be a list of Keras callbacks"
FAMILIES = r"`family` must be a qwpinn\.Family"
PATH = "`path` must be the name of a file or folder"
FUNCTION = "must be a function of"
OPTIMIZER = "`optimizer` must be qwpinn.LevenbergMarquardt"
LAYERS = "must be the units of each hidden layer"
UNITS = r"must be an integer\."


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: qwpinn.solve(3), POTENTIAL),
        (lambda: qwpinn.solve(np.sin), POTENTIAL),
        (lambda: qwpinn.solve(FiniteWell), POTENTIAL),
        (solving(start=3), r"`start` must be a qwpinn\.Solution"),
        (solving(start=WELL), r"`start` must be a qwpinn\.Solution"),
        (solving(report=3), "`report` " + FUNCTION),
        (solving(recipe=Precise), "`recipe` must be an object"),
        (solving(states="2"), "`states` must be an integer"),
        (solving(rtol="1"), "`rtol` must be a real number"),
        (solving(seed=1.5), "`seed` must be an integer"),
        (solving(callbacks=3), CALLBACKS),
        (solving(callbacks=[3]), CALLBACKS),
        (solving(callbacks="ab"), CALLBACKS),
        (solving(callbacks=[keras.callbacks.History]), CALLBACKS),
        (lambda: QuantumWellPINN.for_potential(3), POTENTIAL),
        (lambda: QuantumWellPINN.for_potential(FiniteWell), POTENTIAL),
        (lambda: QuantumWellPINN(3, None), POTENTIAL),
        (lambda: QuantumWellPINN(WELL, 3), "`trial` must be"),
        (lambda: qwpinn.collocation(3), POTENTIAL),
        (lambda: qwpinn.collocation(WELL, "60"), "`points` must be an integer"),
        (lambda: qwpinn.certify(WELL), r"`model` must be a qwpinn\.QuantumWellPINN"),
        (lambda: qwpinn.load(3), PATH),
        (lambda: qwpinn.read(None), PATH),
        (lambda: qwpinn.read_problem(3), PATH),
        (lambda: qwpinn.stark_shift(3), "`solution` must be"),
        (lambda: qwpinn.sweep(3, "depth", [1.0]), POTENTIAL),
        (lambda: qwpinn.sweep(WELL, "depth", "ab"), "`values` must hold real numbers"),
        (lambda: qwpinn.sweep(WELL, "depth", [9.0], report=3), "`report` " + FUNCTION),
        (lambda: references.exact(3, 1), POTENTIAL),
        (lambda: references.legendre_galerkin(3, 1), POTENTIAL),
        (lambda: references.finite_differences(3, 1), POTENTIAL),
        (lambda: references.count_below(3, 1.0), POTENTIAL),
        (lambda: references.pruefer_angle(3, 1.0), POTENTIAL),
        (lambda: references.transmission(3, [1.0]), POTENTIAL),
        (lambda: references.reflection(3, [1.0]), POTENTIAL),
        (lambda: Family(3, depth=(1, 2)), "`template` must be a class of potentials"),
        (lambda: Family("x", depth=(1, 2)), "`template` must be a class of potentials"),
        (lambda: qwpinn.train_family(FiniteWell), FAMILIES),
        (training(callbacks=[3]), CALLBACKS),
        (training(say=3), "`say` " + FUNCTION),
        (training(strategy=3), "`strategy` must be a strategy of tf.distribute"),
        (training(optimizer="sdg"), OPTIMIZER),
        (training(initial_epoch="1"), "`initial_epoch` must be an integer"),
        (lambda: qwpinn.family_collocation(3), FAMILIES),
        (lambda: qwpinn.family_collocation(FAMILY, shard="a", shards=2), "`shard` must be an int"),
        (lambda: FamilyPINN.for_family(Family), FAMILIES),
        (lambda: FamilyPINN.for_family(FAMILY, 1, branch=3), "`branch` " + LAYERS),
        (lambda: FamilyPINN.for_family(FAMILY, 1, branch=("a",)), "`branch` " + UNITS),
        (lambda: FamilyPINN.for_family(FAMILY, 1, surface=None), "`surface` " + LAYERS),
        (lambda: FamilyPINN(FAMILY, 3, 3), "`operator` must be a DeepONet"),
        (lambda: EnergyErrors("a"), "`reference` must hold real numbers"),
        (lambda: EnergyErrors(None), "`reference` must hold real numbers"),
        (lambda: StopAtTolerance(report=3), "`report` " + FUNCTION),
        (lambda: WavefunctionFigures(3), "`log_dir` must be the name of a file or folder"),
        (lambda: LevenbergMarquardt("a"), "`damping` must be a real number"),
        (lambda: LevenbergMarquardt(decrease=None), "`decrease` must be a real number"),
        (lambda: LevenbergMarquardt(acceleration="a"), "`acceleration` must be a real number"),
        (lambda: Paper(hidden=3), "`hidden` " + LAYERS),
        (lambda: Paper(hidden=(3, "a")), "`hidden` " + UNITS),
        (solving(recipe=Paper(optimizer="sdg")), OPTIMIZER),
        (lambda: Precise(trainable=None), "`trainable` must be an integer"),
    ],
)
def test_a_wrong_type_is_refused_in_one_line(call, message):
    with pytest.raises(TypeError, match=message) as error:
        call()
    assert "Received: " in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda model: model.compile(3), OPTIMIZER),
        (lambda model: model.compile("adam", steps_per_execution="a"), "`steps_per_execution` mus"),
        (lambda model: model.fit(3), "`x` must be a tf.data.Dataset"),
        (lambda model: model.fit(qwpinn.collocation(WELL), callbacks=[3]), CALLBACKS),
        (lambda model: model.fit(qwpinn.collocation(WELL), callbacks=3), CALLBACKS),
        (lambda model: model.fit(qwpinn.collocation(WELL), epochs="a"), "`epochs` must be an int"),
        (lambda model: model.evaluate(3), "`x` must be a tf.data.Dataset"),
        (lambda model: model.predict("a"), "`x` must"),
        (lambda model: model(None), "`x` must"),
        (lambda model: model.export(3), PATH),
    ],
)
def test_a_model_refuses_a_wrong_type_in_one_line(model, ask, message):
    with pytest.raises((TypeError, ValueError), match=message) as error:
        ask(model)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda model: model.energies("a"), "`p` must have shape"),
        (lambda model: model.start(8, "a"), "`epochs` must be an integer"),
        (lambda model: model.distill(None), "must be an integer"),
        (lambda model: model.measure("a"), "`members` must be an integer"),
        (lambda model: model.design({"E0": 1.0}, bounds=3), "`bounds` must be a dict"),
        (lambda model: model.fit(3), "`x` must be a tf.data.Dataset"),
        (lambda model: model.predict(3), "`x` must be"),
        (lambda model: model.export(3), PATH),
    ],
)
def test_a_family_refuses_a_wrong_type_in_one_line(family_model, ask, message):
    with pytest.raises((TypeError, ValueError), match=message) as error:
        ask(family_model)
    assert "\n" not in str(error.value)


def test_what_is_quoted_stays_in_one_line():
    assert kinds.shown(np.ones((3, 40))).count("\n") == 0
    assert len(kinds.shown("x" * 500)) == 60
