"""The office's pages about applicants: other bodies are heard, everybody is reviewed with reasons, and ended when someone
can no longer stand.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published types
from wtforms.validators import Length

from election.congress.rules_in_force import rules_in_force
from election.errors import Invalid, Refused
from election.nomination.applying.operations import end_application
from election.nomination.applying.queries_signers import signers_of
from election.nomination.lifecycle import OPEN_STATES, ApplicationEnd, ApplicationState
from election.nomination.models_review import Verdict
from election.nomination.queries import ApplicationLine, application_of, applications, applications_by_state
from election.nomination.reviewing.operations_review import (
    ASKED_ABOUT,
    record_opinions,
    review_application,
    review_many,
)
from election.nomination.reviewing.queries_review import OpinionLine, brought_by, findings_of, opinions_of
from election.nomination.reviewing.review import CriterionFinding, Readiness, readiness
from election.people.act import local_day
from election.people.actor import Scope
from election.people.permissions import Permission
from webapp.access import may_open, permitted
from webapp.applicants import ages, overlays
from webapp.errors import said_lazily, say
from webapp.forms import Form, whole_number
from webapp.requests import act, clock, reading
from webapp.rule_line import rule_lines
from webapp.slate_words import tell_margin

desk = Blueprint("office_reviews", __name__)

# Where the list's form has a place of its own for a sentence; any other stands above the page.
AT_THEIR_FIELD = ("text", "given_on", "application", "all_met")
REVIEWABLE = (ApplicationState.PUT_FORWARD, ApplicationState.PROPOSED)


class EndForm(Form):
    end = SelectField(
        _l("原因"),
        choices=[
            SelectChoice("", _l("请选择")),
            *(SelectChoice(end.value, said_lazily(end)) for end in ApplicationEnd),
        ],
    )
    note = StringField(_l("说明"), [Length(max=150, message=_l("最多 150 个字。"))])


@desk.get("/c/<congress>/office/reviews")
@permitted(Permission.APPLICATION_REVIEW, Permission.SLATE_VIEW)
def reviews(congress: str) -> ResponseReturnValue:
    """Applications by state and unit, those that wait for their review first. Who does not review reads how far each is,
    never what the bodies said of somebody nor the office's own reason.
    """
    return _list_page([])


def _list_page(refusals: list[Refused]) -> ResponseReturnValue:
    try:
        state = ApplicationState(request.values.get("state", ApplicationState.PUT_FORWARD.value))
    except ValueError:
        raise Refused("web.bad_request") from None
    unit = next((one for one in g.congress.units if one.code == request.values.get("unit")), None)
    lines = applications(reading(), g.congress.id, states=[state], unit_id=unit.id if unit else None)
    edits = may_open("office_reviews.opinions", Scope(g.congress.id, None))
    errors: dict[str, list[str]] = {}
    for refused in refusals:
        errors.setdefault(refused.field or "" if refused.field in AT_THEIR_FIELD else "", []).append(say(refused))
    return render_template(
        "office/reviews.html",
        lines=lines,
        state=state,
        unit=unit,
        states=list(ApplicationState),
        counts=applications_by_state(reading(), g.congress.id),
        heard=_heard(lines),
        own=_own(lines),
        edits=edits,
        asked=edits and state in ASKED_ABOUT,
        bodies=rules_in_force(reading(), g.congress.id)["review_bodies"],
        verdicts=list(Verdict),
        overlays=overlays(lines),
        ages=ages(lines),
        today=local_day(clock()()),
        typed=request.form,
        ticked=request.form.getlist("application"),
        criteria=rules_in_force(reading(), g.congress.id)["review_criteria"],
        rules=rule_lines(g.congress.id, "review_criteria", "review_bodies"),
        errors=errors,
        refusals=errors.get("", []),
    ), (422 if refusals else 200)


def _heard(lines: list[ApplicationLine]) -> dict[int, Readiness]:
    """application → which of the bodies that the rules ask have not spoken, which object."""
    bodies = rules_in_force(reading(), g.congress.id)["review_bodies"]
    said = opinions_of(reading(), [line.id for line in lines])
    return {line.id: readiness(bodies, {one.body: one.verdict for one in said.get(line.id, [])}) for line in lines}


def _own(lines: list[ApplicationLine]) -> dict[int, str]:
    """Of these, whom the one at this desk put forward or counted in the branch: another person reviews them. With who did."""
    brought = brought_by(reading(), [line.id for line in lines])
    return {number: "、".join(who.values()) for number, who in brought.items() if g.actor.person_id in who}


def _ticked() -> list[int]:
    """The persons who were ticked; with “all”, everybody whom the page showed: nobody who joined the list since."""
    named = request.form.get("shown", "").split() if request.form.get("all") else request.form.getlist("application")
    return [number for text in named if (number := whole_number(text)) is not None]


def _to_list(congress: str) -> ResponseReturnValue:
    state, unit = (request.form.get(key) or None for key in ("state", "unit"))
    return redirect(url_for("office_reviews.reviews", congress=congress, state=state, unit=unit))


@desk.post("/c/<congress>/office/reviews/pass")
@permitted(Permission.APPLICATION_REVIEW)
def review_several(congress: str) -> ResponseReturnValue:
    """Passes everybody who was ticked: all or none, and only where nobody objects."""
    ticked = _ticked()
    if not ticked:
        flash(_("请先勾选要通过审查的人。"), "warn")
        return _to_list(congress)
    if not request.form.get("all_met"):
        return _list_page([Refused("review.not_confirmed", field="all_met", count=len(ticked))])
    try:
        with act() as unit_of_work:
            review_many(unit_of_work, g.congress.id, ticked)
    except Invalid as invalid:
        return _list_page(invalid.refusals)
    flash(_("%(n)s 人通过审查，列为预备人选。", n=len(ticked)), "ok")
    return _to_list(congress)


@desk.post("/c/<congress>/office/reviews/opinions")
@permitted(Permission.APPLICATION_REVIEW)
def opinions(congress: str) -> ResponseReturnValue:
    """What a body says in one paper of everybody who was ticked."""
    ticked = _ticked()
    try:
        told = _read_opinion()
        with act() as unit_of_work:
            record_opinions(
                unit_of_work, g.congress.id, told.body, ticked, told.verdict, told.text, told.document, told.given_on
            )
    except Refused as refused:
        if refused.status == 403:
            raise
        return _list_page([refused])
    flash(_("%(body)s对 %(n)s 人的意见已登记。", body=told.body, n=len(ticked)), "ok")
    return _to_list(congress)


@dataclass(frozen=True, slots=True)
class _Opinion:
    body: str
    verdict: Verdict
    text: str
    document: str
    given_on: date


def _read_opinion() -> _Opinion:
    form = request.form
    try:
        given_on, verdict = date.fromisoformat(form.get("given_on", "")), Verdict(form.get("verdict", ""))
    except ValueError:
        raise Refused("opinion.date_or_verdict", field="given_on") from None
    return _Opinion(form.get("body", ""), verdict, form.get("text", ""), form.get("document", "").strip(), given_on)


@desk.route("/c/<congress>/office/reviews/<int:application>", methods=["GET", "POST"])
@permitted(Permission.APPLICATION_REVIEW)
def review(congress: str, application: int) -> ResponseReturnValue:
    """One applicant's sheet: every criterion, every body, the conclusion."""
    line = application_of(reading(), g.congress.id, application)
    refusals: list[Refused] = []
    if request.method == "POST":
        try:
            conclusion = request.form.get("finding")
            if conclusion not in ("pass", "refuse"):
                raise Refused("review.no_conclusion", field="finding")
            with act() as unit_of_work:
                review_application(
                    unit_of_work,
                    application,
                    approved=conclusion == "pass",
                    reason=request.form.get("reason", ""),
                    findings=_read_findings(),
                )
            flash(_("%(name)s的审查意见已登记。", name=line.name), "ok")
            return redirect(url_for("office_reviews.reviews", congress=congress))
        except Invalid as invalid:
            refusals = invalid.refusals
        except Refused as refused:
            if refused.status in (403, 404):
                raise
            refusals = [refused]
    return _sheet(line, refusals, EndForm(formdata=None))


def _read_findings() -> dict[str, CriterionFinding]:
    """The criteria that the page asked, by its own place of each; one that was left open is not among them."""
    found = {}
    for place, criterion in enumerate(rules_in_force(reading(), g.congress.id)["review_criteria"]):
        met = request.form.get(f"criteria[{place}]")
        if met in ("yes", "no"):
            found[criterion] = CriterionFinding(met == "yes", request.form.get(f"criteria[{place}].note", ""))
    return found


@desk.post("/c/<congress>/office/reviews/<int:application>/opinion")
@permitted(Permission.APPLICATION_REVIEW)
def opinion(congress: str, application: int) -> ResponseReturnValue:
    """What a body says of this one applicant."""
    line = application_of(reading(), g.congress.id, application)
    try:
        told = _read_opinion()
        with act() as unit_of_work:
            record_opinions(
                unit_of_work, g.congress.id, told.body, [line.id], told.verdict, told.text, told.document, told.given_on
            )
    except Refused as refused:
        if refused.status == 403:
            raise
        return _sheet(line, [refused], EndForm(formdata=None))
    flash(_("%(body)s的意见已登记。", body=told.body), "ok")
    return redirect(url_for("office_reviews.review", congress=congress, application=application))


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
            if line.state is ApplicationState.PROPOSED:
                tell_margin(line.unit_id, line.category_id)
            return redirect(url_for("office_reviews.reviews", congress=congress, state="ended"))
    return _sheet(line, [], form)


def _sheet(line: ApplicationLine, refusals: list[Refused], end_form: EndForm) -> ResponseReturnValue:
    rules = rules_in_force(reading(), g.congress.id)
    said = opinions_of(reading(), [line.id]).get(line.id, [])
    errors: dict[str, list[str]] = {}
    for refused in refusals:
        errors.setdefault(refused.field or "", []).append(say(refused))
    return render_template(
        "office/review.html",
        line=line,
        end_form=end_form,
        criteria=rules["review_criteria"],
        findings={one.criterion: one for one in findings_of(reading(), [line.id]).get(line.id, [])},
        opinions=_by_body(said, rules["review_bodies"]),
        bodies=rules["review_bodies"],
        verdicts=list(Verdict),
        signers=signers_of(reading(), [line.id]).get(line.id, []),
        asked=line.state in ASKED_ABOUT,
        reviewable=line.state in REVIEWABLE,
        own=_own([line]).get(line.id, ""),
        alive=line.state in OPEN_STATES,
        overlays=overlays([line])[line.id],
        age=ages([line]).get(line.id),
        today=local_day(clock()()),
        typed=request.form,
        errors=errors,
        refusals=errors.get("", []),
        rules=rule_lines(g.congress.id, "review_criteria", "review_bodies"),
    ), max(422 if refusals else 200, end_form.status)


def _by_body(said: list[OpinionLine], bodies: list[str]) -> list[tuple[str, OpinionLine | None]]:
    """Every body that the rules ask with what it said; then whoever else has spoken."""
    found = {one.body: one for one in said}
    return [(body, found.pop(body, None)) for body in bodies] + list(found.items())
