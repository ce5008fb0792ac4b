"""Answers where arithmetic is hardest: rules that force lines to nothing, weights a float cannot tell apart, a county, many units."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation import allocate, read_problem
from tests.allocation.brute import Range
from tests.allocation.test_oracle import answered, compare, ranges
from tests.support.depth import examples

FREE: dict[str, Any] = {
    "units": [{"id": "a"}, {"id": "b"}],
    "categories": [{"id": "x", "seats": 2}],
    "weights": [[1], [1]],
}
FORCED: dict[str, Any] = {
    "units": [{"id": "a", "seats": 5}, {"id": "b", "seats": 5}],
    "categories": [{"id": "x", "seats": 2}, {"id": "y", "seats": 1}, {"id": "z", "seats": 7}],
    "weights": [[1, 1, 2], [0, 1, 1]],
}


@pytest.mark.parametrize("method", ["webster", "within-quota"])
@pytest.mark.parametrize(
    "rules",
    [
        {**FREE, "total": 2, "units": [{"id": "a"}, {"id": "b", "max": 0}]},
        {**FREE, "total": 2, "groups": [{"id": "g", "units": ["b"], "max": 0}]},
        {**FREE, "total": 2, "at_most": [{"unit": "b", "category": "x", "seats": 0}]},
        {**FREE, "total": 0, "categories": [{"id": "x"}]},
        {
            **FORCED,
            "total": 10,
            "groups": [
                {"id": "g", "units": ["b"], "categories": ["x", "z"], "min": 4},
                {"id": "h", "units": ["a"], "categories": ["x", "z"], "min": 5},
                {"id": "i", "categories": ["x", "y"], "min": 3},
                {"id": "j", "units": ["b"], "max": 5},
            ],
        },
        {
            "total": 6,
            "units": [{"id": "a", "seats": 3}, {"id": "b", "seats": 3}],
            "categories": [{"id": "x", "seats": 5}, {"id": "y", "seats": 1}],
            "weights": [[2, 3], [1, 3]],
            "groups": [
                {"id": "g", "units": ["b"], "categories": ["x"], "min": 3},
                {"id": "h", "units": ["b"], "categories": ["y"], "min": 0, "max": 0},
            ],
        },
        {  # exchanges between optimal matrices pass through groups that have room
            "total": 4,
            "units": [{"id": "a"}, {"id": "b"}, {"id": "c"}],
            "categories": [{"id": "x"}, {"id": "y"}],
            "weights": [[1, 1], [1, 1], [1, 1]],
            "groups": [
                {"id": "g", "units": ["a"], "categories": ["x"], "min": 1},
                {"id": "h", "units": ["a", "c"], "max": 3},
                {"id": "i", "units": ["a", "c"], "categories": ["x"], "min": 2, "max": 2},
            ],
        },
    ],
)
def test_what_rules_hold_at_nothing_or_force_entirely_is_answered(rules: dict[str, Any], method: str) -> None:
    compare({"format": "allocation-problem/1", "method": method, **rules})


@pytest.mark.parametrize("method", ["webster", "within-quota"])
@pytest.mark.parametrize("apart", ["1e-12", "1e-15", "1e-18", "1e-24"])
def test_weights_that_differ_beyond_a_float_are_not_tied(apart: str, method: str) -> None:
    for more in itertools.product((0, 1), repeat=4):
        weights = [str(3 * 10**24 + change * int(Fraction(apart) * 10**24)) for change in more]
        compare(
            {
                "format": "allocation-problem/1",
                "total": 4,
                "method": method,
                "units": [{"id": "a", "seats": 1}, {"id": "b", "seats": 3}],
                "categories": [{"id": "x", "seats": 2}, {"id": "y", "seats": 2}],
                "weights": [weights[:2], weights[2:]],
            }
        )


def improving(
    weights: Sequence[Sequence[int]], seats: Sequence[Sequence[int]], spans: Sequence[Sequence[Range]]
) -> bool:
    """Whether some closed exchange lowers the objective: a cycle of prices with a product below 1, in integers scaled up."""
    m = len(weights)
    moves = []
    for i, line in enumerate(weights):
        for j, w in enumerate(line):
            x, (least, most) = seats[i][j], spans[i][j]
            if w and x < most:
                moves.append((i, m + j, Fraction(2 * x + 1, 2 * w)))
            if w and x > least:
                moves.append((m + j, i, Fraction(2 * w, 2 * x - 1)))
    cost = [Fraction(1)] * (m + len(weights[0]))
    for _ in range(len(cost)):
        better = False
        for start, end, price in moves:
            # Rounded up to sixty digits: a product that stays below 1 for as many rounds as there are lines is a cycle.
            reached = Fraction(ceil(cost[start] * price * 10**60), 10**60)
            if reached < cost[end]:
                cost[end], better = reached, True
        if not better:
            return False
    return True


@given(st.integers(0, 10**6), st.sampled_from(["webster", "within-quota"]))
@examples(6)
def test_no_exchange_improves_the_answer_of_a_county(seed: int, method: str) -> None:
    random = np.random.default_rng(seed)
    weights = random.integers(1, 2000, (37, 6)).tolist()
    obj = {
        "format": "allocation-problem/1",
        "total": 204,
        "method": method,
        "units": [{"id": f"u{i}", "weight": sum(line), "min": 2} for i, line in enumerate(weights)],
        "categories": [
            {"id": f"c{j}", "share": share} for j, share in enumerate(["0.49", "0.01", "0.2", "0.1", "0.05", "0.15"])
        ],
        "weights": weights,
    }
    claim = answered(obj)
    spans = [
        [(floor(float(q)), ceil(float(q))) if method == "within-quota" else (0, 204) for q in line]
        for line in claim["fair_shares"]
    ]
    assert not improving(weights, claim["seats"], spans)
    rows, columns = ranges(obj)
    assert claim["unit_seats"] == [low for low, _ in rows]
    assert claim["category_seats"] == [low for low, _ in columns]


def test_many_units_with_members_in_every_category_are_answered() -> None:
    random = np.random.default_rng(1)
    weights = random.integers(1, 5000, (2000, 30)).tolist()
    obj = {
        "format": "allocation-problem/1",
        "total": 13_333,
        "units": [{"id": f"u{i}", "weight": sum(line)} for i, line in enumerate(weights)],
        "categories": [{"id": f"c{j}", "share": "0.0333333"} for j in range(30)],
        "weights": weights,
    }
    assert allocate(read_problem(obj)).allocated
