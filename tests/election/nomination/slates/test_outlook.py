"""What the slates leave possible for women and the young: held against every way in which the voters could decide."""

from __future__ import annotations

from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from election.nomination.slates.outlook import ContestFacts, OverlayOutlook, Verdict, overlay_outlook

contests = st.lists(
    st.builds(ContestFacts, seats=st.integers(0, 3), having=st.integers(0, 3), lacking=st.integers(0, 3)), max_size=3
)


def every_result(contest: ContestFacts) -> set[int]:
    """How many with the fact are elected, over every way of filling as many seats as can be filled."""
    standing = [1] * contest.having + [0] * contest.lacking
    return {sum(chosen) for chosen in combinations(standing, min(contest.seats, len(standing)))}


@given(contests, st.integers(0, 12))
def test_the_least_and_the_most_are_those_of_all_results_there_can_be(stand: list[ContestFacts], target: int) -> None:
    totals = {sum(results) for results in product(*(every_result(one) for one in stand))}
    seen = overlay_outlook(stand, target)
    assert (seen.least, seen.most) == (min(totals), max(totals))
    assert (seen.verdict is Verdict.SURE) == all(total >= target for total in totals)
    assert (seen.verdict is Verdict.OUT_OF_REACH) == all(total < target for total in totals)
    assert (seen.lack > 0) == (seen.verdict is Verdict.OUT_OF_REACH)
    assert seen.unfilled == sum(max(0, one.seats - one.having - one.lacking) for one in stand)


@given(contests, contests, st.integers(0, 9))
def test_contests_add_up_and_never_lend_each_other_a_seat(
    some: list[ContestFacts], others: list[ContestFacts], target: int
) -> None:
    whole, one, other = (overlay_outlook(stand, target) for stand in (some + others, some, others))
    assert whole == OverlayOutlook(
        target, one.least + other.least, one.most + other.most, one.unfilled + other.unfilled
    )


@pytest.mark.parametrize(
    ("stand", "target", "least", "most", "verdict", "lack"),
    [
        ([ContestFacts(2, 1, 2)], 1, 0, 1, Verdict.OPEN, 0),
        ([ContestFacts(2, 2, 1)], 1, 1, 2, Verdict.SURE, 0),
        ([ContestFacts(2, 1, 2)], 3, 0, 1, Verdict.OUT_OF_REACH, 2),
        ([ContestFacts(1, 1, 0)], 1, 1, 1, Verdict.SURE, 0),  # an assigned leader
        ([ContestFacts(3, 2, 0)], 3, 2, 2, Verdict.OUT_OF_REACH, 1),  # a seat nobody stands for
        ([], 0, 0, 0, Verdict.SURE, 0),
    ],
)
def test_the_target_is_sure_open_or_out_of_reach(stand, target, least, most, verdict, lack) -> None:
    seen = overlay_outlook(stand, target)
    assert (seen.least, seen.most, seen.verdict, seen.lack) == (least, most, verdict, lack)
