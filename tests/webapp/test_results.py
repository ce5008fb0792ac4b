"""Results at the desk: proposed by one, published by another, corrected as a version; the presenter's switch."""

from __future__ import annotations

import re

import pytest

from tests.election.results.conftest import counted, half_counted
from tests.webapp.conftest import CountySite, MakeSite
from tests.webapp.test_board import in_election

PAGE = "/office/results"


@pytest.fixture
def at(county_site: MakeSite) -> CountySite:
    return county_site("both units counted, in the election", in_election(counted))


def proposal_hash(at: CountySite, desk: str) -> str:
    found = re.search(r'name="hash" value="([0-9a-f]{64})"', at.at(desk).get(at.page(PAGE)).text)
    assert found is not None
    return found[1]


def test_the_page_names_every_contest_and_accounts_for_every_seat(at: CountySite) -> None:
    page = at.at("office").get(at.page(PAGE)).text
    assert page.count('<th scope="row">') == 4
    assert page.count("另行投票 1 名") == 2
    assert "得票相等，再次投票选 1 名，时间另行通知" in page and "缺额 1 名，另行选举，时间另行通知" in page
    stats = re.findall(
        r'<span class="stat-value">(\d+)<small> / (\d+)</small>|<span class="stat-value">(?:<a [^>]+>)?(\d+)<', page
    )
    (_, elected, tied, pending, vacant) = ([int(each) for each in one if each] for one in stats)
    assert elected == [4, 6] and elected[0] + sum(tied + pending + vacant) == elected[1]
    waiting = at.at("office").get(at.page(f"{PAGE}?show=open")).text
    assert waiting.count('<th scope="row">') == 2 and f'<a href="{at.page("/units/u2/meeting")}">第2镇</a>' in waiting
    assert at.at("office").get(at.page(f"{PAGE}?show=nothing")).text.count('<th scope="row">') == 4


def test_one_proposes_and_another_publishes_exactly_that(at: CountySite) -> None:
    office, other = at.at("office"), at.at("office2")
    assert office.post(at.page(f"{PAGE}/propose")).status_code == 302
    assert f"{PAGE}/publish" not in office.get(at.page(PAGE)).text
    own = office.post(at.page(f"{PAGE}/publish"), {"hash": proposal_hash(at, "office2")})
    assert own.status_code == 422 and "须由另一人公布" in own.text
    assert office.post(at.page(f"{PAGE}/propose")).status_code == 422
    stale = other.post(at.page(f"{PAGE}/publish"), {"hash": "0" * 64})
    assert stale.status_code == 409 and "结果有变化" in stale.text
    assert other.post(at.page(f"{PAGE}/publish"), {}).status_code == 409
    assert at.site.visitor().get("/results/xian-14").status_code == 404
    assert other.post(at.page(f"{PAGE}/publish"), {"hash": proposal_hash(at, "office2")}).status_code == 302
    assert at.site.visitor().get("/results/xian-14").status_code == 200


def test_a_proposal_is_withdrawn(at: CountySite) -> None:
    office = at.at("office")
    assert office.post(at.page(f"{PAGE}/withdraw")).status_code == 422
    office.post(at.page(f"{PAGE}/propose"))
    assert office.post(at.page(f"{PAGE}/withdraw")).status_code == 302
    assert at.at("office2").post(at.page(f"{PAGE}/publish"), {"hash": "x"}).status_code == 404


def test_a_correction_asks_for_its_reason(at: CountySite) -> None:
    at.at("office").post(at.page(f"{PAGE}/propose"))
    at.at("office2").post(at.page(f"{PAGE}/publish"), {"hash": proposal_hash(at, "office2")})
    wrong = at.at("office").post(at.page(f"{PAGE}/propose"), {"reason": " "})
    assert wrong.status_code == 422 and "请写明更正结果的理由" in wrong.text
    assert at.at("office").post(at.page(f"{PAGE}/propose"), {"reason": "名字有误"}).status_code == 302


def test_nothing_is_proposed_while_a_unit_is_open(county_site: MakeSite) -> None:
    at = county_site("one unit counted", lambda database: half_counted(database).county)
    page = at.at("office").get(at.page(PAGE)).text
    assert "还有 2 项选举没有结果或后续办法未定" in page and f"{PAGE}/propose" not in page
    assert "第2镇·农民：没有结果" in page and at.page("/units/u2/meeting") in page
    answer = at.at("office").post(at.page(f"{PAGE}/propose"))
    assert answer.status_code == 422 and "第2镇·农民：没有结果" in answer.text


@pytest.mark.parametrize("mode", ["curtain", "progress", "results"])
def test_the_switch_is_turned(at: CountySite, mode: str) -> None:
    office = at.at("office")
    assert office.post(at.page("/office/board"), {"mode": mode}).status_code == 302
    figures = at.site.visitor().get("/board/xian-14.json").json
    assert figures is not None
    assert bool(figures["contests"]) == (mode == "results")
    assert bool(figures["units"]["confirmed"]) == (mode != "curtain")


def test_the_switch_of_the_halls_screen_comes_before_everything_else(at: CountySite) -> None:
    page = at.at("office").get(at.page(PAGE)).text
    assert page.index('id="screen"') < page.index("已有结果") < page.index('id="contests"')
    assert f'{PAGE}#screen"' in at.at("office").get(at.page("/")).text
    assert '#screen"' not in at.at("teller-1").get(at.page("/")).text


def test_only_those_with_the_role_see_or_do_any_of_it(at: CountySite) -> None:
    teller = at.at("teller-1")
    assert teller.get(at.page(PAGE)).status_code == 403
    for path in (f"{PAGE}/propose", f"{PAGE}/withdraw", f"{PAGE}/publish", "/office/board"):
        assert teller.post(at.page(path), {"mode": "results", "hash": ""}).status_code == 403
