"""The allocation sheet in a real browser: walked by keys, changed by typing, computed around locks; readable by everyone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from election.congress.operations_previous import set_previous_seats
from election.quotas.operations import compute_scheme
from election.quotas.queries import scheme_by_number
from election.store.database import Database
from tests.election.quotas.conftest import made
from tests.support.browser import DESK, PHONE, Visitor, accessibility_violations, overflows
from tests.support.county import County
from tests.support.serving import served
from tests.webapp.conftest import CountySite, MakeSite, county_site

FIRST = "/office/schemes/1"

__all__ = ["county_site"]  # the fixture


def computed(database: Database) -> County:
    county = made(database)
    with county.acting("office") as act:
        compute_scheme(act, county.congress_id, "第一稿")
    return county


@pytest.fixture
def at(county_site: MakeSite) -> Iterator[tuple[CountySite, str]]:
    site = county_site("one draft", computed)
    with served(site.site.app) as address:
        yield site, address


Opened = Callable[..., Page]


@pytest.fixture
def opened(at: tuple[CountySite, str], visitors: Callable[..., Visitor]) -> Opened:
    def open_(path: str = FIRST, who: str = "office", size: tuple[int, int] = DESK, *, script: bool = True) -> Page:
        site, address = at
        visitor = visitors(size, java_script_enabled=script)
        visitor.context.add_cookies([site.cookie(who, address)])
        page = visitor.page()
        page.goto(address + site.page(path))
        if script:
            expect(page.locator("html.has-script")).to_be_attached()
        return page

    return open_


def cell(page: Page, title: str) -> Locator:
    return page.locator(f"#sheet a[data-title='{title}']")


def test_arrow_keys_walk_the_grid_and_the_panel_follows(opened: Opened) -> None:
    page = opened()
    panel = page.locator("#cell-detail")
    cell(page, "第1镇 · 领导干部").click()
    expect(panel).to_contain_text("第1镇 · 领导干部")
    expect(panel).to_contain_text("不用取整")
    for key, title in (
        ("ArrowRight", "第1镇 · 农民"),
        ("ArrowDown", "第2镇 · 农民"),
        ("Home", "第2镇 · 名额"),
        ("Control+Home", "第1镇 · 名额"),
        ("ArrowRight", "第1镇 · 领导干部"),
        ("ArrowUp", "领导干部 · 合计"),
        ("ArrowLeft", "领导干部 · 合计"),
        ("End", "其他基层 · 合计"),
        ("Control+End", "第2镇 · 其他基层"),
    ):
        page.keyboard.press(key)
        expect(cell(page, title)).to_be_focused()
        expect(panel.locator("h3")).to_have_text(title)
    expect(panel).to_contain_text("下一席的代价")


def test_typing_a_number_moves_every_total_at_once_and_escape_puts_it_back(opened: Opened) -> None:
    page = opened()
    balance = page.locator("#balance")
    expect(balance).to_have_text("合计 20 席，各单位、各类别相加都与总额一致。")
    cell(page, "第1镇 · 领导干部").click()
    page.keyboard.type("7")
    expect(page.get_by_label("席数")).to_be_focused()
    expect(cell(page, "第1镇 · 领导干部")).to_have_text("7")
    expect(cell(page, "第1镇 · 名额")).to_have_text("12 / 10")
    expect(cell(page, "领导干部 · 合计")).to_have_text("12 / 10")
    expect(page.locator("tfoot [data-sum='c0']")).to_have_text("12 / 10")
    expect(page.locator("tfoot [data-sum='all']")).to_have_text("22")
    expect(page.locator(".sheet-top [data-sum='all']")).to_have_text("22")
    expect(page.locator("tr[data-unit='u1'] [data-candidates]")).to_have_text("16")
    expect(page.locator("[data-target='0'] [data-now]")).to_have_text("54.5%")
    expect(page.locator("[data-target='0'] [data-gap]")).to_have_text("+4.5")
    expect(balance).to_have_text(
        "合计 22 席，比总额 20 多 2 席；第1镇多 2 席、领导干部多 2 席；调整其他格，或锁定后重新计算。"
    )
    assert accessibility_violations(page) == []
    page.keyboard.press("Escape")
    expect(cell(page, "第1镇 · 领导干部")).to_be_focused()
    expect(cell(page, "第1镇 · 领导干部")).to_have_text("5")
    expect(cell(page, "第1镇 · 名额")).to_have_text("10")
    expect(balance).to_have_text("合计 20 席，各单位、各类别相加都与总额一致。")


WIDTHS = "() => [...document.querySelectorAll('#sheet th')].map((head) => head.getBoundingClientRect().width)"


def test_no_column_moves_and_the_previous_congress_is_compared_as_one_types(
    opened: Opened, at: tuple[CountySite, str]
) -> None:
    site, _address = at
    with site.county.acting("office") as act:
        set_previous_seats(act, site.county.congress_id, {"u1": 8, "u2": 10})
    page = opened()
    row, all_ = page.locator("tr[data-unit='u1'] .since"), page.locator("tfoot .since")
    expect(row).to_have_text("+2")
    expect(all_).to_have_text("+2")
    before = page.evaluate(WIDTHS)
    cell(page, "第1镇 · 领导干部").click()
    page.keyboard.type("2")
    expect(cell(page, "第1镇 · 名额")).to_have_text("7 / 10")
    expect(row).to_have_text("−1")
    expect(all_).to_have_text("−1")
    assert page.evaluate(WIDTHS) == before
    page.get_by_label("席数").fill("3")
    expect(row).to_have_text("0")
    page.keyboard.press("Escape")
    expect(row).to_have_text("+2")


def test_another_clerk_s_change_leaves_what_was_typed_in_its_place(opened: Opened) -> None:
    page = opened(f"{FIRST}?cell=u1.leader")
    other = opened(f"{FIRST}?cell=u2.farmer", "office2")
    for tab, seats, reason in ((other, "4", "偏远"), (page, "6", "试点镇")):
        tab.get_by_label("席数").fill(seats)
        tab.get_by_label("理由").fill(reason)
        tab.get_by_role("button", name="保存").click()
    expect(page.get_by_text("在您打开之后已由")).to_be_visible()
    expect(page.get_by_label("理由")).to_have_value("试点镇")
    expect(cell(page, "第1镇 · 领导干部")).to_have_text("6")
    expect(cell(page, "第2镇 · 农民")).to_have_text("4")
    expect(cell(page, "第1镇 · 名额")).to_have_text("11 / 10")
    assert accessibility_violations(page) == []
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已保存。")).to_be_visible()
    expect(page.locator(".hand-list li")).to_have_count(2)


def test_a_unit_s_number_asks_more_of_its_cells(opened: Opened) -> None:
    page = opened()
    cell(page, "第2镇 · 名额").click()
    page.keyboard.type("12")
    expect(cell(page, "第2镇 · 名额")).to_have_text("10 / 12")
    expect(page.locator("#balance")).to_contain_text("第2镇少 2 席")
    cell(page, "第1镇 · 农民").click()
    expect(page.locator("[data-said]")).to_have_text("“第2镇 · 名额”的改动没有保存，已还原。")
    expect(cell(page, "第2镇 · 名额")).to_have_text("10")


def test_a_change_is_saved_by_keyboard_alone_then_computed_with(opened: Opened, at: tuple[CountySite, str]) -> None:
    page = opened(f"{FIRST}?cell=u1.leader")
    expect(cell(page, "第1镇 · 领导干部")).to_be_focused()
    page.keyboard.type("6")
    page.keyboard.press("Enter")
    expect(page.get_by_label("理由")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("请写明调整的理由")).to_be_visible()
    expect(page.get_by_label("理由")).to_be_focused()
    expect(cell(page, "第1镇 · 领导干部")).to_have_text("6")
    expect(cell(page, "第1镇 · 名额")).to_have_text("11 / 10")
    page.keyboard.type("试点镇")
    page.keyboard.press("Enter")
    expect(page.get_by_text("已保存。")).to_be_visible()
    expect(cell(page, "第1镇 · 领导干部")).to_be_focused()
    listed = page.locator(".hand-list")
    expect(listed).to_contain_text("第1镇 · 领导干部 5 → 6")
    expect(listed).to_contain_text("待重新计算")
    assert accessibility_violations(page) == []
    page.locator("summary", has_text="围绕锁定重新计算").click()
    page.get_by_role("button", name="开始计算").click()
    expect(page.get_by_text("已重新计算")).to_be_visible()
    expect(page.locator("#balance")).to_have_text("合计 20 席，各单位、各类别相加都与总额一致。")
    expect(cell(page, "第1镇 · 领导干部")).to_have_text("6")
    expect(page.locator("summary", has_text="送审")).to_be_visible()
    site, _address = at
    with site.site.database.reading() as session:
        found = scheme_by_number(session, site.county.congress_id, 1)
        assert found.allocation["seats"][0][0] == 6


# Counts the forms that would be sent, after the page's own script has had its say, and sends none.
COUNT = "() => addEventListener('submit', (e) => { window.sent = (window.sent ?? 0) + !e.defaultPrevented; e.preventDefault(); })"


def test_long_work_says_that_it_is_under_way_and_is_asked_for_once(opened: Opened) -> None:
    page = opened()
    page.evaluate(COUNT)
    page.locator("summary", has_text="重新计算").click()
    page.get_by_role("button", name="开始计算").click()
    button = page.locator(".confirm-body [aria-busy='true']")
    expect(button).to_have_text("正在计算…")
    button.click()
    assert page.evaluate("() => window.sent") == 1


@pytest.mark.parametrize("size", [DESK, pytest.param(PHONE, marks=pytest.mark.deep)], ids=["desk", "phone"])
def test_the_sheet_is_accessible_in_every_state_and_never_scrolls_sideways(
    opened: Opened, at: tuple[CountySite, str], size: tuple[int, int]
) -> None:
    site, _address = at
    office, approver = site.at("office"), site.at("approver")
    states = ("office", "/office/schemes"), ("office", f"{FIRST}?cell=u1.leader"), ("approver", FIRST)
    for who, path in states:
        page = opened(path, who, size)
        assert overflows(page) == 0, path
        assert accessibility_violations(page) == [], path
    office.post(site.page(f"{FIRST}/submit"))
    page = opened(f"{FIRST}?unit=u2", "approver", size)
    page.locator("summary", has_text="退回").click()
    assert accessibility_violations(page) == []
    approver.post(site.page(f"{FIRST}/approve"))
    page = opened(f"{FIRST}?category=farmer", "office", size)
    expect(page.locator("form[data-cell-form]")).to_have_count(0)
    page.locator("summary", has_text="导出").click()
    expect(page.get_by_role("link", name="A3 工作簿")).to_be_visible()
    assert overflows(page) == 0 and accessibility_violations(page) == []


def test_on_a_phone_what_was_tapped_is_told_at_the_lower_edge_and_put_away(opened: Opened) -> None:
    page = opened(size=PHONE)
    panel = page.locator("#cell-detail")
    expect(panel).to_be_hidden()
    tapped = cell(page, "第2镇 · 其他基层")
    tapped.tap()
    expect(panel).to_be_visible()
    expect(panel).to_contain_text("第2镇 · 其他基层")
    expect(panel).to_contain_text("下一席的代价")
    upper, lower = tapped.bounding_box(), panel.bounding_box()
    assert upper is not None and lower is not None and upper["y"] + upper["height"] <= lower["y"] + 1
    assert accessibility_violations(page) == []
    page.get_by_label("席数").fill("4")
    expect(cell(page, "第2镇 · 名额")).to_have_text("12 / 10")
    panel.get_by_role("link", name="收起").tap()
    expect(panel).to_be_hidden()
    expect(cell(page, "第2镇 · 名额")).to_have_text("10")


def test_contradicting_locks_are_tried_with_one_press(opened: Opened, at: tuple[CountySite, str]) -> None:
    page = opened()
    for unit in ("第1镇", "第2镇"):
        cell(page, f"{unit} · 名额").click()
        page.keyboard.type("12")
        page.keyboard.press("Enter")
        page.keyboard.type("试试")
        page.keyboard.press("Enter")
        expect(page.get_by_text("已保存。")).to_be_visible()
    page.locator("summary", has_text="围绕锁定重新计算").click()
    page.get_by_role("button", name="开始计算").click()
    conflicts = page.locator(".conflicts")
    expect(conflicts).to_contain_text("差 4 席")
    expect(conflicts).to_be_focused()
    assert accessibility_violations(page) == []
    conflicts.get_by_role("button", name="按此试算").click()
    expect(page.get_by_text("已重新计算")).to_be_visible()
    expect(page.locator(".hand-list")).to_contain_text("为消除规则矛盾")


def test_without_scripts_every_cell_is_a_link_to_its_form(opened: Opened) -> None:
    page = opened(script=False)
    cell(page, "第1镇 · 领导干部").click()
    expect(page.locator("#cell-detail")).to_contain_text("下一席的代价")
    page.get_by_label("席数").fill("6")
    page.get_by_label("理由").fill("试点镇")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已保存。")).to_be_visible()
    expect(cell(page, "第1镇 · 名额")).to_have_text("11 / 10")
    page.locator("summary", has_text="围绕锁定重新计算").click()
    page.get_by_role("button", name="开始计算").click()
    expect(page.locator("#balance")).to_have_text("合计 20 席，各单位、各类别相加都与总额一致。")
