"""The scrutineers' desk: ballots recorded, void contests declared, differing entries judged, equal ones confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from election.count.entry import Side
from election.count.form import parse_count
from election.count.models import CountForm
from election.count.operations import discard
from election.count.operations_scrutiny import (
    confirm,
    drop_both,
    keep_one,
    return_to_teller,
    withdraw_confirmation,
)
from election.count.queries import ballot_records, scrutiny_list
from election.count.queries_form import (
    ScrutinyView,
    describe,
    form_id_of_number,
    scrutiny_form,
)
from election.count.queries_outcome import outcomes_of_unit
from election.count.queries_write_ins import write_in_choices
from election.errors import Forbidden, Invalid, NotFound, Refused, Stale
from election.meeting.models import Office
from election.meeting.operations_ballots import declare_void, not_its_officer, record_ballots
from election.meeting.queries import holds_office, meeting_of_unit
from election.meeting.queries_page import MeetingPage, meeting_page
from election.people.act import Act
from election.people.actor import Role, Scope
from election.people.permissions import ALLOWED, Permission
from election.texts import sentence
from webapp.access import permitted
from webapp.errors import said, say
from webapp.forms import whole_number
from webapp.requests import act, reading

desk = Blueprint("scrutiny", __name__)


@desk.get("/c/<congress>/scrutiny/")
@permitted(Permission.COUNT_CONFIRM, anywhere=True)
def home(congress: str) -> ResponseReturnValue:
    """What waits for a scrutineer: ballots to record, contests to declare void, forms to judge."""
    units = g.actor.units_of(Role.SCRUTINEER, g.congress.id)
    records = ballot_records(reading(), g.congress.id, g.actor.person_id, units)
    forms = scrutiny_list(reading(), g.congress.id, g.actor.person_id, units)
    return render_template("scrutiny/home.html", records=records, forms=forms)


# Ballots


@desk.get("/c/<congress>/scrutiny/<unit>/ballots")
@permitted(Permission.BALLOTS_RECORD)
def ballots(congress: str, unit: str) -> ResponseReturnValue:
    return _ballots_page()


def _ballots_page(
    status: int = 200, typed: Mapping[str, str] | None = None, errors: Mapping[str, list[str]] | None = None
) -> ResponseReturnValue:
    page = _meeting()
    refusals = (errors or {}).get("", [])
    return render_template(
        "scrutiny/ballots.html",
        page=page,
        typed=typed or {},
        errors=errors or {},
        refusals=refusals,
        seen={venue.id: _recorded(page, venue.id) for venue in page.venues},
    ), status


def _recorded(page: MeetingPage, venue: int) -> str:
    """What stands recorded in a venue; a page made from other figures is stale."""
    return ";".join(f"{row.round_id}:{row.void:d}:{row.by_venue.get(venue)}" for row in page.rounds)


def _meeting() -> MeetingPage:
    meeting = meeting_of_unit(reading(), g.unit.id)
    if meeting is None:
        raise NotFound("meeting.none")
    _require_scrutineer(meeting.id)
    return meeting_page(reading(), meeting.id)


def _require_scrutineer(meeting_id: int) -> None:
    if not holds_office(reading(), meeting_id, g.actor.person_id, Office.SCRUTINEER):
        raise not_its_officer(Office.SCRUTINEER)


@desk.post("/c/<congress>/scrutiny/<unit>/ballots/<int:venue>")
@permitted(Permission.BALLOTS_RECORD)
def record(congress: str, unit: str, venue: int) -> ResponseReturnValue:
    """One venue's ballots, all contests at once; a field that cannot be read is named and nothing is stored."""
    page = _meeting()
    if request.form.get("seen", _recorded(page, venue)) != _recorded(page, venue):
        raise Stale("store.stale", what=_("选票登记"))
    typed = {f"{venue}.{key}": text for key, text in request.form.items()}
    errors: dict[str, list[str]] = {}
    figures: dict[int, tuple[int, int]] = {}
    for row in page.rounds:
        if row.void:
            continue
        pair = [_figure(f"ballots.{row.round_id}.{name}", venue, errors) for name in ("issued", "returned")]
        figures[row.round_id] = (pair[0], pair[1])
    if not errors:
        try:
            with act() as unit_of_work:
                record_ballots(unit_of_work, page.meeting.id, figures, venue_id=venue)
        except (Refused, Invalid) as refused:
            if isinstance(refused, Refused) and refused.status != 422:
                raise
            for one in refused.refusals if isinstance(refused, Invalid) else [refused]:
                errors.setdefault(f"{venue}.{one.field}" if one.field else "", []).append(say(one))
        else:
            flash(_("选票已登记。"), "ok")
            return redirect(url_for("scrutiny.ballots", congress=congress, unit=unit))
    return _ballots_page(422, typed, errors)


def _figure(path: str, venue: int, errors: dict[str, list[str]]) -> int:
    """The number in a field; a blank one is not zero. What is wrong with it is added to `errors`."""
    try:
        number = parse_count(request.form.get(path, ""), path)
        if number is None:
            raise Refused("meeting.ballots_missing", field=path)
    except Refused as refused:
        errors.setdefault(f"{venue}.{path}", []).append(say(refused))
        return 0
    return number


@desk.post("/c/<congress>/scrutiny/<unit>/void/<int:round_id>")
@permitted(Permission.ROUND_VOID)
def void(congress: str, unit: str, round_id: int) -> ResponseReturnValue:
    if round_id not in {row.round_id for row in _meeting().rounds}:
        raise NotFound("meeting.no_such_round")
    with act() as unit_of_work:
        declare_void(unit_of_work, round_id)
    flash(_("已宣布该项选举无效，须重新选举；其选票不计票。"), "warn")
    return redirect(url_for("scrutiny.ballots", congress=congress, unit=unit))


# Forms


def _view(number: str) -> ScrutinyView:
    """The form of this number. Raises NotFound, Forbidden at a meeting that is not this scrutineer's."""
    form_id = form_id_of_number(reading(), g.congress.id, number)
    if form_id is None:
        raise NotFound("count.no_such_number", number=number)
    view = scrutiny_form(reading(), form_id)
    if not g.actor.has(ALLOWED[Permission.COUNT_CONFIRM], Scope(g.congress.id, view.sheet.unit_id)):
        raise Forbidden("people.not_permitted", name=g.actor.name)
    _require_scrutineer(view.sheet.meeting_id)
    return view


@desk.get("/c/<congress>/scrutiny/forms/<number>")
@permitted(Permission.COUNT_CONFIRM, anywhere=True)
def form(congress: str, number: str) -> ResponseReturnValue:
    return _form_page(number)


def _form_page(number: str, refused: Refused | None = None, act_name: str = "") -> ResponseReturnValue:
    view = _view(number)
    outcomes = outcomes_of_unit(reading(), view.sheet.unit_id) if view.form.confirmed_by_id is not None else []
    return render_template(
        "scrutiny/form.html",
        view=view,
        sheet=view.sheet,
        may_judge=view.may_judge(g.actor.person_id),
        asked_here=view.form.withdrawal_asked_by_id == g.actor.person_id,
        findings=[(one, said(sentence(one.code, one.params))) for one in view.findings],
        error_places=[_place(describe(view.sheet, path)) for path in view.error_fields],
        places={one.path: _place((one.category, one.candidate, one.field)) for one in view.differences},
        choices=write_in_choices(reading(), view),
        outcomes=outcomes,
        refusals=[] if refused is None else [say(refused)],
        refused_act=act_name,
    ), 200 if refused is None else refused.status


FIELDS = {
    "expected": "应到会",
    "present": "实到会",
    "issued": "发出选票",
    "returned": "收回选票",
    "valid": "有效票",
    "spoiled": "无效票",
    "for": "赞成",
    "against": "不赞成",
    "abstain": "弃权",
    "row": "合计",
    "candidates": "赞成合计",
    "write_ins": "另选他人",
    "name": "另选他人",
}


def _place(parts: tuple[str, str, str]) -> str:
    """Where on the paper, in words: 农民 · 田佳兰 · 赞成."""
    category, candidate, field = parts
    return " · ".join(word for word in (category, candidate, _(FIELDS.get(field, field))) if word)


def _judge(congress: str, number: str, act_name: str, done: str) -> ResponseReturnValue:
    """One of the scrutineer's acts on a form. A refusal comes back on the form's page with the reason as typed."""
    view = _view(number)
    try:
        with act() as unit_of_work:
            _ACTS[act_name](unit_of_work, view.form.id, _revision())
    except Refused as refused:
        if refused.status != 422:
            raise
        return _form_page(number, refused, act_name)
    flash(done, "ok")
    return redirect(url_for("scrutiny.form", congress=congress, number=number))


def _side() -> Side:
    for side in Side:
        if request.form.get("side") == side.value:
            return side
    raise Refused("entry.side_missing", field="side")


NOBODY = "none"


def _rulings() -> dict[tuple[int, str], int | None]:
    """The scrutineer's rulings on names written in: `ruling.<round>.<name>` → a member's id, or none."""
    rulings: dict[tuple[int, str], int | None] = {}
    for key, text in request.form.items():
        if key.startswith("ruling.") and text:
            _word, round_text, name = (*key.split(".", 2), "", "")[:3]
            round_id, member_id = whole_number(round_text), whole_number(text)
            if round_id is None or not name or (member_id is None and text != NOBODY):
                raise Refused("web.bad_request")
            rulings[round_id, name] = member_id
    return rulings


def _revision() -> int | None:
    return whole_number(request.form.get("revision"))


def _return(unit_of_work: Act, form_id: int, revision: int | None) -> CountForm:
    side = _side() if request.form.get("side") else None
    return return_to_teller(unit_of_work, form_id, side, revision)


def _keep(unit_of_work: Act, form_id: int, revision: int | None) -> CountForm:
    return keep_one(unit_of_work, form_id, _side(), revision)


def _drop(unit_of_work: Act, form_id: int, revision: int | None) -> CountForm:
    return drop_both(unit_of_work, form_id, request.form.get("reason", ""), revision)


def _discard(unit_of_work: Act, form_id: int, revision: int | None) -> CountForm:
    return discard(unit_of_work, form_id, request.form.get("reason", ""), revision)


def _confirm(unit_of_work: Act, form_id: int, revision: int | None) -> CountForm:
    return confirm(unit_of_work, form_id, revision, rulings=_rulings())


def _withdraw(unit_of_work: Act, form_id: int, revision: int | None) -> CountForm:
    return withdraw_confirmation(unit_of_work, form_id, request.form.get("reason", ""), revision)


_ACTS: dict[str, Any] = {
    "return": _return,
    "keep": _keep,
    "drop": _drop,
    "discard": _discard,
    "confirm": _confirm,
    "withdraw": _withdraw,
}


@desk.post("/c/<congress>/scrutiny/forms/<number>/return")
@permitted(Permission.COUNT_CONFIRM, anywhere=True)
def give_back(congress: str, number: str) -> ResponseReturnValue:
    return _judge(congress, number, "return", _("已退回计票人更正。"))


@desk.post("/c/<congress>/scrutiny/forms/<number>/keep")
@permitted(Permission.COUNT_CONFIRM, anywhere=True)
def keep(congress: str, number: str) -> ResponseReturnValue:
    return _judge(congress, number, "keep", _("已保留一份，另一份由另一名计票人重新录入。"))


@desk.post("/c/<congress>/scrutiny/forms/<number>/drop")
@permitted(Permission.COUNT_CONFIRM, anywhere=True)
def drop(congress: str, number: str) -> ResponseReturnValue:
    return _judge(congress, number, "drop", _("两份录入均已作废，须重新录入。"))


@desk.post("/c/<congress>/scrutiny/forms/<number>/discard")
@permitted(Permission.COUNT_CONFIRM, anywhere=True)
def put_away(congress: str, number: str) -> ResponseReturnValue:
    return _judge(congress, number, "discard", _("已办理。"))


@desk.post("/c/<congress>/scrutiny/forms/<number>/confirm")
@permitted(Permission.COUNT_CONFIRM, anywhere=True)
def accept(congress: str, number: str) -> ResponseReturnValue:
    return _judge(congress, number, "confirm", _("已确认。本单位的计票单全部确认后即得出选举结果。"))


@desk.post("/c/<congress>/scrutiny/forms/<number>/withdraw")
@permitted(Permission.COUNT_CONFIRM, anywhere=True)
def withdraw(congress: str, number: str) -> ResponseReturnValue:
    return _judge(congress, number, "withdraw", _("已办理：撤销确认须由两人先后办理，同意后计票单重新录入。"))
