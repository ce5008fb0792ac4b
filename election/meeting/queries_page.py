"""The page of a unit's evening: attendance, quorum meter, officers, ballots. One statement for each list.

Its rounds and their ballots are read in `queries_rounds.py`, who signed in and what follows in `queries_evening.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from election.congress.models import Unit
from election.congress.rules_in_force import rules_in_force
from election.meeting.ballot_checks import MissingLimits
from election.meeting.counted import present_where_counted, too_few
from election.meeting.lifecycle import MeetingState
from election.meeting.models import Exclusion, Meeting, Office
from election.meeting.models_evening import Attendee
from election.meeting.queries import count_expected, count_voters, meeting_by_id, present_at, quorum_of
from election.meeting.queries_naming import Entry, OfficerView, officers_of
from election.meeting.queries_officers import named_by_office
from election.meeting.queries_rounds import RoundView, rounds_of
from election.meeting.quorum import Meter, Quorum, meter
from election.people.models import Person
from election.roster.models import Member, Organisation


@dataclass(frozen=True, slots=True)
class GroupView:
    id: int
    number: int
    form_number: str


@dataclass(frozen=True, slots=True)
class VenueView:
    """`present`: at the vote that is on. `signed_in`: how many names stand on its sign-in list. `counted_with_id`: the venue
    that counts its ballots, None where it does so itself.
    """

    id: int
    number: int
    name: str
    mobile: bool
    present: int | None
    signed_in: int
    counted_with_id: int | None
    groups: tuple[GroupView, ...]

    @property
    def form_numbers(self) -> tuple[str, ...]:
        return tuple(group.form_number for group in self.groups)


@dataclass(frozen=True, slots=True)
class ExclusionView:
    id: int
    member_id: int
    name: str
    branch: str
    reason_zh: str
    reason_en: str


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who is there at the vote that is on (`ballot`), against whom the meeting expects. `present` None: nobody counted yet."""

    voters: int
    expected: int
    present: int | None
    ballot: int
    quorum: Quorum
    meter: Meter
    venues: tuple[VenueView, ...]

    @property
    def signed_in(self) -> int:
        return sum(venue.signed_in for venue in self.venues)


@dataclass(frozen=True, slots=True)
class MeetingPage:
    """All that one page needs to run the evening."""

    meeting: Meeting
    unit: Unit
    attendance: Attendance
    officers: tuple[OfficerView, ...]
    exclusions: tuple[ExclusionView, ...]
    rounds: tuple[RoundView, ...]
    counted_alone: int
    missing_limits: MissingLimits

    @property
    def scrutineers(self) -> tuple[OfficerView, ...]:
        return tuple(one for one in self.officers if one.office is Office.SCRUTINEER)

    @property
    def tellers(self) -> tuple[OfficerView, ...]:
        return tuple(one for one in self.officers if one.office is Office.TELLER)

    def ready(self, office: Office) -> int:
        """How many officers of this kind can sign in and do its work."""
        return sum(one.office is office and one.entry is Entry.READY for one in self.officers)

    @property
    def venues(self) -> tuple[VenueView, ...]:
        return self.attendance.venues

    @property
    def too_few(self) -> tuple[VenueView, ...]:
        """The venues that would be counted alone with so few present that their votes would show (edge case 15)."""
        counted_with = {one.id: one.counted_with_id for one in self.venues}
        where = present_where_counted({one.id: one.present for one in self.venues}, counted_with)
        few = too_few(where, self.counted_alone)
        return tuple(one for one in self.venues if one.id in few)

    @property
    def in_session(self) -> bool:
        return self.meeting.state in (MeetingState.OPENED, MeetingState.BALLOTS_RECORDED)

    @property
    def unsettled(self) -> tuple[RoundView, ...]:
        """Ballots of these are out, and nothing is decided: they keep the meeting open."""
        return tuple(row for row in self.rounds if row.by_venue and not row.settled)

    @property
    def not_issued(self) -> tuple[RoundView, ...]:
        """Nobody was handed a ballot of these: they can be left for another meeting."""
        return tuple(row for row in self.rounds if not row.by_venue and not row.settled)

    @property
    def may_close(self) -> bool:
        return self.in_session and not self.unsettled and any(row.settled for row in self.rounds)

    @property
    def may_be_called_off(self) -> bool:
        """It did not begin, or nobody was handed a ballot of anything."""
        begun = self.meeting.state is MeetingState.OPENED and not any(row.by_venue for row in self.rounds)
        return begun or self.meeting.state is MeetingState.PLANNED

    @property
    def voters(self) -> int:
        return self.attendance.voters

    @property
    def expected(self) -> int:
        return self.attendance.expected

    @property
    def present(self) -> int | None:
        return self.attendance.present

    @property
    def ballot(self) -> int:
        """The vote of the evening that is on."""
        return self.attendance.ballot

    @property
    def quorum(self) -> Quorum:
        return self.attendance.quorum

    @property
    def meter(self) -> Meter:
        return self.attendance.meter


def meeting_page(session: Session, meeting_id: int) -> MeetingPage:
    """The meeting with its attendance, quorum meter, officers, exclusions and ballots: one statement for each list."""
    meeting = meeting_by_id(session, meeting_id)
    rounds = rounds_of(session, meeting)
    rules = rules_in_force(session, meeting.congress_id)
    return MeetingPage(
        meeting=meeting,
        unit=meeting.unit,
        attendance=attendance_of(session, meeting, max((row.ballot for row in rounds), default=1)),
        officers=_officers(session, meeting),
        exclusions=exclusions_of(session, meeting.id),
        rounds=rounds,
        counted_alone=int(str(rules["counted_alone"])),
        missing_limits=MissingLimits.from_rules(rules),
    )


def _officers(session: Session, meeting: Meeting) -> tuple[OfficerView, ...]:
    officers = officers_of(session, meeting.id)
    if meeting.state is not MeetingState.CLOSED:  # until then the meeting itself votes on them
        return officers
    named = named_by_office(session, meeting)
    return tuple(replace(one, by_office=one.person_id in named) for one in officers)


def attendance_of(session: Session, meeting: Meeting, ballot: int) -> Attendance:
    """The figures that move while people come, at the vote that is on: what the page asks for again every few seconds."""
    first = {venue.id: venue.present for venue in meeting.venues}
    present = first if ballot == 1 else present_at(session, meeting.id, ballot)
    rows = session.execute(
        select(Attendee.venue_id, func.count()).where(Attendee.meeting_id == meeting.id).group_by(Attendee.venue_id)
    )
    signed = {venue_id: number for venue_id, number in rows}
    known = [number for number in present.values() if number is not None]
    quorum = quorum_of(session, meeting.congress_id)
    expected = count_expected(session, meeting) if meeting.expected is None else meeting.expected
    return Attendance(
        voters=count_voters(session, meeting.unit_id),
        expected=expected,
        present=sum(known) if known else None,
        ballot=ballot,
        quorum=quorum,
        meter=meter(quorum, expected, sum(known)),
        venues=tuple(
            VenueView(
                venue.id,
                venue.number,
                venue.name,
                venue.mobile,
                present.get(venue.id),
                signed.get(venue.id, 0),
                venue.counted_with_id,
                tuple(GroupView(group.id, group.number, group.form_number) for group in venue.groups),
            )
            for venue in meeting.venues
        ),
    )


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
