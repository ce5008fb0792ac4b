"""The room's verb that registers one member by hand: asks what the workbook asks of a row. Renames nobody: a number that bears
another name is somebody's already.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlalchemy import select

from election.congress.models import Category
from election.congress.rules_in_force import use_rules
from election.errors import NotFound, Refused
from election.people.act import Act
from election.people.identity import IdentityKeys, read_identity
from election.people.models import Person
from election.people.permissions import Permission
from election.roster.importing import cells
from election.roster.models import Member, Organisation, OrganisationKind, Standing
from election.roster.newcomers import require_age, require_joined
from election.roster.operations import open_to

RULES_APPLIED = ("member_age_least",)

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What is typed of a new member. `identity`: the number as typed; never stored as it is."""

    name: str
    identity: str
    ethnicity: str
    education: str
    standing: Standing
    joined_on: date | None
    category: str
    post: str


def register_member(act: Act, congress_id: int, branch_id: int, newcomer: Newcomer, keys: IdentityKeys) -> Member:
    """A new member in a branch, in every congress in which the branch votes. Raises Refused at the field, as for a row."""
    act.require(Permission.ROSTER_EDIT, congress_id=congress_id)
    congresses = open_to(act, congress_id, {branch_id})
    branch = act.session.get(Organisation, branch_id)
    if branch is None or branch.kind is not OrganisationKind.BRANCH:
        raise NotFound("roster.no_such_branch")
    name = _at("name", lambda: cells.read_person_name(newcomer.name))
    identity = _at("identity", lambda: read_identity(newcomer.identity))
    rules = use_rules(act, congress_id, "member.registered", *RULES_APPLIED)
    require_age(identity.born_on, act.today, rules["member_age_least"], field="identity")
    if newcomer.joined_on is not None:
        day = newcomer.joined_on.isoformat()
        require_joined(newcomer.joined_on, identity.born_on, act.today, value=day, field="joined_on")
    ethnicity = _at("ethnicity", lambda: cells.read_ethnicity(newcomer.ethnicity))
    education = _at("education", lambda: cells.read_education(newcomer.education))
    post = _at("post", lambda: cells.read_text(newcomer.post, 80, required=False))
    known = select(Category.id).where(Category.congress_id == congress_id, Category.code == newcomer.category)
    if act.session.scalar(known) is None:
        raise Refused("roster.category_unknown", field="category")
    key = keys.key_of(identity.number)
    person = act.session.scalar(select(Person).where(Person.identity_key == key))
    if person is None:
        person = Person(
            name=name,
            identity_key=key,
            identity_sealed=keys.seal(identity.number),
            sex=identity.sex,
            born_on=identity.born_on,
        )
        act.session.add(person)
        act.session.flush()
    else:
        _require_new(act, person, name)
    person.ethnicity, person.education = ethnicity or person.ethnicity, education or person.education
    member = Member(
        person_id=person.id,
        branch_id=branch_id,
        standing=newcomer.standing,
        joined_on=newcomer.joined_on,
        category=newcomer.category,
        post=post,
    )
    act.session.add(member)
    act.session.flush()
    for each in congresses:
        act.record(
            "member.registered",
            member,
            congress_id=each,
            member=member.id,
            branch=f"{branch.name}（{branch.code}）",
            category=newcomer.category,
            joined_on=newcomer.joined_on and newcomer.joined_on.isoformat(),
            post=post,
            votes=newcomer.standing is Standing.FULL,
        )
    return member


def _require_new(act: Act, person: Person, name: str) -> None:
    """Somebody who is known, but no member: an account's own person."""
    member = act.session.scalar(select(Member).where(Member.person_id == person.id))
    if member is not None:
        if member.branch is None:
            raise Refused("roster.registered_departed", field="identity", name=person.name)
        raise Refused("roster.registered_already", field="identity", name=person.name, branch=member.branch.name)
    if person.name != name:
        raise Refused("people.identity_other_name", field="name", name=person.name)


def _at(field: str, read: Callable[[], Value]) -> Value:
    """What was typed, read as a cell is; the refusal stands at the form's field."""
    try:
        return read()
    except Refused as refused:
        raise Refused(refused.code, field=field, **refused.params) from None
