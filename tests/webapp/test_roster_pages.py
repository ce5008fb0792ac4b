"""The roster at the office's desk: import with its faults, members corrected, the unit's verification."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest

from election.roster.queries import branch_members, unit_roster
from election.store.database import Database
from tests.support.county import County, begin, registered, roster_rows, workbook
from tests.webapp.conftest import CountySite, MakeSite

XLSX = "花名册.xlsx"


def unverified(database: Database) -> County:
    return registered(database, verified=False)


@pytest.fixture
def empty(county_site: MakeSite) -> CountySite:
    return county_site("begun", begin)


@pytest.fixture
def here(county_site: MakeSite) -> CountySite:
    return county_site("imported", unverified)


def upload(at: CountySite, data: bytes, name: str = XLSX):
    return at.at("office").post(at.page("/office/roster/import"), {"file": (io.BytesIO(data), name)})


def test_a_workbook_is_checked_shown_and_then_read_in(empty: CountySite) -> None:
    data = workbook(*roster_rows(list(empty.county.units)))
    checked = upload(empty, data)
    assert checked.status_code == 200
    assert "检查通过" in checked.text and "新增 48" in checked.text
    (address,) = set(re.findall(r'action="([^"]*/roster/import/\d+)"', checked.text))
    office = empty.at("office")
    assert office.get(empty.page("/office/roster/members")).text.count("没有符合条件的党员") == 1
    done = office.post(address, follow_redirects=True)
    assert "新增党组织 6 个、党员 48 名" in done.text
    assert office.post(address).status_code == 404  # read in once


def test_every_fault_is_listed_at_its_place_and_nothing_is_kept(empty: CountySite) -> None:
    organisations, people = roster_rows(list(empty.county.units))
    faulty = [replace(people[0], category="nonsense"), replace(people[1], branch="b-9"), *people[2:]]
    answer = upload(empty, workbook(organisations, faulty))
    assert answer.status_code == 422
    assert "有 2 处错误" in answer.text and "确认导入" not in answer.text
    assert "“nonsense”不在可填的内容之内" in answer.text
    assert "没有编号为“b-9”的党支部" in answer.text


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"%PDF-1.4", "不是可以读取的 .xlsx"),
        (b"\xd0\xcf\x11\xe0rest", "另存为不加密的 .xlsx"),
        (b"", "不是可以读取的 .xlsx"),
    ],
)
def test_what_is_no_workbook_is_refused_at_the_field(empty: CountySite, data: bytes, sentence: str) -> None:
    answer = upload(empty, data)
    assert answer.status_code == 422
    assert sentence in answer.text and 'id="file-error"' in answer.text


def test_a_missing_file_is_asked_for(empty: CountySite) -> None:
    answer = empty.at("office").post(empty.page("/office/roster/import"), {})
    assert answer.status_code == 422 and "请选择要导入的文件" in answer.text


def test_a_checked_workbook_is_only_for_who_uploaded_it(empty: CountySite) -> None:
    checked = upload(empty, workbook(*roster_rows(list(empty.county.units))))
    (address,) = set(re.findall(r'action="([^"]*/roster/import/\d+)"', checked.text))
    assert empty.at("u1").post(address).status_code == 403


def test_the_template_and_the_export_are_workbooks(here: CountySite) -> None:
    office = here.at("office")
    for answer in (
        office.get(here.page("/office/roster/template.xlsx")),
        office.post(here.page("/office/roster/export")),
    ):
        assert answer.status_code == 200
        assert answer.data.startswith(b"PK") and "attachment" in answer.headers["Content-Disposition"]


def test_the_exported_roster_passes_its_own_check(here: CountySite) -> None:
    data = here.at("office").post(here.page("/office/roster/export")).data
    checked = upload(here, data)
    assert checked.status_code == 200 and "新增 0 · 更新 0" in checked.text


def test_the_office_sees_units_organisations_and_members(here: CountySite) -> None:
    office = here.at("office")
    roster = office.get(here.page("/office/roster")).text
    assert "第1镇" in roster and "未核对" in roster
    assert "第1镇1村党支部" in office.get(here.page("/office/roster/organisations")).text
    found = office.get(here.page("/office/roster/members?name=丁一&unit=u1")).text
    assert "丁一一" in found and "第2镇" not in found.split("<tbody>")[1]


def test_a_member_is_corrected_and_a_second_stale_form_is_told(here: CountySite) -> None:
    with here.county.reading() as session:
        line = branch_members(session, here.county.congress_id, here.county.branches["u1-b1"])[0]
    office, address = here.at("office"), here.page(f"/office/roster/members/{line.member_id}")
    seen = re.findall(r'name="seen"[^>]*value="([0-9a-f]+)"', office.get(address).text)[0]
    fields = {
        "name": line.name, "branch_id": line.branch_id, "ethnicity": "苗族", "education": "本科",
        "joined_on": "2011-07-01", "category": "other", "post": "教师", "seen": seen,
    }  # fmt: skip
    assert "记载已更正" in office.post(address, fields, follow_redirects=True).text
    stale = office.post(address, {**fields, "post": "校长"})
    assert stale.status_code == 409
    assert "打开页面之后已被修改" in stale.text and "校长" in stale.text  # what was typed is still there


def test_a_wrong_correction_stays_on_the_page_with_its_sentence(here: CountySite) -> None:
    member_id = here.county.members("u1-b1")[0]
    answer = here.at("office").post(here.page(f"/office/roster/members/{member_id}"), {"name": "", "branch_id": 1})
    assert answer.status_code == 422 and "请填写姓名" in answer.text


def test_a_voting_right_is_suspended_with_its_reason(here: CountySite) -> None:
    member_id = here.county.members("u1-b1")[0]
    office, address = here.at("office"), here.page(f"/office/roster/members/{member_id}")
    seen = re.findall(r'name="seen"[^>]*value="([0-9a-f]+)"', office.get(address).text)[0]
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
    page = clerk.get(here.page("/units/"), follow_redirects=True).text
    seen = re.findall(r'name="seen" value="([0-9a-f]{64})"', page)[0]
    listed = clerk.get(here.page("/units/u1/electors")).text
    assert listed.count("<tr>") >= 24 and "第1镇2村党支部" in listed
    assert (
        "花名册已核对：党员 24 名"
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
