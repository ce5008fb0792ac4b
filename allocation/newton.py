"""Finds, in floats, the numbers of the lines that give the fair shares: Newton's method on the dual. Proposes only.

Every line (unit, category, the total, group) has a range for its sum and a number, kept as a logarithm: with `exact`
lines the sum must be met; others keep the number 1 (logarithm 0) strictly inside their range, above 1 at the low end,
below 1 at the high end. Units are eliminated first (their block is diagonal), so that thousands of them cost little.
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
    """All lines of a table: units, categories, the total, groups; and the cells with their weights and bounds.

    `spread` are the cells of the total and of each group.
    """

    low: Floats
    high: Floats
    exact: Bools
    log_weight: Floats
    lower: Floats
    upper: Floats
    spread: list[Bools]

    @property
    def units(self) -> int:
        return int(self.log_weight.shape[0])

    @property
    def categories(self) -> int:
        return int(self.log_weight.shape[1])

    def exponents(self, logs: Floats) -> Floats:
        """For every cell the sum of the logarithms of its lines."""
        m, n = self.log_weight.shape
        result: Floats = logs[:m, None] + logs[m : m + n]
        for at, cells in enumerate(self.spread):
            if logs[m + n + at]:
                result = result + logs[m + n + at] * cells
        return result

    def sums(self, table: Floats) -> Floats:
        """For every line the sum over its cells."""
        return np.concatenate([table.sum(axis=1), table.sum(axis=0), [table[cells].sum() for cells in self.spread]])

    def shares(self, logs: Floats) -> tuple[Floats, Bools]:
        """The products of the cells held to their bounds, and which are strictly inside."""
        with np.errstate(over="ignore", under="ignore"):
            product = np.exp(np.minimum(self.log_weight + self.exponents(logs), 600.0))
        inside = (product > self.lower) & (product < self.upper)
        return np.minimum(np.maximum(product, self.lower), self.upper), inside

    def dual(self, logs: Floats) -> float:
        """The convex function whose least value belongs to the fair shares."""
        s = self.log_weight + self.exponents(logs)
        with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
            product = np.exp(np.minimum(s, 600.0))
            value = product
            if self.bounded:
                at_low = self.lower * (s - np.log(self.lower)) + self.lower
                at_high = self.upper * (s - np.log(self.upper)) + self.upper
                value = np.where(product < self.lower, at_low, np.where(product > self.upper, at_high, product))
                value = np.where(np.isneginf(self.log_weight) | (self.upper == 0), 0.0, value)
        ends = np.where(logs > 0, logs * self.low, logs * self.high)
        return float(value.sum() - ends.sum())

    @cached_property
    def bounded(self) -> bool:
        """Whether any cell that may hold seats has a bound of its own."""
        return bool((self.lower > 0).any() or np.isfinite(self.upper[np.isfinite(self.log_weight)]).any())

    @property
    def goal(self) -> float:
        """The largest miss of a line that counts as none."""
        return 1e-12 * max(1.0, float(self.low.max(initial=1.0)))


def lines_of(table: Table) -> Lines:
    """Units, then categories, then the total where no line fixes it, then groups."""
    m, n = table.units, table.categories
    both_free = table.row_slack and table.column_slack
    total = float(table.total)
    low = np.concatenate(
        [
            table.row_low,
            table.column_low,
            [total if both_free else -UNREACHED],
            [float(group.low) for group in table.groups],
        ]
    ).astype(float)
    high = np.concatenate(
        [
            table.row_high,
            table.column_high,
            [total if both_free else UNREACHED],
            [float(group.high) for group in table.groups],
        ]
    ).astype(float)
    high[high > total] = UNREACHED
    exact = np.concatenate(
        [~table.row_free, ~table.column_free, [both_free], np.zeros(len(table.groups), dtype=np.bool_)]
    ).astype(np.bool_)
    upper = table.upper[:m, :n].astype(float)
    upper[upper > table.total] = np.inf
    log_weight = table.log_weight[:m, :n].copy()
    log_weight[upper == 0] = -np.inf
    log_weight[table.row_high == 0, :] = -np.inf
    log_weight[:, table.column_high == 0] = -np.inf
    spread = [np.ones((m, n), dtype=np.bool_), *(group.cells for group in table.groups)]
    return Lines(low, high, exact, log_weight, table.lower[:m, :n].astype(float), upper, spread)


def rest_empty_lines(table: Table, lines: Lines, logs: Floats) -> None:
    """Gives lines that must stay empty a number small enough to make every product on them nothing."""
    m, n = table.units, table.categories
    weights = np.where(table.upper[:m, :n] == 0, -np.inf, table.log_weight[:m, :n])
    rows, columns = (table.row_high == 0) & ~table.row_free, (table.column_high == 0) & ~table.column_free
    if not rows.any() and not columns.any():
        return
    largest = np.where(columns, -np.inf, weights + lines.exponents(logs)).max(axis=1)
    logs[:m] += np.where(rows & np.isfinite(largest), NOTHING - largest, 0.0)
    largest = (weights + lines.exponents(logs)).max(axis=0)
    logs[m : m + n] += np.where(columns & np.isfinite(largest), NOTHING - largest, 0.0)


def _sweep(lines: Lines, logs: Floats) -> None:
    """One round of scaling: each unit, category, the total and each group in turn is brought into its range."""
    m, n = lines.log_weight.shape
    blocks = [slice(0, m), slice(m, m + n), *(slice(at, at + 1) for at in range(m + n, len(logs)))]
    for block in blocks:
        for _ in range(3 if lines.bounded else 1):
            shares, inside = lines.shares(logs)
            sums = lines.sums(shares)[block]
            free = lines.sums(shares * inside)[block] if lines.bounded else sums
            now = logs[block]
            wanted = np.clip(sums, lines.low[block], lines.high[block])
            pull = ~lines.exact[block] & (now != 0)
            wanted = np.where(pull, np.where(now > 0, lines.low[block], lines.high[block]), wanted)
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                step = np.log(np.maximum(wanted - (sums - free), 0.0) / free)
            step = np.where(
                free > 0,
                np.clip(np.nan_to_num(step, neginf=-30.0, posinf=30.0), -30.0, 30.0),
                np.where(wanted > sums, 1.0, np.where(wanted < sums, -1.0, 0.0)),
            )
            step[wanted == sums] = 0.0
            new = now + step
            logs[block] = np.where(~lines.exact[block] & (new * now < 0), 0.0, new)


def residual(lines: Lines, logs: Floats, sums: Floats) -> Floats:
    """How far each line is from its condition, in seats."""
    miss = sums - np.clip(sums, lines.low, lines.high)
    miss = np.where(~lines.exact & (logs > 0), sums - lines.low, miss)
    result: Floats = np.where(~lines.exact & (logs < 0), sums - lines.high, miss)
    return result


def solve(lines: Lines, sweeps: int = 1, rounds: int = 150) -> Floats | None:
    """Logarithms of the numbers, or None when they do not settle."""
    m, n = lines.log_weight.shape
    logs = np.zeros(len(lines.low))
    finite = np.isfinite(lines.log_weight)
    if finite.any():
        logs[m : m + n] = np.where(lines.exact[m : m + n], -float(lines.log_weight[finite].max()), 0.0)
    for _ in range(sweeps):
        _sweep(lines, logs)
    best, stuck, damping = np.inf, 0, LEAST_DAMPING
    for _ in range(rounds):
        shares, inside = lines.shares(logs)
        sums = lines.sums(shares)
        worst = float(np.abs(residual(lines, logs, sums)).max())
        if worst <= lines.goal:
            logs[~lines.exact & (np.abs(logs) < 1e-11)] = 0.0
            return logs
        stuck = 0 if worst < best * 0.9 else stuck + 1
        best = min(best, worst)
        if stuck > 60 or not np.isfinite(worst):
            return None
        step, side = _step(lines, logs, shares * inside, sums, damping)
        if _walk(lines, logs, step, side):
            damping = max(damping / 100, LEAST_DAMPING)
        elif damping < 1.0:
            damping = max(damping * 1000, 1e-9)
        else:
            damping = LEAST_DAMPING
            _sweep(lines, logs)
    return None


def _step(lines: Lines, logs: Floats, moving: Floats, sums: Floats, damping: float) -> tuple[Floats, Floats]:
    """A Newton step on the active lines, and the side of 1 on which free lines' numbers must stay (0 for exact lines)."""
    near = np.abs(logs) < 1e-12
    at_low = ~lines.exact & np.where(near, sums < lines.low - 1e-13, logs > 0)
    at_high = ~lines.exact & np.where(near, sums > lines.high + 1e-13, logs < 0)
    active = lines.exact | at_low | at_high
    target = np.where(at_low, lines.low, np.where(at_high, lines.high, np.where(lines.exact, lines.low, sums)))
    back = np.where(active, 0.0, -logs)
    rhs = target - sums
    if back.any():
        rhs = rhs - lines.sums(moving * lines.exponents(back))
    step = back + newton_step(lines, moving, rhs, active, damping)
    return step, np.where(at_low, 1.0, np.where(at_high, -1.0, 0.0))


def newton_step(lines: Lines, moving: Floats, rhs: Floats, active: Bools, damping: float) -> Floats:
    """Solves for the changes of active lines' logarithms that change their sums by `rhs`; `moving` are the free shares."""
    m, n = moving.shape
    rest = np.flatnonzero(active[m:])
    width = n + len(lines.spread)
    corner = np.zeros((width, width))
    corner[np.arange(n), np.arange(n)] = moving.sum(axis=0)
    border = np.zeros((m, width))
    border[:, :n] = moving
    for at, cells in enumerate(lines.spread):
        if not active[m + n + at]:
            continue
        part = moving * cells
        border[:, n + at] = part.sum(axis=1)
        corner[:n, n + at] = corner[n + at, :n] = part.sum(axis=0)
        for other, more in enumerate(lines.spread):
            corner[n + at, n + other] = corner[n + other, n + at] = float(part[more].sum())
    border = border[:, rest]
    corner = corner[np.ix_(rest, rest)]
    # Scaling all units up and all categories down changes nothing: a whisper of damping chooses among the solutions.
    rows = moving.sum(axis=1)
    diagonal = corner.ravel()[:: len(rest) + 1].copy()
    scale = max(float(rows.max(initial=0.0)), float(diagonal.max(initial=0.0)))
    rows = rows + damping * (rows + 1e-4 * scale + 1e-280)
    corner.ravel()[:: len(rest) + 1] += damping * (diagonal + 1e-4 * scale + 1e-280)
    live = active[:m]
    inverse = np.where(live, 1.0 / rows, 0.0)
    result = np.zeros(len(rhs))
    weighted = border * inverse[:, None]
    square = corner - border.T @ weighted
    right = rhs[m:][rest] - weighted.T @ rhs[:m]
    try:
        solved = np.linalg.solve(square, right)
    except np.linalg.LinAlgError:
        solved = np.linalg.lstsq(square, right, rcond=None)[0]
    solved = np.nan_to_num(solved)
    result[m + rest] = solved
    result[:m] = np.nan_to_num(inverse * (rhs[:m] - border @ solved))
    return np.clip(result, -20.0, 20.0)


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
