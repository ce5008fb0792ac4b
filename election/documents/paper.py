"""Sets a document in type: a template of `templates/` and its data become a PDF/A-2b. Pure, but for reading its own files.

The same data always give the same bytes: no clock, no font of the machine, no network. Data travel as JSON and are
only ever set as text, so that no name can become markup; a character that no face has is set as 〓. Nothing here knows an
election.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import pylopdf_fonts_zh_cn
import typst

from election.documents.glyphs import characters, printable

TEMPLATES = Path(__file__).parent / "templates"
# Offices keep documents for decades: PDF/A holds its fonts and needs nothing from outside.
STANDARD: typst.PDFStandard = "a-2b"
# A document stays in the typesetter's memory until so many others were set after it: quick to set again, as letters and
# ballots are. A county's notice would hold a hundred megabytes there, and is seldom set twice.
KEPT_FOR = 11
LONG = 100_000  # characters of data
_one_at_a_time = Lock()


def render(
    template: str,
    data: Mapping[str, Any],
    *,
    title: str,
    day: date,
    demo: bool,
    mark: str = "",
    tagged: bool = True,
) -> bytes:
    """The document as PDF. `template`: the name of a file of `templates/` without its ending.

    `title` and `day` stand in the file's own properties. A demo is marked on every page, and so is `mark` (草案). `tagged`:
    with its structure for reading aloud; without it pages may be repeated (`repeating.py`).
    """
    marks = [word for word in ("演示" if demo else "", mark) if word]
    # The archive's standard refuses a page with a character that cannot be shown: one rare name would stop every letter.
    shown = characters(pylopdf_fonts_zh_cn.serif_path(), pylopdf_fonts_zh_cn.sans_path())
    content = json.dumps(printable({"title": title, "marks": marks, **data}, shown), ensure_ascii=False)
    with _one_at_a_time:  # the typesetter keeps what it has set, and is not made for two at once
        made = _typesetter().compile(
            input=TEMPLATES / f"{template}.typ",
            format="pdf",
            sys_inputs={"data": content},
            pdf_standards=STANDARD,
            timestamp=datetime.combine(day, time(), UTC),
            pdf_tags=tagged,
        )
        if len(content) > LONG:
            _forget()
    assert isinstance(made, bytes)
    return made


@cache
def _typesetter() -> typst.Compiler:
    """One for all documents: reading the fonts takes longer than setting a letter."""
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[pylopdf_fonts_zh_cn.serif_path().parent]
    )
    return typst.Compiler(root=TEMPLATES, font_paths=fonts, ignore_system_fonts=True)


def _forget() -> None:
    """Lets the typesetter's memory of all it has set go: it ages by documents, and empty ones cost next to nothing."""
    for _ in range(KEPT_FOR):
        _typesetter().compile(input=b"", format="pdf")


@dataclass(frozen=True, slots=True)
class Paper:
    """A document to hand out. `name`: its title, under which it is filed."""

    name: str
    content: bytes


def set_sheets(sheets: Sequence[Mapping[str, Any]], *, title: str, day: date, demo: bool, mark: str = "") -> Paper:
    """A document of the template `sheets`, made of `parts.py`."""
    return Paper(title, render("sheets", {"sheets": list(sheets)}, title=title, day=day, demo=demo, mark=mark))


def in_fours(value: str) -> str:
    """A hash in groups of four, to compare paper with file."""
    return " ".join(value[at : at + 4] for at in range(0, len(value), 4))
