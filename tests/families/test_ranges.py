"""What the parameters of a family may be called, and from where to where they go."""

import numpy as np
import pytest

from qwpinn.families.ranges import check_names, ends_of, is_pair
from qwpinn.potentials import FiniteWell


def test_names_are_those_that_the_template_takes():
    check_names(FiniteWell, ["depth", "width", "box"])
    check_names(FiniteWell(), ["anything"])
    check_names(lambda **given: None, ["anything"])
    with pytest.raises(ValueError, match=r"which FiniteWell takes\. .*dept\. Did you mean depth\?"):
        check_names(FiniteWell, ["width", "dept"])
    with pytest.raises(ValueError, match=r"of a, b, .*omega\. Correct its name\."):
        check_names(lambda a, b: None, ["omega"])


def test_a_range_is_two_numbers():
    assert all(map(is_pair, [(1, 2), [1.0, np.float64(2.0)], (2, 1)]))
    assert not any(map(is_pair, [1.0, (1, 2, 3), ("1", "2"), (1, True), ([1], 2), {1, 2}]))


def test_ends_increase():
    assert ends_of("depth", (1, 2)) == (1.0, 2.0)
    for pair in ((2, 1), (1, 1)):
        with pytest.raises(ValueError, match=r"`depth` must be a range .*Give one number to hold"):
            ends_of("depth", pair)
    with pytest.raises(ValueError, match="`depth` must be finite"):
        ends_of("depth", (1, np.nan))
