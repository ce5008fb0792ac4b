"""The rules of a problem one by one, each with the path of its number, as bounds on sums of cells.

What `conflicts.py` leaves out and puts back, and `relax.py` changes. A cell of weight 0 is not a rule but the ground on
which the rules stand: no rule can be changed to make it eligible.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from allocation.problem import WEBSTER, Problem
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

    @property
    def number(self) -> int:
        """The number that the path names."""
        number = self.high if self.high is not None else self.low
        assert number is not None
        return number

    def changed(self, by: int) -> Rule:
        """The same rule with another number."""
        return replace(
            self,
            low=None if self.low is None else self.low + by,
            high=None if self.high is None else self.high + by,
        )


@dataclass(frozen=True)
class Rulebook:
    """All rules of a problem. `derived` are the kinds of lines that move together when one of them is changed, and among
    these `underivable` the ones whose totals contradict themselves."""

    problem: Problem
    rules: tuple[Rule, ...]
    derived: frozenset[str]
    underivable: frozenset[str]


def rulebook(problem: Problem) -> Rulebook:
    """The rules of a problem. A side whose totals cannot be derived contributes the bounds of its lines instead."""
    rules = [Rule(TOTAL, TOTAL, "total", (), problem.total, problem.total)]
    derived: set[str] = set()
    underivable: set[str] = set()
    for kind, lines in (("unit", problem.units), ("category", problem.categories)):
        found, error = line_rules(problem, kind)
        rules += found
        if any(line.weight is not None for line in lines):
            derived.add(kind)
        if error is not None:
            underivable.add(kind)
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
    return Rulebook(problem, tuple(rules), frozenset(derived), frozenset(underivable))


def line_rules(problem: Problem, kind: str) -> tuple[list[Rule], NoTotals | None]:
    """The rules of units or categories, and why their totals cannot be derived if they cannot."""
    side, lines, ranges, weight = (
        ("units", problem.units, unit_ranges, "weight")
        if kind == "unit"
        else ("categories", problem.categories, category_ranges, "share")
    )
    totals: Ranges | None = None
    error: NoTotals | None = None
    if any(line.weight is not None for line in lines):
        try:
            totals = ranges(problem)
        except NoTotals as found:
            error = found
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
    return rules, error
