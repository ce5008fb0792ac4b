"""The price of the next seat against every matrix there is, with free lines and groups."""

from __future__ import annotations

from fractions import Fraction
from math import inf, log
from typing import Any

import pytest
from hypothesis import given

from allocation import Problem, allocate, read_problem
from allocation.explain import Explanation
from tests.allocation.brute import Matrix, optimal, problems, quota
from tests.allocation.test_properties import county
from tests.support.depth import examples


def product(problem: Problem, seats: Matrix) -> Fraction:
    """The objective of a matrix as a product of (k − ½)/w."""
    cost = Fraction(1)
    for i, line in enumerate(seats):
        for j, x in enumerate(line):
            for k in range(1, x + 1):
                cost *= Fraction(2 * k - 1, 2) / problem.weights[i][j]
    return cost


def every_next_seat_is_the_cheapest(obj: dict[str, Any]) -> None:
    problem = read_problem(obj)
    answer = allocate(problem, second_engine=False)
    if not answer.allocated:
        return
    explanation = Explanation(answer)
    barred = {
        (rule.unit, rule.category) for rule in problem.at_most if rule.seats <= answer.seats[rule.unit][rule.category]
    }
    for i, line in enumerate(answer.seats):
        for j, seats in enumerate(line):
            # All other cells stay within their quota; one that groups force out of it goes no further.
            low, high = quota(answer.fair_shares)
            if problem.method == "webster":
                low, high = [[0] * len(x) for x in low], [[problem.total] * len(x) for x in high]
            low = [[min(pair) for pair in zip(*pairs, strict=True)] for pairs in zip(low, answer.seats, strict=True)]
            high = [[max(pair) for pair in zip(*pairs, strict=True)] for pairs in zip(high, answer.seats, strict=True)]
            low[i][j] = high[i][j] = seats + 1
            best = [] if (i, j) in barred or not problem.weights[i][j] else optimal(problem, low, high)
            move = explanation.next_seat(i, j)
            if not best:
                assert not move.possible
                assert move.price == inf
                continue
            assert move.price == pytest.approx(
                max(log(product(problem, best[0]) / product(problem, answer.seats)), 0.0)
            )
            then = [list(row) for row in answer.seats]
            for unit, category in move.gets:
                then[unit][category] += 1
            for unit, category in move.gives:
                then[unit][category] -= 1
            assert tuple(map(tuple, then)) in best


@given(problems(free=True))
@examples(120)
def test_the_next_seat_is_the_cheapest_there_is(obj: dict[str, Any]) -> None:
    every_next_seat_is_the_cheapest(obj)


@given(problems(free=True, groups=True))
@examples(40)
def test_with_groups_the_next_seat_is_the_cheapest_there_is(obj: dict[str, Any]) -> None:
    every_next_seat_is_the_cheapest(obj)


def test_a_full_group_sends_the_next_seat_of_its_cell_to_another_of_its_cells() -> None:
    obj = county(5)
    obj["groups"] = [{"id": "g", "units": ["u0", "u1"], "categories": ["c0"], "max": 5}]
    answer = allocate(read_problem(obj))
    assert answer.seats[0][0] + answer.seats[1][0] == 5
    move = Explanation(answer).next_seat(0, 0)
    assert (0, 0) in move.gets
    assert (1, 0) in move.gives
