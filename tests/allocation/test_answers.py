"""Answers against every matrix there is, ties included; and what the proof must refuse."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from allocation import BadInput, allocate, check, read_problem
from allocation.answer import Allocation
from allocation.totals import NoTotals
from tests.allocation.brute import optimal, problems, quota
from tests.support.depth import examples


def as_read(answer: Allocation) -> dict[str, Any]:
    """The allocation as another program would read it."""
    result: dict[str, Any] = json.loads(json.dumps(answer.to_json()))
    return result


def compare(obj: dict[str, Any]) -> None:
    problem = read_problem(obj)
    answer = allocate(problem)
    try:
        best = optimal(problem)
    except NoTotals:
        best = []
    assert answer.allocated == bool(best)
    if not answer.allocated:
        assert answer.conflicts
        assert "seats" not in answer.to_json()
        return
    if problem.method == "within-quota":
        within = optimal(problem, *quota(answer.fair_shares))
        if not within:
            assert problem.groups
            assert check(problem, as_read(answer)) == []
            return
        best = within
    assert answer.seats == best[0]
    assert bool(answer.ties) == (len(best) > 1)
    moving = {
        (i, j) for matrix in best for i, line in enumerate(matrix) for j, x in enumerate(line) if x != best[0][i][j]
    }
    assert {cell for tie in answer.ties for cell in tie.cells} == moving
    assert check(problem, as_read(answer)) == []


@given(problems())
@examples(250)
def test_the_answer_is_the_first_of_all_optimal_matrices(obj: dict[str, Any]) -> None:
    compare(obj)


@given(problems(free=True))
@examples(150)
def test_with_free_lines_the_answer_is_the_first_of_all_optimal_matrices(obj: dict[str, Any]) -> None:
    compare(obj)


@given(problems(groups=True))
@examples(60)
def test_with_groups_the_answer_is_the_first_of_all_optimal_matrices(obj: dict[str, Any]) -> None:
    compare(obj)


@given(problems(), st.data())
@examples(120)
def test_moved_seats_never_certify(obj: dict[str, Any], data: st.DataObject) -> None:
    problem = read_problem(obj)
    answer = allocate(problem)
    if not answer.allocated:
        return
    claim = as_read(answer)
    i = data.draw(st.integers(0, len(problem.units) - 1))
    j = data.draw(st.integers(0, len(problem.categories) - 1))
    claim["seats"][i][j] += data.draw(st.sampled_from([-1, 1, 2]))
    if data.draw(st.booleans()):
        claim["unit_seats"] = [sum(line) for line in claim["seats"]]
        claim["category_seats"] = [sum(line) for line in zip(*claim["seats"], strict=True)]
    assert check(problem, claim)


@given(problems(), st.data())
@examples(120)
def test_another_matrix_with_the_same_totals_never_certifies(obj: dict[str, Any], data: st.DataObject) -> None:
    """Not even one that is as good but comes later in the drawing order."""
    problem = read_problem(obj)
    answer = allocate(problem)
    m, n = len(problem.units), len(problem.categories)
    if not answer.allocated or m < 2 or n < 2:
        return
    claim = as_read(answer)
    rows = data.draw(st.lists(st.integers(0, m - 1), min_size=2, max_size=2, unique=True))
    columns = data.draw(st.lists(st.integers(0, n - 1), min_size=2, max_size=2, unique=True))
    for row, column, change in ((0, 0, 1), (0, 1, -1), (1, 0, -1), (1, 1, 1)):
        claim["seats"][rows[row]][columns[column]] += change
    assert check(problem, claim)


def county() -> dict[str, Any]:
    return {
        "format": "allocation-problem/1",
        "total": 14,
        "units": [{"id": "u01", "weight": "902.5", "min": 2}, {"id": "u02", "weight": "512.5", "min": 2}],
        "categories": [{"id": "leader", "share": "0.75"}, {"id": "army", "share": "0.25"}],
        "weights": [[120, 10], [80, 31]],
        "overlays": [{"id": "women", "share": "0.27", "weights": [55, 31]}],
    }


def test_every_number_of_the_answer_is_checked() -> None:
    problem = read_problem(county())
    claim = as_read(allocate(problem))
    assert check(problem, claim) == []
    changes: tuple[dict[str, Any], ...] = (
        {"unit_seats": [8, 6]},
        {"category_seats": [10, 4]},
        {"overlays": {"women": [4, 0]}},
        {"overlays": {}},
        {"overlay_shortfall": {"women": 1}},
        {"method": "webster"},
        {"status": "impossible"},
        {"ties": [{"cells": [["u01", "leader"], ["u02", "leader"]], "rule": "drawing_order"}]},
        {"conflicts": [{"rules": []}]},
        {"seats": []},
        {"fair_shares": []},
    )
    for change in changes:
        mutated = copy.deepcopy(claim) | change
        try:
            assert check(problem, mutated), change
        except BadInput:
            assert change == {"status": "impossible"}  # seats stand beside it
    for key, value in (
        ("units", ["1", "9"]),
        ("units", ["-1", "1"]),
        ("units", ["1"]),
        ("fair_units", ["1", "1"]),
        ("fair_categories", ["0.05", "0.06"]),
        ("total", "2"),
        ("gap", "0.5"),
        ("groups", ["1"]),
        ("exceptions", [{"unit": "u01", "category": "army", "price": "0"}]),
    ):
        mutated = copy.deepcopy(claim)
        mutated["certificate"][key] = value
        assert check(problem, mutated), key


def test_a_share_that_is_printed_wrong_does_not_certify() -> None:
    problem = read_problem(county())
    claim = as_read(allocate(problem))
    claim["fair_shares"][0][0] = "8.000001"
    assert [failure.code for failure in check(problem, claim)] == ["check.share"]


def test_an_impossible_claim_about_a_possible_problem_does_not_certify() -> None:
    problem = read_problem(county())
    claim = {"format": "allocation/1", "status": "impossible", "method": "within-quota", "conflicts": []}
    assert [failure.code for failure in check(problem, claim)] == ["check.possible"]
