"""The desk of an electoral unit before its meeting: the slates drawn up and handed in."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from election.congress.lifecycle import Phase
from election.errors import NotFound, Refused
from election.nomination.lifecycle import IN_HAND, SlateState
from election.nomination.queries import SlateLine, slates
from election.nomination.slates.hand_order import order_by_numbers
from election.nomination.slates.margins import Pipeline
from election.nomination.slates.operations import open_slates, submit_slates, withdraw_slates
from election.nomination.slates.operations_order import order_by_hand, order_by_strokes
from election.nomination.slates.operations_reprint import mark_reprinted
from election.nomination.slates.queries_board import BoardRow, unit_board_row
from election.nomination.slates.queries_margin import exemptions
from election.nomination.slates.queries_outlook import overlay_lines
from election.nomination.slates.queries_versions import reprints, reprints_done, speech_orders
from election.people.act import local_day
from election.people.actor import Role, Scope
from election.people.permissions import Permission
from election.progress.facts import UnitFacts
from election.progress.queries import facts_of
from election.quotas.queries import assigned_leaders
from election.roster.queries_units import rosters_at, unit_roster
from election.strokes import strokes
from election.texts import sentence
from webapp.access import may_open, permitted
from webapp.errors import said, say
from webapp.requests import act, clock, reading
from webapp.rule_line import rule_lines

desk = Blueprint("unit_nomination", __name__)


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
    facts = next(one for one in facts_of(reading(), g.congress).units if one.id == g.unit.id)
    roster = unit_roster(reading(), g.unit.id)
    leaders = [one.name for one in assigned_leaders(reading(), g.congress.id) if one.unit_code == g.unit.code]
    # While electors register nobody can stand: what the slates will need then is no matter for now.
    standing = g.congress.phase not in (Phase.PREPARATION, Phase.REGISTRATION)
    return render_template(
        "unit/unit.html",
        unit=g.unit,
        state=roster,
        steps_done=_steps(facts, roster.verified, row, lines, standing),
        standing=standing,
        leaders=leaders,
        somebody=bool(leaders) or (row is not None and row.totals.have > 0),
        lines=lines,
        row=row,
        nominating=g.congress.phase not in (Phase.PREPARATION, Phase.REGISTRATION),
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
        # Handing in is what the button does: it is not among what stands against it.
        undone=sum(one.code != "slate.not_submitted" for one in row.blockers) if row else 0,
        rules=rule_lines(g.congress.id, "margin_min"),
        letter_open=facts.letter_open,
        in_hand=IN_HAND,
        exempt=exemptions(reading(), g.congress.id),
        reprints={one.line.round_id: one for one in reprints(reading(), lines)},
        reprinted=reprints_done(reading(), [line.slate.id for line in lines if line.slate is not None]),
        drawn=speech_orders(reading(), [line.slate.id for line in lines if line.slate is not None]),
        outlook=overlay_lines(reading(), g.congress, g.unit.id) if standing else [],
        refusals=refusals or [],
    ), status


def _steps(
    facts: UnitFacts, verified: bool, row: BoardRow | None, lines: list[SlateLine], standing: bool
) -> list[dict[str, object]]:
    """The unit's way from the roster to its meeting: what is done, what is next, what comes after."""
    pipe = row.forecast.pipeline if row is not None else Pipeline()
    at = {"congress": g.congress.code, "unit": g.unit.code}
    drawn = bool(lines) and all(line.slate is not None for line in lines)
    frozen = bool(lines) and all(line.state is SlateState.FROZEN for line in lines)
    handed_in = drawn and not any(line.state in IN_HAND for line in lines)
    ways: list[tuple[str, bool, str | None, str]] = [
        (_("签收名额通知"), bool(lines) and not facts.letter_open, url_for("unit_letters.letter", **at), ""),
        (_("核对花名册"), verified, url_for("unit_roster.roster", **at), ""),
        (
            _("通知外出党员"),
            facts.untold == 0,
            url_for("unit_roster.absences", **at),
            _("%(n)s 人还没有通知", n=facts.untold) if facts.untold else "",
        ),
        (
            _("支部推选"),
            frozen or (pipe.all > 0 and pipe.applied == 0),
            url_for("branch.branches", congress=g.congress.code),
            _("%(n)s 人待推选", n=pipe.applied) if pipe.applied else "",
        ),
        (
            _("人选上报"),
            frozen or (pipe.put_forward + pipe.proposed > 0 and pipe.preliminary == 0),
            url_for("unit_nominees.nominees", **at),
            _("%(n)s 人待上报", n=pipe.preliminary) if pipe.preliminary else "",
        ),
        (
            _("资格审查和公示（组织部）"),
            frozen or (pipe.proposed > 0 and pipe.put_forward == 0),
            None,
            _("%(n)s 人待审查", n=pipe.put_forward) if pipe.put_forward else "",
        ),
        (_("编制候选人名单"), drawn, None, ""),
        (_("提交组织部"), handed_in, None, ""),
        (_("组织部确定名单"), frozen, None, ""),
        (_("选举大会"), False, url_for("unit_meeting.meeting", **at), ""),
    ]
    made: list[dict[str, object]] = []
    # Before nomination the first three alone can be next.
    waiting = True
    for place, (label, done, href, note) in enumerate(ways):
        state = "done" if done and (place < 3 or standing) else "todo"
        if state == "todo" and waiting and (place < 3 or standing):
            state, waiting = "current", False
        made.append({"label": label, "state": state, "href": href, "note": note})
    return made


@desk.post("/c/<congress>/units/<unit>/slates/<int:slate_id>/reprinted")
@permitted(Permission.SLATE_REPRINT)
def reprinted(congress: str, unit: str, slate_id: int) -> ResponseReturnValue:
    """The old prints are withdrawn and the new version is printed; said from the unit's page or the office's list."""
    _slate_line(slate_id)
    with act() as unit_of_work:
        mark_reprinted(unit_of_work, slate_id, request.form.get("note", ""))
    flash(_("已登记：旧版已收回，新版已重印。"), "ok")
    if may_open("office_slates.reprint_list", Scope(g.congress.id, None)):
        return redirect(url_for("office_slates.reprint_list", congress=congress))
    return redirect(url_for("unit_nomination.unit", congress=congress, unit=unit))


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
    by_hand = {line.round_id: line for line in slates(reading(), g.congress.id, g.unit.id) if _by_hand(line)}
    try:
        with act() as unit_of_work:
            operation(unit_of_work, g.unit.id)
    except Refused as refused:
        if refused.status == 403:
            raise
        return _page([say(refused)], refused.status)
    flash(done, "ok")
    for line in slates(reading(), g.congress.id, g.unit.id):
        if line.round_id in by_hand and not _by_hand(line):
            flash(_("%(c)s的人选有增加，原来人工排定的次序不再适用，已按姓氏笔画重排。", c=line.category_name), "warn")
    return redirect(url_for("unit_nomination.unit", congress=congress, unit=unit))


def _by_hand(line: SlateLine) -> bool:
    return line.slate is not None and bool(line.slate.order_reason)


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
                if request.form.get("strokes"):
                    order_by_strokes(unit_of_work, slate_id)
                else:
                    order_by_hand(unit_of_work, slate_id, _in_order(line, places), request.form.get("reason", ""))
            by_strokes = bool(request.form.get("strokes"))
            flash(_("已恢复姓氏笔画次序。") if by_strokes else _("次序已保存。"), "ok")
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
        strokes={one.candidate_id: _strokes(one.name) for one in line.candidates},
        reason=request.form.get("reason", line.slate.order_reason if line.slate else ""),
        refusals=refusals,
    ), status


def _in_order(line: SlateLine, places: dict[int, str]) -> list[int]:
    typed = {one: int(text) if text.strip().isdecimal() and len(text) < 4 else None for one, text in places.items()}
    shown = [one.candidate_id for one in line.candidates]
    return order_by_numbers(shown, typed, {one.candidate_id: one.name for one in line.candidates})


def _strokes(name: str) -> str:
    """How many strokes each character has, to check the order against; a dot for one outside the table."""
    counted = []
    for character in name:
        try:
            counted.append(str(strokes(character)))
        except Refused:
            counted.append("·")
    return " ".join(counted)
