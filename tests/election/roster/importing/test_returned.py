"""The workbook that goes back with its faults: the same workbook, one column more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from election.errors import Refused
from election.roster.importing import filler, returned
from election.roster.importing.crosscheck import Known
from election.roster.importing.plan import Stored, make_plan
from election.roster.importing.preview import Change, RosterPreview
from election.roster.importing.reading import read_sheets
from election.roster.importing.remade import Page, workbook_of
from election.roster.importing.returned import changes_workbook, faulty_workbook
from election.roster.importing.shown import shown
from election.roster.importing.workbook import read_roster
from tests.election.roster.making import SAMPLE, in_sheets, made, opened, saved
from tests.support.county import identity_number

CATEGORIES = {"领导干部": "leader", "农民": "farmer"}
TODAY = date(2031, 3, 3)
HEADER = ["姓名", "身份证号", "党支部编号", "主要类别"]


def checked(data: bytes) -> RosterPreview:
    contents = read_roster(data, CATEGORIES, TODAY)
    plan = make_plan(contents, Known(), Stored({}, {}, lambda _: {}), {code: name for name, code in CATEGORIES.items()})
    return plan.preview()


def back(data: bytes) -> bytes:
    return faulty_workbook(data, checked(data))


def pages(*members: list[Any], title: bool = False) -> dict[str, list[list[Any]]]:
    return {
        "选举单位": [["代号", "名称", "类型"], ["u01", "高山镇", "乡镇"]],
        "党组织": [
            ["编号", "名称", "类型", "上级编号", "选举单位"],
            ["1000", "高山镇党委", "党委", "", ""],
            ["1001", "石门村党支部", "党支部", "1000", "高山镇"],
        ],
        "党员": [*([["高山镇党员花名册"]] if title else []), HEADER, *members],
    }


def member(serial: int, **changes: Any) -> list[Any]:
    cells = {"姓名": "王一", "身份证号": identity_number(serial), "党支部编号": "1001", "主要类别": "农民"}
    return list({**cells, **changes}.values())


def test_every_bad_row_says_what_is_wrong_and_the_others_say_nothing() -> None:
    book = opened(back(made(pages(member(1), member(2, 姓名="", 主要类别="艺术家"), member(3)))))
    page = book["党员"]
    assert [cell.value for cell in page["E"]] == [
        "错误",
        None,
        "姓名：不能为空。\n主要类别：“艺术家”不在可填的内容之内，可填：领导干部、农民。",
        None,
    ]
    assert [book[sheet].cell(1, column).value for sheet, column in (("选举单位", 4), ("党组织", 6))] == ["错误"] * 2


def test_the_name_of_a_column_is_not_said_twice() -> None:
    page = opened(back(made(pages(member(1, 身份证号="12")))))["党员"]
    assert page["E2"].value == "身份证号“12”有误，请核对位数、出生日期和校验码。"


def test_a_workbook_too_large_to_write_in_goes_back_with_its_values_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(returned, "MOST_TO_OPEN", 1)
    book = opened(made(pages(member(1, 主要类别="x"), member(2, 主要类别="y"))))
    book["党员"]["A1"].font = Font(bold=True)
    page = opened(back(saved(book)))["党员"]
    assert not page["A1"].font.b and [str(cell.value)[:4] for cell in page["E"]] == ["错误（本", "主要类别", "主要类别"]
    assert page["E1"].value == "错误（本表按原文件的内容重新生成，不带原来的格式）"


def test_every_one_of_thousands_of_bad_rows_says_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(returned, "MOST_TO_OPEN", 1)
    rows = [["某", "12", "1001", "农民"]] * 5_500
    data = workbook_of(Page(name, lines) for name, lines in pages(*rows).items())
    (sheet,) = read_sheets(faulty_workbook(data, checked(data)), ("党员",))
    assert len(sheet.rows) == len(rows) + 1
    assert {tuple(row) for row in sheet.rows[1:]} == {(*rows[0], "身份证号“12”有误，请核对位数、出生日期和校验码。")}


def test_that_a_row_has_more_faults_than_are_written_stands_in_the_header(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("election.roster.importing.rows.MOST_FAULTS", 1)
    page = opened(back(made(pages(member(1, 主要类别="x"), member(2, 姓名="", 主要类别="x")))))["党员"]
    assert [str(cell.value or "")[:20] for cell in page["E"]] == [
        "错误：错误太多，有的行只写了第一处，另有",
        "主要类别：“x”不在可填的内容之内，可填",
        "姓名：不能为空。",
    ]


def test_what_is_shown_stands_in_the_order_of_the_workbook_even_where_not_all_can_be_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("election.roster.importing.shown.MOST_SHOWN", 3)
    faulty = pages(member(1), member(2, 主要类别="x"), member(3))
    faulty["党组织"][2][1] = ""
    listed = shown(checked(made(faulty)))["faults"]
    assert [(sheet, row, header) for sheet, row, _, header, _, _ in listed] == [
        ("党组织", 3, "名称"),
        ("党员", 2, "党支部编号"),
        ("党员", 3, "主要类别"),
    ]


def test_values_formats_and_other_sheets_stay() -> None:
    book = opened(made({**pages(member(1, 主要类别="x"), title=True), "备注": [["不动", 1.5, date(2031, 1, 1)]]}))
    page = book["党员"]
    page["A2"].font, page["B3"].fill = Font(bold=True, name="宋体"), PatternFill("solid", fgColor="FFFF00")
    page["F3"] = "=1+1"
    page.merge_cells("A1:D1")
    page.column_dimensions["B"].width = 33
    rule = DataValidation("list", formula1='"领导干部,农民"')
    rule.add("D3:D99")
    page.add_data_validation(rule)
    after = opened(back(saved(book)))
    page = after["党员"]
    assert page["A2"].font.b and page["A2"].font.name == "宋体" and page["B3"].fill.fgColor.rgb == "00FFFF00"
    assert page["F3"].value == "=1+1" and page.column_dimensions["B"].width == 33
    assert [str(merged) for merged in page.merged_cells.ranges] == ["A1:D1"]
    assert [rule.formula1 for rule in page.data_validations.dataValidation] == ['"领导干部,农民"']
    assert [cell.value for cell in after["备注"][1]] == ["不动", 1.5, datetime(2031, 1, 1)]
    assert page["G2"].value == "错误" and str(page["G3"].value).startswith("主要类别：")


def test_the_column_of_the_last_time_is_used_again() -> None:
    first = opened(back(made(pages(member(1, 主要类别="x"), member(2, 主要类别="y")))))
    first["党员"]["D2"] = "农民"
    page = opened(back(saved(first)))["党员"]
    assert [cell.value for cell in page[1]] == [*HEADER, "错误"]
    assert page["E2"].value is None and "“y”" in str(page["E3"].value)


def test_a_corrected_workbook_has_no_faults_any_more() -> None:
    book = opened(back(made(pages(member(1, 主要类别="x")))))
    book["党员"]["D2"] = "农民"
    assert checked(saved(book)).faults == ()


def test_what_is_wrong_with_the_header_stands_in_the_header() -> None:
    data = made({**pages(), "党员": [["姓名", "党支部编号"], ["王一", "1001"]]})
    page = opened(back(data))["党员"]
    assert page["C1"].value == "错误：缺少这些列：身份证号、主要类别。"


def test_rows_that_wait_for_others_say_for_which() -> None:
    faulty = pages(member(1))
    faulty["党组织"][2][1] = ""
    assert "“党组织”表第 3 行" in str(opened(back(made(faulty)))["党员"]["E2"].value)


def test_an_old_workbook_comes_back_as_xlsx_with_the_same_sheets_and_values() -> None:
    data = SAMPLE.read_bytes()
    book = opened(back(data))
    before = read_sheets(data)
    assert book.sheetnames == [sheet.name for sheet in before]
    assert book["说明"].sheet_state == "hidden" and book["说明"]["A1"].value == "=填写说明"
    assert book["说明"]["A1"].data_type == "s"
    for sheet in before:
        for number, row in enumerate(sheet.rows, 1):
            values = [cell.value for cell in book[sheet.name][number]][: len(row)]
            assert [value or "" for value in values] == [
                datetime(value.year, value.month, value.day) if isinstance(value, date) else value for value in row
            ]
    page = book["党员"]
    assert str(page["H3"].value).startswith("错误（本表") and "主要类别：“艺术家”" in str(page["H6"].value)
    again = saved(book)
    assert {fault.row for fault in checked(again).faults} == {6}


@pytest.mark.parametrize("why", ["openpyxl fails", "too large to open"])
def test_what_cannot_be_opened_for_writing_comes_back_with_its_values(
    why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = made(pages(member(1), member(2, 主要类别="x"), title=True))
    if why == "openpyxl fails":
        monkeypatch.setattr(filler, "MOST_SECONDS", 2)
        # One merged range of a thousand million cells, each of which openpyxl would make: its process ends, nothing else.
        data = in_sheets(
            data, rb"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="N100:XFD1048576"/></mergeCells>'
        )
    else:
        monkeypatch.setattr(returned, "MOST_TO_OPEN", 10)
    page = opened(back(data))["党员"]
    assert page["A1"].value == "高山镇党员花名册"
    assert page["B3"].value == identity_number(1)
    assert [str(cell.value or "")[:3] for cell in page["E"]][:3] == ["", "错误（", ""]
    assert str(page["E4"].value).startswith("主要类别：")


def test_a_locked_file_has_nothing_to_go_back() -> None:
    with pytest.raises(Refused):
        back(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"))


def test_all_changes_are_listed_as_text() -> None:
    changes = [Change("党员", row, "王一", "职务", "", "=村支书") for row in range(2, 400)]
    preview = replace(checked(made(pages(member(1)))), changes=tuple(changes[1:]), renamed=(changes[0],))
    page: Any = opened(changes_workbook(preview)).worksheets[0]
    assert page.max_row == 399 and "姓名不同" in page["G2"].value and page["G3"].value is None
    assert [cell.value for cell in page[3]] == ["党员", 3, "王一", "职务", None, "=村支书", None]
    assert page["F2"].data_type == "s"
