"""其中: spreads each overlay over the units, inside the seats they have. Overlays overlap and are never summed."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from allocation.problem import Overlay, Problem
from allocation.webster import spread


def target(overlay: Overlay, total: int) -> int:
    """Seats asked for: as given, or the share of the total, rounded up."""
    if overlay.seats is not None:
        return overlay.seats
    assert overlay.share is not None
    return ceil(overlay.share * total)


def place(problem: Problem, overlay: Overlay, unit_seats: Sequence[int]) -> tuple[list[int], int]:
    """Each unit's part, at most its seats and none to a weight of 0, by Webster; and what could not be placed."""
    upper = [seats if weight else 0 for seats, weight in zip(unit_seats, overlay.weights, strict=True)]
    wanted = target(overlay, problem.total)
    placed = min(wanted, sum(upper))
    parts = spread(overlay.weights, placed, [0] * len(upper), upper, problem.drawing_order)
    assert parts is not None
    return parts, wanted - placed
