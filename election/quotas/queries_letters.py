"""Reads seat letters: their facts, where their receipts stand, and what their paper says. Changes nothing."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from election.congress.letterhead import sender_of
from election.congress.models import Category, Congress, Unit
from election.congress.rules_in_force import rules_in_force
from election.documents.paper import render
from election.people.act import local_day
from election.people.queries import names_of
from election.quotas.letters import (
    Frozen,
    Letter,
    Replaced,
    SeatChange,
    Surroundings,
    letter_of,
    on_paper,
    seat_changes,
)
from election.quotas.lifecycle import SchemeState
from election.quotas.models import Scheme, SchemeCell
from election.quotas.models_letters import SeatLetter
from election.store.audit import digest


def letter_hash(letter: Letter) -> str:
    """The fingerprint that is stored and printed."""
    return digest(letter.to_json())


def frozen_of(session: Session, congress_id: int, schemes: Iterable[Scheme]) -> dict[int, Frozen]:
    """scheme → what its approval froze, for the letters: three statements for all of them."""
    found = {scheme.id: scheme for scheme in schemes}
    code = session.scalars(select(Congress.code).where(Congress.id == congress_id)).one()
    margin = int(rules_in_force(session, congress_id)["margin_min"])
    assigned: dict[int, dict[tuple[str, str], int]] = {key: {} for key in found}
    rows = session.execute(
        select(SchemeCell.scheme_id, Unit.code, Category.code, SchemeCell.assigned)
        .join(Unit, SchemeCell.unit_id == Unit.id)
        .join(Category, SchemeCell.category_id == Category.id)
        .where(SchemeCell.scheme_id.in_(found), SchemeCell.assigned > 0)
    )
    for scheme_id, unit, category, number in rows:
        assigned[scheme_id][unit, category] = number
    return {
        key: Frozen(code, one.number, one.hash, one.problem, one.allocation, assigned[key], margin)
        for key, one in found.items()
    }


def letters_before(session: Session, congress_id: int, number: int) -> dict[str, Replaced]:
    """unit → its latest letter with a lower number than this: five statements, however many letters there are."""
    latest = (
        select(SeatLetter.unit_id, func.max(SeatLetter.number).label("number"))
        .join(Scheme, SeatLetter.scheme_id == Scheme.id)
        .where(Scheme.congress_id == congress_id, SeatLetter.number < number)
        .group_by(SeatLetter.unit_id)
        .subquery()
    )
    rows = session.execute(
        select(SeatLetter, Unit.code)
        .join(latest, (SeatLetter.unit_id == latest.c.unit_id) & (SeatLetter.number == latest.c.number))
        .join(Unit, SeatLetter.unit_id == Unit.id)
    ).all()
    if not rows:
        return {}
    wanted = {row.scheme_id for row, _ in rows}
    frozen = frozen_of(session, congress_id, session.scalars(select(Scheme).where(Scheme.id.in_(wanted))))
    return {unit: _replaced(frozen[row.scheme_id], row, unit) for row, unit in rows}


def _replaced(frozen: Frozen, row: SeatLetter, unit: str) -> Replaced:
    return Replaced(letter_of(frozen, unit, row.number, local_day(row.issued_at)), row.hash)


@dataclass(frozen=True, slots=True)
class LetterLine:
    """A letter and its receipt. `recorded_by` is who entered the receipt; `in_person` when the signer did it on screen."""

    letter: Letter
    hash: str
    state: SchemeState
    issued_at: datetime
    received_on: date | None
    received_by: str
    recorded_by: str
    recorded_at: datetime | None

    @property
    def replaced(self) -> bool:
        return self.state is not SchemeState.APPROVED

    @property
    def received(self) -> bool:
        return self.received_on is not None

    @property
    def in_person(self) -> bool:
        return self.received and self.received_by == self.recorded_by

    @property
    def on_paper(self) -> bool:
        """Whether the receipt is one on paper, which the office recorded and may correct."""
        return self.received and not self.in_person

    @property
    def changes(self) -> tuple[SeatChange, ...]:
        return seat_changes(self.letter)


def letters_of_scheme(session: Session, scheme: Scheme) -> list[LetterLine]:
    """The letters of one version in the order of their numbers; none for one that was never approved."""
    rows = session.execute(
        select(SeatLetter, Unit.code)
        .join(Unit, SeatLetter.unit_id == Unit.id)
        .where(SeatLetter.scheme_id == scheme.id)
        .order_by(SeatLetter.number)
    ).all()
    if not rows:
        return []
    frozen = frozen_of(session, scheme.congress_id, [scheme])[scheme.id]
    before = letters_before(session, scheme.congress_id, rows[0][0].number)
    people = names_of(session, {letter.recorded_by_id for letter, _ in rows})
    return [_line(frozen, scheme.state, letter, unit, before.get(unit), people) for letter, unit in rows]


def schemes_with_letters(session: Session, congress_id: int) -> list[Scheme]:
    """The versions that were ever approved with letters, the newest first."""
    wanted = select(SeatLetter.scheme_id).distinct()
    return list(
        session.scalars(
            select(Scheme)
            .where(Scheme.congress_id == congress_id, Scheme.id.in_(wanted))
            .order_by(Scheme.number.desc())
        )
    )


def letters_of_unit(session: Session, unit: Unit) -> list[LetterLine]:
    """Every letter that the unit was sent, the one in force first."""
    rows = session.execute(
        select(SeatLetter, Scheme)
        .join(Scheme, SeatLetter.scheme_id == Scheme.id)
        .where(SeatLetter.unit_id == unit.id)
        .order_by(SeatLetter.number.desc())
    ).all()
    frozen = frozen_of(session, unit.congress_id, [scheme for _, scheme in rows])
    people = names_of(session, {letter.recorded_by_id for letter, _ in rows})
    before = [_replaced(frozen[scheme.id], letter, unit.code) for letter, scheme in rows]
    return [
        _line(frozen[scheme.id], scheme.state, letter, unit.code, replaced, people)
        for (letter, scheme), replaced in itertools.zip_longest(rows, before[1:])
    ]


def _line(
    frozen: Frozen,
    state: SchemeState,
    row: SeatLetter,
    unit: str,
    replaces: Replaced | None,
    people: Mapping[int, str],
) -> LetterLine:
    return LetterLine(
        letter=letter_of(frozen, unit, row.number, local_day(row.issued_at), replaces),
        hash=row.hash,
        state=state,
        issued_at=row.issued_at,
        received_on=row.received_on,
        received_by=row.received_by,
        recorded_by=people.get(row.recorded_by_id or 0, ""),
        recorded_at=row.recorded_at,
    )


def surroundings(congress: Congress) -> Surroundings:
    return Surroundings(
        congress=congress.name,
        sender=sender_of(congress.county),
        overlays={overlay.code: overlay.name for overlay in congress.overlays},
    )


def letters_pdf(congress: Congress, lines: Sequence[LetterLine], *, demo: bool) -> bytes:
    """The letters as one PDF, a page each. At least one."""
    around = surroundings(congress)
    return render(
        "letter",
        {"letters": [on_paper(line.letter, around, line.hash) for line in lines]},
        title="代表名额分配的通知",
        day=lines[-1].letter.issued_on,
        demo=demo,
        mark=SchemeState.SUPERSEDED.zh if any(line.replaced for line in lines) else "",
    )
