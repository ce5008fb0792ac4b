"""The office's pages between application and slate: applicant reviews, public notices with objections, the slate board."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published types
from wtforms.validators import InputRequired, Length

from election.congress.rules_in_force import rules_in_force
from election.errors import NotFound, Refused
from election.findings import Finding
from election.nomination.lifecycle import OPEN_STATES, ApplicationEnd, ApplicationState
from election.nomination.operations import (
    close_candidate_objection,
    end_application,
    review_application,
)
from election.nomination.operations_notice import publish_candidates_notice
from election.nomination.operations_slates import freeze_slates, return_slates, supersede_slate
from election.nomination.queries import ApplicationLine, application_of, applications, applications_by_state
from election.nomination.queries import slates as slate_lines
from election.nomination.queries_board import slate_board
from election.notices.models import Notice, NoticeKind
from election.notices.operations import record_objection
from election.notices.queries import days_left, is_over, notice_of, objection_of, objections
from election.notices.queries import notices as notice_lines
from election.people.act import local_day
from election.people.permissions import Permission
from election.roster.facts import Facts, age_on, matches_overlay
from election.texts import sentence
from webapp.access import permitted
from webapp.errors import said, say
from webapp.forms import Form
from webapp.requests import act, clock, reading
from webapp.rule_line import rule_lines

desk = Blueprint("office_nomination", __name__)

UPHELD, DISMISSED = "yes", "no"


class ReviewForm(Form):
    finding = RadioField(
        _l("审查意见"),
        [InputRequired(_l("请选择审查意见。"))],
        choices=[SelectChoice("pass", _l("通过，列为预备人选")), SelectChoice("refuse", _l("不通过"))],
    )
    reason = TextAreaField(_l("理由"), [Length(max=2000, message=_l("最多 2000 个字。"))])


class EndForm(Form):
    end = SelectField(
        _l("原因"),
        choices=[SelectChoice("", _l("请选择")), *(SelectChoice(end.value, end.zh) for end in ApplicationEnd)],
    )
    note = StringField(_l("说明"), [Length(max=150, message=_l("最多 150 个字。"))])


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


# Reviews


@desk.get("/c/<congress>/office/reviews")
@permitted(Permission.APPLICATION_REVIEW)
def reviews(congress: str) -> ResponseReturnValue:
    """Applications by state, those that wait for their review first."""
    try:
        state = ApplicationState(request.args.get("state", ApplicationState.PRELIMINARY.value))
    except ValueError:
        raise Refused("web.bad_request") from None
    lines = applications(reading(), g.congress.id, states=[state])
    return render_template(
        "office/reviews.html",
        lines=lines,
        state=state,
        states=list(ApplicationState),
        counts=applications_by_state(reading(), g.congress.id),
        overlays=_overlays(lines),
        ages=_ages(lines),
    )


def _overlays(lines: list[ApplicationLine]) -> dict[int, list[str]]:
    """application → the overlays that the person counts for: facts of the record, never typed again."""
    included = rules_in_force(reading(), g.congress.id)["age_reference"] == "included"
    day = g.congress.reference_date
    return {
        line.id: [
            overlay.name
            for overlay in g.congress.overlays
            if matches_overlay(overlay.fact, overlay.age, included, Facts(line.sex, line.born_on, line.ethnicity), day)
        ]
        for line in lines
    }


def _ages(lines: list[ApplicationLine]) -> dict[int, int]:
    return {line.id: age_on(line.born_on, g.congress.reference_date) for line in lines if line.born_on}


@desk.post("/c/<congress>/office/reviews/pass")
@permitted(Permission.APPLICATION_REVIEW)
def review_several(congress: str) -> ResponseReturnValue:
    """Passes every ticked nominee, each as an act of its own in one transaction: all or none."""
    ticked = request.form.getlist("application", type=int)
    if not ticked:
        flash(_("请先勾选要通过审查的人。"), "warn")
        return redirect(url_for("office_nomination.reviews", congress=congress))
    for application_id in ticked:
        application_of(reading(), g.congress.id, application_id)
    with act() as unit_of_work:
        for application_id in ticked:
            review_application(unit_of_work, application_id, approved=True)
    flash(_("%(n)s 人通过审查，列为预备人选。", n=len(ticked)), "ok")
    return redirect(url_for("office_nomination.reviews", congress=congress))


@desk.route("/c/<congress>/office/reviews/<int:application>", methods=["GET", "POST"])
@permitted(Permission.APPLICATION_REVIEW)
def review(congress: str, application: int) -> ResponseReturnValue:
    line = application_of(reading(), g.congress.id, application)
    form = ReviewForm()
    if form.validate_on_submit():
        with form.refusals():
            approved = form.finding.data == "pass"
            with act() as unit_of_work:
                review_application(unit_of_work, application, approved=approved, reason=form.reason.data or "")
            flash(_("%(name)s的审查意见已登记。", name=line.name), "ok")
            return redirect(url_for("office_nomination.reviews", congress=congress))
    return _review_page(line, form, EndForm(formdata=None))


@desk.post("/c/<congress>/office/reviews/<int:application>/end")
@permitted(Permission.APPLICATION_REVIEW)
def review_end(congress: str, application: int) -> ResponseReturnValue:
    """Death, transfer, made scrutineer, rights suspended."""
    line = application_of(reading(), g.congress.id, application)
    form = EndForm()
    if form.validate_on_submit():
        with form.refusals():
            end = ApplicationEnd(form.end.data) if form.end.data else None
            with act() as unit_of_work:
                end_application(unit_of_work, application, end, form.note.data or "")
            flash(_("%(name)s的人选资格已终止。", name=line.name), "ok")
            return redirect(url_for("office_nomination.reviews", congress=congress, state="ended"))
    return _review_page(line, ReviewForm(formdata=None), form)


def _review_page(line: ApplicationLine, form: ReviewForm, end_form: EndForm) -> ResponseReturnValue:
    return render_template(
        "office/review.html",
        line=line,
        form=form,
        end_form=end_form,
        reviewable=line.state in (ApplicationState.PRELIMINARY, ApplicationState.PROPOSED),
        alive=line.state in OPEN_STATES,
        overlays=_overlays([line])[line.id],
        age=_ages([line]).get(line.id),
    ), max(form.status, end_form.status)


# Notices and objections


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
    return redirect(url_for("office_nomination.notice", congress=congress, notice=row.id))


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
            return redirect(url_for("office_nomination.notices", congress=congress))
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
            return redirect(url_for("office_nomination.notices", congress=congress))
    return render_template("office/notice_close.html", line=line, form=form), form.status


# Slates


@desk.get("/c/<congress>/office/slates")
@permitted(Permission.SLATE_FREEZE)
def slates(congress: str) -> ResponseReturnValue:
    return render_template(
        "office/slates.html",
        board=slate_board(reading(), g.congress.id, local_day(clock()())),
        rules=rule_lines(g.congress.id, "margin_min"),
        applied=sum(applications_by_state(reading(), g.congress.id).values()),
    )


@desk.get("/c/<congress>/office/slates/<unit>")
@permitted(Permission.SLATE_FREEZE)
def slate(congress: str, unit: str) -> ResponseReturnValue:
    return _slate_page()


# Where a blocker is mended, by the first part of the place that it names.
MENDED_AT = {
    "applications": ("office_nomination.reviews", _l("去审查")),
    "notice": ("office_nomination.notices", _l("去公示")),
    "objections": ("office_nomination.notices", _l("去办结")),
}


def _blocker(finding: Finding) -> dict[str, object]:
    item: dict[str, object] = {"text": said(sentence(finding.code, finding.params))}
    place = MENDED_AT.get(finding.field.partition(".")[0])
    if place is not None:
        item |= {"href": url_for(place[0], congress=g.congress.code), "link": place[1]}
    return item


def _slate_page(refusals: list[str] | None = None, status: int = 200) -> ResponseReturnValue:
    lines = slate_lines(reading(), g.congress.id, g.unit.id)
    board = slate_board(reading(), g.congress.id, local_day(clock()()), g.unit.id, lines)
    row = board.rows[0] if board.rows else None
    return render_template(
        "office/slate.html",
        unit=g.unit,
        row=row,
        board=board,
        lines=lines,
        blockers=[_blocker(finding) for finding in row.blockers] if row else [],
        rules=rule_lines(g.congress.id, "margin_min", "publicity_days"),
        refusals=refusals or [],
    ), status


@desk.post("/c/<congress>/office/slates/<unit>/freeze")
@permitted(Permission.SLATE_FREEZE)
def slate_freeze(congress: str, unit: str) -> ResponseReturnValue:
    try:
        with act() as unit_of_work:
            frozen = freeze_slates(unit_of_work, g.unit.id)
    except Refused as refused:
        if refused.status == 403:
            raise
        return _slate_page([say(refused)], refused.status)
    flash(_("%(unit)s的 %(n)s 份候选人名单已确定。", unit=g.unit.name, n=len(frozen)), "ok")
    return redirect(url_for("office_nomination.slates", congress=congress))


@desk.post("/c/<congress>/office/slates/<unit>/return")
@permitted(Permission.SLATE_FREEZE)
def slate_return(congress: str, unit: str) -> ResponseReturnValue:
    try:
        with act() as unit_of_work:
            return_slates(unit_of_work, g.unit.id, request.form.get("reason", ""))
    except Refused as refused:
        if refused.status == 403:
            raise
        return _slate_page([say(refused)], refused.status)
    flash(_("%(unit)s的候选人名单已退回。", unit=g.unit.name), "ok")
    return redirect(url_for("office_nomination.slate", congress=congress, unit=unit))


@desk.post("/c/<congress>/office/slates/<unit>/<int:slate_id>/supersede")
@permitted(Permission.SLATE_FREEZE)
def slate_supersede(congress: str, unit: str, slate_id: int) -> ResponseReturnValue:
    """A frozen slate gives way to a new version, which the unit draws up and hands in again."""
    if slate_id not in {line.slate.id for line in slate_lines(reading(), g.congress.id, g.unit.id) if line.slate}:
        raise NotFound("slate.none")
    try:
        with act() as unit_of_work:
            supersede_slate(unit_of_work, slate_id, request.form.get("reason", ""))
    except Refused as refused:
        if refused.status == 403:
            raise
        return _slate_page([say(refused)], refused.status)
    flash(_("已改出新版本，请选举单位重新编制并提交。"), "ok")
    return redirect(url_for("office_nomination.slate", congress=congress, unit=unit))
