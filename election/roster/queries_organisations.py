"""Shaped reading of the party organisations: the tree with its sums, branches with their counts. Changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Row, and_, func, select
from sqlalchemy.orm import Session

from election.congress.models import Unit
from election.roster.models import Member, Organisation, OrganisationKind, UnitBranch
from election.roster.queries import VOTERS

_OrganisationRow: TypeAlias = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class OrganisationNode:
    """An organisation in the tree, with the sums of all branches below it. `unit` is that of a branch only."""

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
                row.unit_name,
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
