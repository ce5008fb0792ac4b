"""The hall's screen in a real browser: however many stand and whatever the header says, nobody's row is cut."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from election.congress.models import BoardMode
from tests.election.results.conftest import counted
from tests.support.browser import PHONE, Visitor
from tests.support.serving import served
from tests.webapp.conftest import MakeSite
from tests.webapp.test_board import in_election, switch

NAMES = 36
# The rows that stand partly below the frame of the contests, and the names in view.
SEEN = """() => {
    const floor = document.querySelector("[data-contests]").getBoundingClientRect().bottom;
    const rows = [...document.querySelectorAll(".contest.is-shown li:not([hidden])")];
    return {
        cut: rows.filter(row => row.getBoundingClientRect().bottom > floor + 0.5).length,
        names: rows.map(row => row.querySelector(".candidate-name").textContent),
        left: Math.round(floor - Math.max(...rows.map(row => row.getBoundingClientRect().bottom))),
    };
}"""


def of_many(route: Route) -> None:
    """The contest of the page with 36 names; it has a seat left open, which its header says."""
    answer = route.fetch()
    page = answer.text()
    begin, end = page.index("<ol>") + len("<ol>"), page.index("</ol>")
    row = page[begin : page.index("</li>") + len("</li>")]
    name = row.split('candidate-name">', 1)[1].split("<", 1)[0]
    rows = "".join(row.replace(name, f"第{at}名") for at in range(1, NAMES + 1))
    route.fulfill(response=answer, body=page[:begin] + rows + page[end:])


def turned(page: Page) -> list[str]:
    """The names of all pages of the contest, in order."""
    found: list[str] = []
    while len(found) < NAMES:
        seen = page.evaluate(SEEN)
        assert seen["cut"] == 0 and seen["names"], seen
        assert not set(seen["names"]) & set(found), "round again, and not everybody was shown"
        found += seen["names"]
        page.keyboard.press("ArrowRight")
    return found


@pytest.mark.parametrize("size", [(1920, 1080), (1366, 768), PHONE])
def test_no_row_of_a_contest_over_several_pages_is_cut(
    county_site: MakeSite, visitors: Callable[..., Visitor], size: tuple[int, int]
) -> None:
    at = county_site("both units counted, in the election", in_election(counted))
    switch(at, BoardMode.RESULTS)
    with served(at.site.app) as address:
        page = visitors(size).page()
        page.route("**/board/xian-14?*", of_many)
        page.goto(f"{address}/board/xian-14?unit=u2")
        page.evaluate("document.fonts.ready")
        first = page.locator(".contest").first
        expect(first.locator(".contest-open")).to_be_visible()
        if size != PHONE:
            expect(first.locator("[data-part-of]")).to_contain_text(f"/ {NAMES}")
        assert turned(page)[:NAMES] == [f"第{at}名" for at in range(1, NAMES + 1)]
