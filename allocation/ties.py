"""Among the optimal matrices, takes the one that SPEC names: greatest in lexicographic order, units as drawn.

All optimal matrices differ from one another by closed exchanges of cells that stand exactly at a half (`proof.py`). Cell
by cell in reading order, a cell that could be higher is raised if an exchange exists that touches no earlier cell.
"""

from __future__ import annotations

from collections import deque
from itertools import pairwise

from allocation.proof import Pinned
from allocation.table import Ints, Table


def draw(table: Table, seats: Ints, pinned: list[Pinned]) -> None:
    """Changes `seats` into the lexicographically greatest optimal matrix."""
    for part in pinned:
        if part.cells:
            _Exchanges(table, seats, part).draw()


class _Exchanges:
    """The tied cells of one set of linked lines. A row of the pool can move a seat j → k if j may fall and k may rise."""

    def __init__(self, table: Table, seats: Ints, part: Pinned) -> None:
        self.table = table
        self.seats = seats
        height = table.shape[0]
        self.falls: dict[int, set[int]] = {}
        self.rises: dict[int, set[int]] = {}
        self.plain: dict[tuple[int, int], tuple[int, int]] = {}
        rows = [node for node in part.value if node < height]
        columns = [node - height for node in part.value if node >= height]
        for i in rows:
            self.falls[i], self.rises[i] = set(), set()
        for i, j in part.cells:
            weight = table.weights[i][j]
            # The product is 1/value(row) · value(column) · weight; the cell stands at its upper or its lower step.
            product = part.value[height + j] / part.value[i] * weight
            (self.falls if 2 * product < 2 * int(seats[i, j]) else self.rises)[i].add(j)
        for i in rows:
            for j in columns:
                if table.plain[i, j] and part.value[height + j] == part.value[i]:
                    self.plain[i, j] = (int(table.lower[i, j]), int(table.upper[i, j]))
                    self._mark_plain(i, j)
        self.pool: dict[int, None] = dict.fromkeys(rows)
        self.by_fall: dict[int, set[int]] = {j: set() for j in columns}
        self.by_rise: dict[int, set[int]] = {j: set() for j in columns}
        for i in rows:
            self._enter(i)

    def _mark_plain(self, i: int, j: int) -> None:
        low, high = self.plain[i, j]
        value = int(self.seats[i, j])
        (self.falls[i].add if value > low else self.falls[i].discard)(j)
        (self.rises[i].add if value < high else self.rises[i].discard)(j)

    def _enter(self, i: int) -> None:
        for j in self.falls[i]:
            self.by_fall[j].add(i)
        for j in self.rises[i]:
            self.by_rise[j].add(i)

    def _leave(self, i: int) -> None:
        for j in self.falls[i]:
            self.by_fall[j].discard(i)
        for j in self.rises[i]:
            self.by_rise[j].discard(i)

    def _shift(self, i: int, j: int, by: int) -> None:
        """Adds `by` to a cell and keeps its marks."""
        self.seats[i, j] += by
        if (i, j) in self.plain:
            self._mark_plain(i, j)
        elif by > 0:
            self.rises[i].discard(j)
            self.falls[i].add(j)
        else:
            self.falls[i].discard(j)
            self.rises[i].add(j)

    def draw(self) -> None:
        for i in range(self.table.units):
            if i not in self.pool:
                continue
            self._leave(i)
            del self.pool[i]
            for j in range(self.table.categories):
                if j in self.falls[i]:
                    self.falls[i].discard(j)
                elif j in self.rises[i]:
                    path = self._path(j, self.falls[i])
                    if path is not None:
                        self._exchange(i, path)
                        self.falls[i].discard(j)
                    self.rises[i].discard(j)

    def _path(self, start: int, goals: set[int]) -> list[int] | None:
        """Columns from `start` to one that the row can give up, each step made by a row of the pool."""
        if not goals:
            return None
        came: dict[int, int] = {start: -1}
        queue = deque([start])
        while queue:
            j = queue.popleft()
            givers = self.by_fall[j]
            if not givers:
                continue
            for k in self.by_rise:
                if k not in came and not givers.isdisjoint(self.by_rise[k]):
                    came[k] = j
                    if k in goals:
                        path = [k]
                        while came[path[-1]] >= 0:
                            path.append(came[path[-1]])
                        return path[::-1]
                    queue.append(k)
        return None

    def _exchange(self, i: int, path: list[int]) -> None:
        for j, k in pairwise(path):
            givers, takers = self.by_fall[j], self.by_rise[k]
            row = next(i for i in min(givers, takers, key=len) if i in givers and i in takers)
            self._leave(row)
            self._shift(row, j, -1)
            self._shift(row, k, 1)
            self._enter(row)
        self._shift(i, path[0], 1)
        self._shift(i, path[-1], -1)
