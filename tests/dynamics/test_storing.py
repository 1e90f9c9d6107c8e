"""What is written of an evolution: a model folder with its numbers, never over something else."""

import moved
import numpy as np
import pytest
import tensorflow as tf

import qwpinn


def evolution(**changes):
    return qwpinn.evolve(moved.solved("box"), [1.0, 1.0j], [0.0, 0.5, 1.0], **changes)


def test_the_folder_is_a_saved_model_with_the_numbers_beside_it(tmp_path):
    evolution().save(tmp_path / "kept")
    served = tf.saved_model.load(str(tmp_path / "kept"))
    x = np.array([0.25, 0.5])
    psi = served.serve(tf.constant(x)).numpy()
    np.testing.assert_allclose(psi, moved.solved("box").wavefunctions(x))
    with np.load(tmp_path / "kept" / "evolution.npz") as kept:
        assert kept["coefficients"].shape == (3, 16)
        assert {"times", "errors", "doubts.apart", "enclosure.lower"} <= set(kept)


def test_an_evolution_is_replaced_and_nothing_else_is(tmp_path):
    place = tmp_path / "kept"
    evolution().save(place)
    evolution(tol=1e-3).save(place)
    assert qwpinn.load(place).tol == 1e-3
    moved.solved("box").save(tmp_path / "model")
    with pytest.raises(ValueError, match=r"an earlier result to replace.*nothing was overwritten"):
        evolution().save(tmp_path / "model")
    assert not (tmp_path / "model" / "evolution.npz").exists()
