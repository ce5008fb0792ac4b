"""The office's pages about applicants: reviewed with reasons, ended when someone can no longer stand."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published types
from wtforms.validators import InputRequired, Length

from election.congress.rules_in_force import rules_in_force
from election.errors import Refused
from election.nomination.lifecycle import OPEN_STATES, ApplicationEnd, ApplicationState
from election.nomination.operations import (
    end_application,
    review_application,
)
from election.nomination.queries import ApplicationLine, application_of, applications, applications_by_state
from election.people.permissions import Permission
from election.roster.facts import Facts, age_on, matches_overlay
from webapp.access import permitted
from webapp.forms import Form
from webapp.requests import act, reading

desk = Blueprint("office_reviews", __name__)


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
        return redirect(url_for("office_reviews.reviews", congress=congress))
    for application_id in ticked:
        application_of(reading(), g.congress.id, application_id)
    with act() as unit_of_work:
        for application_id in ticked:
            review_application(unit_of_work, application_id, approved=True)
    flash(_("%(n)s 人通过审查，列为预备人选。", n=len(ticked)), "ok")
    return redirect(url_for("office_reviews.reviews", congress=congress))


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
            return redirect(url_for("office_reviews.reviews", congress=congress))
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
            return redirect(url_for("office_reviews.reviews", congress=congress, state="ended"))
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
