"""Reads which cells are still short after nomination was opened there again: somebody has to decide. Changes nothing."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from election.congress.models import Congress
from election.nomination.models_margin import Reopening
from election.nomination.slates.queries_board import slate_board
from election.nomination.slates.queries_margin import exemptions_asked


def exemptions_due(session: Session, congress: Congress) -> tuple[tuple[str, str], ...]:
    """Unit and category, by name, of each cell of which the office asked whether it may be uncontested, and which is still
    short. One statement where nobody asked.
    """
    asked = exemptions_asked(session, congress.id)
    if not asked:
        return ()
    board = slate_board(session, congress.id, date.max)
    return tuple(
        (row.unit_name, cell.margin.cell.category)
        for row in board.rows
        for cell in row.cells
        if cell.short and (row.unit_code, cell.category_code) in asked
    )


def short_reopened(session: Session, congress: Congress) -> tuple[date, ...]:
    """Of each cell that was opened again and is short now, the last day of its last reopening. One statement where no cell
    ever was.
    """
    last = {
        (unit_id, category_id): until
        for unit_id, category_id, until in session.execute(
            select(Reopening.unit_id, Reopening.category_id, func.max(Reopening.until))
            .where(Reopening.congress_id == congress.id)
            .group_by(Reopening.unit_id, Reopening.category_id)
        )
    }
    if not last:
        return ()
    board = slate_board(session, congress.id, max(last.values()))
    short = {(row.unit_id, cell.category_id) for row in board.rows for cell in row.cells if cell.short}
    return tuple(sorted(until for place, until in last.items() if place in short))
