"""Reads and locks what decides whether members may stand: one reading for one member as for a whole workbook of them.

Part of other acts, which ask for the permission themselves. Decides nothing: that is `eligibility.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select

from election.congress.models import Category
from election.contests.models import Contest, ContestKind, Round
from election.errors import NotFound
from election.nomination.applying.eligibility import Candidacy
from election.nomination.lifecycle import GONE, HANDED_IN
from election.nomination.models import Application, BranchBallot, BranchBallotLine, Slate
from election.nomination.models_margin import Reopening
from election.people.act import Act
from election.people.models import Person
from election.quotas.lifecycle import SchemeState
from election.quotas.models import AssignedLeader, Scheme, SchemeCell
from election.roster.electors import voting_right
from election.roster.models import Member, Organisation, RosterVerification, UnitBranch


@dataclass(frozen=True, slots=True)
class Place:
    """Where a member would stand, with the facts that decide it. `category`: None where the congress has no such one."""

    member: Member
    unit_id: int | None
    category: Category | None
    facts: Candidacy


def candidacies(act: Act, congress_id: int, wanted: Mapping[int, int]) -> dict[int, Place]:
    """`wanted`: member → category. Their branches are locked, as their ballots do, so that nobody applies past a ballot
    that is being recorded; then the members. Nine statements however many they are. Raises NotFound for who is none.
    """
    branches = select(Member.branch_id).where(Member.id.in_(wanted))
    held = select(Organisation.id).where(Organisation.id.in_(branches)).order_by(Organisation.id)
    act.session.execute(held.with_for_update()).all()
    rows: Any = act.session.execute(
        select(Member, Person.name, UnitBranch.unit_id, RosterVerification.id, AssignedLeader.id)
        .join(Person, Person.id == Member.person_id)
        .outerjoin(UnitBranch, (UnitBranch.branch_id == Member.branch_id) & (UnitBranch.congress_id == congress_id))
        .outerjoin(RosterVerification, RosterVerification.unit_id == UnitBranch.unit_id)
        .outerjoin(
            AssignedLeader, (AssignedLeader.member_id == Member.id) & (AssignedLeader.congress_id == congress_id)
        )
        .where(Member.id.in_(wanted))
        .order_by(Member.id)
        .with_for_update(of=Member)
    ).all()
    if len(rows) != len(wanted):
        raise NotFound("roster.no_such_member")
    found = _Ground(act, congress_id, wanted)
    return {row[0].id: found.place(*row, category_id=wanted[row[0].id]) for row in rows}


class _Ground:
    """What the congress as a whole says of who may stand where. Each set holds what there is, by where it is."""

    def __init__(self, act: Act, congress_id: int, members: Collection[int]) -> None:
        self.act = act
        categories = act.session.scalars(select(Category).where(Category.congress_id == congress_id))
        self.categories = {one.id: one for one in categories}
        # Per cell of the approved scheme its contested seats; None where no scheme is approved.
        self.seats = self._seats(congress_id)
        self.standing = self._found(
            select(Application.member_id).where(
                Application.congress_id == congress_id,
                Application.member_id.in_(members),
                Application.state.not_in(GONE),
            )
        )
        self.judged = self._found(
            select(Application.member_id, BranchBallot.branch_id, BranchBallot.category_id)
            .join(BranchBallotLine, BranchBallotLine.application_id == Application.id)
            .join(BranchBallot, BranchBallot.id == BranchBallotLine.ballot_id)
            .where(
                Application.congress_id == congress_id,
                Application.member_id.in_(members),
                BranchBallot.superseded_at.is_(None),
            )
        )
        self.voted = self._found(
            select(BranchBallot.branch_id, BranchBallot.category_id).where(
                BranchBallot.congress_id == congress_id, BranchBallot.superseded_at.is_(None)
            )
        )
        self.reopened = self._found(
            select(Reopening.unit_id, Reopening.category_id).where(
                Reopening.congress_id == congress_id, Reopening.until >= act.today
            )
        )
        self.closed = self._found(
            select(Contest.unit_id, Contest.category_id)
            .join(Round, Round.contest_id == Contest.id)
            .join(Slate, Slate.round_id == Round.id)
            .where(
                Contest.congress_id == congress_id,
                Contest.kind == ContestKind.CONTESTED,
                Slate.state.in_(HANDED_IN),
            )
        )

    def _found(self, wanted: Select[*tuple[Any, ...]]) -> set[tuple[Any, ...]]:
        return {tuple(row) for row in self.act.session.execute(wanted)}

    def _seats(self, congress_id: int) -> dict[tuple[int, int], int] | None:
        rows = self.act.session.execute(
            select(Scheme.id, SchemeCell.unit_id, SchemeCell.category_id, SchemeCell.seats - SchemeCell.assigned)
            .outerjoin(SchemeCell, SchemeCell.scheme_id == Scheme.id)
            .where(Scheme.congress_id == congress_id, Scheme.state == SchemeState.APPROVED)
        ).all()
        return {(unit, category): seats for _, unit, category, seats in rows} if rows else None

    def place(
        self, member: Member, name: str, unit_id: int | None, verified: object, assigned: object, *, category_id: int
    ) -> Place:
        category = self.categories.get(category_id)
        facts = Candidacy(
            name=name,
            right=voting_right(member.standing, member.suspension),
            assigned=assigned is not None,
            in_a_unit=unit_id is not None,
            roster_verified=verified is not None,
            scheme_approved=self.seats is not None,
            recorded=member.category,
            wanted=category.code if category else "",
            category=category.name if category else "",
            seats=(self.seats or {}).get((unit_id or 0, category_id), 0),
            standing=(member.id,) in self.standing,
            judged=(member.id, member.branch_id, category_id) in self.judged,
            voted=(member.branch_id, category_id) in self.voted,
            reopened=(unit_id, category_id) in self.reopened,
            slate_closed=(unit_id, category_id) in self.closed,
        )
        return Place(member, unit_id, category, facts)
