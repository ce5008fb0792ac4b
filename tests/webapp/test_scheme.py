"""Schemes at the desk: computed, sent, approved by another person; the sheet with a reason for every cell."""

from __future__ import annotations

import json
import re

import pytest

from allocation import check, read_problem
from election.congress.operations import set_overlays
from election.congress.rules_in_force import set_rule
from election.quotas.queries import scheme_by_number
from election.roster.models import Member
from tests.election.quotas.conftest import made
from tests.support.county import name_of
from tests.webapp.conftest import CountySite, MakeSite

LIST, FIRST = "/office/schemes", "/office/schemes/1"


@pytest.fixture
def at(county_site: MakeSite) -> CountySite:
    return county_site("to be divided", made)


def state(at: CountySite, number: int = 1) -> str:
    with at.site.database.reading() as session:
        return scheme_by_number(session, at.county.congress_id, number).state.value


def test_one_computes_another_approves_and_both_see_only_their_own_buttons(at: CountySite) -> None:
    office, approver = at.at("office"), at.at("approver")
    assert office.post(at.page(LIST), {"note": "第一稿"}).location.endswith(FIRST)
    page = office.get(at.page(FIRST)).text
    assert f"{FIRST}/submit" in page and f"{FIRST}/approve" not in page
    assert f"{FIRST}/submit" not in approver.get(at.page(FIRST)).text
    assert office.post(at.page(f"{FIRST}/submit"), {"version": "1"}).status_code == 302
    assert f"{FIRST}/approve" not in office.get(at.page(FIRST)).text
    assert f"{FIRST}/approve" in approver.get(at.page(FIRST)).text
    assert approver.post(at.page(f"{FIRST}/approve"), {"version": "1"}).status_code == 302
    assert state(at) == "approved"
    again = approver.post(at.page(f"{FIRST}/approve"), {"version": "1"})
    assert again.status_code == 422 and "批准" in again.text


def test_the_sheet_shows_every_unit_every_sum_and_a_reason_for_the_chosen_cell(at: CountySite) -> None:
    office = at.at("office")
    office.post(at.page(LIST))
    page = office.get(at.page(f"{FIRST}?cell=u1.leader")).text
    assert page.count('data-why="') == 6
    assert "第1镇 · 领导干部" in page and "取整得" in page and 'class="num cell group-start chosen"' in page
    seats = [int(number) for number in re.findall(r'data-seats="(\d+)"', page)]
    assert sum(seats) == 20
    for strange in ("x", "u1.", "<script>", "u9.leader"):
        assert office.get(at.page(FIRST), query_string={"cell": strange}).status_code == 200


def test_a_scheme_is_taken_away_and_proved_elsewhere(at: CountySite) -> None:
    office = at.at("office")
    office.post(at.page(LIST))
    parts = {part: json.loads(office.get(at.page(f"{FIRST}/{part}.json")).data) for part in ("problem", "allocation")}
    assert check(read_problem(parts["problem"]), parts["allocation"]) == []
    assert office.get(at.page(f"{FIRST}/nonsense.json")).status_code == 404
    assert at.at("u1").get(at.page(f"{FIRST}/problem.json")).status_code == 403


def test_impossible_rules_are_answered_on_the_list_in_sentences(at: CountySite) -> None:
    with at.county.acting("office") as act:
        set_rule(act, at.county.congress_id, "unit_least", "11")
    answer = at.at("office").post(at.page(LIST))
    assert answer.status_code == 422 and "名额分不下去" in answer.text and "第1镇" in answer.text
    assert at.at("office").get(at.page(FIRST)).status_code == 404


def test_a_changed_roster_is_said_on_the_sheet_and_stops_it(at: CountySite) -> None:
    office = at.at("office")
    office.post(at.page(LIST))
    with at.county.acting("office") as act:
        set_overlays(act, at.county.congress_id, [])
    assert "在本方案计算之后有变化" in office.get(at.page(FIRST)).text
    blocked = office.post(at.page(f"{FIRST}/submit"), {"version": "1"})
    assert blocked.status_code == 422 and "请重新计算" in blocked.text
    assert state(at) == "draft"


def test_a_return_needs_its_reason_and_shows_it(at: CountySite) -> None:
    office, approver = at.at("office"), at.at("approver")
    office.post(at.page(LIST))
    office.post(at.page(f"{FIRST}/submit"), {"version": "1"})
    assert "请写明退回方案的理由" in approver.post(at.page(f"{FIRST}/return"), {"version": "1", "reason": ""}).text
    assert approver.post(at.page(f"{FIRST}/return"), {"version": "1", "reason": "农民偏少"}).status_code == 302
    assert "审批人退回：农民偏少" in office.get(at.page(FIRST)).text


def test_a_form_of_another_version_is_stale(at: CountySite) -> None:
    office = at.at("office")
    office.post(at.page(LIST))
    answer = office.post(at.page(f"{FIRST}/submit"), {"version": "2"})
    assert answer.status_code == 409 and "方案在您打开页面之后已被修改" in answer.text
    assert state(at) == "draft"


@pytest.mark.parametrize("path", ["/office/schemes/9", "/office/schemes/99999999999"])
def test_a_scheme_that_is_not_there_is_not_found(at: CountySite, path: str) -> None:
    assert at.at("office").get(at.page(path)).status_code == 404
    assert at.at("office").post(at.page(f"{path}/submit")).status_code == 404


def leader(at: CountySite) -> tuple[int, str]:
    with at.county.reading() as session:
        for member_id in at.county.members("u1-b1"):
            row = session.get_one(Member, member_id)
            if row.category == "leader":
                return member_id, row.person.name
    raise AssertionError("no leader on the roster")


def test_a_leader_is_assigned_by_name_and_released(at: CountySite) -> None:
    office = at.at("office")
    _, name = leader(at)
    assert office.post(at.page("/office/leaders"), {"name": name, "unit": "u2"}).status_code == 302
    page = office.get(at.page("/office/leaders")).text
    assert name in page
    (path,) = re.findall(r"/office/leaders/\d+/release", page)
    again = office.post(at.page("/office/leaders"), {"name": name, "unit": "u1"})
    assert again.status_code == 422 and "已安排到一个选举单位" in again.text
    assert office.post(at.page(path)).status_code == 302
    assert office.post(at.page(path)).status_code == 404


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": "", "unit": "u1"}, "请填写姓名"),
        ({"name": "查无此人", "unit": "u1"}, "没有叫“查无此人”的党员"),
        ({"name": name_of(1), "unit": "u1"}, "不能安排等额名额"),
        ({"name": name_of(0), "unit": "u9"}, ""),
    ],
)
def test_a_leader_who_cannot_be_is_refused_at_the_field(at: CountySite, given, said: str) -> None:
    answer = at.at("office").post(at.page("/office/leaders"), given)
    assert answer.status_code == 422 and said in answer.text and f'value="{given["name"]}"' in answer.text


def test_nobody_else_is_assigned_under_a_name(at: CountySite) -> None:
    """The number that is sent along picks among those of the name, and never anybody else."""
    member_id, _ = leader(at)
    other = name_of(1)
    answer = at.at("office").post(at.page("/office/leaders"), {"name": other, "unit": "u1", "member": str(member_id)})
    assert answer.status_code == 422
    for number in ("x", "-1", "9" * 30):
        odd = at.at("office").post(at.page("/office/leaders"), {"name": other, "unit": "u1", "member": number})
        assert odd.status_code == 422, number
