"""Notice 1 and the calendar at the office's desk: put up, changed since, objected to by name, closed with what follows."""

from __future__ import annotations

import html
import re
from datetime import date

import pytest

from election.congress.models import Congress
from election.notices.calendar_lines import read_lines
from election.notices.operations_calendar import add_days
from election.notices.papers import hung_notice, opening, unit_facts
from election.notices.queries import notice_of, objections
from election.people.actor import Role
from election.roster.models import Standing, Suspension
from election.roster.operations import set_voting_right, verify_unit
from election.roster.queries import member_line, member_token
from election.roster.queries_units import unit_roster
from tests.support.county import registered
from tests.webapp.conftest import CountySite, MakeSite


@pytest.fixture
def verified(county_site: MakeSite) -> CountySite:
    return county_site("registered", registered)


@pytest.fixture
def noticed(county_site: MakeSite) -> CountySite:
    return county_site("noticed", lambda database: registered(database, noticed=True))


def suspend(at: CountySite, member: int) -> None:
    with at.county.acting("office") as act:
        seen = member_token(member_line(act.session, at.county.congress_id, member))
        set_voting_right(
            act, at.county.congress_id, member, Standing.FULL, Suspension.DETAINED, reason="县监委通报", seen=seen
        )


def test_the_electors_are_published_and_shown_unit_by_unit(verified: CountySite) -> None:
    office = verified.at("office")
    before = office.get(verified.page("/office/notices")).text
    assert "公示选举人名单" in before and "还没有发布过公示" in before
    assert (
        "最多 80 个字"
        in office.post(verified.page("/office/notices"), {"kind": "electors", "electors-body": "长" * 81}).text
    )
    said = {"kind": "electors", "electors-body": "某县委组织部", "electors-telephone": "0000-1234"}
    hung = office.post(verified.page("/office/notices"), said, follow_redirects=True)
    assert "受理单位：某县委组织部；联系电话：0000-1234。" in hung.text
    assert "公示已发布" in hung.text and "第1镇" in hung.text and "还有 5 个工作日期满" in hung.text
    (address,) = set(re.findall(r'href="([^"]*unit=u2)"', hung.text))
    unit = office.get(address).text
    assert "第2镇2村党支部" in unit and "第1镇1村党支部" not in unit and "没有登记外出党员" in unit
    after = office.get(verified.page("/office/notices")).text
    assert "公示的名单与花名册一致" in after and "重新公示" not in after
    assert office.post(verified.page("/office/notices"), {"kind": "nonsense"}).status_code == 404


def test_a_list_that_changed_is_told_and_published_again(noticed: CountySite) -> None:
    office, county = noticed.at("office"), noticed.county
    suspend(noticed, county.members("u1-b1")[0])
    waiting = office.get(noticed.page("/office/notices")).text
    assert "还有 1 个选举单位没有核对花名册" in waiting
    assert "公示以后本单位的选举人名单有变动" in noticed.at("u1").get(noticed.page("/units/u1/roster")).text
    refused = office.post(noticed.page("/office/notices"), {"kind": "electors"})
    assert refused.status_code == 422 and "没有核对或核对后有变动" in refused.text
    with county.acting("u1") as act:
        verify_unit(act, county.units["u1"], seen=unit_roster(act.session, county.units["u1"]).state.hash)
    changed = office.get(noticed.page("/office/notices")).text
    assert "减少 1 人" in changed and "涉及第1镇" in changed and "重新公示" in changed
    again = office.post(noticed.page("/office/notices"), {"kind": "electors"}, follow_redirects=True)
    assert "第 2 号" in again.text and "更正公示" in again.text
    assert "与第 1 次公示相比的变动" in again.text and county.person_of(county.members("u1-b1")[0]).name in again.text


def object_to(at: CountySite, who: str, path: str, name: str) -> str:
    """Finds a person by name on the form of an objection, then records it. The page that follows."""
    desk = at.at(who)
    found = desk.post(path, {"name": name, "search": "1", "text": "已写的内容"}).text
    assert (
        "已写的内容" in found and "请填写提出异议的人" not in found
    )  # looking for somebody loses nothing and asks nothing
    (about,) = re.findall(rf'<option[^>]*value="(\d+)">{name}（', found)[:1]
    fields = {"name": name, "about": about, "raised_by": "赵某", "text": "已转出组织关系"}
    return desk.post(path, fields, follow_redirects=True).text


def test_an_objection_to_the_electors_is_received_by_name_and_closed_with_what_follows(noticed: CountySite) -> None:
    county, office = noticed.county, noticed.at("office")
    member = county.members("u1-b1")[0]
    path = noticed.page("/office/notices/1/objection")
    nobody = office.post(path, {"name": "无此人", "search": "1"})
    assert nobody.status_code == 200 and "没有姓名含“无此人”的" in nobody.text
    assert '<option selected value="-1">' in nobody.text
    unlisted = {"name": "无此人", "about": "-1", "unit": "0", "raised_by": "赵某", "text": "应列未列"}
    assert "请选择应列入的选举单位" in office.post(path, unlisted).text
    unlisted["unit"] = str(county.units["u2"])
    assert "无此人（第2镇）" in office.post(path, unlisted, follow_redirects=True).text
    mine = noticed.page("/units/u1/notices/1/objection")
    noticed.at("u1").post(mine, {**unlisted, "name": "也无此人"}, follow_redirects=True)
    assert "也无此人（第1镇）" in office.get(noticed.page("/office/notices")).text
    assert "异议已登记" in object_to(noticed, "office", path, county.person_of(member).name)
    with county.reading() as session:
        line = next(one for one in objections(session, county.congress_id) if one.about_person_id is not None)
    close = noticed.page(f"/office/objections/{line.id}")
    assert "须更正花名册" in office.get(close).text
    done = office.post(close, {"finding": "情况属实", "upheld": "yes"}, follow_redirects=True).text
    assert "尚未更正" in done and line.about in done and f"/office/roster/members/{member}" in done
    assert "成立，未更正" in office.get(noticed.page("/office/notices")).text
    assert "请写明花名册怎样更正" in office.post(close + "/settled", {"how": ""}).text
    assert "请先更正" in office.post(close + "/settled", {"how": "已登记转出"}).text
    suspend(noticed, member)
    settled = office.post(close + "/settled", {"how": "已登记转出"}, follow_redirects=True).text
    assert "成立，已更正" in settled and "已登记转出" in settled and "登记更正" not in settled
    assert "已登记转出" in office.get(close).text


def test_a_unit_s_clerk_receives_objections_to_the_own_people_only(noticed: CountySite) -> None:
    county = noticed.county
    name = county.person_of(county.members("u2-b1")[0]).name
    path = noticed.page("/units/u2/notices/1/objection")
    assert "由县委组织部调查核实后办结" in object_to(noticed, "u2", path, name)
    elsewhere = noticed.at("u1").post(noticed.page("/units/u1/notices/1/objection"), {"name": name, "search": "1"}).text
    assert "第2镇" not in elsewhere
    assert noticed.at("u1").get(path).status_code == 403


def test_days_are_pasted_listed_and_removed(verified: CountySite) -> None:
    office, path = verified.at("office"), verified.page("/office/calendar")
    assert "2031年的节假日还没有登记" in office.get(path).text
    assert "2031年的节假日还没有登记" in office.get(verified.page("/office/notices")).text
    wrong = office.post(path, {"lines": "2031-05-01 休 劳动节\n五月二日"})
    assert wrong.status_code == 422 and "第 2 行" in wrong.text and "2031-05-01 休 劳动节" in wrong.text
    done = office.post(
        path, {"lines": "2031-05-01 至 2031-05-03 休 劳动节\n2031-05-10 班 调休"}, follow_redirects=True
    ).text
    assert "已登记 4 天" in done and "2031年5月1日" in done and "还没有登记" not in done
    (first, *_) = re.findall(r'action="([^"]*/calendar/\d+/remove)"', done)
    removed = office.post(first, follow_redirects=True).text
    assert "按平常的星期计算" in removed and "2031年5月1日" not in removed


@pytest.mark.parametrize("who", ["u1", "approver"])
def test_the_calendar_is_the_office_s(verified: CountySite, who: str) -> None:
    assert verified.at(who).get(verified.page("/office/calendar")).status_code == 403


def test_an_objection_without_a_chosen_person_stays_at_its_field_for_the_unit_and_the_office(
    noticed: CountySite,
) -> None:
    typed = {"name": "丁", "about": "0", "raised_by": "赵某", "text": "已写的内容"}
    for who, path in (("u1", "/units/u1/notices/1/objection"), ("office", "/office/notices/1/objection")):
        for fields in (typed, {**typed, "name": "", "about": ""}):
            answer = noticed.at(who).post(noticed.page(path), fields)
            assert answer.status_code == 422 and "请选定对谁有异议" in answer.text and "已写的内容" in answer.text


def test_after_the_last_day_the_office_may_take_an_objection_as_late_and_the_unit_sends_it_on(
    noticed: CountySite,
) -> None:
    county, office = noticed.county, noticed.at("office")
    county.wait(20)
    unit = noticed.at("u1").get(noticed.page("/units/u1/notices/1/objection")).text
    assert "不再登记异议" in unit and "具名（保密）" not in unit
    path = noticed.page("/office/notices/1/objection")
    name = county.person_of(county.members("u1-b1")[0]).name
    found = office.post(path, {"name": name, "search": "1"}).text
    (about,) = re.findall(rf'<option[^>]*value="(\d+)">{name}（', found)[:1]
    fields = {"name": name, "about": about, "raised_by": "赵某", "text": "晚到的信"}
    refused = office.post(path, fields)
    assert refused.status_code == 422 and "2031年3月10日" in refused.text
    taken = office.post(path, {**fields, "late": "y"}, follow_redirects=True).text
    assert "异议已登记" in taken and "逾期受理" in taken


def test_the_page_of_notices_says_which_of_them_is_replaced(noticed: CountySite) -> None:
    county, office = noticed.county, noticed.at("office")
    suspend(noticed, county.members("u1-b1")[0])
    with county.acting("u1") as act:
        verify_unit(act, county.units["u1"], seen=unit_roster(act.session, county.units["u1"]).state.hash)
    assert "重新公示为更正" in office.get(noticed.page("/office/notices")).text
    office.post(noticed.page("/office/notices"), {"kind": "electors"})
    page = office.get(noticed.page("/office/notices")).text
    assert "已由第 2 号代替" in page and "/office/notices/1/objection" not in page


@pytest.mark.parametrize(("day", "warned"), [(date(2031, 12, 1), False), (date(2031, 12, 29), True)])
def test_the_office_is_warned_when_a_notice_would_reach_a_year_without_days(
    noticed: CountySite, day: date, warned: bool
) -> None:
    county = noticed.county
    with county.acting("office") as act:
        add_days(act, county.congress_id, "2031-10-01 休 国庆节")
    county.wait((day - county.now.date()).days)
    assert ("2032年的节假日还没有登记" in noticed.at("office").get(noticed.page("/office/notices")).text) is warned


@pytest.mark.parametrize("year", range(2028, 2034))
def test_the_example_on_the_page_of_the_calendar_can_be_typed(noticed: CountySite, year: int) -> None:
    noticed.county.wait((date(year, 1, 5) - noticed.county.now.date()).days)
    page = html.unescape(noticed.at("office").get(noticed.page("/office/calendar")).text)
    (example,) = re.findall(r"例如：(.*?调休)", page)
    assert len(read_lines(example.replace("；", "\n"))) == 8


def test_the_notice_reads_on_the_page_as_on_its_paper(noticed: CountySite) -> None:
    page = noticed.at("office").get(noticed.page("/office/notices/1?unit=u1")).text
    with noticed.county.reading() as session:
        congress = session.get_one(Congress, noticed.county.congress_id)
        hung = hung_notice(congress, notice_of(session, congress.id, 1))
        assert all(one in page for one in (*opening(hung), *unit_facts(hung, hung.content["units"][0]), hung.sender))


def test_an_observer_reads_what_hangs_and_neither_publishes_nor_sees_who_objects(noticed: CountySite) -> None:
    county = noticed.county
    object_to(
        noticed,
        "office",
        noticed.page("/office/notices/1/objection"),
        county.person_of(county.members("u1-b1")[0]).name,
    )
    county.sit("observer", Role.OBSERVER)
    observer, path = noticed.at("observer"), noticed.page("/office/notices")
    page = observer.get(path)
    main = page.text.partition("<main")[2].partition("</main>")[0]
    assert page.status_code == 200 and "选举人名单" in main and "<form" not in main and "异议" not in main
    assert path in observer.get(noticed.page("/")).text
    assert county.person_of(county.members("u1-b1")[0]).name in observer.get(f"{path}/1?unit=u1").text
    assert observer.get(noticed.page("/papers/notices/1.pdf")).status_code == 200
    assert observer.post(path, {"kind": "electors"}).status_code == 403
    assert observer.get(f"{path}/1/objection").status_code == 403
