"""Reads what a scheme is computed from and how a scheme looks. Changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from election.congress.models import Category, Congress, Unit
from election.congress.rules_in_force import rules_in_force
from election.contests.outcome import candidates_needed
from election.errors import NotFound
from election.people.models import Person
from election.quotas.lifecycle import SchemeState
from election.quotas.models import AssignedLeader, Scheme
from election.quotas.weights import CategoryFigures, OverlayFigures, UnitFigures, problem
from election.roster.models import Member, Organisation, UnitBranch
from election.roster.queries_totals import UnitTotals, unit_totals
from election.store.audit import digest
from election.store.remembered import Remembered


@dataclass(frozen=True, slots=True)
class Basis:
    """What a scheme is computed from: the figures of roster and assignments, and the problem made of them."""

    figures: dict[str, Any]
    problem: dict[str, Any]

    @property
    def hash(self) -> str:
        return digest(self.figures)


def assigned_by_unit(session: Session, congress_id: int) -> Counter[int]:
    """unit → how many leaders are assigned there."""
    return Counter(session.scalars(select(AssignedLeader.unit_id).where(AssignedLeader.congress_id == congress_id)))


def _own_assigned(session: Session, congress_id: int) -> dict[int, Counter[str]]:
    """unit in which a leader votes → category → how many of its own voters are assigned somewhere."""
    found: dict[int, Counter[str]] = {}
    rows = session.execute(
        select(UnitBranch.unit_id, Member.category)
        .join(Member, Member.branch_id == UnitBranch.branch_id)
        .join(AssignedLeader, AssignedLeader.member_id == Member.id)
        .where(UnitBranch.congress_id == congress_id, AssignedLeader.congress_id == congress_id)
    )
    for unit_id, category in rows:
        found.setdefault(unit_id, Counter())[category] += 1
    return found


def current_basis(session: Session, congress: Congress) -> Basis:
    """The problem as the roster, the assignments and the rules stand now."""
    totals = unit_totals(session, congress.id)
    assigned = assigned_by_unit(session, congress.id)
    own = _own_assigned(session, congress.id)
    factors = {unit.id: unit.factor for unit in congress.units}
    units = [
        UnitFigures(
            one.unit_code,
            one.unit_name,
            one.members,
            one.organisations,
            factors[one.unit_id],
            one.by_category,
            one.overlays,
            assigned[one.unit_id],
            own.get(one.unit_id, Counter()),
        )
        for one in totals
    ]
    categories = [CategoryFigures(row.code, row.name, row.share, row.takes_assigned) for row in congress.categories]
    overlays = [OverlayFigures(row.code, row.share) for row in congress.overlays]
    made = problem(
        total=congress.total_seats,
        units=units,
        categories=categories,
        overlays=overlays,
        rules=rules_in_force(session, congress.id),
    )
    return Basis({"units": [_figures(one, assigned[one.unit_id]) for one in totals], "problem": made}, made)


_bases: Remembered[Basis] = Remembered()


def basis_at(session: Session, congress: Congress) -> Basis:
    """As `current_basis`, for pages: the whole roster is counted once per revision, not once per page."""
    return _bases.get(session, congress.id, congress.revision, lambda: current_basis(session, congress))


def _figures(one: UnitTotals, assigned: int) -> dict[str, Any]:
    return {
        "unit": one.unit_code,
        "members": one.members,
        "organisations": one.organisations,
        "voters": one.voters,
        "by_category": one.by_category,
        "overlays": one.overlays,
        "assigned": assigned,
    }


def schemes(session: Session, congress_id: int) -> list[Scheme]:
    """Every version, the newest first."""
    return list(session.scalars(select(Scheme).where(Scheme.congress_id == congress_id).order_by(Scheme.number.desc())))


def scheme_by_number(session: Session, congress_id: int, number: int) -> Scheme:
    """The scheme with its cells. Raises NotFound."""
    scheme = session.scalar(
        select(Scheme)
        .where(Scheme.congress_id == congress_id, Scheme.number == number)
        .options(selectinload(Scheme.cells))
    )
    if scheme is None:
        raise NotFound("quotas.no_such_scheme")
    return scheme


def fits(congress: Congress, scheme: Scheme) -> bool:
    """Whether the scheme divides the seats that the congress has now, over its units and categories as they are now."""
    made = scheme.problem
    return (
        made.get("total") == congress.total_seats
        and [line["id"] for line in made["units"]] == [unit.code for unit in congress.units]
        and [(line["id"], Fraction(str(line["share"]))) for line in made["categories"]]
        == [(category.code, category.share) for category in congress.categories]
    )


def approved_scheme(session: Session, congress_id: int) -> Scheme | None:
    return session.scalar(select(Scheme).where(Scheme.congress_id == congress_id, Scheme.state == SchemeState.APPROVED))


@dataclass(frozen=True, slots=True)
class LeaderLine:
    id: int
    member_id: int
    name: str
    post: str
    branch: str
    unit_code: str
    unit_name: str


def assigned_leaders(session: Session, congress_id: int) -> list[LeaderLine]:
    """Every assignment, by unit."""
    rows = session.execute(
        select(AssignedLeader.id, Member.id, Person.name, Member.post, Organisation.name, Unit.code, Unit.name)
        .join(Member, AssignedLeader.member_id == Member.id)
        .join(Person, Member.person_id == Person.id)
        .join(Organisation, Member.branch_id == Organisation.id)
        .join(Unit, AssignedLeader.unit_id == Unit.id)
        .where(AssignedLeader.congress_id == congress_id)
        .order_by(Unit.position, AssignedLeader.id)
    )
    return [LeaderLine(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class NamedMember:
    member_id: int
    name: str
    branch_name: str
    post: str


def members_named(session: Session, congress_id: int, name: str) -> list[NamedMember]:
    """The members of this congress's units with exactly this name."""
    rows = session.execute(
        select(Member.id, Person.name, Organisation.name, Member.post)
        .join(Person, Member.person_id == Person.id)
        .join(Organisation, Member.branch_id == Organisation.id)
        .join(UnitBranch, UnitBranch.branch_id == Organisation.id)
        .where(UnitBranch.congress_id == congress_id, Person.name == name.strip())
        .order_by(Organisation.code, Member.id)
    )
    return [NamedMember(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class SheetCell:
    """A cell of the allocation sheet: its seats, its exact share and the product that the certificate proves it by."""

    category: str
    seats: int
    assigned: int
    fair_share: str
    weight: str
    unit_number: str
    category_number: str
    product: str
    needed: int


@dataclass(frozen=True, slots=True)
class SheetRow:
    position: int
    unit: str
    name: str
    organisations: int
    members: int
    seats: int
    cells: tuple[SheetCell, ...]
    overlays: tuple[int, ...]
    candidates: int
    factor: str
    factor_reason: str


@dataclass(frozen=True, slots=True)
class Target:
    """A category or overlay against its guide share, both as they were when the scheme was computed."""

    name: str
    seats: int
    share: Fraction
    total: int

    @property
    def percent(self) -> Fraction:
        return Fraction(100 * self.seats, self.total)


@dataclass(frozen=True, slots=True)
class Sheet:
    rows: tuple[SheetRow, ...]
    categories: tuple[Target, ...]
    overlays: tuple[Target, ...]
    organisations: int
    members: int
    seats: int
    assigned: int
    candidates: int


def sheet(congress: Congress, scheme: Scheme, margin: int) -> Sheet:
    """The allocation sheet of a scheme, from what was computed and kept with it: no statement of its own."""
    allocation, made = scheme.allocation, scheme.problem
    assigned = {(cell.unit_id, cell.category_id): cell.assigned for cell in scheme.cells}
    figures = {one["unit"]: one for one in scheme.basis["units"]}
    units = {unit.code: unit for unit in congress.units}
    categories = {category.code: category for category in congress.categories}
    columns = [categories[line["id"]] for line in made["categories"]]
    overlay_ids = [overlay["id"] for overlay in made["overlays"]]
    rows = []
    for place, line in enumerate(made["units"]):
        unit = units[line["id"]]
        cells = tuple(
            _sheet_cell(scheme, place, column, categories_row, assigned.get((unit.id, categories_row.id), 0), margin)
            for column, categories_row in enumerate(columns)
        )
        rows.append(
            SheetRow(
                position=place + 1,
                unit=unit.code,
                name=unit.name,
                organisations=figures[unit.code]["organisations"],
                members=figures[unit.code]["members"],
                seats=sum(cell.seats for cell in cells),
                cells=cells,
                overlays=tuple(allocation["overlays"][key][place] for key in overlay_ids),
                candidates=sum(cell.needed for cell in cells),
                factor=str(unit.factor),
                factor_reason=unit.factor_reason,
            )
        )
    total = sum(row.seats for row in rows)
    overlay_names = {overlay.code: overlay.name for overlay in congress.overlays}
    return Sheet(
        rows=tuple(rows),
        categories=tuple(
            Target(line["name"], sum(row.cells[column].seats for row in rows), Fraction(str(line["share"])), total)
            for column, line in enumerate(made["categories"])
        ),
        overlays=tuple(
            # An overlay may have been taken off the list since; the scheme still shows what it was computed with.
            Target(
                overlay_names.get(line["id"], line["id"]),
                sum(allocation["overlays"][line["id"]]),
                Fraction(str(line["share"])),
                total,
            )
            for line in made["overlays"]
        ),
        organisations=sum(row.organisations for row in rows),
        members=sum(row.members for row in rows),
        seats=total,
        assigned=sum(assigned.values()),
        candidates=sum(row.candidates for row in rows),
    )


def _sheet_cell(scheme: Scheme, place: int, column: int, category: Category, assigned: int, margin: int) -> SheetCell:
    allocation, made = scheme.allocation, scheme.problem
    certificate: Mapping[str, Sequence[str]] = allocation["certificate"]
    seats = int(allocation["seats"][place][column])
    weight = Fraction(str(made["weights"][place][column]))
    product = weight * Fraction(certificate["units"][place]) * Fraction(certificate["categories"][column])
    contested = seats - assigned
    return SheetCell(
        category=category.code,
        seats=seats,
        assigned=assigned,
        fair_share=allocation["fair_shares"][place][column],
        weight=str(weight),
        unit_number=certificate["units"][place],
        category_number=certificate["categories"][column],
        product=f"{round(product * 100) / 100:.2f}",
        needed=assigned + (candidates_needed(contested, margin) if contested else 0),
    )
