"""Spoiled ballots that nobody ruled on by kind are told before the confirmation, and stand in the report as such."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from election.congress.models import Congress, Unit
from election.count.queries_report import report_paper
from election.meeting.models_evening import SpoiledKind
from election.meeting.operations_ballots import record_spoiled
from tests.election.count.conftest import make_counting
from tests.support.desks import Desks, desks_from
from tests.support.evening import SCRUTINEERS, TELLERS
from tests.support.paper import pages_of
from tests.support.stores import Stores

FORM, BALLOTS = "/c/xian-14/scrutiny/forms/01-1-1", "/c/xian-14/scrutiny/u1/ballots?number=1"
UNRULED = "有无效票，还没有按种类认定"
VOTES = {"农民": [24, 18, 10], "其他基层": [20, 6]}


@pytest.fixture
def desks(sqlite_stores: Stores) -> Iterator[Desks]:
    made = desks_from(sqlite_stores, "counting", make_counting)
    yield made
    made.evening.county.database.close()


def enter(desks: Desks, spoiled: int) -> None:
    for who in TELLERS[:2]:
        desks.evening.enter(who, "u1", desks.evening.contents("u1", VOTES, spoiled=spoiled))


def rule(desks: Desks, category: str) -> None:
    with desks.evening.county.acting(SCRUTINEERS[0]) as act:
        meeting, held = desks.evening.meetings["u1"], desks.evening.round_of("u1", category)
        record_spoiled(act, meeting, held, {SpoiledKind.TORN: 2})


def report(desks: Desks) -> str:
    with desks.evening.county.reading() as session:
        congress, unit = session.scalars(select(Congress)).one(), session.scalars(select(Unit)).first()
        assert unit is not None
        paper = report_paper(session, congress, unit, desks.evening.meetings["u1"], demo=False)
    return "".join(pages_of(paper.content))


def test_who_confirms_is_told_of_which_contests_the_kinds_are_missing_and_where_they_are_recorded(desks: Desks) -> None:
    enter(desks, spoiled=2)
    client = desks.client(SCRUTINEERS[0])
    page = client.get(FORM).text
    assert f"农民·差额、其他基层·差额{UNRULED}" in page and f'href="{BALLOTS}"' in page
    assert page.index(UNRULED) < page.index("核对无误，确认")
    rule(desks, "farmer")
    assert f"<p>其他基层·差额{UNRULED}" in client.get(FORM).text
    rule(desks, "other")
    assert UNRULED not in client.get(FORM).text


def test_nothing_is_missing_where_no_ballot_is_spoiled(desks: Desks) -> None:
    enter(desks, spoiled=0)
    assert UNRULED not in desks.client(SCRUTINEERS[0]).get(FORM).text


def test_the_report_tells_ruled_from_unruled(desks: Desks) -> None:
    rule(desks, "farmer")
    enter(desks, spoiled=2)
    data = {"revision": str(desks.evening.form("u1").revision)}
    assert "已确认" in desks.client(SCRUTINEERS[0]).post(f"{FORM}/confirm", data=data, follow_redirects=True).text
    page = report(desks)
    assert "无效票：残缺、损毁2张。" in page and page.count("无效票：监票人没有按种类认定的2张。") == 1
