"""The half-circle of seats on the public board: who sits where in the picture. It counts nothing and decides nothing.

Seats fill the half-circle from left to right, category after category in the order of the board, and within a
category the elected first, then the tied, the pending, the vacant. The same figures always give the same picture.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 1000.0, 520.0
STATES = ("elected", "tied", "pending", "vacant")

_OUTER = 470.0
_INNER_SHARE = 0.42  # of the outer radius: room for the number in the middle
_LARGEST = 22.0  # what the margins of the picture allow
_CENTRE_X, _CENTRE_Y = WIDTH / 2, 496.0


@dataclass(frozen=True, slots=True)
class Seat:
    """One circle, in the units of a view box WIDTH × HEIGHT. `state` is one of STATES."""

    x: float
    y: float
    category_id: str
    state: str


def hemicycle(categories: Sequence[Mapping[str, object]]) -> list[Seat]:
    """One seat for every seat of board/1's categories (`id`, `elected`, `tied`, `pending`, `vacant`), left to right."""
    occupants = [
        (str(category["id"]), state)
        for category in categories
        for state in STATES
        for _ in range(_count(category, state))
    ]
    places = _places(len(occupants))
    return [Seat(x, y, category, state) for (x, y), (category, state) in zip(places, occupants, strict=True)]


def seat_radius(total: int) -> float:
    """How large a circle may be drawn so that no two touch."""
    rows = _row_count(total)
    along = _OUTER * math.pi / max(_per_row(total, rows)[-1], 1)
    return round(min(_LARGEST, 0.4 * min(_row_gap(rows), along)), 1)


def _count(category: Mapping[str, object], state: str) -> int:
    number = category[state]
    if not isinstance(number, int) or number < 0:
        raise ValueError(f"{category['id']}.{state} must be a count, not {number!r}")
    return number


def _row_gap(rows: int) -> float:
    return _OUTER * (1 - _INNER_SHARE) / max(rows - 1, 1) if rows > 1 else _OUTER * 0.2


def _radii(rows: int) -> list[float]:
    """From the innermost row to the outermost."""
    if rows == 1:
        return [_OUTER * 0.8]
    return [_OUTER * _INNER_SHARE + _row_gap(rows) * row for row in range(rows)]


def _row_count(total: int) -> int:
    """The number of rows for which the gap between rows comes nearest to the gap between neighbours."""
    if total <= 1:
        return 1

    def unevenness(rows: int) -> float:
        along = math.pi * sum(_radii(rows)) / total
        return abs(math.log(along / _row_gap(rows)))

    return min(range(1, min(total, 20) + 1), key=unevenness)


def _per_row(total: int, rows: int) -> list[int]:
    """Seats per row in proportion to its length, by largest remainder; equal remainders go to the outer row."""
    radii = _radii(rows)
    shares = [total * radius / sum(radii) for radius in radii]
    counts = [math.floor(share) for share in shares]
    by_remainder = sorted(range(rows), key=lambda row: (shares[row] - counts[row], row), reverse=True)
    for row in by_remainder[: total - sum(counts)]:
        counts[row] += 1
    return counts


def _places(total: int) -> list[tuple[float, float]]:
    rows = _row_count(total)
    placed: list[tuple[float, float]] = []
    for radius, count in zip(_radii(rows), _per_row(total, rows), strict=True):
        for seat in range(count):
            turn = seat / (count - 1) if count > 1 else 0.5
            placed.append((turn, radius))
    placed.sort(key=lambda place: (round(place[0], 9), place[1]))
    return [_point(turn * math.pi, radius) for turn, radius in placed]


def _point(angle: float, radius: float) -> tuple[float, float]:
    return round(_CENTRE_X - radius * math.cos(angle), 1), round(_CENTRE_Y - radius * math.sin(angle), 1)
