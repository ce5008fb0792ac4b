"""A scrutineer agrees to what the chair proposed, with the figures in view, or takes back what was agreed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from election.count.operations_follow_up import Vacancy, drop, propose_round, propose_strike, propose_vacancy
from election.count.queries_follow_up import contest_states
from election.meeting.models_evening import FollowUp, FollowUpKind
from tests.election.count.conftest import make_counting
from tests.election.count.test_follow_up import SHORT, TIE
from tests.support.desks import Desks, desks_from
from tests.support.evening import SCRUTINEERS, TELLERS, nominated, opened
from tests.support.stores import Stores

SCRUTINY = "/c/xian-14/scrutiny/"
FOLLOWING = SCRUTINY + "u1/follow-ups"
CHIEF, OTHER = SCRUTINEERS


@pytest.fixture
def desks(sqlite_stores: Stores) -> Iterator[Desks]:
    made = desks_from(sqlite_stores, "counting", make_counting)
    yield made
    made.evening.county.database.close()


def farmers(desks: Desks) -> int:
    county = desks.evening.county
    with county.reading() as session:
        states = contest_states(session, county.congress_id, county.units["u1"])
        return next(one.result.contest.id for one in states if one.result.contest.category.name == "农民")


def proposed(desks: Desks, kind: FollowUpKind) -> int:
    contest = farmers(desks)
    with desks.evening.county.acting("u1") as act:
        return propose_round(act, contest, kind).id


def test_what_was_proposed_waits_with_names_and_figures_and_is_agreed_to(desks: Desks) -> None:
    desks.evening.count("u1", TIE)
    row = proposed(desks, FollowUpKind.TIE_BALLOT)
    client = desks.client(CHIEF)
    assert "等我同意的后续选举" in client.get(SCRUTINY).text
    page = client.get(FOLLOWING).text
    assert (
        "再次投票：应选 1 名，候选人 2 名" in page
        and "16 票" in page
        and desks.evening.county.people["u1"].name in page
    )
    page = client.post(f"{FOLLOWING}/{row}/agree", follow_redirects=True).text
    assert "已同意。" in page and "第 2 次投票" in page and "现在没有等您同意的安排" in page
    assert "打印第 2 次投票的选票和计票单" in page and "等大会主持人提出" not in page
    assert "等我同意的后续选举" not in client.get(SCRUTINY).text
    assert client.post(f"{FOLLOWING}/{row}/agree").status_code == 409


def test_what_was_agreed_is_taken_back_with_a_reason_that_is_asked_for(desks: Desks) -> None:
    desks.evening.count("u1", SHORT)
    row = proposed(desks, FollowUpKind.SUPPLEMENTARY)
    client = desks.client(CHIEF)
    assert "选票还没有发出的" not in client.post(f"{FOLLOWING}/{row}/agree", follow_redirects=True).text
    assert client.post(f"{FOLLOWING}/{row}/drop", data={"reason": "自己撤销"}).status_code == 403
    other = desks.client(OTHER)
    page = other.post(f"{FOLLOWING}/{row}/drop", data={"reason": " "})
    assert page.status_code == 422 and "请写明理由" in page.text and '<details class="confirm" open' in page.text
    page = other.post(f"{FOLLOWING}/{row}/drop", data={"reason": "应先更正"}, follow_redirects=True)
    assert "已撤销" in page.text and f"{desks.evening.county.people[OTHER].name}：应先更正" in page.text


def test_seats_left_vacant_show_who_consented_of_how_many(desks: Desks) -> None:
    desks.evening.count("u1", SHORT)
    contest = farmers(desks)
    with desks.evening.county.acting("u1") as act:
        row = propose_vacancy(act, contest, Vacancy(17, "仁和决〔2031〕3号"), "票数接近").id
    page = desks.client(CHIEF).get(FOLLOWING).text
    assert "17 / 30" in page and "即 16 人" in page and "仁和决〔2031〕3号" in page and "票数接近" in page
    assert "已生效" in desks.client(CHIEF).post(f"{FOLLOWING}/{row}/agree", follow_redirects=True).text


def test_a_correction_in_between_leaves_nothing_to_agree_to(desks: Desks) -> None:
    desks.evening.count("u1", SHORT)
    row = proposed(desks, FollowUpKind.SUPPLEMENTARY)
    with desks.evening.county.acting("office") as act:
        act.session.get_one(FollowUp, row).seats = 2
    client = desks.client(CHIEF)
    assert "这项安排不再适用" in client.get(FOLLOWING).text
    page = client.post(f"{FOLLOWING}/{row}/agree")
    assert page.status_code == 409 and "结果已有更正" in page.text


def test_a_candidate_is_struck_before_ballots_go_out(sqlite_stores: Stores) -> None:
    desks = desks_from(sqlite_stores, "nominated", nominated)
    opened(desks.evening)
    gone = desks.evening.members_standing("u1", "farmer")[0]
    name = desks.evening.county.person_of(gone).name
    with desks.evening.county.acting("u1") as act:
        row = propose_strike(act, desks.evening.round_of("u1", "farmer"), gone, "突发疾病去世").id
    client = desks.client(CHIEF)
    page = client.get(FOLLOWING).text
    assert f"{name}不再列入候选人名单" in page and "突发疾病去世" in page and "现在名单上" in page
    assert "（候选人 2 名，应选 2 名）。" in page and "由差额选举变成等额选举" in page
    page = client.post(f"{FOLLOWING}/{row}/agree", follow_redirects=True).text
    assert "已生效" in page and f"{FOLLOWING}/{row}/drop" not in page
    desks.evening.county.database.close()


def test_only_a_scrutineer_of_the_meeting_agrees_and_only_to_what_is_of_this_unit(desks: Desks) -> None:
    desks.evening.count("u1", TIE)
    row = proposed(desks, FollowUpKind.TIE_BALLOT)
    for who in ("u1", "office", TELLERS[0]):
        client = desks.client(who)
        assert client.get(FOLLOWING).status_code == 403
        assert client.post(f"{FOLLOWING}/{row}/agree").status_code == 403
    assert desks.client(CHIEF).post(f"{SCRUTINY}u2/follow-ups/{row}/agree").status_code == 404
    assert desks.client(CHIEF).post(f"{FOLLOWING}/99/agree").status_code == 404
    assert desks.client(CHIEF).post(f"{FOLLOWING}/{row}/drop", data={"reason": "不同意"}).status_code == 403


def test_what_the_chair_took_back_stays_in_view_with_its_reason(desks: Desks) -> None:
    desks.evening.count("u1", TIE)
    row = proposed(desks, FollowUpKind.TIE_BALLOT)
    with desks.evening.county.acting("u1") as act:
        drop(act, row, "改日再投")
    page = desks.client(CHIEF).get(FOLLOWING).text
    assert "改日再投" in page and f"{row}/agree" not in page and "还有 1 项等大会主持人提出" in page
