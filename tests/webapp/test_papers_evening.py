"""The papers of the evening at their addresses: who may print which, that each is a file to keep, quickly read."""

from __future__ import annotations

import re
from hashlib import sha256
from urllib.parse import unquote

import pytest
from sqlalchemy import select

from election.documents.paper import in_fours
from election.meeting.models import Meeting
from election.store.database import Database
from tests.support.county import County
from tests.support.evening import SCRUTINEERS, TELLERS, balloted, nominated
from tests.support.paper import pages_of, squeezed
from tests.webapp.conftest import CountySite, MakeSite

PAPERS = {
    "agenda": "agenda.pdf",
    "sign-in": "sign-in.pdf",
    "one list": "sign-in.pdf?once=1",
    "ballots": "ballots/1.pdf",
    "masters": "ballots/1.pdf?masters=1",
    "records": "issue-records/1.pdf",
    "forms": "count-forms/1.pdf",
    "tally": "tally-sheets/1.pdf",
    "report": "count-report.pdf",
    "data": "count-report.json",
}
HANDS = set(PAPERS)
MAY_PRINT = {
    "office": HANDS,
    "u1": HANDS,
    "u2": set[str](),
    "u1-b1": set[str](),
    SCRUTINEERS[0]: HANDS,
    TELLERS[0]: {"forms", "tally"},
    "approver": {"report", "data"},
}


def counted(database: Database) -> County:
    evening = nominated(database)
    balloted(evening)
    evening.count("u1", {"农民": [24, 18, 10], "其他基层": [20, 8]})
    return evening.county


@pytest.fixture
def at(county_site: MakeSite) -> CountySite:
    return county_site("counted", counted)


def address(at: CountySite, name: str, unit: str = "u1") -> str:
    with at.county.reading() as session:
        meeting = session.scalars(select(Meeting.id)).one()
    return at.page(f"/papers/units/{unit}/meetings/{meeting}/{PAPERS[name]}")


@pytest.mark.parametrize("desk", MAY_PRINT)
def test_everyone_prints_what_belongs_to_their_desk_and_nothing_else(at: CountySite, desk: str) -> None:
    person = at.at(desk)
    for name in PAPERS:
        response = person.get(address(at, name))
        assert response.status_code == (200 if name in MAY_PRINT[desk] else 403), name
        if response.status_code == 200 and name != "data":
            assert response.mimetype == "application/pdf" and response.data.startswith(b"%PDF"), name
        if response.status_code == 200:
            named = response.headers["Content-Disposition"]
            assert "attachment" in named and re.search(r"filename=[a-z][\w-]*\.(pdf|json)(;|$)", named), named


def test_a_paper_is_read_with_few_statements_and_is_the_same_file_again(at: CountySite) -> None:
    person = at.at("u1")
    for name in PAPERS:
        path = address(at, name)
        first = person.get(path).data
        statements = at.site.listen()
        statements.clear()
        assert person.get(path).data == first, name
        assert len(statements) <= 40, name


def test_the_data_of_the_report_have_the_sum_that_is_printed_on_it(at: CountySite) -> None:
    person = at.at("office")
    data, report = person.get(address(at, "data")), person.get(address(at, "report"))
    assert squeezed(in_fours(sha256(data.data).hexdigest())) in "".join(pages_of(report.data))
    assert data.mimetype == "application/json" and data.json is not None and data.json["format"] == "count-report/1"
    assert "监票报告单 第1镇.pdf" in unquote(report.headers["Content-Disposition"])


def test_as_many_ballots_as_asked_for_come_on_full_sheets(at: CountySite) -> None:
    person, path = at.at("u1"), address(at, "ballots")
    assert len(pages_of(person.get(f"{path}?copies=5").data)) == 1 + 2 * 2
    assert person.get(f"{path}?copies=%20５").data == person.get(f"{path}?copies=5").data
    for typed in ("0", "-1", "five", "99999", "０"):
        refused = person.get(f"{path}?copies={typed}")
        assert refused.status_code == 422 and "整数" in refused.text, typed


def test_a_number_that_nobody_can_want_is_held_back_at_its_box(at: CountySite) -> None:
    """The browser says so there; in full-width digits it is as good a number."""
    page = at.at("u1").get(at.page("/units/u1/meeting")).text
    box = next(one for one in page.split("<") if one.startswith("input") and 'name="copies"' in one)
    pattern = box.split('pattern="')[1].split('"')[0]
    for typed, held in (("50", False), ("５０", False), ("9999", False), ("0", True), ("-1", True), ("五十", True)):
        assert (re.fullmatch(pattern, typed) is None) is held, typed
    assert "1 至 9999 的整数" in box


def test_what_is_not_there_is_not_found(at: CountySite) -> None:
    office = at.at("office")
    for path in (
        address(at, "ballots").replace("/1.pdf", "/2.pdf"),
        address(at, "agenda", "u2"),
        address(at, "report", "u99"),
        at.page("/papers/units/u1/meetings/999/sign-in.pdf"),
    ):
        assert office.get(path).status_code == 404, path
