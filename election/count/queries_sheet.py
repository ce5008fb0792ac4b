"""Loads the paper form of a counting group: a fixed number of statements whatever the size of the unit. Changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from election.congress.models import Category, Congress, Unit
from election.congress.rules_in_force import rules_in_force
from election.contests.models import Contest, Round, RoundKind
from election.contests.outcome import WriteInRule
from election.contests.queries import UNCONTESTED_FIRST
from election.count.checks import FormContext, SectionContext, Thresholds, Turnout
from election.count.sheet import Sheet, SheetCandidate, SheetSection, form_number_of
from election.errors import NotFound
from election.meeting.models import CountingGroup, Meeting, MeetingRound, Venue, VenueBallots
from election.meeting.models_evening import SpoiledRuling
from election.meeting.queries import present_at
from election.nomination.models import BranchBallot, Candidate
from election.people.models import Person
from election.roster.models import Member, UnitBranch

# A branch ballot was on a whole category: so is a first ballot and its rerun.
COMPARABLE = (RoundKind.ORDINARY, RoundKind.RERUN)


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
    venues, groups_here = session.execute(
        select(
            func.count(Venue.id.distinct()),
            func.count(CountingGroup.id).filter(CountingGroup.venue_id == venue.id),
        )
        .outerjoin(CountingGroup, CountingGroup.venue_id == Venue.id)
        .where(Venue.meeting_id == meeting.id)
    ).one()
    sections = _sections(session, meeting, venue, ballot, reference)
    present = present_at(session, meeting.id, ballot).get(venue.id)
    spoiled = _spoiled(session, venue.id)
    rules = rules_in_force(session, meeting.congress_id)
    write_in = WriteInRule(str(rules["write_in"]))
    turnouts = _branch_turnouts(session, meeting.congress_id, meeting.unit_id)
    context = FormContext(
        thresholds=Thresholds.from_rules(rules),
        expected=meeting.expected,
        present=present,
        sections={
            section.key: SectionContext(
                name=section.category,
                seats=section.seats,
                candidates={one.id: one.name for one in section.candidates},
                write_in=section.write_in(write_in),
                # Several groups share a venue's ballots: then only their sum can be held against the record.
                issued=section.issued if groups_here == 1 else None,
                returned=section.returned if groups_here == 1 else None,
                spoiled=spoiled.get(section.round_id) if groups_here == 1 else None,
                # The branch ballots are in one room each; only the unit's whole turnout compares with them.
                branch_turnout=(
                    turnouts.get(section.category_id)
                    if venues == 1 and groups_here == 1 and section.round_kind in COMPARABLE
                    else None
                ),
            )
            for section in sections
        },
    )
    return Sheet(
        group_id=group.id,
        number=form_number_of(group.form_number, ballot),
        ballot=ballot,
        meeting_id=meeting.id,
        congress_id=meeting.congress_id,
        unit_id=unit.id,
        unit_name=unit.name,
        unit_position=unit.position,
        venue_name=venue.name,
        venues=venues,
        expected=meeting.expected,
        present=present,
        sections=sections,
        write_in=write_in,
        context=context,
    )


def _sections(
    session: Session, meeting: Meeting, venue: Venue, ballot: int, reference: date
) -> tuple[SheetSection, ...]:
    rows = session.execute(
        select(MeetingRound.slate_id, Round, Contest, Category, VenueBallots.issued, VenueBallots.returned)
        .join(Round, Round.id == MeetingRound.round_id)
        .join(Contest, Contest.id == Round.contest_id)
        .join(Category, Category.id == Contest.category_id)
        .outerjoin(VenueBallots, (VenueBallots.round_id == Round.id) & (VenueBallots.venue_id == venue.id))
        .where(MeetingRound.meeting_id == meeting.id, MeetingRound.ballot == ballot, Round.void_at.is_(None))
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
            issued=issued,
            returned=returned,
        )
        for slate_id, row, contest, category, issued, returned in rows
    )


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


def _spoiled(session: Session, venue_id: int) -> Mapping[int, int]:
    """round → how many ballots the scrutineers of the venue ruled spoiled, where they said so by kind."""
    rows = session.execute(
        select(SpoiledRuling.round_id, func.sum(SpoiledRuling.number))
        .where(SpoiledRuling.venue_id == venue_id)
        .group_by(SpoiledRuling.round_id)
    )
    return {round_id: int(number) for round_id, number in rows}
