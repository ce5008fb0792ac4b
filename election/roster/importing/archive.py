"""What a file that was sent is, before anything unpacks it: a workbook of either kind, how large, with macros, with formulas.

Pure; reads every part of the archive through in pieces, since a header may lie, and keeps nothing but places.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from election.errors import Refused

MEGABYTE = 1024 * 1024
# Technical bounds, far beyond a county's roster: 100,000 members make a workbook of some 10 MB, unpacked some 60 MB.
MOST_BYTES = 20 * MEGABYTE
MOST_UNPACKED = 250 * MEGABYTE
MOST_ROWS = 100_000
MOST_COLUMNS = 200
MOST_PARTS = 2_000
MOST_FORMULAS = 200_000
# A list of a few sheets' names and where they lie.
MOST_INDEX = 4 * MEGABYTE
# A cell that holds something (a self-closing one is only a format), its address, and whether a formula is the first in it.
FILLED_CELL = re.compile(
    rb'<(?:\w{1,20}:)?c(?=[\s>])(?:\s(?:[^<>]{0,200}?\s)?r="([A-Z]{1,3})([0-9]{1,7})")?[^<>]{0,200}(?<!/)>'
    rb"(\s{0,20}<(?:\w{1,20}:)?f[\s/>])?"
)
# What may stand on the border of two pieces read: longer than any such cell's tag.
BORDER = 600
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
# The container of .xls, and of any workbook that a password locks.
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LOCKED_STREAM, MACRO_STREAM = "EncryptedPackage".encode("utf-16-le"), "_VBA_PROJECT_CUR".encode("utf-16-le")

# Part of the archive → places with a formula as (row, column letters).
Places = dict[str, set[tuple[int, str]]]


def is_legacy(data: bytes) -> bool:
    """An .xls, or a workbook locked by a password: both lie in the same container."""
    return data.startswith(COMPOUND[:4])


def check_file(data: bytes, *, legacy: bool) -> Mapping[str, set[tuple[int, str]]]:
    """Sheet name → its cells with a formula. Raises Refused for what is no workbook, costs too much or brings macros.

    `legacy`: an .xls will do; its formulas are not told from values.
    """
    if len(data) > MOST_BYTES:
        raise Refused("roster.file_too_large", field="file", most=MOST_BYTES // MEGABYTE)
    if not is_legacy(data):
        return _check_archive(data)
    if LOCKED_STREAM in data:
        raise Refused("roster.file_locked", field="file")
    if not legacy:
        raise Refused("roster.file_legacy", field="file")
    if MACRO_STREAM in data:
        raise Refused("roster.file_with_macros", field="file")
    return {}


def _check_archive(data: bytes) -> Mapping[str, set[tuple[int, str]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise Refused("roster.file_unpacks_too_large", field="file", most=MOST_UNPACKED // MEGABYTE)
            names = archive.namelist()
            if "[Content_Types].xml" not in names:
                raise Refused("roster.not_a_workbook", field="file")
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                raise Refused("roster.file_with_macros", field="file")
            unpacked, formulas = 0, Places()
            for part in parts:
                unpacked += _check_part(archive, part, MOST_UNPACKED - unpacked, formulas)
            return {name: formulas[part] for name, part in _sheets(archive) if part in formulas} if formulas else {}
    except UNREADABLE:
        raise Refused("roster.not_a_workbook", field="file") from None


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, most: int, formulas: Places) -> int:
    """Reads a part through. The bytes that it unpacks to."""
    sheet = part.filename.startswith("xl/worksheets/")
    size, tail = 0, b""
    with archive.open(part) as stream:
        while chunk := stream.read(MEGABYTE):
            size += len(chunk)
            if size > most:
                raise Refused("roster.file_unpacks_too_large", field="file", most=MOST_UNPACKED // MEGABYTE)
            if sheet:
                text = tail + chunk
                _check_cells(text, part.filename, formulas)
                tail = text[-BORDER:]
    return size


def _check_cells(text: bytes, part: str, formulas: Places) -> None:
    for match in FILLED_CELL.finditer(text):
        letters, number, formula = match.groups()
        if letters is None:
            # Allowed by the format and written by nobody; without addresses a small file could claim any number of cells.
            raise Refused("roster.cells_without_address", field="file")
        row = int(number)
        if row > MOST_ROWS:
            raise Refused("roster.too_many_rows", field="file", most=MOST_ROWS)
        if len(letters) > 1 and _column_number(letters) > MOST_COLUMNS:
            raise Refused("roster.too_many_columns", field="file", most=MOST_COLUMNS)
        if formula is not None:
            places = formulas.setdefault(part, set())
            places.add((row, letters.decode()))
            if len(places) > MOST_FORMULAS:
                raise Refused("roster.too_many_formulas", field="file")


def _sheets(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """(name of a sheet, its part), as the workbook's index has them; nothing where the index cannot be read."""
    try:
        targets = {
            entry.get("Id"): posixpath.normpath(posixpath.join("xl", entry.get("Target", ""))).lstrip("/")
            for entry in _index(archive, "xl/_rels/workbook.xml.rels")
        }
        for entry in _index(archive, "xl/workbook.xml").iter():
            if entry.tag.rpartition("}")[2] == "sheet":
                part = next((targets.get(value) for key, value in entry.items() if key.endswith("}id")), None)
                if part is not None:
                    yield entry.get("name", "").strip(), part
    except (KeyError, ParseError, DefusedXmlException):
        return


def _index(archive: zipfile.ZipFile, part: str) -> Element:
    with archive.open(part) as stream:
        return fromstring(stream.read(MOST_INDEX))


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
