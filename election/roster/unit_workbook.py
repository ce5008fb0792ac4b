"""A unit's roster as a workbook for its branches to look through: who stands where, with category and vote, and room to say
what is wrong. Pure. Never holds identity numbers, and is none that can be imported.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping, Sequence

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from election.people.models import Sex
from election.roster.queries import MemberLine

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Header and width in signs; the last two are for the branch to fill in.
COLUMNS = (
    ("序号", 6), ("党支部", 24), ("姓名", 10), ("性别", 6), ("出生年月", 10), ("民族", 8), ("学历", 12), ("入党日期", 12), ("主要类别", 12),
    ("选举权", 12), ("职务", 22), ("外出", 6), ("核对", 6), ("更正意见", 22),
)  # fmt: skip
SEXES = {Sex.MALE: "男", Sex.FEMALE: "女", None: ""}
HEAD = 2
LINE = Side(style="thin", color="999999")


def unit_workbook(
    title: str, lines: Sequence[MemberLine], away: Collection[int], categories: Mapping[str, str]
) -> bytes:
    """`lines`: branch by branch. `away`: the members who are recorded as away; `categories`: code → name."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = "花名册"
    page.append([title])
    page.merge_cells(start_row=1, end_row=1, start_column=1, end_column=len(COLUMNS))
    page["A1"].font, page["A1"].alignment = Font(bold=True, size=14), Alignment(horizontal="center")
    page.append([header for header, _width in COLUMNS])
    for place, line in enumerate(lines, 1):
        page.append([place, *_cells(line, line.member_id in away, categories)])
    for row in page.iter_rows(min_row=HEAD):
        for cell in row:
            cell.border = Border(LINE, LINE, LINE, LINE)
            if isinstance(cell.value, str):
                cell.data_type = "s"  # a text that begins with = is no formula
            if cell.row == HEAD:
                cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="EEF1F5")
                cell.alignment = Alignment(horizontal="center")
    for place, (_header, width) in enumerate(COLUMNS, 1):
        page.column_dimensions[get_column_letter(place)].width = width
    last = f"{get_column_letter(len(COLUMNS))}{HEAD + len(lines)}"
    page.auto_filter.ref = f"A{HEAD}:{last}"
    page.freeze_panes = f"D{HEAD + 1}"
    page.print_title_rows = f"1:{HEAD}"
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", 9  # A4
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.HeaderFooter.oddFooter.center.text = "第 &P 页，共 &N 页"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cells(line: MemberLine, is_away: bool, categories: Mapping[str, str]) -> tuple[str, ...]:
    right = line.right
    return (
        line.branch_name,
        line.name,
        SEXES[line.sex],
        f"{line.born_on:%Y-%m}" if line.born_on else "",
        line.ethnicity,
        line.education,
        line.joined_on.isoformat() if line.joined_on else "",
        categories.get(line.category, line.category),
        "有" if right.votes else f"无（{right.ground.zh}）",
        line.post,
        "外出" if is_away else "",
        "",
        "",
    )
