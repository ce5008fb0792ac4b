"""Reads what is frozen of a slate beside its candidates' own facts: what they wrote of themselves. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from election.nomination.models import Application
from election.nomination.queries import SlateLine
from election.nomination.slates.frozen import Written


def written_by(session: Session, lines: Iterable[SlateLine]) -> dict[int, Written]:
    """person → what they wrote in the application by which they stand: one statement."""
    persons = {
        one.application_id: one.person_id for line in lines for one in line.candidates if one.application_id is not None
    }
    rows = session.execute(
        select(Application.id, Application.career, Application.statement).where(Application.id.in_(persons))
    )
    return {persons[application_id]: (career, statement) for application_id, career, statement in rows}
