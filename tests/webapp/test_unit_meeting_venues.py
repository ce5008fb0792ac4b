"""Several venues, mobile boxes and counting groups on the page of a unit's evening; one of each shows nothing extra."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from election.meeting.models_evening import SpoiledKind
from election.meeting.operations_ballots import record_ballots, record_spoiled
from election.meeting.operations_opening import open_meeting
from election.meeting.queries_page import VenueView, meeting_page
from tests.support.desks import Desks, desks_from
from tests.support.evening import SCRUTINEERS, on_the_eve
from tests.support.stores import Stores

MEETING = "/c/xian-14/units/u1/meeting"
YES = {"method": "y", "scrutineers": "y"}


@pytest.fixture
def desks(sqlite_stores: Stores) -> Iterator[Desks]:
    made = desks_from(sqlite_stores, "on the eve", on_the_eve)
    yield made
    made.evening.county.database.close()


def venues(desks: Desks) -> tuple[VenueView, ...]:
    with desks.evening.county.reading() as session:
        return meeting_page(session, desks.evening.meetings["u1"]).venues


def test_one_venue_with_one_group_shows_its_form_number_and_nothing_to_choose(desks: Desks) -> None:
    page = desks.client("u1").get(MEETING).text
    assert "01-1-1" in page and "撤销会场" not in page and "撤销计票组" not in page
    assert 'name="present"' in page.split('id="opening"')[1]


def test_a_mobile_box_is_counted_with_a_venue_and_a_second_group_has_a_form_of_its_own(desks: Desks) -> None:
    client = desks.client("u1")
    (hall,) = venues(desks)
    alone = client.post(f"{MEETING}/venues", data={"name": "流动票箱", "mobile": "y"})
    assert alone.status_code == 422 and "流动票箱的选票不单独计票" in alone.text
    together = {"name": "流动票箱", "mobile": "y", "counted_with": str(hall.id)}
    page = client.post(f"{MEETING}/venues", data=together, follow_redirects=True).text
    assert "选票并入镇政府礼堂计票" in page and "01-2-1" not in page and "badge-info" in page
    first, box = venues(desks)
    assert client.post(f"{MEETING}/venues/{first.id}/groups").status_code == 302
    assert "01-1-2" in client.get(MEETING).text
    assert client.post(f"{MEETING}/venues/{box.id}", data={"name": "第二会场"}).status_code == 302
    assert "01-2-1" in client.get(MEETING).text
    assert [one.name for one in venues(desks)] == ["镇政府礼堂", "第二会场"] and not venues(desks)[1].mobile
    assert client.post(f"{MEETING}/groups/{venues(desks)[0].groups[1].id}/remove").status_code == 302
    assert client.post(f"{MEETING}/venues/{box.id}/remove").status_code == 302
    assert [one.form_numbers for one in venues(desks)] == [("01-1-1",)]


def test_what_cannot_be_is_said_at_its_place(desks: Desks) -> None:
    client = desks.client("u1")
    blank = client.post(f"{MEETING}/venues", data={"name": ""})
    assert blank.status_code == 422 and "请填写会场名称。" in blank.text and '<details class="more" open>' in blank.text
    same = client.post(f"{MEETING}/venues", data={"name": "镇政府礼堂"})
    assert same.status_code == 422 and "镇政府礼堂" in same.text
    (only,) = venues(desks)
    last = client.post(f"{MEETING}/venues/{only.id}/remove")
    assert last.status_code == 422 and 'class="notice notice-error refusals"' in last.text
    for path in ("venues/99", "venues/99/remove", "venues/99/groups", "groups/99/remove"):
        assert client.post(f"{MEETING}/{path}", data={"name": "x"}).status_code == 404
    assert desks.client(SCRUTINEERS[0]).post(f"{MEETING}/venues", data={"name": "x"}).status_code == 403


def test_with_several_venues_those_present_are_counted_in_each_and_summed(desks: Desks) -> None:
    client = desks.client("u1")
    client.post(f"{MEETING}/venues", data={"name": "中心小学"})
    first, second = venues(desks)
    page = client.get(MEETING).text
    assert 'name="present"' not in page.split('id="opening"')[1]
    early = client.post(f"{MEETING}/open", data=YES)
    assert early.status_code == 422
    assert "还没有登记实到人数的会场：镇政府礼堂、中心小学。" in page
    one, two = f"present-{first.id}", f"present-{second.id}"
    # Of two numbers the right one is not lost with the wrong one, and nothing is stored of either.
    over = client.post(f"{MEETING}/present", data={one: "20", two: "70"})
    assert over.status_code == 422 and "实到 90 人，多于应到 30 人" in over.text and 'value="20"' in over.text
    assert [venue.present for venue in venues(desks)] == [None, None]
    client.post(f"{MEETING}/present", data={one: "20", two: ""})
    wiped = client.post(f"{MEETING}/present", data={one: "", two: "7"})
    assert wiped.status_code == 422 and "请填写实到人数。" in wiped.text
    saved = client.post(f"{MEETING}/present", data={one: "20", two: "7"}, follow_redirects=True).text
    assert "27 / 30" in saved.split('id="attendance"')[1]
    asked = client.post(f"{MEETING}/open", data=YES, follow_redirects=True).text
    assert "镇政府礼堂 20 人；中心小学 7 人" in asked and 'value="30-27-0"' in asked
    # So few are not counted alone: the question says so before the meeting opens.
    assert "中心小学实到不足 10 人" in asked and "镇政府礼堂实到不足" not in asked
    client.post(f"{MEETING}/venues/{second.id}", data={"name": "中心小学", "counted_with": str(first.id)})
    assert "实到不足" not in client.post(f"{MEETING}/open", data=YES, follow_redirects=True).text
    # Against the one number that the page shows: those who are not expected are taken off (edge case 11).
    member = desks.evening.county.members("u1-b1")[-1]
    client.post(f"{MEETING}/exclusions", data={"member": str(member), "reason": "frail"})
    over = client.post(f"{MEETING}/present", data={one: "20", two: "10"})
    assert over.status_code == 422 and "实到 30 人，多于应到 29 人" in over.text
    client.post(f"{MEETING}/venues/{first.id}", data={"name": "新礼堂"})
    assert '<p class="lead">新礼堂 · ' in client.get(MEETING).text


def test_how_a_handful_spoiled_their_ballots_is_not_shown_apart(desks: Desks) -> None:
    """Nor where that could be told from the sum (edge case 15): the scrutineers know, the page keeps it to the sum."""
    client, county = desks.client("u1"), desks.evening.county
    client.post(f"{MEETING}/venues", data={"name": "中心小学"})
    first, second = venues(desks)
    client.post(f"{MEETING}/present", data={f"present-{first.id}": "20", f"present-{second.id}": "7"})
    with county.acting("u1") as act:
        open_meeting(act, desks.evening.meetings["u1"], method_adopted=True, scrutineers_voted=True)
    rounds = [number for (unit, *_), number in desks.evening.rounds.items() if unit == "u1"]
    for venue, there in ((first.id, 20), (second.id, 7)):
        with county.acting(SCRUTINEERS[0]) as act:
            record_ballots(act, desks.evening.meetings["u1"], dict.fromkeys(rounds, (there, there)), venue_id=venue)
            record_spoiled(act, desks.evening.meetings["u1"], rounds[0], {SpoiledKind.TORN: 1}, venue_id=venue)
    contests = client.get(MEETING).text.split('id="contests"')[1].split("</section>")[0]
    assert contests.count("到会人数少，不单列") == 2 * len(rounds)
    assert re.findall(f"{SpoiledKind.TORN.zh} [0-9]+", contests) == [f"{SpoiledKind.TORN.zh} 2"]
