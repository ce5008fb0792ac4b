"""An installation with its first administrator, once per kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import pytest

from election.congress.models import UnitKind
from election.congress.operations import add_unit, create_congress
from election.people.act import Act, acting
from election.people.actor import SYSTEM, Actor, Grant, Role
from election.people.identity import read_identity
from election.people.models import Account, Person
from election.people.operations import create_first_administrator, find_or_add_person, open_account
from election.people.queries import account_by_login, actor_of, person_by_id
from election.store.database import Database
from election.tables import create_all
from tests.support.county import BEGIN, KEYS, REFERENCE, identity_number
from tests.support.stores import Stores

PASSWORD = "a long password"


@dataclass
class Office:
    """One installation; `act()` is the administrator's."""

    database: Database
    admin: Actor
    persons: int = 0

    @contextmanager
    def act(self, actor: Actor | None = None) -> Iterator[Act]:
        with acting(self.database, actor or self.admin, lambda: BEGIN) as act:
            yield act

    def person(self, name: str = "丁一") -> Person:
        """Somebody new, with an identity number of their own."""
        self.persons += 1
        with self.act() as act:
            number = read_identity(identity_number(self.persons, born=date(1972, 2, 2)))
            return find_or_add_person(act, name, number, KEYS)

    def account(self, login: str, name: str = "丁一", *, must_change: bool = True) -> Account:
        person = self.person(name)
        with self.act() as act:
            return open_account(act, person, login, PASSWORD, must_change=must_change)

    def actor(self, person_id: int) -> Actor:
        with self.database.reading() as session:
            return actor_of(session, person_by_id(session, person_id))

    def congress(self, code: str) -> tuple[int, int]:
        """A congress and its one unit."""
        with self.act() as act:
            made = create_congress(act, code=code, name=code, county="", total_seats=9, reference_date=REFERENCE)
        clerk = Actor(None, "office", (Grant(Role.OFFICE, made.id),))
        with self.act(clerk) as act:
            unit = add_unit(act, made.id, code="u1", name="第1镇", kind=UnitKind.TOWNSHIP)
        return made.id, unit.id


def with_administrator(url: str) -> None:
    database = Database(url)
    create_all(database)
    with acting(database, SYSTEM, lambda: BEGIN) as act:
        create_first_administrator(act, "系统管理员", "admin", PASSWORD)
    database.close()


@pytest.fixture
def office(stores: Stores) -> Iterator[Office]:
    database = Database(stores.copy_of("with administrator", with_administrator))
    with database.reading() as session:
        account = account_by_login(session, "admin")
        assert account is not None
        admin = actor_of(session, account.person)
    yield Office(database, admin)
    database.close()
