"""Exchanges of tied cells where groups are about: which of several equally good matrices is first in reading order?

Each tied cell stands at its lower (0) or its upper (1) step; lines and groups bound sums of cells. Exact and without a
solver, for the allocation and for its check alike; ties across groups are few, and the search says so when they are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MOST_STEPS = 200_000


class TooManyTies(Exception):
    """More equally good matrices than can be searched."""


@dataclass(frozen=True, slots=True)
class Sum:
    """The upper steps among these cells (positions) number at least `low`, at most `high`; it may link its cells."""

    cells: tuple[int, ...]
    low: int
    high: int
    links: bool = True


class _Search:
    def __init__(self, count: int, sums: Sequence[Sum]) -> None:
        self.sums = sums
        self.of_cell: list[list[int]] = [[] for _ in range(count)]
        for at, entry in enumerate(sums):
            for cell in entry.cells:
                self.of_cell[cell].append(at)
        self.steps = 0

    def find(self, count: int, fixed: dict[int, int], wish: Sequence[int]) -> list[int] | None:
        """Values that keep all sums and the fixed cells, as near to `wish` as the search comes; None when impossible."""
        value: list[int | None] = [None] * count
        taken = [0] * len(self.sums)
        open_ = [len(entry.cells) for entry in self.sums]
        trail: list[int] = []

        def put(cell: int, bit: int) -> bool:
            """Sets a cell and all that follows from it."""
            pending = [(cell, bit)]
            while pending:
                cell, bit = pending.pop()
                if value[cell] is not None:
                    if value[cell] != bit:
                        return False
                    continue
                value[cell] = bit
                trail.append(cell)
                for at in self.of_cell[cell]:
                    taken[at] += bit
                    open_[at] -= 1
                for at in self.of_cell[cell]:
                    entry = self.sums[at]
                    if taken[at] > entry.high or taken[at] + open_[at] < entry.low:
                        return False
                    if open_[at] and taken[at] == entry.high:
                        pending += [(other, 0) for other in entry.cells if value[other] is None]
                    elif open_[at] and taken[at] + open_[at] == entry.low:
                        pending += [(other, 1) for other in entry.cells if value[other] is None]
            return True

        def undo(mark: int) -> None:
            while len(trail) > mark:
                cell = trail.pop()
                bit = value[cell] or 0
                value[cell] = None
                for at in self.of_cell[cell]:
                    taken[at] -= bit
                    open_[at] += 1

        for cell, bit in fixed.items():
            if not put(cell, bit):
                return None
        stack: list[tuple[int, int, list[int]]] = []
        at = 0
        while True:
            while at < count and value[at] is not None:
                at += 1
            if at == count:
                return [bit or 0 for bit in value]
            stack.append((at, len(trail), [wish[at], 1 - wish[at]]))
            while stack:
                cell, mark, bits = stack[-1]
                undo(mark)
                if not bits:
                    stack.pop()
                    continue
                self.steps += 1
                if self.steps > MOST_STEPS:
                    raise TooManyTies
                if put(cell, bits.pop(0)):
                    at = cell
                    break
            else:
                return None


def greatest(now: Sequence[int], sums: Sequence[Sum]) -> list[int]:
    """The values that are lexicographically greatest, found from values that keep the sums. May raise TooManyTies."""
    best = list(now)
    search = _Search(len(best), sums)
    fixed: dict[int, int] = {}
    for at in range(len(best)):
        if not best[at]:
            found = search.find(len(best), {**fixed, at: 1}, best)
            if found is not None:
                best = found
        fixed[at] = best[at]
    return best


def linked(now: Sequence[int], sums: Sequence[Sum]) -> list[list[int]]:
    """Sets of cells that can be exchanged and hang together by their lines, by position. May raise TooManyTies."""
    search = _Search(len(now), sums)
    moving = {at for at, bit in enumerate(now) if search.find(len(now), {at: 1 - bit}, now) is not None}
    leader = {at: at for at in moving}

    def root(at: int) -> int:
        while leader[at] != at:
            at = leader[at]
        return at

    for entry in sums:
        together = [root(at) for at in entry.cells if at in moving] if entry.links else []
        for other in together[1:]:
            leader[root(other)] = root(together[0])
    sets: dict[int, list[int]] = {}
    for at in sorted(moving):
        sets.setdefault(root(at), []).append(at)
    return sorted(sets.values())


def line_sums(
    cells: list[tuple[int, int]],
    now: list[int],
    lines_of: dict[tuple[int, int], list[int]],
    sums: list[int],
    low: list[int],
    high: list[int],
    held: list[bool],
) -> list[Sum]:
    """Each line that holds tied cells, as bounds on how many of them stand at their upper step.

    `lines_of` names for each cell its unit, its category, the total, then its groups. What one free unit gives up another
    may take, so that these hang together, and likewise free categories; the total alone links nothing.
    """
    of_line: dict[int, list[int]] = {}
    loose: tuple[list[int], list[int]] = ([], [])
    for at, cell in enumerate(cells):
        for line in lines_of[cell]:
            of_line.setdefault(line, []).append(at)
        for side, line in zip(loose, lines_of[cell], strict=False):
            if low[line] < high[line] and not held[line]:
                side.append(at)
    result = [Sum(tuple(members), 0, len(members)) for members in loose]
    total = next((lines_of[cell][2] for cell in cells), -1)
    for line, members in of_line.items():
        base = sums[line] - sum(now[at] for at in members)
        least, most = (sums[line], sums[line]) if held[line] else (low[line], high[line])
        binds = least > base or most < base + len(members)
        result.append(Sum(tuple(members), least - base, most - base, (binds and line != total) or line < total))
    return result
