"""The room's verbs for the calendar: days off and make-up working days, as they are announced anew for every year.

A notice keeps the last day that it was published with: what changes here counts for later notices only.
"""

from __future__ import annotations

from sqlalchemy import select

from election.errors import NotFound, Refused
from election.notices.calendar_lines import CalendarEntry, read_lines
from election.notices.models import CalendarDay
from election.people.act import Act
from election.people.permissions import Permission


def add_days(act: Act, congress_id: int, text: str) -> list[CalendarDay]:
    """Adds the days that the lines of `text` name, all or none; a day that is there already takes the new line."""
    act.require(Permission.CALENDAR_EDIT, congress_id=congress_id)
    entries = read_lines(text)
    known = {
        row.day: row
        for row in act.session.scalars(
            select(CalendarDay).where(CalendarDay.day.in_([entry.day for entry in entries])).with_for_update()
        )
    }
    if all(_same(known.get(entry.day), entry) for entry in entries):
        raise Refused("calendar.nothing_new", field="lines")
    rows = []
    for entry in entries:
        row = known.get(entry.day)
        if row is None:
            row = CalendarDay(day=entry.day)
            act.session.add(row)
        row.kind, row.name = entry.kind, entry.name
        rows.append(row)
    act.record(
        "calendar.days_set",
        "calendar",
        congress_id=congress_id,
        days=[f"{entry.day.isoformat()} {entry.kind.zh} {entry.name}".strip() for entry in entries],
    )
    return rows


def _same(row: CalendarDay | None, entry: CalendarEntry) -> bool:
    return row is not None and (row.kind, row.name) == (entry.kind, entry.name)


def remove_day(act: Act, congress_id: int, day_id: int) -> None:
    """The day follows the usual week again."""
    act.require(Permission.CALENDAR_EDIT, congress_id=congress_id)
    row = act.session.get(CalendarDay, day_id)
    if row is None:
        raise NotFound("calendar.no_such_day")
    act.record(
        "calendar.day_removed",
        "calendar",
        congress_id=congress_id,
        days=[f"{row.day.isoformat()} {row.kind.zh} {row.name}".strip()],
    )
    act.session.delete(row)
