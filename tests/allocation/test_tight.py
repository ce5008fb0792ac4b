"""Problems in which the rules force every seat, and impossible ones whose smallest mends lie far apart or far off."""

from __future__ import annotations

from typing import Any

import pytest

from allocation import allocate, check, read_problem

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
