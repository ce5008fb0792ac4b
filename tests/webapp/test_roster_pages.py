"""The roster at the office's desk: members corrected, branches placed, the unit's verification."""

from __future__ import annotations

import html
import re
from urllib.parse import unquote

import pytest

from election.people.models import Person
from election.roster.queries import branch_members
from election.roster.queries_units import unit_roster
from election.store.database import Database
from tests.support.county import County, identity_number, registered
from tests.webapp.conftest import CountySite, MakeSite


def unverified(database: Database) -> County:
    return registered(database, verified=False)


@pytest.fixture
def here(county_site: MakeSite) -> CountySite:
    return county_site("imported", unverified)


def seen_at(page: str) -> str:
    """The facts that the page's first form was made from."""
    return html.unescape(re.findall(r'name="seen"[^>]*value="([^"]+)"', page)[0])


def test_the_office_sees_units_organisations_and_members(here: CountySite) -> None:
    office = here.at("office")
    roster = office.get(here.page("/office/roster")).text
    assert "第1镇" in roster and "未核对" in roster
    assert "第1镇1村党支部" in office.get(here.page("/office/roster/organisations")).text
    search = here.page("/office/roster/members")
    answer = office.post(search, {"text": "丁 一", "unit": "u1"})
    found = office.get(answer.location).text
    assert "丁一一" in found and "第2镇" not in found.split("<tbody>")[1]
    # Neither names nor numbers stand in an address, where histories would keep them.
    assert "丁" not in unquote(answer.location) and "unit=u1" in answer.location
    of_a_branch = office.post(search, {"text": "2镇1村", "category": "leader"}, follow_redirects=True).text
    assert of_a_branch.count("<tr>") == 1 + 4 and "第1镇1村" not in of_a_branch.split("<tbody>")[1]
    assert "看全部" in of_a_branch and "24 人" not in of_a_branch
    assert "48 人" in office.get(f"{search}?found=made-up").text


def test_an_identity_number_leads_to_its_member(here: CountySite) -> None:
    office, search = here.at("office"), here.page("/office/roster/members")
    member = here.county.members("u1-b1")[0]
    found = office.post(search, {"text": identity_number(0, woman=True)})
    assert found.location == here.page(f"/office/roster/members/{member}")
    number = identity_number(400, woman=True)
    nobody = office.post(search, {"text": number})
    assert nobody.status_code == 422 and "没有" in nobody.text and number not in nobody.text
    wrong = office.post(search, {"text": number[:-1] + ("1" if number[-1] != "1" else "2")})
    assert wrong.status_code == 422 and number[:-1] not in wrong.text


def test_a_member_is_corrected_and_a_second_stale_form_is_told(here: CountySite) -> None:
    with here.county.reading() as session:
        line = branch_members(session, here.county.congress_id, here.county.branches["u1-b1"])[0]
    office, address = here.at("office"), here.page(f"/office/roster/members/{line.member_id}")
    seen = seen_at(office.get(address).text)
    fields = {
        "name": line.name, "branch": line.branch_name, "ethnicity": "苗族", "education": "本科",
        "joined_on": "2011-07-01", "category": "other", "post": "教师", "seen": seen,
    }  # fmt: skip
    assert "记载已更正" in office.post(address, fields, follow_redirects=True).text
    stale = office.post(address, {**fields, "post": "校长"})
    assert stale.status_code == 409
    # Who changed which field; what was typed is still there, and saving again is a decision.
    assert "经办office" in stale.text and "职务由“空”改为“教师”" in stale.text and 'value="校长"' in stale.text
    again = office.post(address, {**fields, "post": "校长", "seen": seen_at(stale.text)}, follow_redirects=True)
    assert "记载已更正" in again.text and 'value="校长"' in again.text
    nowhere = office.post(address, {**fields, "branch": "没有的支部", "seen": seen_at(again.text)})
    assert nowhere.status_code == 422 and "没有编号或名称为“没有的支部”的党支部" in nowhere.text


def test_a_wrong_correction_stays_on_the_page_with_its_sentence(here: CountySite) -> None:
    member_id = here.county.members("u1-b1")[0]
    answer = here.at("office").post(here.page(f"/office/roster/members/{member_id}"), {"name": "", "branch": "1"})
    assert answer.status_code == 422 and "请填写姓名" in answer.text


def test_a_voting_right_is_suspended_with_its_reason(here: CountySite) -> None:
    member_id = here.county.members("u1-b1")[0]
    office, address = here.at("office"), here.page(f"/office/roster/members/{member_id}")
    seen = seen_at(office.get(address).text)
    fields = {"standing": "full", "suspension": "detained", "seen": seen}
    assert "请写明理由" in office.post(f"{address}/right", fields).text
    done = office.post(f"{address}/right", {**fields, "reason": "县监委通知"}, follow_redirects=True)
    assert "留置" in done.text
    assert "留置" in office.get(here.page("/office/roster/members?vote=no")).text


def test_a_branch_moves_to_another_unit(here: CountySite) -> None:
    branch = here.county.branches["u1-b2"]
    office, address = here.at("office"), here.page(f"/office/roster/branches/{branch}")
    assert "没有这个选举单位" in office.post(address, {"unit": "u99"}).text
    assert "选举单位已保存" in office.post(address, {"unit": "u2"}, follow_redirects=True).text


def test_the_unit_s_clerk_looks_at_the_list_and_verifies_it(here: CountySite) -> None:
    clerk = here.at("u1")
    assert "去核对花名册" in clerk.get(here.page("/units/"), follow_redirects=True).text
    page = clerk.get(here.page("/units/u1/roster")).text
    seen = re.findall(r'name="seen" value="([0-9a-f]{64})"', page)[0]
    listed = clerk.get(here.page("/units/u1/electors")).text
    assert listed.count("<tr>") >= 24 and "第1镇2村党支部" in listed
    assert (
        "花名册已核对：党员 24 人"
        in clerk.post(here.page("/units/u1/verify"), {"seen": seen}, follow_redirects=True).text
    )
    with here.county.reading() as session:
        assert unit_roster(session, here.county.units["u1"]).verified
    again = clerk.post(here.page("/units/u1/verify"), {"seen": seen})
    assert again.status_code == 422 and "之后没有变动" in again.text


def test_a_list_that_changed_since_is_not_verified(here: CountySite) -> None:
    answer = here.at("u1").post(here.page("/units/u1/verify"), {"seen": "0" * 64})
    assert answer.status_code == 409 and "请重新核对" in answer.text


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("u1", "/office/roster"),
        ("u1", "/units/u2/"),
        ("u1-b1", "/units/u1/"),
        ("approver", "/office/roster/import"),
        ("u1", "/office/roster/members/1"),
    ],
)
def test_no_desk_opens_for_those_who_do_not_sit_there(here: CountySite, who: str, path: str) -> None:
    assert here.at(who).get(here.page(path)).status_code == 403


@pytest.mark.parametrize("path", ["/units/u9/", "/office/roster/members/9999", "/office/roster/branches/1"])
def test_an_unknown_place_is_not_found(here: CountySite, path: str) -> None:
    assert here.at("office").get(here.page(path)).status_code == 404


def test_whose_time_without_a_vote_has_run_out_is_shown_to_the_office(here: CountySite) -> None:
    member_id = here.county.members("u1-b1")[0]
    office, address = here.at("office"), here.page(f"/office/roster/members/{member_id}")
    fields = {
        "standing": "full", "suspension": "under_watch", "since": "2029-03-01", "until": "2031-02-28",
        "reason": "县纪委处分决定", "seen": seen_at(office.get(address).text),
    }  # fmt: skip
    done = office.post(f"{address}/right", fields, follow_redirects=True).text
    assert "期限已于2031年2月28日届满" in done and "系统不会自行改变" in done
    due = office.get(here.page("/office/roster/members?vote=due")).text
    assert due.count("期满待办") >= 2 and "1 人" in due
    assert "期满待办" in here.at("u1").get(here.page("/units/u1/roster")).text
    wrong = office.post(f"{address}/right", {**fields, "until": "2029-01-01", "seen": seen_at(done)})
    assert wrong.status_code == 422 and "截止日期早于起始日期" in wrong.text


def test_the_identity_number_is_masked_until_the_office_says_what_for(here: CountySite) -> None:
    member_id = here.county.members("u1-b1")[0]
    office, address = here.at("office"), here.page(f"/office/roster/members/{member_id}")
    number = identity_number(0, woman=True)
    masked = f"{number[:6]}********{number[-4:]}"
    page = office.get(address).text
    assert masked in page and number not in page
    asked = office.post(f"{address}/identity", {"purpose": " "})
    assert asked.status_code == 422 and "用途" in asked.text and number not in asked.text
    shown = office.post(f"{address}/identity", {"purpose": "核对身份"}).text
    assert number in shown and "只显示这一次" in shown
    assert number not in office.get(address).text


def test_a_close_relative_is_declared_by_name_and_asked_for_among_several(here: CountySite) -> None:
    county = here.county
    one, other, third = county.members("u1-b1")[:3]
    office, address = here.at("office"), here.page(f"/office/roster/members/{one}")
    name = county.person_of(other).name
    nobody = office.post(f"{address}/relatives", {"relative": "无此人", "relation": "夫妻"})
    assert nobody.status_code == 422 and "没有叫“无此人”的其他人" in nobody.text
    with county.database.writing() as session:
        session.get_one(Person, county.person_of(third).id).name = name
    several = office.post(f"{address}/relatives", {"relative": name, "relation": "夫妻"})
    assert several.status_code == 422 and f"有 2 名党员叫“{name}”" in several.text
    chosen = {"relative": name, "relation": "夫妻", "chosen": str(third)}
    assert f"已登记{name}为近亲属" in office.post(f"{address}/relatives", chosen, follow_redirects=True).text
    again = office.post(f"{address}/relatives", chosen)
    assert again.status_code == 422
    page = office.get(here.page(f"/office/roster/members/{third}")).text
    remove = re.findall(r'action="([^"]+/relatives/\d+/remove)"', page)[0]
    unsaid = office.post(remove, {"reason": ""})
    assert unsaid.status_code == 422 and "请写明撤销登记的理由" in unsaid.text
    gone = office.post(remove, {"reason": "登记错了人"}, follow_redirects=True).text
    assert "近亲属登记已撤销" in gone and "没有登记近亲属" in gone
    assert "撤销近亲属登记" in office.get(here.page("/office/audit")).text


def test_one_member_is_registered_at_the_branch(here: CountySite) -> None:
    office, branch = here.at("office"), here.county.branches["u1-b1"]
    address = here.page(f"/office/roster/branches/{branch}/register")
    assert address in office.get(here.page(f"/office/roster/branches/{branch}")).text
    typed = {
        "name": "邓新", "identity": identity_number(400), "category": "farmer", "standing": "probationary",
        "joined_on": "2029-07-01", "post": "村医",
    }  # fmt: skip
    wrong = office.post(address, {**typed, "category": ""})
    assert wrong.status_code == 422 and "村医" in wrong.text
    done = office.post(address, typed, follow_redirects=True).text
    assert "邓新已登记" in done and "预备期已于2030年6月30日届满" in done
    listed = office.get(here.page("/office/roster/members?vote=due")).text
    assert "邓新" in listed and "期满待办" in listed
    template = office.get(here.page("/office/roster/template.xlsx")).headers["Content-Disposition"]
    assert "filename=roster-template.xlsx" in template and "filename*=UTF-8''" in template
