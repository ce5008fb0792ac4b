"""Speed of the allocation: the direct engine and its baselines side by side, in one process, in the open."""

from __future__ import annotations

import gc
import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from math import log
from typing import TypeVar

import highspy
import numpy as np
import pulp

from allocation import Problem, read_problem
from allocation.fair import fair_shares
from allocation.problem import FORMAT
from allocation.solve import allocate
from allocation.table import Table, build

Result = TypeVar("Result")

COUNTY, LARGE = (37, 6, 204), (3000, 30, 20_000)


def instance(units: int, categories: int, total: int, seed: int, overlays: int = 0) -> Problem:
    """A made-up problem of a size: sizes of units spread widely, weights around their products, both totals derived."""
    random = np.random.default_rng(seed)
    size = random.lognormal(5.5, 0.7, units)
    share = random.dirichlet(np.full(categories, 2.0))
    weights = np.maximum(random.poisson(size[:, None] * share * random.lognormal(0.0, 0.6, (units, categories))), 0)
    weights[:, 0] += 1
    shares = np.floor(share * 10**6).astype(int)
    shares[0] += 10**6 - shares.sum()
    return read_problem(
        {
            "format": FORMAT,
            "total": total,
            "method": "webster",
            "units": [{"id": f"u{i}", "weight": int(weights[i].sum())} for i in range(units)],
            "categories": [{"id": f"c{j}", "share": f"0.{shares[j]:06d}"} for j in range(categories)],
            "weights": weights.tolist(),
            "overlays": [
                {"id": f"o{k}", "share": f"0.{27 + 20 * k}", "weights": random.integers(1, 200, units).tolist()}
                for k in range(overlays)
            ],
        }
    )


def ladder_by_highs(table: Table) -> float:
    """Baseline: the full Webster ladder as a linear program, built from arrays and run in highspy; its optimum."""
    m, n = table.units, table.categories
    top = np.minimum(np.minimum(table.upper[:m, :n], table.row_high[:, None]), table.column_high)
    cell = np.repeat(np.arange(m * n), top.ravel())
    first = np.concatenate([[0], np.cumsum(top.ravel())])[:-1]
    k = np.arange(len(cell)) - first[cell] + 1
    cost = np.log(k - 0.5) - table.log_weight[:m, :n].ravel()[cell]
    count = len(cell)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = count, m + n
    model.col_cost_, model.col_lower_, model.col_upper_ = cost, np.zeros(count), np.ones(count)
    sums = np.concatenate([table.row_high, table.column_high]).astype(float)
    model.row_lower_ = model.row_upper_ = sums
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.arange(0, 2 * count + 1, 2)
    model.a_matrix_.index_ = np.stack([cell // n, m + cell % n], axis=1).ravel()
    model.a_matrix_.value_ = np.ones(2 * count)
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("presolve", "off")
    highs.passModel(model)
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise RuntimeError("the baseline found no optimum")
    return float(highs.getInfo().objective_function_value)


def program_by_cbc(table: Table, window: int = 2) -> float:
    """Baseline: the integer program on the same ladder within a window around the fair shares, PuLP and CBC; its optimum."""
    shares = fair_shares(table)
    m, n = table.units, table.categories
    model = pulp.LpProblem("ladder", pulp.LpMinimize)
    costs: list[tuple[pulp.LpVariable, float]] = []
    rows: list[list[tuple[pulp.LpVariable, int]]] = [[] for _ in range(m)]
    columns: list[list[tuple[pulp.LpVariable, int]]] = [[] for _ in range(n)]
    base = np.zeros((m, n), dtype=np.int64)
    constant = 0.0
    for i in range(m):
        for j in range(n):
            if not np.isfinite(table.log_weight[i, j]):
                continue
            low = max(int(shares.floor[i, j]) - window, 0)
            high = min(int(shares.ceiling[i, j]) + window, int(table.row_high[i]), int(table.column_high[j]))
            base[i, j] = low
            constant += sum(log(k - 0.5) - float(table.log_weight[i, j]) for k in range(1, low + 1))
            for k in range(low + 1, high + 1):
                step = pulp.LpVariable(f"s_{i}_{j}_{k}", 0, 1, "Integer")
                costs.append((step, log(k - 0.5) - float(table.log_weight[i, j])))
                rows[i].append((step, 1))
                columns[j].append((step, 1))
    model.setObjective(pulp.LpAffineExpression(costs))
    for i in range(m):
        model += pulp.LpAffineExpression(rows[i]) == int(table.row_high[i] - base[i].sum())
    for j in range(n):
        model += pulp.LpAffineExpression(columns[j]) == int(table.column_high[j] - base[:, j].sum())
    model.solve(pulp.PULP_CBC_CMD(msg=False, threads=1))
    if model.sol_status != pulp.LpSolutionOptimal:
        raise RuntimeError("the baseline found no optimum")
    return constant + float(pulp.value(model.objective))


def objective(table: Table, seats: tuple[tuple[int, ...], ...]) -> float:
    """The ladder objective of a matrix, to see that both sides answered the same question."""
    return sum(
        log(k - 0.5) - float(table.log_weight[i, j])
        for i, line in enumerate(seats)
        for j, x in enumerate(line)
        for k in range(1, x + 1)
    )


def timed(run: Callable[[], Result], times: int) -> tuple[float, Result]:
    """The best of several runs in seconds, and the last result."""
    best, results = float("inf"), []
    for _ in range(times):
        gc.collect()
        start = time.perf_counter()
        results = [run()]
        best = min(best, time.perf_counter() - start)
    return best, results[0]


def table_of(problem: Problem) -> Table:
    return build(problem)


def bench_allocate_37x6_over_highspy_ladder() -> float:
    """The direct engine's whole answer (seats, ties, certificate, three overlays) over the baseline; median of five."""
    ratios = []
    for seed in range(5):
        problem = instance(*COUNTY, seed=seed, overlays=3)
        table = table_of(problem)
        ours, answer = timed(partial(allocate, problem, second_engine=False), 9)
        theirs, optimum = timed(partial(ladder_by_highs, table), 9)
        agree(objective(table, answer.seats), optimum)
        ratios.append(ours / theirs)
    return sorted(ratios)[2]


def bench_allocate_3000x30_speedup_over_pulp_cbc_mip() -> float:
    """How many times faster the direct engine answers: seats with certificate, ties proved. Its memory goes to stderr."""
    problem = instance(*LARGE, seed=1)
    ours, answer = timed(partial(allocate, problem, second_engine=False), 3)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    table = table_of(problem)
    theirs, optimum = timed(partial(program_by_cbc, table), 1)
    agree(objective(table, answer.seats), optimum)
    print(f"3000 x 30: {ours:.2f} s against {theirs:.2f} s, peak memory {peak:.0f} MB", file=sys.stderr)
    return theirs / ours


def agree(ours: float, theirs: float) -> None:
    if abs(ours - theirs) > 1e-6 * max(1.0, abs(theirs)):
        raise RuntimeError(f"the two sides differ: {ours} and {theirs}")
