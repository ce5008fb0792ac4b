"""A workbook of plain values, written row after row: other programs open it, and it says what was given."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from election.roster.importing.reading import Cell, read_sheets
from election.roster.importing.remade import LONGEST, TOLD_ABOVE, Page, Said, workbook_of
from tests.election.roster.making import opened
from tests.support.depth import examples

# As far back as a spreadsheet counts days without a day that never was.
days = st.dates(date(1900, 3, 1), date(2199, 12, 31))
cells = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co")), max_size=20),
    st.integers(-(2**40), 2**40),
    st.booleans(),
    days,
)


@examples(40)
@given(st.lists(st.lists(cells, min_size=3, max_size=3), max_size=5))
def test_what_is_written_is_read_again(rows: list[list[Cell]]) -> None:
    made = opened(workbook_of([Page("甲", rows)]))["甲"]
    said = [[cell.value for cell in made[number]] + [None] * 3 for number in range(1, len(rows) + 1)]
    for row, read in zip(rows, said, strict=True):
        assert read[:3] == [
            None if value == "" else datetime(*value.timetuple()[:3]) if isinstance(value, date) else value
            for value in row
        ]


def test_moments_and_fractions_keep_their_value() -> None:
    moment = datetime(2031, 3, 3, 9, 30, 15)
    page = opened(workbook_of([Page("甲", [[moment, 1.5, float("inf")]])]))["甲"]
    read = page["A1"].value
    assert isinstance(read, datetime) and abs(read - moment) < timedelta(milliseconds=1)
    assert (page["B1"].value, page["C1"].value) == (1.5, "inf")


@pytest.mark.parametrize("name", ["", "a/b", "'a'", "长" * 32, "甲", "\x07"])
def test_a_name_that_no_sheet_may_have_becomes_a_number(name: str) -> None:
    book = opened(workbook_of([Page("甲", []), Page(name, [[1]])]))
    assert book.sheetnames == ["甲", "Sheet2"]


def test_sheets_stay_hidden_but_for_one() -> None:
    both = workbook_of([Page("甲", [[1]], visible=False), Page("乙", [[1]], visible=False)])
    assert [sheet.visible for sheet in read_sheets(both)] == [True, False]


def test_text_stays_text_whatever_it_looks_like_and_is_never_longer_than_a_cell() -> None:
    rows = [["=1+1", "110101198505050032"], [Said("错误", TOLD_ABOVE), "长" * (LONGEST + 1)], ["a\x07b\ufffe", "<&>"]]
    page = opened(workbook_of([Page("甲", rows, widths=(60,), frozen=1)]))["甲"]
    assert [cell.data_type for cell in page[1]] == ["s", "s"] and page["B1"].number_format == "@"
    assert page["A2"].font.b and page["A2"].alignment.wrap_text and len(str(page["B2"].value)) == LONGEST
    assert (page["A3"].value, page["B3"].value, page.freeze_panes) == ("ab", "<&>", "A2")
    assert page.column_dimensions["A"].width == 60
