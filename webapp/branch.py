"""The desk of a branch: its members, who stands, the secret ballot on them. Shows no other branch's people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from election.congress.models import Category
from election.contests.models import ContestKind
from election.count.form import parse_count
from election.errors import Invalid, NotFound, Refused
from election.nomination.lifecycle import OPEN_STATES, ApplicationState
from election.nomination.models import Source
from election.nomination.operations import CLOSED_SLATES, GONE, submit_application, withdraw_application
from election.nomination.operations_branch import BallotTotals, Votes, record_branch_ballot
from election.nomination.queries import (
    ApplicationLine,
    application_of,
    applications,
    awaiting_ballot,
    branch_ballots,
    slates,
)
from election.nomination.queries_board import unit_board_row
from election.people.act import local_day
from election.people.actor import Role
from election.people.permissions import Permission
from election.roster.queries import MemberLine, branch_members, branch_of
from election.roster.queries_organisations import BranchLine, branch_lines
from webapp.access import permitted
from webapp.errors import say
from webapp.requests import act, clock, reading
from webapp.rule_line import rule_lines

desk = Blueprint("branch", __name__)

# The ballot's figures in the order of the paper, by the names under which `contests/` speaks of them.
TOTALS = (
    "electors.expected",
    "electors.present",
    "ballots.issued",
    "ballots.returned",
    "ballots.valid",
    "ballots.spoiled",
)
MARKS = ("for", "against", "abstain")


@desk.get("/c/<congress>/branches/")
@permitted(Permission.APPLICATION_RECORD, anywhere=True)
def branches(congress: str) -> ResponseReturnValue:
    """The branches of this person; straight to the only one."""
    mine = {
        grant.organisation_id
        for grant in g.actor.grants
        if grant.role is Role.BRANCH_CLERK and grant.congress_id == g.congress.id and grant.organisation_id is not None
    }
    lines = branch_lines(reading(), g.congress.id, mine)
    if len(lines) == 1:
        return redirect(url_for("branch.branch", congress=congress, branch=lines[0].id))
    waiting = awaiting_ballot(reading(), g.congress.id, [line.id for line in lines])
    return render_template("branch/branches.html", lines=lines, waiting=waiting)


def _line(branch: int) -> BranchLine:
    """Raises NotFound for what is no branch."""
    branch_of(reading(), g.congress.id, branch)
    return branch_lines(reading(), g.congress.id, [branch])[0]


def _can_stand(members: list[MemberLine], lines: list[ApplicationLine], branch: int) -> list[MemberLine]:
    """Whom the form offers: with a vote, not standing, with a contested seat of their category, before its ballot."""
    standing = {line.member_id for line in lines if line.state not in GONE}
    voted = {record.ballot.category_id for record in branch_ballots(reading(), g.congress.id, branch)}
    _, unit = branch_of(reading(), g.congress.id, branch)
    drawn = [] if unit is None else slates(reading(), g.congress.id, unit.id)
    row = None if unit is None else unit_board_row(reading(), unit, local_day(clock()()), drawn)
    seats = {cell.category_id for cell in row.cells if cell.margin.contested} if row else set()
    handed_in = {one.category_id for one in drawn if one.state in CLOSED_SLATES and one.kind is ContestKind.CONTESTED}
    codes = {category.code for category in g.congress.categories if category.id in seats - voted - handed_in}
    return [
        member
        for member in members
        if member.right.votes and member.member_id not in standing and member.category in codes
    ]


def _page(branch: int, refusals: list[str] | None = None, status: int = 200) -> ResponseReturnValue:
    line = _line(branch)
    members = branch_members(reading(), g.congress.id, branch)
    lines = applications(reading(), g.congress.id, branch_id=branch)
    applied = {one.category_id for one in lines if one.state is ApplicationState.APPLIED}
    return render_template(
        "branch/branch.html",
        branch=line,
        applications=lines,
        can_stand=_can_stand(members, lines, branch),
        ballots=branch_ballots(reading(), g.congress.id, branch),
        to_vote=[category for category in g.congress.categories if category.id in applied],
        sources=list(Source),
        open_states=OPEN_STATES,
        categories={category.code: category for category in g.congress.categories},
        typed=request.form,
        refusals=refusals or [],
    ), status


@desk.get("/c/<congress>/branches/<int:branch>/")
@permitted(Permission.APPLICATION_RECORD)
def branch(congress: str, branch: int) -> ResponseReturnValue:
    return _page(branch)


@desk.get("/c/<congress>/branches/<int:branch>/members")
@permitted(Permission.APPLICATION_RECORD)
def members(congress: str, branch: int) -> ResponseReturnValue:
    return render_template(
        "branch/members.html",
        branch=_line(branch),
        members=branch_members(reading(), g.congress.id, branch),
        categories={category.code: category for category in g.congress.categories},
    )


@desk.post("/c/<congress>/branches/<int:branch>/applications")
@permitted(Permission.APPLICATION_RECORD)
def apply(congress: str, branch: int) -> ResponseReturnValue:
    """A member stands. The category is the one that the roster records: it is never typed a second time."""
    number = request.form.get("member", "")
    chosen = next(
        (one for one in branch_members(reading(), g.congress.id, branch) if str(one.member_id) == number), None
    )
    if chosen is None:
        return _page(branch, [_("请选择要报名的党员。")], 422)
    category = next((one for one in g.congress.categories if one.code == chosen.category), None)
    try:
        source = Source(request.form.get("source", Source.SELF.value))
    except ValueError:
        raise Refused("web.bad_request") from None
    try:
        with act() as unit_of_work:
            submit_application(
                unit_of_work,
                g.congress.id,
                chosen.member_id,
                category.id if category else 0,
                source=source,
                statement=request.form.get("statement", ""),
            )
    except Refused as refused:
        if refused.status == 403:
            raise
        return _page(branch, [say(refused)], refused.status)
    flash(_("%(name)s的报名已登记。", name=chosen.name), "ok")
    return redirect(url_for("branch.branch", congress=congress, branch=branch))


@desk.post("/c/<congress>/branches/<int:branch>/applications/<int:application>/withdraw")
@permitted(Permission.APPLICATION_RECORD)
def withdraw(congress: str, branch: int, application: int) -> ResponseReturnValue:
    line = application_of(reading(), g.congress.id, application)
    try:
        with act() as unit_of_work:
            withdraw_application(unit_of_work, application, request.form.get("reason", ""))
    except Refused as refused:
        if refused.status == 403:
            raise
        return _page(branch, [say(refused)], refused.status)
    flash(_("%(name)s已退出。", name=line.name), "ok")
    return redirect(url_for("branch.branch", congress=congress, branch=branch))


def _category(code: str) -> Category:
    found: Category | None = next((one for one in g.congress.categories if one.code == code), None)
    if found is None:
        raise NotFound("application.no_such_category")
    return found


@desk.route("/c/<congress>/branches/<int:branch>/ballot/<category>", methods=["GET", "POST"])
@permitted(Permission.APPLICATION_RECORD)
def ballot(congress: str, branch: int, category: str) -> ResponseReturnValue:
    """The totals of the branch's one ballot on its applicants of a category."""
    line, chosen = _line(branch), _category(category)
    lines = applications(
        reading(), g.congress.id, branch_id=branch, category_id=chosen.id, states=[ApplicationState.APPLIED]
    )
    today = local_day(clock()())
    typed: Mapping[str, str] = {"electors.expected": str(line.voters), "held_on": today.isoformat()}
    errors: dict[str, list[str]] = {}
    status = 200
    if request.method == "POST":
        typed = request.form
        try:
            held_on, totals = _read_ballot(lines)
            with act() as unit_of_work:
                record_branch_ballot(unit_of_work, g.congress.id, branch, chosen.id, held_on=held_on, totals=totals)
            flash(_("“%(category)s”的推选结果已登记。", category=chosen.name), "ok")
            return redirect(url_for("branch.branch", congress=congress, branch=branch))
        except Invalid as invalid:
            status, errors = invalid.status, _by_field(invalid.refusals)
        except Refused as refused:
            if refused.status == 403:
                raise
            status, errors = refused.status, _by_field([refused])
    elif not lines:
        return redirect(url_for("branch.branch", congress=congress, branch=branch))
    return render_template(
        "branch/ballot.html",
        branch=line,
        category=chosen,
        lines=lines,
        typed=typed,
        errors=errors,
        refusals=errors.get("", []),
        rules=rule_lines(g.congress.id, "quorum_branch", "majority_base"),
    ), status


def _read_ballot(lines: list[ApplicationLine]) -> tuple[date, BallotTotals]:
    """The page's fields as numbers. Raises Invalid with every field that is none."""
    refusals: list[Refused] = []

    def number(path: str) -> int:
        try:
            value = parse_count(request.form.get(path, ""), path)
            if value is None:
                raise Refused("branch_ballot.number_missing", field=path)
            return value
        except Refused as refused:
            refusals.append(refused)
            return 0

    try:
        held_on = date.fromisoformat(request.form.get("held_on", ""))
    except ValueError:
        refusals.append(Refused("branch_ballot.date_wrong", field="held_on"))
        held_on = date.min
    expected, present, issued, returned, valid, spoiled = (number(path) for path in TOTALS)
    votes = {
        line.id: Votes(*(number(f"candidates[{place}].{mark}") for mark in MARKS)) for place, line in enumerate(lines)
    }
    if refusals:
        raise Invalid(refusals)
    return held_on, BallotTotals(expected, present, issued, returned, valid, spoiled, votes)


def _by_field(refusals: list[Refused]) -> dict[str, list[str]]:
    """Sentences by the field they belong to; those without one, or about all applicants together, stand on top."""
    found: dict[str, list[str]] = {}
    for refused in refusals:
        place = refused.field or ""
        found.setdefault("" if place == "candidates" else place, []).append(say(refused))
    return found
