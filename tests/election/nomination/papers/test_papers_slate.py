"""A unit's slates on paper: by category, each with its kind, version, reason of order and decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from election.contests.models import ContestKind
from election.documents.paper import set_sheets
from election.nomination.papers.slate import Listed, PrintedSlate, Speeches, slate_sheets
from tests.support.paper import pages_of

SOMEONE = Listed(1, "丁一", "女", "1985年5月", "土家族", "大专", "1村党支部", "村民", "种茶二十年。", "愿意出力。")
SLATE = PrintedSlate(
    category="农民",
    kind=ContestKind.CONTESTED,
    round=1,
    seats=1,
    version=1,
    frozen_on=date(2031, 3, 20),
    hash="ab12" * 16,
    order_reason="",
    exempt_by="",
    candidates=(SOMEONE, replace(SOMEONE, position=2, name="欧阳文")),
)


def pages(*printed: PrintedSlate) -> list[str]:
    made = slate_sheets("某县第十四次代表大会", "甲镇", printed)
    return pages_of(set_sheets(made, title="名单", day=date(2031, 3, 20), demo=False).content)


def test_the_list_and_the_introductions_stand_on_sheets_of_their_own() -> None:
    first, second = pages(SLATE)
    assert "代表候选人名单" in first and "农民应选1名，候选人2名" in first and "甲镇2031年3月20日" in first
    assert "代表候选人简介" in second and "1．丁一女，土家族，1985年5月生，大专，1村党支部，村民" in second
    assert (
        "指纹" in first and "指纹" not in second
    )  # a fingerprint that does not cover what they wrote is not put to it
    assert "指纹" in pages(replace(SLATE, introduced_by_hash=True))[1]
    assert "简历和主要事迹种茶二十年。" in second and "自荐（推荐）理由愿意出力。" in second


def test_assigned_leaders_further_rounds_and_versions_are_named() -> None:
    leader = replace(SLATE, category="领导干部", kind=ContestKind.UNCONTESTED, candidates=(SOMEONE,))
    page = pages(leader, replace(SLATE, round=2, version=3))[0]
    assert "领导干部（等额）应选1名，候选人1名" in page and "农民第2轮应选1名，候选人2名，第3版" in page
    assert page.index("领导干部") < page.index("农民") and page.count("名单数据指纹") == 2


def test_why_names_do_not_stand_by_strokes_is_said_where_it_is_so() -> None:
    page = pages(SLATE, replace(SLATE, category="其他", order_reason="“㐀”字笔画待核"))[0]
    assert "不以姓氏笔画为序的理由：“㐀”字笔画待核。" in page and "未注明的，候选人以姓氏笔画为序" in page
    assert "未注明的" not in pages(SLATE)[0]


def test_a_cell_that_may_be_uncontested_names_the_decision() -> None:
    page = pages(replace(SLATE, exempt_by="经某县委〔2031〕5号（2031年3月18日）决定。", candidates=(SOMEONE,)))[0]
    assert "等额：经某县委〔2031〕5号（2031年3月18日）决定。" in page


def test_a_list_that_is_not_settled_bears_no_day() -> None:
    page = pages(SLATE, replace(SLATE, category="其他", frozen_on=None, hash="", candidates=()))[0]
    assert "尚未确定" in page and "2031年3月20日" not in page and "还没有候选人。" in page


def test_the_order_of_speeches_can_be_drawn_again_from_the_paper() -> None:
    drawn = Speeches(("欧阳文", "丁一"), "第一声鸟叫", "监票人甲", "2031年3月25日")
    found = pages(replace(SLATE, speeches=drawn), replace(SLATE, category="其他"))
    assert "1欧阳文2丁一2031年3月25日抽签；抽签数：第一声鸟叫；由监票人甲在会场报数。" in found[-1]
    assert "抽签数|编号|姓名" in found[-1] and "其他" not in found[-1]
    assert "由" not in pages(replace(SLATE, speeches=replace(drawn, witness="")))[-1].partition("鸟叫")[2][:2]


def test_thirty_candidates_of_a_category_go_on_over_the_pages_under_their_head() -> None:
    many = [replace(SOMEONE, position=at, name=f"王{at}") for at in range(1, 61)]
    found = pages(replace(SLATE, candidates=many))
    lists = [page for page in found if "序号姓名性别" in page]
    assert len(lists) > 1 and "王60" in lists[-1]
    assert all(f"{at}．王{at}" in "".join(found) for at in range(1, 61))


def test_the_few_candidates_of_a_category_stand_on_one_page() -> None:
    people = [replace(SOMEONE, position=at, name=f"王{at}", post="村民委员会主任" * 3) for at in range(1, 4)]
    printed = [
        replace(
            SLATE, category=f"类别{place}", candidates=[replace(one, name=f"{one.name}之{place}") for one in people]
        )
        for place in range(10, 22)
    ]
    lists = [page for page in pages(*printed) if "代表候选人名单" in page and "简介" not in page]
    assert len(lists) > 1
    for place in range(10, 22):
        assert len([page for page in lists if any(f"王{at}之{place}" in page for at in range(1, 4))]) == 1
