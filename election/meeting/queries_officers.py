"""Who held which office of a meeting when something was recorded, from the audit chain: a dismissal deletes the row, never
what was recorded. Changes nothing; who holds an office now is in `queries.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from election.meeting.models import Meeting, Office
from election.people.queries import names_of
from election.store.audit import congress_chain
from election.store.models import AuditEvent

APPOINTED, DISMISSED = "officer.appointed", "officer.dismissed"


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
    for action, subject, details in events:
        if action == APPOINTED and details["meeting"] == meeting.id:
            held[subject] = Office(details["office"]), int(details["person"])
        elif action == DISMISSED and (gone := held.pop(subject, None)) is not None:
            left.append(gone)
    stood = [*held.values(), *(one for one in left if one[1] in acted[one[0]])]
    names = names_of(session, {person for _, person in stood})
    return {office: list(dict.fromkeys(names[person] for at, person in stood if at is office)) for office in Office}
