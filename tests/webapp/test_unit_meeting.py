"""One page to run the evening: what the chair sees and does, and what is refused at its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest

from election.meeting.models_evening import SpoiledKind
from election.meeting.operations_ballots import record_ballots, record_spoiled
from election.meeting.queries_naming import officers_of
from election.notices.models import Notice, NoticeKind
from election.roster.absences.operations import record_absence
from election.roster.absences.queries import absence_token
from election.roster.models import AbsenceKind, ExclusionReason
from election.store.database import Database
from tests.support.desks import Desks, desks_from
from tests.support.evening import SCRUTINEERS, TELLERS, Evening, in_session, nominated, on_the_eve, planned
from tests.support.stores import Stores

MEETING = "/c/xian-14/units/u1/meeting"
DECLARED = {"present": "28", "method": "y", "scrutineers": "y"}


@pytest.fixture
def bare(sqlite_stores: Stores) -> Iterator[Desks]:
    """The slates are frozen, no meeting is planned."""
    yield from seated(sqlite_stores, "nominated", nominated)


@pytest.fixture
def desks(sqlite_stores: Stores) -> Iterator[Desks]:
    yield from seated(sqlite_stores, "on the eve", on_the_eve)


@pytest.fixture
def hall(sqlite_stores: Stores) -> Iterator[Desks]:
    yield from seated(sqlite_stores, "in session", in_session)


def seated(stores: Stores, name: str, make: Callable[[Database], Evening]) -> Iterator[Desks]:
    made = desks_from(stores, name, make)
    yield made
    made.evening.county.database.close()


def person(desks: Desks, desk: str) -> str:
    return str(desks.evening.county.people[desk].person_id)


def coming(page: str) -> str:
    """The step of the agenda that comes next, with its note."""
    return page.split('class="step-current"')[1].split("</li>")[0]


def test_a_unit_without_a_meeting_plans_one(bare: Desks) -> None:
    client = bare.client("u1")
    assert "安排选举大会" in client.get(MEETING).text
    refused = client.post(f"{MEETING}/plan", data={"place": "", "starts_at": "2031-03-05T19:00"})
    assert refused.status_code == 422 and "请填写会议地点。" in refused.text and "2031-03-05T19:00" in refused.text
    data = {"place": "礼堂", "starts_at": "2031-02-05T19:00"}
    over = client.post(f"{MEETING}/plan", data=data)
    assert over.status_code == 422 and "2031年2月5日已经过去了" in over.text and 'name="sure"' in over.text
    county, kind = bare.evening.county, NoticeKind.CANDIDATES
    with county.acting("office") as act:
        act.session.add(
            Notice(
                congress_id=county.congress_id,
                kind=kind,
                number=1,
                published_on=date(2031, 3, 3),
                working_days=3,
                last_day=date(2031, 3, 6),
                content={},
                content_hash="0" * 64,
                person_id=act.person_id,
                published_at=act.now,
            )
        )
        act.record("notice.published", "notice", congress_id=county.congress_id)
    data["starts_at"] = "2031-03-05T19:00"
    hangs = client.post(f"{MEETING}/plan", data=data)
    assert hangs.status_code == 422 and f"还在{kind.zh}期内（到2031年3月6日止）" in hangs.text
    page = client.post(f"{MEETING}/plan", data={**data, "sure": "y"}, follow_redirects=True)
    assert "2031年3月5日 19:00" in page.text and "01-1-1" in page.text


def test_only_the_chair_has_the_buttons(desks: Desks) -> None:
    assert "宣布开会</button>" in desks.client("u1").get(MEETING).text
    for onlooker in ("office", SCRUTINEERS[0]):
        page = desks.client(onlooker).get(MEETING)
        assert page.status_code == 200 and "宣布开会</button>" not in page.text
    for stranger in ("u2", TELLERS[0]):
        assert desks.client(stranger).get(MEETING).status_code == 403
        assert desks.client(stranger).post(f"{MEETING}/open").status_code == 403


def test_officers_are_named_and_dismissed(desks: Desks) -> None:
    client = desks.client("u1")
    member = desks.evening.county.person_of(desks.evening.county.members("u1-b1")[-1])
    page = client.post(f"{MEETING}/officers/teller", data={"person": str(member.id)}, follow_redirects=True)
    assert f"已提名{member.name}。" in page.text
    again = client.post(f"{MEETING}/officers/teller", data={"person": person(desks, SCRUTINEERS[0])})
    assert again.status_code == 422 and "一人只能担任一职" in again.text
    # The list holds those who have the role; a member is asked for by name or branch, and marked who cannot sign in.
    ordinary = desks.evening.county.person_of(desks.evening.county.members("u1-b1")[-2])
    option = f'value="{ordinary.id}">'
    assert option not in client.get(MEETING).text and f"{MEETING}/officers/search" in client.get(MEETING).text
    for asked in (ordinary.name, "第1镇1村党支部"):
        found = client.post(f"{MEETING}/officers/search", data={"name": asked})
        assert found.status_code == 200 and option in found.text and "党支部 · 没有登录账号）" in found.text
    assert "没有找到可以提名的人" in client.post(f"{MEETING}/officers/search", data={"name": "谁也不叫这个"}).text
    nobody = client.post(f"{MEETING}/officers/teller", data={"person": ""})
    assert nobody.status_code == 422 and "请选择一人。" in nobody.text
    with desks.evening.county.reading() as session:
        officers = {one.name: one.id for one in officers_of(session, desks.evening.meetings["u1"])}
    teller = officers[desks.evening.county.people[TELLERS[0]].name]
    assert client.post(f"{MEETING}/officers/{teller}/dismiss").status_code == 302
    assert client.post(f"{MEETING}/officers/{teller}/dismiss").status_code == 404


def test_a_scrutineer_named_after_the_opening_is_voted_at_the_desk(hall: Desks) -> None:
    client = hall.client("u1")
    assert "已经大会表决通过" in client.get(MEETING).text.split('id="officers"')[1]
    member = str(hall.evening.county.person_of(hall.evening.county.members("u1-b1")[-1]).id)
    page = client.post(f"{MEETING}/officers/scrutineer", data={"person": member})
    assert page.status_code == 422 and "须经大会表决通过" in page.text
    page = client.post(f"{MEETING}/officers/scrutineer", data={"person": member, "voted": "y"}, follow_redirects=True)
    assert "已提名" in page.text


def test_no_name_of_elsewhere_is_printed(desks: Desks) -> None:
    stranger = desks.evening.county.person_of(desks.evening.county.members("u2-b1")[5])
    client = desks.client("u1")
    page = client.post(f"{MEETING}/officers/teller", data={"person": str(stranger.id)})
    assert page.status_code == 422 and stranger.name not in page.text
    assert stranger.name not in client.get(MEETING).text


def test_a_number_or_time_that_nobody_can_mean_is_refused_in_words(desks: Desks) -> None:
    client = desks.client("u1")
    for path, data in (
        ("officers/teller", {"person": "9" * 5000}),
        ("officers/teller", {"person": "9" * 30}),
        ("exclusions", {"member": "9" * 5000, "reason": "ill"}),
        ("change", {"place": "礼堂", "starts_at": "0001-01-01T00:00"}),
        ("change", {"place": "礼堂", "starts_at": "9999-12-31T23:59"}),
        ("venues/1", {"name": "长" * 5000}),
    ):
        assert client.post(f"{MEETING}/{path}", data=data).status_code == 422, path


def test_a_number_of_those_present_that_nobody_can_mean_is_refused_in_words(hall: Desks) -> None:
    client = hall.client("u1")
    for number in ("9" * 5000, "9" * 30, "-1", "二十八", ""):
        assert client.post(f"{MEETING}/present", data={"present-1": number}).status_code == 422, number


def test_a_candidate_is_refused_as_an_officer_in_words(desks: Desks) -> None:
    candidate = desks.evening.county.person_of(desks.evening.members_standing("u1", "farmer")[0])
    page = desks.client("u1").post(f"{MEETING}/officers/scrutineer", data={"person": str(candidate.id)})
    assert page.status_code == 422 and f"{candidate.name}是本单位的候选人" in page.text


def test_a_member_is_found_by_name_and_put_on_the_list_of_those_not_expected(desks: Desks) -> None:
    client = desks.client("u1")
    member = desks.evening.county.members("u1-b1")[-1]
    name = desks.evening.county.person_of(member).name
    found = client.post(f"{MEETING}/exclusions/search", data={"name": name})
    assert found.status_code == 200 and f'value="{member}"' in found.text
    choices = found.text.split('id="exclusions"')[1]
    assert choices.count('<option value="">请选择</option>') == 2  # neither a person nor a reason beforehand
    unsaid = client.post(f"{MEETING}/exclusions", data={"member": str(member), "reason": "", "name": name})
    assert unsaid.status_code == 422 and "请选择理由。" in unsaid.text
    for asked in (client.get(f"{MEETING}?name={name}"), desks.client("office").get(f"{MEETING}?name={name}")):
        assert f'value="{member}"' not in asked.text.split('id="exclusions"')[1]  # a name stands in no address
    assert desks.client("office").post(f"{MEETING}/exclusions/search", data={"name": name}).status_code == 403
    data = {"member": str(member), "reason": "frail", "name": name}
    assert "已列入" in client.post(f"{MEETING}/exclusions", data=data, follow_redirects=True).text
    twice = client.post(f"{MEETING}/exclusions", data=data)
    assert twice.status_code == 422 and "已列入不计算在应到会人数的名单" in twice.text
    unconsented = client.post(f"{MEETING}/open", data={"present": "28", "method": "y", "scrutineers": "y"})
    assert unconsented.status_code == 422 and "征得同意" in unconsented.text


def test_a_search_says_how_many_more_there_are_than_it_lists(desks: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.meeting_page.MOST_FOUND", 2)
    member = desks.evening.county.members("u1-b1")[-1]
    part = desks.evening.county.person_of(member).name[-1]
    found = desks.client("u1").post(f"{MEETING}/exclusions/search", data={"name": part}).text
    assert (
        "只列出前 2 人" in found and found.split('id="exclusions"')[1].split('name="reason"')[0].count("<option") == 3
    )


def test_who_is_not_expected_is_refused_as_an_officer_and_an_officer_as_not_expected(desks: Desks) -> None:
    client, county = desks.client("u1"), desks.evening.county
    away, works = county.members("u1-b1")[-2:]
    client.post(f"{MEETING}/exclusions", data={"member": str(away), "reason": "frail"})
    named = client.post(f"{MEETING}/officers/teller", data={"person": str(county.person_of(away).id)})
    assert named.status_code == 422 and "列在不计算在应到会人数的名单里" in named.text
    assert "报告不计算在应到会人数的党员，征得同意" in client.get(MEETING).text  # a step of the agenda
    client.post(f"{MEETING}/officers/teller", data={"person": str(county.person_of(works).id)})
    data = {"member": str(works), "reason": "frail", "name": county.person_of(works).name}
    excused = client.post(f"{MEETING}/exclusions", data=data)
    assert excused.status_code == 422 and "是本次大会的计票人" in excused.text


def test_a_refused_opening_keeps_what_was_entered(desks: Desks) -> None:
    page = desks.client("u1").post(f"{MEETING}/open", data={"present": "20", "method": "y"})
    assert page.status_code == 422
    assert "未达到法定人数" in page.text and 'value="20"' in page.text
    blank = desks.client("u1").post(f"{MEETING}/open", data={"present": "", "method": "y", "scrutineers": "y"})
    assert blank.status_code == 422 and "请填写实到人数。" in blank.text


def test_the_opening_repeats_its_numbers_and_does_nothing_until_they_are_said_yes_to(desks: Desks) -> None:
    client, member = desks.client("u1"), desks.evening.county.members("u1-b1")[-1]
    client.post(f"{MEETING}/exclusions", data={"member": str(member), "reason": "frail"})
    said = {**DECLARED, "exclusions": "y"}
    question = client.post(f"{MEETING}/open", data=said, follow_redirects=True)
    assert question.request.method == "GET" and "数字无误，宣布开会" in question.text
    for number in ('value="29-28-1"', ">29<", ">28<", ">24<"):
        assert number in question.text
    assert "待召开" in client.get(MEETING).text
    moved = client.post(f"{MEETING}/open", data={**said, "present": "27", "asked": "29-28-1"}, follow_redirects=True)
    assert "数字已变" in moved.text and 'value="29-27-1"' in moved.text
    assert client.post(f"{MEETING}/open", data={**said, "asked": "29-28-1"}).status_code == 302
    assert "已开会" in client.get(MEETING).text
    # The browser's way back, and a second window's button.
    assert client.get(question.request.full_path).headers["Location"].endswith(MEETING)
    second = client.post(f"{MEETING}/open", data={**said, "asked": "29-28-1"})
    assert second.status_code == 422 and f"，{desks.evening.county.people['u1'].name}）。" in second.text


def test_the_agenda_says_what_comes_next_and_what_blocks_it(bare: Desks) -> None:
    planned(bare.evening, scrutineer=False)
    client = bare.client("u1")
    page = client.get(MEETING).text
    assert "还没有监票人" in coming(page) and "请先提名监票人" in page
    client.post(f"{MEETING}/officers/scrutineer", data={"person": person(bare, SCRUTINEERS[0])})
    stuck = client.get(MEETING).text
    assert "没有一名监票人能登录" in coming(stuck) and "能登录的计票人 0 人" in coming(stuck)
    assert stuck.count("没有登录账号</span>") == 5
    for desk in (SCRUTINEERS[0], *TELLERS[:2]):
        bare.client(desk)  # the administrator has given each an account
    page = client.get(MEETING).text
    assert "签到" in coming(page) and "还差 24 人" in page and "计票人 0 人" not in page
    assert "能登录的监票人只有 1 人" in page  # what needs two cannot be done
    client.post(f"{MEETING}/officers/scrutineer", data={"person": person(bare, SCRUTINEERS[1])})
    bare.client(SCRUTINEERS[1])
    assert "能登录" not in client.get(MEETING).text


def test_a_dismissal_after_the_opening_says_why(hall: Desks) -> None:
    client = hall.client("u1")
    with hall.evening.county.reading() as session:
        teller = next(
            one.id
            for one in officers_of(session, hall.evening.meetings["u1"])
            if one.name == hall.evening.county.people[TELLERS[0]].name
        )
    silent = client.post(f"{MEETING}/officers/{teller}/dismiss", data={"reason": " "})
    assert silent.status_code == 422 and "大会开始后撤换，请写明理由。" in silent.text
    assert '<details class="confirm" open>' in silent.text
    page = client.post(f"{MEETING}/officers/{teller}/dismiss", data={"reason": "突发疾病"}, follow_redirects=True)
    assert "已撤换。" in page.text


def test_a_number_counted_wrongly_is_corrected_with_a_reason(hall: Desks) -> None:
    client = hall.client("u1")
    lower = client.post(f"{MEETING}/present", data={"present-1": "26"})
    assert lower.status_code == 422 and "请写明更正的理由" in lower.text
    assert client.post(f"{MEETING}/present", data={"present-1": "26", "reason": "重复计数"}).status_code == 302
    below = client.post(f"{MEETING}/present", data={"present-1": "20", "reason": "重复计数"}, follow_redirects=True)
    assert "实到 20 人，不到法定人数 24 人，不能发出选票。" in below.text and "取消会议，另行安排" in below.text


def test_a_meeting_that_breaks_off_is_called_off_and_stays_in_view(hall: Desks) -> None:
    client = hall.client("u1")
    client.post(f"{MEETING}/present", data={"present-1": "18", "reason": "原先误录"})
    silent = client.post(f"{MEETING}/off", data={"reason": ""})
    assert silent.status_code == 422 and '<details class="confirm" open>' in silent.text
    page = client.post(f"{MEETING}/off", data={"reason": "不足法定人数"}, follow_redirects=True).text
    assert "安排选举大会" in page and "已取消的大会" in page and "应到会 30 人、实到会 18 人" in page
    name = hall.evening.county.people["u1"].name
    assert "取消：不足法定人数" in page and name in page.split('id="called-off"')[1]
    planned(hall.evening)
    page = client.get(MEETING).text
    assert "农民" in page and "01.2-1-1" in page and "第 1 次大会" in page.split('id="called-off"')[1]


def test_a_meeting_whose_ballots_are_out_offers_no_calling_off(hall: Desks) -> None:
    client, evening = hall.client("u1"), hall.evening
    assert 'id="off"' in client.get(MEETING).text and 'id="closing"' not in client.get(MEETING).text
    rounds = [round_id for (unit, _, _), round_id in evening.rounds.items() if unit == "u1"]
    with evening.county.acting(SCRUTINEERS[0]) as act:
        record_ballots(act, evening.meetings["u1"], dict.fromkeys(rounds, (28, None)))
    assert 'id="off"' not in client.get(MEETING).text
    refused = client.post(f"{MEETING}/off", data={"reason": "停电"})
    assert refused.status_code == 422 and "已经发出选票，大会不能取消" in refused.text


def test_the_ballots_of_each_venue_and_what_was_ruled_spoiled_are_in_view(hall: Desks) -> None:
    evening = hall.evening
    rounds = [round_id for (unit, _, _), round_id in evening.rounds.items() if unit == "u1"]
    with evening.county.acting(SCRUTINEERS[0]) as act:
        record_ballots(act, evening.meetings["u1"], dict.fromkeys(rounds, (28, None)))
    page = hall.client("u1").get(MEETING).text
    assert "正在投票" in page and "收回选票" in coming(page)
    with evening.county.acting(SCRUTINEERS[0]) as act:
        record_ballots(act, evening.meetings["u1"], dict.fromkeys(rounds, (28, 26)))
        record_spoiled(act, evening.meetings["u1"], rounds[0], {SpoiledKind.TORN: 1, SpoiledKind.UNREADABLE: 2})
    page = hall.client("u1").get(MEETING).text
    assert "书写模糊、无法辨认 2；残缺、损毁 1" in page and "正在计票" in page


def test_an_open_meeting_takes_late_arrivals(hall: Desks) -> None:
    client = hall.client("u1")
    assert client.post(f"{MEETING}/present", data={"present-1": "29"}).status_code == 302
    page = client.post(f"{MEETING}/present", data={"present-1": "31"})
    assert page.status_code == 422 and "多于应到" in page.text
    assert client.post(f"{MEETING}/present", data={"present-99": "29"}).status_code == 422


def test_a_meeting_with_open_contests_is_not_closed(hall: Desks) -> None:
    client, evening = hall.client("u1"), hall.evening
    rounds = [round_id for (unit, _, _), round_id in evening.rounds.items() if unit == "u1"]
    with evening.county.acting(SCRUTINEERS[0]) as act:
        record_ballots(act, evening.meetings["u1"], dict.fromkeys(rounds, (28, 28)))
    assert "还有 2 项没有结果，不能散会：" in client.get(MEETING).text
    assert 'id="off"' not in client.get(MEETING).text
    page = client.post(f"{MEETING}/close")
    assert page.status_code == 422 and "还不能散会，有 2 项选举没有结果：农民（差额）" in page.text


def test_a_planned_meeting_is_called_off_with_a_reason(desks: Desks) -> None:
    client = desks.client("u1")
    page = client.post(f"{MEETING}/off", data={"reason": ""})
    assert page.status_code == 422 and "请写明理由。" in page.text
    page = client.post(f"{MEETING}/off", data={"reason": "暴雨"}, follow_redirects=True)
    assert "会议已取消。" in page.text and "安排选举大会" in page.text


def test_who_is_away_for_a_listed_reason_is_proposed_at_one_click(desks: Desks) -> None:
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
    client = desks.client("u1")
    assert client.post(f"{MEETING}/officers/judge", data={"person": "1"}).status_code == 404
    assert client.post(f"{MEETING}/exclusions/9/remove").status_code == 404
    assert client.get("/c/xian-14/units/u9/meeting").status_code == 404
