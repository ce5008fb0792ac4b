"""Reads which slates stood frozen once and wait to be handed in or frozen again, and what is to be printed anew.

A death, a transfer, a new scheme: the slate gave way to a new version. Changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from election.congress.models import Category, Congress, Unit
from election.contests.models import Contest, ContestKind, Round
from election.nomination.lifecycle import IN_HAND, SlateState
from election.nomination.models import Slate
from election.nomination.models_margin import SlateReprint
from election.nomination.slates.queries_board import slate_board


@dataclass(frozen=True, slots=True)
class SlateAgain:
    """A slate in the place of a frozen one that is not frozen yet. `in_hand`: the unit has still to hand it in; `missing`:
    candidates whom its cell lacks.
    """

    unit: str
    unit_code: str
    category: str
    in_hand: bool
    missing: int


@dataclass(frozen=True, slots=True)
class SlatesAgain:
    """`waiting`: by unit and category; `reprints`: frozen new versions of which nobody has said yet that they are printed,
    before the meeting that votes on them.
    """

    waiting: tuple[SlateAgain, ...] = ()
    reprints: int = 0


NOTHING_AGAIN = SlatesAgain()


def slates_again(session: Session, congress: Congress) -> SlatesAgain:
    """One statement where no slate ever gave way to another."""
    printed = exists().where(SlateReprint.slate_id == Slate.id)
    to_print = (Slate.state == SlateState.FROZEN) & Slate.in_use_at.is_(None) & ~printed
    rows = session.execute(
        select(Unit.id, Unit.name, Unit.code, Category.id, Category.name, Contest.kind, Slate.state)
        .select_from(Slate)
        .join(Round, Round.id == Slate.round_id)
        .join(Contest, Contest.id == Round.contest_id)
        .join(Unit, Unit.id == Contest.unit_id)
        .join(Category, Category.id == Contest.category_id)
        .where(
            Contest.congress_id == congress.id,
            Round.void_at.is_(None),
            Slate.version > 1,
            Slate.state.in_((*IN_HAND, SlateState.SUBMITTED)) | to_print,
        )
        .order_by(Unit.position, Category.position, Contest.id)
    ).all()
    waiting = [row for row in rows if row[-1] is not SlateState.FROZEN]
    if not waiting:
        return SlatesAgain(reprints=len(rows))
    # How long a reopening lasts does not matter to what is missing: any day will do.
    board = slate_board(session, congress.id, date.max)
    missing = {
        (row.unit_id, cell.category_id): cell.margin.missing for row in board.rows for cell in row.cells if cell.short
    }
    return SlatesAgain(
        tuple(
            SlateAgain(
                unit,
                code,
                category,
                state in IN_HAND,
                missing.get((unit_id, category_id), 0) if kind is ContestKind.CONTESTED else 0,
            )
            for unit_id, unit, code, category_id, category, kind, state in waiting
        ),
        len(rows) - len(waiting),
    )
