"""Three methods on one problem: the allocator's two keep every rule, the one by hand says which rules it does not keep."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from allocation import Allocation, Problem, allocate, read_problem
from allocation.solve import Unsolved
from election.quotas import methods
from election.quotas.methods import Broken, Method, Variant, judged, split_by_unit, variants

# 210 leaders and 140 farmers for 4 seats each, 70 others for 2: a leader counts two thirds of what a farmer or another counts.
LOPSIDED: dict[str, Any] = {
    "format": "allocation-problem/1",
    "total": 10,
    "units": [{"id": "u1", "seats": 5}, {"id": "u2", "seats": 5}],
    "categories": [{"id": "leader", "seats": 4}, {"id": "farmer", "seats": 4}, {"id": "other", "seats": 2}],
    "weights": [[90, 60, 60], [120, 80, 10]],
}


def problem(**more: Any) -> Problem:
    return read_problem(LOPSIDED | more)


def of(answer: Allocation) -> tuple[Variant, ...]:
    """By its own fair shares."""
    return variants(answer, answer.fair_shares)


def test_by_hand_every_unit_splits_its_seats_by_its_own_members() -> None:
    # 60 : 60 : 60 and 80 : 80 : 10, of five seats each: 1.67 thrice, and 2.35, 2.35, 0.29.
    assert split_by_unit(problem(), (5, 5), (4, 4, 2)) == ((2, 2, 1), (3, 2, 0))


def test_a_seat_by_bare_heads_would_leave_small_categories_nothing() -> None:
    """Ten farmers for every leader, and as many seats for both: heads alone would give the leaders next to none."""
    many = read_problem(
        LOPSIDED
        | {"categories": [{"id": "leader", "seats": 5}, {"id": "farmer", "seats": 5}], "weights": [[5, 50], [5, 50]]}
    )
    assert split_by_unit(many, (5, 5), (5, 5)) == ((3, 2), (3, 2))


def test_equal_remainders_go_to_the_category_given_first() -> None:
    even = read_problem(LOPSIDED | {"weights": [[1, 1, 1], [2, 2, 2]]})
    assert split_by_unit(even, (5, 4), (3, 3, 3)) == ((2, 2, 1), (2, 1, 1))


def test_where_nobody_is_eligible_there_is_nothing_to_split() -> None:
    none = read_problem(LOPSIDED | {"weights": [[0, 0, 0], [0, 3, 1]]})
    assert split_by_unit(none, (5, 4), (0, 3, 1)) == ((0, 0, 0), (0, 3, 1))


def test_the_allocator_s_methods_meet_every_total_and_the_one_by_hand_misses_the_categories() -> None:
    quota, webster, by_unit = of(allocate(problem()))
    assert [one.method for one in (quota, webster, by_unit)] == list(Method)
    for one in (quota, webster):
        assert one.missed == (0, 0, 0) and one.broken == ()
        assert one.seats == allocate(problem(method=one.method.value)).seats
    assert quota.deviation.outside == 0 and quota.deviation.worst is not None and quota.deviation.worst.away < 1
    assert by_unit.missed == (1, 0, -1)
    assert by_unit.deviation.total > quota.deviation.total


@pytest.mark.parametrize("method", ["within-quota", "webster"])
def test_the_default_stands_first_whichever_method_the_scheme_was_made_by(method: str) -> None:
    found = of(allocate(problem(method=method)))
    assert [one.method for one in found] == list(Method)
    assert found == of(allocate(problem(method="webster")))


def test_the_bounds_that_the_hand_breaks_are_named() -> None:
    bounded = problem(
        at_least=[{"unit": "u1", "category": "other", "seats": 2}],
        at_most=[{"unit": "u2", "category": "leader", "seats": 2}, {"unit": "u2", "category": "farmer", "seats": 3}],
        groups=[
            {"id": "g1", "name": "干部", "categories": ["leader"], "max": 4},
            {"id": "g2", "name": "全部", "units": ["u1"], "min": 5, "max": 5},
        ],
    )
    *exact, by_unit = of(allocate(bounded))
    assert all(one.broken == () for one in exact)
    assert by_unit.broken == (
        Broken(True, 2, 1, unit=0, category=2),
        Broken(False, 2, 3, unit=1, category=0),
        Broken(False, 4, 5, group=0),
    )


def test_a_free_category_is_missed_only_outside_its_bounds() -> None:
    free = read_problem(
        LOPSIDED | {"categories": [{"id": "leader", "max": 4}, {"id": "farmer"}, {"id": "other", "min": 2}]}
    )
    assert judged(free, ((3, 2, 0), (3, 2, 0)))[0] == (2, 0, -2)
    assert judged(free, ((1, 2, 2), (2, 3, 0)))[0] == (0, 0, 0)


def test_a_method_whose_answer_could_not_be_proved_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = allocate(problem())

    def fail(asked: Problem) -> None:
        raise Unsolved("no proof")

    monkeypatch.setattr(methods, "allocate", fail)
    assert [one.method for one in of(answer)] == [Method.WITHIN_QUOTA, Method.BY_UNIT]


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    weights = [[draw(st.integers(0, 9)) for _ in range(3)] for _ in range(3)]
    seats = [draw(st.integers(0, 6)) for _ in range(3)]
    assume(all(any(row) or not seats[at] for at, row in enumerate(weights)))
    return read_problem(
        {
            "format": "allocation-problem/1",
            "total": sum(seats),
            "units": [{"id": f"u{at}", "seats": number} for at, number in enumerate(seats)],
            "categories": [{"id": f"c{at}"} for at in range(3)],
            "weights": weights,
        }
    )


@given(problems())
def test_by_hand_every_unit_gets_its_seats_none_without_members_each_within_its_own_quota(asked: Problem) -> None:
    unit_seats = [line.seats or 0 for line in asked.units]
    answer = allocate(asked, second_engine=False)
    made = split_by_unit(asked, unit_seats, answer.category_seats)
    assert [sum(row) for row in made] == unit_seats
    assert all(
        weight or not x
        for row, weights in zip(made, asked.weights, strict=True)
        for x, weight in zip(row, weights, strict=True)
    )


@given(problems())
def test_where_one_unit_has_all_seats_the_hand_misses_no_category(asked: Problem) -> None:
    """Its own members are the county's then: the quotas are the categories' totals."""
    answer = allocate(asked, second_engine=False)
    whole = [sum(column) for column in zip(*asked.weights, strict=True)]
    alone = replace(asked, units=asked.units[:1], weights=(tuple(whole),))
    assert split_by_unit(alone, (asked.total,), answer.category_seats) == (answer.category_seats,)
