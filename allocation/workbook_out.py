"""Writes workbooks: an allocation as a clerk reads it, and a problem as the template an office starts from.

Decides nothing. Sums are live formulas; names can never be taken for formulas.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import openpyxl
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from allocation.answer import Allocation
from allocation.problem import Line, Overlay, Problem
from allocation.workbook_in import (
    CATEGORIES,
    CELLS,
    GROUPS,
    METHOD_WORDS,
    OVERLAY_WEIGHTS,
    OVERLAYS,
    ROUNDING_WORDS,
    SEPARATORS,
    SETTINGS,
    SETTINGS_HEAD,
    UNITS,
    WEIGHTS,
)

Scalar = int | float | str | None

# A spreadsheet keeps so many digits of a number.
KEPT_DIGITS = 15
WIDEST = 60

_HEAD = PatternFill("solid", fgColor="F3F4F6")
_LINE_STYLE = Border(bottom=Side(style="thin", color="D0D4DA"))


def write_workbook(answer: Allocation) -> bytes:
    """The allocation with live sums, its fair shares and its certificate; or the conflicts."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    if answer.allocated:
        sheet.title = "名额分配"
        _write_seats(sheet, answer)
        _write_shares(book.create_sheet("应得份额"), answer)
        _write_certificate(book.create_sheet("证书"), answer)
    else:
        sheet.title = "矛盾"
        _write_conflicts(sheet, answer)
    for page in book.worksheets:
        page.page_setup.paperSize = 8
        page.page_setup.orientation = "landscape"
        page.page_setup.fitToHeight = 0
        page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def safe(text: str) -> str:
    """A name that a spreadsheet cannot take for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def _head(sheet: Worksheet, row: int, values: Sequence[str]) -> None:
    for at, value in enumerate(values, 1):
        cell = sheet.cell(row, at, value)
        cell.data_type = "s"
        cell.font = Font(bold=True)
        cell.fill = _HEAD
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        cell.border = _LINE_STYLE


def _write_seats(sheet: Worksheet, answer: Allocation) -> None:
    problem = answer.problem
    n, overlays = len(problem.categories), problem.overlays
    _head(sheet, 1, ["序号", "选举单位", "名额", *("代表构成" for _ in range(n)), *("其中" for _ in overlays)])
    _head(sheet, 2, ["", "", "", *(safe(line.name) for line in problem.categories), *(safe(o.name) for o in overlays)])
    for column in (1, 2, 3):
        sheet.merge_cells(start_row=1, end_row=2, start_column=column, end_column=column)
    sheet.merge_cells(start_row=1, end_row=1, start_column=4, end_column=3 + n)
    if overlays:
        sheet.merge_cells(start_row=1, end_row=1, start_column=4 + n, end_column=3 + n + len(overlays))
    first, last = 4, 3 + len(problem.units)
    sheet.cell(3, 2, "合计").font = Font(bold=True)
    for column in range(3, 4 + n + len(overlays)):
        letter = get_column_letter(column)
        sheet.cell(3, column, f"=SUM({letter}{first}:{letter}{last})").font = Font(bold=True)
    for at, line in enumerate(answer.seats):
        row = first + at
        sheet.cell(row, 1, at + 1)
        sheet.cell(row, 2, safe(problem.units[at].name))
        sheet.cell(row, 3, f"=SUM(D{row}:{get_column_letter(3 + n)}{row})")
        for column, seats in enumerate(line, 4):
            sheet.cell(row, column, seats)
        for column, overlay in enumerate(overlays, 4 + n):
            sheet.cell(row, column, answer.overlays[overlay.id][at])
    sheet.freeze_panes = "D4"
    sheet.print_title_rows = "1:2"
    sheet.column_dimensions["B"].width = 24


def _write_shares(sheet: Worksheet, answer: Allocation) -> None:
    problem = answer.problem
    _head(sheet, 1, ["选举单位", *(safe(line.name) for line in problem.categories)])
    for row, (unit, shares) in enumerate(zip(problem.units, answer.fair_shares, strict=True), 2):
        sheet.cell(row, 1, safe(unit.name))
        for column, share in enumerate(shares, 2):
            cell = sheet.cell(row, column, float(share))
            cell.number_format = "0.000000"
    sheet.freeze_panes = "B2"
    sheet.column_dimensions["A"].width = 24


def _write_certificate(sheet: Worksheet, answer: Allocation) -> None:
    numbers, problem = answer.certificate, answer.problem
    assert numbers is not None
    _head(sheet, 1, ["行列", "名称", "系数", "应得份额的系数"])
    rows = [
        ("单位", unit.name, text, fair)
        for unit, text, fair in zip(problem.units, numbers.units, numbers.fair_units, strict=True)
    ]
    rows += [
        ("类别", line.name, text, fair)
        for line, text, fair in zip(problem.categories, numbers.categories, numbers.fair_categories, strict=True)
    ]
    rows += [
        ("组", group.name, text, fair)
        for group, text, fair in zip(
            problem.groups, numbers.groups, numbers.fair_groups or ["1"] * len(numbers.groups), strict=True
        )
    ]
    rows.append(("总", "总系数", numbers.total, numbers.fair_total))
    for row, (kind, name, text, fair) in enumerate(rows, 2):
        for column, value in enumerate((kind, safe(name), text, fair), 1):
            sheet.cell(row, column, value)
    sheet.cell(len(rows) + 3, 1, "权重 × 单位系数 × 类别系数，四舍五入即为名额；恰为一半时上下均可，由抽签顺序决定。")
    sheet.column_dimensions["B"].width = 24
    sheet.column_dimensions["C"].width = 18
    sheet.column_dimensions["D"].width = 26


def _write_conflicts(sheet: Worksheet, answer: Allocation) -> None:
    _head(sheet, 1, ["矛盾", "Conflict", "规则", "改动"])
    for row, conflict in enumerate(answer.conflicts, 2):
        change = "；".join(f"{entry.rule}: {entry.before} → {entry.after}" for entry in conflict.relax)
        for column, value in enumerate((conflict.zh, conflict.en, "\n".join(conflict.rules), change), 1):
            sheet.cell(row, column, safe(value)).alignment = Alignment(wrap_text=True, vertical="top")
    for letter in "ABCD":
        sheet.column_dimensions[letter].width = 48


def write_problem(problem: Problem) -> bytes:
    """A problem as the workbook that `problem_from` reads: the template an office starts from.

    Units, categories and overlays stand by name in the other sheets, by id where a name would not be clear.
    """
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = SETTINGS
    _fill(
        sheet,
        SETTINGS_HEAD,
        [
            ["总名额", problem.total],
            ["方法", METHOD_WORDS[problem.method]],
            ["类别取整", ROUNDING_WORDS[problem.category_rounding]],
        ],
    )
    units, categories, overlays = _called(problem.units), _called(problem.categories), _called(problem.overlays)
    places = {unit: at for at, unit in enumerate(problem.drawing_order, 1)}
    _rows(
        book,
        UNITS,
        ["编号", "名称", "名额", "权重", "下限", "上限", "抽签"],
        [[u.id, u.name, u.seats, _number(u.weight), u.min, u.max, places[at]] for at, u in enumerate(problem.units)],
    )
    _rows(
        book,
        CATEGORIES,
        ["编号", "名称", "名额", "比例", "下限", "上限"],
        [[c.id, c.name, c.seats, _number(c.weight), c.min, c.max] for c in problem.categories],
        [c.weight for c in problem.categories],
    )
    _rows(
        book,
        WEIGHTS,
        ["单位", *categories],
        [[name, *map(_number, line)] for name, line in zip(units, problem.weights, strict=True)],
    )
    bounds: list[list[Scalar]] = [[units[r.unit], categories[r.category], r.seats, None] for r in problem.at_least]
    bounds += [[units[r.unit], categories[r.category], None, r.seats] for r in problem.at_most]
    if bounds:
        _rows(book, CELLS, ["单位", "类别", "至少", "至多"], bounds)
    if problem.groups:
        _rows(
            book,
            GROUPS,
            ["编号", "名称", "单位", "类别", "下限", "上限"],
            [
                [
                    g.id,
                    g.name,
                    _members(problem.units, g.units),
                    _members(problem.categories, g.categories),
                    g.min,
                    g.max,
                ]
                for g in problem.groups
            ],
        )
    if problem.overlays:
        _rows(
            book,
            OVERLAYS,
            ["编号", "名称", "名额", "比例"],
            [[o.id, o.name, o.seats, _number(o.share)] for o in problem.overlays],
            [o.share for o in problem.overlays],
        )
        _rows(
            book,
            OVERLAY_WEIGHTS,
            ["单位", *overlays],
            [[name, *(_number(o.weights[at]) for o in problem.overlays)] for at, name in enumerate(units)],
        )
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _called(lines: Sequence[Line | Overlay]) -> list[str]:
    """What each line is called in the other sheets: its name, where only it has that name and none has it for an id."""
    names, ids = Counter(line.name for line in lines), {line.id for line in lines}
    return [
        line.name if names[line.name] == 1 and line.name not in ids and line.name == line.name.strip() else line.id
        for line in lines
    ]


def _members(lines: Sequence[Line], members: Sequence[int]) -> str | None:
    """A group's lines; nothing for all of them. A name that holds what stands between two names is not used."""
    if len(members) == len(lines):
        return None
    called = _called(lines)
    words = (lines[at].id if set(called[at]) & set(SEPARATORS) else called[at] for at in members)
    return SEPARATORS[0].join(words)


def _number(value: Fraction | None) -> Scalar:
    """An exact number for a cell: as a number where a spreadsheet keeps every digit of it, else as decimal text."""
    if value is None:
        return None
    if value.denominator == 1:
        return int(value)
    digits = 0
    while (value * 10**digits).denominator != 1:
        digits += 1
    text = format(Decimal(int(value * 10**digits)).scaleb(-digits), "f")
    return float(text) if len(text.replace(".", "").lstrip("0")) <= KEPT_DIGITS else text


def _rows(
    book: openpyxl.Workbook,
    title: str,
    header: Sequence[str],
    rows: Sequence[Sequence[Scalar]],
    shares: Sequence[Fraction | None] = (),
) -> None:
    """A sheet; `shares` are the numbers of its column 比例, shown in percent."""
    sheet = book.create_sheet(title)
    assert isinstance(sheet, Worksheet)
    _fill(sheet, header, rows)
    for number, share in enumerate(shares, 2):
        if share is not None:
            sheet.cell(number, header.index("比例") + 1).number_format = _percent_format(share)
    sheet.freeze_panes = "B2"


def _fill(sheet: Worksheet, header: Sequence[str], rows: Sequence[Sequence[Scalar]]) -> None:
    _head(sheet, 1, header)
    for number, row in enumerate(rows, 2):
        for column, value in enumerate(row, 1):
            if value is not None:
                sheet.cell(number, column, value)
                if isinstance(value, str):
                    sheet.cell(number, column).data_type = "s"
    for column, heading in enumerate(header, 1):
        texts = [heading, *(text for row in rows if isinstance(text := row[column - 1], str))]
        width = min(max(_wide(text) for text in texts) + 3, WIDEST)
        sheet.column_dimensions[get_column_letter(column)].width = max(width, 10)


def _wide(text: str) -> int:
    """In the width of a digit; a Chinese character takes two."""
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)


def _percent_format(share: Fraction) -> str:
    """As many decimals as the share in percent has, four at most."""
    places = next((places for places in range(4) if (share * 100 * 10**places).denominator == 1), 4)
    return "0." + "0" * places + "%" if places else "0%"
