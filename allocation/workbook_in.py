"""Reads a problem from the workbook that a clerk fills in. Decides nothing.

The sheets are described in docs/allocation.md. Reading turns them into the values of `allocation-problem/1` and remembers
where each came from, so that whatever is wrong is named by sheet, row and column. Units, categories and overlays may be
called by id or by name wherever another sheet speaks of them.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import openpyxl
from openpyxl.utils import get_column_letter

from allocation.errors import BadInput
from allocation.problem import FORMAT, Problem, read_problem
from allocation.workbook_scan import refuse_unseen

LARGEST_UNPACKED = 256 * 1024 * 1024
SETTINGS, UNITS, CATEGORIES, WEIGHTS = "基本设置", "单位", "类别", "权重"
CELLS, GROUPS, OVERLAYS, OVERLAY_WEIGHTS = "单元", "组", "其中", "其中权重"
OLD_SETTINGS = "题目"  # what the first sheet was called before
SETTINGS_HEAD = ("项目", "内容")
METHOD_WORDS = {"within-quota": "上下取整", "webster": "韦伯斯特法"}
ROUNDING_WORDS = {"largest-remainder": "最大余数法", "webster": "韦伯斯特法"}
SEPARATORS = "、，,"
_SETTINGS = {"总名额": "total", "方法": "method", "类别取整": "category_rounding"}
_WORDS = {words: value for value, words in (METHOD_WORDS | ROUNDING_WORDS).items()} | {
    "韦氏": "webster",
    "双向韦伯斯特法": "webster",
    "最大余额": "largest-remainder",
}
_LINE = {"编号": "id", "名称": "name", "名额": "seats", "权重": "weight", "比例": "share", "下限": "min", "上限": "max"}
_COLUMNS: dict[str, dict[str, str]] = {
    UNITS: {k: v for k, v in _LINE.items() if v != "share"} | {"抽签": "draw"},
    CATEGORIES: {k: v for k, v in _LINE.items() if v != "weight"},
    CELLS: {"单位": "unit", "类别": "category", "至少": "at_least", "至多": "at_most"},
    GROUPS: {"编号": "id", "名称": "name", "单位": "units", "类别": "categories", "下限": "min", "上限": "max"},
    OVERLAYS: {"编号": "id", "名称": "name", "名额": "seats", "比例": "share"},
}
_PATH = re.compile(r"\b(units|categories|weights|groups|overlays|at_least|at_most)(\[\d+\])+(\.\w+)?")
_TEXTS = {"id", "name", "unit", "category"}
_PERCENT = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*[%％]")


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
    obj = reader.problem()
    try:
        return read_problem(obj)
    except BadInput as error:
        zh, en = (_PATH.sub(lambda path: reader.place_of(path.group()), text) for text in (error.zh, error.en))
        raise BadInput(reader.place_of(error.place), zh, en) from None


class _Reader:
    def __init__(self, data: bytes, name: str) -> None:
        self.name = name
        self.places: dict[str, str] = {}
        self.sheets = {sheet.name: sheet for sheet in _sheets(data, name)}
        # The error names the sheet as the file calls it.
        self.settings = OLD_SETTINGS if OLD_SETTINGS in self.sheets and SETTINGS not in self.sheets else SETTINGS
        known = {self.settings, UNITS, CATEGORIES, WEIGHTS, CELLS, GROUPS, OVERLAYS, OVERLAY_WEIGHTS}
        for title in self.sheets:
            if title not in known:
                raise BadInput(f"sheet {title}", "未知的工作表", "unknown sheet")
        for title in (self.settings, UNITS, CATEGORIES, WEIGHTS):
            if title not in self.sheets:
                raise BadInput(f"sheet {title}", "缺少", "is missing")

    def place_of(self, place: str) -> str:
        """Where in the workbook the number with a JSON path stands, or the nearest thing around it."""
        part = place
        while part:
            if part in self.places:
                return self.places[part]
            part = part[: max(part.rfind("."), part.rfind("["))] if "." in part or "[" in part else ""
        roots = {
            "units": UNITS,
            "categories": CATEGORIES,
            "weights": WEIGHTS,
            "groups": GROUPS,
            "overlays": OVERLAYS,
            "at_least": CELLS,
            "at_most": CELLS,
            "drawing_order": UNITS,
        }
        root = place.split("[")[0].split(".")[0]
        return f"sheet {roots.get(root, self.settings)}"

    def problem(self) -> dict[str, object]:
        """The object that `read_problem` reads."""
        result: dict[str, object] = {"format": FORMAT, **self._settings()}
        units, draws = self._lines(UNITS, "units")
        categories, _ = self._lines(CATEGORIES, "categories")
        result["units"], result["categories"] = units, categories
        rows, columns = _Called(units), _Called(categories)
        result["weights"] = self._table(WEIGHTS, rows, columns, "weights[{row}][{column}]")
        self._cells(result, {"unit": rows, "category": columns})
        self._groups(result, {"units": rows, "categories": columns})
        self._overlays(result, rows)
        if any(draw is not None for draw in draws):
            result["drawing_order"] = self._drawing(draws, units)
        return result

    def _settings(self) -> dict[str, object]:
        sheet = self.sheets[self.settings]
        result: dict[str, object] = {}
        for row, cells in sheet.rows:
            label, value = cells.get("A"), cells.get("B")
            if row == 1 and (label, value) == SETTINGS_HEAD:
                continue
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
            line = self._object(record, f"{side}[{at}]")
            for other, earlier in enumerate(lines):
                if "id" in line and line["id"] == earlier.get("id"):
                    first = self.places[f"{side}[{other}].id"]
                    raise BadInput(self.places[f"{side}[{at}].id"], f"与 {first} 重复", f"is the same as {first}")
            lines.append(line)
        return lines, draws

    def _object(self, record: dict[str, tuple[str, object]], path: str) -> dict[str, object]:
        result: dict[str, object] = {}
        for key, (place, value) in record.items():
            self.places[f"{path}.{key}"] = place
            result[key] = _text(value) if key in _TEXTS else _share(value) if key == "share" else value
        return result

    def _table(self, title: str, rows: _Called, columns: _Called, path: str) -> list[list[object]]:
        """A table with ids or names in its first row and column, in any order; a blank is 0."""
        sheet = self.sheets[title]
        place_of_row = {key: at for at, key in enumerate(rows.ids)}
        place_of_column = {key: at for at, key in enumerate(columns.ids)}
        heads: dict[str, int] = {}
        for column, heading in sheet.header.items():
            if column == "A":
                continue
            at = place_of_column.get(columns.id_of(heading, sheet.place(1, column)))
            if at is None or at in heads.values():
                raise BadInput(sheet.place(1, column), *_UNKNOWN)
            heads[column] = at
        result: list[list[object]] = [[0] * len(columns.ids) for _ in rows.ids]
        seen: set[str] = set()
        for row, cells in sheet.rows:
            key = rows.id_of(str(_text(cells.get("A"))), sheet.place(row, "A"))
            if key not in place_of_row or key in seen:
                raise BadInput(sheet.place(row, "A"), *_UNKNOWN)
            seen.add(key)
            for column, value in cells.items():
                if column == "A":
                    continue
                if column not in heads:
                    raise BadInput(sheet.place(row, column), "此列没有标题", "stands in a column without heading")
                at, across = place_of_row[key], heads[column]
                result[at][across] = value
                self.places[path.format(row=at, column=across)] = sheet.place(row, column)
        return result

    def _cells(self, result: dict[str, object], called: Mapping[str, _Called]) -> None:
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
                    entry = self._object({k: v for k, v in record.items() if k in called}, path)
                    for side in entry:
                        entry[side] = called[side].id_of(str(entry[side]), self.places[f"{path}.{side}"])
                    entries.append(entry | {"seats": record[key][1]})
        result.update({key: entries for key, entries in bounds.items() if entries})

    def _groups(self, result: dict[str, object], called: Mapping[str, _Called]) -> None:
        if GROUPS not in self.sheets:
            return
        groups: list[dict[str, object]] = []
        for row, record in self._records(GROUPS):
            path = f"groups[{len(groups)}]"
            self.places[path] = f"sheet {GROUPS} row {row}"
            group = self._object(record, path)
            for key, members in called.items():
                if key in group:
                    names = re.split(f"[{SEPARATORS}]", str(_text(group[key])))
                    group[key] = [members.id_of(name.strip(), self.places[f"{path}.{key}"]) for name in names]
            groups.append(group)
        result["groups"] = groups

    def _overlays(self, result: dict[str, object], units: _Called) -> None:
        if OVERLAYS not in self.sheets:
            return
        overlays: list[dict[str, object]] = []
        for row, record in self._records(OVERLAYS):
            path = f"overlays[{len(overlays)}]"
            self.places[path] = f"sheet {OVERLAYS} row {row}"
            overlays.append(self._object(record, path))
        if OVERLAY_WEIGHTS not in self.sheets:
            raise BadInput(f"sheet {OVERLAY_WEIGHTS}", "缺少", "is missing")
        table = self._table(OVERLAY_WEIGHTS, units, _Called(overlays), "overlays[{column}].weights[{row}]")
        for at, overlay in enumerate(overlays):
            overlay["weights"] = [line[at] for line in table]
        result["overlays"] = overlays

    def _drawing(self, draws: Sequence[tuple[str, object] | None], units: Sequence[dict[str, object]]) -> list[object]:
        """Ids in the order of their places in the draw."""
        order: dict[int, object] = {}
        for draw, unit in zip(draws, units, strict=True):
            if draw is None:
                raise BadInput(
                    f"sheet {UNITS}", "抽签须每个单位都有", "must give every unit a place in the drawing order"
                )
            place, value = draw
            if isinstance(value, bool) or not isinstance(value, int) or value in order:
                raise BadInput(place, "抽签须是互不相同的整数", "must be a whole number of its own")
            order[value] = unit.get("id")
        return [order[key] for key in sorted(order)]


_UNKNOWN = ("没有这个编号或名称，或者重复", "names nothing that exists, or twice")


class _Called:
    """What a side's lines are called in the other sheets: by id, or by a name that only one of them has."""

    def __init__(self, lines: Sequence[Mapping[str, object]]) -> None:
        self.ids = [str(line.get("id")) for line in lines]
        self._names: dict[str, list[str]] = {}
        for key, line in zip(self.ids, lines, strict=True):
            self._names.setdefault(str(line.get("name", key)), []).append(key)

    def id_of(self, text: str, place: str) -> str:
        """The id meant by a text, or the text itself where it means none. Raises BadInput for a name of several."""
        meant = [text] if text in self.ids else self._names.get(text, [text])
        if len(meant) > 1:
            raise BadInput(place, "不止一行叫这个名称，请填编号", "is the name of several; give the id")
        return meant[0]


def _share(value: object) -> object:
    """A share typed as a text of percent is that many hundredths, exactly."""
    percent = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    return value if percent is None else Decimal(percent[1]).scaleb(-2)


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
            refuse_unseen(archive)
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    except BadInput:
        raise
    except Exception:  # a damaged file can fail in any way inside the reader
        raise BadInput(name, "不是可读的 .xlsx 文件", "is not a readable .xlsx file") from None
    try:
        for sheet in book.worksheets:
            header: dict[str, str] = {}
            rows: list[tuple[int, dict[str, object]]] = []
            sheet.reset_dimensions()  # many programs declare a size that is not that of the sheet
            for number, line in enumerate(sheet.iter_rows(values_only=True), 1):
                cells = {
                    get_column_letter(at): value for at, raw in enumerate(line, 1) if (value := _value(raw)) is not None
                }
                if number == 1 and sheet.title not in (SETTINGS, OLD_SETTINGS):
                    header = {column: str(value) for column, value in cells.items()}
                elif cells:
                    rows.append((number, cells))
            yield _Sheet(sheet.title, header, rows)
    except BadInput:
        raise
    except Exception:
        raise BadInput(name, "不是可读的 .xlsx 文件", "is not a readable .xlsx file") from None
