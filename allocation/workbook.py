"""Workbooks: a problem as a clerk fills it in, and an allocation as a clerk reads it. Decides nothing.

The sheets of a problem are described in docs/allocation.md. Reading turns them into the values of `allocation-problem/1`
and remembers where each came from, so that whatever is wrong is named by sheet, row and column.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction

import openpyxl
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from allocation.answer import Allocation
from allocation.errors import BadInput
from allocation.problem import FORMAT, Problem, read_problem

LARGEST_UNPACKED = 256 * 1024 * 1024
SETTINGS, UNITS, CATEGORIES, WEIGHTS = "题目", "单位", "类别", "权重"
CELLS, GROUPS, OVERLAYS, OVERLAY_WEIGHTS = "单元", "组", "其中", "其中权重"
_SETTINGS = {"总名额": "total", "方法": "method", "类别取整": "category_rounding"}
_WORDS = {"上下取整": "within-quota", "韦氏": "webster", "最大余额": "largest-remainder"}
_LINE = {"编号": "id", "名称": "name", "名额": "seats", "权重": "weight", "比例": "share", "下限": "min", "上限": "max"}
_COLUMNS: dict[str, dict[str, str]] = {
    UNITS: {k: v for k, v in _LINE.items() if v != "share"} | {"抽签": "draw"},
    CATEGORIES: {k: v for k, v in _LINE.items() if v != "weight"},
    CELLS: {"单位": "unit", "类别": "category", "至少": "at_least", "至多": "at_most"},
    GROUPS: {"编号": "id", "名称": "name", "单位": "units", "类别": "categories", "下限": "min", "上限": "max"},
    OVERLAYS: {"编号": "id", "名称": "name", "名额": "seats", "比例": "share"},
}
_TEXTS = {"id", "name", "unit", "category"}


@dataclass
class _Sheet:
    """The filled cells of one sheet: rows of (row number, {column letter: value})."""

    name: str
    header: dict[str, str]
    rows: list[tuple[int, dict[str, object]]]

    def place(self, row: int, column: str) -> str:
        return f"sheet {self.name} row {row} column {column}"


def problem_from(data: bytes, name: str) -> Problem:
    """The problem in a workbook. Raises BadInput naming sheet, row and column."""
    reader = _Reader(data, name)
    try:
        return read_problem(reader.problem())
    except BadInput as error:
        raise BadInput(reader.place_of(error.place), error.zh, error.en) from None


class _Reader:
    def __init__(self, data: bytes, name: str) -> None:
        self.name = name
        self.places: dict[str, str] = {}
        self.sheets = {sheet.name: sheet for sheet in _sheets(data, name)}
        known = {SETTINGS, UNITS, CATEGORIES, WEIGHTS, CELLS, GROUPS, OVERLAYS, OVERLAY_WEIGHTS}
        for title in self.sheets:
            if title not in known:
                raise BadInput(f"sheet {title}", "未知的工作表", "unknown sheet")
        for title in (SETTINGS, UNITS, CATEGORIES, WEIGHTS):
            if title not in self.sheets:
                raise BadInput(f"sheet {title}", "缺少", "is missing")

    def place_of(self, place: str) -> str:
        """Where in the workbook the number with a JSON path stands, or the nearest thing around it."""
        part = place
        while part:
            if part in self.places:
                return self.places[part]
            part = part[:max(part.rfind("."), part.rfind("["))] if "." in part or "[" in part else ""
        roots = {"units": UNITS, "categories": CATEGORIES, "weights": WEIGHTS, "groups": GROUPS, "overlays": OVERLAYS,
                 "at_least": CELLS, "at_most": CELLS, "drawing_order": UNITS}
        root = place.split("[")[0].split(".")[0]
        return f"sheet {roots.get(root, SETTINGS)}"

    def problem(self) -> dict[str, object]:
        result: dict[str, object] = {"format": FORMAT, **self._settings()}
        units, draws = self._lines(UNITS, "units")
        categories, _ = self._lines(CATEGORIES, "categories")
        result["units"], result["categories"] = units, categories
        result["weights"] = self._table(WEIGHTS, [str(u.get("id")) for u in units],
                                        [str(c.get("id")) for c in categories], "weights[{row}][{column}]")
        self._cells(result)
        self._groups(result)
        self._overlays(result, [str(u.get("id")) for u in units])
        if any(draw is not None for draw in draws):
            result["drawing_order"] = self._drawing(draws, units)
        return result

    def _settings(self) -> dict[str, object]:
        sheet = self.sheets[SETTINGS]
        result: dict[str, object] = {}
        entries = [(1, dict(sheet.header)), *sheet.rows] if sheet.header else sheet.rows
        for row, cells in entries:
            label, value = cells.get("A"), cells.get("B")
            if label == "格式":
                if value != FORMAT:
                    raise BadInput(sheet.place(row, "B"), f"必须是 {FORMAT}", f"must be {FORMAT}")
                continue
            if label not in _SETTINGS:
                raise BadInput(sheet.place(row, "A"), "未知的项目", "unknown setting")
            key = _SETTINGS[str(label)]
            if key in result:
                raise BadInput(sheet.place(row, "A"), "重复", "is given twice")
            if value is None:
                continue
            result[key] = _WORDS.get(str(value), value)
            self.places[key] = sheet.place(row, "B")
        return result

    def _records(self, title: str) -> Iterator[tuple[int, dict[str, tuple[str, object]]]]:
        """Rows of a sheet with headings: key → (place, value)."""
        sheet = self.sheets[title]
        keys: dict[str, str] = {}
        for column, heading in sheet.header.items():
            if heading not in _COLUMNS[title]:
                raise BadInput(sheet.place(1, column), "未知的列", "unknown heading")
            key = _COLUMNS[title][heading]
            if key in keys.values():
                raise BadInput(sheet.place(1, column), "重复", "is given twice")
            keys[column] = key
        for row, cells in sheet.rows:
            record: dict[str, tuple[str, object]] = {}
            for column, value in cells.items():
                if column not in keys:
                    raise BadInput(sheet.place(row, column), "此列没有标题", "stands in a column without heading")
                record[keys[column]] = (sheet.place(row, column), value)
            yield row, record

    def _lines(self, title: str, side: str) -> tuple[list[dict[str, object]], list[tuple[str, object] | None]]:
        lines: list[dict[str, object]] = []
        draws: list[tuple[str, object] | None] = []
        for row, record in self._records(title):
            at = len(lines)
            self.places[f"{side}[{at}]"] = f"sheet {title} row {row}"
            draws.append(record.pop("draw", None))
            lines.append(self._object(record, f"{side}[{at}]"))
        return lines, draws

    def _object(self, record: dict[str, tuple[str, object]], path: str) -> dict[str, object]:
        result: dict[str, object] = {}
        for key, (place, value) in record.items():
            self.places[f"{path}.{key}"] = place
            result[key] = _text(value) if key in _TEXTS else value
        return result

    def _table(self, title: str, rows: Sequence[str], columns: Sequence[str], path: str) -> list[list[object]]:
        """A table with ids in its first row and column, in any order; a blank is 0."""
        sheet = self.sheets[title]
        place_of_row = {key: at for at, key in enumerate(rows)}
        place_of_column = {key: at for at, key in enumerate(columns)}
        heads: dict[str, int] = {}
        for column, heading in sheet.header.items():
            if column == "A":
                continue
            if heading not in place_of_column or place_of_column[heading] in heads.values():
                raise BadInput(sheet.place(1, column), "没有这个编号或重复", "names nothing that exists, or twice")
            heads[column] = place_of_column[heading]
        result: list[list[object]] = [[0] * len(columns) for _ in rows]
        seen: set[str] = set()
        for row, cells in sheet.rows:
            key = _text(cells.get("A"))
            if key not in place_of_row or key in seen:
                raise BadInput(sheet.place(row, "A"), "没有这个编号或重复", "names nothing that exists, or twice")
            seen.add(str(key))
            for column, value in cells.items():
                if column == "A":
                    continue
                if column not in heads:
                    raise BadInput(sheet.place(row, column), "此列没有标题", "stands in a column without heading")
                at, across = place_of_row[str(key)], heads[column]
                result[at][across] = value
                self.places[path.format(row=at, column=across)] = sheet.place(row, column)
        return result

    def _cells(self, result: dict[str, object]) -> None:
        if CELLS not in self.sheets:
            return
        bounds: dict[str, list[dict[str, object]]] = {"at_least": [], "at_most": []}
        for row, record in self._records(CELLS):
            if "at_least" not in record and "at_most" not in record:
                raise BadInput(f"sheet {CELLS} row {row}", "须填至少或至多", "needs a lowest or a highest number")
            for key, entries in bounds.items():
                if key in record:
                    path = f"{key}[{len(entries)}]"
                    self.places[path] = f"sheet {CELLS} row {row}"
                    self.places[f"{path}.seats"] = record[key][0]
                    entry = self._object({k: v for k, v in record.items() if k in ("unit", "category")}, path)
                    entries.append(entry | {"seats": record[key][1]})
        result.update({key: entries for key, entries in bounds.items() if entries})

    def _groups(self, result: dict[str, object]) -> None:
        if GROUPS not in self.sheets:
            return
        groups: list[dict[str, object]] = []
        for row, record in self._records(GROUPS):
            path = f"groups[{len(groups)}]"
            self.places[path] = f"sheet {GROUPS} row {row}"
            group = self._object(record, path)
            for key in ("units", "categories"):
                if key in group:
                    names = str(_text(group[key])).replace("，", "、").replace(",", "、").split("、")
                    group[key] = [name.strip() for name in names]
            groups.append(group)
        result["groups"] = groups

    def _overlays(self, result: dict[str, object], units: Sequence[str]) -> None:
        if OVERLAYS not in self.sheets:
            return
        overlays: list[dict[str, object]] = []
        for row, record in self._records(OVERLAYS):
            path = f"overlays[{len(overlays)}]"
            self.places[path] = f"sheet {OVERLAYS} row {row}"
            overlays.append(self._object(record, path))
        if OVERLAY_WEIGHTS not in self.sheets:
            raise BadInput(f"sheet {OVERLAY_WEIGHTS}", "缺少", "is missing")
        table = self._table(OVERLAY_WEIGHTS, units, [str(o.get("id")) for o in overlays],
                            "overlays[{column}].weights[{row}]")
        for at, overlay in enumerate(overlays):
            overlay["weights"] = [line[at] for line in table]
        result["overlays"] = overlays

    def _drawing(self, draws: Sequence[tuple[str, object] | None], units: Sequence[dict[str, object]]) -> list[object]:
        order: dict[int, object] = {}
        for draw, unit in zip(draws, units, strict=True):
            if draw is None:
                raise BadInput(f"sheet {UNITS}", "抽签须每个单位都有", "must give every unit a place in the drawing order")
            place, value = draw
            if isinstance(value, bool) or not isinstance(value, int) or value in order:
                raise BadInput(place, "抽签须是互不相同的整数", "must be a whole number of its own")
            order[value] = unit.get("id")
        return [order[key] for key in sorted(order)]


def _text(value: object) -> object:
    """An id or a name as text; numbers that a spreadsheet made of ids become text again."""
    return str(value) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else value


def _value(value: object) -> object:
    """A cell's value: whole floats as integers, other floats by their shortest decimal, texts without outer blanks."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e15 else Decimal(repr(value))
    if isinstance(value, (datetime, date, time, timedelta)):
        return str(value)
    return value


def _sheets(data: bytes, name: str) -> Iterator[_Sheet]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > LARGEST_UNPACKED:
                raise BadInput(name, "文件过大", "is too large")
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    except BadInput:
        raise
    except Exception:  # a damaged file can fail in any way inside the reader
        raise BadInput(name, "不是可读的 .xlsx 文件", "is not a readable .xlsx file") from None
    try:
        for sheet in book.worksheets:
            header: dict[str, str] = {}
            rows: list[tuple[int, dict[str, object]]] = []
            for number, line in enumerate(sheet.iter_rows(values_only=True), 1):
                cells = {get_column_letter(at): value for at, raw in enumerate(line, 1)
                         if (value := _value(raw)) is not None}
                if number == 1 and sheet.title != SETTINGS:
                    header = {column: str(value) for column, value in cells.items()}
                elif cells:
                    rows.append((number, cells))
            yield _Sheet(sheet.title, header, rows)
    except BadInput:
        raise
    except Exception:
        raise BadInput(name, "不是可读的 .xlsx 文件", "is not a readable .xlsx file") from None


# What a clerk reads.

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
        page.sheet_properties.pageSetUpPr.fitToPage = True
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def safe(text: str) -> str:
    """A name that a spreadsheet cannot take for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def _head(sheet: Worksheet, row: int, values: Sequence[str]) -> None:
    for at, value in enumerate(values, 1):
        cell = sheet.cell(row, at, value)
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
    rows = [("单位", unit.name, text, fair) for unit, text, fair in
            zip(problem.units, numbers.units, numbers.fair_units, strict=True)]
    rows += [("类别", line.name, text, fair) for line, text, fair in
             zip(problem.categories, numbers.categories, numbers.fair_categories, strict=True)]
    rows += [("组", group.name, text, fair) for group, text, fair in
             zip(problem.groups, numbers.groups, numbers.fair_groups or ["1"] * len(numbers.groups), strict=True)]
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
    for column in "ABCD":
        sheet.column_dimensions[column].width = 48


def write_problem(problem: Problem) -> bytes:
    """A problem as the workbook that `problem_from` reads: the template an office starts from."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = SETTINGS
    for row, (label, value) in enumerate((("格式", FORMAT), ("总名额", problem.total), ("方法", problem.method),
                                          ("类别取整", problem.category_rounding)), 1):
        sheet.cell(row, 1, label)
        sheet.cell(row, 2, value)
    places = {unit: at for at, unit in enumerate(problem.drawing_order, 1)}
    _rows(book, UNITS, ["编号", "名称", "名额", "权重", "下限", "上限", "抽签"],
          [[u.id, u.name, u.seats, _number(u.weight), u.min, u.max, places[at]] for at, u in enumerate(problem.units)])
    _rows(book, CATEGORIES, ["编号", "名称", "名额", "比例", "下限", "上限"],
          [[c.id, c.name, c.seats, _number(c.weight), c.min, c.max] for c in problem.categories])
    _rows(book, WEIGHTS, ["单位", *(c.id for c in problem.categories)],
          [[u.id, *map(_number, line)] for u, line in zip(problem.units, problem.weights, strict=True)])
    bounds = [[problem.units[r.unit].id, problem.categories[r.category].id, r.seats, None] for r in problem.at_least]
    bounds += [[problem.units[r.unit].id, problem.categories[r.category].id, None, r.seats] for r in problem.at_most]
    if bounds:
        _rows(book, CELLS, ["单位", "类别", "至少", "至多"], bounds)
    if problem.groups:
        _rows(book, GROUPS, ["编号", "名称", "单位", "类别", "下限", "上限"],
              [[g.id, g.name, "、".join(problem.units[i].id for i in g.units),
                "、".join(problem.categories[j].id for j in g.categories), g.min, g.max] for g in problem.groups])
    if problem.overlays:
        _rows(book, OVERLAYS, ["编号", "名称", "名额", "比例"],
              [[o.id, o.name, o.seats, _number(o.share)] for o in problem.overlays])
        _rows(book, OVERLAY_WEIGHTS, ["单位", *(o.id for o in problem.overlays)],
              [[u.id, *(_number(o.weights[at]) for o in problem.overlays)] for at, u in enumerate(problem.units)])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _number(value: object) -> object:
    """An exact number for a cell: whole ones as numbers, others as decimal text."""
    if not isinstance(value, Fraction):
        return value
    if value.denominator == 1:
        return int(value)
    digits = 0
    while (value * 10**digits).denominator != 1:
        digits += 1
    return format(Decimal(int(value * 10**digits)).scaleb(-digits), "f")


def _rows(book: openpyxl.Workbook, title: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    sheet = book.create_sheet(title)
    assert isinstance(sheet, Worksheet)
    _head(sheet, 1, header)
    for number, row in enumerate(rows, 2):
        for column, value in enumerate(row, 1):
            if value is not None:
                sheet.cell(number, column, value)  # type: ignore[arg-type]
                if isinstance(value, str):
                    sheet.cell(number, column).data_type = "s"
    sheet.freeze_panes = "B2"
