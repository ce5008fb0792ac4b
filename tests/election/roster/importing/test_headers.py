"""Where the header of a roster sheet is found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from election.roster.importing.headers import MEMBERS, NEEDED, SYNONYMS, find_header
from election.roster.importing.reading import Rows
from tests.support.depth import examples

PLAIN = ["姓名", "身份证号", "党支部编号", "主要类别"]


def test_a_header_in_the_first_row() -> None:
    header = find_header(MEMBERS, [list(PLAIN), ["王一", "1", "2", "农民"]])
    assert header is not None
    assert (header.row, list(header.columns)) == (1, PLAIN)


@pytest.mark.parametrize(
    ("rows", "row", "more"),
    [
        ([["花名册", "", "", "", ""], ["姓名", "身份证号", "党支部编号", "主要类别", ""]], 2, set()),
        (
            [["姓名", "身份证号", "基本情况", "", "党支部编号", "主要类别"], ["", "", "性别", "民族", "", ""]],
            2,
            {"性别", "民族"},
        ),
        (
            [["党支部编号", "基本情况", "", "", ""], ["", "姓名", "身份证号码", "主要类别", "学历"]],
            2,
            {"学历"},
        ),
        ([["某县", "", "", ""], [""] * 4, ["姓名*", "身份证号（18位）", "支部编号", "代表类别"]], 3, set()),
        ([["姓 名", "身份证\n号码", "党支部 编号", "类别"]], 1, set()),
    ],
)
def test_titles_merged_rows_and_other_writings_are_understood(rows: Rows, row: int, more: set[str]) -> None:
    header = find_header(MEMBERS, rows)
    assert header is not None
    assert header.row == row
    assert set(header.columns) == {*PLAIN, *more}


def test_the_first_row_of_data_is_no_second_row_of_a_header() -> None:
    header = find_header(MEMBERS, [[*PLAIN, "职务"], ["王一", "110101", "1001", "农民", "民族"]])
    assert header is not None
    assert header.row == 1


def test_rows_without_a_header_have_none() -> None:
    assert find_header(MEMBERS, [["王一", "110101", "1001", "农民"]]) is None
    assert find_header(MEMBERS, []) is None


@examples(40)
@given(order=st.permutations(PLAIN), titles=st.integers(0, 8), data=st.data())
def test_any_order_under_any_number_of_titles(order: list[str], titles: int, data: st.DataObject) -> None:
    writings = [
        data.draw(st.sampled_from([name for name, header in SYNONYMS[MEMBERS].items() if header == wanted]))
        for wanted in order
    ]
    rows: Rows = [["党员花名册", *[""] * 3] for _ in range(titles)]
    header = find_header(MEMBERS, [*rows, list(writings), ["王一"] * 4])
    assert header is not None
    assert header.row == titles + 1
    assert [header.columns[name] for name in order] == [0, 1, 2, 3]
    assert set(NEEDED[MEMBERS]) <= set(header.columns)
