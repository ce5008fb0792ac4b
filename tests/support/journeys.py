"""A person at a browser of their own, a county of two units, and the first steps of every journey from an empty system."""

from __future__ import annotations

import re
from datetime import date

from playwright.sync_api import Page, expect

from election.people.identity import read_identity
from election.roster.importing.rows import MemberRow, OrganisationRow
from election.roster.importing.workbook_writing import roster_workbook
from election.roster.models import OrganisationKind, Standing
from tests.support.browser import Visitor
from tests.support.county import identity_number

PASSWORD = "a-long-password"
CONGRESS = "xian-14"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CATEGORIES = (("leader", "领导干部", "50", "yes"), ("farmer", "农民", "50", "no"))
UNITS = (("u1", "东镇"), ("u2", "西镇"))
# Each branch: three leaders and five farmers, names by unit.
LEADERS = {"东镇": ("丁一文", "王平", "李海"), "西镇": ("张云", "陈立", "赵江")}
FARMERS = {
    "东镇": ("田春", "向荣", "冉林", "谭松", "覃柏"),
    "西镇": ("罗山", "何川", "龚河", "秦岭", "牟远"),
}


def workbook() -> bytes:
    """Two units, a committee and a branch each, sixteen members."""
    organisations, members = [], []
    serial = 0
    for place, (_, unit) in enumerate(UNITS, 1):
        committee, branch = f"{place}000", f"{place}001"
        organisations += [
            OrganisationRow(0, committee, f"{unit}党委", OrganisationKind.COMMITTEE, "", ""),
            OrganisationRow(0, branch, f"{unit}第一党支部", OrganisationKind.BRANCH, committee, unit),
        ]
        for category, names in (("leader", LEADERS[unit]), ("farmer", FARMERS[unit])):
            for name in names:
                serial += 1
                members.append(
                    MemberRow(
                        0,
                        name,
                        read_identity(identity_number(serial)),
                        branch,
                        "汉族",
                        "大专",
                        Standing.FULL,
                        None,
                        date(2011, 7, 1),
                        category,
                        "",
                    )
                )
    return roster_workbook((), organisations, members, {code: name for code, name, _, _ in CATEGORIES})


class Desk:
    """A person at a browser of their own."""

    def __init__(self, address: str, visitor: Visitor) -> None:
        self.address = address
        self.page: Page = visitor.page()

    def go(self, path: str) -> Page:
        self.page.goto(self.address + path)
        return self.page

    def fill(self, **values: str) -> None:
        for name, value in values.items():
            self.page.locator(f"main [name='{name}']").first.fill(value)

    def choose(self, **values: str) -> None:
        for name, value in values.items():
            self.page.locator(f"main [name='{name}']").first.select_option(value)

    def press(self, words: str, nth: int = 0) -> None:
        """Presses the button of these words."""
        self.page.locator("main").get_by_role("button", name=words, exact=True).nth(nth).click()

    def confirm(self, words: str, yes: str, nth: int = 0, **values: str) -> None:
        """Opens a question and answers it."""
        question = self.page.locator("main details", has=self.page.locator("summary", has_text=words)).nth(nth)
        question.locator("summary").click()
        for name, value in values.items():
            question.locator(f"[name='{name}']").fill(value)
        question.get_by_role("button", name=yes, exact=True).click()

    def reads(self, words: str) -> None:
        expect(self.page.locator("main")).to_contain_text(words)

    def sign_in(self, login: str, password: str) -> None:
        self.go("/sign-in")
        self.fill(login=login, password=password)
        self.press("登录")


def found_congress(admin: Desk, total_seats: int) -> None:
    admin.go("/admin/congresses/new")
    admin.fill(
        name="中国共产党某县第十四次代表大会",
        code=CONGRESS,
        county="某县",
        total_seats=str(total_seats),
        reference_date="2031-06-30",
    )
    admin.press("建立")
    admin.reads("已建立")


def configure(office: Desk) -> None:
    """Units, categories, the notice without waiting days, the superior's reply, the roster."""
    for code, name in UNITS:
        office.go(f"/c/{CONGRESS}/office/units")
        office.fill(code=code, name=name)
        office.press("增加")
        office.reads(name)
    office.go(f"/c/{CONGRESS}/office/categories")
    for place, (code, name, share, assigned) in enumerate(CATEGORIES):
        for field, value in (("code", code), ("name", name), ("share", share)):
            office.page.locator(f"main form >> nth=0 >> [name='{field}']").nth(place).fill(value)
        office.page.locator("main form >> nth=0 >> [name='assigned']").nth(place).select_option(assigned)
    office.press("保存类别")
    office.reads("已保存")
    office.go(f"/c/{CONGRESS}/office/rules")
    office.fill(publicity_days="0")
    office.press("保存规则")
    office.reads("规则已保存")
    office.go(f"/c/{CONGRESS}/office/")
    office.page.locator("summary", has_text="登记批复").click()
    office.fill(number="某组复〔2031〕6号", replied_on="2031-03-01")
    office.press("登记")
    office.reads("批复已登记")
    office.go(f"/c/{CONGRESS}/office/roster/import")
    office.page.locator("main [name='file']").set_input_files(
        {
            "name": "花名册.xlsx",
            "mimeType": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "buffer": workbook(),
        }
    )
    office.press("检查文件")
    office.reads("检查通过")
    office.press("确认导入")
    office.reads("党员 16 名")


def hire(admin: Desk, login: str, name: str, *grants: dict[str, str]) -> str:
    """The administrator opens an account and grants its roles; hands over the first password."""
    admin.go("/admin/accounts/new")
    admin.fill(name=name, login=login, identity=identity_number(len(login) + ord(login[-1]), born=date(1979, 9, 9)))
    admin.press("建立账号")
    admin.reads("请抄下，交给本人")
    password = re.search(r"[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}", admin.page.locator("main").inner_text())
    assert password is not None
    admin.page.get_by_role("link", name="去授权").click()
    for grant in grants:
        admin.choose(role=grant["role"], congress=CONGRESS)
        admin.fill(unit=grant.get("unit", ""), organisation=grant.get("organisation", ""))
        admin.press("授权")
        admin.reads("已授权")
    return password.group()


def start_work(desk: Desk, login: str, handed_over: str) -> None:
    """The first sign-in, at which the handed-over password has to go."""
    desk.sign_in(login, handed_over)
    desk.reads("这是初始密码")
    desk.fill(old=handed_over, password=PASSWORD, again=PASSWORD)
    desk.press("修改密码")
    desk.reads("密码已修改")


def next_phase(office: Desk, phase: str) -> None:
    office.go(f"/c/{CONGRESS}/")
    office.confirm("进入下一阶段", "进入下一阶段")
    office.reads(f"已进入“{phase}”阶段")


def review(office: Desk) -> None:
    """Two bodies have nothing against anyone; the office passes all."""
    for body in ("纪检监察机关", "公安机关"):
        office.go(f"/c/{CONGRESS}/office/reviews")
        office.page.locator("main [name='all']").check()
        office.choose(body=body)
        office.fill(document="复函〔2031〕1号")
        office.press("登记所选的人的意见")
        office.reads("意见已登记")
    office.go(f"/c/{CONGRESS}/office/reviews")
    office.page.locator("main [name='all']").check()
    office.page.locator("main [name='all_met']").check()
    office.press("所选的人审查通过")
    office.reads("人通过审查")
