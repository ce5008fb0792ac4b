"""The pages from roster to slate in a real browser: readable by everyone, on a desk and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from election.nomination.slates.operations import withdraw_slates
from election.store.database import Database
from tests.support.browser import DESK, PHONE, Visitor, accessibility_violations, overflows
from tests.support.county import County, begin, roster_rows, workbook
from tests.support.nominating import apply, handed_in
from tests.support.serving import served
from tests.webapp.conftest import CountySite, MakeSite


def halfway(database: Database) -> County:
    """Slates handed in at u1, taken back at u2, where applicants wait for their branch's ballot."""
    county = handed_in(database)
    with county.acting("u2") as act:
        withdraw_slates(act, county.units["u2"])
    apply(county, "u2-b2", "farmer", 2)
    return county


def opened(at: CountySite, visitors: Callable[..., Visitor], address: str, who: str, size: tuple[int, int]) -> Page:
    visitor = visitors(size)
    visitor.context.add_cookies([at.cookie(who, address)])
    return visitor.page()


PAGES = {
    "office": (
        "/office/roster",
        "/office/roster/organisations",
        "/office/roster/members",
        "/office/roster/members/1",
        "/office/roster/import",
        "/office/reviews?state=proposed",
        "/office/reviews/1",
        "/office/notices",
        "/office/notices/1",
        "/office/notices/1?unit=u1",
        "/office/notices/1/objection",
        "/office/notices/2",
        "/office/calendar",
        "/units/u1/roster",
        "/office/slates",
        "/office/slates/u1",
    ),
    "u1": (
        "/units/u1/",
        "/units/u1/roster",
        "/units/u1/electors",
        "/units/u1/absences",
        "/units/u1/absences/1",
        "/units/u1/notices/1/objection",
        "/units/u1/roster/members",
    ),
    "u2-b2": ("/branches/6/", "/branches/6/members", "/branches/6/ballot/farmer"),
}


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("who", list(PAGES))
def test_every_page_is_accessible_and_never_scrolls_sideways(
    county_site: MakeSite, visitors: Callable[..., Visitor], size: tuple[int, int], who: str
) -> None:
    at = county_site("halfway", halfway)
    with served(at.site.app) as address:
        page = opened(at, visitors, address, who, size)
        for path in PAGES[who]:
            answer = page.goto(address + at.page(path))
            assert answer is not None and answer.status == 200, path
            assert overflows(page) == 0, path
            assert accessibility_violations(page) == [], path


def test_a_roster_is_imported_by_hand(county_site: MakeSite, visitors: Callable[..., Visitor], tmp_path: Path) -> None:
    at = county_site("begun", begin)
    file = tmp_path / "花名册.xlsx"
    file.write_bytes(workbook(*roster_rows(list(at.county.units))))
    with served(at.site.app) as address:
        page = opened(at, visitors, address, "office", DESK)
        page.goto(address + at.page("/office/roster"))
        page.get_by_role("link", name="导入花名册").click()
        page.set_input_files("[name=file]", str(file))
        page.get_by_role("button", name="检查文件").click()
        expect(page.get_by_text("检查通过")).to_be_visible()
        page.get_by_role("button", name="确认导入").click()
        expect(page.get_by_text("新增党组织 6 个、党员 48 名")).to_be_visible()
        expect(page.get_by_role("row", name=re.compile("第2镇"))).to_contain_text("24")


def test_a_refused_form_keeps_what_was_typed(county_site: MakeSite, visitors: Callable[..., Visitor]) -> None:
    at = county_site("halfway", halfway)
    with served(at.site.app) as address:
        page = opened(at, visitors, address, "office", PHONE)
        page.goto(address + at.page("/office/notices/1/objection"))
        page.get_by_label("提出人").fill("村民代表")
        page.get_by_role("button", name="登记").click()
        expect(page.get_by_text("请写明异议的内容。")).to_be_visible()
        expect(page.get_by_label("提出人")).to_have_value("村民代表")
        assert accessibility_violations(page) == []
