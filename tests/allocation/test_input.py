"""Bad input is refused in one line that names the place; numbers are read exactly."""

from __future__ import annotations

import copy
import io
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from allocation import BadInput, load_problem, read_problem
from allocation.commands import allocate_command, check_command
from allocation.workbook_in import problem_from
from allocation.workbook_out import write_problem

GOOD: dict[str, Any] = {
    "format": "allocation-problem/1",
    "total": 14,
    "method": "within-quota",
    "units": [
        {"id": "u01", "name": "高乐山镇", "weight": "902.5", "min": 2},
        {"id": "u02", "weight": 312.5, "min": 2, "max": 8},
    ],
    "categories": [{"id": "leader", "name": "领导干部", "share": "0.75"}, {"id": "army", "share": "0.25"}],
    "weights": [[120, 4], [80, "3.5"]],
    "at_least": [{"unit": "u01", "category": "leader", "seats": 1}],
    "at_most": [{"unit": "u02", "category": "leader", "seats": 6}],
    "groups": [{"id": "towns", "name": "乡镇", "units": ["u01"], "categories": ["leader"], "min": 2}],
    "overlays": [{"id": "women", "share": "0.27", "weights": [55, 31]}],
    "drawing_order": ["u02", "u01"],
}


def changed(path: list[str | int], value: object) -> dict[str, Any]:
    obj: Any = copy.deepcopy(GOOD)
    at = obj
    for key in path[:-1]:
        at = at[key]
    if value is KeyError:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    result: dict[str, Any] = obj
    return result


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (["format"], "allocation-problem/2", "format: must be allocation-problem/1"),
        (["format"], KeyError, "format: is missing"),
        (["colour"], 1, "colour: unknown key"),
        (["total"], True, "total: must be a number"),
        (["total"], 3.5, "total: must be a whole number"),
        (["total"], -1, "total: must not be negative"),
        (["total"], "NaN", "total: must be a number"),
        (["total"], 10**9, "total: must not be more than 1000000"),
        (["total"], 10**90, "total: has too many digits"),
        (["method"], "quota", "method: must be within-quota or webster"),
        (["units"], [], "units: must not be empty"),
        (["units"], {}, "units: must be a list"),
        (["units", 1], 7, "units[1]: must be an object"),
        (["units", 1, "id"], "u01", "units[1].id: is the same as units[0].id"),
        (["units", 1, "id"], "", "units[1].id: must not be empty"),
        (["units", 1, "id"], "a\nb", "units[1].id: is too long or has unprintable characters"),
        (["units", 1, "weight"], "-3", "units[1].weight: must not be negative"),
        (["units", 1, "weight"], float("nan"), "units[1].weight: must be a number"),
        (["units", 1, "weight"], float("inf"), "units[1].weight: must be a number"),
        (["units", 1, "weight"], "１２", "units[1].weight: must be a number"),
        (["units", 1, "weight"], "1_000", "units[1].weight: must be a number"),
        (["units", 1, "weight"], " 12", "units[1].weight: must be a number"),
        (["units", 1, "weight"], "1/3", "units[1].weight: must be a number"),
        (["units", 1, "weight"], None, "units[1].weight: must be a number"),
        (["units", 1, "weight"], "1e999", "units[1].weight: is out of range (powers of ten up to 40)"),
        (
            ["units", 1, "weight"],
            KeyError,
            "units[1]: differs from units[0]: lines without seats have either all a weight or none",
        ),
        (["units", 1, "seats"], 3, "units[1].weight: must not stand beside seats"),
        (["units", 1, "share"], 3, "units[1].share: unknown key"),
        (["categories", 0, "share"], 49, "categories[0].share: must not be more than 1"),
        (["weights"], [[1, 2]], "weights: must have 2 rows, has 1"),
        (["weights", 1], [1], "weights[1]: must have 2 numbers, has 1"),
        (["weights", 1, 1], True, "weights[1][1]: must be a number"),
        (["weights", 1, 1], [], "weights[1][1]: must be a number"),
        (["at_least", 0, "unit"], "u09", "at_least[0].unit: names nothing that exists"),
        (["at_least", 0, "seats"], KeyError, "at_least[0].seats: is missing"),
        (["groups", 0, "units"], ["u01", "u01"], "groups[0].units[1]: is named twice"),
        (["groups", 0, "min"], KeyError, "groups[0]: needs min or max"),
        (["overlays", 0, "weights"], [1], "overlays[0].weights: must have 2 numbers, has 1"),
        (["overlays", 0, "seats"], 3, "overlays[0]: needs either seats or share"),
        (["drawing_order"], ["u01"], "drawing_order: lacks u02"),
        (["drawing_order"], ["u01", "u01"], "drawing_order[1]: is named twice"),
        (["drawing_order"], None, "drawing_order: must be a list"),
    ],
)
def test_bad_input_is_named(path: list[str | int], value: object, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_problem(changed(path, value))
    assert str(refused.value) == said
    assert refused.value.zh


def test_numbers_are_exact() -> None:
    problem = read_problem(GOOD)
    assert problem.units[0].weight == Fraction(1805, 2)
    assert problem.weights[1][1] == Fraction(7, 2)
    assert problem.categories[0].weight == Fraction(3, 4)
    assert problem.drawing_order == (1, 0)
    assert read_problem(changed(["units", 0, "weight"], "0.1")).units[0].weight == Fraction(1, 10)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "problem.json line 1 column 2: is not JSON (Expecting property name enclosed in double quotes)"),
        ('{"total": 1, "total": 2}', "total: is given twice"),
        ('{"total": NaN}', "problem.json: NaN is not a number"),
        ("[]", "problem: must be an object"),
        ('{"total": 1' + "0" * 5000 + "}", "problem.json: holds a number or a nesting beyond all use"),
        ("[" * 100_000, "problem.json: holds a number or a nesting beyond all use"),
    ],
)
def test_a_file_that_is_no_problem_is_refused_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "problem.json"
    path.write_text(text, "utf-8")
    out, err = io.StringIO(), io.StringIO()
    assert allocate_command(str(path), str(tmp_path / "out.json"), out, err) == 2
    assert err.getvalue() == said + "\n"
    assert out.getvalue() == ""
    assert not (tmp_path / "out.json").exists()


def write(path: Path, obj: object) -> str:
    path.write_text(json.dumps(obj, ensure_ascii=False), "utf-8")
    return str(path)


def test_commands_allocate_write_and_check(tmp_path: Path) -> None:
    problem = write(tmp_path / "p.json", GOOD)
    out = io.StringIO()
    assert allocate_command(problem, None, out) == 0
    assert allocate_command(problem, str(tmp_path / "a.json"), io.StringIO()) == 0
    assert (tmp_path / "a.json").read_text("utf-8") == out.getvalue()
    assert check_command(problem, str(tmp_path / "a.json"), out) == 0
    claim = json.loads((tmp_path / "a.json").read_text("utf-8"))
    claim["seats"][0][0] += 1
    assert check_command(problem, write(tmp_path / "b.json", claim), io.StringIO()) == 1
    claim["seats"][0][0] = "many"
    err = io.StringIO()
    assert check_command(problem, write(tmp_path / "b.json", claim), io.StringIO(), err) == 2
    assert err.getvalue() == "seats[0][0]: must be a number\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "b.json", "p.json"]


def test_an_impossible_problem_exits_with_3_and_its_answer_can_be_checked(tmp_path: Path) -> None:
    problem = write(tmp_path / "p.json", changed(["units", 1], {"id": "u02", "weight": 1, "max": 1, "min": 2}))
    assert allocate_command(problem, str(tmp_path / "a.json"), io.StringIO()) == 3
    assert check_command(problem, str(tmp_path / "a.json"), io.StringIO()) == 0


@pytest.mark.parametrize(
    ("name", "out"), [("none.json", None), ("p.json", "a.txt"), ("p.json", "nowhere/a.json"), ("p.xlsx", None)]
)
def test_files_that_cannot_be_used_are_bad_input(tmp_path: Path, name: str, out: str | None) -> None:
    write(tmp_path / "p.json", GOOD)
    (tmp_path / "p.xlsx").write_bytes(b"PK\x03\x04 nonsense")
    err = io.StringIO()
    assert allocate_command(str(tmp_path / name), out and str(tmp_path / out), io.StringIO(), err) == 2
    assert err.getvalue().count("\n") == 1


def test_a_workbook_says_the_same_as_json(tmp_path: Path) -> None:
    problem = read_problem(GOOD)
    path = tmp_path / "p.xlsx"
    path.write_bytes(write_problem(problem))
    assert load_problem(path) == problem
    assert allocate_command(str(path), str(tmp_path / "a.xlsx"), io.StringIO()) == 0
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["名额分配"]
    assert sheet["C3"].value == "=SUM(C4:C5)"
    assert sheet["B4"].value == "高乐山镇"


@pytest.mark.parametrize(
    ("sheet", "cell", "value", "said"),
    [
        ("单位", "D3", -3, "sheet 单位 row 3 column D: must not be negative"),
        ("单位", "D3", "许多", "sheet 单位 row 3 column D: must be a number"),
        ("单位", "A3", "u01", "sheet 单位 row 3 column A: is the same as sheet 单位 row 2 column A"),
        ("单位", "D1", "重量", "sheet 单位 row 1 column D: unknown heading"),
        ("单位", "G3", 2.5, "sheet 单位 row 3 column G: must be a whole number of its own"),
        ("类别", "D2", 49, "sheet 类别 row 2 column D: must not be more than 1"),
        ("权重", "C3", "x", "sheet 权重 row 3 column C: must be a number"),
        ("权重", "A3", "u09", "sheet 权重 row 3 column A: names nothing that exists, or twice"),
        ("基本设置", "B2", "很多", "sheet 基本设置 row 2 column B: must be a number"),
        ("基本设置", "A2", "总数", "sheet 基本设置 row 2 column A: unknown setting"),
        ("单元", "C2", "0.5", "sheet 单元 row 2 column C: must be a whole number"),
        ("组", "C2", "u01、u09", "sheet 组 row 2 column C: names nothing that exists"),
        ("其中", "D2", 2, "sheet 其中 row 2 column D: must not be more than 1"),
    ],
)
def test_a_wrong_cell_of_a_workbook_is_named(sheet: str, cell: str, value: str | float, said: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_problem(read_problem(GOOD))))
    book[sheet][cell] = value
    buffer = io.BytesIO()
    book.save(buffer)
    with pytest.raises(BadInput) as refused:
        problem_from(buffer.getvalue(), "p.xlsx")
    assert str(refused.value) == said
