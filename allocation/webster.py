"""Spreads seats over a list of weights by Webster's method, exactly, each within its bounds. Knows no matrix.

Floats come near; what they cannot tell apart is compared in fractions, so that the result is exact.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

CLOSE = 1e-12


def spread(
    weights: Sequence[Fraction], seats: int, lower: Sequence[int], upper: Sequence[int], order: Sequence[int]
) -> list[int] | None:
    """The Webster seats of each weight, `lower[i]` to `upper[i]`; equal quotients go to the earlier in `order`.

    A weight of 0 gets its lower bound. None when the bounds do not allow `seats`.
    """
    if any(low > top for low, top in zip(lower, upper, strict=True)):
        return None
    highest = [top if weight else low for weight, low, top in zip(weights, lower, upper, strict=True)]
    if not sum(lower) <= seats <= sum(highest):
        return None
    if not any(weights):
        return list(lower)
    floats = np.array([w.numerator / w.denominator for w in weights])
    low, high = np.array(lower), np.array(highest)
    result = _near(floats, seats, low, high)
    _move(floats.tolist(), result, seats - sum(result), lower, highest)
    _settle(weights, floats, result, low, high, order)
    return result


def _near(floats: NDArray[np.float64], seats: int, low: NDArray[np.int64], high: NDArray[np.int64]) -> list[int]:
    """The rounding at one common multiplier, with a sum near `seats`."""
    small, large = 0.0, 0.0
    multiplier = seats / float(floats.sum())
    rounded = low
    for _ in range(60):
        rounded = np.minimum(np.maximum(np.rint(floats * multiplier), low), high).astype(np.int64)
        short = seats - int(rounded.sum())
        if abs(short) <= len(floats) // 2 + 1:
            break
        if short > 0:
            small, multiplier = multiplier, (multiplier + large) / 2 if large else multiplier * 2 or 1e-9
        else:
            large, multiplier = multiplier, (multiplier + small) / 2
    result: list[int] = rounded.tolist()
    return result


def _move(
    floats: Sequence[float], result: list[int], missing: int, lower: Sequence[int], highest: Sequence[int]
) -> None:
    """Gives or takes single seats by the floats of their quotients."""
    if not missing:
        return
    step = 1 if missing > 0 else -1
    ends = highest if step > 0 else lower
    heap = [
        ((2 * x + step) * step / w, at) for at, (x, w) in enumerate(zip(result, floats, strict=True)) if x != ends[at]
    ]
    heapq.heapify(heap)
    for _ in range(abs(missing)):
        at = heap[0][1]
        result[at] += step
        if result[at] == ends[at]:
            heapq.heappop(heap)
        else:
            heapq.heapreplace(heap, ((2 * result[at] + step) * step / floats[at], at))


def _settle(
    weights: Sequence[Fraction],
    floats: NDArray[np.float64],
    result: list[int],
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    order: Sequence[int],
) -> None:
    """Exact: no given seat has a larger quotient than an open one; where they are equal, the earlier in `order` have it."""
    while True:
        seats = np.array(result)
        with np.errstate(divide="ignore", invalid="ignore"):
            given = np.where(seats > low, (2 * seats - 1) / floats, -np.inf)
            open_ = np.where(seats < high, (2 * seats + 1) / floats, np.inf)
        worst, best = given.max(), open_.min()
        if worst < best * (1 - CLOSE):
            return
        last = {
            at: Fraction(2 * result[at] - 1) / weights[at]
            for at in np.flatnonzero(given >= best * (1 - CLOSE)).tolist()
        }
        next_ = {
            at: Fraction(2 * result[at] + 1) / weights[at]
            for at in np.flatnonzero(open_ <= worst * (1 + CLOSE)).tolist()
        }
        edge, least = max(last.values()), min(next_.values())
        if edge < least:
            return
        if edge > least:
            result[max(last, key=lambda at: last[at])] -= 1
            result[min(next_, key=lambda at: next_[at])] += 1
            continue
        tied = [at for at in order if last.get(at) == edge or next_.get(at) == edge]
        count = sum(last.get(at) == edge for at in tied)
        for at in tied:
            if last.get(at) == edge:
                result[at] -= 1
        for at in tied[:count]:
            result[at] += 1
        return
