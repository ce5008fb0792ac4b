"""The smallest change that makes an impossible problem possible: fewest rules, then least change, the total last (SPEC).

A small program proposes changes that mend all breaches found so far, until no more are found. Where totals are derived,
changing one of them moves others: what is proposed is derived and tried, and a search looks for less.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import highspy
import numpy as np

from allocation.answer import Relaxation
from allocation.changes import applied, estimated
from allocation.holding import Breach, Holding
from allocation.rulebook import TOTAL, Rule, Rulebook
from allocation.search import Search

__all__ = ["applied", "smallest"]

MOST_BREACHES = 200


def smallest(book: Rulebook, holding: Holding) -> dict[str, Relaxation]:
    """By path, the changes that together make the problem solvable. Empty only when nothing found can mend it."""
    search = Search(book, holding)
    known = estimated(book)
    found = [stretched(known, holding)]
    if found[0] is not None and TOTAL in found[0]:
        found.append(stretched(known, holding, frozenset({TOTAL})))
    good = [values for values in found if values is not None and search.trouble(values) is None]
    # The total is changed only where that takes no more change than leaving it.
    values = min(good, key=lambda values: (search.cost(values)[1], TOTAL not in values), default=None)
    if values is None or book.derived:
        values = search.better_than(values)
    return {
        number.fix: Relaxation(number.fix, number.now, values[number.fix], number.of)
        for number in search.numbers
        if values and number.fix in values
    }


def stretched(book: Rulebook, holding: Holding, fixed: frozenset[str] = frozenset()) -> dict[str, int] | None:
    """New numbers by path with which no breach is left, the fewest and the least while no total moves by itself; none for
    the rules `fixed`.

    None when none are found.
    """
    breaches: list[Breach] = []
    changes: dict[Rule, int] = {}
    fewest = 1
    known = {rule.path: rule for rule in book.rules}
    for _ in range(MOST_BREACHES):
        found = holding.breach([rule.changed(changes.get(rule, 0)) for rule in book.rules])
        if found is None:
            return {rule.fix: rule.number + by for rule, by in changes.items() if by}
        if not found.proved:
            return None
        demand = tuple((known[rule.path], factor) for rule, factor in found.demand)
        limits = tuple((known[rule.path], factor) for rule, factor in found.limits)
        breaches.append(Breach(demand, limits))
        mended = _mended(book, breaches, fewest, fixed)
        if mended is None:
            return None
        fewest, changes = mended
    return None


def _mended(
    book: Rulebook, breaches: Sequence[Breach], fewest: int, fixed: frozenset[str]
) -> tuple[int, dict[Rule, int]] | None:
    """The fewest rules and the least changes of them after which none of the breaches is one; at least `fewest` rules."""
    involved = {rule for breach in breaches for rule in breach.rules}
    rules = [rule for rule in book.rules if rule in involved]
    place = {rule: at for at, rule in enumerate(rules)}
    effects = np.zeros((len(breaches), len(rules)))
    for row, breach in zip(effects, breaches, strict=True):
        for rule, factor in breach.demand:
            row[place[rule]] += factor
        for rule, factor in breach.limits:
            row[place[rule]] -= factor
    short = np.array([breach.need - breach.room for breach in breaches])
    least = min(factor for breach in breaches for _, factor in (*breach.demand, *breach.limits))
    most = min(float(np.abs(short).sum()) / least + 1.0, 2.0 * max(rule.number for rule in rules) + 1.0)
    count = len(rules)
    up = np.array([most if rule.high is not None and rule.path not in fixed else 0.0 for rule in rules])
    down = np.array([float(rule.number) if rule.low is not None and rule.path not in fixed else 0.0 for rule in rules])
    # For each rule: is it changed, by how much up, by how much down.
    price = [0.5 * (rule.path == TOTAL) + 0.01 * (rule.path != rule.fix) + 1e-5 * at for at, rule in enumerate(rules)]
    change = np.concatenate([np.eye(count) * -most, np.eye(count), np.eye(count)], axis=1)
    mend = np.concatenate([np.zeros_like(effects), effects, -effects], axis=1)
    number = np.concatenate([np.ones(count), np.zeros(2 * count)])[None, :]
    for many in range(fewest, count + 1):
        found = _program(
            np.concatenate([np.array(price), np.ones(2 * count)]),
            np.concatenate([np.ones(count), up, down]),
            np.concatenate([change, mend, number]),
            np.concatenate([np.zeros(count), -short, [float(many)]]),
        )
        if found is not None:
            by = np.rint(found[count : 2 * count] - found[2 * count :]).astype(int).tolist()
            return many, dict(zip(rules, by, strict=True))
    return None


def _program(cost: Any, upper: Any, matrix: Any, right: Any) -> Any:
    """The cheapest whole numbers from 0 to `upper` with matrix · x ≤ right; None when there are none."""
    height, width = matrix.shape
    model: Any = highspy.HighsLp()
    model.num_col_, model.num_row_ = width, height
    model.col_cost_, model.col_lower_, model.col_upper_ = cost, np.zeros(width), upper
    model.row_lower_, model.row_upper_ = np.full(height, -highspy.kHighsInf), right
    model.integrality_ = [highspy.HighsVarType.kInteger] * width
    rows, columns = np.nonzero(matrix)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.searchsorted(rows, np.arange(height + 1))
    model.a_matrix_.index_ = columns
    model.a_matrix_.value_ = matrix[rows, columns]
    highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, value in (("output_flag", False), ("threads", 1), ("mip_rel_gap", 0.0), ("mip_abs_gap", 0.0)):
        highs.setOptionValue(option, value)
    highs.passModel(model)
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return np.array(highs.getSolution().col_value)
