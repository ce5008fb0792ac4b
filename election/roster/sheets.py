"""Opens an uploaded workbook safely and hands out its sheets as rows of plain values. Knows nothing of a roster.

What a file may cost is bounded before anything is unpacked: its size, its unpacked size, the corner cells it claims.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineError, CalamineWorkbook

from election.errors import Refused

Cell = str | float | int | bool | date | datetime | time | timedelta
Rows = list[list[Cell]]

MEGABYTE = 1024 * 1024
# Technical bounds, far beyond a county's roster: 100,000 members make a workbook of some 10 MB, unpacked some 60 MB.
MOST_BYTES = 20 * MEGABYTE
MOST_UNPACKED = 250 * MEGABYTE
MOST_ROWS = 100_000
MOST_COLUMNS = 200
MOST_PARTS = 2_000
# A cell that holds something: a self-closing one is only a format.
FILLED_CELL = re.compile(rb'<(?:\w{1,20}:)?c\s(?:[^<>]{0,200}?\s)?r="([A-Z]{1,3})([0-9]{1,7})"[^<>]{0,200}(?<!/)>')
# What may stand on the border of two pieces read: longer than any such cell's tag.
BORDER = 500
# What the standard library says of an archive that is none, is cut off, damaged or locked.
UNREADABLE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
)
LEGACY = b"\xd0\xcf\x11\xe0"


def open_sheets(data: bytes, wanted: tuple[str, ...] | None = None) -> Mapping[str, Rows]:
    """The rows of the `wanted` sheets that are there, or of all, from row 1 and column A. Raises Refused, one sentence."""
    if len(data) > MOST_BYTES:
        raise Refused("roster.file_too_large", field="file", most=MOST_BYTES // MEGABYTE)
    if data.startswith(LEGACY):
        raise Refused("roster.file_legacy", field="file")
    _check_archive(data)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            names = {name.strip(): name for name in book.sheet_names}
            return {name: _rows(book, names[name]) for name in (names if wanted is None else wanted) if name in names}
    except (CalamineError, ValueError, OSError):
        raise Refused("roster.not_a_workbook", field="file") from None


def _rows(book: CalamineWorkbook, name: str) -> Rows:
    rows: Rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    return rows


def _check_archive(data: bytes) -> None:
    """Refuses what is no workbook, what unpacks too large, and what names cells far outside any roster."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise Refused("roster.file_unpacks_too_large", field="file", most=MOST_UNPACKED // MEGABYTE)
            if "[Content_Types].xml" not in archive.namelist():
                raise Refused("roster.not_a_workbook", field="file")
            unpacked = 0
            for part in parts:
                unpacked += _check_part(archive, part, MOST_UNPACKED - unpacked)
    except UNREADABLE:
        raise Refused("roster.not_a_workbook", field="file") from None


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, most: int) -> int:
    """Reads a part through, since a header may lie about its size. The bytes that it unpacks to."""
    sheet = part.filename.startswith("xl/worksheets/")
    size, tail = 0, b""
    with archive.open(part) as stream:
        while chunk := stream.read(MEGABYTE):
            size += len(chunk)
            if size > most:
                raise Refused("roster.file_unpacks_too_large", field="file", most=MOST_UNPACKED // MEGABYTE)
            if sheet:
                text = tail + chunk
                _check_corners(text)
                tail = text[-BORDER:]
    return size


def _check_corners(text: bytes) -> None:
    for match in FILLED_CELL.finditer(text):
        column, row = match.groups()
        if int(row) > MOST_ROWS:
            raise Refused("roster.too_many_rows", field="file", most=MOST_ROWS)
        if len(column) > 1 and _column_number(column) > MOST_COLUMNS:
            raise Refused("roster.too_many_columns", field="file", most=MOST_COLUMNS)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def column_letter(index: int) -> str:
    """0 → A, 26 → AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
