"""Shaped reading of the members who are away: a unit's list, the counts of all units, who is proposed for exclusion.
Changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session, aliased

from election.errors import NotFound
from election.machine import Words
from election.people.models import Person, Sex
from election.roster.edits import day_text, seen_text
from election.roster.models import (
    Absence,
    AbsenceKind,
    ExclusionReason,
    Member,
    Notification,
    Organisation,
    UnitBranch,
)
from election.roster.queries import VOTES


@dataclass(frozen=True, slots=True)
class AbsenceLine:
    """A member who is away. `votes`: has a vote now, so that the meeting expects or, with `reason`, may excuse them."""

    member_id: int
    person_id: int
    name: str
    sex: Sex | None
    branch_code: str
    branch_name: str
    unit_id: int
    votes: bool
    kind: AbsenceKind
    reason: ExclusionReason | None
    whereabouts: str
    notified: Notification | None
    notified_on: date | None
    note: str
    recorded_by: str
    recorded_at: datetime


ABSENCE_FIELDS = {
    "kind": Words("外出情况", "kind of absence"),
    "reason": Words("不计入应到会的理由", "listed reason"),
    "whereabouts": Words("去向", "whereabouts"),
    "notified": Words("通知方式", "told"),
    "notified_on": Words("通知日期", "told on"),
    "note": Words("备注", "note"),
}


def absence_facts(line: AbsenceLine | None) -> dict[str, str]:
    """What is recorded of a member's absence; empty where nothing is."""
    if line is None:
        return {}
    return plain_facts(line.kind, line.reason, line.whereabouts, line.notified, line.notified_on, line.note)


def plain_facts(
    kind: AbsenceKind,
    reason: ExclusionReason | None,
    whereabouts: str,
    notified: Notification | None,
    notified_on: date | None,
    note: str,
) -> dict[str, str]:
    return {
        "kind": kind.zh,
        "reason": reason.zh if reason is not None else "",
        "whereabouts": whereabouts,
        "notified": notified.zh if notified is not None else "",
        "notified_on": day_text(notified_on),
        "note": note,
    }


def absence_token(line: AbsenceLine | None) -> str:
    """What a form carries, as `member_token` does."""
    return seen_text(absence_facts(line))


def _absence_lines(congress_id: int) -> Select[*tuple[Any, ...]]:
    recorder = aliased(Person)
    return (
        select(
            Member.id,
            Person.id,
            Person.name,
            Person.sex,
            Organisation.code,
            Organisation.name,
            UnitBranch.unit_id,
            case((VOTES, True), else_=False),
            Absence.kind,
            Absence.reason,
            Absence.whereabouts,
            Absence.notified,
            Absence.notified_on,
            Absence.note,
            recorder.name,
            Absence.recorded_at,
        )
        .join(Member, Member.id == Absence.member_id)
        .join(Person, Person.id == Member.person_id)
        .join(Organisation, Organisation.id == Member.branch_id)
        .join(recorder, recorder.id == Absence.person_id)
        .join(UnitBranch, and_(UnitBranch.branch_id == Member.branch_id, UnitBranch.congress_id == Absence.congress_id))
        .where(Absence.congress_id == congress_id)
    )


def absence_list(session: Session, congress_id: int, unit_id: int | None = None) -> list[AbsenceLine]:
    """Who is away, of one unit or of all: those who are not told yet first, then by branch. One statement."""
    wanted = _absence_lines(congress_id).order_by(
        case((Absence.notified.is_(None), 0), else_=1), Organisation.code, Member.id
    )
    if unit_id is not None:
        wanted = wanted.where(UnitBranch.unit_id == unit_id)
    return [AbsenceLine(*row) for row in session.execute(wanted)]


def absence_of(session: Session, congress_id: int, member_id: int) -> AbsenceLine | None:
    row = session.execute(_absence_lines(congress_id).where(Absence.member_id == member_id)).one_or_none()
    return None if row is None else AbsenceLine(*row)


def require_absence(session: Session, congress_id: int, unit_id: int, member_id: int) -> AbsenceLine:
    """The recorded absence of a member of this unit. Raises NotFound."""
    line = absence_of(session, congress_id, member_id)
    if line is None or line.unit_id != unit_id:
        raise NotFound("absence.none")
    return line


@dataclass(frozen=True, slots=True)
class AbsenceCounts:
    """A unit's members who are away: of `away` some are not told yet; `listed`: with a vote and a listed reason, whom
    the meeting may agree not to expect.
    """

    away: int = 0
    untold: int = 0
    migrant: int = 0
    listed: int = 0


NOBODY_AWAY = AbsenceCounts()


def absence_counts(session: Session, congress_id: int) -> dict[int, AbsenceCounts]:
    """unit → counts, of the units where anyone is away: one statement."""

    def counted(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((condition, 1), else_=0))

    rows = session.execute(
        select(
            UnitBranch.unit_id,
            func.count(),
            counted(Absence.notified.is_(None)),
            counted(Absence.kind == AbsenceKind.MIGRANT),
            counted(and_(Absence.reason.is_not(None), VOTES)),
        )
        .select_from(Absence)
        .join(Member, Member.id == Absence.member_id)
        .join(UnitBranch, and_(UnitBranch.branch_id == Member.branch_id, UnitBranch.congress_id == Absence.congress_id))
        .where(Absence.congress_id == congress_id)
        .group_by(UnitBranch.unit_id)
    )
    return {unit_id: AbsenceCounts(*(int(number) for number in numbers)) for unit_id, *numbers in rows}


def listed_absences(session: Session, congress_id: int, unit_id: int) -> list[tuple[int, ExclusionReason]]:
    """(member, reason) of the unit's voters who are away for a listed reason, as the roster stands."""
    rows = session.execute(
        select(Absence.member_id, Absence.reason)
        .join(Member, Member.id == Absence.member_id)
        .join(UnitBranch, and_(UnitBranch.branch_id == Member.branch_id, UnitBranch.congress_id == Absence.congress_id))
        .where(Absence.congress_id == congress_id, UnitBranch.unit_id == unit_id, Absence.reason.is_not(None), VOTES)
        .order_by(Absence.member_id)
    )
    return [(member_id, reason) for member_id, reason in rows if reason is not None]
