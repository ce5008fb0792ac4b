"""Workbooks for the tests of the import, sound and otherwise."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl

SAMPLES = Path(__file__).parent / "samples"
SAMPLE, FORMULAS = SAMPLES / "roster.xls", SAMPLES / "formulas.xls"


def made(pages: Mapping[str, Sequence[Sequence[Any]]]) -> bytes:
    """A workbook with these sheets."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in pages.items():
        page = book.create_sheet(title)
        for row in rows:
            page.append(list(row))
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def opened(data: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(data))


def with_parts(
    data: bytes, change: Callable[[str, bytes], bytes | None], more: Mapping[str, bytes] | None = None
) -> bytes:
    """The archive with each part changed (None leaves it out) and `more` parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            part = change(name, before.read(name))
            if part is not None:
                after.writestr(name, part)
        for name, part in (more or {}).items():
            after.writestr(name, part)
    return out.getvalue()


def in_sheets(data: bytes, pattern: bytes, by: bytes) -> bytes:
    """The archive with a pattern replaced in the text of every sheet."""
    return with_parts(
        data, lambda name, part: re.sub(pattern, by, part) if name.startswith("xl/worksheets/sheet") else part
    )
