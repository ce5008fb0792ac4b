"""The unit's evening on one page: planned, changed, called off, opened after a second question, closed.

Who is there, who holds an office, venues and what follows have modules of their own beside this one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from election.meeting.lifecycle import MeetingState
from election.meeting.operations import call_off_meeting, change_plan, close_meeting, plan_meeting
from election.meeting.operations_opening import open_meeting
from election.meeting.queries_page import MeetingPage
from election.people.act import CHINA, Act
from election.people.permissions import Permission
from webapp.access import permitted
from webapp.forms import Form
from webapp.meeting_agenda import only_one_scrutineer, who_cannot_enter
from webapp.meeting_forms import HallForm, OpenForm, PlanForm, ReasonForm
from webapp.meeting_page import back, current, handle, show, to
from webapp.requests import act

desk = Blueprint("unit_meeting", __name__)


def _local(moment: datetime | None) -> datetime | None:
    """What a person typed as a wall-clock time, as a moment."""
    return None if moment is None else moment.replace(tzinfo=CHINA)


@desk.get("/c/<congress>/units/<unit>/meeting")
@permitted(Permission.MEETING_VIEW)
def meeting(congress: str, unit: str) -> ResponseReturnValue:
    """The unit's latest meeting; `?number=1` looks up an earlier one."""
    return show()


@desk.post("/c/<congress>/units/<unit>/meeting/plan")
@permitted(Permission.MEETING_RUN)
def plan(congress: str, unit: str) -> ResponseReturnValue:
    form, unit_id = PlanForm(), g.unit.id
    return handle(
        form,
        "plan",
        lambda one: plan_meeting(
            one, unit_id, form.place.data or "", _local(form.starts_at.data), sure=bool(form.sure.data)
        ),
        _("选举大会已安排。"),
    )


@desk.post("/c/<congress>/units/<unit>/meeting/change")
@permitted(Permission.MEETING_RUN)
def change(congress: str, unit: str) -> ResponseReturnValue:
    form, meeting_id = PlanForm(), current().meeting.id
    return handle(
        form,
        "plan",
        lambda one: change_plan(
            one, meeting_id, form.place.data or "", _local(form.starts_at.data), sure=bool(form.sure.data)
        ),
        _("已改为新的时间、地点。"),
    )


@desk.post("/c/<congress>/units/<unit>/meeting/off")
@permitted(Permission.MEETING_RUN)
def call_off(congress: str, unit: str) -> ResponseReturnValue:
    form, meeting_id = ReasonForm(), current().meeting.id
    told = _("会议已取消。")
    return handle(form, "off", lambda one: call_off_meeting(one, meeting_id, form.reason.data or ""), told)


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the opening freezes or tests, repeated to the chair before it is done."""

    expected: int
    present: int
    excluded: int

    def __str__(self) -> str:
        return f"{self.expected}-{self.present}-{self.excluded}"


class _AskFirst(Exception):
    """The opening would succeed, with these numbers; it is taken back until they are said yes to."""

    def __init__(self, numbers: Numbers) -> None:
        super().__init__(str(numbers))
        self.numbers = numbers


@desk.post("/c/<congress>/units/<unit>/meeting/open")
@permitted(Permission.MEETING_RUN)
def begin(congress: str, unit: str) -> ResponseReturnValue:
    """Opens the meeting once `asked` names the numbers with which it opens; else asks, and nothing has happened."""
    form, asked = _opening_form(current(), request.form), request.form.get("asked", "")
    if form.validate_on_submit():
        try:
            with form.refusals():
                _try(form, asked)
                flash(_("大会已宣布开会，应到会人数不再改变。"), "ok")
                return back()
        except _AskFirst:
            return redirect(
                to("unit_meeting.question", **_declared(form, request.form), changed="1" if asked else None)
            )
    return show(form, "open")


@desk.get("/c/<congress>/units/<unit>/meeting/open")
@permitted(Permission.MEETING_RUN)
def question(congress: str, unit: str) -> ResponseReturnValue:
    """The second question before the opening, with an address of its own: the browser's way back leads to the meeting."""
    page = current()
    if page.meeting.state is not MeetingState.PLANNED:
        return back()
    form = _opening_form(page, request.args)
    if form.validate():
        try:
            with form.refusals():
                _try(form, asked="")
        except _AskFirst as found:
            return _question(page, found.numbers, _declared(form, request.args))
    else:
        form.status = 422
    return show(form, "open")


def _opening_form(page: MeetingPage, said: MultiDict[str, str]) -> OpenForm:
    """What the chair declares, as posted or as the question's address has it; only what is posted changes anything."""
    meta = {} if request.method == "POST" else {"csrf": False}
    return HallForm(said, meta=meta) if len(page.venues) == 1 else OpenForm(said, meta=meta)


def _declared(form: OpenForm, said: MultiDict[str, str]) -> dict[str, str]:
    return {name: value for name, value in said.items() if name in form._fields and name != "csrf_token"}


def _try(form: OpenForm, asked: str) -> None:
    """Opens the meeting, or raises _AskFirst when it would open with other numbers than those said yes to."""
    with act() as unit_of_work:
        numbers = _open(unit_of_work, current().meeting.id, form)
        if str(numbers) != asked:
            raise _AskFirst(numbers)


def _open(unit_of_work: Act, meeting_id: int, form: OpenForm) -> Numbers:
    opened = open_meeting(
        unit_of_work,
        meeting_id,
        present=form.present.data if isinstance(form, HallForm) else None,
        exclusions_consented=bool(form.exclusions.data),
        method_adopted=bool(form.method.data),
        scrutineers_voted=bool(form.scrutineers.data),
    )
    return Numbers(opened.expected or 0, sum(venue.present or 0 for venue in opened.venues), len(opened.exclusions))


def _question(page: MeetingPage, numbers: Numbers, said: dict[str, str]) -> str:
    return render_template(
        "unit/opening.html",
        unit=g.unit,
        to=to,
        page=page,
        numbers=numbers,
        needed=page.quorum.needed(numbers.expected),
        said={**said, "asked": str(numbers)},
        changed="changed" in request.args,
        cannot_enter=[*who_cannot_enter(page), *filter(None, [only_one_scrutineer(page)])],
    )


@desk.post("/c/<congress>/units/<unit>/meeting/close")
@permitted(Permission.MEETING_RUN)
def close(congress: str, unit: str) -> ResponseReturnValue:
    form, meeting_id = Form(), current().meeting.id
    return handle(form, "close", lambda one: close_meeting(one, meeting_id), _("大会已散会。"))
