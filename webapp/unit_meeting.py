"""The unit's evening on one page: planned, attendance and exclusions, officers, opened, ballots in view, closed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateTimeLocalField, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published types
from wtforms.validators import InputRequired

from election.count.queries import UnitProgress, unit_progress
from election.count.queries_outcome import outcomes_of_unit
from election.errors import NotFound, Refused
from election.meeting.lifecycle import MeetingState
from election.meeting.models import Office
from election.meeting.operations import call_off_meeting, change_plan, close_meeting, plan_meeting
from election.meeting.operations_attendance import add_exclusion, add_listed_exclusions, remove_exclusion, set_present
from election.meeting.operations_officers import appoint_officer, dismiss_officer
from election.meeting.operations_opening import open_meeting
from election.meeting.queries import PersonChoice, meeting_of_unit, possible_officers, slates_in_force, voters_named
from election.meeting.queries_page import MeetingPage, meeting_page
from election.nomination.lifecycle import SlateState
from election.people.act import CHINA, Act
from election.people.actor import Scope
from election.people.permissions import ALLOWED, Permission
from election.roster.absences.queries import listed_absences
from election.roster.models import ExclusionReason
from webapp.access import permitted
from webapp.forms import Form, whole_number
from webapp.requests import act, reading

desk = Blueprint("unit_meeting", __name__)


class PlanForm(Form):
    place = StringField(_l("会议地点"), [InputRequired(_l("请填写会议地点。"))])
    starts_at = DateTimeLocalField(_l("开会时间"), [InputRequired(_l("请填写开会时间。"))])


class PresentForm(Form):
    present = IntegerField(
        _l("实到会"), [InputRequired(_l("请填写实到人数。"))], render_kw={"inputmode": "numeric", "autocomplete": "off"}
    )


class OfficerForm(Form):
    """`voted`: for a scrutineer named after the opening."""

    person = SelectField(_l("人员"), [InputRequired(_l("请选择一人。"))], validate_choice=False)
    voted = BooleanField(_l("已经大会表决通过"))


class ExclusionForm(Form):
    member = SelectField(_l("党员"), [InputRequired(_l("请选择一人。"))], validate_choice=False)
    reason = SelectField(_l("理由"), choices=[SelectChoice(reason.value, reason.zh) for reason in ExclusionReason])


class OpenForm(Form):
    """What the chair declares. With one venue those present are counted here, in `HallForm`."""

    exclusions = BooleanField(_l("到会党员已同意不计入应到会人数的名单"))
    method = BooleanField(_l("选举办法已经大会通过"))
    scrutineers = BooleanField(_l("监票人已经大会表决通过"))


class HallForm(OpenForm, PresentForm):
    pass


class ReasonForm(Form):
    reason = StringField(_l("理由"), [InputRequired(_l("请写明理由。"))])


def _local(moment: datetime | None) -> datetime | None:
    """What a person typed as a wall-clock time, as a moment."""
    return None if moment is None else moment.replace(tzinfo=CHINA)


def _on_the_wall(moment: datetime | None) -> datetime | None:
    """A moment as the clock on the wall shows it, to the minute, for a form's field."""
    return None if moment is None else moment.astimezone(CHINA).replace(tzinfo=None, second=0, microsecond=0)


def _runs() -> bool:
    return bool(g.actor.has(ALLOWED[Permission.MEETING_RUN], Scope(g.congress.id, g.unit.id)))


def _current() -> MeetingPage:
    """The unit's meeting. Raises NotFound when there is none."""
    meeting = meeting_of_unit(reading(), g.unit.id)
    if meeting is None:
        raise NotFound("meeting.none")
    return meeting_page(reading(), meeting.id)


@desk.get("/c/<congress>/units/<unit>/meeting")
@permitted(Permission.MEETING_VIEW)
def meeting(congress: str, unit: str) -> ResponseReturnValue:
    return _page()


def _page(refused: Form | None = None, name: str = "") -> ResponseReturnValue:
    """The whole page. `refused`: the form whose act was refused, with what was typed, in place of the fresh one."""
    status = 200 if refused is None else refused.status
    found = meeting_of_unit(reading(), g.unit.id)
    forms: dict[str, Form] = {name: refused} if refused is not None else {}
    if found is None:
        slates = [slate for _row, slate in slates_in_force(reading(), g.unit.id)]
        frozen = sum(slate is not None and slate.state is SlateState.FROZEN for slate in slates)
        forms.setdefault("plan", PlanForm(formdata=None))
        return render_template(
            "unit/plan.html", unit=g.unit, forms=forms, runs=_runs(), slates=len(slates), frozen=frozen
        ), status
    page = meeting_page(reading(), found.id)
    only = page.venues[0] if len(page.venues) == 1 else None
    forms.setdefault(
        "plan",
        PlanForm(
            formdata=None,
            place=found.place,
            starts_at=_on_the_wall(found.starts_at),
        ),
    )
    for venue in page.venues:
        forms.setdefault(f"present-{venue.id}", PresentForm(formdata=None, present=venue.present))
    opening = OpenForm(formdata=None) if only is None else HallForm(formdata=None, present=only.present)
    forms.setdefault("open", opening)
    for office in Office:
        form = forms.setdefault(office.value, OfficerForm(formdata=None))
        form["person"].choices = [
            SelectChoice("", _("请选择")),
            *(SelectChoice(str(one.id), _named(one)) for one in possible_officers(reading(), found, office)),
        ]
    # A name never stands in an address, where logs and histories would keep it.
    query = request.form.get("name", "").strip() if request.method == "POST" and _runs() else ""
    known = voters_named(reading(), g.unit.id, query) if query else []
    form = forms.setdefault("exclusion", ExclusionForm(formdata=None))
    form["member"].choices = [SelectChoice(str(one.id), _named(one)) for one in known]
    forms.setdefault("off", ReasonForm(formdata=None))
    for place, each in forms.items():
        for field in each:
            field.id = f"{place}-{field.short_name}"  # the same field stands several times on the page
    return render_template(
        "unit/meeting.html",
        unit=g.unit,
        page=page,
        state=page.meeting.state,
        steps=_steps(page),
        progress=_progress(),
        outcomes={each.round.id: each for one in outcomes_of_unit(reading(), g.unit.id) for each in one.rounds},
        forms=forms,
        runs=_runs(),
        asked=query,
        known=known,
        listed=_listed(page),
    ), status


def _listed(page: MeetingPage) -> int:
    """How many are away for a listed reason and not proposed to the meeting yet."""
    if page.meeting.state is not MeetingState.PLANNED:
        return 0
    proposed = {one.member_id for one in page.exclusions}
    return sum(
        member not in proposed for member, _reason in listed_absences(reading(), g.congress.id, page.meeting.unit_id)
    )


def _named(choice: PersonChoice) -> str:
    return f"{choice.name}（{choice.detail}）" if choice.detail else choice.name


def _progress() -> UnitProgress:
    return next(one for one in unit_progress(reading(), g.congress.id) if one.unit_id == g.unit.id)


def _steps(page: MeetingPage) -> list[dict[str, Any]]:
    """What has happened this evening and what comes next."""
    state = page.meeting.state
    begun = state is not MeetingState.PLANNED
    recorded = state in (MeetingState.BALLOTS_RECORDED, MeetingState.CLOSED)
    counted = recorded and all(row.counted or row.void for row in page.rounds)
    done = [
        (_("确定名单"), all(row.slate_frozen for row in page.rounds) and bool(page.rounds), "#contests"),
        (_("提名监票人、计票人"), begun or bool(page.scrutineers), "#officers"),
        (_("签到，宣布开会"), begun, "#opening"),
        (_("登记选票"), recorded, "#contests"),
        (_("计票、确认"), counted, "#contests"),
        (_("散会"), state is MeetingState.CLOSED, "#closing"),
    ]
    first = next((place for place, (_label, is_done, _href) in enumerate(done) if not is_done), len(done))
    return [
        {"label": label, "state": "done" if is_done else "current" if place == first else "todo", "href": href}
        for place, (label, is_done, href) in enumerate(done)
    ]


def _handle(form: Form, name: str, verb: Callable[[Act], object], told: str) -> ResponseReturnValue:
    """One act from one of the page's forms; what is refused comes back at its field on the same page."""
    if form.validate_on_submit():
        with form.refusals():
            with act() as unit_of_work:
                verb(unit_of_work)
            flash(told, "ok")
            return _back()
    return _page(form, name)


def _back() -> ResponseReturnValue:
    return redirect(url_for("unit_meeting.meeting", congress=g.congress.code, unit=g.unit.code))


def _chosen(text: str | None, code: str, field: str) -> int:
    chosen = whole_number(text)
    if chosen is None:
        raise Refused(code, field=field)
    return chosen


@desk.post("/c/<congress>/units/<unit>/meeting/plan")
@permitted(Permission.MEETING_RUN)
def plan(congress: str, unit: str) -> ResponseReturnValue:
    form, unit_id = PlanForm(), g.unit.id
    return _handle(
        form,
        "plan",
        lambda one: plan_meeting(one, unit_id, form.place.data or "", _local(form.starts_at.data)),
        _("选举大会已安排。"),
    )


@desk.post("/c/<congress>/units/<unit>/meeting/change")
@permitted(Permission.MEETING_RUN)
def change(congress: str, unit: str) -> ResponseReturnValue:
    form, meeting_id = PlanForm(), _current().meeting.id
    return _handle(
        form,
        "plan",
        lambda one: change_plan(one, meeting_id, form.place.data or "", _local(form.starts_at.data)),
        _("已改为新的时间、地点。"),
    )


@desk.post("/c/<congress>/units/<unit>/meeting/off")
@permitted(Permission.MEETING_RUN)
def call_off(congress: str, unit: str) -> ResponseReturnValue:
    form, meeting_id = ReasonForm(), _current().meeting.id
    return _handle(
        form, "off", lambda one: call_off_meeting(one, meeting_id, form.reason.data or ""), _("会议已取消。")
    )


@desk.post("/c/<congress>/units/<unit>/meeting/exclusions/search")
@permitted(Permission.MEETING_RUN)
def search(congress: str, unit: str) -> ResponseReturnValue:
    """The page with the members whose name was asked for; changes nothing."""
    return _page()


@desk.post("/c/<congress>/units/<unit>/meeting/exclusions")
@permitted(Permission.MEETING_RUN)
def exclude(congress: str, unit: str) -> ResponseReturnValue:
    form, meeting_id = ExclusionForm(), _current().meeting.id

    def verb(one: Act) -> object:
        member_id = _chosen(form.member.data, "meeting.not_a_voter", "member")
        return add_exclusion(one, meeting_id, member_id, _reason(form.reason.data))

    return _handle(form, "exclusion", verb, _("已列入不计算在应到会人数的名单。"))


@desk.post("/c/<congress>/units/<unit>/meeting/exclusions/listed")
@permitted(Permission.MEETING_RUN)
def exclude_listed(congress: str, unit: str) -> ResponseReturnValue:
    """Everyone whom the roster records as away for a listed reason, at one click."""
    form, meeting_id = Form(), _current().meeting.id
    return _handle(
        form, "listed", lambda one: add_listed_exclusions(one, meeting_id), _("已按外出党员登记列入，开会时征得同意。")
    )


def _reason(text: str | None) -> ExclusionReason:
    for reason in ExclusionReason:
        if reason.value == text:
            return reason
    raise Refused("web.bad_request", field="reason")


@desk.post("/c/<congress>/units/<unit>/meeting/exclusions/<int:exclusion>/remove")
@permitted(Permission.MEETING_RUN)
def include(congress: str, unit: str, exclusion: int) -> ResponseReturnValue:
    if exclusion not in {one.id for one in _current().exclusions}:
        raise NotFound("meeting.no_such_exclusion")
    with act() as unit_of_work:
        remove_exclusion(unit_of_work, exclusion)
    return _back()


@desk.post("/c/<congress>/units/<unit>/meeting/officers/<office>")
@permitted(Permission.MEETING_RUN)
def appoint(congress: str, unit: str, office: str) -> ResponseReturnValue:
    chosen = next((one for one in Office if one.value == office), None)
    if chosen is None:
        raise NotFound("web.not_found")
    form, meeting_id = OfficerForm(), _current().meeting.id

    def verb(one: Act) -> object:
        person_id = _chosen(form.person.data, "meeting.no_such_person", "person")
        return appoint_officer(one, meeting_id, person_id, chosen, voted=bool(form.voted.data))

    return _handle(form, office, verb, _("已提名。"))


@desk.post("/c/<congress>/units/<unit>/meeting/officers/<int:officer>/dismiss")
@permitted(Permission.MEETING_RUN)
def dismiss(congress: str, unit: str, officer: int) -> ResponseReturnValue:
    if officer not in {one.id for one in _current().officers}:
        raise NotFound("meeting.no_such_officer")
    with act() as unit_of_work:
        dismiss_officer(unit_of_work, officer)
    return _back()


@desk.post("/c/<congress>/units/<unit>/meeting/present/<int:venue>")
@permitted(Permission.MEETING_RUN)
def attend(congress: str, unit: str, venue: int) -> ResponseReturnValue:
    if venue not in {one.id for one in _current().venues}:
        raise NotFound("meeting.no_such_venue")
    form = PresentForm()
    return _handle(
        form,
        f"present-{venue}",
        lambda one: set_present(one, venue, form.present.data if form.present.data is not None else -1),
        _("实到人数已登记。"),
    )


@desk.post("/c/<congress>/units/<unit>/meeting/open")
@permitted(Permission.MEETING_RUN)
def begin(congress: str, unit: str) -> ResponseReturnValue:
    page = _current()
    form = HallForm() if len(page.venues) == 1 else OpenForm()

    def verb(one: Act) -> object:
        return open_meeting(
            one,
            page.meeting.id,
            present=form.present.data if isinstance(form, HallForm) else None,
            exclusions_consented=bool(form.exclusions.data),
            method_adopted=bool(form.method.data),
            scrutineers_voted=bool(form.scrutineers.data),
        )

    return _handle(form, "open", verb, _("大会已宣布开会，应到会人数不再改变。"))


@desk.post("/c/<congress>/units/<unit>/meeting/close")
@permitted(Permission.MEETING_RUN)
def close(congress: str, unit: str) -> ResponseReturnValue:
    form, meeting_id = Form(), _current().meeting.id
    return _handle(form, "close", lambda one: close_meeting(one, meeting_id), _("大会已散会。"))
