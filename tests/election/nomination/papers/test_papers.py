"""The papers of nomination from stored counties: each says what was recorded, the same whenever it is printed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from election.congress.models import Congress, Unit
from election.congress.rules_in_force import set_rule
from election.documents.paper import Paper, in_fours
from election.errors import Refused
from election.nomination.applying.operations import Nomination, submit_application, withdraw_application
from election.nomination.branch.operations import correct_branch_ballot
from election.nomination.branch.operations_places import set_branch_places
from election.nomination.lifecycle import ApplicationState
from election.nomination.models import Application, BranchBallot, Slate, Source
from election.nomination.models_review import Verdict
from election.nomination.papers.queries import application_paper, blank_application_paper, proposal_paper, review_paper
from election.nomination.papers.queries_branch import ballot_paper
from election.nomination.papers.queries_slate import slates_paper
from election.nomination.reviewing.operations_proposal import put_forward, take_back
from election.nomination.reviewing.operations_review import record_opinions, review_application
from election.nomination.reviewing.review import CriterionFinding
from election.nomination.slates.operations_speeches import commit_half, draw_speeches
from election.texts import chinese_date
from tests.support.county import County
from tests.support.nominating import LONG, apply, ballot, freeze, hear, line, members_of, pass_reviews, totals
from tests.support.paper import pages_of, squeezed


def printed(county: County, paper: Callable[..., Paper], *place: Any, demo: bool = False) -> Paper:
    """`place` begins with a unit's code where the paper is of a unit."""
    with county.reading() as session:
        congress = session.get_one(Congress, county.congress_id)
        found = [session.get_one(Unit, county.units[one]) if isinstance(one, str) else one for one in place]
        made = paper(session, congress, *found, demo=demo)
        assert made == paper(session, congress, *found, demo=demo)
        return made


def text_of(county: County, paper: Callable[..., Paper], *place: Any) -> str:
    return "".join(pages_of(printed(county, paper, *place).content))


def ballot_of(county: County, category: str = "farmer") -> int:
    """The latest ballot on a category."""
    with county.reading() as session:
        wanted = select(BranchBallot.id).where(BranchBallot.category_id == county.categories[category])
        return session.scalars(wanted.order_by(BranchBallot.id.desc())).first() or 0


def names_of(county: County, *applications: int) -> list[str]:
    with county.reading() as session:
        return [session.get_one(Application, one).member.person.name for one in applications]


# 报名表


def test_the_form_of_an_applicant_is_filled_from_the_record(county: County) -> None:
    member = members_of(county, "u1-b1", "farmer")[0]
    with county.acting("u1-b1") as act:
        said = Nomination(statement="愿意为大家说话。", career="种茶二十年。\n任村民小组长。")
        row = submit_application(act, county.congress_id, member, county.categories["farmer"], said)
        number = row.id
    found = printed(county, application_paper, county.branches["u1-b1"], number)
    (page,) = pages_of(found.content)
    person = county.person_of(member)
    assert person.name in page and found.name == f"代表候选人报名表 {person.name}"
    assert "1985年5月" in page and "2010年7月" in page and "50岁以下" in page
    assert "√农民" in page and "√个人自荐" in page and page.count("√") == 2
    assert "种茶二十年。任村民小组长。" in page and "愿意为大家说话。" in page


def test_a_joint_nomination_carries_its_signers(county: County) -> None:
    first, *others = county.members("u1-b1")
    category = county.categories["leader"]
    with county.acting("u1-b1") as act:
        said = Nomination(source=Source.JOINT, signers=tuple(others[:10]))
        row = submit_application(act, county.congress_id, first, category, said)
        number = row.id
    form, joint = pages_of(printed(county, application_paper, county.branches["u1-b1"], number).content)
    assert "√党员联名推荐" in form and "党员10人联名，见联名推荐表" in form and "代表候选人联名推荐表" in joint
    assert all(county.person_of(one).name in joint for one in others[:10])
    assert county.person_of(others[10]).name not in joint
    assert "须有10人以上" in joint


def test_a_form_is_found_in_its_own_branch_only(county: County) -> None:
    (number,) = apply(county, "u1-b1", "farmer", 1)
    with pytest.raises(Refused) as refused:
        printed(county, application_paper, county.branches["u2-b1"], number)
    assert refused.value.code == "application.none"


def test_the_blank_form_offers_what_the_rules_offer(county: County) -> None:
    form, joint = pages_of(printed(county, blank_application_paper, demo=True).content)
    assert all(name in form for name in ("领导干部", "农民", "其他基层", "个人自荐", "群众推荐")) and "√" not in form
    assert "12345678910" in joint and "演示" in form and "演示" in joint


# 支部推选结果报告单


def test_the_report_of_a_branch_says_what_was_counted_and_who_goes_on(county: County) -> None:
    ids = apply(county, "u1-b1", "farmer", 3)
    ballot(county, "u1-b1", "farmer", ids, [5, 12, 7])
    names = names_of(county, *ids)
    found = printed(county, ballot_paper, county.branches["u1-b1"], ballot_of(county))
    (page,) = pages_of(found.content)
    assert "第1镇1村党支部" in page and "121212121212"[:10] in page
    # By votes, as on every counting sheet.
    assert page.index(f"{names[1]}1200列为初步人选") < page.index(f"{names[2]}750列为初步人选")
    assert f"{names[0]}570未列为初步人选" in page
    assert "须达到7票" in page and f"{names[1]}、{names[2]}共2人列为初步人选。" in page
    assert "不少于应到会的五分之四（基层条例）" in page and "支部书记：" in page and "更正" not in page


def test_a_corrected_report_says_why_and_the_one_before_is_marked(county: County) -> None:
    ids = apply(county, "u1-b1", "farmer", 2)
    ballot(county, "u1-b1", "farmer", ids, [12, 3])
    wrong = ballot_of(county)
    before = text_of(county, ballot_paper, county.branches["u1-b1"], wrong)
    with county.acting("u1") as act:
        correct_branch_ballot(act, wrong, totals=totals([12, 8], ids), reason="抄错一行")
    right = text_of(county, ballot_paper, county.branches["u1-b1"], ballot_of(county))
    assert "第2版（更正）" in right and "更正理由：抄错一行" in right and "已更正" not in right
    after = text_of(county, ballot_paper, county.branches["u1-b1"], wrong)
    assert "已更正" in after and "已更正" not in before
    assert "没有人" not in after and "共1人列为初步人选" in after


def test_a_report_is_found_in_its_own_branch_only(county: County) -> None:
    ids = apply(county, "u1-b1", "farmer", 1)
    ballot(county, "u1-b1", "farmer", ids, [1])
    assert "没有人列为初步人选。" in text_of(county, ballot_paper, county.branches["u1-b1"], ballot_of(county))
    with pytest.raises(Refused) as refused:
        printed(county, ballot_paper, county.branches["u1-b2"], ballot_of(county))
    assert refused.value.code == "branch_ballot.none"


def test_a_tie_across_the_last_place_is_told_and_voted_on_again(county: County) -> None:
    with county.acting("office") as act:
        set_rule(act, county.congress_id, "branch_places", "places")
    with county.acting("u1") as act:
        set_branch_places(act, county.congress_id, county.branches["u1-b1"], county.categories["farmer"], 2)
    ids = apply(county, "u1-b1", "farmer", 3)
    ballot(county, "u1-b1", "farmer", ids, [7, 10, 7])
    names = names_of(county, *ids)
    first = text_of(county, ballot_paper, county.branches["u1-b1"], ballot_of(county))
    assert first.count("得票相等，再次投票") == 2 and "名额2名。" in first and "另有2人得票相等，须再次投票。" in first
    ballot(county, "u1-b1", "farmer", [ids[0], ids[2]], [4, 5])
    second = text_of(county, ballot_paper, county.branches["u1-b1"], ballot_of(county))
    assert "第2次推选、得票相等人选再次投票" in second and "得票相等的2人再次投票，取得赞成票多的1人。" in second
    assert second.index(f"{names[2]}570列为初步人选") < second.index(f"{names[0]}480未列为初步人选")


def test_the_fingerprint_of_a_report_is_of_its_figures(county: County) -> None:
    ids = apply(county, "u1-b1", "farmer", 1)
    ballot(county, "u1-b1", "farmer", ids, [12])
    wrong = ballot_of(county)
    with county.acting("u1") as act:
        correct_branch_ballot(act, wrong, totals=totals([11], ids), reason="多计一票")

    def fingerprint(number: int) -> str:
        return text_of(county, ballot_paper, county.branches["u1-b1"], number).partition("推选数据指纹")[2][:64]

    assert len(fingerprint(wrong)) == 64 and fingerprint(wrong) != fingerprint(ballot_of(county))


# 推荐上报表


def test_the_proposal_lists_who_is_put_forward_and_who_is_not_and_why(county: County) -> None:
    ids = apply(county, "u1-b1", "farmer", 3)
    ballot(county, "u1-b1", "farmer", ids, [12, 11, 10])
    with county.acting("u1") as act:
        put_forward(act, county.units["u1"], ids[:2], {ids[2]: "得票最少"})
    text = text_of(county, proposal_paper, "u1", 1)
    names = names_of(county, *ids)
    assert "初步人选2人上报，另有1人不上报" in text and "农民应选1名，候选人不少于2名，本次上报2人" in text
    assert "领导干部应选1名" in text and "本类别没有上报人选。" in text
    assert all(name in text for name in names) and "12/12" in text and "10/12得票最少" in text
    with county.acting("u1-b1") as act:
        withdraw_application(act, ids[0], "本人要求")
    assert "上报后本人退出" in text_of(county, proposal_paper, "u1", 1)
    with county.acting("u1") as act:
        take_back(act, county.units["u1"], ids[1:])
    later = text_of(county, proposal_paper, "u1", 1)
    day = chinese_date(county.now.date())
    assert "初步人选2人上报，另有1人不上报" in later and f"得票最少；{day}撤回" in squeezed(later)
    assert squeezed(later).count(f"{day}撤回") == 2


def test_a_proposal_that_is_none_is_not_found(county: County) -> None:
    with pytest.raises(Refused) as refused:
        printed(county, proposal_paper, "u1", 1)
    assert refused.value.code == "proposal.none"


# 资格审查表


def test_the_review_fills_as_it_goes_on(county: County) -> None:
    (number,) = apply(county, "u1-b1", "farmer", 1)
    ballot(county, "u1-b1", "farmer", [number], [12])
    with county.acting("u1") as act:
        put_forward(act, county.units["u1"], [number])
    blank = text_of(county, review_paper, number)
    assert (
        "政治素质合格" in blank
        and "纪检监察机关" in blank
        and "符合" not in blank.replace("是否符合", "").replace("符合所报类别", "")
    )
    assert "赞成12/12" in blank and "审查通过" not in blank
    with county.acting("office") as act:
        record_opinions(
            act, county.congress_id, "公安机关", [number], Verdict.OBJECTION, "有一次行政处罚", "某公函〔2031〕7号"
        )
    assert "公安机关有不同意见有一次行政处罚某公函〔2031〕7号2031年3月3日" in text_of(county, review_paper, number)
    findings = {"符合所报类别": CriterionFinding(False, "已调离")}
    with county.acting("office") as act:
        review_application(act, number, approved=False, reason="不再务农", findings=findings)
    text = text_of(county, review_paper, number)
    assert "不符合已调离" in text and "审查未通过" in text and "理由：不再务农" in text and "经办office" in text


def test_a_review_that_passed_says_so(county: County) -> None:
    (number,) = apply(county, "u1-b1", "farmer", 1)
    ballot(county, "u1-b1", "farmer", [number], [12])
    pass_reviews(county)
    text = text_of(county, review_paper, number)
    assert text.count("无不同意见") == 2 and "审查通过，列为代表候选人预备人选。" in text


# 候选人名单和简介


def test_slates_in_the_making_are_marked_and_have_no_fingerprint(slated: County) -> None:
    found = printed(slated, slates_paper, "u1")
    for page in pages_of(found.content):
        assert "草稿" in page
    assert "指纹" not in "".join(pages_of(found.content))


def test_frozen_slates_are_printed_as_they_were_frozen_with_their_order_of_speeches(slated: County) -> None:
    slated.wait(LONG)
    freeze(slated, "u1")
    held = line(slated, "u1", "farmer")
    assert held.slate is not None
    with slated.acting("u1") as act:
        commit_half(act, held.slate.id)
        draw_speeches(act, held.slate.id, "春分那天的第一声鸟叫", "监票人甲")
    with slated.acting("office") as act:  # corrected after the freezing
        someone = act.session.get_one(Application, held.candidates[0].application_id)
        someone.career, someone.member.post = "后来改写的简历", "后来改的职务"
    with slated.reading() as session:
        slate = session.get_one(Slate, held.slate.id)
        assert slate.content is not None
        names = [one["name"] for one in slate.content["candidates"]]
        fingerprint = squeezed(in_fours(slate.hash))
    pages = pages_of(printed(slated, slates_paper, "u1").content)
    text = "".join(pages)
    assert "草稿" not in text and fingerprint in pages[0] and text.count("名单数据指纹") == 6
    assert "后来改" not in text and line(slated, "u1", "farmer").candidates == held.candidates
    assert "领导干部（等额）应选1名，候选人1名" in pages[0] and "农民应选1名，候选人2名" in pages[0]
    assert all(f"{at}．{name}" in text for at, name in enumerate(names, 1))
    assert "代表候选人演讲顺序" in pages[-1] and "春分那天的第一声鸟叫；由监票人甲在会场报数" in pages[-1]
    assert "姓氏笔画为序（依据：地方条例第三十条）" in text


def test_a_unit_without_slates_has_no_list(county: County) -> None:
    with pytest.raises(Refused) as refused:
        printed(county, slates_paper, "u1")
    assert refused.value.code == "slate.none"


def test_overlays_are_facts_of_the_record(county: County) -> None:
    """其中: counted, never typed: every third of the county is a woman, all are under fifty."""
    ids = apply(county, "u1-b1", "leader", 2)
    ballot(county, "u1-b1", "leader", ids, [12, 12])
    with county.reading() as session:
        people = {one: session.get_one(Application, one).member.person.sex for one in ids}
    for number, sex in people.items():
        page = text_of(county, application_paper, county.branches["u1-b1"], number)
        assert ("妇女、50岁以下" in page) == (sex == "female")
    assert {ApplicationState.PRELIMINARY} == {one.state for one in _states(county, ids)}


def _states(county: County, ids: list[int]) -> list[Application]:
    with county.reading() as session:
        return list(session.scalars(select(Application).where(Application.id.in_(ids))))


def test_everybody_who_was_heard_stays_on_the_paper_when_the_rule_changes_later(county: County) -> None:
    (number,) = apply(county, "u1-b1", "farmer", 1)
    ballot(county, "u1-b1", "farmer", [number], [12])
    with county.acting("u1") as act:
        put_forward(act, county.units["u1"], [number])
    hear(county, [number])
    assert text_of(county, review_paper, number).count("无不同意见") == 2
