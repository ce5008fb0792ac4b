"""Numbers for a matrix whose optimality hangs on less than floats can tell: weights that agree to fifteen digits or more.

What `certificate.py` does in logarithms is done here in fractions, with as many digits as it takes. Floats serve only to
share out the room that is left, relative to numbers that are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import expm1, log1p

import numpy as np

from allocation.ladder import centred, tightest
from allocation.products import log_of
from allocation.proof import Pinned, fall, rise
from allocation.proven import Certificate, NoCertificate, proves, shorten, text_of
from allocation.table import Ints, Table

FEWEST_DIGITS = 15
MOST_DIGITS = 400
Interval = tuple[Fraction | None, Fraction | None]


def certify(table: Table, seats: Ints, pinned: Sequence[Pinned]) -> Certificate:
    """The certificate of an optimal matrix, with as few digits beyond those of floats as will do. Raises NoCertificate."""
    fine = _Fine(table, seats, pinned)
    scales = fine.scales()
    for digits in range(FEWEST_DIGITS, MOST_DIGITS):
        found = fine.attempt(scales, digits)
        if found is not None and proves(table, seats, found):
            return found
    raise NoCertificate


class _Fine:
    """Sets of columns that ties pin to each other come first, then each other column; a scale for each is looked for."""

    def __init__(self, table: Table, seats: Ints, pinned: Sequence[Pinned]) -> None:
        self.table, self.seats, self.pinned = table, seats, pinned
        height, width = table.shape
        self.row_set: dict[int, int] = {}
        self.column_set = [-1] * width
        for at, part in enumerate(pinned):
            for node in part.value:
                if node < height:
                    self.row_set[node] = at
                else:
                    self.column_set[node - height] = at
        self.count = len(pinned)
        for j in range(width):
            if self.column_set[j] < 0:
                self.column_set[j] = self.count
                self.count += 1

    def _value(self, column: int) -> Fraction:
        """A column's number as a part of the scale of its set."""
        at = self.column_set[column]
        return self.pinned[at].value[self.table.shape[0] + column] if at < len(self.pinned) else Fraction(1)

    def _interval(self, row: int, columns: Sequence[Fraction]) -> Interval:
        """What a row's number may be while the columns have these numbers; None where nothing limits it."""
        table, seats = self.table, self.seats
        lows = [
            fall(table, seats, row, j) / number
            for j, number in enumerate(columns)
            if seats[row, j] > table.lower[row, j]
        ]
        highs = [
            rise(table, seats, row, j) / number
            for j, number in enumerate(columns)
            if seats[row, j] < table.upper[row, j]
        ]
        return max(lows, default=None), min(highs, default=None)

    def _costs(self) -> dict[tuple[int, int], Fraction]:
        """For sets a, b the largest factor by which the scale of b may exceed that of a."""
        table, seats = self.table, self.seats
        costs: dict[tuple[int, int], Fraction] = {}

        def limit(a: int, b: int, factor: Fraction) -> None:
            if a != b and factor < costs.get((a, b), factor + 1):
                costs[a, b] = factor

        for i in range(table.shape[0]):
            highs: dict[int, Fraction] = {}
            lows: dict[int, Fraction] = {}
            for j, at in enumerate(self.column_set):
                if seats[i, j] < table.upper[i, j]:
                    up = rise(table, seats, i, j) / self._value(j)
                    highs[at] = min(up, highs.get(at, up))
                if seats[i, j] > table.lower[i, j]:
                    down = fall(table, seats, i, j) / self._value(j)
                    lows[at] = max(down, lows.get(at, down))
            if i in self.row_set:
                own, value = self.row_set[i], self.pinned[self.row_set[i]].value[i]
                for b, up in highs.items():
                    limit(own, b, up * value)
                for a, down in lows.items():
                    limit(a, own, 1 / (down * value))
            else:
                for a, down in lows.items():
                    for b, up in highs.items():
                        limit(a, b, up / down)
        return costs

    def scales(self) -> list[Fraction]:
        """The scale of every set, with room on all sides that leave any."""
        costs = self._costs()
        scales = [Fraction(1)] * self.count
        for _ in range(self.count + 1):
            changed = False
            for (a, b), factor in costs.items():
                if scales[b] > scales[a] * factor:
                    scales[b], changed = scales[a] * factor, True
            if not changed:
                break
        else:
            raise NoCertificate  # a cycle below 1: the matrix is not optimal
        room = np.full((self.count, self.count), np.inf)
        for (a, b), factor in costs.items():
            excess = factor * scales[a] / scales[b] - 1
            room[a, b] = log1p(float(excess)) if excess < 1 else log_of(excess + 1)
        shift = centred(room - min(tightest(room), 1.0) * (1 - 1e-9))
        return [scale * (1 + Fraction(expm1(by))) for scale, by in zip(scales, shift.tolist(), strict=True)]

    def attempt(self, scales: list[Fraction], digits: int) -> Certificate | None:
        """The numbers rounded to so many digits; None where a row finds none within its interval."""
        table, pinned = self.table, self.pinned
        m, n = table.units, table.categories
        width = table.shape[1]
        columns = [scales[self.column_set[j]] * self._value(j) for j in range(width)]
        anchor = m if table.column_slack else 0
        if table.row_slack:
            norm = 1 / columns[n]
        else:
            norm = self._number(anchor, columns, scales)
            norm = norm if table.column_slack else shorten(norm, digits)
        scales, columns = [scale * norm for scale in scales], [column * norm for column in columns]
        both = table.row_slack and table.column_slack
        roots = [self._root(part) for part in pinned]
        total = 1 / self._number(m, columns, scales) if both else Fraction(1)
        if both and (m not in self.row_set or roots[self.row_set[m]] == m):
            total = shorten(total, digits)
        for at, part in enumerate(pinned):
            if table.column_slack and roots[at] == m:
                scales[at] = total / part.value[m]
            elif roots[at] < m:
                scales[at] = 1 / (shorten(1 / (scales[at] * part.value[roots[at]]), digits) * part.value[roots[at]])
        for j in range(n):
            at = self.column_set[j]
            columns[j] = (
                scales[at] * self._value(j) if at < len(pinned) else shorten(columns[j] / total, digits) * total
            )
        rows: list[Fraction] = []
        for i in range(m):
            number = self._number(i, columns, scales)
            if i not in self.row_set:
                low, high = self._interval(i, columns)
                number = (
                    Fraction(1) if table.row_free[i] and (low or 0) <= 1 <= (high or 1) else shorten(number, digits)
                )
                if (low is not None and number < low) or (high is not None and number > high):
                    return None
            rows.append(number)
        categories = [columns[j] / total for j in range(n)]
        return Certificate(
            tuple(rows),
            tuple(categories),
            total,
            tuple(text_of(v, digits, i in self.row_set and i not in roots) for i, v in enumerate(rows)),
            tuple(text_of(v, digits, self.column_set[j] < len(pinned)) for j, v in enumerate(categories)),
            text_of(total, digits, m in self.row_set and m not in roots) if both else "1",
            digits,
        )

    def _root(self, part: Pinned) -> int:
        """The node of a pinned set whose number is a decimal or 1 and fixes the others: free lines' scale before a unit."""
        table = self.table
        plain_column, plain_row = table.shape[0] + table.categories, table.units
        if table.row_slack and plain_column in part.value:
            return plain_column
        if table.column_slack and plain_row in part.value:
            return plain_row
        return min(part.value)

    def _number(self, row: int, columns: Sequence[Fraction], scales: Sequence[Fraction]) -> Fraction:
        """A row's number: fixed by its set, or the middle of what it may be."""
        if row in self.row_set:
            at = self.row_set[row]
            return 1 / (scales[at] * self.pinned[at].value[row])
        low, high = self._interval(row, columns)
        if low is None or high is None:
            return (
                max(Fraction(1), low * 2)
                if low is not None
                else min(Fraction(1), high / 2)
                if high is not None
                else Fraction(1)
            )
        return (low + high) / 2
