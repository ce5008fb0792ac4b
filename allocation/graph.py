"""Small graph helpers: strongly connected components. Knows nothing of seats."""

from __future__ import annotations

from collections.abc import Sequence


def components(arcs: Sequence[Sequence[int]]) -> list[int]:
    """The number of the strongly connected component of each node (Tarjan, without recursion)."""
    count = len(arcs)
    index = [0] * count
    low = [0] * count
    on_stack = [False] * count
    component = [-1] * count
    stack: list[int] = []
    clock = found = 0
    for root in range(count):
        if index[root]:
            continue
        work = [(root, 0)]
        while work:
            node, at = work.pop()
            if at == 0:
                clock += 1
                index[node] = low[node] = clock
                stack.append(node)
                on_stack[node] = True
            descended = False
            for position in range(at, len(arcs[node])):
                head = arcs[node][position]
                if not index[head]:
                    work.append((node, position + 1))
                    work.append((head, 0))
                    descended = True
                    break
                if on_stack[head]:
                    low[node] = min(low[node], index[head])
            if descended:
                continue
            if low[node] == index[node]:
                while True:
                    member = stack.pop()
                    on_stack[member] = False
                    component[member] = found
                    if member == node:
                        break
                found += 1
            if work:
                parent = work[-1][0]
                low[parent] = min(low[parent], low[node])
    return component
