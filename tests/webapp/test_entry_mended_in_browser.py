"""Count entry in a real browser: what is mended after a refusal goes out of sight, old figures stay folded away, each key does
what the screen says and every dead end has a way on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from election.count.entry import EntryState
from election.count.operations import discard
from tests.election.count.conftest import make_counting
from tests.support.browser import PHONE
from tests.support.desks import Desks, desks_from
from tests.support.evening import SCRUTINEERS, TELLERS
from tests.support.stores import Stores
from tests.webapp.test_entry_in_browser import ATTENDANCE, FARMERS, OTHERS, Visitors, begun, box, paste, saved, type_in


@pytest.fixture
def desks(sqlite_stores: Stores) -> Iterator[Desks]:
    made = desks_from(sqlite_stores, "counting", make_counting, csrf=True)
    with made.open_to_browsers():
        yield made
    made.evening.county.database.close()


def at_the_end(page: Page) -> Page:
    page.locator('[data-step-link="review"] a').click()
    return page


def handed_in(page: Page) -> None:
    at_the_end(page).get_by_role("button", name="提交本次录入").click()
    expect(page.locator(".finding").first).to_be_attached()


def test_what_is_filled_after_a_refusal_is_no_longer_called_blank(desks: Desks, visitors: Visitors) -> None:
    """Handed in once too often with nothing on it: the boxes for what is blank go as the figures come."""
    page = begun(desks, visitors, TELLERS[0])
    handed_in(page)
    hand_over = page.get_by_role("button", name="计票单上就是这样")
    listed = page.locator("#step-review .finding")
    expect(at_the_end(page).locator("#step-review .finding:visible").first).to_be_visible()
    before = listed.filter(visible=True).count()
    expect(hand_over).to_be_visible()
    page.locator('[data-step-link="attendance"] a').click()
    expect(page.locator("#step-attendance .finding")).to_have_count(1)
    type_in(page, ATTENDANCE[:1])
    expect(page.locator("#step-attendance .finding")).to_be_visible()  # the other one is still blank
    type_in(page, ATTENDANCE[1:])
    expect(page.locator("#step-attendance .finding")).to_be_hidden()
    assert at_the_end(page).locator("#step-review .finding").filter(visible=True).count() == before - 1
    page.locator('[data-step-link="attendance"] a').click()
    page.keyboard.press("Shift+Enter")
    type_in(page, FARMERS)
    page.keyboard.press("Shift+Enter")
    type_in(page, OTHERS)
    page.keyboard.press("Shift+Enter")
    expect(listed.filter(visible=True)).to_have_count(0)
    expect(hand_over).to_be_hidden()
    expect(page.locator("[data-review] header")).to_contain_text(["✓ 已填全"] * 3)
    box(desks, page, 0, "for").evaluate(
        "box => { box.value = ''; box.dispatchEvent(new Event('input', {bubbles: true})); }"
    )
    expect(listed.filter(visible=True)).to_have_count(1)  # blank again
    expect(hand_over).to_be_visible()


def test_a_sum_that_is_mended_is_no_longer_called_wrong_and_goes_to_no_scrutineer(
    desks: Desks, visitors: Visitors
) -> None:
    page = begun(desks, visitors, TELLERS[0])
    type_in(page, ATTENDANCE)
    page.keyboard.press("Enter")
    wrong = list(FARMERS)
    wrong[3], wrong[4] = 2, 24  # spoiled: 27 and 2 are not 28; the first row makes 26
    wrong[10], wrong[11] = 7, 20  # room for two votes for somebody written in
    type_in(page, tuple(wrong))
    page.keyboard.press("+")
    for keys in (("Enter", "1", "Enter", "Enter"), ("Enter", "1")):
        page.keyboard.insert_text("王军")
        for key in keys:
            page.keyboard.press(key)
    page.keyboard.press("Shift+Enter")
    type_in(page, OTHERS)
    page.keyboard.press("Shift+Enter")
    handed_in(page)
    farmers = page.locator(f"#step-{desks.evening.round_of('u1', 'farmer')}")
    for code in ("count.E.203", "count.E.301", "count.E.306"):
        expect(farmers.locator(".finding", has_text=code).first).to_be_visible()
    expect(at_the_end(page).locator("[data-review] header").nth(1)).to_contain_text("处不符")
    page.locator(f'[data-step-link="{desks.evening.round_of("u1", "farmer")}"] a').click()
    spoiled = farmers.locator('.strip [data-role="spoiled"]')
    spoiled.fill("1")
    expect(farmers.locator(".finding", has_text="count.E.203")).to_be_hidden()
    spoiled.fill("2")
    expect(farmers.locator(".finding", has_text="count.E.203")).to_be_visible()  # as wrong as it was
    spoiled.fill("1")
    box(desks, page, 0, "for").fill("25")
    expect(farmers.locator(".finding", has_text="count.E.301").filter(visible=True)).to_have_count(0)
    expect(box(desks, page, 0, "against")).not_to_have_attribute("aria-invalid", "true")
    expect(at_the_end(page).get_by_role("button", name="计票单上就是这样")).to_be_visible()
    farmers.locator('[name$="write_ins.0.name"]').evaluate(
        "box => { box.value = ''; box.dispatchEvent(new Event('input', {bubbles: true})); }"
    )
    expect(farmers.locator(".finding", has_text="count.E.306")).to_be_hidden()
    expect(page.get_by_role("button", name="计票单上就是这样")).to_be_hidden()


@pytest.mark.parametrize("size", [(1366, 768), PHONE])
def test_a_fresh_entry_shows_none_of_the_figures_that_were_dropped(
    desks: Desks, visitors: Visitors, size: tuple[int, int]
) -> None:
    page = begun(desks, visitors, TELLERS[0], size)
    with desks.evening.county.acting(SCRUTINEERS[0]) as act:
        discard(act, desks.evening.form_id("u1"), "计票单重新填写")
    type_in(page, ATTENDANCE)
    # Told, with a link that leads on and has the focus; an Enter still meant for a box goes nowhere.
    expect(page.locator("[data-save-state]")).to_contain_text("已过时")
    link = page.get_by_role("link", name="重新打开")
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    expect(link).to_be_focused()
    page.wait_for_timeout(1600)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="一样，开始").click()
    expect(page.locator("#step-attendance.is-open")).to_be_visible()
    kept = page.locator("[data-kept]")
    expect(kept).to_contain_text("计票单 01-1-1")
    expect(kept.locator(".kept-figures")).to_be_hidden()
    first = page.locator('[name="attendance.expected"]')
    expect(first).to_be_focused()
    expect(first).to_be_in_viewport(ratio=1)
    expect(first).to_have_value("")
    kept.get_by_text("查看这些数字").click()
    expect(kept.locator(".kept-figures div").first).to_have_text("会议人数 · 应到会30")
    kept.get_by_role("button", name="从本机删去").click()
    expect(kept).to_be_hidden()
    expect(first).to_be_focused()


def test_an_enter_held_down_ticks_nothing_and_hands_nothing_in(desks: Desks, visitors: Visitors) -> None:
    page = begun(desks, visitors, TELLERS[0])
    type_in(page, ATTENDANCE)
    page.keyboard.press("Enter")
    for _ in range(40):
        page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    expect(page.locator(f"#step-{desks.evening.round_of('u1', 'farmer')}.is-open [data-box]").last).to_be_visible()
    expect(page.get_by_role("button", name="下一步")).to_be_focused()
    at_the_end(page)
    page.locator('[data-step-link="attendance"] a').click()
    for step in (FARMERS, OTHERS):
        page.keyboard.press("Shift+Enter")
        type_in(page, step)
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    expect(page.get_by_label("已对照").first).to_be_focused()
    page.keyboard.down("Enter")
    for _ in range(20):
        page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    # The first stroke was a stroke; those that came by themselves do nothing.
    expect(page.get_by_role("button", name="提交本次录入")).to_be_focused()
    assert desks.evening.form("u1").state is EntryState.FIRST_IN_PROGRESS


def test_only_the_key_that_the_screen_names_takes_a_stroke_back(desks: Desks, visitors: Visitors) -> None:
    page = begun(desks, visitors, TELLERS[0])
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("F2")
    count = page.locator('[data-call="for"] [data-calling-count]')
    for key in ("1", "1", "1", "0", "Delete"):
        page.keyboard.press(key)
    expect(count).to_have_text("3")
    page.keyboard.press("Backspace")
    expect(count).to_have_text("2")


def test_a_figure_too_long_is_refused_with_a_word_and_blank_boxes_make_no_sum(desks: Desks, visitors: Visitors) -> None:
    page = begun(desks, visitors, TELLERS[0])
    expected = page.locator('[name="attendance.expected"]')
    page.keyboard.type("1234567")
    expect(expected).to_have_value("123456")
    expect(page.locator("[data-word]")).to_have_text("最多填 6 位数字，没有填入")
    page.keyboard.press("ArrowDown")
    paste(page, "7654321")
    expect(page.locator('[name="attendance.present"]')).to_have_value("")
    expect(page.locator("[data-word]")).to_contain_text("最多填 6 位数字")
    page.keyboard.press("Shift+Enter")
    subtotal = page.locator('.is-open [data-subtotal="for"]')
    expect(subtotal).to_have_text("")
    box(desks, page, 0, "for").fill("0")
    expect(subtotal).to_have_text("0")
    page.keyboard.press("+")
    page.keyboard.insert_text("向蓉2")
    page.keyboard.press("Enter")
    expect(page.locator("[data-word]")).to_have_text("姓名只写文字，不能有数字")
    saved(page)


def test_who_is_signed_out_is_led_to_sign_in_and_told_why_nothing_is_saved(desks: Desks, visitors: Visitors) -> None:
    page = begun(desks, visitors, TELLERS[0])
    page.context.clear_cookies()
    type_in(page, ATTENDANCE)
    expect(page.locator("[data-save-state]")).to_contain_text("登录已失效")
    page.get_by_role("button", name="保存并退出").click()
    expect(page.locator("[data-word]")).to_contain_text("登录已失效，数字存在本机")
    page.get_by_role("link", name="重新登录").click()
    page.wait_for_url(re.compile(r"/sign-in\?next=.*01-1-1"))
