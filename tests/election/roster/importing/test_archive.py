"""What a file may be and cost: each refusal is one sentence, whatever is inside."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from election.errors import Refused
from election.roster.importing import archive, reader, reading
from election.roster.importing.crosscheck import Known
from election.roster.importing.plan import Stored, make_plan
from election.roster.importing.returned import faulty_workbook
from election.roster.importing.sheets import open_sheets, open_workbook
from election.roster.importing.workbook import read_roster
from tests.election.roster.making import FORMULAS, SAMPLE, in_sheets, made, opened, saved, with_parts
from tests.support.county import roster_rows, workbook
from tests.support.depth import examples

TODAY = date(2031, 3, 3)
CATEGORIES = {"领导干部": "leader", "农民": "farmer", "其他基层": "other"}
SOUND = made({"党员": [["姓名", "身份证号"], ["王一", "1"], ["李二", "2"]]})
ROSTER = workbook(*roster_rows(["u1"], branches=1, members=3))


def refusal_of(data: bytes) -> str:
    with pytest.raises(Refused) as refusal:
        open_workbook(data, legacy=True)
    assert refusal.value.field == "file"
    return refusal.value.code


def test_formulas_are_told_by_sheet_and_place() -> None:
    data = made({"甲": [["a", "=1+1"], ["=A1", 3]], "乙 ": [[1]]})
    book = open_workbook(data)
    assert book.formulas == {"甲": {(1, "B"), (2, "A")}}
    assert list(book.sheets) == ["甲", "乙"]


@pytest.mark.parametrize(
    ("pattern", "by"),
    [
        (b"<f>", b"<!-- nothing --><f>"),
        (b'<c r="B1"', b'<c spans="' + b"1" * 700 + b'" r="B1"'),
        (b'<c r="([A-Z]+[0-9]+)"', rb"<c r='\1'"),
        (b' r="[A-Z]*[0-9]+"', b""),
        (b"<(/?)(worksheet|sheetData|row|c|f|v)\\b", rb"<\1x:\2"),
    ],
    ids=["comment", "long attribute", "single quotes", "no addresses", "prefix"],
)
def test_a_formula_is_found_however_the_sheet_is_written(pattern: bytes, by: bytes) -> None:
    prefixed = in_sheets(made({"甲": [["a", "=1+1"], ["=A1", 3]]}), rb"<worksheet xmlns=", b"<worksheet xmlns:x=")
    data = prefixed if b"x:" in by else made({"甲": [["a", "=1+1"], ["=A1", 3]]})
    marks = reader.marks_of(in_sheets(data, pattern, by))
    assert marks["甲"].formulas == [(1, 2), (2, 1)]


def test_what_a_spreadsheet_program_writes_behind_the_cells_is_no_formula_of_a_cell() -> None:
    """Drop-downs that refer to another sheet keep their formula in an extension after the cells."""
    behind = b"<extLst><ext><x14:f xmlns:x14='x'>Sheet9!$A$1</x14:f></ext></extLst></worksheet>"
    data = in_sheets(made({"甲": [["a", "=1+1"], ["b", 3]]}), rb"</worksheet>", behind)
    assert reader.marks_of(data)["甲"].formulas == [(1, 2)]


def test_a_sheet_that_nobody_reads_may_be_as_large_as_it_likes() -> None:
    book = openpyxl.load_workbook(io.BytesIO(ROSTER))
    book.create_sheet("统计").cell(1, 205, "x")
    book.create_sheet("旧表").cell(100_001, 1, "x")
    assert len(read_roster(saved(book), CATEGORIES, TODAY).members) == len(
        read_roster(ROSTER, CATEGORIES, TODAY).members
    )


def test_a_workbook_of_many_sheets_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MOST_SHEETS", 1)
    with pytest.raises(reader.Refusal) as refusal:
        reader.marks_of(made({"甲": [[1]], "乙": [[1]]}))
    assert refusal.value.status == reader.TOO_MANY_SHEETS


def test_a_sheet_may_lie_in_any_folder_and_still_be_looked_through() -> None:
    """The index says which part it is."""

    def moved(name: str, part: bytes) -> bytes | None:
        if name == "xl/worksheets/sheet1.xml":
            return None
        return part.replace(b"worksheets/sheet1.xml", b"elsewhere/1.xml")

    data = made({"甲": [["=1"]]})
    with zipfile.ZipFile(io.BytesIO(data)) as archived:
        sheet = archived.read("xl/worksheets/sheet1.xml")
    assert open_workbook(with_parts(data, moved, {"xl/elsewhere/1.xml": sheet})).formulas == {"甲": {(1, "A")}}


def test_too_many_formulas_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MOST_FORMULAS", 5)
    with pytest.raises(reader.Refusal) as refusal:
        reader.marks_of(made({"甲": [[f"={row}"] for row in range(6)]}))
    assert reading.SAID[refusal.value.status][0] == "roster.too_many_formulas"


def test_macros_are_refused() -> None:
    assert refusal_of(with_parts(SOUND, lambda _, part: part, {"xl/vbaProject.bin": b"x"})) == "roster.file_with_macros"
    macros = "_VBA_PROJECT_CUR".encode("utf-16-le")
    assert refusal_of(SAMPLE.read_bytes() + macros) == "roster.file_with_macros"


def test_a_macro_by_another_name_is_one_by_its_kind() -> None:
    def declared(name: str, part: bytes) -> bytes:
        kind = b'<Override PartName="/xl/x.bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>'
        return part.replace(b"</Types>", kind) if name == archive.CONTENTS else part

    assert refusal_of(with_parts(SOUND, declared, {"xl/x.bin": b"x"})) == "roster.file_with_macros"


def test_cells_without_addresses_stand_beside_each_other() -> None:
    assert open_sheets(in_sheets(SOUND, rb' r="[A-Z]*[0-9]+"', b"")) == open_sheets(SOUND)
    endless = in_sheets(
        SOUND, rb"<sheetData>.*</sheetData>", b"<sheetData><row>" + b"<c><v>1</v></c>" * 201 + b"</row></sheetData>"
    )
    assert refusal_of(endless) == "roster.too_many_columns"


def test_what_is_hidden_is_said_and_read() -> None:
    book = opened(SOUND)
    book["党员"].row_dimensions[3].hidden = True
    book.create_sheet("说明").sheet_state = "visible"
    book["党员"].sheet_state = "hidden"
    book.active = 1
    found = open_workbook(saved(book))
    assert (found.hidden, found.hidden_rows["党员"], len(found.sheets["党员"])) == ({"党员"}, {3}, 3)


def test_a_hundred_thousand_and_one_rows_are_refused() -> None:
    rows = b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (row, row) for row in range(1, reader.MOST_ROWS + 2))
    data = in_sheets(made({"党员": [["x"]]}), rb"<sheetData>.*</sheetData>", b"<sheetData>" + rows + b"</sheetData>")
    assert refusal_of(data) == "roster.too_many_rows"


def test_more_cells_than_a_roster_has_are_refused_by_the_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two cells far apart claim all between them."""
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page["A1"], page.cell(reader.MOST_ROWS, reader.MOST_COLUMNS).value = 1, 1
    assert reader.MOST_ROWS * reader.MOST_COLUMNS > reader.MOST_CELLS
    assert refusal_of(saved(book)) == "roster.too_many_cells"


def test_formats_without_values_far_below_cost_nothing() -> None:
    book = openpyxl.Workbook()
    book.worksheets[0]["A1"] = "x"
    book.worksheets[0].cell(1_048_576, 16_000).number_format = "0.00"
    assert open_sheets(saved(book)) == {"Sheet": [["x"]]}


@pytest.mark.parametrize(
    "part",
    [
        b"<worksheet><sheetData><row r=",
        b"\x00\xff\x00",
        b"",
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
    ],
)
def test_a_broken_sheet_is_a_sentence(part: bytes) -> None:
    data = with_parts(ROSTER, lambda name, old: part if name == "xl/worksheets/sheet3.xml" else old)
    try:
        open_workbook(data)
    except Refused as refusal:
        assert refusal.code == "roster.not_a_workbook"
    else:
        assert open_sheets(data)["党员"] == []


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7 renamed",
        b"<html><table><tr><td>1</td></tr></table></html>",
        SAMPLE.read_bytes()[:2000],
        archive.COMPOUND + bytes(4000),
    ],
    ids=["pdf", "html", "truncated xls", "empty compound"],
)
def test_what_only_looks_like_a_workbook_is_refused(data: bytes) -> None:
    assert refusal_of(data) == "roster.not_a_workbook"


def test_an_old_workbook_is_taken_only_where_it_may_be() -> None:
    assert list(open_workbook(SAMPLE.read_bytes(), legacy=True).sheets) == ["选举单位", "党组织", "党员", "说明"]
    with pytest.raises(Refused) as refusal:
        open_sheets(SAMPLE.read_bytes())
    assert refusal.value.code == "roster.file_legacy"


def test_a_sheet_list_that_lies_elsewhere_is_still_read() -> None:
    """Other programs name the part by its whole address."""

    def absolute(name: str, part: bytes) -> bytes:
        return part.replace(b'Target="worksheets/', b'Target="/xl/worksheets/') if name.endswith(".rels") else part

    data = with_parts(made({"甲": [["=1"]]}), absolute)
    assert open_workbook(data).formulas == {"甲": {(1, "A")}}


def harmless(data: bytes) -> None:
    """A damaged file is either refused in words, or read and given back; nothing else comes of it."""
    try:
        contents = read_roster(data, CATEGORIES, TODAY)
        preview = make_plan(contents, Known(units={"u1": "第1镇"}), Stored({}, {}, lambda _: {}), {}).preview()
        assert all(fault.words.zh for fault in preview.faults)
        assert opened(faulty_workbook(data, preview)).sheetnames
    except Refused as refusal:
        assert refusal.code.startswith("roster.")


flips = st.lists(st.tuples(st.integers(0, 2**32), st.integers(1, 255)), min_size=1, max_size=6)


def flipped(data: bytes, at: list[tuple[int, int]]) -> bytes:
    changed = bytearray(data)
    for place, by in at:
        changed[place % len(changed)] ^= by
    return bytes(changed)


@examples(25)
@given(flips)
def test_an_xlsx_with_flipped_bytes_is_harmless(at: list[tuple[int, int]]) -> None:
    harmless(flipped(ROSTER, at))


@examples(25)
@given(st.sampled_from([SAMPLE, FORMULAS]), flips)
def test_an_xls_with_flipped_bytes_is_harmless(sample: Path, at: list[tuple[int, int]]) -> None:
    harmless(flipped(sample.read_bytes(), at))


@examples(25)
@given(st.sampled_from(["xl/worksheets/sheet3.xml", "xl/sharedStrings.xml", "xl/workbook.xml"]), flips)
def test_a_part_with_flipped_bytes_is_harmless(target: str, at: list[tuple[int, int]]) -> None:
    """Beneath the archive's own checksums."""
    harmless(with_parts(ROSTER, lambda name, part: flipped(part, at) if name == target and part else part))


@examples(15)
@given(st.integers(0, len(ROSTER)), st.integers(0, 6000))
def test_a_workbook_cut_off_anywhere_is_harmless(place: int, legacy_place: int) -> None:
    harmless(ROSTER[:place])
    harmless(SAMPLE.read_bytes()[:legacy_place])


def test_a_reader_that_dies_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "READER", "/dev/null/nothing")
    assert refusal_of(SOUND) == "roster.not_a_workbook"


def test_the_archive_s_index_may_be_hostile() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><workbook>&b;</workbook>'
    data = with_parts(made({"甲": [["=1"]]}), lambda name, part: bomb if name == "xl/workbook.xml" else part)
    with zipfile.ZipFile(io.BytesIO(data)) as unpacked:
        assert unpacked.testzip() is None
    assert refusal_of(data) == "roster.not_a_workbook"
