"""The server dies at a moment of its own choosing while tellers type: what it acknowledged is there, and no form is left in
a state that no act leads to.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from threading import Event

import pytest
from sqlalchemy import select

from election.count.entry import EntryState, Side
from election.count.models import CountForm
from election.count.operations_form import load_form
from election.people.permissions import Permission
from election.store.audit import verify
from election.store.database import Database
from tests.support.depth import DEEP
from tests.support.hall import Desk, Hall, Server, desks, installed_hall, kept_figures, serving
from webapp.settings import read_settings

TELLERS = 8
# How often the server dies, and after how many acknowledged saves at the latest.
KILLS, SAVES = 50 if DEEP else 5, 120


class Typist:
    """A teller who types one number after the other into every field, and remembers what was acknowledged."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.sent, self.acknowledged = desk, 0, 0

    def type_until(self, killed: Event) -> Iterator[None]:
        while not killed.is_set():
            self.sent += 1
            try:
                status = self.desk.save(dict.fromkeys(self.desk.paper.fields, str(self.sent)))
            except (OSError, http.client.HTTPException):
                return
            assert status == 200
            self.acknowledged = self.sent
            yield


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    with installed_hall(tmp_path, units=2, tellers=TELLERS) as made:
        yield made


def killed_while_typing(server: Server, typists: list[Typist], after: int) -> None:
    """Everybody types; the server is killed when it has acknowledged so many saves between them."""
    killed, enough = Event(), Event()
    acknowledged = sum(typist.acknowledged for typist in typists) + after

    def work(typist: Typist) -> None:
        for _ in typist.type_until(killed):
            if sum(each.acknowledged for each in typists) >= acknowledged:
                enough.set()
        typist.desk.leave()

    with ThreadPoolExecutor(len(typists)) as pool:
        typing = [pool.submit(work, typist) for typist in typists]
        came = enough.wait(60)
        server.kill()
        killed.set()
        for one in typing:
            one.result()
    assert came


def test_a_server_killed_at_random_loses_nothing_it_acknowledged(hall: Hall, tmp_path: Path) -> None:
    random, database = Random(5), hall.evening.county.database
    with serving(tmp_path) as server:
        typists = [Typist(desk) for desk in desks(hall, read_settings(tmp_path), server.address)]
        for _ in range(KILLS):
            killed_while_typing(server, typists, random.randint(1, SAVES))
            require_sound(hall, database, typists)
            server.ready()


def require_sound(hall: Hall, database: Database, typists: list[Typist]) -> None:
    """Every form holds one whole save, no older than the last acknowledged, and the machine can read it."""
    kept = kept_figures(database)
    for typist in typists:
        contents = kept[typist.desk.paper.form_id]
        figures = {
            *contents["attendance"].values(),
            *(
                value
                for section in contents["sections"].values()
                for value in (
                    *(section[name] for name in ("issued", "returned", "valid", "spoiled")),
                    *(mark for row in section["candidates"].values() for mark in row.values()),
                )
            ),
        }
        assert len(figures) == 1, "half of one save and half of another"
        (number,) = figures
        assert typist.acknowledged <= (number or 0) <= typist.sent
    assert len(kept) == len(typists)
    with database.reading() as session:
        assert verify(session) == []
        forms = session.execute(select(CountForm.id, CountForm.revision)).all()
    for form_id, revision in forms:
        with hall.evening.county.acting(
            next(t.desk.paper.desk for t in typists if t.desk.paper.form_id == form_id)
        ) as act:
            state = load_form(act, form_id, Permission.COUNT_ENTER, revision).state
        assert (state.state, state.active_side, state.second) == (EntryState.FIRST_IN_PROGRESS, Side.FIRST, None)
