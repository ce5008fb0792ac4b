"""Fair shares: the one real matrix that meets totals, bounds and groups and is closest to the weights (SPEC).

Floats propose the numbers of the lines (`newton.py`); one more step with exact errors gives all digits that are printed;
what is decided from them is decided in integers, with the error bound E computed exactly from the numbers as printed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from math import exp, log

import numpy as np

from allocation import forced, interior, newton
from allocation.answer import Shares
from allocation.parts import MOVES, Parts, one_part
from allocation.products import (
    ERROR_PARTS,
    Products,
    doubled_error,
    hold,
    products,
    quota_of,
    undecided,
    whole_decimals,
)
from allocation.table import Floats, Ints, Table

DIGITS = (16, 24, 40)  # more where fewer do not tell whether a share counts as a whole number
BITS_BEYOND = 64  # binary places kept beyond those of the digits, as many as a step with floats can mend
FLOAT_DIGITS = 15  # significant digits of a step, and so what one step adds at most
MOST_REFINED = 6
FAR = 200.0  # logarithm of a number that has run away, as in tables with forced cells
LARGEST_STEP = 1e-3  # a larger one does not mend but leads astray
LOG2 = log(2.0)
CLEAR = 1e-6  # a share this far from whole numbers, in floats, is as far from the limit at 10⁻⁹


@dataclass(frozen=True)
class Fair:
    """The numbers as printed, the shares (products held to bounds, over `denominator`), and what follows from them.

    `floor` and `ceiling` bound within-quota seats; `missed` is 2E over the denominator; `decided` says whether E is small
    enough to tell which shares count as whole numbers. `column_log` starts the direct method.
    """

    units: tuple[str, ...]
    categories: tuple[str, ...]
    total: str
    groups: tuple[str, ...]
    shares: list[list[int]]
    denominator: int
    missed: int
    floor: Ints
    ceiling: Ints
    decided: bool
    column_log: Floats

    @property
    def small_error(self) -> bool:
        """Whether E is at most 10⁻¹⁰."""
        return self.missed * ERROR_PARTS <= 2 * self.denominator

    @property
    def counted(self) -> Shares:
        """The shares, with those that count as whole numbers made whole."""
        cells = [line[:] for line in self.shares]
        for i, j in np.argwhere(self.floor == self.ceiling).tolist():
            cells[i][j] = int(self.floor[i, j]) * self.denominator
        return Shares(cells, self.denominator)


class NoShares(Exception):
    """The numbers did not settle: the table cannot be filled, or its totals leave no inside."""


def fair_shares(table: Table) -> Fair:
    """The fair shares of a table that can be filled. Raises NoShares."""
    lines = newton.lines_of(table)
    m, n = table.units, table.categories
    undecided_yet: Fair | None = None
    for logs, parts in _solutions(table, lines):
        for digits in DIGITS:
            numbers = _printed(table, lines, logs, parts, digits)
            found = from_numbers(table, numbers, logs[m : m + n] + logs[m + n])
            if not found.small_error:
                break
            if found.decided:
                return found
            undecided_yet = found
    if undecided_yet is None:
        raise NoShares
    return undecided_yet


def _solutions(table: Table, lines: newton.Lines) -> Iterator[tuple[Floats, Parts]]:
    """Logarithms of the numbers, and the parts: as if no rule forced anything, then with what is forced set apart."""
    logs = newton.solve(lines)
    parts = None if logs is None or np.abs(logs).max() > FAR else one_part(table, lines, logs)
    if logs is not None and parts is not None:
        yield logs, parts
    if not table.groups:
        found = forced.solve(table)
        if found is not None:
            yield found
        return
    logs = interior.solve(table)
    parts = None if logs is None else one_part(table, lines, logs)
    if logs is not None and parts is not None:
        yield logs, parts


def from_numbers(table: Table, numbers: Sequence[str], column_log: Floats) -> Fair:
    """The fair shares that numbers as printed give: units, categories, the total, groups. Does not ask whether E is small."""
    m, n = table.units, table.categories
    masks = [group.cells.tolist() for group in table.groups]
    found = products(
        table.integer_weights,
        whole_decimals(numbers[:m]),
        whole_decimals(numbers[m : m + n]),
        Fraction(numbers[m + n]),
        zip(map(Fraction, numbers[m + n + 1 :]), masks, strict=True),
    )
    shares, d = held(table, found), found.denominator
    missed = _missed(table, shares, d, [Decimal(text) for text in numbers])
    near = np.array([[cell / d for cell in line] for line in shares])
    floor, ceiling = np.floor(near).astype(np.int64), np.ceil(near).astype(np.int64)
    decided = True
    for i, j in np.argwhere((np.abs(near - np.rint(near)) < CLEAR) & (near != 0.0)).tolist():
        floor[i, j], ceiling[i, j] = quota_of(shares[i][j], d)
        decided &= not undecided(shares[i][j], d, missed)
    return Fair(
        tuple(numbers[:m]),
        tuple(numbers[m : m + n]),
        numbers[m + n],
        tuple(numbers[m + n + 1 :]),
        shares,
        d,
        missed,
        floor,
        ceiling,
        decided,
        column_log,
    )


def held(table: Table, found: Products) -> list[list[int]]:
    """The products held to the bounds of their cells."""
    if not table.bounded:
        return found.cells
    real = (slice(0, table.units), slice(0, table.categories))
    return hold(found, table.lower[real].tolist(), table.upper[real].tolist())


def _missed(table: Table, shares: list[list[int]], denominator: int, numbers: Sequence[Decimal]) -> int:
    """What all lines miss of their totals together: 2E, over the denominator."""
    m, n = table.units, table.categories
    rows = [sum(line) for line in shares]
    groups = [_inside(shares, group.cells.tolist()) for group in table.groups]
    return doubled_error(
        [*numbers[: m + n], *numbers[m + n + 1 :]],
        [*rows, *map(sum, zip(*shares, strict=True)), *groups],
        [*table.row_low.tolist(), *table.column_low.tolist(), *(group.low for group in table.groups)],
        [*table.row_high.tolist(), *table.column_high.tolist(), *(group.high for group in table.groups)],
        [*table.row_free.tolist(), *table.column_free.tolist(), *(True for _ in table.groups)],
        denominator,
    ) + (table.row_slack + table.column_slack) * abs(sum(rows) - table.total * denominator)


def _inside(cells: list[list[int]], mask: list[list[bool]]) -> int:
    return sum(
        cell
        for line, members in zip(cells, mask, strict=True)
        for cell, member in zip(line, members, strict=True)
        if member
    )


def _printed(table: Table, lines: newton.Lines, logs: Floats, parts: Parts, digits: int) -> list[str]:
    """The numbers with so many significant digits, after refinement, so that the last digit is right."""
    bits = 4 * digits + BITS_BEYOND + max(int(-logs.min() / LOG2), 0)
    numbers = [_fixed(value, bits) for value in logs.tolist()]
    exact_enough = 10.0 ** min(-digits / 2 - 1, FLOAT_DIGITS - 2 - digits)
    for _ in range(MOST_REFINED):
        numbers, step = _refined(table, lines, logs, numbers, bits)
        if step <= exact_enough:
            break
    m, one = table.units, 1 << bits
    # Each part is scaled so that its root is exactly the power of ten it stands for.
    up, down = [], []
    for root in parts.roots:
        factor = Fraction(1) if root is None else Fraction(10) ** root[1] * Fraction(one, numbers[root[0]])
        if root is not None and root[0] >= m:
            factor = 1 / factor
        up.append(factor.numerator)
        down.append(factor.denominator)
    ratios = [(number * up[part], down[part] << bits) for number, part in zip(numbers, parts.units, strict=False)]
    ratios += [
        (number * down[part], up[part] << bits) for number, part in zip(numbers[m:], parts.categories, strict=False)
    ]
    ratios += [(number, one) for number in numbers[len(ratios) :]]
    short = Context(prec=digits)
    return [_text(short.divide(Decimal(above), Decimal(below)), digits) for above, below in ratios]


def _text(value: Decimal, digits: int) -> str:
    """All digits, without exponent; a power of ten plain. The same whether or not a float's last place made it exact."""
    text = format(value, f".{max(digits - 1 - value.adjusted(), 0)}f")
    if text.endswith("0") and text.strip("0.") == "1":
        return format(Decimal(1).scaleb(value.adjusted()), "f")
    return text


def _fixed(value: float, bits: int) -> int:
    """exp(value) · 2^bits, also where exp(value) is beyond floats."""
    power = round(value / LOG2) if abs(value) > 600 else 0
    above, below = exp(value - power * LOG2).as_integer_ratio()
    return (above << bits + power) // below


def _refined(table: Table, lines: newton.Lines, logs: Floats, numbers: list[int], bits: int) -> tuple[list[int], float]:
    """One more Newton step on numbers · 2^bits, the errors of the lines exact, the step they ask for in floats; its size."""
    m, n, one = table.units, table.categories, 1 << bits
    masks = [group.cells.tolist() for group in table.groups]
    groups = [Fraction(number, one) for number in numbers[m + n + 1 :]]
    found = products(
        table.integer_weights,
        (numbers[:m], one),
        (numbers[m : m + n], one),
        Fraction(numbers[m + n], one),
        zip(groups, masks, strict=True),
    )
    cells, d = held(table, found), found.denominator
    moving = np.array([[cell / d for cell in line] for line in cells])
    if cells is not found.cells:
        moving *= [[a == b for a, b in zip(*pair, strict=True)] for pair in zip(cells, found.cells, strict=True)]
    rows = [sum(line) for line in cells]
    sums = [*rows, *map(sum, zip(*cells, strict=True)), sum(rows), *(_inside(cells, mask) for mask in masks)]
    ends = np.where(logs > 0, lines.low, lines.high)
    # A line on which nothing moves keeps its number.
    active = (lines.exact | (logs != 0)) & (lines.sums(moving) > MOVES)
    miss = np.array([(value - int(end) * d) / d for value, end in zip(sums, ends.tolist(), strict=True)])
    step = newton.newton_step(lines, moving, np.where(active, -miss, 0.0), active, newton.LEAST_DAMPING)
    if not np.isfinite(step).all() or np.abs(step).max() > LARGEST_STEP:
        return numbers, 0.0
    ratios = [change.as_integer_ratio() for change in step.tolist()]
    changed = [number + number * above // below for number, (above, below) in zip(numbers, ratios, strict=True)]
    return changed, float(np.abs(step).max())
