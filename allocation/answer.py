"""The answer: the format `allocation/1` as values, and how it is written. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from allocation.problem import Problem

FORMAT = "allocation/1"
ALLOCATED = "allocated"
IMPOSSIBLE = "impossible"


@dataclass(frozen=True, slots=True)
class Relaxation:
    """Change the number at `rule` from `before` to `after`; `of` is the rule that it stretches (a weight, a share)."""

    rule: str
    before: int
    after: int
    of: str

    def to_json(self) -> dict[str, object]:
        return {"rule": self.rule, "from": self.before, "to": self.after}


@dataclass(frozen=True, slots=True)
class Conflict:
    """Rules, by their paths, that cannot hold together although any fewer of them could; in words; how to mend it."""

    rules: tuple[str, ...]
    zh: str
    en: str
    relax: tuple[Relaxation, ...] = ()

    def to_json(self) -> dict[str, object]:
        return {
            "rules": list(self.rules),
            "zh": self.zh,
            "en": self.en,
            "relax": [entry.to_json() for entry in self.relax],
        }


@dataclass(frozen=True, slots=True)
class Tie:
    """Cells (positions) that stand exactly at a half and are linked by closed exchanges."""

    cells: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class PricedCell:
    """A cell that fails the rounding because groups overlap, and what that costs in the objective."""

    unit: int
    category: int
    price: Fraction


@dataclass(frozen=True, slots=True)
class Numbers:
    """The certificate as printed. `fair_total` and `fair_groups` are only needed with free lines and groups."""

    units: tuple[str, ...]
    categories: tuple[str, ...]
    total: str
    groups: tuple[str, ...]
    fair_units: tuple[str, ...]
    fair_categories: tuple[str, ...]
    fair_total: str = "1"
    fair_groups: tuple[str, ...] = ()
    exceptions: tuple[PricedCell, ...] = ()
    gap: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Shares:
    """Fair shares as integers over one denominator; those that count as whole numbers are whole."""

    cells: Sequence[Sequence[int]] = ()
    denominator: int = 1


@dataclass(frozen=True, slots=True)
class Allocation:
    """Either allocated, with everything, or impossible, with conflicts alone."""

    problem: Problem
    status: str
    seats: tuple[tuple[int, ...], ...] = ()
    shares: Shares = Shares()
    certificate: Numbers | None = None
    ties: tuple[Tie, ...] = ()
    overlays: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    overlay_shortfall: Mapping[str, int] = field(default_factory=dict)
    conflicts: tuple[Conflict, ...] = ()

    @property
    def allocated(self) -> bool:
        return self.status == ALLOCATED

    @property
    def fair_shares(self) -> tuple[tuple[Fraction, ...], ...]:
        """The fair share of every cell, exact as far as its numbers are."""
        d = self.shares.denominator
        return tuple(tuple(Fraction(cell, d) for cell in line) for line in self.shares.cells)

    @property
    def unit_seats(self) -> tuple[int, ...]:
        return tuple(sum(line) for line in self.seats)

    @property
    def category_seats(self) -> tuple[int, ...]:
        return tuple(sum(line) for line in zip(*self.seats, strict=True))

    def to_json(self) -> dict[str, object]:
        """`allocation/1`, ready for `json.dumps`."""
        head: dict[str, object] = {"format": FORMAT, "status": self.status, "method": self.problem.method}
        if not self.allocated:
            return head | {"conflicts": [conflict.to_json() for conflict in self.conflicts]}
        assert self.certificate is not None
        units = [line.id for line in self.problem.units]
        categories = [line.id for line in self.problem.categories]
        return head | {
            "unit_seats": list(self.unit_seats),
            "category_seats": list(self.category_seats),
            "seats": [list(line) for line in self.seats],
            "fair_shares": [
                [six_decimals(cell, self.shares.denominator) for cell in line] for line in self.shares.cells
            ],
            "overlays": {key: list(parts) for key, parts in self.overlays.items()},
            "overlay_shortfall": dict(self.overlay_shortfall),
            "ties": [
                {"cells": [[units[i], categories[j]] for i, j in tie.cells], "rule": "drawing_order"}
                for tie in self.ties
            ],
            "certificate": _certificate(self.certificate, units, categories),
            "conflicts": [],
        }


def _certificate(numbers: Numbers, units: Sequence[str], categories: Sequence[str]) -> dict[str, object]:
    result: dict[str, object] = {
        "units": list(numbers.units),
        "categories": list(numbers.categories),
        "total": numbers.total,
        "groups": list(numbers.groups),
        "fair_units": list(numbers.fair_units),
        "fair_categories": list(numbers.fair_categories),
    }
    if numbers.fair_total != "1":
        result["fair_total"] = numbers.fair_total
    if numbers.fair_groups:
        result["fair_groups"] = list(numbers.fair_groups)
    result["exceptions"] = [
        {"unit": units[cell.unit], "category": categories[cell.category], "price": decimal_up(cell.price)}
        for cell in numbers.exceptions
    ]
    result["gap"] = decimal_up(numbers.gap)
    return result


def six_decimals(cell: int, denominator: int) -> str:
    """Rounded half up, as a county clerk does it."""
    millionths = (cell * 2_000_000 + denominator) // (2 * denominator)
    return f"{millionths // 1_000_000}.{millionths % 1_000_000:06d}"


def decimal_up(value: Fraction) -> str:
    """A bound in nine decimals, rounded up so that it stays a bound; a plain 0 when it is nothing."""
    if value == 0:
        return "0"
    billionths = -(-value.numerator * 10**9 // value.denominator)
    return f"{billionths // 10**9}.{billionths % 10**9:09d}"
