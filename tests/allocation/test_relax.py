"""Where totals are derived: no single number and no two numbers of a problem mend it with fewer or smaller changes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import assume, given

from allocation import Problem, allocate, read_problem
from allocation.answer import Allocation, Relaxation
from allocation.changes import Number, applied, numbers
from allocation.holding import Holding, holds
from allocation.rulebook import TOTAL, rulebook
from tests.allocation.brute import problems
from tests.support.depth import examples


def possible(problem: Problem) -> bool:
    book = rulebook(problem)
    return not book.underivable and holds(book, book.rules)


def relaxed(answer: Allocation) -> list[Relaxation]:
    return [entry for conflict in answer.conflicts for entry in conflict.relax]


def changes(known: list[Number], count: int, most: int) -> Iterator[dict[str, int]]:
    """All changes of so many numbers that come to at most so much."""
    for chosen in itertools.combinations(known, count):
        for steps in itertools.product(range(1, most + 1), repeat=count):
            if sum(steps) <= most:
                for signs in itertools.product(*(number.signs for number in chosen)):
                    values = [n.now + s * d for n, s, d in zip(chosen, signs, steps, strict=True)]
                    if min(values) >= 0 and len({n.fix for n in chosen}) == count:
                        yield {n.fix: value for n, value in zip(chosen, values, strict=True)}


@given(problems(free=True, groups=True).filter(lambda obj: not possible(read_problem(obj))))
@examples(60)
def test_no_fewer_and_no_smaller_changes_of_derived_totals_would_do(obj: dict[str, Any]) -> None:
    problem = read_problem(obj)
    entries = relaxed(allocate(problem))
    assume(entries)
    assert possible(applied(problem, {entry.rule: entry.after for entry in entries}))
    change = sum(abs(entry.after - entry.before) for entry in entries)
    known = [number for number in numbers(rulebook(problem)) if number.fix != TOTAL]
    # With the total among the changes, less change must be impossible without it; else fewer rules, too.
    beyond = change - 1 if any(entry.rule == TOTAL for entry in entries) else 2 * problem.total + 2
    for count in range(1, min(len(entries), 3)):
        for values in changes(known, count, min(beyond, 2 * problem.total + 2 if count == 1 else 6)):
            assert not possible(applied(problem, values)), values
    if len(entries) < 3:
        for values in changes(known, len(entries), change - 1):
            assert not possible(applied(problem, values)), values


BESIDE_A_GIVEN_TOTAL = {
    "total": 3,
    "units": [{"id": "u0", "seats": 1}, {"id": "u1", "seats": 2}],
    "categories": [{"id": "c0", "share": "0.33"}, {"id": "c1", "seats": 1}],
    "weights": [["94.4", "35.5"], ["68.2", "49.8"]],
}
ALL_TO_ONE_UNIT = {
    "total": 5,
    "units": [
        {"id": "u0", "weight": 9, "max": 1},
        {"id": "u1", "weight": 5},
        {"id": "u2", "weight": "0.5", "max": 1},
        {"id": "u3", "weight": 1},
    ],
    "categories": [{"id": "c0", "share": "1.00"}],
    "category_rounding": "webster",
    "weights": [[2], [1], [1], [0]],
    "at_least": [{"unit": "u1", "category": "c0", "seats": 5}],
}


@pytest.mark.parametrize(
    ("rules", "wanted"),
    [(BESIDE_A_GIVEN_TOTAL, {"categories[1].seats": 2}), (ALL_TO_ONE_UNIT, {"units[1].seats": 5})],
)
def test_a_single_number_is_found_that_moves_the_derived_ones_to_where_they_can_stand(
    rules: dict[str, Any], wanted: dict[str, int]
) -> None:
    problem = read_problem({"format": "allocation-problem/1", **rules})
    assert {entry.rule: entry.after for entry in relaxed(allocate(problem))} == wanted


def test_the_total_is_left_alone_where_changing_it_takes_more_change() -> None:
    """By itself a larger total would mend this: the small category would derive more."""
    obj = {
        "format": "allocation-problem/1",
        "total": 50,
        "units": [{"id": f"u{i}", "weight": 1} for i in range(5)],
        "categories": [{"id": "a", "share": "0.96"}, {"id": "b", "share": "0.04"}],
        "weights": [[9, 5]] * 5,
        "at_least": [{"unit": f"u{i}", "category": "b", "seats": 1} for i in range(5)],
    }
    entries = relaxed(allocate(read_problem(obj)))
    assert entries
    assert TOTAL not in {entry.rule for entry in entries}
    assert sum(abs(entry.after - entry.before) for entry in entries) < 50


def test_totals_that_agree_with_each_other_but_not_with_the_whole_change_the_whole() -> None:
    obj = {
        "format": "allocation-problem/1",
        "total": 10,
        "units": [{"id": "u0", "seats": 5}, {"id": "u1", "seats": 7}],
        "categories": [{"id": "a", "seats": 8}, {"id": "b", "seats": 4}],
        "weights": [[1, 1], [1, 1]],
    }
    assert [(entry.rule, entry.after) for entry in relaxed(allocate(read_problem(obj)))] == [("total", 12)]


def test_a_group_of_cells_without_members_is_named_alone() -> None:
    obj = {
        "format": "allocation-problem/1",
        "total": 4,
        "units": [{"id": "u0", "seats": 2}, {"id": "u1", "seats": 2}],
        "categories": [{"id": "a"}, {"id": "b"}],
        "weights": [[1, 0], [1, 0]],
        "groups": [{"id": "g", "categories": ["b"], "min": 1}],
    }
    problem = read_problem(obj)
    (conflict,) = allocate(problem).conflicts
    assert conflict.rules == ("groups[0].min",)
    assert Holding(problem).possible([rule for rule in rulebook(problem).rules if rule.kind != "group"])
