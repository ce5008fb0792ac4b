"""The unit's roster: members who are away and how they were told, by the clerk and the office; the evening's exclusions."""

from __future__ import annotations

import html
import io
import re

import openpyxl
import pytest

from election.roster.absences.queries import absence_list
from election.roster.models import Standing, Suspension
from election.roster.operations import assign_branch, set_voting_right
from election.roster.queries import member_line, member_token
from tests.support.county import registered
from tests.webapp.conftest import CountySite, MakeSite

SEEN = re.compile(r'name="seen"[^>]*value="([^"]+)"')
TOLD = {
    "kind": "migrant",
    "whereabouts": "邻省务工",
    "notified": "telephone",
    "notified_on": "2031-03-02",
    "reason": "",
    "note": "",
}


@pytest.fixture
def here(county_site: MakeSite) -> CountySite:
    return county_site("imported", lambda database: registered(database, verified=False))


def seen_at(page: str) -> str:
    return html.unescape(SEEN.findall(page)[0])


def form_of(here: CountySite, member: int) -> str:
    return here.page(f"/units/u1/absences/{member}")


@pytest.mark.parametrize("who", ["u1", "office"])
def test_who_is_away_is_found_by_name_and_recorded(here: CountySite, who: str) -> None:
    desk, member = here.at(who), here.county.members("u1-b1")[0]
    empty = desk.get(here.page("/units/u1/absences")).text
    assert "还没有登记外出党员" in empty
    name = here.county.person_of(member).name
    found = desk.post(here.page("/units/u1/absences"), {"name": name}).text
    assert name in found and form_of(here, member) in found
    assert "没有姓名含“无此人”的" in desk.post(here.page("/units/u1/absences"), {"name": "无此人"}).text
    assert desk.post(here.page("/units/u1/absences"), {"name": " "}).status_code == 422
    page = desk.get(form_of(here, member)).text
    saved = desk.post(form_of(here, member), {**TOLD, "seen": seen_at(page)}, follow_redirects=True).text
    assert f"{name}的外出情况已保存" in saved and "电话联系" in saved and "邻省务工" in saved
    assert "更改" in desk.post(here.page("/units/u1/absences"), {"name": name}).text


def test_what_cannot_be_stays_at_its_field_with_what_was_typed(here: CountySite) -> None:
    clerk, member = here.at("u1"), here.county.members("u1-b1")[0]
    seen = seen_at(clerk.get(form_of(here, member)).text)
    answer = clerk.post(form_of(here, member), {**TOLD, "notified_on": "", "seen": seen})
    assert answer.status_code == 422 and "请填写通知日期" in answer.text and "邻省务工" in answer.text


def test_the_second_of_two_is_told_and_may_save_over_it(here: CountySite) -> None:
    member = here.county.members("u1-b1")[0]
    clerk, office = here.at("u1"), here.at("office")
    seen = seen_at(clerk.get(form_of(here, member)).text)
    office.post(form_of(here, member), {**TOLD, "whereabouts": "省城", "seen": seen})
    stale = clerk.post(form_of(here, member), {**TOLD, "seen": seen})
    assert stale.status_code == 409
    assert "经办office" in stale.text and "去向由“空”改为“省城”" in stale.text and "邻省务工" in stale.text
    done = clerk.post(form_of(here, member), {**TOLD, "seen": seen_at(stale.text)}, follow_redirects=True)
    assert "邻省务工" in done.text and "省城" not in done.text


def test_who_came_back_is_taken_off(here: CountySite) -> None:
    clerk, member = here.at("u1"), here.county.members("u1-b1")[0]
    clerk.post(form_of(here, member), {**TOLD, "seen": seen_at(clerk.get(form_of(here, member)).text)})
    seen = seen_at(clerk.get(form_of(here, member)).text)
    done = clerk.post(f"{form_of(here, member)}/remove", {"seen": seen}, follow_redirects=True)
    assert "已从外出名单中移出" in done.text
    assert clerk.post(f"{form_of(here, member)}/remove", {"seen": seen}).status_code == 404
    with here.county.reading() as session:
        assert absence_list(session, here.county.congress_id) == []


def test_many_who_are_away_are_found_by_branch_or_pasted_names_and_told_at_once(here: CountySite) -> None:
    clerk, county = here.at("u1"), here.county
    address = here.page("/units/u1/absences/many")
    members = county.members("u1-b1")[:2]
    one, other = (county.person_of(member).name for member in members)
    assert "全单位" in clerk.get(address).text
    branch = clerk.post(address, {"branch": str(county.branches["u1-b1"]), "names": ""}).text
    assert branch.count('name="member"') == 12 and "checked" not in branch
    pasted = {"branch": "", "names": f"{one}、{other}\n无此人"}
    found = clerk.post(address, pasted).text
    assert found.count(" checked") == 2 and "没有找到：无此人" in found
    save = {**pasted, "save": "1", "member": [str(member) for member in members], "kind": "migrant", "reason": ""}
    refused = clerk.post(address, {**save, "notified": "letter", "notified_on": ""})
    assert refused.status_code == 422 and "请填写通知日期" in refused.text and refused.text.count(" checked") == 2
    done = clerk.post(address, {**save, "notified": ""}, follow_redirects=True).text
    assert "已登记外出党员 2 人" in done and done.count('name="member"') == 2
    told = {"member": str(members[0]), "notified": "telephone", "notified_on": "2031-03-03"}
    done = clerk.post(here.page("/units/u1/absences/told"), told, follow_redirects=True).text
    assert "已登记 1 人的通知情况" in done and done.count('name="member"') == 1
    assert (
        "请先勾选党员"
        in clerk.post(here.page("/units/u1/absences/told"), {**told, "member": "x"}, follow_redirects=True).text
    )


def test_the_roll_warns_of_who_is_not_told_and_does_not_refuse(here: CountySite) -> None:
    clerk, member = here.at("u1"), here.county.members("u1-b1")[0]
    seen = seen_at(clerk.get(form_of(here, member)).text)
    untold = {**TOLD, "notified": "", "notified_on": "", "reason": "working_away", "seen": seen}
    clerk.post(form_of(here, member), untold)
    page = clerk.get(here.page("/units/u1/roster")).text
    assert "还有 1 名外出党员没有通知到" in page and "预计不计入应到会" in page and "确认核对无误" in page
    hash_ = re.findall(r'name="seen" value="([0-9a-f]{64})"', page)[0]
    done = clerk.post(here.page("/units/u1/verify"), {"seen": hash_}, follow_redirects=True)
    assert "花名册已核对" in done.text
    roster = here.at("office").get(here.page("/office/roster")).text
    assert "未通知 1 人 · 预计不计入 1 人" in roster
    assert "1 名外出党员还没有通知到" in clerk.get(here.page("/")).text


def test_the_whole_roll_stands_branch_by_branch_with_category_and_vote(here: CountySite) -> None:
    clerk, county = here.at("u1"), here.county
    voteless = county.members("u1-b1")[0]
    with county.acting("office") as act:
        seen = member_token(member_line(act.session, county.congress_id, voteless))
        set_voting_right(
            act, county.congress_id, voteless, Standing.FULL, Suspension.DETAINED, reason="县监委通报", seen=seen
        )
    assert here.page("/units/u1/roster/members") in clerk.get(here.page("/units/u1/roster")).text
    page = clerk.get(here.page("/units/u1/roster/members")).text
    names = [county.person_of(member).name for branch in ("u1-b1", "u1-b2") for member in county.members(branch)]
    assert all(name in page for name in names) and page.count("领导干部") == 8
    assert page.count("<b>无</b>") == 1 and "第2镇1村党支部" not in page
    clerk.post(form_of(here, voteless), {**TOLD, "seen": seen_at(clerk.get(form_of(here, voteless)).text)})
    book = openpyxl.load_workbook(io.BytesIO(clerk.get(here.page("/units/u1/roster/members.xlsx")).data))
    rows = list(book.worksheets[0].iter_rows(min_row=3, values_only=True))
    assert [row[2] for row in rows] == names and rows[0][9] == "无（留置）" and rows[0][11] == "外出"
    assert rows[1][9] == "有" and rows[1][11] is None


def test_what_moved_since_the_verification_stands_on_the_roll(here: CountySite) -> None:
    clerk, county, member = here.at("u1"), here.county, here.county.members("u1-b1")[0]
    page = clerk.get(here.page("/units/u1/roster")).text
    clerk.post(here.page("/units/u1/verify"), {"seen": re.findall(r'name="seen" value="([0-9a-f]{64})"', page)[0]})
    with county.acting("office") as act:
        seen = member_token(member_line(act.session, county.congress_id, member))
        set_voting_right(
            act, county.congress_id, member, Standing.FULL, Suspension.DETAINED, reason="县监委通报", seen=seen
        )
    moved = clerk.get(here.page("/units/u1/roster")).text.partition('id="changes"')[2]
    assert county.person_of(member).name in moved and "经办office" in moved
    assert "正式党员</span> → 留置" in moved


def test_a_unit_nobody_of_whom_is_on_the_roster_is_warned_and_may_confirm(here: CountySite) -> None:
    county, clerk = here.county, here.at("u1")
    with county.acting("office") as act:
        for branch in ("u1-b1", "u1-b2"):
            assign_branch(act, county.congress_id, county.branches[branch], county.units["u2"])
    page = clerk.get(here.page("/units/u1/roster")).text
    assert "可以按 0 人确认" in page and "确认核对无误" in page


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("u2", "roster/members"),
        ("u2", "roster/members.xlsx"),
        ("u2", "roster"),
        ("u2", "absences"),
        ("approver", "absences"),
        ("u1-b1", "electors"),
        ("u2", "electors"),
    ],
)
def test_another_unit_s_roll_stays_closed(here: CountySite, who: str, path: str) -> None:
    assert here.at(who).get(here.page(f"/units/u1/{path}")).status_code == 403


def test_a_member_of_another_unit_is_not_found_here(here: CountySite) -> None:
    other = here.county.members("u2-b1")[0]
    assert here.at("u1").get(form_of(here, other)).status_code == 404
    assert here.at("u1").post(f"{form_of(here, other)}/remove").status_code == 404


def test_the_office_only_looks_in_and_does_not_verify(here: CountySite) -> None:
    office = here.at("office")
    page = office.get(here.page("/units/u1/roster"))
    assert page.status_code == 200 and "确认核对无误" not in page.text
    assert office.post(here.page("/units/u1/verify"), {"seen": "0" * 64}).status_code == 403
