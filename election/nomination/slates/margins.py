"""The margin guarantee: does every unit × category have enough candidates before anyone prints a ballot.

Whole numbers only. Assigned leaders stand uncontested in their own contest, outside the margin (edge case 7). Never
changes a slate and never lets a cell be uncontested in silence: an exempt cell is named as such.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from election.contests.outcome import candidates_needed
from election.findings import Finding, Severity

__all__ = [
    "CellForecast",
    "CellMargin",
    "CellSlate",
    "ForecastTotals",
    "MarginStatus",
    "Outlook",
    "Pipeline",
    "Totals",
    "candidates_needed",
    "cell_forecast",
    "cell_margin",
    "contestable",
    "forecast_totals",
    "margin_findings",
    "totals",
]


class MarginStatus(StrEnum):
    NO_SEAT = "no_seat"
    HELD = "held"
    SHORT = "short"
    EXEMPT = "exempt"


@dataclass(frozen=True, slots=True)
class CellSlate:
    """One unit × category as it stands. `unit`, `category`: names to show.

    `seats` are all seats of the cell, `assigned` those of them filled by assigned leaders, `have` the candidates for
    the rest. `exempt_by` names the recorded decision that lets the cell be uncontested (edge case 6).
    """

    unit: str
    category: str
    seats: int
    have: int
    assigned: int = 0
    exempt_by: str = ""


@dataclass(frozen=True, slots=True)
class CellMargin:
    """`contested` seats are `seats` less `assigned`; `needed` candidates for them, `missing` of these."""

    cell: CellSlate
    contested: int
    needed: int
    missing: int
    status: MarginStatus


def cell_margin(cell: CellSlate, margin: int) -> CellMargin:
    """The cell against a margin in percent. An exempt cell still needs a candidate for every seat."""
    contested = max(0, cell.seats - cell.assigned)
    needed = contested if cell.exempt_by else candidates_needed(contested, margin)
    missing = max(0, needed - cell.have)
    if contested == 0:
        status = MarginStatus.NO_SEAT
    elif missing:
        status = MarginStatus.SHORT
    elif cell.exempt_by and cell.have < candidates_needed(contested, margin):
        status = MarginStatus.EXEMPT
    else:
        status = MarginStatus.HELD
    return CellMargin(cell, contested, needed, missing, status)


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over cells. `missing` never sets a surplus of one cell against a shortage of another."""

    seats: int
    assigned: int
    contested: int
    needed: int
    have: int
    missing: int
    short_cells: int
    exempt_cells: int


def totals(margins: Iterable[CellMargin]) -> Totals:
    cells = list(margins)
    return Totals(
        seats=sum(one.cell.seats for one in cells),
        assigned=sum(one.cell.assigned for one in cells),
        contested=sum(one.contested for one in cells),
        needed=sum(one.needed for one in cells),
        have=sum(one.cell.have for one in cells),
        missing=sum(one.missing for one in cells),
        short_cells=sum(one.status is MarginStatus.SHORT for one in cells),
        exempt_cells=sum(one.status is MarginStatus.EXEMPT for one in cells),
    )


def margin_findings(margins: Iterable[CellMargin]) -> tuple[Finding, ...]:
    """Errors stop the freezing of a slate; warnings name what a recorded decision allows."""
    found: list[Finding] = []
    for one in margins:
        cell = one.cell
        field = f"cells.{cell.unit}.{cell.category}"
        names = {"unit": cell.unit, "category": cell.category}
        if cell.assigned > cell.seats:
            found.append(
                Finding(
                    "slate.assigned_over_seats",
                    Severity.ERROR,
                    field,
                    {**names, "assigned": cell.assigned, "seats": cell.seats},
                )
            )
        if one.status is MarginStatus.SHORT:
            found.append(
                Finding("slate.margin_short", Severity.ERROR, field, {**names, "need": one.needed, "have": cell.have})
            )
        if one.contested == 0 and cell.have:
            found.append(Finding("slate.no_seat", Severity.ERROR, field, {**names, "have": cell.have}))
        if one.status is MarginStatus.EXEMPT:
            found.append(Finding("slate.exempt", Severity.WARNING, field, {**names, "decision": cell.exempt_by}))
    return tuple(found)


class Outlook(StrEnum):
    """`SURE`: proposed candidates suffice. `POSSIBLE`: all still in the pipe would. `SHORT`: not even they."""

    NO_SEAT = "no_seat"
    SURE = "sure"
    POSSIBLE = "possible"
    SHORT = "short"


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Applications of a cell that are still open, by how far they have come."""

    applied: int = 0
    preliminary: int = 0
    put_forward: int = 0
    proposed: int = 0

    @property
    def all(self) -> int:
        return self.applied + self.preliminary + self.put_forward + self.proposed

    @property
    def on_the_way(self) -> int:
        """Those whom the branch, the unit or the office may still turn down."""
        return self.all - self.proposed

    def __add__(self, other: Pipeline) -> Pipeline:
        return Pipeline(
            self.applied + other.applied,
            self.preliminary + other.preliminary,
            self.put_forward + other.put_forward,
            self.proposed + other.proposed,
        )


@dataclass(frozen=True, slots=True)
class CellForecast:
    """`spare`: how many of the pipe may still drop out; negative: how many are missing even if nobody does."""

    needed: int
    pipeline: Pipeline
    spare: int
    outlook: Outlook

    @property
    def missing(self) -> int:
        """How many more have to come forward, even if nobody in the pipe drops out."""
        return 0 if self.outlook is Outlook.NO_SEAT else max(0, -self.spare)


def cell_forecast(cell: CellSlate, pipeline: Pipeline, margin: int) -> CellForecast:
    """A shortage seen weeks before the slate: the pipe against the need. `cell.have` plays no part here."""
    one = cell_margin(cell, margin)
    spare = pipeline.all - one.needed
    if one.contested == 0:
        outlook = Outlook.NO_SEAT
    elif pipeline.proposed >= one.needed:
        outlook = Outlook.SURE
    elif spare >= 0:
        outlook = Outlook.POSSIBLE
    else:
        outlook = Outlook.SHORT
    return CellForecast(one.needed, pipeline, spare, outlook)


@dataclass(frozen=True, slots=True)
class ForecastTotals:
    """Sums over cells. `missing` never sets the many of one cell against the few of another."""

    needed: int
    pipeline: Pipeline
    missing: int
    short_cells: int


def forecast_totals(forecasts: Iterable[CellForecast]) -> ForecastTotals:
    cells = list(forecasts)
    return ForecastTotals(
        needed=sum(one.needed for one in cells),
        pipeline=sum((one.pipeline for one in cells), Pipeline()),
        missing=sum(one.missing for one in cells),
        short_cells=sum(one.outlook is Outlook.SHORT for one in cells),
    )


def contestable(have: int, margin: int) -> int:
    """The most seats that `have` candidates can contest with the margin: what a cell could be brought down to."""
    return have * 100 // (100 + margin)
