"""The same problem divided by three methods, each measured against the same fair shares. Pure; never chooses between them.

Two are the allocator's own. The third is what offices do by hand: every unit splits its seats over the categories by its own
members, largest remainder, and looks neither at what that makes of the categories' totals nor at any bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from allocation import Allocation, Problem, allocate
from allocation.problem import WEBSTER, WITHIN_QUOTA
from allocation.solve import Unsolved
from allocation.totals import category_ranges
from election.machine import Worded
from election.quotas.comparison import Deviation, Matrix, Shares, deviation


class Method(Worded):
    """Ways to divide the seats, the default first. The values of the first two are those of the problem's format."""

    WITHIN_QUOTA = WITHIN_QUOTA, "上下取整", "within quota"
    WEBSTER = WEBSTER, "双向韦伯斯特法", "biproportional Webster"
    BY_UNIT = "by-unit", "各单位最大余数法", "largest remainder per unit"


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that a division does not keep: a cell (`unit`, `category`), or the group at `group`; all are positions.

    `asked` is the rule's number, `seats` what the division gives; too few of them where `least`.
    """

    least: bool
    asked: int
    seats: int
    unit: int | None = None
    category: int | None = None
    group: int | None = None


@dataclass(frozen=True, slots=True)
class Variant:
    """What a method makes of the problem. `missed`: for each category how many seats above (below: negative) its total."""

    method: Method
    seats: Matrix
    deviation: Deviation
    missed: tuple[int, ...]
    broken: tuple[Broken, ...]


def variants(answer: Allocation, shares: Shares) -> tuple[Variant, ...]:
    """The three methods for the problem that `answer` answers, the default first; two are computed here.

    All are measured against `shares`, units × categories.
    A method is left out whose answer could not be proved (overlapping groups may be beyond a proof).
    """
    problem, found = answer.problem, {Method(answer.problem.method): answer.seats}
    for method in (Method.WITHIN_QUOTA, Method.WEBSTER):
        if method in found:
            continue
        try:
            other = allocate(replace(problem, method=method.value))
        except Unsolved:
            continue
        if other.allocated:
            found[method] = other.seats
    found[Method.BY_UNIT] = split_by_unit(problem, answer.unit_seats, answer.category_seats)
    return tuple(
        Variant(method, found[method], deviation(found[method], shares), *judged(problem, found[method]))
        for method in Method
        if method in found
    )


def split_by_unit(
    problem: Problem, unit_seats: Sequence[int], category_seats: Sequence[int]
) -> tuple[tuple[int, ...], ...]:
    """Each unit's seats over the categories: Hare quota of its own members, then the largest remainders.

    A member counts with the seats that the whole county has for one member of the category: by bare heads a category of many
    members would take nearly all. Equal remainders: the category given first. A unit without any weight gets nothing.
    """
    heads = [sum(column, Fraction(0)) for column in zip(*problem.weights, strict=True)]
    rates = [seats / whole if whole else Fraction(0) for seats, whole in zip(category_seats, heads, strict=True)]
    return tuple(
        _split(seats, [weight * rate for weight, rate in zip(weights, rates, strict=True)])
        for seats, weights in zip(unit_seats, problem.weights, strict=True)
    )


def _split(seats: int, weights: Sequence[Fraction]) -> tuple[int, ...]:
    whole = sum(weights, Fraction(0))
    if not whole:
        return (0,) * len(weights)
    quotas = [seats * weight / whole for weight in weights]
    parts = [quota.__floor__() for quota in quotas]
    first = sorted(range(len(weights)), key=lambda at: parts[at] - quotas[at])
    for at in first[: seats - sum(parts)]:
        parts[at] += 1
    return tuple(parts)


def judged(problem: Problem, seats: Matrix) -> tuple[tuple[int, ...], tuple[Broken, ...]]:
    """By how much a division misses the total of each category, and the bounds of cells and groups that it breaks."""
    ranges = category_ranges(problem)
    sums = [sum(column) for column in zip(*seats, strict=True)]
    missed = tuple(
        max(have - int(most), 0) or min(have - int(least), 0)
        for have, least, most in zip(sums, ranges.low, ranges.high, strict=True)
    )
    broken = [
        Broken(least, rule.seats, seats[rule.unit][rule.category], rule.unit, rule.category)
        for least, rules in ((True, problem.at_least), (False, problem.at_most))
        for rule in rules
        if _outside(least, rule.seats, seats[rule.unit][rule.category])
    ]
    for at, group in enumerate(problem.groups):
        have = sum(seats[i][j] for i in group.units for j in group.categories)
        broken += [
            Broken(least, asked, have, group=at)
            for least, asked in ((True, group.min), (False, group.max))
            if asked is not None and _outside(least, asked, have)
        ]
    return missed, tuple(broken)


def _outside(least: bool, asked: int, seats: int) -> bool:
    return seats < asked if least else seats > asked
