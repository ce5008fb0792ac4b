"""The desk of a branch: its members, who stands and how they were nominated. Shows no other branch's people.

The clerk of the branch sits here, and the clerk of its unit for branches that have none. Ballots: `branch_ballot.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published types
from wtforms.validators import InputRequired, Length

from election.congress.models import Category
from election.congress.rules_in_force import rules_in_force
from election.contests.models import ContestKind
from election.errors import Invalid, NotFound, Refused
from election.nomination.applying.eligibility import ways
from election.nomination.applying.operations import (
    Nomination,
    correct_application,
    submit_application,
    withdraw_application,
)
from election.nomination.applying.queries_signers import SignerLine, electors, signers_of
from election.nomination.applying.signers import resolve, written
from election.nomination.lifecycle import GONE, HANDED_IN, OPEN_STATES, ApplicationState
from election.nomination.models import Source
from election.nomination.models_margin import Reopening
from election.nomination.queries import (
    ApplicationLine,
    BranchProgress,
    application_of,
    applications,
    branch_ballots,
    branch_progress,
    slates,
)
from election.nomination.slates.queries_board import unit_board_row
from election.nomination.slates.queries_margin import open_reopenings
from election.people.act import local_day
from election.people.actor import Role, Scope
from election.people.permissions import ALLOWED, Permission
from election.roster.queries import MemberLine, branch_members, branch_of, unit_of_branch
from election.roster.queries_organisations import BranchLine, branch_lines, branches_of_units
from webapp.access import permitted
from webapp.applicants import ages, overlays
from webapp.errors import say
from webapp.forms import Form
from webapp.requests import act, clock, reading
from webapp.rule_line import rule_lines
from webapp.slate_words import tell_margin

desk = Blueprint("branch", __name__)


class NominationForm(Form):
    source = SelectField(_l("报名方式"))
    recommended_by = StringField(_l("推荐的组织或群众"), [Length(max=120, message=_l("最多 120 个字。"))])
    signers = TextAreaField(_l("联名党员"), [Length(max=4000, message=_l("最多 4000 个字。"))])
    career = TextAreaField(_l("履历和主要事迹"), [Length(max=4000, message=_l("最多 4000 个字。"))])
    statement = TextAreaField(_l("自荐（推荐）理由"), [Length(max=2000, message=_l("最多 2000 个字。"))])

    def offer_ways(self) -> None:
        permitted_ways = ways(rules_in_force(reading(), g.congress.id)["nomination_source"])
        self.source.choices = [SelectChoice(one.value, one.en if _english() else one.zh) for one in permitted_ways]

    def said(self, unit_id: int | None) -> Nomination:
        """What was typed, with the signers found on the unit's roster. Raises Invalid for names that are nobody's."""
        signers: list[int] = []
        if (self.signers.data or "").strip():
            signers, refused = resolve(self.signers.data or "", electors(reading(), unit_id or 0))
            if refused:
                raise Invalid(refused)
        return Nomination(
            Source(self.source.data),
            self.statement.data or "",
            self.career.data or "",
            self.recommended_by.data or "",
            tuple(signers),
        )


class ApplyForm(NominationForm):
    member = SelectField(_l("党员"), [InputRequired(_l("请选择要报名的党员。"))])


def _english() -> bool:
    return str(get_locale() or "zh").startswith("en")


@desk.get("/c/<congress>/branches/")
@permitted(Permission.APPLICATION_RECORD, Permission.APPLICATION_REVIEW, anywhere=True)
def branches(congress: str) -> ResponseReturnValue:
    """The branches of this person, those with something to do first; straight to the only one. The office reads all."""
    reads_all = Role.OFFICE in g.actor.roles_in(g.congress.id)
    lines = branch_lines(reading(), g.congress.id, None if reads_all else my_branches())
    if reads_all:
        lines = [line for line in lines if line.unit_name]
    if len(lines) == 1:
        return redirect(url_for("branch.branch", congress=congress, branch=lines[0].id))
    unit = next((one for one in g.congress.units if one.code == request.args.get("unit")), None)
    text, state = request.args.get("name", "").strip(), request.args.get("state", "")
    if state not in ("", *STATES):
        raise Refused("web.bad_request")
    units = {line.unit_name for line in lines}
    progress = branch_progress(reading(), g.congress.id)
    names = {one.id: one.name for one in g.congress.units}
    again = {names[where] for where, _category in open_reopenings(reading(), g.congress.id, local_day(clock()()))}
    rows = [(line, progress.get(line.id), line.unit_name in again) for line in lines]
    shown = [
        row
        for row in sorted(rows, key=lambda row: _order(row[1]))
        if (unit is None or row[0].unit_name == unit.name)
        and (text in row[0].name or text == row[0].code)
        and (not state or STATES[state](row[1], row[2]))
    ]
    count = max(1, math.ceil(len(shown) / PAGE))
    number = min(max(1, request.args.get("page", 1, type=int)), count)
    asked: dict[str, Any] = {"unit": unit.code if unit else None, "name": text or None, "state": state or None}

    def address(page: int) -> str:
        return url_for("branch.branches", congress=congress, page=page, **asked)

    return render_template(
        "branch/branches.html",
        rows=shown[(number - 1) * PAGE : number * PAGE],
        first=(number - 1) * PAGE,
        found=len(shown),
        idle=sum(_order(row[1]) == 1 for row in rows),
        waiting=sum(_order(row[1]) == 0 for row in rows),
        again=sum(row[2] for row in rows),
        units=[one for one in g.congress.units if one.name in units],
        unit=unit,
        text=text,
        state=state,
        pages={
            "number": number,
            "count": count,
            "previous": address(number - 1) if number > 1 else None,
            "next": address(number + 1) if number < count else None,
        },
        keeps=any(grant.role in (Role.BRANCH_CLERK, Role.UNIT_CLERK) for grant in g.actor.grants),
    )


PAGE = 100


def _order(progress: BranchProgress | None) -> int:
    """A branch that has to vote first, then those in which nobody stands, then those that have voted."""
    if progress is None or not progress.applied:
        return 1
    return 0 if progress.waiting else 2


# What the list of branches may be narrowed to; the second says that the unit takes applications again.
STATES: Mapping[str, Callable[[BranchProgress | None, bool], bool]] = {
    "waiting": lambda progress, _again: _order(progress) == 0,
    "idle": lambda progress, _again: _order(progress) == 1,
    "voted": lambda progress, _again: _order(progress) == 2,
    "again": lambda _progress, again: again,
}


def my_branches() -> set[int]:
    """The branches at which this person sits: as their clerk, or as the clerk of their unit."""
    mine = {
        grant.organisation_id
        for grant in g.actor.grants
        if grant.role is Role.BRANCH_CLERK and grant.congress_id == g.congress.id and grant.organisation_id is not None
    }
    return mine | branches_of_units(reading(), g.congress.id, g.actor.units_of(Role.UNIT_CLERK, g.congress.id))


def line_of(branch: int) -> BranchLine:
    """Raises NotFound for what is no branch."""
    branch_of(reading(), g.congress.id, branch)
    return branch_lines(reading(), g.congress.id, [branch])[0]


def _can_stand(branch: int) -> tuple[list[MemberLine], list[Category]]:
    """Whom the form offers: with a vote, not standing, with a contested seat of their category, before its ballot or
    while nomination is open again. Beside it the categories with seats in which nobody can stand any more.
    """
    members = branch_members(reading(), g.congress.id, branch)
    lines = applications(reading(), g.congress.id, branch_id=branch)
    # As `eligibility.refusal`: standing already, or voted on by the branch in this category, whatever came of it.
    standing = {(line.member_id, line.category_code) for line in lines if line.ballot_id is not None}
    standing |= {(line.member_id, line.recorded_category) for line in lines if line.state not in GONE}
    voted = {record.ballot.category_id for record in branch_ballots(reading(), g.congress.id, branch)}
    _organisation, unit = branch_of(reading(), g.congress.id, branch)
    drawn = [] if unit is None else slates(reading(), g.congress.id, unit.id)
    row = None if unit is None else unit_board_row(reading(), unit, local_day(clock()()), drawn)
    cells = [cell for cell in row.cells if cell.margin.contested] if row else []
    handed_in = {one.category_id for one in drawn if one.state in HANDED_IN and one.kind is ContestKind.CONTESTED}
    open_cells = {cell.category_id for cell in cells if cell.open_until is not None or cell.category_id not in voted}
    codes = {category.code for category in g.congress.categories if category.id in open_cells - handed_in}
    offered = [
        member
        for member in members
        if member.right.votes and (member.member_id, member.category) not in standing and member.category in codes
    ]
    seated = {cell.category_id for cell in cells}
    return offered, [one for one in g.congress.categories if one.id in seated and one.code not in codes]


def _reopened(branch: int) -> list[tuple[Category, Reopening]]:
    """The categories in which nomination is open again in the branch's unit today."""
    unit_id = unit_of_branch(reading(), g.congress.id, branch)
    found = open_reopenings(reading(), g.congress.id, local_day(clock()()))
    return [
        (one, found[unit_id, one.id])
        for one in g.congress.categories
        if unit_id is not None and (unit_id, one.id) in found
    ]


@desk.get("/c/<congress>/branches/<int:branch>/")
@permitted(Permission.APPLICATION_RECORD, Permission.APPLICATION_REVIEW)
def branch(congress: str, branch: int) -> ResponseReturnValue:
    lines = applications(reading(), g.congress.id, branch_id=branch)
    applied = {one.category_id for one in lines if one.state is ApplicationState.APPLIED}
    here = Scope(g.congress.id, unit_of_branch(reading(), g.congress.id, branch), branch)
    return render_template(
        "branch/branch.html",
        branch=line_of(branch),
        applications=lines,
        can_stand=len(_can_stand(branch)[0]),
        signers=signers_of(reading(), [one.id for one in lines if one.source is Source.JOINT]),
        reopened=_reopened(branch),
        records=g.actor.has(ALLOWED[Permission.APPLICATION_RECORD], here),
        ballots=branch_ballots(reading(), g.congress.id, branch),
        to_vote=[category for category in g.congress.categories if category.id in applied],
        open_states=OPEN_STATES,
        can_correct=g.actor.has(ALLOWED[Permission.BRANCH_BALLOT_CORRECT], here),
        person=g.actor.person_id,
        rules=rule_lines(g.congress.id, "nomination_source", "joint_signers", "branch_places"),
    )


@desk.get("/c/<congress>/branches/<int:branch>/members")
@permitted(Permission.APPLICATION_RECORD)
def members(congress: str, branch: int) -> ResponseReturnValue:
    return render_template(
        "branch/members.html",
        branch=line_of(branch),
        members=branch_members(reading(), g.congress.id, branch),
        categories={category.code: category for category in g.congress.categories},
    )


@desk.route("/c/<congress>/branches/<int:branch>/applications", methods=["GET", "POST"])
@permitted(Permission.APPLICATION_RECORD)
def apply(congress: str, branch: int) -> ResponseReturnValue:
    """A member stands. The category is the one that the roster records: it is never typed a second time."""
    form = ApplyForm()
    form.offer_ways()
    offered, closed = _can_stand(branch)
    categories = {category.code: category for category in g.congress.categories}
    # Who is posted but no longer offered is named all the same, so that the refusal says why.
    people = {str(one.member_id): one for one in branch_members(reading(), g.congress.id, branch)}
    posted = people.get(form.member.data or "")
    form.member.choices = [
        SelectChoice("", _("请选择")),
        *(
            SelectChoice(str(one.member_id), f"{one.name} · {categories[one.category].name}")
            for one in offered + ([posted] if posted is not None and posted not in offered else [])
            if one.category in categories
        ),
    ]
    if form.validate_on_submit() and posted is not None:
        with form.refusals():
            said = form.said(unit_of_branch(reading(), g.congress.id, branch))
            with act() as unit_of_work:
                category = categories[posted.category]
                submit_application(unit_of_work, g.congress.id, posted.member_id, category.id, said)
            flash(_("%(name)s的报名已登记。", name=posted.name), "ok")
            return redirect(url_for("branch.branch", congress=congress, branch=branch))
    return _form_page("branch/apply.html", form, branch, offered=offered, closed=[one.name for one in closed])


@desk.route("/c/<congress>/branches/<int:branch>/applications/<int:application>", methods=["GET", "POST"])
@permitted(Permission.APPLICATION_RECORD)
def application(congress: str, branch: int, application: int) -> ResponseReturnValue:
    """One application, put right as long as the branch has not voted."""
    line = _application(branch, application)
    form = _filled(line)
    if form.validate_on_submit():
        with form.refusals():
            said = form.said(line.unit_id)
            with act() as unit_of_work:
                correct_application(unit_of_work, application, said)
            flash(_("%(name)s的报名已更正。", name=line.name), "ok")
            return redirect(url_for("branch.application", congress=congress, branch=branch, application=application))
    return _application_page(line, form)


def _filled(line: ApplicationLine, **formdata: None) -> NominationForm:
    """The form of an application as it stands; `formdata=None`: whatever was posted is about something else."""
    signers = _signers(line)
    names = written([one.member_id for one in signers], electors(reading(), line.unit_id)) if signers else {}
    form = NominationForm(
        source=line.source.value,
        recommended_by=line.recommended_by,
        signers="、".join(names.get(one.member_id, f"{one.name}（{one.branch_name}）") for one in signers),
        career=line.career,
        statement=line.statement,
        **formdata,
    )
    form.offer_ways()
    return form


def _signers(line: ApplicationLine) -> list[SignerLine]:
    return signers_of(reading(), [line.id]).get(line.id, [])


def _application_page(
    line: ApplicationLine, form: NominationForm, withdrawal: Sequence[str] = ()
) -> ResponseReturnValue:
    """`withdrawal`: what was wrong with the withdrawal that the same page offers."""
    body, status = _form_page(
        "branch/application.html",
        form,
        line.branch_id,
        line=line,
        signers=_signers(line),
        overlays=overlays([line])[line.id],
        age=ages([line]).get(line.id),
        correctable=line.state is ApplicationState.APPLIED,
        alive=line.state in OPEN_STATES,
        withdrawal=withdrawal,
    )
    return body, 422 if withdrawal else status


def _application(branch: int, application: int) -> ApplicationLine:
    line = application_of(reading(), g.congress.id, application)
    if line.branch_id != branch:
        raise NotFound("application.none")
    return line


def _form_page(template: str, form: NominationForm, branch: int, **context: Any) -> tuple[str, int]:
    return render_template(
        template,
        branch=line_of(branch),
        form=form,
        rules=rule_lines(g.congress.id, "nomination_source", "joint_signers"),
        **context,
    ), form.status


@desk.post("/c/<congress>/branches/<int:branch>/applications/<int:application>/withdraw")
@permitted(Permission.APPLICATION_RECORD)
def withdraw(congress: str, branch: int, application: int) -> ResponseReturnValue:
    line = _application(branch, application)
    try:
        with act() as unit_of_work:
            withdraw_application(unit_of_work, application, request.form.get("reason", ""))
    except Refused as refused:
        if refused.status in (403, 404):
            raise
        return _application_page(line, _filled(line, formdata=None), [say(refused)])
    flash(_("%(name)s已退出。", name=line.name), "ok")
    if line.state is ApplicationState.PROPOSED:
        tell_margin(line.unit_id, line.category_id)
    return redirect(url_for("branch.branch", congress=congress, branch=branch))
