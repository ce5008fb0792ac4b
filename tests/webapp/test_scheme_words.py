"""The reasons of cells and totals in words: every code has its sentence, and every sentence the numbers it speaks of."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from flask import g

from allocation import allocate, read_problem
from allocation.explain import Explanation
from election.machine import Words
from election.quotas.hand import Change
from election.quotas.impossible import Contradiction, Elsewhere, Remedy
from election.quotas.models import ChangeKind
from election.quotas.queries import HandLine
from tests.allocation.test_properties import county
from tests.election.quotas.conftest import made
from tests.webapp.conftest import MakeSite
from webapp.scheme_conflicts import as_field, conflict_context, from_fields
from webapp.scheme_words import category_reckoning, cell_reckoning, next_seat, unit_reckoning


@pytest.fixture
def page(county_site: MakeSite) -> Iterator[None]:
    """A request, for its language and addresses."""
    with county_site("to be divided", made).site.app.test_request_context():
        g.congress = SimpleNamespace(code="xian-14")
        yield


def explained(obj: dict[str, Any]) -> Explanation:
    return Explanation(allocate(read_problem(obj), second_engine=False))


def two_by_two(weights: list[list[int]], **rules: Any) -> dict[str, Any]:
    """Two units of two seats each, two categories of two."""
    return {
        "format": "allocation-problem/1",
        "total": 4,
        "units": [{"id": "a", "name": "甲镇", "seats": 2}, {"id": "b", "name": "乙镇", "seats": 2}],
        "categories": [{"id": "x", "name": "农民", "seats": 2}, {"id": "y", "name": "干部", "seats": 2}],
        "weights": weights,
    } | rules


def words(obj: dict[str, Any], unit: int, category: int, locked: HandLine | None = None) -> str:
    found = explained(obj)
    return "".join(cell_reckoning(found, found.why(unit, category), locked))


def price(obj: dict[str, Any], unit: int, category: int) -> str:
    found = explained(obj)
    return next_seat(found, found.next_seat(unit, category), unit, category)


@pytest.mark.usefixtures("page")
@pytest.mark.parametrize("method", ["within-quota", "webster"])
def test_every_cell_of_a_county_has_its_sentences(method: str) -> None:
    codes: set[str] = set()
    for seed in range(3):
        found = explained(county(seed, method=method))
        for unit in range(len(found.problem.units)):
            for category in range(len(found.problem.categories)):
                why = found.why(unit, category)
                codes.update(why.codes)
                told = cell_reckoning(found, why, None)
                assert told and all(line.endswith("。") for line in told), (why, told)
                assert "zero_weight" in why.codes or f"{why.seats} 席" in told[0], (why, told)
                assert next_seat(found, found.next_seat(unit, category), unit, category).endswith("。")
    assert {"zero_weight", "rounded_up", "rounded_down"} <= codes


@pytest.mark.usefixtures("page")
def test_a_tie_names_whom_it_is_with_and_how_it_was_broken() -> None:
    tied = two_by_two(
        [[3, 3], [3, 3]], units=[{"id": "a", "name": "甲镇", "seats": 1}, {"id": "b", "name": "乙镇", "seats": 3}]
    )
    told = words(tied, 0, 0)
    assert "恰为一半，与「甲镇·干部」" in told and "按抽签顺序，取 1 席" in told
    assert "偏差不变：本来并列" in price(tied, 0, 1)


@pytest.mark.usefixtures("page")
def test_bounds_are_named_as_what_held_the_cell() -> None:
    held = two_by_two([[90, 10], [10, 90]], at_most=[{"unit": "a", "category": "x", "seats": 1}])
    assert "本格至多 1 席" in words(held, 0, 0) and price(held, 0, 0) == "不能再给：本格已到上限。"
    least = {"method": "webster", "at_least": [{"unit": "a", "category": "x", "seats": 2}]}
    assert "本格至少 2 席" in words(two_by_two([[10, 90], [90, 10]], **least), 0, 0)
    assert "没有该类别有选举权的党员" in words(two_by_two([[3, 0], [0, 3]]), 0, 1)


@pytest.mark.usefixtures("page")
def test_a_locked_cell_says_what_the_system_would_give() -> None:
    by_hand: Any = SimpleNamespace(computed=1, computed_share="1.430000")
    told = words(two_by_two([[50, 40], [40, 50]]), 0, 0, by_hand)
    assert "人工锁定 1 席" in told and "应得 1.43 席，取 1 席" in told


@pytest.mark.usefixtures("page")
def test_a_seat_is_priced_with_all_who_would_have_to_change() -> None:
    table = two_by_two([[50, 40], [40, 50]])
    told = price(table | {"method": "webster"}, 0, 0)
    assert told.startswith("若再给 1 席，须连带调整：本单位减干部 1 席；乙镇农民 1 席改为干部；偏差增加 ")
    free = table | {"method": "webster", "units": [{"id": "a", "name": "甲镇"}, {"id": "b", "name": "乙镇"}]}
    assert price(free, 0, 0).startswith("若再给 1 席，须从「乙镇·农民」调出，偏差增加 ")
    assert "只能上下取整时" in price(table | {"weights": [[1, 1], [1, 1]]}, 0, 0)


@pytest.mark.usefixtures("page")
def test_groups_stand_in_the_multiplication() -> None:
    group = {"id": "g", "name": "乡镇农民", "units": ["a"], "categories": ["x"], "max": 1}
    free = {"units": [{"id": "a", "name": "甲镇"}, {"id": "b", "name": "乙镇"}], "method": "webster"}
    assert "“乡镇农民”组系数" in words(two_by_two([[900, 10], [10, 60]], groups=[group], **free), 0, 0)


@pytest.mark.usefixtures("page")
def test_totals_tell_how_they_were_derived() -> None:
    problem = {
        "total": 20,
        "units": [
            {"id": "a", "weight": 300, "min": 6},
            {"id": "b", "weight": "100.5", "max": 14},
            {"id": "c", "seats": 2},
        ],
        "categories": [{"id": "x", "share": "0.49"}, {"id": "y"}, {"id": "z", "seats": 3}],
        "category_rounding": "largest-remainder",
    }
    (first,) = unit_reckoning(problem, "a", 13)
    assert "单位权重 300，占 74.9%；18 席按比例应得 13.48 席，取整（韦伯斯特法）得 13 席。" in first
    assert unit_reckoning(problem, "a", 6)[1] == "规定不少于 6 席。"
    assert unit_reckoning(problem, "b", 14)[1] == "规定不多于 14 席。"
    assert unit_reckoning(problem, "c", 2) == ["名额定为 2 席。"]
    assert category_reckoning(problem, "x", 10) == ["总名额 20 × 49% = 9.80，按最大余数法取整，得 10 席。"]
    assert "韦伯斯特法" in category_reckoning(problem | {"category_rounding": "webster"}, "x", 10)[0]
    assert "由各单位相加得 7 席" in category_reckoning(problem, "y", 7)[0]
    assert category_reckoning(problem, "z", 3) == ["合计定为 3 席。"]


@pytest.mark.usefixtures("page")
@pytest.mark.parametrize(
    ("where", "path"),
    [
        (Elsewhere.LEADERS, "/office/leaders"),
        (Elsewhere.SETTINGS, "/office/"),
        (Elsewhere.WORKBOOK, "/schemes/workbook"),
    ],
)
def test_what_belongs_elsewhere_has_a_way_there_and_no_button(where: Elsewhere, path: str) -> None:
    change = Change(ChangeKind.UNIT_MOST, "a", None, "", 9, locked=True)
    mine = Contradiction(Words("甲镇至多 7", "a"), (Remedy(Words("甲镇 单位上限", "a"), 7, 9, change, None),))
    theirs = Contradiction(Words("总名额 20", "b"), (Remedy(Words("总名额", "b"), 20, 21, None, where),))
    context = conflict_context([mine, theirs], "/try", {"seen": "x"})
    assert context is not None and context["all"] == []
    assert [bool(one["relax"]) for one in context["list"]] == [True, False]
    assert context["list"][1]["remedies"][0]["href"].endswith(path)
    assert context["list"][1]["remedies"][0]["link"] == where.zh
    both = conflict_context([mine, mine], "/try", {})
    assert both is not None and len(both["all"]) == 2
    assert conflict_context([], "/try", {}) is None


def test_a_remedy_comes_back_from_its_form_as_it_was() -> None:
    changes = [
        Change(ChangeKind.CELL, "u:1", '甲"', "", 3, locked=True),
        Change(ChangeKind.GROUP_LEAST, None, None, "g", 0, locked=True),
    ]
    assert from_fields([as_field(change) for change in changes]) == changes
