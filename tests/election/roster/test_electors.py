"""Who has a vote."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from election.errors import Refused
from election.roster.electors import has_vote, probation_ends, require_right, voting_right
from election.roster.models import Standing, Suspension

STANDINGS = st.sampled_from(Standing)
SUSPENSIONS = st.none() | st.sampled_from(Suspension)
DAYS = st.none() | st.dates(date(2020, 1, 1), date(2040, 1, 1))
TODAY = date(2031, 3, 3)


def test_a_full_member_votes() -> None:
    assert has_vote(Standing.FULL, None)


def test_a_probationary_member_has_no_vote_yet() -> None:
    right = voting_right(Standing.PROBATIONARY, None)
    assert not right.votes
    assert right.ground.zh == "预备党员"


@pytest.mark.parametrize(
    ("joined", "ends"),
    [
        (date(2030, 7, 1), date(2031, 6, 30)),
        (date(2031, 1, 1), date(2031, 12, 31)),
        (date(2032, 2, 29), date(2033, 2, 28)),
    ],
)
def test_probation_lasts_a_year_by_the_calendar(joined: date, ends: date) -> None:
    assert probation_ends(joined) == ends


@pytest.mark.parametrize("reason", list(Suspension))
def test_a_suspended_member_has_no_vote_and_is_told_why(reason: Suspension) -> None:
    right = voting_right(Standing.FULL, reason)
    assert not right.votes
    assert right.ground.zh == reason.zh


@pytest.mark.parametrize(("standing", "reason"), list(itertools.product(Standing, [None, *Suspension])))
def test_every_answer_cites_its_source_in_both_languages(standing: Standing, reason: Suspension | None) -> None:
    right = voting_right(standing, reason)
    assert "基层条例" in right.source.zh
    assert "Regulations" in right.source.en


@given(STANDINGS, SUSPENSIONS, DAYS, DAYS)
def test_the_days_of_a_right_never_give_or_take_a_vote(
    standing: Standing, suspension: Suspension | None, since: date | None, until: date | None
) -> None:
    assert voting_right(standing, suspension, since, until).votes == has_vote(standing, suspension)


@given(STANDINGS, SUSPENSIONS, DAYS, st.integers(-400, 400))
def test_a_time_has_run_out_the_day_after_its_last_day_and_only_of_who_has_no_vote(
    standing: Standing, suspension: Suspension | None, until: date | None, ahead: int
) -> None:
    today = (until or TODAY) + timedelta(days=ahead)
    right = voting_right(standing, suspension, None, until)
    assert right.due(today) == (not right.votes and until is not None and ahead > 0)


@given(STANDINGS, SUSPENSIONS, DAYS, DAYS)
def test_what_is_recorded_of_a_right_always_makes_sense(
    standing: Standing, suspension: Suspension | None, since: date | None, until: date | None
) -> None:
    try:
        require_right(standing, suspension, since, until, TODAY)
    except Refused as refused:
        assert refused.field in ("suspension", "since", "until")
        return
    assert suspension is None or standing is Standing.FULL
    if has_vote(standing, suspension):
        assert since is None and until is None
    if since is not None:
        assert since <= TODAY and (until is None or until >= since)


@pytest.mark.parametrize(
    ("standing", "suspension", "since", "until", "code"),
    [
        (Standing.PROBATIONARY, Suspension.DETAINED, None, None, "roster.suspension_of_probationary"),
        (Standing.FULL, None, TODAY, None, "roster.right_days_without_reason"),
        (Standing.FULL, None, None, TODAY, "roster.right_days_without_reason"),
        (Standing.FULL, Suspension.ARRESTED, TODAY + timedelta(days=1), None, "roster.right_not_begun"),
        (Standing.PROBATIONARY, None, TODAY, TODAY - timedelta(days=1), "roster.right_ends_before"),
    ],
)
def test_a_right_that_can_be_nobody_s_is_refused(
    standing: Standing, suspension: Suspension | None, since: date | None, until: date | None, code: str
) -> None:
    with pytest.raises(Refused) as refusal:
        require_right(standing, suspension, since, until, TODAY)
    assert refusal.value.code == code
