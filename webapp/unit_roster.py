"""The desk of an electoral unit at its roster: electors looked through and verified, members who are away and how they were
told. The office opens the same pages.
"""

from __future__ import annotations

import io
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published types
from wtforms.validators import DataRequired, Length, Optional

from election.errors import NotFound, Refused, Stale
from election.notices.models import NoticeKind
from election.notices.queries import is_over, latest_notice
from election.notices.queries_electors import list_changes
from election.people.act import local_day
from election.people.actor import Scope
from election.people.permissions import ALLOWED, Permission
from election.roster.absences.operations import record_absence, remove_absence
from election.roster.absences.queries import absence_list, absence_of, absence_token, require_absence
from election.roster.electors import probation_ends
from election.roster.models import AbsenceKind, ExclusionReason, Notification
from election.roster.operations import verify_unit
from election.roster.queries import MemberLine, elector_list, member_line, members_of_branches, members_page
from election.roster.queries_organisations import branches_of_units
from election.roster.queries_units import unit_roster
from election.roster.queries_verified import changes_since_verified
from election.roster.unit_workbook import SHEET, unit_workbook
from webapp.access import permitted
from webapp.errors import said_lazily, say
from webapp.forms import Form
from webapp.requests import act, clock, reading
from webapp.rule_line import rule_lines

desk = Blueprint("unit_roster", __name__)

# Found by a name: beyond this many the name says too little.
MOST_FOUND = 30


class AbsenceForm(Form):
    kind = SelectField(_l("外出情况"), choices=[SelectChoice(one.value, said_lazily(one)) for one in AbsenceKind])
    whereabouts = StringField(_l("去向"), [Length(max=120, message=_l("最多 120 个字。"))])
    notified = SelectField(_l("通知方式"))
    notified_on = DateField(_l("通知日期"), [Optional()])
    reason = SelectField(_l("建议不计入应到会的理由"))
    note = StringField(_l("备注"), [Length(max=200, message=_l("最多 200 个字。"))])
    seen = HiddenField()


class NameForm(Form):
    name = StringField(_l("姓名"), [DataRequired(_l("请填写姓名。"))])


def _keeps_roster() -> bool:
    """Whether this person is the unit's clerk; the office only looks in and records who is away."""
    return bool(g.actor.has(ALLOWED[Permission.ROSTER_VERIFY], Scope(g.congress.id, g.unit.id)))


def _home() -> dict[str, str]:
    """The page above the unit's: the unit's own for its clerk, the list of all units for the office."""
    if _keeps_roster():
        href = url_for("unit_nomination.unit", congress=g.congress.code, unit=g.unit.code)
        return {"href": href, "label": g.unit.name}
    return {"href": url_for("office_roster.roster", congress=g.congress.code), "label": _("花名册")}


@desk.get("/c/<congress>/units/<unit>/roster")
@permitted(Permission.ROSTER_VERIFY, Permission.ROSTER_EDIT)
def roster(congress: str, unit: str) -> ResponseReturnValue:
    return _roster()


def _roster(refusals: list[str] | None = None, status: int = 200) -> ResponseReturnValue:
    """The roster in figures, who has no vote and why, and how far notice 1 is."""
    today = local_day(clock()())
    away = absence_list(reading(), g.congress.id, g.unit.id)
    notice = latest_notice(reading(), g.congress.id, NoticeKind.ELECTORS)
    voteless = members_page(reading(), g.congress.id, unit_id=g.unit.id, without_vote=True, size=500)
    state = unit_roster(reading(), g.unit.id)
    changes = None
    if state.verification is not None and state.stale:
        changes = changes_since_verified(reading(), g.unit, state.verification, _categories())
    return render_template(
        "unit/roster.html",
        unit=g.unit,
        state=state,
        changes=changes,
        away=len(away),
        untold=sum(line.notified is None for line in away),
        excusable=sum(line.votes and line.reason is not None for line in away),
        voteless=voteless.lines,
        voteless_count=voteless.total,
        today=today,
        probation_ends=probation_ends,
        notice_row=notice,
        notice_over=notice is not None and is_over(notice, today),
        list_changed=notice is not None and bool(list_changes(reading(), notice, g.unit)),
        keeps=_keeps_roster(),
        edits=bool(g.actor.has(ALLOWED[Permission.ROSTER_EDIT], Scope(g.congress.id))),
        back=_home(),
        rules=rule_lines(g.congress.id, "publicity_days"),
        refusals=refusals or [],
    ), status


@desk.get("/c/<congress>/units/<unit>/electors")
@permitted(Permission.ROSTER_VERIFY, Permission.ROSTER_EDIT)
def electors(congress: str, unit: str) -> ResponseReturnValue:
    """The elector list, to check person by person and to print."""
    return render_template(
        "unit/electors.html",
        unit=g.unit,
        state=unit_roster(reading(), g.unit.id),
        electors=elector_list(reading(), g.unit.id),
        away=_away(),
        month_words=_("%(y)s年%(m)s月"),
        back={"href": url_for("unit_roster.roster", congress=congress, unit=unit), "label": g.unit.name},
    )


@desk.get("/c/<congress>/units/<unit>/roster/members")
@permitted(Permission.ROSTER_VERIFY, Permission.ROSTER_EDIT)
def members(congress: str, unit: str) -> ResponseReturnValue:
    """The whole roster branch by branch, as it is verified: primary category and vote of every member. To print."""
    return render_template(
        "unit/members.html",
        unit=g.unit,
        state=unit_roster(reading(), g.unit.id),
        lines=_members(),
        away=_away(),
        categories=_categories(),
        back={"href": url_for("unit_roster.roster", congress=congress, unit=unit), "label": _("花名册")},
    )


@desk.get("/c/<congress>/units/<unit>/roster/members.xlsx")
@permitted(Permission.ROSTER_VERIFY, Permission.ROSTER_EDIT)
def members_workbook(congress: str, unit: str) -> ResponseReturnValue:
    """The same as a workbook, to be sent round the branches; without identity numbers."""
    title = _("%(unit)s党员花名册", unit=g.unit.name)
    data = unit_workbook(f"{g.congress.name} {title}", _members(), _away(), _categories())
    return send_file(io.BytesIO(data), SHEET, as_attachment=True, download_name=f"{title}.xlsx")


def _members() -> list[MemberLine]:
    return members_of_branches(reading(), g.congress.id, branches_of_units(reading(), g.congress.id, [g.unit.id]))


def _away() -> set[int]:
    return {line.member_id for line in absence_list(reading(), g.congress.id, g.unit.id)}


def _categories() -> dict[str, str]:
    return {category.code: category.name for category in g.congress.categories}


@desk.post("/c/<congress>/units/<unit>/verify")
@permitted(Permission.ROSTER_VERIFY)
def verify(congress: str, unit: str) -> ResponseReturnValue:
    try:
        with act() as unit_of_work:
            row = verify_unit(unit_of_work, g.unit.id, seen=request.form.get("seen", ""))
    except Refused as refused:
        if refused.status == 403:
            raise
        return _roster([say(refused)], refused.status)
    flash(_("花名册已核对：党员 %(m)s 人，应到会（暂定）%(e)s 人。", m=row.members, e=row.expected), "ok")
    return redirect(url_for("unit_roster.roster", congress=congress, unit=unit))


@desk.get("/c/<congress>/units/<unit>/absences")
@permitted(Permission.ROSTER_VERIFY, Permission.ROSTER_EDIT)
def absences(congress: str, unit: str) -> ResponseReturnValue:
    return _absences(NameForm(formdata=None))


@desk.post("/c/<congress>/units/<unit>/absences")
@permitted(Permission.ROSTER_VERIFY, Permission.ROSTER_EDIT)
def absence_search(congress: str, unit: str) -> ResponseReturnValue:
    """The page with the members of a name. Posted: a name never stands in an address, where histories would keep it."""
    form = NameForm()
    if not form.validate_on_submit():
        return _absences(form)
    page = members_page(reading(), g.congress.id, unit_id=g.unit.id, name=form.name.data or "", size=MOST_FOUND)
    return _absences(form, found=page)


def _absences(form: NameForm, **more: Any) -> ResponseReturnValue:
    lines = absence_list(reading(), g.congress.id, g.unit.id)
    return render_template(
        "unit/absences.html",
        unit=g.unit,
        lines=lines,
        recorded={line.member_id for line in lines},
        untold=sum(line.notified is None for line in lines),
        excusable=sum(line.votes and line.reason is not None for line in lines),
        form=form,
        means=Notification,
        today=local_day(clock()()),
        keeps=_keeps_roster(),
        back=_home(),
        **more,
    ), form.status


def _member_here(member_id: int) -> MemberLine:
    line = member_line(reading(), g.congress.id, member_id)
    if line.unit_id != g.unit.id:
        raise NotFound("roster.no_such_member")
    return line


@desk.route("/c/<congress>/units/<unit>/absences/<int:member>", methods=["GET", "POST"])
@permitted(Permission.ROSTER_VERIFY, Permission.ROSTER_EDIT)
def absence(congress: str, unit: str, member: int) -> ResponseReturnValue:
    """One member who is away: where, and how they were told."""
    line, known = _member_here(member), absence_of(reading(), g.congress.id, member)
    form = AbsenceForm() if request.method == "POST" else AbsenceForm(formdata=None, obj=known)
    form.notified.choices = [SelectChoice("", _("还没有通知")), *_choices(Notification)]
    form.reason.choices = [SelectChoice("", _("没有，计入应到会")), *_choices(ExclusionReason)]
    if request.method == "GET":
        form.seen.data = absence_token(known)
        if known is not None:
            form.notified.data, form.reason.data = known.notified or "", known.reason or ""
    if form.validate_on_submit():
        with form.refusals():
            with act() as unit_of_work:
                record_absence(
                    unit_of_work,
                    g.congress.id,
                    member,
                    AbsenceKind(form.kind.data),
                    ExclusionReason(form.reason.data) if form.reason.data else None,
                    form.whereabouts.data or "",
                    Notification(form.notified.data) if form.notified.data else None,
                    form.notified_on.data,
                    form.note.data or "",
                    form.seen.data or "",
                )
            flash(_("%(name)s的外出情况已保存。", name=line.name), "ok")
            return redirect(url_for("unit_roster.absences", congress=congress, unit=unit))
    if form.status == Stale.status:
        known = absence_of(reading(), g.congress.id, member)
        form.seen.data = absence_token(known)  # whoever saves now has been told what changed
    return render_template(
        "unit/absence.html",
        unit=g.unit,
        line=line,
        known=known,
        token=absence_token(known),
        form=form,
        keeps=_keeps_roster(),
        listed_rule=_l("不计算在应到会之内，须有规定的理由，并经到会党员同意（中央组织部有关规定）。"),
    ), form.status


def _choices(kinds: type[Notification] | type[ExclusionReason]) -> list[SelectChoice]:
    return [SelectChoice(one.value, said_lazily(one)) for one in kinds]


@desk.post("/c/<congress>/units/<unit>/absences/<int:member>/remove")
@permitted(Permission.ROSTER_VERIFY, Permission.ROSTER_EDIT)
def absence_remove(congress: str, unit: str, member: int) -> ResponseReturnValue:
    line = require_absence(reading(), g.congress.id, g.unit.id, member)
    with act() as unit_of_work:
        remove_absence(unit_of_work, g.congress.id, member, request.form.get("seen", ""))
    flash(_("%(name)s已从外出名单中移出。", name=line.name), "ok")
    return redirect(url_for("unit_roster.absences", congress=congress, unit=unit))
