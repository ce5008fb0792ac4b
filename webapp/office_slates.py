"""The office's pages about slates: the board of units and categories, freezing, giving back, new versions, reprints."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from election.errors import NotFound, Refused
from election.findings import Finding
from election.nomination.queries import slates as slate_lines
from election.nomination.slates.operations import freeze_slates, return_slates, supersede_slate
from election.nomination.slates.queries_board import BoardCell, slate_board
from election.nomination.slates.queries_margin import exemptions
from election.nomination.slates.queries_outlook import overlay_lines
from election.nomination.slates.queries_versions import reprints, reprints_done
from election.people.act import local_day
from election.people.actor import Scope
from election.people.permissions import Permission
from election.texts import sentence
from webapp.access import may_open, permitted
from webapp.errors import said, say
from webapp.requests import act, clock, reading
from webapp.rule_line import rule_lines

desk = Blueprint("office_slates", __name__)


# Which rows and cells the board shows: all, those short now, those short even if nobody drops out on the way.
SHOWN: Mapping[str, Callable[[BoardCell], bool]] = {
    "all": lambda _cell: True,
    "short": lambda cell: cell.short,
    "coming": lambda cell: cell.will_be_short,
}


@desk.get("/c/<congress>/office/slates")
@permitted(Permission.SLATE_VIEW)
def slates(congress: str) -> ResponseReturnValue:
    show = request.args.get("show", "all")
    if show not in SHOWN:
        raise Refused("web.bad_request")
    lines = slate_lines(reading(), g.congress.id)
    board = slate_board(reading(), g.congress.id, local_day(clock()()), known=lines)
    every = [cell for row in board.rows for cell in row.cells]
    return render_template(
        "office/slates.html",
        board=board,
        rows=[row for row in board.rows if any(SHOWN[show](cell) for cell in row.cells)],
        show=show,
        shown=SHOWN[show],
        counts={name: sum(wanted(cell) for cell in every) for name, wanted in SHOWN.items()},
        outlook=overlay_lines(reading(), g.congress),
        reprints=len(reprints(reading(), lines)),
        rules=rule_lines(g.congress.id, "margin_min"),
        sees_units=may_open("office_slates.slate", Scope(g.congress.id, None)),
    )


@desk.get("/c/<congress>/office/reprints")
@permitted(Permission.SLATE_FREEZE)
def reprint_list(congress: str) -> ResponseReturnValue:
    """What was printed from a slate that has a new version since: to be printed anew, unit by unit."""
    found = reprints(reading(), slate_lines(reading(), g.congress.id))
    done = reprints_done(reading(), [one.line.slate.id for one in found if one.line.slate is not None])
    return render_template("office/reprints.html", reprints=found, done=done)


@desk.get("/c/<congress>/office/slates/<unit>")
@permitted(Permission.SLATE_FREEZE)
def slate(congress: str, unit: str) -> ResponseReturnValue:
    return _slate_page()


# Where a blocker is mended, by the first part of the place that it names.
MENDED_AT = {
    "applications": ("office_reviews.reviews", _l("去审查")),
    "notice": ("office_notices.notices", _l("去公示")),
    "objections": ("office_notices.notices", _l("去办结")),
}


def _blocker(finding: Finding) -> dict[str, object]:
    item: dict[str, object] = {"text": said(sentence(finding.code, finding.params))}
    place = MENDED_AT.get(finding.field.partition(".")[0])
    if place is not None:
        item |= {"href": url_for(place[0], congress=g.congress.code), "link": place[1]}
    return item


def _slate_page(refused: Refused | None = None, asked: str = "") -> ResponseReturnValue:
    """`asked`: which question was refused, "return" or the slate to be superseded; a missing reason is told in it."""
    in_question = refused is not None and bool(asked) and refused.field == "reason"
    lines = slate_lines(reading(), g.congress.id, g.unit.id)
    board = slate_board(reading(), g.congress.id, local_day(clock()()), g.unit.id, lines)
    row = board.rows[0] if board.rows else None
    return render_template(
        "office/slate.html",
        unit=g.unit,
        row=row,
        board=board,
        lines=lines,
        blockers=[_blocker(finding) for finding in row.blockers] if row else [],
        rules=rule_lines(g.congress.id, "margin_min", "publicity_days"),
        exempt=exemptions(reading(), g.congress.id),
        reprints={one.line.round_id: one for one in reprints(reading(), lines)},
        outlook=overlay_lines(reading(), g.congress, g.unit.id),
        asked=asked if in_question else "",
        wrong=[say(refused)] if refused is not None and in_question else [],
        reason=request.form.get("reason", ""),
        refusals=[] if refused is None or in_question else [say(refused)],
    ), 200 if refused is None else refused.status


@desk.post("/c/<congress>/office/slates/<unit>/freeze")
@permitted(Permission.SLATE_FREEZE)
def slate_freeze(congress: str, unit: str) -> ResponseReturnValue:
    try:
        with act() as unit_of_work:
            frozen = freeze_slates(unit_of_work, g.unit.id)
    except Refused as refused:
        if refused.status == 403:
            raise
        return _slate_page(refused)
    flash(_("%(unit)s的 %(n)s 份候选人名单已确定。", unit=g.unit.name, n=len(frozen)), "ok")
    return redirect(url_for("office_slates.slates", congress=congress))


@desk.post("/c/<congress>/office/slates/<unit>/return")
@permitted(Permission.SLATE_FREEZE)
def slate_return(congress: str, unit: str) -> ResponseReturnValue:
    try:
        with act() as unit_of_work:
            return_slates(unit_of_work, g.unit.id, request.form.get("reason", ""))
    except Refused as refused:
        if refused.status == 403:
            raise
        return _slate_page(refused, "return")
    flash(_("%(unit)s的候选人名单已退回。", unit=g.unit.name), "ok")
    return redirect(url_for("office_slates.slate", congress=congress, unit=unit))


@desk.post("/c/<congress>/office/slates/<unit>/<int:slate_id>/supersede")
@permitted(Permission.SLATE_FREEZE)
def slate_supersede(congress: str, unit: str, slate_id: int) -> ResponseReturnValue:
    """A frozen slate gives way to a new version, which the unit draws up and hands in again."""
    if slate_id not in {line.slate.id for line in slate_lines(reading(), g.congress.id, g.unit.id) if line.slate}:
        raise NotFound("slate.none")
    try:
        with act() as unit_of_work:
            supersede_slate(unit_of_work, slate_id, request.form.get("reason", ""))
    except Refused as refused:
        if refused.status == 403:
            raise
        return _slate_page(refused, str(slate_id))
    flash(_("已另出新版本，请选举单位重新编制并提交。"), "ok")
    return redirect(url_for("office_slates.slate", congress=congress, unit=unit))
