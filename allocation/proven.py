"""The certificate of a matrix as values, how its numbers are written, and its proof in integers. Finds no numbers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from math import floor, log

import numpy as np

from allocation.products import Products, log_of, products, whole
from allocation.table import Bools, Ints, Table

LOG10 = log(10.0)


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


def proves(table: Table, seats: Ints, numbers: Certificate) -> bool:
    """In integers: every cell rounds to its seats or is held by a bound, and free lines' numbers have their signs."""
    found = products(table.integer_weights, whole(numbers.units), whole(numbers.categories), numbers.total)
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
    away = [
        (i, j, cell > x * d)
        for i, (line, row) in enumerate(zip(found.cells, seats.tolist(), strict=True))
        for j, (cell, x) in enumerate(zip(line, row, strict=True))
        if 2 * abs(cell - x * d) > d
    ]
    return all(seats[i, j] == (upper if above else lower)[i, j] for i, j, above in away)


def signs_hold(numbers: tuple[Fraction, ...], sums: Ints, low: Ints, high: Ints, free: Bools) -> bool:
    """A free line's number: 1 inside its range, at least 1 at its minimum, at most 1 at its maximum."""
    for at in np.flatnonzero(free).tolist():
        if numbers[at] > 1 and sums[at] > low[at]:
            return False
        if numbers[at] < 1 and sums[at] < high[at]:
            return False
    return True


def shorten(value: Fraction, digits: int) -> Fraction:
    """The nearest decimal with so many significant digits."""
    return Fraction(Context(prec=digits).divide(Decimal(value.numerator), Decimal(value.denominator)))


def text_of(value: Fraction, digits: int, pinned: bool) -> str:
    """A decimal with exactly so many significant digits where that is exact, else a fraction."""
    if not pinned or value == 1:
        shift = digits - 1 - floor(log_of(value) / LOG10) if value != 1 else digits - 1
        for attempt in (shift, shift + 1, shift - 1):
            scaled = value * Fraction(10) ** attempt
            if scaled.denominator == 1 and len(str(scaled.numerator)) == digits:
                return (
                    format(Decimal(scaled.numerator).scaleb(-attempt), "f")
                    if attempt >= 0
                    else str(scaled.numerator * 10**-attempt)
                )
        raise NoCertificate
    return f"{value.numerator}/{value.denominator}"


def decimal_text(mantissa: int, power: int) -> str:
    """A decimal as it is printed, without exponent."""
    if power >= 0:
        return str(mantissa * 10**power)
    digits = str(mantissa).rjust(1 - power, "0")
    return f"{digits[:power]}.{digits[power:]}"


def decimal(mantissa: int, power: int) -> Fraction:
    """A decimal as a fraction."""
    return Fraction(mantissa * 10**power) if power >= 0 else Fraction(mantissa, 10**-power)
