"""The smallest change that makes an impossible problem possible: fewest rules, then least change, the total last (SPEC).

An integer program proposes (every rule may be stretched at a price); the changed problem is then derived and tried anew,
because changing one derived total moves the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pulp

from allocation.answer import Relaxation
from allocation.problem import Line, Problem
from allocation.rulebook import TOTAL, Rule, Rulebook, irreducible, rulebook, shortage
from allocation.totals import NoTotals, category_ranges, unit_ranges

ROUNDS = 6
MOST_TRIED = 8


def applied(problem: Problem, values: Mapping[str, int]) -> Problem:
    """The problem with numbers replaced by path; seats given to a derived or free line replace what it had."""

    def lines(side: str, given: tuple[Line, ...]) -> tuple[Line, ...]:
        result = []
        for at, line in enumerate(given):
            if f"{side}[{at}].seats" in values:
                line = Line(line.id, line.name, seats=values[f"{side}[{at}].seats"])
            else:
                if f"{side}[{at}].min" in values:
                    line = replace(line, min=values[f"{side}[{at}].min"])
                if f"{side}[{at}].max" in values:
                    line = replace(line, max=values[f"{side}[{at}].max"])
            result.append(line)
        return tuple(result)

    return replace(
        problem,
        total=values.get(TOTAL, problem.total),
        units=lines("units", problem.units),
        categories=lines("categories", problem.categories),
        at_least=tuple(
            replace(rule, seats=values.get(f"at_least[{at}].seats", rule.seats))
            for at, rule in enumerate(problem.at_least)
        ),
        at_most=tuple(
            replace(rule, seats=values.get(f"at_most[{at}].seats", rule.seats))
            for at, rule in enumerate(problem.at_most)
        ),
        groups=tuple(
            replace(
                group, min=values.get(f"groups[{at}].min", group.min), max=values.get(f"groups[{at}].max", group.max)
            )
            for at, group in enumerate(problem.groups)
        ),
    )


def solvable(problem: Problem) -> bool:
    """Whether a matrix exists: totals can be derived and all rules hold together."""
    try:
        unit_ranges(problem)
        category_ranges(problem)
    except NoTotals:
        return False
    book = rulebook(problem)
    if problem.groups:
        return holds(book, list(book.rules))
    return shortage(book, book.rules) is None


def holds(book: Rulebook, rules: list[Rule]) -> bool:
    """Whether rules, groups among them, can hold together: a linear program, an integer one where that is fractional."""
    if not any(rule.kind == "group" for rule in rules):
        return shortage(book, rules) is None
    problem = book.problem
    for kind in ("Continuous", "Integer"):
        model = pulp.LpProblem("holds", pulp.LpMinimize)
        cell = {
            (i, j): pulp.LpVariable(f"x_{i}_{j}", 0, None, kind)
            for i, line in enumerate(problem.weights)
            for j, weight in enumerate(line)
            if weight
        }
        for rule in rules:
            terms = pulp.LpAffineExpression([(cell[key], 1) for key in _cells(problem, rule) if key in cell])
            if rule.exact:
                model += terms == rule.low
            elif rule.high is not None:
                model += terms <= rule.high
            elif rule.low is not None:
                model += terms >= rule.low
        model.solve(pulp.HiGHS(msg=False, threads=1))
        if model.sol_status != pulp.LpSolutionOptimal:
            return False
        if all(abs((v.value() or 0.0) - round(v.value() or 0.0)) < 1e-6 for v in cell.values()):
            return True
    return True


def _cells(problem: Problem, rule: Rule) -> list[tuple[int, int]]:
    """The cells a rule sums over."""
    rows, columns = range(len(problem.units)), range(len(problem.categories))
    if rule.kind == "unit":
        return [(rule.place[0], j) for j in columns]
    if rule.kind == "category":
        return [(i, rule.place[0]) for i in rows]
    if rule.kind == "cell":
        return [(rule.place[0], rule.place[1])]
    if rule.kind == "group":
        group = problem.groups[rule.place[0]]
        return [(i, j) for i in group.units for j in group.categories]
    return [(i, j) for i in rows for j in columns]


def smallest(problem: Problem) -> dict[str, Relaxation]:
    """By path, the changes that together make the problem solvable. Empty only when nothing found can mend it."""
    values: dict[str, int] = {}
    rules: dict[str, str] = {}
    for _ in range(ROUNDS):
        now = applied(problem, values)
        if solvable(now):
            break
        found = _underived(now) or single(now) or _stretched(now)
        if not found:
            return {}
        for path, (rule, value) in found.items():
            values[path] = value
            rules.setdefault(path, rule)
    else:
        return {}
    for path in list(values):
        rest = {other: value for other, value in values.items() if other != path}
        if solvable(applied(problem, rest)):
            values = rest
    return {path: Relaxation(path, number_at(problem, path), value, rules[path]) for path, value in values.items()}


def number_at(problem: Problem, path: str) -> int:
    """The number that a relaxation starts from; a derived total as far as it can be derived."""
    if path == TOTAL:
        return problem.total
    name, _, rest = path.partition("[")
    at, _, key = rest.partition("].")
    place = int(at)
    if name in ("units", "categories"):
        line = (problem.units if name == "units" else problem.categories)[place]
        if key != "seats":
            return (line.min if key == "min" else line.max) or 0
        if line.seats is not None:
            return line.seats
        try:
            return (unit_ranges if name == "units" else category_ranges)(problem).low[place]
        except NoTotals:
            return int((line.weight or 0) * problem.total) if name == "categories" else line.min or 0
    if name == "groups":
        group = problem.groups[place]
        return (group.min if key == "min" else group.max) or 0
    return (problem.at_least if name == "at_least" else problem.at_most)[place].seats


def _underived(problem: Problem) -> dict[str, tuple[str, int]]:
    """Mends category shares from which no totals follow, when nothing simpler stands in the way."""
    try:
        category_ranges(problem)
        return {}
    except NoTotals as error:
        if shortage(rulebook(problem), [r for r in rulebook(problem).rules if r.kind != "group"]) is not None:
            return {}
        if "line" in error.params:
            at, seats = int(str(error.params["line"])), int(str(error.params["seats"]))
            key = "min" if error.code.endswith("below_min") else "max"
            return {f"categories[{at}].{key}": (f"categories[{at}].{key}", seats)}
    derived = [at for at, line in enumerate(problem.categories) if line.weight is not None]
    floors = {at: int((problem.categories[at].weight or 0) * problem.total) for at in derived}
    left = problem.total - sum(line.seats or 0 for line in problem.categories)
    best: tuple[int, int, int] | None = None
    for at in derived:
        others = sum(floors.values()) - floors[at]
        most, least = left - others, max(left - others - (len(derived) - 1), 0)
        if most >= 0:
            seats = min(max(floors[at], least), most)
            best = min(filter(None, (best, (abs(seats - floors[at]), at, seats))))
    if best is None:
        return {}
    return {f"categories[{best[1]}].seats": (f"categories[{best[1]}].share", best[2])}


def single(problem: Problem) -> dict[str, tuple[str, int]]:
    """The one rule whose change alone mends the problem by the least change, if there is one; the total last.

    Only rules of one irreducible conflict can be it. Tried without a solver, so that the usual answer is at once.
    """
    if problem.groups:
        return {}
    book = rulebook(problem)
    short = shortage(book, book.rules)
    if short is None:
        return {}
    candidates = irreducible([*short.demand, *short.limits], lambda some: shortage(book, some) is None)
    candidates.sort(key=lambda rule: (rule.path == TOTAL, rule.path != rule.fix, book.rules.index(rule)))
    best: tuple[int, str, str, int] | None = None
    for rule in candidates:
        most = problem.total if best is None else best[0] - 1
        value = _least_change(book, rule, most)
        if value is not None:
            base = rule.high if rule.high is not None else rule.low
            assert base is not None
            best = (abs(value - base), rule.fix, rule.path, value)
            if best[0] <= 1:
                break
    return {} if best is None else {best[1]: (best[2], best[3])}


def _least_change(book: Rulebook, rule: Rule, most: int) -> int | None:
    """The value nearest to a rule's own that mends the problem, at most `most` away; None when there is none."""
    problem = book.problem
    others = [other for other in book.rules if other is not rule]
    base = rule.high if rule.high is not None else rule.low
    assert base is not None
    moves = (rule.path == TOTAL and bool(book.derived)) or rule.path != rule.fix
    if moves:
        for size in range(1, min(most, MOST_TRIED) + 1):
            for value in (base - size, base + size):
                if value >= 0 and solvable(applied(problem, {rule.fix: value})):
                    return value
        return None

    def possible(size: int) -> bool:
        low = None if rule.low is None else max(rule.low - size, 0)
        high = None if rule.high is None else rule.high + size
        return shortage(book, [*others, replace(rule, low=low, high=high)]) is None

    if most < 1 or not possible(most):
        return None
    small, large = 0, most
    while large - small > 1:
        middle = (small + large) // 2
        small, large = (small, middle) if possible(middle) else (middle, large)
    for value in (base - large, base + large):
        if value >= 0 and solvable(applied(problem, {rule.fix: value})):
            return value
    return None


def _stretched(problem: Problem) -> dict[str, tuple[str, int]]:
    book = rulebook(problem)
    every = frozenset(rule.path for rule in book.rules)
    last: dict[str, tuple[str, int]] = {}
    for moving in (True, False) if book.derived else (False,):
        found = stretch(book, list(book.rules), every, moving=moving)
        if found is not None:
            last = {rule.fix: (rule.path, value) for rule, value in found}
            if solvable(applied(problem, {path: value for path, (_, value) in last.items()})):
                return last
    return last


def stretch(
    book: Rulebook, rules: list[Rule], may_change: frozenset[str], moving: bool
) -> list[tuple[Rule, int]] | None:
    """The rules to change with their new values, fewest first; None when no matrix exists even so.

    With `moving`, the other derived totals of a side may move once one of them, or the total, is changed.
    """
    problem = book.problem
    m, n = len(problem.units), len(problem.categories)
    most = max([problem.total, *(rule.low or 0 for rule in rules), *(rule.high or 0 for rule in rules)]) * 2 + 1
    model = pulp.LpProblem("relax", pulp.LpMinimize)
    cell: dict[tuple[int, int], pulp.LpVariable] = {
        (i, j): pulp.LpVariable(f"x_{i}_{j}", 0, None, "Integer")
        for i in range(m)
        for j in range(n)
        if problem.weights[i][j]
    }
    objective: list[tuple[pulp.LpVariable, float]] = []
    stretched: list[tuple[Rule, pulp.LpVariable, pulp.LpVariable, pulp.LpVariable]] = []
    touched: dict[str, list[pulp.LpVariable]] = {}
    loose: list[tuple[str, pulp.LpVariable]] = []
    for at, rule in enumerate(rules):
        terms = [(cell[key], 1) for key in _cells(problem, rule) if key in cell]
        used = rule.path in may_change
        changed = pulp.LpVariable(f"b_{at}", 0, 1 if used else 0, "Integer")
        up = pulp.LpVariable(f"u_{at}", 0, most if used else 0, "Integer")
        down = pulp.LpVariable(f"d_{at}", 0, most if used else 0, "Integer")
        moved: list[tuple[pulp.LpVariable, int]] = []
        if used:
            model += pulp.LpAffineExpression([(up, 1), (down, 1), (changed, -most)]) <= 0
            objective += [(changed, 4.0 * most + (0.6 if rule.path == TOTAL else 0.0) + 1e-5 * at), (up, 1), (down, 1)]
            stretched.append((rule, changed, up, down))
            touched.setdefault(rule.kind, []).append(changed)
            if moving and rule.path != rule.fix:
                shift = pulp.LpVariable(f"s_{at}", -most, most, "Integer")
                loose.append((rule.kind, shift))
                moved.append((shift, -1))
        if rule.high is not None:
            model += (
                pulp.LpAffineExpression([*terms, *moved, (up, -1)] + ([(down, 1)] if rule.exact else [])) <= rule.high
            )
        if rule.low is not None:
            model += (
                pulp.LpAffineExpression([*terms, *moved, (down, 1)] + ([(up, -1)] if rule.exact else [])) >= rule.low
            )
    for kind, shift in loose:
        allowed = [(var, -most) for var in touched[kind] + touched.get("total", [])]
        model += pulp.LpAffineExpression([(shift, 1), *allowed]) <= 0
        model += pulp.LpAffineExpression([(shift, -1), *allowed]) <= 0
    model.setObjective(pulp.LpAffineExpression(objective))
    model.solve(pulp.HiGHS(msg=False, threads=1, gapRel=0, gapAbs=0))
    if model.sol_status != pulp.LpSolutionOptimal:
        return None
    result = []
    for rule, changed, up, down in stretched:
        if round(changed.value() or 0) and round((up.value() or 0) + (down.value() or 0)):
            base = rule.high if rule.high is not None else rule.low
            assert base is not None
            result.append((rule, base + round(up.value() or 0) - round(down.value() or 0)))
    return result
