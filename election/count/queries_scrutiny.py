"""Lists for the scrutineers' desk: ballots to record, forms to judge, what was proposed to follow and waits for agreement.

One statement each. Nothing here shows what anyone entered: that is in `queries_form.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, and_, case, func, select
from sqlalchemy.orm import Session, aliased

from election.congress.models import Category, Unit
from election.contests.models import Contest, Round
from election.contests.queries import BY_BALLOT, WITH_SEATS
from election.count.entry import EntryState
from election.count.models import CountForm
from election.count.queries import COUNTING, RECORDED, Units, holds, in_force, number_of
from election.meeting.lifecycle import MeetingState
from election.meeting.models import CountingGroup, Meeting, MeetingOfficer, MeetingRound, Office, Venue, VenueBallots
from election.meeting.models_evening import FollowUp, FollowUpKind
from election.people.models import Person

# States in which a third person is asked for.
TO_JUDGE = (EntryState.ENTRIES_DIFFER, EntryState.ENTRIES_EQUAL, EntryState.FIRST_HAS_ERRORS)


@dataclass(frozen=True, slots=True)
class ScrutinyLine:
    """A count form as a scrutineer's list shows it. `waits`: for this person, and neither entry is theirs or they may
    agree to a withdrawal that somebody else asked for. `venue`: empty where the meeting has one.
    """

    form_id: int
    number: str
    ballot: int
    unit_id: int
    unit_name: str
    unit_position: int
    venue: str
    version: int
    revision: int
    state: EntryState
    first_person: str | None
    second_person: str | None
    withdrawal_asked: bool
    waits: bool


def scrutiny_list(session: Session, congress_id: int, person_id: int, units: Units = None) -> list[ScrutinyLine]:
    """The forms in force of the meetings that have this person for a scrutineer, with their tellers' names, those that
    want a scrutineer first: one statement.
    """
    first, second = aliased(Person), aliased(Person)
    urgency = case(
        (CountForm.state == EntryState.ENTRIES_DIFFER, 0),
        (CountForm.state == EntryState.ENTRIES_EQUAL, 1),
        (CountForm.withdrawal_asked_by_id.is_not(None), 2),
        (CountForm.state == EntryState.FIRST_HAS_ERRORS, 3),
        (CountForm.state == EntryState.CONFIRMED, 5),
        else_=4,
    )
    here = aliased(Venue)
    venues = select(func.count(here.id)).where(here.meeting_id == Meeting.id).scalar_subquery()
    rows = session.execute(
        select(CountForm, Unit, Venue.name, venues, first.name, second.name)
        .join(CountingGroup, CountingGroup.id == CountForm.group_id)
        .join(Venue, Venue.id == CountingGroup.venue_id)
        .join(Meeting, Meeting.id == Venue.meeting_id)
        .join(Unit, Unit.id == Meeting.unit_id)
        .join(MeetingOfficer, holds(person_id, Office.SCRUTINEER))
        .outerjoin(first, first.id == CountForm.first_person_id)
        .outerjoin(second, second.id == CountForm.second_person_id)
        .where(in_force(congress_id, units), Meeting.state.in_(COUNTING), RECORDED)
        .order_by(urgency, Unit.position, Meeting.number, CountForm.ballot, Venue.number, CountingGroup.number)
    )
    return [
        ScrutinyLine(
            form.id,
            form.number,
            form.ballot,
            unit.id,
            unit.name,
            unit.position,
            venue if together > 1 else "",
            form.version,
            form.revision,
            form.state,
            one,
            two,
            form.withdrawal_asked_by_id is not None,
            _waits(form, person_id),
        )
        for form, unit, venue, together, one, two in rows
    ]


def _waits(form: CountForm, person_id: int) -> bool:
    if form.withdrawal_asked_by_id is not None:
        return form.withdrawal_asked_by_id != person_id
    return form.state in TO_JUDGE and person_id not in (form.first_person_id, form.second_person_id)


@dataclass(frozen=True, slots=True)
class BallotLine:
    """A meeting as the scrutineers' list of ballot records shows it. `ballot`: the vote that is on. `to_issue`,
    `to_return`, `to_void`: rounds of which a venue's record is missing, or that have to be declared void.
    """

    meeting_id: int
    number: int
    unit_id: int
    unit_code: str
    unit_name: str
    unit_position: int
    state: MeetingState
    expected: int | None
    ballot: int
    rounds: int
    void: int
    counted: int
    to_issue: int
    to_return: int
    to_void: int


def ballot_records(session: Session, congress_id: int, person_id: int, units: Units = None) -> list[BallotLine]:
    """The meetings that have begun and have this person for a scrutineer, those that lack a record first: one statement."""
    sums = (
        select(
            VenueBallots.round_id,
            func.sum(VenueBallots.issued).label("issued"),
            func.sum(VenueBallots.returned).label("returned"),
            func.count(VenueBallots.id).label("issued_in"),
            func.count(VenueBallots.returned).label("returned_in"),
        )
        .group_by(VenueBallots.round_id)
        .subquery()
    )
    venues = select(Venue.meeting_id, func.count(Venue.id).label("number")).group_by(Venue.meeting_id).subquery()
    held = and_(Round.void_at.is_(None), MeetingRound.counted_at.is_(None))
    to_issue = number_of(and_(held, func.coalesce(sums.c.issued_in, 0) < venues.c.number))
    to_return = number_of(and_(held, func.coalesce(sums.c.returned_in, 0) < venues.c.number))
    whole = sums.c.returned_in == venues.c.number
    chosen = and_(
        Meeting.congress_id == congress_id, Meeting.state.not_in([MeetingState.PLANNED, MeetingState.CALLED_OFF])
    )
    if units is not None:
        chosen = and_(chosen, Meeting.unit_id.in_(units))
    rows: Iterable[Row[Any]] = session.execute(
        select(
            Meeting.id,
            Meeting.number,
            Unit.id,
            Unit.code,
            Unit.name,
            Unit.position,
            Meeting.state,
            Meeting.expected,
            func.max(MeetingRound.ballot),
            func.count(MeetingRound.id),
            number_of(Round.void_at.is_not(None)),
            number_of(MeetingRound.counted_at.is_not(None)),
            to_issue,
            to_return,
            number_of(and_(held, whole, sums.c.returned > sums.c.issued)),
        )
        .join(Unit, Unit.id == Meeting.unit_id)
        .join(MeetingOfficer, holds(person_id, Office.SCRUTINEER))
        .join(MeetingRound, MeetingRound.meeting_id == Meeting.id)
        .join(Round, Round.id == MeetingRound.round_id)
        .join(venues, venues.c.meeting_id == Meeting.id)
        .outerjoin(sums, sums.c.round_id == Round.id)
        .where(chosen, BY_BALLOT, WITH_SEATS)
        .group_by(
            Meeting.id,
            Meeting.number,
            Unit.id,
            Unit.code,
            Unit.name,
            Unit.position,
            Meeting.state,
            Meeting.expected,
        )
        .order_by(case((to_return > 0, 0), else_=1), Unit.position, Meeting.number)
    )
    return [BallotLine(*list(row)) for row in rows]


@dataclass(frozen=True, slots=True)
class FollowUpLine:
    """What was proposed to follow and waits for a scrutineer. `own`: this person proposed it, and another one has to agree."""

    follow_up_id: int
    unit_code: str
    unit_name: str
    meeting_number: int
    category: str
    category_position: int
    kind: FollowUpKind
    seats: int
    people: int
    proposed_by: str
    own: bool


def follow_ups_waiting(session: Session, congress_id: int, person_id: int, units: Units = None) -> list[FollowUpLine]:
    """What waits for agreement in the meetings that have this person for a scrutineer, unit by unit: one statement."""
    chosen = and_(Meeting.congress_id == congress_id, FollowUp.agreed_at.is_(None), FollowUp.dropped_at.is_(None))
    if units is not None:
        chosen = and_(chosen, Meeting.unit_id.in_(units))
    rows = session.execute(
        select(FollowUp, Unit, Meeting.number, Category, Person.name)
        .join(Meeting, Meeting.id == FollowUp.meeting_id)
        .join(Unit, Unit.id == Meeting.unit_id)
        .join(MeetingOfficer, holds(person_id, Office.SCRUTINEER))
        .join(Round, Round.id == FollowUp.round_id)
        .join(Contest, Contest.id == Round.contest_id)
        .join(Category, Category.id == Contest.category_id)
        .join(Person, Person.id == FollowUp.proposed_by_id)
        .where(chosen)
        .order_by(Unit.position, FollowUp.id)
    )
    return [
        FollowUpLine(
            row.id,
            unit.code,
            unit.name,
            number,
            category.name,
            category.position,
            row.kind,
            row.seats,
            len(row.members),
            proposed_by,
            row.proposed_by_id == person_id,
        )
        for row, unit, number, category, proposed_by in rows
    ]


def rounds_of_vote(session: Session, meeting_id: int, ballot: int) -> frozenset[int]:
    """The rounds of a vote of the evening, void ones too; a lot is no vote."""
    return frozenset(
        session.scalars(
            select(MeetingRound.round_id)
            .join(Round, Round.id == MeetingRound.round_id)
            .where(MeetingRound.meeting_id == meeting_id, MeetingRound.ballot == ballot, BY_BALLOT)
        )
    )


def followed_up(session: Session, meeting_id: int, ballot: int) -> bool:
    """Whether anything was made from the figures of this vote, or waits to be.

    The rerun of a void round follows from no figure of a form.
    """
    followed = (
        select(FollowUp.id)
        .join(MeetingRound, MeetingRound.round_id == FollowUp.round_id)
        .join(Round, Round.id == FollowUp.round_id)
        .where(
            MeetingRound.meeting_id == meeting_id,
            MeetingRound.ballot == ballot,
            Round.void_at.is_(None),
            FollowUp.dropped_at.is_(None),
            FollowUp.kind != FollowUpKind.STRIKE,
        )
    )
    return session.scalar(followed.limit(1)) is not None


def correction_asked(session: Session, meeting_id: int, ballot: int) -> bool:
    """Whether somebody asks to withdraw a confirmation of this vote: nothing is made to follow from it meanwhile."""
    asked = (
        select(CountForm.id)
        .join(CountingGroup, CountingGroup.id == CountForm.group_id)
        .join(Venue, Venue.id == CountingGroup.venue_id)
        .where(
            Venue.meeting_id == meeting_id,
            CountForm.ballot == ballot,
            CountForm.superseded_at.is_(None),
            CountForm.withdrawal_asked_by_id.is_not(None),
        )
    )
    return session.scalar(asked.limit(1)) is not None
