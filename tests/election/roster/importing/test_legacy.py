"""Formulas and hidden rows of an .xls, which the library that reads its values does not tell; and what a hostile one may say."""

from __future__ import annotations

import struct
from datetime import date

import pytest

from election.errors import Refused
from election.roster.importing import reader
from election.roster.importing.notes import HIDDEN_ROWS
from election.roster.importing.sheets import open_workbook
from election.roster.importing.workbook import read_roster
from tests.election.roster.making import FORMULAS

TODAY = date(2031, 3, 3)
OPENING, CHART_END = 0x0809, 0x000A
VISIBLE, WORKSHEET, MACROS, MODULE = 0, 0, 1, 6


def record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def formula(row: int, column: int) -> bytes:
    return record(reader.FORMULA, struct.pack("<HH18x", row, column))


def row(number: int, looks: int) -> bytes:
    return record(reader.ROW, struct.pack("<H10xI", number, looks))


def listed(place: int, sort: int = WORKSHEET) -> bytes:
    return record(reader.SHEET, struct.pack("<IBBBB", place, VISIBLE, sort, 1, 0) + b"x")


END = record(reader.END)


def streamed(*sheets: bytes, sort: int = WORKSHEET) -> bytes:
    """A workbook of these sheets: its list, then one after the other."""
    head = record(OPENING, bytes(16))
    place = len(head) + len(sheets) * len(listed(0)) + len(END)
    for sheet in sheets:
        head += listed(place, sort)
        place += len(sheet)
    return head + END + b"".join(sheets)


def told(stream: bytes) -> list[tuple[list[tuple[int, int]], list[int]]]:
    return [(marks.formulas, marks.hidden) for marks in reader.legacy_marks_of(stream)]


def test_formulas_and_hidden_rows_are_told_by_sheet_and_place() -> None:
    found = open_workbook(FORMULAS.read_bytes(), legacy=True)
    assert {name: sorted(places) for name, places in found.formulas.items()} == {
        "党员": [(3, "D"), (4, "C"), (5, "C"), (6, "C"), (7, "E")],
        "统计": [(1, "A")],
        "报名": [(2, "D")],
        "支部推选": [(2, "H")],
    }
    assert {name: rows for name, rows in found.hidden_rows.items() if rows} == {"党员": {5}, "报名": {3}}


def test_a_roster_row_with_a_formula_goes_back_and_a_hidden_one_is_named() -> None:
    contents = read_roster(FORMULAS.read_bytes(), {"农民": "farmer"}, TODAY)
    found = {(fault.row, fault.column): fault.refusal.code for fault in contents.faults}
    assert set(found.values()) == {"roster.cell_formula"}
    assert set(found) == {(3, "D"), (4, "C"), (5, "C"), (6, "C"), (7, "E")}
    assert contents.remarks["党员", HIDDEN_ROWS] == [(5, "")]


def test_each_sheet_is_walked_from_its_place_to_its_first_end() -> None:
    chart = record(OPENING, bytes(16)) + formula(8, 8) + record(CHART_END)
    first = record(OPENING, bytes(16)) + row(0, 0x20) + row(1, 0x10) + formula(1, 2) + END
    assert told(streamed(first, END + chart, formula(65_535, 255) + END)) == [
        ([(2, 3)], [1]),
        ([], []),
        ([(65_536, 256)], []),
    ]


@pytest.mark.parametrize(
    ("stream", "status"),
    [
        (record(OPENING, bytes(16))[:-1], reader.UNREADABLE),
        (streamed(formula(1, 1)[:-1]), reader.UNREADABLE),
        (listed(9_000_000) + END, reader.UNREADABLE),
        (listed(0) + listed(0) + END, reader.UNREADABLE),
        (record(reader.PASSWORD) + END, reader.LOCKED),
        (streamed(END, sort=MACROS), reader.MACROS),
        (streamed(END, sort=MODULE), reader.MACROS),
        (streamed(*[END] * (reader.MOST_SHEETS + 1)), reader.TOO_MANY_SHEETS),
    ],
    ids=[
        "cut off",
        "longer than the file",
        "a sheet outside",
        "sheets in one place",
        "password",
        "macros",
        "module",
        "many sheets",
    ],
)
def test_a_stream_that_lies_or_brings_what_is_not_read_is_refused(stream: bytes, status: int) -> None:
    with pytest.raises(reader.Refusal) as refusal:
        reader.legacy_marks_of(stream)
    assert refusal.value.status == status


def test_a_record_too_short_for_its_place_is_an_error_that_the_reader_knows() -> None:
    with pytest.raises((struct.error, IndexError)):
        reader.legacy_marks_of(streamed(record(reader.ROW, bytes(3))))


def test_a_container_that_runs_in_a_circle_is_a_sentence() -> None:
    """Every sector of the file names itself as the next."""
    data = bytearray(FORMULAS.read_bytes())
    (table,) = struct.unpack_from("<I", data, 0x4C)
    at = 512 * (table + 1)
    for sector in range(128):
        struct.pack_into("<I", data, at + 4 * sector, sector)
    with pytest.raises(Refused) as refusal:
        open_workbook(bytes(data), legacy=True)
    assert refusal.value.code == "roster.not_a_workbook"
