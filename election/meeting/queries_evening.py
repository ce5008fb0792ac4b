"""Shaped reading of one evening: who came and who has not yet, who stands in its rounds, what was proposed to follow.

Changes nothing; says of nobody whether or how they voted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from election.congress.models import Category
from election.contests.models import Contest, ContestKind, Round
from election.meeting.lifecycle import MeetingState
from election.meeting.models import Exclusion, Meeting, MeetingRound, Venue
from election.meeting.models_evening import Attendee, FollowUp
from election.meeting.queries import voters_of_unit
from election.nomination.models import Candidate
from election.people.act import name_of
from election.people.models import Person
from election.roster.models import Member, Organisation
from election.store.audit import congress_chain
from election.store.models import AuditEvent


@dataclass(frozen=True, slots=True)
class Elector:
    """Someone whom the meeting expects. `attendee_id` and `venue_id`: where they signed in, None while they have not."""

    member_id: int
    name: str
    branch_id: int
    branch: str
    attendee_id: int | None
    venue_id: int | None


def electors_of(session: Session, meeting: Meeting) -> list[Elector]:
    """Everyone with a vote in the unit who is not excused, branch by branch, by name: one statement."""
    excused = exists().where(Exclusion.meeting_id == meeting.id, Exclusion.member_id == Member.id)
    rows = session.execute(
        select(Member.id, Person.name, Organisation.id, Organisation.name, Attendee.id, Attendee.venue_id)
        .join(Person, Person.id == Member.person_id)
        .join(Organisation, Organisation.id == Member.branch_id)
        .outerjoin(Attendee, (Attendee.member_id == Member.id) & (Attendee.meeting_id == meeting.id))
        .where(Member.id.in_(voters_of_unit(meeting.unit_id)), ~excused)
        .order_by(Organisation.code, Person.name, Member.id)
    )
    return [Elector(*row) for row in rows]


def members_signed_in(session: Session, meeting_id: int) -> set[int]:
    return set(session.scalars(select(Attendee.member_id).where(Attendee.meeting_id == meeting_id)))


def standing_in(session: Session, meeting_id: int) -> dict[int, list[tuple[int, str]]]:
    """round → (member, name) of those on its ballots, in ballot order: one statement."""
    rows = session.execute(
        select(MeetingRound.round_id, Candidate.member_id, Candidate.name)
        .join(Candidate, Candidate.slate_id == MeetingRound.slate_id)
        .where(MeetingRound.meeting_id == meeting_id)
        .order_by(MeetingRound.round_id, Candidate.position)
    )
    found: dict[int, list[tuple[int, str]]] = {}
    for round_id, member_id, name in rows:
        found.setdefault(round_id, []).append((member_id, name))
    return found


@dataclass(frozen=True, slots=True)
class FollowUpView:
    """What was proposed after, or before, a vote, with everybody's name. `ballot`: the vote that came of it, None while
    none did or while it waits for a later meeting.
    """

    row: FollowUp
    category: str
    category_position: int
    kind: ContestKind
    names: tuple[str, ...]
    proposed_by: str
    agreed_by: str | None
    dropped_by: str | None
    ballot: int | None

    @property
    def waits(self) -> bool:
        return self.row.agreed_at is None and self.row.dropped_at is None


def follow_ups_of(session: Session, meeting_id: int, earlier: Collection[int] = ()) -> list[FollowUpView]:
    """The follow-ups of a meeting, in the order in which they were proposed: two statements. Of the `earlier` meetings those
    that wait for agreement, and those whose vote this meeting holds.
    """
    proposer, agreer, dropper, later = aliased(Person), aliased(Person), aliased(Person), aliased(MeetingRound)
    waiting = FollowUp.agreed_at.is_(None) & FollowUp.dropped_at.is_(None)
    from_before = FollowUp.meeting_id.in_(earlier) & (waiting | later.id.is_not(None))
    rows = session.execute(
        select(FollowUp, Category, Contest.kind, proposer.name, agreer.name, dropper.name, later.ballot)
        .join(Round, Round.id == FollowUp.round_id)
        .join(Contest, Contest.id == Round.contest_id)
        .join(Category, Category.id == Contest.category_id)
        .join(proposer, proposer.id == FollowUp.proposed_by_id)
        .outerjoin(agreer, agreer.id == FollowUp.agreed_by_id)
        .outerjoin(dropper, dropper.id == FollowUp.dropped_by_id)
        .outerjoin(later, (later.round_id == FollowUp.next_round_id) & (later.meeting_id == meeting_id))
        .where((FollowUp.meeting_id == meeting_id) | from_before)
        .order_by(FollowUp.id)
    ).all()
    names = _names(session, [row.members for row, *_ in rows])
    return [
        FollowUpView(
            row=row,
            category=category.name,
            category_position=category.position,
            kind=kind,
            names=tuple(names[int(member)] for member in row.members),
            proposed_by=proposed_by,
            agreed_by=agreed_by,
            dropped_by=dropped_by,
            ballot=ballot,
        )
        for row, category, kind, proposed_by, agreed_by, dropped_by, ballot in rows
    ]


def _names(session: Session, lists: Sequence[Sequence[int]]) -> Mapping[int, str]:
    members = {int(member) for each in lists for member in each}
    if not members:
        return {}
    rows = session.execute(
        select(Member.id, Person.name).join(Person, Person.id == Member.person_id).where(Member.id.in_(members))
    )
    return {member_id: name for member_id, name in rows}


def meetings_of_unit(session: Session, unit_id: int) -> list[Meeting]:
    """The unit's meetings that took place or will, first to last."""
    return list(
        session.scalars(
            select(Meeting)
            .where(Meeting.unit_id == unit_id, Meeting.state != MeetingState.CALLED_OFF)
            .order_by(Meeting.number)
        )
    )


@dataclass(frozen=True, slots=True)
class CalledOff:
    """A meeting that did not take place, or broke off before anybody was handed a ballot: what its opening froze stays."""

    meeting: Meeting
    present: int | None
    reason: str
    person: str
    at: datetime


def called_off(session: Session, congress_id: int, unit_id: int) -> list[CalledOff]:
    """Those of the unit, first to last, with who called them off and why: two statements."""
    meetings = session.execute(
        select(Meeting, func.sum(Venue.present))
        .outerjoin(Venue, Venue.meeting_id == Meeting.id)
        .where(Meeting.unit_id == unit_id, Meeting.state == MeetingState.CALLED_OFF)
        .group_by(Meeting.id)
        .order_by(Meeting.number)
    ).all()
    if not meetings:
        return []
    events = session.scalars(
        select(AuditEvent).where(
            AuditEvent.chain == congress_chain(congress_id),
            AuditEvent.action == "meeting.called_off",
            AuditEvent.subject.in_([name_of(meeting) for meeting, _ in meetings]),
        )
    )
    said = {event.subject: event for event in events}
    return [
        CalledOff(meeting, present, event.details["reason"], event.person_name, event.at)
        for meeting, present in meetings
        if (event := said.get(name_of(meeting))) is not None
    ]
