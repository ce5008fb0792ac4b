"""The nomination workbook: what it says at which cell, and what comes of it, all or nothing."""

from __future__ import annotations

import io
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import event, func, select

from election.congress.rules_in_force import set_rule
from election.errors import Invalid, Refused
from election.nomination.applying.operations import submit_application
from election.nomination.branch.operations_places import set_branch_places
from election.nomination.lifecycle import ApplicationState
from election.nomination.models import Application, BranchBallot, Source
from election.nomination.queries import applications
from election.nomination.slates.operations_margin import reopen_nomination
from election.nomination.workbook.operations import NominationSummary, import_nominations, preview_nominations
from election.nomination.workbook.reading import BALLOTS, read_nominations
from election.nomination.workbook.writing import Prefilled, nomination_template
from election.roster.models import Organisation
from election.store.models import AuditEvent
from election.texts import sentence
from tests.election.roster.making import FORMULAS
from tests.support.county import KEYS, County, identity_number
from tests.support.nominating import apply, ballot, members_of
from tests.support.nomination_book import DAY, book, names, whole


def take(county: County, data: bytes, who: str = "u1", *, keep: bool = True) -> NominationSummary:
    with county.acting(who) as act:
        verb = import_nominations if keep else preview_nominations
        return verb(act, county.congress_id, read_nominations(data), KEYS)


def faults(county: County, data: bytes, who: str = "u1") -> list[tuple[str, str]]:
    """Place and inner sentence of each fault; nothing of the workbook is kept."""
    with pytest.raises(Invalid) as invalid:
        take(county, data, who)
    with county.reading() as session:
        assert session.scalar(select(func.count()).select_from(Application)) == 0
    return [(str(one.field), sentence(one.code, one.params).zh) for one in invalid.value.refusals]


def test_applications_and_ballots_come_in_as_one_act(county: County) -> None:
    summary = take(county, whole(county))
    assert len(summary.applications) == 3
    assert [(one.category, len(one.passed), len(one.failed)) for one in summary.ballots] == [
        ("农民", 1, 1),
        ("领导干部", 1, 0),
    ]
    with county.reading() as session:
        lines = applications(session, county.congress_id)
        assert [line.state for line in lines] == [
            ApplicationState.PRELIMINARY, ApplicationState.PRELIMINARY, ApplicationState.NOT_NOMINATED,
        ]  # fmt: skip
        leader, first, _ = lines
        assert (leader.source, leader.recommended_by) == (Source.ORGANISATION, "第1镇党委")
        assert (first.career, first.statement) == ("1990年起务农\n村民代表", "愿为大家办事")
        assert (
            session.scalars(select(AuditEvent.action).order_by(AuditEvent.id.desc()).limit(1)).one()
            == "nominations.imported"
        )


def test_a_longer_workbook_reads_nothing_more(county: County) -> None:
    farmers = names(county, "u1-b1", "farmer")[:4]
    sent: list[int] = []
    for some in (farmers[:1], farmers):
        ballot = [["u1-b1", "农民", DAY, 12, 12, 12, 12, 12, 0, some[0], 12, 0, 0]]
        ballot += [[*[""] * 9, name, 12, 0, 0] for name in some[1:]]
        read = read_nominations(book([["u1-b1", name, *[""] * 7] for name in some], ballot))
        statements: list[str] = []
        with county.acting("u1") as act:
            event.listen(
                act.session.connection(),
                "before_cursor_execute",
                lambda *given, kept=statements: kept.append(given[2]),
            )
            preview_nominations(act, county.congress_id, read, KEYS)
        sent.append(len([one for one in statements if one.lstrip().startswith("SELECT")]))
    assert sent[0] == sent[1]


def test_a_preview_shows_the_same_and_leaves_no_trace(county: County) -> None:
    with county.reading() as session:
        before = session.scalar(select(func.count()).select_from(AuditEvent))
    summary = take(county, whole(county), keep=False)
    assert (len(summary.applications), len(summary.ballots)) == (3, 2)
    with county.reading() as session:
        assert session.scalar(select(func.count()).select_from(Application)) == 0
        assert session.scalar(select(func.count()).select_from(BranchBallot)) == 0
        assert session.scalar(select(func.count()).select_from(AuditEvent)) == before
    assert len(take(county, whole(county)).applications) == 3


def test_every_fault_is_told_at_its_place_and_nothing_comes_in(county: County) -> None:
    first, second = names(county, "u1-b1", "farmer")[:2]
    other = names(county, "u1-b1", "other")[0]
    data = book(
        [
            ["u1-b1", first, "", "领导干部", "", "", "", "", ""],
            ["u1-b1", other, "", "", "", "", "", "", ""],
            ["u1-b1", "查无此人", "", "", "", "", "", "", ""],
            ["u9-b9", second, "", "", "", "", "", "", ""],
            ["u2-b1", names(county, "u2-b1", "farmer")[0], "", "", "", "", "", "", ""],
            ["u1-b1", second, "", "", "联名推荐", "", "查无此人、也无", "", ""],
        ]
    )
    found = faults(county, data)
    assert [place for place, _ in found] == ["报名!D2", "报名!D3", "报名!B4", "报名!A5", "报名!6", "报名!G7", "报名!G7"]
    assert "主要类别不是" in found[0][1] and "没有可竞选的名额" in found[1][1] and "花名册上没有" in found[2][1]


def test_a_wrong_ballot_is_told_at_its_figure_or_its_applicant(county: County) -> None:
    first, second = names(county, "u1-b1", "farmer")[:2]
    people = [["u1-b1", first, *[""] * 7], ["u1-b1", second, *[""] * 7]]

    def ballot(*rows: list[Any]) -> list[tuple[str, str]]:
        return faults(county, book(people, rows))

    good = ["u1-b1", "农民", DAY, 12, 12, 12, 12, 12, 0, first, 9, 3, 0]
    also = [*[""] * 9, second, 6, 6, 0]
    assert [place for place, _ in ballot([*good[:3], 13, *good[4:]], also)] == ["支部推选!D2"]
    assert [place for place, _ in ballot(good, [*[""] * 9, second, 6, 5, 0])] == ["支部推选!K3"]
    assert [place for place, _ in ballot(good)] == ["支部推选!2"]  # the votes on the second are missing
    assert [place for place, _ in ballot(good, also, [*[""] * 9, "查无此人", 1, 11, 0])] == ["支部推选!J4"]
    assert "多于本支部" in ballot([*good[:3], 13, *good[4:]], also)[0][1]


@pytest.mark.parametrize(
    ("ballot", "place"),
    [
        (["u1-b1", "农民", "", 12, 12, 12, 12, 12, 0, "甲乙", 9, 3, 0], "支部推选!C2"),
        (["u1-b1", "农民", DAY, 12, "", 12, 12, 12, 0, "甲乙", 9, 3, 0], "支部推选!E2"),
        (["u1-b1", "农民", DAY, 12, 12, 12, 12, 12, 0, "甲乙", "九", 3, 0], "支部推选!K2"),
        (["u1-b1", "农民", DAY, 12, 12, 12, 12, 12, 0, "甲乙", 9, 2.5, 0], "支部推选!L2"),
        (["u1-b1", "农民", DAY, 12, 12, 12, 12, 12, 0, "", 9, 3, 0], "支部推选!J2"),
        (["", "农民", DAY, 12, 12, 12, 12, 12, 0, "甲乙", 9, 3, 0], "支部推选!A2"),
    ],
)
def test_a_bad_cell_is_told_at_its_place(ballot: list[Any], place: str) -> None:
    assert [one.refused().field for one in read_nominations(book((), [ballot])).faults] == [place]


def test_votes_are_taken_neither_from_a_formula_nor_from_a_hidden_row() -> None:
    rows = [
        ["u1-b1", "农民", DAY, 12, 12, 12, 12, 12, 0, "甲乙", "=6+3", 3, 0],
        ["", "", "", "", "", "", "", "", "", "丙丁", 9, 3, 0],
    ]
    made = load_workbook(io.BytesIO(book((), rows)))
    made[BALLOTS].row_dimensions[3].hidden = True
    out = io.BytesIO()
    made.save(out)
    found = [(one.refused().field, one.refusal.code) for one in read_nominations(out.getvalue()).faults]
    assert ("支部推选!K2", "roster.cell_formula") in found
    assert [code for _, code in found].count("nominations.row_hidden") == 1


def test_a_legacy_workbook_is_looked_through_for_formulas_and_hidden_rows_too() -> None:
    found = read_nominations(FORMULAS.read_bytes())
    assert {(one.refused().field, one.refusal.code) for one in found.faults} == {
        ("报名!D2", "roster.cell_formula"),
        ("报名!3", "nominations.row_hidden"),
        ("支部推选!H2", "roster.cell_formula"),
    }


def test_votes_are_not_taken_from_a_hidden_sheet_either() -> None:
    made = load_workbook(io.BytesIO(book((), [["u1-b1", "农民", DAY, 12, 12, 12, 12, 12, 0, "甲乙", 9, 3, 0]])))
    made[BALLOTS].sheet_state = "hidden"
    out = io.BytesIO()
    made.save(out)
    (fault,) = read_nominations(out.getvalue()).faults
    assert (fault.refused().field, fault.refusal.code) == ("支部推选!1", "nominations.sheet_hidden")


def test_a_figure_that_stands_again_must_be_the_same() -> None:
    rows = [
        ["b", "农民", DAY, 12, 12, 12, 12, 12, 0, "甲乙", 9, 3, 0],
        ["b", "农民", DAY, 12, 12, 12, 12, 11, 1, "丙丁", 9, 3, 0],
    ]
    assert [one.refused().field for one in read_nominations(book((), rows)).faults] == ["支部推选!H3", "支部推选!I3"]


def test_a_ballot_whose_rows_are_torn_apart_is_told() -> None:
    row = ["b", "农民", DAY, 12, 12, 12, 12, 12, 0, "甲乙", 9, 3, 0]
    (fault,) = read_nominations(book((), [row, ["c", *row[1:]], row])).faults
    assert fault.column and "第 2 行" in fault.words.zh


def test_the_number_tells_namesakes_apart_and_must_be_the_person_s(county: County) -> None:
    member = members_of(county, "u1-b1", "farmer")[0]
    name = county.person_of(member).name
    serial = county.members("u1-b1").index(member)
    assert take(county, book([["u1-b1", name, identity_number(serial, woman=serial % 3 == 0), *[""] * 6]]), keep=False)
    wrong = identity_number(serial + 1, woman=(serial + 1) % 3 == 0)
    assert faults(county, book([["u1-b1", name, wrong, *[""] * 6]]))[0][0] == "报名!B2"


def test_a_clerk_of_another_branch_brings_nothing_in(county: County) -> None:
    name = names(county, "u1-b1", "farmer")[0]
    assert faults(county, book([["u1-b1", name, *[""] * 7]]), "u1-b2")[0][0] == "报名!2"


def test_what_is_no_such_workbook_is_one_sentence() -> None:
    empty = io.BytesIO()
    Workbook().save(empty)
    for data, code in ((empty.getvalue(), "roster.no_sheet"), (book(), "roster.no_rows")):
        with pytest.raises(Refused) as refusal:
            read_nominations(data)
        assert refusal.value.code == code
    with pytest.raises(Refused):
        read_nominations(b"%PDF-1.7")


def test_the_template_lists_who_waits_and_is_read_back(county: County) -> None:
    apply(county, "u1-b1", "farmer", 2)
    first, second = names(county, "u1-b1", "farmer")[:2]
    known = Prefilled(
        [("u1-b1", "第1镇1村党支部", first, "农民")],
        [("u1-b1", "农民", first), ("u1-b1", "农民", second)],
        {"u1-b1": 12},
    )
    made = load_workbook(io.BytesIO(nomination_template(known, ["领导干部", "农民"], ["个人自荐"])))
    page = made[BALLOTS]
    assert [page.cell(row, 10).value for row in (2, 3)] == [first, second]
    filled = {"C2": DAY, "D2": "12", "E2": "12", "F2": "12", "G2": "12", "H2": "12", "I2": "0"}
    for row in (2, 3):
        filled |= {f"K{row}": "9", f"L{row}": "3", f"M{row}": "0"}
    for place, value in filled.items():
        page[place] = value
    out = io.BytesIO()
    made.save(out)
    (ballot,) = take(county, out.getvalue()).ballots
    assert set(ballot.passed) == {first, second}


def test_everything_wrong_is_told_at_once_without_echoes(county: County) -> None:
    first, second = names(county, "u1-b1", "farmer")[:2]
    people = [
        ["u1-b1", first, "", "", "毛遂自荐", "", "", "", ""],
        ["u1-b1", second, "", "领导干部", "", "", "", "", ""],
    ]
    ballots = [
        ["u1-b1", "农民", DAY, 12, 12, 12, 12, 12, 0, first, 9, 3, 0],
        [*[""] * 9, second, 6, 6, 0],
        ["u1-b2", "农民", "昨天", 12, 12, 12, 12, 12, 0, "甲乙", 9, 3, 0],
    ]
    found = faults(county, book(people, ballots))
    # Cells and rules together, 报名 first; the ballot on those two is not judged before they can stand.
    assert [place for place, _ in found] == ["报名!E2", "报名!D3", "支部推选!C4"]


def test_a_person_or_votes_that_stand_twice_are_told_as_such(county: County) -> None:
    first = names(county, "u1-b1", "farmer")[0]
    row = ["u1-b1", first, *[""] * 7]
    (place, said), *_ = faults(county, book([row, row]))
    assert place == "报名!B3" and "已在本表第 2 行" in said
    votes = ["u1-b1", "农民", DAY, 12, 12, 12, 12, 12, 0, first, 9, 3, 0]
    found = faults(county, book([row], [votes, [*[""] * 9, first, 9, 3, 0]]))
    assert [place for place, _ in found] == ["支部推选!J3"] and "填了两次" in found[0][1]


def test_votes_on_namesakes_are_never_guessed(county: County) -> None:
    ids = apply(county, "u1-b1", "farmer", 2)
    with county.acting("office") as act:
        people = [act.session.get_one(Application, one).member.person for one in ids]
        people[1].name = name = people[0].name
    votes = ["u1-b1", "农民", DAY, 12, 12, 12, 12, 12, 0, name, 11, 1, 0]
    with pytest.raises(Invalid) as invalid:
        take(county, book((), [votes, [*[""] * 9, name, 2, 10, 0]]))
    assert all("凭姓名分不清" in sentence(one.code, one.params).zh for one in invalid.value.refusals)


def test_a_number_that_lost_its_zero_is_recognised(county: County) -> None:
    with county.acting("office") as act:
        act.session.get_one(Organisation, county.branches["u1-b1"]).code = "0101"
    (place, said), *_ = faults(county, book([[101, names(county, "u1-b1", "farmer")[0], *[""] * 7]]))
    assert place == "报名!A2" and "是否为“0101”" in said


def test_the_reason_for_fewer_expected_comes_in_with_the_ballot(county: County) -> None:
    first = names(county, "u1-b1", "farmer")[0]
    people = [["u1-b1", first, *[""] * 7]]
    votes = ["u1-b1", "农民", DAY, 10, 10, 10, 10, 10, 0, first, 9, 1, 0]
    (place, said), *_ = faults(county, book(people, [votes]))
    assert place == "支部推选!N2" or "写明其余 2 人" in said
    take(county, book(people, [[*votes, "2 人出国"]]))
    with county.reading() as session:
        assert session.scalars(select(BranchBallot.excluded_because)).one() == "2 人出国"


def test_after_a_tie_the_workbook_asks_for_the_tied_alone_whoever_else_waits(county: County) -> None:
    with county.acting("office") as act:
        set_rule(act, county.congress_id, "branch_places", "places")
    with county.acting("u1") as act:
        set_branch_places(act, county.congress_id, county.branches["u1-b1"], county.categories["farmer"], 2)
    ids = apply(county, "u1-b1", "farmer", 3)
    ballot(county, "u1-b1", "farmer", ids, [7, 10, 7])
    late = members_of(county, "u1-b1", "farmer")[3]
    with county.acting("office") as act:
        reopen_nomination(
            act, county.congress_id, county.units["u1"], county.categories["farmer"], "人选不足", act.today
        )
    with county.acting("u1-b1") as act:
        submit_application(act, county.congress_id, late, county.categories["farmer"])
    first, _, third = names(county, "u1-b1", "farmer")[:3]
    votes = ["u1-b1", "农民", DAY, 12, 12, 12, 12, 12, 0, first, 7, 5, 0]
    summary = take(county, book((), [votes, [*[""] * 9, third, 4, 8, 0]]), keep=False)
    assert (summary.ballots[0].passed, summary.ballots[0].tied) == ((first,), ())


def test_a_foreign_branch_s_roster_is_not_looked_into(county: County) -> None:
    there, nobody = names(county, "u2-b1", "farmer")[0], "查无此人"
    found = faults(county, book([["u2-b1", name, *[""] * 7] for name in (there, nobody)]))
    assert found[0][1].split("：")[-1] == found[1][1].split("：")[-1]
