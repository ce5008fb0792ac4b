"""A roster workbook becomes the roster, all of it or none."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from sqlalchemy import func, select

from election.congress.lifecycle import Phase
from election.congress.models import Congress, Unit, UnitKind
from election.congress.operations import create_congress
from election.congress.rules_in_force import rule_rows
from election.errors import Forbidden, Invalid, Refused, Stale
from election.people.actor import Role
from election.people.identity import read_identity
from election.people.models import Person
from election.people.operations import find_or_add_person, grant_role
from election.people.queries import actor_of
from election.roster.importing.operations import export_roster, import_roster, preview_roster
from election.roster.importing.operations_upload import check_again, import_staged, stage_roster
from election.roster.importing.plan import make_plan
from election.roster.importing.rows import MemberRow, OrganisationRow, UnitRow
from election.roster.importing.shown import shown
from election.roster.importing.workbook import STEPS, read_roster
from election.roster.importing.workbook_writing import roster_workbook
from election.roster.models import (
    Member,
    Organisation,
    OrganisationKind,
    RosterImport,
    Standing,
    Suspension,
    UnitBranch,
)
from election.roster.operations import EDITS, MemberChange, change_member
from election.roster.queries import branch_members, member_line, member_token
from election.roster.queries_edits import last_edit
from election.roster.queries_organisations import organisation_tree
from election.store.audit import congress_chain, verify
from election.store.database import Database
from election.store.models import AuditEvent
from election.texts import sentence
from tests.election.roster.making import opened, saved
from tests.support.county import CATEGORIES, KEYS, ROOT, County, begin, identity_number, roster_rows, workbook

NAMES = {category.code: category.name for category in CATEGORIES}


def newcomer(serial: int, **changes: object) -> MemberRow:
    row = MemberRow(
        0, "邓新", read_identity(identity_number(serial)), "u1-b1", "汉族", "本科", Standing.FULL, None,
        date(2015, 7, 1), "farmer", "",
    )  # fmt: skip
    return replace(row, **changes)  # type: ignore[arg-type]


def members(county: County) -> int:
    with county.reading() as session:
        return session.scalar(select(func.count()).select_from(Member)) or 0


def test_the_whole_workbook_is_read_in_as_one_act(county: County) -> None:
    assert members(county) == 48
    with county.reading() as session:
        row = session.scalars(select(RosterImport)).one()
        assert (row.organisations_added, row.members_added, row.members_changed) == (6, 48, 0)
        assert row.person_id == county.people["office"].person_id
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "roster.imported")).one()
        assert event.details["hash"] == row.file_hash
        assert verify(session) == []


def test_a_member_s_sex_and_birth_date_are_those_of_the_number_which_is_stored_sealed(county: County) -> None:
    with county.reading() as session:
        person = session.scalars(select(Person).join(Member).order_by(Member.id)).first()
        assert person is not None
        number = identity_number(0, woman=True)
        assert (person.sex, person.born_on) == ("female", date(1985, 5, 5))
        assert person.identity_key == KEYS.key_of(number)
        assert number not in str(person.identity_sealed)
        assert KEYS.open(str(person.identity_sealed)) == number


def test_with_one_bad_row_nothing_is_stored_at_all(county: County) -> None:
    rows = [newcomer(400), newcomer(401, category="nonsense")]
    with pytest.raises(Invalid) as invalid, county.acting("office") as act:
        import_roster(act, county.congress_id, "再来.xlsx", workbook([], rows), KEYS)
    assert [refusal.field for refusal in invalid.value.refusals] == ["党员!I3"]
    assert members(county) == 48


def test_sound_rows_are_read_in_and_the_faulty_ones_stay_out(county: County) -> None:
    rows = [newcomer(400), newcomer(401, category="nonsense"), newcomer(402, branch="u9-b9")]
    with county.acting("office") as act:
        row = import_roster(act, county.congress_id, "部分.xlsx", workbook([], rows), KEYS, partial=True)
    assert (row.members_added, row.rows_left_out) == (1, 2)
    assert members(county) == 49
    with county.reading() as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.action == "roster.imported")).all()
        assert events[-1].details["rows_left_out"] == 2
        assert "110101" not in str(events[-1].details)


def test_members_of_a_new_branch_that_stays_out_stay_out_with_it(county: County) -> None:
    organisations = [OrganisationRow(0, "u1-b9", "新村支部", OrganisationKind.BRANCH, "u1", "没有的镇")]
    rows = [newcomer(400, branch="u1-b9"), newcomer(401)]
    with county.acting("office") as act:
        row = import_roster(act, county.congress_id, "部分.xlsx", workbook(organisations, rows), KEYS, partial=True)
    assert (row.organisations_added, row.members_added, row.rows_left_out) == (0, 1, 2)


def test_a_workbook_of_nothing_but_faults_is_no_partial_import_either(county: County) -> None:
    data = workbook([], [newcomer(401, category="nonsense")])
    with pytest.raises(Invalid), county.acting("office") as act:
        import_roster(act, county.congress_id, "错.xlsx", data, KEYS, partial=True)
    with county.reading() as session:
        assert len(session.scalars(select(RosterImport)).all()) == 1


def without_columns(data: bytes, *headers: str) -> bytes:
    book = opened(data)
    page = book["党员"]
    for header in headers:
        (place,) = (cell.column for cell in page[1] if str(cell.value).strip("*") == header)
        page.delete_cols(place)
    return saved(book)


def test_a_column_that_is_left_out_changes_nothing(county: County) -> None:
    """Above all: nobody who is suspended gets the vote back because the workbook does not speak of it."""
    member_id = county.members("u1-b1")[0]
    with county.database.writing() as session:
        member = session.get_one(Member, member_id)
        member.suspension, member.right_since = Suspension.DETAINED, date(2031, 1, 5)
    _, people = roster_rows(list(county.units))
    moved = [replace(people[0], post="村支书", suspension=Suspension.DETAINED), *people[1:]]
    data = without_columns(workbook([], moved), "停权原因", "党员类型", "民族", "学历", "入党日期")
    with county.acting("office") as act:
        preview = preview_roster(act, county.congress_id, data, KEYS)
        assert [(change.header, change.before, change.after) for change in preview.changes] == [("职务", "", "村支书")]
        import_roster(act, county.congress_id, "职务.xlsx", data, KEYS)
    with county.reading() as session:
        member = session.get_one(Member, member_id)
        assert (member.suspension, member.right_since, member.post) == (Suspension.DETAINED, date(2031, 1, 5), "村支书")
        assert member.joined_on == date(2010, 7, 1)


def with_cells(data: bytes, header: str, *values: object) -> bytes:
    """The workbook with these values under a header of the sheet of members, from the first row on."""
    book = opened(data)
    page = book["党员"]
    (place,) = (cell.column for cell in page[1] if str(cell.value).strip("*") == header)
    for number, value in enumerate(values, 2):
        page.cell(number, place).value = value  # type: ignore[assignment]
    return saved(book)


def stand(county: County, standing: Standing, suspension: Suspension | None) -> int:
    """The first member of the roster, so recorded since the beginning of the year."""
    member_id = county.members("u1-b1")[0]
    with county.database.writing() as session:
        member = session.get_one(Member, member_id)
        member.standing, member.suspension, member.right_reason = standing, suspension, "县监委通知"
        if (standing, suspension) != (Standing.FULL, None):
            member.right_since = date(2031, 1, 5)
    return member_id


@pytest.mark.parametrize(
    ("standing", "suspension"), [(Standing.FULL, Suspension.DETAINED), (Standing.PROBATIONARY, None)]
)
def test_empty_cells_leave_a_known_member_s_right_and_its_reason_as_they_are(
    county: County, standing: Standing, suspension: Suspension | None
) -> None:
    member_id = stand(county, standing, suspension)
    _, people = roster_rows(list(county.units))
    data = workbook([], [replace(people[0], post="村支书"), *people[1:]])
    data = with_cells(with_cells(data, "停权原因", ""), "党员类型", "")
    with county.acting("office") as act:
        preview = preview_roster(act, county.congress_id, data, KEYS)
        assert (preview.voters, preview.members, preview.faults) == (47, 48, ())
        import_roster(act, county.congress_id, "职务.xlsx", data, KEYS)
    with county.reading() as session:
        member = session.get_one(Member, member_id)
        assert (member.standing, member.suspension, member.post) == (standing, suspension, "村支书")
        assert (member.right_since, member.right_reason) == (date(2031, 1, 5), "县监委通知")


@pytest.mark.parametrize(
    ("stored", "said", "header"),
    [
        ((Standing.FULL, None), (Standing.PROBATIONARY, None), "党员类型"),
        ((Standing.PROBATIONARY, None), (Standing.FULL, None), "党员类型"),
        ((Standing.FULL, None), (Standing.FULL, Suspension.DETAINED), "停权原因"),
        ((Standing.FULL, Suspension.DETAINED), (Standing.FULL, Suspension.ARRESTED), "停权原因"),
        ((Standing.FULL, Suspension.DETAINED), (Standing.PROBATIONARY, None), "党员类型"),
    ],
)
def test_a_row_that_says_another_right_of_a_known_member_goes_back(
    county: County,
    stored: tuple[Standing, Suspension | None],
    said: tuple[Standing, Suspension | None],
    header: str,
) -> None:
    member_id = stand(county, *stored)
    _, people = roster_rows(list(county.units))
    rows = [replace(people[0], standing=said[0], suspension=said[1], post="村支书"), newcomer(400)]
    with county.acting("office") as act:
        preview = preview_roster(act, county.congress_id, workbook([], rows), KEYS)
        assert [(one.header, one.refusal.code) for one in preview.faults] == [(header, "roster.right_by_hand")]
        row = import_roster(act, county.congress_id, "表决权.xlsx", workbook([], rows), KEYS, partial=True)
    assert (row.members_added, row.members_changed, row.rows_left_out) == (1, 0, 1)
    with county.reading() as session:
        member = session.get_one(Member, member_id)
        assert (member.standing, member.suspension, member.post) == (*stored, "")


def test_a_newcomer_s_days_without_a_vote_go_in_come_out_and_change_nothing_again(county: County) -> None:
    row = newcomer(
        400, suspension=Suspension.UNDER_WATCH, right_since=date(2030, 5, 5), right_until=date(2032, 5, 4),
        right_reason="县纪委处分决定",
    )  # fmt: skip
    with county.acting("office") as act:
        import_roster(act, county.congress_id, "新.xlsx", workbook([], [row]), KEYS)
    with county.acting("office") as act:
        data = export_roster(act, county.congress_id, KEYS)
        again = preview_roster(act, county.congress_id, data, KEYS)
        assert (again.members_changed, again.faults) == (0, ())
        rows = [replace(row, right_since=None, right_until=None, right_reason="")]
        assert preview_roster(act, county.congress_id, workbook([], rows), KEYS).faults == ()
        for changes in ({"right_since": date(2030, 5, 6)}, {"right_until": date(2031, 5, 4)}, {"right_reason": "另文"}):
            other = preview_roster(act, county.congress_id, workbook([], [replace(row, **changes)]), KEYS)
            assert [fault.refusal.code for fault in other.faults] == ["roster.right_by_hand"]
    with county.reading() as session:
        member = session.scalars(select(Member).order_by(Member.id.desc())).first()
        assert member is not None and member.right_reason == "县纪委处分决定"
        assert (member.right_since, member.right_until) == (date(2030, 5, 5), date(2032, 5, 4))


def test_a_kept_workbook_is_not_read_in_over_what_somebody_changed_meanwhile(county: County) -> None:
    """The counts are the same, and one member changes as before: what it would put back is another thing."""
    member_id = county.members("u1-b1")[0]
    _, people = roster_rows(list(county.units))
    data = workbook([], [replace(people[0], post="文件里的职务"), *people[1:]])
    with county.acting("office") as act:
        preview = preview_roster(act, county.congress_id, data, KEYS)
        upload = stage_roster(act, county.congress_id, "职务.xlsx", data, preview, KEYS).id
    with county.database.writing() as session:
        session.get_one(Member, member_id).category = "other"
    with pytest.raises(Stale) as stale, county.acting("office") as act:
        import_staged(act, county.congress_id, upload, KEYS)
    assert stale.value.code == "roster.preview_changed"
    with county.reading() as session:
        member = session.get_one(Member, member_id)
        assert (member.category, member.post) == ("other", "")
    with county.acting("office") as act:
        check_again(act, county.congress_id, upload, KEYS)
        assert import_staged(act, county.congress_id, upload, KEYS).members_changed == 1


def correct(county: County, member_id: int, **changes: object) -> None:
    """At the member's page, by hand."""
    with county.acting("office") as act:
        line = member_line(act.session, county.congress_id, member_id)
        change = MemberChange(
            line.name, line.branch_id, line.ethnicity, line.education, line.joined_on, line.category, line.post
        )
        change = replace(change, **changes)  # type: ignore[arg-type]
        change_member(act, county.congress_id, member_id, change, seen=member_token(line))


def test_what_was_corrected_by_hand_stays_unless_somebody_says_so(county: County) -> None:
    """An older export still says what was wrong; of all else that it says the import is as ever."""
    with county.acting("office") as act:
        older = export_roster(act, county.congress_id, KEYS)
    first, second, third = county.members("u1-b1")[:3]
    _, people = roster_rows(list(county.units))
    correct(county, first, post="村支书", branch_id=county.branches["u1-b2"])
    correct(county, first, post="村主任")
    correct(county, second, name="丁更正")
    with county.acting("office") as act:
        import_roster(act, county.congress_id, "x.xlsx", workbook([], [replace(people[2], post="教师")]), KEYS)
    correct(county, third, category="farmer")
    data = with_cells(with_cells(older, "学历", "高中"), "职务", "", "会计", "医生")
    with county.acting("office") as act:
        preview = preview_roster(act, county.congress_id, data, KEYS)
    undone = [(one.row, one.header, one.before, one.after) for one in preview.undone]
    assert undone == [
        (2, "党支部编号", "u1-b2", "u1-b1"),
        (2, "职务", "村主任", ""),
        (3, "姓名", "丁更正", people[1].name),
        (4, "主要类别", NAMES["farmer"], NAMES["other"]),
    ]
    assert {one.undoes.name for one in preview.undone if one.undoes} == {"经办office"}
    assert [(one.row, one.header) for one in preview.changes] == [(2, "学历"), (3, "职务"), (4, "职务")]
    with county.acting("office") as act:
        row = import_roster(act, county.congress_id, "旧.xlsx", data, KEYS, promised=preview.digest, undo=[3])
        assert row.members_changed == 3
    with county.reading() as session:
        one, two, three = (session.get_one(Member, member_id) for member_id in (first, second, third))
        assert (one.post, one.branch_id, one.person.education) == ("村主任", county.branches["u1-b2"], "高中")
        assert (two.person.name, two.post) == (people[1].name, "会计")
        assert (three.category, three.post) == ("farmer", "医生")
        events = select(AuditEvent).where(AuditEvent.action == "roster.imported").order_by(AuditEvent.id.desc())
        event = session.scalars(events).first()
        assert event is not None and event.details["corrections_undone"] == 1


def test_a_member_too_young_by_the_rule_goes_back(county: County) -> None:
    born = {13: "roster.too_young", 17: "roster.too_young", 18: None}
    for age, code in born.items():
        number = identity_number(400 + age, born=date(2031 - age, 3, 3))
        row = newcomer(400, identity=read_identity(number), joined_on=None)
        with county.acting("office") as act:
            preview = preview_roster(act, county.congress_id, workbook([], [row]), KEYS)
        assert [fault.refusal.code for fault in preview.faults] == ([code] if code else [])


def test_the_first_import_freezes_the_rule_that_it_goes_by(county: County) -> None:
    with county.reading() as session:
        (rule,) = (row for row in rule_rows(session, county.congress_id) if row.name == "member_age_least")
        assert (rule.value, rule.frozen_by) == (18, "roster.imported")


def test_nowhere_is_an_identity_number_said_in_full(county: County) -> None:
    """In whatever column it stands by mistake, and however it was typed."""
    _, people = roster_rows(list(county.units))
    number = people[0].identity.number
    wide = number.translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)})
    typed = (number, f"{number[:6]} {number[6:14]} {number[14:]}", wide, f"证{number}", f"{number}1", number[:17])
    for header in ("姓名", "民族", "学历", "党支部编号", "党员类型", "停权原因", "主要类别", "入党日期", "职务"):
        data = with_cells(workbook([], people[: len(typed)]), header, *typed)
        with county.acting("office") as act:
            preview = preview_roster(act, county.congress_id, data, KEYS)
        refusals = [fault.refused() for fault in preview.faults]
        said = [sentence(one.code, one.params).zh + sentence(one.code, one.params).en for one in refusals]
        said += [str(one) for one in (*preview.changes, *preview.renamed)] + [str(shown(preview))]
        assert len(said) > 1
        for text in said:
            assert number[6:14] not in unicodedata.normalize("NFKC", text).replace(" ", ""), (header, text)


def test_an_import_is_on_the_chain_of_every_congress_in_which_its_members_vote(county: County) -> None:
    with county.acting(ROOT) as act:
        later = create_congress(
            act, code="xian-15", name="下一届", county="某县", total_seats=20, reference_date=date(2036, 6, 30)
        )
        later_id = later.id
        grant_role(
            act, act.session.get_one(Person, county.people["office"].person_id), Role.OFFICE, congress_id=later_id
        )
    with county.database.writing() as session:
        unit = Unit(congress_id=later_id, code="v1", name="某镇", kind=UnitKind.TOWNSHIP, position=1)
        session.add(unit)
        session.flush()
        session.add(UnitBranch(congress_id=later_id, unit_id=unit.id, branch_id=county.branches["u1-b1"]))
        person = session.get_one(Person, county.people["office"].person_id)
        county.people["office"] = actor_of(session, person)
        before = session.get_one(Congress, later_id).revision
    _, people = roster_rows(list(county.units))
    with county.acting("office") as act:
        import_roster(act, county.congress_id, "x.xlsx", workbook([], [replace(people[0], post="支部书记")]), KEYS)
    with county.reading() as session:
        assert session.get_one(Congress, later_id).revision > before
        events = session.scalars(select(AuditEvent).where(AuditEvent.action == "member.updated")).all()
        assert {event.chain for event in events} == {congress_chain(county.congress_id), congress_chain(later_id)}
    with county.database.writing() as session:
        session.get_one(Congress, later_id).phase = Phase.ANNOUNCEMENT
    with pytest.raises(Refused) as refusal, county.acting("office") as act:
        import_roster(act, county.congress_id, "x.xlsx", workbook([], [replace(people[0], post="书记")]), KEYS)
    assert refusal.value.code == "roster.import_closed"


def test_who_watches_is_told_each_step_in_turn(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (read_roster.__module__, make_plan.__module__):
        monkeypatch.setattr(f"{module}.EVERY", 10)
    told: list[tuple[str, int, int]] = []
    _, people = roster_rows(list(county.units))
    with county.acting("office") as act:
        rows = workbook([], [*people, *(newcomer(serial) for serial in range(400, 420))])
        import_roster(act, county.congress_id, "进度.xlsx", rows, KEYS, progress=lambda *step: told.append(step))
    assert list(dict.fromkeys(step for step, _, _ in told)) == list(STEPS)
    assert all(0 <= done <= of for _, done, of in told)
    assert told[-1] == ("store", 20, 20)


def test_after_preparation_a_changed_unit_stays_out_and_the_rest_goes_in(county: County) -> None:
    with county.database.writing() as session:
        session.get_one(Congress, county.congress_id).phase = Phase.REGISTRATION
    units = [UnitRow(0, "u1", "第一镇", UnitKind.TOWNSHIP, Fraction(1), "")]
    with county.acting("office") as act:
        data = roster_workbook(units, [], [newcomer(400)], NAMES)
        row = import_roster(act, county.congress_id, "单位.xlsx", data, KEYS, partial=True)
    assert (row.members_added, row.rows_left_out) == (1, 1)


def test_a_preview_counts_and_stores_nothing(county: County) -> None:
    organisations, people = roster_rows(list(county.units))
    changed = [
        replace(people[0], post="支部书记"),
        *people[1:],
        newcomer(400),
        newcomer(401, standing=Standing.PROBATIONARY),
    ]
    with county.acting("office") as act:
        preview = preview_roster(act, county.congress_id, workbook(organisations, changed), KEYS)
    assert (preview.members, preview.members_added, preview.members_changed) == (50, 2, 1)
    assert (preview.organisations, preview.organisations_added, preview.organisations_changed) == (6, 0, 0)
    assert preview.voters == 49
    assert preview.faults == ()
    assert members(county) == 48


def test_the_same_workbook_again_changes_nothing(county: County) -> None:
    with county.acting("office") as act:
        row = import_roster(act, county.congress_id, "花名册.xlsx", workbook(*roster_rows(list(county.units))), KEYS)
    assert (row.organisations_added, row.members_added, row.members_changed) == (0, 0, 0)
    assert members(county) == 48


def test_a_member_is_found_again_by_identity_number_and_updated(county: County) -> None:
    _, people = roster_rows(list(county.units))
    moved = replace(people[0], name="丁改名", branch="u2-b1", category="other", post="教师")
    with county.acting("office") as act:
        row = import_roster(act, county.congress_id, "更正.xlsx", workbook([], [moved]), KEYS, renamed=[2])
    assert (row.members_added, row.members_changed) == (0, 1)
    with county.reading() as session:
        line = branch_members(session, county.congress_id, county.branches["u2-b1"])[0]
        assert (line.name, line.category, line.post) == ("丁改名", "other", "教师")
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "member.updated")).one()
        assert event.subject == f"member:{line.member_id}" and event.details["member"] == line.member_id
        before, after = event.details["before"], event.details["after"]
        assert (before["name"], before["branch"]) == (people[0].name, "第1镇1村党支部（u1-b1）")
        assert (after["name"], after["branch"], after["post"]) == ("丁改名", "第2镇1村党支部（u2-b1）", "教师")
        assert last_edit(session, county.congress_id, event.subject, EDITS, or_by="roster.imported") is not None


def test_names_that_slipped_by_one_row_rename_nobody(county: County) -> None:
    """The classic accident with a sorted column; the numbers are all sound."""
    _, people = roster_rows(list(county.units))
    names = [f"丙{place}" for place in range(6)]
    slipped = [replace(row, name=name, post="书记") for row, name in zip(people[:6], names, strict=True)]
    data = workbook([], [*slipped, replace(people[6], post="教师")])
    with county.acting("office") as act:
        preview = preview_roster(act, county.congress_id, data, KEYS)
        assert len({one.row for one in preview.renamed}) == 6 and len(preview.changes) == 1
        row = import_roster(act, county.congress_id, "错行.xlsx", data, KEYS, renamed=[3])
    assert row.members_changed == 2
    with county.reading() as session:
        lines = branch_members(session, county.congress_id, county.branches["u1-b1"])
        assert [line.name for line in lines[:3]] == [people[0].name, "丙1", people[2].name]
        assert [line.post for line in lines[:3]] == ["", "书记", ""]
        imported = session.scalars(select(AuditEvent).where(AuditEvent.action == "roster.imported")).all()[-1]
        assert (imported.details["members_changed"], imported.details["names_in_doubt"]) == (2, 5)


def test_who_has_an_account_already_stays_one_person(county: County) -> None:
    with county.acting(ROOT) as act:
        clerk = find_or_add_person(act, "邓新", read_identity(identity_number(400)), KEYS)
    with county.acting("office") as act:
        row = import_roster(act, county.congress_id, "新进.xlsx", workbook([], [newcomer(400)]), KEYS)
    assert row.members_added == 1
    with county.reading() as session:
        assert session.scalars(select(Member.id).where(Member.person_id == clerk.id)).one()


def test_another_name_for_a_person_who_is_known_is_shown_before_it_is_stored(county: County) -> None:
    """Who holds an account is named in the audit chain: a wrong number must not rename anybody unseen."""
    with county.acting(ROOT) as act:
        find_or_add_person(act, "邓旧", read_identity(identity_number(400)), KEYS)
    with county.acting("office") as act:
        preview = preview_roster(act, county.congress_id, workbook([], [newcomer(400)]), KEYS)
    assert preview.members_added == 0
    assert [(change.who, change.header, change.before, change.after) for change in preview.renamed] == [
        ("邓新", "姓名", "邓旧", "邓新"),
        ("邓新", "民族", "", "汉族"),
        ("邓新", "学历", "", "大学本科"),
    ]


def test_members_who_are_not_in_the_workbook_stay(county: County) -> None:
    with county.acting("office") as act:
        import_roster(act, county.congress_id, "新进.xlsx", workbook([], [newcomer(400)]), KEYS)
    assert members(county) == 49


def test_branches_below_a_general_branch_keep_their_place_in_the_tree(database: Database) -> None:
    county = begin(database, units=1)
    organisations = [
        OrganisationRow(0, "b", "支部", OrganisationKind.BRANCH, "g", "第1镇"),
        OrganisationRow(0, "g", "总支", OrganisationKind.GENERAL_BRANCH, "c", ""),
        OrganisationRow(0, "c", "党委", OrganisationKind.COMMITTEE, "", ""),
    ]
    with county.acting("office") as act:
        import_roster(act, county.congress_id, "组织.xlsx", workbook(organisations, [newcomer(1, branch="b")]), KEYS)
    with county.reading() as session:
        tree = organisation_tree(session, county.congress_id)
    assert [(node.code, node.depth, node.members, node.branches) for node in tree] == [
        ("c", 0, 1, 1),
        ("g", 1, 1, 1),
        ("b", 2, 1, 1),
    ]


def test_units_in_the_workbook_are_added_and_changed_in_preparation(county: County) -> None:
    units = [
        UnitRow(0, "u1", "第一镇", UnitKind.TOWNSHIP, Fraction(6, 5), "边远"),
        UnitRow(0, "u9", "县医院", UnitKind.HEALTH, Fraction(1), ""),
    ]
    with county.acting("office") as act:
        import_roster(act, county.congress_id, "单位.xlsx", roster_workbook(units, [], [], NAMES), KEYS)
    with county.reading() as session:
        found = session.execute(select(Unit.code, Unit.name, Unit.factor).order_by(Unit.position)).all()
    assert found == [("u1", "第一镇", Fraction(6, 5)), ("u2", "第2镇", Fraction(1)), ("u9", "县医院", Fraction(1))]


def test_after_nomination_a_whole_roster_is_not_imported_any_more(county: County) -> None:
    with county.database.writing() as session:
        session.get_one(Congress, county.congress_id).phase = Phase.ELECTION
    with pytest.raises(Refused) as refusal, county.acting("office") as act:
        import_roster(act, county.congress_id, "晚了.xlsx", workbook([], [newcomer(400)]), KEYS)
    assert refusal.value.code == "roster.import_closed"


@pytest.mark.parametrize("who", ["u1", "u1-b1", "approver"])
def test_only_the_office_imports(county: County, who: str) -> None:
    with pytest.raises(Forbidden), county.acting(who) as act:
        import_roster(act, county.congress_id, "x.xlsx", b"", KEYS)


def test_without_categories_nobody_can_be_placed_in_one(database: Database) -> None:
    county = County(database)
    with county.acting(ROOT) as act:
        congress = create_congress(
            act, code="new", name="新", county="新", total_seats=3, reference_date=date(2031, 6, 30)
        )
        county.congress_id = congress.id
    county.sit("office", Role.OFFICE)
    with pytest.raises(Refused) as refusal, county.acting("office") as act:
        import_roster(act, congress.id, "x.xlsx", b"", KEYS)
    assert refusal.value.code == "roster.no_categories"


def test_an_exported_roster_imports_back_unchanged_and_its_export_is_recorded(county: County) -> None:
    with county.acting("office") as act:
        data = export_roster(act, county.congress_id, KEYS)
    with county.acting("office") as act:
        preview = preview_roster(act, county.congress_id, data, KEYS)
    assert (preview.units, preview.organisations, preview.members) == (2, 6, 48)
    assert (preview.units_added, preview.organisations_added, preview.organisations_changed) == (0, 0, 0)
    assert (preview.members_added, preview.members_changed, preview.faults) == (0, 0, ())
    with county.reading() as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "roster.exported")).one()
        assert event.person_id == county.people["office"].person_id


def test_a_branch_may_move_to_another_unit_before_the_slates(county: County) -> None:
    organisations, _ = roster_rows(list(county.units))
    moved = [replace(row, unit="第2镇") if row.code == "u1-b2" else row for row in organisations]
    with county.acting("office") as act:
        import_roster(act, county.congress_id, "调整.xlsx", workbook(moved, []), KEYS)
    with county.reading() as session:
        units = {node.code: node.unit_name for node in organisation_tree(session, county.congress_id)}
        assert units["u1-b2"] == "第2镇"
        assert session.scalar(select(func.count()).select_from(Organisation)) == 6
