"""A meeting that cannot go on, as the chair, a scrutineer and the county office see it: at a desk and on a phone without a fault
that a checker finds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from election.count.operations_follow_up import propose_strike
from election.meeting.models import Venue
from election.meeting.operations import close_meeting
from election.meeting.operations_attendance import set_present
from election.meeting.operations_ballots import declare_void, record_ballots
from election.meeting.operations_opening import open_meeting
from election.meeting.operations_venues import add_venue
from tests.support.browser import DESK, PHONE, Visitor, accessibility_violations, overflows
from tests.support.desks import Desks, desks_from
from tests.support.evening import SCRUTINEERS, nominated, planned
from tests.support.stores import Stores

MEETING = "/c/xian-14/units/u1/meeting"
SCRUTINY = "/c/xian-14/scrutiny/u1"
Visitors = Callable[..., Visitor]


@pytest.fixture
def desks(sqlite_stores: Stores) -> Iterator[Desks]:
    """Opened in two halls with 28 of 30; the chair has asked to strike a farmer."""
    made = desks_from(sqlite_stores, "nominated", nominated)
    evening = made.evening
    planned(evening)
    with evening.county.acting("u1") as act:
        add_venue(act, evening.meetings["u1"], "第二会场")
    present(made, 16, 12)
    with evening.county.acting("u1") as act:
        open_meeting(act, evening.meetings["u1"], method_adopted=True, scrutineers_voted=True)
    with made.open_to_browsers():
        yield made
    evening.county.database.close()


def present(desks: Desks, *numbers: int) -> None:
    with desks.evening.county.acting("u1") as act:
        for venue, number in zip(venues(desks), numbers, strict=True):
            set_present(act, venue, number, reason="原先误录")


def venues(desks: Desks) -> list[int]:
    with desks.evening.county.reading() as session:
        found = select(Venue.id).where(Venue.meeting_id == desks.evening.meetings["u1"]).order_by(Venue.number)
        return list(session.scalars(found))


def rounds(desks: Desks) -> list[int]:
    return [round_id for (unit, _, _), round_id in desks.evening.rounds.items() if unit == "u1"]


def sound(page: Page, place: str) -> None:
    page.wait_for_load_state()
    assert accessibility_violations(page) == [] and overflows(page) == 0, place


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_pages_of_a_meeting_that_cannot_go_on_fit_and_pass_the_checker(
    desks: Desks, visitors: Visitors, size: tuple[int, int]
) -> None:
    evening, meeting = desks.evening, desks.evening.meetings["u1"]
    with evening.county.acting("u1") as act:
        gone = evening.members_standing("u1", "farmer")[0]
        strike = propose_strike(act, evening.round_of("u1", "farmer"), gone, "突发疾病去世").id
    page = desks.page(visitors, "u1", MEETING, size)
    expect(page.get_by_text("由差额选举变成等额选举")).to_be_visible()
    sound(page, "the chair asks to strike")
    page = desks.page(visitors, SCRUTINEERS[0], f"{SCRUTINY}/follow-ups", size)
    sound(page, "a scrutineer agrees to a strike")
    desks.client("u1").post(f"{MEETING}/follow-ups/{strike}/drop", data={"reason": "误报"})

    present(desks, 16, 4)
    page = desks.page(visitors, "u1", MEETING, size)
    page.locator("#off summary").click()
    sound(page, "nothing was issued")
    page.locator("#attendance input[inputmode=numeric]").last.fill("x")
    page.get_by_role("button", name="登记实到人数").click()
    expect(page.locator("#attendance .field-errors")).to_be_visible()
    sound(page, "a number that cannot be read")

    present(desks, 16, 12)
    with evening.county.acting(SCRUTINEERS[0]) as act:
        record_ballots(act, meeting, dict.fromkeys(rounds(desks), (16, None)), venue_id=venues(desks)[0])
    present(desks, 16, 4)
    page = desks.page(visitors, SCRUTINEERS[0], f"{SCRUTINY}/ballots", size)
    page.get_by_text("宣布这次投票无效").first.click()
    sound(page, "the scrutineers declare the vote void")
    with evening.county.acting(SCRUTINEERS[0]) as act:
        declare_void(act, rounds(desks)[0])
    page = desks.page(visitors, "u1", MEETING, size)
    sound(page, "everything is void")
    with evening.county.acting("u1") as act:
        close_meeting(act, meeting)
    page = desks.page(visitors, "office", MEETING, size)
    page.get_by_text("散会后指定监票人").click()
    sound(page, "the office names a scrutineer")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_meeting_that_was_called_off_stays_in_view_on_the_page_that_plans_the_next(
    desks: Desks, visitors: Visitors, size: tuple[int, int]
) -> None:
    page = desks.page(visitors, "u1", MEETING, size)
    page.locator("#off summary").click()
    page.locator("#off [name=reason]").fill("停电")
    page.locator("#off").get_by_role("button", name="取消会议").click()
    expect(page.locator("#called-off")).to_contain_text("停电")
    sound(page, "the next meeting is planned")
