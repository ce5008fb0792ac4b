"""The sign-in list at the door of a venue (签到): found by name or branch, signed in at one click or key, the quorum in view.

Says who came, never how or whether anybody voted. Works without scripts; with them the page stays where it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, g, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from election.errors import NotFound, Refused
from election.meeting.lifecycle import MeetingState
from election.meeting.operations_attendance import sign_in, sign_out
from election.meeting.queries import current_ballot, meeting_by_id, meeting_of_unit
from election.meeting.queries_evening import Elector, electors_of
from election.meeting.queries_page import Attendance, ExclusionView, VenueView, attendance_of, exclusions_of
from election.people.permissions import Permission
from election.strokes import known_first
from webapp.access import permitted
from webapp.errors import say, wants_json
from webapp.forms import whole_number
from webapp.meeting_page import to
from webapp.requests import act, reading

desk = Blueprint("unit_sign_in", __name__)
OVER = (MeetingState.CLOSED, MeetingState.CALLED_OFF)


@dataclass(frozen=True, slots=True)
class BranchCard:
    """A branch with those of it who have not come yet; `came` of `all`."""

    id: int
    name: str
    waiting: tuple[Elector, ...]
    came: int
    all: int


@dataclass(frozen=True, slots=True)
class NotOnList:
    """Someone who is asked for at the door and whom the list does not wait for, with the sentence that says why."""

    name: str
    said: str


def _attendance() -> tuple[int, Attendance]:
    found = meeting_of_unit(reading(), g.unit.id)
    if found is None:
        raise NotFound("meeting.none")
    ballot = current_ballot(reading(), found.id)
    return found.id, attendance_of(reading(), meeting_by_id(reading(), found.id), ballot)


def figures(attendance: Attendance) -> dict[str, Any]:
    """What the page asks for again every few seconds."""
    meter = attendance.meter
    quorum = _("已达到法定人数") if meter.holds else _("还差 %(n)s 人", n=meter.missing)
    return {
        "expected": attendance.expected,
        "present": attendance.present,
        "needed": meter.needed,
        "missing": meter.missing,
        "holds": meter.holds,
        "signed_in": attendance.signed_in,
        "ballot": attendance.ballot,
        "venues": [
            {"id": venue.id, "name": venue.name, "present": venue.present, "signed_in": venue.signed_in}
            for venue in attendance.venues
        ],
        # The same words as on the page, in its language.
        "words": {
            "present": "–" if attendance.present is None else str(attendance.present),
            "quorum": quorum,
            "meter": _("刻度处为法定人数 %(n)s 人：%(words)s", n=meter.needed, words=quorum),
        },
    }


@desk.get("/c/<congress>/units/<unit>/meeting/attendance.json")
@permitted(Permission.MEETING_VIEW)
def attendance(congress: str, unit: str) -> ResponseReturnValue:
    return jsonify(figures(_attendance()[1]))


@desk.get("/c/<congress>/units/<unit>/meeting/sign-in")
@permitted(Permission.MEETING_RUN)
def hall(congress: str, unit: str) -> ResponseReturnValue:
    """`?venue=` chooses the venue at whose door this browser stands."""
    return _page(request.args.get("venue"))


@desk.post("/c/<congress>/units/<unit>/meeting/sign-in/find")
@permitted(Permission.MEETING_RUN)
def find(congress: str, unit: str) -> ResponseReturnValue:
    """Only those whose name or branch was asked for; a name never stands in an address."""
    return _page(request.form.get("venue"), request.form.get("name", "").strip())


@desk.post("/c/<congress>/units/<unit>/meeting/sign-in")
@permitted(Permission.MEETING_RUN)
def arrive(congress: str, unit: str) -> ResponseReturnValue:
    """One elector comes. A page with a script gets the new figures, any other the page again."""
    meeting_id, before = _attendance()
    venue = _venue(before.venues, request.form.get("venue"))
    known = {one.member_id: one for one in electors_of(reading(), meeting_by_id(reading(), meeting_id))}
    member_id = whole_number(request.form.get("member"))
    try:
        with act() as unit_of_work:
            row = sign_in(unit_of_work, venue.id, -1 if member_id is None else member_id)
            attendee_id = row.id
    except Refused as refused:
        if wants_json() or refused.status in (403, 404):
            raise
        return _page(str(venue.id), refusals=[say(refused)], status=refused.status)
    came = known.get(member_id if member_id is not None else -1)
    name, who = (came.name, _apart(came)) if came is not None else ("", "")
    told = _("%(who)s已签到。", who=who)
    if wants_json():
        undo = to("unit_sign_in.take_back", attendee=attendee_id)
        return jsonify({**figures(_attendance()[1]), "name": name, "told": told, "undo": undo})
    flash(told, "ok")
    return redirect(to("unit_sign_in.hall", venue=venue.id))


@desk.post("/c/<congress>/units/<unit>/meeting/sign-in/<int:attendee>/undo")
@permitted(Permission.MEETING_RUN)
def take_back(congress: str, unit: str, attendee: int) -> ResponseReturnValue:
    """Somebody was signed in by mistake; only before the meeting opens."""
    meeting_id, _figures = _attendance()
    found = [one for one in electors_of(reading(), meeting_by_id(reading(), meeting_id)) if one.attendee_id == attendee]
    if not found:
        raise NotFound("meeting.not_signed_in")
    venue = str(found[0].venue_id)
    try:
        with act() as unit_of_work:
            sign_out(unit_of_work, attendee)
    except Refused as refused:
        if refused.status in (403, 404):
            raise
        return _page(venue, refusals=[say(refused)], status=refused.status)
    flash(_("已撤销%(name)s的签到。", name=_apart(found[0])), "ok")
    return redirect(to("unit_sign_in.hall", venue=venue))


def _venue(venues: Sequence[VenueView], text: str | None) -> VenueView:
    """The venue that was chosen, else the first. Raises NotFound for one that is not of this meeting."""
    if not text:
        return venues[0]
    chosen = next((one for one in venues if str(one.id) == text), None)
    if chosen is None:
        raise NotFound("meeting.no_such_venue")
    return chosen


def _page(
    venue: str | None, query: str = "", *, refusals: Sequence[str] = (), status: int = 200
) -> ResponseReturnValue:
    meeting_id, there = _attendance()
    meeting = meeting_by_id(reading(), meeting_id)
    electors = electors_of(reading(), meeting)
    others = _not_on_list(electors, exclusions_of(reading(), meeting_id))
    return render_template(
        "unit/sign_in.html",
        unit=g.unit,
        to=to,
        meeting=meeting,
        attendance=there,
        venue=_venue(there.venues, venue),
        branches=_branches(electors, query),
        came=[one for one in electors if one.attendee_id is not None],
        all=len(electors),
        others=others,
        asked_for=[one.said for one in others if query and query in one.name],
        query=query,
        takes=meeting.state not in OVER,
        planned=meeting.state is MeetingState.PLANNED,
        refusals=list(refusals),
    ), status


def _branches(electors: Sequence[Elector], query: str) -> list[BranchCard]:
    found: dict[int, list[Elector]] = {}
    for one in electors:
        found.setdefault(one.branch_id, []).append(one)
    cards = []
    for branch_id, members in found.items():
        waiting = tuple(
            one
            for one in sorted(members, key=lambda one: known_first(one.name))
            if one.attendee_id is None and (query in one.name or query in one.branch)
        )
        if waiting:
            came = sum(one.attendee_id is not None for one in members)
            cards.append(BranchCard(branch_id, members[0].branch, waiting, came, len(members)))
    return cards


def _apart(one: Elector) -> str:
    """The name with the branch: there are namesakes in every unit."""
    return str(_("%(name)s（%(branch)s）", name=one.name, branch=one.branch))


def _not_on_list(electors: Sequence[Elector], excused: Sequence[ExclusionView]) -> list[NotOnList]:
    """Who has come already, and who is not expected: at the door one is told so instead of finding nobody."""
    came = [
        NotOnList(one.name, _("%(who)s已经签到。", who=_apart(one))) for one in electors if one.attendee_id is not None
    ]
    away = [
        NotOnList(
            one.name,
            _(
                "%(name)s（%(branch)s）已列入不计算在应到会人数的名单；本人到会的，先在选举大会页移出名单。",
                name=one.name,
                branch=one.branch,
            ),
        )
        for one in excused
    ]
    return [*away, *came]
