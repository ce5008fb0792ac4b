"""Shaped reading of the party organisations: the tree with its sums, branches with their counts. Changes nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Row, and_, func, select
from sqlalchemy.orm import Session

from election.congress.models import Unit
from election.roster.models import Member, Organisation, OrganisationKind, UnitBranch
from election.roster.queries import VOTERS


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
        select(Organisation, Unit.id, Unit.name, func.coalesce(counts.c.members, 0), func.coalesce(counts.c.voters, 0))
        .outerjoin(counts, counts.c.branch_id == Organisation.id)
        .outerjoin(UnitBranch, and_(UnitBranch.branch_id == Organisation.id, UnitBranch.congress_id == congress_id))
        .outerjoin(Unit, Unit.id == UnitBranch.unit_id)
        .order_by(Organisation.code)
    ).all()
    below: dict[int | None, list[Row[Organisation, int, str, int, int]]] = {}
    for row in rows:
        below.setdefault(row[0].parent_id, []).append(row)
    nodes: list[OrganisationNode] = []

    def walk(parent_id: int | None, depth: int) -> tuple[int, int, int]:
        sums = (0, 0, 0)
        for organisation, unit_id, unit_name, members, voters in below.get(parent_id, []):
            place = len(nodes)
            deeper = walk_into(organisation, depth)
            own = (int(organisation.kind is OrganisationKind.BRANCH), int(members), int(voters))
            whole = (own[0] + deeper[0], own[1] + deeper[1], own[2] + deeper[2])
            nodes[place] = OrganisationNode(
                organisation.id,
                organisation.code,
                organisation.name,
                organisation.kind,
                organisation.parent_id,
                depth,
                unit_id,
                unit_name or "",
                *whole,
            )
            sums = (sums[0] + whole[0], sums[1] + whole[1], sums[2] + whole[2])
        return sums

    def walk_into(organisation: Organisation, depth: int) -> tuple[int, int, int]:
        nodes.append(
            OrganisationNode(
                organisation.id,
                organisation.code,
                organisation.name,
                organisation.kind,
                organisation.parent_id,
                depth,
                None,
                "",
                0,
                0,
                0,
            )
        )
        return walk(organisation.id, depth + 1)

    walk(None, 0)
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
