"""Sets two or three divisions of the seats side by side and keeps only where they differ; measures each against fair shares.

Pure: values in, values out. Lines are matched by their codes, so that a scheme made before units or categories changed can
still be compared. Never says which division is better, and never computes one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

Matrix = Sequence[Sequence[int]]
Shares = Sequence[Sequence[Fraction]]
# One number for each division in the order given; None where that division has no such unit, category or overlay.
Values = tuple[int | None, ...]
# Where the picture of a division is cut: so far from its fair share lies a cell, in seats.
STEPS = (Fraction(1, 4), Fraction(1, 2), Fraction(3, 4), Fraction(1))


@dataclass(frozen=True, slots=True)
class Worst:
    """The cell farthest from its fair share, by position; the first in reading order of several."""

    unit: int
    category: int
    seats: int
    share: Fraction

    @property
    def away(self) -> Fraction:
        return abs(self.seats - self.share)


@dataclass(frozen=True, slots=True)
class Deviation:
    """How far seats x lie from fair shares q: `total` = Σ|x − q|, the `worst` cell with max |x − q| (None without cells).

    `outside`: how many cells have x < ⌊q⌋ or x > ⌈q⌉. `spread`: how many of the cells that have a fair share lie within each
    of `STEPS` and beyond them.
    """

    total: Fraction
    worst: Worst | None
    outside: int
    spread: tuple[int, ...]


def deviation(seats: Matrix, shares: Shares) -> Deviation:
    """Measures a division, units × categories, against the fair shares of the same lines."""
    total, worst, outside = Fraction(0), None, 0
    spread = [0] * (len(STEPS) + 1)
    for i, (row, wanted) in enumerate(zip(seats, shares, strict=True)):
        for j, (x, q) in enumerate(zip(row, wanted, strict=True)):
            away = abs(x - q)
            total += away
            if worst is None or away > worst.away:
                worst = Worst(i, j, x, q)
            outside += not floor(q) <= x <= ceil(q)
            if x or q:
                spread[sum(away > step for step in STEPS)] += 1
    return Deviation(total, worst, outside, tuple(spread))


@dataclass(frozen=True, slots=True)
class Division:
    """A scheme, or what a method gives: seats by unit and category, overlays by unit. Names by code, in their order."""

    units: Mapping[str, str]
    categories: Mapping[str, str]
    overlays: Mapping[str, str]
    seats: Matrix
    overlay_seats: Mapping[str, Sequence[int]]

    def cells(self) -> dict[tuple[str, str], int]:
        return {
            (unit, category): x
            for unit, row in zip(self.units, self.seats, strict=True)
            for category, x in zip(self.categories, row, strict=True)
        }

    def within(self, units: Collection[str], categories: Collection[str]) -> int:
        """The seats of a group: of these units and categories; a side that names none is meant whole."""
        return sum(
            x
            for (unit, category), x in self.cells().items()
            if (not units or unit in units) and (not categories or category in categories)
        )

    def overlay_cells(self) -> dict[tuple[str, str], int]:
        return {
            (unit, overlay): x
            for overlay in self.overlays
            for unit, x in zip(self.units, self.overlay_seats[overlay], strict=True)
        }


@dataclass(frozen=True, slots=True)
class Column:
    """A category or overlay in which something differs, with its totals."""

    code: str
    name: str
    totals: Values


@dataclass(frozen=True, slots=True)
class Row:
    """A unit in which something differs: its total, then its numbers in the columns that the comparison keeps."""

    code: str
    name: str
    seats: Values
    cells: tuple[Values, ...]
    overlays: tuple[Values, ...]


@dataclass(frozen=True, slots=True)
class Differences:
    """What differs between the divisions. `same_*`: how many lines are left out because nothing in them does."""

    rows: tuple[Row, ...]
    categories: tuple[Column, ...]
    overlays: tuple[Column, ...]
    totals: Values
    same_units: int
    same_categories: int
    same_overlays: int

    @property
    def units_differ(self) -> bool:
        """Whether any unit has another number of seats in all, not only others of its categories."""
        return any(differ(row.seats) for row in self.rows)

    @property
    def cells(self) -> int:
        """How many cells, unit × category, differ."""
        return sum(differ(values) for row in self.rows for values in row.cells)


def differences(divisions: Sequence[Division]) -> Differences:
    """Units down, categories and overlays across, without the lines in which all divisions agree.

    Lines stand in the order of the first division, those that only a later one has after them; names are the latest.
    """
    cells = [one.cells() for one in divisions]
    overlay_cells = [one.overlay_cells() for one in divisions]
    units = _names([one.units for one in divisions])
    categories = _names([one.categories for one in divisions])
    overlays = _names([one.overlays for one in divisions])

    def kept(names: Mapping[str, str], found: Sequence[Mapping[tuple[str, str], int]]) -> tuple[Column, ...]:
        return tuple(
            Column(code, name, _totals(found, 1, code))
            for code, name in names.items()
            if any(differ(_at(found, (unit, code))) for unit in units)
        )

    columns, overlay_columns = kept(categories, cells), kept(overlays, overlay_cells)
    rows = tuple(
        row
        for code, name in units.items()
        if _differs(
            row := Row(
                code,
                name,
                _totals(cells, 0, code),
                tuple(_at(cells, (code, column.code)) for column in columns),
                tuple(_at(overlay_cells, (code, column.code)) for column in overlay_columns),
            )
        )
    )
    return Differences(
        rows,
        columns,
        overlay_columns,
        tuple(sum(found.values()) for found in cells),
        len(units) - len(rows),
        len(categories) - len(columns),
        len(overlays) - len(overlay_columns),
    )


def differ(values: Values) -> bool:
    return len(set(values)) > 1


def change(values: Values) -> int | None:
    """From the first division to the last, in seats; None where one of the two has no such line."""
    first, last = values[0], values[-1]
    return None if first is None or last is None else last - first


def _names(sides: Sequence[Mapping[str, str]]) -> dict[str, str]:
    names: dict[str, str] = {}
    for side in sides:
        names.update(side)
    return names


def _at(found: Sequence[Mapping[tuple[str, str], int]], cell: tuple[str, str]) -> Values:
    return tuple(cells.get(cell) for cells in found)


def _totals(found: Sequence[Mapping[tuple[str, str], int]], side: int, code: str) -> Values:
    """The sums of one line, a unit (side 0) or a column (side 1); None where it is not there."""
    lines = [[x for cell, x in cells.items() if cell[side] == code] for cells in found]
    return tuple(sum(line) if line else None for line in lines)


def _differs(row: Row) -> bool:
    return any(differ(values) for values in (row.seats, *row.cells, *row.overlays))
