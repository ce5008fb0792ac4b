"""The quorum meter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from election.meeting.quorum import Quorum, meter


@pytest.mark.parametrize(
    ("text", "expected", "present", "needed", "missing"),
    [
        ("4/5", 168, 134, 135, 1),
        ("4/5", 168, 135, 135, 0),
        ("4/5", 10, 8, 8, 0),
        (">1/2", 10, 5, 6, 1),
        (">1/2", 9, 5, 5, 0),
    ],
)
def test_the_meter_says_how_many_are_missing(text, expected, present, needed, missing):
    seen = meter(Quorum.parse(text), expected, present)
    assert (seen.needed, seen.missing, seen.holds) == (needed, missing, missing == 0)


@given(st.sampled_from(["4/5", ">1/2", "2/3", ">0/1", "1/1"]), st.integers(0, 2000), st.integers(0, 2000))
def test_the_quorum_holds_exactly_from_the_needed_number_on(text, expected, present):
    quorum = Quorum.parse(text)
    seen = meter(quorum, expected, present)
    assert seen.holds is (present >= seen.needed)
    assert seen.holds is (seen.missing == 0)
    assert quorum.holds(seen.needed, expected)
    assert seen.needed == 0 or not quorum.holds(seen.needed - 1, expected)
