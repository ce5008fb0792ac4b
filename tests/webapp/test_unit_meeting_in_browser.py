"""The evening's pages as people see them: at a desk and on a phone without a fault that a checker finds; the door by keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import DESK, PHONE, Visitor, accessibility_violations, overflows
from tests.support.desks import Desks, desks_from
from tests.support.evening import on_the_eve
from tests.support.stores import Stores

MEETING = "/c/xian-14/units/u1/meeting"
DOOR = f"{MEETING}/sign-in"

Visitors = Callable[..., Visitor]


@pytest.fixture
def desks(sqlite_stores: Stores) -> Iterator[Desks]:
    made = desks_from(sqlite_stores, "on the eve", on_the_eve)
    with made.open_to_browsers():
        yield made
    made.evening.county.database.close()


def sound(page: Page, place: str) -> None:
    page.wait_for_load_state()  # with its styles: what only paper shows is hidden
    assert accessibility_violations(page) == [] and overflows(page) == 0, place


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_meeting_its_door_and_its_question_fit_and_pass_the_checker(
    desks: Desks, visitors: Visitors, size: tuple[int, int]
) -> None:
    page = desks.page(visitors, "u1", MEETING, size)
    page.locator("#venues summary").first.click()
    page.locator("#venues [name=name]").fill("流动票箱")
    page.get_by_role("button", name="增加会场").click()
    expect(page.locator("#venues")).to_contain_text("01-2-1")
    sound(page, "meeting")
    page.get_by_role("link", name="打开签到页").click()
    expect(page.locator("[data-arrivals]")).to_be_visible()
    sound(page, "door")
    page.goto(desks.address + MEETING)
    for box, number in zip(page.locator("#attendance input[name^=present]").all(), ("20", "6"), strict=True):
        box.fill(number)
    page.get_by_role("button", name="登记实到人数").click()
    expect(page.locator(".notice-ok")).to_contain_text("实到人数已登记。")
    expect(page.locator("#attendance tfoot")).to_contain_text("26 / 30")
    for box in page.locator("#opening input[type=checkbox]").all():
        box.check()
    page.get_by_role("button", name="宣布开会").click()
    expect(page.locator("main")).to_contain_text("镇政府礼堂 20 人；流动票箱 6 人")
    sound(page, "question")
    page.get_by_role("button", name="数字无误，宣布开会").click()
    expect(page.locator("h1")).to_contain_text("已开会")
    sound(page, "opened")


def test_at_the_door_typing_finds_enter_signs_in_and_every_open_page_follows(desks: Desks, visitors: Visitors) -> None:
    hall = desks.page(visitors, "u1", MEETING)
    door = desks.page(visitors, "u1", DOOR)
    expect(door.locator("#find")).to_be_focused()
    name = door.locator("[data-name]").nth(7).inner_text()
    branch = door.locator("[data-branch] legend").first.inner_text().split(" ")[0]
    door.keyboard.type(name[0])  # several are left: nobody is taken for another
    several = door.locator("[data-name]:visible").count()
    door.keyboard.press("Enter")
    expect(door.locator("[data-said]")).to_contain_text(f"有 {several} 位，请点选")
    expect(door.locator("[data-came] b")).to_have_count(0)
    door.keyboard.type(name[1:])
    expect(door.locator("[data-name]:visible")).to_have_count(1)
    door.keyboard.press("Enter")
    expect(door.locator("[data-said]")).to_have_text(f"✓ {name}（{branch}）已签到。")
    expect(door.locator("[data-came] b").first).to_have_text(name)
    expect(door.locator("[data-name]:visible")).to_have_count(29)
    expect(door.locator("#find")).to_have_value("")
    door.keyboard.press("Enter")  # nothing is chosen, nobody comes
    for asked, told in (
        (name, f"{name}（{branch}）已经签到。"),
        ("谁也不叫这个", "名单中没有姓名或支部含“谁也不叫这个”的人。"),
    ):
        door.locator("#find").fill(asked)
        expect(door.locator("[data-said]")).to_have_text(told)
    door.locator("#find").fill("")
    expect(door.locator("[data-said]")).to_have_text("")
    second = door.locator("[data-name]").nth(1)
    other = second.inner_text()
    second.click()
    expect(door.locator("[data-said]")).to_have_text(f"✓ {other}（{branch}）已签到。")
    present = hall.locator(".stat").nth(1)
    hall.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(present.locator(".stat-value")).to_have_text("2")
    expect(present.locator(".stat-note")).to_have_text("还差 22 人")
    door.locator("[data-came] form").first.get_by_role("button", name="撤销").click()
    expect(door.locator(".notice-ok")).to_have_text(f"已撤销{other}（{branch}）的签到。")
    # Without a network who comes stays in view, and is sent when it is back.
    late = door.locator("[data-name]").nth(3)
    third = late.inner_text()
    door.context.set_offline(True)
    late.click()
    expect(door.locator("[data-unsent]")).to_contain_text("未联网，以下 1 位还没有签上")
    expect(door.locator("[data-unsent] b")).to_have_text(f"{third}（{branch}）")
    door.context.set_offline(False)
    expect(door.locator("[data-said]")).to_have_text(f"✓ {third}（{branch}）已签到。")
    expect(door.locator("[data-unsent]")).to_be_hidden()


def test_without_scripts_the_door_and_the_opening_work_all_the_same(desks: Desks, visitors: Visitors) -> None:
    def plain(size: tuple[int, int]) -> Visitor:
        return visitors(size, java_script_enabled=False)

    page = desks.page(plain, "u1", DOOR)
    name = page.locator("[data-name]").nth(2).inner_text()
    page.locator("#find").fill(name)
    page.get_by_role("button", name="查找").click()
    page.locator("[data-name]").first.click()
    expect(page.locator(".notice-ok")).to_contain_text("已签到。")
    expect(page.locator(".notice-ok")).to_contain_text(f"{name}（")
    page.goto(desks.address + MEETING)
    page.locator("#opening [name=present]").fill("28")
    for box in page.locator("#opening input[type=checkbox]").all():
        box.check()
    page.get_by_role("button", name="宣布开会").click()
    page.get_by_role("button", name="数字无误，宣布开会").click()
    expect(page.locator("h1")).to_contain_text("已开会")
