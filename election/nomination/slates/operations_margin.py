"""The room's verbs that mend a cell which came short: nomination is opened again, or a recorded decision lets the cell
be uncontested (edge case 6). Never puts anybody on a slate; moving the seat is a new version of the scheme.
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import func, select

from election.congress.models import Category, Unit
from election.contests.models import ContestKind
from election.errors import NotFound, Refused
from election.nomination.lifecycle import HANDED_IN, SlateState
from election.nomination.models_margin import MarginExemption, Reopening
from election.nomination.phase import require_slates
from election.nomination.slates.queries_board import slate_board
from election.nomination.slates.queries_margin import ASKED, handed_in_state
from election.people.act import Act
from election.people.permissions import Permission
from election.quotas.lifecycle import SchemeState
from election.quotas.models import Scheme, SchemeCell


def reopen_nomination(
    act: Act, congress_id: int, unit_id: int, category_id: int, reason: str, until: date | None
) -> Reopening:
    """Opens nomination again in one cell up to the end of the day `until`, for who has not stood; branches vote anew."""
    act.require(Permission.NOMINATION_REOPEN, congress_id=congress_id)
    unit, category = _cell(act, congress_id, unit_id, category_id)
    if not reason.strip():
        raise Refused("margin.reason_missing", field="reason")
    if until is None:
        raise Refused("margin.day_missing", field="until")
    if until < act.today:
        raise Refused("margin.day_past", field="until")
    _require_open(act, unit, category, HANDED_IN)
    last = act.session.scalar(
        select(func.max(Reopening.number)).where(Reopening.unit_id == unit_id, Reopening.category_id == category_id)
    )
    row = Reopening(
        congress_id=congress_id,
        unit_id=unit_id,
        category_id=category_id,
        number=(last or 0) + 1,
        reason=reason.strip(),
        until=until,
        person_id=act.person_id,
        opened_at=act.now,
    )
    act.session.add(row)
    act.record(
        "nomination.reopened",
        row,
        congress_id=congress_id,
        unit=unit.code,
        category=category.code,
        until=until.isoformat(),
        reason=row.reason,
    )
    return row


def close_reopening(act: Act, congress_id: int, unit_id: int, category_id: int, reason: str) -> None:
    """Ends the reopening of a cell before its last day: from now on nobody new applies there."""
    act.require(Permission.NOMINATION_REOPEN, congress_id=congress_id)
    unit, category = _place(act, congress_id, unit_id, category_id)
    if not reason.strip():
        raise Refused("margin.reason_missing", field="reason")
    open_ones = act.session.scalars(
        select(Reopening).where(
            Reopening.unit_id == unit_id, Reopening.category_id == category_id, Reopening.until >= act.today
        )
    ).all()
    if not open_ones:
        raise NotFound("margin.not_reopened", unit=unit.name, category=category.name)
    for row in open_ones:
        row.until = act.today - timedelta(days=1)
        act.record(
            "nomination.reopening_closed",
            row,
            congress_id=congress_id,
            unit=unit.code,
            category=category.code,
            reason=reason.strip(),
        )


def ask_exemption(act: Act, congress_id: int, unit_id: int, category_id: int, reason: str) -> None:
    """The office asks an approver to decide whether a short cell may be uncontested. Decides nothing; stands on the record."""
    act.require(Permission.NOMINATION_REOPEN, congress_id=congress_id)
    unit, category = _cell(act, congress_id, unit_id, category_id)
    if not reason.strip():
        raise Refused("margin.reason_missing", field="reason")
    _require_open(act, unit, category, (SlateState.FROZEN,))
    if _in_force(act, unit_id, category_id) is not None:
        raise Refused("margin.exempt_already", unit=unit.name, category=category.name)
    _require_short(act, unit, category)
    act.record(ASKED, unit, congress_id=congress_id, unit=unit.code, category=category.code, reason=reason.strip())


def exempt_cell(
    act: Act,
    congress_id: int,
    unit_id: int,
    category_id: int,
    reason: str,
    document: str,
    decided_on: date | None,
) -> MarginExemption:
    """Records the decision that a cell may be uncontested: by an approver, with its paper and day. Its seats must still
    have a candidate each; the contest stays one in which the candidates need the majority.
    """
    act.require(Permission.MARGIN_EXEMPT, congress_id=congress_id)
    unit, category = _cell(act, congress_id, unit_id, category_id)
    if not reason.strip():
        raise Refused("margin.reason_missing", field="reason")
    if not document.strip():
        raise Refused("margin.document_missing", field="document")
    if decided_on is None:
        raise Refused("margin.day_missing", field="decided_on")
    if decided_on > act.today:
        raise Refused("margin.day_coming", field="decided_on")
    _require_open(act, unit, category, (SlateState.FROZEN,))
    if _in_force(act, unit_id, category_id) is not None:
        raise Refused("margin.exempt_already", unit=unit.name, category=category.name)
    _require_short(act, unit, category)
    row = MarginExemption(
        congress_id=congress_id,
        unit_id=unit_id,
        category_id=category_id,
        reason=reason.strip(),
        document=document.strip(),
        decided_on=decided_on,
        person_id=act.person_id,
        recorded_at=act.now,
    )
    act.session.add(row)
    act.record(
        "margin.exempted",
        row,
        congress_id=congress_id,
        unit=unit.code,
        category=category.code,
        document=row.document,
        decided_on=decided_on.isoformat(),
        reason=row.reason,
    )
    return row


def revoke_exemption(act: Act, congress_id: int, unit_id: int, category_id: int) -> MarginExemption:
    """The cell needs its margin again. Not while its slate is frozen: that stands on the decision."""
    act.require(Permission.MARGIN_EXEMPT, congress_id=congress_id)
    unit, category = _place(act, congress_id, unit_id, category_id)
    row = _in_force(act, unit_id, category_id)
    if row is None:
        raise NotFound("margin.not_exempt", unit=unit.name, category=category.name)
    _require_open(act, unit, category, (SlateState.FROZEN,))
    row.revoked_at = act.now
    act.record("margin.exemption_revoked", row, congress_id=congress_id, unit=unit.code, category=category.code)
    return row


def _place(act: Act, congress_id: int, unit_id: int, category_id: int) -> tuple[Unit, Category]:
    """The unit, locked as by handing in and freezing, and the category."""
    require_slates(act, congress_id)
    unit = act.session.get(Unit, unit_id, with_for_update=True)
    category = act.session.get(Category, category_id)
    if unit is None or unit.congress_id != congress_id:
        raise NotFound("congress.no_such_unit")
    if category is None or category.congress_id != congress_id:
        raise NotFound("contest.no_such_category")
    return unit, category


def _cell(act: Act, congress_id: int, unit_id: int, category_id: int) -> tuple[Unit, Category]:
    """As `_place`, if the approved scheme has contested seats there."""
    unit, category = _place(act, congress_id, unit_id, category_id)
    contested = act.session.scalar(
        select(SchemeCell.seats - SchemeCell.assigned)
        .join(Scheme, Scheme.id == SchemeCell.scheme_id)
        .where(
            Scheme.congress_id == congress_id,
            Scheme.state == SchemeState.APPROVED,
            SchemeCell.unit_id == unit_id,
            SchemeCell.category_id == category_id,
        )
    )
    if not contested:
        raise Refused("margin.no_seat", unit=unit.name, category=category.name)
    return unit, category


def _require_short(act: Act, unit: Unit, category: Category) -> None:
    """Where enough stand there is nothing to decide: the cell is contested."""
    board = slate_board(act.session, unit.congress_id, act.today, unit.id)
    cell = next(one for row in board.rows for one in row.cells if one.category_id == category.id)
    if not cell.short:
        raise Refused("margin.not_short", unit=unit.name, category=category.name)


def _in_force(act: Act, unit_id: int, category_id: int) -> MarginExemption | None:
    return act.session.scalar(
        select(MarginExemption).where(
            MarginExemption.unit_id == unit_id,
            MarginExemption.category_id == category_id,
            MarginExemption.revoked_at.is_(None),
        )
    )


def _require_open(act: Act, unit: Unit, category: Category, closed: tuple[SlateState, ...]) -> None:
    state = handed_in_state(act.session, unit.id, ContestKind.CONTESTED, category.id)
    if state in closed:
        raise Refused(f"margin.slate_{state.value}", unit=unit.name, category=category.name)
