"""Who changed something last, for whoever finds it changed. Changes nothing."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from election.roster.edits import LastEdit
from election.store.audit import congress_chain
from election.store.models import AuditEvent


def last_edit(
    session: Session, congress_id: int, subject: str, actions: Collection[str] | None = None
) -> LastEdit | None:
    """Who last recorded an act (one of `actions`) on a thing such as `member:12`; None for what came with an import."""
    wanted = select(AuditEvent.person_name, AuditEvent.at).where(
        AuditEvent.chain == congress_chain(congress_id), AuditEvent.subject == subject
    )
    if actions is not None:
        wanted = wanted.where(AuditEvent.action.in_(actions))
    row = session.execute(wanted.order_by(AuditEvent.position.desc()).limit(1)).one_or_none()
    return None if row is None else LastEdit(*row)
