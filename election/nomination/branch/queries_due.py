"""Reads and locks what branches vote on now: one reading for one ballot as for a whole workbook of them.

Part of other acts, which ask for the permission themselves. Decides no ballot: that is `vote.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import selectinload

from election.congress.models import Category
from election.errors import NotFound, Refused
from election.nomination.applying.operations_applicants import LoadedApplication, load_waiting
from election.nomination.models import BranchBallot, BranchPlaces
from election.people.act import Act
from election.roster.models import Member, Organisation, OrganisationKind, UnitBranch
from election.roster.queries import VOTES

# A branch and a category.
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Due:
    """What a branch has to vote on in a category. `waiting`: application → who waits for its vote; `held`: its ballots in
    force on the category; `voters`: its members with a vote; `given`: the places that its unit gave it.
    """

    branch: Organisation
    unit_id: int | None
    category: Category
    waiting: Mapping[int, LoadedApplication]
    held: Sequence[BranchBallot]
    voters: int
    given: int | None

    @property
    def tied(self) -> set[int]:
        """Of who waits, those whom the ballots before left undecided."""
        return tied_in(self.held, self.waiting)

    @property
    def applicants(self) -> dict[int, LoadedApplication]:
        """Whom the next vote is about: after a tie the tied alone, whoever else waits."""
        tied = self.tied
        return {number: one for number, one in self.waiting.items() if not tied or number in tied}

    def require_somebody(self) -> None:
        if not self.waiting:
            code = "branch_ballot.recorded_already" if self.held else "branch_ballot.nobody_applied"
            raise Refused(code, branch=self.branch.name)

    def places(self, *, asked: bool) -> int | None:
        """How many may go on now: the places of the branch less those whom its ballots before have filled; after a tie
        those that it left open. None where the rules ask for no places.
        """
        if tied := self.tied:
            last = max((one for one in self.held if tied & _people(one)), key=lambda one: one.number)
            assert last.places is not None  # nothing ties without places
            return last.places - gone_on([last])
        if not asked:
            return None
        named = {"branch": self.branch.name, "category": self.category.name}
        if self.given is None:
            raise Refused("branch_ballot.places_unset", **named)
        if self.given <= gone_on(self.held):
            raise Refused("branch_ballot.places_filled", **named, places=self.given)
        return self.given - gone_on(self.held)


def _people(ballot: BranchBallot) -> set[int]:
    return {line.application_id for line in ballot.lines}


def tied_in(held: Sequence[BranchBallot], waiting: Collection[int]) -> set[int]:
    """Of the applications that wait, those on whom the branch has voted without deciding: they tied."""
    return {number for ballot in held for number in _people(ballot)} & set(waiting)


def gone_on(held: Sequence[BranchBallot]) -> int:
    """How many places these ballots have filled."""
    return sum(1 for ballot in held for line in ballot.lines if line.passed)


def load_due(act: Act, congress_id: int, places: Collection[Place]) -> dict[Place, Due]:
    """The branches are locked, as an application does: who stands is fixed while a ballot is recorded. Eight statements
    however many they are. Raises NotFound for what is no branch or no category.
    """
    ids = sorted({branch_id for branch_id, _ in places})
    held = select(Organisation.id).where(Organisation.id.in_(ids)).order_by(Organisation.id).with_for_update()
    act.session.execute(held).all()
    rows = act.session.execute(
        select(Organisation, UnitBranch.unit_id)
        .outerjoin(UnitBranch, (UnitBranch.branch_id == Organisation.id) & (UnitBranch.congress_id == congress_id))
        .where(Organisation.id.in_(ids), Organisation.kind == OrganisationKind.BRANCH)
    )
    branches = {branch.id: (branch, unit_id) for branch, unit_id in rows}
    categories = {
        one.id: one for one in act.session.scalars(select(Category).where(Category.congress_id == congress_id))
    }
    waiting: dict[Place, dict[int, LoadedApplication]] = defaultdict(dict)
    for one in load_waiting(act, congress_id, ids):
        waiting[one.row.branch_id, one.row.category_id][one.row.id] = one
    ballots: dict[Place, list[BranchBallot]] = defaultdict(list)
    for ballot in _in_force(act, congress_id, places):
        ballots[ballot.branch_id, ballot.category_id].append(ballot)
    voters = dict(
        act.session.execute(
            select(Member.branch_id, func.count()).where(Member.branch_id.in_(ids), VOTES).group_by(Member.branch_id)
        ).all()
    )
    given = {
        (row.branch_id, row.category_id): row.places
        for row in act.session.scalars(
            select(BranchPlaces).where(BranchPlaces.congress_id == congress_id, BranchPlaces.branch_id.in_(ids))
        )
    }
    found = {}
    for place in places:
        branch_id, category_id = place
        if branch_id not in branches:
            raise NotFound("roster.no_such_branch")
        if category_id not in categories:
            raise NotFound("application.no_such_category")
        branch, unit_id = branches[branch_id]
        found[place] = Due(
            branch,
            unit_id,
            categories[category_id],
            waiting[place],
            ballots[place],
            voters.get(branch_id, 0),
            given.get(place),
        )
    return found


def _in_force(act: Act, congress_id: int, places: Collection[Place]) -> Sequence[BranchBallot]:
    return act.session.scalars(
        select(BranchBallot)
        .where(
            BranchBallot.congress_id == congress_id,
            tuple_(BranchBallot.branch_id, BranchBallot.category_id).in_(list(places)),
            BranchBallot.superseded_at.is_(None),
        )
        .options(selectinload(BranchBallot.lines))
        .order_by(BranchBallot.number)
    ).all()


def ballots_in_force(act: Act, congress_id: int, branch_id: int, category_id: int) -> Sequence[BranchBallot]:
    """The ballots in force of one branch on a category."""
    return _in_force(act, congress_id, [(branch_id, category_id)])
