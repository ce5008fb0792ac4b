"""What no change by hand may set, whoever makes it: numbers below the assigned leaders, cells without members.

Pure. What merely looks unwise (a cell that could not be contested) is not refused here; the sheet shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from election.errors import Refused
from election.machine import Words
from election.quotas.hand import Change, ids
from election.quotas.models import ChangeKind as Kind

# The kinds that set the most, or the exact number, of places where leaders may be assigned.
_HOLDS_LEADERS = frozenset({Kind.CELL, Kind.CELL_MOST, Kind.UNIT, Kind.UNIT_MOST, Kind.CATEGORY})
_OF_UNITS = frozenset({Kind.CELL, Kind.CELL_MOST, Kind.UNIT, Kind.UNIT_LEAST, Kind.UNIT_MOST})
_OF_CATEGORIES = frozenset({Kind.CELL, Kind.CELL_MOST, Kind.CATEGORY})
_OF_GROUPS = frozenset({Kind.GROUP_LEAST, Kind.GROUP_MOST})


@dataclass(frozen=True, slots=True)
class Assigned:
    """The assigned leaders: how many in each unit (by code), and in which category they take their seats."""

    by_unit: Mapping[str, int]
    category: str | None

    def within(self, change: Change) -> int:
        """How many of them sit where the change sets a number."""
        if change.kind not in _HOLDS_LEADERS or change.category not in (None, self.category):
            return 0
        return sum(self.by_unit.values()) if change.unit is None else self.by_unit.get(change.unit, 0)


def judge(problem: Mapping[str, Any], change: Change, assigned: Assigned) -> None:
    """Raises Refused, at the field that is wrong, for a change that may not stand in this problem."""
    if change.kind in _OF_UNITS and change.unit not in ids(problem, "units"):
        raise Refused("quotas.no_such_unit", field="unit", unit=change.unit or "")
    if change.kind in _OF_CATEGORIES and change.category not in ids(problem, "categories"):
        raise Refused("quotas.no_such_category", field="category", category=change.category or "")
    if change.kind in _OF_GROUPS and change.group not in ids(problem, "groups"):
        raise Refused("quotas.no_such_group", field="group", group=change.group)
    named = (change.unit is not None, change.category is not None, change.group != "")
    if named != tuple(change.kind in kinds for kinds in (_OF_UNITS, _OF_CATEGORIES, _OF_GROUPS)):
        raise Refused("quotas.change_unclear", field="kind")
    if change.seats < 0:
        raise Refused("quotas.seats_negative", field="seats")
    if change.seats > problem["total"]:
        raise Refused("quotas.seats_above_total", field="seats", total=problem["total"])
    where = place(problem, change)
    if change.seats and not has_members(problem, change):
        raise Refused("quotas.cell_without_members", field="seats", place=where)
    if change.seats < (least := assigned.within(change)):
        raise Refused("quotas.below_assigned", field="seats", place=where, assigned=least, seats=change.seats)


def has_members(problem: Mapping[str, Any], change: Change) -> bool:
    """False for a cell in which nobody can ever have a seat (weight 0); true of everything that is no cell."""
    if change.unit is None or change.category is None:
        return True
    row = problem["weights"][ids(problem, "units")[change.unit]]
    return bool(row[ids(problem, "categories")[change.category]])


def judge_all(problem: Mapping[str, Any], changes: Iterable[Change], assigned: Assigned) -> None:
    """As `judge`, for changes made earlier, some of which what has happened since may forbid."""
    for change in changes:
        judge(problem, change, assigned)


def place(problem: Mapping[str, Any], change: Change) -> Words:
    """Where a change sets its number, by name."""

    def name(side: str, code: str) -> str:
        line = problem[side][ids(problem, side)[code]]
        return str(line.get("name", code))

    if change.kind in _OF_GROUPS:
        group = name("groups", change.group)
        return Words(f"“{group}”组", f"group “{group}”")
    parts = [name(side, code) for side, code in (("units", change.unit), ("categories", change.category)) if code]
    return Words("·".join(parts), ", ".join(parts))
