"""What no change by hand may set: every kind against its places, its numbers, and the leaders assigned there."""

from __future__ import annotations

from typing import Any

import pytest

from election.errors import Refused
from election.quotas.hand import BOUNDS, Change
from election.quotas.hand_limits import Assigned, has_members, judge, judge_all, place
from election.quotas.models import ChangeKind as Kind
from tests.election.quotas.making import said

PROBLEM: dict[str, Any] = {
    "total": 9,
    "units": [{"id": "u1", "name": "第1镇"}, {"id": "u2"}],
    "categories": [{"id": "leader", "name": "领导干部"}, {"id": "farmer", "name": "农民"}],
    "weights": [[3, 0], [2, 2]],
    "groups": [{"id": "towns", "name": "乡镇", "min": 3}],
}
LEADERS = Assigned({"u1": 2, "u2": 1}, "leader")
NAMED: dict[Kind, tuple[str | None, str | None, str]] = {
    Kind.CELL: ("u1", "leader", ""),
    Kind.CELL_MOST: ("u1", "leader", ""),
    Kind.UNIT: ("u1", None, ""),
    Kind.UNIT_LEAST: ("u1", None, ""),
    Kind.UNIT_MOST: ("u1", None, ""),
    Kind.CATEGORY: (None, "leader", ""),
    Kind.GROUP_LEAST: (None, None, "towns"),
    Kind.GROUP_MOST: (None, None, "towns"),
}
LEAST = {Kind.CELL: 2, Kind.CELL_MOST: 2, Kind.UNIT: 2, Kind.UNIT_MOST: 2, Kind.CATEGORY: 3}


def made(kind: Kind, seats: int, **other: Any) -> Change:
    unit, category, group = NAMED[kind]
    named = {"unit": unit, "category": category, "group": group} | other
    return Change(kind, named["unit"], named["category"], named["group"], seats, locked=True)


def code(change: Change) -> str:
    try:
        judge(PROBLEM, change, LEADERS)
    except Refused as refusal:
        assert said(refusal)
        return refusal.code
    return ""


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_takes_any_number_from_its_assigned_leaders_to_the_total(kind: Kind) -> None:
    least = LEAST.get(kind, 0)
    assert [code(made(kind, seats)) for seats in (least, 9)] == ["", ""]
    assert code(made(kind, 10)) == "quotas.seats_above_total"
    assert code(made(kind, -1)) == "quotas.seats_negative"
    if least:
        assert code(made(kind, least - 1)) == "quotas.below_assigned"


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_names_its_own_places_and_no_other(kind: Kind) -> None:
    unit, category, group = NAMED[kind]
    for key, value, wrong in (
        ("unit", unit, "quotas.no_such_unit"),
        ("category", category, "quotas.no_such_category"),
        ("group", group, "quotas.no_such_group"),
    ):
        missing = "" if key == "group" else None
        if value:
            assert code(made(kind, 5, **{key: "none"})) == code(made(kind, 5, **{key: missing})) == wrong
        else:
            assert code(made(kind, 5, **{key: "u1"})) == "quotas.change_unclear"


def test_a_cell_without_members_takes_no_seat_but_may_be_held_at_none() -> None:
    empty = made(Kind.CELL, 1, category="farmer")
    assert code(empty) == "quotas.cell_without_members" and not has_members(PROBLEM, empty)
    assert code(made(Kind.CELL, 0, category="farmer")) == ""
    assert has_members(PROBLEM, made(Kind.CELL, 1)) and has_members(PROBLEM, made(Kind.UNIT, 1))


def test_leaders_count_only_where_they_take_their_seats() -> None:
    assert LEADERS.within(made(Kind.CELL, 0, unit="u2", category="farmer")) == 0
    assert LEADERS.within(made(Kind.CATEGORY, 0, category="farmer")) == 0
    assert LEADERS.within(made(Kind.UNIT_LEAST, 0)) == LEADERS.within(made(Kind.GROUP_MOST, 0)) == 0
    assert Assigned({}, None).within(made(Kind.CATEGORY, 0)) == 0


def test_the_first_of_several_changes_that_may_not_stand_is_said() -> None:
    judge_all(PROBLEM, [made(kind, 5) for kind in Kind], LEADERS)
    with pytest.raises(Refused, match="below_assigned"):
        judge_all(PROBLEM, [made(Kind.UNIT, 5), made(Kind.CELL, 1)], LEADERS)


def test_a_place_is_said_by_name_and_by_code_where_it_has_none() -> None:
    assert place(PROBLEM, made(Kind.CELL, 1)).zh == "第1镇·领导干部"
    assert place(PROBLEM, made(Kind.CELL, 1, unit="u2")).en == "u2, 领导干部"
    assert (place(PROBLEM, made(Kind.GROUP_MOST, 1)).zh, place(PROBLEM, made(Kind.CATEGORY, 1)).zh) == (
        "“乡镇”组",
        "领导干部",
    )


def test_exactly_what_is_looked_at_on_the_sheet_may_be_unlocked() -> None:
    assert set(Kind) - BOUNDS == {Kind.CELL, Kind.UNIT, Kind.CATEGORY}
