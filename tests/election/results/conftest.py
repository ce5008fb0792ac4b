"""Evenings with one unit counted, or both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from election.people.actor import Role
from election.people.models import RoleGrant
from election.people.queries import actor_of, person_by_id
from election.store.database import Database
from tests.support.evening import Evening, balloted, evening_from, nominated
from tests.support.stores import Stores

# 28 present of 30 expected: 16 votes are needed. u1 is decided; u2 ends in a tie and a shortfall.
U1 = {"农民": [25, 20, 10], "其他基层": [20, 8]}
U2 = {"农民": [22, 16, 16], "其他基层": [12, 9]}


def half_counted(database: Database) -> Evening:
    made = nominated(database)
    made.county.sit("office2", Role.OFFICE)
    # The approver may do all that the office may: what stops them is who they are.
    with database.writing() as session:
        approver = person_by_id(session, made.county.people["approver"].person_id or 0)
        session.add(
            RoleGrant(
                person_id=approver.id,
                role=Role.OFFICE,
                congress_id=made.county.congress_id,
                granted_at=made.county.now,
            )
        )
        session.flush()
        made.county.people["approver"] = actor_of(session, approver)
    balloted(made, "u1")
    balloted(made, "u2")
    made.count("u1", U1)
    return made


def counted(database: Database) -> Evening:
    made = half_counted(database)
    made.count("u2", U2)
    return made


def _copy(stores: Stores, name: str, make) -> Evening:
    made = evening_from(stores, name, make)
    return replace(made, county=replace(made.county, units=dict(made.county.units)))


@pytest.fixture
def half(stores: Stores) -> Iterator[Evening]:
    """The first unit is counted and confirmed, the second is not."""
    made = _copy(stores, "half counted", half_counted)
    yield made
    made.county.database.close()


@pytest.fixture
def evening(stores: Stores) -> Iterator[Evening]:
    """Both units are counted and confirmed."""
    made = _copy(stores, "counted", counted)
    yield made
    made.county.database.close()
