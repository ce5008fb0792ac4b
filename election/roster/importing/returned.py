"""The workbook that goes back to whoever sent it: as it came, with a column 错误 that says at every bad row what is wrong. Pure.

An .xlsx keeps its sheets, values and formats as far as openpyxl knows them; an .xls, and a workbook that openpyxl cannot open or
that would cost too much, comes back with its sheets and values. Either can be corrected and uploaded again as it is.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from election.people.act import CHINA
from election.roster.importing.archive import MEGABYTE, is_legacy
from election.roster.importing.filler import ORANGE, WIDTH
from election.roster.importing.headers import MEMBERS, SHEETS
from election.roster.importing.preview import RosterPreview
from election.roster.importing.reading import Cell, Sheet, filled_in, read_sheets
from election.roster.importing.rows import RowFault

FAULTS = "错误"
# What openpyxl may be given to open: it needs some ten times as much memory.
MOST_TO_OPEN = 24 * MEGABYTE
# So many faulty rows are written into the workbook itself; where more are wrong, it is the wrong file or needs other means.
MOST_TO_FILL_IN = 5_000
TEXT = "@"

# Row → what is wrong in it.
Said = Mapping[int, str]


def faulty_workbook(data: bytes, preview: RosterPreview) -> bytes:
    """The workbook with its faults. `data`: as it was uploaded; `preview`: of these data."""
    said = {sheet: _said(preview, sheet) for sheet in SHEETS if sheet in preview.headers}
    return _returned(data, said, preview.headers, unmarked=sum(preview.rows_unmarked.values()))


def marked_workbook(data: bytes, faults: Sequence[RowFault], headers: Mapping[str, int]) -> bytes:
    """Any workbook of ours with these faults. `headers`: sheet → the row of its header, of the sheets that were read."""
    return _returned(data, {sheet: _by_row(faults, sheet) for sheet in headers}, headers)


def _returned(data: bytes, said: Mapping[str, Said], headers: Mapping[str, int], unmarked: int = 0) -> bytes:
    rows = sum(map(len, said.values())) + unmarked
    if not is_legacy(data) and _unpacked(data) <= MOST_TO_OPEN and rows <= MOST_TO_FILL_IN:
        titled = {sheet: _with_title(rows, headers[sheet]) for sheet, rows in said.items()}
        if (book := filled_in(data, titled, headers, FAULTS)) is not None:
            return book
    return _rebuilt(read_sheets(data), said, headers)


def _said(preview: RosterPreview, sheet: str) -> Said:
    """Row → its faults, each with the column that it is about; beside the header, how many more rows have some."""
    rows = _by_row(preview.faults, sheet)
    if more := preview.rows_unmarked.get(sheet):
        header, told = preview.headers[sheet], f"另有 {more} 行有错误，没有逐行标出；请改正后重新上传检查。"
        rows[header] = f"{rows[header]}\n{told}" if header in rows else told
    return rows


def _by_row(faults: Sequence[RowFault], sheet: str) -> dict[int, str]:
    """Row → its faults, each with the column that it is about."""
    rows: dict[int, list[str]] = {}
    for fault in faults:
        if fault.sheet == sheet:
            rows.setdefault(fault.row, []).append(
                fault.words.zh if _says_where(fault) else f"{fault.header or fault.column}：{fault.words.zh}"
            )
    return {row: "\n".join(faults) for row, faults in rows.items()}


def _says_where(fault: RowFault) -> bool:
    """Whether the sentence is about the whole row or begins with the name of its column anyway."""
    return not fault.column or bool(fault.header and fault.words.zh.startswith(fault.header))


def _unpacked(data: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return sum(part.file_size for part in archive.infolist())


def _with_title(said: Said, header: int) -> dict[int, str]:
    """What is wrong with the header itself stands in the header of the column."""
    return {row: f"{FAULTS}：{text}" if row == header else text for row, text in said.items()}


def _rebuilt(sheets: Iterable[Sheet], said: Mapping[str, Said], headers: Mapping[str, int]) -> bytes:
    book = Workbook(write_only=True)
    for place, sheet in enumerate(sheets, 1):
        try:
            page = book.create_sheet(sheet.name)
        except ValueError:  # a name that no .xlsx may have
            page = book.create_sheet(f"Sheet{place}")
        page.sheet_state = "visible" if sheet.visible else "hidden"
        name = sheet.name.strip()
        _rebuild(page, sheet.rows, said.get(name, {}), headers[name] if name in said else 0)
    if not any(page.sheet_state == "visible" for page in book.worksheets):
        book.worksheets[0].sheet_state = "visible"
    return _bytes(book)


def _rebuild(page: Any, rows: Sequence[Sequence[Cell]], said: Said, header: int) -> None:
    """`header`: the row under which the faults stand; 0 for a sheet that was not looked at."""
    width = len(rows[0]) if rows else 0
    column = width
    if header and header <= len(rows):
        column = next((at for at, value in enumerate(rows[header - 1]) if str(value).startswith(FAULTS)), width)
    texts = {header: FAULTS} | _with_title(said, header) if header else {}
    fonts = (Font(color=ORANGE), Font(bold=True, color=ORANGE))
    for place in range(width):
        page.column_dimensions[get_column_letter(place + 1)].width = 16
    if header:
        page.column_dimensions[get_column_letter(column + 1)].width = WIDTH
    for number in range(1, max(len(rows), *texts, 0) + 1 if texts else len(rows) + 1):
        line = [_cell(page, value) for value in (rows[number - 1] if number <= len(rows) else [])]
        if header and number >= header:
            line += [None] * (column + 1 - len(line))
            line[column] = _cell(page, texts.get(number, ""), fonts[number == header])
        page.append(line)


def _cell(page: Any, value: Cell, font: Font | None = None) -> Any:
    if value == "":
        return None
    written: Any = ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value
    cell = WriteOnlyCell(page, written)
    if isinstance(value, str):
        cell.number_format, cell.data_type = TEXT, "s"
    if font is not None:
        cell.font, cell.alignment = font, Alignment(wrap_text=True, vertical="top")
    return cell


def changes_workbook(preview: RosterPreview) -> bytes:
    """Every fact that an import would change, one a line, also where somebody has to say so first: for a look at more than a
    page shows.
    """
    book = Workbook(write_only=True)
    page = book.create_sheet("将更新的内容")
    for letter, width in zip("ABCDEFG", (12, 8, 24, 14, 36, 36, 40), strict=True):
        page.column_dimensions[letter].width = width
    page.freeze_panes = "A2"
    heads = ("工作表", "行", "姓名或名称", "项目", "原为", "改为", "说明")
    page.append([_cell(page, text, Font(bold=True)) for text in heads])
    waiting = {change.row for change in preview.renamed}
    for change in (*preview.renamed, *preview.changes, *preview.undone):
        edit = change.undoes
        said = f"{edit.name}于{edit.at.astimezone(CHINA):%Y-%m-%d %H:%M}人工更正过，不勾选不改回" if edit else ""
        if change.sheet == MEMBERS and change.row in waiting:
            said = "身份证号相同、姓名不同，不勾选整行不动"
        line = (change.sheet, change.row, change.who, change.header, change.before, change.after, said)
        page.append([_cell(page, value) for value in line])
    return _bytes(book)


def _bytes(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
