"""One page to run the evening: what the chair sees and does, and what is refused at its place."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from election.meeting.queries_page import officers_of
from election.roster.absences.operations import record_absence
from election.roster.absences.queries import absence_token
from election.roster.models import AbsenceKind, ExclusionReason
from tests.support.desks import Desks, desks_from
from tests.support.evening import SCRUTINEERS, TELLERS, nominated, planned
from tests.support.stores import Stores

MEETING = "/c/xian-14/units/u1/meeting"


@pytest.fixture
def desks(sqlite_stores: Stores) -> Iterator[Desks]:
    made = desks_from(sqlite_stores, "nominated", nominated)
    yield made
    made.evening.county.database.close()


def person(desks: Desks, desk: str) -> str:
    return str(desks.evening.county.people[desk].person_id)


def opened(desks: Desks) -> None:
    planned(desks.evening)
    answer = desks.client("u1").post(f"{MEETING}/open", data={"present": "28", "method": "y", "scrutineers": "y"})
    assert answer.status_code == 302


def test_a_unit_without_a_meeting_plans_one(desks: Desks) -> None:
    client = desks.client("u1")
    assert "安排选举大会" in client.get(MEETING).text
    refused = client.post(f"{MEETING}/plan", data={"place": "", "starts_at": "2031-03-05T19:00"})
    assert refused.status_code == 422 and "请填写会议地点。" in refused.text and "2031-03-05T19:00" in refused.text
    page = client.post(
        f"{MEETING}/plan", data={"place": "礼堂", "starts_at": "2031-03-05T19:00"}, follow_redirects=True
    )
    assert "2031年3月5日 19:00" in page.text and "01-1-1" in page.text


def test_only_the_chair_has_the_buttons(desks: Desks) -> None:
    planned(desks.evening)
    assert "宣布开会</button>" in desks.client("u1").get(MEETING).text
    for onlooker in ("office", SCRUTINEERS[0]):
        page = desks.client(onlooker).get(MEETING)
        assert page.status_code == 200 and "宣布开会</button>" not in page.text
    for stranger in ("u2", TELLERS[0]):
        assert desks.client(stranger).get(MEETING).status_code == 403
        assert desks.client(stranger).post(f"{MEETING}/open").status_code == 403


def test_officers_are_named_and_dismissed(desks: Desks) -> None:
    planned(desks.evening)
    client = desks.client("u1")
    member = desks.evening.county.person_of(desks.evening.county.members("u1-b1")[-1])
    page = client.post(f"{MEETING}/officers/teller", data={"person": str(member.id)}, follow_redirects=True)
    assert "已提名。" in page.text
    again = client.post(f"{MEETING}/officers/teller", data={"person": person(desks, SCRUTINEERS[0])})
    assert again.status_code == 422 and "一人只能担任一职" in again.text
    nobody = client.post(f"{MEETING}/officers/teller", data={"person": ""})
    assert nobody.status_code == 422 and "请选择一人。" in nobody.text
    with desks.evening.county.reading() as session:
        officers = {one.name: one.id for one in officers_of(session, desks.evening.meetings["u1"])}
    teller = officers[desks.evening.county.people[TELLERS[0]].name]
    assert client.post(f"{MEETING}/officers/{teller}/dismiss").status_code == 302
    assert client.post(f"{MEETING}/officers/{teller}/dismiss").status_code == 404


def test_a_scrutineer_named_after_the_opening_is_voted_at_the_desk(desks: Desks) -> None:
    opened(desks)
    client = desks.client("u1")
    assert "已经大会表决通过" in client.get(MEETING).text.split('id="officers"')[1]
    member = str(desks.evening.county.person_of(desks.evening.county.members("u1-b1")[-1]).id)
    page = client.post(f"{MEETING}/officers/scrutineer", data={"person": member})
    assert page.status_code == 422 and "须经大会表决通过" in page.text
    page = client.post(f"{MEETING}/officers/scrutineer", data={"person": member, "voted": "y"}, follow_redirects=True)
    assert "已提名。" in page.text


def test_no_name_of_elsewhere_is_printed(desks: Desks) -> None:
    planned(desks.evening)
    stranger = desks.evening.county.person_of(desks.evening.county.members("u2-b1")[5])
    client = desks.client("u1")
    page = client.post(f"{MEETING}/officers/teller", data={"person": str(stranger.id)})
    assert page.status_code == 422 and stranger.name not in page.text
    assert stranger.name not in client.get(MEETING).text


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("officers/teller", {"person": "9" * 5000}),
        ("officers/teller", {"person": "9" * 30}),
        ("exclusions", {"member": "9" * 5000, "reason": "ill"}),
        ("change", {"place": "礼堂", "starts_at": "0001-01-01T00:00"}),
        ("change", {"place": "礼堂", "starts_at": "9999-12-31T23:59"}),
        ("present/1", {"present": "9" * 5000}),
        ("present/1", {"present": "9" * 30}),
    ],
)
def test_a_number_or_time_that_nobody_can_mean_is_refused_in_words(
    desks: Desks, path: str, data: dict[str, str]
) -> None:
    planned(desks.evening)
    assert desks.client("u1").post(f"{MEETING}/{path}", data=data).status_code == 422


def test_a_candidate_is_refused_as_an_officer_in_words(desks: Desks) -> None:
    planned(desks.evening)
    candidate = desks.evening.county.person_of(desks.evening.members_standing("u1", "farmer")[0])
    page = desks.client("u1").post(f"{MEETING}/officers/scrutineer", data={"person": str(candidate.id)})
    assert page.status_code == 422 and f"{candidate.name}是本单位的候选人" in page.text


def test_a_member_is_found_by_name_and_put_on_the_list_of_those_not_expected(desks: Desks) -> None:
    planned(desks.evening)
    client = desks.client("u1")
    member = desks.evening.county.members("u1-b1")[-1]
    name = desks.evening.county.person_of(member).name
    found = client.post(f"{MEETING}/exclusions/search", data={"name": name})
    assert found.status_code == 200 and f'value="{member}"' in found.text
    for asked in (client.get(f"{MEETING}?name={name}"), desks.client("office").get(f"{MEETING}?name={name}")):
        assert f'value="{member}"' not in asked.text.split('id="exclusions"')[1]  # a name stands in no address
    assert desks.client("office").post(f"{MEETING}/exclusions/search", data={"name": name}).status_code == 403
    data = {"member": str(member), "reason": "frail", "name": name}
    assert "已列入" in client.post(f"{MEETING}/exclusions", data=data, follow_redirects=True).text
    twice = client.post(f"{MEETING}/exclusions", data=data)
    assert twice.status_code == 422 and "已列入不计算在应到会人数的名单" in twice.text
    unconsented = client.post(f"{MEETING}/open", data={"present": "28", "method": "y", "scrutineers": "y"})
    assert unconsented.status_code == 422 and "征得同意" in unconsented.text


def test_a_refused_opening_keeps_what_was_entered(desks: Desks) -> None:
    planned(desks.evening)
    page = desks.client("u1").post(f"{MEETING}/open", data={"present": "20", "method": "y"})
    assert page.status_code == 422
    assert "未达到法定人数" in page.text and 'value="20"' in page.text
    blank = desks.client("u1").post(f"{MEETING}/open", data={"present": "", "method": "y", "scrutineers": "y"})
    assert blank.status_code == 422 and "请填写实到人数。" in blank.text


def test_an_open_meeting_takes_late_arrivals(desks: Desks) -> None:
    opened(desks)
    client = desks.client("u1")
    assert client.post(f"{MEETING}/present/1", data={"present": "29"}).status_code == 302
    page = client.post(f"{MEETING}/present/1", data={"present": "31"})
    assert page.status_code == 422 and "多于应到" in page.text
    assert client.post(f"{MEETING}/present/99", data={"present": "29"}).status_code == 404


def test_a_meeting_with_open_contests_is_not_closed(desks: Desks) -> None:
    opened(desks)
    page = desks.client("u1").post(f"{MEETING}/close")
    assert page.status_code == 422


def test_a_planned_meeting_is_called_off_with_a_reason(desks: Desks) -> None:
    planned(desks.evening)
    client = desks.client("u1")
    page = client.post(f"{MEETING}/off", data={"reason": ""})
    assert page.status_code == 422 and "请写明理由。" in page.text
    page = client.post(f"{MEETING}/off", data={"reason": "暴雨"}, follow_redirects=True)
    assert "会议已取消。" in page.text and "安排选举大会" in page.text


def test_who_is_away_for_a_listed_reason_is_proposed_at_one_click(desks: Desks) -> None:
    planned(desks.evening)
    client, county = desks.client("u1"), desks.evening.county
    member = county.members("u1-b1")[0]
    assert "一并列入" not in client.get(MEETING).text
    with county.acting("u1") as act:
        record_absence(
            act, county.congress_id, member, AbsenceKind.UNFIT, ExclusionReason.FRAIL, "", None, None, "",
            seen=absence_token(None),
        )  # fmt: skip
    page = client.get(MEETING).text
    assert "有规定理由的还有 1 人没有列入" in page and "一并列入" in page
    done = client.post(f"{MEETING}/exclusions/listed", follow_redirects=True).text
    assert county.person_of(member).name in done and "一并列入" not in done
    again = client.post(f"{MEETING}/exclusions/listed")
    assert again.status_code == 422 and "都已列入" in again.text
    assert desks.client("office").post(f"{MEETING}/exclusions/listed").status_code == 403


def test_an_unknown_office_or_exclusion_is_not_found(desks: Desks) -> None:
    planned(desks.evening)
    client = desks.client("u1")
    assert client.post(f"{MEETING}/officers/judge", data={"person": "1"}).status_code == 404
    assert client.post(f"{MEETING}/exclusions/9/remove").status_code == 404
    assert client.get("/c/xian-14/units/u9/meeting").status_code == 404
