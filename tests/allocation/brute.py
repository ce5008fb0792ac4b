"""Small problems and their answers by trying every matrix, in fractions: what the tests of the allocation compare with."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from allocation.problem import Problem
from allocation.totals import category_ranges, unit_ranges

Matrix = tuple[tuple[int, ...], ...]


def _lines(low: Sequence[int], high: Sequence[int], most: int) -> Iterator[tuple[int, ...]]:
    for line in itertools.product(*(range(a, min(b, most) + 1) for a, b in zip(low, high, strict=True))):
        if sum(line) <= most:
            yield line


def optimal(
    problem: Problem, floors: Sequence[Sequence[int]] | None = None, ceilings: Sequence[Sequence[int]] | None = None
) -> list[Matrix]:
    """All matrices with the least product of (k − ½)/w, the lexicographically greatest first; none when impossible."""
    rows, columns = unit_ranges(problem), category_ranges(problem)
    m, n, total = len(problem.units), len(problem.categories), problem.total
    low = [[0] * n for _ in range(m)]
    high = [[total if w else 0 for w in line] for line in problem.weights]
    for rule in problem.at_least:
        low[rule.unit][rule.category] = rule.seats
    for rule in problem.at_most:
        high[rule.unit][rule.category] = min(rule.seats, high[rule.unit][rule.category])
    ladder_from = [line[:] for line in low]
    if floors is not None and ceilings is not None:
        low = [[max(a, b) for a, b in zip(x, y, strict=True)] for x, y in zip(low, floors, strict=True)]
        high = [[min(a, b) for a, b in zip(x, y, strict=True)] for x, y in zip(high, ceilings, strict=True)]
    choices = []
    for i in range(m):
        options = []
        for line in _lines(low[i], high[i], total):
            if rows.low[i] <= sum(line) <= rows.high[i]:
                cost = Fraction(1)
                for j, x in enumerate(line):
                    for k in range(ladder_from[i][j] + 1, x + 1):
                        cost *= Fraction(2 * k - 1, 2) / problem.weights[i][j]
                options.append((line, cost))
        choices.append(options)
    best: Fraction | None = None
    found: list[Matrix] = []

    def fill(i: int, sums: tuple[int, ...], cost: Fraction, matrix: Matrix) -> None:
        nonlocal best, found
        if i == m:
            if sum(sums) != total or not all(columns.low[j] <= sums[j] <= columns.high[j] for j in range(n)):
                return
            for group in problem.groups:
                seats = sum(matrix[a][b] for a in group.units for b in group.categories)
                if seats < (group.min or 0) or (group.max is not None and seats > group.max):
                    return
            if best is None or cost < best:
                best, found = cost, [matrix]
            elif cost == best:
                found.append(matrix)
            return
        for line, more in choices[i]:
            new = tuple(a + b for a, b in zip(sums, line, strict=True))
            if sum(new) <= total and all(new[j] <= columns.high[j] for j in range(n)):
                fill(i + 1, new, cost * more, (*matrix, line))

    fill(0, (0,) * n, Fraction(1), ())
    return sorted(found, key=lambda matrix: [matrix[i] for i in problem.drawing_order], reverse=True)


def quota(shares: Sequence[Sequence[Fraction]]) -> tuple[list[list[int]], list[list[int]]]:
    """⌊q⌋ and ⌈q⌉."""
    return [[q.__floor__() for q in line] for line in shares], [[q.__ceil__() for q in line] for line in shares]


@st.composite
def problems(draw: st.DrawFn, free: bool = False, groups: bool = False, largest: int = 3) -> dict[str, Any]:
    """Small problems of every shape, most of them possible, many of them tied."""
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
        "units": draw(_side(m, total, "u", "weight", free)),
        "categories": draw(_side(n, total, "c", "share", free)),
    }
    obj["drawing_order"] = draw(st.permutations([line["id"] for line in obj["units"]]))
    cells = [{"unit": f"u{i}", "category": f"c{j}"} for i in range(m) for j in range(n)]
    chosen = draw(st.lists(st.sampled_from(cells), max_size=2, unique_by=lambda cell: (cell["unit"], cell["category"])))
    for cell in chosen:
        key = draw(st.sampled_from(["at_least", "at_most"]))
        obj.setdefault(key, []).append({**cell, "seats": draw(st.integers(0, 3))})
    if groups:
        obj["groups"] = [
            {
                "id": f"g{k}",
                "units": draw(st.lists(st.sampled_from([f"u{i}" for i in range(m)]), min_size=1, unique=True)),
                "categories": draw(st.lists(st.sampled_from([f"c{j}" for j in range(n)]), min_size=1, unique=True)),
                draw(st.sampled_from(["min", "max"])): draw(st.integers(1, 4)),
            }
            for k in range(draw(st.integers(1, 2)))
        ]
    return obj


@st.composite
def _side(draw: st.DrawFn, count: int, total: int, name: str, weight: str, free: bool) -> list[dict[str, Any]]:
    kind = draw(st.sampled_from(["seats", "derived", "derived", *(["free", "free", "mixed"] if free else [])]))
    lines: list[dict[str, Any]] = []
    left = total
    for at in range(count):
        line: dict[str, Any] = {"id": f"{name}{at}"}
        if kind == "seats" or (kind == "mixed" and draw(st.booleans())):
            last = kind == "seats" and at == count - 1
            line["seats"] = left if last else draw(st.integers(0, left))
            left -= line["seats"]
        elif kind == "derived":
            line[weight] = draw(st.sampled_from(["0.5", "0.25", "0.1"] if weight == "share" else [1, 2, 3]))
        else:
            if draw(st.booleans()):
                line["min"] = draw(st.integers(0, 2))
            if draw(st.booleans()):
                line["max"] = draw(st.integers(1, 5))
        lines.append(line)
    return lines
