"""Finds, in floats, the numbers of the lines that give the fair shares: Newton's method on the dual. Proposes only.

Every line (unit, category, the total, group) has a range for its sum and a number: with `exact` lines the sum must be
met; others keep the number 1 (logarithm 0) strictly inside their range, above 1 at the low end, below 1 at the high end.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from allocation.table import Bools, Floats, Table

UNREACHED = 1e18
LEAST_DAMPING = 1e-13
NOTHING = -60.0  # logarithm of the largest product on a line without seats


@dataclass
class Lines:
    """All lines of a table over its real cells (flattened): 0/1 incidence, range, whether the sum is exact."""

    incidence: Floats
    low: Floats
    high: Floats
    exact: Bools
    log_weight: Floats
    lower: Floats
    upper: Floats
    units: int
    categories: int

    def shares(self, logs: Floats) -> tuple[Floats, Bools]:
        """The products of the cells held to their bounds, and which are strictly inside."""
        with np.errstate(over="ignore", under="ignore"):
            product = np.exp(np.minimum(self.log_weight + logs @ self.incidence, 600.0))
        inside = (product > self.lower) & (product < self.upper)
        return np.clip(product, self.lower, self.upper), inside

    def dual(self, logs: Floats) -> float:
        """The convex function whose least value belongs to the fair shares."""
        s = self.log_weight + logs @ self.incidence
        with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
            product = np.exp(np.minimum(s, 600.0))
            low_end, high_end = np.log(self.lower), np.log(self.upper)
            at_low = self.lower * (s - low_end) + self.lower
            at_high = self.upper * (s - high_end) + self.upper
            value = np.where(product < self.lower, at_low, np.where(product > self.upper, at_high, product))
            value = np.where(np.isneginf(self.log_weight) | (self.upper == 0), 0.0, value)
        ends = np.where(logs > 0, logs * self.low, logs * self.high)
        return float(value.sum() - ends.sum())

    @cached_property
    def has_bounds(self) -> bool:
        return bool((self.lower > 0).any() or np.isfinite(self.upper[np.isfinite(self.log_weight)]).any())


def lines_of(table: Table) -> Lines:
    """Units, then categories, then the total where no line fixes it, then groups."""
    m, n = table.units, table.categories
    cells = m * n
    incidence = np.zeros((m + n + 1 + len(table.groups), cells))
    grid = np.arange(cells)
    incidence[grid // n, grid] = 1.0
    incidence[m + grid % n, grid] = 1.0
    incidence[m + n] = 1.0
    for at, group in enumerate(table.groups):
        incidence[m + n + 1 + at] = group.cells.ravel()
    both_free = table.row_slack and table.column_slack
    ends = [(float(g.low), float(g.high)) for g in table.groups]
    total = float(table.total)
    low = np.concatenate([table.row_low, table.column_low, [total if both_free else -UNREACHED],
                          [e[0] for e in ends]])
    high = np.concatenate([table.row_high, table.column_high, [total if both_free else UNREACHED], [e[1] for e in ends]])
    high = np.where(high > total, UNREACHED, high)
    exact = np.concatenate([~table.row_free, ~table.column_free, [both_free], np.zeros(len(ends), dtype=np.bool_)])
    upper = table.upper[:m, :n].astype(float).ravel()
    upper[upper > table.total] = np.inf
    log_weight = table.log_weight[:m, :n].ravel().copy()
    log_weight[upper == 0] = -np.inf
    empty = np.concatenate([table.row_high == 0, table.column_high == 0])
    log_weight[incidence[:m + n][empty].sum(axis=0) > 0] = -np.inf
    return Lines(incidence, low.astype(float), high.astype(float), exact.astype(np.bool_), log_weight,
                 table.lower[:m, :n].astype(float).ravel(), upper, m, n)


def rest_empty_lines(table: Table, logs: Floats) -> None:
    """Gives lines that must stay empty a number small enough to make every product on them nothing."""
    m, n = table.units, table.categories
    weights = np.where(table.upper[:m, :n] == 0, -np.inf, table.log_weight[:m, :n])
    columns = np.where(table.column_high == 0, -np.inf, logs[m:m + n] + logs[m + n])
    for i in np.flatnonzero((table.row_high == 0) & ~table.row_free).tolist():
        largest = float((weights[i] + columns).max())
        logs[i] = NOTHING - largest if np.isfinite(largest) else 0.0
    rows = logs[:m, None]
    for j in np.flatnonzero((table.column_high == 0) & ~table.column_free).tolist():
        largest = float((weights[:, j] + rows[:, 0]).max())
        logs[m + j] = NOTHING - largest - logs[m + n] if np.isfinite(largest) else 0.0


def _sweep(lines: Lines, logs: Floats) -> None:
    """One round of scaling: each unit, category, the total and each group in turn is brought into its range."""
    m, n = lines.units, lines.categories
    blocks = [np.arange(m), np.arange(m, m + n)] + [np.array([at]) for at in range(m + n, len(logs))]
    for block in blocks:
        for _ in range(1 if not lines.has_bounds else 3):
            shares, inside = lines.shares(logs)
            sums = lines.incidence[block] @ shares
            wanted = np.clip(sums, lines.low[block], lines.high[block])
            pull = ~lines.exact[block] & (logs[block] != 0)
            wanted = np.where(pull, np.where(logs[block] > 0, lines.low[block], lines.high[block]), wanted)
            free = lines.incidence[block] @ (shares * inside)
            held = sums - free
            with np.errstate(divide="ignore", invalid="ignore"):
                step = np.log(np.maximum(wanted - held, 0.0) / free)
            step = np.where(free > 0, np.clip(np.nan_to_num(step, neginf=-30.0, posinf=30.0), -30.0, 30.0),
                            np.where(wanted > sums, 1.0, np.where(wanted < sums, -1.0, 0.0)))
            step[(wanted == sums)] = 0.0
            new = logs[block] + step
            crossed = ~lines.exact[block] & (new * logs[block] < 0)
            logs[block] = np.where(crossed, 0.0, new)


def residual(lines: Lines, logs: Floats, shares: Floats) -> Floats:
    """How far each line is from its condition, in seats (a free number away from 1 counts by its distance to its end)."""
    sums = lines.incidence @ shares
    miss = sums - np.clip(sums, lines.low, lines.high)
    pulled = ~lines.exact & (logs > 0)
    pushed = ~lines.exact & (logs < 0)
    miss = np.where(pulled, np.minimum(np.abs(sums - lines.low), 1e9) * np.sign(sums - lines.low), miss)
    return np.where(pushed, sums - lines.high, miss)


def solve(lines: Lines, start: Floats | None = None, sweeps: int = 4, rounds: int = 150,
          tolerance: float = 1e-12) -> Floats | None:
    """Logarithms of the numbers, or None when they do not settle."""
    count = len(lines.low)
    logs = np.zeros(count) if start is None else start.copy()
    if start is None:
        _first_guess(lines, logs)
    for _ in range(sweeps):
        _sweep(lines, logs)
    goal = tolerance * max(1.0, float(lines.low.max(initial=1.0)))
    best = np.inf
    stuck = 0
    damping = LEAST_DAMPING
    for _ in range(rounds):
        shares, inside = lines.shares(logs)
        sums = lines.incidence @ shares
        miss = residual(lines, logs, shares)
        worst = float(np.abs(miss).max())
        if worst <= goal:
            logs[~lines.exact & (np.abs(logs) < 1e-11)] = 0.0
            return logs
        stuck = 0 if worst < best * 0.9 else stuck + 1
        best = min(best, worst)
        if stuck > 60 or not np.isfinite(worst):
            return None
        step, side = _step(lines, logs, shares, inside, sums, damping)
        if _walk(lines, logs, step, side):
            damping = max(damping / 100, LEAST_DAMPING)
        elif damping < 1.0:
            damping = max(damping * 1000, 1e-9)
        else:
            damping = LEAST_DAMPING
            _sweep(lines, logs)
    return None


def _first_guess(lines: Lines, logs: Floats) -> None:
    finite = np.isfinite(lines.log_weight)
    if finite.any():
        logs[lines.units:lines.units + lines.categories] = np.where(
            lines.exact[lines.units:lines.units + lines.categories], -float(lines.log_weight[finite].max()), 0.0)


def _step(lines: Lines, logs: Floats, shares: Floats, inside: Bools, sums: Floats,
          damping: float) -> tuple[Floats, Floats]:
    """A Newton step on the active lines, and the side of 1 on which free lines' numbers must stay (0 for exact lines)."""
    near = np.abs(logs) < 1e-12
    at_low = ~lines.exact & np.where(near, sums < lines.low - 1e-13, logs > 0)
    at_high = ~lines.exact & np.where(near, sums > lines.high + 1e-13, logs < 0)
    active = lines.exact | at_low | at_high
    target = np.where(at_low, lines.low, np.where(at_high, lines.high, np.where(lines.exact, lines.low, sums)))
    step = np.where(active, 0.0, -logs)
    weighted = lines.incidence * (shares * inside)
    slope = weighted @ lines.incidence.T
    rhs = target - sums - slope @ step
    index = np.flatnonzero(active)
    square = slope[np.ix_(index, index)]
    diagonal = np.diag(square).copy()
    # Scaling all units up and all categories down changes nothing: a whisper of damping chooses among the solutions.
    square[np.diag_indices_from(square)] += damping * (diagonal + 1e-4 * diagonal.max(initial=0.0) + 1e-280)
    try:
        solved = np.linalg.solve(square, rhs[index])
    except np.linalg.LinAlgError:
        solved = np.linalg.lstsq(square, rhs[index], rcond=None)[0]
    step[index] = np.clip(np.nan_to_num(solved), -20.0, 20.0)
    return step, np.where(at_low, 1.0, np.where(at_high, -1.0, 0.0))


def _walk(lines: Lines, logs: Floats, step: Floats, side: Floats) -> bool:
    """Goes along the step as far as the dual falls; False when it does not."""
    before = lines.dual(logs)
    size = 1.0
    for _ in range(25):
        new = logs + size * step
        new[new * side < 0] = 0.0
        after = lines.dual(new)
        if after <= before + 1e-13 * max(1.0, abs(before)):
            logs[:] = new
            return True
        size /= 2
    return False
