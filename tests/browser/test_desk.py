"""The allocator's desk, from the problem template to approved seat letters that the units signed for.

By separate persons in separate browsers, from an empty system. Each contradiction, refusal and change is met on the way.
"""

from __future__ import annotations

import io
from collections.abc import Callable

from openpyxl import Workbook, load_workbook
from playwright.sync_api import expect

from tests.support.browser import Visitor
from tests.support.journeys import (
    CONGRESS,
    PASSWORD,
    UNITS,
    Desk,
    configure,
    found_congress,
    hire,
    start_work,
)

OFFICE = f"/c/{CONGRESS}/office"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def test_the_desk_from_the_template_to_the_signed_letters(address: str, visitors: Callable[..., Visitor]) -> None:
    def person() -> Desk:
        return Desk(address, visitors())

    admin, office, second, approver, clerk = (person() for _ in range(5))
    admin.sign_in("admin", PASSWORD)
    found_congress(admin, total_seats=4)
    start_work(office, "office", hire(admin, "office", "田经办", {"role": "office"}))
    start_work(second, "office2", hire(admin, "office2", "龚经办", {"role": "office"}, {"role": "approver"}))
    start_work(approver, "approver", hire(admin, "approver", "向审批", {"role": "approver"}))
    configure(office)
    roles = [{"role": "unit_clerk", "unit": code} for code, _ in UNITS]
    start_work(clerk, "clerk", hire(admin, "clerk", "冉经办", *roles))

    enter_previous_seats(office)
    from_the_template(office)
    contradict_and_mend(office)
    change_by_hand(office, second)
    compare(office)
    approve(office, second, approver)
    sign_letters(office, clerk)
    take_papers_away(office)
    admin.go("/admin/audit")
    admin.press("核对全部审计链")
    admin.reads("全部审计链完整")


def enter_previous_seats(office: Desk) -> None:
    office.go(f"{OFFICE}/previous")
    fields = office.page.locator("main table input")
    for place, seats in enumerate(("1", "3")):
        fields.nth(place).fill(seats)
    office.press("保存")
    office.reads("已保存")


def from_the_template(office: Desk) -> None:
    """The template goes out, comes back spoiled (one sentence, nothing made), then with a unit's weight changed."""
    office.go(f"{OFFICE}/schemes/workbook")
    with office.page.expect_download() as waiting:
        office.page.get_by_role("link", name="下载测算工作簿").click()
    book = load_workbook(io.BytesIO(waiting.value.path().read_bytes()))
    units = book["单位"]
    weight = next(cell.column for cell in units[1] if cell.value == "权重")
    units.cell(2, weight).value = "-5"
    upload(office, book)
    office.reads("工作簿有误：工作表“单位”第 2 行 D 列：不能为负。")
    office.go(f"{OFFICE}/schemes")
    office.reads("还没有方案")

    office.go(f"{OFFICE}/schemes/workbook")
    units.cell(2, weight).value = 20
    upload(office, book)
    office.reads("方案1")
    assert sheet_of(office) == [["1", "1"], ["1", "1"]]


def upload(office: Desk, book: Workbook) -> None:
    content = io.BytesIO()
    book.save(content)
    office.page.locator("main [name='workbook']").set_input_files(
        {"name": "测算.xlsx", "mimeType": EXCEL, "buffer": content.getvalue()}
    )
    office.press("上传并计算")


def contradict_and_mend(office: Desk) -> None:
    """A group asks for more farmers than the unit has seats; one click tries the smallest change."""
    office.go(f"{OFFICE}/groups/new")
    office.fill(name="东镇农民", code="east", least="3")
    office.page.get_by_label("农民", exact=True).check()
    office.page.get_by_label("东镇", exact=True).check()
    office.page.locator("main button", has_text="保存").last.click()
    office.go(f"{OFFICE}/schemes")
    office.press("计算新方案")
    office.reads("规则互相矛盾")
    office.reads("东镇农民")
    office.press("按此试算")
    office.reads("方案2")
    office.reads("为消除规则矛盾")


def sheet_of(desk: Desk) -> list[list[str]]:
    """The seats that the sheet shows, unit by unit."""
    rows = desk.page.locator("#sheet tbody tr", has=desk.page.locator(".cell"))
    found = [[text.strip() for text in row.locator(".cell:not(.line)").all_inner_texts()] for row in rows.all()]
    return [row for row in found if row]


def change_by_hand(office: Desk, second: Desk) -> None:
    """Typed on the sheet, the totals follow at once; without a reason it is refused; another clerk's page is then old."""
    office.go(f"{OFFICE}/schemes/1?cell=u1.leader")
    second.go(f"{OFFICE}/schemes/1?cell=u2.farmer")
    cell = office.page.locator("#sheet .chosen a")
    cell.focus()
    office.page.keyboard.press("2")
    expect(office.page.locator("main [name='seats']")).to_have_value("2")
    expect(office.page.locator("#sheet .totals").first).to_contain_text("5")
    office.page.keyboard.press("Enter")
    office.page.keyboard.type("保留上届领导干部代表")
    office.page.keyboard.press("Enter")
    office.reads("人工调整 1 处")
    second.fill(seats="0", reason="另有考虑")
    second.press("保存")
    second.reads("方案1 在您打开之后已由田经办改动")
    expect(second.page.get_by_label("理由")).to_have_value("另有考虑")

    office.confirm("围绕锁定重新计算", "开始计算")
    office.reads("已锁定")
    assert sheet_of(office) == [["2", "–"], ["–", "2"]]


def compare(office: Desk) -> None:
    office.go(f"{OFFICE}/schemes/compare?a=1&b=2")
    office.reads("不同之处")
    office.reads("东镇")
    office.go(f"{OFFICE}/schemes/1/methods")
    office.reads("各单位最大余数法")


def approve(office: Desk, second: Desk, approver: Desk) -> None:
    """Whoever changed a version cannot approve it, whatever role they hold; another person can."""
    second.go(f"{OFFICE}/schemes/1")
    second.page.locator("#sheet tbody .cell a").last.click()
    second.fill(reason="维持计算结果")
    second.press("保存")
    second.reads("人工调整 2 处")
    second.confirm("围绕锁定重新计算", "开始计算")
    office.go(f"{OFFICE}/schemes/1")
    office.confirm("送审", "送审")
    office.reads("已送审")
    second.go(f"{OFFICE}/schemes/1")
    expect(second.page.locator("main summary", has_text="批准")).to_have_count(0)
    approver.go(f"{OFFICE}/schemes/1")
    approver.confirm("批准", "批准")
    approver.reads("已批准并冻结")


def sign_letters(office: Desk, clerk: Desk) -> None:
    """The first unit signs on screen, of the second the office records the paper receipt."""
    clerk.go(f"/c/{CONGRESS}/")
    clerk.reads("名额通知")
    clerk.go(f"/c/{CONGRESS}/units/u1/letter")
    clerk.reads("东镇")
    clerk.confirm("签收", "确认签收")
    clerk.reads("已签收")
    office.go(f"{OFFICE}/schemes/1/letters")
    office.reads("冉经办")
    office.fill(received_by="罗文书", received_on=today(office))
    office.press("登记回执")
    office.reads("罗文书")
    office.reads("全部单位都已签收。")


def today(desk: Desk) -> str:
    return str(desk.page.evaluate("() => new Date().toLocaleDateString('sv-SE', {timeZone: 'Asia/Shanghai'})"))


def take_papers_away(office: Desk) -> None:
    for path, begins in (
        ("plan.pdf", b"%PDF-"),
        ("plan.xlsx", b"PK"),
        ("letters.pdf", b"%PDF-"),
    ):
        answer = office.page.request.get(f"{office.address}{OFFICE}/schemes/1/{path}")
        assert answer.status == 200, path
        assert answer.body().startswith(begins), path
