"""A tie decided by lot on the screen of the hall: proposed by the chair, the word typed by a scrutineer, to be drawn again by anybody."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from election.count.queries_report import report_paper
from tests.election.count.conftest import make_counting
from tests.election.count.test_by_lot import by_the_lot
from tests.election.count.test_follow_up import contest_id
from tests.election.count.test_papers import of, text_of
from tests.support.desks import Desks, desks_from
from tests.support.evening import SCRUTINEERS, TELLERS
from tests.support.stores import Stores

MEETING = "/c/xian-14/units/u1/meeting"
FOLLOWING = "/c/xian-14/scrutiny/u1/follow-ups"
LOT = f"{MEETING}/lots/1"
CHIEF, OTHER = SCRUTINEERS
WORD = {"seed": "3 1 4", "witness": "群众代表甲"}


@pytest.fixture
def desks(sqlite_stores: Stores) -> Iterator[Desks]:
    made = desks_from(sqlite_stores, "counting", make_counting)
    by_the_lot(made.evening)
    yield made
    made.evening.county.database.close()


def test_the_hall_sees_the_hash_first_then_the_word_then_the_order_and_the_report_says_so(desks: Desks) -> None:
    chair, scrutineer = desks.client("u1"), desks.client(CHIEF)
    assert "按规则抽签决定" in chair.get(MEETING).text
    page = chair.post(f"{MEETING}/contests/{contest_id(desks.evening)}/next", follow_redirects=True).text
    assert "等会场报数抽签" in page and LOT in page
    # The chair shows it; only a scrutineer has the field for the word, reached from the own desk.
    waiting = chair.get(LOT).text
    assert "校验码" in waiting and 'name="seed"' not in waiting and "等监票人输入会场报的数" in waiting
    assert LOT in scrutineer.get(FOLLOWING).text and "打开抽签页面" in scrutineer.get(FOLLOWING).text
    assert 'name="seed"' in scrutineer.get(LOT).text
    silent = scrutineer.post(LOT, data={"seed": "", "witness": ""})
    assert (
        silent.status_code == 422 and "请填写在会场当众报出的数。" in silent.text and "请填写报数的人。" in silent.text
    )
    assert scrutineer.get(f"{LOT}.json").status_code == 404
    drawn = scrutineer.post(LOT, data=WORD, follow_redirects=True).text
    assert "已抽定。" in drawn and "群众代表甲" in drawn and "data-lot" in drawn
    told = scrutineer.get(f"{LOT}.json")
    content = json.loads(told.data)
    half = re.search(r'class="lot-half">([0-9a-f]{64})<', drawn)
    assert half is not None and half[1] == content["half"] and content["half"] not in waiting
    first, last = (one["name"] for one in content["order"])
    assert re.search(rf"{first}.*?当选.*?{last}.*?未当选", drawn, re.S)
    assert scrutineer.post(LOT, data=WORD).status_code == 409
    assert "已抽定" in chair.get(MEETING).text and "已抽定" in scrutineer.get(FOLLOWING).text
    report = text_of(of(desks.evening, report_paper, demo=False))
    assert (
        "农民（差额·抽签决定）" in report
        and "由群众代表甲在会场报数“314”" in report
        and f"{first}共1人当选。" in report
    )
    assert "计票未完" not in report and content["commitment"][:8] in report


def test_who_has_no_part_in_the_meeting_draws_nothing(desks: Desks) -> None:
    chair = desks.client("u1")
    assert chair.get(LOT).status_code == 404
    chair.post(f"{MEETING}/contests/{contest_id(desks.evening)}/next")
    assert chair.post(LOT, data=WORD).status_code == 403
    for who in (TELLERS[0], "u2"):
        assert desks.client(who).get(LOT).status_code == 403 == desks.client(who).post(LOT, data=WORD).status_code
    assert desks.client("u2").get(LOT.replace("/u1/", "/u2/")).status_code == 404
    office = desks.client("office")
    assert 'name="seed"' not in office.get(LOT).text and office.post(LOT, data=WORD).status_code == 403
    page = chair.post(f"{MEETING}/follow-ups/1/drop", data={"reason": "改日再抽"}, follow_redirects=True).text
    assert "已撤回。" in page and "没有抽签，已撤回。理由：改日再抽" in chair.get(LOT).text
