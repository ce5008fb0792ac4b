"""Blank count forms in the order of the screen, and the scrutineers' report: every part, the exact sums, what follows."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import select

from election.congress.models import Congress, Unit
from election.contests.models import ContestKind, Round, RoundKind
from election.contests.outcome import OutcomeStatus, WriteInRule
from election.count.models import Result
from election.count.operations_follow_up import agree, propose_round
from election.count.operations_scrutiny import withdraw_confirmation
from election.count.papers_form import (
    BAND_DEEP,
    FIRST_DEEP,
    BlankForm,
    FormSection,
    _dealt,
    form_sheet,
    tally_sheets,
)
from election.count.papers_report import report_sheets
from election.count.papers_report_facts import (
    CountedContest,
    CountedVote,
    Marked,
    Part,
    Ranked,
    Report,
    Vacancy,
)
from election.count.queries_papers import forms_paper, tally_paper
from election.count.queries_report import report_facts, report_paper
from election.documents.paper import Paper, in_fours, set_sheets
from election.errors import NotFound
from election.meeting.models import MeetingOfficer
from election.meeting.models_evening import FollowUpKind, SpoiledKind
from election.meeting.operations_officers import dismiss_officer
from election.meeting.queries_papers import ballots_paper
from election.rules import RULES
from election.store.audit import canonical
from tests.support.evening import SCRUTINEERS, TELLERS, Evening
from tests.support.paper import pages_of, squeezed

DAY = date(2031, 3, 25)
# 28 present of 30 expected: 16 votes are needed. Farmers have two seats and three candidates, others one of two.
TIE = {"农民": [24, 16, 16], "其他基层": [20, 8]}


def printed(*sheets: dict[str, Any]) -> str:
    return "".join(pages_of(set_sheets(sheets, title="样张", day=DAY, demo=False).content))


# Count forms

SECTION = FormSection(
    "农民", ContestKind.CONTESTED, RoundKind.ORDINARY, 2, ("丁一", "王二", "欧阳文"), WriteInRule.AGAINST
)
FORM = BlankForm("某县第十四次代表大会", "甲镇", "镇政府礼堂", 1, "07-1-1", 1, (SECTION,))


def test_a_form_asks_for_what_the_screen_asks_for_in_its_order() -> None:
    page = printed(form_sheet(FORM))
    places = [page.index(word) for word in ("应到会", "实到会", "农民代表", "发出", "收回", "有效", "无效", "序姓名")]
    assert places == sorted(places)
    assert "序姓名赞成不赞成弃权合计＝有效1丁一2王二3欧阳文另选－－－另选－－－小计" in page
    assert "编号07-1-1" in page and "第1组" in page and "第1次" in page


def test_a_form_has_no_line_for_other_names_where_the_rule_knows_none() -> None:
    assert "另选－" not in printed(form_sheet(replace(FORM, sections=(replace(SECTION, write_in=WriteInRule.OFF),))))


def test_the_two_contests_of_a_category_and_a_later_vote_are_told_apart() -> None:
    leader = replace(SECTION, kind=ContestKind.UNCONTESTED, seats=1, candidates=("丁一",))
    page = printed(form_sheet(replace(FORM, sections=(leader, SECTION))))
    assert page.index("农民代表（等额）") < page.index("农民代表（差额）")
    again = replace(SECTION, round_kind=RoundKind.TIE_BALLOT)
    assert "农民代表（再次投票）应选2名" in printed(form_sheet(replace(FORM, sections=(again,))))


def test_every_form_is_a_sheaf_of_its_own_with_its_number_on_every_page() -> None:
    sections = [replace(SECTION, category=f"类别{place}") for place in range(8)]
    forms = [form_sheet(replace(FORM, number=number, sections=sections)) for number in ("07-1-1", "07-1-2")]
    pages = pages_of(set_sheets(forms, title="样张", day=DAY, demo=False).content)
    each = len(pages) // 2
    assert each > 2 and len(pages) == 2 * each
    for at, page in enumerate(pages):
        assert f"编号07-1-{at // each + 1}" in page and f"第{at % each + 1}页共{each}页" in page


def test_a_table_that_goes_on_over_the_page_says_whose_it_is() -> None:
    many = replace(SECTION, candidates=[f"王{place}" for place in range(1, 41)])
    pages = pages_of(
        set_sheets([form_sheet(replace(FORM, sections=(many,)))], title="样张", day=DAY, demo=False).content
    )
    assert len(pages) == 2 and all("姓名农民代表" in page for page in pages)


def test_a_later_vote_is_told_in_large_type_and_the_first_is_not() -> None:
    later = replace(FORM, vote=2)
    assert "计票单第2次投票" in printed(form_sheet(later)) and "计票底稿农民代表第2次投票" in printed(
        *tally_sheets(later)
    )
    assert "次投票" not in printed(form_sheet(FORM), *tally_sheets(FORM))


def test_votes_are_marked_as_they_are_called_on_a_sheet_of_each_contest() -> None:
    other = replace(SECTION, category="工人", candidates=["张四"], write_in=WriteInRule.OFF)
    farmers, workers = tally_sheets(replace(FORM, sections=(SECTION, other)))
    page = printed(farmers)
    assert "计票底稿农民代表" in page and "计票单编号：07-1-1" in page and "编号07" not in page
    assert "序姓名赞成（画“正”字）计不赞成计弃权计1丁一2王二3欧阳文另选－－－－另选－－－－" in page
    assert "工人" not in page and "另选" not in printed(workers)
    # Whoever may get every vote has room for it; a name that was written in has a line.
    eight = replace(FORM, sections=(replace(SECTION, candidates=[f"王{place}" for place in range(8)]),))
    few, many = (tally_sheets(replace(eight, votes=votes))[0]["blocks"][0]["deep"] for votes in (30, 300))
    assert len(few) == len(many) == 10 and many[0] > few[0] and few[-1] >= many[-1] == 9


def test_a_form_says_nothing_of_other_names_where_none_may_be_written_in() -> None:
    alone = replace(SECTION, round_kind=RoundKind.TIE_BALLOT, write_in=WriteInRule.OFF)
    assert "另选" not in printed(form_sheet(replace(FORM, sections=(alone,))))
    assert "另选他人不够填写的，另附一页。" in printed(form_sheet(replace(FORM, sections=(alone, SECTION))))


@pytest.mark.parametrize("vote", [1, 2])
@pytest.mark.parametrize("votes", [60, 370, 700])
@pytest.mark.parametrize(("standing", "seats"), [(4, 2), (5, 4), (7, 5), (10, 7), (14, 10)])
def test_no_tally_sheet_is_begun_for_other_names_alone_where_a_little_less_room_saves_it(
    standing: int, seats: int, votes: int, vote: int
) -> None:
    people = [f"王{place}" for place in range(1, standing + 1)]
    one = replace(SECTION, seats=seats, candidates=people)
    (made,) = tally_sheets(replace(FORM, vote=vote, votes=votes, sections=(one,)))
    deep = made["blocks"][0]["deep"]
    assert len(deep) == standing + seats and min(deep[:standing]) >= 11 and min(deep) >= 9
    pages = pages_of(set_sheets([made], title="样张", day=DAY, demo=False).content)
    shown = [sum(page.count(f"{place}王{place}") for place in range(1, standing + 1)) for page in pages]
    # What is reckoned beforehand is what the typesetter does: no sheet more.
    assert len(pages) <= len(_dealt(deep, FIRST_DEEP - (BAND_DEEP if vote > 1 else 0))), shown


def test_a_unit_of_seven_hundred_tallies_four_candidates_on_one_sheet() -> None:
    """At their full room the two lines for other names would stand on a sheet of their own."""
    four = replace(SECTION, candidates=[f"王{place}" for place in range(1, 5)])
    sheets = tally_sheets(replace(FORM, votes=744, sections=(four,)))
    assert len(pages_of(set_sheets(sheets, title="样张", day=DAY, demo=False).content)) == 1


def of(evening: Evening, paper: Callable[..., Any], *given: Any, **options: Any) -> Any:
    with evening.county.reading() as session:
        congress = session.get_one(Congress, evening.county.congress_id)
        unit = session.get_one(Unit, evening.county.units["u1"])
        return paper(session, congress, unit, evening.meetings["u1"], *given, **options)


def text_of(paper: Paper) -> str:
    return "".join(pages_of(paper.content))


def test_the_printed_form_is_the_one_that_its_number_opens(counting: Evening) -> None:
    page = text_of(of(counting, forms_paper, 1, demo=False))
    sheet = counting.sheet("u1")
    assert f"编号{sheet.number}" in page
    for section in sheet.sections:
        names = "".join(f"{place}{squeezed(one.name)}" for place, one in enumerate(section.candidates, 1))
        assert f"{section.category}代表" in page and names in page
    assert page.index(f"{sheet.sections[0].category}代表") < page.index(f"{sheet.sections[1].category}代表")
    tally = text_of(of(counting, tally_paper, 1, demo=False))
    assert all(f"计票底稿{section.category}代表" in tally for section in sheet.sections)
    assert f"计票单编号：{sheet.number}" in tally


# The report

RANKED = [
    Ranked("c1", "丁一", 26, 2, 0, Result.ELECTED),
    Ranked("c2", "王二", 15, 13, 0, Result.NOT_ELECTED),
    Ranked("w:马三", "马三", 3, None, None, Result.NOT_ELECTED),
]
PARTS = [
    Part("礼堂", "07-1-1", 20, 20, 19, 1, [Marked("c1", "丁一", 18, 1, 0), Marked("c2", "王二", 10, 9, 0)]),
    Part("流动票箱", "07-2-1", 9, 9, 9, 0, [
        Marked("c1", "丁一", 8, 1, 0), Marked("c2", "王二", 5, 4, 0), Marked("w:马三", "马三", 3, None, None),
    ]),
]  # fmt: skip
CONTEST = CountedContest(
    category="农民",
    kind=ContestKind.CONTESTED,
    round_kind=RoundKind.ORDINARY,
    seats=2,
    void=False,
    status=OutcomeStatus.SHORTFALL,
    version=1,
    issued=29,
    returned=29,
    valid=28,
    spoiled=1,
    votes_needed=16,
    tied_seats=0,
    shortfall=1,
    lines=RANKED,
    parts=PARTS,
    spoiled_by_kind={SpoiledKind.TORN: 1},
    vacancy=None,
)
REPORT = Report(
    congress="某县第十四次代表大会",
    unit="甲镇",
    meeting=1,
    held_on=DAY,
    counted_on=DAY,
    place="礼堂",
    expected=30,
    venues=[("礼堂", 20), ("流动票箱", 9)],
    votes=[CountedVote(1, 29, [CONTEST])],
    scrutineers=["张甲", "李乙"],
    tellers=["钱丙", "孙丁"],
    corrections=[],
    chair="周戊",
    rules={rule.name: rule.default for rule in RULES},
    facts={},
    hash="ab12" * 16,
)


def reported(contest: CountedContest = CONTEST, **changed: Any) -> str:
    return printed(*report_sheets(replace(REPORT, **({"votes": [CountedVote(1, 29, [contest])]} | changed))))


def test_every_venue_stands_in_view_with_the_exact_sum_below() -> None:
    page = reported()
    assert "礼堂（07-1-1）2020191流动票箱（07-2-1）9990合计2929281" in page and "小计" not in page
    assert "赞成/不赞成/弃权07-1-107-2-1合计丁一18/1/08/1/026/2/0" in page and "马三－33" in page
    # It is annexed to what is read aloud and signed.
    assert (
        page.index("发出29收回29有效28无效1")
        < page.index("监票人张甲")
        < page.index("附件各会场")
        < page.index("07-1-1")
    )
    assert "各会场实到礼堂20人；流动票箱9人；合计29人" in page


def test_the_figures_of_a_handful_and_of_whoever_would_leave_them_over_stand_in_the_sum_alone() -> None:
    page = reported(replace(CONTEST, parts=[replace(one, valid=None, spoiled=None, marks=[]) for one in PARTS]))
    assert "礼堂（07-1-1）2020－－流动票箱（07-2-1）99－－合计2929281" in page and "为保证无记名投票" in page
    assert "丁一2620" in page and "18/1/0" not in page
    assert "为保证无记名投票" not in reported()


def test_the_groups_of_one_venue_have_their_own_sum_beside_the_whole() -> None:
    page = reported(replace(CONTEST, parts=[*PARTS, replace(PARTS[1], where="礼堂", number="07-1-2")]))
    assert "礼堂（07-1-1）2020191礼堂（07-1-2）9990礼堂小计2929281流动票箱（07-2-1）" in page


def test_many_forms_stand_below_one_another_with_the_sum_at_the_end() -> None:
    parts = [replace(PARTS[1], where=f"会场{place}", number=f"07-{place}-1") for place in range(1, 7)]
    page = reported(replace(CONTEST, parts=parts))
    assert "弃权07-1-107-2-107-3-1丁一" in page and "弃权07-4-107-5-107-6-1合计丁一" in page


def test_one_venue_shows_nothing_extra() -> None:
    page = reported(replace(CONTEST, parts=PARTS[:1]), venues=[("礼堂", 29)])
    assert "附件" not in page and "各会场" not in page


def test_who_is_elected_stands_first_by_strokes_with_the_seats_that_are_filled_and_open() -> None:
    tied = [Ranked(f"c{each}", name, 16, 12, 0, Result.TIED) for each, name in ((2, "王二"), (3, "马三"))]
    ordinary = replace(CONTEST, seats=3, lines=[RANKED[0], *tied], parts=[], tied_seats=1, shortfall=0)
    again = [replace(tied[0], result=Result.ELECTED), replace(tied[1], result=Result.NOT_ELECTED)]
    second = replace(ordinary, round_kind=RoundKind.TIE_BALLOT, seats=1, lines=again, votes_needed=None)
    leader = replace(ordinary, category="领导干部", seats=1, lines=[], status=None, void=True, issued=28, returned=29)
    votes = [CountedVote(1, 29, [leader, ordinary]), CountedVote(2, 28, [second])]
    page = reported(votes=votes)
    assert "类别应选已选出尚缺当选代表领导干部101－农民321丁一、王二合计422" in page
    assert page.index("当选代表名单") < page.index("第1次投票")
    left = replace(second, vacancy=Vacancy(1, 20, 30, "候选人不足", "", None))
    assert "农民32缺额1丁一、王二" in reported(votes=[votes[0], CountedVote(2, 28, [left])])


def test_names_stand_by_votes_and_written_in_names_say_so() -> None:
    page = reported(replace(CONTEST, parts=PARTS[:1]))
    assert "丁一2620当选王二15130未当选马三3－－未当选（另选他人）" in page
    assert "须达到16票。丁一共1人当选。" in page and "无效票：残缺、损毁1张。" in page


@pytest.mark.parametrize("before", range(14))
def test_no_row_stands_alone_where_a_table_goes_on_over_the_page(before: int) -> None:
    """Wherever the page ends, at least two of a long table's names go on together."""
    short = replace(CONTEST, category="工人", lines=RANKED[:1], parts=[])
    people = [Ranked(f"c{each}", f"王{each}号", 20, 8, 0, Result.NOT_ELECTED) for each in range(1, 13)]
    long = replace(CONTEST, lines=people, parts=[])
    venues = [(f"第{each}会场" * 2, 1) for each in range(before * 3)]
    sheets = report_sheets(replace(REPORT, votes=[CountedVote(1, 29, [short, short, long])], venues=venues))
    for page in pages_of(set_sheets(sheets, title="样张", day=DAY, demo=False).content):
        assert sum(f"王{each}号20" in page for each in range(1, 13)) != 1


def test_spoiled_ballots_of_which_nobody_said_the_kind_are_told_apart() -> None:
    page = reported(replace(CONTEST, spoiled=3, valid=26))
    assert "无效票：残缺、损毁1张；监票人没有按种类认定的2张。" in page
    assert "没有按种类认定" not in reported()


def test_what_is_missing_is_said_with_what_follows() -> None:
    assert "当选人少于应选名额1名，应当另行选举。" in reported()
    tied = replace(
        CONTEST,
        status=OutcomeStatus.TIE,
        tied_seats=1,
        shortfall=0,
        lines=[RANKED[0], *(Ranked(f"c{each}", f"王{each}", 16, 12, 0, Result.TIED) for each in (2, 3))],
    )
    assert "王2、王3得票相等，尚缺1名，应当再次投票。" in reported(tied)
    assert "应当抽签决定" in reported(tied, rules={**REPORT.rules, "tie_at_cut": "lot"})
    vacancy = Vacancy(1, 20, 30, "候选人不足。", "甲镇〔2031〕1号", DAY)
    left = reported(replace(CONTEST, vacancy=vacancy))
    assert "缺额1名，经应到会30人中20人同意不再选举（甲镇〔2031〕1号，2031年3月25日），理由：候选人不足。" in left
    assert "应当另行选举" not in left


def test_a_void_vote_and_one_that_is_not_counted_have_no_figures() -> None:
    void = reported(replace(CONTEST, void=True, status=None, issued=28, returned=29, lines=[], parts=[]))
    assert "收回选票29张，多于发出的28张，选举无效" in void and "会场（计票单）" not in void
    venues = [("礼堂", 20, 21), ("第二会场", 8, 8)]
    assert "礼堂2021第二会场88合计2829" in reported(
        replace(CONTEST, void=True, status=None, issued=28, returned=29, lines=[], parts=[], by_venue=venues)
    )
    waiting = replace(CONTEST, status=None, lines=[], parts=[])
    assert "还没有确认计票结果。" in reported(waiting)
    assert not replace(REPORT, votes=[CountedVote(1, 29, [waiting])]).complete and REPORT.complete


def test_officers_sign_by_name_and_the_fingerprint_stands_in_groups_of_four() -> None:
    page = reported()
    for who in ("监票人张甲：", "监票人李乙：", "计票人钱丙：", "计票人孙丁：", "主持人周戊："):
        assert who in page
    assert f"监票数据指纹（SHA-256）{REPORT.hash}" in page


def test_a_report_before_anything_is_confirmed_is_not_found(counting: Evening) -> None:
    with pytest.raises(NotFound, match=r"^papers\.not_counted$"):
        of(counting, report_paper, demo=False)


def test_the_report_follows_the_evening_and_its_fingerprint_is_of_its_data(counting: Evening) -> None:
    counting.count("u1", TIE)
    first = of(counting, report_paper, demo=False)
    assert first == of(counting, report_paper, demo=False) and "计票未完" not in text_of(first)
    facts = of(counting, report_facts)
    assert squeezed(in_fours(sha256(canonical(facts)).hexdigest())) in text_of(first)
    assert json.loads(canonical(facts)) == facts and facts["votes"][0]["contests"][0]["status"] == "tie"
    assert "得票相等，尚缺1名，应当再次投票。" in text_of(first) and "监票人经办scrutineer-1：" in text_of(first)
    # Whoever counted and watched stays on it, whoever holds the office afterwards.
    with counting.county.acting("u1") as act:
        rows = act.session.scalars(select(MeetingOfficer).where(MeetingOfficer.meeting_id == counting.meetings["u1"]))
        people = [counting.county.people[who].person_id for who in (TELLERS[0], TELLERS[2])]
        for row in rows.all():
            if row.person_id in people:
                dismiss_officer(act, row.id, "身体不适")
    assert of(counting, report_facts) == facts
    # The tie ballot of the same evening stands on the same report, unfinished until it is counted.
    round_id = counting.round_of("u1", "farmer")
    with counting.county.reading() as session:
        contest = session.get_one(Round, round_id).contest_id
    with counting.county.acting("u1") as act:
        proposed = propose_round(act, contest, FollowUpKind.TIE_BALLOT).id
    with counting.county.acting(SCRUTINEERS[0]) as act:
        agree(act, proposed)
    second = text_of(of(counting, report_paper, demo=False))
    assert "计票未完" in second and "第2次投票" in second and "农民（差额·再次投票）" in second
    # Its paper has a number of its own and knows no other names.
    ballots = pages_of(of(counting, ballots_paper, 2, masters=True, demo=False).content)
    assert "实到会28人，每种选票至少印制30张" in ballots[0] and ballots[1].count("第2次投票") == 4
    form = text_of(of(counting, forms_paper, 2, demo=False))
    assert "编号01-1-1-2" in form and "另选－" not in form and "农民代表（再次投票）" in form


def test_a_correction_stands_on_the_report_with_two_names_and_its_reason(counting: Evening) -> None:
    counting.count("u1", TIE)
    before = of(counting, report_facts)
    for who in SCRUTINEERS:
        with counting.county.acting(who) as act:
            withdraw_confirmation(act, counting.form_id("u1"), "抄错一行")
    with pytest.raises(NotFound, match=r"^papers\.not_counted$"):  # nothing of it stands meanwhile
        of(counting, report_paper, demo=False)
    counting.count("u1", TIE | {"农民": [24, 17, 15]}, by=TELLERS[2:])
    page = text_of(of(counting, report_paper, demo=False))
    assert "更正：计票单01-1-1第2版，理由：抄错一行；申请人经办scrutineer-1，同意人经办scrutineer-2。" in page
    assert "应选2名，第2版（更正）" in page and before["corrections"] == []
