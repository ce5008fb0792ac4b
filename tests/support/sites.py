"""Applications for tests, each on a database of its own. What is alike in all of them is made once: reading in every address
and translating the templates takes longer than most tests.
"""

from __future__ import annotations

from copy import copy
from functools import cache
from pathlib import Path

from flask import Flask

from election.people.act import Clock
from election.store.database import Database
from tests.support.county import KEYS
from webapp import logs
from webapp.application import create_app, furnish
from webapp.settings import Keys, Settings

NOWHERE = Path("nowhere")


@cache
def _pattern(session: bytes, csrf: bool) -> Flask:
    settings = Settings(NOWHERE, f"sqlite:///{NOWHERE / 'never opened.db'}")
    made = create_app(settings, keys=Keys(session=session, identity=KEYS))
    made.config["WTF_CSRF_ENABLED"] = csrf
    return made


def site_on(database: Database, keys: Keys, clock: Clock, *, csrf: bool = True) -> Flask:
    """The application on this database. It shares addresses, views, templates and configuration with all others: a test
    that changes those makes one of its own by `create_app`.
    """
    pattern = _pattern(keys.session, csrf)
    made = copy(pattern)
    made.extensions = dict(pattern.extensions)
    furnish(made, Settings(NOWHERE, database.url), database=database, keys=keys, clock=clock)
    logs.configure()  # to where this test's errors go
    return made
