"""Small problems, and every matrix that meets one, in fractions: what the tests of the allocation compare with."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import log
from typing import Any

from hypothesis import strategies as st

from allocation.problem import Problem
from allocation.totals import category_ranges, unit_ranges

Matrix = tuple[tuple[int, ...], ...]
Cell = tuple[int, int]
Range = tuple[int, int]
Sum = tuple[frozenset[Cell], int, int]  # cells, and the lowest and highest sum of their seats


def matrices(
    total: int,
    rows: Sequence[Range],
    columns: Sequence[Range],
    low: Sequence[Sequence[int]],
    high: Sequence[Sequence[int]],
    sums: Sequence[Sum] = (),
) -> Iterator[Matrix]:
    """All integer matrices within the cells' bounds that meet totals and groups."""
    lines = [
        [
            line
            for line in itertools.product(*(range(a, min(b, total) + 1) for a, b in zip(low[i], high[i], strict=True)))
            if a_row <= sum(line) <= min(b_row, total)
        ]
        for i, (a_row, b_row) in enumerate(rows)
    ]
    rest = [[sum(high[i][j] for i in range(at, len(rows))) for j in range(len(columns))] for at in range(len(rows) + 1)]

    def fill(i: int, now: tuple[int, ...], matrix: Matrix) -> Iterator[Matrix]:
        if any(s > b or s + more < a for s, more, (a, b) in zip(now, rest[i], columns, strict=True)):
            return
        if i < len(rows):
            for line in lines[i]:
                yield from fill(i + 1, tuple(map(sum, zip(now, line, strict=True))), (*matrix, line))
        elif sum(now) == total and all(a <= sum(matrix[r][c] for r, c in cells) <= b for cells, a, b in sums):
            yield matrix

    yield from fill(0, (0,) * len(columns), ())


def product(matrix: Matrix, weights: Sequence[Sequence[Fraction]], start: Sequence[Sequence[int]]) -> Fraction:
    """The objective as a product of (k − ½)/w, k from above `start`."""
    cost = Fraction(1)
    for line, ws, froms in zip(matrix, weights, start, strict=True):
        for x, w, k0 in zip(line, ws, froms, strict=True):
            for k in range(k0 + 1, x + 1):
                cost *= Fraction(2 * k - 1, 2) / w
    return cost


def best_of(
    candidates: Sequence[Matrix],
    weights: Sequence[Sequence[Fraction]],
    start: Sequence[Sequence[int]],
    order: Sequence[int],
) -> list[Matrix]:
    """Those with the least product, the lexicographically greatest first. Logarithms only set aside what is far off."""
    most = max((x for matrix in candidates for line in matrix for x in line), default=0)
    ladder = [
        [
            list(
                itertools.accumulate(
                    [0.0] * (k0 + 1) + [log((k - 0.5) / w) if w else 0.0 for k in range(k0 + 1, most + 1)]
                )
            )
            for w, k0 in zip(ws, froms, strict=True)
        ]
        for ws, froms in zip(weights, start, strict=True)
    ]
    logs = [
        sum(steps[x] for line, row in zip(matrix, ladder, strict=True) for x, steps in zip(line, row, strict=True))
        for matrix in candidates
    ]
    near = [matrix for matrix, value in zip(candidates, logs, strict=True) if value <= min(logs) + 1e-9]
    costs = [product(matrix, weights, start) for matrix in near]
    found = [matrix for matrix, cost in zip(near, costs, strict=True) if cost == min(costs)]
    return sorted(found, key=lambda matrix: [matrix[i] for i in order], reverse=True)


def optimal(
    problem: Problem, floors: Sequence[Sequence[int]] | None = None, ceilings: Sequence[Sequence[int]] | None = None
) -> list[Matrix]:
    """All optimal matrices of a problem as read, within floors and ceilings where given; none when impossible."""
    rows, columns = unit_ranges(problem), category_ranges(problem)
    start = [[0] * len(line) for line in problem.weights]
    high = [[problem.total if w else 0 for w in line] for line in problem.weights]
    for rule in problem.at_least:
        start[rule.unit][rule.category] = rule.seats
    for rule in problem.at_most:
        high[rule.unit][rule.category] = min(rule.seats, high[rule.unit][rule.category])
    low = start
    if floors is not None and ceilings is not None:
        low = [[max(pair) for pair in zip(*lines, strict=True)] for lines in zip(low, floors, strict=True)]
        high = [[min(pair) for pair in zip(*lines, strict=True)] for lines in zip(high, ceilings, strict=True)]
    sums = [
        (
            frozenset(itertools.product(group.units, group.categories)),
            group.min or 0,
            problem.total if group.max is None else group.max,
        )
        for group in problem.groups
    ]
    sides = [list(zip(side.low, side.high, strict=True)) for side in (rows, columns)]
    found = list(matrices(problem.total, sides[0], sides[1], low, high, sums))
    return best_of(found, problem.weights, start, problem.drawing_order)


def quota(shares: Sequence[Sequence[Fraction]]) -> tuple[list[list[int]], list[list[int]]]:
    """⌊q⌋ and ⌈q⌉."""
    return [[q.__floor__() for q in line] for line in shares], [[q.__ceil__() for q in line] for line in shares]


@st.composite
def problems(
    draw: st.DrawFn, free: bool = False, groups: bool = False, largest: int = 3, wide: bool = False
) -> dict[str, Any]:
    """Small problems of every shape, most of them possible, many of them tied.

    `wide`: also derived totals beside given ones and within bounds, nested groups, ranges for groups, overlays.
    """
    m, n = draw(st.integers(1, largest)), draw(st.integers(1, largest))
    total = draw(st.integers(0, 7))
    pools: list[list[int | str]] = [[1], [0, 1, 1, 2], [0, 1, 2, 3, 5, 7], [3, 10, 17, 44, 91], ["0.5", "2.25", 4]]
    pool = draw(st.sampled_from(pools))
    weights = [[draw(st.sampled_from(pool)) for _ in range(n)] for _ in range(m)]
    obj: dict[str, Any] = {
        "format": "allocation-problem/1",
        "total": total,
        "weights": weights,
        "method": draw(st.sampled_from(["webster", "within-quota"])),
        "category_rounding": draw(st.sampled_from(["webster", "largest-remainder"])),
        "units": draw(_side(m, total, "u", "weight", free, wide)),
        "categories": draw(_side(n, total, "c", "share", free, wide)),
    }
    obj["drawing_order"] = draw(st.permutations([line["id"] for line in obj["units"]]))
    cells = [{"unit": f"u{i}", "category": f"c{j}"} for i in range(m) for j in range(n)]
    chosen = draw(st.lists(st.sampled_from(cells), max_size=2, unique_by=lambda cell: (cell["unit"], cell["category"])))
    for cell in chosen:
        key = draw(st.sampled_from(["at_least", "at_most"]))
        obj.setdefault(key, []).append({**cell, "seats": draw(st.integers(0, 3))})
    if groups:
        obj["groups"] = [draw(_group(f"g{k}", m, n, wide)) for k in range(draw(st.integers(1, 3 if wide else 2)))]
    if wide and draw(st.booleans()):
        spread = st.lists(st.sampled_from([0, 1, 1, 2, 5]), min_size=m, max_size=m)
        size: dict[str, Any] = draw(st.sampled_from([{"seats": 2}, {"seats": 5}, {"share": "0.27"}, {"share": "0.92"}]))
        obj["overlays"] = [{"id": "o", "weights": draw(spread), **size}]
    return obj


@st.composite
def _group(draw: st.DrawFn, name: str, m: int, n: int, wide: bool) -> dict[str, Any]:
    some = {"units": [f"u{i}" for i in range(m)], "categories": [f"c{j}" for j in range(n)]}
    group: dict[str, Any] = {"id": name}
    for side, lines in some.items():
        if not wide or draw(st.booleans()):
            group[side] = draw(st.lists(st.sampled_from(lines), min_size=1, unique=True))
    ends = draw(st.sampled_from([["min"], ["max"], ["min", "max"]] if wide else [["min"], ["max"]]))
    return group | {end: draw(st.integers(0 if wide else 1, 4)) for end in ends}


@st.composite
def _side(
    draw: st.DrawFn, count: int, total: int, name: str, weight: str, free: bool, wide: bool
) -> list[dict[str, Any]]:
    kind = draw(
        st.sampled_from(
            ["seats", "derived", "derived", *(["free", "free", "mixed"] if free else []), *(["beside"] if wide else [])]
        )
    )
    lines: list[dict[str, Any]] = []
    left = total
    for at in range(count):
        line: dict[str, Any] = {"id": f"{name}{at}"}
        if kind == "seats" or (kind in ("mixed", "beside") and draw(st.booleans())):
            last = kind == "seats" and at == count - 1
            line["seats"] = left if last else draw(st.integers(0, left))
            left -= line["seats"]
        elif kind in ("derived", "beside"):
            line[weight] = draw(st.sampled_from(["0.5", "0.25", "0.1"] if weight == "share" else [1, 2, 3]))
            if wide and draw(st.booleans()):
                line[draw(st.sampled_from(["min", "max"]))] = draw(st.integers(0, 3))
        else:
            if draw(st.booleans()):
                line["min"] = draw(st.integers(0, 2))
            if draw(st.booleans()):
                line["max"] = draw(st.integers(0 if wide else 1, 5))
        lines.append(line)
    return lines
