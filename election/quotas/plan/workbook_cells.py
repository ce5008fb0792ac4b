"""How the cells and pages of the plan's workbook look. Pure; text is always text, and only what is said to be a formula is one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

A3 = 8
THIN = Side(style="thin", color="808890")
BORDER = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
GREY = PatternFill("solid", fgColor="EEF1F5")
BY_HAND = PatternFill("solid", fgColor="FFF2CC")
SONG, BOLD = Font(name="宋体", size=11), Font(name="宋体", size=11, bold=True)
CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True, indent=1)
RIGHT = Alignment(horizontal="right", vertical="center", indent=1)
Value = str | int | float | None
# What no workbook can hold; text copied from a word processor brings such signs along.
_UNHELD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def held(text: str) -> str:
    """The text without the signs that would make the file unreadable."""
    return _UNHELD.sub("", text)


def put(
    page: Worksheet,
    row: int,
    column: int,
    value: Value,
    *,
    formula: bool = False,
    format_: str = "General",
    bold: bool = False,
    align: Alignment = RIGHT,
    fill: PatternFill | None = None,
) -> None:
    """Writes a cell. Text is text, whatever it begins with; only what is said to be a formula is one."""
    cell = page.cell(row, column, held(value) if isinstance(value, str) else value)
    if isinstance(value, str) and not formula:
        cell.data_type = "s"
        cell.quotePrefix = value[:1] in ("=", "+", "-", "@")
    cell.number_format, cell.font, cell.alignment, cell.border = format_, BOLD if bold else SONG, align, BORDER
    if fill is not None:
        cell.fill = fill


def set_up(page: Worksheet, marks: Sequence[str]) -> None:
    """A3 lying, as wide as the paper, numbered pages."""
    page.page_setup.paperSize = A3
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.page_margins.left = page.page_margins.right = 0.5
    page.page_margins.top = page.page_margins.bottom = 0.65
    page.print_options.horizontalCentered = True
    assert page.oddFooter is not None and page.oddHeader is not None
    page.oddFooter.center.text = "— &P —"
    if marks:
        page.oddHeader.right.text = "　".join(marks)


def row_height(name: str, width: int) -> float:
    """Points for a row whose unit's name wraps in a column of `width` (two to a Chinese character): nothing measures it later."""
    return 3.0 + 14.0 * -(-2 * len(name) // (width - 2))
