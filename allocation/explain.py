"""Why a cell has the seats it has: its fair share, its product, what held or rounded it, what one seat more would cost.

For the allocation sheet. Values and codes only; the sentences for the codes stand in `texts.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import inf

import numpy as np

from allocation import grouped, program
from allocation.answer import Allocation
from allocation.ladder import Ladder, move_costs, steps_cost
from allocation.monomials import NoExactNumbers
from allocation.problem import WITHIN_QUOTA
from allocation.products import products, whole
from allocation.swaps import TooManyTies
from allocation.table import Ints, Table, build


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

    `gives` lose a seat, `gets` gain one (the cell itself among them); a cell is named once for each seat. None of them: no
    seat can be added.
    """

    price: float
    gets: tuple[tuple[int, int], ...]
    gives: tuple[tuple[int, int], ...]

    @property
    def possible(self) -> bool:
        return self.price < inf


NOWHERE = NextSeat(inf, (), ())

Cell = tuple[int, int]
Exchange = tuple[float, list[Cell], list[Cell]]


class Explanation:
    """Explains the cells of one allocation; what all cells need is computed once."""

    def __init__(self, allocation: Allocation) -> None:
        assert allocation.certificate is not None
        self.allocation = allocation
        self.problem = allocation.problem
        self.numbers = allocation.certificate
        self._paths_without: dict[int, tuple[list[list[float]], list[list[int]], list[list[int]]]] = {}

    @cached_property
    def _table(self) -> Table:
        return build(self.problem)

    @cached_property
    def _row(self) -> dict[int, int]:
        """The row of the table in which each unit stands."""
        return {unit: row for row, unit in enumerate(self._table.units_drawn)}

    @cached_property
    def _seats(self) -> Ints:
        return np.array(self.allocation.seats, dtype=np.int64)[list(self._table.units_drawn)]

    @cached_property
    def products(self) -> list[list[Fraction]]:
        """Every cell's certificate product, exact."""
        numbers, table = self.numbers, self._table
        found = products(
            table.integer_weights,
            whole(Fraction(numbers.units[unit]) for unit in table.units_drawn),
            whole(Fraction(text) for text in numbers.categories),
            Fraction(numbers.total),
            ((Fraction(text), mask.cells.tolist()) for text, mask in zip(numbers.groups, table.groups, strict=True)),
        )
        return [[Fraction(cell, found.denominator) for cell in line] for line in table.given(found.cells)]

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
        cell = (self._row[unit], category)
        if 2 * product < 2 * seats - 1:
            codes.append("at_least" if seats == int(self._table.lower[cell]) else "quota_floor")
        elif 2 * product > 2 * seats + 1:
            codes.append("at_most" if seats == int(self._table.upper[cell]) else "quota_ceiling")
        if share == seats:
            codes.append("whole_share")
        else:
            codes.append("rounded_up" if seats > share else "rounded_down")
        return tuple(codes)

    @cached_property
    def _held(self) -> Table:
        """The table in which seats are exchanged: every cell within its quota, one that groups force out of it no further."""
        table = self._table
        if self.problem.method != WITHIN_QUOTA:
            return table
        shares = [self._shares[unit] for unit in table.units_drawn]
        floor = np.array([[q.__floor__() for q in line] for line in shares], dtype=np.int64)
        ceiling = np.array([[q.__ceil__() for q in line] for line in shares], dtype=np.int64)
        return table.within(np.minimum(floor, self._seats), np.maximum(ceiling, self._seats))

    @cached_property
    def _ladder(self) -> Ladder:
        return Ladder(self._held, folded(self._held, self._seats))

    def _paths(self, row: int) -> tuple[list[list[float]], list[list[int]], list[list[int]]]:
        """Cheapest paths of moves between all columns that leave one row alone: prices, next columns, the rows that move."""
        if row not in self._paths_without:
            up, down = self._ladder.up.copy(), self._ladder.down.copy()
            up[row], down[row] = inf, -inf
            cost, who = move_costs(up, down)
            width = len(cost)
            np.fill_diagonal(cost, 0.0)
            distance, via = cost.tolist(), [list(range(width)) for _ in range(width)]
            for middle in range(width):
                for j in range(width):
                    for k in range(width):
                        through = distance[j][middle] + distance[middle][k]
                        if through < distance[j][k] - 1e-12:
                            distance[j][k] = through
                            via[j][k] = via[j][middle]
            self._paths_without[row] = distance, via, who.tolist()
        return self._paths_without[row]

    def next_seat(self, unit: int, category: int) -> NextSeat:
        """The cheapest exchange that gives one more seat to a cell while all totals, bounds and groups hold.

        The cell asked about may leave its quota; the cells that give stay within theirs. With groups each cell is a problem
        of its own for the integer program: ask for one cell at a time.
        """
        row, drawn = self._row[unit], self._table.units_drawn
        if self._seats[row, category] >= self._table.upper[row, category]:
            return NOWHERE
        price, gets, gives = (self._by_program if self.problem.groups else self._by_moves)(row, category)
        return NextSeat(max(price, 0.0), tuple((drawn[i], j) for i, j in gets), tuple((drawn[i], j) for i, j in gives))

    def _by_program(self, row: int, category: int) -> Exchange:
        """The optimum with one more seat in the cell, exactly, against the one there is."""
        now = self._seats
        raised = self._held.with_seats(row, category, int(now[row, category]) + 1)
        try:
            then = grouped.solve(raised, None).seats
        except program.NoProgram:
            return inf, [], []
        except (grouped.NoNumbers, NoExactNumbers, TooManyTies):
            then = program.propose(raised).seats  # a price needs no proof
        price, gets, gives = 0.0, list[Cell](), list[Cell]()
        for i, j in np.argwhere(then != now).tolist():
            before, after = int(now[i, j]), int(then[i, j])
            price += steps_cost(self._table, i, j, before, after)
            (gets if after > before else gives).extend([(i, j)] * abs(after - before))
        return price, gets, gives

    def _by_moves(self, row: int, category: int) -> Exchange:
        """The cheapest path of moves that ends in the cell's own row."""
        wanted = steps_cost(
            self._table, row, category, int(self._seats[row, category]), int(self._seats[row, category]) + 1
        )
        down = self._ladder.down[row]
        distance, via, who = self._paths(row)
        best, goal = inf, -1
        for k in range(len(down)):
            if k != category and down[k] > -inf and distance[category][k] < inf:
                price = wanted - down[k] + distance[category][k]
                if price < best - 1e-12:
                    best, goal = float(price), k
        if goal < 0:
            return inf, [], []
        gets, gives = [(row, category)], [(row, goal)]
        at = category
        while at != goal:
            step = via[at][goal]
            gives.append((who[at][step], at))
            gets.append((who[at][step], step))
            at = step
        plain = self._table.plain
        return best, [cell for cell in gets if not plain[cell]], [cell for cell in gives if not plain[cell]]


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
