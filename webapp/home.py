"""Where a person arrives: what waits for them, and how far the congress is. Every desk."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from election.congress.lifecycle import Phase, next_phase
from election.congress.queries import congresses
from election.errors import Refused, Stale
from election.people.act import local_day
from election.people.actor import Role
from election.people.permissions import Permission
from election.progress.operations import move_phase
from election.progress.queries import facts_of, stage_line, waiting_for
from election.results.queries_settling import ContestStanding
from election.results.settling import Unsettled
from election.texts import sentence
from webapp.access import permitted, signed_in
from webapp.errors import said
from webapp.places import address, open_address
from webapp.requests import act, clock, reading

desk = Blueprint("home", __name__)


@desk.get("/home")
@signed_in
def start() -> ResponseReturnValue:
    """To the one congress of this person; a list where there are several; to the administrator's desk otherwise."""
    mine = [congress for congress in congresses(reading()) if g.actor.roles_in(congress.id)]
    if len(mine) == 1:
        return redirect(url_for("home.congress", congress=mine[0].code))
    if not mine and any(grant.role is Role.ADMIN for grant in g.actor.grants):
        return redirect(url_for("admin.home"))
    return render_template("home/start.html", congresses=mine)


@desk.get("/c/<congress>/")
@permitted(Permission.CONGRESS_VIEW, anywhere=True)
def congress(congress: str) -> ResponseReturnValue:
    today = local_day(clock()())
    steps = stage_line(reading(), g.congress, today)
    waiting = [
        {
            "what": said(sentence(item.code, item.params)),
            "href": address(item.page, congress, item.unit),
            "count": item.count,
        }
        for item in waiting_for(reading(), g.congress, g.actor, today)
    ]
    blocking = [
        {"text": said(sentence(item.code, item.params)), "href": open_address(item.page, g.congress, item.unit)}
        for step in steps
        for item in step.blockers
    ]
    facts = facts_of(reading(), g.congress)
    hung = facts.electors_notice
    until = None if hung is None or g.congress.phase is not Phase.REGISTRATION else hung.last_day
    return render_template(
        "home/congress.html",
        electors_until=until if until is not None and until >= today else None,
        steps=steps,
        waiting=waiting,
        blocking=blocking,
        coming=next_phase(g.congress.phase),
        facts=facts,
        following=_following(facts.contests),
        moves_phase=Role.OFFICE in g.actor.roles_in(g.congress.id),
    )


def _following(contests: Sequence[ContestStanding]) -> dict[int, list[tuple[str, str]]]:
    """unit → its contests that have voted and are not done with: the category, and what it waits for."""
    found: dict[int, list[tuple[str, str]]] = {}
    for one in contests:
        if one.unsettled is not None and one.unsettled is not Unsettled.NO_RESULT:
            found.setdefault(one.unit_id, []).append((said(one.name), said(one.unsettled)))
        elif one.later is not None:
            waits = _("%(what)s，等待下一次大会", what=said(one.later))
            found.setdefault(one.unit_id, []).append((said(one.name), waits))
    return found


@desk.post("/c/<congress>/phase")
@permitted(Permission.PHASE_MOVE)
def phase(congress: str) -> ResponseReturnValue:
    try:
        to = Phase(request.form.get("to", ""))
    except ValueError:
        raise Refused("web.bad_request") from None
    if request.form.get("from") != g.congress.phase.value:
        raise Stale("store.stale", what=_("阶段"))
    with act() as unit_of_work:
        move_phase(unit_of_work, g.congress.id, to)
    flash(_("已进入“%(phase)s”阶段。", phase=said(to)), "ok")
    return redirect(url_for("home.congress", congress=congress))
