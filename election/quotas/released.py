"""Locks that a version was computed with and that have been put back since: its answer still holds to them. Pure.

Read off the two problems of a version, so nothing has to be remembered beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from election.quotas.hand import Change, ids
from election.quotas.models import ChangeKind as Kind

Problem = Mapping[str, Any]


def released(base: Problem, problem: Problem, changes: Iterable[Change]) -> tuple[Change, ...]:
    """The rules that made `problem` of `base` and at whose places no change by hand stands any more."""
    kept = {change.place for change in changes}
    return tuple(change for change in computed_with(base, problem) if change.place not in kept)


def computed_with(base: Problem, problem: Problem) -> tuple[Change, ...]:
    """Locked changes that make `problem` of `base`; of bounds that an exact number outranks nothing is left to read."""
    return (*_units(base, problem), *_categories(base, problem), *_cells(base, problem), *_groups(base, problem))


def _units(base: Problem, problem: Problem) -> Iterator[Change]:
    for before, after in zip(base["units"], problem["units"], strict=True):
        if before.get("seats") != after.get("seats"):
            yield Change(Kind.UNIT, after["id"], None, "", after["seats"], locked=True)
            continue
        for key, kind in (("min", Kind.UNIT_LEAST), ("max", Kind.UNIT_MOST)):
            if before.get(key) != after.get(key):
                yield Change(kind, after["id"], None, "", after[key], locked=True)


def _categories(base: Problem, problem: Problem) -> Iterator[Change]:
    for before, after in zip(base["categories"], problem["categories"], strict=True):
        if before.get("seats") != after.get("seats"):
            yield Change(Kind.CATEGORY, None, after["id"], "", after["seats"], locked=True)


def _cells(base: Problem, problem: Problem) -> Iterator[Change]:
    least_before, most_before = _bounds(base, "at_least"), _bounds(base, "at_most")
    least, most = _bounds(problem, "at_least"), _bounds(problem, "at_most")
    for unit in ids(problem, "units"):
        for category in ids(problem, "categories"):
            at = unit, category
            if (least.get(at), most.get(at)) == (least_before.get(at), most_before.get(at)):
                continue
            kind = Kind.CELL if least.get(at) == most[at] else Kind.CELL_MOST
            yield Change(kind, unit, category, "", most[at], locked=True)


def _bounds(problem: Problem, side: str) -> dict[tuple[str, str], int]:
    return {(entry["unit"], entry["category"]): entry["seats"] for entry in problem.get(side, ())}


def _groups(base: Problem, problem: Problem) -> Iterator[Change]:
    for before, after in zip(base.get("groups", ()), problem.get("groups", ()), strict=True):
        for key, kind in (("min", Kind.GROUP_LEAST), ("max", Kind.GROUP_MOST)):
            if before.get(key) != after.get(key):
                yield Change(kind, None, None, after["id"], after[key], locked=True)
