"""Where a person arrives: their congress, what waits for them, how far it is, and the way on."""

from __future__ import annotations

import re

import pytest

from election.congress.operations import create_congress, waive_reply
from election.people.actor import Role
from election.people.operations import grant_role
from election.people.queries import person_by_id
from election.quotas.operations import approve_scheme, compute_scheme, submit_scheme
from tests.election.quotas.conftest import made
from tests.support.county import REFERENCE, ROOT
from tests.webapp.conftest import CountySite, MakeSite

HOME = "/c/xian-14/"


@pytest.fixture
def at(county_site: MakeSite) -> CountySite:
    return county_site("to be divided", made)


def prepared(at: CountySite) -> None:
    with at.county.acting("office") as act:
        waive_reply(act, at.county.congress_id, "试点")
        number = compute_scheme(act, at.county.congress_id).number
        submit_scheme(act, at.county.congress_id, number)
    with at.county.acting("approver") as act:
        approve_scheme(act, at.county.congress_id, number)


def test_who_serves_one_congress_arrives_in_it_and_who_serves_several_chooses(at: CountySite) -> None:
    assert at.at("office").get("/home").location == HOME
    with at.county.acting(ROOT) as act:
        other = create_congress(
            act, code="other", name="另一届代表大会", county="", total_seats=9, reference_date=REFERENCE
        )
        person = person_by_id(act.session, at.county.people["office"].person_id or 0)
        grant_role(act, person, Role.OFFICE, congress_id=other.id)
    page = at.at("office").get("/home")
    assert page.status_code == 200 and "另一届代表大会" in page.text
    assert at.at("approver").get("/c/other/").status_code == 403


def test_what_blocks_is_named_with_the_way_to_mend_it_for_those_who_may(at: CountySite) -> None:
    office, approver = at.at("office").get(HOME).text, at.at("approver").get(HOME).text
    for page in (office, approver):
        assert "还没有登记上级批复" in page and "还没有经批准的名额分配方案" in page
    assert f'href="{HOME}office/"' in office and f'href="{HOME}office/"' not in approver
    assert f'href="{HOME}office/schemes"' in approver


def test_the_stage_line_shows_six_phases_on_every_page(at: CountySite) -> None:
    for path in (HOME, f"{HOME}office/", f"{HOME}office/schemes"):
        page = at.at("office").get(path).text
        line = page[page.index('<nav class="stage"') :]
        assert re.findall(r'class="stage-(current|next|later|done)"', line) == ["current", "next", *["later"] * 4]
        assert "尚有 2 项未办" in line


def test_the_phase_moves_through_an_open_gate_only(at: CountySite) -> None:
    office = at.at("office")
    move = {"from": "preparation", "to": "registration"}
    closed = office.post(f"{HOME}phase", move)
    assert closed.status_code == 422 and "有 2 项未完成" in closed.text
    prepared(at)
    assert "可以进入“党员登记”阶段" in at.at("office").get(HOME).text
    assert at.at("approver").post(f"{HOME}phase", move).status_code == 403
    moved = at.at("office").post(f"{HOME}phase", move, follow_redirects=True)
    assert "已进入“党员登记”阶段" in moved.text
    again = at.at("office").post(f"{HOME}phase", move)
    assert again.status_code == 409
    assert at.at("office").post(f"{HOME}phase", {"from": "registration", "to": "archive"}).status_code == 422


def test_a_proposed_scheme_waits_for_the_approver_and_for_nobody_else(at: CountySite) -> None:
    with at.county.acting("office") as act:
        submit_scheme(act, at.county.congress_id, compute_scheme(act, at.county.congress_id).number)
    assert "1 个名额分配方案等待批准" in at.at("approver").get(HOME).text
    assert "没有等您办理的事" in at.at("office").get(HOME).text
    assert 'title="1 件待办"' in at.at("approver").get(HOME).text


def test_every_unit_is_in_the_table_of_progress(at: CountySite) -> None:
    page = at.at("office").get(HOME).text
    assert page.count("未核对") == 2 and "第1镇" in page and "第2镇" in page


def test_the_page_speaks_english_when_asked(at: CountySite) -> None:
    office = at.at("office")
    office.get("/language?to=en")
    page = office.get(HOME).text
    assert "No allocation scheme has been approved yet." in page and "preparation" in page
