"""The slate board, unit × category, and what still stands against freezing each unit's slates. Changes nothing.

One statement for the cells, one for what is in the pipe; the pure `margins.py` and `readiness.py` judge.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Row, case, func, select
from sqlalchemy.orm import Session

from election.congress.models import Category, Unit
from election.congress.rules_in_force import rules_in_force
from election.findings import Finding
from election.nomination.lifecycle import HANDED_IN, IN_HAND, OPEN_STATES, ApplicationState, SlateState
from election.nomination.models import Application
from election.nomination.queries import SlateLine, slates
from election.nomination.slates.margins import (
    CellForecast,
    CellMargin,
    CellSlate,
    ForecastTotals,
    MarginStatus,
    Outlook,
    Pipeline,
    Totals,
    cell_forecast,
    cell_margin,
    forecast_totals,
    totals,
)
from election.nomination.slates.queries_margin import exemptions, open_reopenings
from election.nomination.slates.queries_readiness import Circumstances
from election.nomination.slates.readiness import UnitFacts, freeze_blockers, outdated_since
from election.quotas.lifecycle import SchemeState
from election.quotas.models import Scheme, SchemeCell

_CellRow: TypeAlias = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class BoardCell:
    """One unit × category. `margin.cell.have`: proposed candidates; assigned leaders are counted apart. `open_until`: the
    last day of a reopened nomination.
    """

    category_id: int
    category_code: str
    margin: CellMargin
    forecast: CellForecast
    open_until: date | None = None

    @property
    def short(self) -> bool:
        return self.margin.status is MarginStatus.SHORT

    @property
    def will_be_short(self) -> bool:
        """Even if nobody drops out on the way."""
        return self.forecast.outlook is Outlook.SHORT


@dataclass(frozen=True, slots=True)
class BoardRow:
    """`state`: that of the unit's slates when all are in the same; None while there are none or they differ, `partly_frozen`: then some
    are frozen and the others handed in. `blockers`:
    what stands against freezing them; of frozen ones, who on them may not stand any more.
    """

    unit_id: int
    unit_code: str
    unit_name: str
    cells: tuple[BoardCell, ...]
    totals: Totals
    forecast: ForecastTotals
    state: SlateState | None
    blockers: tuple[Finding, ...]
    partly_frozen: bool = False
    # Whose slates stood frozen once and have to be handed in again, by category.
    again: tuple[str, ...] = ()

    @property
    def outdated(self) -> bool:
        """Frozen, and somebody on it may not stand any more."""
        return self.state is SlateState.FROZEN and bool(self.blockers)


@dataclass(frozen=True, slots=True)
class SlateBoard:
    """`categories`: (id, name, position) in order; `margin` in percent; empty of rows while no scheme is approved."""

    categories: tuple[tuple[int, str, int], ...]
    rows: tuple[BoardRow, ...]
    columns: tuple[Totals, ...]
    totals: Totals
    forecasts: tuple[ForecastTotals, ...]
    forecast: ForecastTotals
    margin: int


def slate_board(
    session: Session,
    congress_id: int,
    today: date,
    unit_id: int | None = None,
    known: Sequence[SlateLine] | None = None,
) -> SlateBoard:
    """The whole board, or one unit's row of it. `known`: its slates, where they were just read."""
    margin = int(rules_in_force(session, congress_id)["margin_min"])
    cells = _cells(session, congress_id, unit_id)
    pipes = _pipelines(session, congress_id)
    lines: dict[int, list[SlateLine]] = {}
    for line in slates(session, congress_id, unit_id) if known is None else known:
        lines.setdefault(line.unit_id, []).append(line)
    now = Circumstances.read(session, congress_id, today, unit_id)
    exempt, reopened = exemptions(session, congress_id), open_reopenings(session, congress_id, today)
    categories: dict[int, tuple[int, str, int]] = {}
    by_unit: dict[int, tuple[_CellRow, list[BoardCell]]] = {}
    for cell in cells:
        categories.setdefault(cell.category_id, (cell.category_id, cell.category_name, cell.position))
        place = (cell.unit_id, cell.category_id)
        pipe = pipes.get(place, Pipeline())
        decision = exempt[place].document if place in exempt else ""
        slate = CellSlate(cell.unit_name, cell.category_name, cell.seats, pipe.proposed, cell.assigned, decision)
        by_unit.setdefault(cell.unit_id, (cell, []))[1].append(
            BoardCell(
                cell.category_id,
                cell.category_code,
                cell_margin(slate, margin),
                cell_forecast(slate, pipe, margin),
                reopened[place].until if place in reopened else None,
            )
        )
    unsettled: Counter[int] = Counter()
    for (where, _), pipe in pipes.items():
        unsettled[where] += pipe.on_the_way
    rows = tuple(_row(first, row, lines.get(unit, []), unsettled[unit], now) for unit, (first, row) in by_unit.items())
    by_category = [
        [cell for row in rows for cell in row.cells if cell.category_id == category_id] for category_id in categories
    ]
    every = [cell for row in rows for cell in row.cells]
    return SlateBoard(
        tuple(categories.values()),
        rows,
        tuple(totals(cell.margin for cell in cells) for cells in by_category),
        totals(cell.margin for cell in every),
        tuple(forecast_totals(cell.forecast for cell in cells) for cells in by_category),
        forecast_totals(cell.forecast for cell in every),
        margin,
    )


def unit_board_row(
    session: Session, unit: Unit, today: date, known: Sequence[SlateLine] | None = None
) -> BoardRow | None:
    """One unit's row; None while no scheme is approved. `known`: its slates, where they were just read."""
    rows = slate_board(session, unit.congress_id, today, unit.id, known).rows
    return rows[0] if rows else None


def _cells(session: Session, congress_id: int, unit_id: int | None) -> Sequence[_CellRow]:
    """The approved scheme's cells with the names of their unit and category, in the order of both."""
    wanted = (
        select(
            Unit.id.label("unit_id"),
            Unit.code.label("unit_code"),
            Unit.name.label("unit_name"),
            Category.id.label("category_id"),
            Category.code.label("category_code"),
            Category.name.label("category_name"),
            Category.position,
            SchemeCell.seats,
            SchemeCell.assigned,
        )
        .join(SchemeCell, SchemeCell.unit_id == Unit.id)
        .join(Category, Category.id == SchemeCell.category_id)
        .join(Scheme, Scheme.id == SchemeCell.scheme_id)
        .where(Scheme.congress_id == congress_id, Scheme.state == SchemeState.APPROVED)
        .order_by(Unit.position, Category.position)
    )
    if unit_id is not None:
        wanted = wanted.where(Unit.id == unit_id)
    return session.execute(wanted).all()


def _pipelines(session: Session, congress_id: int) -> Mapping[tuple[int, int], Pipeline]:
    """(unit, category) → applications still alive, by how far they have come."""

    def counted(state: ApplicationState) -> ColumnElement[int]:
        return func.sum(case((Application.state == state, 1), else_=0))

    rows = session.execute(
        select(Application.unit_id, Application.category_id, *(counted(state) for state in OPEN_STATES))
        .where(Application.congress_id == congress_id, Application.state.in_(OPEN_STATES))
        .group_by(Application.unit_id, Application.category_id)
    )
    return {(unit, category): Pipeline(*(int(number) for number in numbers)) for unit, category, *numbers in rows}


def _row(
    unit: _CellRow,
    cells: Sequence[BoardCell],
    lines: Sequence[SlateLine],
    unsettled: int,
    now: Circumstances,
) -> BoardRow:
    seen = {line.state for line in lines}
    frozen = bool(lines) and seen == {SlateState.FROZEN}
    # What a meeting votes on is settled; whoever of it may not stand is a matter of that meeting.
    asked = [line for line in lines if line.slate is None or line.slate.in_use_at is None]
    facts = UnitFacts(
        unit=unit.unit_name,
        margins=tuple(cell.margin for cell in cells),
        slates=tuple(now.slate_facts(line) for line in asked),
        unsettled=unsettled,
        objections=now.objections_of(unit.unit_id),
        without_seat=max(0, len(now.assigned[unit.unit_id]) - sum(cell.margin.cell.assigned for cell in cells)),
        roster_moved=unit.unit_id in now.roster_moved,
        electors_moved=unit.unit_id in now.electors_moved,
    )
    return BoardRow(
        unit.unit_id,
        unit.unit_code,
        unit.unit_name,
        tuple(cells),
        totals(cell.margin for cell in cells),
        forecast_totals(cell.forecast for cell in cells),
        next(iter(seen)) if len(seen) == 1 else None,
        tuple(outdated_since(facts) if frozen else freeze_blockers(facts, now.notice, now.electors)),
        SlateState.FROZEN in seen and seen <= set(HANDED_IN) and not frozen,
        tuple(
            line.category_name
            for line in lines
            if line.slate is not None and line.slate.version > 1 and line.state in IN_HAND
        ),
    )
