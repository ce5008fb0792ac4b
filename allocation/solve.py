"""From a problem to its answer: totals, fair shares, matrix, ties, certificate, overlays; or why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from allocation import certificate, direct, fair, grouped, overlays, program, proof, ties
from allocation.answer import ALLOCATED, IMPOSSIBLE, Allocation, Numbers, PricedCell, Shares, Tie
from allocation.conflicts import explain
from allocation.ladder import steps_cost
from allocation.monomials import NoExactNumbers
from allocation.problem import WITHIN_QUOTA, Problem
from allocation.proven import Certificate, NoCertificate
from allocation.swaps import TooManyTies
from allocation.table import Ints, Table, build
from allocation.totals import NoTotals

COUNTY_CELLS = 1000
COUNTY_STEPS = 20000
AGREEMENT = 1e-6


@dataclass(frozen=True)
class Matrix:
    """An optimal matrix with all that proves it."""

    seats: Ints
    pinned: list[proof.Pinned]
    certificate: Certificate


class Unsolved(RuntimeError):
    """No answer could be proved. Never an answer, and never silent."""


def allocate(problem: Problem, *, second_engine: bool = True) -> Allocation:
    """The one answer to a problem: allocated, or impossible with its conflicts.

    At county size both engines run and must agree; `second_engine=False` leaves the second one out.
    """
    try:
        table = build(problem)
        if not consistent(table):
            raise direct.NoMatrix
        shares = fair.fair_shares(table)
        if problem.groups:
            return _grouped_answer(problem, table, shares)
        bounded = table.within(shares.floor, shares.ceiling) if problem.method == WITHIN_QUOTA else table
        matrix = fill(bounded, shares)
    except (NoCertificate, grouped.NoNumbers, NoExactNumbers, TooManyTies) as error:
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
        difference += steps_cost(table, i, j, int(ours[i, j]), int(theirs[i, j]))
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
    ladder = direct.propose(table, shares.column_log)
    pinned = proof.settle(ladder)
    if pinned:
        ties.draw(table, ladder.seats, pinned)
        ladder.renew()
    return Matrix(ladder.seats, pinned, certificate.certify(ladder, pinned))


def _grouped_answer(problem: Problem, table: Table, shares: fair.Fair) -> Allocation:
    quota = program.Quota(shares.floor, shares.ceiling) if problem.method == WITHIN_QUOTA else None
    matrix = grouped.solve(table, quota)
    exceptions = sorted((table.units_drawn[i], j, price) for i, j, price in matrix.exceptions)
    numbers = Numbers(
        table.given(matrix.units),
        matrix.categories,
        matrix.total,
        matrix.groups,
        table.given(shares.units),
        shares.categories,
        shares.total,
        shares.groups,
        tuple(PricedCell(*cell) for cell in exceptions),
        sum((price for _, _, price in exceptions), Fraction(0)),
    )
    return _allocation(problem, table, shares, matrix.seats, numbers, matrix.ties)


def _answer(problem: Problem, table: Table, shares: fair.Fair, matrix: Matrix) -> Allocation:
    numbers = matrix.certificate
    return _allocation(
        problem,
        table,
        shares,
        matrix.seats[: table.units, : table.categories],
        Numbers(
            table.given(numbers.unit_texts),
            numbers.category_texts,
            numbers.total_text,
            (),
            table.given(shares.units),
            shares.categories,
            shares.total,
            shares.groups,
        ),
        sorted(sorted(set(part.cells)) for part in matrix.pinned if part.cells),
    )


def _allocation(
    problem: Problem,
    table: Table,
    shares: fair.Fair,
    seats: Ints,
    numbers: Numbers,
    tied: Sequence[Sequence[tuple[int, int]]],
) -> Allocation:
    """The answer in the order in which the problem gives its units."""
    given = table.given([tuple(line) for line in seats.tolist()])
    placed: dict[str, tuple[int, ...]] = {}
    shortfall: dict[str, int] = {}
    for overlay in problem.overlays:
        parts, missing = overlays.place(problem, overlay, [sum(line) for line in given])
        placed[overlay.id] = tuple(parts)
        if missing:
            shortfall[overlay.id] = missing
    counted = shares.counted
    return Allocation(
        problem,
        ALLOCATED,
        seats=given,
        shares=Shares(table.given(counted.cells), counted.denominator),
        certificate=numbers,
        ties=tuple(Tie(tuple((table.units_drawn[i], j) for i, j in cells)) for cells in tied),
        overlays=placed,
        overlay_shortfall=shortfall,
    )
