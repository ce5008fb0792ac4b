"""The certificate: one short number per line, from which anyone can check every cell by hand (SPEC, Certificate).

Made from the matrix alone, so that it is the same whichever engine found the matrix. Lines that ties pin to each other
share one scale and get exact fractions; all other numbers are decimals with the same count of digits, the smallest for
which they can be found. What floats propose here is proved in integers before it is handed out.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from math import exp, log

import numpy as np

from allocation import fine
from allocation.ladder import Ladder, centred, move_costs, tightest
from allocation.products import log_of
from allocation.proof import Pinned
from allocation.proven import Certificate, NoCertificate, decimal, decimal_text, proves, shorten, text_of
from allocation.table import Bools, Floats, Ints

FEWEST_DIGITS = 3
MOST_FLOAT_DIGITS = 14
LOG10 = log(10.0)
WIDEST = 1.0  # room to leave where nothing limits it
SCALES = (1.0, 0.98, 1.02, 0.95, 1.05, 0.91, 1.1, 0.85, 1.18, 0.78, 1.27)
MORE_SCALES = tuple(sorted((k / 100 for k in range(79, 127)), key=lambda scale: abs(log(scale))))
SCALED_CELLS = 2_000  # in larger tables fewer scales are tried for a shorter certificate


def certify(ladder: Ladder, pinned: list[Pinned]) -> Certificate:
    """The certificate of an optimal matrix. Raises NoCertificate."""
    with suppress(NoCertificate):
        search = _Search(ladder, pinned)
        for digits in range(FEWEST_DIGITS, MOST_FLOAT_DIGITS + 1):
            for found in search.attempts(digits):
                if proves(ladder.table, ladder.seats, found):
                    return found
    return fine.certify(ladder.table, ladder.seats, pinned)


class _Search:
    """Looks for numbers: scales of the pinned sets and of single columns first, then each row by itself."""

    def __init__(self, ladder: Ladder, pinned: list[Pinned]) -> None:
        self.table = ladder.table
        self.ladder = ladder
        height, width = self.table.shape
        self.pinned = pinned
        # Pinned sets are numbered first, then each column that is by itself; -1 is a row by itself.
        self.row_set = np.full(height, -1)
        column_set = np.arange(width) + len(pinned)
        self.row_offset = np.zeros(height)
        self.column_offset = np.zeros(width)
        for at, part in enumerate(pinned):
            for node, value in part.value.items():
                if node < height:
                    self.row_set[node] = at
                    self.row_offset[node] = -log_of(value)
                else:
                    column_set[node - height] = at
                    self.column_offset[node - height] = log_of(value)
        self.column_set = np.unique(column_set, return_inverse=True)[1]
        self.loose = np.flatnonzero(self.row_set[: self.table.units] < 0)
        self.both = self.table.row_slack and self.table.column_slack
        self.total_log = 0.0
        self.base = self._normal(self._centre())

    def _centre(self) -> Floats:
        """Logarithms of the scales of all sets of columns, with as much room on every side as there is."""
        cost = self._costs_of_sets() if self.pinned else self.ladder.cost
        room = tightest(cost) if self.pinned else self.ladder.room
        if room < -1e-12:
            raise NoCertificate
        return centred(cost - min(room, WIDEST) * (1 - 1e-9))

    def _costs_of_sets(self) -> Floats:
        """What `Ladder.cost` is for columns, for sets of columns that keep their numbers to each other."""
        width = int(self.column_set.max()) + 1
        up = self.ladder.up - self.column_offset
        down = self.ladder.down - self.column_offset
        members = [np.flatnonzero(self.column_set == number) for number in range(width)]
        rise = np.stack([up[:, columns].min(axis=1) for columns in members], axis=1)
        fall = np.stack([down[:, columns].max(axis=1) for columns in members], axis=1)
        loose = self.row_set < 0
        cost = move_costs(rise[loose], fall[loose])[0] if loose.any() else np.full((width, width), np.inf)
        for i in np.flatnonzero(~loose).tolist():
            own = int(self.row_set[i])
            others = np.arange(width) != own
            cost[own, others] = np.minimum(cost[own, others], rise[i, others] - self.row_offset[i])
            cost[others, own] = np.minimum(cost[others, own], self.row_offset[i] - fall[i, others])
        return cost

    def _normal(self, scales: Floats) -> Floats:
        """The scales moved to where the numbers are printed: 1 for the total or near 1 for the first unit."""
        table = self.table
        if table.row_slack:
            scales = scales - self._columns(scales)[-1]
            if table.column_slack:
                self.total_log = -self._middle(scales, table.units)
            return scales
        if table.column_slack:
            return scales + self._middle(scales, table.units)
        first = next((at for at in range(table.units) if np.isfinite(self._middle(scales, at))), 0)
        return scales + self._middle(scales, first)

    def _interval(self, columns: Floats, rows: Ints | int) -> tuple[Floats, Floats]:
        low = (self.ladder.down[rows] - columns).max(axis=-1)
        high = (self.ladder.up[rows] - columns).min(axis=-1)
        return low, high

    def _columns(self, scales: Floats) -> Floats:
        result: Floats = scales[self.column_set] + self.column_offset
        return result

    def _middle(self, scales: Floats, row: int) -> float:
        """Logarithm of the middle of what a row's number may be."""
        if self.row_set[row] >= 0:
            return float(self.row_offset[row] - scales[self.row_set[row]])
        return float(_middles(*self._interval(self._columns(scales), row)))

    def attempts(self, digits: int) -> Iterator[Certificate]:
        """Candidates with so many digits, the preferred first."""
        table = self.table
        batches: tuple[tuple[float, ...], ...] = (SCALES, MORE_SCALES)
        if table.folded:
            batches = ((1.0,),)
        elif table.units * table.categories > SCALED_CELLS:
            batches = (SCALES,)
        for scales in batches:
            shifts = np.log(scales)
            if not table.folded and not self.pinned:
                shifts = shifts[self._promising(shifts, digits)]
            for shift in shifts.tolist():
                with suppress(NoCertificate):
                    found = self._attempt(self.base + shift, digits)
                    if found is not None:
                        yield found

    def _promising(self, shifts: Floats, digits: int) -> Bools:
        """For all shifts at once, in floats: could every number be rounded to so many digits inside its interval?"""
        columns = rounded(self._columns(self.base) + shifts[:, None], digits)[2]
        low = (self.ladder.down - columns[:, None, :]).max(axis=2)
        high = (self.ladder.up - columns[:, None, :]).min(axis=2)
        there = rounded(_middles(low, high), digits)[2]
        result: Bools = ((there >= low - 1e-9) & (there <= high + 1e-9)).all(axis=1)
        return result

    def _attempt(self, scales: Floats, digits: int) -> Certificate | None:
        table, pinned, loose = self.table, self.pinned, self.loose
        m, n = table.units, table.categories
        height, width = table.shape
        total = shorten(Fraction(exp(self.total_log)), digits) if self.both else Fraction(1)
        scale_of: list[Fraction] = []
        roots: list[int] = []
        for at, part in enumerate(pinned):
            scale, root = self._scale_of_set(part, float(scales[at]), total, digits)
            scale_of.append(scale)
            roots.append(root)
        if self.both and self.row_set[m] >= 0:
            total = pinned[self.row_set[m]].value[m] * scale_of[self.row_set[m]]
        single = np.flatnonzero(self.column_set[:n] >= len(pinned))
        short = rounded(self._columns(scales)[single] - log_of(total), digits)
        logs = np.zeros(width)
        logs[single] = short[2] + log_of(total)
        held = np.flatnonzero(self.column_set < len(pinned)).tolist()
        for j in held:
            logs[j] = log_of(scale_of[self.column_set[j]]) + self.column_offset[j]
        low, high = self._interval(logs, loose)
        inner = table.row_free[loose] & (low <= 0.0) & (high >= 0.0)
        found = rounded(np.where(inner, 0.0, _middles(low, high)), digits)
        if ((found[2] < low - 1e-12) | (found[2] > high + 1e-12)).any():
            return None
        rows, unit_texts = [Fraction(1)] * m, [""] * m
        for i, mantissa, power in zip(loose.tolist(), found[0].tolist(), found[1].tolist(), strict=True):
            rows[i], unit_texts[i] = decimal(mantissa, power), decimal_text(mantissa, power)
        for i in np.flatnonzero(self.row_set[:m] >= 0).tolist():
            at = self.row_set[i]
            rows[i] = 1 / (scale_of[at] * pinned[at].value[i])
            unit_texts[i] = text_of(rows[i], digits, roots[at] != i)
        columns, category_texts = [Fraction(1)] * n, [""] * n
        for j, mantissa, power in zip(single.tolist(), short[0].tolist(), short[1].tolist(), strict=True):
            columns[j], category_texts[j] = decimal(mantissa, power), decimal_text(mantissa, power)
        for j in held[: -1 if table.row_slack and held and held[-1] == n else None]:
            at = self.column_set[j]
            columns[j] = scale_of[at] * pinned[at].value[height + j] / total
            category_texts[j] = text_of(columns[j], digits, roots[at] != height + j)
        exact_total = self.both and self.row_set[m] >= 0 and roots[self.row_set[m]] != m
        total_text = text_of(total, digits, bool(exact_total)) if self.both else "1"
        return Certificate(
            tuple(rows), tuple(columns), total, tuple(unit_texts), tuple(category_texts), total_text, digits
        )

    def _scale_of_set(self, part: Pinned, log_scale: float, total: Fraction, digits: int) -> tuple[Fraction, int]:
        """The exact scale of a pinned set, and the node whose number is the decimal that fixes it."""
        table = self.table
        height = table.shape[0]
        plain_column = height + table.categories
        if table.row_slack and plain_column in part.value:
            return 1 / part.value[plain_column], plain_column
        if table.column_slack and table.units in part.value:
            return 1 / (part.value[table.units] / total), table.units
        root = min(node for node in part.value if node < table.units)
        number = shorten(Fraction(exp(-log_scale - log_of(part.value[root]))), digits)
        return 1 / (number * part.value[root]), root


def _middles(low: Floats, high: Floats) -> Floats:
    """The middle of each interval; near 1 where it has only one end."""
    with np.errstate(invalid="ignore"):
        both = (low + high) / 2
    one = np.where(
        np.isfinite(high), np.minimum(0.0, high - 0.7), np.where(np.isfinite(low), np.maximum(0.0, low + 0.7), 0.0)
    )
    result: Floats = np.where(np.isfinite(low) & np.isfinite(high), both, one)
    return result


def rounded(logs: Floats, digits: int) -> tuple[Ints, Ints, Floats]:
    """The nearest decimals with so many significant digits to numbers given by their logarithms: mantissas, powers of
    ten, logarithms. Raises NoCertificate when a number is none."""
    if not np.isfinite(logs).all():
        raise NoCertificate
    power = np.floor(logs / LOG10).astype(np.int64) - (digits - 1)
    mantissa = np.rint(np.exp(logs - power * LOG10))
    power += mantissa == 10**digits
    mantissa = np.where(mantissa == 10**digits, 10.0 ** (digits - 1), mantissa)
    return mantissa.astype(np.int64), power, np.log(mantissa) + power * LOG10
