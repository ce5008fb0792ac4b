"""Why a cell has the seats it has: its fair share, its product, what held or rounded it, what one seat more would cost.

For the allocation sheet. Values and codes only; the sentences for the codes stand in `texts.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import inf, log

import numpy as np

from allocation.answer import Allocation
from allocation.fair import products
from allocation.ladder import last_cost, move_costs, next_cost
from allocation.problem import WITHIN_QUOTA
from allocation.table import Floats, Ints, Table, build
from allocation.totals import category_ranges, unit_ranges


@dataclass(frozen=True, slots=True)
class Why:
    """One cell. `product` is weight × the numbers of its lines; `codes` say what made the seats, the strongest first:

    `zero_weight`, `tie`, `at_least`, `at_most`, `quota_floor`, `quota_ceiling`, `whole_share`, `rounded_up`,
    `rounded_down`, `exception`. `number_*` are the texts of the certificate.
    """

    unit: int
    category: int
    seats: int
    fair_share: Fraction
    weight: Fraction
    number_unit: str
    number_category: str
    product: Fraction
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NextSeat:
    """What one more seat in a cell would take: the price in the objective and the cells that change, by position.

    `gives` lose a seat, `gets` gain one (the cell itself among them). None of them: no seat can be added.
    """

    price: float
    gets: tuple[tuple[int, int], ...]
    gives: tuple[tuple[int, int], ...]

    @property
    def possible(self) -> bool:
        return self.price < inf


class Explanation:
    """Explains the cells of one allocation; what all cells need is computed once."""

    def __init__(self, allocation: Allocation) -> None:
        assert allocation.certificate is not None
        self.allocation = allocation
        self.problem = allocation.problem
        self.numbers = allocation.certificate

    @cached_property
    def _table(self) -> Table:
        return build(self.problem, unit_ranges(self.problem), category_ranges(self.problem))

    @cached_property
    def products(self) -> list[list[Fraction]]:
        """Every cell's certificate product, exact."""
        numbers = self.numbers
        weights, scale = self._table.integer_weights
        groups = [
            (Fraction(text), mask.cells.tolist())
            for text, mask in zip(numbers.groups, self._table.groups, strict=False)
        ]
        found = products(
            weights,
            scale,
            [Fraction(t) for t in numbers.units],
            [Fraction(t) for t in numbers.categories],
            Fraction(numbers.total),
            groups,
        )
        return [[Fraction(cell, found.denominator) for cell in line] for line in found.cells]

    @cached_property
    def _shares(self) -> tuple[tuple[Fraction, ...], ...]:
        return self.allocation.fair_shares

    @cached_property
    def _tied(self) -> set[tuple[int, int]]:
        return {cell for tie in self.allocation.ties for cell in tie.cells}

    def why(self, unit: int, category: int) -> Why:
        """The explanation of one cell."""
        answer, numbers = self.allocation, self.numbers
        seats = answer.seats[unit][category]
        share = self._shares[unit][category]
        product = self.products[unit][category]
        return Why(
            unit,
            category,
            seats,
            share,
            self.problem.weights[unit][category],
            numbers.units[unit],
            numbers.categories[category],
            product,
            self._codes(unit, category, seats, share, product),
        )

    def _codes(self, unit: int, category: int, seats: int, share: Fraction, product: Fraction) -> tuple[str, ...]:
        if not self.problem.weights[unit][category]:
            return ("zero_weight",)
        codes: list[str] = []
        if any((cell.unit, cell.category) == (unit, category) for cell in self.numbers.exceptions):
            codes.append("exception")
        if (unit, category) in self._tied:
            codes.append("tie")
        if 2 * product < 2 * seats - 1:
            codes.append("at_least" if seats == int(self._table.lower[unit, category]) else "quota_floor")
        elif 2 * product > 2 * seats + 1:
            codes.append("at_most" if seats == int(self._table.upper[unit, category]) else "quota_ceiling")
        if share == seats:
            codes.append("whole_share")
        else:
            codes.append("rounded_up" if seats > share else "rounded_down")
        return tuple(codes)

    @cached_property
    def _moves(self) -> tuple[Floats, Floats, list[list[float]], list[list[int]], list[list[int]]]:
        """Ladder costs, and cheapest paths of moves between columns of the folded table (all pairs)."""
        table = self._table
        if self.problem.method == WITHIN_QUOTA:
            shares = self._shares
            floor = np.array([[q.__floor__() for q in line] for line in shares], dtype=np.int64)
            ceiling = np.array([[q.__ceil__() for q in line] for line in shares], dtype=np.int64)
            table = table.within(floor, ceiling)
        seats = folded(table, np.array(self.allocation.seats, dtype=np.int64))
        up, down = next_cost(table, seats), last_cost(table, seats)
        cost, who = move_costs(up, down)
        width = len(cost)
        distance = cost.tolist()
        via = [[k for k in range(width)] for _ in range(width)]
        for j in range(width):
            distance[j][j] = min(distance[j][j], 0.0) if distance[j][j] < 0 else 0.0
        for middle in range(width):
            for j in range(width):
                for k in range(width):
                    through = distance[j][middle] + distance[middle][k]
                    if through < distance[j][k] - 1e-12:
                        distance[j][k] = through
                        via[j][k] = via[j][middle]
        return up, down, distance, via, who.tolist()

    def _own_next_cost(self, unit: int, category: int) -> float:
        """The next step of the cell asked about, which may leave its quota; the cells that give stay within theirs."""
        seats = self.allocation.seats[unit][category]
        if seats >= self._table.upper[unit, category]:
            return inf
        return log(seats + 0.5) - float(self._table.log_weight[unit, category])

    def next_seat(self, unit: int, category: int) -> NextSeat:
        """The cheapest exchange that gives one more seat to a cell while all totals stay (problems without groups)."""
        if self.problem.groups:
            return NextSeat(inf, (), ())
        up, down, distance, via, who = self._moves
        nothing = NextSeat(inf, (), ())
        wanted = self._own_next_cost(unit, category)
        if wanted == inf:
            return nothing
        best, goal = inf, -1
        for k in range(up.shape[1]):
            if k != category and down[unit, k] > -inf and distance[category][k] < inf:
                price = wanted - down[unit, k] + distance[category][k]
                if price < best - 1e-12:
                    best, goal = float(price), k
        if goal < 0:
            return nothing
        m, n = len(self.problem.units), len(self.problem.categories)
        gets, gives = [(unit, category)], [(unit, goal)]
        at = category
        while at != goal:
            step = via[at][goal]
            gives.append((who[at][step], at))
            gets.append((who[at][step], step))
            at = step
        real = [[cell for cell in cells if cell[0] < m and cell[1] < n] for cells in (gets, gives)]
        return NextSeat(max(best, 0.0), tuple(real[0]), tuple(real[1]))


def folded(table: Table, seats: Ints) -> Ints:
    """The matrix with the plain column and row that make all totals exact."""
    whole = np.zeros(table.shape, dtype=np.int64)
    m, n = table.units, table.categories
    whole[:m, :n] = seats
    if table.row_slack:
        whole[:m, n] = table.row_totals[:m] - seats.sum(axis=1)
    if table.column_slack:
        whole[m, :n] = table.column_totals[:n] - seats.sum(axis=0)
    return whole
