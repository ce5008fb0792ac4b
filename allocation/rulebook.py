"""The rules of a problem one by one, each with the path of its number, as bounds on sums of cells.

What `conflicts.py` leaves out and puts back, and `relax.py` changes. A cell of weight 0 is not a rule but the ground on
which the rules stand: no rule can be changed to make it eligible.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from allocation.flow import Cut, circulate
from allocation.problem import WEBSTER, Line, Problem
from allocation.totals import NoTotals, Ranges, category_ranges, unit_ranges

TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Rule:
    """A bound: the sum over a line, a cell, a group or everything is at least `low` and/or at most `high`.

    `kind` is total, unit, category, cell or group; `place` the position(s). `path` names the number in the problem,
    `fix` the number to change (a derived total is changed as seats).
    """

    path: str
    fix: str
    kind: str
    place: tuple[int, ...]
    low: int | None
    high: int | None

    @property
    def exact(self) -> bool:
        return self.low is not None and self.high is not None


@dataclass(frozen=True)
class Rulebook:
    """All rules of a problem; `derived` are the sides whose lines move together when one of them is changed."""

    problem: Problem
    rules: tuple[Rule, ...]
    derived: frozenset[str]


def rulebook(problem: Problem) -> Rulebook:
    """The rules of a problem. A side whose totals cannot be derived contributes the bounds of its lines instead."""
    rules = [Rule(TOTAL, TOTAL, "total", (), problem.total, problem.total)]
    derived: set[str] = set()
    for kind, side, lines, ranges in (
        ("unit", "units", problem.units, unit_ranges),
        ("category", "categories", problem.categories, category_ranges),
    ):
        rules += _line_rules(problem, kind, side, lines, ranges)
        if any(line.weight is not None for line in lines):
            derived.add(kind)
    for name, entries in (("at_least", problem.at_least), ("at_most", problem.at_most)):
        for at, entry in enumerate(entries):
            path = f"{name}[{at}].seats"
            low, high = (entry.seats, None) if name == "at_least" else (None, entry.seats)
            if low != 0:
                rules.append(Rule(path, path, "cell", (entry.unit, entry.category), low, high))
    for at, group in enumerate(problem.groups):
        if group.min:
            rules.append(Rule(f"groups[{at}].min", f"groups[{at}].min", "group", (at,), group.min, None))
        if group.max is not None:
            rules.append(Rule(f"groups[{at}].max", f"groups[{at}].max", "group", (at,), None, group.max))
    return Rulebook(problem, tuple(rules), frozenset(derived))


def _line_rules(
    problem: Problem, kind: str, side: str, lines: Sequence[Line], ranges: Callable[[Problem], Ranges]
) -> list[Rule]:
    totals: Ranges | None = None
    if any(line.weight is not None for line in lines):
        try:
            totals = ranges(problem)
        except NoTotals:
            totals = None
    weight = "weight" if kind == "unit" else "share"
    rules: list[Rule] = []
    for at, line in enumerate(lines):
        seats = f"{side}[{at}].seats"
        if line.seats is not None:
            rules.append(Rule(seats, seats, kind, (at,), line.seats, line.seats))
        elif line.weight is not None and totals is not None:
            value = totals.low[at]
            rules.append(Rule(f"{side}[{at}].{weight}", seats, kind, (at,), value, value))
        else:
            if line.min:
                rules.append(Rule(f"{side}[{at}].min", f"{side}[{at}].min", kind, (at,), line.min, None))
            if line.weight == 0 and (kind == "unit" or problem.category_rounding == WEBSTER):
                rules.append(Rule(f"{side}[{at}].{weight}", seats, kind, (at,), None, line.min or 0))
            elif line.max is not None:
                rules.append(Rule(f"{side}[{at}].max", f"{side}[{at}].max", kind, (at,), None, line.max))
    return rules


@dataclass(frozen=True)
class Shortage:
    """A set of rules that ask for more seats than others leave: `need` of `demand` against `room` of `limits`."""

    demand: tuple[Rule, ...]
    limits: tuple[Rule, ...]
    need: int
    room: int


def shortage(book: Rulebook, rules: Sequence[Rule]) -> Shortage | None:
    """Why these rules (no groups among them) cannot hold together, by a minimum cut; None when they can."""
    problem = book.problem
    m, n = len(problem.units), len(problem.categories)
    endless = sum(rule.low or 0 for rule in rules) + problem.total + 1
    source, target = m + n, m + n + 1
    bounds: dict[tuple[str, tuple[int, ...]], list[tuple[int, Rule | None]]] = {}
    for rule in rules:
        pair = bounds.setdefault((rule.kind, rule.place), [(0, None), (endless, None)])
        if rule.low is not None and rule.low > pair[0][0]:
            pair[0] = (rule.low, rule)
        if rule.high is not None and rule.high < pair[1][0]:
            pair[1] = (rule.high, rule)
    arcs: list[tuple[int, int, int, int]] = []
    low_rule: list[Rule | None] = []
    high_rule: list[Rule | None] = []
    contradiction: Shortage | None = None

    def add(tail: int, head: int, key: tuple[str, tuple[int, ...]], ground: int) -> None:
        nonlocal contradiction
        (low, below), (high, above) = bounds.get(key, [(0, None), (endless, None)])
        if ground < high:
            high, above = ground, None
        if low > high and contradiction is None and below is not None:
            contradiction = Shortage((below,), (above,) if above else (), low, high)
        arcs.append((tail, head, low, max(low, high)))
        low_rule.append(below)
        high_rule.append(above)

    add(target, source, ("total", ()), endless)
    for i in range(m):
        add(source, i, ("unit", (i,)), endless)
    for j in range(n):
        add(m + j, target, ("category", (j,)), endless)
    for i, line in enumerate(problem.weights):
        for j, weight in enumerate(line):
            if weight or ("cell", (i, j)) in bounds:
                add(i, m + j, ("cell", (i, j)), endless if weight else 0)
    if contradiction is not None:
        return contradiction
    cut: Cut | None = circulate(m + n + 2, arcs)[1]
    if cut is None:
        return None
    demand = tuple(rule for rule in (low_rule[at] for at in cut.demand) if rule is not None)
    limits = tuple(rule for rule in (high_rule[at] for at in cut.room) if rule is not None)
    return Shortage(demand, limits, sum(arcs[at][2] for at in cut.demand), sum(arcs[at][3] for at in cut.room))


def irreducible(rules: Sequence[Rule], possible: Callable[[Sequence[Rule]], bool]) -> list[Rule]:
    """The rules thinned until every one of them is needed for the conflict; the shorter of two ways to thin them.

    `possible` tells whether rules can hold.
    """
    ways: list[list[Rule]] = []
    for start in (list(rules), list(rules)[::-1]):
        kept = start
        for rule in start:
            rest = [other for other in kept if other is not rule]
            if not possible(rest):
                kept = rest
        ways.append(kept)
    shorter = {id(rule) for rule in (ways[0] if len(ways[0]) <= len(ways[1]) else ways[1])}
    return [rule for rule in rules if id(rule) in shorter]
