"""Which of a unit's meetings a scrutineer's page is about, and that it is theirs. Changes nothing."""

from __future__ import annotations

from typing import Any

from flask import g, request, url_for

from election.errors import NotFound
from election.meeting.models import Meeting, Office
from election.meeting.operations_ballots import not_its_officer
from election.meeting.queries import holds_office
from election.meeting.queries_evening import meetings_of_unit
from webapp.forms import whole_number
from webapp.requests import reading


def require_scrutineer(meeting_id: int) -> None:
    if not holds_office(reading(), meeting_id, g.actor.person_id, Office.SCRUTINEER):
        raise not_its_officer(Office.SCRUTINEER)


def meeting_here() -> Meeting:
    """The unit's latest meeting, or the one that `number` names. Raises NotFound, Forbidden to who is no scrutineer of it."""
    meetings = meetings_of_unit(reading(), g.unit.id)
    number = whole_number(request.values.get("number", ""))
    found = meetings[-1:] if number is None else [one for one in meetings if one.number == number]
    if not found:
        raise NotFound("meeting.none")
    require_scrutineer(found[0].id)
    return found[0]


def to(endpoint: str, **more: Any) -> str:
    """The address of a page or act of this unit, for the meeting that the request was about."""
    number = whole_number(request.values.get("number", ""))
    if number is not None:
        more.setdefault("number", number)
    return url_for(endpoint, congress=g.congress.code, unit=g.unit.code, **more)
