"""Can seats flow through a network with lower and upper bounds? A maximum flow decides, a minimum cut says why not.

Integers only; knows arcs, not elections.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cut:
    """Arcs whose lower bounds force more into a set of nodes than the upper bounds of `room` let out of it."""

    demand: tuple[int, ...]
    room: tuple[int, ...]


def circulate(nodes: int, arcs: Sequence[tuple[int, int, int, int]]) -> tuple[list[int], Cut | None]:
    """A circulation for arcs (tail, head, low, high) with low ≤ high: the flow of each arc, or the cut that forbids it."""
    source, sink = nodes, nodes + 1
    heads: list[int] = []
    room: list[int] = []
    leaving: list[list[int]] = [[] for _ in range(nodes + 2)]

    def add(tail: int, head: int, capacity: int) -> None:
        leaving[tail].append(len(heads))
        heads.append(head)
        room.append(capacity)
        leaving[head].append(len(heads))
        heads.append(tail)
        room.append(0)

    balance = [0] * nodes
    for tail, head, low, high in arcs:
        add(tail, head, high - low)
        balance[head] += low
        balance[tail] -= low
    wanted = 0
    for node, value in enumerate(balance):
        if value > 0:
            add(source, node, value)
            wanted += value
        elif value < 0:
            add(node, sink, -value)
    level = _push_all(source, sink, leaving, heads, room)
    flows = [low + room[2 * at + 1] for at, (_, _, low, _) in enumerate(arcs)]
    if not any(room[edge] for edge in leaving[source]):
        return flows, None
    inside = [depth >= 0 for depth in level]
    demand = tuple(at for at, (tail, head, low, _) in enumerate(arcs) if low and inside[head] and not inside[tail])
    limits = tuple(at for at, (tail, head, _, _) in enumerate(arcs) if inside[tail] and not inside[head])
    return flows, Cut(demand, limits)


def _push_all(source: int, sink: int, leaving: list[list[int]], heads: list[int], room: list[int]) -> list[int]:
    """Dinic's maximum flow, in place; the levels of the last search: -1 beyond the minimum cut."""
    count = len(leaving)
    while True:
        level = [-1] * count
        level[source] = 0
        queue = deque([source])
        while queue:
            node = queue.popleft()
            for edge in leaving[node]:
                if room[edge] and level[heads[edge]] < 0:
                    level[heads[edge]] = level[node] + 1
                    queue.append(heads[edge])
        if level[sink] < 0:
            return level
        at = [0] * count
        path: list[int] = []
        node = source
        while True:
            if node == sink:
                least = min(room[edge] for edge in path)
                for edge in path:
                    room[edge] -= least
                    room[edge ^ 1] += least
                path.clear()
                node = source
                continue
            edges = leaving[node]
            while at[node] < len(edges):
                edge = edges[at[node]]
                if room[edge] and level[heads[edge]] == level[node] + 1:
                    break
                at[node] += 1
            if at[node] < len(edges):
                path.append(edges[at[node]])
                node = heads[edges[at[node]]]
            elif path:
                node = heads[path.pop() ^ 1]
                at[node] += 1
            else:
                break
