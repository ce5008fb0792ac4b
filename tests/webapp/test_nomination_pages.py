"""From the application to the frozen slate, at the desks of branch, office and unit."""

from __future__ import annotations

import re

import pytest

from election.nomination.lifecycle import ApplicationState
from election.nomination.queries import applications, slates
from election.notices.models import NoticeKind
from election.notices.queries import latest_notice, objections
from election.people.actor import Role
from election.people.models import Person
from election.people.operations import grant_role
from election.quotas.queries import assigned_leaders
from tests.support.county import ROOT
from tests.support.nominating import LONG, apply, divided, handed_in, members_of, propose
from tests.webapp.conftest import CountySite, MakeSite


@pytest.fixture
def open_(county_site: MakeSite) -> CountySite:
    """Rosters verified, seats divided, nobody standing."""
    return county_site("divided", divided)


@pytest.fixture
def slated(county_site: MakeSite) -> CountySite:
    """Slates handed in, the notice hanging."""
    return county_site("handed in", handed_in)


def branch_page(at: CountySite, path: str = "", branch: str = "u1-b1") -> str:
    return at.page(f"/branches/{at.county.branches[branch]}/{path}")


def states(at: CountySite) -> list[str]:
    with at.county.reading() as session:
        return [line.state.value for line in applications(session, at.county.congress_id)]


BALLOT = {
    "held_on": "2031-03-03", "electors.expected": "12", "electors.present": "11", "ballots.issued": "11",
    "ballots.returned": "11", "ballots.valid": "10", "ballots.spoiled": "1",
    "candidates[0].for": "8", "candidates[0].against": "2", "candidates[0].abstain": "0",
    "candidates[1].for": "６", "candidates[1].against": "4", "candidates[1].abstain": "0",
}  # fmt: skip


# The branch


def test_the_clerk_of_one_branch_arrives_at_it(open_: CountySite) -> None:
    answer = open_.at("u1-b1").get(open_.page("/branches/"))
    assert answer.status_code == 302 and answer.location.endswith(branch_page(open_))


def test_only_those_who_may_stand_are_offered_with_their_recorded_category(open_: CountySite) -> None:
    page = open_.at("u1-b1").get(branch_page(open_)).text
    offered = re.findall(r'<option value="(\d+)"', page)
    may = members_of(open_.county, "u1-b1", "leader") + members_of(open_.county, "u1-b1", "farmer")
    assert sorted(map(int, offered)) == sorted(may)  # no seats for others in this unit
    assert "丁一一 · 领导干部" in page


def test_a_member_stands_and_withdraws_at_the_branch_s_desk(open_: CountySite) -> None:
    clerk = open_.at("u1-b1")
    member_id = members_of(open_.county, "u1-b1", "farmer")[0]
    fields = {"member": member_id, "source": "self", "statement": "愿为大家办事"}
    assert "报名已登记" in clerk.post(branch_page(open_, "applications"), fields, follow_redirects=True).text
    again = clerk.post(branch_page(open_, "applications"), fields)
    assert again.status_code == 422 and "已有报名" in again.text and "愿为大家办事" in again.text
    with open_.county.reading() as session:
        number = applications(session, open_.county.congress_id)[0].id
    done = clerk.post(
        branch_page(open_, f"applications/{number}/withdraw"), {"reason": "家中有事"}, follow_redirects=True
    )
    assert "已退出" in done.text and "家中有事" in done.text
    assert states(open_) == ["withdrawn"]


def test_standing_without_choosing_anyone_is_refused_in_words(open_: CountySite) -> None:
    answer = open_.at("u1-b1").post(branch_page(open_, "applications"), {"member": ""})
    assert answer.status_code == 422 and "请选择要报名的党员" in answer.text


def test_the_ballot_is_entered_as_totals(open_: CountySite) -> None:
    apply(open_.county, "u1-b1", "farmer", 2)
    clerk = open_.at("u1-b1")
    page = clerk.get(branch_page(open_, "ballot/farmer")).text
    assert 'name="electors.expected" type="text" value="12"' in page
    done = clerk.post(branch_page(open_, "ballot/farmer"), BALLOT, follow_redirects=True)
    assert "推选结果已登记" in done.text
    assert states(open_) == ["preliminary", "not_nominated"]  # 8 of 12 expected, and 6


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"electors.present": ""}, "f-electors-present", "没有的填 0"),
        ({"candidates[1].for": "六"}, "f-1-for", "请填整数"),
        ({"electors.expected": "13"}, "f-electors-expected", "多于本支部有表决权的党员 12 人"),
        ({"ballots.returned": "12"}, "f-ballots-returned", "选举无效"),
        ({"candidates[1].against": "5"}, "f-1", "与有效票 10 张不符"),
        ({"held_on": ""}, "f-held_on", "请填写推选日期"),
        ({"held_on": "2031-03-09"}, "f-held_on", "不能晚于今天"),
    ],
)
def test_a_wrong_ballot_comes_back_with_the_sentence_at_its_field(
    open_: CountySite, change: dict[str, str], field: str, sentence: str
) -> None:
    apply(open_.county, "u1-b1", "farmer", 2)
    answer = open_.at("u1-b1").post(branch_page(open_, "ballot/farmer"), {**BALLOT, **change})
    assert answer.status_code == 422
    at = answer.text.split(f'id="{field}-error"')
    assert len(at) == 2 and sentence in at[1][:400]
    assert 'value="８"' in answer.text or 'value="8"' in answer.text  # nothing typed is lost
    assert states(open_) == ["applied", "applied"]


def test_a_ballot_on_nobody_leads_back_to_the_branch(open_: CountySite) -> None:
    assert open_.at("u1-b1").get(branch_page(open_, "ballot/farmer")).status_code == 302
    assert open_.at("u1-b1").get(branch_page(open_, "ballot/artists")).status_code == 404


def test_a_branch_s_desk_is_closed_to_every_other_branch(open_: CountySite) -> None:
    assert open_.at("u1-b1").get(branch_page(open_, branch="u2-b1")).status_code == 403
    assert open_.at("office").get(branch_page(open_)).status_code == 403
    assert open_.at("u1-b1").get(open_.page("/branches/1/")).status_code == 403


def test_the_branch_sees_its_members(open_: CountySite) -> None:
    assert open_.at("u1-b1").get(branch_page(open_, "members")).text.count('<th scope="row">') == 12


# Reviews


def waiting(at: CountySite) -> list[int]:
    with at.county.reading() as session:
        return [line.id for line in applications(session, at.county.congress_id, states=[ApplicationState.PRELIMINARY])]


def test_the_office_passes_several_together(open_: CountySite) -> None:
    apply(open_.county, "u1-b1", "farmer", 2)
    open_.at("u1-b1").post(
        branch_page(open_, "ballot/farmer"), {**BALLOT, "candidates[1].for": "7", "candidates[1].against": "3"}
    )
    office = open_.at("office")
    ids = waiting(open_)
    assert office.get(open_.page("/office/reviews")).text.count('type="checkbox"') == 2
    assert "请先勾选" in office.post(open_.page("/office/reviews/pass"), follow_redirects=True).text
    done = office.post(open_.page("/office/reviews/pass"), {"application": ids}, follow_redirects=True)
    assert "2 人通过审查" in done.text
    assert states(open_) == ["proposed", "proposed"]
    assert "预备人选" in office.get(open_.page("/office/reviews?state=proposed")).text


def test_a_refusal_is_asked_for_its_reason_and_then_shown_with_it(open_: CountySite) -> None:
    apply(open_.county, "u1-b1", "farmer", 2)
    open_.at("u1-b1").post(branch_page(open_, "ballot/farmer"), BALLOT)
    (number,) = waiting(open_)
    office, address = open_.at("office"), open_.page(f"/office/reviews/{number}")
    assert "8" in office.get(address).text
    wrong = office.post(address, {"finding": "refuse", "reason": ""})
    assert wrong.status_code == 422 and "请写明审查不通过的理由" in wrong.text
    assert office.post(address, {}).status_code == 422
    office.post(address, {"finding": "refuse", "reason": "不符合第三条"})
    assert "不符合第三条" in office.get(open_.page("/office/reviews?state=review_refused")).text


def test_an_end_names_its_cause(open_: CountySite) -> None:
    (number,) = propose(open_.county, "u1-b1", "farmer", 1)
    office, address = open_.at("office"), open_.page(f"/office/reviews/{number}/end")
    assert "请注明资格终止的原因" in office.post(address, {"end": ""}).text
    assert "组织关系转出：调离" in office.post(address, {"end": "transfer", "note": "调离"}, follow_redirects=True).text


def test_an_unknown_state_is_a_bad_request_in_words(open_: CountySite) -> None:
    assert open_.at("office").get(open_.page("/office/reviews?state=dancing")).status_code == 422
    assert open_.at("office").get(open_.page("/office/reviews/999")).status_code == 404


# Notices


def test_the_notice_is_published_and_printable(open_: CountySite) -> None:
    propose(open_.county, "u1-b1", "farmer", 2)
    office = open_.at("office")
    assert "还没有发布过公示" in office.get(open_.page("/office/notices")).text
    page = office.post(open_.page("/office/notices"), follow_redirects=True).text
    assert "公示已发布" in page
    assert "自2031年3月3日至2031年3月10日" in page and "（等额）" in page
    assert "1985年5月" in page and "5月5日" not in page
    assert "还有 6 个工作日" in office.get(open_.page("/office/notices")).text


def test_publishing_while_a_review_is_open_is_refused(open_: CountySite) -> None:
    apply(open_.county, "u1-b1", "farmer", 2)
    open_.at("u1-b1").post(branch_page(open_, "ballot/farmer"), BALLOT)
    office = open_.at("office")
    assert "没有审查，不能公示" in office.get(open_.page("/office/notices")).text
    assert office.post(open_.page("/office/notices")).status_code == 422


def test_an_objection_is_received_and_closed_at_the_office_s_desk(slated: CountySite) -> None:
    office = slated.at("office")
    with slated.county.reading() as session:
        notice = latest_notice(session, slated.county.congress_id, NoticeKind.CANDIDATES)
        assert notice is not None
        about = notice.content["people"][0]
        name = session.get_one(Person, about).name
    address = slated.page(f"/office/notices/{notice.id}/objection")
    missing = office.post(address, {"about": "0", "raised_by": "", "text": ""})
    assert missing.status_code == 422 and "请填写提出异议的人或单位" in missing.text
    assert "请选择公示名单上的人" in office.post(address, {"about": "0", "raised_by": "群众", "text": "不实"}).text
    fields = {"about": about, "raised_by": "群众", "text": "材料不实"}
    assert "异议已登记" in office.post(address, fields, follow_redirects=True).text
    with slated.county.reading() as session:
        number = objections(session, slated.county.congress_id)[0].id
    closing = slated.page(f"/office/objections/{number}")
    assert name in office.get(closing).text
    assert office.post(closing, {"finding": "", "upheld": "no"}).status_code == 422
    done = office.post(closing, {"finding": "经查不属实", "upheld": "no"}, follow_redirects=True).text
    assert "已办结" in done and "不成立" in done
    assert office.post(closing, {"finding": "再查", "upheld": "no"}).status_code == 422


# Slates


def test_the_board_shows_where_candidates_are_missing(open_: CountySite) -> None:
    propose(open_.county, "u1-b1", "leader", 2)
    page = open_.at("office").get(open_.page("/office/slates")).text
    assert "缺 2" in page and "另有等额 1 名" in page
    assert "3 处不足" in page


def test_the_unit_draws_up_hands_in_and_takes_back(open_: CountySite) -> None:
    for category in ("leader", "farmer"):
        propose(open_.county, "u1-b1", category, 2)
    clerk, home = open_.at("u1"), open_.page("/units/u1/")
    assert "没有编制齐全" in clerk.post(f"{home}slates/submit").text
    drawn = clerk.post(f"{home}slates/open", follow_redirects=True).text
    assert "已按姓氏笔画编制" in drawn and "应选 1 名，候选人 2 名" in drawn
    assert "已提交县委组织部" in clerk.post(f"{home}slates/submit", follow_redirects=True).text
    assert "已撤回" in clerk.post(f"{home}slates/withdraw", follow_redirects=True).text
    assert clerk.post(f"{home}slates/dance").status_code == 404


def test_an_order_by_hand_needs_every_place_and_a_reason(open_: CountySite) -> None:
    propose(open_.county, "u1-b1", "farmer", 2)
    clerk, home = open_.at("u1"), open_.page("/units/u1/")
    clerk.post(f"{home}slates/open")
    with open_.county.reading() as session:
        line = next(
            one
            for one in slates(session, open_.county.congress_id, open_.county.units["u1"])
            if one.category_code == "farmer"
        )
    assert line.slate is not None
    address = f"{home}slates/{line.slate.id}/order"
    first, second = (f"place-{one.candidate_id}" for one in line.candidates)
    assert clerk.get(address).status_code == 200
    assert "各一次" in clerk.post(address, {first: "1", second: "1", "reason": "字表未收"}).text
    assert "须写明理由" in clerk.post(address, {first: "2", second: "1", "reason": ""}).text
    done = clerk.post(address, {first: "2", second: "1", "reason": "字表未收"}, follow_redirects=True).text
    assert "次序由人工排定：字表未收" in done
    assert clerk.get(f"{home}slates/9999/order").status_code == 404


def test_the_office_sees_what_blocks_and_freezes_when_nothing_does(slated: CountySite) -> None:
    office, address = slated.at("office"), slated.page("/office/slates/u1")
    hanging = office.get(address).text
    assert "公示到2031年3月10日止" in hanging and "确定名单</button>" not in hanging
    early = office.post(f"{address}/freeze")
    assert early.status_code == 422 and "还不能确定" in early.text
    slated.county.wait(LONG)
    office = slated.at("office")
    assert "确定名单</button>" in office.get(address).text
    assert "3 份候选人名单已确定" in office.post(f"{address}/freeze", follow_redirects=True).text
    frozen = office.get(address).text
    assert "数据指纹" in frozen and "改出新版本" in frozen


def test_the_office_gives_back_with_a_reason_that_the_unit_reads(slated: CountySite) -> None:
    office, address = slated.at("office"), slated.page("/office/slates/u1/return")
    assert "请写明退回名单" in office.post(address, {"reason": ""}).text
    office.post(address, {"reason": "请补一名妇女"})
    assert "请补一名妇女" in slated.at("u1").get(slated.page("/units/u1/")).text


def test_a_frozen_slate_gives_way_to_a_new_version(slated: CountySite) -> None:
    slated.county.wait(LONG)
    office, address = slated.at("office"), slated.page("/office/slates/u1")
    office.post(f"{address}/freeze")
    with slated.county.reading() as session:
        line = slates(session, slated.county.congress_id, slated.county.units["u1"])[0]
    assert line.slate is not None
    way = f"{address}/{line.slate.id}/supersede"
    assert office.post(way, {"reason": ""}).status_code == 422
    assert "第 2 版" in office.post(way, {"reason": "有人去世"}, follow_redirects=True).text
    assert office.post(slated.page(f"/office/slates/u2/{line.slate.id}/supersede"), {"reason": "x"}).status_code == 404


@pytest.mark.parametrize("path", ["/office/slates", "/office/reviews", "/office/notices", "/office/slates/u1"])
def test_the_office_s_pages_are_the_office_s(slated: CountySite, path: str) -> None:
    assert slated.at("u1").get(slated.page(path)).status_code == 403
    assert slated.at("approver").get(slated.page(path)).status_code == 403


def test_the_board_is_read_in_a_handful_of_statements_not_one_per_row(slated: CountySite) -> None:
    office = slated.at("office")
    statements = slated.site.listen()
    office.get(slated.page("/office/slates"))
    assert len(statements) < 35, statements


def test_the_office_is_told_on_the_page_why_an_assignment_stays(slated: CountySite) -> None:
    with slated.county.reading() as session:
        row = assigned_leaders(session, slated.county.congress_id)[0]
    answer = slated.at("office").post(slated.page(f"/office/leaders/{row.id}/release"))
    assert answer.status_code == 422
    assert "第1镇的候选人名单已提交，等额安排不能再改" in answer.text and row.name in answer.text


def test_a_reason_that_is_too_long_is_refused_on_the_page_with_the_most_it_may_have(slated: CountySite) -> None:
    answer = slated.at("office").post(slated.page("/office/slates/u1/return"), {"reason": "长" * 401})
    assert answer.status_code == 422 and "400" in answer.text
    with slated.county.reading() as session:
        lines = slates(session, slated.county.congress_id, slated.county.units["u1"])
    assert {line.state.value for line in lines if line.state} == {"submitted"}


def test_the_list_of_branches_costs_no_statement_per_branch(open_: CountySite) -> None:
    apply(open_.county, "u1-b1", "farmer", 2)
    clerk = open_.county.people["u1-b1"].person_id
    sent = []
    for more in ("u1-b2", "u2-b1", "u2-b2"):
        with open_.county.acting(ROOT) as act:
            place = {"congress_id": open_.county.congress_id, "organisation_id": open_.county.branches[more]}
            grant_role(act, act.session.get_one(Person, clerk), Role.BRANCH_CLERK, **place)
        visitor = open_.at("u1-b1")
        statements = open_.site.listen() if not sent else open_.site.statements
        statements.clear()
        page = visitor.get(open_.page("/branches/")).text
        sent.append(len(statements))
        assert page.count("2 人待推选") == 1
    assert sent[0] == sent[1] == sent[2]


def test_the_elector_list_writes_every_month_of_birth(open_: CountySite) -> None:
    for desk, path in (("u1", "/units/u1/electors"), ("office", "/office/roster/units/u1")):
        assert open_.at(desk).get(open_.page(path)).text.count("1985年5月") == 24


def test_a_leader_is_assigned_by_name_unless_they_stand(open_: CountySite) -> None:
    apply(open_.county, "u1-b1", "leader", 1)
    standing, free = (open_.county.person_of(member).name for member in members_of(open_.county, "u1-b1", "leader")[:2])
    office = open_.at("office")
    refused = office.post(open_.page("/office/leaders"), {"name": standing, "unit": "u2"})
    assert refused.status_code == 422 and f"{standing}已报名参选，不能再安排等额名额" in refused.text
    assert office.post(open_.page("/office/leaders"), {"name": free, "unit": "u2"}).status_code == 302
    assert free in office.get(open_.page("/office/leaders")).text
