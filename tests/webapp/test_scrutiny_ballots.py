"""The scrutineers' ballot record: issued before the vote, returned after it, spoiled by kind, void declared, later votes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest

from election.count.operations_follow_up import agree, propose_round, propose_strike
from election.count.queries_follow_up import contest_states
from election.meeting.models_evening import FollowUpKind
from election.meeting.operations_attendance import set_present
from election.meeting.operations_opening import open_meeting
from election.meeting.operations_venues import add_venue
from tests.election.count.conftest import make_counting
from tests.election.count.test_follow_up import TIE
from tests.support.desks import Desks, desks_from
from tests.support.evening import SCRUTINEERS, TELLERS, nominated, opened, planned
from tests.support.stores import Stores

SCRUTINY = "/c/xian-14/scrutiny/"
BALLOTS = SCRUTINY + "u1/ballots"
CHIEF, OTHER = SCRUTINEERS


@pytest.fixture
def hall(sqlite_stores: Stores) -> Iterator[Desks]:
    """The meeting is open, no ballots are recorded."""
    made = desks_from(sqlite_stores, "nominated", nominated)
    opened(made.evening)
    yield made
    made.evening.county.database.close()


@pytest.fixture
def desks(sqlite_stores: Stores) -> Iterator[Desks]:
    """28 ballots are recorded as issued and returned in each contest."""
    made = desks_from(sqlite_stores, "counting", make_counting)
    yield made
    made.evening.county.database.close()


def figures(desks: Desks, farmers: dict[str, str], others: dict[str, str]) -> dict[str, str]:
    data: dict[str, str] = {}
    for category, typed in (("farmer", farmers), ("other", others)):
        round_id = desks.evening.round_of("u1", category)
        data |= {f"ballots.{round_id}.{name}": text for name, text in typed.items()}
    return data


def issued(desks: Desks, farmers: str = "28", others: str = "28") -> dict[str, str]:
    return figures(desks, {"issued": farmers}, {"issued": others})


def returned(desks: Desks, farmers: str = "28", others: str = "28") -> dict[str, str]:
    return figures(desks, {"returned": farmers}, {"returned": others})


def both(desks: Desks, farmers: tuple[str, str], others: tuple[str, str] = ("28", "28")) -> dict[str, str]:
    return figures(desks, *({"issued": pair[0], "returned": pair[1]} for pair in (farmers, others)))


def fields(text: str) -> list[str]:
    """The kinds of ballot figures that can be typed on the page, in order, each once."""
    return list(dict.fromkeys(re.findall(r'name="ballots\.\d+\.(\w+)"', text)))


def seen(text: str) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', text)
    assert found is not None
    return unescape(found[1])


def spoiled(desks: Desks, **kinds: str) -> dict[str, str]:
    round_id = desks.evening.round_of("u1", "farmer")
    return {"spoiled": "1"} | {f"spoiled.{round_id}.{kind}": text for kind, text in kinds.items()}


def tie_ballot(desks: Desks) -> None:
    """The farmers of the first unit are tied; their second vote is proposed and agreed to."""
    evening = desks.evening
    evening.count("u1", TIE)
    with evening.county.reading() as session:
        states = contest_states(session, evening.county.congress_id, evening.county.units["u1"])
        contest = next(one.result.contest.id for one in states if one.due is not None)
    with evening.county.acting("u1") as act:
        row = propose_round(act, contest, FollowUpKind.TIE_BALLOT).id
    with evening.county.acting(CHIEF) as act:
        agree(act, row)


def test_issued_comes_before_the_vote_and_returned_after_it(hall: Desks) -> None:
    client = hall.client(CHIEF)
    assert "待登记发出" in client.get(SCRUTINY).text and fields(client.get(BALLOTS).text) == ["issued"]
    page = client.post(f"{BALLOTS}/1", data=issued(hall), follow_redirects=True)
    assert "投票结束后登记收回" in page.text and fields(page.text) == ["returned"]
    assert "待登记收回" in client.get(SCRUTINY).text
    page = client.post(f"{BALLOTS}/1", data=returned(hall, "27"), follow_redirects=True)
    assert "收回选票已登记。" in page.text and fields(page.text) == [] and 'data-label="收回选票">27</td>' in page.text
    assert "待登记" not in client.get(SCRUTINY).text


def test_both_are_recorded_at_once_where_the_vote_is_over(hall: Desks) -> None:
    client = hall.client(CHIEF)
    assert fields(client.get(f"{BALLOTS}?mend=1.1").text) == ["issued", "returned"]
    page = client.post(f"{BALLOTS}/1", data=both(hall, ("28", "27")), follow_redirects=True)
    assert "收回选票已登记。" in page.text and 'data-label="收回选票">27</td>' in page.text


def test_a_wrong_record_is_refused_at_its_field_and_kept(hall: Desks) -> None:
    client = hall.client(CHIEF)
    page = client.post(f"{BALLOTS}/1", data=both(hall, ("２８张", ""), ("29", "28")))
    assert page.status_code == 422 and "请填整数" in page.text and "空白不等于零" in page.text
    assert 'value="２８张"' in page.text and 'value="29"' in page.text
    page = client.post(f"{BALLOTS}/1", data=issued(hall, "29"))
    assert page.status_code == 422 and "多于实到 28 人" in page.text
    assert "待登记发出" in client.get(SCRUTINY).text


def test_what_is_wrong_in_one_field_is_told_while_others_are_blank(hall: Desks) -> None:
    page = hall.client(CHIEF).post(f"{BALLOTS}/1", data=both(hall, ("280", ""), ("", "")))
    assert page.status_code == 422 and "多于实到 28 人" in page.text
    assert page.text.count("空白不等于零") == 3
    assert "待登记发出" in hall.client(CHIEF).get(SCRUTINY).text


def test_far_fewer_issued_than_are_present_is_asked_and_recorded_once_it_is_ticked(hall: Desks) -> None:
    client = hall.client(CHIEF)
    assert 'name="knowingly"' not in client.get(BALLOTS).text
    asked = client.post(f"{BALLOTS}/1", data=issued(hall, "27"))
    assert asked.status_code == 422 and "比实到 28 人少 1 张" in asked.text and 'name="knowingly"' in asked.text
    page = client.post(f"{BALLOTS}/1", data=issued(hall, "27") | {"knowingly": "1"}, follow_redirects=True)
    assert "发出选票已登记" in page.text
    # What stands is not asked about again as the ballots come back.
    assert client.post(f"{BALLOTS}/1", data=returned(hall, "27")).status_code == 302


def test_nothing_handed_out_is_refused(desks: Desks) -> None:
    answer = desks.client(CHIEF).post(f"{BALLOTS}/1", data=both(desks, ("0", "0"), ("0", "0")))
    assert answer.status_code == 422 and "发出选票不能是 0 张" in answer.text


def test_issued_alone_is_refused_once_ballots_came_back(desks: Desks) -> None:
    answer = desks.client(CHIEF).post(f"{BALLOTS}/1", data=issued(desks))
    assert answer.status_code == 422 and "不能再只登记发出" in answer.text


def test_a_record_is_mended_until_the_vote_is_counted(desks: Desks) -> None:
    client = desks.client(CHIEF)
    assert fields(client.get(BALLOTS).text) == []
    assert fields(client.get(f"{BALLOTS}?mend=1.1").text) == ["issued", "returned"]
    page = client.post(f"{BALLOTS}/1", data=both(desks, ("28", "26")), follow_redirects=True)
    assert 'data-label="收回选票">26</td>' in page.text


def test_a_record_made_from_an_older_one_is_stale(desks: Desks) -> None:
    """Two tabs: what the first recorded is not typed away by the second."""
    client = desks.client(CHIEF)
    first = both(desks, ("28", "27")) | {"seen": seen(client.get(f"{BALLOTS}?mend=1.1").text)}
    assert client.post(f"{BALLOTS}/1", data=first).status_code == 302
    assert client.post(f"{BALLOTS}/1", data=first).status_code == 409


def test_a_contest_with_too_many_ballots_is_declared_void(hall: Desks) -> None:
    client = hall.client(CHIEF)
    client.post(f"{BALLOTS}/1", data=both(hall, ("28", "29")))
    assert "收回多于发出，须宣布无效" in client.get(SCRUTINY).text
    farmers = hall.evening.round_of("u1", "farmer")
    page = client.get(BALLOTS).text
    assert "农民（差额）：收回 29 张，多于发出 28 张" in page and "宣布第1镇农民（差额）选举无效：" in page
    assert page.index("mend=1.1#v-1-1") < page.index(f"void/{farmers}")  # to count again is offered first
    page = client.post(f"{SCRUTINY}u1/void/{farmers}", follow_redirects=True).text
    assert "已宣布该项选举无效：农民（差额）" in page and "大会主持人提出重新选举" in page
    assert page.count('class="is-void is-off"') == 1 and 'u1/follow-ups">后续选举' in page
    assert client.post(f"{SCRUTINY}u1/void/{hall.evening.round_of('u1', 'other')}").status_code == 422
    assert client.post(f"{SCRUTINY}u1/void/{hall.evening.round_of('u2', 'other')}").status_code == 404


def test_once_entry_has_begun_a_record_is_changed_by_another_scrutineer_for_a_reason(desks: Desks) -> None:
    evening = desks.evening
    evening.enter(TELLERS[0], "u1", evening.contents("u1", TIE))
    chief, other = desks.client(CHIEF), desks.client(OTHER)
    assert "由另一名监票人办理" in chief.get(BALLOTS).text
    mended = both(desks, ("28", "29"))
    alone = chief.post(f"{BALLOTS}/1", data=mended | {"reason": "看错"})
    assert alone.status_code == 422 and "须由另一名监票人更正" in alone.text
    silent = other.post(f"{BALLOTS}/1", data=mended)
    assert silent.status_code == 422 and "须写明理由" in silent.text and 'name="reason"' in silent.text
    assert other.post(f"{BALLOTS}/1", data=mended | {"reason": "重新清点"}).status_code == 302
    assert "须由另一名监票人宣布" in other.get(BALLOTS).text
    farmers = evening.round_of("u1", "farmer")
    assert other.post(f"{SCRUTINY}u1/void/{farmers}").status_code == 422
    assert "已宣布该项选举无效" in chief.post(f"{SCRUTINY}u1/void/{farmers}", follow_redirects=True).text


def test_spoiled_ballots_are_ruled_by_kind_and_the_sum_stands_beside_them(desks: Desks) -> None:
    client = desks.client(CHIEF)
    page = client.post(
        f"{BALLOTS}/1/spoiled", data=spoiled(desks, over_marked="2", torn="1", other=""), follow_redirects=True
    )
    assert "无效票认定已登记。" in page.text and "<b>3</b>" in page.text
    page = client.post(f"{BALLOTS}/1/spoiled", data=spoiled(desks), follow_redirects=True)
    assert "<b>3</b>" not in page.text and "<b>0</b>" not in page.text


def test_that_no_ballot_is_spoiled_is_said_by_a_tick_or_a_zero_and_blank_says_nothing(desks: Desks) -> None:
    client = desks.client(CHIEF)
    tick = f"none.{desks.evening.round_of('u1', 'farmer')}"
    for said in ({tick: "1"}, spoiled(desks, torn="0")):
        page = client.post(f"{BALLOTS}/1/spoiled", data=spoiled(desks) | said, follow_redirects=True).text
        assert page.count("<b>0</b>") == 1 and re.search(f'name="{tick}"[^>]* checked', page)
        assert desks.evening.sheet("u1").context.sections[tick[5:]].spoiled == 0
    both_said = client.post(f"{BALLOTS}/1/spoiled", data=spoiled(desks, torn="2") | {tick: "1"})
    assert both_said.status_code == 422 and "请只留一项" in both_said.text
    client.post(f"{BALLOTS}/1/spoiled", data=spoiled(desks))
    assert desks.evening.sheet("u1").context.sections[tick[5:]].spoiled is None


@pytest.mark.parametrize(("typed", "said"), [("两张", "请填整数"), ("29", "多于收回的 28 张")])
def test_a_wrong_ruling_is_refused_at_its_place_and_kept(desks: Desks, typed: str, said: str) -> None:
    page = desks.client(CHIEF).post(f"{BALLOTS}/1/spoiled", data=spoiled(desks, torn=typed))
    assert page.status_code == 422 and said in page.text and f'value="{typed}"' in page.text


def test_a_ruling_made_from_an_older_one_is_stale(desks: Desks) -> None:
    data = spoiled(desks, torn="1") | {"seen": "0:"}
    assert desks.client(CHIEF).post(f"{BALLOTS}/1/spoiled", data=data).status_code == 409


def test_a_later_vote_has_ballots_of_its_own(desks: Desks) -> None:
    tie_ballot(desks)
    client = desks.client(CHIEF)
    page = client.get(BALLOTS).text
    assert "第 2 次投票" in page and page.index("第 2 次投票") < page.index("首次投票") and "再次投票" in page
    assert "forms/01-1-1-2" in page and fields(page) == ["issued"]
    assert "待登记发出" in client.get(SCRUTINY).text
    found = re.findall(r'name="(ballots\.\d+\.issued)"', page)
    assert len(found) == 1  # the tied contest alone
    client.post(f"{BALLOTS}/1", data={found[0]: "27", "ballot": "2", "knowingly": "1"})
    later = {found[0].replace("issued", "returned"): "26", "ballot": "2"}
    page = client.post(f"{BALLOTS}/1", data=later, follow_redirects=True).text
    assert 'data-label="发出选票">27</td>' in page and 'data-label="收回选票">26</td>' in page
    assert client.post(f"{BALLOTS}/1", data=both(desks, ("28", "27")) | {"ballot": "1"}).status_code == 422


def test_no_vote_or_venue_or_meeting_that_is_not_there_is_recorded(desks: Desks) -> None:
    client = desks.client(CHIEF)
    for path, data in ((f"{BALLOTS}/9", {}), (f"{BALLOTS}/1", {"ballot": "7"}), (f"{BALLOTS}/1", {"number": "5"})):
        assert client.post(path, data=both(desks, ("28", "28")) | data).status_code == 404
    assert client.get(f"{BALLOTS}?number=5").status_code == 404
    assert client.get(f"{BALLOTS}?number=1").status_code == 200


def test_what_was_issued_is_corrected_by_itself_while_the_vote_lasts(hall: Desks) -> None:
    client = hall.client(CHIEF)
    client.post(f"{BALLOTS}/1", data=issued(hall, "27") | {"knowingly": "1"})
    page = client.get(f"{BALLOTS}?mend=1.1").text
    assert fields(page) == ["issued"] and "更正发出数</button>" in page
    assert client.post(f"{BALLOTS}/1", data=issued(hall)).status_code == 302
    assert fields(client.get(BALLOTS).text) == ["returned"]


def test_a_vote_that_lost_the_quorum_is_declared_void_at_the_desk(sqlite_stores: Stores) -> None:
    made = desks_from(sqlite_stores, "nominated", nominated)
    planned(made.evening)
    evening, at = made.evening, made.evening.meetings["u1"]
    with evening.county.acting("u1") as act:
        second = add_venue(act, at, "第二会场").id
    hall_id = second - 1
    with evening.county.acting("u1") as act:
        set_present(act, hall_id, 16)
        set_present(act, second, 12)
        open_meeting(act, at, method_adopted=True, scrutineers_voted=True)
    client = made.client(CHIEF)
    client.post(f"{BALLOTS}/{hall_id}", data=issued(made, "16", "16"))
    assert "宣布这次投票无效" not in client.get(BALLOTS).text
    with evening.county.acting("u1") as act:
        set_present(act, second, 4, reason="已离场")
    refused = client.post(f"{BALLOTS}/{second}", data=issued(made, "4", "4"))
    assert refused.status_code == 422 and "不到法定人数（至少 24 人），不能发出选票" in refused.text
    assert "由监票人在选票登记页宣布这次投票无效" in made.client("u1").get("/c/xian-14/units/u1/meeting").text
    page = client.get(BALLOTS).text
    assert "第 1 次投票实到 20 人，不到法定人数 24 人" in page and "宣布这次投票无效" in page
    page = client.post(f"{SCRUTINY}u1/void/{evening.round_of('u1', 'farmer')}", follow_redirects=True).text
    assert "已宣布第 1 次投票无效（到会不足法定人数）" in page
    assert (
        page.count("到会不足法定人数，已宣布选举无效") == 2
        and "多于发出" not in page.split("<main")[1].split("cols")[1]
    )
    chair = made.client("u1").get("/c/xian-14/units/u1/meeting").text
    assert "到会不足法定人数，选举无效，不计票" in chair and "提出重新选举" in chair and "宣布散会" in chair
    evening.county.database.close()


def test_no_ballot_is_recorded_as_issued_while_a_strike_waits(hall: Desks) -> None:
    with hall.evening.county.acting("u1") as act:
        gone = hall.evening.members_standing("u1", "farmer")[0]
        propose_strike(act, hall.evening.round_of("u1", "farmer"), gone, "突发疾病去世")
    refused = hall.client(CHIEF).post(f"{BALLOTS}/1", data=issued(hall))
    assert refused.status_code == 422 and "同意或者撤回以前，不能发出选票" in refused.text
