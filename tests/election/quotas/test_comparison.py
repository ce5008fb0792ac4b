"""Divisions side by side: only what differs is shown, nothing that differs is left out, and deviations are exact."""

from __future__ import annotations

from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st

from election.quotas.comparison import Division, Worst, change, deviation, differ, differences

UNITS = {"u1": "高乐山镇", "u2": "忠堡镇", "u3": "教育系统"}
CATEGORIES = {"leader": "领导干部", "farmer": "农民"}
OVERLAYS = {"women": "妇女"}


def division(
    seats: list[list[int]],
    women: list[int],
    units: dict[str, str] = UNITS,
    categories: dict[str, str] = CATEGORIES,
) -> Division:
    return Division(units, categories, OVERLAYS, seats, {"women": women})


FIRST = division([[3, 2], [1, 4], [2, 0]], [2, 1, 1])
MOVED = division([[4, 1], [0, 5], [2, 0]], [2, 1, 1])


def test_only_units_and_categories_that_differ_are_shown() -> None:
    found = differences([FIRST, MOVED])
    assert [(row.code, row.seats, row.cells) for row in found.rows] == [
        ("u1", (5, 5), ((3, 4), (2, 1))),
        ("u2", (5, 5), ((1, 0), (4, 5))),
    ]
    assert [(column.code, column.totals) for column in found.categories] == [("leader", (6, 6)), ("farmer", (6, 6))]
    assert (found.same_units, found.same_categories, found.same_overlays, found.cells) == (1, 0, 1, 4)
    assert found.totals == (12, 12) and found.overlays == () and not found.units_differ


def test_a_unit_in_which_only_an_overlay_differs_is_shown() -> None:
    found = differences([FIRST, division([[3, 2], [1, 4], [2, 0]], [2, 2, 0])])
    assert [(row.code, row.overlays, row.cells) for row in found.rows] == [("u2", ((1, 2),), ()), ("u3", ((1, 0),), ())]
    assert [column.totals for column in found.overlays] == [(4, 4)]
    assert found.same_categories == 2


def test_three_are_compared_at_once() -> None:
    back = division([[3, 2], [0, 5], [2, 0]], [2, 1, 1])
    found = differences([FIRST, MOVED, back])
    assert [(row.code, row.cells) for row in found.rows] == [
        ("u1", ((3, 4, 3), (2, 1, 2))),
        ("u2", ((1, 0, 0), (4, 5, 5))),
    ]


def test_what_one_of_them_does_not_have_is_matched_by_code_and_missing() -> None:
    """An older congress: another order, a unit and a category that are gone, a new name."""
    older = division([[0, 4], [7, 1]], [1, 1], {"u2": "忠堡乡", "u9": "老厂"}, {"army": "军警", "farmer": "农民"})
    found = differences([older, FIRST])
    assert [column.code for column in found.categories] == ["army", "farmer", "leader"]
    assert {row.code: (row.name, row.seats, row.cells) for row in found.rows} == {
        "u2": ("忠堡镇", (4, 5), ((0, None), (4, 4), (None, 1))),
        "u9": ("老厂", (8, None), ((7, None), (1, None), (None, None))),
        "u1": ("高乐山镇", (None, 5), ((None, None), (None, 2), (None, 3))),
        "u3": ("教育系统", (None, 2), ((None, None), (None, 0), (None, 2))),
    }
    assert found.totals == (12, 12) and found.units_differ


@pytest.mark.parametrize(
    ("values", "different", "by"),
    [((3, 4), True, 1), ((4, 3, 4), True, 0), ((2, 2), False, 0), ((None, 2), True, None), ((None, None), False, None)],
)
def test_a_change_leads_from_the_first_to_the_last(values, different: bool, by: int | None) -> None:
    assert differ(values) is different and change(values) == by


matrices = st.lists(st.lists(st.integers(0, 4), min_size=2, max_size=2), min_size=3, max_size=3)
women = st.lists(st.integers(0, 3), min_size=3, max_size=3)
divisions = st.builds(division, matrices, women)


@given(divisions, st.integers(2, 3))
def test_a_division_does_not_differ_from_itself(one: Division, times: int) -> None:
    found = differences([one] * times)
    assert (found.rows, found.categories, found.overlays) == ((), (), ())
    assert (found.same_units, found.same_categories, found.same_overlays, found.cells) == (3, 2, 1, 0)


@given(divisions, divisions)
def test_nothing_that_differs_is_left_out_and_nothing_else_is_shown(one: Division, other: Division) -> None:
    found = differences([one, other])
    shown = {
        (row.code, column.code): values
        for row in found.rows
        for column, values in zip(found.categories, row.cells, strict=True)
    }
    before, after = one.cells(), other.cells()
    assert {cell for cell, values in shown.items() if differ(values)} == {
        cell for cell in before if before[cell] != after[cell]
    }
    assert all(values == (before[cell], after[cell]) for cell, values in shown.items())
    assert len(found.rows) + found.same_units == 3
    for at, column in enumerate(found.categories):
        assert change(column.totals) == sum(change(row.cells[at]) or 0 for row in found.rows)


@given(divisions, divisions)
def test_the_other_way_round_every_change_is_reversed(one: Division, other: Division) -> None:
    there, back = differences([one, other]), differences([other, one])
    assert [[values[::-1] for values in row.cells] for row in there.rows] == [list(row.cells) for row in back.rows]
    assert [column.totals[::-1] for column in there.categories] == [column.totals for column in back.categories]


def test_a_deviation_is_exact_and_names_its_worst_cell() -> None:
    found = deviation([[3, 2], [0, 5]], [[F("3.4"), F("1.6")], [F("1.2"), F("3.8")]])
    assert found.total == F("3.2")
    assert found.worst == Worst(1, 0, 0, F("1.2")) and found.worst.away == F("1.2")
    assert found.outside == 2
    assert found.spread == (0, 2, 0, 0, 2)


def test_without_cells_there_is_nothing_to_name() -> None:
    assert deviation([], []).worst is None


def test_whole_shares_that_are_met_deviate_by_nothing_and_ineligible_cells_are_not_counted() -> None:
    found = deviation([[2, 0]], [[F(2), F(0)]])
    assert (found.total, found.outside, found.spread) == (0, 0, (1, 0, 0, 0, 0))
    assert found.worst == Worst(0, 0, 2, F(2))


@given(matrices)
def test_rounding_every_share_up_or_down_stays_inside_and_below_a_seat(seats: list[list[int]]) -> None:
    shares = [
        [F(x) + F(1, 3) if (i + j) % 2 else F(max(3 * x - 1, 0), 3) for j, x in enumerate(row)]
        for i, row in enumerate(seats)
    ]
    found = deviation(seats, shares)
    assert found.outside == 0 and found.worst is not None and found.worst.away < 1
    assert found.total == sum(
        abs(x - q) for row, line in zip(seats, shares, strict=True) for x, q in zip(row, line, strict=True)
    )
