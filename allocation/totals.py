"""The totals of units and categories before the matrix: given, derived or free. Exact; breaks ties as SPEC says.

Says which numbers stand in the way when no totals exist; how to mend that is not decided here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from allocation.problem import LARGEST_REMAINDER, Line, Problem
from allocation.webster import spread


@dataclass(frozen=True, slots=True)
class Ranges:
    """Lowest and highest total of each line of one side; equal for a given or derived total.

    A free line without `max` has one more than the total: an end that is never reached. One whose `min` is its `max` is
    as good as given.
    """

    low: tuple[int, ...]
    high: tuple[int, ...]
    free: tuple[bool, ...]

    def of(self, lines: Sequence[int]) -> Ranges:
        """The ranges of these lines, in this order."""
        return Ranges(
            tuple(self.low[at] for at in lines),
            tuple(self.high[at] for at in lines),
            tuple(self.free[at] for at in lines),
        )

    @property
    def all_exact(self) -> bool:
        return not any(self.free)


class NoTotals(Exception):
    """The totals of one side cannot be derived. `rules` are the paths of the numbers that contradict each other."""

    def __init__(self, side: str, rules: tuple[str, ...], code: str, params: Mapping[str, int]) -> None:
        super().__init__(code)
        self.side = side
        self.rules = rules
        self.code = code
        self.params = dict(params)

    @property
    def short(self) -> float:
        """By how many seats the numbers miss each other."""
        names = {
            "line.min_above_max": ("min", "max"),
            "side.given_above_total": ("given", "total"),
            "side.min_above_total": ("need", "left"),
            "side.max_below_total": ("left", "room"),
            "categories.floors_above_total": ("floors", "left"),
            "categories.shares_below_total": ("left", "most"),
            "category.share_below_min": ("min", "seats"),
            "category.share_above_max": ("seats", "max"),
        }
        more, less = names[self.code]
        return float(self.params[more]) - float(self.params[less])


def unit_ranges(problem: Problem) -> Ranges:
    """Totals of the units: seats as given, weights by Webster over what is left, ties by drawing order."""
    return _ranges(problem, problem.units, "units")


def category_ranges(problem: Problem) -> Ranges:
    """Totals of the categories: seats as given, shares by `category_rounding`."""
    return _ranges(problem, problem.categories, "categories")


def _ranges(problem: Problem, lines: tuple[Line, ...], side: str) -> Ranges:
    derived = [at for at, line in enumerate(lines) if line.weight is not None]
    if not derived:
        endless = problem.total + 1
        low = tuple(line.seats if line.seats is not None else line.min or 0 for line in lines)
        high = tuple(
            line.seats if line.seats is not None else endless if line.max is None else min(line.max, endless)
            for line in lines
        )
        free = tuple(line.seats is None and least != most for line, least, most in zip(lines, low, high, strict=True))
        return Ranges(low, high, free)
    left = problem.total - sum(line.seats or 0 for line in lines)
    if side == "categories" and problem.category_rounding == LARGEST_REMAINDER:
        parts = _largest_remainder(problem, lines, derived, left)
    else:
        parts = _webster(problem, lines, derived, left, side)
    found = dict(zip(derived, parts, strict=True))
    totals = tuple(found[at] if at in found else lines[at].seats or 0 for at in range(len(lines)))
    return Ranges(totals, totals, (False,) * len(lines))


def given_rules(lines: tuple[Line, ...], side: str) -> tuple[str, ...]:
    """Paths of the totals that are given and not zero."""
    return tuple(f"{side}[{at}].seats" for at, line in enumerate(lines) if line.seats)


def _webster(problem: Problem, lines: tuple[Line, ...], derived: list[int], left: int, side: str) -> list[int]:
    weights = [lines[at].weight or Fraction(0) for at in derived]
    lower = [lines[at].min or 0 for at in derived]
    most = [lines[at].max for at in derived]
    for at in derived:
        low, high = lines[at].min or 0, lines[at].max
        if high is not None and low > high:
            raise NoTotals(
                side,
                (f"{side}[{at}].min", f"{side}[{at}].max"),
                "line.min_above_max",
                {"line": at, "min": low, "max": high},
            )
    given = given_rules(lines, side)
    if left < 0:
        raise NoTotals(
            side, ("total", *given), "side.given_above_total", {"given": problem.total - left, "total": problem.total}
        )
    if sum(lower) > left:
        raise NoTotals(
            side,
            ("total", *given, *(f"{side}[{at}].min" for at in derived if lines[at].min)),
            "side.min_above_total",
            {"need": sum(lower), "left": left},
        )
    upper = [max(left, low) if high is None else high for low, high in zip(lower, most, strict=True)]
    highest = sum(top if weight else low for top, weight, low in zip(upper, weights, lower, strict=True))
    if highest < left:
        raise NoTotals(
            side,
            (
                "total",
                *given,
                *(f"{side}[{at}].max" for at in derived if lines[at].weight and lines[at].max is not None),
                *(f"{side}[{at}].{'weight' if side == 'units' else 'share'}" for at in derived if not lines[at].weight),
            ),
            "side.max_below_total",
            {"room": highest, "left": left},
        )
    place = {at: position for position, at in enumerate(derived)}
    order = [place[at] for at in (problem.drawing_order if side == "units" else derived) if at in place]
    parts = spread(weights, left, lower, upper, order)
    assert parts is not None
    return parts


def _largest_remainder(problem: Problem, lines: tuple[Line, ...], derived: list[int], left: int) -> list[int]:
    """Floors of share × total, then one seat each to the largest fractions, the earlier first (SPEC, Lines)."""
    quotas = [(lines[at].weight or Fraction(0)) * problem.total for at in derived]
    parts = [floor(quota) for quota in quotas]
    open_seats = left - sum(parts)
    given = given_rules(lines, "categories")
    shares = tuple(f"categories[{at}].share" for at in derived)
    if open_seats < 0:
        raise NoTotals(
            "categories",
            ("total", *given, *shares),
            "categories.floors_above_total",
            {"floors": sum(parts), "left": left},
        )
    if open_seats > len(derived):
        raise NoTotals(
            "categories",
            ("total", *given, *shares),
            "categories.shares_below_total",
            {"floors": sum(parts), "left": left, "lines": len(derived), "most": sum(parts) + len(derived)},
        )
    by_fraction = sorted(range(len(derived)), key=lambda i: (parts[i] - quotas[i], i))
    for i in by_fraction[:open_seats]:
        parts[i] += 1
    for at, seats in zip(derived, parts, strict=True):
        low, high = lines[at].min, lines[at].max
        if low is not None and seats < low:
            raise NoTotals(
                "categories",
                (f"categories[{at}].share", f"categories[{at}].min"),
                "category.share_below_min",
                {"line": at, "seats": seats, "min": low},
            )
        if high is not None and seats > high:
            raise NoTotals(
                "categories",
                (f"categories[{at}].share", f"categories[{at}].max"),
                "category.share_above_max",
                {"line": at, "seats": seats, "max": high},
            )
    return parts
