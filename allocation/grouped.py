"""Problems with groups: the integer program's matrix, its ties drawn, and a certificate with a number for each group.

Floats (a small linear program) propose the numbers with as much room as there is; cells that leave no room are tied and
pin their lines to exact fractions; what is handed out is proved in integers. Where groups overlap there may be no
numbers that fit every cell: the cells that fail are listed with their price.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import exp

import numpy as np
import pulp

from allocation import program
from allocation.certificate import FEWEST_DIGITS, MOST_FLOAT_DIGITS
from allocation.ladder import last_cost, next_cost
from allocation.monomials import Monomials
from allocation.products import log_of, price, products, whole
from allocation.proven import shorten, text_of
from allocation.swaps import Sum, greatest, line_sums, linked
from allocation.table import Floats, Ints, Table

ROOM = 1e-9
EXCEPTION_DIGITS = 10  # a cell that stands at its limit may cross it by rounding; its price is then next to nothing
REACH = 400.0


@dataclass(frozen=True)
class GroupedMatrix:
    """An optimal matrix with groups and what proves it; texts as printed."""

    seats: Ints
    units: tuple[str, ...]
    categories: tuple[str, ...]
    total: str
    groups: tuple[str, ...]
    ties: list[list[tuple[int, int]]]
    exceptions: list[tuple[int, int, Fraction]]


class NoNumbers(Exception):
    """No numbers were found that prove the matrix."""


def solve(table: Table, quota: program.Quota | None, solver: pulp.LpSolver | None = None) -> GroupedMatrix:
    """The optimal matrix of a table with groups, within quota where one is given. Raises program.NoProgram when there is
    none, NoNumbers, NoExactNumbers or TooManyTies when it could not be proved."""
    if quota is None:
        seats = program.propose(table, solver).seats
        bounded = table
    else:
        outside = program.fewest_outside(table, quota, solver)
        if outside == 0:
            bounded = table.within(quota.floor, quota.ceiling)
            seats = program.propose(bounded, solver).seats
        else:
            seats = program.propose(table, solver, quota, outside).seats
            # Seats that groups force out of quota widen the bounds of their own cells only.
            bounded = table.within(np.minimum(quota.floor, seats), np.maximum(quota.ceiling, seats))
    return _Numbers(bounded, seats).matrix()


class _Numbers:
    """The search for the numbers of one matrix. Lines: units, categories, the total, groups."""

    def __init__(self, table: Table, seats: Ints) -> None:
        self.table = table
        self.seats = seats
        m, n = table.units, table.categories
        self.count = m + n + 1 + len(table.groups)
        self.lines_of: dict[tuple[int, int], list[int]] = {}
        for i in range(m):
            for j in range(n):
                groups = [m + n + 1 + at for at, group in enumerate(table.groups) if group.cells[i, j]]
                self.lines_of[i, j] = [i, m + j, m + n, *groups]
        self._ends()
        real = (slice(0, m), slice(0, n))
        self.up, self.down = next_cost(table, seats, real), last_cost(table, seats, real)

    def _ends(self) -> None:
        """What each line's number may be: 0 in logarithms when pinned to 1, else its side of 1."""
        table, seats = self.table, self.seats
        m, n = table.units, table.categories
        self.sums = [int(v) for v in seats.sum(axis=1)] + [int(v) for v in seats.sum(axis=0)] + [int(seats.sum())]
        self.sums += [int(seats[group.cells].sum()) for group in table.groups]
        both = table.row_slack and table.column_slack
        self.low = [*map(int, table.row_low), *map(int, table.column_low), table.total, *(g.low for g in table.groups)]
        self.high = [
            *map(int, table.row_high),
            *map(int, table.column_high),
            table.total,
            *(g.high for g in table.groups),
        ]
        exact = [
            *(not f for f in table.row_free),
            *(not f for f in table.column_free),
            both,
            *(g.low == g.high for g in table.groups),
        ]
        self.range: list[tuple[float, float]] = []
        for line in range(self.count):
            if line == m + n and not both:
                self.range.append((0.0, 0.0))
            elif exact[line]:
                self.range.append((-REACH, REACH))
            else:
                self.range.append(
                    (
                        -REACH if self.sums[line] == self.high[line] else 0.0,
                        REACH if self.sums[line] == self.low[line] else 0.0,
                    )
                )
        if not table.row_slack and not table.column_slack:
            first = next((i for i in range(m) if self.sums[i]), 0)
            self.range[first] = (0.0, 0.0)

    def matrix(self) -> GroupedMatrix:
        tied, exceptions, logs = self._room()
        if tied:
            cells = sorted(tied)
            sums = self._sums(cells, logs)
            now = [int(2 * self.steps[cell] < 2 * int(self.seats[cell])) for cell in cells]
            best = greatest(now, sums)
            for cell, before, after in zip(cells, now, best, strict=True):
                self.seats[cell] += after - before
            ties = [[cells[at] for at in part] for part in linked(best, sums)]
        else:
            ties = []
        return self._rounded(tied, exceptions, logs, ties)

    def _sums(self, cells: list[tuple[int, int]], logs: Floats) -> list[Sum]:
        """The lines as bounds on the upper steps among tied cells; a free line whose number is not 1 stays at its end."""
        return line_sums(
            cells,
            [int(2 * self.steps[c] < 2 * int(self.seats[c])) for c in cells],
            self.lines_of,
            self.sums,
            self.low,
            self.high,
            [abs(value) > ROOM and self.low[line] != self.high[line] for line, value in enumerate(logs)],
        )

    def _room(self) -> tuple[list[tuple[int, int]], set[tuple[int, int]], Floats]:
        """Tied cells, cells that fail, and logarithms with room on all other sides."""
        self.steps: dict[tuple[int, int], Fraction] = {}
        exceptions: set[tuple[int, int]] = set()
        tied: dict[tuple[int, int], float] = {}
        for _ in range(len(self.lines_of) + 2):
            room, _, tight = self._linear(tied, exceptions)
            if room > ROOM:
                return list(tied), exceptions, self._linear(tied, exceptions, 0.9 * room)[1]
            if room < -ROOM:
                # No numbers fit every cell: those with the least prices, and no claim about ties.
                return [], *self._failing()
            if not tight:
                raise NoNumbers
            for cell, value, half in tight:
                tied[cell] = value
                self.steps[cell] = Fraction(2 * int(self.seats[cell]) + half, 2)
        raise NoNumbers

    def _linear(
        self,
        tied: dict[tuple[int, int], float],
        exceptions: set[tuple[int, int]],
        keep: float | None = None,
    ) -> tuple[float, Floats, list[tuple[tuple[int, int], float, int]]]:
        """The largest room that all cells can have at once, numbers that give it, and the cells that allow no more.

        With `keep`, numbers as near to 1 as they can be while that much room is kept.
        """
        model = pulp.LpProblem("room", pulp.LpMaximize)
        room = pulp.LpVariable("room", -REACH if keep is None else keep, 1.0)
        numbers = [pulp.LpVariable(f"n_{at}", low, high) for at, (low, high) in enumerate(self.range)]
        if keep is None:
            model += room
        else:
            sizes = [pulp.LpVariable(f"z_{at}", 0) for at in range(self.count)]
            model += pulp.LpAffineExpression([(size, -1) for size in sizes])
            for number, size in zip(numbers, sizes, strict=True):
                model += pulp.LpAffineExpression([(number, 1), (size, -1)]) <= 0
                model += pulp.LpAffineExpression([(number, -1), (size, -1)]) <= 0
        rows: list[tuple[str, tuple[int, int], float, int]] = []
        for cell, lines in self.lines_of.items():
            if cell in exceptions:
                continue
            terms = [(numbers[line], 1) for line in lines]
            if cell in tied:
                model += pulp.LpAffineExpression(terms) == tied[cell]
                continue
            if np.isfinite(self.up[cell]):
                name = f"u_{cell[0]}_{cell[1]}"
                model += pulp.LpAffineExpression([*terms, (room, 1)]) <= float(self.up[cell]), name
                rows.append((name, cell, float(self.up[cell]), 1))
            if np.isfinite(self.down[cell]):
                name = f"d_{cell[0]}_{cell[1]}"
                model += pulp.LpAffineExpression([*terms, (room, -1)]) >= float(self.down[cell]), name
                rows.append((name, cell, float(self.down[cell]), -1))
        model.solve(program.highs())
        if model.sol_status != pulp.LpSolutionOptimal:
            raise NoNumbers
        logs = np.array([number.value() or 0.0 for number in numbers])
        tight = [
            (cell, value, half) for name, cell, value, half in rows if abs(model.constraints[name].pi or 0.0) > 1e-9
        ]
        return float(room.value() or 0.0), logs, tight

    def _failing(self) -> tuple[set[tuple[int, int]], Floats]:
        """The cells that must fail so that the prices of all together are least, and the numbers for it."""
        model = pulp.LpProblem("prices", pulp.LpMinimize)
        numbers = [pulp.LpVariable(f"n_{at}", low, high) for at, (low, high) in enumerate(self.range)]
        prices: list[tuple[pulp.LpVariable, int]] = []
        owner: list[tuple[tuple[int, int], pulp.LpVariable]] = []
        for cell, lines in self.lines_of.items():
            terms = [(numbers[line], 1) for line in lines]
            if np.isfinite(self.up[cell]):
                price = pulp.LpVariable(f"u_{cell[0]}_{cell[1]}", 0)
                model += pulp.LpAffineExpression([*terms, (price, -1)]) <= float(self.up[cell])
                owner.append((cell, price))
            if np.isfinite(self.down[cell]):
                price = pulp.LpVariable(f"d_{cell[0]}_{cell[1]}", 0)
                model += pulp.LpAffineExpression([*terms, (price, 1)]) >= float(self.down[cell])
                owner.append((cell, price))
        prices = [(price, 1) for _, price in owner]
        model.setObjective(pulp.LpAffineExpression(prices))
        model.solve(program.highs())
        if model.sol_status != pulp.LpSolutionOptimal:
            raise NoNumbers
        return (
            {cell for cell, price in owner if (price.value() or 0.0) > ROOM / 10},
            np.array([number.value() or 0.0 for number in numbers]),
        )

    def _rounded(
        self,
        tied: list[tuple[int, int]],
        exceptions: set[tuple[int, int]],
        logs: Floats,
        ties: list[list[tuple[int, int]]],
    ) -> GroupedMatrix:
        table = self.table
        m, n = table.units, table.categories
        both = table.row_slack and table.column_slack
        exactly = Monomials(self.count)
        for line in range(self.count):
            # A free line or a group may always have the number 1; one that wants to be 1 is 1.
            if self.range[line] != (-REACH, REACH) and abs(logs[line]) < 1e-9 and (line >= m or table.row_free[line]):
                exactly.pin(line, Fraction(1))
        for cell in sorted(tied):
            exactly.equate(self.lines_of[cell], self.steps[cell] / table.weights[cell[0]][cell[1]])
        texts_from = EXCEPTION_DIGITS if exceptions else FEWEST_DIGITS
        for digits in range(texts_from, MOST_FLOAT_DIGITS + 1):
            numbers = self._attempt(exactly, logs, digits, bool(exceptions))
            if numbers is None:
                continue
            found = self._proved(numbers, exceptions)
            if found is None:
                continue
            texts = [text_of(value, digits, exactly.follows(line)) for line, value in enumerate(numbers)]
            return GroupedMatrix(
                self.seats,
                tuple(texts[:m]),
                tuple(texts[m : m + n]),
                texts[m + n] if both else "1",
                tuple(texts[m + n + 1 :]),
                ties,
                found,
            )
        raise NoNumbers

    def _attempt(self, exactly: Monomials, logs: Floats, digits: int, as_given: bool) -> list[Fraction] | None:
        table = self.table
        m, n = table.units, table.categories
        chosen: dict[int, Fraction] = {}
        loose = [] if as_given else [line for line in range(m) if not exactly.bound(line)]
        for line in range(self.count):
            if line < m and line in set(loose):
                continue
            if not exactly.follows(line):
                chosen[line] = shorten(Fraction(exp(logs[line])), digits)
        values = exactly.values(chosen)
        known = np.array([log_of(values[line]) if line in values else 0.0 for line in range(self.count)])
        for i in loose:
            columns = np.array([sum(known[line] for line in self.lines_of[i, j] if line != i) for j in range(n)])
            low = float(np.max(self.down[i] - columns))
            high = float(np.min(self.up[i] - columns))
            if table.row_free[i] and low <= 0.0 <= high:
                values[i] = Fraction(1)
                continue
            if table.row_free[i]:
                low, high = max(low, self.range[i][0]), min(high, self.range[i][1])
            middle = (
                (low + high) / 2
                if low > -REACH / 2 and high < REACH / 2
                else (min(0.0, high - 0.7) if high < REACH / 2 else max(0.0, low + 0.7) if low > -REACH / 2 else 0.0)
            )
            values[i] = shorten(Fraction(exp(middle)), digits)
        return [values[line] for line in range(self.count)]

    def _proved(
        self,
        numbers: list[Fraction],
        exceptions: set[tuple[int, int]],
    ) -> list[tuple[int, int, Fraction]] | None:
        """In integers: every cell but the exceptions rounds to its seats, every number is on its side of 1."""
        table = self.table
        m, n = table.units, table.categories
        if any(number <= 0 for number in numbers):
            return None
        for line in (
            *np.flatnonzero(table.row_free),
            *(m + np.flatnonzero(table.column_free)),
            *(m + n + 1 + at for at in range(len(table.groups))),
        ):
            if numbers[line] > 1 and self.sums[line] > self.low[line]:
                return None
            if numbers[line] < 1 and self.sums[line] < self.high[line]:
                return None
        found = products(
            table.integer_weights,
            whole(numbers[:m]),
            whole(numbers[m : m + n]),
            numbers[m + n],
            zip(numbers[m + n + 1 :], [g.cells.tolist() for g in table.groups], strict=True),
        )
        failing: list[tuple[int, int, Fraction]] = []
        for i in range(m):
            for j in range(n):
                cost = price(
                    Fraction(found.cells[i][j], found.denominator),
                    int(self.seats[i, j]),
                    int(table.lower[i, j]),
                    int(table.upper[i, j]),
                )
                if cost:
                    if not exceptions:
                        return None
                    failing.append((i, j, cost))
        return failing
