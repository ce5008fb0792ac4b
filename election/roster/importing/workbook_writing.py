"""Writes roster workbooks: the template with its drop-downs and example rows, and the roster as it stands. Pure.

What it writes, `workbook.py` reads back unchanged; identity numbers and codes are written as text.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from election.roster import words
from election.roster.importing.headers import COLUMNS, MEMBERS, NEEDED, ORGANISATIONS, SHEETS, UNITS
from election.roster.importing.rows import MemberRow, OrganisationRow, UnitRow
from election.roster.importing.workbook import EXAMPLE, UNIT_KINDS
from election.roster.models import OrganisationKind, Standing, Suspension

Line = Sequence[str | date | None]

WIDTHS: Mapping[str, int] = {
    "名称": 30,
    "身份证号": 22,
    "系数理由": 30,
    "职务": 28,
    "选举单位": 18,
    "党支部编号": 14,
    "上级编号": 14,
    "入党日期": 14,
    "停权起": 14,
    "停权止": 14,
    "依据": 30,
}
NOTES: Mapping[str, str] = {
    "身份证号": "按文本填写 18 位号码；性别和出生日期由号码得出。",
    "党支部编号": "党支部的编号；不知道编号的，可以写“党组织”表中党支部的全称。",
    "上级编号": "党委不填；党总支填所属党委；党支部填所属党委或党总支。",
    "选举单位": "党支部须填，写选举单位的名称。",
    "系数": "不填为 1；不是 1 的，须写系数理由。",
    "停权原因": "只有正式党员可填；不填表示有表决权。",
    "停权起": "停止表决权或预备期从哪一天起；没有表决权的才填，可以不填。",
    "停权止": "到哪一天止；不知道的不填。",
    "依据": "处分决定、通知等的名称和文号；可以不填。以上三栏只用于新增党员，已有党员请在其页面更改。",
    "代号": "小写字母、数字和短横线。",
}
EXAMPLES: Mapping[str, Line] = {
    UNITS: (f"{EXAMPLE}-u01", "某某镇", "乡镇", "1.05", "偏远乡镇照顾"),
    ORGANISATIONS: (f"{EXAMPLE}-1001", "某某镇某某村党支部", "党支部", "1000", "某某镇"),
    MEMBERS: (
        f"{EXAMPLE}：王某某",
        "110101199003070000",
        "1001",
        "汉族",
        "大专",
        "正式",
        "",
        "2011-07-01",
        "农民",
        "村民小组长",
        "",
        "",
        "",
    ),
}
TEXT = "@"
# Drop-downs reach as far down as a roster may.
LAST_ROW = 20_000


def template_workbook(categories: Sequence[str], unit_names: Sequence[str] = ()) -> bytes:
    """An empty workbook to fill in: headers, notes, drop-downs, one example row a sheet that is never imported."""
    book = _book()
    for sheet in SHEETS:
        page = book[sheet]
        _write(page, [EXAMPLES[sheet]])
        for cell in page[2]:
            cell.font = Font(italic=True, color="808080")
    _drop_down(book[UNITS], UNITS, "类型", list(UNIT_KINDS))
    _drop_down(book[ORGANISATIONS], ORGANISATIONS, "类型", [kind.zh for kind in OrganisationKind])
    if unit_names:
        _drop_down(book[ORGANISATIONS], ORGANISATIONS, "选举单位", unit_names)
    _drop_down(book[MEMBERS], MEMBERS, "民族", words.ETHNIC_GROUPS)
    _drop_down(book[MEMBERS], MEMBERS, "学历", words.EDUCATION_WORDS, only=False)
    _drop_down(book[MEMBERS], MEMBERS, "党员类型", [standing.zh for standing in Standing])
    _drop_down(book[MEMBERS], MEMBERS, "停权原因", [reason.zh for reason in Suspension])
    _drop_down(book[MEMBERS], MEMBERS, "主要类别", categories)
    return _bytes(book)


def roster_workbook(
    units: Iterable[UnitRow],
    organisations: Iterable[OrganisationRow],
    members: Iterable[MemberRow],
    category_names: Mapping[str, str],
) -> bytes:
    """The roster as a workbook that can be imported again. `category_names`: code → name."""
    kinds = {kind: word for word, kind in UNIT_KINDS.items()}
    book = _book()
    _write(
        book[UNITS],
        ((row.code, row.name, kinds[row.kind], str(row.factor), row.factor_reason) for row in units),
    )
    _write(
        book[ORGANISATIONS],
        ((row.code, row.name, row.kind.zh, row.parent, row.unit) for row in organisations),
    )
    _write(
        book[MEMBERS],
        (
            (
                row.name,
                row.identity.number,
                row.branch,
                row.ethnicity,
                row.education,
                row.standing.zh,
                row.suspension.zh if row.suspension else "",
                row.joined_on,
                category_names.get(row.category, row.category),
                row.post,
                row.right_since,
                row.right_until,
                row.right_reason,
            )
            for row in members
        ),
    )
    return _bytes(book)


def _book() -> Workbook:
    book = Workbook()
    assert book.active is not None
    book.remove(book.active)
    for sheet in SHEETS:
        page = book.create_sheet(sheet)
        for place, header in enumerate(COLUMNS[sheet], 1):
            cell = page.cell(1, place, header + ("*" if header in NEEDED[sheet] else ""))
            cell.font = Font(bold=True)
            cell.fill = PatternFill("solid", fgColor="EEF1F5")
            cell.alignment = Alignment(horizontal="center")
            if header in NOTES:
                cell.comment = Comment(NOTES[header], "席衡")
            page.column_dimensions[get_column_letter(place)].width = WIDTHS.get(header, 12)
        page.freeze_panes = "A2"
    return book


def _write(page: Worksheet, lines: Iterable[Line]) -> None:
    """Rows below the header, every text as text so that 001 stays 001."""
    for number, line in enumerate(lines, 2):
        for place, value in enumerate(line, 1):
            if value in ("", None):
                continue
            cell = page.cell(number, place, value)
            cell.number_format = "yyyy-mm-dd" if isinstance(value, date) else TEXT
            if isinstance(value, str):
                cell.data_type = "s"  # a text that begins with = is no formula


def _drop_down(page: Worksheet, sheet: str, header: str, choices: Sequence[str], *, only: bool = True) -> None:
    """A list of words under a header; one that is too long for a cell's own list stands on a sheet of its own.

    Without `only`, the words are offered and others may be written.
    """
    column = get_column_letter(list(COLUMNS[sheet]).index(header) + 1)
    formula = '"' + ",".join(choices) + '"'
    if len(formula) > 255 or any("," in word or '"' in word for word in choices):
        assert page.parent is not None
        store = page.parent.create_sheet(f"{header}名单")
        for number, word in enumerate(choices, 1):
            store.cell(number, 1, word)
        store.sheet_state = "hidden"
        formula = f"'{store.title}'!$A$1:$A${len(choices)}"
    rule = DataValidation("list", formula1=formula, allow_blank=True, showErrorMessage=only)
    rule.error = "请从下拉列表中选择。"
    page.add_data_validation(rule)
    rule.add(f"{column}2:{column}{LAST_ROW}")


def _bytes(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
