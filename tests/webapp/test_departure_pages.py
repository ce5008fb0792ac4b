"""Members taken off the roster at the office's desk, listed there, and put back."""

from __future__ import annotations

import html
import re

import pytest

from tests.support.county import registered
from tests.webapp.conftest import CountySite, MakeSite

SEEN = re.compile(r'name="seen"[^>]*value="([^"]+)"')


@pytest.fixture
def here(county_site: MakeSite) -> CountySite:
    return county_site("imported", lambda database: registered(database, verified=False))


def test_a_member_is_taken_off_the_roster_listed_and_put_back(here: CountySite) -> None:
    office, member = here.at("office"), here.county.members("u1-b1")[0]
    name = here.county.person_of(member).name
    page = here.page(f"/office/roster/members/{member}")
    assert f"{page}/leave" in office.get(page).text
    seen = html.unescape(SEEN.findall(office.get(f"{page}/leave").text)[0])
    unnamed = office.post(f"{page}/leave", {"because": "", "on": "2031-03-01", "seen": seen})
    assert unnamed.status_code == 422 and "请选择移出花名册的原因" in unnamed.text
    told = {"because": "died", "on": "2031-03-01", "note": "病故", "seen": seen}
    left = office.post(f"{page}/leave", told, follow_redirects=True).text
    assert f"{name}已移出花名册" in left and "去世" in left and "病故" in left
    assert office.get(page).status_code == 404
    back = here.page(f"/office/roster/left/{member}/return")
    wrong = office.post(back, {"branch": "no such"})
    assert wrong.status_code == 422 and "no such" in wrong.text
    again = office.post(back, {"branch": "u1-b1"}, follow_redirects=True)
    assert f"{name}已恢复到花名册" in again.text
    assert "没有移出花名册的人" in office.get(here.page("/office/roster/left")).text
    assert "移出花名册" in office.get(here.page("/office/audit")).text


def test_only_the_office_comes_to_these_pages(here: CountySite) -> None:
    member = here.county.members("u1-b1")[0]
    for path in ("/office/roster/left", f"/office/roster/members/{member}/leave"):
        assert here.at("u1").get(here.page(path)).status_code == 403
