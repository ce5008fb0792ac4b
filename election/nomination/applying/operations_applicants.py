"""Applications as the room's verbs take them in hand: loaded, locked, with whose they are, and who can no longer stand.

Part of other acts, which ask for the permission themselves; changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select

from election.congress.models import Category
from election.errors import NotFound, Refused
from election.nomination.applying.eligibility import lapse
from election.nomination.lifecycle import ApplicationState
from election.nomination.models import Application
from election.people.act import Act
from election.people.models import Person
from election.roster.electors import voting_right
from election.roster.models import Member, UnitBranch


@dataclass(frozen=True, slots=True)
class LoadedApplication:
    """A locked application with whose it is, as the roster has them now. `unit_id`: of their branch of now."""

    row: Application
    person_id: int
    name: str
    member: Member
    unit_id: int | None
    category: Category


def _loaded() -> Select[*tuple[Any, ...]]:
    return (
        select(Application, Person.id, Person.name, Member, UnitBranch.unit_id, Category)
        .join(Member, Member.id == Application.member_id)
        .join(Person, Person.id == Member.person_id)
        .join(Category, Category.id == Application.category_id)
        .outerjoin(
            UnitBranch,
            (UnitBranch.branch_id == Member.branch_id) & (UnitBranch.congress_id == Application.congress_id),
        )
        .order_by(Application.id)
        .with_for_update(of=Application)
    )


def load_application(act: Act, application_id: int) -> LoadedApplication:
    """The application, locked, with whose it is. Raises NotFound."""
    row = act.session.execute(_loaded().where(Application.id == application_id)).one_or_none()
    if row is None:
        raise NotFound("application.none")
    return LoadedApplication(*row)


def load_applications(act: Act, congress_id: int, application_ids: Collection[int]) -> list[LoadedApplication]:
    """Several applications of one congress, locked, in the order of their numbers. Raises NotFound for any that is not."""
    wanted = _loaded().where(Application.congress_id == congress_id, Application.id.in_(application_ids))
    rows = act.session.execute(wanted).all()
    if len(rows) != len(set(application_ids)):
        raise NotFound("application.none")
    return [LoadedApplication(*row) for row in rows]


def load_waiting(act: Act, congress_id: int, branch_ids: Collection[int]) -> list[LoadedApplication]:
    """Everybody in these branches who waits for the branch's vote, locked."""
    wanted = _loaded().where(
        Application.congress_id == congress_id,
        Application.branch_id.in_(branch_ids),
        Application.state == ApplicationState.APPLIED,
    )
    return [LoadedApplication(*row) for row in act.session.execute(wanted)]


def lapses(people: Iterable[LoadedApplication], *, within_branch: bool = False) -> list[Refused]:
    """A refusal for each who can no longer stand: without a vote, gone to another unit (`within_branch`: to another
    branch), or of another category by now. Their application has to end before the others go on.
    """
    found = []
    for one in people:
        member = one.member
        moved = member.branch_id != one.row.branch_id if within_branch else one.unit_id != one.row.unit_id
        against = lapse(
            one.name,
            voting_right(member.standing, member.suspension),
            moved=moved,
            category=None if member.category == one.category.code else one.category.name,
        )
        if against is not None:
            found.append(against)
    return found
