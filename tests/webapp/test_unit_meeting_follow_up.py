"""What follows after a vote, as the chair proposes it on the meeting's page: due, waiting, agreed, dropped, struck."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from election.count.models import Result
from election.count.operations_follow_up import agree
from election.count.operations_scrutiny import withdraw_confirmation
from election.count.queries_follow_up import ContestState, contest_states
from election.meeting.models import MeetingOfficer
from election.meeting.models_evening import FollowUpKind
from election.meeting.operations import close_meeting
from election.meeting.operations_ballots import record_ballots
from election.meeting.queries_evening import FollowUpView, follow_ups_of
from election.people.actor import Role
from election.store.database import Database
from tests.support.desks import Desks, desks_from
from tests.support.evening import SCRUTINEERS, Evening, balloted, in_session, nominated
from tests.support.stores import Stores

MEETING = "/c/xian-14/units/u1/meeting"
# 28 present of 30 expected: 16 votes are needed. Two seats for farmers, one for others.
VOTES = {"农民": [20, 16, 16, 2], "其他基层": [14, 8, 3]}


def counted(database: Database) -> Evening:
    """A tie among farmers, nobody above the majority among the others."""
    evening = nominated(database, standing={("u1", "farmer"): 4, ("u1", "other"): 3})
    balloted(evening)
    evening.count("u1", VOTES)
    return evening


@pytest.fixture
def desks(sqlite_stores: Stores) -> Iterator[Desks]:
    made = desks_from(sqlite_stores, "counted with a tie", counted)
    yield made
    made.evening.county.database.close()


def state_of(desks: Desks, category: str) -> ContestState:
    county = desks.evening.county
    with county.reading() as session:
        found = contest_states(session, county.congress_id, county.units["u1"])
        state = next(one for one in found if one.result.contest.category.name == category)
        session.expunge_all()
    return state


def contest(desks: Desks, category: str) -> str:
    return f"{MEETING}/contests/{state_of(desks, category).result.contest.id}"


def follow_ups(desks: Desks) -> list[FollowUpView]:
    with desks.evening.county.reading() as session:
        found = follow_ups_of(session, desks.evening.meetings["u1"])
        session.expunge_all()
    return found


def agreed(desks: Desks) -> None:
    for one in follow_ups(desks):
        if one.waits:
            with desks.evening.county.acting(SCRUTINEERS[0]) as act:
                agree(act, one.row.id)


def test_a_tie_is_proposed_among_the_tied_and_waits_for_the_scrutineer(desks: Desks) -> None:
    client = desks.client("u1")
    due = client.get(MEETING).text
    assert "只在他们中再次投票" in due and "2 项要安排" in due and "后续选举" in due
    page = client.post(f"{contest(desks, '农民')}/next", follow_redirects=True).text
    assert "已提出，等监票人同意。" in page and "1 项要安排，1 项等监票人同意" in page
    (one,) = follow_ups(desks)
    assert (one.row.kind, len(one.names), one.waits) == (FollowUpKind.TIE_BALLOT, 2, True)
    agreed(desks)
    page = client.get(MEETING).text
    assert "第 2 次投票：发出选票" in page and "第 2 次投票实到" in page
    # The vote that is on stands first, what was counted is folded; nobody goes home meanwhile.
    assert "农民" in page.split("vote-head")[1] and "第 1 次投票 2 项，已计票" in page and "01-1-1-2" in page
    # Nobody was handed a ballot of it: who goes home leaves it for another meeting, and is told so by name.
    assert "没有发出选票的 1 项（农民（差额 · 再次投票））本次大会不再投票" in page


def test_the_page_lists_who_is_elected_and_what_is_open_and_how_many_votes_it_takes(desks: Desks) -> None:
    page = desks.client("u1").get(MEETING).text
    elected = page.split('id="elected"')[1].split("</section>")[0]
    state = state_of(desks, "农民")
    winners = [line.name for line in state.result.rounds[0].lines if line.result is Result.ELECTED]
    assert [f"<b>{name}</b>" in elected for name in winners] == [True]
    assert "1 名得票相等，待再次投票" in elected and "缺 1 名，待另行选举" in elected and "还有 2 名没有选出" in elected
    results = page.split('id="results"')[1].split("</section>")[0]
    assert results.count("须得 16 票（超过应到会 30 人的一半）") == 2 and results.count("contest-result") == 2


def test_the_chair_chooses_who_stands_in_a_supplementary_election(desks: Desks) -> None:
    client, state = desks.client("u1"), state_of(desks, "其他基层")
    assert state.due is not None
    page = client.get(MEETING).text
    assert "按差额至少 2 名候选人" in page and page.count('name="members"') == 3 and page.count(" checked") == 2
    assert "（14 票）" in page and "不同轮次" not in page
    alone = str(state.due.may_stand[2])
    thin = client.post(f"{contest(desks, '其他基层')}/next", data={"members": [alone]})
    assert thin.status_code == 422 and "按差额须有 2 名" in thin.text and thin.text.count(" checked") == 1
    foreign = client.post(f"{contest(desks, '其他基层')}/next", data={"members": [alone, "99999"]})
    assert foreign.status_code == 422 and "不能列入" in foreign.text
    done = client.post(f"{contest(desks, '其他基层')}/next", data={"members": [alone], "reason": "其余两名退出"})
    assert done.status_code == 302 and follow_ups(desks)[0].row.members == [int(alone)]


def test_who_may_stand_a_third_time_is_listed_with_the_round_of_the_votes(desks: Desks) -> None:
    """Votes of different rounds were cast over different names: the page says which is which."""
    client, evening = desks.client("u1"), desks.evening
    due = state_of(desks, "其他基层").due
    assert due is not None
    client.post(f"{contest(desks, '其他基层')}/next", data={"members": [str(one) for one in due.candidates]})
    agreed(desks)
    later = state_of(desks, "其他基层").last_round_id
    with evening.county.acting(SCRUTINEERS[0]) as act:
        record_ballots(act, evening.meetings["u1"], {later: (28, 28)})
    evening.count("u1", {"其他基层": [9, 5]}, ballot=2)
    page = client.get(MEETING).text
    assert "各人的得票出自不同轮次" in page
    assert [part in page for part in ("（第 2 轮 9 票）", "（第 2 轮 5 票）", "（第 1 轮 3 票）")] == [True] * 3


def test_a_seat_stays_vacant_by_the_consent_of_more_than_half(desks: Desks) -> None:
    client, path = desks.client("u1"), f"{contest(desks, '其他基层')}/vacancy"
    data = {"consented": "15", "document": "记录第 3 号", "decided_on": "2031-03-03", "reason": "差距很大"}
    short = client.post(path, data=data)
    assert short.status_code == 422 and "没有超过应到会人数的一半" in short.text and "记录第 3 号" in short.text
    blank = client.post(path, data={**data, "consented": ""})
    assert blank.status_code == 422 and "请填写同意的人数。" in blank.text
    assert client.post(path, data={**data, "consented": "16"}).status_code == 302
    agreed(desks)
    page = client.get(MEETING).text
    assert "应到会 30 人中 16 人同意" in page and state_of(desks, "其他基层").vacant == 1
    tie = client.post(f"{contest(desks, '农民')}/vacancy", data={**data, "consented": "16"})
    assert tie.status_code == 422 and "只有当选人数不足时" in tie.text


def test_what_waits_is_taken_back_with_a_reason_and_proposed_anew(desks: Desks) -> None:
    client = desks.client("u1")
    client.post(f"{contest(desks, '农民')}/next")
    (one,) = follow_ups(desks)
    silent = client.post(f"{MEETING}/follow-ups/{one.row.id}/drop", data={"reason": ""})
    assert silent.status_code == 422 and "请写明理由。" in silent.text
    page = client.post(f"{MEETING}/follow-ups/{one.row.id}/drop", data={"reason": "念错了"}, follow_redirects=True).text
    assert "已撤回。" in page and "撤销：念错了" in page and "2 项要安排" in page
    client.post(f"{contest(desks, '农民')}/next")
    agreed(desks)
    settled = client.post(f"{MEETING}/follow-ups/{follow_ups(desks)[1].row.id}/drop", data={"reason": "不办了"})
    assert settled.status_code == 403  # what a scrutineer agreed to is theirs to drop


def test_what_is_left_after_closing_goes_to_another_meeting_and_the_first_stays_in_view(desks: Desks) -> None:
    client, county = desks.client("u1"), desks.evening.county
    with county.acting("u1") as act:
        close_meeting(act, desks.evening.meetings["u1"])
    assert "再开一次大会" not in client.get(MEETING).text
    client.post(f"{contest(desks, '农民')}/next")
    agreed(desks)
    page = client.get(MEETING).text
    assert "再开一次大会" in page and "已同意，另开大会投票" in page
    data = {"place": "镇会议室", "starts_at": "2031-03-10T09:00"}
    page = client.post(f"{MEETING}/plan", data=data, follow_redirects=True).text
    assert "第 2 次选举大会" in page and "01.2-1-1" in page and "待召开" in page
    # What the first meeting left is still proposed, and taken back, where the chair is now.
    assert "提出另行选举" in page and "至少 16 人" in page
    alone = {"members": [str(state_of(desks, "其他基层").due.may_stand[0])], "reason": "其余两名退出"}  # type: ignore[union-attr]
    page = client.post(f"{contest(desks, '其他基层')}/next", data=alone, follow_redirects=True).text
    assert "等监票人同意" in page and "提出另行选举" not in page
    late = max(one.row.id for one in follow_ups(desks))
    page = client.post(f"{MEETING}/follow-ups/{late}/drop", data={"reason": "改日再提"}, follow_redirects=True).text
    assert "已撤回。" in page and "提出另行选举" in page
    first = client.get(f"{MEETING}?number=1").text
    assert "得票相等" in first
    acts = re.findall(r'<form[^>]* action="([^"]+)"', first.split("<main")[1].split('class="cols evening"')[1])
    assert acts and all("/officers/" in one and "number=1" in one for one in acts)  # its tellers, and nothing else


def test_a_vote_that_was_not_issued_is_left_for_another_meeting(desks: Desks) -> None:
    client = desks.client("u1")
    client.post(f"{contest(desks, '农民')}/next")
    agreed(desks)
    page = client.post(f"{MEETING}/close", follow_redirects=True).text
    assert "大会已散会。" in page and "还有 1 项选举没有投票，须另开一次大会" in page
    data = {"place": "镇会议室", "starts_at": "2031-03-10T09:00"}
    page = client.post(f"{MEETING}/plan", data=data, follow_redirects=True).text
    assert "第 2 次选举大会" in page and "农民" in page.split('id="contests"')[1]


def test_the_county_office_replaces_a_scrutineer_of_a_closed_meeting_also_of_an_earlier_one(desks: Desks) -> None:
    client, county = desks.client("u1"), desks.evening.county
    with county.acting("u1") as act:
        close_meeting(act, desks.evening.meetings["u1"])
    client.post(f"{contest(desks, '农民')}/next")
    agreed(desks)
    page = client.get(MEETING).text
    assert "提名计票人</button>" in page and "提名监票人</button>" not in page and "由县委组织部指定、撤换" in page
    client.post(f"{MEETING}/plan", data={"place": "镇会议室", "starts_at": "2031-03-10T09:00"})
    county.sit("another", Role.SCRUTINEER)
    member = county.people["another"]
    office, at = desks.client("office"), f"{MEETING}/officers/scrutineer?number=1"
    assert "散会后指定监票人" not in office.get(MEETING).text  # the second meeting is planned: its chair names
    assert "散会后指定监票人" in office.get(f"{MEETING}?number=1").text
    silent = office.post(at, data={"person": str(member.person_id), "reason": ""})
    assert silent.status_code == 422 and "散会以后指定监票人，请写明理由。" in silent.text
    assert client.post(at, data={"person": str(member.person_id), "voted": "y"}).status_code == 422
    page = office.post(at, data={"person": str(member.person_id), "reason": "原监票人病重"}, follow_redirects=True).text
    assert f"已由县委组织部指定{member.name}为监票人。" in page and "县委组织部指定</span>" in page
    with county.reading() as session:
        held = session.scalars(select(MeetingOfficer).where(MeetingOfficer.person_id == member.person_id)).one()
        assert held.meeting_id == desks.evening.meetings["u1"]
    assert office.post(f"{MEETING}/officers/{held.id}/dismiss", data={"reason": "病愈"}).status_code == 404
    gone = office.post(f"{MEETING}/officers/{held.id}/dismiss?number=1", data={"reason": "病愈"}, follow_redirects=True)
    assert "已撤换。" in gone.text


def test_how_many_were_there_is_mended_in_an_earlier_meeting_once_its_count_is_withdrawn(desks: Desks) -> None:
    client, county = desks.client("u1"), desks.evening.county
    with county.acting("u1") as act:
        close_meeting(act, desks.evening.meetings["u1"])
    assert 'name="present-1"' not in client.get(MEETING).text
    for who in SCRUTINEERS:
        with county.acting(who) as act:
            withdraw_confirmation(act, desks.evening.form_id("u1"), "看错")
    page = client.get(MEETING).text
    assert "更正实到人数" in page and 'name="present-1"' in page
    done = client.post(f"{MEETING}/present?number=1", data={"present-1": "29", "reason": "漏点一人"})
    assert done.status_code == 302 and done.headers["Location"].endswith("number=1#attendance")


def test_a_candidate_is_struck_before_the_ballots_go_out(sqlite_stores: Stores) -> None:
    desks = desks_from(sqlite_stores, "in session", in_session)
    client, round_id = desks.client("u1"), desks.evening.round_of("u1", "farmer")
    member = desks.evening.members_standing("u1", "farmer")[1]
    name = desks.evening.county.person_of(member).name
    chosen = f"{round_id}-{member}"
    assert f'value="{chosen}"' in client.get(MEETING).text
    for wrong in ("", "x", f"99-{member}", f"{round_id}-9999", f"{round_id}-"):
        assert client.post(f"{MEETING}/strike", data={"candidate": wrong, "reason": "病故"}).status_code == 422
    silent = client.post(f"{MEETING}/strike", data={"candidate": chosen, "reason": ""})
    assert silent.status_code == 422 and "请写明理由。" in silent.text
    page = client.post(f"{MEETING}/strike", data={"candidate": chosen, "reason": "病故"}, follow_redirects=True).text
    assert f"不再列入：{name}。" in page and "理由：病故" in page
    # What is left then, before anybody agrees: two seats for two (RULES edge case 6).
    left = [desks.evening.county.person_of(one).name for one in desks.evening.members_standing("u1", "farmer")]
    left.remove(name)
    assert f"去掉后名单上：{'、'.join(left)}（候选人 2 名，应选 2 名）。" in page
    assert "由差额选举变成等额选举" in page and "不能发出这一项的选票" in page
    agreed(desks)
    assert f'value="{chosen}"' not in client.get(MEETING).text
    desks.evening.county.database.close()


def test_only_the_chair_proposes_and_only_for_the_own_unit(desks: Desks) -> None:
    path = contest(desks, "农民")
    for other in (SCRUTINEERS[0], "office", "u2"):
        assert desks.client(other).post(f"{path}/next").status_code == 403
    assert "提出再次投票" not in desks.client("office").get(MEETING).text
    assert desks.client("u2").post(path.replace("/u1/", "/u2/") + "/next").status_code == 404
    assert desks.client("u1").post(f"{MEETING}/follow-ups/99/drop", data={"reason": "x"}).status_code == 404
