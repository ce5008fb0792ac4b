"""Proves the tie rule of a claimed allocation: among cells exactly at a half, no closed exchange raises one without
lowering one earlier in reading order (SPEC, Certificate). Exact arithmetic, no solver.
"""

from __future__ import annotations

from fractions import Fraction

from allocation.bench import Bench, group_range
from allocation.exchanges import improvable, tied_sets
from allocation.swaps import TooManyTies, greatest, line_sums, linked


def check_ties(bench: Bench, rises: list[tuple[int, int]], falls: list[tuple[int, int]]) -> None:
    problem, claim, numbers = bench.problem, bench.claim, bench.numbers()
    slack = []
    for ranges, line, sums in (
        (bench.rows, numbers.units, claim.unit_seats),
        (bench.columns, numbers.categories, claim.category_seats),
    ):
        slack.append(
            [
                (
                    ranges.free[at] and number == 1 and sums[at] < ranges.high[at],
                    ranges.free[at] and number == 1 and sums[at] > ranges.low[at],
                )
                for at, number in enumerate(line)
            ]
        )
    for i, j in improvable(problem.drawing_order, rises, falls, slack[0], slack[1]):
        bench.fail("check.tie", f"seats[{i}][{j}]")
    wanted = {
        frozenset((problem.units[i].id, problem.categories[j].id) for i, j in cells)
        for cells in tied_sets(rises, falls, slack[0], slack[1])
    }
    if {frozenset(cells) for cells in claim.ties} != wanted or len(claim.ties) != len(wanted):
        bench.fail("check.ties", "ties", want=len(wanted))


def check_group_ties(bench: Bench, rises: list[tuple[int, int]], falls: list[tuple[int, int]]) -> None:
    """With groups about, an exchange must also keep their sums: all exchanges of tied cells are searched."""
    problem, claim, numbers = bench.problem, bench.claim, bench.numbers()
    m, n = len(problem.units), len(problem.categories)
    reading = {unit: at for at, unit in enumerate(problem.drawing_order)}
    cells = sorted({*rises, *falls}, key=lambda cell: (reading[cell[0]], cell[1]))
    falling = set(falls)
    lines_of = {
        (i, j): [
            i,
            m + j,
            m + n,
            *(m + n + 1 + at for at, group in enumerate(problem.groups) if i in group.units and j in group.categories),
        ]
        for i, j in cells
    }
    ranges = [group_range(problem, group) for group in problem.groups]
    sums = [
        *claim.unit_seats,
        *claim.category_seats,
        problem.total,
        *(sum(claim.seats[i][j] for i in group.units for j in group.categories) for group in problem.groups),
    ]
    low = [*bench.rows.low, *bench.columns.low, problem.total, *(least for least, _ in ranges)]
    high = [*bench.rows.high, *bench.columns.high, problem.total, *(most for _, most in ranges)]
    held = [
        number != 1 and low[at] != high[at]
        for at, number in enumerate([*numbers.units, *numbers.categories, Fraction(1), *numbers.groups])
    ]
    now = [int(cell in falling) for cell in cells]
    bounds = line_sums(cells, now, lines_of, sums, low, high, held)
    try:
        best = greatest(now, bounds)
        sets = linked(best, bounds)
    except TooManyTies:
        bench.fail("check.too_many_ties", "ties")
        return
    if best != now:
        at = next(at for at in range(len(now)) if best[at] != now[at])
        bench.fail("check.tie", f"seats[{cells[at][0]}][{cells[at][1]}]")
    wanted = {
        frozenset((problem.units[cells[at][0]].id, problem.categories[cells[at][1]].id) for at in part) for part in sets
    }
    if {frozenset(entry) for entry in claim.ties} != wanted or len(claim.ties) != len(wanted):
        bench.fail("check.ties", "ties", want=len(wanted))
