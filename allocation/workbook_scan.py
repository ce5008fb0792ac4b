"""Finds in a workbook what a reader of values would take for an empty cell: formulas without a value, merged cells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import join, normpath
from typing import Any
from zipfile import ZipFile

from openpyxl.xml.functions import fromstring, iterparse

from allocation.errors import BadInput

_CELL = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"


def refuse_unseen(archive: ZipFile) -> None:
    """Raises BadInput at the first cell that holds more than its value says."""
    for title, path in _sheets(archive):
        with archive.open(path) as file:
            for _, element in iterparse(file):
                tag = _tag(element)
                if tag == "c":
                    parts = {_tag(part): part for part in element}
                    if "f" in parts and not _has_value(element, parts):
                        _refuse(title, element.get("r", ""), "是没有结果的公式", "holds a formula without a value")
                elif tag == "mergeCell":
                    _refuse(title, element.get("ref", ""), "是合并单元格", "is merged with other cells")
                if tag == "row":
                    element.clear()


def _has_value(cell: Any, parts: dict[str, Any]) -> bool:
    """A formula whose result is an empty text has a value, too."""
    return "is" in parts or ("v" in parts and (bool(parts["v"].text) or cell.get("t") == "str"))


def _refuse(title: str, reference: str, zh: str, en: str) -> None:
    found = _CELL.match(reference)
    place = f"sheet {title} row {found[2]} column {found[1]}" if found else f"sheet {title}"
    raise BadInput(place, zh, en)


def _sheets(archive: ZipFile) -> Iterator[tuple[str, str]]:
    """The title and the file of every sheet."""
    relations = {
        entry.get("Id"): normpath(join("/xl", entry.get("Target", ""))).lstrip("/")
        for entry in fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    }
    for element in fromstring(archive.read("xl/workbook.xml")).iter():
        path = relations.get(element.get(_RELATION) or element.get(_STRICT_RELATION))
        if _tag(element) == "sheet" and path in archive.namelist():
            yield element.get("name", ""), str(path)


def _tag(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]
