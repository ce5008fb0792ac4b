"""The certificate: one short number per line, from which anyone can check every cell by hand (SPEC, Certificate).

Made from the matrix alone, so that it is the same whichever engine found the matrix. Lines that ties pin to each other
share one scale and get exact fractions; all other numbers are decimals with the same count of digits, the smallest for
which they can be found. What floats propose here is proved in integers before it is handed out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor, isfinite, log, log10

import numpy as np

from allocation.fair import Products, plain, products
from allocation.ladder import last_cost, next_cost
from allocation.proof import Pinned, centred, tightest
from allocation.table import Bools, Floats, Ints, Table, log_of

FEWEST_DIGITS = 3
MOST_FLOAT_DIGITS = 14
LOG10 = log(10.0)
WIDEST = 1.0  # room to leave where nothing limits it
SCALES = (1.0, 0.98, 1.02, 0.95, 1.05, 0.91, 1.1, 0.85, 1.18, 0.78, 1.27)


@dataclass(frozen=True)
class Certificate:
    """The numbers, exact and as printed: `Fraction` values and their texts, units, categories, the total."""

    units: tuple[Fraction, ...]
    categories: tuple[Fraction, ...]
    total: Fraction
    unit_texts: tuple[str, ...]
    category_texts: tuple[str, ...]
    total_text: str
    digits: int


class NoCertificate(Exception):
    """No numbers could be found: the matrix is not optimal, or not proved."""


def shorten(value: float, digits: int) -> Fraction:
    """The nearest decimal with so many significant digits."""
    if not isfinite(value) or value <= 0:
        raise NoCertificate
    return decimal(*short_decimals(np.array([value]), digits)[0])


def text_of(value: Fraction, digits: int, pinned: bool) -> str:
    """A decimal with exactly so many significant digits where that is exact, else a fraction."""
    if not pinned or value == 1:
        shift = digits - 1 - floor(log10(value)) if value != 1 else digits - 1
        for attempt in (shift, shift + 1, shift - 1):
            scaled = value * Fraction(10) ** attempt
            if scaled.denominator == 1 and len(str(scaled.numerator)) == digits:
                return (
                    plain(Decimal(scaled.numerator).scaleb(-attempt))
                    if attempt >= 0
                    else str(scaled.numerator * 10**-attempt)
                )
        raise NoCertificate
    return f"{value.numerator}/{value.denominator}"


def certify(table: Table, seats: Ints, pinned: list[Pinned]) -> Certificate:
    """The certificate of an optimal matrix. Raises NoCertificate."""
    search = _Search(table, seats, pinned)
    for digits in range(FEWEST_DIGITS, MOST_FLOAT_DIGITS + 1):
        for found in search.attempts(digits):
            if proves(table, seats, found):
                return found
    raise NoCertificate


def proves(table: Table, seats: Ints, numbers: Certificate) -> bool:
    """In integers: every cell rounds to its seats or is held by a bound, and free lines' numbers have their signs."""
    weights, scale = table.integer_weights
    found = products(weights, scale, numbers.units, numbers.categories, numbers.total)
    if any(n <= 0 for n in numbers.units) or any(n <= 0 for n in numbers.categories) or numbers.total <= 0:
        return False
    if not cells_hold(found, seats[: table.units, : table.categories], table.lower, table.upper):
        return False
    if (seats.sum(axis=1) != table.row_totals).any() or (seats.sum(axis=0) != table.column_totals).any():
        return False
    rows = seats[: table.units, : table.categories].sum(axis=1)
    columns = seats[: table.units, : table.categories].sum(axis=0)
    return signs_hold(numbers.units, rows, table.row_low, table.row_high, table.row_free) and signs_hold(
        numbers.categories, columns, table.column_low, table.column_high, table.column_free
    )


def cells_hold(found: Products, seats: Ints, lower: Ints, upper: Ints) -> bool:
    """Every product lies within ½ of its seats, or beyond them on the far side of the bound that holds the cell."""
    d = found.denominator
    for line, row, lows, highs in zip(found.cells, seats.tolist(), lower.tolist(), upper.tolist(), strict=False):
        for cell, x, low, high in zip(line, row, lows, highs, strict=False):
            double = 2 * cell
            if double > (2 * x + 1) * d and x < high:
                return False
            if double < (2 * x - 1) * d and x > low:
                return False
    return True


def signs_hold(numbers: tuple[Fraction, ...], sums: Ints, low: Ints, high: Ints, free: Bools) -> bool:
    """A free line's number: 1 inside its range, at least 1 at its minimum, at most 1 at its maximum."""
    for at in np.flatnonzero(free).tolist():
        if numbers[at] > 1 and sums[at] > low[at]:
            return False
        if numbers[at] < 1 and sums[at] < high[at]:
            return False
    return True


class _Search:
    """Looks for numbers: scales of the pinned sets and of single columns first, then each row by itself."""

    def __init__(self, table: Table, seats: Ints, pinned: list[Pinned]) -> None:
        self.table = table
        self.up = next_cost(table, seats)
        self.down = last_cost(table, seats)
        height, width = table.shape
        self.pinned = pinned
        self.row_set = np.full(height, -1)
        self.column_set = np.arange(width) + len(pinned)
        self.row_offset = np.zeros(height)
        self.column_offset = np.zeros(width)
        for at, part in enumerate(pinned):
            for node, value in part.value.items():
                if node < height:
                    self.row_set[node] = at
                    self.row_offset[node] = -log_of(value)
                else:
                    self.column_set[node - height] = at
                    self.column_offset[node - height] = log_of(value)
        self.sets = np.unique(self.column_set)
        self.place = {int(number): at for at, number in enumerate(self.sets)}
        self.base = self._centre()

    def _centre(self) -> Floats:
        """Logarithms of the scales of all sets of columns, with as much room on every side as there is."""
        width = len(self.sets)
        cost = np.full((width, width), np.inf)
        loose = self.row_set < 0
        up = self.up - self.column_offset
        down = self.down - self.column_offset
        order = [np.flatnonzero(self.column_set == number) for number in self.sets]
        rise = np.stack([up[:, columns].min(axis=1) for columns in order], axis=1)
        fall = np.stack([down[:, columns].max(axis=1) for columns in order], axis=1)
        for k in range(width):
            if loose.any():
                cost[k] = (rise[loose] - fall[loose, k : k + 1]).min(axis=0)
        for i in np.flatnonzero(~loose).tolist():
            own = self.place[int(self.row_set[i])]
            for k in range(width):
                if k != own:
                    cost[own, k] = min(cost[own, k], rise[i, k] - self.row_offset[i])
                    cost[k, own] = min(cost[k, own], self.row_offset[i] - fall[i, k])
        room = tightest(cost)
        self.room = room
        if room < -1e-12:
            raise NoCertificate
        return centred(cost - min(room, WIDEST) * (1 - 1e-9))

    def _interval(self, columns: Floats, rows: slice | int) -> tuple[Floats, Floats]:
        low = (self.down[rows] - columns).max(axis=-1)
        high = (self.up[rows] - columns).min(axis=-1)
        return low, high

    def _columns(self, scales: Floats) -> Floats:
        result: Floats = scales[[self.place[int(number)] for number in self.column_set]] + self.column_offset
        return result

    def _middle(self, scales: Floats, row: int) -> float:
        """Logarithm of the middle of what a row's number may be."""
        if self.row_set[row] >= 0:
            return float(self.row_offset[row] - scales[self.place[int(self.row_set[row])]])
        low, high = self._interval(self._columns(scales), row)
        return _middle(float(low), float(high))

    def attempts(self, digits: int) -> Iterator[Certificate]:
        """Candidates with so many digits, the preferred first."""
        table = self.table
        scales = self.base.copy()
        total = 0.0
        if table.row_slack:
            scales = scales - self._columns(scales)[-1]
            if table.column_slack:
                total = -self._middle(scales, table.units)
            shifts: tuple[float, ...] = (0.0,)
        elif table.column_slack:
            scales = scales + self._middle(scales, table.units)
            shifts = (0.0,)
        else:
            first = next(
                (at for at in table.drawing_order if np.isfinite(self._middle(scales, at))), table.drawing_order[0]
            )
            scales = scales + self._middle(scales, first)
            shifts = tuple(log(scale) for scale in SCALES)
            if not self.pinned:
                shifts = tuple(
                    shift for shift, good in zip(shifts, self._promising(scales, digits), strict=True) if good
                )
        for shift in shifts:
            try:
                found = self._attempt(scales + shift, total, digits)
            except NoCertificate:
                continue
            if found is not None:
                yield found

    def _promising(self, scales: Floats, digits: int) -> list[bool]:
        """For all SCALES at once, in floats: could every number be rounded to so many digits inside its interval?"""
        columns = _rounded_logs(self._columns(scales)[None, :] + np.log(np.array(SCALES))[:, None], digits)
        low = (self.down[None, :, :] - columns[:, None, :]).max(axis=2)
        high = (self.up[None, :, :] - columns[:, None, :]).min(axis=2)
        there = _rounded_logs(_middles(low, high), digits)
        result: list[bool] = ((there >= low - 1e-9) & (there <= high + 1e-9)).all(axis=1).tolist()
        return result

    def _attempt(self, scales: Floats, total_log: float, digits: int) -> Certificate | None:
        table = self.table
        m, n = table.units, table.categories
        height = table.shape[0]
        both = table.row_slack and table.column_slack
        total = shorten(float(np.exp(total_log)), digits) if both else Fraction(1)
        scale_of: dict[int, Fraction] = {}
        roots: dict[int, int] = {}
        for at, part in enumerate(self.pinned):
            scale_of[at], roots[at] = self._scale_of_set(part, scales[self.place[at]], total, digits)
        if both and self.row_set[m] >= 0:
            part_at = int(self.row_set[m])
            total = self.pinned[part_at].value[m] * scale_of[part_at]
        guess = self._columns(scales)
        single = self.column_set >= len(self.pinned)
        single[n:] = False
        short = short_decimals(np.exp(guess[single]) / float(total), digits)
        logs = np.zeros(table.shape[1])
        logs[single] = [log(mantissa) + power * LOG10 for mantissa, power in short]
        logs[single] += log_of(total)
        for j in np.flatnonzero(self.column_set < len(self.pinned)).tolist():
            number = int(self.column_set[j])
            logs[j] = log_of(scale_of[number]) + self.column_offset[j]
        low, high = self._interval(logs, slice(0, m))
        loose = np.flatnonzero(self.row_set[:m] < 0)
        inner = table.row_free[loose] & (low[loose] <= 0.0) & (high[loose] >= 0.0)
        middle = np.where(inner, 0.0, _middles(low[loose], high[loose]))
        found = short_decimals(np.exp(middle), digits)
        there = np.array([log(mantissa) + power * LOG10 for mantissa, power in found]) if found else np.zeros(0)
        if ((there < low[loose] - 1e-12) | (there > high[loose] + 1e-12)).any():
            return None
        shortened = iter(short)
        columns: list[Fraction] = []
        for j in range(table.shape[1]):
            number = int(self.column_set[j])
            if number < len(self.pinned):
                columns.append(scale_of[number] * self.pinned[number].value[height + j])
            else:
                columns.append(decimal(*next(shortened)) * total if single[j] else Fraction(1))
        rows = [Fraction(1)] * m
        for i, (mantissa, power) in zip(loose.tolist(), found, strict=True):
            rows[i] = decimal(mantissa, power)
        for i in np.flatnonzero(self.row_set[:m] >= 0).tolist():
            at = int(self.row_set[i])
            rows[i] = 1 / (scale_of[at] * self.pinned[at].value[i])
        categories = [c / total for c in columns[:n]]
        loose_texts = {i: decimal_text(*pair) for i, pair in zip(loose.tolist(), found, strict=True)}
        unit_texts = tuple(
            loose_texts.get(i) or text_of(v, digits, roots[int(self.row_set[i])] != i) for i, v in enumerate(rows)
        )
        single_texts = {j: decimal_text(*pair) for j, pair in zip(np.flatnonzero(single).tolist(), short, strict=True)}
        category_texts = tuple(
            single_texts.get(j) or text_of(v, digits, roots[int(self.column_set[j])] != height + j)
            for j, v in enumerate(categories)
        )
        exact_total = both and self.row_set[m] >= 0 and roots[int(self.row_set[m])] != m
        total_text = "1" if not both else text_of(total, digits, bool(exact_total))
        return Certificate(tuple(rows), tuple(categories), total, unit_texts, category_texts, total_text, digits)

    def _scale_of_set(self, part: Pinned, log_scale: float, total: Fraction, digits: int) -> tuple[Fraction, int]:
        """The exact scale of a pinned set, and the node whose number is the decimal that fixes it."""
        table = self.table
        height = table.shape[0]
        plain_column = height + table.categories
        if table.row_slack and plain_column in part.value:
            return 1 / part.value[plain_column], plain_column
        if table.column_slack and table.units in part.value:
            return 1 / (part.value[table.units] / total), table.units
        root = next(i for i in table.drawing_order if i in part.value)
        number = shorten(float(np.exp(-log_scale - log_of(part.value[root]))), digits)
        return 1 / (number * part.value[root]), root


def _middle(low: float, high: float) -> float:
    return float(_middles(np.array([low]), np.array([high]))[0])


def _middles(low: Floats, high: Floats) -> Floats:
    """The middle of each interval; near 1 where it has only one end."""
    with np.errstate(invalid="ignore"):
        both = (low + high) / 2
    one = np.where(
        np.isfinite(high), np.minimum(0.0, high - 0.7), np.where(np.isfinite(low), np.maximum(0.0, low + 0.7), 0.0)
    )
    result: Floats = np.where(np.isfinite(low) & np.isfinite(high), both, one)
    return result


def _rounded_logs(logs: Floats, digits: int) -> Floats:
    """Logarithms of numbers after rounding to so many significant digits."""
    power = np.floor(logs / LOG10) - (digits - 1)
    result: Floats = np.log(np.rint(np.exp(logs - power * LOG10))) + power * LOG10
    return result


def short_decimals(values: Floats, digits: int) -> list[tuple[int, int]]:
    """The nearest decimals with so many significant digits: mantissa and power of ten."""
    if not np.isfinite(values).all() or (values <= 0).any():
        raise NoCertificate
    result = []
    for text in (f"{value:.{digits - 1}e}" for value in values.tolist()):
        mantissa, _, power = text.partition("e")
        result.append((int(mantissa.replace(".", "")), int(power) - digits + 1))
    return result


def decimal_text(mantissa: int, power: int) -> str:
    """A decimal as it is printed, without exponent."""
    if power >= 0:
        return str(mantissa * 10**power)
    digits = str(mantissa).rjust(1 - power, "0")
    return f"{digits[:power]}.{digits[power:]}"


def decimal(mantissa: int, power: int) -> Fraction:
    """A decimal as a fraction."""
    return Fraction(mantissa * 10**power) if power >= 0 else Fraction(mantissa, 10**-power)
