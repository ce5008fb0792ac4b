"""What changes while a meeting votes: who comes late, who loses the right to stand, what the scrutineers say anew."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from election.count.operations import claim
from election.errors import Refused
from election.meeting.models import Venue, VenueBallots
from election.meeting.models_evening import SpoiledKind
from election.meeting.operations_attendance import set_present, sign_in
from election.meeting.operations_ballots import record_ballots, record_spoiled
from election.meeting.queries import present_at
from election.roster.models import Member, Suspension
from election.store.models import AuditEvent
from tests.support.county import ROOT
from tests.support.evening import SCRUTINEERS, TELLERS, Evening, evening_from, in_session
from tests.support.stores import Stores

CHIEF, OTHER = SCRUTINEERS[:2]


@pytest.fixture
def meeting(stores: Stores) -> Iterator[Evening]:
    made = evening_from(stores, "in session", in_session)
    yield made
    made.county.database.close()


def ballots(evening: Evening, returned: int | None) -> None:
    rounds = [round_id for (unit, _, _), round_id in evening.rounds.items() if unit == "u1"]
    with evening.county.acting(CHIEF) as act:
        record_ballots(act, evening.meetings["u1"], dict.fromkeys(rounds, (28, returned)))


def hall(evening: Evening) -> int:
    with evening.county.reading() as session:
        return session.scalars(select(Venue.id)).one()


def present(evening: Evening, ballot: int) -> int | None:
    with evening.county.reading() as session:
        return present_at(session, evening.meetings["u1"], ballot)[hall(evening)]


def comes(evening: Evening, place: int) -> None:
    with evening.county.acting("u1") as act:
        sign_in(act, hall(evening), evening.county.members("u1-b1")[place])


def test_who_comes_while_the_ballots_are_out_is_present_and_who_comes_after_them_at_the_next_vote(
    meeting: Evening,
) -> None:
    """A number that the vote rests on is not moved by the door (edge case 11)."""
    ballots(meeting, None)
    comes(meeting, 0)
    assert (present(meeting, 1), present(meeting, 2)) == (29, 29)
    ballots(meeting, 28)
    comes(meeting, 1)
    assert (present(meeting, 1), present(meeting, 2)) == (29, 30)
    # Nor do those who came late stand in the way of a number that was wrong.
    with meeting.county.acting("u1") as act:
        set_present(act, hall(meeting), 28, reason="重复点名")
    assert (present(meeting, 1), present(meeting, 2)) == (28, 30)


@pytest.mark.parametrize("lost", [{"suspension": Suspension.DETAINED}, {"category": "other"}])
def test_no_ballot_goes_out_with_the_name_of_somebody_who_may_stand_no_longer(
    meeting: Evening, lost: dict[str, Any]
) -> None:
    fallen = meeting.members_standing("u1", "farmer")[0]
    with meeting.county.acting(ROOT) as act:
        for key, value in lost.items():
            setattr(act.session.get_one(Member, fallen), key, value)
        act.record("member.changed", "member", congress_id=meeting.county.congress_id)
    with pytest.raises(Refused, match=r"^meeting\.stands_no_longer$"):
        ballots(meeting, None)
    with meeting.county.reading() as session:
        assert session.scalars(select(VenueBallots.id)).all() == []


def test_a_ruling_on_spoiled_ballots_is_changed_by_another_and_with_a_reason_once_entry_has_begun(
    meeting: Evening,
) -> None:
    ballots(meeting, 28)
    farmers = meeting.round_of("u1", "farmer")

    def rule(who: str, number: int, reason: str = "") -> None:
        with meeting.county.acting(who) as act:
            record_spoiled(act, meeting.meetings["u1"], farmers, {SpoiledKind.TORN: number}, reason=reason)

    rule(CHIEF, 1)
    rule(CHIEF, 2)  # nobody has seen a vote yet
    with meeting.county.acting(TELLERS[0]) as act:
        claim(act, meeting.county.congress_id, "01-1-1")
    rule(CHIEF, 2)  # which says the same
    with pytest.raises(Refused, match=r"^meeting\.recorded_by_oneself$"):
        rule(CHIEF, 4, "又看了一遍")
    with pytest.raises(Refused, match=r"^meeting\.change_unexplained$"):
        rule(OTHER, 4)
    rule(OTHER, 4, "又看了一遍")
    with meeting.county.reading() as session:
        told = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "ballots.spoiled").order_by(AuditEvent.id)
        ).all()[-1]
        assert (told.details["before"], told.details["kinds"]) == ({"torn": 2}, {"torn": 4})
        assert told.details["reason"] == "又看了一遍"
