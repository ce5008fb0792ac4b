"""The room's verbs: persons, accounts, roles, relatives. Who may act where is decided by the grants kept here."""

from __future__ import annotations

import secrets

from sqlalchemy import func, select

from election.errors import Forbidden, NotFound, Refused
from election.people.act import Act
from election.people.actor import Role
from election.people.identity import Identity, IdentityKeys
from election.people.models import Account, Person, Relative, RoleGrant, SignIn
from election.people.passwords import hash_password, matches, require_fit
from election.people.permissions import Permission
from election.people.queries import token_hash
from election.store.base import Base


def open_account(act: Act, person: Person, login: str, password: str, *, must_change: bool = True) -> Account:
    """Gives a person the one account they may have."""
    act.require(Permission.ACCOUNTS_MANAGE)
    return _open_account(act, person, login, password, must_change=must_change)


def _open_account(act: Act, person: Person, login: str, password: str, *, must_change: bool) -> Account:
    login = login.strip()
    if not login or any(sign.isspace() for sign in login):
        raise Refused("people.login_wrong", field="login")
    if act.session.scalar(select(Account.id).where(Account.login == login)) is not None:
        raise Refused("people.login_taken", field="login", login=login)
    if act.session.scalar(select(Account.id).where(Account.person_id == person.id)) is not None:
        raise Refused("people.has_account", field="person", name=person.name)
    require_fit(password, login)
    account = Account(
        person_id=person.id,
        login=login,
        password_hash=hash_password(password),
        must_change_password=must_change,
        created_at=act.now,
    )
    act.session.add(account)
    act.record("account.opened", account, login=login, person=person.id)
    return account


def find_or_add_person(act: Act, name: str, identity: Identity | None, keys: IdentityKeys) -> Person:
    """The person with this identity number, whoever registered them first; else a new one.

    Someone who is on the roster must be given their account by identity number: two records of one human being
    would be two persons to every four-eyes rule.
    """
    act.require(Permission.ACCOUNTS_MANAGE)
    if identity is None:
        return _add_person(act, name)
    key = keys.key_of(identity.number)
    known = act.session.scalar(select(Person).where(Person.identity_key == key))
    if known is None:
        return _add_person(
            act,
            name,
            identity_key=key,
            identity_sealed=keys.seal(identity.number),
            sex=identity.sex,
            born_on=identity.born_on,
        )
    if known.name != name.strip():
        raise Refused("people.identity_other_name", field="name", name=known.name)
    return known


def _add_person(act: Act, name: str, **facts: object) -> Person:
    name = name.strip()
    if not name:
        raise Refused("people.name_missing", field="name")
    person = Person(name=name, **facts)
    act.session.add(person)
    act.record("person.added", person, name=name)
    return person


def create_first_administrator(act: Act, name: str, login: str, password: str, *, must_change: bool = False) -> Account:
    """The one account that nobody grants: only in an installation that has none yet."""
    if act.session.scalar(select(func.count()).select_from(Account)):
        raise Refused("people.already_set_up")
    person = _add_person(act, name)
    account = _open_account(act, person, login, password, must_change=must_change)
    grant = RoleGrant(person_id=person.id, role=Role.ADMIN, granted_at=act.now)
    act.session.add(grant)
    act.record("role.granted", grant, role=Role.ADMIN.value, person=person.id)
    return account


def grant_role(
    act: Act,
    person: Person,
    role: Role,
    *,
    congress_id: int | None = None,
    unit_id: int | None = None,
    organisation_id: int | None = None,
) -> RoleGrant:
    """Grants a role in a congress, in one unit or organisation of it, or (administrator) in the installation."""
    act.require(Permission.ACCOUNTS_MANAGE)
    if role is Role.ADMIN:
        congress_id = unit_id = organisation_id = None
    elif congress_id is None:
        raise Refused("people.role_needs_congress", field="congress")
    if role is Role.UNIT_CLERK and unit_id is None:
        raise Refused("people.role_needs_unit", field="unit")
    if role is Role.BRANCH_CLERK and organisation_id is None:
        raise Refused("people.role_needs_branch", field="organisation")
    if unit_id is not None and _congress_of(act, unit_id) != congress_id:
        raise Refused("people.unit_elsewhere", field="unit")
    if organisation_id is not None and not _is_branch(act, organisation_id):
        raise Refused("people.not_a_branch", field="organisation")
    # Two records of one human being would be two persons to every four-eyes rule.
    if role is not Role.ADMIN and person.identity_key is None:
        raise Refused("people.identity_needed", field="role", name=person.name)
    same = select(RoleGrant.id).where(
        RoleGrant.person_id == person.id,
        RoleGrant.role == role,
        RoleGrant.congress_id.is_not_distinct_from(congress_id),
        RoleGrant.unit_id.is_not_distinct_from(unit_id),
        RoleGrant.organisation_id.is_not_distinct_from(organisation_id),
    )
    if act.session.scalar(same) is not None:
        raise Refused("people.role_held", field="role", name=person.name)
    grant = RoleGrant(
        person_id=person.id,
        role=role,
        congress_id=congress_id,
        unit_id=unit_id,
        organisation_id=organisation_id,
        granted_at=act.now,
    )
    act.session.add(grant)
    act.record(
        "role.granted",
        grant,
        congress_id=congress_id,
        role=role.value,
        person=person.id,
        unit=unit_id,
        organisation=organisation_id,
    )
    return grant


def _is_branch(act: Act, organisation_id: int) -> bool:
    organisation = Base.metadata.tables["organisation"]
    kind = act.session.scalar(select(organisation.c.kind).where(organisation.c.id == organisation_id))
    return kind is not None and str(kind) == "branch"


def _congress_of(act: Act, unit_id: int) -> int | None:
    unit = Base.metadata.tables["unit"]
    return act.session.scalar(select(unit.c.congress_id).where(unit.c.id == unit_id))


def revoke_role(act: Act, grant_id: int) -> None:
    """Takes a role back. The last administrator who can sign in keeps it: nobody could give it again."""
    act.require(Permission.ACCOUNTS_MANAGE)
    grant = act.session.get(RoleGrant, grant_id)
    if grant is None:
        raise NotFound("people.no_such_grant")
    if grant.role is Role.ADMIN:
        # Two administrators who revoke each other at once meet here, one after the other.
        act.session.execute(select(RoleGrant.id).where(RoleGrant.role == Role.ADMIN).with_for_update())
        others = (
            select(RoleGrant.person_id)
            .join(Account, Account.person_id == RoleGrant.person_id)
            .where(RoleGrant.role == Role.ADMIN, RoleGrant.id != grant.id, Account.active.is_(True))
        )
        if act.session.scalar(others.limit(1)) is None:
            raise Refused("people.last_administrator")
    act.record("role.revoked", grant, congress_id=grant.congress_id, role=grant.role.value, person=grant.person_id)
    act.session.delete(grant)


def record_identity(act: Act, person: Person, identity: Identity, keys: IdentityKeys) -> None:
    """Adds the identity number of someone who was registered without one; never changes one that is there."""
    act.require(Permission.ACCOUNTS_MANAGE)
    if person.identity_key is not None:
        raise Refused("people.identity_there", field="identity", name=person.name)
    key = keys.key_of(identity.number)
    other = act.session.scalar(select(Person).where(Person.identity_key == key))
    if other is not None:
        raise Refused("people.identity_of_another", field="identity", name=other.name)
    person.identity_key, person.identity_sealed = key, keys.seal(identity.number)
    person.sex, person.born_on = identity.sex, identity.born_on
    act.record("identity.recorded", person)


def begin_sign_in(act: Act, account: Account) -> str:
    """A new sign-in of the account; the token that its browser keeps. Only the token's hash is stored.

    Signing in and out changes nothing of an election and is no event of the audit chain.
    """
    token = secrets.token_urlsafe(32)
    act.session.add(SignIn(token_hash=token_hash(token), account_id=account.id, began_at=act.now))
    return token


def end_sign_in(act: Act, token: str) -> None:
    """Ends this sign-in; whoever kept a copy of its cookie is signed out too."""
    row = act.session.get(SignIn, token_hash(token))
    if row is not None and row.ended_at is None:
        row.ended_at = act.now


def change_password(act: Act, old: str, new: str) -> Account:
    """A person changes the own password; every other sign-in of the account ends."""
    account = act.session.scalar(select(Account).where(Account.person_id == act.person_id))
    if account is None:
        raise Forbidden("people.person_needed")
    if not matches(account.password_hash, old):
        raise Refused("people.password_wrong", field="old")
    require_fit(new, account.login)
    if matches(account.password_hash, new):
        raise Refused("people.password_same", field="password")
    account.password_hash = hash_password(new)
    account.must_change_password = False
    account.sign_in_epoch += 1
    act.record("password.changed", account)
    return account


def reset_password(act: Act, account_id: int, password: str) -> Account:
    """The administrator hands out a new first password; every sign-in of the account ends."""
    act.require(Permission.ACCOUNTS_MANAGE)
    account = act.session.get(Account, account_id)
    if account is None:
        raise NotFound("people.no_such_account")
    account.password_hash = hash_password(password)
    account.must_change_password = True
    account.sign_in_epoch += 1
    act.record("password.reset", account)
    return account


def set_active(act: Act, account_id: int, active: bool) -> None:
    """Closes an account or opens it again; closing ends its sign-ins at once."""
    act.require(Permission.ACCOUNTS_MANAGE)
    account = act.session.get(Account, account_id)
    if account is None:
        raise NotFound("people.no_such_account")
    if account.person_id == act.actor.person_id and not active:
        raise Refused("people.not_oneself")
    account.active = active
    account.sign_in_epoch += 1
    act.record("account.opened_again" if active else "account.closed", account)


def declare_relatives(
    act: Act, person: Person, relative: Person, relation: str, *, congress_id: int | None = None
) -> Relative:
    """Two persons are close relatives: neither may be scrutineer where the other stands (地方条例 28).

    By the administrator, or of a congress's members by its office.
    """
    if congress_id is None:
        act.require(Permission.ACCOUNTS_MANAGE)
    else:
        act.require(Permission.ROSTER_EDIT, congress_id=congress_id)
    if person.id == relative.id:
        raise Refused("people.own_relative", field="relative")
    smaller, larger = sorted((person.id, relative.id))
    # Locked, so that of two who declare it at once the second finds it declared.
    act.session.execute(select(Person.id).where(Person.id.in_((smaller, larger))).order_by(Person.id).with_for_update())
    known = select(Relative.id).where(Relative.person_id == smaller, Relative.relative_id == larger)
    if act.session.scalar(known) is not None:
        raise Refused("people.relatives_known", field="relative")
    row = Relative(person_id=smaller, relative_id=larger, relation=relation)
    act.session.add(row)
    act.record("relatives.declared", row, congress_id=congress_id, persons=[smaller, larger])
    return row
