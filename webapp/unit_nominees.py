"""The unit's page about its nominees: whom its branches nominated, whom it puts forward, whom it leaves out and why; and,
where the rules say so, how many each branch may nominate.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from election.congress.rules_in_force import rules_in_force
from election.errors import Invalid, Refused
from election.nomination.branch.operations_places import set_branch_places
from election.nomination.branch.vote import BY_PLACES
from election.nomination.lifecycle import ApplicationState
from election.nomination.papers.common import by_strokes
from election.nomination.queries import ApplicationLine, applications, branch_places
from election.nomination.reviewing.operations_proposal import put_forward, take_back
from election.nomination.reviewing.queries_review import proposals
from election.nomination.slates.queries_board import unit_board_row
from election.nomination.slates.queries_margin import open_reopenings
from election.people.act import local_day
from election.people.permissions import Permission
from webapp.access import permitted
from webapp.applicants import ages, overlays
from webapp.errors import say
from webapp.forms import whole_number
from webapp.requests import act, clock, reading
from webapp.rule_line import rule_lines

desk = Blueprint("unit_nominees", __name__)

FORWARD, OUT = "forward", "out"
ON_THE_WAY = (ApplicationState.PUT_FORWARD, ApplicationState.PROPOSED)


@desk.route("/c/<congress>/units/<unit>/nominees", methods=["GET", "POST"])
@permitted(Permission.NOMINEES_PROPOSE)
def nominees(congress: str, unit: str) -> ResponseReturnValue:
    """Every preliminary nominee of the unit with what it wants; one act for all who are decided."""
    refusals: list[Refused] = []
    status = 200
    if request.method == "POST":
        choices = _choices()
        forward = [number for number, choice in choices.items() if choice == FORWARD]
        left_out = {
            number: request.form.get(f"reason-{number}", "") for number, choice in choices.items() if choice == OUT
        }
        if request.form.get("everybody"):
            forward += [number for number in _shown() if number not in choices]
        try:
            with act() as unit_of_work:
                put_forward(unit_of_work, g.unit.id, forward, left_out)
            flash(_("已上报 %(n)s 人，%(m)s 人不上报。", n=len(forward), m=len(left_out)), "ok")
            return redirect(url_for("unit_nominees.nominees", congress=congress, unit=unit))
        except Refused as refused:
            if refused.status in (403, 404):
                raise
            refusals, status = [refused], refused.status
        except Invalid as invalid:
            refusals, status = invalid.refusals, invalid.status
    return _page(refusals), status


def _choices() -> dict[int, str]:
    """application → what was chosen for it."""
    found = {whole_number(name[7:]): text for name, text in request.form.items() if name.startswith("choice-")}
    return {number: text for number, text in found.items() if number is not None}


def _shown() -> list[int]:
    """Whom the page listed: nobody who joined the list since is put forward unread."""
    listed = [whole_number(text) for text in request.form.get("shown", "").split()]
    return [number for number in listed if number is not None]


@desk.post("/c/<congress>/units/<unit>/nominees/back")
@permitted(Permission.NOMINEES_PROPOSE)
def back(congress: str, unit: str) -> ResponseReturnValue:
    """Takes back whom the office has not decided on."""
    try:
        with act() as unit_of_work:
            taken = take_back(unit_of_work, g.unit.id, request.form.getlist("application", type=int))
    except Refused as refused:
        if refused.status in (403, 404):
            raise
        return _page([refused]), refused.status
    flash(_("已撤回 %(n)s 人，可以重新决定是否上报。", n=len(taken)), "ok")
    return redirect(url_for("unit_nominees.nominees", congress=congress, unit=unit))


@desk.post("/c/<congress>/units/<unit>/places")
@permitted(Permission.NOMINEES_PROPOSE)
def places(congress: str, unit: str) -> ResponseReturnValue:
    """How many each branch may nominate in each category; an empty field takes the number away."""
    try:
        with act() as unit_of_work:
            for name, text in request.form.items():
                where = [whole_number(part) for part in name.removeprefix("places-").split("-")]
                if not name.startswith("places-") or len(where) != 2 or None in where:
                    continue
                number = whole_number(text.strip()) if text.strip() else None
                if text.strip() and number is None:
                    raise Refused("branch_places.too_few", field="places")
                set_branch_places(unit_of_work, g.congress.id, where[0] or 0, where[1] or 0, number)
    except Refused as refused:
        if refused.status in (403, 404):
            raise
        return _page([refused]), refused.status
    flash(_("支部推选名额已保存。"), "ok")
    return redirect(url_for("unit_nominees.nominees", congress=congress, unit=unit))


def _page(refusals: list[Refused]) -> str:
    lines = applications(reading(), g.congress.id, unit_id=g.unit.id)
    row = unit_board_row(reading(), g.unit, local_day(clock()()))
    cells = {} if row is None else {cell.category_id: cell.margin for cell in row.cells}
    undecided = [line for line in lines if line.state is ApplicationState.PRELIMINARY]
    shown = [*undecided, *(line for line in lines if line.state in (*ON_THE_WAY, ApplicationState.LEFT_OUT))]
    by_places = rules_in_force(reading(), g.congress.id)["branch_places"] == BY_PLACES
    return render_template(
        "unit/nominees.html",
        unit=g.unit,
        cells=cells,
        groups=_by_category(undecided),
        decided=[line for line in lines if line.state in (*ON_THE_WAY, ApplicationState.LEFT_OUT)],
        waiting=[line for line in lines if line.state is ApplicationState.APPLIED],
        forward=[line for line in lines if line.state in ON_THE_WAY],
        standing=lines,
        proposals=proposals(reading(), g.unit.id),
        overlays=overlays(shown),
        ages=ages(shown),
        branch_votes=_branch_votes(lines) if by_places else [],
        by_places=by_places,
        typed=request.form,
        faults={one.field: say(one) for one in refusals if (one.field or "").startswith("reason")},
        refusals=[_on_top(one) for one in refusals],
        rules=rule_lines(g.congress.id, "margin_min", "branch_places"),
    )


def _on_top(refused: Refused) -> str | dict[str, str]:
    """The sentence above the page; one about a person of the list leads to the field where it is mended."""
    place = (refused.field or "").removeprefix("reason[").removesuffix("]")
    return {"text": say(refused), "href": f"#reason-{place}"} if place.isdecimal() else say(refused)


def _by_category(lines: list[ApplicationLine]) -> Mapping[int, list[ApplicationLine]]:
    """category → its lines, in the order of categories; names by strokes (地方条例 30)."""
    found: dict[int, list[ApplicationLine]] = {}
    for line in sorted(lines, key=lambda line: by_strokes(line.name)):
        found.setdefault(line.category_id, []).append(line)
    return found


def _branch_votes(lines: list[ApplicationLine]) -> list[dict[str, object]]:
    """A line for each branch and category in which somebody stands: how many wait, how many may go on."""
    given = branch_places(reading(), g.congress.id, {line.branch_id for line in lines})
    reopened = {
        category
        for unit_id, category in open_reopenings(reading(), g.congress.id, local_day(clock()()))
        if unit_id == g.unit.id
    }
    found: dict[tuple[int, int], dict[str, object]] = {}
    for line in lines:
        place = (line.branch_id, line.category_id)
        vote = found.setdefault(place, {
            "line": line, "waiting": 0, "voted": False, "places": given.get(place),
            "open": line.category_id in reopened,
        })  # fmt: skip
        if line.state is ApplicationState.APPLIED:
            vote["waiting"] = int(str(vote["waiting"])) + 1
        if line.ballot_id is not None:
            vote["voted"] = True
    return list(found.values())
