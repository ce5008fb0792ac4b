"""Which venue counts whose ballots, and that no figure tells how a handful voted: not by itself, not by what is left over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from election.meeting.counted import (
    counted_at,
    counting_of,
    name_where_counted,
    present_where_counted,
    together,
    too_few,
    withheld,
)

# A hall that counts two boxes, and a hall by itself.
COUNTED_WITH = {1: None, 2: 1, 3: None, 4: 1}
NAMES = {1: "礼堂", 2: "流动票箱", 3: "分会场", 4: "村部"}


def test_a_box_is_counted_where_it_was_carried() -> None:
    assert [counting_of(one, COUNTED_WITH) for one in (1, 2, 3, 4)] == [1, 1, 3, 1]
    assert [counted_at(one, COUNTED_WITH) for one in (1, 2, 3, 4)] == [[1, 2, 4], [], [3], []]


def test_who_is_present_is_added_up_where_it_is_counted_and_an_unknown_number_is_none() -> None:
    assert present_where_counted({1: 40, 2: 3, 3: 12, 4: None}, COUNTED_WITH) == {1: 43, 3: 12}
    assert present_where_counted({2: 3, 4: 1}, COUNTED_WITH) == {1: 4, 3: 0}
    assert present_where_counted({}, {}) == {}


def test_a_form_bears_the_names_of_all_whose_ballots_are_counted_there() -> None:
    assert name_where_counted(1, NAMES, COUNTED_WITH) == "礼堂（含流动票箱、村部）"
    assert name_where_counted(3, NAMES, COUNTED_WITH) == "分会场"


@pytest.mark.parametrize(
    ("present", "few", "hidden"),
    [
        ({1: 5}, set(), set()),  # the only one is the whole unit
        ({1: 5, 2: 0}, set(), set()),  # nobody else came
        ({1: 1, 2: 40}, {1}, {1, 2}),  # one is somebody
        ({1: 1, 2: 1}, {1, 2}, {1, 2}),
        ({1: 9, 2: 40}, {1}, {1, 2}),  # the other one would leave it over
        ({1: 10, 2: 40}, set(), set()),  # ten are enough
        ({1: 1, 2: 40, 3: 50}, {1}, {1, 2}),  # the next smaller one is withheld too
        ({1: 4, 2: 5, 3: 50, 4: 60}, {1, 2}, {1, 2, 3}),  # nine together are still few
        ({1: 5, 2: 5, 3: 50}, {1, 2}, {1, 2}),  # ten together are enough
        ({1: 4, 2: 10, 3: 50, 4: 0}, {1}, {1, 2}),  # fourteen are; an empty venue hides nobody
        ({1: 6, 2: 30, 3: 20}, {1}, {1, 3}),  # by their numbers, not by their order
        ({1: 6, 2: 30, 3: 30}, {1}, {1, 2}),  # the earlier one of equals
        ({1: 0, 2: 5, 3: 8}, {2, 3}, {2, 3}),
        ({1: 2, 2: 3}, {1, 2}, {1, 2}),  # and nothing more to withhold
    ],
)
def test_the_figures_of_too_few_are_shown_to_nobody_apart(
    present: dict[int, int], few: set[int], hidden: set[int]
) -> None:
    assert (too_few(present, 10), withheld(present, 10)) == (few, hidden)


@given(st.dictionaries(st.integers(1, 6), st.integers(0, 20), max_size=6), st.integers(1, 15))
def test_what_is_left_over_when_the_shown_figures_are_taken_from_the_sum_is_never_a_handful(
    present: dict[int, int], least: int
) -> None:
    came = {venue: number for venue, number in present.items() if number}
    hidden = withheld(present, least)
    assert too_few(present, least) <= hidden <= came.keys()
    if len(came) < 2:
        assert hidden == set()
        return
    assert all(number >= least for venue, number in came.items() if venue not in hidden)
    left = sum(came[venue] for venue in hidden)
    assert not hidden or (len(hidden) > 1 and left >= least) or hidden == came.keys()


def test_a_sum_is_unknown_while_one_venue_has_not_recorded() -> None:
    assert [together(values) for values in ([3, 4], [0, 0], [3, None], [None], [])] == [7, 0, None, None, None]
