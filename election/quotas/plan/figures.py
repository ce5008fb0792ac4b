"""The allocation plan (名额分配方案) as values: the sheet, the certificate and what shaped them, for paper and workbook. Pure.

It is what was computed and proved: numbers that were only tried by hand are named as such and never counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from allocation.explain import Explanation
from election.contests.outcome import candidates_needed
from election.quotas.comparison import Shares
from election.quotas.hand import BOUNDS, ids
from election.quotas.models import ChangeKind
from election.quotas.queries import HandLine
from election.quotas.queries_sheet import Sheet, SheetCell, SheetRow

# Of the codes of an explanation: what holds a cell away from its rounded product, and what decided between equals.
HELD = ("at_least", "at_most", "quota_floor", "quota_ceiling")
HELD_WORDS = {
    "at_least": "规则规定的下限",
    "at_most": "规则规定的上限",
    "quota_floor": "应得份额向下取整",
    "quota_ceiling": "应得份额向上取整",
}


@dataclass(frozen=True, slots=True)
class PlanCell:
    """A cell with its proof. `codes` as in `allocation.explain.Why`; `candidates` of the contested seats only."""

    seats: int
    assigned: int
    candidates: int
    weight: Fraction
    product: Fraction
    share: Fraction
    codes: tuple[str, ...]
    by_hand: HandLine | None

    @property
    def held(self) -> str | None:
        """The bound that holds the cell away from its rounded product."""
        return next((code for code in self.codes if code in HELD), None)

    @property
    def bound(self) -> str:
        """The words for what holds the cell."""
        if self.by_hand is not None and self.by_hand.in_force:
            return "人工锁定的名额"
        return "" if self.held is None else HELD_WORDS[self.held]

    @property
    def at_half(self) -> bool:
        """Exactly between two numbers of seats: both are as fair, the drawing order decided."""
        return is_half(self.product) and self.held is None

    @property
    def exception(self) -> bool:
        return "exception" in self.codes


@dataclass(frozen=True, slots=True)
class PlanRow:
    position: int
    code: str
    name: str
    organisations: int
    members: int
    previous: int | None
    number: str
    factor: str
    factor_reason: str
    cells: tuple[PlanCell, ...]
    overlays: tuple[int, ...]
    by_hand: HandLine | None

    @property
    def seats(self) -> int:
        return sum(cell.seats for cell in self.cells)

    @property
    def assigned(self) -> int:
        return sum(cell.assigned for cell in self.cells)

    @property
    def candidates(self) -> int:
        """The fewest candidates of the unit, assigned ones among them."""
        return sum(cell.assigned + cell.candidates for cell in self.cells)

    @property
    def since_previous(self) -> int | None:
        return None if self.previous is None else self.seats - self.previous


@dataclass(frozen=True, slots=True)
class PlanColumn:
    """A category or an overlay. `share` is its guide share; `number` that of the certificate, empty for an overlay."""

    code: str
    name: str
    seats: int
    share: Fraction
    number: str = ""


@dataclass(frozen=True, slots=True)
class PlanGroup:
    """A group of cells with its bounds; `cells` by position; `number` multiplies their products."""

    name: str
    units: tuple[str, ...]
    categories: tuple[str, ...]
    least: int | None
    most: int | None
    number: str
    seats: int
    cells: frozenset[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything the documents of a scheme say of its numbers. `margin` in percent; `ties`, `exceptions`: cells by position.

    `shares`: what the rules alone give each cell, units × categories, without any change by hand: a number set by hand is its
    own share in the problem. None where the rules cannot be met without the changes.
    """

    number: int
    hash: str
    method: str
    rounding: str
    margin: int
    rows: tuple[PlanRow, ...]
    categories: tuple[PlanColumn, ...]
    overlays: tuple[PlanColumn, ...]
    groups: tuple[PlanGroup, ...]
    total_number: str
    ties: tuple[tuple[tuple[int, int], ...], ...]
    exceptions: tuple[tuple[int, int, str], ...]
    gap: str
    drawing_order: tuple[str, ...]
    changes: tuple[HandLine, ...]
    shares: Shares | None

    @property
    def by_hand(self) -> bool:
        """Whether any number of it was set by hand."""
        return any(line.in_force for line in self.changes)

    def fair(self, unit: int, category: int) -> Fraction:
        """The fair share of a cell by the rules alone; with the changes by hand where there is no other."""
        return self.rows[unit].cells[category].share if self.shares is None else self.shares[unit][category]

    @property
    def only_cells(self) -> frozenset[tuple[int, int]]:
        """Cells that alone have members of their category: its seats are theirs, whatever the numbers say."""
        found = []
        for column in range(len(self.categories)):
            places = [at for at, row in enumerate(self.rows) if row.cells[column].weight]
            found += [(at, column) for at in places if len(places) == 1]
        return frozenset(found)

    @property
    def seats(self) -> int:
        return sum(row.seats for row in self.rows)

    @property
    def organisations(self) -> int:
        return sum(row.organisations for row in self.rows)

    @property
    def members(self) -> int:
        return sum(row.members for row in self.rows)

    @property
    def assigned(self) -> int:
        return sum(row.assigned for row in self.rows)

    @property
    def candidates(self) -> int:
        return sum(row.candidates for row in self.rows)

    @property
    def previous(self) -> int | None:
        """Of the units whose number is known; None where none is."""
        known = [row.previous for row in self.rows if row.previous is not None]
        return sum(known) if known else None

    @property
    def since_previous(self) -> int | None:
        """All seats over all that are known of the previous congress, as the sheet says it."""
        return None if self.previous is None else self.seats - self.previous

    @property
    def drawn_as_listed(self) -> bool:
        return self.drawing_order == tuple(row.code for row in self.rows)

    def groups_of(self, unit: int, category: int) -> list[int]:
        """The groups, by position, whose numbers multiply this cell."""
        return [at for at, group in enumerate(self.groups) if (unit, category) in group.cells]


def plan_of(
    number: int,
    hash_: str,
    problem: Mapping[str, Any],
    allocation: Mapping[str, Any],
    sheet: Sheet,
    explanation: Explanation,
    changes: Sequence[HandLine],
    margin: int,
    *,
    base: Mapping[str, Any],
    shares: Shares | None,
) -> Plan:
    """Puts together what a stored scheme says of itself: `sheet` and `explanation` are of this problem and allocation.

    `base` is the problem without the changes by hand, `shares` its fair shares, None where it is impossible.
    """
    certificate = allocation["certificate"]
    rows = tuple(
        _row(row, place, certificate["units"][place], explanation, margin) for place, row in enumerate(sheet.rows)
    )
    units = {line["id"]: at for at, line in enumerate(problem["units"])}
    categories = {line["id"]: at for at, line in enumerate(problem["categories"])}
    return Plan(
        number=number,
        hash=hash_,
        method=problem["method"],
        rounding=problem.get("category_rounding", "largest-remainder"),
        margin=margin,
        rows=rows,
        categories=tuple(
            PlanColumn(
                target.code,
                target.name,
                sum(row.cells[at].seats for row in rows),
                target.share,
                certificate["categories"][at],
            )
            for at, target in enumerate(sheet.categories)
        ),
        overlays=tuple(
            PlanColumn(target.code, target.name, sum(row.overlays[at] for row in rows), target.share)
            for at, target in enumerate(sheet.overlays)
        ),
        groups=tuple(
            _group(group, text, rows, sheet, units, categories)
            for group, text in zip(problem.get("groups", ()), certificate.get("groups", ()), strict=False)
        ),
        total_number=certificate.get("total", "1"),
        ties=tuple(
            tuple((units[unit], categories[category]) for unit, category in tie["cells"])
            for tie in allocation.get("ties", ())
        ),
        exceptions=tuple(
            (units[cell["unit"]], categories[cell["category"]], cell["price"])
            for cell in certificate.get("exceptions", ())
        ),
        gap=certificate.get("gap", "0"),
        drawing_order=tuple(problem.get("drawing_order", units)),
        changes=tuple(replace(line, computed=_bound(base, line)) if line.kind in BOUNDS else line for line in changes),
        shares=shares,
    )


def _bound(base: Mapping[str, Any], line: HandLine) -> int | None:
    """The bound that the rules themselves have where it was changed by hand; None where they have none."""
    if line.kind is ChangeKind.CELL_MOST:
        cells = (one for one in base.get("at_most", ()) if (one["unit"], one["category"]) == (line.unit, line.category))
        return min((int(one["seats"]) for one in cells), default=None)
    side, code = ("units", line.unit) if line.unit is not None else ("groups", line.group)
    key = "min" if line.kind in (ChangeKind.UNIT_LEAST, ChangeKind.GROUP_LEAST) else "max"
    number = base[side][ids(base, side)[code]].get(key)
    return None if number is None else int(number)


def before(line: HandLine) -> str:
    """What stood in the place of a change by hand."""
    if line.computed is not None:
        return str(line.computed)
    return "无" if line.kind in BOUNDS else "不调整则规则矛盾"


def _row(row: SheetRow, place: int, number: str, explanation: Explanation, margin: int) -> PlanRow:
    return PlanRow(
        position=row.position,
        code=row.unit,
        name=row.name,
        organisations=row.organisations,
        members=row.members,
        previous=row.previous,
        number=number,
        factor=row.factor,
        factor_reason=row.factor_reason,
        cells=tuple(_cell(cell, place, column, explanation, margin) for column, cell in enumerate(row.cells)),
        overlays=row.overlays,
        by_hand=row.by_hand,
    )


def _cell(cell: SheetCell, place: int, column: int, explanation: Explanation, margin: int) -> PlanCell:
    why = explanation.why(place, column)
    assigned = min(cell.assigned, why.seats)
    return PlanCell(
        seats=why.seats,
        assigned=assigned,
        candidates=candidates_needed(why.seats - assigned, margin),
        weight=why.weight,
        product=why.product,
        share=why.fair_share,
        codes=why.codes,
        by_hand=cell.by_hand,
    )


def _group(
    group: Mapping[str, Any],
    number: str,
    rows: Sequence[PlanRow],
    sheet: Sheet,
    units: Mapping[str, int],
    categories: Mapping[str, int],
) -> PlanGroup:
    down = [units[code] for code in group.get("units", units)]
    across = [categories[code] for code in group.get("categories", categories)]
    return PlanGroup(
        name=str(group.get("name", group["id"])),
        units=tuple(rows[at].name for at in down) if "units" in group else (),
        categories=tuple(sheet.categories[at].name for at in across) if "categories" in group else (),
        least=group.get("min"),
        most=group.get("max"),
        number=number,
        seats=sum(rows[i].cells[j].seats for i in down for j in across),
        cells=frozenset((i, j) for i in down for j in across),
    )


def two_decimals(value: Fraction) -> str:
    """As a calculator shows it, halves up; with more decimals where two would hide on which side of a half it lies.

    A product of 2.4999 is never printed as 2.50: the reader could not round it.
    """
    half, nearest = is_half(value), rounded(value)
    places = 2
    shown = _to_places(value, places)
    while (is_half(shown), rounded(shown)) != (half, nearest):
        places += 1
        shown = _to_places(value, places)
    whole = int(shown * 10**places)
    return f"{whole // 10**places}.{whole % 10**places:0{places}d}"


def _to_places(value: Fraction, places: int) -> Fraction:
    return Fraction(rounded(value * 10**places), 10**places)


def rounded(value: Fraction) -> int:
    """To the nearest whole number, halves up."""
    return (2 * value + 1).__floor__() // 2


def is_half(value: Fraction) -> bool:
    return value.denominator == 2
