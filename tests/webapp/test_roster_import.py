"""The roster workbook at the office's desk: checked, shown, read in, and what goes back."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from election.people.actor import Role
from election.roster.importing import operations as operations_import
from election.roster.importing import queries as queries_import
from election.roster.models import Member, RosterImport, RosterUpload
from election.store.database import Database
from tests.election.roster.importing.test_import import correct, newcomer
from tests.support.county import County, begin, registered, roster_rows, workbook
from tests.webapp.conftest import CountySite, MakeSite

XLSX = "花名册.xlsx"
SAMPLE = Path(__file__).parents[1] / "election" / "roster" / "samples" / "roster.xls"


def unverified(database: Database) -> County:
    return registered(database, verified=False)


@pytest.fixture
def empty(county_site: MakeSite) -> CountySite:
    return county_site("begun", begin)


@pytest.fixture
def here(county_site: MakeSite) -> CountySite:
    return county_site("imported", unverified)


def upload(at: CountySite, data: bytes, name: str = XLSX, **fields: str) -> TestResponse:
    """As a browser: the page after the check."""
    form = {"file": (io.BytesIO(data), name), **fields}
    return at.at("office").post(at.page("/office/roster/import"), form, follow_redirects=True)


def address(page: TestResponse, ending: str = "") -> str:
    """Where a button or link of the page leads."""
    (found,) = set(re.findall(rf'(?:action|href)="([^"]*/roster/import/\d+{ending})"', page.text))
    return found


def whole(at: CountySite) -> bytes:
    return workbook(*roster_rows(list(at.county.units)))


def with_faults(at: CountySite) -> bytes:
    """Of 48 members one with a wrong category, one in an unknown branch."""
    organisations, people = roster_rows(list(at.county.units))
    return workbook(
        organisations, [replace(people[0], category="nonsense"), replace(people[1], branch="b-9"), *people[2:]]
    )


def members(at: CountySite) -> int:
    with at.county.reading() as session:
        return session.scalar(select(func.count()).select_from(Member)) or 0


def rows_of(data: bytes, sheet: str) -> list[tuple[object, ...]]:
    return list(openpyxl.load_workbook(io.BytesIO(data))[sheet].iter_rows(values_only=True))


def test_a_workbook_is_checked_shown_and_then_read_in(empty: CountySite) -> None:
    checked = upload(empty, whole(empty))
    assert checked.status_code == 200
    assert "检查通过" in checked.text and "确认导入" in checked.text
    assert members(empty) == 0
    done = empty.at("office").post(address(checked), follow_redirects=True)
    assert "新增党组织 6 个、党员 48 名" in done.text
    assert members(empty) == 48
    assert empty.at("office").post(address(checked)).status_code == 404  # read in once


def test_what_was_found_is_still_there_after_a_refresh_and_the_next_day(empty: CountySite) -> None:
    checked = upload(empty, whole(empty))
    empty.county.wait(1)
    again = empty.at("office").get(empty.page("/office/roster/import"))
    assert address(again) == address(checked)
    assert "检查通过" in again.text


def test_sound_rows_are_read_in_and_the_others_go_back(empty: CountySite) -> None:
    checked = upload(empty, with_faults(empty))
    assert "有 2 处错误，2 行退回；其余 52 行没有错误" in checked.text
    assert "“nonsense”不在可填的内容之内" in checked.text and "没有编号或名称为“b-9”的党支部" in checked.text
    done = empty.at("office").post(address(checked), follow_redirects=True)
    assert "有 2 行退回，没有导入" in done.text and "党员 46 名" in done.text
    assert members(empty) == 46
    with empty.county.reading() as session:
        assert session.scalars(select(RosterImport)).one().rows_left_out == 2
    # The workbook to correct is still there, and nothing can be read in twice.
    assert empty.at("office").get(address(done, r"/faults\.xlsx")).status_code == 200
    assert empty.at("office").post(address(checked)).status_code == 404


def test_the_workbook_that_went_back_is_corrected_and_uploaded_again(empty: CountySite) -> None:
    checked = upload(empty, with_faults(empty))
    empty.at("office").post(address(checked))
    answer = empty.at("office").get(address(checked, r"/faults\.xlsx"))
    assert "attachment" in answer.headers["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    page = book["党员"]
    header = [cell.value for cell in page[1]]
    assert header[-1] == "错误"
    assert str(page.cell(2, len(header)).value).startswith("主要类别：")
    assert str(page.cell(3, len(header)).value).startswith("党支部编号：")
    assert page.cell(4, len(header)).value is None
    page["I2"], page["C3"] = "领导干部", "u1-b1"
    out = io.BytesIO()
    book.save(out)
    again = upload(empty, out.getvalue())
    assert "检查通过" in again.text
    empty.at("office").post(address(again))
    assert members(empty) == 48


def test_what_would_change_is_shown_with_before_and_after(here: CountySite) -> None:
    organisations, people = roster_rows(list(here.county.units))
    changed = [replace(people[0], post="支部书记", branch="u1-b2"), *people[1:]]
    page = upload(here, workbook(organisations, changed))
    listed = page.text.split("将更新的内容", 1)[1]
    assert people[0].name in listed and "支部书记" in listed and "u1-b1" in listed and "u1-b2" in listed
    assert people[0].identity.number not in page.text
    told = rows_of(here.at("office").get(address(page, r"/changes\.xlsx")).data, "将更新的内容")
    assert told[1:] == [
        ("党员", 2, people[0].name, "党支部编号", "u1-b1", "u1-b2", None),
        ("党员", 2, people[0].name, "职务", None, "支部书记", None),
    ]


def test_a_correction_by_hand_is_put_back_only_where_it_is_ticked(here: CountySite) -> None:
    organisations, people = roster_rows(list(here.county.units))
    for member_id in here.county.members("u1-b1")[:2]:
        correct(here.county, member_id, post="村支书")
    page = upload(here, workbook(organisations, people))
    listed = page.text.split("与人工更正相反的内容", 1)[1]
    assert "村支书" in listed and "经办office" in listed and "确认导入" in page.text
    assert re.findall(r'name="undo" value="(\d+)" form="roster-commit"', listed) == ["2", "3"]
    told = rows_of(here.at("office").get(address(page, r"/changes\.xlsx")).data, "将更新的内容")
    assert [line[:3] for line in told[1:]] == [("党员", 2, people[0].name), ("党员", 3, people[1].name)]
    assert "人工更正过" in str(told[1][6])
    done = here.at("office").post(address(page), {"undo": ["3"]}, follow_redirects=True)
    assert "更新党员 1 名" in done.text
    with here.county.reading() as session:
        posts = [session.get_one(Member, one).post for one in here.county.members("u1-b1")[:2]]
    assert posts == ["村支书", ""]


def test_another_name_under_a_known_number_is_taken_only_where_it_is_ticked(here: CountySite) -> None:
    _, people = roster_rows(list(here.county.units))
    data = workbook([], [replace(people[0], name="丁改", post="书记"), replace(people[1], name="错行")])
    page = upload(here, data)
    listed = page.text.split('id="renamed"', 1)[1]
    assert re.findall(r'name="renamed" value="(\d+)" form="roster-commit"', listed) == ["2", "3"]
    assert "丁改" in listed and "职务 – → 书记" in listed
    told = rows_of(here.at("office").get(address(page, r"/changes\.xlsx")).data, "将更新的内容")
    assert "姓名不同" in str(told[1][6])
    done = here.at("office").post(address(page), {"renamed": ["2"]}, follow_redirects=True)
    assert "更新党员 1 名" in done.text
    with here.county.reading() as session:
        first, second = (session.get_one(Member, one) for one in here.county.members("u1-b1")[:2])
        assert (first.person.name, first.post, second.person.name) == ("丁改", "书记", people[1].name)


def test_an_identity_number_in_the_wrong_place_is_masked_in_what_is_kept(empty: CountySite) -> None:
    organisations, people = roster_rows(list(empty.county.units))
    number = people[0].identity.number
    page = upload(empty, workbook(organisations, [replace(people[0], branch=number, category=number), *people[1:]]))
    assert number not in page.text and f"{number[:6]}********{number[-4:]}" in page.text
    with empty.county.reading() as session:
        assert number not in str(session.scalars(select(RosterUpload)).one().preview)


def test_a_workbook_without_a_whole_header_can_only_be_corrected(empty: CountySite) -> None:
    book = openpyxl.load_workbook(io.BytesIO(whole(empty)))
    book["党员"]["B1"] = "证件"
    out = io.BytesIO()
    book.save(out)
    page = upload(empty, out.getvalue())
    assert "表头不全" in page.text and "缺少这些列：身份证号" in page.text and "导入没有错误" not in page.text
    refused = empty.at("office").post(address(page, "/discard").removesuffix("/discard"))
    assert refused.status_code == 422 and "没有可以导入的行" in refused.text
    returned = rows_of(empty.at("office").get(address(page, r"/faults\.xlsx")).data, "党员")
    assert "错误：缺少这些列" in str(returned[0][-1])


def test_an_import_that_would_do_something_else_by_now_is_shown_again_first(here: CountySite) -> None:
    organisations, people = roster_rows(list(here.county.units))
    page = upload(here, workbook(organisations, [replace(people[0], post="支部书记"), *people[1:]]))
    with here.county.database.writing() as session:
        session.get_one(Member, here.county.members("u1-b1")[1]).post = "另有任用"
    told = here.at("office").post(address(page), follow_redirects=True)
    assert "检查之后花名册有变动" in told.text and "另有任用" in told.text
    assert "更新党员 2 名" in here.at("office").post(address(page), follow_redirects=True).text


def test_a_workbook_that_says_what_is_known_offers_nothing_to_import(here: CountySite) -> None:
    page = upload(here, whole(here))
    assert "没有要更新的内容" in page.text and "确认导入" not in page.text


def test_a_checked_workbook_can_be_dropped(empty: CountySite) -> None:
    checked = upload(empty, whole(empty))
    dropped = empty.at("office").post(address(checked, "/discard"), follow_redirects=True)
    assert "检查通过" not in dropped.text and "已收起，花名册没有因此改动" in dropped.text
    assert empty.at("office").post(address(checked)).status_code == 404


@pytest.mark.parametrize("path", ["", "/discard"])
def test_a_checked_workbook_is_only_for_who_uploaded_it(empty: CountySite, path: str) -> None:
    checked = upload(empty, whole(empty))
    assert empty.at("u1").post(address(checked) + path).status_code == 403
    # Another person of the office neither sees nor touches it.
    empty.county.sit("office2", Role.OFFICE)
    other = empty.at("office2")
    assert "检查通过" not in other.get(empty.page("/office/roster/import")).text
    assert other.post(address(checked) + path).status_code == 404
    assert other.get(address(checked) + "/faults.xlsx").status_code == 404


def test_a_legacy_workbook_is_read_and_comes_back_as_xlsx(empty: CountySite) -> None:
    page = upload(empty, SAMPLE.read_bytes(), "老花名册.xls")
    assert "老花名册.xls" in page.text and "“艺术家”不在可填的内容之内" in page.text
    back = empty.at("office").get(address(page, r"/faults\.xlsx"))
    assert ".xlsx" in back.headers["Content-Disposition"]
    assert openpyxl.load_workbook(io.BytesIO(back.data)).sheetnames == ["选举单位", "党组织", "党员", "说明"]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"%PDF-1.4 renamed", "花名册.xls"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "花名册.xls"),
        (b"", XLSX),
        (SAMPLE.read_bytes()[:1500], "花名册.xls"),
    ],
)
def test_what_is_no_workbook_is_refused_at_the_field_and_nothing_is_kept(
    empty: CountySite, data: bytes, name: str
) -> None:
    answer = upload(empty, data, name)
    assert answer.status_code == 422
    assert "不是可以读取的工作簿" in answer.text and 'id="file-error"' in answer.text
    with empty.county.reading() as session:
        assert session.scalar(select(RosterUpload.id)) is None


def test_a_refused_file_is_told_above_what_was_checked_before(empty: CountySite) -> None:
    upload(empty, whole(empty))
    answer = upload(empty, b"no workbook at all")
    assert answer.text.index('id="file-error"') < answer.text.index("检查通过")


def test_where_nothing_but_faults_would_be_new_nothing_is_offered(here: CountySite) -> None:
    organisations, people = roster_rows(list(here.county.units))
    page = upload(here, workbook(organisations, [replace(people[0], category="nonsense"), *people[1:]]))
    assert "1 行退回；其余各行与花名册一致，没有要更新的内容" in page.text
    assert "行没有错误，可以先导入" not in page.text and "只导入没有错误的" not in page.text


def test_what_is_new_passed_over_or_read_by_rule_is_shown(here: CountySite) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook([], [newcomer(400)])))
    book["党员"].append(["合计", "1 人"])
    out = io.BytesIO()
    book.save(out)
    page = upload(here, out.getvalue()).text
    assert "有 1 行是合计、落款或说明，没有导入：第 3 行。" in page
    assert "邓新" in page.split("将新增的内容", 1)[1]
    assert "党员最低年龄" in page and "18周岁" in page


def test_a_missing_file_is_asked_for(empty: CountySite) -> None:
    answer = empty.at("office").post(empty.page("/office/roster/import"), {})
    assert answer.status_code == 422 and "请选择要导入的文件" in answer.text


def test_the_template_and_the_export_are_workbooks(here: CountySite) -> None:
    office = here.at("office")
    for answer in (
        office.get(here.page("/office/roster/template.xlsx")),
        office.post(here.page("/office/roster/export")),
    ):
        assert answer.status_code == 200
        assert answer.data.startswith(b"PK") and "attachment" in answer.headers["Content-Disposition"]


def test_the_exported_roster_says_nothing_new(here: CountySite) -> None:
    data = here.at("office").post(here.page("/office/roster/export")).data
    assert "没有要更新的内容" in upload(here, data).text


def test_only_who_waits_is_told_how_far_the_work_has_come(
    here: CountySite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.site.app.extensions["xiheng.data"] = tmp_path
    token = "0123456789abcdef" * 2
    path = here.page(f"/office/roster/import/progress/{token}")
    here.county.sit("office2", Role.OFFICE)
    office, other = here.at("office"), here.at("office2")
    seen: list[object] = []
    planned: Callable[..., object] = queries_import.planned

    def slowly(*given: object) -> object:
        given[-1]("check", 24, 48)  # type: ignore[operator]
        with ThreadPoolExecutor() as elsewhere:  # requests of their own, as from other browsers
            seen.extend(elsewhere.map(lambda who: who.get(path).json, (office, other)))
        return planned(*given)

    monkeypatch.setattr(operations_import, "planned", slowly)
    upload(here, whole(here), progress=token)
    assert seen == [{"percent": 57, "words": "正在逐行检查"}, {"percent": None, "words": ""}]
    assert office.get(path).json == {"percent": None, "words": ""}
    assert list((tmp_path / "progress").iterdir()) == []


def test_a_token_that_is_none_of_ours_names_no_file(here: CountySite) -> None:
    for token in ("..%2f..%2fkeys", "x" * 32, "0" * 31):
        answer = here.at("office").get(here.page(f"/office/roster/import/progress/{token}"))
        assert answer.status_code == 404 or answer.json == {"percent": None, "words": ""}
