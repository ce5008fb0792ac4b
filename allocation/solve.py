"""From a problem to its answer: totals, fair shares, matrix, ties, certificate, overlays; or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import log

import numpy as np

from allocation import certificate, direct, fair, grouped, overlays, program, proof, ties
from allocation.answer import ALLOCATED, IMPOSSIBLE, Allocation, Numbers, PricedCell, Shares, Tie
from allocation.conflicts import explain
from allocation.monomials import NoExactNumbers
from allocation.problem import WITHIN_QUOTA, Problem
from allocation.swaps import TooManyTies
from allocation.table import Ints, Table, build
from allocation.totals import NoTotals, category_ranges, unit_ranges

COUNTY_CELLS = 1000
COUNTY_STEPS = 20000
AGREEMENT = 1e-6


@dataclass(frozen=True)
class Matrix:
    """An optimal matrix with all that proves it."""

    seats: Ints
    pinned: list[proof.Pinned]
    certificate: certificate.Certificate


class Unsolved(RuntimeError):
    """No answer could be proved. Never an answer, and never silent."""


def allocate(problem: Problem, *, second_engine: bool = True) -> Allocation:
    """The one answer to a problem: allocated, or impossible with its conflicts.

    At county size both engines run and must agree; `second_engine=False` leaves the second one out.
    """
    try:
        table = build(problem, unit_ranges(problem), category_ranges(problem))
        if not consistent(table):
            raise direct.NoMatrix
        shares = fair.fair_shares(table)
        if problem.groups:
            return _grouped_answer(problem, table, shares)
        bounded = table.within(shares.floor, shares.ceiling) if problem.method == WITHIN_QUOTA else table
        matrix = fill(bounded, shares)
    except (certificate.NoCertificate, grouped.NoNumbers, NoExactNumbers, TooManyTies) as error:
        raise Unsolved("an answer was found but could not be proved") from error
    except (NoTotals, fair.NoShares, direct.NoMatrix, program.NoProgram) as error:
        conflicts = explain(problem)
        if not conflicts:
            raise Unsolved("no answer was found although the rules can hold together") from error
        return Allocation(problem, IMPOSSIBLE, conflicts=conflicts)
    if second_engine:
        agree(bounded, matrix)
    return _answer(problem, table, shares, matrix)


def agree(table: Table, matrix: Matrix) -> None:
    """Runs the integer program beside the direct method where it is small enough. Raises Unsolved if they differ.

    The direct method's matrix is proved; a program's matrix that differs must be its equal, as in a tie.
    """
    m, n = table.units, table.categories
    ends = np.minimum(np.minimum(table.upper[:m, :n], table.row_high[:, None]), table.column_high)
    if (
        m * n > COUNTY_CELLS
        or int(np.maximum(np.minimum(ends, table.total) - table.lower[:m, :n], 0).sum()) > COUNTY_STEPS
    ):
        return
    ours = matrix.seats[:m, :n]
    theirs = program.propose(table).seats
    difference = 0.0
    for i, j in np.argwhere(ours != theirs).tolist():
        low, high = sorted((int(ours[i, j]), int(theirs[i, j])))
        step = sum(log(k - 0.5) - float(table.log_weight[i, j]) for k in range(low + 1, high + 1))
        difference += step if theirs[i, j] == high else -step
    if abs(difference) > AGREEMENT:
        raise Unsolved("the two engines do not agree")


def consistent(table: Table) -> bool:
    """The first things that must hold: bounds the right way round, exact totals that sum to the total."""
    if (table.lower > table.upper).any() or (table.row_totals < 0).any() or (table.column_totals < 0).any():
        return False
    exact_rows = table.row_slack or int(table.row_high.sum()) == table.total
    exact_columns = table.column_slack or int(table.column_high.sum()) == table.total
    return exact_rows and exact_columns


def fill(table: Table, shares: fair.Fair) -> Matrix:
    """The direct method, proved and drawn. Raises NoMatrix when the table cannot be filled."""
    seats = direct.propose(table, shares.column_log)
    pinned = proof.settle(table, seats)
    ties.draw(table, seats, pinned)
    return Matrix(seats, pinned, certificate.certify(table, seats, pinned))


def _grouped_answer(problem: Problem, table: Table, shares: fair.Fair) -> Allocation:
    quota = program.Quota(shares.floor, shares.ceiling) if problem.method == WITHIN_QUOTA else None
    matrix = grouped.solve(table, quota, shares)
    exceptions = tuple(PricedCell(i, j, price) for i, j, price in matrix.exceptions)
    numbers = Numbers(
        matrix.units,
        matrix.categories,
        matrix.total,
        matrix.groups,
        shares.units,
        shares.categories,
        shares.total,
        shares.groups,
        exceptions,
        sum((c.price for c in exceptions), Fraction(0)),
    )
    return _allocation(problem, shares, matrix.seats, numbers, tuple(Tie(tuple(cells)) for cells in matrix.ties))


def _answer(problem: Problem, table: Table, shares: fair.Fair, matrix: Matrix) -> Allocation:
    numbers = matrix.certificate
    return _allocation(
        problem,
        shares,
        matrix.seats[: table.units, : table.categories],
        Numbers(
            numbers.unit_texts,
            numbers.category_texts,
            numbers.total_text,
            (),
            shares.units,
            shares.categories,
            shares.total,
            shares.groups,
        ),
        tie_sets(table, matrix.pinned),
    )


def _allocation(
    problem: Problem, shares: fair.Fair, seats: Ints, numbers: Numbers, tied: tuple[Tie, ...]
) -> Allocation:
    rows = seats.sum(axis=1).tolist()
    placed: dict[str, tuple[int, ...]] = {}
    shortfall: dict[str, int] = {}
    for overlay in problem.overlays:
        parts, missing = overlays.place(problem, overlay, rows)
        placed[overlay.id] = tuple(parts)
        if missing:
            shortfall[overlay.id] = missing
    return Allocation(
        problem,
        ALLOCATED,
        seats=tuple(tuple(line) for line in seats.tolist()),
        shares=whole_where_counted(shares),
        certificate=numbers,
        ties=tied,
        overlays=placed,
        overlay_shortfall=shortfall,
    )


def whole_where_counted(shares: fair.Fair) -> Shares:
    """The shares with those that count as whole numbers made whole."""
    d = shares.denominator
    cells = [line[:] for line in shares.shares]
    for i, j in np.argwhere(shares.floor == shares.ceiling).tolist():
        cells[i][j] = int(shares.floor[i, j]) * d
    return Shares(cells, d)


def tie_sets(table: Table, pinned: list[proof.Pinned]) -> tuple[Tie, ...]:
    """Tied cells in reading order, one entry for each set that exchanges link."""
    order = {unit: at for at, unit in enumerate(table.drawing_order)}
    sets = [sorted(set(part.cells), key=lambda cell: (order[cell[0]], cell[1])) for part in pinned if part.cells]
    sets.sort(key=lambda cells: (order[cells[0][0]], cells[0][1]))
    return tuple(Tie(tuple(cells)) for cells in sets)
