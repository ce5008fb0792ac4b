"""The steps of the ladder, in logarithms: what the next seat of a cell costs and what its last seat saves. Floats.

Used to propose; nothing is decided from these numbers.
"""

from __future__ import annotations

import numpy as np

from allocation.table import Floats, Ints, Table


def next_cost(table: Table, seats: Ints) -> Floats:
    """ln((x + ½)/w) where one more seat is allowed, else +∞; 0 in plain cells."""
    with np.errstate(invalid="ignore", divide="ignore"):
        cost = np.where(table.plain, 0.0, np.log(seats + 0.5) - table.log_weight)
    return np.where(seats < table.upper, cost, np.inf)


def last_cost(table: Table, seats: Ints) -> Floats:
    """ln((x − ½)/w) where one seat fewer is allowed, else −∞; 0 in plain cells."""
    with np.errstate(invalid="ignore", divide="ignore"):
        cost = np.where(table.plain, 0.0, np.log(np.maximum(seats, 1) - 0.5) - table.log_weight)
    return np.where(seats > table.lower, cost, -np.inf)


def move_costs(up: Floats, down: Floats) -> tuple[Floats, Ints]:
    """For columns j → k the cheapest way to move one seat within some row, and the row that does it."""
    width = up.shape[1]
    best = np.full((width, width), np.inf)
    who = np.zeros((width, width), dtype=np.int64)
    for j in range(width):
        cost = up - down[:, j : j + 1]
        who[j] = cost.argmin(axis=0)
        best[j] = cost[who[j], np.arange(width)]
    return best, who
