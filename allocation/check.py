"""Proves an allocation from its certificate, in exact arithmetic, without a solver (SPEC, Certificate).

Why the proof is one: if every product of a weight with its lines' numbers rounds to the cell's seats, no exchange of
seats within the totals can improve the objective; and no two optimal matrices differ but in cells exactly at a half.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from allocation import overlays
from allocation.answer import ALLOCATED, IMPOSSIBLE
from allocation.bench import Bench, Failure, group_range
from allocation.check_ties import check_group_ties, check_ties
from allocation.claim import read_claim
from allocation.conflicts import explain
from allocation.problem import WITHIN_QUOTA, Problem
from allocation.products import (
    ERROR_PARTS,
    Products,
    doubled_error,
    hold,
    price,
    products,
    quota_of,
    undecided,
    whole,
    whole_table,
)
from allocation.totals import NoTotals, Ranges, category_ranges, unit_ranges


def check(problem: Problem, allocation_obj: object) -> list[Failure]:
    """Nothing when the allocation is certified, else what is wrong. Raises BadInput for what is no allocation at all."""
    claim = read_claim(allocation_obj)
    try:
        rows, columns = unit_ranges(problem), category_ranges(problem)
    except NoTotals:
        rows = columns = Ranges((), (), ())
    bench = Bench(problem, claim, rows, columns, [], [])
    if claim.method != problem.method:
        bench.fail("check.method", "method", have=claim.method, want=problem.method)
    if claim.status == IMPOSSIBLE:
        _check_conflicts(bench)
        return bench.failures
    if claim.status != ALLOCATED:
        bench.fail("check.status", "status", status=claim.status)
        return bench.failures
    if not rows.low:
        bench.fail("check.impossible", "status")
        return bench.failures
    if claim.conflicts:
        bench.fail("check.extra", "conflicts")
    if not _check_shape(bench):
        return bench.failures
    _bound_cells(bench)
    _check_totals(bench)
    _check_bounds(bench)
    _check_fair(bench)
    if not bench.failures:
        _check_rounding(bench)
    _check_overlays(bench)
    return bench.failures


def _check_conflicts(bench: Bench) -> None:
    """An impossible problem is checked by finding its conflicts and what mends them again."""
    conflicts = explain(bench.problem)
    if not conflicts:
        bench.fail("check.possible", "status")
    elif [conflict.to_json() for conflict in conflicts] != bench.claim.conflicts:
        bench.fail("check.conflicts", "conflicts")


def _check_shape(bench: Bench) -> bool:
    problem, claim, numbers = bench.problem, bench.claim, bench.numbers()
    m, n, groups = len(problem.units), len(problem.categories), len(problem.groups)
    before = len(bench.failures)
    for place, table in (("seats", claim.seats), ("fair_shares", claim.fair_shares)):
        if len(table) != m or any(len(line) != n for line in table):
            bench.fail("check.shape", place)
    wanted: list[tuple[str, Sequence[object], int]] = [
        ("unit_seats", claim.unit_seats, m),
        ("category_seats", claim.category_seats, n),
        ("certificate.units", numbers.units, m),
        ("certificate.categories", numbers.categories, n),
        ("certificate.groups", numbers.groups, groups),
        ("certificate.fair_units", numbers.fair_units, m),
        ("certificate.fair_categories", numbers.fair_categories, n),
        ("certificate.fair_groups", numbers.fair_groups, groups),
    ]
    for place, line, count in wanted:
        if len(line) != count:
            bench.fail("check.shape", place)
    return len(bench.failures) == before


def _bound_cells(bench: Bench) -> None:
    """l and u of every cell: 0 and no bound, the rules for single cells, and no seat where the weight is 0."""
    problem = bench.problem
    bench.lower = [[0] * len(problem.categories) for _ in problem.units]
    bench.upper = [[problem.total + 1 if weight else 0 for weight in line] for line in problem.weights]
    for rule in problem.at_least:
        bench.lower[rule.unit][rule.category] = rule.seats
    for rule in problem.at_most:
        bench.upper[rule.unit][rule.category] = min(bench.upper[rule.unit][rule.category], rule.seats)


def _check_totals(bench: Bench) -> None:
    claim, problem = bench.claim, bench.problem
    row_sums = [sum(line) for line in claim.seats]
    column_sums = [sum(line) for line in zip(*claim.seats, strict=True)]
    for key, claimed, sums, ranges in (
        ("unit_seats", claim.unit_seats, row_sums, bench.rows),
        ("category_seats", claim.category_seats, column_sums, bench.columns),
    ):
        for at, (have, value) in enumerate(zip(claimed, sums, strict=True)):
            place = f"{key}[{at}]"
            if have != value:
                bench.fail("check.sum", place, have=have, want=value)
            if not ranges.low[at] <= value <= ranges.high[at]:
                if ranges.low[at] == ranges.high[at]:
                    bench.fail("check.total", place, have=value, want=ranges.low[at])
                else:
                    bench.fail("check.range", place, have=value, low=ranges.low[at], high=ranges.high[at])
    if sum(row_sums) != problem.total:
        bench.fail("check.total", "seats", have=sum(row_sums), want=problem.total)
    for at, group in enumerate(problem.groups):
        seats = sum(claim.seats[i][j] for i in group.units for j in group.categories)
        low, high = group_range(problem, group)
        if not low <= seats <= high:
            bench.fail("check.group", f"groups[{at}]", have=seats, low=low, high=high)


def _check_bounds(bench: Bench) -> None:
    for i, line in enumerate(bench.claim.seats):
        for j, seats in enumerate(line):
            if seats and not bench.problem.weights[i][j]:
                bench.fail("check.zero", f"seats[{i}][{j}]")
            elif not bench.lower[i][j] <= seats <= bench.upper[i][j]:
                bench.fail(
                    "check.bound",
                    f"seats[{i}][{j}]",
                    have=seats,
                    low=bench.lower[i][j],
                    high=min(bench.upper[i][j], bench.problem.total),
                )


def _masks(problem: Problem) -> list[list[list[bool]]]:
    masks = []
    for group in problem.groups:
        rows, columns = set(group.units), set(group.categories)
        masks.append(
            [[i in rows and j in columns for j in range(len(problem.categories))] for i in range(len(problem.units))]
        )
    return masks


def _multiply(
    problem: Problem,
    units: Sequence[Fraction],
    categories: Sequence[Fraction],
    total: Fraction,
    groups: Sequence[Fraction],
) -> Products:
    weights = whole_table(problem.weights)
    return products(weights, whole(units), whole(categories), total, zip(groups, _masks(problem), strict=True))


def _check_fair(bench: Bench) -> None:
    """The fair shares from their numbers: E small, every share clear of its limits, seats within quota."""
    problem, claim, numbers = bench.problem, bench.claim, bench.numbers()
    groups = numbers.fair_groups
    all_numbers = [*numbers.fair_units, *numbers.fair_categories, numbers.fair_total, *groups]
    if any(number <= 0 for number in all_numbers):
        bench.fail("check.positive", "certificate.fair_units")
        return
    if numbers.fair_total != 1 and (bench.rows.all_exact or bench.columns.all_exact):
        bench.fail("check.total_number", "certificate.fair_total")
    found = _multiply(problem, numbers.fair_units, numbers.fair_categories, numbers.fair_total, groups)
    d = found.denominator
    shares = hold(found, bench.lower, bench.upper)
    rows, columns = bench.rows, bench.columns
    row_sums = [sum(line) for line in shares]
    ends = [group_range(problem, group) for group in problem.groups]
    doubled = doubled_error(
        [*numbers.fair_units, *numbers.fair_categories, *groups],
        [
            *row_sums,
            *(sum(line) for line in zip(*shares, strict=True)),
            *(sum(shares[i][j] for i in group.units for j in group.categories) for group in problem.groups),
        ],
        [*rows.low, *columns.low, *(low for low, _ in ends)],
        [*rows.high, *columns.high, *(high for _, high in ends)],
        [*rows.free, *columns.free, *(True for _ in ends)],
        d,
    ) + (any(rows.free) + any(columns.free)) * abs(sum(row_sums) - problem.total * d)
    error = Fraction(doubled, 2 * d)
    if error * ERROR_PARTS > 1:
        bench.fail("check.error", "certificate.fair_units", error=shown(doubled, 2 * d))
        return
    for i, line in enumerate(shares):
        for j, share in enumerate(line):
            floor, ceiling = quota_of(share, d)
            want = Fraction(floor) if floor == ceiling else Fraction(share, d)
            if abs(claim.fair_shares[i][j] - want) > Fraction(1, 2_000_000) + error:
                bench.fail("check.share", f"fair_shares[{i}][{j}]", want=f"{float(want):.6f}")
            if problem.method != WITHIN_QUOTA:
                continue
            if undecided(share, d, doubled):
                bench.fail("check.near", f"fair_shares[{i}][{j}]")
            have = claim.seats[i][j]
            if not floor <= have <= ceiling and not problem.groups:
                bench.fail("check.quota", f"seats[{i}][{j}]", seats=have, share=f"{share / d:.6f}")
            # Seats that groups force out of quota widen the bounds of their own cells only.
            bench.lower[i][j] = max(bench.lower[i][j], min(floor, have))
            bench.upper[i][j] = min(bench.upper[i][j], max(ceiling, have))


def _check_rounding(bench: Bench) -> None:
    """Every cell's product rounds to its seats, free lines' and groups' numbers have their signs, ties are drawn."""
    problem, claim, numbers = bench.problem, bench.claim, bench.numbers()
    if any(number <= 0 for number in [*numbers.units, *numbers.categories, numbers.total, *numbers.groups]):
        bench.fail("check.positive", "certificate")
        return
    if numbers.total != 1 and (bench.rows.all_exact or bench.columns.all_exact):
        bench.fail("check.total_number", "certificate.total")
    for key, line, sums, ranges in (
        ("units", numbers.units, claim.unit_seats, bench.rows),
        ("categories", numbers.categories, claim.category_seats, bench.columns),
    ):
        for at, number in enumerate(line):
            if ranges.free[at] and not _fits(number, sums[at], ranges.low[at], ranges.high[at]):
                bench.fail("check.sign", f"certificate.{key}[{at}]", number=number)
    for at, group in enumerate(problem.groups):
        seats = sum(claim.seats[i][j] for i in group.units for j in group.categories)
        if not _fits(numbers.groups[at], seats, *group_range(problem, group)):
            bench.fail("check.group_sign", f"certificate.groups[{at}]", number=numbers.groups[at])
    found = _multiply(problem, numbers.units, numbers.categories, numbers.total, numbers.groups)
    d = found.denominator
    rises: list[tuple[int, int]] = []
    falls: list[tuple[int, int]] = []
    units = {line.id: at for at, line in enumerate(problem.units)}
    categories = {line.id: at for at, line in enumerate(problem.categories)}
    listed = {(units.get(unit, -1), categories.get(category, -1)): cost for unit, category, cost in numbers.exceptions}
    failing: dict[tuple[int, int], Fraction] = {}
    for i, row in enumerate(claim.seats):
        for j, x in enumerate(row):
            double = 2 * found.cells[i][j]
            may_rise, may_fall = x < bench.upper[i][j], x > bench.lower[i][j]
            if (double > (2 * x + 1) * d and may_rise) or (double < (2 * x - 1) * d and may_fall):
                if problem.groups and (i, j) in listed:
                    failing[i, j] = price(Fraction(found.cells[i][j], d), x, bench.lower[i][j], bench.upper[i][j])
                    continue
                bench.fail("check.rounding", f"seats[{i}][{j}]", product=shown(double, 2 * d), seats=x)
            if double == (2 * x + 1) * d and may_rise:
                rises.append((i, j))
            if double == (2 * x - 1) * d and may_fall:
                falls.append((i, j))
    if bench.failures:
        return
    if problem.groups:
        check_group_ties(bench, rises, falls)
    else:
        check_ties(bench, rises, falls)
    if (
        len(numbers.exceptions) != len(listed)
        or listed.keys() != failing.keys()
        or any(abs(listed[cell] - cost) > Fraction(2, 10**9) for cell, cost in failing.items())
    ):
        bench.fail("check.exceptions", "certificate.exceptions")
    if numbers.gap != sum(listed.values(), Fraction(0)):
        bench.fail("check.gap", "certificate.gap")


def shown(above: int, below: int) -> str:
    """A quotient in words that stay short whatever it is."""
    return f"{above / below:.6g}" if above < 10**15 * below else "≥ 10^15"


def _fits(number: Fraction, seats: int, low: int, high: int) -> bool:
    return not (number > 1 and seats > low) and not (number < 1 and seats < high)


def _check_overlays(bench: Bench) -> None:
    problem, claim = bench.problem, bench.claim
    row_sums = [sum(line) for line in claim.seats]
    if any(seats < 0 for seats in row_sums):
        return
    wanted: dict[str, list[int]] = {}
    missing: dict[str, int] = {}
    for overlay in problem.overlays:
        wanted[overlay.id], short = overlays.place(problem, overlay, row_sums)
        if short:
            missing[overlay.id] = short
    _compare(bench, "check.overlay", "overlays", wanted, claim.overlays)
    _compare(bench, "check.overlay_shortfall", "overlay_shortfall", missing, claim.overlay_shortfall)


def _compare(bench: Bench, code: str, place: str, wanted: Mapping[str, object], claimed: Mapping[str, object]) -> None:
    for key in [*wanted, *(key for key in claimed if key not in wanted)]:
        if wanted.get(key) != claimed.get(key):
            bench.fail(code, f"{place}.{key}", want=wanted.get(key, 0))
