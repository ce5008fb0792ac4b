"""The site on an evening's database, with a client for each desk, signed in without a password."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page
from sqlalchemy import select

from election.people.models import Account
from election.people.operations import begin_sign_in
from election.store.database import Database
from tests.support.browser import DESK, Visitor
from tests.support.county import KEYS, ROOT
from tests.support.evening import Evening, evening_from
from tests.support.serving import served
from tests.support.sites import site_on
from tests.support.stores import Stores
from webapp.requests import EPOCH, TOKEN
from webapp.settings import Keys

COOKIE = "xiheng"


@dataclass(slots=True)
class Desks:
    """`evening` and the application on its database. `address` while it is served to a browser."""

    evening: Evening
    app: Flask
    address: str = ""

    def client(self, desk: str) -> FlaskClient:
        """A client in which the person at this desk has signed in."""
        client = self.app.test_client()
        account_id = self._account(desk)
        with self.evening.county.acting(ROOT) as act:
            token = begin_sign_in(act, act.session.get_one(Account, account_id))
        with client.session_transaction() as session:
            session[TOKEN], session[EPOCH] = token, 0
        return client

    def _account(self, desk: str) -> int:
        person_id = self.evening.county.people[desk].person_id
        with self.evening.county.acting(ROOT) as act:
            found = act.session.scalar(select(Account.id).where(Account.person_id == person_id))
            if found is not None:
                return found
            account = Account(
                person_id=person_id or 0, login=desk, password_hash="-", must_change_password=False, created_at=act.now
            )
            act.session.add(account)
            act.session.flush()
            return account.id

    @contextmanager
    def open_to_browsers(self) -> Iterator[str]:
        with served(self.app) as address:
            self.address = address
            yield address

    def page(
        self,
        visitors: Callable[..., Visitor],
        desk: str,
        path: str,
        size: tuple[int, int] = DESK,
        **options: object,
    ) -> Page:
        """A page of the served site, opened by the person at this desk. `options`: of the browser, such as what it kept."""
        visitor = visitors(size, **options)
        cookie = self.client(desk).get_cookie(COOKIE)
        assert cookie is not None
        visitor.context.add_cookies([{"name": COOKIE, "value": cookie.value, "url": self.address}])
        page = visitor.page()
        page.goto(self.address + path)
        return page


def desks_from(stores: Stores, name: str, make: Callable[[Database], Evening], *, csrf: bool = False) -> Desks:
    """The site on a fresh copy of the evening that `make` makes."""
    evening = evening_from(stores, name, make)
    database = evening.county.database
    keys = Keys(session=b"a key for the tests of the pages", identity=KEYS)
    return Desks(evening, site_on(database, keys, lambda: evening.county.now, csrf=csrf))
