"""Data, positions and parameters that are of no member of a model's family."""

import batches
import numpy as np
import pytest
import tensorflow as tf
from batches import members, put, refused

import qwpinn

FAMILY_IN_ANOTHER_BOX = qwpinn.Family(qwpinn.FiniteWell, depth=(15, 25), width=(1.8, 2.2), box=5.0)


P = np.array([[16.0, 1.9], [20.0, 2.0], [24.0, 2.1]])


X = np.array([-1.0, 0.0, 2.5])


@pytest.fixture(scope="module")
def family_model():
    return batches.family_model()


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (
            lambda: members(qwpinn.Family(qwpinn.FiniteWell, depth=(30, 40), width=(1.8, 2.2))),
            r"`NAME` must be of members of the model's family\. .* depth=3\S+ in row 0, outside",
        ),
        (
            lambda: members(FAMILY_IN_ANOTHER_BOX),
            r"`NAME` .* the whole interval \[-3, 3\] of its member 0, .* 6\. Received: 5\.",
        ),
        (
            lambda: members(qwpinn.Family(qwpinn.FiniteWell, width=(1.8, 2.2), depth=(15, 25))),
            r"must be of members of the model's family\. Received: depth=[12]\.",
        ),
        (
            lambda: members(qwpinn.Family(qwpinn.FiniteWell, depth=(15, 25))),
            r"`NAME` must have 'p' of shape \(n, 2\), a column each for depth, width\. .*\(4, 1\)",
        ),
        (lambda: members(potential=lambda v: 1.001 * v), r"own family, at depth=.*: V\("),
        (lambda: members(potential=put(np.nan)), r"`NAME` .* finite\. Received: nan for 'poten"),
        (lambda: members(p=put(np.nan, 1)), r"`NAME` .* finite\. Received: nan for 'p'"),
        (lambda: members(x=put(3.5)), r"between the walls of its member, \[-3, 3\]\. .*x=3\.5"),
        (
            lambda: members(x=lambda x: x[:, :-1]),
            r"shape \(n, q\), a row for each of the 4 members",
        ),
    ],
)
def test_data_of_another_family_are_refused(family_model, bad, message):
    refused(family_model, members(), bad(), message)


PAIRS = [
    (X, P[:, :1], ValueError, r"`p` must have shape \(n, 2\), a row \(depth, width\) .*\(3, 1\)"),
    (X, P[0], ValueError, r"`p` must have shape \(n, 2\).* Received: shape=\(2,\)"),
    (
        X,
        P[:, ::-1],
        ValueError,
        r"`p` must lie in the box that was trained\. Received: depth=1\.9 in",
    ),
    (X, [*P[:2], [np.nan, 2.0]], ValueError, r"`p` must hold finite numbers\. Received: nan"),
    (
        X[:2],
        P,
        ValueError,
        r"`x` must have shape \(3,\) or \(3, 1\), a position for each row .*\(2,\)",
    ),
    (X[None], P, ValueError, r"`x` must have shape .*Received: shape=\(1, 3\)"),
    (
        [0.0, 100.0, 0.0],
        P,
        ValueError,
        r"between the walls of its member, \[-3, 3\]\. .*100 in row 1",
    ),
    ([0.0, np.inf, 0.0], P, ValueError, r"`x` must hold finite numbers\. Received: inf"),
    (X, P.astype(np.float32), TypeError, r"`p` must be float64, as the model is\. .*float32"),
    (X.astype(np.float32), P, TypeError, r"`x` must be float64, as the model is\. .*float32"),
    (X, P + 0j, TypeError, r"`p` must hold real numbers\. Received: dtype=complex128"),
]


@pytest.mark.parametrize(("x", "p", "error", "message"), PAIRS)
def test_positions_and_parameters_of_no_member_are_refused(family_model, x, p, error, message):
    for ask in (family_model, lambda pair: family_model.predict(pair, verbose=0)):
        with pytest.raises(error, match=message) as caught:
            ask([x, p])
        assert "\n" not in str(caught.value)


def test_a_family_predicts_pairs_row_by_row_in_full_precision(family_model):
    expected = family_model.wavefunctions(X, P), family_model.energies(P)
    dataset = tf.data.Dataset.from_tensor_slices
    for pair in (
        [X, P],
        (X[:, None].tolist(), P.tolist()),
        dataset(((X, P),)).batch(2),
        dataset((X[:, None], P)).batch(2),
    ):
        found = family_model.predict(pair, verbose=0)
        for one, other in zip(found, expected, strict=True):
            assert one.dtype == np.float64
            np.testing.assert_allclose(one, other, rtol=1e-13, atol=1e-15)
    for one, other in zip(family_model((X, P)), expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-13, atol=1e-15)
    late = dataset(((np.append(X, 3.5), P[[0, 1, 2, 2]]),)).batch(3)
    with pytest.raises(ValueError, match=r"between the walls of its member.*3\.5 in row 0"):
        family_model.predict(late, verbose=0)
    for bad, message in (
        (X, r"`x` must be a pair \[x, p\] .*Received: ndarray"),
        ([X, P, P], r"`x` must be a pair \[x, p\] .*Received: list"),
        (dataset(X).batch(3), r"must hold pairs .*elements of 1 tensors"),
        (dataset(((X, P.astype(np.float32)),)).batch(3), r"must be float64.*float32"),
    ):
        with pytest.raises(TypeError, match=message):
            family_model.predict(bad, verbose=0)
    with pytest.raises(ValueError, match=r"`p` must have shape \(n, 2\).*\(2, 1\)"):
        family_model.predict(dataset(((X, P[:, :1]),)).batch(2), verbose=0)


def test_a_graph_is_told_of_missing_columns(family_model):
    ask = tf.function(lambda x, p: family_model((x, p)), autograph=False)
    with pytest.raises(ValueError, match=r"`p` must have shape \(n, 2\), .*\(3, 1\)"):
        ask(tf.constant(X[:, None]), tf.constant(P[:, :1]))
