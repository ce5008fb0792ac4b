"""Can rules hold together, and if not, which of them ask for more seats than others leave?

Without groups a maximum flow decides and a minimum cut says why not. With groups a linear program does, by the multipliers
that prove it impossible; where its solution is fractional, an integer program. Asked again and again about rules over the
same cells, so that what stays the same is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import highspy
import numpy as np

from allocation.flow import Network
from allocation.problem import Problem
from allocation.rulebook import Rule, Rulebook

Key = tuple[str, tuple[int, ...]]
TOTAL: Key = ("total", ())
KINDS = ("total", "unit", "category", "cell", "group")
SMALL = 1e-7  # below this a multiplier is none, a violation no violation, a seat whole


@dataclass(frozen=True)
class Bounds:
    """What rules say of each line, cell and group they speak of: the lowest and the highest sum, and the rules that say so."""

    low: Mapping[Key, tuple[int, Rule]]
    high: Mapping[Key, tuple[int, Rule]]

    @staticmethod
    def of(rules: Sequence[Rule]) -> Bounds:
        low: dict[Key, tuple[int, Rule]] = {}
        high: dict[Key, tuple[int, Rule]] = {}
        for rule in rules:
            key = (rule.kind, rule.place)
            if rule.low is not None and rule.low > (low[key][0] if key in low else 0):
                low[key] = (rule.low, rule)
            if rule.high is not None and (key not in high or rule.high < high[key][0]):
                high[key] = (rule.high, rule)
        return Bounds(low, high)


@dataclass(frozen=True)
class Breach:
    """Rules that cannot hold together: Σ factor · number over `demand`, by their lower ends, exceeds Σ factor · number over
    `limits`, by their upper ends. Factors of 0 where only an integer program knows."""

    demand: tuple[tuple[Rule, float], ...]
    limits: tuple[tuple[Rule, float], ...]

    @property
    def rules(self) -> list[Rule]:
        found = {id(rule): rule for rule, _ in (*self.demand, *self.limits)}
        return list(found.values())

    @property
    def need(self) -> float:
        return sum(factor * (rule.low or 0) for rule, factor in self.demand)

    @property
    def room(self) -> float:
        return sum(factor * (rule.high or 0) for rule, factor in self.limits)

    @property
    def proved(self) -> bool:
        return any(factor for _, factor in self.demand)


class Holding:
    """The cells of one problem, of which rules are asked whether they can hold together."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        m, n = len(problem.units), len(problem.categories)
        self.cells = [(i, j) for i, line in enumerate(problem.weights) for j, weight in enumerate(line) if weight]
        self.eligible = set(self.cells)
        self.nobody: set[Key] = {
            ("group", (at,))
            for at, group in enumerate(problem.groups)
            if not any(problem.weights[i][j] for i in group.units for j in group.categories)
        }
        self.keys: list[Key] = [
            TOTAL,
            *(("unit", (i,)) for i in range(m)),
            *(("category", (j,)) for j in range(n)),
            *(("cell", cell) for cell in self.cells),
        ]
        source, target = m + n, m + n + 1
        self.network = Network(
            m + n + 2,
            [
                (target, source),
                *((source, i) for i in range(m)),
                *((m + j, target) for j in range(n)),
                *((i, m + j) for i, j in self.cells),
            ],
        )

    def breach(self, rules: Sequence[Rule]) -> Breach | None:
        """Why these rules cannot hold together; None when they can. First by those without groups."""
        bounds = Bounds.of(rules)
        found = self._contradiction(bounds) or self._cut(bounds)
        if found is None and self.cells and any(rule.kind == "group" for rule in rules):
            return self.program.breach(bounds, rules)
        return found

    def possible(self, rules: Sequence[Rule]) -> bool:
        """Whether these rules can hold together."""
        bounds = Bounds.of(rules)
        if self._contradiction(bounds) is not None:
            return False
        if self.cells and any(rule.kind == "group" for rule in rules):
            return self.program.breach(bounds, rules) is None
        return self._cut(bounds) is None

    def covered(self, rule: Rule) -> set[tuple[int, int]]:
        """The eligible cells over which a rule sums."""
        if rule.kind == "cell":
            return self.eligible & {(rule.place[0], rule.place[1])}
        if rule.kind == "group":
            group = self.problem.groups[rule.place[0]]
            return self.eligible & {(i, j) for i in group.units for j in group.categories}
        side = {"unit": 0, "category": 1}.get(rule.kind)
        return {cell for cell in self.cells if side is None or cell[side] == rule.place[0]}

    def _contradiction(self, bounds: Bounds) -> Breach | None:
        """Seats for a cell or a group where nobody is eligible, or one number above another."""
        for key in sorted(bounds.low, key=lambda key: (KINDS.index(key[0]), key[1])):
            low, below = bounds.low[key]
            if (key[0] == "cell" and key[1] not in self.eligible) or key in self.nobody:
                return Breach(((below, 1.0),), ())
            if key in bounds.high and low > bounds.high[key][0]:
                return Breach(((below, 1.0),), ((bounds.high[key][1], 1.0),))
        return None

    def _cut(self, bounds: Bounds) -> Breach | None:
        endless = sum(low for low, _ in bounds.low.values()) + self.problem.total + 1
        low = [bounds.low[key][0] if key in bounds.low else 0 for key in self.keys]
        high = [bounds.high[key][0] if key in bounds.high else endless for key in self.keys]
        cut = self.network.circulate(low, high)[1]
        if cut is None:
            return None
        return Breach(
            tuple((bounds.low[self.keys[at]][1], 1.0) for at in cut.demand if self.keys[at] in bounds.low),
            tuple((bounds.high[self.keys[at]][1], 1.0) for at in cut.room if self.keys[at] in bounds.high),
        )

    @cached_property
    def program(self) -> _Program:
        return _Program(self)


class _Program:
    """The linear program over the cells with a row for the total, each unit, category and group."""

    def __init__(self, holding: Holding) -> None:
        problem = holding.problem
        m, n = len(problem.units), len(problem.categories)
        self.cells = holding.cells
        self.rows = [*holding.keys[: 1 + m + n], *(("group", (at,)) for at in range(len(problem.groups)))]
        members = [(set(group.units), set(group.categories)) for group in problem.groups]
        columns = [
            [0, 1 + i, 1 + m + j, *(1 + m + n + at for at, (us, cs) in enumerate(members) if i in us and j in cs)]
            for i, j in self.cells
        ]
        model: Any = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(columns), len(self.rows)
        model.col_cost_ = np.zeros(len(columns))
        model.col_lower_, model.col_upper_ = np.zeros(len(columns)), np.zeros(len(columns))
        model.row_lower_, model.row_upper_ = np.zeros(len(self.rows)), np.zeros(len(self.rows))
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        self.starts = np.cumsum([0, *(len(column) for column in columns)])
        self.index = np.array([row for column in columns for row in column], dtype=np.int32)
        model.a_matrix_.start_ = self.starts
        model.a_matrix_.index_ = self.index
        model.a_matrix_.value_ = np.ones(len(self.index))
        self.highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        for option, value in (("output_flag", False), ("presolve", "off"), ("threads", 1)):
            self.highs.setOptionValue(option, value)
        self.highs.passModel(model)

    def breach(self, bounds: Bounds, rules: Sequence[Rule]) -> Breach | None:
        """Why these rules cannot hold together; the rules without factors where only the integer program knows."""
        cells: list[Key] = [("cell", cell) for cell in self.cells]
        row_low, row_high = self._ends(bounds, self.rows)
        low, high = self._ends(bounds, cells)
        count, height = len(cells), len(self.rows)
        self.highs.changeColsBounds(count, np.arange(count, dtype=np.int32), low, high)
        self.highs.changeRowsBounds(height, np.arange(height, dtype=np.int32), row_low, row_high)
        self.highs.run()
        if self.highs.getModelStatus() == highspy.HighsModelStatus.kOptimal:
            seats = np.array(self.highs.getSolution().col_value)
            if np.abs(seats - np.rint(seats)).max(initial=0.0) < SMALL or self._whole():
                return None
            return Breach(tuple((rule, 0.0) for rule in rules), ())
        rows = np.array(self.highs.getDualRay()[2])
        columns = -np.add.reduceat(rows[self.index], self.starts[:-1])
        demand: list[tuple[Rule, float]] = []
        limits: list[tuple[Rule, float]] = []
        for key, factor in zip([*self.rows, *cells], [*rows.tolist(), *columns.tolist()], strict=True):
            if factor > SMALL and key in bounds.low:
                demand.append((bounds.low[key][1], factor))
            elif factor < -SMALL and key in bounds.high:
                limits.append((bounds.high[key][1], -factor))
        found = Breach(tuple(demand), tuple(limits))
        return found if found.need > found.room + SMALL else Breach(tuple((rule, 0.0) for rule in rules), ())

    def _ends(self, bounds: Bounds, keys: Sequence[Key]) -> tuple[Any, Any]:
        return (
            np.array([float(bounds.low[key][0]) if key in bounds.low else 0.0 for key in keys]),
            np.array([float(bounds.high[key][0]) if key in bounds.high else highspy.kHighsInf for key in keys]),
        )

    def _whole(self) -> bool:
        """Whether there is a matrix of whole seats, too."""
        count = np.arange(len(self.cells), dtype=np.int32)
        kinds = highspy.HighsVarType
        self.highs.changeColsIntegrality(len(count), count, np.full(len(count), kinds.kInteger))
        self.highs.run()
        found = self.highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
        self.highs.changeColsIntegrality(len(count), count, np.full(len(count), kinds.kContinuous))
        return bool(found)


def holds(book: Rulebook, rules: Sequence[Rule]) -> bool:
    """Whether rules of a problem can hold together."""
    return Holding(book.problem).possible(rules)
