"""The desk of one cell (unit × category): what stands there, what was decided about it, and the acts that mend it when it is
short. Three ways, each with its own reason: nomination opened again, the seat moved by a new scheme, uncontested by a
recorded decision of an approver.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, IntegerField, StringField
from wtforms.validators import InputRequired, Length, NumberRange

from election.congress.models import Category
from election.contests.models import ContestKind
from election.errors import NotFound, Refused
from election.nomination.lifecycle import ApplicationState, SlateState
from election.nomination.queries import SlateLine, applications, slates
from election.nomination.slates.margins import contestable
from election.nomination.slates.operations_margin import (
    ask_exemption,
    close_reopening,
    exempt_cell,
    reopen_nomination,
    revoke_exemption,
)
from election.nomination.slates.queries_board import BoardCell, BoardRow, slate_board
from election.nomination.slates.queries_margin import decisions_on, exemptions, exemptions_asked, open_reopenings
from election.people.act import local_day
from election.people.actor import Scope
from election.people.permissions import Permission
from election.quotas.hand import Change
from election.quotas.models import ChangeKind
from election.quotas.operations_hand import recompute_scheme
from election.quotas.queries import approved_scheme
from webapp.access import may_open, permitted
from webapp.errors import say
from webapp.forms import LARGEST, Form
from webapp.requests import act, clock, reading
from webapp.rule_line import rule_lines

desk = Blueprint("office_cells", __name__)

LONG = Length(max=400, message=_l("最多 400 个字。"))


class ReopenForm(Form):
    until = DateField(_l("补充报名截止日"), [InputRequired(_l("请填写截止日。"))], id="reopen-until")
    reason = StringField(_l("理由"), [InputRequired(_l("请写明理由。")), LONG], id="reopen-reason")


class MoveForm(Form):
    most = IntegerField(
        _l("新方案中本单元最多"),
        [InputRequired(_l("请填整数。")), NumberRange(min=0, max=LARGEST, message=_l("请填整数。"))],
        id="move-most",
    )
    reason = StringField(
        _l("理由"),
        [InputRequired(_l("请写明理由。")), Length(max=200, message=_l("最多 200 个字。"))],
        id="move-reason",
    )


class ExemptForm(Form):
    document = StringField(
        _l("文号或会议纪要编号"),
        [InputRequired(_l("请填写决定的文号或会议纪要编号。")), Length(max=80, message=_l("最多 80 个字。"))],
    )
    decided_on = DateField(_l("决定日期"), [InputRequired(_l("请填写决定日期。"))])
    reason = StringField(_l("理由"), [InputRequired(_l("请写明理由。")), LONG], id="exempt-reason")


@dataclass(frozen=True, slots=True)
class Place:
    """The cell that the address names. `line`: its contested round with its slate, if there is one."""

    category: Category
    row: BoardRow
    cell: BoardCell
    line: SlateLine | None
    margin: int

    @property
    def state(self) -> SlateState | None:
        return self.line.state if self.line is not None else None


def _place(category: str) -> Place:
    """Raises NotFound for a category that the congress, or a cell that the approved scheme does not have."""
    found = next((row for row in g.congress.categories if row.code == category), None)
    lines = slates(reading(), g.congress.id, g.unit.id)
    board = slate_board(reading(), g.congress.id, local_day(clock()()), g.unit.id, lines)
    rows = board.rows
    cell = next((one for one in rows[0].cells if one.category_code == category), None) if rows else None
    if found is None or cell is None:
        raise NotFound("web.not_found")
    contested = (one for one in lines if one.category_code == category and one.kind is ContestKind.CONTESTED)
    return Place(found, rows[0], cell, next(contested, None), board.margin)


@desk.get("/c/<congress>/office/cells/<unit>/<category>")
@permitted(Permission.SLATE_VIEW)
def cell(congress: str, unit: str, category: str) -> ResponseReturnValue:
    return _page(category)


def _page(
    category: str,
    reopen: ReopenForm | None = None,
    move: MoveForm | None = None,
    exempt: ExemptForm | None = None,
    refusals: list[str] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    found = _place(category)
    place = (g.unit.id, found.category.id)
    contested, assigned = found.cell.margin.contested, found.cell.margin.cell.assigned
    enough = contestable(found.cell.margin.cell.have, found.margin)
    scope = Scope(g.congress.id, g.unit.id)
    form = next((one for one in (reopen, move, exempt) if one is not None), None)
    return render_template(
        "office/cell.html",
        unit=g.unit,
        place=found,
        seats=contested + assigned,
        enough=enough,
        people=applications(
            reading(),
            g.congress.id,
            unit_id=g.unit.id,
            category_id=found.category.id,
            states=[one for one in ApplicationState if one not in (ApplicationState.WITHDRAWN, ApplicationState.ENDED)],
        ),
        decisions=decisions_on(reading(), *place),
        exemption=exemptions(reading(), g.congress.id).get(place),
        reopening=open_reopenings(reading(), g.congress.id, local_day(clock()())).get(place),
        asked=exemptions_asked(reading(), g.congress.id).get((g.unit.code, category)),
        reopens=may_open("office_cells.reopen", scope),
        moves=may_open("office_cells.move", scope),
        exempts=may_open("office_cells.exempt", scope),
        reopen=reopen or ReopenForm(formdata=None),
        move=move or MoveForm(formdata=None, most=assigned + min(enough, max(0, contested - 1))),
        exempt=exempt or ExemptForm(formdata=None),
        shown=form,
        rules=rule_lines(g.congress.id, "margin_min"),
        sees_units=may_open("office_slates.slate", scope),
        refusals=[*(refusals or []), *(form.form_errors if form is not None else [])],
    ), form.status if form is not None else status


def _back(category: str) -> ResponseReturnValue:
    return redirect(url_for("office_cells.cell", congress=g.congress.code, unit=g.unit.code, category=category))


@desk.post("/c/<congress>/office/cells/<unit>/<category>/reopen")
@permitted(Permission.NOMINATION_REOPEN)
def reopen(congress: str, unit: str, category: str) -> ResponseReturnValue:
    form, found = ReopenForm(), _place(category)
    if form.validate_on_submit():
        with form.refusals(), act() as unit_of_work:
            reopen_nomination(
                unit_of_work, g.congress.id, g.unit.id, found.category.id, form.reason.data or "", form.until.data
            )
    if form.status != 200:
        return _page(category, reopen=form)
    flash(_("%(unit)s·%(category)s已开放补充报名。", unit=g.unit.name, category=found.category.name), "ok")
    return _back(category)


@desk.post("/c/<congress>/office/cells/<unit>/<category>/close")
@permitted(Permission.NOMINATION_REOPEN)
def close(congress: str, unit: str, category: str) -> ResponseReturnValue:
    """Ends a reopening before its last day."""
    found = _place(category)
    try:
        with act() as unit_of_work:
            close_reopening(unit_of_work, g.congress.id, g.unit.id, found.category.id, request.form.get("reason", ""))
    except Refused as refused:
        if refused.status == 403:
            raise
        return _page(category, refusals=[say(refused)], status=refused.status)
    flash(_("%(unit)s·%(category)s的补充报名已结束。", unit=g.unit.name, category=found.category.name), "ok")
    return _back(category)


@desk.post("/c/<congress>/office/cells/<unit>/<category>/move")
@permitted(Permission.SCHEME_EDIT)
def move(congress: str, unit: str, category: str) -> ResponseReturnValue:
    """A new version of the scheme in which the cell has at most so many seats: a draft, to be submitted and approved."""
    form = MoveForm()
    _place(category)
    made = 0
    if form.validate_on_submit():
        approved = approved_scheme(reading(), g.congress.id)
        number = approved.number if approved is not None else 0
        change = Change(ChangeKind.CELL_MOST, unit, category, "", form.most.data or 0, locked=True)
        with form.refusals(), act() as unit_of_work:
            made = recompute_scheme(unit_of_work, g.congress.id, number, [change], form.reason.data or "").number
    if form.status != 200:
        return _page(category, move=form)
    flash(_("已另立方案%(n)s（草案）。送审并经批准后，名额才改变。", n=made), "ok")
    return redirect(url_for("office_scheme.scheme", congress=congress, number=made))


@desk.post("/c/<congress>/office/cells/<unit>/<category>/ask")
@permitted(Permission.NOMINATION_REOPEN)
def ask(congress: str, unit: str, category: str) -> ResponseReturnValue:
    """The office asks; the line stands at the approver's desk until it is decided or the cell is short no more."""
    found = _place(category)
    try:
        with act() as unit_of_work:
            ask_exemption(unit_of_work, g.congress.id, g.unit.id, found.category.id, request.form.get("reason", ""))
    except Refused as refused:
        if refused.status == 403:
            raise
        return _page(category, refusals=[say(refused)], status=refused.status)
    flash(_("已提请审批人决定，审批人的待办里有这一项。"), "ok")
    return _back(category)


@desk.post("/c/<congress>/office/cells/<unit>/<category>/exempt")
@permitted(Permission.MARGIN_EXEMPT)
def exempt(congress: str, unit: str, category: str) -> ResponseReturnValue:
    form, found = ExemptForm(), _place(category)
    if form.validate_on_submit():
        with form.refusals(), act() as unit_of_work:
            exempt_cell(
                unit_of_work,
                g.congress.id,
                g.unit.id,
                found.category.id,
                form.reason.data or "",
                form.document.data or "",
                form.decided_on.data,
            )
    if form.status != 200:
        return _page(category, exempt=form)
    flash(_("%(unit)s·%(category)s：同意等额的决定已登记。", unit=g.unit.name, category=found.category.name), "ok")
    return _back(category)


@desk.post("/c/<congress>/office/cells/<unit>/<category>/revoke")
@permitted(Permission.MARGIN_EXEMPT)
def revoke(congress: str, unit: str, category: str) -> ResponseReturnValue:
    found = _place(category)
    try:
        with act() as unit_of_work:
            revoke_exemption(unit_of_work, g.congress.id, g.unit.id, found.category.id)
    except Refused as refused:
        if refused.status != 422:
            raise
        return _page(category, refusals=[say(refused)], status=422)
    flash(_("决定已撤销，本单元须按差额比例配齐候选人。"), "ok")
    return _back(category)
