"""The office's calendar: lines read all or none, days counted from it, and what hangs already keeps its last day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from election.errors import Forbidden, Invalid, NotFound, Refused
from election.notices.calendar_lines import LONGEST, MOST_LINES, CalendarEntry, read_lines
from election.notices.models import DayKind, NoticeKind
from election.notices.operations import publish_notice
from election.notices.operations_calendar import add_days, remove_day
from election.notices.queries import calendar, calendar_days
from election.store.models import AuditEvent
from election.texts import sentence
from tests.support.county import County, county_from, registered
from tests.support.stores import Stores

REST, WORK = DayKind.REST, DayKind.MAKEUP


@pytest.fixture
def county(stores: Stores) -> Iterator[County]:
    made = county_from(stores, "registered", registered)
    yield made
    made.database.close()


@pytest.mark.parametrize(
    ("line", "days"),
    [
        ("2031-10-01 休 国庆节", [CalendarEntry(date(2031, 10, 1), REST, "国庆节")]),
        ("2031/10/1 休息 国庆节", [CalendarEntry(date(2031, 10, 1), REST, "国庆节")]),
        ("2031年10月1日 放假", [CalendarEntry(date(2031, 10, 1), REST, "")]),
        ("２０３１－１０－１１　班　调休", [CalendarEntry(date(2031, 10, 11), WORK, "调休")]),
        ("2031-10-11，上班", [CalendarEntry(date(2031, 10, 11), WORK, "")]),
        (
            "2031-10-01 至 2031-10-03 休 国庆节",
            [CalendarEntry(date(2031, 10, day), REST, "国庆节") for day in (1, 2, 3)],
        ),
        ("2031-10-01—2031-10-02 休", [CalendarEntry(date(2031, 10, day), REST, "") for day in (1, 2)]),
        ("2031年10月1日至2日 休 国庆", [CalendarEntry(date(2031, 10, day), REST, "国庆") for day in (1, 2)]),
        ("2031.10.1-2031.10.2 休", [CalendarEntry(date(2031, 10, day), REST, "") for day in (1, 2)]),
        ("2031.10.31-11.1 休", [CalendarEntry(date(2031, *day), REST, "") for day in ((10, 31), (11, 1))]),
        (
            "2031-12-31 至 2032-01-01 休",
            [CalendarEntry(date(*day), REST, "") for day in ((2031, 12, 31), (2032, 1, 1))],
        ),
        ("2031年10月1日（周三）放假调休", [CalendarEntry(date(2031, 10, 1), REST, "")]),
        ("2031-10-01休息日", [CalendarEntry(date(2031, 10, 1), REST, "")]),
        ("2031-10-01,休,国庆节", [CalendarEntry(date(2031, 10, 1), REST, "国庆节")]),
        ("2031-10-11 补班", [CalendarEntry(date(2031, 10, 11), WORK, "")]),
        ("2031-10-11 工作日 调休", [CalendarEntry(date(2031, 10, 11), WORK, "调休")]),
    ],
)
def test_a_line_is_read_as_offices_write_it(line: str, days: list[CalendarEntry]) -> None:
    assert read_lines(f"\n {line} \n") == days
    assert read_lines(f"\ufeff{line}") == days  # as Notepad saves it


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("国庆节", "calendar.not_a_line"),
        ("10-01 休", "calendar.not_a_line"),
        ("2031-02-30 休 春节", "calendar.not_a_day"),
        ("2031-10-01 国庆节", "calendar.no_kind"),
        ("2031-10-01", "calendar.no_kind"),
        ("2031-10-04 班长", "calendar.no_kind"),
        ("2031-10-01 至 2031-11-01 休", "calendar.stretch_wrong"),
        ("2031-10-01 班", "calendar.makeup_on_weekday"),
        ("2031-10-07 至 2031-10-01 休", "calendar.stretch_wrong"),
        ("2031-10-01 至 2032-10-07 休", "calendar.stretch_wrong"),
        ("2031-10-01 休 " + "长" * 41, "calendar.name_too_long"),
    ],
)
def test_a_wrong_line_is_told_by_its_number(line: str, code: str) -> None:
    with pytest.raises(Invalid) as invalid:
        read_lines(f"2031-05-01 休\n\n{line}")
    (refused,) = invalid.value.refusals
    assert (refused.code, refused.field, refused.params["line"]) == (code, "lines", 3)
    assert "3" in sentence(refused.code, refused.params).zh


def test_every_wrong_line_is_told_at_once_and_a_day_only_once() -> None:
    with pytest.raises(Invalid) as invalid:
        read_lines("2031-10-01 休\n2031-10-01 至 2031-10-02 休\n春节\n2031-13-01 休")
    assert [(one.code, one.params["line"]) for one in invalid.value.refusals] == [
        ("calendar.twice", 2),
        ("calendar.not_a_line", 3),
        ("calendar.not_a_day", 4),
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "calendar.empty"),
        (" \n\n", "calendar.empty"),
        ("2031-10-01 休\n" * (MOST_LINES + 1), "calendar.too_many_lines"),
    ],
)
def test_nothing_and_too_much_are_refused(text: str, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        read_lines(text)
    assert refusal.value.code == code


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = read_lines(text)
    except (Refused, Invalid):
        return
    assert found == sorted(found, key=lambda one: one.day) and found


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, LONGEST - 1))
def test_a_stretch_is_each_of_its_days(first: date, more: int) -> None:
    last = first + timedelta(days=more)
    found = read_lines(f"{first} 至 {last} 休 节")
    assert [one.day for one in found] == [first + timedelta(days=ahead) for ahead in range(more + 1)]


def add(county: County, text: str, who: str = "office") -> None:
    with county.acting(who) as act:
        add_days(act, county.congress_id, text)


def last_day(county: County) -> date:
    with county.acting("office") as act:
        return publish_notice(act, county.congress_id, NoticeKind.CANDIDATES, {"people": [1]}).last_day


def test_notices_count_by_the_calendar_of_the_day_on_which_they_are_put_up(county: County) -> None:
    assert last_day(county) == date(2031, 3, 10)
    add(county, "2031-03-05 休 节日\n2031-03-08 班 调休")
    with county.reading() as session:
        holidays = calendar(session)
        assert not holidays.is_workday(date(2031, 3, 5)) and holidays.is_workday(date(2031, 3, 8))
    assert last_day(county) == date(2031, 3, 10)  # a day less and a day more
    add(county, "2031-03-06 休 节日")
    assert last_day(county) == date(2031, 3, 11)


def test_a_day_takes_the_later_line_and_may_be_removed(county: County) -> None:
    add(county, "2031-03-08 班 调休\n2031-03-05 休 节日")
    add(county, "2031-03-05 休 植树活动")
    with county.reading() as session:
        days = calendar_days(session)
    assert [(row.day.day, row.kind, row.name) for row in days] == [(5, REST, "植树活动"), (8, WORK, "调休")]
    with county.acting("office") as act:
        remove_day(act, county.congress_id, days[0].id)
    with county.reading() as session:
        assert [row.day.day for row in calendar_days(session)] == [8]
        events = session.execute(
            select(AuditEvent.action, AuditEvent.details).where(AuditEvent.subject == "calendar")
        ).all()
    assert [(action, details["days"]) for action, details in events] == [
        ("calendar.days_set", ["2031-03-05 休息 节日", "2031-03-08 上班 调休"]),
        ("calendar.days_set", ["2031-03-05 休息 植树活动"]),
        ("calendar.day_removed", ["2031-03-05 休息 植树活动"]),
    ]


def test_one_wrong_line_and_nothing_is_added(county: County) -> None:
    with pytest.raises(Invalid):
        add(county, "2031-03-05 休\n2031-03-06")
    with county.reading() as session:
        assert calendar_days(session) == []


def test_the_same_again_is_no_act(county: County) -> None:
    add(county, "2031-03-05 休 节日")
    with pytest.raises(Refused) as refusal:
        add(county, "2031-03-05 休 节日")
    assert refusal.value.code == "calendar.nothing_new"


@pytest.mark.parametrize("who", ["u1", "approver"])
def test_only_the_office_keeps_the_calendar(county: County, who: str) -> None:
    with pytest.raises(Forbidden):
        add(county, "2031-03-05 休", who)
    with pytest.raises(Forbidden), county.acting(who) as act:
        remove_day(act, county.congress_id, 1)


def test_a_day_that_is_not_there_cannot_be_removed(county: County) -> None:
    with pytest.raises(NotFound), county.acting("office") as act:
        remove_day(act, county.congress_id, 999)
