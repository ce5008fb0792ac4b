"""Seats of the previous congress: set all at once, in any phase, by the office alone; recorded when something changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from sqlalchemy import select

from election.congress.lifecycle import Phase
from election.congress.models import Congress, PreviousSeats, UnitKind
from election.congress.operations import MOST_SEATS, add_unit, remove_unit
from election.congress.operations_previous import previous_token, set_previous_seats
from election.congress.queries import congress_by_id
from election.errors import Forbidden, Invalid, NotFound, Refused, Stale
from election.people.actor import Role
from election.store.audit import congress_chain, latest, verify
from election.texts import sentence
from tests.support.county import County, begin, county_from
from tests.support.stores import Stores


@pytest.fixture
def county(stores: Stores) -> Iterator[County]:
    made = county_from(stores, "three units", lambda database: begin(database, units=3))
    yield made
    made.database.close()


def put(county: County, seats: Mapping[str, int | None], who: str = "office", **more: str) -> object:
    with county.acting(who) as act:
        return set_previous_seats(act, county.congress_id, seats, **more)


def kept(county: County) -> dict[str, int | None]:
    with county.reading() as session:
        units = congress_by_id(session, county.congress_id).units
        return {unit.code: unit.previous.seats if unit.previous else None for unit in units}


def acts(county: County) -> list[str]:
    with county.reading() as session:
        return [event.action for event in latest(session, congress_chain(county.congress_id), before=None)]


def token(county: County) -> str:
    with county.reading() as session:
        return previous_token(congress_by_id(session, county.congress_id).units)


def test_all_units_are_set_in_one_recorded_act_that_says_what_changed(county: County) -> None:
    assert put(county, {"u1": 5, "u2": 0, "u3": None}) == {"u1": (None, 5), "u2": (None, 0)}
    assert kept(county) == {"u1": 5, "u2": 0, "u3": None}
    assert put(county, {"u1": None, "u2": 3}) == {"u1": (5, None), "u2": (0, 3)}
    assert kept(county) == {"u1": None, "u2": 3, "u3": None}
    with county.reading() as session:
        newest = latest(session, congress_chain(county.congress_id), before=None)[0]
        assert (newest.action, newest.details) == ("previous.set", {"units": {"u1": [5, None], "u2": [0, 3]}})
        assert session.scalars(select(PreviousSeats.seats)).all() == [3]
        assert verify(session) == []
    assert sentence("act.previous.set").zh


def test_the_same_numbers_again_change_and_record_nothing(county: County) -> None:
    put(county, {"u1": 5})
    before = acts(county)
    assert put(county, {"u1": 5, "u2": None}) == {}
    assert acts(county) == before


def test_every_wrong_number_is_named_at_its_unit_and_nothing_is_kept(county: County) -> None:
    with pytest.raises(Invalid) as caught:
        put(county, {"u1": -1, "u2": 4, "u3": MOST_SEATS + 1})
    assert [(each.code, each.field) for each in caught.value.refusals] == [
        ("congress.previous_wrong", "u1"),
        ("congress.previous_wrong", "u3"),
    ]
    assert "第1镇" in sentence(caught.value.refusals[0].code, caught.value.refusals[0].params).zh
    assert kept(county) == {"u1": None, "u2": None, "u3": None}


def test_a_unit_that_is_none_is_not_found(county: County) -> None:
    with pytest.raises(NotFound):
        put(county, {"u9": 1})


def test_numbers_that_somebody_else_changed_meanwhile_are_not_overwritten(county: County) -> None:
    seen = token(county)
    put(county, {"u1": 5})
    with pytest.raises(Stale):
        put(county, {"u1": 6}, seen=seen)
    assert kept(county)["u1"] == 5
    put(county, {"u1": 6}, seen=token(county))
    assert kept(county)["u1"] == 6


def test_only_the_office_sets_them(county: County) -> None:
    county.sit("observer", Role.OBSERVER)
    for who in ("approver", "u1", "observer"):
        with pytest.raises(Forbidden):
            put(county, {"u1": 1}, who)


def test_they_may_be_entered_in_any_phase(county: County) -> None:
    for phase in Phase:
        with county.database.writing() as session:
            session.get_one(Congress, county.congress_id).phase = phase
        put(county, {"u1": list(Phase).index(phase)})
    assert kept(county)["u1"] == len(Phase) - 1


def test_a_unit_that_is_removed_takes_its_number_along(county: County) -> None:
    with county.acting("office") as act:
        mistaken = add_unit(act, county.congress_id, code="u4", name="第4镇", kind=UnitKind.TOWNSHIP).id
    put(county, {"u1": 5, "u4": 2})
    with county.acting("office") as act:
        remove_unit(act, mistaken)
    assert kept(county) == {"u1": 5, "u2": None, "u3": None}
    with county.reading() as session:
        assert session.scalars(select(PreviousSeats.seats)).all() == [5]


def test_the_database_itself_refuses_a_negative_number(county: County) -> None:
    put(county, {"u1": 5})
    with pytest.raises(Exception, match="seats_not_negative"), county.database.writing() as session:
        session.scalars(select(PreviousSeats)).one().seats = -1


def test_an_unknown_congress_is_refused(county: County) -> None:
    with pytest.raises(Refused), county.acting("office") as act:
        set_previous_seats(act, 999, {})
