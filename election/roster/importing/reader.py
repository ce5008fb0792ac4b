"""Reads the cells of one workbook from standard input and prints them as JSON: a program of its own, started by
`reading.py` for every file that somebody sends. Imports nothing of the election and never writes a file.

What a hostile file makes of its reader (memory without end, a loop, a crash of the library) ends this process and nothing else.
"""

from __future__ import annotations

import io
import json
import posixpath
import resource
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import IO, Any
from xml.parsers import expat

from olefile import OleFileIO
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

MOST_MEMORY = 2 * 1024**3
MOST_SECONDS = 60
# Technical bound: a hundred thousand members with forty columns each.
MOST_CELLS = 4_000_000
# So much may be handed on: a hundred thousand members take some 30 MB. One text shared by a million cells would be as many.
MOST_OUTPUT = 64 * 1024**2
# Technical bounds as well, far beyond a county's roster; MOST_XLS_COLUMNS is more than any program writes into an .xls.
MOST_ROWS = 100_000
MOST_COLUMNS = 200
MOST_XLS_COLUMNS = 256
MOST_FORMULAS = 200_000
MOST_SHEETS = 200
# How the reader says, by its exit status, why there are no cells.
UNREADABLE, LOCKED, TOO_MANY, TOO_MANY_ROWS, TOO_MANY_COLUMNS, TOO_MANY_FORMULAS, TOO_MANY_SHEETS = 3, 4, 5, 6, 7, 8, 9
MACROS = 10
PIECE = 1024 * 1024
CELLS = "sheetData"
# What is looked at in an .xls of either kind, BIFF8 or BIFF5 ([MS-XLS] 2.3): the end of a part, a sheet's place, a password, a cell
# with a formula (each cell has its own, also where many share one), a row's looks.
END, SHEET, PASSWORD, FORMULA, ROW = 0x000A, 0x0085, 0x002F, 0x0006, 0x0208
HEAD, PLACE, SHEET_HEAD, ROW_LOOKS = struct.Struct("<HH"), struct.Struct("<HH"), struct.Struct("<IBB"), 12
HIDDEN_ROW = 0x20
# A sheet of macros, a module of them.
RUNS = (1, 6)


class Refusal(Exception):
    """Why there are no cells: an exit status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def main(wanted: list[str] | None) -> int:
    """Prints [[name, visible, rows, formulas, hidden], …] of the sheets in `wanted`, or of all: the places (row, column from
    1) that hold a formula, the rows that are hidden. The exit status says why not.
    """
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    data = sys.stdin.buffer.read()
    try:
        if data.startswith(b"PK"):
            marks = marks_of(data, wanted)
            book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        else:
            legacy = legacy_marks_of(legacy_stream_of(data))
            book = CalamineWorkbook.from_filelike(io.BytesIO(data))
            marks = dict(zip((about.name for about in book.sheets_metadata), legacy, strict=True))
        return _print_sheets(book, wanted, marks)
    except PasswordError:
        return LOCKED
    except Refusal as refusal:
        return refusal.status
    except (CalamineError, expat.ExpatError, zipfile.BadZipFile, zlib.error, EOFError, KeyError, RuntimeError):
        return UNREADABLE
    except (IndexError, struct.error, ValueError, OSError, MemoryError, OverflowError):
        return UNREADABLE


class Marks:
    """What is read of a sheet's text besides its values, while `start` and `end` are told its elements one after the other.
    Only what stands among the cells: drop-downs and the like have formulas of their own, behind them.
    """

    def __init__(self) -> None:
        self.formulas: list[tuple[int, int]] = []
        self.hidden: list[int] = []
        self._row = self._column = self._cells = 0
        self._among_cells = False
        self._columns: dict[str, int] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        kind = name.rpartition(":")[2]
        if not self._among_cells:
            self._among_cells = kind == CELLS
        elif kind == "c":
            self._stand_at(attributes.get("r"))
        elif kind in ("v", "is", "f"):
            self._fill(formula=kind == "f")
        elif kind == "row":
            self._row = int(attributes.get("r", self._row + 1))
            self._column = 0
            if attributes.get("hidden") in ("1", "true"):
                self.hidden.append(self._row)

    def end(self, name: str) -> None:
        if name.endswith(CELLS) and name.rpartition(":")[2] == CELLS:
            self._among_cells = False

    def _stand_at(self, address: str | None) -> None:
        """A cell without an address stands beside the one before."""
        if address is None:
            self._column += 1
            return
        letters = address.rstrip("0123456789")
        if letters not in self._columns:
            number = 0
            for letter in letters:
                number = number * 26 + ord(letter.upper()) - 64
            self._columns[letters] = number
        self._column = self._columns[letters]
        self._row = int(address[len(letters) :])

    def _fill(self, *, formula: bool) -> None:
        """Only cells that hold something count: formats reach as far down as they like."""
        self._cells += 1
        if self._row > MOST_ROWS:
            raise Refusal(TOO_MANY_ROWS)
        if self._column > MOST_COLUMNS:
            raise Refusal(TOO_MANY_COLUMNS)
        if self._cells > 2 * MOST_CELLS:  # a cell with a formula holds its value besides
            raise Refusal(TOO_MANY)
        if formula:
            self.formulas.append((self._row, self._column))
            if len(self.formulas) > MOST_FORMULAS:
                raise Refusal(TOO_MANY_FORMULAS)


def marks_of(data: bytes, wanted: list[str] | None = None) -> dict[str, Marks]:
    """Name of a sheet → its marks, for the sheets in `wanted` (or all) of an .xlsx that its index names."""
    targets: dict[str, str] = {}
    sheets: list[tuple[str, str]] = []

    def target(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "Relationship":
            path = posixpath.normpath(posixpath.join("/xl", attributes["Target"]))
            targets[attributes["Id"]] = path.lstrip("/")

    def listed(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "sheet":
            sheets.extend((attributes["name"], value) for key, value in attributes.items() if key.endswith(":id"))

    marks: dict[str, Marks] = {}
    parts: dict[str, Marks] = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for part, start in (("xl/_rels/workbook.xml.rels", target), ("xl/workbook.xml", listed)):
            with archive.open(part) as stream:
                _walk(stream, start)
        if len(sheets) > MOST_SHEETS:
            raise Refusal(TOO_MANY_SHEETS)
        for sheet, key in sheets:
            if wanted is not None and sheet.strip() not in wanted:
                continue
            part = targets[key]
            if part not in parts:  # several sheets may name one part
                parts[part] = Marks()
                with archive.open(part) as stream:
                    _walk(stream, parts[part].start, parts[part].end)
            marks[sheet] = parts[part]
    return marks


def _walk(
    stream: IO[bytes], start: Callable[[str, dict[str, str]], None], end: Callable[[str], None] | None = None
) -> None:
    """Tells `start` and `end` every element. No workbook declares a document type; who does wants something else."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = _no_doctype
    while piece := stream.read(PIECE):
        parser.Parse(piece, False)
    parser.Parse(b"", True)


def _no_doctype(*_: object) -> None:
    raise Refusal(UNREADABLE)


def legacy_stream_of(data: bytes) -> bytes:
    """The workbook in the container of an .xls. Nothing in it is longer than the whole, whatever its index says."""
    with OleFileIO(io.BytesIO(data)) as container:
        name = "Workbook" if container.exists("Workbook") else "Book"
        if container.get_size(name) > len(data):
            raise Refusal(UNREADABLE)
        return container.openstream(name).read()


def legacy_marks_of(stream: bytes) -> list[Marks]:
    """The marks of every sheet of an .xls, in the order of its list. No two sheets lie in one place, so that there is never more
    to walk than the file is long.
    """
    places = []
    left = len(stream)
    for kind, at, length in _records(stream, 0, left):
        left -= HEAD.size + length
        if kind == PASSWORD:
            raise Refusal(LOCKED)
        if kind == SHEET:
            place, _, sort = SHEET_HEAD.unpack_from(stream, at)
            if sort in RUNS:
                raise Refusal(MACROS)
            places.append(place)
    if len(places) > MOST_SHEETS:
        raise Refusal(TOO_MANY_SHEETS)
    found = []
    for place in places:
        marks = Marks()
        if place >= len(stream):
            raise Refusal(UNREADABLE)
        for kind, at, length in _records(stream, place, left):
            left -= HEAD.size + length
            if kind == FORMULA:
                row, column = PLACE.unpack_from(stream, at)
                marks.formulas.append((row + 1, column + 1))
            elif kind == ROW and stream[at + ROW_LOOKS] & HIDDEN_ROW:
                marks.hidden.append(PLACE.unpack_from(stream, at)[0] + 1)
        found.append(marks)
    return found


def _records(stream: bytes, at: int, most: int) -> Iterator[tuple[int, int, int]]:
    """Kind, place and length of each record of a part, up to its first end, as calamine reads it: a chart among the cells has an
    end of its own, and stands behind them. At most so many bytes of them.
    """
    end = at + most
    while at < len(stream):
        kind, length = HEAD.unpack_from(stream, at)
        at += HEAD.size
        if kind == END:
            return
        if at + length > min(len(stream), end):
            raise Refusal(UNREADABLE)
        yield kind, at, length
        at += length


def _print_sheets(book: CalamineWorkbook, wanted: list[str] | None, marks: dict[str, Marks]) -> int:
    sheets: list[Any] = []
    left = MOST_CELLS
    if len(book.sheets_metadata) > MOST_SHEETS:
        return TOO_MANY_SHEETS
    for about in book.sheets_metadata:
        if wanted is not None and about.name.strip() not in wanted:
            continue
        rows = _filled(book.get_sheet_by_name(about.name).to_python(skip_empty_area=False))
        left -= sum(map(len, rows))
        if left < 0 or (rows and len(rows[0]) > MOST_XLS_COLUMNS):
            return TOO_MANY
        seen = marks.get(about.name, Marks())
        if len(seen.formulas) > MOST_FORMULAS:
            return TOO_MANY_FORMULAS
        sheets.append([about.name, about.visible == SheetVisibleEnum.Visible, rows, seen.formulas, seen.hidden])
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
