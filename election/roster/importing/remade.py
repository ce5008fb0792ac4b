"""Writes sheets of plain values as an .xlsx, row after row as they come: a hundred thousand rows in seconds and in little memory,
which no library does that keeps an object for each cell. Pure; knows nothing of a roster and copies no formats.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import IO
from xml.sax.saxutils import escape, quoteattr

from openpyxl.utils import get_column_letter

from election.roster.importing.filler import ORANGE
from election.roster.importing.reading import Cell

# What no text of an .xlsx may hold, and no name of a sheet; how long a spreadsheet lets either be.
UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
UNNAMED = re.compile(r"[\\*?:/\[\]\x00-\x1f\ufffe\uffff]|^'|'$|^\s*$")
LONGEST, LONGEST_NAME = 32_767, 31
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# The looks of a cell, by their place in `STYLES`. Texts are kept as text: an identity number that is typed over stays whole.
PLAIN, TEXT, DAY, MOMENT, TOLD, TOLD_ABOVE, BOLD = range(7)
FACE = '<sz val="11"/><name val="宋体"/>'
FACE_ORANGE = f'<sz val="11"/><color rgb="FF{ORANGE}"/><name val="宋体"/>'
STYLES = f"""<styleSheet xmlns="{MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>\
<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts><fonts count="4"><font>{FACE}</font>\
<font>{FACE_ORANGE}</font><font><b/>{FACE_ORANGE}</font><font><b/>{FACE}</font></fonts>\
<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>\
<borders count="1"><border/></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>\
<cellXfs count="7"><xf numFmtId="0"/><xf numFmtId="49" applyNumberFormat="1"/><xf numFmtId="164" applyNumberFormat="1"/>\
<xf numFmtId="165" applyNumberFormat="1"/>\
<xf numFmtId="49" fontId="1" applyFont="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>\
<xf numFmtId="49" fontId="2" applyFont="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>\
<xf numFmtId="49" fontId="3" applyFont="1"/></cellXfs>\
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"""
FIRST = date(1899, 12, 30)
SHEET_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"


@dataclass(frozen=True, slots=True)
class Said:
    """A text that is none of the sheet's own: how it looks."""

    text: str
    style: int = TOLD


@dataclass(frozen=True, slots=True)
class Page:
    """A sheet to write. `widths`: of its columns from A, in characters; `frozen`: so many rows stay above."""

    name: str
    rows: Iterable[Sequence[Cell | Said]]
    widths: Sequence[int] = ()
    visible: bool = True
    frozen: int = 0


def workbook_of(pages: Iterable[Page]) -> bytes:
    """The workbook; a name that no sheet may have becomes Sheet and its number. One sheet at least is visible."""
    out = io.BytesIO()
    named: dict[str, bool] = {}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, page in enumerate(pages, 1):
            named[_name(page.name, number, {name.lower() for name in named})] = page.visible
            with archive.open(f"xl/worksheets/sheet{number}.xml", "w", force_zip64=True) as part:
                _write(part, page)
        if not any(named.values()):
            named[next(iter(named))] = True
        for name, text in _frame(named).items():
            archive.writestr(name, HEAD + text)
    return out.getvalue()


def _name(name: str, number: int, taken: Collection[str]) -> str:
    fits = not UNNAMED.search(name) and len(name) <= LONGEST_NAME and name.lower() not in taken
    return name if fits else next(one for n in range(number, 2**31) if (one := f"Sheet{n}").lower() not in taken)


def _frame(named: Mapping[str, bool]) -> dict[str, str]:
    """The parts beside the sheets. `named`: name → visible."""
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{SHEET_KIND}.worksheet+xml"/>'
        for n in range(1, len(named) + 1)
    )
    sheets = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{n}" state="{"visible" if visible else "hidden"}" r:id="s{n}"/>'
        for n, (name, visible) in enumerate(named.items(), 1)
    )
    parts = "".join(
        f'<Relationship Id="s{n}" Type="{KINDS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(named) + 1)
    )
    package = "http://schemas.openxmlformats.org/package/2006"
    return {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{SHEET_KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{SHEET_KIND}.styles+xml"/>{types}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="b" Type="{KINDS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{KINDS}"><sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">{parts}'
        f'<Relationship Id="l" Type="{KINDS}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": STYLES,
    }


def _write(part: IO[bytes], page: Page) -> None:
    part.write(f'{HEAD}<worksheet xmlns="{MAIN}">'.encode())
    if page.frozen:
        pane = f'<pane ySplit="{page.frozen}" topLeftCell="A{page.frozen + 1}" activePane="bottomLeft" state="frozen"/>'
        part.write(f'<sheetViews><sheetView workbookViewId="0">{pane}</sheetView></sheetViews>'.encode())
    if page.widths:
        columns = (
            f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>' for n, width in enumerate(page.widths, 1)
        )
        part.write(f"<cols>{''.join(columns)}</cols>".encode())
    part.write(b"<sheetData>")
    for number, values in enumerate(page.rows, 1):
        part.write(f'<row r="{number}">{"".join(_cells(values, number))}</row>'.encode())
    part.write(b"</sheetData></worksheet>")


def _cells(values: Sequence[Cell | Said], row: int) -> Iterator[str]:
    for place, value in enumerate(values, 1):
        if value == "":
            continue
        at = f'<c r="{get_column_letter(place)}{row}"'
        if isinstance(value, Said):
            yield _text(at, value.text, value.style)
        elif isinstance(value, str):
            yield _text(at, value, TEXT)
        elif isinstance(value, bool):
            yield f'{at} t="b"><v>{value:d}</v></c>'
        elif isinstance(value, date):
            yield _day(at, value)
        elif math.isfinite(value):
            yield f"{at}><v>{value!r}</v></c>"
        else:
            yield _text(at, str(value), TEXT)


def _day(at: str, value: date | datetime) -> str:
    """By days, and parts of a day, since FIRST, as spreadsheets count from March 1900 on."""
    if not isinstance(value, datetime):
        return f'{at} s="{DAY}"><v>{(value - FIRST).days}</v></c>'
    seconds = timedelta(hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond)
    return f'{at} s="{MOMENT}"><v>{(value.date() - FIRST).days + seconds / timedelta(days=1)!r}</v></c>'


def _text(at: str, text: str, style: int) -> str:
    kept = escape(UNWRITABLE.sub("", text[:LONGEST]))
    return f'{at} s="{style}" t="inlineStr"><is><t xml:space="preserve">{kept}</t></is></c>'
