"""The whole answer a second time, from the JSON of a problem and the format alone: totals, fair shares, seats, ties, overlays.

`truth` uses nothing of `allocation`. Matrices are all tried and compared in fractions; shares are scaled to fourteen digits.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any

import highspy
import numpy as np
from hypothesis import assume, given

from allocation import allocate, check, read_problem
from tests.allocation.brute import Cell, Matrix, Range, Sum, best_of, matrices, problems
from tests.support.depth import examples

WHOLE = 1e-9  # a share this near to an integer counts as that integer
MOST = 60_000  # more matrices than this are not tried


class Impossible(Exception):
    """The totals cannot be derived."""


class TooLarge(Exception):
    """Too many matrices, or shares that scaling does not reach."""


def spread(weights: Sequence[Fraction], seats: int, low: Sequence[int], high: Sequence[int]) -> list[int]:
    """Webster, seat by seat; equal quotients go to the line given first."""
    result = list(low)
    if any(a > b for a, b in zip(low, high, strict=True)) or sum(result) > seats:
        raise Impossible
    for _ in range(seats - sum(result)):
        open_lines = [i for i, w in enumerate(weights) if w and result[i] < high[i]]
        if not open_lines:
            raise Impossible
        result[max(open_lines, key=lambda i: (weights[i] / (2 * result[i] + 1), -i))] += 1
    return result


def drawn(obj: Mapping[str, Any]) -> list[int]:
    """The positions of the units in the drawing order."""
    ids = [unit["id"] for unit in obj["units"]]
    return [ids.index(unit) for unit in obj.get("drawing_order", ids)]


def ranges(obj: Mapping[str, Any]) -> tuple[list[Range], list[Range]]:
    """Lowest and highest total of every unit and category, equal where the total is exact."""

    def side(lines: Sequence[Mapping[str, Any]], key: str, order: Sequence[int]) -> list[Range]:
        total = obj["total"]
        result = [(line.get("seats", line.get("min", 0)), line.get("seats", line.get("max", total))) for line in lines]
        derived = [i for i in order if key in lines[i]]
        if not derived:
            return result
        weights = [Fraction(lines[i][key]) for i in derived]
        low, high = [result[i][0] for i in derived], [lines[i].get("max", 10**9) for i in derived]
        left = total - sum(line.get("seats", 0) for line in lines)
        if key == "weight" or obj.get("category_rounding") == "webster":
            seats = spread(weights, left, low, high)
        else:
            quotas = [w * total for w in weights]
            seats = [floor(q) for q in quotas]
            left -= sum(seats)
            if not 0 <= left <= len(seats):
                raise Impossible
            for at in sorted(range(len(seats)), key=lambda at: (seats[at] - quotas[at], at))[:left]:
                seats[at] += 1
            if any(not a <= x <= b for a, x, b in zip(low, seats, high, strict=True)):
                raise Impossible
        for at, i in enumerate(derived):
            result[i] = (seats[at], seats[at])
        return result

    return side(obj["units"], "weight", drawn(obj)), side(obj["categories"], "share", range(len(obj["categories"])))


def bounds(obj: Mapping[str, Any]) -> tuple[list[list[Fraction]], list[list[int]], list[list[int]], list[Sum]]:
    """Weights, lowest and highest seats of every cell, and the groups."""
    units = {line["id"]: i for i, line in enumerate(obj["units"])}
    categories = {line["id"]: j for j, line in enumerate(obj["categories"])}
    weights = [[Fraction(w) for w in line] for line in obj["weights"]]
    low = [[0] * len(categories) for _ in units]
    high = [[obj["total"] if w else 0 for w in line] for line in weights]
    for rule in obj.get("at_least", []):
        low[units[rule["unit"]]][categories[rule["category"]]] = rule["seats"]
    for rule in obj.get("at_most", []):
        i, j = units[rule["unit"]], categories[rule["category"]]
        high[i][j] = min(high[i][j], rule["seats"])
    blocks = [
        (
            frozenset(
                (units[u], categories[c])
                for u in group.get("units", units)
                for c in group.get("categories", categories)
            ),
            group.get("min", 0),
            group.get("max", obj["total"]),
        )
        for group in obj.get("groups", [])
    ]
    return weights, low, high, blocks


def reach(
    total: int, blocks: Sequence[Sum], low: Sequence[Sequence[int]], high: Sequence[Sequence[int]]
) -> dict[Cell, tuple[float, float]]:
    """The least and the most that the rules leave to every cell in real numbers."""
    cells = [(i, j) for i, line in enumerate(low) for j in range(len(line))]
    at = {cell: position for position, cell in enumerate(cells)}
    model: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    model.setOptionValue("output_flag", False)
    model.setOptionValue("presolve", "off")
    for i, j in cells:
        model.addVar(float(low[i][j]), float(min(high[i][j], total)))
    for block, least, most in blocks:
        members = np.array(sorted(at[cell] for cell in block), dtype=np.int32)
        model.addRow(float(least), float(most), len(members), members, np.ones(len(members)))
    result = {}
    for cell, position in at.items():
        ends = []
        for sign in (1.0, -1.0):
            model.changeColCost(position, sign)
            model.run()
            ends.append(float(model.getSolution().col_value[position]))
        model.changeColCost(position, 0.0)
        result[cell] = (ends[0], ends[1])
    return result


def factor(items: Sequence[tuple[float, float, float]], least: float, most: float) -> float:
    """The t nearest 1 with Σ min(max(value·t, low), high) in least..most: exact between the points where a cell meets a bound."""

    def reached(t: float) -> float:
        return sum(min(max(value * t, a), b) for value, a, b in items)

    now = reached(1.0)
    if least <= now <= most:
        return 1.0
    target = least if now < least else most
    points = sorted({a / value for value, a, _ in items if a} | {b / value for value, _, b in items})
    under = max((t for t in points if reached(t) <= target), default=0.0)
    over = min((t for t in points if reached(t) > target), default=2 * under)
    inside = (under + over) / 2
    slope = sum(value for value, a, b in items if a < value * inside < b)
    fixed = sum(a if value * inside <= a else b for value, a, b in items if not a < value * inside < b)
    return (target - fixed) / slope if slope else under


def scaled(
    total: int,
    blocks: Sequence[Sum],
    weights: Sequence[Sequence[Fraction]],
    low: Sequence[Sequence[int]],
    high: Sequence[Sequence[int]],
) -> list[list[float]]:
    """Fair shares by scaling rule after rule (rows, columns, total and groups alike) until nothing moves."""
    ends = reach(total, blocks, low, high)
    fixed: dict[Cell, float] = {cell: round(a * 2520) / 2520 for cell, (a, b) in ends.items() if b - a < 1e-6}
    shares = {(i, j): float(weights[i][j]) for i, j in ends if (i, j) not in fixed}
    sums = []
    for block, low_end, high_end in blocks:
        cells = [cell for cell in block if cell not in fixed]
        held = sum((fixed[cell] for cell in block if cell in fixed), 0.0)
        if cells:
            sums.append((cells, low_end - held, high_end - held))
    numbers = [1.0] * len(sums)
    for _ in range(5000):
        moved = 0.0
        for at, (cells, least, most) in enumerate(sums):
            # As if this rule had no number yet: a range that holds by itself leaves its number at 1.
            items = [
                (shares[cell] / numbers[at], float(low[cell[0]][cell[1]]), float(high[cell[0]][cell[1]]))
                for cell in cells
            ]
            number = factor(items, least, most)
            moved = max(moved, abs(number / numbers[at] - 1))
            for cell in cells:
                shares[cell] *= number / numbers[at]
            numbers[at] = number
        if moved < 1e-14:
            break
    else:
        raise TooLarge
    result = [[0.0] * len(line) for line in low]
    for (i, j), share in (shares | fixed).items():
        result[i][j] = share if (i, j) in fixed else min(max(share, low[i][j]), high[i][j])
    return result


@dataclass(frozen=True, slots=True)
class Truth:
    """What the format says of a possible problem."""

    seats: Matrix
    optima: list[Matrix]
    shares: list[list[float]]
    low: list[list[int]]
    high: list[list[int]]
    outside: int
    overlays: dict[str, list[int]]
    shortfall: dict[str, int]

    @property
    def moves(self) -> set[frozenset[Cell]]:
        """For every other optimal matrix the cells in which it differs."""
        return {
            frozenset((i, j) for i, line in enumerate(matrix) for j, x in enumerate(line) if x != self.seats[i][j])
            for matrix in self.optima[1:]
        }

    @property
    def linked(self) -> list[frozenset[Cell]]:
        """Sets of cells that the smallest exchanges between optimal matrices link. A cell may move only with a larger one:
        where a line stands at its bound, a seat comes to it as another leaves it.
        """
        moves = self.moves
        sets: list[frozenset[Cell]] = []
        for move in (move for move in moves if not any(other < move for other in moves)):
            joined = [one for one in sets if one & move]
            sets = [one for one in sets if not one & move] + [move.union(*joined)]
        return sets


def truth(obj: Mapping[str, Any]) -> Truth | None:
    """The answer to a problem, None when it is impossible. Raises TooLarge."""
    total, order = obj["total"], drawn(obj)
    try:
        rows, columns = ranges(obj)
    except Impossible:
        return None
    weights, low, high, groups = bounds(obj)
    found = list(itertools.islice(matrices(total, rows, columns, low, high, groups), MOST + 1))
    if not found:
        return None
    if len(found) > MOST:
        raise TooLarge
    m, n = len(rows), len(columns)
    everything = [
        *((frozenset((i, j) for j in range(n)), *rows[i]) for i in range(m)),
        *((frozenset((i, j) for i in range(m)), *columns[j]) for j in range(n)),
        (frozenset(itertools.product(range(m), range(n))), total, total),
        *groups,
    ]
    shares = scaled(total, everything, weights, low, high)
    start = low
    outside = 0
    if obj.get("method", "within-quota") == "within-quota":
        low = [[round(q) if abs(q - round(q)) < WHOLE else floor(q) for q in line] for line in shares]
        high = [[round(q) if abs(q - round(q)) < WHOLE else ceil(q) for q in line] for line in shares]
        beyond = [
            sum(
                max(a - x, x - b, 0)
                for xs, froms, tos in zip(matrix, low, high, strict=True)
                for x, a, b in zip(xs, froms, tos, strict=True)
            )
            for matrix in found
        ]
        outside = min(beyond)
        found = [matrix for matrix, seats in zip(found, beyond, strict=True) if seats == outside]
    optima = best_of(found, weights, start, order)
    caps = [sum(line) for line in optima[0]]
    overlays, shortfall = {}, {}
    for overlay in obj.get("overlays", []):
        spreads = [Fraction(overlay["weights"][i]) for i in order]
        wanted = overlay["seats"] if "seats" in overlay else ceil(Fraction(overlay["share"]) * total)
        placed = min(wanted, sum(caps[i] for i in order if Fraction(overlay["weights"][i])))
        parts = spread(spreads, placed, [0] * m, [caps[i] for i in order])
        overlays[overlay["id"]] = [parts[order.index(i)] for i in range(m)]
        if placed < wanted:
            shortfall[overlay["id"]] = wanted - placed
    return Truth(optima[0], optima, shares, low, high, outside, overlays, shortfall)


def answered(obj: Mapping[str, Any]) -> dict[str, Any]:
    """The allocation as another program reads it, certified."""
    problem = read_problem(obj)
    claim: dict[str, Any] = json.loads(json.dumps(allocate(problem).to_json()))
    assert check(problem, claim) == []
    return claim


def compare(obj: dict[str, Any]) -> None:
    claim = answered(obj)
    try:
        right = truth(obj)
    except TooLarge:
        assume(False)
    if right is None:
        assert claim["status"] == "impossible"
        assert claim["conflicts"]
        assert "seats" not in claim
        return
    assert claim["status"] == "allocated"
    assert claim["seats"] == [list(line) for line in right.seats]
    assert claim["unit_seats"] == [sum(line) for line in right.seats]
    assert claim["category_seats"] == [sum(line) for line in zip(*right.seats, strict=True)]
    for printed, shares in zip(claim["fair_shares"], right.shares, strict=True):
        for text, share in zip(printed, shares, strict=True):
            assert len(text.partition(".")[2]) == 6
            assert abs(float(text) - share) < 0.5e-6 + 1e-10
    assert claim["overlays"] == right.overlays
    assert claim["overlay_shortfall"] == right.shortfall
    if not claim["certificate"]["exceptions"]:
        assert_linked(obj, claim, right)


def assert_linked(obj: Mapping[str, Any], claim: Mapping[str, Any], right: Truth) -> None:
    """Every moving cell is in one entry, and no entry parts what one exchange moves together."""
    units, categories = ([line["id"] for line in obj[side]] for side in ("units", "categories"))
    entries = [{(units.index(u), categories.index(c)) for u, c in tie["cells"]} for tie in claim["ties"]]
    assert sum(map(len, entries)) == len(set().union(*entries))
    assert set().union(*entries) == set().union(*right.moves)
    assert all(any(linked <= entry for entry in entries) for linked in right.linked)
    assert all(tie["rule"] == "drawing_order" for tie in claim["ties"])


@given(problems(wide=True))
@examples(120)
def test_every_figure_of_an_answer_is_right(obj: dict[str, Any]) -> None:
    compare(obj)


@given(problems(free=True, wide=True))
@examples(120)
def test_every_figure_of_an_answer_with_free_lines_is_right(obj: dict[str, Any]) -> None:
    compare(obj)


@given(problems(free=True, groups=True, wide=True))
@examples(70)
def test_every_figure_of_an_answer_with_groups_is_right(obj: dict[str, Any]) -> None:
    compare(obj)
