"""Problems in which the rules force every seat, and impossible ones whose smallest mends lie far apart or far off."""

from __future__ import annotations

from typing import Any

import pytest

from allocation import allocate, check, read_problem
from allocation.changes import applied

THREE: dict[str, Any] = {
    "format": "allocation-problem/1",
    "total": 2,
    "method": "webster",
    "weights": [[3, 3, 3], [3, 3, 3], [3, 3, 3]],
    "units": [{"id": "u0", "seats": 1}, {"id": "u1", "seats": 0}, {"id": "u2", "seats": 1}],
}


def categories(*seats: int) -> list[dict[str, Any]]:
    return [{"id": f"c{at}", "seats": number} for at, number in enumerate(seats)]


@pytest.mark.parametrize(
    ("rules", "seats"),
    [
        (
            {
                "categories": categories(0, 1, 1),
                "at_least": [{"unit": "u0", "category": "c1", "seats": 1}],
                "groups": [{"id": "g0", "min": 0}],
            },
            [[0, 1, 0], [0, 0, 0], [0, 0, 1]],
        ),
        (
            {
                "categories": categories(1, 0, 1),
                "at_least": [{"unit": "u0", "category": "c0", "seats": 1}],
                "groups": [{"id": "g0", "units": ["u0"], "categories": ["c0"], "min": 1}],
            },
            [[1, 0, 0], [0, 0, 0], [0, 0, 1]],
        ),
    ],
)
def test_what_is_forced_beside_empty_lines_and_groups_is_answered_and_certified(
    rules: dict[str, Any], seats: list[list[int]]
) -> None:
    problem = read_problem(THREE | rules)
    found = allocate(problem).to_json()
    assert (found["status"], found["seats"]) == ("allocated", seats)
    assert not check(problem, found)


def test_a_group_that_says_what_a_unit_says_already_leaves_its_number_alone() -> None:
    problem = read_problem(
        {
            "format": "allocation-problem/1",
            "total": 6,
            "method": "webster",
            "weights": [[3, 10, 3], [10, 10, 3]],
            "units": [{"id": "u0", "seats": 2}, {"id": "u1", "seats": 4}],
            "categories": categories(4, 2, 0),
            "at_most": [
                {"unit": "u1", "category": "c0", "seats": 2},
                {"unit": "u0", "category": "c1", "seats": 1},
            ],
            "groups": [{"id": "g0", "units": ["u0"], "min": 2}],
        }
    )
    found = allocate(problem).to_json()
    assert (found["status"], found["seats"]) == ("allocated", [[2, 0, 0], [2, 2, 0]])
    assert not check(problem, found)


def mends(obj: dict[str, Any]) -> dict[str, int]:
    found: dict[str, Any] = allocate(read_problem(obj)).to_json()
    assert found["status"] == "impossible"
    return {entry["rule"]: entry["to"] for conflict in found["conflicts"] for entry in conflict["relax"]}


def test_an_impossible_problem_without_a_single_seat_is_mended_too() -> None:
    """Every least number has to fall: together by more than the largest of them."""
    obj = {
        "format": "allocation-problem/1",
        "total": 0,
        "weights": [[1, 1, 1], [1, 1, 1]],
        "units": [{"id": "u0", "seats": 0}, {"id": "u1", "seats": 0}],
        "categories": [
            {"id": "c0", "share": "0.5"},
            {"id": "c1", "share": "0.5"},
            {"id": "c2", "share": "0.5", "min": 1},
        ],
        "groups": [{"id": "g0", "min": 1}],
    }
    assert mends(obj) == {"categories[2].min": 0, "groups[0].min": 0}


def test_two_rules_are_changed_where_two_are_enough_though_three_would_move_less() -> None:
    obj = {
        "format": "allocation-problem/1",
        "total": 4,
        "weights": [[1, 1, 1]],
        "units": [{"id": "u0", "seats": 4}],
        "categories": categories(3, 1, 0),
        "at_most": [{"unit": "u0", "category": "c0", "seats": 0}],
        "at_least": [{"unit": "u0", "category": "c1", "seats": 1}],
        "groups": [{"id": "g0", "units": ["u0"], "categories": ["c0", "c1"], "max": 3}],
    }
    assert mends(obj) == {"at_most[0].seats": 3, "groups[0].max": 4}


def test_what_needs_many_changes_is_mended_though_its_totals_cannot_be_derived() -> None:
    """Shares that leave no room for least numbers, beside conflicts of their own: the ends give way as far as it takes."""
    obj: dict[str, Any] = {
        "format": "allocation-problem/1",
        "total": 6,
        "weights": [[1, 1, 1], [1, 1, 1]],
        "units": [{"id": "u0", "seats": 0}, {"id": "u1", "seats": 4}],
        "categories": [
            {"id": "c0", "seats": 6},
            {"id": "c1", "share": "0.1", "min": 3},
            {"id": "c2", "share": "0.25", "min": 1},
        ],
        "at_most": [{"unit": "u0", "category": "c0", "seats": 1}, {"unit": "u1", "category": "c0", "seats": 0}],
        "groups": [{"id": "g0", "max": 4}],
    }
    problem = read_problem(obj)
    assert allocate(applied(problem, mends(obj))).allocated
