"""Outcomes of a computation."""

from qwpinn.status import Status


def test_only_a_training_that_did_harm_has_failed():
    assert {one for one in Status if one.failed} == {
        Status.NOT_FINITE,
        Status.DIVERGED,
        Status.COLLAPSED,
    }


def test_an_outcome_is_sentences_in_one_line():
    for one in Status:
        assert str(one) == one.value
        assert str(one).endswith(".")
        assert "\n" not in str(one)
