"""Reads who of a unit is away for its list on paper, and has it set. Changes nothing."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from election.congress.letterhead import sender_of
from election.congress.models import Congress, Unit
from election.documents.paper import Paper, set_sheets
from election.people.act import local_day
from election.roster.absences.papers import TITLE, absentees_sheet
from election.roster.absences.queries import absence_list
from election.texts import chinese_date


def absentees_paper(session: Session, congress: Congress, unit: Unit, *, demo: bool) -> Paper:
    """The unit's list as the record stands; dated by its last entry, so that it is the same file until there is another."""
    lines = absence_list(session, congress.id, unit.id)
    last: date | None = max((local_day(line.recorded_at) for line in lines), default=None)
    made = absentees_sheet(
        congress.name, sender_of(congress.county), unit.name, lines, "" if last is None else chinese_date(last)
    )
    day = last or local_day(congress.created_at)
    return set_sheets([made], title=f"{TITLE} {unit.name}", day=day, demo=demo)
