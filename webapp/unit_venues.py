"""The chair's acts on where the meeting votes: venues, mobile boxes, counting groups, those present in each."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from election.errors import NotFound
from election.meeting.operations_attendance import set_presents
from election.meeting.operations_venues import add_group, add_venue, change_venue, remove_group, remove_venue
from election.people.act import Act
from election.people.permissions import Permission
from webapp.access import permitted
from webapp.forms import Form, whole_number
from webapp.meeting_forms import VenueForm
from webapp.meeting_offers import changed_presents, presents_form
from webapp.meeting_page import current, handle

desk = Blueprint("unit_venues", __name__)


@desk.post("/c/<congress>/units/<unit>/meeting/venues")
@permitted(Permission.MEETING_RUN)
def add(congress: str, unit: str) -> ResponseReturnValue:
    form, meeting_id = VenueForm(), current().meeting.id
    return handle(
        form,
        "venue",
        lambda one: add_venue(
            one, meeting_id, form.name.data or "", mobile=bool(form.mobile.data), counted_with=_counted_with(form)
        ),
        _("会场已增加。"),
        "venues",
    )


@desk.post("/c/<congress>/units/<unit>/meeting/venues/<int:venue>")
@permitted(Permission.MEETING_RUN)
def rename(congress: str, unit: str, venue: int) -> ResponseReturnValue:
    _known_venue(venue)
    form = VenueForm()
    return handle(
        form,
        f"venue-{venue}",
        lambda one: change_venue(
            one, venue, form.name.data or "", mobile=bool(form.mobile.data), counted_with=_counted_with(form)
        ),
        _("会场已改。"),
        "venues",
    )


@desk.post("/c/<congress>/units/<unit>/meeting/venues/<int:venue>/remove")
@permitted(Permission.MEETING_RUN)
def remove(congress: str, unit: str, venue: int) -> ResponseReturnValue:
    _known_venue(venue)
    return _plain(lambda one: remove_venue(one, venue), _("会场已撤销。"))


@desk.post("/c/<congress>/units/<unit>/meeting/venues/<int:venue>/groups")
@permitted(Permission.MEETING_RUN)
def group(congress: str, unit: str, venue: int) -> ResponseReturnValue:
    _known_venue(venue)
    return _plain(lambda one: add_group(one, venue), _("计票组已增加，各组各填一张计票单。"))


@desk.post("/c/<congress>/units/<unit>/meeting/groups/<int:group_id>/remove")
@permitted(Permission.MEETING_RUN)
def ungroup(congress: str, unit: str, group_id: int) -> ResponseReturnValue:
    if group_id not in {each.id for venue in current().venues for each in venue.groups}:
        raise NotFound("meeting.no_such_group")
    return _plain(lambda one: remove_group(one, group_id), _("计票组已撤销。"))


@desk.post("/c/<congress>/units/<unit>/meeting/present")
@permitted(Permission.MEETING_RUN)
def attend(congress: str, unit: str) -> ResponseReturnValue:
    """Those present at the vote that is on, of all venues at once; a correction downwards says why."""
    page = current()
    form, meeting_id, ballot = presents_form(page), page.meeting.id, page.ballot

    def verb(one: Act) -> None:
        set_presents(one, meeting_id, changed_presents(form, page), ballot=ballot, reason=form["reason"].data or "")

    return handle(form, "present", verb, _("实到人数已登记。"), "attendance")


def _counted_with(form: VenueForm) -> int | None:
    """The venue chosen to count the ballots; what names no venue is refused by the operation."""
    return (whole_number(form.counted_with.data) or 0) if form.counted_with.data else None


def _known_venue(venue: int) -> None:
    if venue not in {one.id for one in current().venues}:
        raise NotFound("meeting.no_such_venue")


def _plain(verb: Callable[[Act], object], told: str) -> ResponseReturnValue:
    return handle(Form(), "venues", verb, told, "venues")
