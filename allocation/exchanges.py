"""Closed exchanges among cells that stand exactly at a half: what `check` asks about ties. Graphs only, no numbers.

A cell that may rise is an arc from its unit to its category, one that may fall an arc back; a closed exchange is a
cycle. Free lines whose number is 1 exchange seats through two more nodes.
"""

from __future__ import annotations

from collections.abc import Sequence

from allocation.graph import components

Cell = tuple[int, int]
Slack = Sequence[tuple[bool, bool]]  # for each line: may its total rise, may it fall?


def _arcs(rises: Sequence[Cell], falls: Sequence[Cell], units: Slack, categories: Slack) -> list[set[int]]:
    m, n = len(units), len(categories)
    arcs: list[set[int]] = [set() for _ in range(m + n + 2)]
    for i, j in rises:
        arcs[i].add(m + j)
    for i, j in falls:
        arcs[m + j].add(i)
    for i, (up, down) in enumerate(units):
        if up:
            arcs[m + n].add(i)
        if down:
            arcs[i].add(m + n)
    for j, (up, down) in enumerate(categories):
        if up:
            arcs[m + j].add(m + n + 1)
        if down:
            arcs[m + n + 1].add(m + j)
    return arcs


def tied_sets(rises: Sequence[Cell], falls: Sequence[Cell], units: Slack, categories: Slack) -> list[list[Cell]]:
    """The cells that lie on closed exchanges, one list for each set of linked lines."""
    component = components([sorted(heads) for heads in _arcs(rises, falls, units, categories)])
    found: dict[int, list[Cell]] = {}
    for i, j in sorted({*rises, *falls}):
        if component[i] == component[len(units) + j]:
            found.setdefault(component[i], []).append((i, j))
    return list(found.values())


def improvable(
    drawing_order: Sequence[int], rises: Sequence[Cell], falls: Sequence[Cell], units: Slack, categories: Slack
) -> list[Cell]:
    """Cells that a closed exchange would raise while it lowers none earlier in reading order."""
    m = len(units)
    reading = {unit: at for at, unit in enumerate(drawing_order)}
    arcs = _arcs(rises, [], units, categories)
    events = sorted(
        [(reading[i], j, i, True) for i, j in rises] + [(reading[i], j, i, False) for i, j in falls], reverse=True
    )
    result: list[Cell] = []
    for _, j, i, may_rise in events:
        if not may_rise:
            arcs[m + j].add(i)  # from here on, back to the first cell, this cell may be lowered
        elif _reaches(arcs, m + j, i):
            result.append((i, j))
    return result


def _reaches(arcs: Sequence[set[int]], start: int, goal: int) -> bool:
    seen = {start}
    stack = [start]
    while stack:
        for head in arcs[stack.pop()]:
            if head == goal:
                return True
            if head not in seen:
                seen.add(head)
                stack.append(head)
    return False
