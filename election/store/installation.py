"""The one row that says what this installation is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from election.store.models import Installation


def begin_installation(session: Session, *, demo: bool, now: datetime) -> Installation:
    """Marks a new installation, a demo for ever where it is one. Only once: the key refuses a second row."""
    row = Installation(id=1, demo=demo, created_at=now)
    session.add(row)
    session.flush()
    return row
