"""A workbook never says less than it holds: what other programs write into one is read whole, or refused by its place."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given

from allocation import BadInput, load_problem, read_problem
from allocation.workbook_in import problem_from
from allocation.workbook_out import write_problem
from tests.allocation.brute import problems
from tests.support.depth import examples

PROBLEM = read_problem(
    {
        "format": "allocation-problem/1",
        "total": 10,
        "units": [{"id": "u1", "weight": 3}, {"id": "u2", "weight": 2, "min": 1}, {"id": "u3", "weight": 2}],
        "categories": [{"id": "a", "share": "0.5"}, {"id": "b", "share": "0.5"}],
        "weights": [[3, 2], [1, 4], [2, 2]],
        "at_least": [{"unit": "u1", "category": "a", "seats": 1}, {"unit": "u2", "category": "a", "seats": 2}],
    }
)


def edited(edit: Callable[[Any], object]) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(write_problem(PROBLEM)))
    edit(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@given(problems(free=True, groups=True, wide=True))
@examples(25)
def test_a_problem_written_as_a_workbook_is_read_back_as_it_was(obj: dict[str, Any]) -> None:
    assert problem_from(write_problem(read_problem(obj)), "p.xlsx") == read_problem(obj)


@pytest.mark.parametrize(("sheet", "cell"), [("权重", "B2"), ("单位", "D2"), ("单元", "C2"), ("基本设置", "B2")])
def test_a_formula_without_its_value_is_refused_by_its_place(sheet: str, cell: str) -> None:
    with pytest.raises(BadInput) as refusal:
        problem_from(edited(lambda book: book[sheet].__setitem__(cell, "=1+1")), "p.xlsx")
    assert str(refusal.value).startswith(f"sheet {sheet} row {cell[1:]} column {cell[0]}: ")


@pytest.mark.parametrize(("sheet", "merged"), [("权重", "B2:C2"), ("权重", "B2:B3"), ("单位", "D2:D3")])
def test_cells_that_a_merged_one_swallows_are_refused(sheet: str, merged: str) -> None:
    with pytest.raises(BadInput) as refusal:
        problem_from(edited(lambda book: book[sheet].merge_cells(merged)), "p.xlsx")
    assert str(refusal.value).startswith(f"sheet {sheet} ")


@pytest.mark.parametrize("sheet", range(1, 6))
@pytest.mark.parametrize("declared", ["A1", "A1:B2", "A1:A9999"])
def test_the_size_a_sheet_declares_is_not_believed(tmp_path: Path, sheet: int, declared: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(write_problem(PROBLEM))) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == f"xl/worksheets/sheet{sheet}.xml":
                content = re.sub(rb'<dimension ref="[^"]*"', f'<dimension ref="{declared}"'.encode(), content)
                assert declared.encode() in content
            target.writestr(name, content)
    (tmp_path / "p.xlsx").write_bytes(out.getvalue())
    assert load_problem(tmp_path / "p.xlsx") == PROBLEM


NAMED = {
    "format": "allocation-problem/1",
    "total": 10,
    "units": [
        {"id": "u1", "name": "红岩镇", "weight": "3.5"},
        {"id": "u2", "name": "同名镇", "weight": 2},
        {"id": "u3", "name": "同名镇", "weight": 2},
        {"id": "u4", "name": "u1", "weight": 1},
        {"id": "u5", "name": "=甲、乙镇", "weight": 1},
    ],
    "categories": [{"id": "a", "name": "干部", "share": "0.49"}, {"id": "b", "name": "农民", "share": "0.51"}],
    "weights": [[3, "2.25"], [1, 4], [2, 2], [1, 1], [1, 1]],
    "at_least": [{"unit": "u1", "category": "a", "seats": 1}, {"unit": "u2", "category": "a", "seats": 1}],
    "groups": [
        {"id": "g", "name": "若干", "units": ["u1", "u2", "u5"], "categories": ["b"], "min": 1},
        {"id": "h", "name": "全部", "max": 10},
    ],
    "overlays": [{"id": "women", "name": "妇女", "share": "0.275", "weights": [1, 2, 3, 4, 5]}],
}


def of_named(edit: Callable[[Any], object] = lambda _book: None) -> Any:
    book = openpyxl.load_workbook(io.BytesIO(write_problem(read_problem(NAMED))))
    edit(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_the_template_speaks_in_names_where_they_are_clear_and_is_read_back_as_it_was() -> None:
    book = openpyxl.load_workbook(io.BytesIO(of_named()))
    assert [cell.value for cell in book["权重"]["A"][1:]] == ["红岩镇", "u2", "u3", "u4", "=甲、乙镇"]
    assert [cell.value for cell in book["权重"][1][1:]] == ["干部", "农民"]
    assert [row[:3] for row in book["单元"].iter_rows(values_only=True)][1:] == [
        ("红岩镇", "干部", 1),
        ("u2", "干部", 1),
    ]
    assert [row[2:4] for row in book["组"].iter_rows(values_only=True)][1:] == [
        ("红岩镇、u2、u5", "农民"),
        (None, None),
    ]
    assert [cell.value for cell in book["其中权重"][1][1:]] == ["妇女"]
    assert problem_from(of_named(), "p.xlsx") == read_problem(NAMED)


def test_the_template_says_its_method_in_words_and_shares_in_percent() -> None:
    book = openpyxl.load_workbook(io.BytesIO(of_named()))
    assert list(book["基本设置"].iter_rows(values_only=True)) == [
        ("项目", "内容"), ("总名额", 10), ("方法", "上下取整"), ("类别取整", "最大余数法")
    ]  # fmt: skip
    assert (book["类别"]["D2"].value, book["类别"]["D2"].number_format) == (0.49, "0%")
    assert (book["其中"]["D2"].value, book["其中"]["D2"].number_format) == (0.275, "0.0%")
    assert (book["单位"]["D2"].value, book["权重"]["C2"].value) == (3.5, 2.25)


@pytest.mark.parametrize("share", ["49%", " 49 ％ ", "49.0%", 0.49, "0.49"])
def test_a_share_is_read_exactly_however_it_is_typed(share: object) -> None:
    assert problem_from(of_named(lambda book: book["类别"].__setitem__("D2", share)), "p.xlsx") == read_problem(NAMED)


@pytest.mark.parametrize("share", ["百分之四十九", "49%%", "-49%", "4 9%"])
def test_what_is_no_share_is_refused(share: str) -> None:
    with pytest.raises(BadInput) as refusal:
        problem_from(of_named(lambda book: book["类别"].__setitem__("D2", share)), "p.xlsx")
    assert str(refusal.value).startswith("sheet 类别 row 2 column D: must be a number")


@pytest.mark.parametrize(
    ("sheet", "cell", "name"),
    [
        ("权重", "A3", "同名镇"),
        ("权重", "B1", "妇女"),
        ("单元", "A2", "同名镇"),
        ("单元", "B2", "妇女"),
        ("组", "C2", "红岩镇、同名镇"),
        ("其中权重", "A3", "同名镇"),
    ],
)
def test_a_name_of_several_is_refused_by_its_place(sheet: str, cell: str, name: str) -> None:
    def edit(book: Any) -> None:
        if name == "妇女":
            book["类别"]["B2"] = book["类别"]["B3"] = name
            book["权重"]["B1"], book["权重"]["C1"] = "a", "b"
        book[sheet][cell] = name

    with pytest.raises(BadInput) as refusal:
        problem_from(of_named(edit), "p.xlsx")
    assert str(refusal.value) == f"sheet {sheet} row {cell[1:]} column {cell[0]}: is the name of several; give the id"
    assert refusal.value.zh == "不止一行叫这个名称，请填编号"


def test_ids_and_old_words_are_still_read() -> None:
    def edit(book: Any) -> None:
        book["基本设置"].title = "题目"
        page = book["题目"]
        for row, (label, value) in enumerate(
            [
                ("格式", "allocation-problem/1"),
                ("总名额", 10),
                ("方法", "within-quota"),
                ("类别取整", "largest-remainder"),
            ],
            1,
        ):
            page.cell(row, 1, label)
            page.cell(row, 2, value)
        book["权重"]["A2"], book["权重"]["B1"], book["组"]["C2"] = "u1", "a", "u1,u2，u5"

    assert problem_from(of_named(edit), "p.xlsx") == read_problem(NAMED)
    webster = of_named(lambda book: book["基本设置"].__setitem__("B3", "韦氏"))
    assert problem_from(webster, "p.xlsx").method == "webster"
