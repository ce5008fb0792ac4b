"""The certificate as a page of the plan's workbook: every cell's product and its rounding as live formulas. Pure.

Weight × unit number × category number, rounded, is the seats; where it is not, the page says which bound, tie or
exception decided.
"""

from __future__ import annotations

from fractions import Fraction

from openpyxl.styles import Border
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from election.quotas.plan.figures import Plan, PlanCell, is_half, rounded
from election.quotas.plan.workbook_cells import BY_HAND, CENTRE, GREY, LEFT, put, row_height
from election.quotas.weights import exact

TITLE, HOW, GROUPS = 1, 2, 3
UNIT_NUMBER, FIRST_CATEGORY, PER_CATEGORY = 3, 4, 3
NAMES = 28  # the width of the units' column
# A product of exactly a half is a half in the spreadsheet's own arithmetic too.
PLACES = 9


def write_proof(page: Worksheet, plan: Plan, title: str, seats_page: str, seats_row: int, seats_column: int) -> None:
    """`seats_page` holds the seats: those of the first unit and category at `seats_row`, `seats_column`."""
    count = len(plan.categories)
    difference = FIRST_CATEGORY + PER_CATEGORY * count
    common = _numbers_of_all(page, plan)
    head = GROUPS + len(common)
    first = head + 3
    last = first + len(plan.rows) - 1
    _heading(page, plan, title, difference, first, last)
    _head(page, plan, head, difference)
    for at, row in enumerate(plan.rows):
        line = first + at
        put(page, line, 1, row.position, align=CENTRE)
        put(page, line, 2, row.name, align=LEFT)
        page.row_dimensions[line].height = row_height(row.name, NAMES)
        number(page, line, UNIT_NUMBER, row.number)
        unequal = []
        for place, cell in enumerate(row.cells):
            column = FIRST_CATEGORY + PER_CATEGORY * place
            weight, product, nearest = (get_column_letter(column + step) for step in range(PER_CATEGORY))
            factors = [f"{weight}{line}", f"${get_column_letter(UNIT_NUMBER)}{line}", f"{weight}${head + 1}"]
            factors += [address for groups, address in common if groups is None or groups in plan.groups_of(at, place)]
            fill = BY_HAND if why(cell) else None
            number(page, line, column, str(exact(cell.weight)))
            shown = "0" if cell.weight else "0;-0;–"  # no members, no seats
            put(page, line, column + 1, f"=ROUND({'*'.join(factors)},{PLACES})", formula=True, format_="0.00##;-0;–")
            put(page, line, column + 2, f"=ROUND({product}{line},0)", formula=True, format_=shown, fill=fill)
            seat = f"'{seats_page}'!{get_column_letter(seats_column + place)}{seats_row + at}"
            unequal.append(f"({nearest}{line}<>{seat})")
        put(page, line, difference, f"={'+'.join(unequal)}", formula=True, format_="0;-0;0")
    _reasons(page, plan, last + 2)
    widths = {1: 6, 2: NAMES, UNIT_NUMBER: 12, difference: 11}
    for column in range(FIRST_CATEGORY, difference):
        widths[column] = (10, 10, 7)[(column - FIRST_CATEGORY) % PER_CATEGORY]
    for column, width in widths.items():
        page.column_dimensions[get_column_letter(column)].width = width
    page.freeze_panes = f"{get_column_letter(FIRST_CATEGORY)}{first}"
    page.print_title_rows, page.print_title_cols = f"{head}:{head + 2}", "A:C"


def number(page: Worksheet, row: int, column: int, text: str) -> None:
    """A number of the certificate with all its digits; a fraction as the division it is."""
    if "/" in text:
        put(page, row, column, f"={text}", formula=True, format_="General")
    else:
        places = len(text.partition(".")[2])
        put(page, row, column, float(Fraction(text)), format_=f"0.{'0' * places}" if places else "0")


def _heading(page: Worksheet, plan: Plan, title: str, difference: int, first: int, last: int) -> None:
    letter = get_column_letter(difference)
    unlike = sum(rounded(cell.product) != cell.seats for row in plan.rows for cell in row.cells)
    how = (
        f"权重 × 单位系数 × 类别系数 = 乘积，四舍五入得名额。取整与名额不同的有 {unlike} 格，都在表下说明；"
        "权重为 0 的格不设名额。"
    )
    for row, text in ((TITLE, title), (HOW, how)):
        page.merge_cells(start_row=row, end_row=row, start_column=1, end_column=difference - 1)
        put(page, row, 1, text, bold=row == TITLE, align=CENTRE if row == TITLE else LEFT)
        page.cell(row, 1).border = Border()
    put(page, HOW, difference, f"=SUM({letter}{first}:{letter}{last})", formula=True, bold=True, format_="0")


def _numbers_of_all(page: Worksheet, plan: Plan) -> list[tuple[int | None, str]]:
    """The total's number and those of the groups, above the table: (group or None for every cell, address)."""
    lines: list[tuple[int | None, str, str]] = []
    if plan.total_number != "1":
        lines.append((None, "总系数", plan.total_number))
    lines += [(at, f"组系数：{group.name}", group.number) for at, group in enumerate(plan.groups)]
    for at, (_, label, text) in enumerate(lines):
        put(page, GROUPS + at, 2, label, align=LEFT)
        number(page, GROUPS + at, UNIT_NUMBER, text)
    column = get_column_letter(UNIT_NUMBER)
    return [(group, f"${column}${GROUPS + at}") for at, (group, _, _) in enumerate(lines)]


def _head(page: Worksheet, plan: Plan, head: int, difference: int) -> None:
    """Three rows: names, numbers of the categories, what stands in each column."""

    def text(row: int, column: int, words: str) -> None:
        put(page, row, column, words, bold=True, align=CENTRE, fill=GREY)

    for column in range(1, difference + 1):
        for row in range(head, head + 3):
            text(row, column, "")
    for column, words in ((1, "序号"), (2, "选举单位"), (UNIT_NUMBER, "单位系数"), (difference, "与名额不同")):
        text(head, column, words)
        page.merge_cells(start_row=head, end_row=head + 2, start_column=column, end_column=column)
    for at, category in enumerate(plan.categories):
        column = FIRST_CATEGORY + PER_CATEGORY * at
        text(head, column, category.name)
        page.merge_cells(start_row=head, end_row=head, start_column=column, end_column=column + PER_CATEGORY - 1)
        number(page, head + 1, column, category.number)
        text(head + 1, column + 1, "类别系数")
        page.merge_cells(start_row=head + 1, end_row=head + 1, start_column=column + 1, end_column=column + 2)
        for step, words in enumerate(("权重", "乘积", "取整")):
            text(head + 2, column + step, words)


def why(cell: PlanCell) -> str:
    """What decided a cell that its rounded product does not, or not alone; nothing for all others."""
    if cell.exception:
        return "各组交叉形成的例外"
    if cell.held is not None:
        return f"乘积超出上下限，取{cell.bound}"
    if is_half(cell.product):
        return "乘积恰为一半，由抽签顺序决定"
    return ""


def _reasons(page: Worksheet, plan: Plan, first: int) -> None:
    rows = [
        (row.name, category.name, cell.seats, why(cell))
        for row in plan.rows
        for category, cell in zip(plan.categories, row.cells, strict=True)
        if why(cell)
    ]
    if not rows:
        return
    for column, words in enumerate(("", "选举单位", "类别", "名额", "说明"), 1):
        if words:
            put(page, first, column, words, bold=True, align=CENTRE, fill=GREY)
    for at, (unit, category, seats, reason) in enumerate(rows, first + 1):
        put(page, at, 2, unit, align=LEFT)
        put(page, at, 3, category, align=LEFT)
        put(page, at, 4, seats)
        page.merge_cells(start_row=at, end_row=at, start_column=5, end_column=10)
        put(page, at, 5, reason, align=LEFT)
