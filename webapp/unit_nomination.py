"""The desk of an electoral unit before its meeting: the slates drawn up and handed in."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from election.errors import NotFound, Refused
from election.nomination.lifecycle import SlateState
from election.nomination.operations_slates import open_slates, order_by_hand, submit_slates, withdraw_slates
from election.nomination.queries import SlateLine, slates
from election.nomination.queries_board import unit_board_row
from election.nomination.queries_margin import exemptions
from election.nomination.queries_outlook import overlay_lines
from election.nomination.queries_versions import reprints, speech_orders
from election.people.act import local_day
from election.people.actor import Role
from election.people.permissions import Permission
from election.progress.queries import facts_of
from election.roster.queries import rosters_at, unit_roster
from election.texts import sentence
from webapp.access import permitted
from webapp.errors import said, say
from webapp.requests import act, clock, reading
from webapp.rule_line import rule_lines

desk = Blueprint("unit_nomination", __name__)

IN_HAND = (SlateState.DRAFT, SlateState.RETURNED)


@desk.get("/c/<congress>/units/")
@permitted(Permission.ROSTER_VERIFY, anywhere=True)
def units(congress: str) -> ResponseReturnValue:
    """The units of this person; straight to the only one."""
    held = g.actor.units_of(Role.UNIT_CLERK, g.congress.id)
    mine = [unit for unit in g.congress.units if held is None or unit.id in held]
    if len(mine) == 1:
        return redirect(url_for("unit_nomination.unit", congress=congress, unit=mine[0].code))
    states = {row.unit_id: row for row in rosters_at(reading(), g.congress)}
    return render_template("unit/units.html", units=mine, states=states)


@desk.get("/c/<congress>/units/<unit>/")
@permitted(Permission.ROSTER_VERIFY)
def unit(congress: str, unit: str) -> ResponseReturnValue:
    return _page()


def _page(refusals: list[str] | None = None, status: int = 200) -> ResponseReturnValue:
    lines = slates(reading(), g.congress.id, g.unit.id)
    row = unit_board_row(reading(), g.unit, local_day(clock()()), lines)
    return render_template(
        "unit/unit.html",
        unit=g.unit,
        state=unit_roster(reading(), g.unit.id),
        lines=lines,
        row=row,
        can_draw=any(line.state is None or line.state in IN_HAND for line in lines),
        can_submit=bool(lines)
        and all(line.slate is not None for line in lines)
        and any(line.state in IN_HAND for line in lines),
        handed_in=any(
            line.slate is not None
            and line.state is SlateState.SUBMITTED
            and line.slate.submitted_by_id == g.actor.person_id
            for line in lines
        ),
        returned=next(
            (line.slate.returned_because for line in lines if line.slate and line.slate.returned_because), ""
        ),
        blocker_items=[{"text": said(sentence(one.code, one.params))} for one in row.blockers] if row else [],
        rules=rule_lines(g.congress.id, "margin_min"),
        letter_open=any(one.letter_open for one in facts_of(reading(), g.congress).units if one.id == g.unit.id),
        in_hand=IN_HAND,
        exempt=exemptions(reading(), g.congress.id),
        reprints={one.line.round_id: one for one in reprints(reading(), lines)},
        drawn=speech_orders(reading(), [line.slate.id for line in lines if line.slate is not None]),
        outlook=overlay_lines(reading(), g.congress, g.unit.id),
        refusals=refusals or [],
    ), status


@desk.post("/c/<congress>/units/<unit>/slates/<verb>")
@permitted(Permission.SLATE_SUBMIT)
def slates_act(congress: str, unit: str, verb: str) -> ResponseReturnValue:
    """Draws the slates up, hands them in, or takes them back."""
    verbs = {
        "open": (open_slates, _("候选人名单已按姓氏笔画编制，请核对后提交。")),
        "submit": (submit_slates, _("候选人名单已提交县委组织部。")),
        "withdraw": (withdraw_slates, _("候选人名单已撤回。")),
    }
    if verb not in verbs:
        raise NotFound("web.not_found")
    operation, done = verbs[verb]
    try:
        with act() as unit_of_work:
            operation(unit_of_work, g.unit.id)
    except Refused as refused:
        if refused.status == 403:
            raise
        return _page([say(refused)], refused.status)
    flash(done, "ok")
    return redirect(url_for("unit_nomination.unit", congress=congress, unit=unit))


def _slate_line(slate_id: int) -> SlateLine:
    for line in slates(reading(), g.congress.id, g.unit.id):
        if line.slate is not None and line.slate.id == slate_id:
            return line
    raise NotFound("slate.none")


@desk.route("/c/<congress>/units/<unit>/slates/<int:slate_id>/order", methods=["GET", "POST"])
@permitted(Permission.SLATE_SUBMIT)
def slate_order(congress: str, unit: str, slate_id: int) -> ResponseReturnValue:
    """The order of a slate set by hand, as for a name that the stroke table does not know; with a reason."""
    line = _slate_line(slate_id)
    refusals: list[str] = []
    status = 200
    places = {one.candidate_id: str(one.position) for one in line.candidates}
    if request.method == "POST":
        places = {one.candidate_id: request.form.get(f"place-{one.candidate_id}", "") for one in line.candidates}
        try:
            with act() as unit_of_work:
                order_by_hand(unit_of_work, slate_id, _in_order(places), request.form.get("reason", ""))
            flash(_("次序已保存。"), "ok")
            return redirect(url_for("unit_nomination.unit", congress=congress, unit=unit))
        except Refused as refused:
            if refused.status == 403:
                raise
            refusals, status = [say(refused)], refused.status
    return render_template(
        "unit/slate_order.html",
        unit=g.unit,
        line=line,
        places=places,
        reason=request.form.get("reason", line.slate.order_reason if line.slate else ""),
        refusals=refusals,
    ), status


def _in_order(places: dict[int, str]) -> list[int]:
    """The candidates by the numbers typed at them. Raises Refused unless these are 1, 2, 3 … each once."""
    numbers = {candidate: int(text) for candidate, text in places.items() if text.strip().isdecimal()}
    if sorted(numbers.values()) != list(range(1, len(places) + 1)):
        raise Refused("slate.order_incomplete", field="order")
    return sorted(places, key=lambda candidate: numbers[candidate])
