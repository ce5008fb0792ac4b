"""Reads what was decided about cells that came short: nomination opened again, uncontested by a recorded decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from election.contests.models import Contest, ContestKind, Round
from election.nomination.lifecycle import HANDED_IN, SlateState
from election.nomination.models import Slate
from election.nomination.models_margin import MarginExemption, Reopening
from election.people.models import Person
from election.store.audit import congress_chain
from election.store.models import AuditEvent


def open_reopenings(session: Session, congress_id: int, today: date) -> Mapping[tuple[int, int], Reopening]:
    """(unit, category) → the reopening whose days are not over: its last day is one on which people still apply."""
    rows = session.scalars(
        select(Reopening)
        .where(Reopening.congress_id == congress_id, Reopening.until >= today)
        .order_by(Reopening.number)
    )
    return {(row.unit_id, row.category_id): row for row in rows}


def exemptions(session: Session, congress_id: int) -> Mapping[tuple[int, int], MarginExemption]:
    """(unit, category) → the decision in force that the cell may be uncontested."""
    rows = session.scalars(
        select(MarginExemption).where(MarginExemption.congress_id == congress_id, MarginExemption.revoked_at.is_(None))
    )
    return {(row.unit_id, row.category_id): row for row in rows}


# How the audit chain calls the office's question to the approver.
ASKED = "margin.exemption_asked"


@dataclass(frozen=True, slots=True)
class Asked:
    """That the office asked for a decision on a cell: why, who, when."""

    reason: str
    by: str
    at: datetime


def exemptions_asked(session: Session, congress_id: int) -> Mapping[tuple[str, str], Asked]:
    """(unit, category), by their codes → the last time somebody asked, as the audit chain has it: one statement."""
    rows = session.execute(
        select(AuditEvent.details, AuditEvent.person_name, AuditEvent.at)
        .where(AuditEvent.chain == congress_chain(congress_id), AuditEvent.action == ASKED)
        .order_by(AuditEvent.position)
    )
    return {(told["unit"], told["category"]): Asked(told["reason"], by, at) for told, by, at in rows}


def handed_in_state(
    session: Session, unit_id: int, kind: ContestKind, category_id: int | None = None
) -> SlateState | None:
    """The state of the slate of a cell (of any category, without one) once it is out of the unit's hands; None before."""
    wanted = (
        select(Slate.state)
        .join(Round, Round.id == Slate.round_id)
        .join(Contest, Contest.id == Round.contest_id)
        .where(Contest.unit_id == unit_id, Contest.kind == kind, Slate.state.in_(HANDED_IN))
        .order_by(Slate.id.desc())
        .limit(1)
    )
    return session.scalar(wanted if category_id is None else wanted.where(Contest.category_id == category_id))


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """Something that was decided about a cell. `document`, `decided_on`, `revoked_at`: of an exemption; `until`: of a
    reopening.
    """

    reason: str
    by: str
    at: datetime
    until: date | None = None
    document: str = ""
    decided_on: date | None = None
    revoked_at: datetime | None = None


def decisions_on(session: Session, unit_id: int, category_id: int) -> Sequence[DecisionLine]:
    """Everything that was decided about one cell, the newest first."""
    reopened = session.execute(
        select(Reopening.reason, Person.name, Reopening.opened_at, Reopening.until)
        .join(Person, Person.id == Reopening.person_id)
        .where(Reopening.unit_id == unit_id, Reopening.category_id == category_id)
    )
    exempted = session.execute(
        select(MarginExemption, Person.name)
        .join(Person, Person.id == MarginExemption.person_id)
        .where(MarginExemption.unit_id == unit_id, MarginExemption.category_id == category_id)
    )
    lines = [DecisionLine(reason, by, at, until=until) for reason, by, at, until in reopened]
    lines += [
        DecisionLine(
            row.reason,
            by,
            row.recorded_at,
            document=row.document,
            decided_on=row.decided_on,
            revoked_at=row.revoked_at,
        )
        for row, by in exempted
    ]
    return sorted(lines, key=lambda line: line.at, reverse=True)
