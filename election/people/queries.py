"""Shaped reading for sign-in and the administrator's desk. Changes nothing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import bindparam, case, select
from sqlalchemy.orm import Session, aliased, joinedload

from election.errors import NotFound, Refused
from election.people.actor import Actor, Grant
from election.people.identity import IdentityKeys, read_identity
from election.people.models import Account, Person, Relative, RoleGrant, SignIn


def actor_of(session: Session, person: Person) -> Actor:
    """The person with every role they hold."""
    rows = session.scalars(select(RoleGrant).where(RoleGrant.person_id == person.id).order_by(RoleGrant.id))
    return Actor(
        person.id,
        person.name,
        tuple(Grant(row.role, row.congress_id, row.unit_id, row.organisation_id) for row in rows),
    )


def account_by_login(session: Session, login: str) -> Account | None:
    return session.scalar(select(Account).where(Account.login == login.strip()).options(joinedload(Account.person)))


def account_by_id(session: Session, account_id: int) -> Account | None:
    return session.scalar(select(Account).where(Account.id == account_id).options(joinedload(Account.person)))


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who a sign-in is, as their account and roles are now."""

    login: str
    active: bool
    must_change_password: bool
    sign_in_epoch: int
    actor: Actor


# Made once and without objects: every request asks it, eighty tellers with every field.
_SIGN_IN, _ACCOUNT, _PERSON, _GRANT = (
    table.metadata.tables[table.__tablename__].c for table in (SignIn, Account, Person, RoleGrant)
)
_SIGNED_IN = (
    select(
        _ACCOUNT.login,
        _ACCOUNT.active,
        _ACCOUNT.must_change_password,
        _ACCOUNT.sign_in_epoch,
        _PERSON.id,
        _PERSON.name,
        _GRANT.role,
        _GRANT.congress_id,
        _GRANT.unit_id,
        _GRANT.organisation_id,
    )
    .select_from(SignIn.__table__)
    .join(Account.__table__, _ACCOUNT.id == _SIGN_IN.account_id)
    .join(Person.__table__, _PERSON.id == _ACCOUNT.person_id)
    .outerjoin(RoleGrant.__table__, _GRANT.person_id == _PERSON.id)
    .where(_SIGN_IN.token_hash == bindparam("token"), _SIGN_IN.ended_at.is_(None))
    .order_by(_GRANT.id)
)


def account_signed_in(session: Session, token: str) -> SignedIn | None:
    """The account of a sign-in that has not ended, with its person's roles: one statement."""
    rows = session.execute(_SIGNED_IN, {"token": token_hash(token)}).all()
    if not rows:
        return None
    person_id, name = rows[0][4:6]
    grants = tuple(Grant(row[6], row[7], row[8], row[9]) for row in rows if row[6] is not None)
    return SignedIn(*rows[0][:4], Actor(person_id, name, grants))


@dataclass(frozen=True, slots=True)
class AccountRow:
    account: Account
    grants: tuple[RoleGrant, ...]


def all_accounts(session: Session) -> list[AccountRow]:
    """Every account with its person and grants, by sign-in name: two statements."""
    accounts = session.scalars(select(Account).options(joinedload(Account.person)).order_by(Account.login)).all()
    grants: dict[int, list[RoleGrant]] = {}
    for grant in session.scalars(select(RoleGrant).order_by(RoleGrant.id)):
        grants.setdefault(grant.person_id, []).append(grant)
    return [AccountRow(account, tuple(grants.get(account.person_id, ()))) for account in accounts]


def relatives_of(session: Session, person_ids: set[int]) -> dict[int, set[int]]:
    """person → their declared relatives, for the persons asked about."""
    found: dict[int, set[int]] = {person_id: set() for person_id in person_ids}
    rows = select(Relative.person_id, Relative.relative_id).where(
        Relative.person_id.in_(person_ids) | Relative.relative_id.in_(person_ids)
    )
    for smaller, larger in session.execute(rows):
        if smaller in found:
            found[smaller].add(larger)
        if larger in found:
            found[larger].add(smaller)
    return found


@dataclass(frozen=True, slots=True)
class DeclaredRelative:
    """`id`: of what was declared, which names both."""

    id: int
    name: str
    relation: str


def relatives_named(session: Session, person_id: int) -> list[DeclaredRelative]:
    """Each declared relative of a person, in the order of declaration: one statement."""
    other = case((Relative.person_id == person_id, Relative.relative_id), else_=Relative.person_id)
    rows = session.execute(
        select(Relative.id, Person.name, Relative.relation)
        .join(Person, Person.id == other)
        .where((Relative.person_id == person_id) | (Relative.relative_id == person_id))
        .order_by(Relative.id)
    )
    return [DeclaredRelative(*row) for row in rows]


def person_by_id(session: Session, person_id: int) -> Person:
    """Raises NotFound for a person who does not exist."""
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound("people.no_such_person")
    return person


def names_of(session: Session, person_ids: set[int] | set[int | None]) -> dict[int, str]:
    """person → name: one statement for all of them."""
    wanted = {person_id for person_id in person_ids if person_id is not None}
    if not wanted:
        return {}
    return {
        person_id: name
        for person_id, name in session.execute(select(Person.id, Person.name).where(Person.id.in_(wanted)))
    }


def person_by_identity(session: Session, text: str, keys: IdentityKeys, field: str) -> Person:
    """The person with this identity number. Raises Refused at `field` for a wrong number or one nobody has."""
    try:
        number = read_identity(text).number
    except Refused as refused:
        raise Refused(refused.code, field=field, **refused.params) from None
    person = session.scalar(select(Person).where(Person.identity_key == keys.key_of(number)))
    if person is None:
        raise Refused("people.nobody_with_identity", field=field)
    return person


@dataclass(frozen=True, slots=True)
class RelativesLine:
    name: str
    relative: str
    relation: str


def declared_relatives(session: Session) -> list[RelativesLine]:
    """Every declared pair, in the order of declaration."""
    one, other = aliased(Person), aliased(Person)
    rows = session.execute(
        select(one.name, other.name, Relative.relation)
        .join(one, one.id == Relative.person_id)
        .join(other, other.id == Relative.relative_id)
        .order_by(Relative.id)
    )
    return [RelativesLine(*row) for row in rows]
