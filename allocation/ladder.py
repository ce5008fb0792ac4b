"""The steps of the ladder, in logarithms: what the next seat of a cell costs and what its last seat saves. Floats.

Used to propose; nothing is decided from these numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import log
from types import EllipsisType

import numpy as np

from allocation.table import Floats, Ints, Table

Cells = EllipsisType | tuple[Ints, Ints] | tuple[slice, slice] | Ints
ANEW = 20_000  # with more moves than this, only those that changed are computed again


def next_cost(table: Table, seats: Ints, at: Cells = ...) -> Floats:
    """ln((x + ½)/w) where one more seat is allowed, else +∞; 0 in plain cells. `seats` are those of the cells `at`."""
    cost = np.log(seats + 0.5) - table.log_weight[at]
    if table.folded:
        cost = np.where(table.plain[at], 0.0, cost)
    return np.where(seats < table.upper[at], cost, np.inf)


def last_cost(table: Table, seats: Ints, at: Cells = ...) -> Floats:
    """ln((x − ½)/w) where one seat fewer is allowed, else −∞; 0 in plain cells. `seats` are those of the cells `at`."""
    cost = np.log(np.maximum(seats, 1) - 0.5) - table.log_weight[at]
    if table.folded:
        cost = np.where(table.plain[at], 0.0, cost)
    return np.where(seats > table.lower[at], cost, -np.inf)


def steps_cost(table: Table, unit: int, category: int, before: int, after: int) -> float:
    """What a real cell adds to the objective when its seats change from `before` to `after`."""
    low, high = sorted((before, after))
    cost = sum(log(k - 0.5) - float(table.log_weight[unit, category]) for k in range(low + 1, high + 1))
    return cost if after == high else -cost


def move_costs(up: Floats, down: Floats) -> tuple[Floats, Ints]:
    """For columns j → k the cheapest way to move one seat within some row, and the row that does it."""
    width = up.shape[1]
    best = np.empty((width, width))
    who = np.empty((width, width), dtype=np.int64)
    together = max(ANEW // up.size, 1)  # columns at a time: all of them where that fits the processor's cache
    for start in range(0, width, together):
        block = slice(start, start + together)
        cost = up[:, None, :] - down[:, block, None]
        who[block] = cost.argmin(axis=0)
        best[block] = cost.min(axis=0)
    return best, who


def tightest(cost: Floats) -> float:
    """The least mean cost of a cycle of moves (Karp): how much room the numbers of the columns have."""
    width = len(cost)
    layers = np.zeros((width + 1, width))
    for k in range(width):
        (layers[k][:, None] + cost).min(axis=0, out=layers[k + 1])
    last = layers[width]
    with np.errstate(invalid="ignore"):
        means = (last - layers[:width]) / (width - np.arange(width))[:, None]
    means[np.isnan(means)] = -np.inf
    worst = means.max(axis=0)
    worst[np.isinf(last)] = np.inf
    return float(worst.min())


def centred(cost: Floats) -> Floats:
    """Column logarithms b with b_k − b_j ≤ cost[j, k], halfway between the largest and the smallest such."""
    largest, smallest = np.zeros(len(cost)), np.zeros(len(cost))
    for _ in range(len(cost)):
        largest = np.minimum(largest, (largest[:, None] + cost).min(axis=0))
        smallest = np.maximum(smallest, (smallest - cost).max(axis=1))
    result: Floats = (largest + smallest) / 2
    return result


class Ladder:
    """A matrix with its ladder: `up` and `down` for every cell, `cost` and `who` for every move between columns."""

    def __init__(self, table: Table, seats: Ints) -> None:
        self.table = table
        self.seats = seats
        self.renew()

    def renew(self) -> None:
        """Computes all anew after seats were changed from outside."""
        self.up = next_cost(self.table, self.seats)
        self.down = last_cost(self.table, self.seats)
        self.cost, self.who = move_costs(self.up, self.down)
        self._room: float | None = None

    @property
    def room(self) -> float:
        """The room that the numbers of the columns have; below 0 the matrix can be improved."""
        if self._room is None:
            self._room = tightest(self.cost)
        return self._room

    def move(self, steps: Iterable[tuple[int, int]]) -> None:
        """Moves one seat along each step j → k, in the row where that is cheapest."""
        self._room = None
        touched = set()
        for j, k in steps:
            row = int(self.who[j, k])
            touched.add(row)
            for column, by in ((j, -1), (k, 1)):
                self.seats[row, column] += by
                self._mark(row, column)
        if self.up.size * self.up.shape[1] <= ANEW:
            self.cost, self.who = move_costs(self.up, self.down)
            return
        rows = np.array(sorted(touched))
        for j, k in np.argwhere(np.isin(self.who, rows)):
            line = self.up[:, k] - self.down[:, j]
            self.who[j, k] = line.argmin()
            self.cost[j, k] = line[self.who[j, k]]
        for row in rows:
            offer = self.up[row][None, :] - self.down[row][:, None]
            better = offer < self.cost
            self.cost[better] = offer[better]
            self.who[better] = row

    def _mark(self, row: int, column: int) -> None:
        """One cell's costs after its seats have changed."""
        table, seats = self.table, int(self.seats[row, column])
        free = table.folded and bool(table.plain[row, column])
        weight = float(table.log_weight[row, column])
        may_rise, may_fall = seats < table.upper[row, column], seats > table.lower[row, column]
        self.up[row, column] = (0.0 if free else log(seats + 0.5) - weight) if may_rise else np.inf
        self.down[row, column] = (0.0 if free else log(seats - 0.5) - weight) if may_fall else -np.inf
