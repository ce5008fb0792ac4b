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
    """Looks for values that keep all sums, starting from wished ones: only cells of sums that the wishes break are changed."""

    def __init__(self, count: int, sums: Sequence[Sum]) -> None:
        self.count = count
        self.sums = sums
        self.of_cell: list[list[int]] = [[] for _ in range(count)]
        for at, entry in enumerate(sums):
            for cell in entry.cells:
                self.of_cell[cell].append(at)
        self.steps = 0

    def find(self, fixed: dict[int, int], wish: Sequence[int]) -> list[int] | None:
        """Values that keep all sums and the fixed cells, as wished where that goes; None when impossible."""
        self.value: list[int | None] = [None] * self.count
        self.taken = [0] * len(self.sums)  # by the cells that are decided
        self.open = [len(entry.cells) for entry in self.sums]
        self.would = [sum(wish[cell] for cell in entry.cells) for entry in self.sums]  # with wishes for the others
        self.trail: list[int] = []
        if not all(self._put(cell, bit, wish) for cell, bit in fixed.items()):
            return None
        choices: list[tuple[int, int, list[int]]] = []
        while True:
            cell = self._broken(wish)
            if cell < 0:
                return [wish[at] if bit is None else bit for at, bit in enumerate(self.value)]
            choices.append((cell, len(self.trail), [wish[cell], 1 - wish[cell]]))
            while True:
                if not choices:
                    return None
                cell, mark, bits = choices[-1]
                self._undo(mark, wish)
                if not bits:
                    choices.pop()
                    continue
                self.steps += 1
                if self.steps > MOST_STEPS:
                    raise TooManyTies
                if self._put(cell, bits.pop(), wish):
                    break

    def _broken(self, wish: Sequence[int]) -> int:
        """An undecided cell that must perhaps change because the wishes break one of its sums; −1 when they break none."""
        best, fewest = -1, self.count + 1
        for at, entry in enumerate(self.sums):
            if entry.low <= self.would[at] <= entry.high:
                continue
            bit = int(self.would[at] > entry.high)
            cells = [cell for cell in entry.cells if self.value[cell] is None and wish[cell] == bit]
            if len(cells) < fewest:
                best, fewest = cells[0], len(cells)
        return best

    def _put(self, cell: int, bit: int, wish: Sequence[int]) -> bool:
        """Decides a cell and all that follows from it; False when a sum cannot be kept."""
        pending = [(cell, bit)]
        while pending:
            cell, bit = pending.pop()
            if self.value[cell] is not None:
                if self.value[cell] != bit:
                    return False
                continue
            self.value[cell] = bit
            self.trail.append(cell)
            for at in self.of_cell[cell]:
                self.taken[at] += bit
                self.open[at] -= 1
                self.would[at] += bit - wish[cell]
            for at in self.of_cell[cell]:
                entry = self.sums[at]
                if self.taken[at] > entry.high or self.taken[at] + self.open[at] < entry.low:
                    return False
                if self.open[at] and self.taken[at] == entry.high:
                    pending += [(other, 0) for other in entry.cells if self.value[other] is None]
                elif self.open[at] and self.taken[at] + self.open[at] == entry.low:
                    pending += [(other, 1) for other in entry.cells if self.value[other] is None]
        return True

    def _undo(self, mark: int, wish: Sequence[int]) -> None:
        while len(self.trail) > mark:
            cell = self.trail.pop()
            bit = self.value[cell] or 0
            self.value[cell] = None
            for at in self.of_cell[cell]:
                self.taken[at] -= bit
                self.open[at] += 1
                self.would[at] -= bit - wish[cell]


def greatest(now: Sequence[int], sums: Sequence[Sum]) -> list[int]:
    """The values that are lexicographically greatest, found from values that keep the sums. May raise TooManyTies."""
    best = list(now)
    search = _Search(len(best), sums)
    fixed: dict[int, int] = {}
    for at in range(len(best)):
        if not best[at]:
            found = search.find({**fixed, at: 1}, best)
            if found is not None:
                best = found
        fixed[at] = best[at]
    return best


def linked(now: Sequence[int], sums: Sequence[Sum]) -> list[list[int]]:
    """Sets of cells that can be exchanged and hang together by their lines, by position. May raise TooManyTies."""
    search = _Search(len(now), sums)
    moving = {at for at, bit in enumerate(now) if search.find({at: 1 - bit}, now) is not None}
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
