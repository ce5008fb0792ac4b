"""Conflicts against an integer program of their own: real, irreducible, and mended by the fewest and smallest changes."""

from __future__ import annotations

import copy
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

import pulp
import pytest
from hypothesis import assume, given

from allocation import allocate, read_problem
from tests.allocation.brute import matrices, problems
from tests.allocation.test_oracle import Impossible, bounds, ranges
from tests.support.depth import examples

PATH = re.compile(r"(units|categories|at_least|at_most|groups)\[(\d+)\]\.(seats|weight|share|min|max)")
IMPOSSIBLE = problems(free=True, groups=True, wide=True).filter(lambda obj: not possible(obj))


def possible(obj: Mapping[str, Any]) -> bool:
    try:
        rows, columns = ranges(obj)
    except Impossible:
        return False
    _, low, high, groups = bounds(obj)
    return next(matrices(obj["total"], rows, columns, low, high, groups), None) is not None


def named(obj: Mapping[str, Any], path: str) -> tuple[dict[str, Any], str]:
    """Where the number stands that a rule's path names."""
    if path == "total":
        return dict(obj), path
    found = PATH.fullmatch(path)
    assert found, path
    return obj[found[1]][int(found[2])], found[3]


def can_hold(obj: Mapping[str, Any], rules: Iterable[str]) -> bool:
    """Whether these rules alone, and eligibility, leave a matrix. Derived totals are the ones of the whole problem."""
    weights = bounds(obj)[0]
    units, categories = ([line["id"] for line in obj[side]] for side in ("units", "categories"))
    program = pulp.LpProblem("rules")
    seats = {
        (i, j): pulp.LpVariable(f"x{i}_{j}", 0, None if w else 0, cat="Integer")
        for i, line in enumerate(weights)
        for j, w in enumerate(line)
    }
    program += pulp.lpSum(seats.values())
    for path in rules:
        holder, key = named(obj, path)
        assert key in holder, path
        kind = path.split("[")[0]
        at = int(path[len(kind) + 1 : path.index("]")]) if kind != path else 0
        if path == "total":
            cells = list(seats)
        elif kind == "groups":
            cells = sorted(bounds(obj)[3][at][0])
        elif kind in ("at_least", "at_most"):
            cells = [(units.index(holder["unit"]), categories.index(holder["category"]))]
        else:
            cells = [cell for cell in seats if cell[0 if kind == "units" else 1] == at]
        number = holder[key] if key not in ("weight", "share") else ranges(obj)[kind == "categories"][at][0]
        total = pulp.lpSum(seats[cell] for cell in cells)
        if kind != "at_most" and key != "max":
            program += total >= number
        if kind != "at_least" and key != "min":
            program += total <= number
    return program.solve(pulp.HiGHS(msg=False)) == pulp.LpStatusOptimal


def changed(obj: Mapping[str, Any], changes: Mapping[str, int]) -> dict[str, Any]:
    """The problem with numbers replaced; seats take the place of what a derived line had."""
    result: dict[str, Any] = copy.deepcopy(dict(obj))
    for path, number in changes.items():
        if path == "total":
            result["total"] = number
            continue
        holder, key = named(result, path)
        if key == "seats":
            for other in ("weight", "share", "min", "max"):
                holder.pop(other, None)
        holder[key] = number
    return result


def numbers(obj: Mapping[str, Any]) -> dict[str, int]:
    """Every rule that can be changed, with its number; a derived total stands as seats."""
    result = {"total": obj["total"]}
    for side, ends in zip(("units", "categories"), ranges(obj), strict=True):
        for at, line in enumerate(obj[side]):
            if "weight" in line or "share" in line:
                result[f"{side}[{at}].seats"] = ends[at][0]
            result |= {f"{side}[{at}].{key}": line[key] for key in ("seats", "min", "max") if key in line}
    for kind in ("at_least", "at_most", "groups"):
        for at, rule in enumerate(obj.get(kind, [])):
            result |= {f"{kind}[{at}].{key}": rule[key] for key in ("seats", "min", "max") if key in rule}
    return result


def smaller(obj: Mapping[str, Any], rules: int, change: int) -> Iterator[dict[str, int]]:
    """Changes of at most two rules, the total not among them, fewer or smaller than those given."""
    known = {path: number for path, number in numbers(obj).items() if path != "total"}
    for count in range(1, min(rules, 2) + 1):
        most = change - 1 if count == rules else 2 * obj["total"] + 4
        for paths in itertools.combinations(known, count):
            for steps in itertools.product(range(1, min(most, 8) + 1), repeat=count):
                if sum(steps) > most or (count == 2 and sum(steps) > 4):
                    continue
                for signs in itertools.product((-1, 1), repeat=count):
                    moved = {p: known[p] + s * d for p, s, d in zip(paths, signs, steps, strict=True)}
                    if min(moved.values()) >= 0:
                        yield moved


@given(IMPOSSIBLE)
@examples(40)
def test_conflicts_are_real_and_irreducible_and_their_changes_mend_the_problem(obj: dict[str, Any]) -> None:
    claim = json.loads(json.dumps(allocate(read_problem(obj)).to_json()))
    assert claim["status"] == "impossible"
    try:
        ranges(obj)
    except Impossible:
        derivable = False
    else:
        derivable = True
    changes: dict[str, int] = {}
    for conflict in claim["conflicts"]:
        assert conflict["zh"]
        assert conflict["en"]
        if derivable:
            assert not can_hold(obj, conflict["rules"])
            for rule in conflict["rules"]:
                assert can_hold(obj, [other for other in conflict["rules"] if other != rule])
        for entry in conflict["relax"]:
            assert entry["rule"] not in changes
            assert not derivable or numbers(obj)[entry["rule"]] == entry["from"]
            changes[entry["rule"]] = entry["to"]
    assert possible(changed(obj, changes))
    assert allocate(read_problem(changed(obj, changes))).allocated


def as_seats(obj: Mapping[str, Any]) -> dict[str, Any]:
    """The same problem with its derived totals given."""
    try:
        derived = numbers(obj)
    except Impossible:
        assume(False)
    paths = [f"{side}[{at}].seats" for side in ("units", "categories") for at in range(len(obj[side]))]
    return changed(obj, {path: derived[path] for path in paths if path in derived})


@given(IMPOSSIBLE)
@examples(25)
def test_no_fewer_and_no_smaller_changes_would_do(obj: dict[str, Any]) -> None:
    obj = as_seats(obj)
    conflicts: Any = allocate(read_problem(obj)).to_json()["conflicts"]
    entries = [entry for conflict in conflicts for entry in conflict["relax"]]
    assume(all(entry["rule"] != "total" for entry in entries))
    change = sum(abs(entry["to"] - entry["from"]) for entry in entries)
    for changes in smaller(obj, len(entries), change):
        assert not possible(changed(obj, changes)), changes


@pytest.mark.parametrize("shares", [["0.90", "0.83", "0.80"], ["0.10", "0.10", "0.10"]])
def test_shares_that_cannot_be_derived_are_mended_too(shares: list[str]) -> None:
    obj = {
        "format": "allocation-problem/1",
        "total": 12,
        "units": [{"id": "a", "weight": 11}, {"id": "b", "weight": 55}],
        "categories": [{"id": f"c{j}", "share": share} for j, share in enumerate(shares)],
        "weights": [[1, 2, 1], [2, 1, 2]],
    }
    assert sum(map(Fraction, shares)) != 1
    conflicts: Any = allocate(read_problem(obj)).to_json()["conflicts"]
    changes = {entry["rule"]: entry["to"] for conflict in conflicts for entry in conflict["relax"]}
    assert changes
    assert possible(changed(obj, changes))
