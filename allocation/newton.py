"""Finds, in floats, the numbers of the lines that give the fair shares: Newton's method on the dual. Proposes only.

Every line (unit, category, the total, group) has a range for its sum and a number, kept as a logarithm: with `exact`
lines the sum must be met; others keep the number 1 (logarithm 0) strictly inside their range, above 1 at the low end,
below 1 at the high end. Units are eliminated first (their block is diagonal), so that thousands of them cost little.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from allocation.table import Bools, Floats, Ints, Table

UNREACHED = 1e18
LEAST_DAMPING = 1e-13
LARGEST = 600.0  # of a product's logarithm, to stay among floats
LONGEST_STEP = 20.0
NOTHING_MORE = 1e-11  # a logarithm this small is the number 1


@dataclass
class Lines:
    """All lines of a table: units, categories, the total, groups; and the cells with their weights and bounds.

    `spread` are the cells of the total and of each group; those in `binding` (positions) may have numbers other than 1. A
    spread that does not bind counts as exact with the sum 0.
    """

    low: Floats
    high: Floats
    exact: Bools
    log_weight: Floats
    lower: Floats
    upper: Floats
    spread: list[Bools]
    binding: list[int]

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
        for at in self.binding:
            if logs[m + n + at]:
                result = result + logs[m + n + at] * self.spread[at]
        return result

    def sums(self, table: Floats) -> Floats:
        """For every line the sum over its cells; nothing for a spread that binds nothing."""
        m, n = self.log_weight.shape
        result = np.zeros(len(self.low))
        result[:m] = table.sum(axis=1)
        result[m : m + n] = table.sum(axis=0)
        for at in self.binding:
            result[m + n + at] = table[self.spread[at]].sum()
        return result

    @cached_property
    def bounded(self) -> bool:
        """Whether any cell that may hold seats has a bound of its own."""
        return bool((self.lower > 0).any() or np.isfinite(self.upper[np.isfinite(self.log_weight)]).any())

    @cached_property
    def goal(self) -> float:
        """The largest miss of a line that counts as none."""
        return 1e-12 * max(1.0, float(self.low.max(initial=1.0)))


def lines_of(table: Table) -> Lines:
    """Units, then categories, then the total where no line fixes it, then groups."""
    m, n = table.units, table.categories
    both_free = table.row_slack and table.column_slack
    total = [table.total if both_free else 0]
    low = np.concatenate([table.row_low, table.column_low, total, [group.low for group in table.groups]]).astype(float)
    high = np.concatenate([table.row_high, table.column_high, total, [group.high for group in table.groups]]).astype(
        float
    )
    high[high > table.total] = UNREACHED
    exact = np.concatenate([~table.row_free, ~table.column_free, [True], [g.low == g.high for g in table.groups]])
    upper = table.upper[:m, :n].astype(float)
    upper[upper > table.total] = np.inf
    log_weight = table.log_weight[:m, :n].copy()
    log_weight[upper == 0] = -np.inf
    log_weight[table.row_high == 0, :] = -np.inf
    log_weight[:, table.column_high == 0] = -np.inf
    spread = [np.ones((m, n), dtype=np.bool_), *(group.cells for group in table.groups)]
    binding = [*([0] if both_free else []), *range(1, len(spread))]
    return Lines(
        low, high, exact.astype(np.bool_), log_weight, table.lower[:m, :n].astype(float), upper, spread, binding
    )


@dataclass
class Point:
    """What numbers give: the shares, those that move with the numbers (0 where held to a bound), the sums of all lines,
    and the convex function whose least value belongs to the fair shares."""

    shares: Floats
    moving: Floats
    sums: Floats
    dual: float


def point(lines: Lines, logs: Floats) -> Point:
    """The shares, and what follows from them, at numbers given by their logarithms."""
    s = lines.log_weight + lines.exponents(logs)
    product = np.exp(np.minimum(s, LARGEST))
    ends = float(np.where(logs > 0, logs * lines.low, logs * lines.high).sum())
    if not lines.bounded:
        return Point(product, product, lines.sums(product), float(product.sum()) - ends)
    low, high = product < lines.lower, product > lines.upper
    shares = np.where(low, lines.lower, np.where(high, lines.upper, product))
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.where(low, lines.lower * (s - np.log(lines.lower)) + lines.lower, product)
        value = np.where(high, lines.upper * (s - np.log(lines.upper)) + lines.upper, value)
    value = np.where(np.isneginf(lines.log_weight) | (lines.upper == 0), 0.0, value)
    inside = (product > lines.lower) & (product < lines.upper)
    return Point(shares, shares * inside, lines.sums(shares), float(value.sum()) - ends)


def _sweep(lines: Lines, logs: Floats) -> None:
    """One round of scaling: each unit, category, the total and each group in turn is brought into its range."""
    m, n = lines.log_weight.shape
    for block in (slice(0, m), slice(m, m + n), *(slice(m + n + at, m + n + at + 1) for at in lines.binding)):
        for _ in range(3 if lines.bounded else 1):
            here = point(lines, logs)
            sums = here.sums[block]
            free = lines.sums(here.moving)[block] if lines.bounded else sums
            now = logs[block]
            wanted = np.clip(sums, lines.low[block], lines.high[block])
            pull = ~lines.exact[block] & (now != 0)
            wanted = np.where(pull, np.where(now > 0, lines.low[block], lines.high[block]), wanted)
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                step = np.log(np.maximum(wanted - (sums - free), 0.0) / free)
            step = np.where(
                free > 0,
                np.clip(step, -30.0, 30.0),
                np.where(wanted > sums, 1.0, np.where(wanted < sums, -1.0, 0.0)),
            )
            step[wanted == sums] = 0.0
            new = now + step
            logs[block] = np.where(~lines.exact[block] & (new * now < 0), 0.0, new)


def residual(lines: Lines, logs: Floats, sums: Floats) -> Floats:
    """How far each line is from its condition, in seats."""
    if lines.exact.all():
        return sums - lines.low
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
    here = point(lines, logs)
    for _ in range(rounds):
        worst = float(np.abs(residual(lines, logs, here.sums)).max())
        if worst <= lines.goal:
            logs[~lines.exact & (np.abs(logs) < NOTHING_MORE)] = 0.0
            return logs
        stuck = 0 if worst < best * 0.9 else stuck + 1
        best = min(best, worst)
        if stuck > 60 or not np.isfinite(worst):
            return None
        found = _walk(lines, logs, here, *_step(lines, logs, here, damping))
        if found is not None:
            logs, here = found
            damping = max(damping / 100, LEAST_DAMPING)
        elif damping < 1.0:
            damping = max(damping * 1000, 1e-9)
        else:
            damping = LEAST_DAMPING
            _sweep(lines, logs)
            here = point(lines, logs)
    return None


def _step(lines: Lines, logs: Floats, here: Point, damping: float) -> tuple[Floats, Floats]:
    """A Newton step on the active lines, and the side of 1 on which free lines' numbers must stay (0 for exact lines)."""
    if lines.exact.all():
        return newton_step(lines, here.moving, lines.low - here.sums, lines.exact, damping), np.zeros(len(logs))
    near = np.abs(logs) < 1e-12
    at_low = ~lines.exact & np.where(near, here.sums < lines.low - 1e-13, logs > 0)
    at_high = ~lines.exact & np.where(near, here.sums > lines.high + 1e-13, logs < 0)
    active = lines.exact | at_low | at_high
    target = np.where(at_high, lines.high, np.where(active, lines.low, here.sums))
    back = np.where(active, 0.0, -logs)
    rhs = target - here.sums
    if back.any():
        rhs = rhs - lines.sums(here.moving * lines.exponents(back))
    step = back + newton_step(lines, here.moving, rhs, active, damping)
    return step, np.where(at_low, 1.0, np.where(at_high, -1.0, 0.0))


def newton_step(lines: Lines, moving: Floats, rhs: Floats, active: Bools, damping: float) -> Floats:
    """Solves for the changes of active lines' logarithms that change their sums by `rhs`; `moving` are the free shares."""
    m, n = moving.shape
    rows, columns = moving.sum(axis=1), moving.sum(axis=0)
    spread = [at for at in lines.binding if active[m + n + at]]
    parts = [moving * lines.spread[at] for at in spread]
    border = np.column_stack([moving, *(part.sum(axis=1) for part in parts)]) if parts else moving
    corner = np.zeros((n + len(parts), n + len(parts)))
    corner[np.arange(n), np.arange(n)] = columns
    for at, part in enumerate(parts, n):
        corner[:n, at] = corner[at, :n] = part.sum(axis=0)
        for other, more in enumerate(spread, n):
            corner[at, other] = float(part[lines.spread[more]].sum())
    place: slice | Ints = slice(m, m + n)
    if parts or not active[m : m + n].all():
        rest = np.concatenate([np.flatnonzero(active[m : m + n]), np.arange(n, n + len(parts))])
        border, corner = border[:, rest], corner[np.ix_(rest, rest)]
        place = np.array([*range(m, m + n), *(m + n + at for at in spread)], dtype=np.int64)[rest]
    # Scaling all units up and all categories down changes nothing: a whisper of damping chooses among the solutions.
    diagonal = corner.diagonal()
    scale = max(float(rows.max(initial=0.0)), float(diagonal.max(initial=0.0)))
    rows = rows + damping * (rows + 1e-4 * scale + 1e-280)
    corner.ravel()[:: len(corner) + 1] += damping * (diagonal + 1e-4 * scale + 1e-280)
    inverse = np.where(active[:m], 1.0 / rows, 0.0)
    weighted = border * inverse[:, None]
    square = corner - border.T @ weighted
    right = rhs[place] - weighted.T @ rhs[:m]
    try:
        solved = np.linalg.solve(square, right)
    except np.linalg.LinAlgError:
        solved = np.linalg.lstsq(square, right, rcond=None)[0]
    result = np.zeros(len(rhs))
    result[place] = solved
    result[:m] = inverse * (rhs[:m] - border @ solved)
    if not np.isfinite(result).all():
        result = np.nan_to_num(result)
    return np.minimum(np.maximum(result, -LONGEST_STEP), LONGEST_STEP)


def _walk(lines: Lines, logs: Floats, here: Point, step: Floats, side: Floats) -> tuple[Floats, Point] | None:
    """Goes along the step as far as the dual falls; None when it does not."""
    size = 1.0
    for _ in range(25):
        new = logs + size * step
        new[new * side < 0] = 0.0
        there = point(lines, new)
        if there.dual <= here.dual + 1e-13 * max(1.0, abs(here.dual)):
            return new, there
        size /= 2
    return None
