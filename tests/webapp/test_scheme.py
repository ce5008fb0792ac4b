"""Schemes at the desk: computed, sent, approved by another person, listed; impossible rules answered with what mends them."""

from __future__ import annotations

import html
import json
import re

import pytest

from allocation import check, read_problem
from election.congress.operations import set_overlays
from election.congress.rules_in_force import set_rule
from election.people.actor import Role
from election.people.models import Person
from election.people.operations import grant_role
from election.quotas.models import Scheme
from election.quotas.queries import mark, scheme_by_number
from tests.election.quotas.conftest import made
from tests.support.county import ROOT
from tests.webapp.conftest import CountySite, MakeSite, Visitor

LIST, FIRST = "/office/schemes", "/office/schemes/1"


@pytest.fixture
def at(county_site: MakeSite) -> CountySite:
    return county_site("to be divided", made)


def scheme(at: CountySite, number: int = 1) -> Scheme:
    with at.site.database.reading() as session:
        found = scheme_by_number(session, at.county.congress_id, number)
        session.expunge_all()
    return found


def state(at: CountySite, number: int = 1) -> str:
    return scheme(at, number).state.value


def sent(at: CountySite, path: str = FIRST) -> tuple[Visitor, Visitor]:
    """A first scheme, waiting for its approval: the desks of office and approver."""
    office, approver = at.at("office"), at.at("approver")
    office.post(at.page(LIST), {"note": "第一稿"})
    assert office.post(at.page(f"{path}/submit"), {"seen": mark(scheme(at))}).status_code == 302
    return office, approver


def also_approves(at: CountySite, desk: str) -> None:
    """A person may hold several roles; four eyes are of persons."""
    with at.county.acting(ROOT) as act:
        person = act.session.get_one(Person, at.county.people[desk].person_id)
        grant_role(act, person, Role.APPROVER, congress_id=at.county.congress_id)


def test_one_computes_another_approves_and_both_see_only_their_own_buttons(at: CountySite) -> None:
    office, approver = at.at("office"), at.at("approver")
    assert office.post(at.page(LIST), {"note": "第一稿"}).location.endswith(FIRST)
    page = office.get(at.page(FIRST)).text
    assert f"{FIRST}/submit" in page and f"{FIRST}/change" in page and f"{FIRST}/approve" not in page
    read = approver.get(at.page(FIRST)).text
    assert f"{FIRST}/submit" not in read and f"{FIRST}/change" not in read and f"{FIRST}/recompute" not in read
    assert office.post(at.page(f"{FIRST}/submit"), {"seen": mark(scheme(at))}).status_code == 302
    waiting = office.get(at.page(FIRST)).text
    assert f"{FIRST}/approve" not in waiting and f"{FIRST}/change" not in waiting and "等待另一人批准" in waiting
    assert f"{FIRST}/approve" in approver.get(at.page(FIRST)).text
    assert approver.post(at.page(f"{FIRST}/approve"), {"seen": mark(scheme(at))}).status_code == 302
    assert state(at) == "approved"
    again = approver.post(at.page(f"{FIRST}/approve"))
    assert again.status_code == 422 and "批准" in again.text


def test_who_wrote_a_part_of_a_scheme_is_told_why_another_person_approves_it(at: CountySite) -> None:
    also_approves(at, "office")
    office, _ = sent(at)
    page = office.get(at.page(FIRST)).text
    assert "本方案由您送审，须由另一人批准或退回" in page
    assert f"{FIRST}/approve" not in page and f"{FIRST}/return" not in page and f"{FIRST}/withdraw" in page
    refused = office.post(at.page(f"{FIRST}/approve"))
    assert refused.status_code == 422 and state(at) == "submitted"


def test_who_changed_a_number_is_told_the_same(at: CountySite) -> None:
    also_approves(at, "office2")
    office, second = at.at("office"), at.at("office2")
    office.post(at.page(LIST))
    seen = mark(scheme(at))
    change = {"unit": "u1", "category": "leader", "seats": "5", "reason": "商定", "locked": "1", "seen": seen}
    second.post(at.page(f"{FIRST}/change"), change)
    second.post(at.page(f"{FIRST}/recompute"), {"seen": mark(scheme(at))})
    office.post(at.page(f"{FIRST}/submit"))
    page = second.get(at.page(FIRST)).text
    assert "您参加过本方案的编制或修改" in page and f"{FIRST}/approve" not in page
    assert f"{FIRST}/approve" in at.at("approver").get(at.page(FIRST)).text


def test_a_scheme_is_taken_away_and_proved_elsewhere(at: CountySite) -> None:
    office = at.at("office")
    office.post(at.page(LIST))
    parts = {part: json.loads(office.get(at.page(f"{FIRST}/{part}.json")).data) for part in ("problem", "allocation")}
    assert check(read_problem(parts["problem"]), parts["allocation"]) == []
    assert office.get(at.page(f"{FIRST}/nonsense.json")).status_code == 404
    assert at.at("u1").get(at.page(f"{FIRST}/problem.json")).status_code == 403


def test_the_list_shows_every_version_and_sets_two_side_by_side(at: CountySite) -> None:
    office = at.at("office")
    empty = office.get(at.page(LIST)).text
    assert "还没有方案" in empty and 'name="a"' not in empty
    for note in ("第一稿", "第二稿"):
        office.post(at.page(LIST), {"note": note})
    page = office.get(at.page(LIST)).text
    assert page.index("方案2</a>") < page.index("方案1</a>") and "花名册" in page
    assert re.findall(r'<option value="(\d)" selected', page) == ["1", "2"]
    read = at.at("approver").get(at.page(LIST)).text
    assert "第二稿" in read and "计算新方案" not in read


def impossible(at: CountySite) -> None:
    with at.county.acting("office") as act:
        set_rule(act, at.county.congress_id, "unit_least", "11")


def test_impossible_rules_are_answered_on_the_list_with_what_mends_them(at: CountySite) -> None:
    impossible(at)
    office = at.at("office")
    answer = office.post(at.page(LIST), {"note": "第一稿"})
    assert answer.status_code == 422 and "互相矛盾" in answer.text and "第1镇" in answer.text
    assert 'value="第一稿"' in answer.text and "11 →" in answer.text
    assert office.get(at.page(FIRST)).status_code == 404
    together = [html.unescape(found) for found in re.findall(r'name="relax" value="([^"]+)"', answer.text)]
    assert together
    tried = office.post(at.page(LIST), {"note": "第一稿", "relax": together})
    assert tried.location.endswith(FIRST)
    page = office.get(at.page(FIRST)).text
    assert "为消除规则矛盾" in page and "单位下限" in page
    found = scheme(at)
    assert found.note == "第一稿" and found.changes


@pytest.mark.parametrize(
    "sent_along",
    [
        "",
        "x",
        "[]",
        "[1,2,3,4,5]",
        '["cell","u1","leader","","3"]',
        '["cell","u1","leader","",-1]',
        '["no",null,null,"",1]',
        '["cell","\\ud800","leader","",1]',
        "[" * 100,
        "[" * 50_000,
    ],
    ids=lambda sent: sent[:30].encode("unicode_escape").decode(),
)
def test_a_trial_that_no_page_sent_is_refused_in_a_sentence(at: CountySite, sent_along: str) -> None:
    office = at.at("office")
    answer = office.post(at.page(LIST), {"relax": sent_along})
    assert answer.status_code == 422 and "提交的内容不完整或有误" in answer.text
    assert office.get(at.page(FIRST)).status_code == 404


def test_a_trial_in_a_unit_that_is_not_there_is_refused(at: CountySite) -> None:
    answer = at.at("office").post(at.page(LIST), {"relax": json.dumps(["unit_most", "u99", None, "", 3])})
    assert answer.status_code == 422 and "u99" in answer.text


def test_a_changed_roster_is_said_on_the_sheet_and_stops_it(at: CountySite) -> None:
    office = at.at("office")
    office.post(at.page(LIST))
    with at.county.acting("office") as act:
        set_overlays(act, at.county.congress_id, [])
    assert "在本方案计算之后有变化" in office.get(at.page(FIRST)).text
    blocked = office.post(at.page(f"{FIRST}/submit"))
    assert blocked.status_code == 422 and "请重新计算" in blocked.text
    assert state(at) == "draft"
    assert office.post(at.page(f"{FIRST}/recompute")).status_code == 302
    assert "在本方案计算之后有变化" not in office.get(at.page(FIRST)).text


def test_a_return_needs_its_reason_and_shows_it(at: CountySite) -> None:
    office, approver = sent(at)
    refused = approver.post(at.page(f"{FIRST}/return"), {"reason": ""})
    assert refused.status_code == 422 and "请写明退回方案的理由" in refused.text
    assert 'id="give-back-reason-error"' in refused.text and '<details class="confirm" open>' in refused.text
    assert approver.post(at.page(f"{FIRST}/return"), {"reason": "农民偏少"}).status_code == 302
    page = office.get(at.page(FIRST)).text
    assert "审批人退回：农民偏少" in page and f"{FIRST}/change" in page and f"{FIRST}/submit" in page


def test_a_submission_is_withdrawn_by_who_made_it(at: CountySite) -> None:
    office, _ = sent(at)
    other = at.at("office2")
    assert f"{FIRST}/withdraw" not in other.get(at.page(FIRST)).text
    assert other.post(at.page(f"{FIRST}/withdraw")).status_code == 422
    assert office.post(at.page(f"{FIRST}/withdraw")).status_code == 302
    assert state(at) == "draft"


def test_a_form_made_from_another_state_is_stale(at: CountySite) -> None:
    office = at.at("office")
    office.post(at.page(LIST))
    for path in ("submit", "recompute", "change"):
        fields = {"seen": "of long ago", "unit": "u1", "category": "leader", "seats": "1", "reason": "x"}
        answer = office.post(at.page(f"{FIRST}/{path}"), fields)
        assert answer.status_code == 409 and "在您打开之后已由您本人（在另一个页面上）改动" in answer.text, path
    assert state(at) == "draft" and scheme(at).changes == []


def test_an_approved_scheme_stays_and_a_new_version_is_made_like_it(at: CountySite) -> None:
    office, approver = at.at("office"), at.at("approver")
    office.post(at.page(LIST))
    lock = {"unit": "u1", "category": "leader", "seats": "5", "reason": "商定", "locked": "1"}
    office.post(at.page(f"{FIRST}/change"), lock | {"seen": mark(scheme(at))})
    office.post(at.page(f"{FIRST}/recompute"))
    office.post(at.page(f"{FIRST}/submit"))
    approver.post(at.page(f"{FIRST}/approve"))
    page = office.get(at.page(FIRST)).text
    assert "另立新方案" in page and "沿用 1 处锁定" in page
    assert f"{FIRST}/change" not in page and "/put-back" not in page
    refused = office.post(at.page(f"{FIRST}/change"), lock | {"seen": mark(scheme(at)), "seats": "6"})
    assert refused.status_code == 422 and state(at) == "approved"
    assert office.post(at.page(f"{FIRST}/recompute")).location.endswith(f"{LIST}/2")
    assert [row.reason for row in scheme(at, 2).changes] == ["商定"]
    second = f"{LIST}/2"
    office.post(at.page(f"{second}/change"), lock | {"seen": mark(scheme(at, 2)), "seats": "6"})
    office.post(at.page(f"{second}/recompute"))
    office.post(at.page(f"{second}/submit"))
    asked = approver.get(at.page(second)).text
    assert "含 1 处人工调整" in asked and "将取代方案1，其 2 份名额通知作废" in asked
    approver.post(at.page(f"{second}/approve"))
    assert (state(at), state(at, 2)) == ("superseded", "approved")
    page = office.get(at.page(FIRST)).text
    assert "由方案2 代替" in page and f"{FIRST}/letters" in page


@pytest.mark.parametrize("path", ["/office/schemes/9", "/office/schemes/99999999999"])
def test_a_scheme_that_is_not_there_is_not_found(at: CountySite, path: str) -> None:
    office = at.at("office")
    assert office.get(at.page(path)).status_code == 404
    for verb in ("submit", "change", "recompute", "changes/1/put-back"):
        fields = {"unit": "u1", "category": "leader", "seats": "1", "reason": "x"}
        assert office.post(at.page(f"{path}/{verb}"), fields).status_code == 404, verb


@pytest.mark.parametrize("verb", ["change", "recompute", "submit", "withdraw", "changes/1/put-back"])
def test_only_the_office_changes_a_scheme(at: CountySite, verb: str) -> None:
    at.at("office").post(at.page(LIST))
    for desk in ("approver", "u1"):
        assert at.at(desk).post(at.page(f"{FIRST}/{verb}")).status_code == 403, desk
    for verb_of_approver in ("approve", "return"):
        assert at.at("office").post(at.page(f"{FIRST}/{verb_of_approver}")).status_code == 403
    assert state(at) == "draft"
