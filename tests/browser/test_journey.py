"""What a county does, from an empty system to a name on the public board, by separate persons in separate browsers.

Everything is done at the desks, by the words on the pages; nothing is prepared behind their back but the roster's workbook.
"""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.browser import Visitor
from tests.support.journeys import (
    CONGRESS,
    FARMERS,
    LEADERS,
    PASSWORD,
    UNITS,
    Desk,
    configure,
    found_congress,
    hire,
    next_phase,
    review,
    start_work,
)


def test_a_county_elects_its_delegates(address: str, visitors: Callable[..., Visitor]) -> None:
    def person() -> Desk:
        return Desk(address, visitors())

    admin = person()
    admin.sign_in("admin", PASSWORD)
    found_congress(admin, total_seats=4)
    office, approver, clerk, first, second, scrutineer = (person() for _ in range(6))
    start_work(office, "office", hire(admin, "office", "田经办", {"role": "office"}))
    start_work(approver, "approver", hire(admin, "approver", "向审批", {"role": "approver"}))

    configure(office)
    divide_seats(office, approver)

    clerk_roles = [{"role": "unit_clerk", "unit": code} for code, _ in UNITS]
    clerk_roles += [{"role": "branch_clerk", "organisation": f"{place}001"} for place in (1, 2)]
    start_work(clerk, "clerk", hire(admin, "clerk", "冉经办", *clerk_roles))
    register(office, clerk)
    nominate(office, clerk)

    start_work(first, "teller1", hire(admin, "teller1", "谭计票", {"role": "teller"}))
    start_work(second, "teller2", hire(admin, "teller2", "罗计票", {"role": "teller"}))
    start_work(scrutineer, "scrutineer", hire(admin, "scrutineer", "覃监票", {"role": "scrutineer"}))
    for code, name in UNITS:
        hold_meeting(clerk, scrutineer, code)
        count(first, second, scrutineer, code, name)
        clerk.go(f"/c/{CONGRESS}/units/{code}/meeting")
        clerk.confirm("宣布散会", "散会")
        clerk.reads("已散会")

    public = person()
    public.go(f"/results/{CONGRESS}")
    expect(public.page.locator("main")).not_to_contain_text("田春")
    next_phase(office, "代表公告")
    publish(office, approver)

    public.go(f"/board/{CONGRESS}")
    expect(public.page.locator("body")).to_contain_text("正式公布结果")
    every_name_is_turned_to(public.page)
    public.go(f"/results/{CONGRESS}")
    public.reads("田春")
    public.reads("丁一文")
    admin.go("/admin/audit")
    admin.press("核对全部审计链")
    admin.reads("全部审计链完整")


# As a contest of thirty comes from the server, one of them with a name that takes several lines.
THIRTY_STAND = """() => {
  const list = document.querySelector(".contest ol"), row = list.firstElementChild;
  list.replaceChildren(...Array.from({ length: 30 }, (_, at) => {
    const copy = row.cloneNode(true);
    copy.querySelector(".candidate-name").textContent = at === 7 ? "阿依古丽·买买提江·吐尔逊" : `候选人${at}`;
    return copy;
  }));
  window.dispatchEvent(new Event("resize"));
}"""


def every_name_is_turned_to(hall: Page) -> None:
    """A contest with more names than the screen has room for goes over several pages, turned by the arrow keys, none cut."""
    hall.evaluate(THIRTY_STAND)
    seen: list[str] = []
    for _ in range(int(hall.locator("[data-turn-at]").inner_text().split(" / ")[1])):
        assert hall.locator("[data-contests]").evaluate("frame => frame.scrollHeight <= frame.clientHeight")
        seen += hall.locator(".contest.is-shown li:visible .candidate-name").all_inner_texts()
        hall.keyboard.press("ArrowRight")
    assert {f"候选人{at}" for at in range(30) if at != 7} | {"阿依古丽·买买提江·吐尔逊"} <= set(seen)
    assert len(seen) == len(set(seen))


def divide_seats(office: Desk, approver: Desk) -> None:
    office.go(f"/c/{CONGRESS}/office/leaders")
    office.fill(name="丁一文")
    office.choose(unit="u1")
    office.press("安排")
    office.reads("已安排")
    office.go(f"/c/{CONGRESS}/office/schemes")
    office.press("计算新方案")
    office.reads("已算出")
    office.confirm("送审", "送审")
    office.reads("已送审")
    approver.go(f"/c/{CONGRESS}/")
    approver.reads("1 个名额分配方案等待批准")
    approver.go(f"/c/{CONGRESS}/office/schemes/1")
    approver.confirm("批准", "批准")
    approver.reads("已批准并冻结")
    next_phase(office, "党员登记")


def register(office: Desk, clerk: Desk) -> None:
    for code, _ in UNITS:
        clerk.go(f"/c/{CONGRESS}/units/{code}/roster")
        clerk.confirm("确认核对无误", "确认")
        clerk.reads("花名册已核对")
    office.go(f"/c/{CONGRESS}/office/notices")
    office.confirm("公示选举人名单", "发布")
    office.reads("公示已发布")
    next_phase(office, "代表候选人产生")


def nominate(office: Desk, clerk: Desk) -> None:
    """Two farmers in each unit and two leaders in the west stand; everyone passes, is reviewed, announced and slated."""
    clerk.go(f"/c/{CONGRESS}/branches/")
    branches = [
        clerk.page.locator("main a", has_text=f"{name}第一党支部").first.get_attribute("href") or ""
        for _, name in UNITS
    ]
    for branch, (code, unit) in zip(branches, UNITS, strict=True):
        standing = {"farmer": FARMERS[unit][:2], "leader": LEADERS[unit][:2] if unit == "西镇" else ()}
        for names in standing.values():
            for name in names:
                clerk.go(f"{branch.rstrip('/')}/applications")
                option = clerk.page.locator("main [name='member'] option", has_text=name)
                clerk.choose(member=option.get_attribute("value") or "")
                clerk.press("登记报名")
                clerk.reads(name)
        for category, names in standing.items():
            if names:
                hold_branch_ballot(clerk, branch, category, len(names))
        clerk.go(f"/c/{CONGRESS}/units/{code}/nominees")
        clerk.confirm("其余全部上报", "确认上报")
        clerk.reads("0 人不上报")
    review(office)
    office.go(f"/c/{CONGRESS}/office/notices")
    office.confirm("发布公示", "发布")
    for code, _ in UNITS:
        clerk.go(f"/c/{CONGRESS}/units/{code}/")
        clerk.press("按现有预备人选编制")
        clerk.confirm("提交组织部", "提交")
        office.go(f"/c/{CONGRESS}/office/slates/{code}")
        office.confirm("确定名单", "确定名单")
        office.reads("已确定")
    next_phase(office, "代表选举")


def hold_branch_ballot(clerk: Desk, branch: str, category: str, standing: int) -> None:
    clerk.go(f"{branch.rstrip('/')}/ballot/{category}")
    for path, value in (
        ("electors.expected", 8),
        ("electors.present", 8),
        ("ballots.issued", 8),
        ("ballots.returned", 8),
        ("ballots.valid", 8),
        ("ballots.spoiled", 0),
    ):
        clerk.page.locator(f"main [name='{path}']").fill(str(value))
    for place in range(standing):
        for mark, value in (("for", 7 - place), ("against", 1 + place), ("abstain", 0)):
            clerk.page.locator(f"main [name='candidates[{place}].{mark}']").fill(str(value))
    clerk.press("登记结果")
    clerk.reads("推选结果")


def hold_meeting(clerk: Desk, scrutineer: Desk, code: str) -> None:
    clerk.go(f"/c/{CONGRESS}/units/{code}/meeting")
    clerk.fill(place="镇会议室", starts_at="2031-06-20T19:00")
    clerk.press("安排选举大会")
    for office, name in (("监票人", "覃监票"), ("计票人", "谭计票"), ("计票人", "罗计票")):
        panel = clerk.page.locator("main form", has=clerk.page.get_by_role("button", name=f"提名{office}"))
        option = panel.locator("option", has_text=name)
        panel.locator("[name='person']").select_option(option.get_attribute("value"))
        panel.get_by_role("button", name=f"提名{office}").click()
        clerk.reads(name)
    clerk.fill(present="8")
    for box in clerk.page.locator("#opening input[type='checkbox']").all():
        box.check()
    clerk.press("宣布开会")
    clerk.press("数字无误，宣布开会")
    clerk.reads("已开会")
    scrutineer.go(f"/c/{CONGRESS}/scrutiny/{code}/ballots")
    for button, said in (("登记发出选票", "投票结束后登记收回"), ("登记收回选票", "收回选票已登记")):
        for box in scrutineer.page.locator("main input[name^='ballots.']").all():
            box.fill("8")
        scrutineer.press(button)
        scrutineer.reads(said)


# The paper in its own order: attendance, then each section's issued, returned, valid, spoiled and its candidates' marks.
ATTENDANCE = (8, 8)
UNCONTESTED = (8, 8, 8, 0, 7, 1, 0)
CONTESTED = (8, 8, 8, 0, 6, 2, 0, 2, 5, 1)
SECTIONS = {"u1": (UNCONTESTED, CONTESTED), "u2": (CONTESTED, CONTESTED)}


def enter(teller: Desk, code: str, number: str, unit: str, begin: str) -> None:
    """The form's number first; then the paper form by keyboard alone."""
    teller.go(f"/c/{CONGRESS}/tally/")
    keyboard = teller.page.keyboard
    keyboard.type(number)
    keyboard.press("Enter")
    teller.reads(unit)
    teller.press(begin)
    expect(teller.page.locator("#step-attendance.is-open")).to_be_visible()
    for figures in (ATTENDANCE, *SECTIONS[code]):
        for figure in figures:
            keyboard.type(str(figure))
            keyboard.press("Enter")
        keyboard.press("Shift+Enter")
    with teller.page.expect_navigation():
        teller.press("提交本次录入")
    teller.reads(f"计票单 {number}")


def count(first: Desk, second: Desk, scrutineer: Desk, code: str, unit: str) -> None:
    number = f"{code.removeprefix('u').zfill(2)}-1-1"
    enter(first, code, number, unit, "一样，开始第一次录入")
    enter(second, code, number, unit, "一样，开始第二次录入")
    scrutineer.go(f"/c/{CONGRESS}/scrutiny/forms/{number}")
    scrutineer.reads("两次录入完全一致")
    scrutineer.confirm("核对无误，确认", "确认")
    scrutineer.reads("已选出")


def publish(office: Desk, approver: Desk) -> None:
    office.go(f"/c/{CONGRESS}/office/results")
    office.confirm("提请公告", "提请公告")
    office.reads("已提请公告")
    approver.go(f"/c/{CONGRESS}/office/results")
    approver.confirm("公告", "公告")
    approver.reads("选举结果已公告")
