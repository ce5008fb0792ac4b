"""The workbook of previous seats: an office's own list is read as it is, every bad row is named, nothing half."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from election.errors import Invalid, Refused
from election.quotas.previous_workbook import previous_template, read_previous
from election.texts import sentence

UNITS = {"u1": "高乐山镇", "u2": "忠堡镇", "u03": "教育系统"}


def book(*rows: tuple[Any, ...], title: str = "Sheet1", before: str = "") -> bytes:
    made = openpyxl.Workbook()
    page = made.active
    assert page is not None
    page.title = title
    if before:
        page.title = before
        page = made.create_sheet(title)
    for row in rows:
        page.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def faults(data: bytes) -> list[str]:
    with pytest.raises(Invalid) as caught:
        read_previous(data, UNITS, 9_999)
    said = [sentence(each.code, each.params) for each in caught.value.refusals]
    assert all(each.en for each in said)
    return [each.zh for each in said]


def refused(data: bytes) -> str:
    with pytest.raises(Refused) as caught:
        read_previous(data, UNITS, 9_999)
    assert caught.value.field == "file" and sentence(caught.value.code, caught.value.params).en
    return caught.value.code


def test_an_office_s_own_list_is_read_as_it_is() -> None:
    """A title above, the columns the other way round, spaces, full-width digits, numbers as text, a total."""
    data = book(
        ("上届代表名额一览表",),
        (),
        ("上届 名额", "备注", "选举单位"),
        ("１２", "", " 高乐山 镇　"),
        (7, "", "U2"),
        (None, "新设", "教育系统"),
        (19, "", "合 计"),
    )
    assert read_previous(data, UNITS, 9_999) == {"u1": 12, "u2": 7, "u03": None}


def test_units_may_be_named_by_their_codes_and_the_list_may_stand_on_a_later_sheet() -> None:
    data = book(("代号", "上届名额"), ("u03", "4 名"), ("U1", "0"), title="名额", before="说明")
    assert read_previous(data, UNITS, 9_999) == {"u03": 4, "u1": 0}


def test_the_plain_header_is_preferred_to_a_column_of_this_congress_s_seats() -> None:
    data = book(("单位", "名额", "上届名额", "选举单位"), ("一", 9, 3, "忠堡镇"))
    assert read_previous(data, UNITS, 9_999) == {"u2": 3}


def test_every_bad_row_is_named_with_its_number() -> None:
    data = book(
        ("选举单位", "上届名额"),
        ("高乐山镇", "十二"),
        ("没有镇", 3),
        ("忠堡镇", 2),
        ("u2", 2),
        ("", 5),
        ("教育系统", -1),
        ("教育系统", 2.5),
        ("合计", 99),
        title="名单",
    )
    assert faults(data) == [
        "“名单”表第 2 行：上届名额“十二”须为 0 至 9,999 的整数。",
        "“名单”表第 3 行：没有名为“没有镇”的选举单位。",
        "“名单”表第 5 行：“u2”与第 4 行重复。",
        "“名单”表第 6 行：不能为空。",
        "“名单”表第 7 行：上届名额“-1”须为 0 至 9,999 的整数。",
        "“名单”表第 8 行：“教育系统”与第 7 行重复。",
    ]


@pytest.mark.parametrize("place", [1, 3])
def test_a_total_that_is_not_the_sum_of_its_lines_is_named(place: int) -> None:
    rows: list[tuple[Any, ...]] = [("选举单位", "上届名额"), ("高乐山镇", 5), ("忠堡镇", 4)]
    rows.insert(place, ("合计", 10))
    assert faults(book(*rows, title="表")) == [f"“表”表第 {place + 1} 行：合计填的是 10，各单位加起来是 9。"]
    rows[place] = ("合计", None)
    assert read_previous(book(*rows), UNITS, 9_999) == {"u1": 5, "u2": 4}


def test_what_is_no_such_workbook_is_refused_as_a_whole() -> None:
    assert refused(b"no workbook") == "roster.not_a_workbook"
    assert refused(b"\xd0\xcf\x11\xe0 an old one") == "roster.file_legacy"
    assert refused(book(("姓名", "上届名额"), ("张三", 1))) == "congress.previous_header_missing"
    assert refused(book(("选举单位", "上届名额"), (None, None))) == "roster.no_rows"
    assert refused(book(("选举单位", "上届名额"), *[("", "")] * 3, ("合计", 0))) == "roster.no_rows"


def test_a_list_that_claims_rows_far_outside_any_county_is_refused_before_it_is_read() -> None:
    made = openpyxl.Workbook()
    assert made.active is not None
    made.active["A100001"] = "高乐山镇"
    out = io.BytesIO()
    made.save(out)
    assert refused(out.getvalue()) == "roster.too_many_rows"


def test_the_template_lists_every_unit_and_no_name_becomes_a_formula_or_spoils_the_file() -> None:
    data = previous_template([("=1+1", 3), ("忠堡\x0b镇", None)])
    page = openpyxl.load_workbook(io.BytesIO(data)).active
    assert page is not None
    assert [[cell.value for cell in row] for row in page.iter_rows()] == [
        ["选举单位", "上届名额"],
        ["=1+1", 3],
        ["忠堡镇", None],
    ]
    assert page["A2"].data_type == "s"


@settings(max_examples=20)
@given(st.dictionaries(st.sampled_from(sorted(UNITS)), st.one_of(st.none(), st.integers(0, 9_999)), min_size=1))
def test_what_the_template_writes_is_read_back(seats: dict[str, int | None]) -> None:
    data = previous_template([(UNITS[code], number) for code, number in seats.items()])
    assert read_previous(data, UNITS, 9_999) == seats
