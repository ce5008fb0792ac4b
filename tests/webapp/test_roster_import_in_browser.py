"""The import in a browser: how far it has come is shown while it works, and the result stands afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from playwright.sync_api import Page, expect

from election.roster.importing import operations as operations_import
from election.roster.importing import queries as queries_import
from tests.support.browser import DESK, PHONE, Visitor, accessibility_violations, overflows
from tests.support.county import begin, roster_rows, workbook
from tests.support.serving import served
from tests.webapp.conftest import CountySite, MakeSite

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def empty(county_site: MakeSite) -> CountySite:
    return county_site("begun", begin)


def choose(page: Page, data: bytes) -> None:
    page.locator("main [name='file']").set_input_files(
        {"name": "各选举单位党员花名册汇总（第二次）.xlsx", "mimeType": XLSX, "buffer": data}
    )


WATCHED = """button => new Promise((seen) => {
    const bar = document.querySelector("[data-progress-bar]");
    new MutationObserver(() => {
        const value = bar.querySelector("progress").value;
        if (!bar.hidden && value) seen([bar.querySelector("[data-words]").textContent, value]);
    }).observe(bar, { subtree: true, childList: true, attributes: true });
    button.click();
})"""


def press(page: Page, button: str) -> tuple[str, int]:
    """What the bar says while the answer is awaited. The page itself looks: from outside, one waits for the next page."""
    words, value = page.get_by_role("button", name=button).evaluate(WATCHED)
    return words, value


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_progress_is_shown_while_a_workbook_is_checked_and_read_in(
    empty: CountySite,
    visitors: Callable[..., Visitor],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    size: tuple[int, int],
) -> None:
    organisations, people = roster_rows(list(empty.county.units))
    data = workbook(organisations, [replace(people[0], category="没有这一类"), *people[1:]])
    empty.site.app.extensions["xiheng.data"] = tmp_path
    go_on = Event()
    planned = queries_import.planned

    def waiting(*given: object) -> object:
        given[-1]("check", 1, 2)  # type: ignore[operator]
        assert go_on.wait(30)
        go_on.clear()
        return planned(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(operations_import, "planned", waiting)
    with served(empty.site.app) as address:
        visitor = visitors(size)
        visitor.context.add_cookies([empty.cookie("office", address)])
        page = visitor.page()
        page.goto(address + empty.page("/office/roster/import"))
        bar = page.locator("[data-progress-bar]")
        expect(bar).to_be_hidden()
        page.get_by_role("button", name="检查文件").click()
        expect(page.get_by_text("请选择要导入的文件")).to_be_visible()
        expect(page.locator("main [name='file']")).to_be_focused()  # the keyboard stands where it has to be corrected
        choose(page, data)
        assert press(page, "检查文件") == ("正在逐行检查", 57)
        go_on.set()
        expect(page.get_by_text("有 1 处错误，1 行退回；其余 53 行没有错误")).to_be_visible()
        expect(bar).to_be_hidden()
        assert overflows(page) == 0
        assert accessibility_violations(page) == []
        assert press(page, "只导入没有错误的 53 行") == ("正在逐行检查", 30)
        go_on.set()
        expect(page.get_by_text("有 1 行退回，没有导入")).to_be_visible()
        with page.expect_download() as download:
            page.get_by_role("link", name="下载待改正的工作簿").click()
        assert download.value.suggested_filename == "各选举单位党员花名册汇总（第二次）（待改正）.xlsx"
        assert accessibility_violations(page) == []
        assert visitor.complaints == []


def test_without_scripts_the_form_does_the_same(empty: CountySite, visitors: Callable[..., Visitor]) -> None:
    with served(empty.site.app) as address:
        visitor = visitors(DESK, java_script_enabled=False)
        visitor.context.add_cookies([empty.cookie("office", address)])
        page = visitor.page()
        page.goto(address + empty.page("/office/roster/import"))
        choose(page, workbook(*roster_rows(list(empty.county.units))))
        page.get_by_role("button", name="检查文件").click()
        expect(page.get_by_text("检查通过")).to_be_visible()
        page.get_by_role("button", name="确认导入").click()
        expect(page.get_by_text("党员 48 名")).to_be_visible()
        assert visitor.complaints == []
