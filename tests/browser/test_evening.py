"""One election evening of two units, at the desks alone: a returned entry, a correction after confirmation, a tie and its
tie ballot, a void contest run again, a shortfall and its supplementary election. Every person has a browser of their own; the
tellers never touch the mouse once their form is open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest
from playwright.sync_api import expect

from election.count.queries_follow_up import contest_states
from tests.support.browser import Visitor
from tests.support.desks import COOKIE, Desks, desks_from
from tests.support.evening import SCRUTINEERS, TELLERS, nominated
from tests.support.journeys import Desk
from tests.support.stores import Stores

CHIEF, OTHER = SCRUTINEERS
Visitors = Callable[..., Visitor]
# Of a contest: issued, returned, valid, spoiled, then for, against and abstaining of each candidate in the order of the paper.
Figures = Sequence[int]


@pytest.fixture
def desks(sqlite_stores: Stores) -> Iterator[Desks]:
    made = desks_from(sqlite_stores, "nominated", nominated, csrf=True)
    with made.open_to_browsers():
        yield made
    made.evening.county.database.close()


class Hall:
    """Who sits where, and what each does at the own desk."""

    def __init__(self, desks: Desks, visitors: Visitors) -> None:
        self.desks, self.visitors = desks, visitors
        self.code = "xian-14"
        self.seats: dict[str, Desk] = {}

    def at(self, who: str) -> Desk:
        if who not in self.seats:
            visitor = self.visitors()
            cookie = self.desks.client(who).get_cookie(COOKIE)
            assert cookie is not None
            visitor.context.add_cookies([{"name": COOKIE, "value": cookie.value, "url": self.desks.address}])
            self.seats[who] = Desk(self.desks.address, visitor)
        return self.seats[who]

    def path(self, rest: str) -> str:
        return f"/c/{self.code}/{rest}"

    def open_meeting(self, unit: str) -> None:
        chair = self.at(unit)
        chair.go(self.path(f"units/{unit}/meeting"))
        chair.fill(place="镇会议室", starts_at="2031-03-20T19:00")
        chair.press("安排选举大会")
        for office, people in (("监票人", SCRUTINEERS), ("计票人", TELLERS)):
            for who in people:
                form = chair.page.locator("main form", has=chair.page.get_by_role("button", name=f"提名{office}"))
                option = form.locator("option", has_text=f"经办{who}").first
                form.locator("[name='person']").select_option(option.get_attribute("value"))
                form.get_by_role("button", name=f"提名{office}").click()
                chair.reads(f"经办{who}")
        chair.fill(present="28")
        for box in chair.page.locator("#opening input[type='checkbox']").all():
            box.check()
        chair.press("宣布开会")
        chair.reads("数字无误")
        chair.press("数字无误，宣布开会")
        chair.reads("已开会")

    def ballots(self, unit: str, vote: int, issued: Sequence[int], returned: Sequence[int]) -> None:
        """Issued before the vote, returned after it: of each contest of the vote that is on, in the order of the page."""
        desk = self.at(CHIEF)
        for button, figures in (("登记发出选票", issued), ("登记收回选票", returned)):
            desk.go(self.path(f"scrutiny/{unit}/ballots"))
            panel = desk.page.locator(f"section[id^='v-{vote}-'], div[id^='v-{vote}-'], [id^='v-{vote}-']").first
            boxes = panel.locator("input[name^='ballots.']")
            expect(boxes).to_have_count(len(figures))
            for box, figure in zip(boxes.all(), figures, strict=True):
                box.fill(str(figure))
            panel.get_by_role("button", name=button, exact=True).click()
        desk.reads("收回选票已登记")

    def enter(self, who: str, number: str, contests: Sequence[Figures], *, again: bool = False) -> None:
        """The whole form by keyboard alone, each warning ticked with Enter."""
        desk = self.at(who)
        desk.go(self.path("tally/"))
        keyboard = desk.page.keyboard
        keyboard.type(number)
        keyboard.press("Enter")
        if not again:
            expect(desk.page.get_by_role("button", name="一样，开始")).to_be_focused()
            keyboard.press("Enter")
        expect(desk.page.locator("#step-attendance.is-open")).to_be_visible()
        for figures in ((30, 28), *contests):
            for figure in figures:
                keyboard.type(str(figure))
                keyboard.press("Enter")
            keyboard.press("Shift+Enter")
        self._hand_in(desk, number)

    def _hand_in(self, desk: Desk, number: str) -> None:
        """From the last step to the list of forms; the page may come back once, at its first tick."""
        page = desk.page
        page.keyboard.press("Shift+Enter")
        handed_in, ticks = page.locator(".notice", has_text=f"计票单 {number}"), page.get_by_label("已对照")
        expect(handed_in.or_(ticks).first).to_be_visible()
        if ticks.count():
            for _ in range(ticks.count()):
                page.keyboard.press("Enter")
            page.keyboard.press("Shift+Enter")
        expect(handed_in.first).to_be_visible()

    def confirm(self, number: str) -> Desk:
        desk = self.at(CHIEF)
        desk.go(self.path(f"scrutiny/forms/{number}"))
        desk.reads("两次录入完全一致")
        desk.confirm("核对无误，确认", "确认")
        return desk

    def follow(self, unit: str, kind: str, nth: int = 0) -> None:
        """What is due is proposed by the chair and agreed to by a scrutineer."""
        chair, scrutineer = self.at(unit), self.at(CHIEF)
        chair.go(self.path(f"units/{unit}/meeting"))
        chair.press(f"提出{kind}", nth)
        chair.reads("等监票人同意")
        scrutineer.go(self.path(f"scrutiny/{unit}/follow-ups"))
        scrutineer.confirm("同意", "同意")
        scrutineer.reads("现在没有等您同意的安排")


# 28 present of 30 expected: 16 votes are needed. Two seats for farmers with three candidates, one for others with two.
TIE = (28, 28, 28, 0, 24, 4, 0, 16, 12, 0, 16, 12, 0)
OTHERS = (28, 28, 28, 0, 20, 8, 0, 8, 20, 0)
MISREAD = (28, 28, 28, 0, 24, 4, 0, 16, 12, 0, 15, 13, 0)
TIE_BALLOT = (28, 28, 28, 0, 9, 18, 1, 18, 9, 1)
NOBODY = (28, 28, 28, 0, 14, 14, 0, 13, 15, 0)
SUPPLEMENTARY = (28, 28, 28, 0, 17, 11, 0, 9, 19, 0)
RERUN = (28, 28, 28, 0, 25, 3, 0, 20, 8, 0, 3, 25, 0)


def test_one_whole_evening_of_two_units(desks: Desks, visitors: Visitors) -> None:
    hall = Hall(desks, visitors)
    first_unit(hall)
    second_unit(hall)
    with desks.evening.county.reading() as session:
        for unit_id in desks.evening.county.units.values():
            states = contest_states(session, desks.evening.county.congress_id, unit_id)
            assert [one.settled for one in states] == [True, True]
    papers_print(hall, "u1")  # the report of what was counted


def papers_print(hall: Hall, unit: str) -> None:
    """Every paper that the unit's page offers is a paper."""
    page = hall.at(unit).go(hall.path(f"units/{unit}/meeting"))
    offered = page.locator("#papers a[href*='.pdf'], #papers form").all()
    addresses = {one.get_attribute("href") or one.get_attribute("action") or "" for one in offered}
    assert len(addresses) >= 5
    for address in sorted(addresses):
        paper = page.request.get(hall.desks.address + address)
        assert (paper.status, paper.body()[:5]) == (200, b"%PDF-"), address


def first_unit(hall: Hall) -> None:
    """An entry is returned, a confirmation withdrawn, a tie voted on again."""
    hall.open_meeting("u1")
    papers_print(hall, "u1")  # the ballots, and the forms to count them on
    hall.ballots("u1", 1, (28, 28), (28, 28))
    hall.enter(TELLERS[0], "01-1-1", (TIE, OTHERS))
    hall.enter(TELLERS[1], "01-1-1", (MISREAD, OTHERS))
    chief = hall.at(CHIEF)
    chief.go(hall.path("scrutiny/forms/01-1-1"))
    chief.reads("两次录入不一致")
    chief.press(f"退回经办{TELLERS[1]}更正")
    hall.enter(TELLERS[1], "01-1-1", (TIE, OTHERS), again=True)
    hall.confirm("01-1-1").reads("得票相等")

    chief.confirm("提出撤销确认", "提出", reason="唱票漏记一张，重新核对")
    other = hall.at(OTHER)
    other.go(hall.path("scrutiny/forms/01-1-1"))
    other.confirm("同意撤销确认", "同意")
    for who in TELLERS[2:]:
        hall.enter(who, "01-1-1", (TIE, OTHERS))
    hall.confirm("01-1-1").reads("得票相等")

    hall.follow("u1", "再次投票")
    hall.ballots("u1", 2, (28,), (28,))
    for who in TELLERS[:2]:
        hall.enter(who, "01-1-1-2", (TIE_BALLOT,))
    hall.confirm("01-1-1-2").reads("已选出")
    close(hall, "u1")


def second_unit(hall: Hall) -> None:
    """More ballots come back than went out in one contest; in the other nobody reaches the majority."""
    hall.open_meeting("u2")
    hall.ballots("u2", 1, (28, 28), (29, 28))
    chief = hall.at(CHIEF)
    chief.confirm("宣布该项选举无效", "宣布无效")
    chief.reads("已宣布无效")
    for who in TELLERS[:2]:
        hall.enter(who, "02-1-1", (NOBODY,))
    hall.confirm("02-1-1").reads("当选不足")
    hall.follow("u2", "重新选举")
    hall.follow("u2", "另行选举")
    hall.ballots("u2", 2, (28, 28), (28, 28))
    for who in TELLERS[2:]:
        hall.enter(who, "02-1-1-2", (RERUN, SUPPLEMENTARY))
    hall.confirm("02-1-1-2").reads("已选出")
    close(hall, "u2")


def close(hall: Hall, unit: str) -> None:
    chair = hall.at(unit)
    chair.go(hall.path(f"units/{unit}/meeting"))
    chair.confirm("宣布散会", "散会")
    chair.reads("已散会")
