"""Changes of a scheme by hand: what each sets in the problem, how the table looks with it, which change mends a conflict.

Pure: codes and numbers in, `allocation-problem/1` or a table out. Judges no change (`hand_limits.py` does), solves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from election.quotas.models import ChangeKind as Kind

# These bounds stretch a rule and are nothing to look at, so they are always rules themselves.
BOUNDS = frozenset({Kind.UNIT_LEAST, Kind.UNIT_MOST, Kind.CELL_MOST, Kind.GROUP_LEAST, Kind.GROUP_MOST})

Problem = Mapping[str, Any]
Place = tuple[Kind, str | None, str | None, str]

_PATH = re.compile(r"(\w+)\[(\d+)\]\.(\w+)")
_LINE_KINDS = {
    ("units", "seats"): Kind.UNIT,
    ("units", "min"): Kind.UNIT_LEAST,
    ("units", "max"): Kind.UNIT_MOST,
    ("categories", "seats"): Kind.CATEGORY,
}
_GROUP_KINDS = {"min": Kind.GROUP_LEAST, "max": Kind.GROUP_MOST}


@dataclass(frozen=True, slots=True)
class Change:
    """One number set by hand; `unit`, `category` and `group` by code, where the kind names one.

    Locked, it is a rule that the solver works around; unlocked, something to look at until the next computing.
    """

    kind: Kind
    unit: str | None
    category: str | None
    group: str
    seats: int
    locked: bool

    @property
    def place(self) -> Place:
        """What is set: of two changes of one place only one can stand."""
        return self.kind, self.unit, self.category, self.group


def as_rule(change: Change) -> Change:
    return replace(change, locked=True)


def applied(base: Problem, changes: Iterable[Change]) -> dict[str, Any]:
    """The problem in which the locked changes are rules; unlocked ones leave it as it is.

    Exact seats of a line or cell outrank changed bounds of the same. The order of the changes does not matter. Raises
    KeyError for a unit, category or group that the problem does not have.
    """
    at = {change.place: change.seats for change in changes if change.locked}
    made = dict(base)
    if not at:
        return made
    _require_places(base, at)
    made["units"] = [
        _line(
            line,
            at.get((Kind.UNIT, line["id"], None, "")),
            at.get((Kind.UNIT_LEAST, line["id"], None, "")),
            at.get((Kind.UNIT_MOST, line["id"], None, "")),
        )
        for line in base["units"]
    ]
    made["categories"] = [_line(line, at.get((Kind.CATEGORY, None, line["id"], ""))) for line in base["categories"]]
    exact = {(unit, category): seats for (kind, unit, category, _), seats in at.items() if kind is Kind.CELL}
    most = {(unit, category): seats for (kind, unit, category, _), seats in at.items() if kind is Kind.CELL_MOST}
    if exact:
        made["at_least"] = _cells(base, base.get("at_least", ()), exact)
    if exact or most:
        made["at_most"] = _cells(base, base.get("at_most", ()), most | exact)
    if "groups" in base:
        made["groups"] = [_group(group, at) for group in base["groups"]]
    return made


def _require_places(base: Problem, at: Mapping[Place, int]) -> None:
    units, categories, groups = ids(base, "units"), ids(base, "categories"), ids(base, "groups")
    for kind, unit, category, group in at:
        wrong = (unit is not None and unit not in units) or (category is not None and category not in categories)
        if wrong or (kind in _GROUP_KINDS.values() and group not in groups):
            raise KeyError(unit or category or group)


def ids(problem: Problem, side: str) -> dict[str, int]:
    """id → position, of "units", "categories" or "groups"."""
    return {line["id"]: at for at, line in enumerate(problem.get(side, ()))}


def _line(line: Problem, exact: int | None, least: int | None = None, most: int | None = None) -> dict[str, Any]:
    if exact is not None:
        return {key: line[key] for key in ("id", "name") if key in line} | {"seats": exact}
    changed = dict(line)
    if "seats" not in line:
        changed |= {key: seats for key, seats in (("min", least), ("max", most)) if seats is not None}
    return changed


def _cells(
    base: Problem, entries: Sequence[Problem], seats: Mapping[tuple[str | None, str | None], int]
) -> list[dict[str, Any]]:
    """The bounds of cells with some replaced where they stand; new ones follow in reading order."""
    kept = [dict(entry) | {"seats": seats.get((entry["unit"], entry["category"]), entry["seats"])} for entry in entries]
    named = {(entry["unit"], entry["category"]) for entry in entries}
    return kept + [
        {"unit": unit, "category": category, "seats": seats[unit, category]}
        for unit in ids(base, "units")
        for category in ids(base, "categories")
        if (unit, category) in seats and (unit, category) not in named
    ]


def _group(group: Problem, at: Mapping[Place, int]) -> dict[str, Any]:
    bounds = {key: at.get((kind, None, None, group["id"])) for key, kind in _GROUP_KINDS.items()}
    return dict(group) | {key: seats for key, seats in bounds.items() if seats is not None}


def shown(problem: Problem, seats: Sequence[Sequence[int]], changes: Iterable[Change]) -> list[list[int]]:
    """The table (units × categories) with every cell that is set by hand laid over what was computed."""
    units, categories = ids(problem, "units"), ids(problem, "categories")
    table = [list(row) for row in seats]
    for change in changes:
        if change.kind is Kind.CELL and change.unit is not None and change.category is not None:
            table[units[change.unit]][categories[change.category]] = change.seats
    return table


def wanted(problem: Problem, seats: Sequence[Sequence[int]], changes: Iterable[Change]) -> tuple[list[int], list[int]]:
    """What each unit and each category has to add up to: the number set by hand, else what was computed."""
    units, categories = [sum(row) for row in seats], [sum(column) for column in zip(*seats, strict=True)]
    for change in changes:
        if change.kind is Kind.UNIT and change.unit is not None:
            units[ids(problem, "units")[change.unit]] = change.seats
        if change.kind is Kind.CATEGORY and change.category is not None:
            categories[ids(problem, "categories")[change.category]] = change.seats
    return units, categories


def change_for(problem: Problem, rule: str, value: int, changes: Iterable[Change] = ()) -> Change | None:
    """The change that sets the number at a path of the problem; None where that number belongs elsewhere.

    `problem` with `changes` applied is where the path points. The total belongs to the congress; the least of a cell to
    its assigned leaders, unless the cell was locked by hand: then its seats are meant.
    """
    path = _PATH.fullmatch(rule)
    if path is None:
        return None
    side, at, key = path[1], int(path[2]), path[3]
    if side in ("at_least", "at_most"):
        unit, category = problem[side][at]["unit"], problem[side][at]["category"]
        by_hand = any(one.place == (Kind.CELL, unit, category, "") and one.locked for one in changes)
        if by_hand:
            return Change(Kind.CELL, unit, category, "", value, locked=True)
        return Change(Kind.CELL_MOST, unit, category, "", value, locked=True) if side == "at_most" else None
    if side == "groups":
        return Change(_GROUP_KINDS[key], None, None, problem["groups"][at]["id"], value, locked=True)
    kind = _LINE_KINDS.get((side, key))
    if kind is None:
        return None
    line = problem[side][at]["id"]
    return Change(
        kind, line if side == "units" else None, line if side == "categories" else None, "", value, locked=True
    )
