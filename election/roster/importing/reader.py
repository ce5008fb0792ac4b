"""Reads the cells of one workbook from standard input and prints them as JSON: a program of its own, started by
`reading.py` for every file that somebody sends. Imports nothing of the election and never writes a file.

What a hostile file makes of its reader (memory without end, a loop, a crash of the library) ends this process and nothing else.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from datetime import date, datetime
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

MOST_MEMORY = 2 * 1024**3
MOST_SECONDS = 60
# Technical bound: a hundred thousand members with forty columns each.
MOST_CELLS = 4_000_000
# So much may be handed on: a hundred thousand members take some 30 MB. One text shared by a million cells would be as many.
MOST_OUTPUT = 64 * 1024**2
# More columns than any program writes into an .xls: a damaged file may claim more than any .xlsx may have.
MOST_COLUMNS = 256
# How the reader says, by its exit status, why there are no cells.
UNREADABLE, LOCKED, TOO_MANY = 3, 4, 5


def main(wanted: list[str] | None) -> int:
    """Prints [[name, visible, rows], …] of the sheets in `wanted`, or of all. The exit status says why not."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        return _print_sheets(CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read())), wanted)
    except PasswordError:
        return LOCKED
    except (CalamineError, ValueError, OSError, MemoryError, OverflowError):
        return UNREADABLE


def _print_sheets(book: CalamineWorkbook, wanted: list[str] | None) -> int:
    sheets: list[Any] = []
    left = MOST_CELLS
    for about in book.sheets_metadata:
        if wanted is not None and about.name.strip() not in wanted:
            continue
        rows = _filled(book.get_sheet_by_name(about.name).to_python(skip_empty_area=False))
        left -= sum(map(len, rows))
        if left < 0 or (rows and len(rows[0]) > MOST_COLUMNS):
            return TOO_MANY
        sheets.append([about.name, about.visible == SheetVisibleEnum.Visible, rows])
    said = json.dumps(sheets, ensure_ascii=False, default=_said, separators=(",", ":")).encode()
    if len(said) > MOST_OUTPUT:
        return TOO_MANY
    sys.stdout.buffer.write(said)
    return 0


def _filled(rows: list[list[Any]]) -> list[list[Any]]:
    """Without the empty rows below and the empty columns on the right; every row as long as the others."""
    while rows and not any(cell != "" for cell in rows[-1]):
        rows.pop()
    width = max((place for row in rows for place, cell in enumerate(row, 1) if cell != ""), default=0)
    return [row[:width] for row in rows] if rows and width < len(rows[0]) else rows


def _said(cell: object) -> object:
    """What JSON has no word for: a day or moment by its ISO text, marked; a time or span as it is written."""
    return {"day": cell.isoformat()} if isinstance(cell, date | datetime) else str(cell)


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
