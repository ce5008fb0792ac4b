"""Who has a vote."""

from __future__ import annotations

import itertools

import pytest

from election.roster.electors import has_vote, voting_right
from election.roster.models import Standing, Suspension


def test_a_full_member_votes() -> None:
    assert has_vote(Standing.FULL, None)


def test_a_probationary_member_has_no_vote_yet() -> None:
    right = voting_right(Standing.PROBATIONARY, None)
    assert not right.votes
    assert right.ground.zh == "预备党员"


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
