"""Reads and writes the small workbook of the seats in the previous congress: 选举单位｜上届名额. Pure; stores nothing.

It may be an office's own list: any sheet, a title above the header, the columns in any order, a line with the total.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from election.errors import Invalid, Refused
from election.quotas.plan.workbook_cells import held
from election.roster.importing.cells import plain
from election.roster.importing.headers import HEADER_WITHIN
from election.roster.importing.rows import RowFault
from election.roster.importing.sheets import Cell, Rows, open_sheets

UNIT, SEATS = "选举单位", "上届名额"
# The ways in which offices head the two columns, the plainest first: a list may have a column 名额 of its own.
UNIT_HEADERS = (UNIT, "选举单位名称", "单位名称", "单位", "单位代号", "代号")
SEATS_HEADERS = (SEATS, "上届代表名额", "上届代表数", "名额")
TOTALS = ("合计", "总计")


def previous_template(units: Sequence[tuple[str, int | None]]) -> bytes:
    """The workbook to fill in: every unit by name, with the seats that are known."""
    book = Workbook()
    page = book.active
    assert isinstance(page, Worksheet)
    page.title = SEATS
    for place, header in enumerate((UNIT, SEATS), 1):
        cell = page.cell(1, place, header)
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="EEF1F5")
        cell.alignment = Alignment(horizontal="center")
    for number, (name, seats) in enumerate(units, 2):
        page.cell(number, 1, held(name)).data_type = "s"  # a name that begins with = is no formula
        page.cell(number, 2, seats)
    page.column_dimensions["A"].width, page.column_dimensions["B"].width = 32, 12
    page.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read_previous(data: bytes, units: Mapping[str, str], most: int) -> dict[str, int | None]:
    """code → seats, 0 to `most`, for every unit that the workbook lists; an empty cell is None. `units`: code → name.

    Raises Invalid with one refusal for each bad row and Refused for what is no such workbook; then nothing of it is to be
    imported.
    """
    sheet, rows, header, unit_at, seats_at = _list_in(open_sheets(data))
    codes = {_key(name): code for code, name in units.items()} | {_key(code): code for code in units}
    found: dict[str, int | None] = {}
    places: dict[str, int] = {}
    faults: list[RowFault] = []
    totals: list[tuple[int, int | None]] = []
    for number, values in enumerate(rows[header + 1 :], header + 2):
        name, seats = (values[at] if at < len(values) else "" for at in (unit_at, seats_at))
        said = plain(name)
        if not said and not plain(seats):
            continue
        try:
            if _key(name) in TOTALS:
                totals.append((number, _seats(seats, most)))
                continue
            if not said:
                raise Refused("roster.cell_empty")
            code = codes.get(_key(name))
            if code is None:
                raise Refused("roster.unit_unknown", value=said)
            if code in places:
                raise Refused("roster.listed_twice", value=said, first=places[code])
            places[code] = number
            found[code] = _seats(seats, most)
        except Refused as refusal:
            faults.append(RowFault(sheet, number, "", refusal))
    if not faults:
        faults = [RowFault(sheet, number, "", refusal) for number, refusal in _wrong_totals(totals, found)]
    if faults:
        raise Invalid([fault.refused() for fault in faults])
    if not found:
        raise Refused("roster.no_rows", field="file")
    return found


def _list_in(sheets: Mapping[str, Rows]) -> tuple[str, Rows, int, int, int]:
    """The first sheet with both columns under one header: its name and rows, the header's row, the columns' places."""
    for name, rows in sheets.items():
        for place, values in enumerate(rows[:HEADER_WITHIN]):
            keys = [_key(value) for value in values]
            unit_at = next((keys.index(header) for header in UNIT_HEADERS if header in keys), None)
            seats_at = next((keys.index(header) for header in SEATS_HEADERS if header in keys), None)
            if unit_at is not None and seats_at is not None:
                return name, rows, place, unit_at, seats_at
    raise Refused("congress.previous_header_missing", field="file")


def _wrong_totals(
    totals: Sequence[tuple[int, int | None]], found: Mapping[str, int | None]
) -> Iterator[tuple[int, Refused]]:
    """A total that a list carries must be that of its lines: a line was left out or mistyped otherwise."""
    counted = sum(number or 0 for number in found.values())
    for row, given in totals:
        if given is not None and given != counted:
            yield row, Refused("congress.previous_total_wrong", given=given, sum=counted)


def _seats(cell: Cell, most: int) -> int | None:
    text = _key(cell).removesuffix("名").removesuffix("席")
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) <= 9 and int(text) <= most:
        return int(text)
    raise Refused("congress.previous_cell_wrong", value=plain(cell), most=f"{most:,}")


def _key(cell: Cell) -> str:
    """Full-width signs as plain ones, no spaces, codes in small letters: how two ways of writing one name are compared."""
    return unicodedata.normalize("NFKC", plain(cell)).replace(" ", "").casefold()
