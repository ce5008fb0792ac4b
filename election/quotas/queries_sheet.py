"""The allocation sheet of a scheme: what was computed with it, what was changed by hand, and how the two add up.

Reads only what is kept with the scheme and the congress: no statement of its own, and nothing is solved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from election.congress.models import Congress, Unit
from election.contests.outcome import candidates_needed
from election.quotas.hand import shown, wanted
from election.quotas.models import ChangeKind, Scheme
from election.quotas.queries import HandLine, changes_of, hand_changes


@dataclass(frozen=True, slots=True)
class SheetCell:
    """A cell: its seats as shown and as `solved`, its exact share, and the product that the certificate proves it by.

    `needed` candidates; `most` seats that its voters could contest, where that bounds it at all.
    """

    category: str
    seats: int
    solved: int
    assigned: int
    fair_share: str
    weight: str
    unit_number: str
    category_number: str
    product: str
    needed: int
    most: int | None
    by_hand: HandLine | None

    @property
    def too_many(self) -> bool:
        """More seats than its voters could ever contest (不够差额): allowed by hand, and said."""
        return self.most is not None and self.seats > self.most


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A unit. `seats` as shown are to make `wanted`; `previous` is None where the previous congress is not known."""

    position: int
    unit: str
    name: str
    organisations: int
    members: int
    seats: int
    wanted: int
    previous: int | None
    cells: tuple[SheetCell, ...]
    overlays: tuple[int, ...]
    candidates: int
    factor: str
    factor_reason: str
    by_hand: HandLine | None

    @property
    def since_previous(self) -> int | None:
        """较上届."""
        return None if self.previous is None else self.seats - self.previous


@dataclass(frozen=True, slots=True)
class Target:
    """A category or overlay against its guide share, both as they were when the scheme was computed.

    `seats` as shown are to make `wanted`; of an overlay, what could be placed against what was to be.
    """

    code: str
    name: str
    seats: int
    wanted: int
    share: Fraction
    total: int
    by_hand: HandLine | None = None

    @property
    def percent(self) -> Fraction:
        return Fraction(100 * self.seats, self.total) if self.total else Fraction(0)


@dataclass(frozen=True, slots=True)
class Sheet:
    """`previous` is of the units whose number is known, None where none is; `since_previous` of all seats, new units' too."""

    rows: tuple[SheetRow, ...]
    categories: tuple[Target, ...]
    overlays: tuple[Target, ...]
    organisations: int
    members: int
    seats: int
    wanted: int
    previous: int | None
    assigned: int
    candidates: int

    @property
    def since_previous(self) -> int | None:
        return None if self.previous is None else self.seats - self.previous

    @property
    def adds_up(self) -> bool:
        """Whether every line and the whole make what they have to."""
        lines: Sequence[SheetRow | Target] = (*self.rows, *self.categories)
        return self.seats == self.wanted and all(line.seats == line.wanted for line in lines)


def sheet(congress: Congress, scheme: Scheme, margin: int) -> Sheet:
    """The sheet of a scheme that `scheme_by_number` read."""
    made, answer = scheme.problem, scheme.allocation
    changes = changes_of(congress, scheme)
    marks = {(line.kind, line.unit, line.category): line for line in hand_changes(congress, scheme)}
    table = shown(made, answer["seats"], changes)
    unit_totals, category_totals = wanted(made, answer["seats"], changes)
    figures = {one["unit"]: one for one in scheme.basis["units"]}
    units = {unit.code: unit for unit in congress.units}
    cells = _Cells(congress, scheme, table, marks, margin)
    rows = tuple(
        _row(units[line["id"]], figures[line["id"]], place, cells, unit_totals[place], scheme)
        for place, line in enumerate(made["units"])
    )
    total = sum(row.seats for row in rows)
    known = [row.previous for row in rows if row.previous is not None]
    shares = {category.code: category.share for category in congress.categories}
    return Sheet(
        rows=rows,
        categories=tuple(
            Target(
                code=line["id"],
                name=line["name"],
                seats=sum(row[column] for row in table),
                wanted=category_totals[column],
                # A workbook may give seats where the congress has a guide share.
                share=Fraction(str(line["share"])) if "share" in line else shares[line["id"]],
                total=total,
                by_hand=marks.get((ChangeKind.CATEGORY, None, line["id"])),
            )
            for column, line in enumerate(scheme.base["categories"])
        ),
        overlays=_overlays(congress, scheme, total),
        organisations=sum(row.organisations for row in rows),
        members=sum(row.members for row in rows),
        seats=total,
        wanted=made["total"],
        previous=sum(known) if known else None,
        assigned=sum(cell.assigned for row in rows for cell in row.cells),
        candidates=sum(row.candidates for row in rows),
    )


def _row(
    unit: Unit, figures: Mapping[str, Any], place: int, cells: _Cells, seats_wanted: int, scheme: Scheme
) -> SheetRow:
    row = cells.of_unit(place)
    return SheetRow(
        position=place + 1,
        unit=unit.code,
        name=unit.name,
        organisations=figures["organisations"],
        members=figures["members"],
        seats=sum(cell.seats for cell in row),
        wanted=seats_wanted,
        previous=_previous(unit, scheme),
        cells=row,
        overlays=tuple(scheme.allocation["overlays"][line["id"]][place] for line in scheme.problem.get("overlays", ())),
        candidates=sum(cell.needed for cell in row),
        # Schemes from before factors were kept have those of the congress.
        factor=figures.get("factor", str(unit.factor)),
        factor_reason=figures.get("factor_reason", unit.factor_reason),
        by_hand=cells.marks.get((ChangeKind.UNIT, unit.code, None)),
    )


def _previous(unit: Unit, scheme: Scheme) -> int | None:
    """The seats that the plan is compared with: those known at its approval, which no later correction reaches."""
    if "previous" in scheme.basis:
        kept: int | None = scheme.basis["previous"].get(unit.code)
        return kept
    return None if unit.previous is None else unit.previous.seats


def _overlays(congress: Congress, scheme: Scheme, total: int) -> tuple[Target, ...]:
    # An overlay may have been taken off the list since; the scheme still shows what it was computed with.
    names = {overlay.code: overlay.name for overlay in congress.overlays}
    answer = scheme.allocation
    found = []
    for line in scheme.problem.get("overlays", ()):
        placed = sum(answer["overlays"][line["id"]])
        share = Fraction(str(line["share"])) if "share" in line else Fraction(line["seats"], max(total, 1))
        asked = placed + int(answer.get("overlay_shortfall", {}).get(line["id"], 0))
        found.append(
            Target(line["id"], names.get(line["id"], line.get("name", line["id"])), placed, asked, share, total)
        )
    return tuple(found)


class _Cells:
    """The cells of one sheet; what all of them need is looked up once."""

    def __init__(
        self,
        congress: Congress,
        scheme: Scheme,
        table: Sequence[Sequence[int]],
        marks: Mapping[tuple[ChangeKind, str | None, str | None], HandLine],
        margin: int,
    ) -> None:
        self.scheme, self.table, self.marks, self.margin = scheme, table, marks, margin
        units = {unit.id: unit.code for unit in congress.units}
        categories = {category.id: category.code for category in congress.categories}
        self.assigned = {
            (units[cell.unit_id], categories[cell.category_id]): cell.assigned for cell in scheme.cells if cell.assigned
        }
        self.most = {(one["unit"], one["category"]): one["seats"] for one in scheme.base.get("at_most", ())}
        self.columns = [line["id"] for line in scheme.problem["categories"]]
        self.groups = list(
            zip(scheme.problem.get("groups", ()), scheme.allocation["certificate"].get("groups", ()), strict=False)
        )

    def of_unit(self, place: int) -> tuple[SheetCell, ...]:
        return tuple(self._cell(place, column) for column in range(len(self.columns)))

    def _cell(self, place: int, column: int) -> SheetCell:
        made, answer = self.scheme.problem, self.scheme.allocation
        unit, category = made["units"][place]["id"], self.columns[column]
        numbers: Mapping[str, Any] = answer["certificate"]
        weight = Fraction(str(made["weights"][place][column]))
        product = weight * Fraction(numbers["units"][place]) * Fraction(numbers["categories"][column])
        product *= Fraction(numbers.get("total", "1"))
        for group, number in self.groups:
            if unit in group.get("units", (unit,)) and category in group.get("categories", (category,)):
                product *= Fraction(number)
        seats, assigned = self.table[place][column], self.assigned.get((unit, category), 0)
        contested = max(seats - assigned, 0)
        return SheetCell(
            category=category,
            seats=seats,
            solved=int(answer["seats"][place][column]),
            assigned=assigned,
            fair_share=answer["fair_shares"][place][column],
            weight=str(weight),
            unit_number=numbers["units"][place],
            category_number=numbers["categories"][column],
            product=f"{round(product * 100) / 100:.2f}",
            needed=assigned + (candidates_needed(contested, self.margin) if contested else 0),
            most=self.most.get((unit, category)),
            by_hand=self.marks.get((ChangeKind.CELL, unit, category)),
        )
