"""The direct method: rounds every row at the fair shares' numbers, then moves seats between columns by cheapest paths.

A successive-shortest-path method in which the rows are folded away: a move j → k costs what the cheapest row asks for it
(Gaffke & Pukelsheim's discrete scaling gives the start, tie-and-transfer is the path). Works in floats and proposes a
matrix; `proof.py` proves or improves it in fractions.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from allocation.ladder import Ladder, last_cost, next_cost
from allocation.table import Floats, Ints, Table

NOISE = 1e-12
SCALINGS = 12


class NoMatrix(Exception):
    """The table cannot be filled within its bounds."""


def propose(table: Table, column_log: Floats) -> Ladder:
    """A matrix, with its ladder, with the table's totals within its bounds, optimal up to float rounding. Raises NoMatrix."""
    potential = np.zeros(table.shape[1])
    potential[: len(column_log)] = column_log
    seats = _round_rows(table, potential)
    if not table.folded:
        seats = _scaled(table, potential, seats)
    ladder = Ladder(table, seats)
    _balance(ladder)
    return ladder


def _scaled(table: Table, potential: Floats, seats: Ints) -> Ints:
    """Alternate scaling with rounding, as long as it brings the columns nearer to their totals."""
    missed = int(np.abs(seats.sum(axis=0) - table.column_totals).sum())
    best, strength = seats, 1.0
    for _ in range(SCALINGS):
        if missed <= 2 * table.shape[1]:
            break
        sums = best.sum(axis=0)
        trial = potential + strength * np.log((table.column_totals + 0.5) / (sums + 0.5))
        found = _round_rows(table, trial)
        now = int(np.abs(found.sum(axis=0) - table.column_totals).sum())
        if now < missed:
            best, missed, potential = found, now, trial
        else:
            strength /= 2
    return best


def _round_rows(table: Table, potential: Floats) -> Ints:
    """Every row at its Webster optimum for the column numbers given, bounds kept, row totals met."""
    share = table.log_weight + potential
    if table.folded:
        share[table.plain] = -np.inf
    highest = share.max(axis=1, keepdims=True)
    highest[np.isneginf(highest)] = 0.0
    part = np.exp(share - highest)
    sums = part.sum(axis=1)
    wanted = part * (table.row_totals / np.where(sums > 0, sums, 1.0))[:, None]
    seats: Ints = np.minimum(np.maximum(np.rint(wanted).astype(np.int64), table.lower), table.upper)
    if table.row_slack:
        # With free units the number of an inner unit is 1: its seats are the rounded products themselves.
        free = np.flatnonzero(table.row_free)
        seats[free] = np.clip(
            np.rint(np.exp(np.minimum(share[free], 40.0))).astype(np.int64),
            table.lower[free],
            np.minimum(table.upper[free], table.total),
        )
        rest = table.row_totals[: table.units] - seats[: table.units, :-1].sum(axis=1)
        seats[: table.units, -1] = np.clip(rest, 0, table.upper[: table.units, -1])
    if table.column_slack:
        seats[-1] = _cheapest_first(potential, table.upper[-1], int(table.row_totals[-1]))
    missing = table.row_totals - seats.sum(axis=1)
    for sign, step_cost in ((1, next_cost), (-1, last_cost)):
        rows = np.flatnonzero(missing * sign > 0)
        cost = sign * (step_cost(table, seats[rows], rows) - potential)
        while len(rows):
            at = cost.argmin(axis=1)
            if np.isinf(cost[np.arange(len(rows)), at]).any():
                raise NoMatrix
            seats[rows, at] += sign
            missing[rows] -= sign
            still = missing[rows] != 0
            rows, at, cost = rows[still], at[still], cost[still]
            cells = (rows, at)
            cost[np.arange(len(rows)), at] = sign * (step_cost(table, seats[cells], cells) - potential[at])
    return seats


def _cheapest_first(potential: Floats, upper: Ints, total: int) -> Ints:
    """A plain row at its optimum: its cells cost nothing but the numbers of their columns."""
    line = np.zeros_like(upper)
    for at in np.argsort(-potential, kind="stable").tolist():
        line[at] = min(int(upper[at]), total)
        total -= int(line[at])
    return line


def _balance(ladder: Ladder) -> None:
    """Moves surplus seats of columns to columns that lack them, each time along the cheapest path of rows."""
    surplus = ladder.seats.sum(axis=0) - ladder.table.column_totals
    while surplus.any():
        path = _cheapest_path(ladder.cost, surplus)
        ladder.move(pairwise(path))
        surplus[path[0]] -= 1
        surplus[path[-1]] += 1


def _cheapest_path(cost: Floats, surplus: Ints) -> list[int]:
    """Columns from one with a surplus to one that lacks seats, cheapest first, fewest moves among equals."""
    width = len(surplus)
    distance = np.where(surplus > 0, 0.0, np.inf)
    parent = np.full(width, -1)
    for _ in range(width):
        through = distance[:, None] + cost
        came = through.argmin(axis=0)
        reached = through[came, np.arange(width)]
        better = reached < distance - NOISE
        if not better.any():
            break
        distance = np.where(better, reached, distance)
        parent[better] = came[better]
    ends = np.where(surplus < 0, distance, np.inf)
    end = int(ends.argmin())
    if np.isinf(ends[end]):
        raise NoMatrix
    path = [end]
    while surplus[path[-1]] <= 0 or parent[path[-1]] >= 0:
        if parent[path[-1]] < 0 or len(path) > width:
            raise NoMatrix
        path.append(int(parent[path[-1]]))
    return path[::-1]
