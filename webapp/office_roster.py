"""The office's pages about the roster: units and their verification, the organisation tree, branches and members."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from election.errors import Refused
from election.people.act import local_day
from election.people.permissions import Permission
from election.roster.absences.queries import absence_counts
from election.roster.importing.operations import IMPORT_PHASES
from election.roster.models import OrganisationKind
from election.roster.operations import BRANCHES_MOVE, assign_branch
from election.roster.queries import (
    branch_of,
    members_page,
    rosters_at,
)
from election.roster.queries_member import rights_due
from election.roster.queries_organisations import organisation_tree
from election.roster.queries_totals import unit_totals
from webapp.access import permitted
from webapp.errors import say
from webapp.requests import act, clock, reading

desk = Blueprint("office_roster", __name__)

# A tree of more organisations than this is opened one committee at a time.
MOST_IN_TREE = 200


@desk.get("/c/<congress>/office/roster")
@permitted(Permission.ROSTER_EDIT)
def roster(congress: str) -> ResponseReturnValue:
    """Every unit in figures, and whether its clerk has verified its roster."""
    totals = {one.unit_id: one for one in unit_totals(reading(), g.congress.id)}
    units = rosters_at(reading(), g.congress)
    return render_template(
        "office/roster.html",
        units=units,
        totals=totals,
        importing=g.congress.phase in IMPORT_PHASES,
        verified=sum(unit.verified for unit in units),
        stale=sum(unit.stale for unit in units),
        members=sum(unit.state.members for unit in units),
        voters=sum(unit.state.expected for unit in units),
        away=absence_counts(reading(), g.congress.id),
        due=rights_due(reading(), g.congress.id, local_day(clock()())),
    )


@desk.get("/c/<congress>/office/roster/organisations")
@permitted(Permission.ROSTER_EDIT)
def organisations(congress: str) -> ResponseReturnValue:
    """The tree. Of a county's thousand branches those of one committee are shown at a time."""
    tree = organisation_tree(reading(), g.congress.id)
    chosen = request.args.get("committee", type=int)
    shown = []
    inside = False
    for node in tree:
        if node.depth == 0:
            inside = node.id == chosen
        if node.depth == 0 or inside or len(tree) <= MOST_IN_TREE:
            shown.append(node)
    return render_template(
        "office/organisations.html",
        nodes=shown,
        chosen=chosen,
        total=len(tree),
        movable=g.congress.phase in BRANCHES_MOVE,
        count={kind: sum(node.kind is kind for node in tree) for kind in OrganisationKind},
        homeless=sum(node.kind is OrganisationKind.BRANCH and node.unit_id is None for node in tree),
    )


@desk.route("/c/<congress>/office/roster/branches/<int:branch>", methods=["GET", "POST"])
@permitted(Permission.ROSTER_EDIT)
def roster_branch(congress: str, branch: int) -> ResponseReturnValue:
    """One branch: its members, and the unit in which they vote."""
    row, unit = branch_of(reading(), g.congress.id, branch)
    refusals: list[str] = []
    status = 200
    if request.method == "POST":
        chosen = next((one for one in g.congress.units if one.code == request.form.get("unit")), None)
        try:
            with act() as unit_of_work:
                assign_branch(unit_of_work, g.congress.id, branch, chosen.id if chosen else 0)
            flash(_("“%(name)s”的选举单位已保存。", name=row.name), "ok")
            return redirect(url_for("office_roster.roster_branch", congress=congress, branch=branch))
        except Refused as refused:
            if refused.status == 403:
                raise
            refusals, status = [say(refused)], refused.status
    return render_template(
        "office/roster_branch.html",
        branch=row,
        unit=unit,
        units=g.congress.units,
        open=g.congress.phase in BRANCHES_MOVE,
        today=local_day(clock()()),
        page=members_page(reading(), g.congress.id, branch_id=branch, size=500),
        categories={category.code: category for category in g.congress.categories},
        refusals=refusals,
    ), status


@desk.get("/c/<congress>/office/roster/members")
@permitted(Permission.ROSTER_EDIT)
def members(congress: str) -> ResponseReturnValue:
    """Members by page, narrowed by unit, name and right to vote."""
    unit = next((one for one in g.congress.units if one.code == request.args.get("unit")), None)
    name, vote = request.args.get("name", ""), request.args.get("vote", "")
    today = local_day(clock()())
    page = members_page(
        reading(),
        g.congress.id,
        unit_id=unit.id if unit else None,
        name=name,
        without_vote=vote == "no",
        due=today if vote == "due" else None,
        page=request.args.get("page", 1, type=int),
    )

    def address(number: int) -> str:
        query: dict[str, Any] = {"unit": unit.code if unit else None, "name": name or None, "page": number}
        return url_for("office_roster.members", congress=congress, vote=vote or None, **query)

    return render_template(
        "office/members.html",
        page=page,
        unit=unit,
        name=name,
        vote=vote,
        today=today,
        units=g.congress.units,
        categories={category.code: category for category in g.congress.categories},
        pages={
            "number": page.page,
            "count": page.pages,
            "previous": address(page.page - 1) if page.page > 1 else None,
            "next": address(page.page + 1) if page.page < page.pages else None,
        },
    )
