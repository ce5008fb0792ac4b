"""The office's pages about public notices: put up, objections received and closed with findings."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published types
from wtforms.validators import InputRequired, Length

from election.nomination.lifecycle import ApplicationState
from election.nomination.operations import (
    close_candidate_objection,
)
from election.nomination.operations_notice import publish_candidates_notice
from election.nomination.queries import applications_by_state
from election.notices.models import Notice, NoticeKind
from election.notices.operations import record_objection
from election.notices.queries import days_left, is_over, notice_of, objection_of, objections
from election.notices.queries import notices as notice_lines
from election.people.act import local_day
from election.people.permissions import Permission
from webapp.access import permitted
from webapp.forms import Form
from webapp.requests import act, clock, reading
from webapp.rule_line import rule_lines

desk = Blueprint("office_notices", __name__)

UPHELD, DISMISSED = "yes", "no"


class ObjectionForm(Form):
    about = SelectField(_l("对谁有异议"), coerce=int)
    raised_by = StringField(
        _l("提出人"), [InputRequired(_l("请填写提出异议的人或单位。")), Length(max=60, message=_l("最多 60 个字。"))]
    )
    text = TextAreaField(
        _l("内容"), [InputRequired(_l("请写明异议的内容。")), Length(max=4000, message=_l("最多 4000 个字。"))]
    )


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
    today = local_day(clock()())
    counts = applications_by_state(reading(), g.congress.id)
    return render_template(
        "office/notices.html",
        lines=[
            {"line": line, "left": days_left(line.notice, today), "over": is_over(line.notice, today)}
            for line in notice_lines(reading(), g.congress.id)
        ],
        objections=objections(reading(), g.congress.id),
        proposed=counts.get(ApplicationState.PROPOSED, 0),
        waiting=counts.get(ApplicationState.PRELIMINARY, 0),
        applied=counts.get(ApplicationState.APPLIED, 0),
        rules=rule_lines(g.congress.id, "publicity_days"),
    )


@desk.post("/c/<congress>/office/notices")
@permitted(Permission.NOTICE_PUBLISH)
def notice_publish(congress: str) -> ResponseReturnValue:
    with act() as unit_of_work:
        row = publish_candidates_notice(unit_of_work, g.congress.id)
    flash(_("公示已发布，请打印张贴。"), "ok")
    return redirect(url_for("office_notices.notice", congress=congress, notice=row.id))


@desk.get("/c/<congress>/office/notices/<int:notice>")
@permitted(Permission.NOTICE_PUBLISH)
def notice(congress: str, notice: int) -> ResponseReturnValue:
    """The notice as it hangs, to print."""
    row = notice_of(reading(), g.congress.id, notice)
    return render_template(
        "office/notice.html",
        hung=row,
        candidates=row.kind is NoticeKind.CANDIDATES,
        left=days_left(row, local_day(clock()())),
        objections=objections(reading(), g.congress.id, notice),
    )


def _named(row: Notice) -> list[SelectChoice]:
    """The persons on a notice of candidates, for the form of an objection."""
    return [
        SelectChoice(str(one["person"]), f"{one['name']}（{unit['name']} · {group['name']}）")
        for unit in row.content.get("units", [])
        for group in unit.get("groups", [])
        for one in group["people"]
    ]


@desk.route("/c/<congress>/office/notices/<int:notice>/objection", methods=["GET", "POST"])
@permitted(Permission.OBJECTION_RECORD)
def notice_objection(congress: str, notice: int) -> ResponseReturnValue:
    row = notice_of(reading(), g.congress.id, notice)
    form = ObjectionForm()
    form.about.choices = [SelectChoice("0", _("请选择")), *_named(row)]
    if form.validate_on_submit():
        with form.refusals():
            with act() as unit_of_work:
                record_objection(unit_of_work, notice, form.about.data, form.raised_by.data or "", form.text.data or "")
            flash(_("异议已登记。"), "ok")
            return redirect(url_for("office_notices.notices", congress=congress))
    return render_template("office/notice_objection.html", hung=row, form=form), form.status


@desk.route("/c/<congress>/office/objections/<int:objection>", methods=["GET", "POST"])
@permitted(Permission.OBJECTION_CLOSE)
def notice_close(congress: str, objection: int) -> ResponseReturnValue:
    """An objection is closed with what was found; upheld against a candidate, it ends the candidacy."""
    line = objection_of(reading(), g.congress.id, objection)
    form = FindingForm()
    if form.validate_on_submit():
        with form.refusals():
            with act() as unit_of_work:
                close_candidate_objection(
                    unit_of_work, objection, finding=form.finding.data or "", upheld=form.upheld.data == UPHELD
                )
            flash(_("对%(name)s的异议已办结。", name=line.about), "ok")
            return redirect(url_for("office_notices.notices", congress=congress))
    return render_template("office/notice_close.html", line=line, form=form), form.status
