"""Evenings with one unit counted, or both, and what follows agreed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from election.contests.models import Round
from election.count.operations_follow_up import agree, propose_round
from election.meeting.models_evening import FollowUpKind
from election.meeting.operations import close_meeting
from election.people.actor import Role
from election.people.models import RoleGrant
from election.people.queries import actor_of, person_by_id
from election.store.database import Database
from tests.support.evening import SCRUTINEERS, Evening, balloted, evening_from, nominated
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


def all_counted(database: Database) -> Evening:
    made = half_counted(database)
    made.count("u2", U2)
    return made


def counted(database: Database) -> Evening:
    made = all_counted(database)
    put_off(made)
    return made


def put_off(made: Evening) -> None:
    """The second unit goes home: its tie and its shortfall are voted on in a later meeting, as chair and scrutineer agree."""
    county = made.county
    with county.acting("u2") as act:
        close_meeting(act, made.meetings["u2"])
    for category, kind in (("farmer", FollowUpKind.TIE_BALLOT), ("other", FollowUpKind.SUPPLEMENTARY)):
        with county.acting("u2") as act:
            contest = act.session.get_one(Round, made.round_of("u2", category)).contest_id
            proposed = propose_round(act, contest, kind).id
        with county.acting(SCRUTINEERS[0]) as act:
            agree(act, proposed)


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
    """Both units are counted and confirmed; what follows is agreed, and waits for a later meeting."""
    made = _copy(stores, "counted", counted)
    yield made
    made.county.database.close()


@pytest.fixture
def unsettled(stores: Stores) -> Iterator[Evening]:
    """Both units are counted and confirmed; nobody has said yet what follows."""
    made = _copy(stores, "all counted", all_counted)
    yield made
    made.county.database.close()
