"""The plan as a workbook: its formulas, worked out anew here, give the scheme's own numbers; no name is ever one."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import range_boundaries
from openpyxl.workbook import Workbook

from election.quotas.plan.figures import Plan, rounded
from election.quotas.plan.workbook import PROOF, SHEET, plan_workbook
from tests.election.quotas.plans import planned, problem
from tests.election.quotas.test_plan import PLANS, hand

MADE_AT = datetime(2031, 3, 3, 1, tzinfo=UTC)
REFERENCE = re.compile(r"(?:'([^']+)'!)?\$?([A-Z]{1,3})\$?([0-9]+)(?::\$?([A-Z]{1,3})\$?([0-9]+))?")


def written(plan: Plan, title: str = "某县代表名额分配表", marks: tuple[str, ...] = ("草案",)) -> Workbook:
    content = plan_workbook(plan, title=title, version="方案1", marks=marks, made_at=MADE_AT)
    return openpyxl.load_workbook(io.BytesIO(content))


class Reckoner:
    """Works out the few kinds of formulas that the workbook uses, in fractions."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.known: dict[tuple[str, str], Any] = {}

    def value(self, page: str, address: str) -> Any:
        if (page, address) not in self.known:
            held = self.book[page][address].value
            if isinstance(held, str) and self.book[page][address].data_type == "f":
                held = self.formula(page, held[1:])
            elif isinstance(held, int | float):
                held = Fraction(str(held))
            self.known[page, address] = held
        return self.known[page, address]

    def formula(self, page: str, text: str) -> Any:
        names: dict[str, Any] = {
            "IF": lambda test, yes, no: yes if test else no,
            "SUM": lambda *parts: sum(
                one or 0 for part in parts for one in (part if isinstance(part, list) else [part])
            ),
            "ROUND": lambda number, places: Fraction(rounded(Fraction(number) * 10**places), 10**places),
            "ROUNDUP": lambda number, places: -(-Fraction(number) // 1),
        }

        def look_up(match: re.Match[str]) -> str:
            sheet, column, row, to_column, to_row = match.groups()
            name = f"v{len(names)}"
            if to_column is None:
                names[name] = self.value(sheet or page, f"{column}{row}")
            else:
                names[name] = list(self.values(sheet or page, f"{column}{row}:{to_column}{to_row}"))
            return name

        code = REFERENCE.sub(look_up, text).replace("<>", "!=").replace("=0", "==0")
        code = re.sub(r"(?<![\w.])([0-9]+)(?![\w.])", r"Fraction(\1)", code)
        return eval(code, {"__builtins__": {}, "Fraction": Fraction}, names)

    def values(self, page: str, area: str) -> Iterator[Any]:
        left, top, right, bottom = range_boundaries(area)
        for row in self.book[page].iter_rows(top, bottom, left, right):
            for cell in row:
                yield self.value(page, cell.coordinate)


@pytest.fixture(params=PLANS)
def plan(request: pytest.FixtureRequest) -> Plan:
    return PLANS[request.param]()


def rows_below_head(book: Workbook, page: str) -> int:
    return int(str(book[page].print_title_rows).rpartition(":")[2].lstrip("$")) + 1


def test_the_sums_are_live_and_right(plan: Plan) -> None:
    book = written(plan)
    reckon = Reckoner(book)
    count, last = len(plan.categories), 5 + len(plan.rows)
    for totals in (5, last + 1):
        line = list(reckon.values(SHEET, f"C{totals}:{book[SHEET].cell(totals, 7 + count).coordinate}"))
        assert line[:4] == [plan.organisations, plan.members, 1, plan.seats]
        assert line[5:] == [column.seats for column in plan.categories]
    for at, row in enumerate(plan.rows, 6):
        assert reckon.value(SHEET, f"F{at}") == row.seats
        assert reckon.value(SHEET, f"E{at}") == Fraction(row.members, plan.members)
        candidates = book[SHEET].cell(at, 8 + count + len(plan.overlays)).coordinate
        assert reckon.value(SHEET, candidates) == row.candidates


def test_every_product_is_live_and_its_rounding_is_the_seats_or_explained(plan: Plan) -> None:
    book = written(plan)
    reckon, page = Reckoner(book), book[PROOF]
    first = rows_below_head(book, PROOF)
    differ = 0
    for i, row in enumerate(plan.rows):
        line = first + i
        assert page.cell(line, 2).value == row.name
        for j, cell in enumerate(row.cells):
            product, nearest = (page.cell(line, 5 + 3 * j + step) for step in (0, 1))
            assert abs(reckon.value(PROOF, product.coordinate) - cell.product) < Fraction(1, 10**8)
            assert reckon.value(PROOF, nearest.coordinate) == rounded(cell.product)
            differ += rounded(cell.product) != cell.seats
        count = page.cell(line, 4 + 3 * len(row.cells))
        assert reckon.value(PROOF, count.coordinate) == sum(rounded(one.product) != one.seats for one in row.cells)
    assert reckon.value(PROOF, page.cell(2, 4 + 3 * len(plan.categories)).coordinate) == differ
    assert f"有 {differ} 格" in str(page["A2"].value)


def test_the_header_is_two_rows_merged_and_repeated_on_every_printed_page() -> None:
    plan = planned(
        problem([[81, 30], [40, 12]], [6, 3], [6, 3], overlays=[{"id": "妇女", "seats": 2, "weights": [1, 1]}])
    )
    page = written(plan)[SHEET]
    head = [page.cell(3, column).value for column in range(1, 13)]
    assert [one for one in head if one] == [
        *("序号", "选举单位", "党组织数", "党员数", "占比", "名额", "较上届"),
        *("代表构成", "其中", "最少候选人数", "备注"),
    ]
    assert [page.cell(4, column).value for column in (8, 9, 10)] == ["第0类", "第1类", "妇女"]
    merged = {str(area) for area in page.merged_cells.ranges}
    assert {"A3:A4", "B3:B4", "H3:I3", "K3:K4", "L3:L4"} <= merged
    assert (page.print_title_rows, page.print_title_cols) == ("$3:$4", "$A:$B")
    assert page.freeze_panes == "C6"


def test_merged_cells_never_overlap(plan: Plan) -> None:
    """A spreadsheet would offer to repair the file."""
    for page in written(plan).worksheets:
        cells = [place for area in page.merged_cells.ranges for place in area.cells]
        assert len(cells) == len(set(cells))


def test_both_pages_are_a3_lying_as_wide_as_the_paper_and_marked() -> None:
    book = written(PLANS["plain"](), marks=("演示", "草案"))
    assert book.sheetnames == [SHEET, PROOF]
    for page in book.worksheets:
        assert (page.page_setup.paperSize, page.page_setup.orientation) == (8, "landscape")
        assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight) == (1, 0)
        assert page.sheet_properties.pageSetUpPr.fitToPage
        assert page.oddHeader.right.text == "演示　草案"
    assert "演示" in book[SHEET]["A2"].value


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("x")'])
def test_no_name_is_taken_for_a_formula(name: str) -> None:
    asked = problem([[81, 30], [40, 12]], [6, 3], [6, 3])
    asked["units"][0]["name"] = asked["categories"][0]["name"] = name
    book = written(planned(asked), title=name)
    for page in book.worksheets:
        found = [cell for row in page.iter_rows() for cell in row if cell.value == name]
        assert found and all(cell.data_type == "s" and cell.quotePrefix for cell in found)


@pytest.mark.parametrize("sign", ["\b", "\x0b", "\x1f", "\ufffe"])
def test_signs_that_a_word_processor_left_in_a_text_do_not_spoil_the_file(sign: str) -> None:
    plan = planned(problem([[81, 30], [40, 12]], [6, 3], [6, 3]), changed={(0, 0): hand(reason=f"照顾{sign}小村")})
    first, *others = plan.rows
    plan = replace(plan, rows=(replace(first, name=f"第{sign}甲"), *others))
    page = written(plan, title=f"分配{sign}表")[SHEET]
    assert (page["A1"].value, page["B6"].value) == ("分配表", "第甲")
    assert page["H6"].comment.text.endswith("照顾小村")


def test_a_number_changed_by_hand_is_marked_and_says_why() -> None:
    asked = problem([[81, 30, 7], [40, 12, 0], [22, 5, 31]], [6, 3, 4], [7, 3, 3])
    changes = {(0, 0): hand(), (1, 1): hand(id=2, seats=9, in_force=False, reason="试一试")}
    page = written(planned(asked, changed=changes))[SHEET]
    assert page["H6"].comment.text.startswith("原算 4，人工调整为 5\n理由：照顾小村")
    assert "试算为 9，未计入" in page["I7"].comment.text
    assert page["H7"].comment is None


def test_seats_of_the_previous_congress_are_compared_live() -> None:
    plan = planned(problem([[81, 30], [40, 12]], [6, 3], [6, 3]), previous={0: 8})
    reckon = Reckoner(written(plan))
    assert reckon.value(SHEET, "G6") == -2
    assert reckon.value(SHEET, "G7") in (None, "")
    assert reckon.value(SHEET, "G5") == 1  # all nine, those of a new unit too, over the eight of before


def test_the_margin_stands_in_a_cell_of_its_own_and_moves_the_candidates() -> None:
    book = written(planned(problem([[81, 30], [40, 12]], [6, 3], [6, 3]), margin=40))
    page = book[SHEET]
    place = next(cell for row in page.iter_rows() for cell in row if cell.value == 40 and cell.column == 3)
    before = Reckoner(book).value(SHEET, "J6")
    place.value = 0
    assert before > Reckoner(book).value(SHEET, "J6") == 6
