"""What nobody can be recorded with: birthdays and joining days that cannot be. Pure; asked by the page and by the workbook."""

from __future__ import annotations

from datetime import date

from election.errors import Refused
from election.roster.facts import age_on

# Technical bound, no rule of the election: nobody has lived so long, and a number that says so is a wrong one.
OLDEST = 120


def require_age(born_on: date, today: date, age_least: int, *, field: str | None = None) -> None:
    """Raises Refused for a birthday to come or too long ago, and for who is younger than a member may be."""
    age = age_on(born_on, today)
    if not 0 <= age <= OLDEST:
        raise Refused("roster.birth_impossible", field=field, day=born_on.isoformat(), oldest=OLDEST)
    if age < age_least:
        raise Refused("roster.too_young", field=field, day=born_on.isoformat(), least=age_least)


def require_joined(joined_on: date, born_on: date | None, today: date, *, value: str, field: str | None = None) -> None:
    """Raises Refused for a day on which nobody can have joined. `value`: the day as it was written."""
    if joined_on > today:
        raise Refused("roster.joined_to_come", field=field, value=value)
    if born_on is not None and joined_on <= born_on:
        raise Refused("roster.joined_before_birth", field=field, value=value)
