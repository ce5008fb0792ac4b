"""Loads the paper form of a counting group: a fixed number of statements whatever the size of the unit. Changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from election.congress.models import Category, Congress, Unit
from election.congress.rules_in_force import rules_in_force
from election.contests.models import Contest, ContestKind, Round, RoundKind
from election.contests.operations import NO_QUORUM, RETURNED_OVER_ISSUED
from election.contests.outcome import WriteInRule
from election.contests.queries import BY_BALLOT, UNCONTESTED_FIRST
from election.count.checks import FormContext, SectionContext, Thresholds, Turnout
from election.count.sheet import Sheet, SheetCandidate, SheetSection, form_number_of
from election.errors import NotFound
from election.meeting.ballot_sheets import on_one_sheet
from election.meeting.counted import counted_at, name_where_counted, together
from election.meeting.models import CountingGroup, Meeting, MeetingRound, Venue, VenueBallots
from election.meeting.queries import present_at, venues_of
from election.nomination.models import BranchBallot, Candidate
from election.people.models import Person
from election.roster.models import Member, UnitBranch

# A branch ballot was on a whole category: so is a first ballot and its rerun.
COMPARABLE = (RoundKind.ORDINARY, RoundKind.RERUN)


class Recorded(NamedTuple):
    """What the scrutineers recorded of a round where its ballots are counted; None while a venue has not, or has not said.
    `void`: over all venues more came back than were issued; while one of them has not recorded, where they are counted.
    `together`: returned over all venues.
    """

    issued: int | None
    returned: int | None
    spoiled: int | None
    void: bool
    together: int | None = None


NOTHING = Recorded(None, None, None, void=False)


def load_sheet(session: Session, group_id: int, ballot: int = 1) -> Sheet:
    """The paper of a counting group. Raises NotFound."""
    head = session.execute(
        select(CountingGroup, Venue, Meeting, Unit, Congress.reference_date)
        .join(Venue, Venue.id == CountingGroup.venue_id)
        .join(Meeting, Meeting.id == Venue.meeting_id)
        .join(Unit, Unit.id == Meeting.unit_id)
        .join(Congress, Congress.id == Meeting.congress_id)
        .where(CountingGroup.id == group_id)
    ).one_or_none()
    if head is None:
        raise NotFound("count.no_such_form")
    group, venue, meeting, unit, reference = head
    venues = venues_of(session, meeting.id)
    here = counted_at(venue.id, venues.counted_with)
    alone = sum(at is None for at in venues.counted_with.values()) == 1
    groups_here = venues.groups[venue.id]
    whole = alone and groups_here == 1
    records = _records(session, here, venues.names)
    sections = _sections(session, meeting, records, ballot, reference)
    present_in = present_at(session, meeting.id, ballot)
    present = together(present_in[each] for each in here)
    rules = rules_in_force(session, meeting.congress_id)
    write_in = WriteInRule(str(rules["write_in"]))
    turnouts = _branch_turnouts(session, meeting.congress_id, meeting.unit_id)
    context = FormContext(
        thresholds=Thresholds.from_rules(rules),
        expected=meeting.expected,
        present=present,
        one_sheet=on_one_sheet(rules),
        sections={
            section.key: SectionContext(
                name=section.category,
                seats=section.seats,
                candidates={one.id: one.name for one in section.candidates},
                write_in=section.write_in(write_in),
                # Several groups share a venue's ballots: then only their sum can be held against the record.
                issued=section.issued if groups_here == 1 else None,
                returned=section.returned if groups_here == 1 else None,
                spoiled=records.get(section.round_id, NOTHING).spoiled if groups_here == 1 else None,
                over=(section.returned or 0) > (section.issued or 0),
                void=records.get(section.round_id, NOTHING).void,
                # The branch ballots are in one room each; only the unit's whole turnout compares with them.
                branch_turnout=(
                    turnouts.get(section.category_id)
                    if section.round_kind in COMPARABLE and (whole or _together(records, section) is not None)
                    else None
                ),
                returned_together=None if whole else _together(records, section),
            )
            for section in sections
        },
    )
    return Sheet(
        group_id=group.id,
        number=form_number_of(group.form_number, ballot),
        ballot=ballot,
        meeting_id=meeting.id,
        meeting_number=meeting.number,
        congress_id=meeting.congress_id,
        unit_id=unit.id,
        unit_name=unit.name,
        unit_position=unit.position,
        venue_name=name_where_counted(venue.id, venues.names, venues.counted_with),
        venues=len(venues.names),
        group=group.number,
        groups=groups_here,
        expected=meeting.expected,
        present=present,
        sections=sections,
        write_in=write_in,
        context=context,
    )


def _sections(
    session: Session, meeting: Meeting, records: Mapping[int, Recorded], ballot: int, reference: date
) -> tuple[SheetSection, ...]:
    rows = session.execute(
        select(MeetingRound.slate_id, Round, Contest, Category)
        .join(Round, Round.id == MeetingRound.round_id)
        .join(Contest, Contest.id == Round.contest_id)
        .join(Category, Category.id == Contest.category_id)
        .where(MeetingRound.meeting_id == meeting.id, MeetingRound.ballot == ballot, Round.void_at.is_(None), BY_BALLOT)
        .order_by(Category.position, UNCONTESTED_FIRST, Round.number)
    ).all()
    candidates = _candidates(session, [slate_id for slate_id, *_ in rows], reference)
    return tuple(
        SheetSection(
            round_id=row.id,
            contest_id=contest.id,
            category_id=category.id,
            category_code=category.code,
            category=category.name,
            category_position=category.position,
            kind=contest.kind,
            round_kind=row.kind,
            seats=row.seats,
            candidates=tuple(candidates.get(slate_id, ())),
            issued=records.get(row.id, NOTHING).issued,
            returned=records.get(row.id, NOTHING).returned,
        )
        for slate_id, row, contest, category in rows
    )


class VoidContest(NamedTuple):
    """A contest that is on the printed paper and void since: nothing of it is counted."""

    category: str
    category_position: int
    kind: ContestKind
    round_kind: RoundKind


def void_on_paper(session: Session, sheet: Sheet) -> tuple[VoidContest, ...]:
    """What the paper in hand has and the screen has not, in the order of the paper."""
    rows = session.execute(
        select(Category.name, Category.position, Contest.kind, Round.kind)
        .select_from(MeetingRound)
        .join(Round, Round.id == MeetingRound.round_id)
        .join(Contest, Contest.id == Round.contest_id)
        .join(Category, Category.id == Contest.category_id)
        .where(MeetingRound.meeting_id == sheet.meeting_id, MeetingRound.ballot == sheet.ballot)
        .where(Round.void_reason.in_((RETURNED_OVER_ISSUED, NO_QUORUM)), BY_BALLOT)
        .order_by(Category.position, UNCONTESTED_FIRST, Round.number)
    )
    return tuple(VoidContest(*row) for row in rows)


def _candidates(session: Session, slates: list[int], reference: date) -> dict[int, list[SheetCandidate]]:
    found: dict[int, list[SheetCandidate]] = {}
    rows = session.execute(
        select(Candidate, Person.sex, Person.born_on)
        .join(Member, Member.id == Candidate.member_id)
        .join(Person, Person.id == Member.person_id)
        .where(Candidate.slate_id.in_(slates))
        .order_by(Candidate.slate_id, Candidate.position)
    )
    for candidate, sex, born_on in rows:
        age = None if born_on is None else _age(born_on, reference)
        found.setdefault(candidate.slate_id, []).append(
            SheetCandidate(str(candidate.id), candidate.id, candidate.member_id, candidate.name, sex, age)
        )
    return found


def _age(born_on: date, on: date) -> int:
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


def _branch_turnouts(session: Session, congress_id: int, unit_id: int) -> Mapping[int, Turnout]:
    """category → the turnout of the unit's branch ballots in it, where there were any."""
    rows = session.execute(
        select(BranchBallot.category_id, func.sum(BranchBallot.returned), func.sum(BranchBallot.expected))
        .join(
            UnitBranch,
            (UnitBranch.branch_id == BranchBallot.branch_id) & (UnitBranch.congress_id == BranchBallot.congress_id),
        )
        .where(
            BranchBallot.congress_id == congress_id,
            BranchBallot.superseded_at.is_(None),
            UnitBranch.unit_id == unit_id,
        )
        .group_by(BranchBallot.category_id)
    )
    return {category: Turnout(int(returned), int(expected)) for category, returned, expected in rows}


def _records(session: Session, here: Sequence[int], venues: Collection[int]) -> Mapping[int, Recorded]:
    """round → the sums over the venues whose ballots are counted together, `here`, out of all of the meeting's."""
    found: dict[int, dict[int, VenueBallots]] = {}
    for row in session.scalars(select(VenueBallots).where(VenueBallots.venue_id.in_(venues))):
        found.setdefault(row.round_id, {})[row.venue_id] = row
    return {
        round_id: _recorded([kept.get(one) for one in here], [kept.get(one) for one in venues])
        for round_id, kept in found.items()
    }


def _recorded(here: Sequence[VenueBallots | None], venues: Sequence[VenueBallots | None]) -> Recorded:
    issued, returned = _sums(here)
    all_issued, all_returned = _sums(venues)
    in_all = all_returned
    if all_returned is None:
        all_issued, all_returned = issued, returned
    return Recorded(
        issued,
        returned,
        together(None if row is None else row.spoiled for row in here),
        void=all_issued is not None and all_returned is not None and all_returned > all_issued,
        together=in_all,
    )


def _together(records: Mapping[int, Recorded], section: SheetSection) -> int | None:
    return records.get(section.round_id, NOTHING).together


def _sums(rows: Sequence[VenueBallots | None]) -> tuple[int | None, int | None]:
    return (
        together(None if row is None else row.issued for row in rows),
        together(None if row is None else row.returned for row in rows),
    )
