"""The last day of a public notice, in working days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from election.errors import Refused
from election.notices.workdays import Holidays, days_left, is_over, last_day

PLAIN = Holidays()
MONDAY = date(2031, 3, 3)
# An invented week of holidays, Monday to Friday, with the Saturday before worked.
WEEK_OFF = Holidays(
    rest=frozenset(MONDAY + timedelta(days=7 + ahead) for ahead in range(5)),
    makeup=frozenset({MONDAY + timedelta(days=5)}),
)


@pytest.mark.parametrize(
    ("published", "workdays", "last"),
    [
        (MONDAY, 1, date(2031, 3, 4)),
        (MONDAY, 4, date(2031, 3, 7)),
        (MONDAY, 5, date(2031, 3, 10)),
        (date(2031, 3, 7), 1, date(2031, 3, 10)),
        (date(2031, 3, 8), 1, date(2031, 3, 10)),
        (date(2031, 12, 31), 3, date(2032, 1, 5)),
    ],
)
def test_the_day_of_publication_and_weekends_do_not_count(published, workdays, last):
    assert last_day(published, workdays, PLAIN) == last


def test_rest_days_do_not_count_and_make_up_days_do():
    assert last_day(MONDAY, 5, WEEK_OFF) == date(2031, 3, 8)
    assert last_day(MONDAY, 6, WEEK_OFF) == date(2031, 3, 17)


def test_a_day_that_is_both_is_a_day_off():
    day = date(2031, 3, 8)
    assert not Holidays(rest={day}, makeup={day}).is_workday(day)


@pytest.mark.parametrize("workdays", [0, -1])
def test_a_notice_runs_for_at_least_a_day(workdays):
    with pytest.raises(Refused) as caught:
        last_day(MONDAY, workdays, PLAIN)
    assert caught.value.code == "notice.days_not_positive"


def test_a_notice_beyond_the_calendar_is_refused():
    with pytest.raises(Refused) as caught:
        last_day(date(9999, 12, 1), 60, PLAIN)
    assert caught.value.code == "notice.days_too_many"


def test_objections_are_received_up_to_the_last_day():
    last = last_day(MONDAY, 5, PLAIN)
    assert days_left(MONDAY + timedelta(days=1), last, PLAIN) == 5
    assert days_left(date(2031, 3, 7), last, PLAIN) == 2
    assert days_left(date(2031, 3, 9), last, PLAIN) == 1
    assert days_left(last, last, PLAIN) == 1
    assert not is_over(last, last)
    assert days_left(last + timedelta(days=1), last, PLAIN) == 0
    assert is_over(last + timedelta(days=1), last)


days = st.dates(date(2030, 1, 1), date(2032, 12, 31))


@given(days, st.integers(1, 30), st.sets(days, max_size=20), st.sets(days, max_size=5))
def test_exactly_so_many_working_days_lie_after_publication(published, workdays, rest, makeup):
    holidays = Holidays(rest, makeup)
    last = last_day(published, workdays, holidays)
    between = [published + timedelta(days=ahead) for ahead in range(1, (last - published).days + 1)]
    assert sum(holidays.is_workday(day) for day in between) == workdays
    assert holidays.is_workday(last)
