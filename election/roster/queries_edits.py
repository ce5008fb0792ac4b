"""Who changed something last, for whoever finds it changed. Changes nothing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from election.roster.edits import LastEdit
from election.store.audit import congress_chain
from election.store.models import AuditEvent


def last_edit(
    session: Session,
    congress_id: int,
    subject: str,
    actions: Collection[str] | None = None,
    *,
    or_by: str | None = None,
) -> LastEdit | None:
    """Who last recorded an act (one of `actions`) on a thing such as `member:12`. `or_by`: an act that changes many such
    things and names none of them; after one of those nobody can say who it was: None.
    """
    of_this = AuditEvent.subject == subject
    if actions is not None:
        of_this = of_this & AuditEvent.action.in_(actions)
    row = session.execute(
        select(AuditEvent.action, AuditEvent.person_name, AuditEvent.at)
        .where(AuditEvent.chain == congress_chain(congress_id), of_this | (AuditEvent.action == or_by))
        .order_by(AuditEvent.position.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None or row.action == or_by else LastEdit(row.person_name, row.at)


def last_edits(
    session: Session,
    congress_id: int,
    subjects: Collection[str],
    actions: Collection[str],
    sweeping: Collection[str],
    since: datetime,
) -> dict[str, LastEdit]:
    """Who last recorded one of `actions` on each of these things since then, where that can be told. `sweeping`: acts that
    change many things and name none of them; where one came last, it is told only if nobody else can have done it.
    """
    events = session.execute(
        select(AuditEvent.subject, AuditEvent.action, AuditEvent.person_name, AuditEvent.at)
        .where(AuditEvent.chain == congress_chain(congress_id), AuditEvent.at > since)
        .where(AuditEvent.action.in_((*actions, *sweeping)))
        .order_by(AuditEvent.position)
    ).all()
    swept = [event for event in events if event.action in sweeping]
    own: dict[str, list[Row[*tuple[Any, ...]]]] = {}
    for event in events:
        if event.action in actions:
            own.setdefault(event.subject, []).append(event)
    found = {}
    for subject in subjects:
        last = own.get(subject, [None])[-1]
        later = [event for event in swept if last is None or event.at > last.at]
        possible = [*([] if last is None else [last]), *later]
        if last is not None and not later:
            found[subject] = LastEdit(last.person_name, last.at)
        elif possible and len({event.person_name for event in possible}) == 1:
            found[subject] = LastEdit(possible[-1].person_name, possible[-1].at)
    return found
