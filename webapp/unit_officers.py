"""The chair's acts on persons: who is not counted among the expected, who watches the count and who counts."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from election.errors import NotFound, Refused
from election.meeting.lifecycle import MeetingState
from election.meeting.models import MeetingOfficer, Office
from election.meeting.operations_attendance import add_exclusion, add_listed_exclusions, remove_exclusion
from election.meeting.operations_officers import appoint_officer, dismiss_officer
from election.people.act import Act
from election.people.permissions import Permission
from election.roster.models import ExclusionReason
from webapp.access import permitted
from webapp.forms import Form
from webapp.meeting_forms import DismissForm, ExclusionForm, OfficerForm
from webapp.meeting_page import back, chosen_number, current, handle, show
from webapp.requests import act

desk = Blueprint("unit_officers", __name__)


@desk.post("/c/<congress>/units/<unit>/meeting/exclusions/search")
@permitted(Permission.MEETING_RUN)
def search(congress: str, unit: str) -> ResponseReturnValue:
    """The page with the members whose name was asked for; changes nothing."""
    return show()


@desk.post("/c/<congress>/units/<unit>/meeting/exclusions")
@permitted(Permission.MEETING_RUN)
def exclude(congress: str, unit: str) -> ResponseReturnValue:
    form, meeting_id = ExclusionForm(), current().meeting.id

    def verb(one: Act) -> object:
        member_id = chosen_number(form.member.data, "meeting.not_a_voter", "member")
        return add_exclusion(one, meeting_id, member_id, _reason(form.reason.data))

    return handle(form, "exclusion", verb, _("已列入不计算在应到会人数的名单。"), "exclusions")


@desk.post("/c/<congress>/units/<unit>/meeting/exclusions/listed")
@permitted(Permission.MEETING_RUN)
def exclude_listed(congress: str, unit: str) -> ResponseReturnValue:
    """Everyone whom the roster records as away for a listed reason, at one click."""
    form, meeting_id = Form(), current().meeting.id
    told = _("已按外出党员登记列入，开会时征得同意。")
    return handle(form, "listed", lambda one: add_listed_exclusions(one, meeting_id), told, "exclusions")


def _reason(text: str | None) -> ExclusionReason:
    for reason in ExclusionReason:
        if reason.value == text:
            return reason
    raise Refused("web.bad_request", field="reason")


@desk.post("/c/<congress>/units/<unit>/meeting/exclusions/<int:exclusion>/remove")
@permitted(Permission.MEETING_RUN)
def include(congress: str, unit: str, exclusion: int) -> ResponseReturnValue:
    if exclusion not in {one.id for one in current().exclusions}:
        raise NotFound("meeting.no_such_exclusion")
    with act() as unit_of_work:
        remove_exclusion(unit_of_work, exclusion)
    return back("exclusions")


@desk.post("/c/<congress>/units/<unit>/meeting/officers/search")
@permitted(Permission.MEETING_RUN, Permission.SCRUTINEER_REPLACE)
def look_up(congress: str, unit: str) -> ResponseReturnValue:
    """The page with the members who may be named and whose name or branch was asked for; changes nothing."""
    return show()


@desk.post("/c/<congress>/units/<unit>/meeting/officers/<office>")
@permitted(Permission.MEETING_RUN, Permission.SCRUTINEER_REPLACE)
def appoint(congress: str, unit: str, office: str) -> ResponseReturnValue:
    chosen = next((one for one in Office if one.value == office), None)
    if chosen is None:
        raise NotFound("web.not_found")
    form, meeting_id = OfficerForm(), current().meeting.id

    def verb(one: Act) -> MeetingOfficer:
        person_id = chosen_number(form.person.data, "meeting.no_such_person", "person")
        return appoint_officer(
            one, meeting_id, person_id, chosen, voted=bool(form.voted.data), reason=form.reason.data or ""
        )

    def told(made: MeetingOfficer) -> str:
        if made.office is Office.SCRUTINEER and made.meeting.state is MeetingState.CLOSED:
            return str(_("已由县委组织部指定%(name)s为监票人。", name=made.person.name))
        return str(_("已提名%(name)s。", name=made.person.name))

    return handle(form, office, verb, told, "officers")


@desk.post("/c/<congress>/units/<unit>/meeting/officers/<int:officer>/dismiss")
@permitted(Permission.MEETING_RUN, Permission.SCRUTINEER_REPLACE)
def dismiss(congress: str, unit: str, officer: int) -> ResponseReturnValue:
    page = current()
    if officer not in {one.id for one in page.officers}:
        raise NotFound("meeting.no_such_officer")
    form, planned = DismissForm(), page.meeting.state is MeetingState.PLANNED
    return handle(
        form,
        f"dismiss-{officer}",
        lambda one: dismiss_officer(one, officer, form.reason.data or ""),
        _("已撤回提名。") if planned else _("已撤换。"),
        "officers",
    )
