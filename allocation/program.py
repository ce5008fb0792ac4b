"""The integer program: the readable definition of the optimum, every rule included, written in PuLP.

One variable between 0 and 1 for each step of each cell's ladder: the k-th seat of a cell costs ln((k − ½)/w). Solved as a
linear program first; where overlapping groups make that fractional, as an integer program. Proposes a matrix; what is
optimal and where ties stand is decided in exact numbers elsewhere. A solver's status is never trusted alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np
import pulp

from allocation.table import Ints, Table

WHOLE = 1e-6
FINEST = 1e-10  # the least tolerance that HiGHS takes


class NoProgram(Exception):
    """The program has no solution, or the solver did not prove one."""


@dataclass(frozen=True)
class Proposal:
    """A matrix, and whether the linear program alone gave it (then its numbers prove it without a gap)."""

    seats: Ints
    linear: bool


def highs() -> pulp.LpSolver:
    """HiGHS without presolve, which costs more than it saves on ladders; alone on one thread, always the same."""
    return pulp.HiGHS(
        msg=False,
        threads=1,
        presolve="off",
        gapRel=0,
        gapAbs=0,
        primal_feasibility_tolerance=FINEST,
        dual_feasibility_tolerance=FINEST,
    )


def cbc() -> pulp.LpSolver:
    """CBC, the second opinion."""
    return pulp.PULP_CBC_CMD(msg=False, threads=1, gapRel=0, gapAbs=0)


@dataclass(frozen=True)
class Quota:
    """⌊q⌋ and ⌈q⌉: seats beyond them are counted first, where groups leave no matrix within."""

    floor: Ints
    ceiling: Ints


def propose(
    table: Table,
    solver: pulp.LpSolver | None = None,
    quota: Quota | None = None,
    outside: int = 0,
) -> Proposal:
    """The optimal matrix within the table's bounds; with `quota`, with exactly `outside` seats outside it.

    Raises NoProgram when there is none.
    """
    solver = solver or highs()
    for integer in (False, True):
        model, steps = _model(table, quota, outside, integer)
        model.solve(solver)
        if model.sol_status != pulp.LpSolutionOptimal:
            raise NoProgram
        seats = np.zeros((table.units, table.categories), dtype=np.int64)
        fractional = False
        for (i, j), variables in steps.items():
            values = [variable.value() or 0.0 for variable in variables]
            fractional |= any(min(abs(v), abs(1 - v)) > WHOLE for v in values)
            seats[i, j] = int(table.lower[i, j]) + round(sum(values))
        if not fractional and meets(table, seats):
            return Proposal(seats, not integer)
    raise NoProgram


def fewest_outside(table: Table, quota: Quota, solver: pulp.LpSolver | None = None) -> int:
    """The least number of seats outside quota. Raises NoProgram when the table cannot be filled at all."""
    model, steps = _model(table, None, 0, True, objective=False)
    beyond = _beyond(table, quota, steps)
    model.setObjective(beyond[0])
    model.solve(solver or highs())
    if model.sol_status != pulp.LpSolutionOptimal:
        raise NoProgram
    return round((pulp.value(beyond[0]) or 0) + beyond[1])


def meets(table: Table, seats: Ints) -> bool:
    """Totals, bounds and groups, in integers."""
    m, n = table.units, table.categories
    rows, columns = seats.sum(axis=1), seats.sum(axis=0)
    return bool(
        (seats >= table.lower[:m, :n]).all()
        and (seats <= table.upper[:m, :n]).all()
        and seats.sum() == table.total
        and (rows >= table.row_low).all()
        and (rows <= table.row_high).all()
        and (columns >= table.column_low).all()
        and (columns <= table.column_high).all()
        and all(group.low <= seats[group.cells].sum() <= group.high for group in table.groups)
    )


Steps = dict[tuple[int, int], list[pulp.LpVariable]]


def _model(
    table: Table,
    quota: Quota | None,
    outside: int,
    integer: bool,
    objective: bool = True,
) -> tuple[pulp.LpProblem, Steps]:
    model = pulp.LpProblem("ladder", pulp.LpMinimize)
    kind = "Integer" if integer else "Continuous"
    steps: Steps = {}
    costs: list[tuple[pulp.LpVariable, float]] = []
    for i in range(table.units):
        for j in range(table.categories):
            low = int(table.lower[i, j])
            high = min(int(table.upper[i, j]), int(table.row_high[i]), int(table.column_high[j]), table.total)
            if high < low:
                raise NoProgram
            weight = float(table.log_weight[i, j])
            ladder = [pulp.LpVariable(f"s_{i}_{j}_{k}", 0, 1, kind) for k in range(low + 1, high + 1)]
            costs += [(step, log(k - 0.5) - weight) for k, step in enumerate(ladder, low + 1)]
            steps[i, j] = ladder
    if objective:
        model.setObjective(pulp.LpAffineExpression(costs))
    m, n = table.units, table.categories
    lines = [([(i, j) for j in range(n)], int(table.row_low[i]), int(table.row_high[i])) for i in range(m)]
    lines += [([(i, j) for i in range(m)], int(table.column_low[j]), int(table.column_high[j])) for j in range(n)]
    lines += [
        ([(int(i), int(j)) for i, j in np.argwhere(group.cells)], group.low, group.high) for group in table.groups
    ]
    if table.row_slack or table.column_slack:
        lines.append((list(steps), table.total, table.total))
    for cells, low, high in lines:
        base = sum(int(table.lower[cell]) for cell in cells)
        terms = pulp.LpAffineExpression([(step, 1) for cell in cells for step in steps[cell]])
        if low == high:
            model += terms == low - base
        else:
            if low > 0:
                model += terms >= low - base
            if high <= table.total:
                model += terms <= high - base
    if quota is not None:
        terms, base = _beyond(table, quota, steps)
        model += terms <= outside - base
    return model, steps


def _beyond(table: Table, quota: Quota, steps: Steps) -> tuple[pulp.LpAffineExpression, int]:
    """Seats outside quota as an expression and a constant: steps above ⌈q⌉ taken, steps up to ⌊q⌋ not taken."""
    terms: list[tuple[pulp.LpVariable, int]] = []
    base = 0
    for (i, j), ladder in steps.items():
        low = int(table.lower[i, j])
        floor, ceiling = int(quota.floor[i, j]), int(quota.ceiling[i, j])
        base += max(floor - low, 0) + max(low - ceiling, 0)
        for k, step in enumerate(ladder, low + 1):
            if k <= floor:
                terms.append((step, -1))
            elif k > ceiling:
                terms.append((step, 1))
    return pulp.LpAffineExpression(terms), base
