"""Many tellers at once on the embedded database: every acknowledged draft is there, nobody is told it is locked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from election.count.models import CountForm, FormEntry
from election.count.operations import claim, save_draft
from election.count.operations_form import load_form
from election.meeting.models import CountingGroup, Office, Venue, VenueBallots
from election.meeting.operations_officers import appoint_officer
from election.people.act import acting
from election.people.actor import Role
from election.people.permissions import Permission
from tests.election.count.conftest import make_counting
from tests.support.evening import Evening, evening_from
from tests.support.stores import Stores

THREADS, SAVES = 8, 25


def with_many_groups(database: Any) -> Evening:
    """Eight counting groups of one venue, each with a teller of its own who has claimed its form."""
    evening = make_counting(database)
    with evening.county.acting("office") as act:
        venue = act.session.scalars(select(Venue)).one()
        for number in range(2, THREADS + 1):
            act.session.add(CountingGroup(venue_id=venue.id, number=number, form_number=f"01-1-{number}"))
    for number in range(1, THREADS + 1):
        evening.county.sit(f"group-{number}", Role.TELLER)
        with evening.county.acting("u1") as act:
            teller = evening.county.people[f"group-{number}"].person_id or 0
            appoint_officer(act, evening.meetings["u1"], teller, Office.TELLER)
        with evening.county.acting(f"group-{number}") as act:
            claim(act, evening.county.congress_id, f"01-1-{number}")
    return evening


def test_eight_tellers_lose_nothing_and_are_never_told_that_the_database_is_locked(sqlite_stores: Stores) -> None:
    evening = evening_from(sqlite_stores, "many-groups", with_many_groups)
    county = evening.county
    with county.reading() as session:
        forms = dict(session.execute(select(CountForm.number, CountForm.id)).all())
        revision = session.scalars(select(CountForm.revision).limit(1)).one()

    def type_in(number: int) -> int:
        """Saves one draft after the other; the last acknowledged figure."""
        actor, last = county.people[f"group-{number}"], -1
        for value in range(SAVES):
            with acting(county.database, actor, lambda: datetime.now(UTC)) as act:
                contents = {"attendance": {"expected": value, "present": number}, "sections": {}}
                save_draft(act, forms[f"01-1-{number}"], contents, revision)
            last = value
        return last

    with ThreadPoolExecutor(THREADS) as pool:
        acknowledged = list(pool.map(type_in, range(1, THREADS + 1)))
    with county.reading() as session:
        rows = session.execute(
            select(CountForm.number, FormEntry.contents).join(FormEntry, FormEntry.form_id == CountForm.id)
        ).all()
        kept = {number: contents for number, contents in rows}
    assert acknowledged == [SAVES - 1] * THREADS
    assert {number: contents["attendance"] for number, contents in kept.items()} == {
        f"01-1-{number}": {"expected": SAVES - 1, "present": number} for number in range(1, THREADS + 1)
    }
    county.database.close()


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
