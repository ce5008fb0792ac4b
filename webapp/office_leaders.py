"""The office's desk: the leaders assigned to units, uncontested. What an assignment may be is decided by its operation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published types
from wtforms.validators import InputRequired

from election.errors import Refused
from election.nomination.leaders.operations import assign_leader, move_leader, release_leader
from election.nomination.leaders.queries import LeaderPlaces, leader_places, noticed_leaders
from election.nomination.slates.queries_board import SlateBoard, slate_board
from election.people.act import Act, local_day
from election.people.permissions import Permission
from election.quotas.queries import NamedMember, assigned_leaders, members_named
from webapp.access import permitted
from webapp.errors import say
from webapp.forms import Form
from webapp.requests import act, clock, reading

desk = Blueprint("office_leaders", __name__)


class LeaderForm(Form):
    name = StringField(_l("姓名"), [InputRequired(_l("请填写姓名。"))])
    unit = SelectField(_l("安排到"), choices=lambda: [SelectChoice(unit.code, unit.name) for unit in g.congress.units])


@desk.route("/c/<congress>/office/leaders", methods=["GET", "POST"])
@permitted(Permission.SCHEME_EDIT)
def leaders(congress: str) -> ResponseReturnValue:
    """A name that several members share asks which one is meant."""
    form = LeaderForm()
    matching: list[NamedMember] = []
    if form.validate_on_submit():
        with form.refusals():
            matching = members_named(reading(), g.congress.id, form.name.data or "")
            chosen = request.form.get("member", type=int)
            if not matching:
                raise Refused("quotas.no_such_name", field="name", name=form.name.data)
            if chosen not in {one.member_id for one in matching}:
                chosen = matching[0].member_id if len(matching) == 1 else None
            if chosen is not None:
                unit_id = next(unit.id for unit in g.congress.units if unit.code == form.unit.data)
                with act() as unit_of_work:
                    assign_leader(unit_of_work, g.congress.id, chosen, unit_id)
                flash(_("已安排。"), "ok")
                return redirect(url_for("office_leaders.leaders", congress=congress))
    return _page(form, matching)


@dataclass(frozen=True, slots=True)
class Turned:
    """What was refused of one assignment, told at its own row."""

    assignment: int
    verb: str
    field: str
    sentences: list[str]


def _page(
    form: LeaderForm, matching: Sequence[NamedMember] = (), turned: Turned | None = None, status: int = 0
) -> ResponseReturnValue:
    return render_template(
        "office/leaders.html",
        form=form,
        turned=turned,
        reason=request.form.get("reason", "") if turned is not None else "",
        target=request.form.get("unit", "") if turned is not None else "",
        noticed=noticed_leaders(reading(), g.congress.id),
        matching=matching,
        leaders=assigned_leaders(reading(), g.congress.id),
        places=leader_places(reading(), g.congress.id, _board()),
        units=g.congress.units,
    ), status or form.status


def _change(assignment: int, verb: str, change: Callable[[Act], object]) -> ResponseReturnValue | None:
    """Moves or releases; a refusal stands at the leader's own row."""
    named = next((one.name for one in assigned_leaders(reading(), g.congress.id) if one.id == assignment), "")
    public = assignment in noticed_leaders(reading(), g.congress.id)
    try:
        with act() as unit_of_work:
            change(unit_of_work)
    except Refused as refused:
        if refused.status != 422:
            raise
        return _page(
            LeaderForm(formdata=None),
            turned=Turned(assignment, verb, refused.field or "reason", [say(refused)]),
            status=422,
        )
    flash(_("已改派。") if verb == "move" else _("已取消安排。"), "ok")
    if public:
        flash(_("%(name)s已在公示的预备人选名单上，公示与现在的安排不符，须发布更正公示。", name=named), "warn")
    return None


def _board() -> SlateBoard:
    return slate_board(reading(), g.congress.id, local_day(clock()()))


@desk.post("/c/<congress>/office/leaders/<int:assignment>/move")
@permitted(Permission.SCHEME_EDIT)
def move(congress: str, assignment: int) -> ResponseReturnValue:
    """To another unit; both units are looked at again and what is short in either is said."""
    before = next((one.unit_code for one in assigned_leaders(reading(), g.congress.id) if one.id == assignment), "")
    after = request.form.get("unit", "")
    unit_id = next((unit.id for unit in g.congress.units if unit.code == after), None)
    if unit_id is None:
        raise Refused("web.bad_request")
    reason = request.form.get("reason", "")
    refused = _change(assignment, "move", lambda given: move_leader(given, g.congress.id, assignment, unit_id, reason))
    if refused is not None:
        return refused
    for place in leader_places(reading(), g.congress.id, _board(), only={before, after}):
        flash(_now(place), "warn" if place.over or place.under else "info")
    return redirect(url_for("office_leaders.leaders", congress=congress))


def _now(place: LeaderPlaces) -> str:
    """How a unit stands after a leader came or went: its uncontested seats, and its margin apart from them."""
    if place.over:
        leaders = _(
            "已安排 %(l)s 人、等额名额 %(s)s 名，须重新计算并批准名额分配方案或取消安排",
            l=place.leaders,
            s=place.seats,
        )
    elif place.under:
        leaders = _(
            "等额名额 %(s)s 名、已安排 %(l)s 人，还可安排 %(n)s 人，否则须重新计算并批准名额分配方案",
            s=place.seats,
            l=place.leaders,
            n=place.under,
        )
    else:
        leaders = _("等额名额 %(s)s 名，已安排 %(l)s 人", s=place.seats, l=place.leaders)
    missing = place.contested.missing if place.contested is not None else 0
    margin = _("差额名额另缺候选人 %(n)s 名", n=missing) if missing else _("差额名额的候选人够了")
    return str(_("%(unit)s：%(leaders)s；%(margin)s。", unit=place.unit_name, leaders=leaders, margin=margin))


@desk.post("/c/<congress>/office/leaders/<int:assignment>/release")
@permitted(Permission.SCHEME_EDIT)
def release(congress: str, assignment: int) -> ResponseReturnValue:
    reason = request.form.get("reason", "")
    refused = _change(assignment, "release", lambda given: release_leader(given, g.congress.id, assignment, reason))
    return refused or redirect(url_for("office_leaders.leaders", congress=congress))
