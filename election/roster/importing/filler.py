"""Writes what is wrong into a workbook and prints it: a program of its own, started by `reading.py` like the reader, and for the
same reason. Imports nothing of the election and never writes a file.

From standard input: a line of JSON, {"said": {sheet: {row: text}}, "headers": {sheet: row}, "title": …}, then the workbook.
"""

from __future__ import annotations

import io
import json
import resource
import sys
import warnings
from collections.abc import Mapping
from typing import Any

from openpyxl import load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

MOST_MEMORY = 1536 * 1024**2
MOST_SECONDS = 30
ORANGE, PALE = "9A4B00", "FFF3E0"
WIDTH = 60


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    told: dict[str, Any] = json.loads(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it does not know of a foreign workbook, it leaves out
        book = load_workbook(io.BytesIO(data))
        for page in book.worksheets:
            name = page.title.strip()
            if name in told["said"]:
                said = {int(row): text for row, text in told["said"][name].items()}
                _fill_in(page, said, told["headers"][name], told["title"])
        out = io.BytesIO()
        book.save(out)
    sys.stdout.buffer.write(out.getvalue())
    return 0


def _fill_in(page: Worksheet, said: Mapping[int, str], header: int, title: str) -> None:
    """A column at the right with a text beside each bad row; one of the last time is used again."""
    last, column = 0, 0
    for row in page.iter_rows():
        for cell in row:
            if cell.value is not None:
                last = max(last, cell.column)
                if cell.row == header and str(cell.value).startswith(title):
                    column = cell.column
    if column:
        for row in page.iter_rows(min_row=header, min_col=column, max_col=column):
            if row[0].value is not None:
                row[0].value = None
    column = column or last + 1
    for number, text in ({header: title} | dict(said)).items():
        cell = page.cell(number, column, text)
        cell.font = Font(bold=number == header, color=ORANGE)
        cell.fill = PatternFill("solid", fgColor=PALE)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.data_type = "s"
    page.column_dimensions[get_column_letter(column)].width = WIDTH


if __name__ == "__main__":
    sys.exit(main())
