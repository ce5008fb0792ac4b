"""What the demo has to know of its county to play its persons. Changes nothing."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from election.congress.models import Unit
from election.meeting.models import MeetingRound, VenueBallots
from election.meeting.queries import candidate_persons
from election.people.models import Person
from election.quotas.models import AssignedLeader
from election.quotas.models_letters import SeatLetter
from election.roster.models import Absence, Member, Organisation, UnitBranch
from election.roster.queries import VOTES, MemberLine, members_page


def open_letters(session: Session, congress_id: int) -> dict[str, tuple[int, str]]:
    """unit code → (unit, fingerprint of its letter), of the letters nobody has signed for."""
    rows = session.execute(
        select(Unit.code, Unit.id, SeatLetter.hash)
        .join(Unit, SeatLetter.unit_id == Unit.id)
        .where(Unit.congress_id == congress_id, SeatLetter.received_on.is_(None))
        .order_by(SeatLetter.number)
    )
    return {code: (unit_id, hash_) for code, unit_id, hash_ in rows}


def members_of_post(session: Session, post: str) -> list[int]:
    return list(session.scalars(select(Member.id).where(Member.post == post, VOTES).order_by(Member.id)))


def voters_by_unit(session: Session, congress_id: int) -> dict[str, list[tuple[int, date | None]]]:
    """unit code → its electors, each with the day of birth, but for those who are assigned."""
    assigned = select(AssignedLeader.member_id).where(AssignedLeader.congress_id == congress_id)
    rows = session.execute(
        select(Unit.code, Member.id, Person.born_on)
        .join(UnitBranch, UnitBranch.unit_id == Unit.id)
        .join(Member, Member.branch_id == UnitBranch.branch_id)
        .join(Person, Person.id == Member.person_id)
        .where(Unit.congress_id == congress_id, VOTES, Member.id.not_in(assigned))
        .order_by(Unit.position, Member.id)
    )
    found: dict[str, list[tuple[int, date | None]]] = defaultdict(list)
    for code, member_id, born_on in rows:
        found[code].append((member_id, born_on))
    return found


def suspended_members(session: Session, congress_id: int) -> list[MemberLine]:
    page = members_page(session, congress_id, without_vote=True, size=1000)
    return [line for line in page.lines if line.suspension is not None]


def eligible_members(session: Session, congress_id: int) -> dict[tuple[int, str], list[tuple[int, int]]]:
    """(unit, category code) → members with a vote who are neither assigned nor away, each with the branch."""
    assigned = select(AssignedLeader.member_id).where(AssignedLeader.congress_id == congress_id)
    away = select(Absence.member_id).where(Absence.congress_id == congress_id)
    rows = session.execute(
        select(UnitBranch.unit_id, Member.category, Member.id, UnitBranch.branch_id)
        .join(Member, Member.branch_id == UnitBranch.branch_id)
        .where(UnitBranch.congress_id == congress_id, VOTES, Member.id.not_in(assigned), Member.id.not_in(away))
        .order_by(Member.id)
    )
    found: dict[tuple[int, str], list[tuple[int, int]]] = defaultdict(list)
    for unit_id, category, member_id, branch_id in rows:
        found[unit_id, category].append((member_id, branch_id))
    return found


def branch_voters(session: Session) -> dict[int, int]:
    rows = session.execute(
        select(Organisation.id, func.count())
        .join(Member, Member.branch_id == Organisation.id)
        .where(VOTES)
        .group_by(Organisation.id)
    )
    return {branch_id: number for branch_id, number in rows}


def bystanders(session: Session, congress_id: int, unit_id: int, number: int) -> list[int]:
    """Persons of the unit with a vote who stand nowhere in it: the last on the roster."""
    standing = candidate_persons(session, unit_id)
    rows = session.scalars(
        select(Member.person_id)
        .join(UnitBranch, UnitBranch.branch_id == Member.branch_id)
        .where(UnitBranch.congress_id == congress_id, UnitBranch.unit_id == unit_id, VOTES)
        .order_by(Member.id.desc())
    )
    return [person_id for person_id in rows if person_id not in standing][:number]


def meeting_rounds(session: Session, meeting_id: int, ballot: int = 1) -> list[int]:
    """The rounds of one vote of a meeting."""
    return list(
        session.scalars(
            select(MeetingRound.round_id)
            .where(MeetingRound.meeting_id == meeting_id, MeetingRound.ballot == ballot)
            .order_by(MeetingRound.round_id)
        )
    )


def recorded_rounds(session: Session, rounds: list[int]) -> set[int]:
    """Those of which a venue's scrutineers have recorded the ballots."""
    return set(session.scalars(select(VenueBallots.round_id).where(VenueBallots.round_id.in_(rounds))))


def first_branch(session: Session, unit_id: int) -> int:
    return session.scalars(
        select(UnitBranch.branch_id).where(UnitBranch.unit_id == unit_id).order_by(UnitBranch.branch_id).limit(1)
    ).one()
