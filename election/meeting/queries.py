"""Shaped reading of meetings: who may vote, who stands, who holds an office. Changes nothing.

The page of one evening is in `queries_page.py`, who may be named to an office in `queries_naming.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased, joinedload, selectinload

from election.congress.models import Category
from election.congress.rules_in_force import rules_in_force
from election.contests.models import Contest, Round
from election.contests.queries import UNCONTESTED_FIRST, WITH_SEATS
from election.errors import NotFound
from election.meeting.counted import present_where_counted, withheld
from election.meeting.lifecycle import MeetingState
from election.meeting.models import CountingGroup, Exclusion, Meeting, MeetingOfficer, MeetingRound, Office, Venue
from election.meeting.models_evening import VenueAttendance
from election.meeting.quorum import Quorum
from election.nomination.lifecycle import SlateState
from election.nomination.models import Candidate, Slate
from election.people.models import Person
from election.people.queries import relatives_of
from election.roster.models import Member, Organisation, UnitBranch
from election.roster.queries import VOTES
from election.strokes import known_first


def voters_of_unit(unit_id: int) -> Select[int]:
    """The ids of the members who vote in the unit."""
    return (
        select(Member.id)
        .join(UnitBranch, UnitBranch.branch_id == Member.branch_id)
        .where(UnitBranch.unit_id == unit_id, VOTES)
    )


def count_voters(session: Session, unit_id: int) -> int:
    """The provisional expected number: all who have a vote in the unit, nobody excluded yet."""
    return session.scalar(select(func.count()).select_from(voters_of_unit(unit_id).subquery())) or 0


def count_expected(session: Session, meeting: Meeting) -> int:
    """Voters of the unit without those excluded; only excluded persons who (still) have a vote here are taken off."""
    excluded = exists().where(Exclusion.meeting_id == meeting.id, Exclusion.member_id == Member.id)
    counted = voters_of_unit(meeting.unit_id).where(~excluded).subquery()
    return session.scalar(select(func.count()).select_from(counted)) or 0


def quorum_of(session: Session, congress_id: int) -> Quorum:
    """The quorum of the congress's meetings, by the rule in force."""
    return Quorum.parse(str(rules_in_force(session, congress_id)["quorum_meeting"]))


def current_ballot(session: Session, meeting_id: int) -> int:
    """The vote of the evening that is on: the latest one that the meeting holds rounds of, the first before it opens."""
    held = (
        select(func.max(MeetingRound.ballot))
        .join(Round, Round.id == MeetingRound.round_id)
        .where(MeetingRound.meeting_id == meeting_id, WITH_SEATS)
    )
    return session.scalar(held) or 1


def present_at(session: Session, meeting_id: int, ballot: int) -> dict[int, int | None]:
    """venue → those present at a vote of the evening: as counted for it, else as at the votes before."""
    return present_at_each(session, meeting_id, [ballot])[ballot]


def present_at_each(session: Session, meeting_id: int, ballots: Collection[int]) -> dict[int, dict[int, int | None]]:
    """The same of several votes: two statements."""
    first: dict[int, int | None] = {
        venue_id: present
        for venue_id, present in session.execute(select(Venue.id, Venue.present).where(Venue.meeting_id == meeting_id))
    }
    later = session.execute(
        select(VenueAttendance.ballot, VenueAttendance.venue_id, VenueAttendance.present)
        .where(VenueAttendance.meeting_id == meeting_id)
        .order_by(VenueAttendance.ballot)
    ).all()
    return {
        ballot: first | {venue_id: present for vote, venue_id, present in later if vote <= ballot} for ballot in ballots
    }


@dataclass(frozen=True, slots=True)
class Venues:
    """A meeting's venues by number: their names, where each is counted, how many counting groups each has."""

    names: Mapping[int, str]
    counted_with: Mapping[int, int | None]
    groups: Mapping[int, int]


def venues_of(session: Session, meeting_id: int) -> Venues:
    rows = session.execute(
        select(Venue.id, Venue.name, Venue.counted_with_id, func.count(CountingGroup.id))
        .outerjoin(CountingGroup, CountingGroup.venue_id == Venue.id)
        .where(Venue.meeting_id == meeting_id)
        .group_by(Venue.id, Venue.name, Venue.counted_with_id, Venue.number)
        .order_by(Venue.number)
    ).all()
    return Venues(
        names={venue_id: name for venue_id, name, _, _ in rows},
        counted_with={venue_id: at for venue_id, _, at, _ in rows},
        groups={venue_id: groups for venue_id, _, _, groups in rows},
    )


def counted_alone(session: Session, congress_id: int) -> int:
    """From how many present a venue's figures may be shown apart, by the rule in force."""
    return int(str(rules_in_force(session, congress_id)["counted_alone"]))


def withheld_at(session: Session, meeting: Meeting, ballot: int) -> set[int]:
    """The venues of a vote whose figures are shown to nobody apart."""
    return withheld_at_each(session, meeting, [ballot])[ballot]


def withheld_at_each(session: Session, meeting: Meeting, ballots: Collection[int]) -> dict[int, set[int]]:
    """The same of several votes, in as many statements as of one."""
    present, venues = present_at_each(session, meeting.id, ballots), venues_of(session, meeting.id)
    alone = counted_alone(session, meeting.congress_id)
    return {
        ballot: withheld(present_where_counted(there, venues.counted_with), alone) for ballot, there in present.items()
    }


def slates_in_force(session: Session, unit_id: int) -> list[tuple[Round, Slate | None]]:
    """The unit's rounds that no meeting has voted on yet, with the slate in force (None: not yet), in ballot order."""
    rows = session.execute(
        select(Round, Slate)
        .join(Contest, Contest.id == Round.contest_id)
        .join(Category, Category.id == Contest.category_id)
        .outerjoin(Slate, and_(Slate.round_id == Round.id, Slate.state != SlateState.SUPERSEDED))
        .where(Contest.unit_id == unit_id, Round.void_at.is_(None), ~exists().where(MeetingRound.round_id == Round.id))
        .order_by(Category.position, UNCONTESTED_FIRST, Round.number)
    )
    return [(row, slate) for row, slate in rows]


def candidate_persons(session: Session, unit_id: int) -> dict[int, str]:
    """person → name, of everyone on a slate of the unit that is in force, but for rounds that are not held."""
    rows = session.execute(
        select(Member.person_id, Candidate.name)
        .join(Candidate, Candidate.member_id == Member.id)
        .join(Slate, Slate.id == Candidate.slate_id)
        .join(Round, Round.id == Slate.round_id)
        .join(Contest, Contest.id == Round.contest_id)
        .where(Contest.unit_id == unit_id, Slate.state != SlateState.SUPERSEDED, WITH_SEATS)
    )
    return {person: name for person, name in rows}


def stands_in(session: Session, unit_id: int, person_id: int) -> bool:
    """True when the person is a candidate in the unit: one statement, asked by every act on its ballots and counts."""
    return bool(session.scalar(select(standing_of(unit_id, person_id))))


def standing_of(unit_id: int, person_id: int | InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """On a slate of the unit that is in force. The member has a name of its own: the asker may read members too."""
    standing = aliased(Member)
    return (
        exists()
        .where(Candidate.member_id == standing.id)
        .where(standing.person_id == person_id)
        .where(Slate.id == Candidate.slate_id)
        .where(Slate.state != SlateState.SUPERSEDED)
        .where(Round.id == Slate.round_id, WITH_SEATS)
        .where(Contest.id == Round.contest_id)
        .where(Contest.unit_id == unit_id)
    )


def related_candidate(session: Session, unit_id: int, person_id: int) -> str | None:
    """The name of a candidate of the unit who is a declared close relative of the person (地方条例 28)."""
    relatives = relatives_of(session, {person_id})[person_id]
    if not relatives:
        return None
    standing = candidate_persons(session, unit_id)
    return next((standing[person] for person in sorted(relatives) if person in standing), None)


def holds_office(session: Session, meeting_id: int, person_id: int, office: Office) -> bool:
    """True while the person is a scrutineer, or a teller, of this very meeting."""
    return bool(
        session.scalar(
            select(
                exists().where(
                    MeetingOfficer.meeting_id == meeting_id,
                    MeetingOfficer.person_id == person_id,
                    MeetingOfficer.office == office,
                )
            )
        )
    )


def meeting_of_unit(session: Session, unit_id: int) -> Meeting | None:
    """The unit's latest meeting that was not called off."""
    return session.scalar(
        select(Meeting)
        .where(Meeting.unit_id == unit_id, Meeting.state != MeetingState.CALLED_OFF)
        .order_by(Meeting.number.desc())
        .limit(1)
    )


def meeting_by_id(session: Session, meeting_id: int) -> Meeting:
    """The meeting with unit, venues and groups. Raises NotFound."""
    meeting = session.scalar(
        select(Meeting)
        .where(Meeting.id == meeting_id)
        .options(joinedload(Meeting.unit), selectinload(Meeting.venues).selectinload(Venue.groups))
    )
    if meeting is None:
        raise NotFound("meeting.none")
    return meeting


@dataclass(frozen=True, slots=True)
class PersonChoice:
    """Someone who could be chosen, with what tells them apart from others of the same name."""

    id: int
    name: str
    detail: str


def voters_named(session: Session, unit_id: int, name: str) -> list[PersonChoice]:
    """Members with a vote in the unit whose name contains `name`, by strokes: member ids, with the branch."""
    rows = session.execute(
        select(Member.id, Person.name, Organisation.name)
        .join(Person, Person.id == Member.person_id)
        .join(Organisation, Organisation.id == Member.branch_id)
        .where(Member.id.in_(voters_of_unit(unit_id)), Person.name.contains(name.strip(), autoescape=True))
        .order_by(Person.name, Member.id)
    )
    found = [PersonChoice(member, person, branch) for member, person, branch in rows]
    return sorted(found, key=lambda one: (known_first(one.name), one.id))
