"""Reading roster workbooks: what is understood, what is refused, and at which place."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from election.congress.models import UnitKind
from election.errors import Refused
from election.people.identity import read_identity
from election.roster.importing import archive, reader
from election.roster.importing import rows as row_kinds
from election.roster.importing.crosscheck import Known, cross_check
from election.roster.importing.notes import Note
from election.roster.importing.rows import MemberRow, OrganisationRow, RosterContents, UnitRow
from election.roster.importing.workbook import read_roster
from election.roster.importing.workbook_writing import roster_workbook, template_workbook
from election.roster.models import OrganisationKind, Standing, Suspension
from tests.election.roster.making import made, saved
from tests.support.county import identity_number
from tests.support.depth import examples

CATEGORIES = {"领导干部": "leader", "农民": "farmer"}
NAMES = {code: name for name, code in CATEGORIES.items()}
TODAY = date(2031, 3, 3)

UNITS = [["代号", "名称", "类型"], ["u01", "高山镇", "乡镇"]]
ORGANISATIONS = [
    ["编号", "名称", "类型", "上级编号", "选举单位"],
    ["1000", "高山镇党委", "党委", "", ""],
    ["1001", "石门村党支部", "党支部", "1000", "高山镇"],
]
HEADER = ["姓名", "身份证号", "党支部编号", "主要类别", "党员类型", "停权原因", "入党日期"]


def member(serial: int = 1, **changes: Any) -> list[Any]:
    cells: dict[str, Any] = {
        "姓名": "王一",
        "身份证号": identity_number(serial),
        "党支部编号": "1001",
        "主要类别": "农民",
        "党员类型": "正式",
        "停权原因": "",
        "入党日期": "2011-07-01",
    }
    return list({**cells, **changes}.values())


def read(members: Sequence[Sequence[Any]], **pages: Sequence[Sequence[Any]]) -> RosterContents:
    whole = {"选举单位": UNITS, "党组织": ORGANISATIONS, "党员": members, **pages}
    contents = read_roster(made(whole), CATEGORIES, TODAY)
    cross_check(contents, Known())
    return contents


def places(contents: RosterContents) -> list[tuple[str, str, str]]:
    return [(fault.sheet, f"{fault.column}{fault.row}", fault.refusal.code) for fault in contents.faults]


def own_faults(contents: RosterContents) -> list[tuple[str, str, str]]:
    """Without the rows that only wait for others."""
    return [place for place in places(contents) if place[2] != "roster.row_waits"]


def refusal_of(data: bytes) -> str:
    with pytest.raises(Refused) as refusal:
        read_roster(data, CATEGORIES, TODAY)
    assert refusal.value.field == "file"
    return refusal.value.code


def test_a_sound_workbook_has_no_faults() -> None:
    contents = read([HEADER, member(1), member(2, 姓名="李二")])
    assert places(contents) == []
    assert [(row.name, row.category, row.branch) for row in contents.members] == [
        ("王一", "farmer", "1001"),
        ("李二", "farmer", "1001"),
    ]
    assert contents.units[0].kind is UnitKind.TOWNSHIP


def test_columns_may_stand_in_any_order_below_a_title() -> None:
    turned = [["某县党员花名册"], [], list(reversed(HEADER)), list(reversed(member()))]
    contents = read(turned)
    assert places(contents) == []
    assert contents.members[0].joined_on == date(2011, 7, 1)
    assert contents.members[0].row == 4


def test_sex_and_birth_date_come_from_the_identity_number() -> None:
    contents = read([HEADER, member(身份证号=identity_number(7, woman=True, born=date(1990, 2, 3)))])
    assert contents.members[0].identity.sex == "female"
    assert contents.members[0].identity.born_on == date(1990, 2, 3)


def test_sex_and_birthday_beside_the_number_must_agree_with_it() -> None:
    header = [*HEADER, "性别", "出生年月"]
    rows = [
        header,
        [*member(1), "男", "1985-05-05"],
        [*member(2), "女", "1985年5月"],
        [*member(3), "", "1985.06"],
        [*member(4), "中", "不详"],
    ]
    assert places(read(rows)) == [
        ("党员", "H3", "roster.sex_differs"),
        ("党员", "I4", "roster.birth_differs"),
        ("党员", "H5", "roster.cell_not_a_choice"),
        ("党员", "I5", "roster.cell_not_a_date"),
    ]


def test_a_formula_is_told_at_its_place() -> None:
    contents = read([HEADER, member(1, 姓名='="王"&"一"'), member(2, 入党日期="=TODAY()"), [*member(3), "=1+1"]])
    assert places(contents) == [("党员", "A2", "roster.cell_formula"), ("党员", "G3", "roster.cell_formula")]
    assert [row.row for row in contents.members] == [4]  # beside the columns that are read, a formula may stand


def test_an_unknown_ethnic_group_is_named() -> None:
    contents = read([[*HEADER, "民族"], [*member(1), "土家"], [*member(2), "火星族"]])
    assert places(contents) == [("党员", "H3", "roster.ethnicity_unknown")]
    assert "火星族" in contents.faults[0].words.zh
    assert contents.members[0].ethnicity == "土家族"


def test_full_width_digits_and_spaces_are_normalised() -> None:
    wide = identity_number(1).translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)})
    contents = read([HEADER, member(姓名=" 王　一 ", 身份证号=f" {wide} ", 党支部编号="１００１")])
    assert places(contents) == []
    assert (contents.members[0].name, contents.members[0].branch) == ("王一", "1001")


def test_every_bad_cell_is_listed_at_its_place() -> None:
    rows = [
        HEADER,
        member(1, 姓名=""),
        member(2, 身份证号="110101199003070001"),
        member(3, 主要类别="艺术家"),
        member(4, 党支部编号="9999"),
        member(5, 入党日期="不详"),
        member(6, 停权原因="出国"),
        member(1),
    ]
    assert places(read(rows)) == [
        ("党员", "A2", "roster.cell_empty"),
        ("党员", "B2", "roster.person_twice"),
        ("党员", "B3", "people.identity_wrong"),
        ("党员", "D4", "roster.cell_not_a_choice"),
        ("党员", "C5", "roster.branch_not_found"),
        ("党员", "G6", "roster.cell_not_a_date"),
        ("党员", "F7", "roster.cell_not_a_choice"),
        ("党员", "B8", "roster.person_twice"),
    ]


def test_what_a_faulty_row_says_besides_is_held_against_the_others_at_once() -> None:
    """Whoever corrects a cell is not told of the next one only then."""
    organisations = [*ORGANISATIONS, ["1002", "", "党支部", "7", "平川镇"], ["1002", "乙", "小组", "1000", "高山镇"]]
    rows = [HEADER, member(1, 入党日期="不详", 党支部编号="9999"), member(2, 姓名="", 党支部编号="1000")]
    assert places(read(rows, 党组织=organisations)) == [
        ("党组织", "A4", "roster.listed_twice"),
        ("党组织", "B4", "roster.cell_empty"),
        ("党组织", "D4", "roster.parent_unknown"),
        ("党组织", "E4", "roster.unit_unknown"),
        ("党组织", "A5", "roster.listed_twice"),
        ("党组织", "C5", "roster.cell_not_a_choice"),
        ("党员", "C2", "roster.branch_not_found"),
        ("党员", "G2", "roster.cell_not_a_date"),
        ("党员", "A3", "roster.cell_empty"),
        ("党员", "C3", "roster.not_a_branch"),
    ]


NAMESAKES = [
    *ORGANISATIONS,
    ["2000", "平川镇党委", "党委", "", ""],
    ["1002", "机关党支部", "党支部", "1000", "高山镇"],
    ["2002", "机关党支部", "党支部", "2000", "高山镇"],
    ["", "无号党支部", "党支部", "1000", "高山镇"],
]


@pytest.mark.parametrize(
    ("named", "above", "found"),
    [
        ("石门村党支部", "", "1001"),
        (" 石门村 党支部", "高山镇党委", "1001"),
        ("1001", "高山镇党委", "1001"),
        ("1001", "没有的党委", "1001"),  # a number is the first choice, and a note names what nobody knows
        ("1001", "平川镇党委", "roster.branch_elsewhere"),
        ("机关党支部", "平川镇党委", "2002"),
        ("机关党支部", "", "roster.branch_several"),
        ("石门村党支部", "没有的党委", "roster.branch_place_unknown"),
        ("石门村党支部", "平川镇党委", "roster.branch_not_there"),
        ("石门党支部", "", "roster.branch_not_found"),
        ("高山镇党委", "", "roster.not_a_branch"),
        ("无号党支部", "", "roster.row_waits"),
    ],
)
@pytest.mark.parametrize("header", ["党支部编号", "所在党支部"])
def test_a_branch_may_be_named_instead_of_numbered(header: str, named: str, above: str, found: str) -> None:
    head = [header if name == "党支部编号" else name for name in HEADER]
    contents = read([[*head, "所在党委"], [*member(1, 党支部编号=named), above]], 党组织=NAMESAKES)
    faults = [place for place in places(contents) if place[0] == "党员"]
    if found.isdigit():
        assert (faults, contents.members[0].branch) == ([], found)
        assert [note.said for note in contents.notes()] == ([(above,)] if above == "没有的党委" else [])
    else:
        assert faults == [("党员", "C2", found)]


def test_a_branch_s_name_beside_its_number_must_not_be_another_branch_s() -> None:
    rows = [
        [*HEADER, "党支部", "备注", "现任职务"],
        [*member(1), "机关党支部", "", ""],
        [*member(2), "石门村党支部", "", "村主任"],
        [*member(3, 党员类型="预备", 入党日期="2020-07-01"), "中共石门村支部", "新", ""],
    ]
    contents = read(rows, 党组织=NAMESAKES)
    assert [place for place in places(contents) if place[0] == "党员"] == [("党员", "C2", "roster.branch_differs")]
    assert {note.code: (note.rows, note.said) for note in contents.notes()} == {
        "roster.note_columns_unread": ((1,), ("备注",)),
        "roster.note_probation_over": ((4,), ()),
        "roster.note_place_unknown": ((4,), ("中共石门村支部",)),
    }


def test_namesakes_of_branches_are_told_with_their_units_and_numbers() -> None:
    contents = read([HEADER, member(1, 党支部编号="机关党支部")], 党组织=NAMESAKES)
    assert (
        "有 2 个党支部叫“机关党支部”：高山镇党委（1002，高山镇）、平川镇党委（2002，高山镇）。"
        in contents.faults[-1].words.zh
    )


def test_beside_a_number_the_name_of_a_branch_stands_in_only_where_the_number_is_missing() -> None:
    rows = [[*HEADER, "党支部名称"], [*member(1), "机关党支部"], [*member(2, 党支部编号=""), "石门村党支部"]]
    rows.append([*member(3, 党支部编号=""), ""])
    contents = read(rows)
    assert [row.branch for row in contents.members] == ["1001", "1001"]
    assert places(contents) == [("党员", "C4", "roster.cell_empty")]


def test_of_too_many_faults_every_row_keeps_its_first_and_the_others_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(row_kinds, "MOST_FAULTS", 3)
    rows = [HEADER, *(member(serial, 姓名="", 入党日期="不详") for serial in range(1, 5)), member(9)]
    contents = read(rows)
    assert [place for _, place, _ in places(contents)] == ["A2", "G2", "A3", "A4", "A5"]
    assert (contents.fault_count, contents.faults_unsaid, [row.row for row in contents.members]) == (
        8,
        {"党员": 3},
        [6],
    )


def test_several_faults_of_one_row_are_all_listed() -> None:
    assert places(read([HEADER, member(姓名="", 主要类别="", 入党日期="x")])) == [
        ("党员", "A2", "roster.cell_empty"),
        ("党员", "D2", "roster.cell_empty"),
        ("党员", "G2", "roster.cell_not_a_date"),
    ]


def test_one_person_twice_in_the_same_words_is_found_once_and_names_the_first_row() -> None:
    contents = read([HEADER, member(1), member(1)])
    assert places(contents) == [("党员", "B3", "roster.person_twice")]
    assert "第 2 行" in contents.faults[0].words.zh
    assert [row.row for row in contents.members] == [2]


def test_of_two_rows_that_say_different_things_of_one_person_neither_is_taken() -> None:
    contents = read([HEADER, member(1), member(1, 姓名="王一一")])
    assert places(contents) == [("党员", "B2", "roster.person_twice"), ("党员", "B3", "roster.person_twice")]
    assert "第 3 行" in contents.faults[0].words.zh
    assert contents.members == []


def test_a_joining_date_before_birth_or_after_today_is_refused() -> None:
    rows = [HEADER, member(1, 入党日期="1970-01-01"), member(2, 入党日期="2031-03-04")]
    assert [code for _, _, code in places(read(rows))] == ["roster.joined_before_birth", "roster.joined_to_come"]


@pytest.mark.parametrize("born", [date(2031, 3, 4), date(2090, 1, 1), date(1910, 3, 3), date(1800, 1, 1)])
def test_nobody_was_born_tomorrow_or_longer_ago_than_people_live(born: date) -> None:
    rows = [HEADER, member(身份证号=identity_number(1, born=born), 入党日期="")]
    assert places(read(rows)) == [("党员", "B2", "roster.birth_impossible")]


def test_the_foot_of_a_list_is_nobody_and_is_told() -> None:
    foot = [["合计", "=COUNTA(B2:B3)"], ["填表人：李某", "审核人：王某"], ["备注", "本表一式两份"], ["", "", ""]]
    contents = read([HEADER, member(1), *foot, member(2, 姓名="合正")])
    assert places(contents) == []
    assert [row.row for row in contents.members] == [2, 7]
    (note,) = contents.notes()
    assert (note.sheet, note.rows) == ("党员", (3, 4, 5))
    assert "“党员”表有 3 行是合计、落款或说明，没有导入：第 3、4、5 行。" in note.words.zh


def test_a_joining_date_without_its_day_is_told_and_so_is_one_in_childhood() -> None:
    dates = ["2011.7", "2011年7月1日", "2011-07-01", "201107", date(2011, 7, 1), "2001.9", "1999-5", "", "20110701"]
    rows = [HEADER, *(member(serial, 入党日期=day) for serial, day in enumerate(dates, 1))]
    contents = read_roster(
        made({"选举单位": UNITS, "党组织": ORGANISATIONS, "党员": rows}), CATEGORIES, TODAY, age_least=18
    )
    cross_check(contents, Known())
    assert places(contents) == []
    notes = {note.code: note.rows for note in contents.notes()}
    assert notes == {"roster.note_month_only": (2, 5, 7, 8), "roster.note_joined_young": (7, 8)}


def test_hidden_rows_and_sheets_are_read_and_named() -> None:
    book = openpyxl.load_workbook(
        io.BytesIO(made({"党组织": ORGANISATIONS, "党员": [HEADER, member(1), member(2), [""]]}))
    )
    book["党组织"].sheet_state = "hidden"
    for row in (3, 4):
        book["党员"].row_dimensions[row].hidden = True
    contents = read_roster(saved(book), CATEGORIES, TODAY)
    assert [(note.sheet, note.code, note.rows) for note in contents.notes()] == [
        ("党组织", "roster.note_hidden_sheet", (2, 3)),
        ("党员", "roster.note_hidden_rows", (3,)),
    ]


def test_what_goes_back_is_told_by_its_fault_alone() -> None:
    assert read([HEADER, member(1, 入党日期="2011.7", 主要类别="x")]).notes() == ()


def test_a_note_names_the_first_rows_and_counts_all() -> None:
    words = Note("党员", "roster.note_month_only", tuple(range(2, 30))).words
    assert "有 28 行" in words.zh and "第 2、3、4、5、6、7、8、9、10、11 行等。" in words.zh


def test_a_probationary_member_cannot_be_suspended() -> None:
    rows = [HEADER, member(党员类型="预备", 停权原因="留置")]
    assert places(read(rows)) == [("党员", "F2", "roster.suspension_of_probationary")]


def test_since_when_somebody_has_no_vote_is_held_to_the_rules_of_the_member_s_page() -> None:
    header = [*HEADER, "停权起", "停权止", "依据"]
    held = {"停权原因": "留置"}
    rows = [
        [*member(1, **held), "2031-01-05", "2031-07-04", "县监委通知"],
        [*member(2, 党员类型="预备", 入党日期="2030-12-01"), date(2030, 12, 1), "2031.11.30", ""],
        [*member(3), "", "", "县监委关于解除的决定"],
        [*member(4), "2031-01-05", "", ""],
        [*member(5, **held), "2031-03-04", "", ""],
        [*member(6, **held), "2031-02-05", "2031-02-04", ""],
        [*member(7, **held), "2001-01-05", "", ""],
        [*member(8, **held), "2031.1", "", ""],
        [*member(9, 停权原因="?"), "x", "", ""],
    ]
    contents = read([header, *rows])
    assert [(row.right_since, row.right_until, row.right_reason) for row in contents.members] == [
        (date(2031, 1, 5), date(2031, 7, 4), "县监委通知"),
        (date(2030, 12, 1), date(2031, 11, 30), ""),
        (None, None, ""),
    ]
    assert places(contents) == [
        ("党员", "H5", "roster.right_days_without_reason"),
        ("党员", "H6", "roster.right_not_begun"),
        ("党员", "I7", "roster.right_ends_before"),
        ("党员", "H8", "roster.right_before_joining"),
        ("党员", "H9", "roster.cell_needs_day"),
        ("党员", "F10", "roster.cell_not_a_choice"),
        ("党员", "H10", "roster.cell_not_a_date"),
    ]


def test_an_identity_number_kept_as_a_number_is_explained() -> None:
    assert places(read([HEADER, member(身份证号=110101198505050010)])) == [("党员", "B2", "roster.identity_as_number")]


@pytest.mark.parametrize(
    ("row", "place", "code"),
    [
        (["1002", "支部", "党支部", "", "高山镇"], "D4", "roster.parent_missing"),
        (["1002", "支部", "党支部", "7", "高山镇"], "D4", "roster.parent_unknown"),
        (["1002", "支部", "党支部", "1001", "高山镇"], "D4", "roster.parent_of_wrong_kind"),
        (["1002", "支部", "党支部", "1000", "平川镇"], "E4", "roster.unit_unknown"),
        (["1002", "支部", "党支部", "1000", ""], "E4", "roster.branch_without_unit"),
        (["1002", "党委", "党委", "1000", ""], "D4", "roster.committee_has_parent"),
        (["1001", "石门村党支部", "党支部", "1000", "高山镇"], "A4", "roster.listed_twice"),
        (["1002", "支部", "小组", "1000", "高山镇"], "C4", "roster.cell_not_a_choice"),
    ],
)
def test_an_organisation_out_of_place_is_found(row: list[str], place: str, code: str) -> None:
    contents = read([HEADER, member()], 党组织=[*ORGANISATIONS, row])
    assert places(contents) == [("党组织", place, code)]


def test_members_belong_to_a_branch_and_to_nothing_above_it() -> None:
    assert places(read([HEADER, member(党支部编号="1000")])) == [("党员", "C2", "roster.not_a_branch")]


def test_units_and_organisations_that_are_known_need_not_be_listed() -> None:
    known = Known({"u01": "高山镇"}, {"1001": OrganisationKind.BRANCH}, {"1001": "高山镇"})
    contents = read_roster(made({"党员": [HEADER, member()]}), CATEGORIES, TODAY)
    cross_check(contents, known)
    assert places(contents) == []


def test_a_known_organisation_keeps_its_kind() -> None:
    contents = read_roster(made({"党组织": ORGANISATIONS}), CATEGORIES, TODAY)
    cross_check(contents, Known({"u01": "高山镇"}, {"1000": OrganisationKind.GENERAL_BRANCH}))
    assert ("党组织", "C2", "roster.kind_changed") in places(contents)


def test_after_preparation_no_unit_is_added() -> None:
    contents = read_roster(made({"选举单位": UNITS}), CATEGORIES, TODAY)
    cross_check(contents, Known(units_open=False))
    assert places(contents) == [("选举单位", "A2", "roster.units_fixed")]


def test_from_the_nomination_on_a_branch_stays_in_its_unit() -> None:
    contents = read_roster(made({"党组织": ORGANISATIONS}), CATEGORIES, TODAY)
    known = {"1000": OrganisationKind.COMMITTEE, "1001": OrganisationKind.BRANCH}
    units = {"u01": "高山镇", "u02": "平川镇"}
    cross_check(contents, Known(units, known, {"1001": "平川镇"}, branches_open=False))
    assert places(contents) == [("党组织", "E3", "roster.branch_stays")]


def test_a_factor_needs_its_reason() -> None:
    rows: list[list[Any]] = [["代号", "名称", "类型", "系数", "系数理由"], ["u01", "高山镇", "乡镇", 1.2, ""]]
    assert own_faults(read([HEADER, member()], 选举单位=rows)) == [("选举单位", "E2", "congress.factor_unexplained")]


def test_members_of_a_branch_whose_row_is_faulty_wait_for_it() -> None:
    rows = [*ORGANISATIONS[:2], ["1001", "", "党支部", "1000", "高山镇"]]
    contents = read([HEADER, member(1), member(2)], 党组织=rows)
    assert places(contents) == [
        ("党组织", "B3", "roster.cell_empty"),
        ("党员", "C2", "roster.row_waits"),
        ("党员", "C3", "roster.row_waits"),
    ]
    assert "“党组织”表第 3 行" in contents.faults[1].words.zh
    assert contents.members == []


def test_a_faulty_unit_holds_back_its_branches_and_their_members() -> None:
    contents = read([HEADER, member(1)], 选举单位=[UNITS[0], ["u01", "高山镇", "星球"]])
    assert places(contents) == [
        ("选举单位", "C2", "roster.cell_not_a_choice"),
        ("党组织", "E3", "roster.row_waits"),
        ("党员", "C2", "roster.row_waits"),
    ]
    assert [row.code for row in contents.organisations] == ["1000"]


def test_a_branch_that_is_known_already_takes_members_though_its_row_is_faulty() -> None:
    known = Known({"u01": "高山镇"}, {"1000": OrganisationKind.COMMITTEE, "1001": OrganisationKind.BRANCH})
    rows = [*ORGANISATIONS[:2], ["1001", "", "党支部", "1000", "高山镇"]]
    contents = read_roster(made({"党组织": rows, "党员": [HEADER, member()]}), CATEGORIES, TODAY)
    cross_check(contents, known)
    assert places(contents) == [("党组织", "B3", "roster.cell_empty")]
    assert len(contents.members) == 1


def test_a_branch_cannot_name_its_unit_by_a_name_that_the_same_workbook_changes() -> None:
    contents = read_roster(
        made({"选举单位": [UNITS[0], ["u01", "高山新镇", "乡镇"]], "党组织": ORGANISATIONS}), CATEGORIES, TODAY
    )
    cross_check(contents, Known({"u01": "高山镇"}))
    assert places(contents) == [("党组织", "E3", "roster.unit_unknown")]


def test_a_missing_column_is_one_fault_for_the_sheet() -> None:
    contents = read([["姓名", "党支部编号", "主要类别"], ["王一", "1001", "农民"]])
    assert places(contents) == [("党员", "1", "roster.column_missing")]
    assert "身份证号" in contents.faults[0].words.zh


def test_a_sheet_without_a_header_says_which_header_it_needs() -> None:
    assert places(read([["王一", identity_number(1)]])) == [("党员", "1", "roster.header_missing")]


def test_of_two_sheets_of_one_name_neither_is_taken_for_the_other() -> None:
    data = made({"党员": [HEADER, member(1)], "党员 ": [HEADER, member(2)]})
    assert refusal_of(data) == "roster.sheet_twice"


def test_a_doubled_column_is_found() -> None:
    rows = [[*HEADER, "姓名"], [*member(), "王二"]]
    assert places(read(rows)) == [("党员", "H1", "roster.column_twice")]


def test_the_template_s_example_rows_are_never_imported() -> None:
    assert refusal_of(template_workbook(list(CATEGORIES), ["高山镇"])) == "roster.no_rows"


def test_the_template_offers_the_words_that_the_import_understands() -> None:
    book = openpyxl.load_workbook(io.BytesIO(template_workbook(list(CATEGORIES), [f"第{n}镇" for n in range(90)])))
    lists = {str(rule.formula1) for page in book.worksheets for rule in page.data_validations.dataValidation}
    assert '"领导干部,农民"' in lists
    assert "'选举单位名单'!$A$1:$A$90" in lists
    assert book["选举单位名单"].sheet_state == "hidden"


def test_a_file_that_is_no_workbook_is_refused_with_one_sentence() -> None:
    for data in (b"", b"PK\x03\x04 broken", b"%PDF-1.7 renamed", b"\x00" * 4000, "姓名,身份证号".encode()):
        assert refusal_of(data) == "roster.not_a_workbook"


def test_a_locked_workbook_is_asked_for_without_its_password() -> None:
    locked = archive.COMPOUND + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(900)
    assert refusal_of(locked) == "roster.file_locked"


def test_a_zip_that_is_no_workbook_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made_up:
        made_up.writestr("readme.txt", "nothing")
    assert refusal_of(out.getvalue()) == "roster.not_a_workbook"


def test_a_workbook_cut_off_or_damaged_is_refused() -> None:
    data = made({"党员": [HEADER, member()]})
    assert refusal_of(data[: len(data) // 2]) == "roster.not_a_workbook"
    for place in range(60, len(data), 211):
        broken = data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :]
        try:
            read_roster(broken, CATEGORIES, TODAY)
        except Refused as refusal:
            assert refusal.code.startswith("roster.")


def test_a_workbook_without_any_of_the_sheets_says_which_it_looks_for() -> None:
    assert refusal_of(made({"Sheet1": [["姓名"]]})) == "roster.no_sheet"


def test_a_file_that_is_too_large_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_BYTES", 1000)
    assert refusal_of(b"PK" + b"\x00" * 1000) == "roster.file_too_large"


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("[Content_Types].xml", "<Types/>")
        with bomb.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as stream:
            for _ in range(archive.MOST_UNPACKED // archive.MEGABYTE + 1):
                stream.write(b"\x00" * archive.MEGABYTE)
    assert refusal_of(out.getvalue()) == "roster.file_unpacks_too_large"


def test_a_header_that_lies_about_its_size_does_not_help_a_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    data = made({"党员": [HEADER, *(member(serial) for serial in range(300))]})
    monkeypatch.setattr(archive, "MOST_UNPACKED", 20_000)
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        infos = opened.infolist()
    for info in infos:
        info.file_size = 1
    monkeypatch.setattr(zipfile.ZipFile, "infolist", lambda self: infos)
    assert refusal_of(data) in ("roster.file_unpacks_too_large", "roster.not_a_workbook")


def test_more_rows_than_a_roster_can_have_are_refused() -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].title = "党员"
    book.worksheets[0].cell(reader.MOST_ROWS + 1, 1, "王一")
    out = io.BytesIO()
    book.save(out)
    assert refusal_of(out.getvalue()) == "roster.too_many_rows"


def test_a_cell_in_the_last_column_costs_nothing() -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].title = "党员"
    book.worksheets[0]["XFD9"] = "x"
    out = io.BytesIO()
    book.save(out)
    assert refusal_of(out.getvalue()) == "roster.too_many_columns"


texts = st.text(st.characters(categories=["Lo", "Nd"], include_characters="=（）、-"), min_size=1, max_size=12).map(
    lambda text: "甲" + text
)


@examples(25)
@given(
    factor=st.fractions(Fraction(1, 9), 9, max_denominator=50),
    names=st.lists(texts, min_size=1, max_size=6),
    data=st.data(),
)
def test_a_written_roster_reads_back_as_it_was(factor: Fraction, names: list[str], data: st.DataObject) -> None:
    units = [UnitRow(2, "u01", "高山镇", UnitKind.HEALTH, factor, "照顾")]
    organisations = [
        OrganisationRow(2, "001", "=党委", OrganisationKind.COMMITTEE, "", ""),
        OrganisationRow(3, "0011", "支部（一）", OrganisationKind.BRANCH, "001", "高山镇"),
    ]
    members = [
        MemberRow(
            place + 2,
            name,
            read_identity(identity_number(place)),
            "0011",
            data.draw(st.sampled_from(["", "汉族", "土家族"])),
            "大专",
            *data.draw(
                st.sampled_from(
                    [(Standing.FULL, None), (Standing.PROBATIONARY, None), (Standing.FULL, Suspension.DETAINED)]
                )
            ),
            data.draw(st.none() | st.dates(date(2005, 1, 1), TODAY)),
            data.draw(st.sampled_from(list(NAMES))),
            data.draw(st.just("") | texts),
        )
        for place, name in enumerate(names)
    ]
    contents = read_roster(roster_workbook(units, organisations, members, NAMES), CATEGORIES, TODAY)
    cross_check(contents, Known())
    assert places(contents) == []
    assert (contents.units, contents.organisations, contents.members) == (units, organisations, members)
