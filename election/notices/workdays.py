"""The last day of a public notice of so many working days. Knows no calendar of its own: rest days and make-up working
days are passed in (an editable table of the office), since they are announced anew for every year.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from election.errors import Refused

SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Holidays:
    """`rest`: days off that would be working days; `makeup`: Saturdays and Sundays on which one works (调休)."""

    rest: Collection[date] = frozenset()
    makeup: Collection[date] = frozenset()

    def is_workday(self, day: date) -> bool:
        if day in self.rest:
            return False
        return day.weekday() < SATURDAY or day in self.makeup


def last_day(published: date, workdays: int, holidays: Holidays) -> date:
    """The last day of a notice published on `published`: the `workdays`-th working day after it.

    The day of publication does not count, as in the reckoning of any period in days. Objections are received up to the
    end of the last day. Raises Refused for less than one day, and beyond the calendar.
    """
    if workdays < 1:
        raise Refused("notice.days_not_positive", field="days")
    day, counted = published, 0
    try:
        while counted < workdays:
            day += timedelta(days=1)
            counted += holidays.is_workday(day)
    except OverflowError:
        raise Refused("notice.days_too_many", field="days") from None
    return day


def days_left(today: date, last: date, holidays: Holidays) -> int:
    """Working days on which objections are still received, today included; none after the last day."""
    return sum(holidays.is_workday(today + timedelta(days=ahead)) for ahead in range((last - today).days + 1))


def is_over(today: date, last: date) -> bool:
    """Whether the notice has run: the day after its last day at the earliest."""
    return today > last
