"""Who held which office of a meeting when something was recorded, from the audit chain: a dismissal deletes the row, never
what was recorded. Changes nothing; who holds an office now is in `queries.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from election.meeting.models import Meeting, MeetingOfficer, Office
from election.people.queries import names_of
from election.roster.models import Member
from election.store.audit import congress_chain
from election.store.models import AuditEvent

APPOINTED, DISMISSED = "officer.appointed", "officer.dismissed"
# What stands behind the name of a scrutineer whom no meeting voted.
BY_OFFICE = "（县委组织部指定）"


def members_in_office(session: Session, meeting_id: int) -> set[int]:
    """The members who are officers of the meeting."""
    return set(
        session.scalars(
            select(Member.id)
            .join(MeetingOfficer, MeetingOfficer.person_id == Member.person_id)
            .where(MeetingOfficer.meeting_id == meeting_id)
        )
    )


def named_by_office(session: Session, meeting: Meeting) -> set[int]:
    """The persons whom the county office named after the meeting was closed."""
    return {int(details["person"]) for details in _appointed(session, meeting) if details.get("by_office")}


def watched(session: Session, meeting: Meeting, person_id: int) -> bool:
    """Whether the person has been a scrutineer of the meeting since it opened: such a one may have read the first entry, and
    what is typed after it is no second one.
    """
    if meeting.opened_at is None:
        return False
    chain = congress_chain(meeting.congress_id)
    events = session.execute(
        select(AuditEvent.action, AuditEvent.subject, AuditEvent.details, AuditEvent.at)
        .where(AuditEvent.chain == chain, AuditEvent.action.in_((APPOINTED, DISMISSED)))
        .order_by(AuditEvent.position)
    )
    held: set[str] = set()
    for action, subject, details, at in events:
        if int(details["person"]) != person_id or details["office"] != Office.SCRUTINEER.value:
            continue
        if action == APPOINTED and details["meeting"] == meeting.id:
            held.add(subject)
        elif action == DISMISSED and subject in held:
            held.discard(subject)
            if at >= meeting.opened_at:
                return True
    return bool(held)


def _appointed(session: Session, meeting: Meeting) -> list[Mapping[str, Any]]:
    events = session.scalars(
        select(AuditEvent.details)
        .where(AuditEvent.chain == congress_chain(meeting.congress_id), AuditEvent.action == APPOINTED)
        .order_by(AuditEvent.position)
    )
    return [details for details in events if details["meeting"] == meeting.id]


def officers_when(
    session: Session, meeting: Meeting, recorded: Collection[str], acted: Mapping[Office, Collection[int]]
) -> dict[Office, list[str]]:
    """The names of the officers when the last of these things (such as `round_outcome:12`) was first recorded, in the order of
    their appointment; also of those who `acted` as such before they were dismissed. Three statements.
    """
    chain = congress_chain(meeting.congress_id)
    first = (
        select(func.min(AuditEvent.position).label("at"))
        .where(AuditEvent.chain == chain, AuditEvent.subject.in_(recorded))
        .group_by(AuditEvent.subject)
        .subquery()
    )
    last = session.scalar(select(func.max(first.c.at))) or 0
    events = session.execute(
        select(AuditEvent.action, AuditEvent.subject, AuditEvent.details)
        .where(AuditEvent.chain == chain, AuditEvent.position <= last, AuditEvent.action.in_((APPOINTED, DISMISSED)))
        .order_by(AuditEvent.position)
    )
    # The same number may name two rows in turn: the embedded database gives out that of a deleted row again.
    held: dict[str, tuple[Office, int]] = {}
    left: list[tuple[Office, int]] = []
    by_office: set[int] = set()
    for action, subject, details in events:
        if action == APPOINTED and details["meeting"] == meeting.id:
            held[subject] = Office(details["office"]), int(details["person"])
            if details.get("by_office"):
                by_office.add(held[subject][1])
        elif action == DISMISSED and (gone := held.pop(subject, None)) is not None:
            left.append(gone)
    stood = [*held.values(), *(one for one in left if one[1] in acted[one[0]])]
    names = {
        person: name + (BY_OFFICE if person in by_office else "")
        for person, name in names_of(session, {person for _, person in stood}).items()
    }
    return {office: list(dict.fromkeys(names[person] for at, person in stood if at is office)) for office in Office}
