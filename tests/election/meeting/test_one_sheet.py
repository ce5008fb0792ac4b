"""One ballot sheet for all contests of a vote: recorded once, void as a whole, printed with a section for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from election.congress.models import Congress, Unit
from election.congress.rules_in_force import set_rule
from election.contests.models import ContestKind, Round, RoundKind
from election.contests.outcome import WriteInRule
from election.count.queries_papers import forms_paper
from election.documents.paper import render
from election.errors import Invalid, Refused
from election.meeting.ballot_sheets import BallotSheets
from election.meeting.models_evening import SpoiledKind
from election.meeting.operations_ballots import declare_void, record_ballots, record_spoiled
from election.meeting.papers_ballots import Ballot, MarkRule, OnBallot, Voters
from election.meeting.papers_one_sheet import PAPERS, OneSheet, how_to_mark_sheet, one_sheet_data, order_of_one_sheet
from election.meeting.queries_page import meeting_page
from election.meeting.queries_papers import ballots_paper
from election.meeting.queries_papers_evening import issue_paper
from election.rules import BY_NAME
from election.store.models import AuditEvent
from tests.support.evening import SCRUTINEERS, Evening, evening_from, nominated, opened
from tests.support.paper import pages_of, sizes_of
from tests.support.stores import Stores

SECTION = Ballot(
    category="农民",
    position=4,
    kind=ContestKind.CONTESTED,
    round_kind=RoundKind.ORDINARY,
    seats=2,
    candidates=[OnBallot(place, name, "一支部") for place, name in enumerate(("丁一", "王二", "欧阳文"), 1)],
    write_in=WriteInRule.AGAINST,
    by_strokes=True,
)


@pytest.fixture
def meeting(stores: Stores) -> Iterator[Evening]:
    """The county votes on one sheet; the first unit has opened its meeting with 28 of 30 present."""
    made = evening_from(stores, "nominated", nominated)
    with made.county.acting("office") as act:
        set_rule(act, made.county.congress_id, "ballot_sheets", BallotSheets.ONE.value)
    opened(made)
    yield made
    made.county.database.close()


def rounds(evening: Evening) -> tuple[int, int]:
    return evening.round_of("u1", "farmer"), evening.round_of("u1", "other")


def test_the_rule_knows_the_ways_that_the_product_knows() -> None:
    assert set(BY_NAME["ballot_sheets"].choices or ()) == {one.value for one in BallotSheets}


def test_another_number_in_a_section_of_the_one_sheet_is_refused_at_its_place(meeting: Evening) -> None:
    first, second = rounds(meeting)
    with pytest.raises(Invalid) as refused, meeting.county.acting(SCRUTINEERS[0]) as act:
        record_ballots(act, meeting.meetings["u1"], {first: (28, 27), second: (27, 26)}, knowingly=True)
    assert [(one.code, one.field) for one in refused.value.refusals] == [
        ("meeting.one_sheet", f"ballots.{second}.issued"),
        ("meeting.one_sheet", f"ballots.{second}.returned"),
    ]
    with meeting.county.acting(SCRUTINEERS[0]) as act:
        record_ballots(act, meeting.meetings["u1"], dict.fromkeys((first, second), (28, 27)))
    with meeting.county.acting(SCRUTINEERS[0]) as act:  # a section is spoiled by itself
        record_spoiled(act, meeting.meetings["u1"], first, {SpoiledKind.OVER_MARKED: 3})
    with meeting.county.reading() as session:
        page = meeting_page(session, meeting.meetings["u1"])
    assert [(one.issued, one.returned) for one in page.rounds] == [(28, 27)] * 2
    assert [sum(one.spoiled.values()) for one in page.rounds] == [3, 0]


def test_more_sheets_returned_than_issued_void_every_contest_of_the_vote_in_one_act(meeting: Evening) -> None:
    first, second = rounds(meeting)
    with meeting.county.acting(SCRUTINEERS[0]) as act:
        record_ballots(act, meeting.meetings["u1"], dict.fromkeys((first, second), (28, 29)))
    with meeting.county.acting(SCRUTINEERS[0]) as act:
        declare_void(act, second)
    with meeting.county.reading() as session:
        assert None not in session.scalars(select(Round.void_at).where(Round.id.in_((first, second)))).all()
        told = session.scalars(select(AuditEvent).where(AuditEvent.action == "round.voided")).all()
        assert {one.subject for one in told} == {f"round:{first}", f"round:{second}"}
        assert all(one.details == {"issued": 28, "returned": 29} for one in told)
    with pytest.raises(Refused, match=r"^contest\.void_already$"), meeting.county.acting(SCRUTINEERS[0]) as act:
        declare_void(act, first)


def test_the_papers_have_one_sheet_with_a_section_for_each_contest(meeting: Evening) -> None:
    with meeting.county.reading() as session:
        congress = session.get_one(Congress, meeting.county.congress_id)
        unit, number = session.get_one(Unit, meeting.county.units["u1"]), meeting.meetings["u1"]
        order, *sheets = pages_of(ballots_paper(session, congress, unit, number, 1, copies=3, demo=False).content)
        (form,) = pages_of(forms_paper(session, congress, unit, number, 1, demo=False).content)
        (issued,) = pages_of(issue_paper(session, congress, unit, number, 1, demo=False).content)
    assert "各类别合印一张选票，共2栏" in order and "印制3张" in order
    assert len(sheets) == 3 and set(sheets) == {sheets[0]}
    assert sheets[0].count("农民代表") == sheets[0].count("其他基层代表") == sheets[0].count("选举单位") == 1
    assert "只有该栏无效，其他各栏仍然有效" in sheets[0] and sheets[0].count("以姓氏笔画为序") == 2
    assert form.count("发出选票") == form.count("收回选票") == 1 and form.count("有效无效") == 2
    assert "发出收回" not in form
    assert issued.count("选票（各类别合印一张）") == 1 and "农民（差额）" not in issued


def test_a_tie_ballot_and_what_holds_of_some_sections_only_are_said_by_name() -> None:
    again = replace(SECTION, category="先进模范", round_kind=RoundKind.TIE_BALLOT, write_in=WriteInRule.OFF)
    told = how_to_mark_sheet(OneSheet([SECTION, again]), MarkRule.CIRCLE)
    assert told[0].startswith("本选票共2栏") and "先进模范（差额）：本次不另选他人。" in told
    assert told[1].startswith("先进模范（差额）：") and "再次投票" in told[1]
    assert how_to_mark_sheet(OneSheet([again]), MarkRule.CIRCLE)[3] == "本次不另选他人。"


def test_the_fullest_sheet_stays_on_its_one_page() -> None:
    congress, unit, voters = "中国共产党某某县第十四次代表大会", "某某县教育体育系统", Voters(30, present=True)
    sheets = []
    for paper, columns, rows in PAPERS:
        standing = [OnBallot(each, "阿依古丽·买买提江", "某某村第一党支部") for each in range(2 * columns - 2)]
        sheets.append(OneSheet([replace(SECTION, candidates=standing)] * (rows // 4)))
        assert sheets[-1].layout == (paper, columns)
    order = order_of_one_sheet(congress, unit, 2, sheets[0], voters, 32)
    ballots = [one_sheet_data(congress, unit, 2, one, MarkRule.TICK) for one in sheets]
    content = render(
        "ballots", {"sheets": [order], "ballots": ballots}, title="样张", day=date(2031, 3, 25), demo=True, tagged=False
    )
    assert sizes_of(content) == [(210, 297), (210, 297), (297, 420)]
    told = [sum(len(section.candidates) for section in one.sections) for one in sheets]
    assert [page.count("阿依古丽") for page in pages_of(content)[1:]] == told
