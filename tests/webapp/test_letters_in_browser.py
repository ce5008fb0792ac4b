"""Seat letters in a real browser: readable by everyone, on a desk and on a phone; signed without a script's help."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.election.quotas.test_operations_letters import with_letters
from tests.support.browser import DESK, PHONE, Visitor, accessibility_violations, overflows
from tests.support.paper import pages_of
from tests.support.serving import served
from tests.webapp.conftest import CountySite, MakeSite

PAGES = (("office", "/office/schemes/1/letters?unit=u2"), ("u1", "/units/u1/letter"))


@pytest.fixture
def at(county_site: MakeSite) -> CountySite:
    return county_site("letters in the browser", with_letters)


def opened(at: CountySite, visitors: Callable[..., Visitor], address: str, who: str, size: tuple[int, int]) -> Page:
    visitor = visitors(size)
    visitor.context.add_cookies([at.cookie(who, address)])
    return visitor.page()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize(("who", "path"), PAGES)
def test_the_pages_are_accessible_and_never_scroll_sideways(
    at: CountySite, visitors: Callable[..., Visitor], size: tuple[int, int], who: str, path: str
) -> None:
    with served(at.site.app) as address:
        page = opened(at, visitors, address, who, size)
        page.goto(address + at.page(path))
        assert (accessibility_violations(page), overflows(page)) == ([], 0)


def test_a_clerk_signs_and_the_office_records_the_other_receipt(
    at: CountySite, visitors: Callable[..., Visitor], tmp_path: Path
) -> None:
    with served(at.site.app) as address:
        unit = opened(at, visitors, address, "u1", DESK)
        unit.goto(address + at.page("/"))
        unit.get_by_role("link", name="名额通知待签收").click()
        with unit.expect_download() as coming:
            unit.get_by_role("link", name="下载通知").click()
        kept = tmp_path / "letter.pdf"
        coming.value.save_as(kept)
        assert "第1镇：" in pages_of(kept.read_bytes())[0]
        unit.locator("summary", has_text="签收").click()
        unit.get_by_role("button", name="确认签收").click()
        expect(unit.get_by_role("status").filter(has_text="名额通知已签收。")).to_be_visible()

        office = opened(at, visitors, address, "office", DESK)
        office.goto(address + at.page("/office/schemes/1/letters"))
        office.get_by_role("row", name="第2镇").get_by_role("link", name="登记回执").click()
        expect(office.get_by_label("选举单位")).to_have_value("u2")
        office.get_by_label("签收人").fill("王某")
        office.get_by_label("签收日期").fill("2031-03-03")
        office.get_by_role("button", name="登记回执").click()
        expect(office.get_by_text("全部单位都已签收。")).to_be_visible()
