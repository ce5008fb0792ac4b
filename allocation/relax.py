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

MOST_BREACHES = 12
MOST_RULES = 4  # where more have to change, few are looked for instead of the fewest
MOST_NODES = 100  # of one integer program
ROUNDS = 4


def smallest(book: Rulebook, holding: Holding) -> dict[str, Relaxation]:
    """By path, the changes that together make the problem solvable. Empty only when nothing found can mend it."""
    search = Search(book, holding)
    known = estimated(book)
    found = [stretched(known, holding)]
    if found[0] is not None and TOTAL in found[0]:
        found.append(stretched(known, holding, frozenset({TOTAL})))
    good = [values for values in found if values is not None and search.trouble(values) is None]
    if not good and book.underivable:
        good = [eased for values in found if values is not None and (eased := search.eased(values)) is not None]
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
    """New numbers by path with which no breach is left, while no total moves by itself; none for the rules `fixed`.

    The fewest and the least, unless that is more than can be tried: then few and the least that were found. None when
    none are found.
    """
    few = _few(book, holding, fixed)
    if few is None:
        return None
    count = sum(map(bool, few.values()))
    fewest = _fewest(book, holding, count, fixed) if count <= MOST_RULES else None
    return {rule.fix: rule.number + by for rule, by in (fewest or few).items() if by}


def _fewest(book: Rulebook, holding: Holding, most: int, fixed: frozenset[str]) -> dict[Rule, int] | None:
    """The fewest changes, of at most `most` rules, and the least, found breach by breach; None when that takes too much."""
    known = {rule.path: rule for rule in book.rules}
    breaches: list[Breach] = []
    changes: dict[Rule, int] = {}
    for _ in range(MOST_BREACHES):
        found = holding.breach([rule.changed(changes.get(rule, 0)) for rule in book.rules])
        if found is None:
            return changes
        if not found.proved:
            return None
        demand = tuple((known[rule.path], factor) for rule, factor in found.demand)
        limits = tuple((known[rule.path], factor) for rule, factor in found.limits)
        breaches.append(Breach(demand, limits))
        mended = _mended(book, breaches, most, fixed)
        if mended is None:
            return None
        changes = mended
    return None


def _mended(book: Rulebook, breaches: Sequence[Breach], limit: int, fixed: frozenset[str]) -> dict[Rule, int] | None:
    """The fewest rules, at most `limit`, and the least changes of them after which none of the breaches is one.

    None when there are none, or too much would have to be tried.
    """
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
    up, down = _ends(rules, most, fixed)
    helps = ((effects > 0) & (down > 0)) | ((effects < 0) & (up > 0))
    # A breach that only an earlier proposal made needs no rule of its own.
    fewest = _solved(np.ones(count), np.ones(count), helps.astype(float), (short > 0).astype(float), None)
    if fewest is None:
        return None
    # For each rule: is it changed, by how much up, by how much down.
    change = np.concatenate([np.eye(count) * most, -np.eye(count), -np.eye(count)], axis=1)
    mend = np.concatenate([np.zeros_like(effects), -effects, effects], axis=1)
    number = np.concatenate([-np.ones(count), np.zeros(2 * count)])[None, :]
    for many in range(round(float(fewest.sum())), limit + 1):
        found = _solved(
            np.concatenate([_prices(rules), np.ones(2 * count)]),
            np.concatenate([np.ones(count), up, down]),
            np.concatenate([change, mend, number]),
            np.concatenate([np.zeros(count), short, [-float(many)]]),
            None,
        )
        if found is not None:
            by = np.rint(found[count : 2 * count] - found[2 * count :]).astype(int).tolist()
            return dict(zip(rules, by, strict=True))
    return None


def _few(book: Rulebook, holding: Holding, fixed: frozenset[str]) -> dict[Rule, int] | None:
    """Few changes that mend the whole: the least in all, then less and less of those that were small."""
    rules, cells = list(book.rules), holding.cells
    most = 2.0 * max(rule.number for rule in rules) + 1.0
    up, down = _ends(rules, most, fixed)
    sums = np.array([[float(cell in covered) for cell in cells] for covered in map(holding.covered, rules)])
    eye = np.eye(len(rules))
    stretch = np.concatenate([sums, -eye, eye], axis=1)
    number = np.array([float(rule.number) for rule in rules])
    at_least, at_most = (
        np.array([end is not None for end in ends]) for ends in zip(*((r.low, r.high) for r in rules), strict=True)
    )
    matrix = np.concatenate([stretch[at_least], -stretch[at_most]])
    right = np.concatenate([number[at_least], -number[at_most]])
    weight = np.ones(len(rules))
    by: list[int] | None = None
    for _ in range(ROUNDS):
        price = weight + _prices(rules)
        found = _solved(
            np.concatenate([np.zeros(len(cells)), price, price]),
            np.concatenate([np.full(len(cells), highspy.kHighsInf), up, down]),
            matrix,
            right,
            len(cells) if book.problem.groups else 0,
        )
        if found is None:
            break
        change = found[len(cells) : len(cells) + len(rules)] - found[len(cells) + len(rules) :]
        by = np.rint(change).astype(int).tolist()
        weight = 1.0 / (np.abs(change) + 0.1)
    return None if by is None else dict(zip(rules, by, strict=True))


def _ends(rules: Sequence[Rule], most: float, fixed: frozenset[str]) -> tuple[Any, Any]:
    """How far each rule's number may be changed up and down."""
    free = [rule.path not in fixed for rule in rules]
    up = [most if may and rule.high is not None else 0.0 for rule, may in zip(rules, free, strict=True)]
    down = [float(rule.number) if may and rule.low is not None else 0.0 for rule, may in zip(rules, free, strict=True)]
    return np.array(up), np.array(down)


def _prices(rules: Sequence[Rule]) -> Any:
    """What decides between changes of the same size: not the total, given numbers before derived ones, the earlier."""
    return np.array([0.5 * (r.path == TOTAL) + 0.01 * (r.path != r.fix) + 1e-5 * at for at, r in enumerate(rules)])


def _solved(cost: Any, upper: Any, matrix: Any, right: Any, whole: int | None) -> Any:
    """The cheapest numbers from 0 to `upper` with matrix · x ≥ right, the first `whole` of them integers (all, where None).

    None when there are none, or when more than a few branches would have to be tried.
    """
    height, width = matrix.shape
    model: Any = highspy.HighsLp()
    model.num_col_, model.num_row_ = width, height
    model.col_cost_, model.col_lower_, model.col_upper_ = cost, np.zeros(width), upper
    model.row_lower_, model.row_upper_ = right, np.full(height, highspy.kHighsInf)
    kinds = highspy.HighsVarType
    if whole != 0:
        model.integrality_ = [
            kinds.kInteger if whole is None or at < whole else kinds.kContinuous for at in range(width)
        ]
    rows, columns = np.nonzero(matrix)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.searchsorted(rows, np.arange(height + 1))
    model.a_matrix_.index_ = columns
    model.a_matrix_.value_ = matrix[rows, columns]
    highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, value in (("output_flag", False), ("threads", 1), ("mip_rel_gap", 0.0), ("mip_max_nodes", MOST_NODES)):
        highs.setOptionValue(option, value)
    highs.passModel(model)
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return np.array(highs.getSolution().col_value)
