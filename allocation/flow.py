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


class Network:
    """Arcs (tail, head) between nodes 0..; their bounds are given anew with every question."""

    def __init__(self, nodes: int, arcs: Sequence[tuple[int, int]]) -> None:
        self.arcs = arcs
        self.nodes = nodes
        self.source, self.sink = nodes, nodes + 1
        self.heads: list[int] = []
        self.leaving: list[list[int]] = [[] for _ in range(nodes + 2)]
        pairs = [*arcs, *((self.source, node) for node in range(nodes)), *((node, self.sink) for node in range(nodes))]
        for tail, head in pairs:
            self.leaving[tail].append(len(self.heads))
            self.leaving[head].append(len(self.heads) + 1)
            self.heads += [head, tail]

    def circulate(self, low: Sequence[int], high: Sequence[int]) -> tuple[list[int], Cut | None]:
        """A circulation with low ≤ high on every arc: the flow of each arc, or the cut that forbids it."""
        balance = [0] * self.nodes
        room: list[int] = []
        for (tail, head), least, most in zip(self.arcs, low, high, strict=True):
            room += (most - least, 0)
            if least:
                balance[head] += least
                balance[tail] -= least
        for value in balance:
            room += (max(value, 0), 0)
        for value in balance:
            room += (max(-value, 0), 0)
        level = self._push_all(room)
        flows = [least + room[2 * at + 1] for at, least in enumerate(low)]
        if not any(room[edge] for edge in self.leaving[self.source]):
            return flows, None
        inside = [depth >= 0 for depth in level]
        demand = [at for at, (tail, head) in enumerate(self.arcs) if low[at] and inside[head] and not inside[tail]]
        limits = [at for at, (tail, head) in enumerate(self.arcs) if inside[tail] and not inside[head]]
        return flows, Cut(tuple(demand), tuple(limits))

    def _push_all(self, room: list[int]) -> list[int]:
        """Dinic's maximum flow, in place; the levels of the last search: -1 beyond the minimum cut."""
        leaving, heads, source, sink = self.leaving, self.heads, self.source, self.sink
        while True:
            level = [-1] * len(leaving)
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
            at = [0] * len(leaving)
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
