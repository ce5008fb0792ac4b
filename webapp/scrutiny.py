"""The scrutineers' desk: what waits for them, differing entries judged, equal ones compared with the paper and confirmed.

Ballots are recorded in `scrutiny_ballots.py`, what follows after a vote is agreed to in `scrutiny_follow_up.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from election.congress.models import Unit
from election.count.entry import Side
from election.count.models import CountForm
from election.count.operations import discard
from election.count.operations_scrutiny import (
    confirm,
    drop_both,
    keep_one,
    return_to_teller,
    withdraw_confirmation,
)
from election.count.queries_form import (
    Difference,
    ScrutinyView,
    describe,
    form_id_of_number,
    scrutiny_form,
)
from election.count.queries_outcome import ContestResult, ContestStatus, outcomes_of_unit
from election.count.queries_parts import Parts, earlier_versions, parts_of
from election.count.queries_scrutiny import (
    ballot_records,
    follow_ups_waiting,
    followed_up,
    rounds_of_vote,
    scrutiny_list,
)
from election.count.queries_spoiled import unruled_spoiled
from election.count.queries_write_ins import WriteInChoice, write_in_choices
from election.count.sheet import Sheet
from election.errors import Forbidden, NotFound, Refused
from election.people.act import Act
from election.people.actor import Role, Scope
from election.people.permissions import ALLOWED, Permission
from election.texts import sentence
from webapp.access import permitted
from webapp.entry_page import place_on
from webapp.errors import said, say
from webapp.forms import revision_in, whole_number
from webapp.requests import act, reading
from webapp.scrutiny_meeting import require_scrutineer

desk = Blueprint("scrutiny", __name__)


@desk.get("/c/<congress>/scrutiny/")
@permitted(Permission.COUNT_CONFIRM, anywhere=True)
def home(congress: str) -> ResponseReturnValue:
    """What waits for a scrutineer: forms to judge, proposals to agree to, ballots to record, contests to declare void."""
    units = g.actor.units_of(Role.SCRUTINEER, g.congress.id)
    mine = (reading(), g.congress.id, g.actor.person_id, units)
    return render_template(
        "scrutiny/home.html",
        records=ballot_records(*mine),
        forms=scrutiny_list(*mine),
        proposals=follow_ups_waiting(*mine),
    )


# Forms


def _view(number: str) -> ScrutinyView:
    """The form of this number. Raises NotFound, Forbidden at a meeting that is not this scrutineer's."""
    form_id = form_id_of_number(reading(), g.congress.id, number)
    if form_id is None:
        raise NotFound("count.no_such_number", number=number)
    view = scrutiny_form(reading(), form_id)
    if not g.actor.has(ALLOWED[Permission.COUNT_CONFIRM], Scope(g.congress.id, view.sheet.unit_id)):
        raise Forbidden("people.not_permitted", name=g.actor.name)
    require_scrutineer(view.sheet.meeting_id)
    return view


@desk.get("/c/<congress>/scrutiny/forms/<number>")
@permitted(Permission.COUNT_CONFIRM, anywhere=True)
def form(congress: str, number: str) -> ResponseReturnValue:
    return _form_page(number)


def _form_page(number: str, refused: Refused | None = None, act_name: str = "") -> ResponseReturnValue:
    view = _view(number)
    confirmed = view.form.confirmed_by_id is not None
    parts = parts_of(reading(), view)
    outcomes = outcomes_of_unit(reading(), view.sheet.unit_id) if confirmed else []
    return render_template(
        "scrutiny/form.html",
        view=view,
        sheet=view.sheet,
        unit=reading().get_one(Unit, view.sheet.unit_id),
        place=place_on(view.sheet),
        parts=parts,
        told=_told(view.sheet, outcomes),
        earlier=[
            (one, [_side_by_side(view, each) for each in one.changes or ()])
            for one in earlier_versions(reading(), view)
        ],
        followed=(confirmed or view.form.version > 1)
        and followed_up(reading(), view.sheet.meeting_id, view.sheet.ballot),
        may_judge=view.may_judge(g.actor.person_id),
        asked_here=view.form.withdrawal_asked_by_id == g.actor.person_id,
        findings=[(one, said(sentence(one.code, one.params))) for one in view.findings],
        error_places=[_place(view.sheet, path) for path in view.error_fields],
        differences=[_side_by_side(view, one) for one in view.differences],
        choices=_choices(view, parts),
        unruled=[] if confirmed else unruled_spoiled(reading(), view.sheet, view.contents),
        outcomes=outcomes,
        refusals=[] if refused is None else [say(refused)],
        refused_act=act_name,
    ), 200 if refused is None else refused.status


@dataclass(frozen=True, slots=True)
class Told:
    """A vote of which every contest has its result: how many came to what, and whether a seat of any is still open."""

    counts: tuple[str, ...]
    follows: bool


def _told(sheet: Sheet, outcomes: Sequence[ContestResult]) -> Told | None:
    """What the vote of this form came to; None while a contest of it is still to be counted."""
    if not outcomes:
        return None
    held = rounds_of_vote(reading(), sheet.meeting_id, sheet.ballot)
    found = Counter(one.status for contest in outcomes for one in contest.rounds if one.round.id in held)
    if found[ContestStatus.PENDING]:
        return None
    words = (
        (ContestStatus.DECIDED, _("已选出 %(n)s 项", n=found[ContestStatus.DECIDED])),
        (ContestStatus.TIE, _("得票相等 %(n)s 项", n=found[ContestStatus.TIE])),
        (ContestStatus.SHORTFALL, _("当选不足 %(n)s 项", n=found[ContestStatus.SHORTFALL])),
        (ContestStatus.VOID, _("选举无效 %(n)s 项", n=found[ContestStatus.VOID])),
    )
    return Told(tuple(text for status, text in words if found[status]), found[ContestStatus.DECIDED] < found.total())


FIELDS = {
    "expected": _l("应到会"),
    "present": _l("实到会"),
    "issued": _l("发出选票"),
    "returned": _l("收回选票"),
    "valid": _l("有效票"),
    "spoiled": _l("无效票"),
    "for": _l("赞成"),
    "against": _l("不赞成"),
    "abstain": _l("弃权"),
    "row": _l("合计"),
    "candidates": _l("赞成合计"),
    "write_ins": _l("另选他人"),
    "name": _l("另选他人"),
}


def _choices(view: ScrutinyView, parts: Parts | None) -> tuple[WriteInChoice, ...]:
    """Whom names written in may stand for: asked with the confirmation that completes the vote, of all its forms."""
    if parts is None:
        return write_in_choices(reading(), view)
    return write_in_choices(reading(), view, parts.entered) if parts.whole else ()


def _side_by_side(view: ScrutinyView, one: Difference) -> tuple[tuple[str, str, str], str, str]:
    """A field that differs: its category, candidate and name in words, and what each of the two has there."""
    return _words(view.sheet, one.path), one.first, one.second


def _place(sheet: Sheet, path: str) -> str:
    """Where on the paper, in words: 农民 · 田佳兰 · 赞成."""
    return " · ".join(word for word in _words(sheet, path) if word)


def _words(sheet: Sheet, path: str) -> tuple[str, str, str]:
    """Category, candidate and field of a path; with the kind of contest where a category has several on the paper."""
    category, candidate, field = describe(sheet, path)
    section = next((one for one in sheet.sections if path.startswith(f"sections.{one.key}.")), None)
    if section is not None and sum(one.category_id == section.category_id for one in sheet.sections) > 1:
        category = _("%(category)s（%(kind)s）", category=category, kind=said(section.kind))
    return category, candidate, str(FIELDS.get(field, field))


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


def _revision() -> int:
    return revision_in(request.form.get("revision"))


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
    return _judge(congress, number, "confirm", _("已确认。"))


@desk.post("/c/<congress>/scrutiny/forms/<number>/withdraw")
@permitted(Permission.COUNT_CONFIRM, anywhere=True)
def withdraw(congress: str, number: str) -> ResponseReturnValue:
    return _judge(congress, number, "withdraw", _("已办理：撤销确认须由两人先后办理，同意后计票单重新录入。"))
