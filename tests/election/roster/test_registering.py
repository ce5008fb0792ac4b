"""One member registered by hand: the same checks as a row of the workbook, and on the record without the number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from election.errors import Forbidden, Refused
from election.people.identity import read_identity
from election.people.operations import find_or_add_person
from election.roster.models import Departure, Standing
from election.roster.operations_departure import remove_member
from election.roster.operations_registering import Newcomer, register_member
from election.roster.queries import member_line, member_token
from election.roster.queries_units import unit_roster
from election.store.models import AuditEvent
from tests.support.county import KEYS, ROOT, County, county_from, identity_number, registered
from tests.support.stores import Stores

SOMEONE = Newcomer("邓 新", identity_number(400), "汉", "本科", Standing.FULL, date(2015, 7, 1), "farmer", "村医")


@pytest.fixture
def county(stores: Stores) -> Iterator[County]:
    made = county_from(stores, "registered", registered)
    yield made
    made.database.close()


def register(county: County, newcomer: Newcomer = SOMEONE, who: str = "office") -> int:
    with county.acting(who) as act:
        return register_member(act, county.congress_id, county.branches["u1-b1"], newcomer, KEYS).id


def test_a_forgotten_member_is_registered_and_the_unit_has_to_verify_once_more(county: County) -> None:
    with pytest.raises(Forbidden):
        register(county, who="u1")
    member = register(county)
    with county.reading() as session:
        line = member_line(session, county.congress_id, member)
        assert (line.name, line.ethnicity, line.education, line.post) == ("邓新", "汉族", "大学本科", "村医")
        assert line.right.votes and line.born_on == read_identity(SOMEONE.identity).born_on
        assert unit_roster(session, county.units["u1"]).stale
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "member.registered")).one()
        assert event.subject == f"member:{member}" and SOMEONE.identity not in str(event.details)


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"name": " "}, "name", "roster.cell_empty"),
        ({"identity": identity_number(0, woman=True)}, "identity", "roster.registered_already"),
        ({"identity": identity_number(400, born=date(2025, 1, 1)), "joined_on": None}, "identity", "roster.too_young"),
        ({"joined_on": date(2099, 1, 1)}, "joined_on", "roster.joined_to_come"),
        ({"ethnicity": "火星族"}, "ethnicity", "roster.ethnicity_unknown"),
        ({"category": "nobody"}, "category", "roster.category_unknown"),
    ],
)
def test_what_a_row_would_not_say_is_refused_at_its_field(
    county: County, change: dict[str, Any], field: str, code: str
) -> None:
    with pytest.raises(Refused) as refusal:
        register(county, replace(SOMEONE, **change))
    assert (refusal.value.field, refusal.value.code) == (field, code)


def test_who_is_known_is_not_renamed_and_who_left_comes_back_by_an_act_of_its_own(county: County) -> None:
    with county.acting(ROOT) as act:
        find_or_add_person(act, "邓旧", read_identity(SOMEONE.identity), KEYS)
    with pytest.raises(Refused, match="identity_other_name"):
        register(county)
    member = register(county, replace(SOMEONE, name="邓旧"))
    with county.reading() as session:
        seen = member_token(member_line(session, county.congress_id, member))
    with county.acting("office") as act:
        remove_member(act, county.congress_id, member, Departure.DIED, act.today, "", seen=seen)
    with pytest.raises(Refused, match="registered_departed"):
        register(county, replace(SOMEONE, name="邓旧"))
