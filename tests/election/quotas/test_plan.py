"""The plan on paper: its certificate can be checked by hand from nothing but what is printed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from election.documents.paper import render
from election.quotas.models import ChangeKind
from election.quotas.plan.certificate import SIDE_BY_SIDE
from election.quotas.plan.figures import Plan, is_half, rounded, two_decimals
from election.quotas.plan.paper import plan_paper
from election.quotas.queries import HandLine
from tests.election.quotas.plans import OCCASION, planned, problem
from tests.support.depth import examples
from tests.support.paper import pages_of, sizes_of, squeezed

MARKED = re.compile(r"[▼▲½※]")


def hand(kind: ChangeKind = ChangeKind.CELL, *, in_force: bool = True, **change: Any) -> HandLine:
    values: dict[str, Any] = {
        "id": 1,
        "kind": kind,
        "unit": "u0",
        "unit_name": "第0镇",
        "category": "c0",
        "category_name": "第0类",
        "group": "",
        "group_name": "",
        "seats": 5,
        "computed": 4,
        "computed_share": "4.2",
        "reason": "照顾小村",
        "locked": in_force,
        "in_force": in_force,
        "author_id": 1,
        "made_at": datetime(2031, 3, 3, tzinfo=UTC),
    }
    return HandLine(**values | change)


PLANS: dict[str, Callable[[], Plan]] = {
    "plain": lambda: planned(problem([[81, 30, 7], [40, 12, 0], [22, 5, 31]], [6, 3, 4], [7, 3, 3])),
    "ties": lambda: planned(problem([[1, 1], [1, 1]], [3, 3], [3, 3], drawing_order=["u1", "u0"])),
    "bounds": lambda: planned(
        problem(
            [[81, 30], [40, 12]],
            [6, 3],
            [6, 3],
            at_most=[{"unit": "u0", "category": "c0", "seats": 3}],
            at_least=[{"unit": "u1", "category": "c1", "seats": 0}],
        )
    ),
    "quota": lambda: planned(
        problem([[90, 9, 9, 9], [30, 30, 31, 29], [5, 5, 5, 5]], [10, 9, 3], [9, 5, 4, 4], method="within-quota")
    ),
    "groups": lambda: planned(
        problem(
            [[10, 10], [10, 10], [10, 10]],
            [4, 4, 4],
            [6, 6],
            groups=[
                {"id": "g", "name": "乡镇", "units": ["u0", "u1"], "categories": ["c0"], "min": 6},
                {"id": "h", "name": "全部", "max": 12},
            ],
        )
    ),
    "free lines": lambda: planned(
        {
            **problem([[50, 20], [30, 60], [7, 8]], [1, 1, 1], [1, 1]),
            "total": 12,
            "units": [{"id": f"u{at}", "name": f"第{at}镇", "min": 1, "max": 7} for at in range(3)],
            "categories": [{"id": "c0", "name": "第0类", "max": 5}, {"id": "c1", "name": "第1类"}],
        }
    ),
    "many": lambda: planned(
        problem([[20 + (7 * i + 3 * j) % 40 for j in range(10)] for i in range(30)], [12] * 30, [36] * 10)
    ),
}


@pytest.fixture(params=PLANS, scope="module")
def plan(request: pytest.FixtureRequest) -> Plan:
    return PLANS[request.param]()


def numbers_of_groups(paper: dict[str, Any]) -> dict[str, Fraction]:
    """letter → number, as the certificate prints them."""
    for section in paper["certificate"]["sections"]:
        if section["head"].endswith("组系数"):
            return {row[0]: Fraction(row[-1]) for row in section["tables"][0]["rows"]}
    return {}


def test_every_cell_can_be_checked_by_hand_from_the_paper(plan: Plan) -> None:
    """Weight × unit number × category number (× what is named) is the printed product; rounded it is the seats, or marked."""
    paper = plan_paper(plan, OCCASION)
    groups = numbers_of_groups(paper)
    total = re.search(r"再乘以总系数([0-9./]+)", paper["certificate"]["sections"][0]["text"][0])
    checked = 0
    for matrix in paper["matrices"]:
        for row in matrix["rows"]:
            for column, (weight, product, seats) in zip(matrix["categories"], row["cells"], strict=True):
                checked += 1
                first, *letters = weight.split("×")
                if first == "0":
                    assert (product, seats) == ("", "·")
                    continue
                exact = Fraction(first) * Fraction(row["head"][2]) * Fraction(column["number"])
                exact *= Fraction(total[1]) if total else 1
                for letter in letters:
                    exact *= groups[letter]
                assert two_decimals(exact) == MARKED.sub("", product)
                if not MARKED.search(product):
                    assert rounded(Fraction(product)) == rounded(exact) == int(seats)
    assert checked == len(plan.rows) * len(plan.categories)


def test_what_is_marked_is_explained(plan: Plan) -> None:
    paper = plan_paper(plan, OCCASION)
    marks = {
        mark
        for matrix in paper["matrices"]
        for row in matrix["rows"]
        for _, product, _ in row["cells"]
        for mark in MARKED.findall(product)
    }
    heads = [section["head"] for section in paper["certificate"]["sections"]]
    assert ("½" in marks) == any(head.endswith("并列") for head in heads)
    assert bool(marks & {"▼", "▲"}) == any(head.endswith("受上下限约束的格") for head in heads)


def test_each_kind_of_mark_is_seen_in_these_plans() -> None:
    found = "".join(str(plan_paper(PLANS[name](), OCCASION)["matrices"]) for name in ("ties", "bounds", "quota"))
    assert "½" in found and ("▼" in found or "▲" in found)


def test_the_worked_example_is_true(plan: Plan) -> None:
    text = "".join(plan_paper(plan, OCCASION)["certificate"]["sections"][0]["text"])
    example = re.search(r"例：(.+?)，权重(.+?) = ([0-9.]+)，四舍五入得([0-9]+)名。", text)
    plain = [
        cell
        for row in plan.rows
        for cell in row.cells
        if cell.weight and cell.held is None and not cell.at_half and not cell.exception
    ]
    assert (example is not None) == bool(plain)
    if example is not None:
        exact = Fraction(1)
        for factor in re.findall(r"[0-9][0-9./]*(?= ×|$)", re.sub(r"[^0-9./× ]", "", example[2])):
            exact *= Fraction(factor)
        assert two_decimals(exact) == example[3]
        assert rounded(exact) == int(example[4])


def test_no_more_categories_stand_side_by_side_than_a_page_takes(plan: Plan) -> None:
    matrices = plan_paper(plan, OCCASION)["matrices"]
    assert all(len(matrix["categories"]) <= SIDE_BY_SIDE for matrix in matrices)
    assert [c["name"] for matrix in matrices for c in matrix["categories"]] == [c.name for c in plan.categories]


def test_the_sheet_adds_up(plan: Plan) -> None:
    sheet = plan_paper(plan, OCCASION)["sheet"]
    for column in range(7, 7 + len(plan.categories)):
        seats = [row[column].replace("·", "0").replace("—", "0") for row in sheet["rows"]]
        assert sum(map(int, seats)) == int(sheet["totals"][column])
    assert sum(int(row[5]) for row in sheet["rows"]) == int(sheet["totals"][5]) == plan.seats


@given(st.fractions(min_value=0, max_value=400, max_denominator=10**6))
@examples(300)
def test_a_printed_product_rounds_as_the_exact_one_does(value: Fraction) -> None:
    shown = Fraction(two_decimals(value))
    assert rounded(shown) == rounded(value)
    assert is_half(shown) == is_half(value)


@pytest.mark.parametrize(
    ("value", "shown"),
    [("4999/2000", "2.4995"), ("5/2", "2.50"), ("3.14159", "3.14"), ("0.995", "1.00"), ("2.50049", "2.5005")],
)
def test_two_decimals_are_enough_but_beside_a_half(value: str, shown: str) -> None:
    assert two_decimals(Fraction(value)) == shown


# What else the plan says


def sections(plan: Plan, **change: Any) -> dict[str, dict[str, Any]]:
    paper = plan_paper(plan, replace(OCCASION, **change))
    return {section["head"].partition("、")[2]: section for section in paper["sections"]}


def test_groups_are_told_with_their_bounds_and_seats() -> None:
    rows = sections(PLANS["groups"]())["分组要求"]["tables"][0]["rows"]
    assert rows[0][:3] == ["乡镇", "2个单位，第0类", "不少于6名"]
    assert rows[1][1:3] == ["全部单位，全部类别", "不多于12名"]


def test_changes_by_hand_are_told_with_their_reasons_and_marked_in_the_sheet() -> None:
    asked = problem([[81, 30, 7], [40, 12, 0], [22, 5, 31]], [6, 3, 4], [7, 3, 3])
    plan = planned(asked, changed={(0, 0): hand(), (1, 0): hand(id=2, unit="u1", unit_name="第1镇", in_force=False)})
    told = sections(plan)["人工调整"]
    assert told["tables"][0]["head"] == ["单位、类别", "原为", "调整为", "状态", "理由", "经办人"]
    assert [row[1:] for row in told["tables"][0]["rows"]] == [
        ["4", "5", "锁定", "照顾小村", "经办甲"],
        ["4", "5", "试算", "照顾小村", "经办甲"],
    ]
    assert "有1处" in told["text"][0]
    sheet = plan_paper(plan, OCCASION)["sheet"]
    assert sheet["rows"][0][7].endswith("△") and not sheet["rows"][1][7].endswith("△")
    assert "△" in sheet["note"]


BY_HAND = problem([[81, 30, 7], [40, 12, 0], [22, 5, 31]], [6, 3, 4], [7, 3, 3], method="within-quota")


def fairness(plan: Plan) -> str:
    return str(sections(plan)["代表构成"]["text"][0])


def test_fairness_is_measured_by_the_rules_alone_and_says_what_the_hand_did() -> None:
    """A cell fixed by hand is its own fair share in the problem: measured so, nothing would ever be off."""
    untouched = planned(BY_HAND)
    assert fairness(untouched).startswith("各格名额都在应得份额的上下取整之内。")
    seats = [[cell.seats for cell in row.cells] for row in untouched.rows]
    fixed = BY_HAND | {
        bound: [{"unit": "u0", "category": "c0", "seats": seats[0][0] + 2}] for bound in ("at_least", "at_most")
    }
    changed = {(0, 0): hand(seats=seats[0][0] + 2, computed=seats[0][0])}
    own = [[cell.share for cell in row.cells] for row in untouched.rows]
    told = fairness(planned(fixed, changed=changed, shares=own))
    assert told.startswith("应得份额不计人工调整。人工调整使") and f"分得{seats[0][0] + 2}名" in told
    assert two_decimals(own[0][0]) in told
    in_vain = fairness(planned(BY_HAND, changed={(0, 0): hand(seats=seats[0][0])}))
    assert in_vain.startswith("应得份额不计人工调整。人工调整后，各格名额都在应得份额的上下取整之内。")
    impossible = replace(planned(fixed, changed=changed), shares=None)
    assert fairness(impossible).startswith("不作人工调整，各项规则就互相矛盾，所以应得份额是连同人工调整计算的。")


def test_a_cell_held_by_hand_stands_in_the_certificate_with_its_share_by_the_rules() -> None:
    fixed = BY_HAND | {bound: [{"unit": "u0", "category": "c0", "seats": 6}] for bound in ("at_least", "at_most")}
    own = [[Fraction("2.25")] * 3 for _ in range(3)]
    paper = plan_paper(planned(fixed, changed={(0, 0): hand(seats=6)}, shares=own), OCCASION)
    (rows,) = (
        one["tables"][0]["rows"] for one in paper["certificate"]["sections"] if one["head"].endswith("受上下限约束的格")
    )
    assert ["第0镇·第0类", "2.25", "人工锁定的名额", "6"] in [[row[0], *row[2:]] for row in rows]


def test_what_stood_before_a_change_is_always_said() -> None:
    group = {"id": "g", "name": "乡镇", "units": ["u0"], "categories": ["c0"], "min": 3}
    asked = problem([[81, 30, 7], [40, 12, 0], [22, 5, 31]], [6, 3, 4], [7, 3, 3], groups=[group])
    bound = {"unit": None, "unit_name": "", "category": None, "category_name": "", "group": "g", "group_name": "乡镇"}
    changed = {
        (0, 0): hand(computed=None),
        (1, 0): hand(ChangeKind.GROUP_LEAST, computed=None, seats=1, **bound),
        (2, 0): hand(ChangeKind.GROUP_MOST, computed=None, seats=9, **bound),
    }
    rows = sections(planned(asked, changed=changed))["人工调整"]["tables"][0]["rows"]
    assert [row[1] for row in rows] == ["不调整则规则矛盾", "3", "无"]


def test_a_category_of_one_unit_is_said_to_be_its_own() -> None:
    paper = plan_paper(planned(problem([[40, 49], [30, 0]], [3, 2], [4, 1])), OCCASION)
    found = [one for one in paper["certificate"]["sections"] if one["head"].endswith("受上下限约束的格")]
    for section in found:
        reasons = {row[0]: row[3] for row in section["tables"][0]["rows"]}
        assert reasons.get("第0镇·第1类", "只此一个单位有该类党员") == "只此一个单位有该类党员"
    assert planned(problem([[40, 49], [30, 0]], [3, 2], [4, 1])).only_cells == {(0, 1)}


def test_what_there_is_none_of_is_not_mentioned() -> None:
    plan = PLANS["plain"]()
    assert {"分组要求", "人工调整", "等额安排", "权重调整"}.isdisjoint(sections(plan))
    assert "△" not in plan_paper(plan, OCCASION)["sheet"]["note"]


def test_assigned_seats_and_previous_seats_stand_in_the_sheet() -> None:
    asked = problem([[81, 30, 7], [40, 12, 0], [22, 5, 31]], [6, 3, 4], [7, 3, 3])
    plan = planned(asked, assigned={(0, 0): 1}, previous={0: 8, 1: 3})
    rows = plan_paper(plan, OCCASION)["sheet"]["rows"]
    assert [row[6] for row in rows] == ["−2", "0", "—"]
    assert rows[0][-1] == "等额1"
    # One assigned without a margin; the other five at forty percent in their cells.
    assert plan.rows[0].candidates == sum(cell.assigned + cell.candidates for cell in plan.rows[0].cells)
    assert "等额安排1名（第0类1名）" in sections(plan)["等额安排"]["text"][0]


def test_a_plan_from_a_workbook_names_it_instead_of_the_weights() -> None:
    told = sections(PLANS["plain"](), source="测算.xlsx")["分配办法"]["text"]
    assert "测算.xlsx" in told[1] and "党员数" not in told[1]


@pytest.mark.parametrize(("method", "words"), [("webster", "双向韦伯斯特法"), ("within-quota", "向上或向下取整")])
def test_the_method_is_said_in_a_sentence(method: str, words: str) -> None:
    plan = planned(problem([[81, 30], [40, 12]], [6, 3], [6, 3], method=method))
    assert words in sections(plan)["分配办法"]["text"][0]


# As PDF


def set_in_type(plan: Plan, state: str = "草案", **options: Any) -> bytes:
    paper = plan_paper(plan, replace(OCCASION, state=state))
    return render("plan", paper, title="方案", day=date(2031, 3, 3), **{"demo": False, "mark": "草案"} | options)


def test_the_plan_is_set_on_a4_with_its_hash_and_every_unit(plan: Plan) -> None:
    content = set_in_type(plan)
    assert set(sizes_of(content)) == {(210, 297), (297, 210)}
    pages = pages_of(content)
    whole = "".join(pages)
    assert whole.count(plan.hash) == 2
    assert all(squeezed(row.name) in whole and row.number in whole for row in plan.rows)
    assert all(f"—{at}—" in page for at, page in enumerate(pages, 1))
    assert all("草案" in page for page in pages)


def test_the_same_plan_gives_the_same_bytes() -> None:
    assert set_in_type(PLANS["ties"]()) == set_in_type(PLANS["ties"]())


def test_a_plan_in_force_bears_no_mark_and_a_demo_says_so_on_every_page() -> None:
    assert not any("草案" in page for page in pages_of(set_in_type(PLANS["plain"](), "已批准", mark="")))
    assert all("演示" in page for page in pages_of(set_in_type(PLANS["plain"](), demo=True)))


@pytest.mark.parametrize(("units", "pages"), [(20, 2), (24, 2), (32, 3)])
def test_a_certificate_that_would_run_over_by_a_line_is_set_closer(units: int, pages: int) -> None:
    """With twenty-four units its last page would hold a single sentence."""
    tied = planned(problem([[1, 1]] * units, [3] * units, [3 * units // 2] * 2))
    found = pages_of(set_in_type(tied))
    first = next(at for at, page in enumerate(found) if "代表名额分配证书" in page[:40])
    last = next(at for at, page in enumerate(found) if "逐格验算表" in page[:40])
    assert last - first == pages
    assert all(len(page) > 100 for page in found[first:last])
