"""Speed of the pages: what each costs of the server's time, against the emptiest page, side by side in one process.

The emptiest page of a signed-in person (their account) is sign-in, roles, frame and little else. A page of ten costs ten of
these. Each page is measured as it is opened again, and as it is opened first after somebody's act, when nothing that was
remembered holds any more.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import update

from election.congress.models import Congress
from tests.support.demo import DEMO_KEYS, build_demo
from tests.webapp.conftest import EVENING, Site, open_site
from tests.webapp.test_pages import crawl
from webapp.application import load_pages

FRAME = "/account"
STAGE = "counting"
# The others open what these open.
PEOPLE = ("office", "unit", "branch", "teller1", "scrutineer", "admin")
TIMES = 5
NAMED = 5


def bench_demo() -> Mapping[str, float]:
    """Page ÷ the emptiest page over every kind of page a demo login reaches: the dearest by name, and the median."""
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'demo.db'}"
        build_demo(url, STAGE)
        site = open_site(url, DEMO_KEYS, EVENING)
        try:
            return _measured(site)
        finally:
            site.database.close()


def _measured(site: Site) -> dict[str, float]:
    load_pages(site.app)
    gc.collect()
    gc.freeze()
    frame, again, after = [], {}, {}
    for endpoint, client, path in _pages(site):
        frame.append(_seconds(client, FRAME))
        again[endpoint] = min(_seconds(client, path) for _ in range(TIMES))
        after[endpoint] = min(_seconds(client, path, lambda: _act(site)) for _ in range(TIMES - 2))
    gc.unfreeze()
    one = min(frame)
    dearest = sorted(again, key=lambda endpoint: max(again[endpoint], after[endpoint]), reverse=True)[:NAMED]
    return {
        "median": median(again.values()) / one,
        "median_after_an_act": median(after.values()) / one,
        **{endpoint: again[endpoint] / one for endpoint in dearest},
        **{f"{endpoint}_after_an_act": after[endpoint] / one for endpoint in dearest},
    }


def _pages(site: Site) -> Iterator[tuple[str, FlaskClient, str]]:
    """One address of every endpoint, with a person who may open it."""
    seen: set[str] = set()
    for login in PEOPLE:
        visitor = site.visitor(login)
        for path in crawl(site, visitor, "/home"):
            endpoint, _ = site.app.url_map.bind("localhost").match(path.partition("?")[0])
            answer = visitor.get(path)
            if endpoint not in seen and answer.status_code == 200 and answer.mimetype == "text/html":
                seen.add(endpoint)
                yield str(endpoint), visitor.client, path


def _seconds(client: FlaskClient, path: str, before: Callable[[], Any] = bool) -> float:
    before()
    started = time.process_time()  # the embedded database works in this process too
    client.get(path)
    return time.process_time() - started


def _act(site: Site) -> None:
    """What every recorded act does to what is remembered: the congress's revision rises."""
    with site.database.writing() as session:
        session.execute(update(Congress).values(revision=Congress.revision + 1))
