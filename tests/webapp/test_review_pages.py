"""The unit puts its nominees forward, the office hears others and reviews: at their desks."""

from __future__ import annotations

import re

import pytest

from election.nomination.lifecycle import ApplicationState
from election.nomination.models_review import Verdict
from election.nomination.queries import applications
from election.people.actor import Role
from election.people.models import Person
from election.people.operations import grant_role
from election.strokes import stroke_key
from tests.support.county import ROOT, County
from tests.support.nominating import apply, ballot, divided, forward, hear, propose
from tests.webapp.conftest import CountySite, MakeSite

CRITERIA = 5


def nominated(database) -> County:  # type: ignore[no-untyped-def]
    """Two farmers of a branch, both nominated by it."""
    county = divided(database)
    ids = apply(county, "u1-b1", "farmer", 2)
    ballot(county, "u1-b1", "farmer", ids, [12, 9])
    return county


@pytest.fixture
def at(county_site: MakeSite) -> CountySite:
    return county_site("nominated", nominated)


def ids(at: CountySite, *states: ApplicationState) -> list[int]:
    with at.county.reading() as session:
        return [line.id for line in applications(session, at.county.congress_id, states=states or None)]


def states(at: CountySite) -> list[str]:
    with at.county.reading() as session:
        return [line.state.value for line in applications(session, at.county.congress_id)]


# The unit


def test_a_unit_puts_one_forward_and_leaves_one_out(at: CountySite) -> None:
    first, second = ids(at)
    clerk, address = at.at("u1"), at.page("/units/u1/nominees")
    page = clerk.get(address).text
    assert f'name="choice-{first}" value="later"' in page and "需要差额候选人 2 人" in page
    assert " checked" not in page  # nobody is put forward unread, nobody put off unasked
    listed = re.findall(r'<th scope="row">([^<]+)</th><td[^>]*>[男女]', page)
    assert listed == sorted(listed, key=stroke_key) and len(listed) == 2
    choices = {f"choice-{first}": "forward", f"choice-{second}": "out"}
    wrong = clerk.post(address, {**choices, f"reason-{second}": ""})
    assert wrong.status_code == 422 and "不上报的，请写明理由" in wrong.text
    assert f'name="choice-{second}" value="out" checked' in wrong.text
    assert f'id="reason-{second}-error"' in wrong.text and f'href="#reason-{second}"' in wrong.text
    done = clerk.post(address, {**choices, f"reason-{second}": "年龄偏大"}, follow_redirects=True)
    assert "已上报 1 人，1 人不上报" in done.text and "年龄偏大" in done.text and "第 1 次" in done.text
    assert states(at) == ["put_forward", "left_out"]


def test_who_is_put_off_waits_and_nothing_chosen_is_said_so(at: CountySite) -> None:
    first, second = ids(at)
    address = at.page("/units/u1/nominees")
    answer = at.at("u1").post(address, {f"choice-{first}": "later", f"choice-{second}": "later"})
    assert answer.status_code == 422 and "请先勾选人员" in answer.text
    assert states(at) == ["preliminary", "preliminary"]


def test_a_unit_takes_back_before_the_review(at: CountySite) -> None:
    forward(at.county)
    first, _ = ids(at)
    address = at.page("/units/u1/nominees/back")
    assert "请先勾选人员" in at.at("u1").post(address).text
    assert "已撤回 1 人" in at.at("u1").post(address, {"application": first}, follow_redirects=True).text
    assert states(at) == ["preliminary", "put_forward"]


def test_a_unit_s_nominees_are_the_unit_s(at: CountySite) -> None:
    assert at.at("u2").get(at.page("/units/u1/nominees")).status_code == 403
    assert at.at("office").get(at.page("/units/u1/nominees")).status_code == 403
    assert "支部推选之后" in at.at("u2").get(at.page("/units/u2/nominees")).text


# The office


def opinion(body: str, verdict: str = "no_objection", text: str = "") -> dict[str, str]:
    return {"body": body, "verdict": verdict, "text": text, "document": "函1号", "given_on": "2031-03-03"}


def test_bodies_are_heard_on_everybody_of_the_list_and_all_pass_together(at: CountySite) -> None:
    forward(at.county)
    office, address = at.at("office"), at.page("/office/reviews")
    page = office.get(address).text
    assert page.count('name="application"') == 2 and "纪检监察机关、公安机关意见" in page
    assert "请先勾选" in office.post(f"{address}/pass", follow_redirects=True).text
    shown = page.split('name="shown" value="')[1].split('"')[0]
    everybody = {"all": "1", "all_met": "1", "state": "put_forward", "unit": "u1", "shown": shown}
    # Who joined the list after the page was made is not passed unseen; what is no list is nobody.
    for wrong in ("", "x ² -1", "9" * 5000):
        assert "请先勾选" in office.post(f"{address}/pass", {**everybody, "shown": wrong}, follow_redirects=True).text
    unsure = office.post(f"{address}/pass", {**everybody, "all_met": ""})
    assert unsure.status_code == 422 and "请先确认所选的 2 人各项审查内容都符合" in unsure.text
    form = page.split('<form id="people"')[1]
    # Enter in a field of this form records an opinion: passing is another button's.
    assert form.split('action="')[1].startswith(f"{address}/opinions")
    assert form.index("登记所选的人的意见") < form.index("所选的人审查通过")
    early = office.post(f"{address}/pass", everybody)
    assert early.status_code == 422 and "还没有登记纪检监察机关、公安机关的意见" in early.text
    for body in ("纪检监察机关", "公安机关"):
        done = office.post(f"{address}/opinions", {**everybody, **opinion(body)}, follow_redirects=True)
        assert f"{body}对 2 人的意见已登记" in done.text
    assert "2 人通过审查" in office.post(f"{address}/pass", everybody, follow_redirects=True).text
    assert states(at) == ["proposed", "proposed"]
    assert "预备人选" in office.get(f"{address}?state=proposed").text


def test_an_opinion_without_persons_or_words_is_refused_and_nothing_typed_is_lost(at: CountySite) -> None:
    forward(at.county)
    office, address = at.at("office"), at.page("/office/reviews/opinions")
    answer = office.post(address, {"state": "put_forward", **opinion("公安机关")})
    assert answer.status_code == 422 and "请先勾选意见所涉及的人" in answer.text and 'value="函1号"' in answer.text
    no_words = {"state": "put_forward", "application": ids(at)[0], **opinion("公安机关", "objection")}
    assert "请写明内容" in office.post(address, no_words).text
    assert "填写出具意见的日期" in office.post(address, {**no_words, "given_on": ""}).text


def criteria(met: str = "yes", **change: str) -> dict[str, str]:
    return {**{f"criteria[{place}]": met for place in range(CRITERIA)}, **change}


def test_one_applicant_s_sheet_says_what_is_still_missing(at: CountySite) -> None:
    forward(at.county)
    number = ids(at)[0]
    office, address = at.at("office"), at.page(f"/office/reviews/{number}")
    assert office.get(address).text.count("未回复") == 2
    open_one = {**criteria(), "criteria[1]": "no", "finding": "pass"}
    answer = office.post(address, open_one)
    assert answer.status_code == 422
    for said in ("“党员身份和选举权属实”不符合的，请写明情况", "不能审查通过", "还没有登记公安机关的意见"):
        assert said in answer.text
    assert "请选择审查结论" in office.post(address, criteria()).text
    clerk = at.county.people["u1"]
    with at.county.acting(ROOT) as act:
        person = act.session.get_one(Person, clerk.person_id)
        grant_role(act, person, Role.OFFICE, congress_id=at.county.congress_id)
    both = at.at("u1")
    assert "由他人审查" in both.get(at.page("/office/reviews")).text
    sheet = both.get(address).text
    assert "请由组织部另一人审查" in sheet and clerk.name in sheet and 'name="finding"' not in sheet
    assert "须由另一人审查" in both.post(address, {**criteria(), "finding": "pass"}).text


def test_an_objection_is_answered_by_the_office_s_own_reason(at: CountySite) -> None:
    forward(at.county)
    number = ids(at)[0]
    office, address = at.at("office"), at.page(f"/office/reviews/{number}")
    hear(at.county, [number])
    done = office.post(f"{address}/opinion", opinion("纪检监察机关", "objection", "曾受处分"), follow_redirects=True)
    assert "意见已登记" in done.text and "曾受处分" in done.text
    assert "纪检监察机关有不同意见" in office.get(at.page("/office/reviews")).text
    silent = office.post(address, {**criteria(), "finding": "pass", "reason": ""})
    assert silent.status_code == 422 and "仍要审查通过的，请写明理由" in silent.text
    office.post(address, {**criteria(), "finding": "pass", "reason": "影响期已满"})
    assert states(at)[0] == "proposed"


def test_a_refusal_is_asked_for_its_reason_and_then_shown_with_it(at: CountySite) -> None:
    forward(at.county)
    number = ids(at)[1]
    office, address = at.at("office"), at.page(f"/office/reviews/{number}")
    wrong = office.post(address, {"finding": "refuse", "reason": ""})
    assert wrong.status_code == 422 and "请写明" in wrong.text
    office.post(
        address, {"finding": "refuse", "reason": "不符合第三条", "criteria[2]": "no", "criteria[2].note": "已转行"}
    )
    refused = at.page("/office/reviews?state=review_refused")
    assert "不符合第三条" in office.get(refused).text
    # Neither the branch, nor its unit, nor an observer reads why: a running inquiry may be named there.
    at.county.sit("observer", Role.OBSERVER)
    branch = at.page(f"/branches/{at.county.branches['u1-b1']}/")
    for desk, page in (
        ("observer", refused),
        ("u1", branch),
        ("u1-b1", branch),
        ("u1-b1", f"{branch}applications/{number}"),
    ):
        read = at.at(desk).get(page)
        assert read.status_code == 200 and "不符合第三条" not in read.text and "审查未通过" in read.text
    assert "<form id" not in at.at("observer").get(at.page("/office/reviews")).text
    assert at.at("observer").get(address).status_code == at.at("u1").get(refused).status_code == 403
    assert "已转行" in office.get(address).text


def test_an_end_names_its_cause(at: CountySite) -> None:
    (number,) = propose(at.county, "u1-b2", "farmer", 1)[-1:]
    office, address = at.at("office"), at.page(f"/office/reviews/{number}/end")
    assert "请注明资格终止的原因" in office.post(address, {"end": ""}).text
    assert "组织关系转出：调离" in office.post(address, {"end": "transfer", "note": "调离"}, follow_redirects=True).text


def test_an_unknown_state_is_a_bad_request_in_words(at: CountySite) -> None:
    assert at.at("office").get(at.page("/office/reviews?state=dancing")).status_code == 422
    assert at.at("office").get(at.page("/office/reviews/999")).status_code == 404


def test_the_list_of_reviews_costs_no_statement_per_applicant(at: CountySite) -> None:
    office, address = at.at("office"), at.page("/office/reviews?state=preliminary")
    office.get(address)
    statements = at.site.listen()
    statements.clear()
    office.get(address)
    few = len(statements)
    assert few
    propose(at.county, "u1-b2", "farmer", 2)
    hear(at.county, ids(at, ApplicationState.PROPOSED), Verdict.NO_OBJECTION)
    proposed = at.page("/office/reviews?state=proposed")
    office.get(proposed)  # what is kept per revision is read once more
    statements.clear()
    assert office.get(proposed).text.count('name="application"') == 4
    assert len(statements) == few


def test_the_rest_is_put_forward_by_the_button_that_says_so_and_no_choice_is_overruled(at: CountySite) -> None:
    clerk, address = at.at("u1"), at.page("/units/u1/nominees")
    first, second = ids(at)
    shown = {"shown": f"{first} {second} ²", "everybody": "1"}
    assert (
        clerk.post(address, {f"choice-{first}": "later", "choice-²": "forward"}).status_code == 422
    )  # nobody is chosen
    assert clerk.post(address, {**shown, f"choice-{first}": "later", f"choice-{second}": "later"}).status_code == 422
    chosen = {f"choice-{second}": "out", f"reason-{second}": "本人同意不上报"}
    done = clerk.post(address, {**shown, **chosen}, follow_redirects=True).text
    assert "已上报 1 人，1 人不上报" in done and "本人同意不上报" in done
    assert states(at) == ["put_forward", "left_out"]
