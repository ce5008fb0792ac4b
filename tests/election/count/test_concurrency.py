"""Many tellers at once on the embedded database: every acknowledged draft is there, nobody is told it is locked."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from election.count.form import counts, from_json
from election.count.models import CountForm, FormEntry
from election.count.operations import claim
from election.count.operations_form import load_form
from election.meeting.models import VenueBallots
from election.people.act import acting
from election.people.permissions import Permission
from tests.election.count.conftest import make_counting
from tests.support.evening import evening_from
from tests.support.hall import Desk, Hall, desks, installed_hall, kept_figures, serving
from tests.support.stores import Stores
from webapp.settings import read_settings

# Fields that each of the eighty fills in.
FIELDS = 6


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    with installed_hall(tmp_path) as made:
        yield made


def test_eighty_tellers_of_all_units_at_once_lose_nothing_and_double_nothing(hall: Hall, tmp_path: Path) -> None:
    """Through the served site: every save is acknowledged, whoever else saves, and every form holds its own teller's."""
    assert len(hall.papers) == 80 and len(hall.evening.meetings) == 37

    def type_in(teller: Desk) -> list[int]:
        names, own = list(teller.paper.fields), str(teller.paper.form_id)
        return [
            teller.save(teller.paper.fields | dict.fromkeys(names[: turn + 1], own))
            for turn in range(len(names) - FIELDS, len(names))
        ]

    with serving(tmp_path) as server, ThreadPoolExecutor(len(hall.papers)) as pool:
        tellers = desks(hall, read_settings(tmp_path), server.address)
        answers = list(pool.map(type_in, tellers))
        for teller in tellers:
            teller.leave()
    assert answers == [[200] * FIELDS] * len(tellers)
    with hall.evening.county.reading() as session:
        assert session.scalar(select(func.count()).select_from(FormEntry)) == len(tellers)
        assert set(session.scalars(select(CountForm.revision))) == {1}
    kept = kept_figures(hall.evening.county.database)
    for teller in tellers:
        typed = from_json(kept[teller.paper.form_id])
        assert {value for _, value in counts(typed)} == {teller.paper.form_id}, teller.paper.number


def test_two_tellers_who_claim_at_once_get_one_form(sqlite_stores: Stores) -> None:
    evening = evening_from(sqlite_stores, "counting", make_counting)
    county = evening.county

    def take(who: str) -> str:
        try:
            with acting(county.database, county.people[who], lambda: datetime.now(UTC)) as act:
                claim(act, county.congress_id, "01-1-1")
        except Exception as refused:
            return str(refused)
        return "claimed"

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(take, ("teller-1", "teller-2", "teller-3", "teller-4")))
    assert sorted(answers) == ["claimed", "entry.taken", "entry.taken", "entry.taken"]
    with county.acting("teller-1") as act:
        assert len(load_form(act, evening.form_id("u1"), Permission.COUNT_ENTER).entries) == 1
    county.database.close()


def test_ballot_records_are_one_a_venue_and_round(sqlite_stores: Stores) -> None:
    evening = evening_from(sqlite_stores, "counting", make_counting)
    with evening.county.reading() as session:
        assert len(session.scalars(select(VenueBallots.id)).all()) == 2
    evening.county.database.close()
