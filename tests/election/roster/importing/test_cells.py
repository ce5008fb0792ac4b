"""One cell of a workbook, as offices type it."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from election.errors import Refused
from election.roster.importing import cells
from election.roster.importing.sheets import Cell


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        (date(2001, 3, 5), date(2001, 3, 5)),
        (datetime(2001, 3, 5, 0, 0), date(2001, 3, 5)),
        (36955.0, date(2001, 3, 5)),
        ("2001-03-05", date(2001, 3, 5)),
        ("2001/3/5", date(2001, 3, 5)),
        ("2001.3.5", date(2001, 3, 5)),
        ("２００１年３月５日", date(2001, 3, 5)),
        ("2001年3月", date(2001, 3, 1)),
        ("2001.03", date(2001, 3, 1)),
        (1998.07, date(1998, 7, 1)),
        (1998.12, date(1998, 12, 1)),
        ("20010305", date(2001, 3, 5)),
        (20010305.0, date(2001, 3, 5)),
        ("2001-03-05 00:00:00", date(2001, 3, 5)),
        ("", None),
        ("  ", None),
    ],
)
def test_a_date_is_read_in_every_usual_writing(cell: Cell, day: date | None) -> None:
    assert cells.read_date(cell) == day


@pytest.mark.parametrize("cell", ["去年", "2001-13-01", "2001-02-30", "5/3/2001", -4.0, True, 1998.0, 1998.13])
def test_what_is_no_date_is_refused_by_name(cell: Cell) -> None:
    with pytest.raises(Refused) as refusal:
        cells.read_date(cell)
    assert refusal.value.code == "roster.cell_not_a_date"


def test_a_number_that_may_be_january_or_october_is_asked_for() -> None:
    with pytest.raises(Refused) as refusal:
        cells.read_date(1998.1)
    assert refusal.value.code == "roster.cell_month_unclear"


@given(st.dates(date(1910, 1, 1), date(2100, 1, 1)))
def test_a_serial_number_is_the_day_that_the_workbook_shows(day: date) -> None:
    serial = float((day - date(1899, 12, 30)).days)
    assert cells.read_date(serial) == day


@pytest.mark.parametrize(
    ("cell", "code"), [("１００１", "1001"), (1001.0, "1001"), (" 10 01 ", "1001"), ("007", "007")]
)
def test_a_code_is_text_whatever_the_workbook_made_of_it(cell: Cell, code: str) -> None:
    assert cells.read_code(cell) == code


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("王　芳", "王芳"),
        (" 王芳 ", "王芳"),
        ("阿依古丽·买买提", "阿依古丽·买买提"),
        ("Anna  Li", "Anna Li"),
        ("王\u200b芳", "王芳"),
    ],
)
def test_typesetting_spaces_are_no_part_of_a_name(cell: str, name: str) -> None:
    assert cells.read_person_name(cell) == name


@pytest.mark.parametrize(
    ("cell", "factor"), [("", 1), (1.5, Fraction(3, 2)), ("6/5", Fraction(6, 5)), ("120%", Fraction(6, 5)), (2.0, 2)]
)
def test_a_factor_is_read_exactly(cell: Cell, factor: Fraction) -> None:
    assert cells.read_factor(cell) == factor


@pytest.mark.parametrize("cell", ["0", "-1", "1/0", "abc", "101", "1e999999999", "1e-9", "9" * 400])
def test_an_impossible_factor_is_refused(cell: str) -> None:
    with pytest.raises(Refused):
        cells.read_factor(cell)


def test_a_text_that_is_too_long_for_its_column_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        cells.read_text("长" * 81, 80)
    assert refusal.value.code == "roster.cell_too_long"
