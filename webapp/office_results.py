"""The office's and the approver's desk: the results by contest, their publication by two persons, the board's switch."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from election.congress.models import BoardMode
from election.errors import Refused
from election.people.actor import Role
from election.people.permissions import Permission
from election.people.queries import names_of
from election.results.announcement import announcement
from election.results.lifecycle import ResultsState
from election.results.operations import (
    propose_publication,
    publish_results,
    switch_board,
    unfinished,
    withdraw_proposal,
)
from election.results.queries import open_proposal, publications, published, results_state, standing
from webapp.access import permitted
from webapp.errors import said
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
    missing = [said(words) for words in unfinished(now)]
    roles = g.actor.roles_in(g.congress.id)
    ready = bool(now.contests) and not missing
    return render_template(
        "office/results.html",
        content=announcement(now),
        missing=missing,
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
    flash(_("大屏已切换为“%(mode)s”。", mode=mode.zh), "ok")
    return redirect(url_for("office_results.results", congress=congress))
