"""Spreads seats over a list of weights by Webster's method, exactly, each within its bounds. Knows no matrix."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from fractions import Fraction
from math import lcm


def spread(
    weights: Sequence[Fraction], seats: int, lower: Sequence[int], upper: Sequence[int], order: Sequence[int]
) -> list[int] | None:
    """The Webster seats of each weight, `lower[i]` to `upper[i]`; equal quotients go to the earlier in `order`.

    A weight of 0 gets its lower bound. None when the bounds do not allow `seats`.
    """
    highest = [top if weight else low for weight, low, top in zip(weights, lower, upper, strict=True)]
    if any(low > top for low, top in zip(lower, upper, strict=True)):
        return None
    if not sum(lower) <= seats <= sum(highest):
        return None
    result = _near(weights, seats, lower, highest)
    floats = [w.numerator / w.denominator for w in weights]
    _move(floats, result, seats - sum(result), lower, highest)
    _settle(weights, floats, result, lower, highest, order)
    return result


def _near(weights: Sequence[Fraction], seats: int, lower: Sequence[int], highest: Sequence[int]) -> list[int]:
    """The rounding at one common multiplier, exact for it, with a sum near `seats`: optimal for the sum it has."""
    total = sum(weights, Fraction(0))
    if not total:
        return list(lower)

    scale = lcm(*(w.denominator for w in weights))
    whole = [w.numerator * (scale // w.denominator) for w in weights]

    def rounded(multiplier: Fraction) -> list[int]:
        above, below = 2 * multiplier.numerator, multiplier.denominator * scale
        return [
            min(max((w * above + below) // (2 * below), low), top)
            for w, low, top in zip(whole, lower, highest, strict=True)
        ]

    small, large = 0.0, 0.0
    multiplier = seats * total.denominator / total.numerator
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


def _move(
    floats: Sequence[float], result: list[int], missing: int, lower: Sequence[int], highest: Sequence[int]
) -> None:
    """Gives or takes single seats by the floats of their quotients; `_settle` mends what floats cannot tell apart."""
    step = 1 if missing > 0 else -1
    heap: list[tuple[float, int]] = []

    def offer(at: int) -> None:
        if step > 0 and result[at] < highest[at]:
            heapq.heappush(heap, ((2 * result[at] + 1) / floats[at], at))
        elif step < 0 and result[at] > lower[at]:
            heapq.heappush(heap, (-(2 * result[at] - 1) / floats[at], at))

    if missing:
        for at in range(len(result)):
            offer(at)
    for _ in range(abs(missing)):
        at = heapq.heappop(heap)[1]
        result[at] += step
        offer(at)


def _settle(
    weights: Sequence[Fraction],
    floats: Sequence[float],
    result: list[int],
    lower: Sequence[int],
    highest: Sequence[int],
    order: Sequence[int],
) -> None:
    """Exact: no given seat has a larger quotient than an open one; where they are equal, the earlier in `order` have it."""
    while True:
        given = {at: (2 * result[at] - 1) / floats[at] for at in order if result[at] > lower[at]}
        open_ = {at: (2 * result[at] + 1) / floats[at] for at in order if floats[at] and result[at] < highest[at]}
        if not given or not open_:
            return
        worst, best = max(given.values()), min(open_.values())
        if worst < best * (1 - 1e-12):
            return
        last = {at: Fraction(2 * result[at] - 1) / weights[at] for at in given if given[at] >= best * (1 - 1e-12)}
        next_ = {at: Fraction(2 * result[at] + 1) / weights[at] for at in open_ if open_[at] <= worst * (1 + 1e-12)}
        edge, low = max(last.values()), min(next_.values())
        if edge < low:
            return
        if edge > low:
            result[max(last, key=lambda at: last[at])] -= 1
            result[min(next_, key=lambda at: next_[at])] += 1
            continue
        tied = [at for at in order if last.get(at) == edge or next_.get(at) == edge]
        seats = sum(last.get(at) == edge for at in tied)
        for at in tied:
            if last.get(at) == edge:
                result[at] -= 1
        for at in tied[:seats]:
            result[at] += 1
        return
