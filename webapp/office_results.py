"""The office's and the approver's desk: the results by contest, their publication by two persons, the board's switch."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from election.congress.models import BoardMode
from election.errors import Refused
from election.people.actor import Role
from election.people.permissions import Permission
from election.people.queries import names_of
from election.progress.gates import Page, contests_open
from election.progress.queries import facts_of
from election.results.announcement import announcement
from election.results.board import Standing, board
from election.results.lifecycle import ResultsState, is_public
from election.results.operations import (
    propose_publication,
    publish_results,
    switch_board,
    unfinished,
    withdraw_proposal,
)
from election.results.queries import open_proposal, publications, published, results_state, standing
from election.texts import sentence
from webapp.access import permitted
from webapp.errors import said
from webapp.places import open_address
from webapp.requests import act, reading

desk = Blueprint("office_results", __name__)


@desk.get("/c/<congress>/office/results")
@permitted(Permission.RESULTS_VIEW)
def results(congress: str) -> ResponseReturnValue:
    """What is decided, what is tied or short, and how far the publication is."""
    now = standing(reading(), g.congress)
    rows = publications(reading(), g.congress.id)
    proposal = open_proposal(rows)
    out = published(rows)
    state = results_state(reading(), g.congress.id)
    missing = len(unfinished(now))
    blocking = contests_open(facts_of(reading(), g.congress).contests)
    roles = g.actor.roles_in(g.congress.id)
    ready = bool(now.contests) and not missing
    content = announcement(now)
    sorted_out = _by_state(content["contests"])
    wanted = request.args.get("show", "")
    return render_template(
        "office/results.html",
        sorts=sorted_out,
        meetings={unit.code: open_address(Page.MEETING, g.congress, unit.code) for unit in g.congress.units},
        shown=wanted if wanted in sorted_out else "all",
        moved=is_public(state) and now.published_at is None,
        content=content,
        totals=_totals(now),
        missing=missing,
        blocking=[
            {
                "text": said(sentence(one.code, one.params)),
                # The many are named in the table of this very page.
                "href": open_address(one.page, g.congress, one.unit) if one.page is not Page.RESULTS else None,
            }
            for one in blocking
        ],
        proposal=proposal,
        out=out,
        people=names_of(reading(), {row.proposed_by_id for row in rows} | {row.published_by_id for row in rows}),
        may_propose=Role.OFFICE in roles and ready and state in (ResultsState.NONE, ResultsState.PUBLISHED),
        correcting=state is ResultsState.PUBLISHED,
        may_withdraw=Role.OFFICE in roles and proposal is not None,
        may_publish=bool(roles & {Role.OFFICE, Role.APPROVER})
        and proposal is not None
        and proposal.proposed_by_id != g.actor.person_id,
        may_switch=Role.OFFICE in roles,
        modes=list(BoardMode),
    )


def _by_state(contests: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The contests as one looks for them; `open`: those that have voted and have a seat that nobody filled."""
    voted = [one for one in contests if one["status"] is not None]
    return {
        "all": contests,
        "open": [one for one in voted if one["open_seats"] and one["status"] != "vacant"],
        "tie": [one for one in voted if one["status"] == "tie"],
        "shortfall": [one for one in voted if one["status"] == "shortfall"],
        "void": [one for one in voted if one["status"] == "void"],
        "vacant": [one for one in voted if one["status"] == "vacant"],
        "none": [one for one in contests if one["status"] is None],
    }


def _totals(now: Standing) -> dict[str, int]:
    """Seats of the whole congress: elected + tied + pending + vacant are all of them."""
    categories = board(now)["categories"]
    return {part: sum(one[part] for one in categories) for part in ("seats", "elected", "tied", "pending", "vacant")}


@desk.post("/c/<congress>/office/results/propose")
@permitted(Permission.RESULTS_PROPOSE)
def propose(congress: str) -> ResponseReturnValue:
    with act() as unit_of_work:
        propose_publication(unit_of_work, g.congress.id, reason=request.form.get("reason", "")[:400])
    flash(_("已提请公告，等待另一人核准。"), "ok")
    return redirect(url_for("office_results.results", congress=congress))


@desk.post("/c/<congress>/office/results/withdraw")
@permitted(Permission.RESULTS_PROPOSE)
def withdraw(congress: str) -> ResponseReturnValue:
    with act() as unit_of_work:
        withdraw_proposal(unit_of_work, g.congress.id)
    flash(_("已撤回。"), "ok")
    return redirect(url_for("office_results.results", congress=congress))


@desk.post("/c/<congress>/office/results/publish")
@permitted(Permission.RESULTS_PUBLISH)
def publish(congress: str) -> ResponseReturnValue:
    with act() as unit_of_work:
        publish_results(unit_of_work, g.congress.id, hash=request.form.get("hash", ""))
    flash(_("选举结果已公告。"), "ok")
    return redirect(url_for("office_results.results", congress=congress))


@desk.post("/c/<congress>/office/board")
@permitted(Permission.BOARD_SWITCH)
def switch(congress: str) -> ResponseReturnValue:
    try:
        mode = BoardMode(request.form.get("mode", ""))
    except ValueError:
        raise Refused("web.bad_request") from None
    with act() as unit_of_work:
        switch_board(unit_of_work, g.congress.id, mode)
    flash(_("大屏已切换为“%(mode)s”。", mode=said(mode)), "ok")
    return redirect(url_for("office_results.results", congress=congress))
