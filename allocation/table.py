"""The matrix to be filled, with exact totals only: what both the fair shares and the direct method work on.

Free lines are folded in. If units may be free, one more column takes what a unit leaves of its maximum; if categories
may be free, one more row does the same. The cells of that row and column cost nothing ("plain"), so that every problem
without groups is one transportation problem. Rows stand in drawing order, so that it makes no difference in which order
units are given, not even to the last place of a float. Knows no names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import log
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from allocation.problem import Problem
from allocation.products import WholeTable, whole_table
from allocation.totals import category_ranges, unit_ranges

T = TypeVar("T")
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

    `units_drawn` says which unit of the problem stands in each row.
    `row_totals`, `column_totals`, `upper`, `log_weight` have the size of the folded table; total + 1 stands for no upper bound.
    """

    units: int
    categories: int
    total: int
    weights: tuple[tuple[Fraction, ...], ...]
    integer_weights: WholeTable
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
    units_drawn: tuple[int, ...]

    @cached_property
    def row_slack(self) -> bool:
        return bool(self.row_free.any())

    @cached_property
    def column_slack(self) -> bool:
        return bool(self.column_free.any())

    @cached_property
    def folded(self) -> bool:
        """Whether there are free lines at all, and with them plain cells."""
        return self.row_slack or self.column_slack

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
    def bounded(self) -> bool:
        """Whether any cell that may hold seats has a bound of its own."""
        real = (slice(0, self.units), slice(0, self.categories))
        eligible = np.isfinite(self.log_weight[real])
        return bool((self.lower[real] > 0).any() or (self.upper[real][eligible] <= self.total).any())

    def given(self, rows: Sequence[T]) -> tuple[T, ...]:
        """What belongs to the rows, in the order in which the problem gives their units."""
        return tuple(rows[row] for row in np.argsort(self.units_drawn).tolist())

    def within(self, lower: Ints, upper: Ints) -> Table:
        """The same table with tighter bounds on its real cells."""
        low, high = self.lower.copy(), self.upper.copy()
        real = (slice(0, self.units), slice(0, self.categories))
        low[real] = np.maximum(low[real], lower)
        high[real] = np.minimum(high[real], upper)
        return replace(self, lower=low, upper=high)

    def with_seats(self, unit: int, category: int, seats: int) -> Table:
        """The same table with one real cell held to so many seats, whatever its bounds were."""
        low, high = self.lower.copy(), self.upper.copy()
        low[unit, category] = high[unit, category] = seats
        return replace(self, lower=low, upper=high)


def build(problem: Problem) -> Table:
    """The folded table of a problem. Does not ask whether it can be filled. Raises NoTotals."""
    rows, columns = unit_ranges(problem).of(problem.drawing_order), category_ranges(problem)
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
    weights = tuple(problem.weights[unit] for unit in problem.drawing_order)
    integer_weights = whole_table(weights)
    with np.errstate(divide="ignore"):
        log_weight[:m, :n] = np.log(np.array(integer_weights[0], dtype=np.float64)) - log(integer_weights[1])
    upper[:m, :n][np.isneginf(log_weight[:m, :n])] = 0
    log_weight[m:, :] = 0.0
    log_weight[:, n:] = 0.0
    row_of = {unit: row for row, unit in enumerate(problem.drawing_order)}
    for rule in problem.at_least:
        lower[row_of[rule.unit], rule.category] = rule.seats
    for rule in problem.at_most:
        cell = (row_of[rule.unit], rule.category)
        upper[cell] = min(int(upper[cell]), rule.seats)
    return Table(
        m,
        n,
        total,
        weights,
        integer_weights,
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
        _groups(problem, row_of),
        problem.drawing_order,
    )


def _groups(problem: Problem, row_of: Mapping[int, int]) -> tuple[GroupMask, ...]:
    masks = []
    for group in problem.groups:
        cells = np.zeros((len(problem.units), len(problem.categories)), dtype=np.bool_)
        cells[np.ix_([row_of[unit] for unit in group.units], group.categories)] = True
        masks.append(GroupMask(cells, group.min or 0, problem.total + 1 if group.max is None else group.max))
    return tuple(masks)
