"""Count entry in a real browser: by keyboard alone, and no figure is lost when a window, the line or the server goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from election.count.entry import EntryState
from election.count.operations import discard
from election.count.queries_form import entry_for
from tests.election.count.conftest import make_counting
from tests.support.browser import DESK, PHONE, Visitor, accessibility_violations, overflows
from tests.support.desks import Desks, desks_from
from tests.support.evening import SCRUTINEERS, TELLERS
from tests.support.stores import Stores

FORM = "/c/xian-14/tally/01-1-1"
# The paper: expected, present; then farmers and others: issued, returned, valid, spoiled, marks row by row.
ATTENDANCE = (30, 28)
FARMERS = (28, 28, 27, 1, 25, 2, 0, 20, 7, 0, 9, 18, 0)
OTHERS = (28, 28, 28, 0, 20, 8, 0, 7, 20, 1)

Visitors = Callable[..., Visitor]


@pytest.fixture
def desks(sqlite_stores: Stores) -> Iterator[Desks]:
    made = desks_from(sqlite_stores, "counting", make_counting, csrf=True)
    with made.open_to_browsers():
        yield made
    made.evening.county.database.close()


def begun(desks: Desks, visitors: Visitors, who: str) -> Page:
    page = desks.page(visitors, who, FORM)
    page.get_by_role("button", name="一样，开始").click()
    expect(page.locator("#step-attendance.is-open")).to_be_visible()
    return page


def type_in(page: Page, figures: tuple[int, ...]) -> None:
    for figure in figures:
        page.keyboard.type(str(figure))
        page.keyboard.press("Enter")


def saved(page: Page) -> None:
    expect(page.locator("[data-save-state]")).to_contain_text("草稿已保存")
    expect(page.locator("[data-save-state]")).not_to_contain_text("正在")


def test_a_whole_form_is_entered_twice_by_keyboard_and_confirmed(desks: Desks, visitors: Visitors) -> None:
    for who in TELLERS[:2]:
        page = begun(desks, visitors, who)
        type_in(page, ATTENDANCE)
        page.keyboard.press("Enter")
        type_in(page, FARMERS)
        page.keyboard.press("Shift+Enter")
        type_in(page, OTHERS)
        page.keyboard.press("Shift+Enter")
        page.keyboard.press("Shift+Enter")
        # One spoiled ballot of 28 is worth a look: it wants its tick.
        page.locator("a", has_text="农民").first.click()
        page.get_by_label("已对照").first.check()
        page.locator('[data-step-link="review"] a').click()
        with page.expect_navigation():
            page.get_by_role("button", name="提交本次录入").click()
        expect(page.locator(".notice").first).to_contain_text("计票单 01-1-1")
    assert desks.evening.form("u1").state is EntryState.ENTRIES_EQUAL
    page = desks.page(visitors, SCRUTINEERS[0], "/c/xian-14/scrutiny/forms/01-1-1")
    page.get_by_text("核对无误，确认").click()
    page.get_by_role("button", name="确认", exact=True).click()
    expect(page.get_by_text("已选出").first).to_be_visible()
    assert desks.evening.form("u1").state is EntryState.CONFIRMED


def test_a_draft_survives_the_window_being_closed(desks: Desks, visitors: Visitors) -> None:
    page = begun(desks, visitors, TELLERS[0])
    type_in(page, ATTENDANCE)
    page.keyboard.press("Enter")
    type_in(page, FARMERS[:5])
    saved(page)
    page.close()
    again = desks.page(visitors, TELLERS[0], FORM)
    farmers = desks.evening.round_of("u1", "farmer")
    expect(again.locator(f'[name="sections.{farmers}.valid"]')).to_have_value("27")
    expect(again.locator('[name="attendance.expected"]')).to_have_value("30")


def test_a_draft_typed_without_a_line_is_sent_when_it_is_back(desks: Desks, visitors: Visitors) -> None:
    page = begun(desks, visitors, TELLERS[0])
    lost: list[Route] = []

    def no_line(route: Route) -> None:
        lost.append(route)
        route.abort()

    page.route("**/drafts/*", no_line)
    type_in(page, ATTENDANCE)
    expect(page.locator("[data-save-state]")).to_contain_text("已存在本机")
    page.unroute("**/drafts/*")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator("[data-save-state]")).to_contain_text("已补送")
    assert lost
    with desks.evening.county.reading() as session:
        view = entry_for(session, desks.evening.form("u1").id, desks.evening.county.people[TELLERS[0]].person_id or 0)
    assert view.contents is not None and view.contents.attendance.expected == 30


def test_a_draft_is_politely_refused_when_the_form_moved_on(desks: Desks, visitors: Visitors) -> None:
    page = begun(desks, visitors, TELLERS[0])
    with desks.evening.county.acting(SCRUTINEERS[0]) as act:
        discard(act, desks.evening.form_id("u1"), "计票单重新填写")
    type_in(page, ATTENDANCE)
    expect(page.locator("[data-save-state]")).to_contain_text("已过时")


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_the_desks_of_the_evening_are_accessible_and_fit(
    desks: Desks, visitors: Visitors, size: tuple[int, int]
) -> None:
    for who, path in (
        ("u1", "/c/xian-14/units/u1/meeting"),
        (TELLERS[0], "/c/xian-14/tally/"),
        (TELLERS[0], FORM),
        (SCRUTINEERS[0], "/c/xian-14/scrutiny/"),
        (SCRUTINEERS[0], "/c/xian-14/scrutiny/u1/ballots"),
    ):
        page = desks.page(visitors, who, path, size)
        assert accessibility_violations(page) == []
        assert overflows(page) == 0
