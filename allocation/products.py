"""Exact products of weights with the numbers of their lines, and what is decided from them. Integers alone.

The proofs of the fair shares and of the certificate rest on these few functions, in the allocation and in its check.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm, log

SNAP_PARTS = 10**9  # a share within 1/SNAP_PARTS of a whole number counts as it
ERROR_PARTS = 10**10  # E must not be more than 1/ERROR_PARTS

Whole = tuple[list[int], int]  # numbers as integers over one denominator
WholeTable = tuple[list[list[int]], int]
Mask = Sequence[Sequence[bool]]


@dataclass(frozen=True)
class Products:
    """Every cell's product as an integer over one denominator: weight × its numbers, not yet held to bounds."""

    cells: list[list[int]]
    denominator: int


def whole(numbers: Iterable[Fraction]) -> Whole:
    """Fractions over their least common denominator."""
    ratios = [number.as_integer_ratio() for number in numbers]
    scale = lcm(*{below for _, below in ratios})
    return [above * (scale // below) for above, below in ratios], scale


def whole_decimals(texts: Sequence[str]) -> Whole:
    """Decimals as printed, without exponents, over one power of ten."""
    parts = [text.partition(".") for text in texts]
    places = max(len(below) for _, _, below in parts)
    return [int(above + below) * 10 ** (places - len(below)) for above, _, below in parts], 10**places


def whole_table(rows: Sequence[Sequence[Fraction]]) -> WholeTable:
    """A table of fractions over their least common denominator."""
    ratios = [[number.as_integer_ratio() for number in row] for row in rows]
    scale = lcm(*{below for row in ratios for _, below in row})
    if scale == 1:
        return [[above for above, _ in row] for row in ratios], 1
    return [[above * (scale // below) for above, below in row] for row in ratios], scale


def products(
    weights: WholeTable,
    units: Whole,
    categories: Whole,
    total: Fraction = Fraction(1),
    groups: Iterable[tuple[Fraction, Mask]] = (),
) -> Products:
    """Exact products; numbers that are decimals keep the denominator short."""
    table, denominator = weights
    denominator *= units[1] * categories[1] * total.denominator
    columns = [column * total.numerator for column in categories[0]]
    cells = [
        [weight * row * column for weight, column in zip(line, columns, strict=True)]
        for line, row in zip(table, units[0], strict=True)
    ]
    for number, mask in groups:
        if number != 1:
            inside, outside = number.as_integer_ratio()
            cells = [
                [cell * (inside if member else outside) for cell, member in zip(line, members, strict=True)]
                for line, members in zip(cells, mask, strict=True)
            ]
            denominator *= outside
    return Products(cells, denominator)


def hold(found: Products, lower: Sequence[Sequence[int]], upper: Sequence[Sequence[int]]) -> list[list[int]]:
    """The products held to the bounds of their cells, over the same denominator."""
    d = found.denominator
    return [
        [min(max(cell, low * d), high * d) for cell, low, high in zip(*lines, strict=True)]
        for lines in zip(found.cells, lower, upper, strict=True)
    ]


def doubled_error(
    numbers: Sequence[Fraction | Decimal],
    sums: Sequence[int],
    low: Sequence[int],
    high: Sequence[int],
    free: Sequence[bool],
    denominator: int,
) -> int:
    """2E: what lines miss of their range, or of the end to which a number other than 1 binds a free line (SPEC, Certificate).

    Sums and the result are over the denominator. A side with free lines misses the total besides: nothing else holds it.
    """
    missed = 0
    for number, value, least, most, loose in zip(numbers, sums, low, high, free, strict=True):
        least, most = least * denominator, most * denominator
        if loose and number > 1:
            missed += abs(value - least)
        elif loose and number < 1:
            missed += abs(value - most)
        else:
            missed += max(least - value, value - most, 0)
    return missed


def quota_of(share: int, denominator: int) -> tuple[int, int]:
    """⌊q⌋ and ⌈q⌉ of a share; within 10⁻⁹ of a whole number both are that number."""
    snap = denominator // SNAP_PARTS
    # ⌊q⌋ of a share that lies just below a whole number is that number, and so is ⌈q⌉ of one just above it.
    return (share + snap) // denominator, -((snap - share) // denominator)


def undecided(share: int, denominator: int, doubled_error: int) -> bool:
    """Whether E (half of `doubled_error`, over the denominator) does not tell if a share is within 10⁻⁹ of a whole number."""
    away = min(share % denominator, -share % denominator)
    return 2 * abs(away * SNAP_PARTS - denominator) <= doubled_error * SNAP_PARTS


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


def log_of(number: Fraction) -> float:
    """Natural logarithm of a positive fraction of any size."""
    return log(number.numerator) - log(number.denominator)
