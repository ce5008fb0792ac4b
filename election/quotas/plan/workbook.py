"""Writes the allocation sheet as a workbook (A3 lying): sums and shares as live formulas, the certificate beside it. Pure.

Decides nothing. A name can never be taken for a formula.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Border, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from election.quotas.plan.figures import Plan, PlanRow, before
from election.quotas.plan.paper import remark
from election.quotas.plan.workbook_cells import BY_HAND, CENTRE, GREY, LEFT, RIGHT, held, put, row_height, set_up
from election.quotas.plan.workbook_proof import write_proof
from election.quotas.queries import HandLine

SHEET, PROOF = "名额分配表", "证书"
FIXED = ("序号", "选举单位", "党组织数", "党员数", "占比", "名额", "较上届")
ORGANISATIONS, MEMBERS, SHARE, SEATS, CHANGE, FIRST_CATEGORY = 3, 4, 5, 6, 7, 8
NAMES = 28  # the width of the units' column
TITLE, VERSION, HEAD, SUBHEAD, TOTAL, FIRST = 1, 2, 3, 4, 5, 6


def plan_workbook(plan: Plan, *, title: str, version: str, marks: Sequence[str], made_at: datetime) -> bytes:
    """The workbook as bytes. `marks` (演示, 草案) stand on every printed page; `made_at` is the document's own date."""
    book = Workbook()
    page = book.active
    assert isinstance(page, Worksheet)
    page.title = SHEET
    _write_sheet(page, plan, title, "　".join((version, *(word for word in marks if word not in version))))
    proof = book.create_sheet(PROOF)
    write_proof(proof, plan, f"{title}　证书", SHEET, FIRST, FIRST_CATEGORY)
    for one in (page, proof):
        set_up(one, marks)
    book.properties.title, book.properties.creator = held(title), "席衡"
    book.properties.created = made_at.replace(tzinfo=None)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _write_sheet(page: Worksheet, plan: Plan, title: str, version: str) -> None:
    categories, overlays = len(plan.categories), len(plan.overlays)
    candidates = FIRST_CATEGORY + categories + overlays
    last_column = candidates + 1
    last = FIRST + len(plan.rows) - 1
    _heading(page, title, version, last_column)
    _head(page, plan, candidates)
    margin = _below(page, plan, last, last_column)
    for at, row in enumerate(plan.rows):
        _row(page, FIRST + at, row, plan, candidates, margin)
    for at in (TOTAL, last + 1):
        _totals(page, at, last, plan, candidates)
    for column, width in {1: 6, 2: NAMES, 3: 10, 4: 10, 5: 9, 6: 9, 7: 9, candidates: 11, last_column: 22}.items():
        page.column_dimensions[get_column_letter(column)].width = width
    for column in range(FIRST_CATEGORY, candidates):
        page.column_dimensions[get_column_letter(column)].width = 10
    page.row_dimensions[HEAD].height, page.row_dimensions[SUBHEAD].height = 20, 34
    page.freeze_panes = f"C{FIRST}"
    page.print_title_rows, page.print_title_cols = f"{HEAD}:{SUBHEAD}", "A:B"


def _heading(page: Worksheet, title: str, version: str, last_column: int) -> None:
    for row, text, size in ((TITLE, title, 18), (VERSION, version, 11)):
        page.merge_cells(start_row=row, end_row=row, start_column=1, end_column=last_column)
        put(page, row, 1, text, align=CENTRE)
        page.cell(row, 1).font = Font(name="宋体", size=size, bold=row == TITLE)
        page.cell(row, 1).border = Border()
    page.row_dimensions[TITLE].height = 32


def _head(page: Worksheet, plan: Plan, candidates: int) -> None:
    """Two rows: the fixed columns through both, categories and overlays under a word of their own."""

    def head(row: int, column: int, text: str) -> None:
        put(page, row, column, text, bold=True, align=CENTRE, fill=GREY)

    groups = (
        (FIRST_CATEGORY, "代表构成", plan.categories),
        (FIRST_CATEGORY + len(plan.categories), "其中", plan.overlays),
    )
    for column in range(1, candidates + 2):
        head(HEAD, column, "")
        head(SUBHEAD, column, "")
    named = [*enumerate(FIXED, 1), (candidates, "最少候选人数"), (candidates + 1, "备注")]
    for column, text in named:
        head(HEAD, column, text)
        page.merge_cells(start_row=HEAD, end_row=SUBHEAD, start_column=column, end_column=column)
    for start, text, columns in groups:
        if columns:
            head(HEAD, start, text)
            if len(columns) > 1:
                page.merge_cells(start_row=HEAD, end_row=HEAD, start_column=start, end_column=start + len(columns) - 1)
        for at, column_of in enumerate(columns):
            head(SUBHEAD, start + at, column_of.name)


def _row(page: Worksheet, at: int, row: PlanRow, plan: Plan, candidates: int, margin: str) -> None:
    count = len(plan.categories)
    first, last = get_column_letter(FIRST_CATEGORY), get_column_letter(FIRST_CATEGORY + count - 1)
    members, seats = get_column_letter(MEMBERS), get_column_letter(SEATS)
    put(page, at, 1, row.position, align=CENTRE)
    put(page, at, 2, row.name, align=LEFT)
    page.row_dimensions[at].height = row_height(row.name, NAMES)
    put(page, at, ORGANISATIONS, row.organisations, format_="#,##0")
    put(page, at, MEMBERS, row.members, format_="#,##0")
    put(page, at, SHARE, f"=IF({members}${TOTAL}=0,0,{members}{at}/{members}${TOTAL})", formula=True, format_="0.0%")
    put(page, at, SEATS, f"=SUM({first}{at}:{last}{at})", formula=True, bold=True, align=CENTRE)
    change = "" if row.previous is None else f"={seats}{at}-{row.previous}"
    put(page, at, CHANGE, change, formula=bool(change), format_="+0;-0;0", align=CENTRE)
    needed = []
    for place, cell in enumerate(row.cells):
        column = FIRST_CATEGORY + place
        put(page, at, column, cell.seats, format_="0;-0;–", align=CENTRE)
        _comment(page, at, column, cell.by_hand)
        here = f"{get_column_letter(column)}{at}"
        # The assigned stand without a margin; all others need so many more, rounded up (RULES 3.7).
        needed.append(
            f"{cell.assigned}+ROUNDUP(({here}-{cell.assigned})*{margin}/100,0)"
            if cell.assigned
            else f"ROUNDUP({here}*{margin}/100,0)"
        )
    for place, number in enumerate(row.overlays):
        put(page, at, FIRST_CATEGORY + count + place, number, format_="0;-0;–", align=CENTRE)
    put(page, at, candidates, f"={'+'.join(needed)}", formula=True, align=CENTRE)
    put(page, at, candidates + 1, remark(row), align=LEFT)
    _comment(page, at, SEATS, row.by_hand)


def _comment(page: Worksheet, row: int, column: int, line: HandLine | None) -> None:
    """A number changed by hand is marked, and says what was computed and why it was changed."""
    if line is None:
        return
    words = f"原算 {line.computed}，" if line.computed is not None else f"{before(line)}，"
    words = f"{words}人工调整为 {line.seats}" if line.in_force else f"试算为 {line.seats}，未计入本表"
    cell = page.cell(row, column)
    cell.fill = BY_HAND
    cell.comment = Comment(held(f"{words}\n理由：{line.reason}"), "席衡", width=260, height=90)


def _totals(page: Worksheet, at: int, last: int, plan: Plan, candidates: int) -> None:
    page.row_dimensions[at].height = row_height("合计", NAMES)
    put(page, at, 1, "", fill=GREY)
    put(page, at, 2, "合计", bold=True, align=CENTRE, fill=GREY)
    for column in range(ORGANISATIONS, candidates + 1):
        letter = get_column_letter(column)
        format_ = {SHARE: "0.0%", CHANGE: "+0;-0;0"}.get(column, "#,##0")
        sum_of = f"=SUM({letter}{FIRST}:{letter}{last})"
        if column == CHANGE:
            # A unit that is new has no change of its own, but its seats count in the whole.
            sum_of = "" if plan.previous is None else f"={get_column_letter(SEATS)}{at}-{plan.previous}"
        align = RIGHT if column < SEATS else CENTRE
        put(page, at, column, sum_of, formula=bool(sum_of), format_=format_, bold=True, align=align, fill=GREY)
    put(page, at, candidates + 1, "", fill=GREY)


def _below(page: Worksheet, plan: Plan, last: int, last_column: int) -> str:
    """Shares against guide shares, the margin, notes. Returns the formula part that means 100 and the margin."""
    share, guide, margin = last + 2, last + 3, last + 5
    seats = f"${get_column_letter(SEATS)}${TOTAL}"
    for row, label in ((share, "占名额"), (guide, "指导比例"), (guide + 1, "相差（百分点）")):
        put(page, row, 2, label, align=CENTRE)
        for at, column_of in enumerate((*plan.categories, *plan.overlays)):
            column = FIRST_CATEGORY + at
            letter = get_column_letter(column)
            if row == share:
                put(
                    page,
                    row,
                    column,
                    f"=IF({seats}=0,0,{letter}${TOTAL}/{seats})",
                    formula=True,
                    format_="0.0%",
                    align=CENTRE,
                )
            elif row == guide:
                put(page, row, column, float(column_of.share), format_="0.0%", align=CENTRE)
            else:
                put(
                    page,
                    row,
                    column,
                    f"=ROUND(({letter}{share}-{letter}{guide})*100,1)",
                    formula=True,
                    format_="+0.0;-0.0;0.0",
                    align=CENTRE,
                )
    put(page, margin, 2, "最低差额比例（%）", align=CENTRE)
    put(page, margin, ORGANISATIONS, plan.margin)
    notes = (
        "“其中”为下限，可以交叉，不另加名额；最少候选人数含等额安排的人选。",
        "底色不同的名额为人工调整，批注写明原算名额和理由；逐格验算见“证书”。",
        f"方案指纹　{plan.hash}",
    )
    for at, text in enumerate(notes, margin + 1):
        page.merge_cells(start_row=at, end_row=at, start_column=1, end_column=last_column)
        put(page, at, 1, text, align=LEFT)
        page.cell(at, 1).border = Border()
    return f"(100+${get_column_letter(ORGANISATIONS)}${margin})"
