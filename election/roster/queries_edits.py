"""Who changed something last, for whoever finds it changed. Changes nothing."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
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
