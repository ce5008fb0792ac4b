"""The office's pages about public notices: put up, objections received and closed with findings."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published types
from wtforms.validators import DataRequired, InputRequired, Length

from election.congress.models import Unit
from election.congress.rules_in_force import rules_in_force
from election.errors import NotFound
from election.nomination.lifecycle import ApplicationState
from election.nomination.queries import applications_by_state
from election.nomination.reviewing.operations_notice import publish_candidates_notice
from election.nomination.reviewing.operations_review import close_candidate_objection
from election.notices.models import Notice, NoticeKind
from election.notices.operations import close_objection, record_objection
from election.notices.operations_electors import publish_electors_notice
from election.notices.papers import hung_notice, opening, unit_facts
from election.notices.queries import calendar, days_left, is_over, notice_of, objection_of, objections
from election.notices.queries import notices as notice_lines
from election.notices.queries_electors import changes_since_notice
from election.notices.workdays import Holidays, last_day
from election.people.act import local_day
from election.people.actor import Scope
from election.people.permissions import Permission
from election.roster.models import Notification
from election.roster.queries import MemberLine, members_page, rosters_at
from election.roster.queries_member import member_of_person
from webapp.access import may_open, permitted
from webapp.errors import said
from webapp.forms import Form
from webapp.requests import act, clock, reading
from webapp.rule_line import rule_lines

desk = Blueprint("office_notices", __name__)

UPHELD, DISMISSED = "yes", "no"
# Found by a name: beyond this many the name says too little.
MOST_FOUND = 40


class ObjectionForm(Form):
    about = SelectField(_l("对谁有异议"), [DataRequired(_l("请选定对谁有异议。"))], coerce=int)
    raised_by = StringField(
        _l("提出人"), [InputRequired(_l("请填写提出异议的人或单位。")), Length(max=60, message=_l("最多 60 个字。"))]
    )
    text = TextAreaField(
        _l("内容"), [InputRequired(_l("请写明异议的内容。")), Length(max=4000, message=_l("最多 4000 个字。"))]
    )
    late = BooleanField(_l("逾期受理"))


class FindingForm(Form):
    finding = TextAreaField(
        _l("调查核实的结果"),
        [InputRequired(_l("请写明调查核实的结果。")), Length(max=4000, message=_l("最多 4000 个字。"))],
    )
    upheld = RadioField(
        _l("异议是否成立"),
        [InputRequired(_l("请选择异议是否成立。"))],
        choices=[SelectChoice(DISMISSED, _l("不成立")), SelectChoice(UPHELD, _l("成立，终止其人选资格"))],
    )


@desk.get("/c/<congress>/office/notices")
@permitted(Permission.NOTICE_PUBLISH)
def notices(congress: str) -> ResponseReturnValue:
    today, holidays = local_day(clock()()), calendar(reading())
    counts = applications_by_state(reading(), g.congress.id)
    hung = notice_lines(reading(), g.congress.id)
    latest = max((line.notice.number for line in hung if line.notice.kind is NoticeKind.ELECTORS), default=0)
    rosters = rosters_at(reading(), g.congress)
    return render_template(
        "office/notices.html",
        lines=[
            {
                "line": line,
                "left": days_left(line.notice, today, holidays),
                "over": is_over(line.notice, today),
                "replaced_by": latest
                if line.notice.kind is NoticeKind.ELECTORS and line.notice.number < latest
                else None,
            }
            for line in hung
        ],
        objections=objections(reading(), g.congress.id),
        electors=sum(one.state.expected for one in rosters),
        units=len(rosters),
        unverified=sum(not one.verified for one in rosters),
        changes=changes_since_notice(reading(), g.congress),
        proposed=counts.get(ApplicationState.PROPOSED, 0),
        nominees=counts.get(ApplicationState.PRELIMINARY, 0),
        waiting=counts.get(ApplicationState.PUT_FORWARD, 0),
        applied=counts.get(ApplicationState.APPLIED, 0),
        years_unknown=_years_unknown(holidays, today),
        rules=rule_lines(g.congress.id, "publicity_days"),
    )


def _years_unknown(holidays: Holidays, today: date) -> list[int]:
    """The years into which a notice published today would reach and of which the calendar says nothing."""
    days = int(rules_in_force(reading(), g.congress.id)["publicity_days"])
    last = last_day(today, days, holidays) if days else today
    return [year for year in range(today.year, last.year + 1) if all(day.year != year for day in holidays.rest)]


@desk.post("/c/<congress>/office/notices")
@permitted(Permission.NOTICE_PUBLISH)
def notice_publish(congress: str) -> ResponseReturnValue:
    """Puts up notice 1 or notice 2, as the button says."""
    publish = {
        NoticeKind.ELECTORS.value: publish_electors_notice,
        NoticeKind.CANDIDATES.value: publish_candidates_notice,
    }.get(request.form.get("kind", NoticeKind.CANDIDATES.value))
    if publish is None:
        raise NotFound("web.not_found")
    with act() as unit_of_work:
        row = publish(unit_of_work, g.congress.id)
    flash(_("公示已发布，请打印张贴。"), "ok")
    return redirect(url_for("office_notices.notice", congress=congress, notice=row.id))


@desk.get("/c/<congress>/office/notices/<int:notice>")
@permitted(Permission.NOTICE_PUBLISH)
def notice(congress: str, notice: int) -> ResponseReturnValue:
    """The notice as it hangs, to print. Of the electors one unit at a time: a county has thousands."""
    row = notice_of(reading(), g.congress.id, notice)
    units = row.content.get("units", [])
    chosen = next((one for one in units if one["code"] == request.args.get("unit")), None)
    paper = hung_notice(g.congress, row)
    return render_template(
        "office/notice_electors.html" if row.kind is NoticeKind.ELECTORS else "office/notice.html",
        hung=row,
        units=units,
        unit=chosen,
        left=days_left(row, local_day(clock()()), calendar(reading())),
        candidates=row.kind is NoticeKind.CANDIDATES,
        opening=opening(paper),
        figures=[] if chosen is None else unit_facts(paper, chosen),
        sender=paper.sender,
        means={one.value: one for one in Notification},
    )


def _named(row: Notice, unit: Unit | None) -> list[SelectChoice]:
    """The persons on a notice of candidates (of one unit), for the form of an objection."""
    return [
        SelectChoice(str(one["person"]), f"{one['name']}（{part['name']} · {group['name']}）")
        for part in row.content.get("units", [])
        if unit is None or part["code"] == unit.code
        for group in part.get("groups", [])
        for one in group["people"]
    ]


def _members_named(name: str, unit: Unit | None) -> list[SelectChoice]:
    """The members of a name: to the electors one may also object that somebody is missing."""
    page = members_page(reading(), g.congress.id, unit_id=unit.id if unit else None, name=name, size=MOST_FOUND)
    if page.total > MOST_FOUND:
        flash(
            _(
                "姓名含“%(name)s”的党员有 %(n)s 人，只列出前 %(most)s 人，请写全姓名。",
                name=name,
                n=page.total,
                most=MOST_FOUND,
            ),
            "warn",
        )
    return [SelectChoice(str(line.person_id), _whom(line)) for line in page.lines if line.unit_id is not None]


def _whom(line: MemberLine) -> str:
    where = [line.unit_name, line.branch_name, *([] if line.right.votes else [said(line.right.ground)])]
    return f"{line.name}（{' · '.join(where)}）"


@desk.route("/c/<congress>/office/notices/<int:notice>/objection", methods=["GET", "POST"])
@permitted(Permission.OBJECTION_RECORD)
def notice_objection(congress: str, notice: int) -> ResponseReturnValue:
    """An objection that came to the office."""
    return _objection(notice, None, url_for("office_notices.notices", congress=congress), _("公示与异议"))


@desk.route("/c/<congress>/units/<unit>/notices/<int:notice>/objection", methods=["GET", "POST"])
@permitted(Permission.OBJECTION_RECORD)
def unit_objection(congress: str, unit: str, notice: int) -> ResponseReturnValue:
    """An objection that came to a unit, to one of its own people."""
    return _objection(notice, g.unit, url_for("unit_roster.roster", congress=congress, unit=unit), g.unit.name)


def _objection(notice: int, unit: Unit | None, back: str, label: str) -> ResponseReturnValue:
    """Of thousands of electors the person is found by name first."""
    row = notice_of(reading(), g.congress.id, notice)
    form = ObjectionForm()
    over = local_day(clock()()) > row.last_day
    if not over or unit is not None:
        del form.late  # after the last day it is the office that may take one
    by_name = row.kind is NoticeKind.ELECTORS
    asked = request.form.get("name", "").strip() if by_name else ""
    found = _members_named(asked, unit) if asked else []
    form.about.choices = [SelectChoice("0", _("请选择")), *(found if by_name else _named(row, unit))]
    searching = by_name and "search" in request.form
    if not searching and form.validate_on_submit():
        with form.refusals():
            with act() as unit_of_work:
                record_objection(
                    unit_of_work,
                    notice,
                    form.about.data,
                    form.raised_by.data or "",
                    form.text.data or "",
                    late="late" in form and form.late.data,
                )
            flash(_("异议已登记，由县委组织部调查核实后办结。") if unit else _("异议已登记。"), "ok")
            return redirect(back)
    return render_template(
        "office/notice_objection.html",
        hung=row,
        form=form,
        over=over,
        by_name=by_name,
        asked=asked,
        found=len(found),
        back={"href": back, "label": label},
    ), form.status


@desk.route("/c/<congress>/office/objections/<int:objection>", methods=["GET", "POST"])
@permitted(Permission.OBJECTION_CLOSE)
def notice_close(congress: str, objection: int) -> ResponseReturnValue:
    """An objection is closed with what was found; upheld against a candidate, it ends the candidacy."""
    line = objection_of(reading(), g.congress.id, objection)
    of_electors = line.kind is NoticeKind.ELECTORS
    form = FindingForm()
    if of_electors:
        form.upheld.choices = [
            SelectChoice(DISMISSED, _("不成立")),
            SelectChoice(UPHELD, _("成立，须更正该党员的记载或表决权")),
        ]
    if form.validate_on_submit():
        with form.refusals():
            upheld = form.upheld.data == UPHELD
            close = close_objection if of_electors else close_candidate_objection
            with act() as unit_of_work:
                close(unit_of_work, objection, finding=form.finding.data or "", upheld=upheld)
            flash(_("对%(name)s的异议已办结。", name=line.about), "ok")
            if of_electors and upheld and may_open("office_member.member", Scope(g.congress.id)):
                flash(_("请在这里更正；更正后由选举单位重新核对，再重新公示选举人名单。"), "warn")
                member = member_of_person(reading(), line.about_person_id)
                return redirect(url_for("office_member.member", congress=congress, member=member))
            return redirect(url_for("office_notices.notices", congress=congress))
    return render_template("office/notice_close.html", line=line, form=form), form.status
