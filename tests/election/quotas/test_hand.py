"""Changes by hand as rules of a problem: what is locked stands in the answer, and a conflict's number finds its change."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation import allocate, read_problem
from allocation.relax import applied as relaxed
from allocation.rulebook import rulebook
from election.quotas.hand import BOUNDS, Change, applied, change_for, shown, wanted
from election.quotas.models import ChangeKind as Kind
from tests.election.quotas.problems import Matrix, counties, merged, possible_changes
from tests.support.depth import examples


def obeyed(change: Change, made: dict[str, Any], seats: Any) -> bool:
    units, categories = [line["id"] for line in made["units"]], [line["id"] for line in made["categories"]]
    if change.unit is not None and change.category is not None:
        found = seats[units.index(change.unit)][categories.index(change.category)]
    elif change.unit is not None:
        found = sum(seats[units.index(change.unit)])
    elif change.category is not None:
        found = sum(row[categories.index(change.category)] for row in seats)
    else:
        group = next(group for group in made["groups"] if group["id"] == change.group)
        found = sum(sum(seats[units.index(unit)]) for unit in group["units"])
    if change.kind in (Kind.UNIT_LEAST, Kind.GROUP_LEAST):
        return bool(found >= change.seats)
    return bool(found <= change.seats if change.kind in BOUNDS else found == change.seats)


def some_of(data: st.DataObject, changes: list[Change]) -> list[Change]:
    return data.draw(st.lists(st.sampled_from(changes), unique_by=lambda change: change.place, max_size=5))


@given(counties(), st.data())
def test_what_is_locked_stands_in_the_answer(county: tuple[dict[str, Any], Matrix], data: st.DataObject) -> None:
    made, seats = county
    changes = some_of(data, possible_changes(made, seats))
    answer = allocate(read_problem(applied(made, changes)), second_engine=False)
    assert answer.allocated
    outranked = {(Kind.CELL_MOST, c.unit, c.category, "") for c in changes if c.kind is Kind.CELL}
    assert [c for c in changes if c.place not in outranked and not obeyed(c, made, answer.seats)] == []


@examples(12)
@given(counties(groups=True), st.data())
def test_what_is_locked_stands_in_the_answer_with_groups_too(
    county: tuple[dict[str, Any], Matrix], data: st.DataObject
) -> None:
    made, seats = county
    changes = some_of(data, [change for change in possible_changes(made, seats) if change.kind is not Kind.CELL_MOST])
    answer = allocate(read_problem(applied(made, changes)), second_engine=False)
    assert answer.allocated and all(obeyed(change, made, answer.seats) for change in changes)


@given(counties(groups=True), st.data())
def test_no_change_or_an_unlocked_one_leaves_the_problem_as_it_is(
    county: tuple[dict[str, Any], Matrix], data: st.DataObject
) -> None:
    made, seats = county
    looks = [
        Change(change.kind, change.unit, change.category, change.group, change.seats + 1, locked=False)
        for change in some_of(data, possible_changes(made, seats))
        if change.kind not in BOUNDS
    ]
    assert applied(made, ()) == applied(made, looks) == made


@given(counties(groups=True), st.data())
def test_the_order_of_changes_does_not_matter_and_applying_twice_changes_nothing(
    county: tuple[dict[str, Any], Matrix], data: st.DataObject
) -> None:
    made, seats = county
    changes = some_of(data, possible_changes(made, seats))
    before = repr(made)
    once = applied(made, changes)
    assert applied(made, data.draw(st.permutations(changes))) == once
    assert applied(once, changes) == once
    assert repr(made) == before
    read_problem(once)


@given(counties(groups=True), st.data())
def test_every_number_that_the_allocator_can_relax_finds_the_change_that_sets_it(
    county: tuple[dict[str, Any], Matrix], data: st.DataObject
) -> None:
    made, seats = county
    changes = some_of(data, possible_changes(made, seats))
    problem = applied(made, changes)
    asked = read_problem(problem)
    value = data.draw(st.integers(0, 9))
    cells = {(change.unit, change.category) for change in changes if change.kind is Kind.CELL}
    for rule in rulebook(asked).rules:
        change = change_for(problem, rule.fix, value, changes)
        side = rule.fix.split("[")[0]
        by_hand = (
            side in ("at_least", "at_most")
            and (
                problem[side][int(rule.fix.split("[")[1].split("]")[0])]["unit"],
                problem[side][int(rule.fix.split("[")[1].split("]")[0])]["category"],
            )
            in cells
        )
        if (
            rule.fix == "total"
            or (rule.fix.startswith("categories") and not rule.fix.endswith(".seats"))
            or (side == "at_least" and not by_hand)
        ):
            assert change is None
        else:
            assert change is not None and change.locked and change.seats == value
            then = read_problem(applied(made, merged(changes, [change])))
            if by_hand:
                assert change.kind is Kind.CELL
                then_seats = {(c.unit, c.category): c.seats for c in (*then.at_least, *then.at_most)}
                assert then_seats[rule.place[0], rule.place[1]] == value
            else:
                assert then == relaxed(asked, {rule.fix: value})


BASE: dict[str, Any] = {
    "format": "allocation-problem/1",
    "total": 9,
    "units": [{"id": "u1", "name": "第1镇", "weight": 5, "min": 2, "max": 8}, {"id": "u2", "weight": 4}],
    "categories": [{"id": "leader", "share": "0.5", "min": 1}, {"id": "farmer", "share": "0.5"}],
    "weights": [[3, 2], [2, 2]],
    "at_least": [{"unit": "u2", "category": "leader", "seats": 1}],
    "at_most": [{"unit": "u1", "category": "farmer", "seats": 3}, {"unit": "u2", "category": "leader", "seats": 1}],
    "groups": [{"id": "all", "min": 3}],
}


def locked(kind: Kind, unit: str | None, category: str | None, seats: int, group: str = "") -> Change:
    return Change(kind, unit, category, group, seats, locked=True)


def test_a_locked_cell_is_both_its_least_and_its_most() -> None:
    made = applied(BASE, [locked(Kind.CELL, "u2", "leader", 2), locked(Kind.CELL, "u1", "leader", 4)])
    both = {"unit": "u1", "category": "leader", "seats": 4}
    assert made["at_least"] == [{"unit": "u2", "category": "leader", "seats": 2}, both]
    assert made["at_most"] == [BASE["at_most"][0], {"unit": "u2", "category": "leader", "seats": 2}, both]


def test_exact_seats_take_the_place_of_weight_share_and_bounds() -> None:
    changes = [locked(Kind.UNIT, "u1", None, 6), locked(Kind.CATEGORY, None, "leader", 5)]
    made = applied(BASE, [*changes, locked(Kind.UNIT_LEAST, "u1", None, 3)])
    assert made["units"] == [{"id": "u1", "name": "第1镇", "seats": 6}, BASE["units"][1]]
    assert made["categories"] == [{"id": "leader", "seats": 5}, BASE["categories"][1]]


def test_bounds_are_changed_where_they_stand_or_added() -> None:
    made = applied(
        BASE,
        [
            locked(Kind.UNIT_LEAST, "u1", None, 1),
            locked(Kind.UNIT_MOST, "u2", None, 4),
            locked(Kind.CELL_MOST, "u2", "farmer", 2),
            locked(Kind.GROUP_MOST, None, None, 8, "all"),
        ],
    )
    assert made["units"] == [{"id": "u1", "name": "第1镇", "weight": 5, "min": 1, "max": 8}, {"id": "u2", "weight": 4, "max": 4}]  # fmt: skip
    assert made["at_most"] == [*BASE["at_most"], {"unit": "u2", "category": "farmer", "seats": 2}]
    assert made["at_least"] == BASE["at_least"]
    assert made["groups"] == [{"id": "all", "min": 3, "max": 8}]


@pytest.mark.parametrize(
    "change",
    [locked(Kind.UNIT, "u9", None, 1), locked(Kind.CELL, "u1", "x", 1), locked(Kind.GROUP_MOST, None, None, 1, "none")],
    ids=["unit", "category", "group"],
)
def test_a_change_of_what_the_problem_does_not_have_is_never_silently_dropped(change: Change) -> None:
    with pytest.raises(KeyError):
        applied(BASE, [change])


def test_the_least_of_assigned_leaders_and_the_total_belong_elsewhere() -> None:
    assert change_for(BASE, "total", 8) is None
    assert change_for(BASE, "at_least[0].seats", 0) is None
    assert change_for(BASE, "categories[0].min", 0) is None
    # The leaders of this cell are as many as it can use: its most is a bound of its own all the same.
    assert change_for(BASE, "at_most[1].seats", 2) == locked(Kind.CELL_MOST, "u2", "leader", 2)


def test_a_bound_that_stems_from_a_locked_cell_is_the_cell() -> None:
    changes = [locked(Kind.CELL, "u1", "leader", 4)]
    made = applied(BASE, changes)
    for path in ("at_least[1].seats", "at_most[2].seats"):
        assert change_for(made, path, 3, changes) == locked(Kind.CELL, "u1", "leader", 3)


def test_the_table_shows_cells_set_by_hand_and_what_the_lines_are_to_make() -> None:
    changes = [
        Change(Kind.CELL, "u1", "farmer", "", 9, locked=False),
        Change(Kind.UNIT, "u2", None, "", 7, locked=False),
        locked(Kind.CATEGORY, None, "leader", 6),
        locked(Kind.UNIT_LEAST, "u1", None, 9),
    ]
    table = [[3, 2], [2, 2]]
    assert shown(BASE, table, changes) == [[3, 9], [2, 2]]
    assert wanted(BASE, table, changes) == ([5, 7], [6, 4])
    assert table == [[3, 2], [2, 2]]
