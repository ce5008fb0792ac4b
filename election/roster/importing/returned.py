"""The workbook that goes back to whoever sent it: as it came, with a column 错误 that says at every bad row what is wrong. Pure.

An .xlsx keeps its sheets, values and formats as far as openpyxl knows them; an .xls, and a workbook that openpyxl cannot open or
that would cost too much, comes back with its sheets and values, and says so. Either can be corrected and uploaded again as it is.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence

from election.people.act import CHINA
from election.roster.importing.archive import MEGABYTE, is_legacy
from election.roster.importing.filler import WIDTH
from election.roster.importing.headers import MEMBERS, SHEETS
from election.roster.importing.preview import RosterPreview
from election.roster.importing.reading import Cell, Sheet, filled_in, read_sheets
from election.roster.importing.remade import BOLD, TOLD_ABOVE, Page, Said, workbook_of
from election.roster.importing.rows import RowFault

FAULTS = "错误"
REMADE = "（本表按原文件的内容重新生成，不带原来的格式）"
# What openpyxl may be given to open: some twenty thousand rows, for which it needs ten seconds and ten times as much memory.
MOST_TO_OPEN = 16 * MEGABYTE
COLUMN_WIDTH = 20

# Row → what is wrong in it.
Told = Mapping[int, str]


def faulty_workbook(data: bytes, preview: RosterPreview) -> bytes:
    """The workbook with its faults. `data`: as it was uploaded; `preview`: of these data."""
    said = {sheet: _said(preview, sheet) for sheet in SHEETS if sheet in preview.headers}
    return _returned(data, said, preview.headers)


def marked_workbook(data: bytes, faults: Sequence[RowFault], headers: Mapping[str, int]) -> bytes:
    """Any workbook of ours with these faults. `headers`: sheet → the row of its header, of the sheets that were read."""
    return _returned(data, {sheet: _by_row(faults, sheet) for sheet in headers}, headers)


def _returned(data: bytes, said: Mapping[str, Told], headers: Mapping[str, int]) -> bytes:
    if not is_legacy(data) and _unpacked(data) <= MOST_TO_OPEN:
        titled = {sheet: _with_title(rows, headers[sheet], FAULTS) for sheet, rows in said.items()}
        if (book := filled_in(data, titled, headers, FAULTS)) is not None:
            return book
    return workbook_of(_remade(sheet, said, headers) for sheet in read_sheets(data))


def _said(preview: RosterPreview, sheet: str) -> Told:
    """Row → its faults, each with the column that it is about; beside the header, that not all of them are said."""
    rows = _by_row(preview.faults, sheet)
    if more := preview.faults_unsaid.get(sheet):
        header, told = (
            preview.headers[sheet],
            f"错误太多，有的行只写了第一处，另有 {more} 处没有写；改正后请重新上传检查。",
        )
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


def _with_title(said: Told, header: int, title: str) -> dict[int, str]:
    """What is wrong with the header itself stands in the header of the column."""
    return {header: title} | {row: f"{title}：{text}" if row == header else text for row, text in said.items()}


def _remade(sheet: Sheet, said: Mapping[str, Told], headers: Mapping[str, int]) -> Page:
    """A sheet as it was read; one that was looked at with the column of faults."""
    name, rows = sheet.name.strip(), sheet.rows
    width = len(rows[0]) if rows else 0
    if name not in said:
        return Page(sheet.name, rows, [COLUMN_WIDTH] * width, sheet.visible)
    header = headers[name]
    above = rows[header - 1] if header <= len(rows) else []
    column = next((at for at, value in enumerate(above) if str(value).startswith(FAULTS)), width)
    widths = [WIDTH if at == column else COLUMN_WIDTH for at in range(max(width, column + 1))]
    texts = _with_title(said[name], header, FAULTS + REMADE)
    return Page(sheet.name, _told(rows, texts, header, column), widths, sheet.visible)


def _told(rows: Sequence[Sequence[Cell]], texts: Told, header: int, column: int) -> Iterator[Sequence[Cell | Said]]:
    for number in range(1, max(len(rows), *texts) + 1):
        line: list[Cell | Said] = list(rows[number - 1]) if number <= len(rows) else []
        if number >= header:
            line += [""] * (column + 1 - len(line))
            text = texts.get(number, "")
            line[column] = Said(text, TOLD_ABOVE) if number == header else Said(text) if text else ""
        yield line


def changes_workbook(preview: RosterPreview) -> bytes:
    """Every fact that an import would change, one a line, also where somebody has to say so first: for a look at more than a
    page shows.
    """
    return workbook_of([Page("将更新的内容", _changes(preview), (12, 8, 24, 14, 36, 36, 40), frozen=1)])


def _changes(preview: RosterPreview) -> Iterator[Sequence[Cell | Said]]:
    yield [Said(head, BOLD) for head in ("工作表", "行", "姓名或名称", "项目", "原为", "改为", "说明")]
    waiting = {change.row for change in preview.renamed}
    for change in (*preview.renamed, *preview.changes, *preview.undone):
        edit = change.undoes
        said = f"{edit.name}于{edit.at.astimezone(CHINA):%Y-%m-%d %H:%M}人工更正过，不勾选不改回" if edit else ""
        if change.sheet == MEMBERS and change.row in waiting:
            said = "身份证号相同、姓名不同，不勾选整行不动"
        yield (change.sheet, change.row, change.who, change.header, change.before, change.after, said)
