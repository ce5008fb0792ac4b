"""Slates at the desks of office, approver and unit: the board and what mends it, freezing, versions, the lot, the leaders."""

from __future__ import annotations

import json
import re

import pytest

from election.congress.lifecycle import Phase
from election.congress.models import Congress
from election.nomination.applying.operations import end_application
from election.nomination.lifecycle import ApplicationEnd
from election.nomination.queries import SlateLine, slates
from election.nomination.slates.queries_versions import speech_commitment
from election.people.actor import Role
from election.quotas.queries import assigned_leaders
from tests.election.quotas.conftest import made
from tests.support.nominating import LONG, apply, divided, freeze, handed_in, members_of, propose
from tests.webapp.conftest import CountySite, MakeSite


@pytest.fixture
def open_(county_site: MakeSite) -> CountySite:
    """Rosters verified, seats divided, nobody standing."""
    return county_site("divided", divided)


@pytest.fixture
def slated(county_site: MakeSite) -> CountySite:
    """Slates handed in, the notices hanging."""
    return county_site("handed in", handed_in)


@pytest.fixture
def frozen(slated: CountySite) -> CountySite:
    slated.county.wait(LONG)
    freeze(slated.county, "u1")
    return slated


def line_of(at: CountySite, category: str = "farmer", kind: str = "contested") -> SlateLine:
    with at.county.reading() as session:
        lines = slates(session, at.county.congress_id, at.county.units["u1"])
    return next(one for one in lines if (one.category_code, one.kind) == (category, kind))


def slate_of(at: CountySite, category: str = "farmer") -> int:
    slate = line_of(at, category).slate
    assert slate is not None
    return slate.id


# The board


def test_the_board_shows_where_candidates_are_missing_and_leads_to_that_cell(open_: CountySite) -> None:
    propose(open_.county, "u1-b1", "leader", 2)
    page = open_.at("office").get(open_.page("/office/slates")).text
    assert "缺 2" in page and "另有等额 1 名" in page
    assert "3 个单元不足" in page and "按现有进度缺 6 人" in page
    assert open_.page("/office/cells/u1/farmer") in page


def test_the_board_can_show_only_what_is_short_now_or_will_be(open_: CountySite) -> None:
    for branch, category in (("u1-b1", "leader"), ("u1-b1", "farmer")):
        propose(open_.county, branch, category, 2)
    apply(open_.county, "u2-b1", "farmer", 2)
    office = open_.at("office")
    named = {
        show: set(re.findall(r"/office/slates/(u\d)", office.get(open_.page(f"/office/slates?show={show}")).text))
        for show in ("all", "short", "coming")
    }
    assert named == {"all": {"u1", "u2"}, "short": {"u2"}, "coming": {"u2"}}
    coming = office.get(open_.page("/office/slates?show=coming")).text
    assert open_.page("/office/cells/u2/other") in coming
    assert open_.page("/office/cells/u2/farmer") not in coming  # short now, but enough people are on the way
    assert office.get(open_.page("/office/slates?show=odd")).status_code == 422


def test_a_filter_that_finds_nothing_says_so(slated: CountySite) -> None:
    assert "没有不足的单元" in slated.at("office").get(slated.page("/office/slates?show=short")).text


def test_the_board_is_read_in_a_handful_of_statements_not_one_per_row(slated: CountySite) -> None:
    office = slated.at("office")
    office.get(
        slated.page("/")
    )  # what every page shows around itself is read once per revision, by whoever comes first
    statements = slated.site.listen()
    for path in (
        "/office/slates",
        "/office/slates/u1",
        "/office/cells/u1/farmer",
        "/office/leaders",
        "/office/reprints",
    ):
        statements.clear()
        assert office.get(slated.page(path)).status_code == 200
        assert len(statements) <= 40, (path, [one[:4000] for one in statements])


@pytest.mark.parametrize("path", ["/office/slates/u1", "/office/reprints", "/office/leaders"])
def test_the_office_s_pages_are_the_office_s(slated: CountySite, path: str) -> None:
    assert slated.at("u1").get(slated.page(path)).status_code == 403
    assert slated.at("approver").get(slated.page(path)).status_code == 403


@pytest.mark.parametrize("path", ["/office/slates", "/office/cells/u1/farmer"])
def test_approver_and_observer_see_the_board_and_its_cells_and_the_unit_does_not(slated: CountySite, path: str) -> None:
    slated.county.sit("observer", Role.OBSERVER)
    for desk in ("approver", "observer"):
        page = slated.at(desk).get(slated.page(path))
        assert page.status_code == 200 and "/office/slates/u1" not in page.text.replace("/office/cells/", "")
        assert desk == "approver" or "<form" not in page.text.partition("<main")[2].partition("</main>")[0]
    assert slated.at("u1").get(slated.page(path)).status_code == 403


# What mends a cell


def test_the_office_opens_nomination_again_in_exactly_this_cell(open_: CountySite) -> None:
    office, cell = open_.at("office"), open_.page("/office/cells/u1/farmer")
    wrong = office.post(f"{cell}/reopen", {"until": "2031-03-01", "reason": ""})
    assert wrong.status_code == 422 and "请写明理由" in wrong.text
    past = office.post(f"{cell}/reopen", {"until": "2031-03-01", "reason": "报名不足"})
    assert past.status_code == 422 and "截止日不能早于今天" in past.text and 'value="报名不足"' in past.text
    done = office.post(f"{cell}/reopen", {"until": "2031-03-09", "reason": "报名不足"}, follow_redirects=True).text
    assert "已开放补充报名" in done and "截止2031年3月9日" in done and "报名不足" in done
    assert open_.at("approver").post(f"{cell}/reopen", {"until": "2031-03-09", "reason": "x"}).status_code == 403


def test_a_cell_still_short_after_its_reopening_waits_for_the_approver(open_: CountySite) -> None:
    cell = open_.page("/office/cells/u1/farmer")
    open_.at("office").post(f"{cell}/reopen", {"until": "2031-03-09", "reason": "报名不足"})
    assert "仍不足" not in open_.at("approver").get(open_.page("/")).text
    open_.county.wait(LONG)
    approver = open_.at("approver")
    assert "1 个单元补充报名截止后候选人仍不足" in approver.get(open_.page("/")).text
    approver.post(f"{cell}/exempt", {"document": "纪要〔7〕号", "decided_on": "2031-03-05", "reason": "只有一人报名"})
    assert "1 个单元补充报名截止后候选人仍不足" in approver.get(open_.page("/")).text  # not even one stands
    propose(open_.county, "u1-b1", "farmer", 1)
    assert "补充报名截止后候选人仍不足" not in open_.at("approver").get(open_.page("/")).text


def test_the_approver_records_and_revokes_the_decision_to_be_uncontested(open_: CountySite) -> None:
    propose(open_.county, "u1-b1", "farmer", 1)
    cell = open_.page("/office/cells/u1/farmer")
    office = open_.at("office").get(cell).text
    assert "登记由审批人办理" in office and "/exempt" not in office
    assert "请写明理由" in open_.at("office").post(f"{cell}/ask", {"reason": " "}).text
    assert open_.at("approver").post(f"{cell}/ask", {"reason": "x"}).status_code == 403
    asked = open_.at("office").post(f"{cell}/ask", {"reason": "报名截止仍只有一人"}, follow_redirects=True).text
    assert "已提请审批人决定" in asked and "报名截止仍只有一人" in asked
    waits = "第1镇·农民：组织部提请决定是否等额"
    assert waits in open_.at("approver").get(open_.page("/")).text
    approver = open_.at("approver")
    wrong = approver.post(f"{cell}/exempt", {"document": "", "decided_on": "2031-03-01", "reason": "不足"})
    assert wrong.status_code == 422 and "请填写决定的文号" in wrong.text
    fields = {"document": "纪要〔7〕号", "decided_on": "2031-03-01", "reason": "只有一人报名"}
    done = approver.post(f"{cell}/exempt", fields, follow_redirects=True).text
    assert "决定已登记" in done and "经纪要〔7〕号（2031年3月1日）决定，本单元可以等额" in done
    assert waits not in open_.at("approver").get(open_.page("/")).text
    assert "等额：经纪要〔7〕号决定" in open_.at("office").get(open_.page("/office/slates")).text
    assert "须按差额比例配齐" in approver.post(f"{cell}/revoke", follow_redirects=True).text
    assert approver.post(f"{cell}/revoke").status_code == 404
    assert open_.at("office").post(f"{cell}/exempt", fields).status_code == 403


def test_a_frozen_cell_says_what_comes_first(frozen: CountySite) -> None:
    cell = frozen.page("/office/cells/u1/farmer")
    fields = {"document": "纪要", "decided_on": "2031-03-01", "reason": "不足"}
    answer = frozen.at("approver").post(f"{cell}/exempt", fields)
    assert answer.status_code == 422 and "须先另出新版本" in answer.text
    answer = frozen.at("office").post(f"{cell}/reopen", {"until": "2031-12-31", "reason": "不足"})
    assert answer.status_code == 422 and "须先另出新版本" in answer.text and "去名单页" in answer.text


def test_a_seat_is_moved_by_a_new_version_of_the_scheme(county_site: MakeSite) -> None:
    at = county_site("to be divided", made)
    office, approver = at.at("office"), at.at("approver")
    assert office.post(at.page("/office/schemes"), follow_redirects=True).status_code == 200
    office.post(at.page("/office/schemes/1/submit"))
    approver.post(at.page("/office/schemes/1/approve"))
    board = office.get(at.page("/office/slates")).text
    (unit, category), *_ = re.findall(r'class="mend" href="[^"]*/office/cells/(\w+)/(\w+)"', board)
    cell = at.page(f"/office/cells/{unit}/{category}")
    seats = int(re.findall(r"现为 (\d+) 名", office.get(cell).text)[0])
    wrong = office.post(f"{cell}/move", {"most": "x", "reason": ""})
    assert wrong.status_code == 422 and "请填整数" in wrong.text and "请写明理由" in wrong.text
    moved = office.post(f"{cell}/move", {"most": str(seats - 1), "reason": "报名不足，名额调出"})
    assert moved.status_code == 302 and moved.location.endswith("/office/schemes/2")
    sheet = office.get(moved.location).text
    assert "已另立方案2" in sheet and "报名不足，名额调出" in sheet


def test_a_cell_that_is_not_there_is_not_found(open_: CountySite) -> None:
    office = open_.at("office")
    assert office.get(open_.page("/office/cells/u1/artists")).status_code == 404
    assert office.get(open_.page("/office/cells/u9/farmer")).status_code == 404


# From the unit to the freezing


def test_the_unit_draws_up_hands_in_and_takes_back(open_: CountySite) -> None:
    for category in ("leader", "farmer"):
        propose(open_.county, "u1-b1", category, 2)
    clerk, home = open_.at("u1"), open_.page("/units/u1/")
    assert "没有编制齐全" in clerk.post(f"{home}slates/submit").text
    drawn = clerk.post(f"{home}slates/open", follow_redirects=True).text
    assert "已按姓氏笔画编制" in drawn and "应选 1 名，候选人 2 名" in drawn
    assert "已提交县委组织部" in clerk.post(f"{home}slates/submit", follow_redirects=True).text
    assert "已撤回" in clerk.post(f"{home}slates/withdraw", follow_redirects=True).text
    assert clerk.post(f"{home}slates/dance").status_code == 404


def test_an_order_by_hand_needs_every_place_and_a_reason(open_: CountySite) -> None:
    propose(open_.county, "u1-b1", "farmer", 2)
    clerk, home = open_.at("u1"), open_.page("/units/u1/")
    clerk.post(f"{home}slates/open")
    with open_.county.reading() as session:
        line = next(
            one
            for one in slates(session, open_.county.congress_id, open_.county.units["u1"])
            if one.category_code == "farmer"
        )
    assert line.slate is not None
    address = f"{home}slates/{line.slate.id}/order"
    first, second = (f"place-{one.candidate_id}" for one in line.candidates)
    assert clerk.get(address).status_code == 200
    assert "请给" in clerk.post(address, {first: "9", second: "8", "reason": "字表未收"}).text
    assert "请给" in clerk.post(address, {first: "²", second: "1" * 5000, "reason": "字表未收"}).text
    assert "须写明理由" in clerk.post(address, {first: "2", second: "1", "reason": ""}).text
    done = clerk.post(address, {first: "2", second: "1", "reason": "字表未收"}, follow_redirects=True).text
    assert "次序由人工排定：字表未收" in done
    back = clerk.post(address, {"strokes": "1"}, follow_redirects=True).text
    assert "已恢复姓氏笔画次序" in back and "次序由人工排定" not in back
    assert clerk.get(f"{home}slates/9999/order").status_code == 404


def test_the_office_sees_what_blocks_and_freezes_when_nothing_does(slated: CountySite) -> None:
    office, address = slated.at("office"), slated.page("/office/slates/u1")
    hanging = office.get(address).text
    assert "公示到2031年3月10日止" in hanging and "确定名单</button>" not in hanging
    early = office.post(f"{address}/freeze")
    assert early.status_code == 422 and "还不能确定" in early.text
    slated.county.wait(LONG)
    office = slated.at("office")
    assert "确定名单</button>" in office.get(address).text
    assert "3 份候选人名单已确定" in office.post(f"{address}/freeze", follow_redirects=True).text
    frozen = office.get(address).text
    assert "数据指纹" in frozen and "另出新版本" in frozen


def test_the_office_gives_back_with_a_reason_that_the_unit_reads(slated: CountySite) -> None:
    office, address = slated.at("office"), slated.page("/office/slates/u1/return")
    refused = office.post(address, {"reason": ""}).text
    assert '<details class="confirm" open>' in refused and "请写明理由" in refused.split("open>")[1]
    office.post(address, {"reason": "请补一名妇女"})
    assert "请补一名妇女" in slated.at("u1").get(slated.page("/units/u1/")).text


def test_a_frozen_slate_gives_way_to_a_new_version(slated: CountySite) -> None:
    slated.county.wait(LONG)
    office, address = slated.at("office"), slated.page("/office/slates/u1")
    office.post(f"{address}/freeze")
    with slated.county.reading() as session:
        line = slates(session, slated.county.congress_id, slated.county.units["u1"])[0]
    assert line.slate is not None
    way = f"{address}/{line.slate.id}/supersede"
    assert office.post(way, {"reason": ""}).status_code == 422
    assert "第 2 版" in office.post(way, {"reason": "有人去世"}, follow_redirects=True).text
    assert office.post(slated.page(f"/office/slates/u2/{line.slate.id}/supersede"), {"reason": "x"}).status_code == 404


def test_a_reason_that_is_too_long_is_refused_on_the_page_with_the_most_it_may_have(slated: CountySite) -> None:
    answer = slated.at("office").post(slated.page("/office/slates/u1/return"), {"reason": "长" * 401})
    assert answer.status_code == 422 and "400" in answer.text
    with slated.county.reading() as session:
        lines = slates(session, slated.county.congress_id, slated.county.units["u1"])
    assert {line.state.value for line in lines if line.state} == {"submitted"}


# Who leaves


def test_the_unit_says_that_the_old_prints_are_withdrawn(frozen: CountySite) -> None:
    clerk, office, home = frozen.at("u1"), frozen.at("office"), frozen.page("/units/u1/")
    refused = clerk.post(f"{home}slates/{slate_of(frozen)}/reprinted")
    assert refused.status_code == 422 and "只有确定以后的新版本才须重印" in refused.text
    office.post(frozen.page(f"/office/slates/u1/{slate_of(frozen)}/supersede"), {"reason": "姓名有误"})
    for verb in ("open", "submit"):
        clerk.post(f"{home}slates/{verb}")
    office.post(frozen.page("/office/slates/u1/freeze"))
    assert "旧版已收回、新版已重印" in clerk.get(home).text
    assert "已登记" in clerk.post(f"{home}slates/{slate_of(frozen)}/reprinted", follow_redirects=True).text
    assert "旧版已收回、新版已重印" not in clerk.get(home).text
    page = office.get(frozen.page("/office/reprints")).text
    assert "收回和重印" in page and "已收回、已重印" not in page and "/papers/units/u1/slates.pdf" in page


def test_what_has_to_be_printed_again_is_listed_with_its_reason(frozen: CountySite) -> None:
    office = frozen.at("office")
    assert "没有需要重印的名单" in office.get(frozen.page("/office/reprints")).text
    leaving = line_of(frozen).candidates[0]
    assert leaving.application_id is not None
    with frozen.county.acting("office") as act:
        end_application(act, leaving.application_id, ApplicationEnd.TRANSFER, "调往外县")
    page = office.get(frozen.page("/office/reprints")).text
    assert "1 → 2" in page and f"{leaving.name}不再列入名单（组织关系转出）" in page
    board = office.get(frozen.page("/office/slates")).text
    assert "重印清单（1）" in board and "待重新提交" in board
    assert "第1镇·农民：候选人缺 1 名，补足后重新提交、确定名单" in office.get(frozen.page("/")).text
    clerk = frozen.at("u1")
    unit = clerk.get(frozen.page("/units/u1/")).text
    assert "农民的名单须重新确定（第 2 版）" in unit and f"减少：{leaving.name}" in unit


def test_the_page_says_at_once_how_the_margin_stands_after_somebody_left(frozen: CountySite) -> None:
    first, second = line_of(frozen).candidates
    done = (
        frozen.at("office")
        .post(
            frozen.page(f"/office/reviews/{first.application_id}/end"),
            {"end": "death", "note": "车祸"},
            follow_redirects=True,
        )
        .text
    )
    assert "第1镇·农民：须有候选人 2 名，现有 1 名，缺 1 名；原名单已作废，第 2 版须由选举单位重新提交并确定" in done
    branch = frozen.county.branches["u1-b1"]
    done = (
        frozen.at("u1-b1")
        .post(
            frozen.page(f"/branches/{branch}/applications/{second.application_id}/withdraw"),
            {"reason": "家中有事"},
            follow_redirects=True,
        )
        .text
    )
    assert "现有 0 名，缺 2 名" in done


def test_before_anybody_stands_the_unit_sees_its_leaders_and_no_button_to_draw_up_nothing(open_: CountySite) -> None:
    with open_.county.reading() as session:
        leader = assigned_leaders(session, open_.county.congress_id)[0]
    page = open_.at("u1").get(open_.page("/units/u1/")).text
    assert "应选 1 名，候选人 1 名" in page and leader.name in page
    for step in ("签收名额通知", "通知外出党员", "支部推选", "人选上报", "资格审查和公示"):
        assert step in page
    other = open_.at("u2").get(open_.page("/units/u2/")).text
    assert "先有预备人选，再编制名单" in other and "按现有预备人选编制" not in other


def test_what_slates_will_need_is_no_matter_while_electors_register(open_: CountySite) -> None:
    assert "确定名单之前" in open_.at("u1").get(open_.page("/units/u1/")).text
    with open_.county.acting("office") as act:
        act.session.get_one(Congress, open_.county.congress_id).phase = Phase.REGISTRATION
        act.record("phase.moved", "congress", congress_id=open_.county.congress_id)
    page = open_.at("u1").get(open_.page("/units/u1/")).text
    assert "确定名单之前" not in page and "照现有候选人可能选出" not in page


def test_the_office_ends_a_reopening_early(open_: CountySite) -> None:
    office, cell = open_.at("office"), open_.page("/office/cells/u1/farmer")
    office.post(f"{cell}/reopen", {"until": "2031-03-09", "reason": "报名不足"})
    assert "请" in office.post(f"{cell}/close", {"reason": ""}).text
    done = office.post(f"{cell}/close", {"reason": "已足额"}, follow_redirects=True).text
    assert "补充报名已结束" in done and "补充报名进行中" not in done
    assert office.post(f"{cell}/close", {"reason": "再"}).status_code == 404


# The lot


def speeches(at: CountySite, path: str = "") -> str:
    return at.page(f"/units/u1/slates/{slate_of(at)}/speeches{path}")


def test_the_unit_draws_the_order_of_speeches_in_the_hall(frozen: CountySite) -> None:
    clerk = frozen.at("u1")
    assert "抽签定发言次序" in clerk.get(frozen.page("/units/u1/")).text
    assert clerk.get(speeches(frozen, ".json")).status_code == 404
    early = clerk.post(speeches(frozen), {"seed": "3 1 4", "witness": "群众甲"})
    assert early.status_code == 422 and "请先产生系统数" in early.text
    shown = clerk.post(speeches(frozen, "/half"), follow_redirects=True).text
    with frozen.county.reading() as session:
        made = speech_commitment(session, slate_of(frozen))
    assert made is not None and made.hash in shown and made.half not in shown
    again = clerk.post(speeches(frozen, "/half"))
    assert again.status_code == 422 and "系统数已经产生" in again.text
    candidate = line_of(frozen).candidates[0].name
    for one in (f" {candidate}（候选人）", frozen.county.people["u1"].name):
        refused = clerk.post(speeches(frozen), {"seed": "3 1 4", "witness": one})
        assert refused.status_code == 422 and "请另请一位报数" in refused.text
    assert "请填写在会场当众报出的数" in clerk.post(speeches(frozen), {"seed": " ", "witness": "群众甲"}).text
    assert "请填写报数的人" in clerk.post(speeches(frozen), {"seed": "3 1 4"}).text
    done = clerk.post(speeches(frozen), {"seed": "3 1 4", "witness": "群众甲"}, follow_redirects=True).text
    assert "发言次序已抽定" in done and "群众甲" in done and "sha256sum" in done and made.half in done
    told = json.loads(clerk.get(speeches(frozen, ".json")).text)
    assert (told["format"], told["seed"], len(told["order"])) == ("lot/2", f"{made.half}-3 1 4", 2)
    again = clerk.post(speeches(frozen), {"seed": "x", "witness": "群众乙"})
    assert again.status_code == 422 and "已经抽定" in again.text
    assert "抽签定发言次序" in clerk.get(frozen.page("/units/u1/")).text  # of the other slate


def test_others_look_on_but_do_not_draw(frozen: CountySite) -> None:
    page = frozen.at("office").get(speeches(frozen))
    assert page.status_code == 200 and 'name="seed"' not in page.text
    assert frozen.at("office").post(speeches(frozen), {"seed": "7"}).status_code == 403
    assert frozen.at("office").post(speeches(frozen, "/half")).status_code == 403
    assert frozen.at("u2").get(speeches(frozen)).status_code == 403
    assert frozen.at("u1").get(frozen.page("/units/u1/slates/999/speeches")).status_code == 404


def test_before_the_freezing_the_page_says_that_there_is_nothing_to_draw(slated: CountySite) -> None:
    page = slated.at("u1").get(speeches(slated)).text
    assert "确定以后才能抽签" in page and 'name="seed"' not in page


# Assigned leaders


def test_a_leader_moves_and_both_units_say_what_is_short_now(open_: CountySite) -> None:
    with open_.county.reading() as session:
        row = assigned_leaders(session, open_.county.congress_id)[0]
    office = open_.at("office")
    page = office.post(open_.page(f"/office/leaders/{row.id}/move"), {"unit": "u2"}, follow_redirects=True).text
    assert "第1镇：等额名额 1 名、已安排 0 人，还可安排 1 人" in page
    assert "第2镇：已安排 1 人、等额名额 0 名，须重新计算并批准名额分配方案或取消安排；差额名额另缺候选人 4 名" in page
    assert "多 1 人没有名额" in page and "少 1 人" in page
    there = office.post(open_.page(f"/office/leaders/{row.id}/move"), {"unit": "u2"})
    assert there.status_code == 422 and "已经安排在这个选举单位" in there.text
    assert office.post(open_.page(f"/office/leaders/{row.id}/move"), {"unit": "u9"}).status_code == 422


def test_a_leader_on_a_slate_that_is_handed_in_is_released_only_with_a_reason(slated: CountySite) -> None:
    with slated.county.reading() as session:
        row = assigned_leaders(session, slated.county.congress_id)[0]
    office, address = slated.at("office"), slated.page(f"/office/leaders/{row.id}/release")
    answer = office.post(address)
    assert answer.status_code == 422 and "取消安排须写明原因" in answer.text and row.name in answer.text
    # told at the row, whose question stands open; nothing at the form above
    assert re.search(r'<details class="confirm" open>.{,4000}取消安排须写明原因', answer.text, re.DOTALL)
    done = office.post(address, {"reason": "去世"}, follow_redirects=True).text
    assert "已取消安排" in done and "须发布更正公示" in done
    assert line_of(slated, "leader", "uncontested").candidates == ()


def test_a_leader_is_assigned_by_name_unless_they_stand(open_: CountySite) -> None:
    apply(open_.county, "u1-b1", "leader", 1)
    standing, free = (open_.county.person_of(member).name for member in members_of(open_.county, "u1-b1", "leader")[:2])
    office = open_.at("office")
    refused = office.post(open_.page("/office/leaders"), {"name": standing, "unit": "u2"})
    assert refused.status_code == 422 and f"{standing}已报名参选，不能再安排等额名额" in refused.text
    assert office.post(open_.page("/office/leaders"), {"name": free, "unit": "u2"}).status_code == 302
    assert free in office.get(open_.page("/office/leaders")).text
