"""Count entry in a real browser: by keyboard alone, and no figure is lost when a window, the line or the server goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from election.count.entry import EntryState
from election.count.form import Attendance, FormContents
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

# Puts a draft of that name into the browser.
KEEP = "async name => { await (await import('/static/drafts.js')).write(name, { values: { a: '1' } }); }"

Visitors = Callable[..., Visitor]


@pytest.fixture
def desks(sqlite_stores: Stores) -> Iterator[Desks]:
    made = desks_from(sqlite_stores, "counting", make_counting, csrf=True)
    with made.open_to_browsers():
        yield made
    made.evening.county.database.close()


def begun(desks: Desks, visitors: Visitors, who: str, size: tuple[int, int] = DESK) -> Page:
    page = desks.page(visitors, who, FORM, size)
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
        # The whole form once more, to hold against the paper.
        review = page.locator("[data-review]")
        expect(review.locator("header")).to_contain_text(["✓ 已填全"] * 3)
        name = desks.evening.sheet("u1").sections[0].candidates[0].name
        expect(review.locator("tbody tr").first.locator("td, th")).to_have_text(["1", name, "25", "2", "0", "27 ✓"])
        page.keyboard.press("Shift+Enter")
        # One spoiled ballot of 28 is worth a look: the page comes back at its tick, and Enter goes on to handing in.
        expect(page.get_by_label("已对照").first).to_be_focused()
        page.keyboard.press("ArrowUp")  # the keys reach a tick as they do a box
        page.keyboard.press("Enter")
        expect(page.get_by_label("已对照").first).to_be_focused()
        for _ in range(page.get_by_label("已对照").count()):
            page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="提交本次录入")).to_be_focused()
        page.keyboard.press("Shift+Enter")
        expect(page.locator(".notice").first).to_contain_text("计票单 01-1-1")
    assert desks.evening.form("u1").state is EntryState.ENTRIES_EQUAL
    page = desks.page(visitors, SCRUTINEERS[0], "/c/xian-14/scrutiny/forms/01-1-1")
    page.get_by_text("核对无误，确认").click()
    page.get_by_role("button", name="确认", exact=True).click()
    expect(page.get_by_text("已选出").first).to_be_visible()
    assert desks.evening.form("u1").state is EntryState.CONFIRMED


def test_the_keys_go_back_and_what_is_no_figure_is_refused_with_a_word(desks: Desks, visitors: Visitors) -> None:
    page = begun(desks, visitors, TELLERS[0])
    expected, present = page.locator('[name="attendance.expected"]'), page.locator('[name="attendance.present"]')
    page.keyboard.type("3a0")
    expect(expected).to_have_value("30")
    expect(page.locator("[data-word]")).to_have_text("只能填数字")
    page.keyboard.press("ArrowDown")
    paste(page, "二十八")
    expect(present).to_have_value("")
    expect(page.locator("[data-word]")).to_contain_text("粘贴的内容不是数字")
    paste(page, " ２８ ")
    expect(present).to_have_value("28")
    page.keyboard.press("ArrowUp")
    expect(expected).to_be_focused()
    page.keyboard.type("3")  # the content is selected on arrival
    expect(expected).to_have_value("3")
    expected.dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    expect(expected).to_be_focused()
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("ArrowUp")
    expect(present).to_be_focused()
    page.keyboard.press("Shift+Enter")
    expect(page.locator("[data-word]")).to_have_text("会议人数：实到 28 多于应到 3")  # said, and waiting at its step
    page.keyboard.press("+")
    for key in ("1", "2", "Enter"):  # as on the paper: the name first, then the votes
        page.keyboard.press(key)
    expect(page.locator("[data-word]")).to_have_text("姓名只写文字，不能有数字")
    for key in ("3", "Enter", "Enter"):
        page.keyboard.press(key)
    expect(page.locator('.is-open [name$="write_ins.0.for"]')).to_have_value("3")
    expect(page.locator('.is-open [name$="write_ins.1.name"]')).to_be_focused()
    saved(page)


def paste(page: Page, text: str) -> None:
    page.evaluate(
        """text => {
            const data = new DataTransfer();
            data.setData("text", text);
            const how = { clipboardData: data, bubbles: true, cancelable: true };
            document.activeElement.dispatchEvent(new ClipboardEvent("paste", how));
        }""",
        text,
    )


def box(desks: Desks, page: Page, row: int, mark: str) -> Locator:
    farmers = desks.evening.round_of("u1", "farmer")
    candidate = desks.evening.candidates[farmers][row]
    return page.locator(f'[name="sections.{farmers}.candidates.{candidate}.{mark}"]')


def test_calling_writes_a_stroke_a_key_and_sums_into_the_fields(desks: Desks, visitors: Visitors) -> None:
    page = begun(desks, visitors, TELLERS[0])
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("F2")
    calling = page.get_by_role("dialog")
    for key in (*"1111112", "ArrowDown", *"3", "Backspace", *"22"):
        page.keyboard.press(key)
    expect(calling.locator('[data-call="against"] .zheng-big path')).to_have_count(2)
    page.keyboard.press("ArrowUp")
    expect(calling.locator('[data-call="for"] [data-calling-count]')).to_have_text("6")
    expect(calling.locator('[data-call="for"] .zheng path')).to_have_count(6)
    calling.get_by_label("记一笔后自动到下一人").check()
    for key in "111":
        page.keyboard.press(key)
    assert accessibility_violations(page) == []
    page.keyboard.press("Escape")
    expect(calling).to_be_hidden()
    expect(box(desks, page, 0, "for")).to_have_value("7")
    expect(box(desks, page, 0, "against")).to_have_value("1")
    expect(box(desks, page, 1, "against")).to_have_value("2")
    expect(box(desks, page, 1, "abstain")).to_have_value("")  # taken back: blank again, not zero
    expect(box(desks, page, 2, "for")).to_have_value("1")
    box(desks, page, 2, "against").focus()
    page.keyboard.press("F2")  # in the row in which one was
    for key in "1/4":
        page.keyboard.press(key)
    page.keyboard.insert_text("王军")
    for key in ("Enter", "1", "/", "2"):
        page.keyboard.press(key)
    expect(calling.locator("[data-calling-rows] [aria-pressed=true]")).to_contain_text("不赞成 2")
    # What is blank is filled only after it was said how much, and taken back like a stroke.
    calling.get_by_role("button", name="没有票的格填 0").click()
    expect(calling.locator("[data-calling-ask-text]")).to_have_text("唱过票的 3 人还有 4 格空着，没有票的填 0？")
    page.keyboard.press("Escape")
    expect(box(desks, page, 1, "abstain")).to_have_value("")
    calling.get_by_role("button", name="没有票的格填 0").click()
    page.keyboard.press("Enter")
    expect(box(desks, page, 1, "abstain")).to_have_value("0")
    page.keyboard.press("Backspace")
    page.keyboard.press("Escape")
    expect(calling).to_be_hidden()
    expect(box(desks, page, 1, "abstain")).to_have_value("")
    expect(box(desks, page, 2, "for")).to_have_value("2")
    expect(page.locator('.is-open [name$="write_ins.0.name"]')).to_have_value("王军")
    expect(page.locator('.is-open [name$="write_ins.0.for"]')).to_have_value("2")
    saved(page)


def test_a_link_at_the_review_goes_to_the_box_that_is_wrong(desks: Desks, visitors: Visitors) -> None:
    page = begun(desks, visitors, TELLERS[0])
    type_in(page, ATTENDANCE)
    page.keyboard.press("Enter")
    # Twice as many votes for as two seats allow; and a row that does not add up.
    type_in(page, (28, 28, 28, 0, 28, 0, 0, 28, 0, 0, 28, 1, 0))
    page.keyboard.press("Shift+Enter")
    type_in(page, OTHERS)
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    expect(page.locator("#step-review .finding-error").first).to_be_attached()
    expect(box(desks, page, 0, "for")).to_be_focused()  # the first fault of all
    page.locator('[data-step-link="review"] a').click()
    page.locator("#step-review .finding-error", has_text="count.E.301").get_by_text("去更正").click()
    expect(box(desks, page, 2, "for")).to_be_focused()
    expect(box(desks, page, 2, "against")).to_have_attribute("aria-invalid", "true")


def test_a_draft_survives_the_browser_being_killed(desks: Desks, visitors: Visitors) -> None:
    """What the server has, and what never got there: the box left with no line, the one still being typed in. Before that
    the page is loaded anew in the middle of a figure, which the page that goes sends along.
    """
    page = begun(desks, visitors, TELLERS[0])
    page.keyboard.type("3")
    page.reload()
    expect(page.locator('[name="attendance.expected"]')).to_have_value("3")
    page.locator('[name="attendance.expected"]').focus()
    farmers = desks.evening.round_of("u1", "farmer")
    type_in(page, ATTENDANCE)
    saved(page)
    page.route("**/drafts/*", lambda route: route.abort())
    page.keyboard.press("Enter")
    type_in(page, FARMERS[:3])
    expect(page.locator("[data-save-state]")).to_contain_text("未联网，已存本机")
    page.locator(f'[name="sections.{farmers}.write_ins.0.name"]').fill("王军")
    page.get_by_role("button", name="增加一人").first.click()
    page.keyboard.press("Enter")
    page.keyboard.type("2")
    left = page.context.storage_state(indexed_db=True)
    page.context.close()
    again = desks.page(visitors, TELLERS[0], FORM, storage_state=left)
    expect(again.locator("[data-save-state]")).to_contain_text("草稿已保存")
    expect(again.locator('[name="attendance.expected"]')).to_have_value("30")
    expect(again.locator(f'[name="sections.{farmers}.valid"]')).to_have_value("27")
    expect(again.locator(f'[name="sections.{farmers}.write_ins.0.name"]')).to_have_value("王军")
    expect(again.locator(f'[name="sections.{farmers}.write_ins.1.for"]')).to_have_value("2")
    kept = draft_of(desks)
    assert kept.sections[str(farmers)].valid == 27 and kept.sections[str(farmers)].write_ins[0].name == "王军"
    nothing_is_kept(again)


def draft_of(desks: Desks, who: str = TELLERS[0]) -> FormContents:
    """What the server has of this person's entry."""
    with desks.evening.county.reading() as session:
        view = entry_for(session, desks.evening.form("u1").id, desks.evening.county.people[who].person_id or 0)
    assert view.contents is not None
    return view.contents


def in_browser(page: Page) -> list[str]:
    """The names under which this browser keeps drafts."""
    return list(page.evaluate("async () => (await import('/static/drafts.js')).names()"))


def nothing_is_kept(page: Page) -> None:
    """It is taken away a moment after the server has answered."""
    for _ in range(100):
        if not in_browser(page):
            return
    raise AssertionError(in_browser(page))


def test_what_is_typed_without_a_line_is_sent_when_it_is_back_and_handed_in_only_then(
    desks: Desks, visitors: Visitors
) -> None:
    page = begun(desks, visitors, TELLERS[0])
    second = page.context.new_page()
    second.goto(desks.address + FORM)
    page.route("**/drafts/*", lambda route: route.abort())
    type_in(page, ATTENDANCE)
    expect(second.locator("[data-save-state]")).to_contain_text("正在另一个窗口录入")
    expect(page.locator("[data-save-state]")).to_contain_text("未联网，已存本机")
    page.locator('[data-step-link="review"] a').click()
    page.get_by_role("button", name="提交本次录入").click()
    expect(page.locator("[data-word]")).to_contain_text("未联网，还不能提交")
    assert in_browser(page) and desks.evening.form("u1").state is EntryState.FIRST_IN_PROGRESS
    page.unroute("**/drafts/*")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator("[data-save-state]")).to_contain_text("已补送")
    assert draft_of(desks).attendance.expected == 30
    nothing_is_kept(page)


def test_an_older_machine_overwrites_nothing_newer_and_what_it_has_stays_readable(
    desks: Desks, visitors: Visitors
) -> None:
    """Two browsers of one teller: the first loses its line after a slip, the whole is typed at the second."""
    older = begun(desks, visitors, TELLERS[0])
    older.route("**/drafts/*", lambda route: route.abort())
    type_in(older, (3, 11))
    expect(older.locator("[data-save-state]")).to_contain_text("未联网，已存本机")
    newer = desks.page(visitors, TELLERS[0], FORM)
    expect(newer.locator("#step-attendance.is-open")).to_be_visible()
    type_in(newer, ATTENDANCE)
    saved(newer)
    older.unroute("**/drafts/*")
    older.evaluate("window.dispatchEvent(new Event('online'))")
    expect(older.locator("[data-save-state]")).to_contain_text("较新的数字")
    assert draft_of(desks).attendance == Attendance(*ATTENDANCE)
    expect(older.locator('[name="attendance.present"]')).to_have_value("11")
    older.reload()
    expect(older.locator('[name="attendance.present"]')).to_have_value("28")
    kept = older.locator("[data-kept]")
    expect(kept.locator(".kept-figures div")).to_have_text(["会议人数 · 应到会3", "会议人数 · 实到会11"])
    kept.get_by_role("button", name="从本机删去").click()
    nothing_is_kept(older)
    assert draft_of(desks).attendance == Attendance(*ATTENDANCE)


def test_what_is_typed_after_the_sign_in_has_run_out_waits_in_the_browser(desks: Desks, visitors: Visitors) -> None:
    page = begun(desks, visitors, TELLERS[0])
    cookies = page.context.cookies()
    page.context.clear_cookies()
    type_in(page, ATTENDANCE)
    expect(page.locator("[data-save-state]")).to_contain_text("登录已失效，数字存在本机")
    page.context.add_cookies([{"name": one["name"], "value": one["value"], "url": desks.address} for one in cookies])
    page.reload()
    expect(page.locator("[data-save-state]")).to_contain_text("草稿已保存")
    expect(page.locator('[name="attendance.present"]')).to_have_value("28")
    assert draft_of(desks).attendance.present == 28


def test_when_the_form_moved_on_what_was_typed_stays_readable_until_it_is_taken_away(
    desks: Desks, visitors: Visitors
) -> None:
    page = begun(desks, visitors, TELLERS[0])
    with desks.evening.county.acting(SCRUTINEERS[0]) as act:
        discard(act, desks.evening.form_id("u1"), "计票单重新填写")
    type_in(page, ATTENDANCE)
    expect(page.locator("[data-save-state]")).to_contain_text("已过时")
    expect(page.locator('[name="attendance.expected"]')).to_have_value("30")
    assert not page.locator('[name="attendance.expected"]').is_editable()
    page.goto(desks.address + "/c/xian-14/tally/")
    kept = page.locator("[data-kept]")
    expect(kept).to_contain_text("计票单 01-1-1")
    expect(kept).to_contain_text("会议人数 · 应到会")
    another = desks.page(visitors, TELLERS[1], FORM, storage_state=page.context.storage_state(indexed_db=True))
    expect(another.locator("[data-kept]")).to_be_hidden()  # a draft is its person's alone
    kept.get_by_role("button", name="从本机删去").click()
    expect(kept).to_be_hidden()
    nothing_is_kept(page)


def test_handing_in_and_signing_out_leave_nothing_in_the_browser(desks: Desks, visitors: Visitors) -> None:
    page = begun(desks, visitors, TELLERS[0])
    form_id, person_id = desks.evening.form("u1").id, desks.evening.county.people[TELLERS[0]].person_id
    old = f"draft:{person_id}:{form_id}:0"
    page.evaluate(KEEP, old)
    page.keyboard.type("30")
    page.locator('[data-step-link="review"] a').click()
    page.get_by_role("button", name="提交本次录入").click()
    expect(page.locator(".finding").first).to_be_visible()
    page.locator('[data-step-link="review"] a').click()
    page.get_by_role("button", name="计票单上就是这样").click()
    expect(page.locator(".notice").first).to_contain_text("已交监票人处理")
    nothing_is_kept(page)
    page.evaluate(KEEP, "draft:1:1:1")
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator(".masthead-person summary").click()
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url("**/sign-in*")
    nothing_is_kept(page)


def test_who_goes_to_a_step_before_the_draft_is_read_stays_there(desks: Desks, visitors: Visitors) -> None:
    page = begun(desks, visitors, TELLERS[0])
    page.add_init_script("indexedDB.open = () => ({});")  # the browser's own store does not answer
    page.clock.install()
    page.reload()
    page.locator('[data-step-link="review"] a').click()
    expect(page.locator("#step-review.is-open")).to_be_visible()
    page.clock.run_for(3000)  # longer than the page waits for that store
    expect(page.locator("#step-review.is-open")).to_be_visible()


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
    entry = begun(desks, visitors, TELLERS[0], size)
    entry.locator('[data-step-link="review"] a').click()
    entry.get_by_role("button", name="提交本次录入").click()
    expect(entry.locator(".finding").first).to_be_visible()
    for step in (str(desks.evening.round_of("u1", "farmer")), "review"):
        entry.locator(f'[data-step-link="{step}"] a').click()
        assert overflows(entry) == 0
    assert accessibility_violations(entry) == []
    # However far down: which column is which, and how many ballots are valid.
    entry.locator('[data-step-link="attendance"] a').click()
    entry.keyboard.press("Shift+Enter")
    type_in(entry, FARMERS[:3])
    entry.set_viewport_size({"width": size[0], "height": 420})
    entry.locator(".is-open .subtotals").scroll_into_view_if_needed()
    stays = entry.locator(".is-open .head-valid" if size == PHONE else ".is-open .count-table thead th").first
    expect(stays).to_be_in_viewport(ratio=1)
