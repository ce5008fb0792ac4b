"""The office's pages about the roster: units and their verification, the organisation tree, branches and members."""

from __future__ import annotations

from typing import Any

from cryptography.fernet import InvalidToken
from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField

from election.errors import Refused
from election.nomination.applying.queries_gone import still_on_roster
from election.people.act import local_day
from election.people.identity import hide_numbers
from election.people.permissions import Permission
from election.roster.absences.queries import absence_counts
from election.roster.importing.operations import IMPORT_PHASES
from election.roster.models import OrganisationKind
from election.roster.operations import BRANCHES_MOVE, assign_branch
from election.roster.operations_identity import find_by_identity
from election.roster.queries import branch_of, members_page
from election.roster.queries_member import rights_due
from election.roster.queries_organisations import organisation_tree
from election.roster.queries_totals import unit_totals
from election.roster.queries_units import rosters_at
from webapp.access import permitted
from webapp.errors import say
from webapp.forms import Form
from webapp.office_member import ROSTER_OPEN
from webapp.requests import act, clock, keys, reading

desk = Blueprint("office_roster", __name__)

# A tree of more organisations than this is opened one committee at a time.
MOST_IN_TREE = 200
# What narrows the list of members, beside what was searched for.
NARROWING = ("unit", "category", "vote")


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
        still=still_on_roster(reading(), g.congress.id),
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
        registering=g.congress.phase in ROSTER_OPEN,
        today=local_day(clock()()),
        page=members_page(reading(), g.congress.id, branch_id=branch, size=500),
        categories={category.code: category for category in g.congress.categories},
        refusals=refusals,
    ), status


class SearchForm(Form):
    """`text`: of a member or branch, or an identity number; the others narrow."""

    text = StringField(_l("姓名、支部或身份证号"))


@desk.post("/c/<congress>/office/roster/members")
@permitted(Permission.ROSTER_EDIT)
def search(congress: str) -> ResponseReturnValue:
    """What was typed is posted: an identity number leads to its member, anything else to the list, where it stands sealed
    in the address, so that no history keeps a name and the way back from a member leads to the same list.
    """
    form = SearchForm()
    text = (form.text.data or "").strip()
    if hide_numbers(text) == text:
        narrowed: dict[str, Any] = {key: request.form.get(key) or None for key in NARROWING}
        sealed = keys().identity.seal(text) if text else None
        return redirect(url_for("office_roster.members", congress=congress, found=sealed, **narrowed))
    form.text.data = ""  # a number is not sent back
    if form.validate_on_submit():
        with form.refusals():
            with act() as unit_of_work:
                found = find_by_identity(unit_of_work, g.congress.id, text, keys().identity)
            return redirect(url_for("office_member.member", congress=congress, member=found))
    return _members(form, "")


@desk.get("/c/<congress>/office/roster/members")
@permitted(Permission.ROSTER_EDIT)
def members(congress: str) -> ResponseReturnValue:
    """Members by page, narrowed by what was searched for, unit, primary category and right to vote."""
    try:
        text = keys().identity.open(request.args.get("found", ""))
    except InvalidToken:
        text = ""
    return _members(SearchForm(formdata=None, text=text), text)


def _members(form: SearchForm, text: str) -> ResponseReturnValue:
    unit = next((one for one in g.congress.units if one.code == request.values.get("unit")), None)
    vote, category = request.values.get("vote", ""), request.values.get("category", "")
    today = local_day(clock()())
    page = members_page(
        reading(),
        g.congress.id,
        unit_id=unit.id if unit else None,
        text=text,
        category=category,
        without_vote=vote == "no",
        due=today if vote == "due" else None,
        page=request.args.get("page", 1, type=int),
    )
    asked: dict[str, Any] = {
        "found": request.args.get("found") if text else None,
        "unit": unit.code if unit else None,
        "category": category or None,
        "vote": vote or None,
    }

    def address(number: int) -> str:
        return url_for("office_roster.members", congress=g.congress.code, page=number, **asked)

    return render_template(
        "office/members.html",
        page=page,
        unit=unit,
        form=form,
        asked=asked,
        text=text,
        category=category,
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
    ), form.status
