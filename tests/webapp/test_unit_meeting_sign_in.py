"""The sign-in list at the door: one click signs in, the figures follow, and nothing is told to who does not run the meeting."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from election.meeting.models_evening import Attendee
from election.meeting.queries_page import meeting_page
from election.store.models import AuditEvent
from tests.support.desks import Desks, desks_from
from tests.support.evening import SCRUTINEERS, on_the_eve
from tests.support.stores import Stores

MEETING = "/c/xian-14/units/u1/meeting"
DOOR = f"{MEETING}/sign-in"


@pytest.fixture
def desks(sqlite_stores: Stores) -> Iterator[Desks]:
    made = desks_from(sqlite_stores, "on the eve", on_the_eve)
    yield made
    made.evening.county.database.close()


def figures(client: FlaskClient) -> dict[str, object]:
    return dict(client.get(f"{MEETING}/attendance.json").json or {})


def test_who_comes_is_signed_in_and_counted_as_present(desks: Desks) -> None:
    client, county = desks.client("u1"), desks.evening.county
    member = county.members("u1-b1")[2]
    before = client.get(DOOR).text
    assert f'value="{member}"' in before
    assert figures(client)["present"] is None
    page = client.post(DOOR, data={"member": str(member)}, follow_redirects=True).text
    name = county.person_of(member).name
    assert f"{name}（第1镇1村党支部）已签到。" in page and f'value="{member}"' not in page
    now = figures(client)
    assert (now["present"], now["expected"], now["needed"], now["holds"]) == (1, 30, 24, False)
    assert now["venues"] == [{"id": 1, "name": "镇政府礼堂", "present": 1, "signed_in": 1}]
    assert "签到 1 人" in client.get(MEETING).text


def test_a_page_with_a_script_gets_the_figures_or_the_refusal(desks: Desks) -> None:
    client, county = desks.client("u1"), desks.evening.county
    member, wants = county.members("u1-b1")[0], {"Accept": "application/json"}
    told = client.post(DOOR, data={"member": str(member)}, headers=wants)
    assert told.json is not None and told.json["name"] == county.person_of(member).name and told.json["present"] == 1
    again = client.post(DOOR, data={"member": str(member)}, headers=wants)
    assert again.json is not None
    assert (again.status_code, again.json["refused"][0]["code"]) == (422, "meeting.signed_in_already")
    assert client.post(told.json["undo"]).status_code == 302
    assert figures(client)["present"] == 0


def test_who_has_no_vote_here_is_refused_in_words(desks: Desks) -> None:
    client = desks.client("u1")
    for member in ("", "x", "99999", "9" * 40):
        page = client.post(DOOR, data={"member": member})
        assert page.status_code == 422 and 'class="notice notice-error refusals"' in page.text, member


def test_a_name_or_branch_is_found_without_standing_in_an_address(desks: Desks) -> None:
    client, county = desks.client("u1"), desks.evening.county
    members = county.members("u1-b1")
    name = county.person_of(members[4]).name
    found = client.post(f"{DOOR}/find", data={"name": name}).text
    assert f'value="{members[4]}"' in found and f'value="{members[5]}"' not in found
    assert client.post(f"{DOOR}/find", data={"name": "谁也不叫这个"}).text.count('name="member"') == 0
    assert client.get(f"{DOOR}?name={name}").text.count('name="member"') == 30


def test_an_excused_member_is_not_on_the_list(desks: Desks) -> None:
    client, member = desks.client("u1"), desks.evening.county.members("u1-b1")[-1]
    client.post(f"{MEETING}/exclusions", data={"member": str(member), "reason": "frail"})
    assert f'value="{member}"' not in client.get(DOOR).text
    assert client.post(DOOR, data={"member": str(member)}).status_code == 422
    asked = client.post(f"{DOOR}/find", data={"name": desks.evening.county.person_of(member).name}).text
    assert (
        "已列入不计算在应到会人数的名单；本人到会的，先在选举大会页移出名单。"
        in asked.split("data-said")[1].split("</p>")[0]
    )
    came = desks.evening.county.members("u1-b1")[0]
    client.post(DOOR, data={"member": str(came)})
    page = client.post(f"{MEETING}/exclusions", data={"member": str(came), "reason": "frail"})
    assert page.status_code == 422 and "已签到" in page.text and figures(client)["expected"] == 29


def test_each_door_has_its_own_list(desks: Desks) -> None:
    client, county = desks.client("u1"), desks.evening.county
    client.post(f"{MEETING}/venues", data={"name": "中心小学"})
    with county.reading() as session:
        second = meeting_page(session, desks.evening.meetings["u1"]).venues[1].id
    member = county.members("u1-b1")[1]
    page = client.post(DOOR, data={"member": str(member), "venue": str(second)}, follow_redirects=True).text
    name = county.person_of(member).name
    assert name in page.split('id="came"')[1] and name not in client.get(DOOR).text.split('id="came"')[1]
    assert client.get(f"{DOOR}?venue=99").status_code == 404


def test_late_arrivals_sign_in_after_the_opening_and_nobody_is_taken_back(desks: Desks) -> None:
    client, county = desks.client("u1"), desks.evening.county
    first, late = county.members("u1-b1")[:2]
    undo = client.post(DOOR, data={"member": str(first)}, headers={"Accept": "application/json"}).json
    assert undo is not None
    data = {"present": "28", "method": "y", "scrutineers": "y", "asked": "30-28-0"}
    assert client.post(f"{MEETING}/open", data=data).status_code == 302
    client.post(DOOR, data={"member": str(late)})
    assert figures(client)["present"] == 29
    page = client.post(undo["undo"])
    assert page.status_code == 422 and figures(client)["present"] == 29
    # Who came is on the chain, and on the list, but not in which order: neither by time nor by number (edge case 15).
    with county.reading() as session:
        told = {
            action: session.scalars(select(AuditEvent.details).where(AuditEvent.action == action)).all()
            for action in ("attendance.signed_in", "attendance.listed")
        }
        numbers = sorted(session.scalars(select(Attendee.id)))
    assert [sorted(one) for one in told["attendance.signed_in"]] == [["meeting", "present"]] * 2
    assert [one["members"] for one in told["attendance.listed"]] == [[first]] and numbers[0] > 2


def test_only_the_chair_is_at_the_door_and_onlookers_see_the_figures(desks: Desks) -> None:
    for onlooker in (SCRUTINEERS[0], "office"):
        client = desks.client(onlooker)
        assert client.get(DOOR).status_code == 403 and client.post(DOOR).status_code == 403
        assert client.get(f"{MEETING}/attendance.json").status_code == 200
    assert desks.client("u2").get(f"{MEETING}/attendance.json").status_code == 403
    assert desks.client("u2").get("/c/xian-14/units/u2/meeting/sign-in").status_code == 404
    assert desks.client("u1").post(f"{DOOR}/99/undo").status_code == 404
