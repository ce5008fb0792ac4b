"""Reads schemes, their changes by hand, and the assigned leaders. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy import func, select
from sqlalchemy.orm import Session, defer, selectinload

from allocation import BadInput, NotCertified
from allocation.explain import Explanation
from election.congress.models import Congress, Unit
from election.errors import NotFound, Refused
from election.people.models import Person
from election.quotas.hand import Change, applied
from election.quotas.lifecycle import SchemeState
from election.quotas.models import AssignedLeader, ChangeKind, HandChange, Scheme, SchemeAuthor
from election.quotas.solving import explained
from election.roster.models import Member, Organisation, UnitBranch
from election.store.audit import digest


def schemes(session: Session, congress_id: int) -> list[Scheme]:
    """Every version, the newest first: what a list says of it. Its problem and answer, large as they are, are read when asked."""
    large = (Scheme.base, Scheme.problem, Scheme.allocation, Scheme.basis)
    return list(
        session.scalars(
            select(Scheme)
            .where(Scheme.congress_id == congress_id)
            .order_by(Scheme.number.desc())
            .options(*(defer(column) for column in large))
        )
    )


def change_counts(session: Session, congress_id: int) -> dict[int, int]:
    """scheme → how many numbers of it were set by hand; one that has none is left out."""
    rows = session.execute(
        select(HandChange.scheme_id, func.count())
        .join(Scheme, Scheme.id == HandChange.scheme_id)
        .where(Scheme.congress_id == congress_id)
        .group_by(HandChange.scheme_id)
    )
    return {scheme_id: count for scheme_id, count in rows}


def scheme_by_number(session: Session, congress_id: int, number: int) -> Scheme:
    """The scheme with its cells and its changes by hand. Raises NotFound."""
    scheme = session.scalar(
        select(Scheme)
        .where(Scheme.congress_id == congress_id, Scheme.number == number)
        .options(selectinload(Scheme.cells), selectinload(Scheme.changes))
    )
    if scheme is None:
        raise NotFound("quotas.no_such_scheme")
    return scheme


def authors(session: Session, scheme: Scheme) -> set[int]:
    """Everyone who made or changed this version, by person: none of them approves it."""
    return set(session.scalars(select(SchemeAuthor.person_id).where(SchemeAuthor.scheme_id == scheme.id)))


def authors_by_scheme(session: Session, congress_id: int) -> dict[int, list[int]]:
    """scheme → everyone who made or changed it, who began it first."""
    rows = session.execute(
        select(Scheme.id, Scheme.author_id, SchemeAuthor.person_id)
        .outerjoin(SchemeAuthor, (SchemeAuthor.scheme_id == Scheme.id) & (SchemeAuthor.person_id != Scheme.author_id))
        .where(Scheme.congress_id == congress_id)
        .order_by(Scheme.id, SchemeAuthor.person_id)
    )
    found: dict[int, list[int]] = {}
    for scheme_id, first, other in rows:
        written = found.setdefault(scheme_id, [first])
        # None where nobody else has: the join keeps such a scheme all the same.
        written += filter(None, [other])
    return found


def mark(scheme: Scheme) -> str:
    """What a form was made from: it changes with the scheme's state, its answer and every change by hand."""
    changes = [[row.id, row.seats, row.reason, row.locked] for row in scheme.changes]
    return digest([scheme.id, scheme.state, scheme.hash, changes])[:16]


def fits(congress: Congress, scheme: Scheme) -> bool:
    """Whether the scheme divides the seats that the congress has now, over its units and categories as they are now.

    Of a workbook's categories only those with a share say which share was meant.
    """
    made = scheme.base
    return (
        made.get("total") == congress.total_seats
        and [line["id"] for line in made["units"]] == [unit.code for unit in congress.units]
        and [line["id"] for line in made["categories"]] == [category.code for category in congress.categories]
        and all(
            "share" not in line or Fraction(str(line["share"])) == category.share
            for line, category in zip(made["categories"], congress.categories, strict=True)
        )
    )


def approved_scheme(session: Session, congress_id: int) -> Scheme | None:
    return session.scalar(select(Scheme).where(Scheme.congress_id == congress_id, Scheme.state == SchemeState.APPROVED))


def divides_alike(one: Scheme, other: Scheme) -> bool:
    """Whether two versions have the same problem, the same answer and the same assigned seats: letters would tell no news.

    A cell set by hand hides the assignments from the problem, therefore these are compared for themselves.
    """
    if one.hash != other.hash:
        return False
    assigned = ({(cell.unit_id, cell.category_id): cell.assigned for cell in side.cells} for side in (one, other))
    return next(assigned) == next(assigned)


def changes_of(congress: Congress, scheme: Scheme) -> tuple[Change, ...]:
    """The scheme's changes by hand as values, in the order in which they were first made: no statement of its own."""
    units = {unit.id: unit.code for unit in congress.units}
    categories = {category.id: category.code for category in congress.categories}
    return tuple(
        Change(
            row.kind,
            None if row.unit_id is None else units[row.unit_id],
            None if row.category_id is None else categories[row.category_id],
            row.group_code,
            row.seats,
            row.locked,
        )
        for row in scheme.changes
    )


def unsettled(congress: Congress, scheme: Scheme) -> int:
    """How many changes the answer does not know of: unlocked ones, locked ones not yet computed, and ones put back since."""
    changes = changes_of(congress, scheme)
    unlocked = sum(not change.locked for change in changes)
    if applied(scheme.base, changes) == scheme.problem:
        return unlocked
    return unlocked + max(1, sum(change.locked and not _ruled(scheme, change) for change in changes))


def _ruled(scheme: Scheme, change: Change) -> bool:
    """Whether the answer was computed with this change as a rule."""
    return applied(scheme.problem, [change]) == scheme.problem


def is_settled(congress: Congress, scheme: Scheme) -> bool:
    """Whether the answer was computed with exactly these changes, so that its certificate proves the whole of it."""
    return unsettled(congress, scheme) == 0


@dataclass(frozen=True, slots=True)
class HandLine:
    """A change by hand in words: where, from what the solver gives alone to what, why, by whom.

    `in_force`: locked, and the answer was computed with it. `group` is the code, `group_name` its name in the problem.
    """

    id: int
    kind: ChangeKind
    unit: str | None
    unit_name: str
    category: str | None
    category_name: str
    group: str
    group_name: str
    seats: int
    computed: int | None
    computed_share: str
    reason: str
    locked: bool
    in_force: bool
    author_id: int
    made_at: datetime


def hand_changes(congress: Congress, scheme: Scheme) -> tuple[HandLine, ...]:
    """The scheme's changes by hand with names: no statement of its own."""
    units = {unit.code: unit.name for unit in congress.units}
    categories = {category.code: category.name for category in congress.categories}
    groups = {group["id"]: str(group.get("name", group["id"])) for group in scheme.base.get("groups", ())}
    changes = changes_of(congress, scheme)
    all_ruled = applied(scheme.base, changes) == scheme.problem
    return tuple(
        HandLine(
            id=row.id,
            kind=row.kind,
            unit=change.unit,
            unit_name=units.get(change.unit or "", ""),
            category=change.category,
            category_name=categories.get(change.category or "", ""),
            group=row.group_code,
            group_name=groups.get(row.group_code, row.group_code),
            seats=row.seats,
            computed=row.computed,
            computed_share=row.computed_share,
            reason=row.reason,
            locked=row.locked,
            in_force=row.locked and (all_ruled or _ruled(scheme, change)),
            author_id=row.author_id,
            made_at=row.made_at,
        )
        for row, change in zip(scheme.changes, changes, strict=True)
    )


def explanation(scheme: Scheme) -> Explanation:
    """Why each cell has its seats and what one more would cost; kept by the scheme's hash. Never solves without groups.

    Raises Refused for a stored answer that does not prove itself.
    """
    try:
        return explained(scheme.hash, scheme.problem, scheme.allocation)
    except (NotCertified, BadInput):
        raise Refused("quotas.does_not_prove_itself", number=scheme.number) from None


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
