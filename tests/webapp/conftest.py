"""The site for tests: the application on a database of its own, and visitors with their browsers' cookies."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from election.demo import PASSWORD
from election.people.act import CHINA, acting
from election.people.actor import SYSTEM
from election.people.identity import IdentityKeys
from election.people.models import Account
from election.people.operations import begin_sign_in, create_first_administrator
from election.people.queries import account_by_login
from election.store.database import Database
from election.store.installation import begin_installation
from election.tables import create_all
from tests.support.county import KEYS, ROOT, County, county_from
from tests.support.demo import DEMO_KEYS, demo_of, shared_folder
from tests.support.sites import site_on
from tests.support.stores import Stores
from webapp.application import limiter
from webapp.requests import EPOCH
from webapp.requests import TOKEN as SIGN_IN
from webapp.settings import Keys

MONDAY = datetime(2031, 3, 3, 9, 0, tzinfo=CHINA)
EVENING = datetime(2026, 10, 28, 20, 0, tzinfo=CHINA)
TOKEN = re.compile(r'<meta name="csrf-token" content="([^"]+)">')
ADMIN_PASSWORD = "the password of the tests"
CODE = "demo-14"


@dataclass
class Visitor:
    """A person at a browser. `post` sends the form's token along, as their page would."""

    site: Site
    client: FlaskClient
    token: str = ""

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, **options)

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        if not self.token:
            found = TOKEN.search(self.get("/sign-in").text)
            assert found is not None
            self.token = found[1]
        return self.client.post(path, data={"csrf_token": self.token, **(data or {})}, **options)

    def sign_in(self, login: str, password: str = PASSWORD, *, to: str = "/sign-in") -> TestResponse:
        """Through the page, as a person does."""
        self.token = ""
        response = self.post(to, {"login": login, "password": password})
        self.token = ""
        return response

    def signed_in(self, login: str) -> Visitor:
        """Without the page and its slow comparison of passwords."""
        with self.site.database.reading() as session:
            account = account_by_login(session, login)
        assert account is not None, login
        with acting(self.site.database, SYSTEM, lambda: self.site.clock["now"]) as act:
            token = begin_sign_in(act, account)
        with self.client.session_transaction() as cookie:
            cookie.clear()
            cookie[SIGN_IN], cookie[EPOCH] = token, account.sign_in_epoch
        self.token = ""
        return self


@dataclass
class Site:
    """One installation's site. `now` may be moved; `statements` are those sent to the database since `listen`."""

    database: Database
    app: Flask
    clock: dict[str, datetime]
    statements: list[str] = field(default_factory=list)

    def visitor(self, login: str | None = None) -> Visitor:
        made = Visitor(self, self.app.test_client())
        return made if login is None else made.signed_in(login)

    def at(self, moment: datetime) -> None:
        self.clock["now"] = moment

    def listen(self) -> list[str]:
        """Every statement from now on, but for the database's own bookkeeping."""
        event.listen(self.database.engine, "before_cursor_execute", self._note)
        return self.statements

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN", "SET TRANSACTION", "SAVEPOINT", "RELEASE")):
            self.statements.append(statement)


def open_site(url: str, keys: IdentityKeys, now: datetime) -> Site:
    limiter.enabled = True
    clock = {"now": now}
    database = Database(url)
    app = site_on(database, Keys(session=b"a key for the tests of the site", identity=keys), lambda: clock["now"])
    limiter.reset()
    return Site(database, app, clock)


def empty_system(url: str) -> None:
    """What `init` leaves: a real installation with its first administrator and nothing else."""
    database = Database(url)
    create_all(database)
    with acting(database, SYSTEM, lambda: MONDAY) as act:
        begin_installation(act.session, demo=False, now=act.now)
        create_first_administrator(act, "系统管理员", "admin", ADMIN_PASSWORD)
    database.close()


def enter_ballot(desk: Visitor, address: str, typed: dict[str, str], **options: Any) -> TestResponse:
    """Sends a branch ballot as its page would: with whose row each is."""
    shown = re.findall(r'name="applicant" value="(\d+)"', desk.get(address).text)
    return desk.post(address, {**typed, "applicant": shown}, **options)


@pytest.fixture
def site(sqlite_stores: Stores) -> Iterator[Site]:
    """An empty system; `admin` may sign in. Operations are tested on both kinds of database, pages on one."""
    made = open_site(sqlite_stores.copy_of("empty system", empty_system), KEYS, MONDAY)
    yield made
    made.database.close()


@pytest.fixture
def demo(sqlite_stores: Stores, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Site]]:
    """`demo("counting")`: the site of a demo county at that stage."""
    made: list[Site] = []

    def at(stage: str) -> Site:
        url = demo_of(sqlite_stores, stage, shared_folder(tmp_path_factory))
        made.append(open_site(url, DEMO_KEYS, EVENING))
        return made[-1]

    yield at
    for one in made:
        one.database.close()


@dataclass
class CountySite:
    """The site of a small county. `at("office")` is who sits at that desk; the clock is the county's."""

    site: Site
    county: County

    def at(self, desk: str) -> Visitor:
        """The person at this desk, signed in; they have an account from the first time on."""
        self.site.at(self.county.now)
        person_id = self.county.people[desk].person_id
        with self.county.acting(ROOT) as act:
            if act.session.scalar(select(Account.id).where(Account.person_id == person_id)) is None:
                act.session.add(
                    Account(
                        person_id=person_id or 0,
                        login=desk,
                        password_hash="-",
                        must_change_password=False,
                        created_at=act.now,
                    )
                )
        return self.site.visitor(desk)

    def page(self, path: str) -> str:
        return f"/c/xian-14{path}"

    def cookie(self, desk: str, address: str) -> Any:
        """The sign-in of who sits there, for a browser that looks at `address`."""
        kept = self.at(desk).client.get_cookie("xiheng")
        assert kept is not None
        return {"name": "xiheng", "value": kept.value, "url": address}


MakeSite = Callable[[str, Callable[[Database], County]], CountySite]


@pytest.fixture
def county_site(sqlite_stores: Stores) -> Iterator[MakeSite]:
    """`county_site("divided", divided)`: the site of the county that this function builds, built once per worker."""
    made: list[CountySite] = []

    def at(name: str, build: Callable[[Database], County]) -> CountySite:
        county = county_from(sqlite_stores, name, build)
        site = open_site(county.database.url, KEYS, county.now)
        county.database.close()
        county.database = site.database
        made.append(CountySite(site, county))
        return made[-1]

    yield at
    for one in made:
        one.site.database.close()
