"""Ballots as the rules in force have them marked, and the papers of the hall: agenda, sign-in sheets, ballot records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from election.congress.models import Congress, Unit
from election.congress.rules_in_force import set_rule
from election.contests.models import ContestKind, RoundKind
from election.contests.outcome import WriteInRule
from election.documents.paper import Paper, render, set_sheets
from election.documents.repeating import repeat_pages
from election.errors import NotFound, Refused
from election.meeting.operations_attendance import add_exclusion
from election.meeting.operations_ballots import declare_void, record_ballots
from election.meeting.operations_venues import add_venue
from election.meeting.papers_ballots import (
    LAYOUTS,
    MOST_COPIES,
    SIGNS,
    Ballot,
    MarkRule,
    OnBallot,
    Voters,
    ballot_data,
    how_to_mark,
    in_full,
    order_sheet,
)
from election.meeting.papers_evening import (
    AgendaContest,
    Branch,
    Evening,
    agenda_sheet,
    sign_in_sheet,
)
from election.meeting.queries import voters_of_unit
from election.meeting.queries_papers import ballots_paper
from election.meeting.queries_papers_evening import agenda_paper, issue_paper, sign_in_paper
from election.roster.models import ExclusionReason
from election.rules import BY_NAME
from tests.support.evening import SCRUTINEERS, planned
from tests.support.evening import Evening as County
from tests.support.paper import fonts_of, pages_of, sizes_of, type_sizes

BALLOT = Ballot(
    category="农民",
    position=4,
    kind=ContestKind.CONTESTED,
    round_kind=RoundKind.ORDINARY,
    seats=2,
    candidates=[OnBallot(place, name, "一支部") for place, name in enumerate(("丁一", "王二", "欧阳文"), 1)],
    write_in=WriteInRule.AGAINST,
    by_strokes=True,
)
DAY = date(2031, 3, 25)
EVENING = Evening("某县第十四次代表大会", "甲镇", "2031年3月25日19:00", "地点：镇政府礼堂", 30)


# How a ballot is marked


def test_every_way_of_marking_that_an_office_may_choose_is_explained() -> None:
    assert BY_NAME["marks"].choices is not None
    assert set(BY_NAME["marks"].choices) == {rule.value for rule in MarkRule} == {rule.value for rule in SIGNS}
    told = {rule: "".join(how_to_mark(BALLOT, rule)) for rule in MarkRule}
    assert "赞成的画“○”，不赞成的画“×”，弃权的不画任何符号。" in told[MarkRule.CIRCLE]
    assert "赞成的画“√”，不赞成的画“×”，弃权的画“○”，不画任何符号的视为弃权。" in told[MarkRule.TICK]
    assert "赞成的不画任何符号，不赞成的画“×”，弃权的画“○”。" in told[MarkRule.BLANK_FOR]


def test_marks_up_to_the_seats_are_said_to_be_valid() -> None:
    said = "应选2名，赞成的人数（含另选他人）等于或者少于2名的有效，多于2名的无效"
    assert said in how_to_mark(BALLOT, MarkRule.CIRCLE)[0]
    nobody_else = replace(BALLOT, write_in=WriteInRule.OFF)
    assert said.replace("（含另选他人）", "") in how_to_mark(nobody_else, MarkRule.CIRCLE)[0]


@pytest.mark.parametrize(
    ("rule", "marks", "said"),
    [
        (WriteInRule.AGAINST, MarkRule.CIRCLE, "弃权的，不得另选他人：在“另选他人”栏写明姓名，并在姓名左边画“○”。"),
        (WriteInRule.AGAINST, MarkRule.TICK, "写明姓名，并在姓名左边画“√”。"),
        (WriteInRule.AGAINST, MarkRule.BLANK_FOR, "在“另选他人”栏写明姓名。"),
        (WriteInRule.AGAINST_OR_ABSTAIN, MarkRule.CIRCLE, "不赞成或者弃权的，可以另选他人"),
        (WriteInRule.OFF, MarkRule.CIRCLE, "本次不另选他人。"),
    ],
)
def test_who_may_write_in_another_name_and_how_is_said(rule: WriteInRule, marks: MarkRule, said: str) -> None:
    ballot = replace(BALLOT, write_in=rule)
    assert said in "".join(how_to_mark(ballot, marks))
    assert ballot.write_in_lines == (0 if rule is WriteInRule.OFF else ballot.seats)


def test_one_name_alone_is_not_said_to_stand_in_an_order() -> None:
    def listed(*names: str) -> str:
        standing = [OnBallot(place, name, "") for place, name in enumerate(names)]
        return str(ballot_data("某县", "甲镇", 1, replace(BALLOT, candidates=standing), MarkRule.CIRCLE)["listed"])

    assert listed("丁一") == "候选人姓名（1名）"
    assert listed("丁一", "王二") == "候选人姓名（2名，以姓氏笔画为序）"


@pytest.mark.parametrize(("standing", "seats", "least"), [(1, 1, 9.0), (3, 2, 9.0), (12, 6, 6.0)])
def test_the_explanation_is_in_nine_points_wherever_the_names_leave_room(
    standing: int, seats: int, least: float
) -> None:
    people = [OnBallot(place, f"王{place}", "") for place in range(standing)]
    ballot = replace(BALLOT, seats=seats, candidates=people)
    data = ballot_data("中国共产党某某县第十四次代表大会", "甲镇", 1, ballot, MarkRule.CIRCLE)
    order = order_sheet("某县", "甲镇", 1, [ballot], Voters(30, present=False), 32)
    made = render("ballots", {"sheets": [order], "ballots": [data]}, title="选票", day=DAY, demo=False, tagged=False)
    assert min(type_sizes(made, 1, "署")) >= least


def test_a_tie_ballot_says_so() -> None:
    again = replace(BALLOT, round_kind=RoundKind.TIE_BALLOT, write_in=WriteInRule.OFF)
    assert "再次投票，得票多的当选" in how_to_mark(again, MarkRule.CIRCLE)[0]
    assert ballot_data("某县", "甲镇", 2, again, MarkRule.CIRCLE)["title"] == "代表选举选票（再次投票）"


def test_namesakes_are_told_apart_by_their_branch_and_nobody_else_has_one() -> None:
    people = [OnBallot(1, "王二", "一支部"), OnBallot(2, "王二", "二支部"), OnBallot(3, "丁一", "一支部")]
    assert in_full(people) == ["王二（一支部）", "王二（二支部）", "丁一"]
    names = ballot_data("某县", "甲镇", 1, replace(BALLOT, candidates=people), MarkRule.CIRCLE)["names"]
    assert names == [["王二", "一支部"], ["王二", "二支部"], ["丁一", ""]]


@given(st.integers(1, 60), st.integers(0, 25))
def test_a_ballot_is_on_the_smallest_paper_that_has_room(standing: int, seats: int) -> None:
    ballot = replace(
        BALLOT,
        seats=max(1, seats),
        write_in=WriteInRule.AGAINST if seats else WriteInRule.OFF,
        candidates=[OnBallot(each, f"王{each}", "") for each in range(standing)],
    )
    chosen = ballot.layout
    fitting = [
        (to_a_sheet, columns)
        for to_a_sheet, columns, rows in LAYOUTS
        if -(-standing // columns) + -(-ballot.write_in_lines // columns) <= rows
    ]
    assert chosen == (fitting[0] if fitting else LAYOUTS[-1][:2])
    for copies in (1, 4, 5, 99):
        assert ballot.sheets(copies) * chosen[0] >= copies > (ballot.sheets(copies) - 1) * chosen[0]


@given(st.integers(1, 2000))
def test_spares_are_a_few_in_a_hundred_and_at_least_one(expected: int) -> None:
    spare = Voters(expected, present=False).copies - expected
    assert spare >= 1 and spare * 100 >= expected * 5 > (spare - 1) * 100


# On paper


def of(county: County, paper: Callable[..., Paper], *given: Any, **options: Any) -> Paper:
    with county.county.reading() as session:
        congress = session.get_one(Congress, county.county.congress_id)
        unit = session.get_one(Unit, county.county.units["u1"])
        return paper(session, congress, unit, county.meetings["u1"], *given, demo=False, **options)


def test_a_unit_s_ballots_are_one_a_contest_alike_to_the_last_mark_and_the_same_again(evening: County) -> None:
    planned(evening)
    paper = of(evening, ballots_paper, 1, copies=9)
    assert paper == of(evening, ballots_paper, 1, copies=9) and paper.name == "选票 第1镇"
    order, *ballots = pages_of(paper.content)
    assert "每种选票至少印制9张" in order and "农民（差额）234312" in order and "第1页共1页" in order
    assert len(ballots) == 6 and set(sizes_of(paper.content)) == {(210, 297)}
    farmers, others = ballots[:3], ballots[3:]
    assert set(farmers) == {farmers[0]} and set(others) == {others[0]}
    assert farmers[0].count("农民代表") == 4 and farmers[0].count("候选人姓名（3名，以姓氏笔画为序）") == 4
    assert farmers[0].count("另选他人（写明姓名）") == 4
    assert all(sign not in farmers[0] for sign in ("页", "编号", "指纹"))
    assert all("Serif" in name or "Sans" in name for name in fonts_of(paper.content))


def test_masters_are_one_sheet_of_each_and_everybody_expected_has_a_ballot_by_default(evening: County) -> None:
    planned(evening)
    masters = of(evening, ballots_paper, 1, masters=True)
    assert masters.name == "选票 第1镇（母版）" and len(pages_of(masters.content)) == 3
    whole = of(evening, ballots_paper, 1)
    assert len(pages_of(whole.content)) == 1 + 2 * 8  # 30 and 2 spares, four to a sheet
    assert whole.content == repeat_pages(masters.content, [8, 8])


def test_what_the_rules_say_of_marks_and_other_names_stands_on_the_ballots(evening: County) -> None:
    planned(evening)
    with evening.county.acting("office") as act:
        for name, value in (("marks", "tick"), ("write_in", "off")):
            set_rule(act, evening.county.congress_id, name, value)
    page = pages_of(of(evening, ballots_paper, 1, masters=True).content)[1]
    assert "赞成的画“√”" in page and "本次不另选他人。" in page and "写明姓名" not in page


@pytest.mark.parametrize("copies", [0, MOST_COPIES + 1])
def test_copies_that_nobody_can_want_are_refused(evening: County, copies: int) -> None:
    planned(evening)
    with pytest.raises(Refused, match=r"^papers\.copies_wrong$"):
        of(evening, ballots_paper, 1, copies=copies)


def test_there_is_no_paper_of_a_vote_or_a_unit_s_meeting_that_is_none(evening: County) -> None:
    planned(evening)
    with pytest.raises(NotFound, match=r"^papers\.no_such_vote$"):
        of(evening, ballots_paper, 2)
    evening.meetings["u1"] += 1
    with pytest.raises(NotFound, match=r"^meeting\.none$"):
        of(evening, ballots_paper, 1)


def test_the_largest_ballot_stays_on_its_one_page() -> None:
    """Long names, a name that two bear, as many as find room: nothing runs over onto another sheet."""
    for to_a_sheet, columns, rows in LAYOUTS:
        seats = 2 * columns
        standing = [OnBallot(each, "阿依古丽·买买提江", "某某村第一党支部") for each in range((rows - 2) * columns)]
        ballot = replace(BALLOT, seats=seats, candidates=standing)
        assert ballot.layout == (to_a_sheet, columns)
        data = ballot_data("中国共产党某某土家族自治县第十四次代表大会", "某某县教育体育系统", 2, ballot, MarkRule.TICK)
        order = order_sheet("某县", "甲镇", 2, [ballot], Voters(30, present=True), 32)
        made = render("ballots", {"sheets": [order], "ballots": [data]}, title="选票", day=DAY, demo=True, tagged=False)
        pages = pages_of(made)
        assert len(pages) == 2 and "实到会30人" in pages[0]
        for words in ("第2次投票", data["heading"], "农民代表", "某某县教育体育系统", "由监票人认定。"):
            assert pages[1].count(words) == to_a_sheet, words


@pytest.mark.parametrize("others", [2, 9, 28])
def test_a_long_name_takes_two_lines_and_all_names_stay_in_one_size(others: int) -> None:
    long = "阿卜杜热西提·阿卜杜拉买买提江"
    standing = [OnBallot(each, name, "") for each, name in enumerate(["丁一", long, *["丁二三"] * others])]
    data = ballot_data("某县", "甲镇", 1, replace(BALLOT, candidates=standing), MarkRule.CIRCLE)
    data["names"] = [[one.name, ""] for one in standing]
    order = order_sheet("某县", "甲镇", 1, [], Voters(30, present=False), 32)
    made = render("ballots", {"sheets": [order], "ballots": [data]}, title="选票", day=DAY, demo=False, tagged=False)
    sizes = {sign: set(type_sizes(made, 1, sign)) for sign in "丁阿江"}
    assert all(len(found) == 1 for found in sizes.values()) and len(set.union(*sizes.values())) == 1, sizes


def test_the_sign_in_sheets_list_who_is_expected_by_branch_for_each_venue(evening: County) -> None:
    planned(evening)
    with evening.county.acting("u1") as act:
        first = act.session.scalars(voters_of_unit(evening.county.units["u1"]).limit(1)).one()
        add_exclusion(act, evening.meetings["u1"], first, ExclusionReason.ILL)
    page = "".join(pages_of(of(evening, sign_in_paper).content))
    assert evening.county.person_of(first).name not in page and "29人" in page and "会场：" not in page
    with evening.county.acting("u1") as act:
        hall = add_venue(act, evening.meetings["u1"], "第二会场").id
    both = "".join(pages_of(of(evening, sign_in_paper).content))
    assert "会场：镇政府礼堂" in both and "会场：第二会场" in both and both.count("29人") == 2
    # One list for all by choice; whom a mobile box will find is not known.
    with evening.county.acting("u1") as act:
        add_venue(act, evening.meetings["u1"], "流动票箱", mobile=True, counted_with=hall)
    *lists, box = pages_of(of(evening, sign_in_paper, once=True).content)
    assert "".join(lists).count("29人") == 1 and "会场：" not in "".join(lists)
    assert "会场：流动票箱" in box and "所在党支部签到12345678910本表" in box and "第1页共1页" in box


def test_electors_sign_down_one_column_and_then_the_next() -> None:
    names = [f"王{place}" for place in range(1, 6)]
    made = sign_in_sheet(EVENING, "", [Branch("一支部", names), Branch("二支部", ["丁一"])])
    rows = next(block["rows"] for block in made["blocks"] if block["kind"] == "table")
    assert rows == [["1", "王1", "", "4", "王4", ""], ["2", "王2", "", "5", "王5", ""], ["3", "王3", "", "", "", ""]]
    assert [block["rows"][0][0] for block in made["blocks"] if block["kind"] == "table"] == ["1", "6"]


def test_a_venue_s_record_says_what_is_known_and_leaves_the_rest_to_the_hand(meeting: County) -> None:
    page = pages_of(of(meeting, issue_paper, 1).content)[0]
    assert (
        "应到会30本会场实到28" in page
        and "领到发出剩余未发印坏、写坏收回" in page
        and "监票人经办scrutineer-1：" in page
    )
    assert "农民（差额）其他基层（差额）" in page
    rounds = [round_id for (unit, _, _), round_id in meeting.rounds.items() if unit == "u1"]
    with meeting.county.acting(SCRUTINEERS[0]) as act:
        record_ballots(act, meeting.meetings["u1"], dict.fromkeys(rounds, (28, None)))
    assert "农民（差额）28其他基层（差额）28" in pages_of(of(meeting, issue_paper, 1).content)[0]


def test_a_record_has_every_ballot_that_was_handed_out_and_what_made_one_void(meeting: County) -> None:
    """What the scrutineers sign is all that went out and came back, the void contest's figures above all."""
    farmers, others = (meeting.round_of("u1", category) for category in ("farmer", "other"))
    with meeting.county.acting(SCRUTINEERS[0]) as act:
        record_ballots(act, meeting.meetings["u1"], {farmers: (28, 29), others: (28, 28)})
    with meeting.county.acting(SCRUTINEERS[0]) as act:
        declare_void(act, farmers)
    paper = of(meeting, issue_paper, 1)
    (page,) = pages_of(paper.content)
    assert "农民（差额）2829选举无效：收回多于发出其他基层（差额）2828" in page
    assert of(meeting, issue_paper, 1) == paper
    # The papers that are voted and counted on leave it out.
    assert "农民代表" not in "".join(pages_of(of(meeting, ballots_paper, 1, masters=True).content))
    # And where nothing of a vote stands, what was handed out is still on record.
    with meeting.county.acting(SCRUTINEERS[0]) as act:
        record_ballots(act, meeting.meetings["u1"], {others: (28, 29)})
    with meeting.county.acting(SCRUTINEERS[0]) as act:
        declare_void(act, others)
    assert pages_of(of(meeting, issue_paper, 1).content)[0].count("选举无效：收回多于发出") == 2


def test_a_venue_is_named_in_one_piece_at_the_head_of_its_sheet() -> None:
    """A line of the head breaks between what it says, never within a name."""
    hall = "县委党校报告厅二楼东会议室"
    evening = replace(EVENING, unit="某某县教育体育系统", where="地点：某某县委党校报告厅二楼东会议室")
    made = sign_in_sheet(evening, hall, [Branch("一支部", ["丁一"])])
    content = set_sheets([made], title="签到表", day=DAY, demo=False).content
    lines = "".join(PdfReader(BytesIO(content)).pages[0].extract_text().replace(" ", "")).splitlines()
    assert any(f"会场：{hall}" in line for line in lines), lines


def test_the_agenda_tells_the_quorum_in_numbers_and_names_the_officers(evening: County) -> None:
    planned(evening)
    page = "".join(pages_of(of(evening, agenda_paper).content))
    assert "应到会30人" in page and "不少于应到会的五分之四（至少24人）" in page
    assert "（经办scrutineer-1、经办scrutineer-2）" in page and "农民（差额）23" in page


def test_the_agenda_has_the_order_of_speeches_where_it_was_drawn() -> None:
    def page(*speeches: str) -> str:
        made = agenda_sheet(
            EVENING,
            [AgendaContest("农民（差额）", 1, 2, speeches), AgendaContest("其他（差额）", 1, 2, ())],
            excluded=[("王某", "第一支部", "外出半年以上")],
            quorum="五分之四",
            needed=24,
            scrutineers=(),
            tellers=(),
        )
        return "".join(pages_of(set_sheets([made], title="议程", day=DAY, demo=False).content))

    assert "演讲次序各类别按抽签的次序" in page("王二", "丁一") and "1．王二，2．丁一" in page("王二", "丁一")
    assert "当场抽签" in page() and "（1人，名单附后）" in page()
    assert "向大会报告，征得到会党员同意" in page() and "1王某第一支部外出半年以上" in page()
