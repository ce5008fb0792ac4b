"""What cannot be is refused by the database itself, and what may no longer change by the room."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Insert, delete, func, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from election.errors import Refused
from election.nomination.applying.operations import withdraw_application
from election.nomination.lifecycle import SlateState
from election.nomination.models import Application, BranchBallot, BranchBallotLine, Candidate, Review, Slate
from election.nomination.slates.operations import supersede_slate
from election.notices.models import Notice
from election.roster.models import Organisation
from election.texts import sentence
from tests.support.county import BEGIN, County
from tests.support.nominating import LONG, apply, freeze


def test_a_slate_that_a_meeting_votes_on_is_not_superseded(slated: County) -> None:
    slated.wait(LONG)
    slate = freeze(slated, "u1")[0]
    with slated.acting("office") as act:
        act.session.get_one(Slate, slate.id).in_use_at = act.now
        act.record("meeting.opened", "meeting", congress_id=slated.congress_id)
    with pytest.raises(Refused) as refusal, slated.acting("office") as act:
        supersede_slate(act, slate.id, "候选人去世")
    assert refusal.value.code == "slate.in_use"
    assert sentence(refusal.value.code, refusal.value.params).zh.startswith("会议正按")
    with slated.acting("office") as act:
        act.session.get_one(Slate, slate.id).in_use_at = None
        act.record("meeting.called_off", "meeting", congress_id=slated.congress_id)
    with slated.acting("office") as act:
        assert supersede_slate(act, slate.id, "候选人去世").version == 2


@pytest.mark.parametrize(
    "impossible",
    [
        {"frozen_by_id": None, "submitted_by_id": None},
        {"submitted_by_id": None, "submitted_at": None},
        {"frozen_by_id": None, "frozen_at": None},
        {"content": None},
        {"hash": ""},
        {"state": SlateState.DRAFT},
        {"state": SlateState.RETURNED, "frozen_by_id": None, "frozen_at": None},
        {"state": SlateState.SUPERSEDED, "in_use_at": BEGIN},
    ],
    ids=lambda values: " ".join(values),
)
def test_the_database_itself_refuses_a_frozen_slate_that_nobody_made_whole(slated: County, impossible) -> None:
    slated.wait(LONG)
    slate = freeze(slated, "u1")[0]
    with pytest.raises(DBAPIError), slated.database.writing() as session:
        session.execute(update(Slate).where(Slate.id == slate.id).values(**impossible))


@pytest.mark.parametrize("way", ["joins", "leaves", "is renamed"])
def test_the_database_itself_lets_nobody_join_or_leave_a_frozen_slate(slated: County, way: str) -> None:
    slated.wait(LONG)
    slate = freeze(slated, "u1")[0]
    other = slated.members("u2-b2")[0]
    change = {
        "joins": insert(Candidate).values(slate_id=slate.id, position=9, member_id=other, name="某人"),
        "leaves": delete(Candidate).where(Candidate.slate_id == slate.id),
        "is renamed": update(Candidate).where(Candidate.slate_id == slate.id).values(name="某人"),
    }[way]
    with pytest.raises(DBAPIError, match="frozen slate"), slated.database.writing() as session:
        session.execute(change)


def counted(**wrong: object) -> Insert:
    """A line in the first ballot for somebody who was not on it."""
    line = {
        "ballot_id": select(func.min(BranchBallot.id)).scalar_subquery(),
        "application_id": select(func.max(Application.id)).scalar_subquery(),
        "votes_for": 1,
        "votes_against": 0,
        "abstentions": 0,
        "passed": False,
    }
    return insert(BranchBallotLine).values(line | wrong)


def test_a_line_that_could_have_been_counted_is_stored(slated: County) -> None:
    with slated.database.writing() as session:
        session.execute(counted())


@pytest.mark.parametrize(
    "change",
    [
        update(BranchBallotLine).values(votes_for=11),
        delete(BranchBallotLine),
        update(Review).values(approved=False, reason="改"),
        delete(Review),
        update(Notice).values(content={}),
        update(Notice).values(last_day=date(2031, 1, 1), published_on=date(2031, 1, 1)),
        delete(Notice),
    ],
    ids=[
        "votes",
        "a ballot's line",
        "a review's verdict",
        "a review",
        "a notice's text",
        "a notice's days",
        "a notice",
    ],
)
def test_the_database_itself_keeps_what_was_counted_reviewed_and_put_up(slated: County, change) -> None:
    with pytest.raises(DBAPIError, match="is never changed"), slated.database.writing() as session:
        session.execute(change)


@pytest.mark.parametrize(
    "impossible",
    [
        counted(votes_for=-1, passed=False),
        counted(abstentions=-1),
        counted(votes_for=0, passed=True),
        update(BranchBallot).values(votes_needed=0),
        update(Application).values(
            branch_id=select(Organisation.id).where(Organisation.code == "u1").scalar_subquery()
        ),
    ],
    ids=["votes below zero", "abstentions below zero", "passed without a vote", "nothing needed", "no branch"],
)
def test_the_database_itself_refuses_what_no_branch_can_have_voted(slated: County, impossible) -> None:
    with pytest.raises(IntegrityError), slated.database.writing() as session:
        session.execute(impossible)


@pytest.mark.parametrize("number", [200, 201])
def test_a_reason_is_kept_whole_or_refused_never_cut(county: County, number: int) -> None:
    application = apply(county, "u1-b1", "farmer", 1)[0]
    reason = "长" * number
    if number > 200:
        with pytest.raises(Refused) as refusal, county.acting("u1-b1") as act:
            withdraw_application(act, application, reason)
        assert (refusal.value.code, refusal.value.params["most"]) == ("store.too_long", 200)
        return
    with county.acting("u1-b1") as act:
        assert withdraw_application(act, application, reason).ended_because == reason
