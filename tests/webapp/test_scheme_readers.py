"""Who only reads sees what was ever approved, in sheet, comparison and files, and is offered nothing else."""

from __future__ import annotations

import re

import pytest

from election.people.actor import Role
from election.quotas.operations import compute_scheme
from election.store.database import Database
from tests.election.quotas.conftest import made
from tests.election.quotas.making import approved, run
from tests.election.quotas.test_operations_letters import assign
from tests.support.county import County
from tests.webapp.conftest import CountySite, MakeSite

SHEET = "/office/schemes/{}"
READERS = ("observer", "reviewer")
PATHS = (
    SHEET,
    "/office/schemes/{}/cell?unit=u1",
    "/office/schemes/{}/problem.json",
    "/office/schemes/{}/allocation.json",
    "/office/schemes/{}/methods",
    "/office/schemes/{}/plan.pdf",
    "/office/schemes/{}/plan.xlsx",
)


def three_versions(database: Database) -> County:
    """One superseded, one approved, a draft."""
    county = made(database)
    county.sit("observer", Role.OBSERVER)
    county.sit("reviewer", Role.CREDENTIALS_REVIEWER)
    county.sit("teller", Role.TELLER)
    county.sit("scrutineer", Role.SCRUTINEER)
    approved(county)
    assign(county)
    approved(county)
    run(county, "office", compute_scheme, "第三稿")
    return county


@pytest.fixture
def at(county_site: MakeSite) -> CountySite:
    return county_site("three versions", three_versions)


@pytest.mark.parametrize("who", READERS)
def test_a_reader_opens_what_was_approved_and_no_draft(at: CountySite, who: str) -> None:
    reader = at.at(who)
    for path in PATHS:
        for number in (1, 2):
            assert reader.get(at.page(path.format(number))).status_code == 200, path
        assert reader.get(at.page(path.format(3))).status_code == 404, path
    page = reader.get(at.page("/office/schemes")).text
    assert "/office/schemes/2" in page and "/office/schemes/3" not in page and "第三稿" not in page
    compared = reader.get(at.page("/office/schemes/compare")).text
    assert "第三稿" not in compared and "不同之处" in compared
    assert "第三稿" not in reader.get(at.page("/office/schemes/compare?a=2&b=3")).text


@pytest.mark.parametrize("who", READERS)
def test_a_reader_finds_the_way_and_nothing_that_is_closed(at: CountySite, who: str) -> None:
    reader = at.at(who)
    assert at.page("/office/schemes") in reader.get(at.page("/")).text
    for path in (
        "/office/schemes",
        SHEET.format(1),
        SHEET.format(2),
        "/office/schemes/compare",
        SHEET.format(2) + "/methods",
    ):
        page = reader.get(at.page(path)).text
        acts = re.findall(r'<form\b[^>]*\bmethod="post"[^>]*action="([^"]+)"', page)
        assert all("/office/" not in action for action in acts), (path, acts)
        for link in re.findall(r'<a\b[^>]*\bhref="(/[^"#]*)"', page):
            assert reader.get(link.replace("&amp;", "&")).status_code in (200, 302), (path, link)


@pytest.mark.parametrize("who", READERS)
def test_a_reader_changes_nothing(at: CountySite, who: str) -> None:
    reader = at.at(who)
    for act in ("", "/2/recompute", "/2/submit", "/2/approve", "/2/return", "/2/change", "/2/letters"):
        assert reader.post(at.page(f"/office/schemes{act}")).status_code == 403, act
    for closed in ("/office/letters", "/office/groups", "/office/schemes/2/letters"):
        assert reader.get(at.page(closed)).status_code == 403, closed


@pytest.mark.parametrize("who", ["u1", "u1-b1", "teller", "scrutineer"])
def test_others_stay_out(at: CountySite, who: str) -> None:
    for path in (*PATHS, "/office/schemes", "/office/schemes/compare"):
        assert at.at(who).get(at.page(path.format(2))).status_code == 403, path
    assert "/office/schemes" not in at.at(who).get(at.page("/")).text


def test_who_works_on_schemes_sees_drafts_and_is_not_offered_one_that_says_no_news(at: CountySite) -> None:
    for who in ("office", "approver"):
        assert at.at(who).get(at.page(SHEET.format(3))).status_code == 200
    page = at.at("office").get(at.page(SHEET.format(3))).text
    assert "与现行的方案2 完全相同，无须再批" in page and "/schemes/3/submit" not in page
