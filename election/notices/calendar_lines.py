"""Reads the lines in which an office writes its calendar: "2031-10-01 休 国庆节". Pure; every wrong line at its place.

A line may also name a stretch of days, as the yearly announcement does: "2031-10-01 至 2031-10-07 休 国庆节".
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

from election.errors import Invalid, Refused
from election.notices.models import DayKind

# One date, or two with a stroke or 至 between them, the second as short as people write it; year, month and day apart by
# -, / , . or the Chinese signs, and the day of the week behind in brackets. The word stands by itself: 班长 is no 班.
WEEKDAY = r"(?:\s*\((?:周|星期)[一二三四五六日天]\))?"
DAY = rf"(\d{{4}})\s*[-/.年]\s*(\d{{1,2}})\s*[-/.月]\s*(\d{{1,2}})\s*日?{WEEKDAY}"
SECOND = rf"(?:(?:(\d{{4}})\s*[-/.年]\s*)?(\d{{1,2}})\s*[-/.月]\s*)?(\d{{1,2}})\s*日?{WEEKDAY}"
WORKING = ("调休上班", "上班", "补班", "工作日", "班")
RESTING = ("放假调休", "放假", "休息日", "休息", "休假", "休")
BETWEEN = r"[\s,:;、]"
LINE = re.compile(
    rf"^{DAY}(?:\s*(?:至|到|~|—|–|-)\s*{SECOND})?{BETWEEN}*(?:({'|'.join(WORKING + RESTING)})(?={BETWEEN}|\(|$))?(.*)$"
)
# Longer than any holiday: such a stretch is a year typed wrongly.
LONGEST = 31
LONGEST_NAME = 40
MOST_LINES = 400


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One day that differs from the usual week."""

    day: date
    kind: DayKind
    name: str


def read_lines(text: str) -> list[CalendarEntry]:
    """The days that the lines name, by date. A make-up working day is a Saturday or Sunday.

    Raises Invalid with each wrong line by its number, Refused where there is none at all.
    """
    faults: list[Refused] = []
    found: dict[date, CalendarEntry] = {}
    text = text.removeprefix("\ufeff")  # as Notepad puts it before the first line
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines:
        raise Refused("calendar.empty", field="lines")
    if len(lines) > MOST_LINES:
        raise Refused("calendar.too_many_lines", field="lines", most=MOST_LINES)
    for number, line in lines:
        try:
            entries = _entries(number, unicodedata.normalize("NFKC", line))
        except Refused as refused:
            faults.append(refused)
            continue
        for entry in entries:
            if entry.day in found:
                faults.append(Refused("calendar.twice", field="lines", line=number, day=entry.day.isoformat()))
            found[entry.day] = entry
    if faults:
        raise Invalid(faults)
    return [found[day] for day in sorted(found)]


def _entries(number: int, line: str) -> list[CalendarEntry]:
    matched = LINE.match(line)
    if matched is None:
        raise Refused("calendar.not_a_line", field="lines", line=number, text=line[:LONGEST_NAME])
    first = last = _day(number, line, *matched.group(1, 2, 3))
    if matched[6]:
        last = _day(number, line, matched[4] or matched[1], matched[5] or matched[2], matched[6])
    word, name = matched[7], matched[8].strip(" ,:;、\t")
    if word is None:
        raise Refused("calendar.no_kind", field="lines", line=number, text=line[:LONGEST_NAME])
    if len(name) > LONGEST_NAME:
        raise Refused("calendar.name_too_long", field="lines", line=number, most=LONGEST_NAME)
    if not timedelta(0) <= last - first < timedelta(days=LONGEST):
        raise Refused("calendar.stretch_wrong", field="lines", line=number, text=line[:LONGEST_NAME], most=LONGEST)
    kind = DayKind.MAKEUP if word in WORKING else DayKind.REST
    days = [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]
    if kind is DayKind.MAKEUP and any(day.weekday() < 5 for day in days):
        raise Refused("calendar.makeup_on_weekday", field="lines", line=number, text=line[:LONGEST_NAME])
    return [CalendarEntry(day, kind, name) for day in days]


def _day(number: int, line: str, year: str, month: str, day: str) -> date:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise Refused("calendar.not_a_day", field="lines", line=number, text=line[:LONGEST_NAME]) from None
