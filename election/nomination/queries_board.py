"""The slate board, unit × category, and what still stands against freezing each unit's slates. Changes nothing.

One statement for the cells, one for what is in the pipe; the pure `margins.py` and `readiness.py` judge.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Row, case, func, select, union
from sqlalchemy.orm import Session, aliased

from election.congress.models import Category, Unit
from election.congress.rules_in_force import rules_in_force
from election.contests.models import ContestKind
from election.findings import Finding
from election.nomination.lifecycle import ApplicationState, SlateState
from election.nomination.margins import (
    CellForecast,
    CellMargin,
    CellSlate,
    Pipeline,
    Totals,
    cell_forecast,
    cell_margin,
    totals,
)
from election.nomination.models import Application
from election.nomination.queries import SlateLine, slates
from election.nomination.readiness import Change, NoticeFacts, SlateFacts, UnitFacts, freeze_blockers
from election.notices.models import Notice, NoticeKind, Objection
from election.notices.queries import is_over
from election.people.models import Person
from election.quotas.lifecycle import SchemeState
from election.quotas.models import AssignedLeader, Scheme, SchemeCell
from election.roster.electors import has_vote
from election.roster.models import Member, UnitBranch
from election.texts import chinese_date

LIVE = (ApplicationState.APPLIED, ApplicationState.PRELIMINARY, ApplicationState.PROPOSED)
_CellRow: TypeAlias = Row[*tuple[Any, ...]]
HANDED_IN = (SlateState.SUBMITTED, SlateState.FROZEN)


@dataclass(frozen=True, slots=True)
class BoardCell:
    """One unit × category. `margin.cell.have`: proposed candidates; assigned leaders are counted apart."""

    category_id: int
    margin: CellMargin
    forecast: CellForecast


@dataclass(frozen=True, slots=True)
class BoardRow:
    """`state`: that of the unit's slates when all are in the same; None while there are none or they differ."""

    unit_id: int
    unit_code: str
    unit_name: str
    cells: tuple[BoardCell, ...]
    totals: Totals
    state: SlateState | None
    blockers: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class SlateBoard:
    """`categories`: (id, name, position) in order; `margin` in percent; empty of rows while no scheme is approved."""

    categories: tuple[tuple[int, str, int], ...]
    rows: tuple[BoardRow, ...]
    columns: tuple[Totals, ...]
    totals: Totals
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
    context = _Context.read(session, congress_id, today, unit_id)
    categories: dict[int, tuple[int, str, int]] = {}
    by_unit: dict[int, tuple[_CellRow, list[BoardCell]]] = {}
    for cell in cells:
        categories.setdefault(cell.category_id, (cell.category_id, cell.category_name, cell.position))
        pipe = pipes.get((cell.unit_id, cell.category_id), Pipeline())
        slate = CellSlate(cell.unit_name, cell.category_name, cell.seats, pipe.proposed, cell.assigned)
        by_unit.setdefault(cell.unit_id, (cell, []))[1].append(
            BoardCell(cell.category_id, cell_margin(slate, margin), cell_forecast(slate, pipe, margin))
        )
    unsettled: Counter[int] = Counter()
    for (where, _), pipe in pipes.items():
        unsettled[where] += pipe.applied + pipe.preliminary
    rows = tuple(
        _row(first, row, lines.get(unit, []), unsettled[unit], context) for unit, (first, row) in by_unit.items()
    )
    columns = tuple(
        totals(cell.margin for row in rows for cell in row.cells if cell.category_id == category_id)
        for category_id in categories
    )
    return SlateBoard(
        tuple(categories.values()), rows, columns, totals(cell.margin for row in rows for cell in row.cells), margin
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
        select(Application.unit_id, Application.category_id, *(counted(state) for state in LIVE))
        .where(Application.congress_id == congress_id, Application.state.in_(LIVE))
        .group_by(Application.unit_id, Application.category_id)
    )
    return {(unit, category): Pipeline(*(int(number) for number in numbers)) for unit, category, *numbers in rows}


def _row(
    unit: _CellRow,
    cells: Sequence[BoardCell],
    lines: Sequence[SlateLine],
    unsettled: int,
    context: _Context,
) -> BoardRow:
    states = {line.state for line in lines}
    facts = UnitFacts(
        unit=unit.unit_name,
        margins=tuple(cell.margin for cell in cells),
        slates=tuple(context.slate_facts(line) for line in lines),
        unsettled=unsettled,
        objections_open=tuple(context.objections_open.get(unit.unit_id, ())),
        objections_upheld=tuple(context.objections_upheld.get(unit.unit_id, ())),
        without_seat=max(0, len(context.assigned[unit.unit_id]) - sum(cell.margin.cell.assigned for cell in cells)),
    )
    frozen = bool(lines) and states == {SlateState.FROZEN}
    return BoardRow(
        unit.unit_id,
        unit.unit_code,
        unit.unit_name,
        tuple(cells),
        totals(cell.margin for cell in cells),
        states.pop() if len(states) == 1 else None,
        () if frozen else tuple(freeze_blockers(facts, context.notice)),
    )


@dataclass(frozen=True, slots=True)
class _Context:
    """What the whole congress's slates are held against: notice, objections, who stands where now."""

    notice: NoticeFacts
    noticed: frozenset[int]
    objections_open: Mapping[int, list[str]]
    objections_upheld: Mapping[int, list[str]]
    standing: Mapping[int, tuple[int, bool, str, ApplicationState | None, int]]
    proposed: Counter[tuple[int, int]]
    assigned: Mapping[int, set[int]]

    @classmethod
    def read(cls, session: Session, congress_id: int, today: date, unit_id: int | None) -> _Context:
        """Five statements, whatever the size of the county; of one unit, only who stands there."""
        notices = session.scalars(
            select(Notice)
            .where(Notice.congress_id == congress_id, Notice.kind == NoticeKind.CANDIDATES)
            .order_by(Notice.number)
        ).all()
        over = [notice for notice in notices if is_over(notice, today)]
        hangs = notices[-1].last_day if notices and not is_over(notices[-1], today) else None
        standing, proposed = _standing(session, congress_id, unit_id)
        open_, upheld = _objections(session, congress_id)
        assigned: dict[int, set[int]] = defaultdict(set)
        leaders = select(AssignedLeader.unit_id, AssignedLeader.member_id)
        for where, member in session.execute(leaders.where(AssignedLeader.congress_id == congress_id)):
            assigned[where].add(member)
        return cls(
            NoticeFacts(bool(notices), "" if hangs is None else chinese_date(hangs)),
            frozenset(person for notice in over for person in notice.content["people"]),
            open_,
            upheld,
            standing,
            proposed,
            assigned,
        )

    def slate_facts(self, line: SlateLine) -> SlateFacts:
        if line.slate is None:
            return SlateFacts(line.category_name, submitted=False, drawn=False)
        changed = [
            (candidate.name, change)
            for candidate in line.candidates
            if (change := self._change(line, candidate.member_id)) is not None
        ]
        names, unequal = len(line.candidates), None
        if line.kind is ContestKind.UNCONTESTED:
            drawn = {one.member_id for one in line.candidates} == self.assigned[line.unit_id]
            unequal = None if names == line.seats else (names, line.seats)
        else:
            drawn = names == self.proposed[line.unit_id, line.category_id]
        return SlateFacts(
            line.category_name,
            submitted=line.state in HANDED_IN,
            drawn=drawn,
            unequal=unequal,
            changed=tuple(changed),
            not_on_notice=tuple(one.name for one in line.candidates if one.person_id not in self.noticed),
        )

    def _change(self, line: SlateLine, member_id: int) -> Change | None:
        if line.kind is ContestKind.UNCONTESTED and member_id not in self.assigned[line.unit_id]:
            return Change.LEFT
        facts = self.standing.get(member_id)
        if facts is None:
            return Change.LEFT
        unit_id, votes, category, state, stands_for = facts
        if line.kind is ContestKind.CONTESTED:
            if state is not ApplicationState.PROPOSED or stands_for != line.category_id:
                return Change.LEFT
            if category != line.category_code:
                return Change.CATEGORY
            if unit_id != line.unit_id:
                return Change.MOVED
        return None if votes else Change.NO_VOTE


def _standing(
    session: Session, congress_id: int, where: int | None
) -> tuple[dict[int, tuple[int, bool, str, ApplicationState | None, int]], Counter[tuple[int, int]]]:
    """Everyone who ever stood (in the unit `where`): unit now, vote, recorded category, state and category of the live
    application."""
    alive = aliased(Application)
    leaders = select(AssignedLeader.member_id).where(AssignedLeader.congress_id == congress_id)
    applicants = select(Application.member_id).where(Application.congress_id == congress_id)
    if where is not None:
        leaders = leaders.where(AssignedLeader.unit_id == where)
        applicants = applicants.where(Application.unit_id == where)
    # The few who stood, looked up one by one: never the whole roster.
    ever = union(leaders, applicants).subquery()
    rows = session.execute(
        select(
            Member.id,
            func.coalesce(UnitBranch.unit_id, 0),
            Member.standing,
            Member.suspension,
            Member.category,
            alive.state,
            func.coalesce(alive.unit_id, 0),
            func.coalesce(alive.category_id, 0),
        )
        .join(ever, ever.c.member_id == Member.id)
        .outerjoin(UnitBranch, (UnitBranch.branch_id == Member.branch_id) & (UnitBranch.congress_id == congress_id))
        .outerjoin(
            alive,
            (alive.member_id == Member.id) & (alive.congress_id == congress_id) & alive.state.in_(LIVE),
        )
    )
    found: dict[int, tuple[int, bool, str, ApplicationState | None, int]] = {}
    proposed: Counter[tuple[int, int]] = Counter()
    for member_id, unit_id, standing, suspension, category, state, stands_in, stands_for in rows:
        found[member_id] = (unit_id, has_vote(standing, suspension), category, state, stands_for)
        if state is ApplicationState.PROPOSED:
            proposed[stands_in, stands_for] += 1
    return found, proposed


def _objections(session: Session, congress_id: int) -> tuple[dict[int, list[str]], dict[int, list[str]]]:
    """unit → names with an open objection; unit → names whose objection was upheld and who still stand."""
    rows: Sequence[Row[*tuple[Any, ...]]] = session.execute(
        select(
            func.coalesce(Application.unit_id, AssignedLeader.unit_id, UnitBranch.unit_id, 0),
            Person.name,
            Objection.upheld,
            Application.state,
            AssignedLeader.id,
        )
        .join(Notice, Notice.id == Objection.notice_id)
        .join(Person, Person.id == Objection.about_person_id)
        .join(Member, Member.person_id == Person.id)
        .outerjoin(UnitBranch, (UnitBranch.branch_id == Member.branch_id) & (UnitBranch.congress_id == congress_id))
        .outerjoin(
            Application,
            (Application.member_id == Member.id)
            & (Application.congress_id == congress_id)
            & Application.state.in_(LIVE),
        )
        .outerjoin(
            AssignedLeader, (AssignedLeader.member_id == Member.id) & (AssignedLeader.congress_id == congress_id)
        )
        .where(
            Notice.congress_id == congress_id,
            Notice.kind == NoticeKind.CANDIDATES,
            Objection.closed_at.is_(None) | Objection.upheld.is_(True),
        )
        .order_by(Objection.id)
    ).all()
    waiting: dict[int, list[str]] = {}
    upheld: dict[int, list[str]] = {}
    for unit_id, name, found, state, leader in rows:
        if found is None:
            waiting.setdefault(unit_id, []).append(name)
        elif state is not None or leader is not None:
            upheld.setdefault(unit_id, []).append(name)
    return waiting, upheld
