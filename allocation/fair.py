"""Fair shares: the one real matrix that meets totals, bounds and groups and is closest to the weights (SPEC).

Floats propose the numbers of the lines (`newton.py`); forty-digit decimals refine them; what is decided from them is
decided in integers, with the error bound E computed exactly from the numbers as printed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from math import exp, lcm, log

import numpy as np

from allocation import forced, newton
from allocation.table import Floats, Ints, Table, log_of

DIGITS = 16
MORE_DIGITS = (24, 40)
PRECISION = 60
SNAP_PARTS = 10**9  # a share within 1/SNAP_PARTS of a whole number counts as it
ERROR_PARTS = 10**10  # E must not be more than 1/ERROR_PARTS
REFINED_CELLS = 5000  # larger tables are printed from floats alone


@dataclass(frozen=True)
class Products:
    """Every cell's product as an integer over one denominator: weight × its numbers, not yet held to bounds."""

    cells: list[list[int]]
    denominator: int


def products(
    weights: Sequence[Sequence[int]],
    weight_scale: int,
    units: Sequence[Fraction],
    categories: Sequence[Fraction],
    total: Fraction = Fraction(1),
    groups: Sequence[tuple[Fraction, Sequence[Sequence[bool]]]] = (),
) -> Products:
    """Exact products; numbers that are decimals keep the denominator short."""
    unit_scale = _common(units)
    category_scale = _common(categories)
    rows = [number.numerator * (unit_scale // number.denominator) for number in units]
    columns = [number.numerator * (category_scale // number.denominator) * total.numerator for number in categories]
    denominator = weight_scale * unit_scale * category_scale * total.denominator
    cells = [
        [w * row * column for w, column in zip(line, columns, strict=True)]
        for line, row in zip(weights, rows, strict=True)
    ]
    for number, mask in groups:
        if number != 1:
            cells = [
                [
                    cell * (number.numerator if inside else number.denominator)
                    for cell, inside in zip(line, mask_line, strict=True)
                ]
                for line, mask_line in zip(cells, mask, strict=True)
            ]
            denominator *= number.denominator
    return Products(cells, denominator)


def _common(numbers: Sequence[Fraction]) -> int:
    scale = 1
    for number in numbers:
        if scale % number.denominator:
            scale = lcm(scale, number.denominator)
    return scale


@dataclass(frozen=True)
class Fair:
    """The numbers as printed, the shares (products held to bounds, over `denominator`), and what follows from them.

    `floor` and `ceiling` bound within-quota seats; `error` is E. `row_log`, `column_log` start the direct method.
    """

    units: tuple[str, ...]
    categories: tuple[str, ...]
    total: str
    groups: tuple[str, ...]
    shares: list[list[int]]
    denominator: int
    error: Fraction
    floor: Ints
    ceiling: Ints
    column_log: Floats

    def share(self, unit: int, category: int) -> Fraction:
        return Fraction(self.shares[unit][category], self.denominator)


class NoShares(Exception):
    """The numbers did not settle: the table cannot be filled, or its totals leave no inside."""


def fair_shares(table: Table) -> Fair:
    """The fair shares of a table that can be filled. Raises NoShares."""
    lines = newton.lines_of(table)
    logs = newton.solve(lines)
    if logs is None and not table.groups:
        logs = forced.solve(table)
    if logs is None:
        raise NoShares
    newton.rest_empty_lines(table, lines, logs)
    found: Fair | None = None
    for digits in (DIGITS, *MORE_DIGITS):
        found = _fair_from(table, _printed(table, lines, _normal(table, logs), digits), logs)
        if found.error * ERROR_PARTS > 1:
            # Cells that stand exactly at a bound can make the refinement step astray: the floats alone may do better.
            found = _fair_from(table, _printed(table, lines, _normal(table, logs), digits, refine=False), logs)
        if found.error * ERROR_PARTS <= 1 and not near_limit(found.shares, found.denominator, found.error):
            return found
        if lines.log_weight.size > REFINED_CELLS:
            break
    if found is None or found.error * ERROR_PARTS > 1:
        raise NoShares
    return found


def _fair_from(table: Table, numbers: list[str], logs: Floats) -> Fair:
    m, n = table.units, table.categories
    fractions = [Fraction(text) for text in numbers]
    masks = [g.cells.tolist() for g in table.groups]
    weights, scale = table.integer_weights
    found = products(
        weights,
        scale,
        fractions[:m],
        fractions[m : m + n],
        fractions[m + n],
        list(zip(fractions[m + n + 1 :], masks, strict=True)),
    )
    held = hold(found, table.lower, table.upper)
    error = share_error(table, held, found.denominator, fractions[:m], fractions[m : m + n])
    floors, ceilings = quota_bounds(held, found.denominator)
    return Fair(
        tuple(numbers[:m]),
        tuple(numbers[m : m + n]),
        numbers[m + n],
        tuple(numbers[m + n + 1 :]),
        held,
        found.denominator,
        error,
        np.array(floors, dtype=np.int64),
        np.array(ceilings, dtype=np.int64),
        logs[m : m + n] + logs[m + n],
    )


def near_limit(shares: list[list[int]], denominator: int, error: Fraction) -> bool:
    """Whether a share lies so near 10⁻⁹ from a whole number that E does not tell on which side."""
    limit = denominator // SNAP_PARTS
    width = error.numerator * denominator // error.denominator + 1
    low, high = limit - width, limit + width
    for line in shares:
        for cell in line:
            rest = cell % denominator
            if low <= rest <= high or low <= denominator - rest <= high:
                return True
    return False


def hold(found: Products, lower: Ints, upper: Ints) -> list[list[int]]:
    """The products held to the bounds of their cells."""
    d = found.denominator
    real = (slice(0, len(found.cells)), slice(0, len(found.cells[0])))
    if not lower[real].any() and upper[real].min() > sum(map(sum, found.cells)) // d:
        return found.cells
    return [
        [min(max(cell, low * d), high * d) for cell, low, high in zip(line, lows, highs, strict=False)]
        for line, lows, highs in zip(found.cells, lower.tolist(), upper.tolist(), strict=False)
    ]


def share_error(
    table: Table, shares: list[list[int]], denominator: int, units: Sequence[Fraction], categories: Sequence[Fraction]
) -> Fraction:
    """E: half of what units and categories miss of their totals together (SPEC, Certificate)."""
    row_sums = [sum(line) for line in shares]
    column_sums = [sum(line) for line in zip(*shares, strict=True)]
    missed = 0
    for numbers, sums, low, high, free in (
        (units, row_sums, table.row_low, table.row_high, table.row_free),
        (categories, column_sums, table.column_low, table.column_high, table.column_free),
    ):
        for at, value in enumerate(sums):
            missed += line_error(
                numbers[at], value, int(low[at]) * denominator, int(high[at]) * denominator, bool(free[at])
            )
    return Fraction(missed, 2 * denominator)


def line_error(number: Fraction, value: int, low: int, high: int, free: bool) -> int:
    """What a line misses: of its range, or of the end to which a number other than 1 binds a free line."""
    if free and number > 1:
        return abs(value - low)
    if free and number < 1:
        return abs(value - high)
    return max(low - value, value - high, 0)


def quota_bounds(shares: list[list[int]], denominator: int) -> tuple[list[list[int]], list[list[int]]]:
    """⌊q⌋ and ⌈q⌉ of every share; within 10⁻⁹ of a whole number both are that number."""
    snap = denominator // SNAP_PARTS
    # ⌊q⌋ of a share that lies just below a whole number is that number, and so is ⌈q⌉ of one just above it.
    floors = [[(cell + snap) // denominator for cell in line] for line in shares]
    ceilings = [[-((snap - cell) // denominator) for cell in line] for line in shares]
    return floors, ceilings


def _normal(table: Table, logs: Floats) -> Floats:
    """Where units and categories can be scaled against each other, the first drawn unit with seats gets the number 1."""
    if table.row_slack or table.column_slack:
        return logs
    m, n = table.units, table.categories
    first = next((at for at in table.drawing_order if table.row_high[at]), table.drawing_order[0])
    shifted = logs.copy()
    shifted[:m] -= logs[first]
    shifted[m : m + n] += logs[first]
    return shifted


def _printed(table: Table, lines: newton.Lines, logs: Floats, digits: int, refine: bool = True) -> list[str]:
    """The numbers with so many significant digits; in small tables after refinement, so that the last digit is right."""
    with localcontext(Context(prec=PRECISION)):
        exact = [Decimal(exp(value)) if value else Decimal(1) for value in logs.tolist()]
        if refine and lines.log_weight.size <= REFINED_CELLS:
            for _ in range(1 if digits <= DIGITS else 5):
                exact = _refined(table, lines, logs, exact)
            exact = _rescaled(table, exact)
    short = Context(prec=digits)
    empty = np.concatenate([(table.row_high == 0) & ~table.row_free, (table.column_high == 0) & ~table.column_free])
    for at in np.flatnonzero(empty).tolist():
        exact[at] = Decimal(1).scaleb(exact[at].adjusted())  # any number small enough will do, so a round one
    return [plain(short.create_decimal(value)) for value in exact]


def plain(value: Decimal) -> str:
    """Without exponent, every significant digit kept."""
    return format(value, "f")


def _rescaled(table: Table, numbers: list[Decimal]) -> list[Decimal]:
    if table.row_slack or table.column_slack:
        return numbers
    m, n = table.units, table.categories
    first = next((at for at in table.drawing_order if table.row_high[at]), table.drawing_order[0])
    scale = numbers[first]
    return [v / scale for v in numbers[:m]] + [v * scale for v in numbers[m : m + n]] + numbers[m + n :]


def _refined(table: Table, lines: newton.Lines, logs: Floats, numbers: list[Decimal]) -> list[Decimal]:
    """One more Newton step: the errors of the lines exact, the step they ask for in floats."""
    m, n = table.units, table.categories
    weights, scale = table.integer_weights
    fractions = [Fraction(value) for value in numbers]
    masks = [group.cells.tolist() for group in table.groups]
    found = products(
        weights,
        scale,
        fractions[:m],
        fractions[m : m + n],
        fractions[m + n],
        list(zip(fractions[m + n + 1 :], masks, strict=True)),
    )
    d = found.denominator
    held = hold(found, table.lower, table.upper)
    shares = np.array([[cell / d for cell in line] for line in held])
    inside = np.ones((m, n), dtype=np.bool_)
    if held is not found.cells:
        inside = np.array(
            [[one == other for one, other in zip(*pair, strict=True)] for pair in zip(held, found.cells, strict=True)]
        )
    row_sums = [sum(line) for line in held]
    sums = [*row_sums, *(sum(line) for line in zip(*held, strict=True)), sum(row_sums)]
    sums += [
        sum(
            cell
            for line, mask_line in zip(held, mask, strict=True)
            for cell, member in zip(line, mask_line, strict=True)
            if member
        )
        for mask in masks
    ]
    ends = np.where(logs > 0, lines.low, lines.high)
    active = lines.exact | (logs != 0)
    miss = np.array([(value - int(end) * d) / d for value, end in zip(sums, ends.tolist(), strict=True)])
    step = newton.newton_step(lines, shares * inside, np.where(active, -miss, 0.0), active, newton.LEAST_DAMPING)
    if not np.isfinite(step).all() or np.abs(step).max() > 1e-3:
        return numbers
    return [value * (1 + Decimal(float(change))) for value, change in zip(numbers, step, strict=True)]


def price(product: Fraction, seats: int, low: int, high: int) -> Fraction:
    """What a cell's seats cost beyond the rounding of its product, in the objective; rounded up to 10⁻⁹, 0 if it rounds."""
    cost = 0.0
    k = seats
    while k > low and Fraction(2 * k - 1, 2) > product:
        cost += log(k - 0.5) - log_of(product)
        k -= 1
    k = seats + 1
    while k <= high and Fraction(2 * k - 1, 2) < product:
        cost += log_of(product) - log(k - 0.5)
        k += 1
    return Fraction(-int(-cost * 10**9 // 1), 10**9) if cost > 0 else Fraction(0)
