"""From the application to the frozen slate, at the desks of branch, office and unit."""

from __future__ import annotations

import re

import pytest

from election.congress.models import Congress
from election.nomination.queries import applications
from election.nomination.reviewing.queries_notice import notice_outlook
from election.notices.models import NoticeKind
from election.notices.queries import latest_notice, objections
from election.people.actor import Role
from election.people.models import Person
from election.people.operations import grant_role
from tests.support.county import ROOT
from tests.support.nominating import apply, divided, give_back, hand_in, handed_in, line, members_of, propose
from tests.webapp.conftest import CountySite, MakeSite, enter_ballot


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
    page = open_.at("u1-b1").get(branch_page(open_, "applications")).text
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
    done = enter_ballot(clerk, branch_page(open_, "ballot/farmer"), BALLOT, follow_redirects=True)
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
    answer = enter_ballot(open_.at("u1-b1"), branch_page(open_, "ballot/farmer"), {**BALLOT, **change})
    assert answer.status_code == 422
    at = answer.text.split(f'id="{field}-error"')
    assert len(at) == 2 and sentence in at[1][:400]
    assert 'value="８"' in answer.text or 'value="8"' in answer.text  # nothing typed is lost
    assert states(open_) == ["applied", "applied"]


def test_a_ballot_on_nobody_leads_back_to_the_branch(open_: CountySite) -> None:
    assert open_.at("u1-b1").get(branch_page(open_, "ballot/farmer")).status_code == 302
    assert open_.at("u1-b1").get(branch_page(open_, "ballot/artists")).status_code == 404


def test_a_branch_s_desk_is_closed_to_every_other_branch_and_the_office_only_reads_it(open_: CountySite) -> None:
    assert open_.at("u1-b1").get(branch_page(open_, branch="u2-b1")).status_code == 403
    office = open_.at("office")
    page = office.get(branch_page(open_)).text
    assert "登记报名" not in page and "汇总表" not in page
    assert office.get(branch_page(open_, "applications")).status_code == 403
    assert office.get(branch_page(open_, "ballot/farmer")).status_code == 403
    assert open_.at("u1-b1").get(open_.page("/branches/1/")).status_code == 403


def test_the_branch_sees_its_members(open_: CountySite) -> None:
    assert open_.at("u1-b1").get(branch_page(open_, "members")).text.count('<th scope="row">') == 12


# Notices


def test_the_notice_is_published_and_printable(open_: CountySite) -> None:
    propose(open_.county, "u1-b1", "farmer", 2)
    office = open_.at("office")
    assert "代表候选人预备人选公示（第" not in office.get(open_.page("/office/notices")).text
    page = office.post(open_.page("/office/notices"), {"kind": "candidates"}, follow_redirects=True).text
    assert "公示已发布" in page
    assert "自2031年3月3日至2031年3月10日" in page and "（等额）" in page
    assert "1985年5月" in page and "5月5日" not in page
    assert "还有 5 个工作日" in office.get(open_.page("/office/notices")).text


def test_publishing_while_a_review_is_open_is_refused(open_: CountySite) -> None:
    apply(open_.county, "u1-b1", "farmer", 2)
    enter_ballot(open_.at("u1-b1"), branch_page(open_, "ballot/farmer"), BALLOT)
    office = open_.at("office")
    shown = office.get(open_.page("/office/notices")).text
    assert "没有决定是否上报" in shown and "人选还没有定，不能公示" in shown
    assert office.post(open_.page("/office/notices"), {"kind": "candidates"}).status_code == 422


def test_an_objection_is_received_and_closed_at_the_office_s_desk(slated: CountySite) -> None:
    office = slated.at("office")
    with slated.county.reading() as session:
        notice = latest_notice(session, slated.county.congress_id, NoticeKind.CANDIDATES)
        assert notice is not None
        about = line(slated.county, "u2", "farmer").candidates[0].person_id
        name = session.get_one(Person, about).name
    address = slated.page(f"/office/notices/{notice.id}/objection")
    missing = office.post(address, {"about": "0", "raised_by": "", "text": ""})
    assert missing.status_code == 422 and "请填写提出异议的人或单位" in missing.text
    nobody = office.post(address, {"about": "0", "raised_by": "群众", "text": "不实"}).text
    assert "请选定对谁有异议" in nobody
    fields = {"about": about, "raised_by": "群众", "text": "材料不实"}
    assert "异议已登记" in office.post(address, fields, follow_redirects=True).text
    with slated.county.reading() as session:
        number = objections(session, slated.county.congress_id)[0].id
    closing = slated.page(f"/office/objections/{number}")
    # Who passed the review never closes it.
    shown = office.get(closing).text
    assert name in shown and "请由另一人办结" in shown and 'name="finding"' not in shown
    assert office.post(closing, {"finding": "不属实", "upheld": "no"}).status_code == 422
    slated.county.sit("office2", Role.OFFICE)
    office = slated.at("office2")
    assert office.post(closing, {"finding": "", "upheld": "no"}).status_code == 422
    assert 'name="certain"' not in office.get(closing).text
    asked = office.post(closing, {"finding": "经查属实", "upheld": "yes"})
    assert asked.status_code == 422 and f"{name}不再是人选，不能恢复" in asked.text and 'name="certain"' in asked.text
    assert line(slated.county, "u2", "farmer").candidates[0].person_id == about
    done = office.post(closing, {"finding": "经查不属实", "upheld": "no"}, follow_redirects=True).text
    assert "已办结" in done and "不成立" in done
    assert office.post(closing, {"finding": "再查", "upheld": "no"}).status_code == 422


def test_before_a_supplement_goes_up_the_question_names_who_is_on_it(slated: CountySite) -> None:
    give_back(slated.county, "u2")
    propose(slated.county, "u2-b2", "farmer", 1)
    hand_in(slated.county, "u2")
    with slated.county.reading() as session:
        (name,) = notice_outlook(session, session.get_one(Congress, slated.county.congress_id)).newcomers
    page = slated.at("office").get(slated.page("/office/notices")).text
    assert f"补充公示{name}，共 1 人。" in page


@pytest.mark.parametrize("path", ["/office/reviews/1", "/office/notices"])
def test_the_office_s_pages_are_the_office_s(slated: CountySite, path: str) -> None:
    assert slated.at("u1").get(slated.page(path)).status_code == 403
    assert slated.at("approver").get(slated.page(path)).status_code == 403


def test_the_list_of_branches_costs_no_statement_per_branch(open_: CountySite) -> None:
    apply(open_.county, "u1-b1", "farmer", 2)
    clerk = open_.county.people["u1-b1"].person_id
    sent = []
    visitor = open_.at("u1-b1")
    for more in ("u1-b2", "u2-b1", "u2-b2"):
        with open_.county.acting(ROOT) as act:
            place = {"congress_id": open_.county.congress_id, "organisation_id": open_.county.branches[more]}
            grant_role(act, act.session.get_one(Person, clerk), Role.BRANCH_CLERK, **place)
        visitor = open_.at("u1-b1")
        statements = open_.site.listen() if not sent else open_.site.statements
        statements.clear()
        page = visitor.get(open_.page("/branches/")).text
        sent.append(len(statements))
        table = page.split("<tbody>")[1]
        assert table.count("2 人待推选") == 1 and table.index("2 人待推选") < table.index("没有人报名")
    narrowed = visitor.get(open_.page("/branches/?state=waiting")).text.split("<tbody>")[1]
    assert "2 人待推选" in narrowed and "没有人报名" not in narrowed
    named = visitor.get(open_.page("/branches/?name=第2镇")).text.split("<tbody>")[1]
    assert "第2镇1村党支部" in named and "第1镇1村党支部" not in named
    assert "没有符合条件的党支部" in visitor.get(open_.page("/branches/?name=没有这样的")).text
    assert visitor.get(open_.page("/branches/?state=dancing")).status_code == 422
    assert sent[0] == sent[1] == sent[2]
