"""Writes the nomination workbook to be filled in (报名和推选汇总表), with what is known already. Pure.

What it writes, `workbook.py` reads back unchanged; numbers of branches and persons are written as text.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from election.nomination.workbook.reading import (
    APPLICATIONS,
    BALLOTS,
    BRANCH,
    CATEGORY,
    COLUMNS,
    EXCLUDED,
    IDENTITY,
    NAME,
    NEEDED,
    WAY,
)

# Who may be named, for copying from; never read back.
PEOPLE = "党员（参考）"
LAST_ROW = 5000
WIDTHS = {
    "联名人": 36,
    "履历": 48,
    "自荐理由": 40,
    IDENTITY: 22,
    BRANCH: 14,
    "推荐单位": 24,
    "党支部": 30,
    EXCLUDED: 36,
}
NOTES = {
    IDENTITY: "选填。同一支部有同名党员时必须填写，按文本填 18 位。",
    CATEGORY: "选填。以花名册的主要类别为准，填了就核对。",
    "联名人": "姓名之间用顿号隔开，不少于规定人数；同名的在姓名后注明支部，如 王芳（一村党支部）。",
    EXCLUDED: "应到少于本支部有表决权的党员时必须填写，如 2 人长期患病、1 人出国半年以上。",
    "推荐单位": "组织推荐、群众推荐时必须填写，如 第一镇党委。",
    "应到": "本支部有表决权的党员数；少于此数的，在最后一列写明不计入的理由。",
    "日期": "同一支部同一类别，日期和合计数只填第一行，以下各行只填姓名和票数。",
}


@dataclass(frozen=True, slots=True)
class Prefilled:
    """What the template already knows: members who may be named, applicants who wait for their branch, how many have a
    vote in each branch (by its number).
    """

    members: Sequence[tuple[str, str, str, str]]
    waiting: Sequence[tuple[str, str, str]]
    voters: Mapping[str, int]


def nomination_template(known: Prefilled, categories: Sequence[str], ways: Sequence[str]) -> bytes:
    """The workbook to fill in. `known.members`: branch number, branch, name, category; `waiting`: branch number, category,
    name, in the order of branches.
    """
    book = Workbook()
    assert book.active is not None
    book.remove(book.active)
    pages: dict[str, Worksheet] = {
        name: _page(book, name, COLUMNS[name], NEEDED[name]) for name in (APPLICATIONS, BALLOTS)
    }
    people = _page(book, PEOPLE, (BRANCH, "党支部", NAME, CATEGORY), ())
    for number, member in enumerate(known.members, 2):
        _texts(people, number, dict(enumerate(member, 1)))
    place = {header: at for at, header in enumerate(COLUMNS[BALLOTS], 1)}
    last = ("", "")
    for number, (branch, category, name) in enumerate(known.waiting, 2):
        _texts(pages[BALLOTS], number, {place[BRANCH]: branch, place[CATEGORY]: category, place[NAME]: name})
        if (branch, category) != last and branch in known.voters:
            pages[BALLOTS].cell(number, place["应到"], known.voters[branch])
        last = (branch, category)
    _choices(pages[APPLICATIONS], COLUMNS[APPLICATIONS].index(CATEGORY) + 1, categories)
    _choices(pages[APPLICATIONS], COLUMNS[APPLICATIONS].index(WAY) + 1, ways)
    _choices(pages[BALLOTS], place[CATEGORY], categories)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _page(book: Workbook, name: str, columns: Sequence[str], needed: Sequence[str]) -> Worksheet:
    page: Worksheet = book.create_sheet(name)
    for place, header in enumerate(columns, 1):
        cell = page.cell(1, place, header + ("*" if header in needed and name == APPLICATIONS else ""))
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="EEF1F5")
        cell.alignment = Alignment(horizontal="center")
        if header in NOTES and name != PEOPLE:
            cell.comment = Comment(NOTES[header], "席衡")
        page.column_dimensions[get_column_letter(place)].width = WIDTHS.get(header, 11)
    page.freeze_panes = "A2"
    return page


def _texts(page: Worksheet, row: int, values: Mapping[int, str]) -> None:
    for place, value in values.items():
        cell = page.cell(row, place, value)
        cell.number_format, cell.data_type = "@", "s"  # 001 stays 001, and nothing is a formula


def _choices(page: Worksheet, place: int, words: Sequence[str]) -> None:
    formula = '"' + ",".join(words) + '"'
    if len(formula) > 255 or any("," in word or '"' in word for word in words):
        return  # longer than a cell's own list may be: typed, and checked when it is read
    rule = DataValidation("list", formula1=formula, allow_blank=True)
    page.add_data_validation(rule)
    letter = get_column_letter(place)
    rule.add(f"{letter}2:{letter}{LAST_ROW}")
