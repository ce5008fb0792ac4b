"""Shaped reading of the party organisations: the tree with its sums, branches with their counts. Changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Row, and_, func, select
from sqlalchemy.orm import Session

from election.congress.models import Unit
from election.errors import Refused
from election.roster.models import Member, Organisation, OrganisationKind, UnitBranch
from election.roster.queries import VOTERS

_OrganisationRow: TypeAlias = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class OrganisationNode:
    """An organisation in the tree, with the sums of all branches below it. `unit_id` is that of a branch only; `unit_name` also
    that of an organisation all of whose branches vote in one unit.
    """

    id: int
    code: str
    name: str
    kind: OrganisationKind
    parent_id: int | None
    depth: int
    unit_id: int | None
    unit_name: str
    branches: int
    members: int
    voters: int


def organisation_tree(session: Session, congress_id: int) -> list[OrganisationNode]:
    """Every organisation, each after the one above it, by code: one statement."""
    counts = (
        select(Member.branch_id, func.count().label("members"), VOTERS.label("voters"))
        .group_by(Member.branch_id)
        .subquery()
    )
    rows = session.execute(
        select(
            Organisation.id,
            Organisation.code,
            Organisation.name,
            Organisation.kind,
            Organisation.parent_id,
            UnitBranch.unit_id,
            func.coalesce(Unit.name, "").label("unit_name"),
            func.coalesce(counts.c.members, 0).label("members"),
            func.coalesce(counts.c.voters, 0).label("voters"),
        )
        .outerjoin(counts, counts.c.branch_id == Organisation.id)
        .outerjoin(UnitBranch, and_(UnitBranch.branch_id == Organisation.id, UnitBranch.congress_id == congress_id))
        .outerjoin(Unit, Unit.id == UnitBranch.unit_id)
        .order_by(Organisation.code)
    ).all()
    children: dict[int | None, list[_OrganisationRow]] = {}
    for row in rows:
        children.setdefault(row.parent_id, []).append(row)
    return _tree(children, None, 0)


def _tree(
    children: Mapping[int | None, list[_OrganisationRow]], parent_id: int | None, depth: int
) -> list[OrganisationNode]:
    """Everything below an organisation, each with the sums of what is below it."""
    nodes: list[OrganisationNode] = []
    for row in children.get(parent_id, ()):
        deeper = _tree(children, row.id, depth + 1)
        direct = [node for node in deeper if node.depth == depth + 1]
        nodes.append(
            OrganisationNode(
                row.id,
                row.code,
                row.name,
                row.kind,
                row.parent_id,
                depth,
                row.unit_id,
                row.unit_name or (direct[0].unit_name if len({node.unit_name for node in direct}) == 1 else ""),
                int(row.kind is OrganisationKind.BRANCH) + sum(node.branches for node in direct),
                row.members + sum(node.members for node in direct),
                row.voters + sum(node.voters for node in direct),
            )
        )
        nodes += deeper
    return nodes


@dataclass(frozen=True, slots=True)
class BranchLine:
    """A branch with its counts, as a person who sits at several sees them."""

    id: int
    code: str
    name: str
    unit_name: str
    members: int
    voters: int


def branches_of_units(session: Session, congress_id: int, unit_ids: Collection[int] | None) -> set[int]:
    """The branches that vote in these units; None: in any."""
    wanted = select(UnitBranch.branch_id).where(UnitBranch.congress_id == congress_id)
    return set(session.scalars(wanted if unit_ids is None else wanted.where(UnitBranch.unit_id.in_(unit_ids))))


def branch_lines(session: Session, congress_id: int, branch_ids: Collection[int] | None) -> list[BranchLine]:
    """The branches with these ids, or all of them, by code: one statement."""
    wanted = (
        select(
            Organisation.id,
            Organisation.code,
            Organisation.name,
            func.coalesce(Unit.name, ""),
            func.count(Member.id),
            VOTERS,
        )
        .outerjoin(UnitBranch, and_(UnitBranch.branch_id == Organisation.id, UnitBranch.congress_id == congress_id))
        .outerjoin(Unit, Unit.id == UnitBranch.unit_id)
        .outerjoin(Member, Member.branch_id == Organisation.id)
        .where(Organisation.kind == OrganisationKind.BRANCH)
        .group_by(Organisation.id, Organisation.code, Organisation.name, Unit.name)
        .order_by(Organisation.code)
    )
    if branch_ids is not None:
        wanted = wanted.where(Organisation.id.in_(branch_ids))
    return [BranchLine(*row) for row in session.execute(wanted)]


def branch_word(name: str, code: str) -> str:
    """How a branch is named where somebody has to tell it from others: dozens bear one name."""
    return f"{name}（{code}）"


def branch_choices(session: Session, congress_id: int) -> list[tuple[str, str]]:
    """(the branch's word, its unit's name) of every branch, by code: one statement."""
    rows = session.execute(
        select(Organisation.name, Organisation.code, func.coalesce(Unit.name, ""))
        .outerjoin(UnitBranch, and_(UnitBranch.branch_id == Organisation.id, UnitBranch.congress_id == congress_id))
        .outerjoin(Unit, Unit.id == UnitBranch.unit_id)
        .where(Organisation.kind == OrganisationKind.BRANCH)
        .order_by(Organisation.code)
    )
    return [(branch_word(name, code), unit) for name, code, unit in rows]


def branch_named(session: Session, text: str) -> int:
    """The branch that somebody typed: its word, its code, or a name that only one bears. Raises Refused at `branch`."""
    wanted = text.strip()
    word = Organisation.name + "（" + Organisation.code + "）"
    found = session.execute(
        select(Organisation.id, Organisation.name).where(
            Organisation.kind == OrganisationKind.BRANCH,
            (Organisation.code == wanted) | (word == wanted) | (Organisation.name == wanted),
        )
    ).all()
    exact = [row for row in found if row.name != wanted]
    if len(exact or found) > 1:
        raise Refused("roster.branches_of_one_name", field="branch", value=wanted, count=len(found))
    if not found:
        raise Refused("roster.branch_not_found", field="branch", value=wanted)
    return int((exact or found)[0].id)
