"""The slate pages as people see them: at a desk and on a phone, without a fault that a checker finds; the lot drawn on screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from election.nomination.applying.operations import end_application
from election.nomination.lifecycle import ApplicationEnd
from election.nomination.queries import slates
from tests.support.browser import DESK, PHONE, Visitor, accessibility_violations, overflows
from tests.support.nominating import LONG, freeze, handed_in
from tests.support.serving import served
from tests.webapp.conftest import CountySite, MakeSite

Visitors = Callable[..., Visitor]


@pytest.fixture
def at(county_site: MakeSite) -> CountySite:
    """u1 frozen, and one of its farmers gone since: a cell is short, a slate is to be printed again."""
    site = county_site("handed in", handed_in)
    site.county.wait(LONG)
    freeze(site.county, "u1")
    with site.county.acting("office") as act:
        lines = slates(act.session, site.county.congress_id, site.county.units["u1"])
        gone = next(line for line in lines if line.category_code == "farmer").candidates[0].application_id
        assert gone is not None
        end_application(act, gone, ApplicationEnd.DEATH)
    return site


@pytest.fixture
def address(at: CountySite) -> Iterator[str]:
    with served(at.site.app) as place:
        yield place


def someone(visitors: Visitors, at: CountySite, address: str, desk: str, size: tuple[int, int], **more: str) -> Page:
    person = visitors(size, **more)
    person.context.add_cookies([at.cookie(desk, address)])
    return person.page()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_every_slate_page_fits_and_passes_the_checker(
    visitors: Visitors, at: CountySite, address: str, size: tuple[int, int]
) -> None:
    pages = {
        "office": (
            "/office/slates",
            "/office/slates/u1",
            "/office/cells/u1/farmer",
            "/office/reprints",
            "/office/leaders",
        ),
        "approver": ("/office/slates?show=short", "/office/cells/u1/farmer"),
        "u1": ("/units/u1/",),
    }
    for desk, paths in pages.items():
        page = someone(visitors, at, address, desk, size)
        for path in paths:
            page.goto(address + at.page(path))
            assert overflows(page) == 0, path
            assert accessibility_violations(page) == [], path


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_the_lot_is_shown_as_it_was_drawn(visitors: Visitors, at: CountySite, address: str, motion: str) -> None:
    with at.county.reading() as session:
        lines = slates(session, at.county.congress_id, at.county.units["u1"])
        slate = next(line.slate for line in lines if (line.category_code, line.kind) == ("leader", "contested"))
    assert slate is not None
    page = someone(visitors, at, address, "u1", DESK, reduced_motion=motion)
    page.goto(address + at.page(f"/units/u1/slates/{slate.id}/speeches"))
    page.get_by_role("button", name="产生系统数，公布校验码").click()
    page.get_by_text("会场报数，抽签").click()
    page.get_by_label("会场报的数", exact=True).fill("3 1 4")
    page.locator("main [name='witness']").fill("第三排的一位党员")
    page.get_by_role("button", name="抽签", exact=True).click()
    page.wait_for_url("**drawn=1")
    expect(page.locator(".lot-unplaced, .lot-waiting")).to_have_count(0)
    places = page.locator(".lot-place").all_text_contents()
    sums = page.locator(".lot-digest code").evaluate_all("found => found.map(one => one.title)")
    assert places == ["1", "2"] and sums == sorted(sums)
    assert accessibility_violations(page) == []
