"""The page of a unit's evening: attendance, quorum meter, officers, ballots. One statement for each list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased

from election.congress.models import Category, Unit
from election.congress.rules_in_force import rules_in_force
from election.contests.models import Contest, ContestKind, Round, RoundKind
from election.contests.queries import UNCONTESTED_FIRST
from election.meeting.lifecycle import MeetingState
from election.meeting.models import (
    Exclusion,
    Meeting,
    MeetingOfficer,
    MeetingRound,
    Office,
    Venue,
    VenueBallots,
)
from election.meeting.queries import count_expected, count_voters, meeting_by_id
from election.meeting.quorum import Meter, Quorum, meter
from election.nomination.lifecycle import SlateState
from election.nomination.models import Candidate, Slate
from election.people.models import Person
from election.roster.models import Member, Organisation


@dataclass(frozen=True, slots=True)
class VenueView:
    id: int
    number: int
    name: str
    mobile: bool
    present: int | None
    form_numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OfficerView:
    id: int
    person_id: int
    name: str
    office: Office


@dataclass(frozen=True, slots=True)
class ExclusionView:
    id: int
    member_id: int
    name: str
    branch: str
    reason_zh: str
    reason_en: str


@dataclass(frozen=True, slots=True)
class RoundView:
    """A round on the meeting's table. Sums over all venues; None: not every venue has its record yet."""

    round_id: int
    category: str
    category_position: int
    kind: ContestKind
    round_kind: RoundKind
    seats: int
    candidates: int
    slate_frozen: bool
    issued: int | None
    returned: int | None
    by_venue: Mapping[int, tuple[int, int | None]]
    ballot: int
    void: bool
    counted: bool

    @property
    def must_be_void(self) -> bool:
        """More returned than issued, and not yet declared void."""
        return not self.void and self.returned is not None and self.issued is not None and self.returned > self.issued


@dataclass(frozen=True, slots=True)
class MeetingPage:
    """All that one page needs to run the evening."""

    meeting: Meeting
    unit: Unit
    voters: int
    expected: int
    present: int | None
    quorum: Quorum
    meter: Meter
    venues: tuple[VenueView, ...]
    officers: tuple[OfficerView, ...]
    exclusions: tuple[ExclusionView, ...]
    rounds: tuple[RoundView, ...]

    @property
    def scrutineers(self) -> tuple[OfficerView, ...]:
        return tuple(one for one in self.officers if one.office is Office.SCRUTINEER)

    @property
    def tellers(self) -> tuple[OfficerView, ...]:
        return tuple(one for one in self.officers if one.office is Office.TELLER)


def meeting_page(session: Session, meeting_id: int) -> MeetingPage:
    """The meeting with its attendance, quorum meter, officers, exclusions and ballots: one statement for each list."""
    meeting = meeting_by_id(session, meeting_id)
    voters = count_voters(session, meeting.unit_id)
    expected = count_expected(session, meeting) if meeting.expected is None else meeting.expected
    known = [venue.present for venue in meeting.venues if venue.present is not None]
    quorum = Quorum.parse(str(rules_in_force(session, meeting.congress_id)["quorum_meeting"]))
    venues = tuple(
        VenueView(
            venue.id,
            venue.number,
            venue.name,
            venue.mobile,
            venue.present,
            tuple(group.form_number for group in venue.groups),
        )
        for venue in meeting.venues
    )
    return MeetingPage(
        meeting=meeting,
        unit=meeting.unit,
        voters=voters,
        expected=expected,
        present=sum(known) if known else None,
        quorum=quorum,
        meter=meter(quorum, expected, sum(known)),
        venues=venues,
        officers=officers_of(session, meeting.id),
        exclusions=exclusions_of(session, meeting.id),
        rounds=rounds_of(session, meeting),
    )


def officers_of(session: Session, meeting_id: int) -> tuple[OfficerView, ...]:
    rows = session.execute(
        select(MeetingOfficer, Person.name)
        .join(Person, Person.id == MeetingOfficer.person_id)
        .where(MeetingOfficer.meeting_id == meeting_id)
        .order_by(MeetingOfficer.id)
    )
    return tuple(OfficerView(row.id, row.person_id, name, row.office) for row, name in rows)


def exclusions_of(session: Session, meeting_id: int) -> tuple[ExclusionView, ...]:
    rows = session.execute(
        select(Exclusion, Person.name, Organisation.name)
        .join(Member, Member.id == Exclusion.member_id)
        .join(Person, Person.id == Member.person_id)
        .join(Organisation, Organisation.id == Member.branch_id)
        .where(Exclusion.meeting_id == meeting_id)
        .order_by(Exclusion.id)
    )
    return tuple(
        ExclusionView(row.id, row.member_id, name, branch, row.reason.zh, row.reason.en) for row, name, branch in rows
    )


def rounds_of(session: Session, meeting: Meeting) -> tuple[RoundView, ...]:
    """The rounds the meeting votes on (before it opens: those it would vote on) with its ballot records."""
    held = aliased(MeetingRound)
    candidates = select(func.count(Candidate.id)).where(Candidate.slate_id == Slate.id).scalar_subquery()
    planned = meeting.state is MeetingState.PLANNED
    chosen = (
        select(Round, Contest, Category, held, Slate.state, candidates)
        .join(Contest, Contest.id == Round.contest_id)
        .join(Category, Category.id == Contest.category_id)
        .order_by(Category.position, UNCONTESTED_FIRST, Round.number)
    )
    if planned:
        in_force = and_(Slate.round_id == Round.id, Slate.state != SlateState.SUPERSEDED)
        chosen = (
            chosen.outerjoin(held, held.round_id == Round.id)
            .outerjoin(Slate, in_force)
            .where(Contest.unit_id == meeting.unit_id, Round.void_at.is_(None), held.id.is_(None))
        )
    else:
        chosen = (
            chosen.join(held, held.round_id == Round.id)
            .join(Slate, Slate.id == held.slate_id)
            .where(held.meeting_id == meeting.id)
        )
    ballots: dict[int, dict[int, tuple[int, int | None]]] = {}
    records = select(VenueBallots).join(Venue, Venue.id == VenueBallots.venue_id).where(Venue.meeting_id == meeting.id)
    for record in session.scalars(records):
        ballots.setdefault(record.round_id, {})[record.venue_id] = (record.issued, record.returned)
    venues = len(meeting.venues)
    views = []
    for row, contest, category, mark, state, number in session.execute(chosen):
        parts = ballots.get(row.id, {})
        whole = len(parts) == venues and venues > 0
        views.append(
            RoundView(
                round_id=row.id,
                category=category.name,
                category_position=category.position,
                kind=contest.kind,
                round_kind=row.kind,
                seats=row.seats,
                candidates=number or 0,
                slate_frozen=state is SlateState.FROZEN,
                issued=sum(issued for issued, _ in parts.values()) if whole else None,
                returned=_sum([returned for _, returned in parts.values()]) if whole else None,
                by_venue=parts,
                ballot=1 if mark is None else mark.ballot,
                void=row.void_at is not None,
                counted=mark is not None and mark.counted_at is not None,
            )
        )
    return tuple(views)


def _sum(parts: list[int | None]) -> int | None:
    """None while a part is not known: a sum without it would be taken for the whole."""
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None
