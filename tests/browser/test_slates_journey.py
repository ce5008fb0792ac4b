"""From an empty county and its organisation workbook to the frozen slates of all units: deeper, 37 with 514 applicants.

By separate persons in separate browsers; only the calendar is turned by the test, as the days of the notices pass.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from openpyxl import Workbook
from playwright.sync_api import expect
from sqlalchemy import func, select

from election.congress.models import Congress
from election.contests.models import Contest, ContestKind, Round
from election.contests.outcome import candidates_needed
from election.contests.queries import contests_of_congress
from election.demo import county
from election.demo.lookups import branch_voters, eligible_members
from election.nomination.lifecycle import SlateState
from election.nomination.models import Application, Slate
from election.people.act import CHINA, acting
from election.people.actor import SYSTEM
from election.people.identity import IdentityKeys
from election.people.models import Person
from election.people.operations import create_first_administrator
from election.roster.importing.workbook_writing import roster_workbook
from election.roster.models import Member, Organisation
from election.store.database import Database
from election.store.installation import begin_installation
from election.store.migrations import upgrade_to_head
from tests.support.browser import Visitor
from tests.support.depth import DEEP
from tests.support.journeys import (
    CONGRESS,
    EXCEL,
    PASSWORD,
    Desk,
    found_congress,
    hire,
    next_phase,
    review,
    start_work,
)
from tests.support.serving import served
from webapp.application import create_app
from webapp.settings import Settings, load_keys

# For what reads in a whole county, on a machine that has other work too; in milliseconds.
LONG = 90_000
OFFICE = f"/c/{CONGRESS}/office"
# The whole county when the tests look deeper; else its first units, by the same steps.
UNITS, SEATS, APPLICANTS = (37, county.TOTAL_SEATS, county.APPLICANTS) if DEEP else (4, 40, 100)
COUNTY = county.roster(Random(3))
NAMES = {unit.name for unit in COUNTY.units[:UNITS]}
BRANCHES = {row.code for row in COUNTY.organisations if row.unit in NAMES}
MEMBERS = sum(row.branch in BRANCHES for row in COUNTY.members)


@dataclass
class Hall:
    """The system that the journey goes through, and its calendar."""

    address: str
    database: Database
    keys: IdentityKeys
    now: datetime

    def days_pass(self, days: int) -> None:
        self.now += timedelta(days=days)


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    settings = Settings(tmp_path, f"sqlite:///{tmp_path / 'xiheng.db'}")
    database = Database(settings.database_url)
    upgrade_to_head(database)
    made = Hall("", database, load_keys(settings.keys).identity, datetime(2031, 3, 3, 9, tzinfo=CHINA))
    with acting(database, SYSTEM, lambda: made.now) as act:
        begin_installation(act.session, demo=False, now=act.now)
        create_first_administrator(act, "系统管理员", "admin", PASSWORD)
    with served(create_app(settings, database=database, clock=lambda: made.now)) as address:
        made.address = address
        yield made
    database.close()


def test_from_the_organisation_workbook_to_frozen_slates(hall: Hall, visitors: Callable[..., Visitor]) -> None:
    def person() -> Desk:
        return Desk(hall.address, visitors())

    admin, office, approver, clerk = (person() for _ in range(4))
    admin.sign_in("admin", PASSWORD)
    found_congress(admin, total_seats=SEATS)
    start_work(office, "office", hire(admin, "office", "田经办", {"role": "office"}))
    start_work(approver, "approver", hire(admin, "approver", "向审批", {"role": "approver"}))
    configure_county(office)
    import_roster(office)
    units = unit_codes(office)
    assert len(units) == UNITS
    role = {"role": "unit_clerk", "unit": " ".join(units)}
    start_work(clerk, "clerk", hire(admin, "clerk", "冉经办", role))
    divide_seats(office, approver)
    verify_rolls(clerk, units)
    announce_electors(office)
    nominate(clerk, nomination_workbook(hall.database, hall.keys))
    put_forward(clerk, units)
    review(office)
    office.reads(f"{APPLICANTS} 人通过审查")
    announce_candidates(office)
    hall.days_pass(8)
    hand_in(clerk, units)
    freeze(office, units)
    office.go(f"{OFFICE}/slates")
    expect(office.page.locator("main tbody tr", has_text="已确定")).to_have_count(UNITS)
    next_phase(office, "代表选举")
    assert frozen(hall.database) == (UNITS, APPLICANTS)
    admin.go("/admin/audit")
    admin.press("核对全部审计链")
    admin.reads("全部审计链完整")


def configure_county(office: Desk) -> None:
    """Six categories, two overlays, a margin of 40 %, the superior's reply."""
    office.go(f"{OFFICE}/categories")
    first, second = (f"main form >> nth={place}" for place in (0, 1))
    for place, one in enumerate(county.CATEGORIES):
        for field, value in (("code", one.code), ("name", one.name), ("share", str(float(one.share * 100)))):
            office.page.locator(f"{first} >> [name='{field}']").nth(place).fill(value.removesuffix(".0"))
        chosen = "yes" if one.takes_assigned else "no"
        office.page.locator(f"{first} >> [name='assigned']").nth(place).select_option(chosen)
    office.press("保存类别")
    office.reads("已保存")
    for place, overlay in enumerate(county.OVERLAYS):
        for field, value in (
            ("code", overlay.code),
            ("name", overlay.name),
            ("share", str(int(overlay.share * 100))),
            ("age", str(overlay.age or "")),
        ):
            office.page.locator(f"{second} >> [name='{field}']").nth(place).fill(value)
        office.page.locator(f"{second} >> [name='fact']").nth(place).select_option(overlay.fact.value)
    office.press("保存其中")
    office.reads("已保存")
    office.go(f"{OFFICE}/rules")
    office.fill(margin_min=str(county.MARGIN))
    office.press("保存规则")
    office.reads("规则已保存")
    office.go(f"{OFFICE}/")
    office.page.locator("summary", has_text="登记批复").click()
    office.fill(number="某组复〔2031〕6号", replied_on="2031-03-01")
    office.press("登记")
    office.reads("批复已登记")


def upload(desk: Desk, name: str, content: bytes) -> None:
    desk.page.locator("main [name='file']").set_input_files({"name": name, "mimeType": EXCEL, "buffer": content})


def import_roster(office: Desk) -> None:
    """Units, organisations and members out of one workbook."""
    office.go(f"{OFFICE}/roster/import")
    upload(office, "花名册.xlsx", organisation_workbook())
    office.press("检查文件")
    office.page.get_by_text("检查通过").wait_for(timeout=LONG)
    office.press("确认导入")
    office.page.get_by_text("已导入").wait_for(timeout=LONG)
    office.reads(str(MEMBERS))


def organisation_workbook() -> bytes:
    return roster_workbook(
        COUNTY.units[:UNITS],
        [row for row in COUNTY.organisations if not row.unit or row.unit in NAMES],
        [row for row in COUNTY.members if row.branch in BRANCHES],
        {item.code: item.name for item in county.CATEGORIES},
    )


def unit_codes(office: Desk) -> list[str]:
    office.go(f"{OFFICE}/units")
    return [f"u{place:02d}" for place in range(1, 1 + office.page.locator("main tbody tr").count())]


def divide_seats(office: Desk, approver: Desk) -> None:
    office.go(f"{OFFICE}/schemes")
    office.press("计算新方案")
    office.reads("已算出")
    office.confirm("送审", "送审")
    office.reads("已送审")
    approver.go(f"{OFFICE}/schemes/1")
    approver.confirm("批准", "批准")
    approver.reads("已批准并冻结")
    next_phase(office, "党员登记")


def verify_rolls(clerk: Desk, units: list[str]) -> None:
    for unit in units:
        clerk.go(f"/c/{CONGRESS}/units/{unit}/roster")
        clerk.confirm("确认核对无误", "确认")
        clerk.reads("花名册已核对")


def announce_electors(office: Desk) -> None:
    office.go(f"{OFFICE}/notices")
    office.confirm("公示选举人名单", "发布")
    office.reads("公示已发布")
    next_phase(office, "代表候选人产生")


def put_forward(clerk: Desk, units: list[str]) -> None:
    for unit in units:
        clerk.go(f"/c/{CONGRESS}/units/{unit}/nominees")
        clerk.confirm("其余全部上报", "确认上报")
        clerk.reads("人不上报")


def announce_candidates(office: Desk) -> None:
    office.go(f"{OFFICE}/notices")
    office.page.locator("main details", has_text="发布公示").locator("summary").last.click()
    office.press("发布", nth=-1)
    office.reads("公示已发布")


def hand_in(clerk: Desk, units: list[str]) -> None:
    for unit in units:
        clerk.go(f"/c/{CONGRESS}/units/{unit}/")
        clerk.press("按现有预备人选编制")
        clerk.confirm("提交组织部", "提交")
        clerk.reads("候选人名单已提交县委组织部")


def freeze(office: Desk, units: list[str]) -> None:
    for unit in units:
        office.go(f"{OFFICE}/slates/{unit}")
        office.confirm("确定名单", "确定名单")
        office.reads("已确定")


def nominate(clerk: Desk, content: bytes) -> None:
    """One workbook with every applicant and every branch's ballot."""
    clerk.go(f"/c/{CONGRESS}/branches/workbook")
    upload(clerk, "报名和推选汇总表.xlsx", content)
    for button, answer in (("检查", str(APPLICANTS)), ("导入", f"已登记 {APPLICANTS} 人报名")):
        # Half a thousand persons and as many ballots, each by its own operation: longer than a page usually takes.
        clerk.page.locator("main").get_by_role("button", name=button, exact=True).click(timeout=LONG)
        clerk.page.get_by_text(answer).first.wait_for(timeout=LONG)


def nomination_workbook(database: Database, keys: IdentityKeys) -> bytes:
    """As many applicants in every cell as its margin needs, the rest in the largest; all are nominated by their branch."""
    with database.reading() as session:
        congress = session.scalars(select(Congress)).one()
        contests = [one for one in contests_of_congress(session, congress.id) if one.kind is ContestKind.CONTESTED]
        pools = eligible_members(session, congress.id)
        names = dict(session.execute(select(Member.id, Person.name).join(Person)).all())
        numbers = dict(session.execute(select(Member.id, Person.identity_sealed).join(Person)).all())
        branches = dict(session.execute(select(Organisation.id, Organisation.code)).all())
        voters = branch_voters(session)
    needed = {one.id: candidates_needed(one.seats, county.MARGIN) for one in contests}
    spare = APPLICANTS - sum(needed.values())
    standing: dict[tuple[int, str], list[int]] = {}
    for one in sorted(contests, key=lambda contest: -contest.seats):
        pool = pools[one.unit_id, one.category.code]
        number = needed[one.id] + min(spare, max(0, len(pool) - needed[one.id]), 2 * one.seats)
        spare -= number - needed[one.id]
        for member, branch in pool[:number]:
            standing.setdefault((branch, one.category.name), []).append(member)
    assert spare == 0 and all(numbers.values())
    book = Workbook()
    applications, ballots = book.active, book.create_sheet("支部推选")
    assert applications is not None
    applications.title = "报名"
    applications.append(["党支部编号", "姓名", "身份证号", "类别"])
    ballots.append(
        ["党支部编号", "类别", "日期", "应到", "实到", "发出", "收回", "有效", "无效", "姓名", "赞成", "不赞成", "弃权"]
    )
    for (branch, category), members in standing.items():
        expected = voters[branch]
        for place, member in enumerate(members):
            identity = keys.open(str(numbers[member]))
            applications.append([branches[branch], names[member], identity, category])
            figures = ["2031-03-03", *[expected] * 5, 0] if place == 0 else [None] * 7
            ballots.append([branches[branch], category, *figures, names[member], expected, 0, 0])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def frozen(database: Database) -> tuple[int, int]:
    """Units all of whose slates are frozen, applicants."""
    with database.reading() as session:
        slates = (
            select(Contest.unit_id)
            .join(Round, Round.contest_id == Contest.id)
            .outerjoin(Slate, (Slate.round_id == Round.id) & (Slate.state == SlateState.FROZEN))
            .group_by(Contest.unit_id)
            .having(func.count(Round.id) == func.count(Slate.id))
        )
        units = len(session.scalars(slates).all())
        return units, session.scalar(select(func.count()).select_from(Application)) or 0
