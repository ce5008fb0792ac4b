"""Decides, in fractions, what the direct method left to floats: is the matrix optimal, and where exactly do ties stand?

Floats first show where nothing can be close (`Ladder.room`); only the cells that remain are looked at exactly. Nodes:
row i carries 1/ρ_i, column j carries κ_j. A cell that may rise gives κ_j ≤ (x+½)/w · 1/ρ_i, one that may fall gives
1/ρ_i ≤ w/(x−½) · κ_j. The matrix is optimal when no cycle of such arcs has a product below 1; a tie is a cycle of exactly 1.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

import numpy as np

from allocation.graph import components
from allocation.ladder import Ladder, centred
from allocation.table import Ints, Table

CLOSE = 1e-9


@dataclass
class Pinned:
    """Lines whose numbers are fixed relative to each other: exact values per node, one common scale left open."""

    value: dict[int, Fraction]
    cells: list[tuple[int, int]] = field(default_factory=list)


def rise(table: Table, seats: Ints, i: int, j: int) -> Fraction:
    """(x + ½)/w of a cell that may rise; 1 in a plain cell."""
    if i >= table.units or j >= table.categories:
        return Fraction(1)
    return Fraction(2 * int(seats[i, j]) + 1, 2) / table.weights[i][j]


def fall(table: Table, seats: Ints, i: int, j: int) -> Fraction:
    """(x − ½)/w of a cell that may fall; 1 in a plain cell."""
    if i >= table.units or j >= table.categories:
        return Fraction(1)
    return Fraction(2 * int(seats[i, j]) - 1, 2) / table.weights[i][j]


def settle(ladder: Ladder) -> list[Pinned]:
    """Improves the matrix until it is exactly optimal; returns the exact structure of its ties."""
    while True:
        arcs = _close_arcs(ladder)
        if arcs is None:
            return []
        pinned = _resolve(ladder.table, ladder.seats, arcs)
        if pinned is not None:
            return pinned
        ladder.renew()


def _close_arcs(ladder: Ladder) -> list[list[int]] | None:
    """Arcs that could belong to a cycle of product ≤ 1, as a graph; None when floats show that there is none."""
    while True:
        if ladder.room > CLOSE:
            return None
        if ladder.room >= -CLOSE:
            break
        _cancel(ladder)
    up, down = ladder.up, ladder.down
    columns = centred(ladder.cost - min(ladder.room, 0.0))
    high = (up - columns).min(axis=1)
    low = (down - columns).max(axis=1)
    height, width = up.shape
    arcs: list[list[int]] = [[] for _ in range(height + width)]
    for i in np.flatnonzero(high - low <= CLOSE).tolist():
        for j in np.flatnonzero(up[i] - columns <= low[i] + CLOSE).tolist():
            arcs[i].append(height + j)
        for j in np.flatnonzero(down[i] - columns >= high[i] - CLOSE).tolist():
            arcs[height + j].append(i)
    return arcs


def _cancel(ladder: Ladder) -> None:
    """Pushes one seat around a cycle that floats show to be clearly profitable."""
    cost = ladder.cost
    width = len(cost)
    distance = np.zeros(width)
    parent = np.full(width, -1)
    last = -1
    for _ in range(width + 1):
        through = distance[:, None] + cost
        came = through.argmin(axis=0)
        reached = through[came, np.arange(width)]
        better = reached < distance - CLOSE / (4 * width)
        if not better.any():
            break
        distance = np.where(better, reached, distance)
        parent[better] = came[better]
        last = int(np.flatnonzero(better)[0])
    for _ in range(width):
        last = int(parent[last])
    cycle = [last]
    while True:
        cycle.append(int(parent[cycle[-1]]))
        if cycle[-1] == last:
            break
    cycle.reverse()
    ladder.move(pairwise(cycle))


def _resolve(table: Table, seats: Ints, arcs: list[list[int]]) -> list[Pinned] | None:
    """Exact values on each component of the close arcs; None after a profitable cycle was found and used."""
    component = components(arcs)
    members: dict[int, list[int]] = {}
    for node, number in enumerate(component):
        members.setdefault(number, []).append(node)
    result: list[Pinned] = []
    for nodes in members.values():
        if len(nodes) == 1:
            continue
        inside = {node: [head for head in arcs[node] if component[head] == component[node]] for node in nodes}
        values = _exact_values(table, seats, inside)
        if values is None:
            return None
        result.extend(_tied(table, seats, inside, values))
    return result


def _length(table: Table, seats: Ints, tail: int, head: int) -> Fraction:
    height = table.shape[0]
    if tail < height:
        return rise(table, seats, tail, head - height)
    return 1 / fall(table, seats, head, tail - height)


def _exact_values(table: Table, seats: Ints, arcs: dict[int, list[int]]) -> dict[int, Fraction] | None:
    """Least products from one node of a component (Bellman–Ford in fractions); pushes a cycle below 1 and says None."""
    root = next(iter(arcs))
    value = {root: Fraction(1)}
    parent: dict[int, int] = {}
    rounds = dict.fromkeys(arcs, 0)
    queue = deque([root])
    waiting = {root}
    lengths: dict[tuple[int, int], Fraction] = {}
    while queue:
        tail = queue.popleft()
        waiting.discard(tail)
        for head in arcs[tail]:
            length = lengths.get((tail, head))
            if length is None:
                length = lengths[tail, head] = _length(table, seats, tail, head)
            new = value[tail] * length
            if head in value and new >= value[head]:
                continue
            value[head] = new
            parent[head] = tail
            rounds[head] += 1
            if rounds[head] > len(arcs):
                _push(table, seats, parent, head)
                return None
            if head not in waiting:
                waiting.add(head)
                queue.append(head)
    return value


def _push(table: Table, seats: Ints, parent: dict[int, int], node: int) -> None:
    seen: set[int] = set()
    while node not in seen:
        seen.add(node)
        node = parent[node]
    height = table.shape[0]
    head = node
    while True:
        tail = parent[head]
        if tail < height:
            seats[tail, head - height] += 1
        else:
            seats[head, tail - height] -= 1
        head = tail
        if head == node:
            return


def _tied(table: Table, seats: Ints, arcs: dict[int, list[int]], value: dict[int, Fraction]) -> list[Pinned]:
    """The parts of a component that are held together by arcs without any room."""
    nodes = sorted(arcs)
    place = {node: at for at, node in enumerate(nodes)}
    tight = [
        [place[head] for head in arcs[node] if value[head] == value[node] * _length(table, seats, node, head)]
        for node in nodes
    ]
    component = components(tight)
    height = table.shape[0]
    parts: dict[int, Pinned] = {}
    for at, node in enumerate(nodes):
        parts.setdefault(component[at], Pinned({})).value[node] = value[node]
        for other in tight[at]:
            if component[other] == component[at]:
                tail, head = node, nodes[other]
                cell = (tail, head - height) if tail < height else (head, tail - height)
                part = parts[component[at]]
                if cell[0] < table.units and cell[1] < table.categories:
                    part.cells.append(cell)
    return [part for part in parts.values() if len(part.value) > 1]
