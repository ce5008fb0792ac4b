"""The branch's desk beyond the plain case: ways to be nominated, corrections, places and ties, the workbook."""

from __future__ import annotations

import io
import re

import pytest
from openpyxl import load_workbook
from sqlalchemy import select
from werkzeug.test import TestResponse

from election.congress.rules_in_force import set_rule
from election.nomination.models import BranchBallot
from election.nomination.queries import applications
from election.roster.models import Organisation
from election.strokes import stroke_key
from tests.support.county import County
from tests.support.nominating import apply, ballot, divided, members_of
from tests.support.nomination_book import whole
from tests.webapp.conftest import CountySite, MakeSite, enter_ballot


@pytest.fixture
def open_(county_site: MakeSite) -> CountySite:
    """Rosters verified, seats divided, nobody standing."""
    return county_site("divided", divided)


def branch_page(at: CountySite, path: str = "", branch: str = "u1-b1") -> str:
    return at.page(f"/branches/{at.county.branches[branch]}/{path}")


def states(at: CountySite) -> list[str]:
    with at.county.reading() as session:
        return [line.state.value for line in applications(session, at.county.congress_id)]


def names(county: County, members: list[int]) -> list[str]:
    return [county.person_of(one).name for one in members]


# Applications


def test_a_joint_nomination_is_typed_by_names_and_asks_back_whom_they_mean(open_: CountySite) -> None:
    county, clerk = open_.county, open_.at("u1-b1")
    member, *others = members_of(county, "u1-b1", "farmer") + members_of(county, "u1-b1", "leader")
    few = names(county, others)[:3]
    fields = {"member": member, "source": "joint", "signers": "、".join(few)}
    answer = clerk.post(branch_page(open_, "applications"), fields)
    assert answer.status_code == 422 and "联名推荐须有 10 名以上党员，现有 3 名" in answer.text
    unknown = clerk.post(branch_page(open_, "applications"), {**fields, "signers": "查无此人"})
    assert "花名册上没有“查无此人”" in unknown.text
    enough = [one for one in county.members("u1-b1") + county.members("u1-b2") if one != member][:10]
    done = clerk.post(
        branch_page(open_, "applications"),
        {**fields, "signers": "\n".join(names(county, enough))},
        follow_redirects=True,
    )
    assert "报名已登记" in done.text and "党员联名推荐" in done.text


def test_a_recommendation_says_by_whom(open_: CountySite) -> None:
    clerk, member = open_.at("u1-b1"), members_of(open_.county, "u1-b1", "farmer")[0]
    fields = {"member": member, "source": "organisation", "recommended_by": " "}
    answer = clerk.post(branch_page(open_, "applications"), fields)
    assert answer.status_code == 422 and "请写明推荐的组织或群众" in answer.text
    clerk.post(branch_page(open_, "applications"), {**fields, "recommended_by": "第1镇党委"})
    assert "第1镇党委" in clerk.get(branch_page(open_)).text


def test_only_the_ways_that_the_rule_permits_are_offered(open_: CountySite) -> None:
    assert "群众推荐" in open_.at("u1-b1").get(branch_page(open_, "applications")).text
    with open_.county.acting("office") as act:
        set_rule(act, open_.county.congress_id, "nomination_source", "self")
    page = open_.at("u1-b1").get(branch_page(open_, "applications")).text
    assert re.findall(r'<option[^>]* value="(\w+)">', page.split('id="source"')[1].split("</select>")[0]) == ["self"]


def test_an_application_is_put_right_before_the_vote_and_fixed_after_it(open_: CountySite) -> None:
    (number,) = apply(open_.county, "u1-b1", "farmer", 1)
    clerk, address = open_.at("u1-b1"), branch_page(open_, f"applications/{number}")
    done = clerk.post(address, {"source": "self", "career": "1990年起务农", "statement": ""}, follow_redirects=True)
    assert "报名已更正" in done.text and "1990年起务农" in done.text
    ballot(open_.county, "u1-b1", "farmer", [number], [12])
    assert "报名表" not in clerk.get(address).text
    assert clerk.post(address, {"source": "self", "career": "太晚"}).status_code == 422
    assert clerk.get(branch_page(open_, f"applications/{number}", "u1-b1")).status_code == 200
    assert open_.at("u1-b2").get(branch_page(open_, f"applications/{number}", "u1-b2")).status_code == 404


def test_the_clerk_of_the_unit_sits_at_the_desks_of_its_branches_only(open_: CountySite) -> None:
    clerk = open_.at("u1")
    page = clerk.get(open_.page("/branches/")).text
    assert "第1镇1村党支部" in page and "第1镇2村党支部" in page and "第2镇1村党支部" not in page
    assert clerk.get(branch_page(open_)).status_code == 200
    assert clerk.get(branch_page(open_, branch="u2-b1")).status_code == 403


def test_what_belongs_to_another_way_is_refused_not_dropped(open_: CountySite) -> None:
    clerk, member = open_.at("u1-b1"), members_of(open_.county, "u1-b1", "farmer")[0]
    other = names(open_.county, members_of(open_.county, "u1-b1", "leader"))[0]
    page = clerk.get(branch_page(open_, "applications")).text
    assert 'data-ways="joint"' in page and 'data-ways="organisation public"' in page
    for field, typed, sentence in (
        ("recommended_by", "村民委员会", "“个人自荐”的不填推荐的组织或群众"),
        ("signers", other, "“个人自荐”的不填联名党员"),
    ):
        answer = clerk.post(branch_page(open_, "applications"), {"member": member, "source": "self", field: typed})
        assert answer.status_code == 422 and sentence in answer.text and typed in answer.text
    assert states(open_) == []


def test_a_withdrawal_says_why(open_: CountySite) -> None:
    (number,) = apply(open_.county, "u1-b1", "farmer", 1)
    answer = open_.at("u1-b1").post(branch_page(open_, f"applications/{number}/withdraw"), {"reason": " "})
    assert answer.status_code == 422 and "请写明退出的原因" in answer.text and states(open_) == ["applied"]


def test_the_form_says_which_categories_are_closed(open_: CountySite) -> None:
    ids = apply(open_.county, "u1-b1", "farmer", 1)
    clerk = open_.at("u1-b1")
    assert "不再登记报名" not in clerk.get(branch_page(open_, "applications")).text
    ballot(open_.county, "u1-b1", "farmer", ids, [12])
    assert "农民：本支部已推选或名单已提交，不再登记报名" in clerk.get(branch_page(open_, "applications")).text


# Ballots


def test_fewer_expected_than_the_branch_has_votes_need_their_reason(open_: CountySite) -> None:
    apply(open_.county, "u1-b1", "farmer", 1)
    clerk, address = open_.at("u1-b1"), branch_page(open_, "ballot/farmer")
    small = dict.fromkeys(("electors.expected", "electors.present", "ballots.issued", "ballots.returned"), "5")
    typed = figures([(5, 0)], **small) | {"ballots.valid": "5", "candidates[0].abstain": "0"}
    answer = enter_ballot(clerk, address, typed)
    assert answer.status_code == 422
    at = answer.text.split('id="f-excluded_because-error"')[1]
    assert "12 人，应到会只填 5 人：请写明其余 7 人不计入应到会的理由" in at[:500]
    done = enter_ballot(clerk, address, {**typed, "excluded_because": "7 人出国半年以上"}, follow_redirects=True).text
    assert "推选结果已登记" in done and "不计入应到会 7 人：7 人出国半年以上" in done


def test_the_names_of_a_ballot_stand_by_strokes(open_: CountySite) -> None:
    apply(open_.county, "u1-b1", "farmer", 4)
    page = open_.at("u1-b1").get(branch_page(open_, "ballot/farmer")).text
    listed = re.findall(r'<tr><th scope="row">([^<]+)<input', page)
    assert listed == sorted(listed, key=stroke_key) and len(listed) == 4


def test_an_error_stands_below_its_own_line(open_: CountySite) -> None:
    apply(open_.county, "u1-b1", "farmer", 2)
    typed = figures([(9, 2), (8, 4)]) | {"candidates[0].abstain": "0", "candidates[1].abstain": "5"}
    answer = enter_ballot(open_.at("u1-b1"), branch_page(open_, "ballot/farmer"), typed)
    assert answer.status_code == 422
    below = answer.text.split('<tr class="row-errors"><td colspan="4">')
    assert len(below) == 3 and all("与有效票 12 张不符" in part.split("</tr>")[0] for part in below[1:])


def by_places(at: CountySite, places: int) -> None:
    """The rule gives places, the unit sets them at its own page."""
    with at.county.acting("office") as act:
        set_rule(act, at.county.congress_id, "branch_places", "places")
    name = f"places-{at.county.branches['u1-b1']}-{at.county.categories['farmer']}"
    done = at.at("u1").post(at.page("/units/u1/places"), {name: str(places)}, follow_redirects=True)
    assert "推选名额已保存" in done.text and f'name="{name}" value="{places}"' in done.text


def figures(votes: list[tuple[int, int]], **change: str) -> dict[str, str]:
    typed = {
        "held_on": "2031-03-03", "electors.expected": "12", "electors.present": "12", "ballots.issued": "12",
        "ballots.returned": "12", "ballots.valid": "12", "ballots.spoiled": "0", **change,
    }  # fmt: skip
    for place, (for_, against) in enumerate(votes):
        typed |= {
            f"candidates[{place}].for": str(for_), f"candidates[{place}].against": str(against),
            f"candidates[{place}].abstain": str(12 - for_ - against),
        }  # fmt: skip
    return typed


def test_a_tie_across_the_last_place_asks_for_another_ballot_on_the_tied_alone(open_: CountySite) -> None:
    apply(open_.county, "u1-b1", "farmer", 3)
    by_places(open_, 2)
    clerk, address = open_.at("u1-b1"), branch_page(open_, "ballot/farmer")
    assert "推选名额 2 名" in clerk.get(address).text
    enter_ballot(clerk, address, figures([(7, 5), (10, 2), (7, 5)]))
    assert "2 人得票相等，须再次投票" in clerk.get(branch_page(open_)).text
    page = clerk.get(address).text
    assert "只就他们再次投票，得票多的 1 人" in page and page.count('name="candidates[') == 6
    assert "推选结果已登记" in enter_ballot(clerk, address, figures([(4, 8), (5, 7)]), follow_redirects=True).text
    assert sorted(states(open_)) == ["not_nominated", "preliminary", "preliminary"]


def test_votes_stay_with_the_person_beside_whom_they_were_typed(open_: CountySite) -> None:
    first, second = members_of(open_.county, "u1-b1", "farmer")[:2]
    ids = {}
    clerk, address = open_.at("u1-b1"), branch_page(open_, "ballot/farmer")
    for member in (second, first):
        clerk.post(branch_page(open_, "applications"), {"member": member, "source": "self"})
        with open_.county.reading() as session:
            ids |= {line.member_id: line.id for line in applications(session, open_.county.congress_id)}
    typed = figures([(9, 3)]) | {"applicant": [str(ids[second])]}
    answer = clerk.post(address, typed)  # from a page that was made before the other one stood
    assert answer.status_code == 422 and "报名情况已有变化" in answer.text
    row = answer.text.split(f'name="applicant" value="{ids[second]}"')[1].split("</tr>")[0]
    assert 'value="9"' in row and 'value="3"' in row
    assert 'value="9"' not in answer.text.split(f'name="applicant" value="{ids[first]}"')[1].split("</tr>")[0]
    assert clerk.post(address, figures([(9, 3), (1, 11)])).status_code == 422  # no page at all
    assert states(open_) == ["applied", "applied"]


def test_places_are_asked_for_in_words(open_: CountySite) -> None:
    apply(open_.county, "u1-b1", "farmer", 1)
    with open_.county.acting("office") as act:
        set_rule(act, open_.county.congress_id, "branch_places", "places")
    answer = enter_ballot(open_.at("u1-b1"), branch_page(open_, "ballot/farmer"), figures([(12, 0)]))
    assert answer.status_code == 422 and "推选名额还没有确定" in answer.text
    name = f"places-{open_.county.branches['u1-b1']}-{open_.county.categories['farmer']}"
    assert "推选名额至少为 1" in open_.at("u1").post(open_.page("/units/u1/places"), {name: "两个"}).text


def test_another_person_corrects_a_ballot_with_a_reason(open_: CountySite) -> None:
    ids = apply(open_.county, "u1-b1", "farmer", 2)
    ballot(open_.county, "u1-b1", "farmer", ids, [12, 6])
    with open_.county.reading() as session:
        number = session.scalars(select(BranchBallot.id)).one()
    address = branch_page(open_, f"ballots/{number}/correct")
    assert address not in open_.at("u1-b1").get(branch_page(open_)).text  # the branch's clerk recorded it
    assert open_.at("u1-b1").get(address).status_code == 403
    clerk = open_.at("u1")
    assert address in clerk.get(branch_page(open_)).text
    assert 'value="12"' in clerk.get(address).text
    wrong = enter_ballot(clerk, address, figures([(6, 6), (12, 0)], reason=""))
    assert wrong.status_code == 422 and "请写明更正的理由" in wrong.text
    done = enter_ballot(clerk, address, figures([(6, 6), (12, 0)], reason="两人票数抄反"), follow_redirects=True)
    assert "推选结果已更正" in done.text and "两人票数抄反" in done.text
    assert states(open_) == ["not_nominated", "preliminary"]
    assert clerk.get(address).status_code == 404  # another version is in force


# The workbook


def upload(at: CountySite, data: bytes, who: str = "u1") -> TestResponse:
    form = {"file": (io.BytesIO(data), "汇总表.xlsx")}
    return at.at(who).post(at.page("/branches/workbook"), form, content_type="multipart/form-data")


def test_a_workbook_is_shown_before_it_is_taken_in(open_: CountySite) -> None:
    shown = upload(open_, whole(open_.county))
    assert shown.status_code == 200 and "3 人报名，2 次支部推选" in shown.text
    assert states(open_) == []
    sealed = re.search(r'name="sealed" value="([^"]+)"', shown.text)
    assert sealed is not None
    address = open_.page("/branches/workbook/import")
    other = open_.at("u2").post(address, {"sealed": sealed[1]})
    assert other.status_code == 422 and "请重新上传" in other.text
    with open_.county.acting("office") as act:
        act.session.get_one(Organisation, open_.county.branches["u1-b1"]).name = "改名支部"
    changed = open_.at("u1").post(address, {"sealed": sealed[1]})
    assert changed.status_code == 409 and "请核对后再导入" in changed.text and "改名支部" in changed.text
    assert states(open_) == []
    sealed = re.search(r'name="sealed" value="([^"]+)"', changed.text)
    assert sealed is not None
    done = open_.at("u1").post(address, {"sealed": sealed[1]}, follow_redirects=True)
    assert "已登记 3 人报名、2 次支部推选" in done.text
    assert sorted(states(open_)) == ["not_nominated", "preliminary", "preliminary"]
    again = open_.at("u1").post(address, {"sealed": sealed[1]})
    assert again.status_code == 422 and "在本届已有报名" in again.text


def test_a_bad_workbook_comes_back_as_a_list_of_places(open_: CountySite) -> None:
    answer = upload(open_, whole(open_.county), "u2")
    assert answer.status_code == 422 and "“报名”表第 3 行：" in answer.text
    sealed = re.search(r'name="sealed" value="([^"]+)"', answer.text)
    assert sealed is not None
    address = open_.page("/branches/workbook/faults.xlsx")
    marked = load_workbook(io.BytesIO(open_.at("u2").post(address, {"sealed": sealed[1]}).data))["报名"]
    heads = [cell.value for cell in marked[2]]
    assert heads[-1] == "错误" and all(marked.cell(row, len(heads)).value for row in (3, 4, 5))
    assert "请重新上传" in open_.at("u1").post(address, {"sealed": sealed[1]}).text
    assert "请选择要导入的文件" in open_.at("u1").post(open_.page("/branches/workbook")).text
    assert open_.at("u1").post(open_.page("/branches/workbook/import"), {"sealed": "x"}).status_code == 422


def test_the_template_names_the_person_s_own_branches_only(open_: CountySite) -> None:
    apply(open_.county, "u1-b1", "farmer", 1)
    answer = open_.at("u1").get(open_.page("/branches/workbook/template.xlsx"))
    book = load_workbook(io.BytesIO(answer.data))
    people = {row[0].value for row in book["党员（参考）"].iter_rows(min_row=2)}
    assert people == {"u1-b1", "u1-b2"}
    assert [row[0].value for row in book["支部推选"].iter_rows(min_row=2)] == ["u1-b1"]
    assert open_.at("office").get(open_.page("/branches/workbook/template.xlsx")).status_code == 403
