"""Spreads seats over a list of weights by Webster's method, exactly, each within its bounds. Knows no matrix."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from fractions import Fraction


def spread(weights: Sequence[Fraction], seats: int, lower: Sequence[int], upper: Sequence[int],
           order: Sequence[int]) -> list[int] | None:
    """The Webster seats of each weight, `lower[i]` to `upper[i]`; equal quotients go to the earlier in `order`.

    A weight of 0 gets its lower bound. None when the bounds do not allow `seats`.
    """
    highest = [top if weight else low for weight, low, top in zip(weights, lower, upper, strict=True)]
    if any(low > top for low, top in zip(lower, upper, strict=True)):
        return None
    if not sum(lower) <= seats <= sum(highest):
        return None
    result = _near(weights, seats, lower, highest)
    _raise(weights, result, seats - sum(result), highest)
    _lower(weights, result, sum(result) - seats, lower)
    _settle_ties(weights, result, lower, highest, order)
    return result


def _near(weights: Sequence[Fraction], seats: int, lower: Sequence[int], highest: Sequence[int]) -> list[int]:
    """The rounding at one common multiplier, exact for it, with a sum near `seats`: optimal for the sum it has."""
    total = sum(weights)
    if not total:
        return list(lower)

    def rounded(multiplier: Fraction) -> list[int]:
        return [min(max((2 * w * multiplier + 1).__floor__() // 2, low), top)
                for w, low, top in zip(weights, lower, highest, strict=True)]

    small, large = 0.0, 0.0
    multiplier = float(seats / total)
    best = rounded(Fraction(multiplier))
    for _ in range(60):
        short = seats - sum(best)
        if abs(short) <= len(weights) // 2 + 1:
            break
        if short > 0:
            small, multiplier = multiplier, (multiplier + large) / 2 if large else multiplier * 2 or 1e-9
        else:
            large, multiplier = multiplier, (multiplier + small) / 2
        best = rounded(Fraction(multiplier))
    return best


def _raise(weights: Sequence[Fraction], result: list[int], missing: int, highest: Sequence[int]) -> None:
    if missing <= 0:
        return
    heap = [(Fraction(2 * result[at] + 1) / weights[at], at) for at in range(len(result)) if result[at] < highest[at]]
    heapq.heapify(heap)
    for _ in range(missing):
        at = heapq.heappop(heap)[1]
        result[at] += 1
        if result[at] < highest[at]:
            heapq.heappush(heap, (Fraction(2 * result[at] + 1) / weights[at], at))


def _lower(weights: Sequence[Fraction], result: list[int], surplus: int, lower: Sequence[int]) -> None:
    if surplus <= 0:
        return
    heap = [(-Fraction(2 * result[at] - 1) / weights[at], at) for at in range(len(result)) if result[at] > lower[at]]
    heapq.heapify(heap)
    for _ in range(surplus):
        at = heapq.heappop(heap)[1]
        result[at] -= 1
        if result[at] > lower[at]:
            heapq.heappush(heap, (-Fraction(2 * result[at] - 1) / weights[at], at))


def _settle_ties(weights: Sequence[Fraction], result: list[int], lower: Sequence[int], highest: Sequence[int],
                 order: Sequence[int]) -> None:
    """Where the last seat given and the next seat have equal quotients, the earlier in `order` have them."""
    given = {at: Fraction(2 * result[at] - 1) / weights[at] for at in order if weights[at] and result[at] > lower[at]}
    open_ = {at: Fraction(2 * result[at] + 1) / weights[at] for at in order if weights[at] and result[at] < highest[at]}
    if not given or not open_:
        return
    edge = min(open_.values())
    if max(given.values()) != edge:
        return
    tied = [at for at in order if given.get(at) == edge or open_.get(at) == edge]
    seats = sum(given.get(at) == edge for at in tied)
    for at in tied:
        if given.get(at) == edge:
            result[at] -= 1
    for at in tied[:seats]:
        result[at] += 1
