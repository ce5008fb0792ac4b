"""Opens an uploaded workbook safely and hands out its sheets as rows of plain values. Knows nothing of a roster.

What a file may cost is bounded before anything is unpacked (`archive.py`); its cells are read elsewhere (`reading.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from election.errors import Refused
from election.roster.importing.archive import check_file
from election.roster.importing.reading import Cell, Rows, Sheet, read_sheets

__all__ = ["Cell", "Opened", "Rows", "column_letter", "open_sheets", "open_workbook"]


@dataclass(frozen=True, slots=True)
class Opened:
    """`sheets`: name → rows from row 1 and column A. `formulas`: name → places (row, column letter) that hold a formula.
    `hidden`: names of sheets that are hidden; `hidden_rows`: name → its rows that are.
    """

    sheets: Mapping[str, Rows]
    formulas: Mapping[str, Set[tuple[int, str]]] = field(default_factory=dict)
    hidden: Set[str] = frozenset()
    hidden_rows: Mapping[str, Set[int]] = field(default_factory=dict)


def open_workbook(data: bytes, wanted: tuple[str, ...] | None = None, *, legacy: bool = False) -> Opened:
    """The `wanted` sheets that are there, or all of them. Raises Refused, one sentence. `legacy`: an .xls will do."""
    check_file(data, legacy=legacy)
    found: dict[str, Sheet] = {}
    for sheet in read_sheets(data, wanted):
        name = sheet.name.strip()
        if name in found:
            raise Refused("roster.sheet_twice", field="file", sheet=name)
        found[name] = sheet
    found = {name: found[name] for name in (found if wanted is None else wanted) if name in found}
    return Opened(
        {name: sheet.rows for name, sheet in found.items()},
        {
            name: {(row, column_letter(column - 1)) for row, column in sheet.formulas}
            for name, sheet in found.items()
            if sheet.formulas
        },
        {name for name, sheet in found.items() if not sheet.visible},
        {name: set(sheet.hidden) for name, sheet in found.items()},
    )


def open_sheets(data: bytes, wanted: tuple[str, ...] | None = None) -> Mapping[str, Rows]:
    """The rows of an .xlsx, formulas as the values that they last had."""
    return open_workbook(data, wanted).sheets


def column_letter(index: int) -> str:
    """0 → A, 26 → AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
