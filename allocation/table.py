"""The matrix to be filled, with exact totals only: what both the fair shares and the direct method work on.

Free lines are folded in. If units may be free, one more column takes what a unit leaves of its maximum; if categories
may be free, one more row does the same. The cells of that row and column cost nothing ("plain"), so that every problem
without groups is one transportation problem. Knows no names.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import lcm, log

import numpy as np
from numpy.typing import NDArray

from allocation.problem import Problem
from allocation.totals import Ranges

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class GroupMask:
    """The real cells of a group and the bounds on their sum."""

    cells: Bools
    low: int
    high: int


@dataclass(frozen=True)
class Table:
    """`units` × `categories` real cells, and the plain column and row where lines are free.

    `row_totals`, `column_totals`, `upper`, `log_weight` have the size of the folded table; `unbounded` stands for no upper bound.
    """

    units: int
    categories: int
    total: int
    weights: tuple[tuple[Fraction, ...], ...]
    row_totals: Ints
    column_totals: Ints
    lower: Ints
    upper: Ints
    log_weight: Floats
    row_low: Ints
    row_high: Ints
    column_low: Ints
    column_high: Ints
    row_free: Bools
    column_free: Bools
    groups: tuple[GroupMask, ...]
    drawing_order: tuple[int, ...]

    @property
    def row_slack(self) -> bool:
        return bool(self.row_free.any())

    @property
    def column_slack(self) -> bool:
        return bool(self.column_free.any())

    @property
    def unbounded(self) -> int:
        return self.total + 1

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.row_totals), len(self.column_totals)

    @cached_property
    def plain(self) -> Bools:
        """Cells that cost nothing: the folded row and column."""
        result = np.zeros(self.shape, dtype=np.bool_)
        result[self.units :, :] = True
        result[:, self.categories :] = True
        return result

    @cached_property
    def integer_weights(self) -> tuple[list[list[int]], int]:
        """The weights as integers over one common denominator."""
        scale = lcm(*{w.denominator for row in self.weights for w in row})
        if scale == 1:
            return [[w.numerator for w in row] for row in self.weights], 1
        return [[w.numerator * (scale // w.denominator) for w in row] for row in self.weights], scale

    def within(self, lower: Ints, upper: Ints) -> Table:
        """The same table with tighter bounds on its real cells."""
        low, high = self.lower.copy(), self.upper.copy()
        real = (slice(0, self.units), slice(0, self.categories))
        low[real] = np.maximum(low[real], lower)
        high[real] = np.minimum(high[real], upper)
        return replace(self, lower=low, upper=high)


def log_of(number: Fraction) -> float:
    """Natural logarithm of a positive fraction of any size."""
    return log(number.numerator) - log(number.denominator)


def build(problem: Problem, rows: Ranges, columns: Ranges) -> Table:
    """The folded table of a problem whose totals have been derived. Does not ask whether it can be filled."""
    m, n, total = len(rows.low), len(columns.low), problem.total
    row_slack, column_slack = not rows.all_exact, not columns.all_exact
    height, width = m + column_slack, n + row_slack
    lower = np.zeros((height, width), dtype=np.int64)
    upper = np.full((height, width), total + 1, dtype=np.int64)
    row_top = np.array(rows.high, dtype=np.int64)
    column_top = np.array(columns.high, dtype=np.int64)
    row_totals, column_totals = row_top, column_top
    if row_slack:
        upper[:m, n] = row_top - np.array(rows.low, dtype=np.int64)
        column_totals = np.append(column_totals, row_top.sum() - total)
    if column_slack:
        upper[m, :n] = column_top - np.array(columns.low, dtype=np.int64)
        row_totals = np.append(row_totals, column_top.sum() - total)
    if row_slack and column_slack:
        upper[m, n] = 0
    log_weight = np.full((height, width), -np.inf)
    above = np.array([[float(w.numerator) for w in line] for line in problem.weights])
    below = np.array([[float(w.denominator) for w in line] for line in problem.weights])
    with np.errstate(divide="ignore"):
        log_weight[:m, :n] = np.log(above) - np.log(below)
    upper[:m, :n][np.isneginf(log_weight[:m, :n])] = 0
    log_weight[m:, :] = 0.0
    log_weight[:, n:] = 0.0
    for rule in problem.at_least:
        lower[rule.unit, rule.category] = rule.seats
    for rule in problem.at_most:
        upper[rule.unit, rule.category] = min(int(upper[rule.unit, rule.category]), rule.seats)
    return Table(
        m,
        n,
        total,
        problem.weights,
        row_totals,
        column_totals,
        lower,
        upper,
        log_weight,
        np.array(rows.low, dtype=np.int64),
        row_top,
        np.array(columns.low, dtype=np.int64),
        column_top,
        np.array(rows.free),
        np.array(columns.free),
        _groups(problem),
        problem.drawing_order,
    )


def _groups(problem: Problem) -> tuple[GroupMask, ...]:
    masks = []
    for group in problem.groups:
        cells = np.zeros((len(problem.units), len(problem.categories)), dtype=np.bool_)
        cells[np.ix_(group.units, group.categories)] = True
        masks.append(GroupMask(cells, group.min or 0, problem.total + 1 if group.max is None else group.max))
    return tuple(masks)
