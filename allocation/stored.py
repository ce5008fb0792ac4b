"""Turns an allocation that was stored as `allocation/1` back into values, after proving it. Computes no answer anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np

from allocation.answer import ALLOCATED, IMPOSSIBLE, Allocation, Numbers, PricedCell, Shares, Tie
from allocation.bench import Failure
from allocation.check import check
from allocation.claim import Claim, read_claim
from allocation.conflicts import explain
from allocation.fair import from_numbers
from allocation.problem import Problem
from allocation.table import build


class NotCertified(ValueError):
    """The stored allocation does not answer the problem; `failures` say where, in both languages."""

    def __init__(self, failures: Sequence[Failure]) -> None:
        super().__init__("; ".join(f"{failure.place}: {failure.en}" for failure in failures))
        self.failures = tuple(failures)


def read_allocation(problem: Problem, obj: Mapping[str, object]) -> Allocation:
    """The `Allocation` that `to_json` wrote, equal to the fresh one in every value.

    Proved first, as `check` does. Raises NotCertified, or BadInput for what is no `allocation/1`.
    """
    failures = check(problem, obj)
    if failures:
        raise NotCertified(failures)
    claim = read_claim(obj)
    if claim.status == IMPOSSIBLE:
        return Allocation(problem, IMPOSSIBLE, conflicts=explain(problem))
    numbers = _numbers(problem, claim, obj)
    table = build(problem)
    units = [numbers.fair_units[unit] for unit in table.units_drawn]
    texts = (*units, *numbers.fair_categories, numbers.fair_total, *numbers.fair_groups)
    shares = from_numbers(table, texts, np.zeros(table.categories)).counted
    return Allocation(
        problem,
        ALLOCATED,
        seats=tuple(tuple(line) for line in claim.seats),
        shares=Shares(table.given(shares.cells), shares.denominator),
        certificate=numbers,
        ties=_ties(problem, claim),
        overlays={overlay.id: tuple(claim.overlays[overlay.id]) for overlay in problem.overlays},
        overlay_shortfall=claim.overlay_shortfall,
    )


def _numbers(problem: Problem, claim: Claim, obj: Mapping[str, object]) -> Numbers:
    """The certificate as it was printed: the texts themselves, which `check` has read as numbers."""
    printed = obj["certificate"]
    assert isinstance(printed, Mapping)
    assert claim.numbers is not None

    def texts(key: str) -> tuple[str, ...]:
        return tuple(str(number) for number in printed.get(key, ()))

    units, categories = _places(problem)
    exceptions = tuple(PricedCell(units[i], categories[j], price) for i, j, price in claim.numbers.exceptions)
    return Numbers(
        texts("units"),
        texts("categories"),
        str(printed.get("total", "1")),
        texts("groups"),
        texts("fair_units"),
        texts("fair_categories"),
        str(printed.get("fair_total", "1")),
        texts("fair_groups"),
        exceptions,
        sum((cell.price for cell in exceptions), Fraction(0)),
    )


def _ties(problem: Problem, claim: Claim) -> tuple[Tie, ...]:
    """Each set of tied cells in reading order, the set with the earliest cell first."""
    units, categories = _places(problem)
    order = {unit: at for at, unit in enumerate(problem.drawing_order)}

    def reading(cell: tuple[int, int]) -> tuple[int, int]:
        return order[cell[0]], cell[1]

    sets = [sorted({(units[i], categories[j]) for i, j in cells}, key=reading) for cells in claim.ties]
    return tuple(Tie(tuple(cells)) for cells in sorted(sets, key=lambda cells: reading(cells[0])))


def _places(problem: Problem) -> tuple[dict[str, int], dict[str, int]]:
    return (
        {line.id: at for at, line in enumerate(problem.units)},
        {line.id: at for at, line in enumerate(problem.categories)},
    )
