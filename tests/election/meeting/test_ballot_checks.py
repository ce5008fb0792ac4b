"""What may not be recorded of a venue's ballots: a table of figures, and everything said at once."""

from __future__ import annotations

import pytest

from election.meeting.ballot_checks import Ballots, MissingLimits, Standing, refusals_of, rests_on

LIMITS = MissingLimits(percent=2, ballots=15)


def codes(
    issued: int | None,
    returned: int | None = None,
    *,
    present: int = 100,
    voting: bool = False,
    before: Standing | None = None,
    limits: MissingLimits | None = LIMITS,
) -> list[str]:
    """What is said of one round, each as its field and what is wrong there."""
    standing = {} if before is None else {7: before}
    given = {7: Ballots(issued, returned)}
    found = refusals_of(given, [7], present, voting=voting, before=standing, limits=limits)
    assert all(str(one.field).startswith("ballots.7.") for one in found)
    return [f"{str(one.field).rsplit('.', 1)[-1]} {one.code.removeprefix('meeting.')}" for one in found]


@pytest.mark.parametrize(
    ("issued", "returned", "found"),
    [
        (100, 100, []),
        (99, 99, []),
        (98, 98, ["issued issued_few"]),
        (101, 100, ["issued issued_over_present"]),
        (0, 0, ["issued none_issued"]),
        (-1, 0, ["issued ballots_negative"]),
        (None, 0, ["issued ballots_missing"]),
        (100, None, ["returned ballots_missing"]),
        (100, -1, ["returned ballots_negative"]),
        (100, 0, []),  # all went home with theirs: the unit's sum decides what that means
        (99, 101, []),  # a void vote is declared, not refused
        (None, None, ["issued ballots_missing", "returned ballots_missing"]),
        (-1, -1, ["issued ballots_negative", "returned ballots_negative"]),
    ],
)
def test_the_ballots_of_a_round_are_recorded_or_refused(
    issued: int | None, returned: int | None, found: list[str]
) -> None:
    assert codes(issued, returned) == found


def test_while_the_vote_lasts_nothing_has_come_back() -> None:
    assert codes(100, None, voting=True) == []
    assert codes(None, None, voting=True) == ["issued ballots_missing"]


def test_where_nobody_came_nothing_is_handed_out() -> None:
    assert codes(0, 0, present=0) == []
    assert codes(1, 0, present=0) == ["issued issued_over_present"]


def test_far_fewer_issued_than_are_present_is_asked_about_once() -> None:
    assert codes(90, 90, limits=None) == [], "it was said yes to"
    assert codes(90, 90, before=Standing(90, None)) == [], "it stands"
    assert codes(90, 80, before=Standing(90, None)) == [], "whatever came back"
    assert codes(91, 90, before=Standing(90, None)) == ["issued issued_few"]
    assert codes(90, 90, before=Standing(91, None)) == ["issued issued_few"], "another number stands"


def test_no_more_are_spoiled_than_came_back() -> None:
    assert codes(100, 3, before=Standing(100, 3)) == []
    assert codes(100, 2, before=Standing(100, 3)) == ["returned spoiled_over_returned"]
    assert codes(100, 0, before=Standing(100, 0)) == [], "none spoiled was said"
    assert codes(100, 0, before=Standing(100, None)) == [], "nothing was said"


def test_a_round_that_is_left_out_and_one_that_is_none_are_both_told_with_the_rest() -> None:
    given = {40: Ballots(-1, None), 7: Ballots(101, 100), 9: Ballots(5, 5)}
    found = refusals_of(given, [33, 7, 2], 100, voting=False, before={}, limits=None)
    assert [(one.code, one.field) for one in found] == [
        ("meeting.ballots_missing", "ballots.2.issued"),
        ("meeting.ballots_missing", "ballots.33.issued"),
        ("meeting.no_such_round", "ballots.9.issued"),
        ("meeting.no_such_round", "ballots.40.issued"),
        ("meeting.issued_over_present", "ballots.7.issued"),
    ]


@pytest.mark.parametrize(
    ("missing", "whole", "reached"),
    [
        (0, 0, False),
        (0, 100, False),
        (1, 100, False),
        (2, 100, True),
        (1, 50, True),
        (14, 1000, False),
        (15, 1000, True),
        (-1, 100, False),
    ],
)
def test_missing_ballots_are_asked_about_from_a_share_or_a_number_on(missing: int, whole: int, reached: bool) -> None:
    assert LIMITS.reached(missing, whole) is reached


def test_the_limits_are_those_of_the_rules() -> None:
    rules = {"missing_warning_ballots": "15", "missing_warning_percent": 2, "quorum_meeting": "4/5"}
    assert MissingLimits.from_rules(rules) == LIMITS


@pytest.mark.parametrize(
    ("authors", "alone"),
    [
        ([(1, False)], True),
        ([(1, False), (1, False)], True),
        ([(1, False), (2, False)], False),
        ([(2, False)], False),
        ([(None, False)], False),
        ([(1, True), (2, False)], True),  # changed after entry had begun
        ([(1, False), (2, True)], False),  # so did somebody else
        ([(1, False), (2, True), (1, True)], True),
    ],
)
def test_figures_are_one_person_s_work_alone_when_all_are_or_one_was_changed_late(
    authors: list[tuple[int | None, bool]], alone: bool
) -> None:
    assert rests_on(authors, 1) is alone
