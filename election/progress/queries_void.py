"""Contests of which more ballots came back than were issued: a scrutineer has to declare them void. One statement."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from election.congress.models import Category, Unit
from election.congress.rules_in_force import rules_in_force
from election.contests.models import Contest, ContestKind, Round
from election.contests.queries import BY_BALLOT, UNCONTESTED_FIRST
from election.machine import Words
from election.meeting.ballot_sheets import on_one_sheet
from election.meeting.lifecycle import MeetingState
from election.meeting.models import Meeting, MeetingRound, Venue, VenueBallots


@dataclass(frozen=True, slots=True)
class VoidDue:
    """A contest whose record says returned > issued over all venues of its meeting, and that is neither void nor counted."""

    unit_id: int
    category: str
    kind: ContestKind

    @property
    def name(self) -> Words:
        """With its kind: a cell may have two contests, and only one of them is to be declared void."""
        return Words(f"{self.category}（{self.kind.zh}）", f"{self.category} ({self.kind.en})")


def void_due(session: Session, congress_id: int) -> tuple[VoidDue, ...]:
    """In the order of the ballots. Of a vote on one sheet only the first: it is declared void as a whole."""
    sums = (
        select(
            VenueBallots.round_id,
            func.sum(VenueBallots.issued).label("issued"),
            func.sum(VenueBallots.returned).label("returned"),
            func.count(VenueBallots.returned).label("returned_in"),
        )
        .group_by(VenueBallots.round_id)
        .having(func.sum(VenueBallots.returned) > func.sum(VenueBallots.issued))
        .subquery()
    )
    venues = select(func.count(Venue.id)).where(Venue.meeting_id == Meeting.id).scalar_subquery()
    rows = session.execute(
        select(Meeting.id, MeetingRound.ballot, Unit.id, Category.name, Contest.kind)
        .join(MeetingRound, MeetingRound.meeting_id == Meeting.id)
        .join(Round, Round.id == MeetingRound.round_id)
        .join(sums, and_(sums.c.round_id == Round.id, sums.c.returned_in == venues))
        .join(Contest, Contest.id == Round.contest_id)
        .join(Category, Category.id == Contest.category_id)
        .join(Unit, Unit.id == Meeting.unit_id)
        .where(
            Meeting.congress_id == congress_id,
            Meeting.state.in_((MeetingState.OPENED, MeetingState.BALLOTS_RECORDED)),
            Round.void_at.is_(None),
            MeetingRound.counted_at.is_(None),
            BY_BALLOT,
        )
        .order_by(Unit.position, MeetingRound.ballot, Category.position, UNCONTESTED_FIRST)
    ).all()
    if rows and on_one_sheet(rules_in_force(session, congress_id)):
        first = {(meeting, ballot): at for at, (meeting, ballot, *_) in reversed(list(enumerate(rows)))}
        rows = [rows[at] for at in sorted(first.values())]
    return tuple(VoidDue(unit_id, category, kind) for _, _, unit_id, category, kind in rows)
