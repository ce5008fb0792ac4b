"""One member, one branch, one unit: changes, voting rights, verification; and what the pages read."""

from __future__ import annotations

import re
from contextlib import nullcontext
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import event, select

from election.congress.lifecycle import Phase
from election.congress.models import Congress, UnitKind
from election.congress.operations import add_unit, create_congress, set_categories
from election.errors import Forbidden, NotFound, Refused, Stale
from election.people.actor import Role
from election.roster.absences.operations import record_absence
from election.roster.absences.queries import absence_token
from election.roster.electors import has_vote
from election.roster.importing.operations import export_roster, import_roster
from election.roster.models import AbsenceKind, Member, Organisation, Standing, Suspension
from election.roster.operations import MemberChange, assign_branch, change_member, set_voting_right, verify_unit
from election.roster.queries import MemberLine, elector_list, member_line, member_token, members_page, unit_of_person
from election.roster.queries_member import rights_due
from election.roster.queries_organisations import organisation_tree
from election.roster.queries_totals import unit_totals
from election.roster.queries_units import unit_roster, unit_rosters
from election.store.audit import congress_chain
from election.store.models import AuditEvent
from election.texts import sentence
from tests.election.roster.making import opened
from tests.support.county import CATEGORIES, KEYS, REFERENCE, ROOT, County, roster_rows, workbook


def line_of(county: County, member_id: int) -> MemberLine:
    with county.reading() as session:
        return member_line(session, county.congress_id, member_id)


def as_it_is(line: MemberLine) -> MemberChange:
    return MemberChange(
        line.name, line.branch_id, line.ethnicity, line.education, line.joined_on, line.category, line.post
    )


def verify(county: County, unit: str) -> None:
    with county.acting(unit) as act:
        verify_unit(act, county.units[unit], seen=unit_roster(act.session, county.units[unit]).state.hash)


def suspend(county: County, member_id: int, reason: Suspension = Suspension.UNDER_WATCH) -> None:
    seen = member_token(line_of(county, member_id))
    with county.acting("office") as act:
        set_voting_right(act, county.congress_id, member_id, Standing.FULL, reason, reason="县纪委决定", seen=seen)


def test_a_member_s_facts_are_corrected_and_both_versions_recorded(county: County) -> None:
    line = line_of(county, county.members("u1-b1")[0])
    with county.acting("office") as act:
        change = replace(as_it_is(line), post="校长", category="other")
        change_member(act, county.congress_id, line.member_id, change, seen=member_token(line))
    after = line_of(county, line.member_id)
    assert (after.post, after.category) == ("校长", "other")
    with county.reading() as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "member.changed")).one()
        assert (event.details["before"]["post"], event.details["after"]["post"]) == ("", "校长")


def test_the_second_of_two_clerks_is_told_that_the_member_changed(county: County) -> None:
    line = line_of(county, county.members("u1-b1")[0])
    for post in ("一", "二"):
        change = replace(as_it_is(line), post=post)
        if post == "一":
            with county.acting("office") as act:
                change_member(act, county.congress_id, line.member_id, change, seen=member_token(line))
        else:
            with pytest.raises(Stale) as stale, county.acting("office") as act:
                change_member(act, county.congress_id, line.member_id, change, seen=member_token(line))
            said = sentence(stale.value.code, stale.value.params)
            assert line.name in said.zh and "经办office" in said.zh and "职务由“空”改为“一”" in said.zh
            assert "post from “empty” to “一”" in said.en
    assert line_of(county, line.member_id).post == "一"


def test_after_an_import_who_imported_is_named_and_not_who_corrected_before(county: County) -> None:
    county.sit("office2", Role.OFFICE)
    first = line_of(county, county.members("u1-b1")[0])
    with county.acting("office") as act:
        change_member(
            act, county.congress_id, first.member_id, replace(as_it_is(first), post="甲"), seen=member_token(first)
        )
    line = line_of(county, first.member_id)
    _, people = roster_rows(list(county.units))
    with county.acting("office2") as act:
        data = workbook([], [replace(people[0], post="导入的职务")])
        import_roster(act, county.congress_id, "x.xlsx", data, KEYS)
    with pytest.raises(Stale) as stale, county.acting("office") as act:
        change_member(act, county.congress_id, line.member_id, as_it_is(line), seen=member_token(line))
    said = sentence(stale.value.code, stale.value.params).zh
    assert "职务由“甲”改为“导入的职务”" in said and "由经办office2于" in said


def test_the_second_clerk_may_save_over_it_knowingly(county: County) -> None:
    line = line_of(county, county.members("u1-b1")[0])
    suspend(county, line.member_id)
    with county.acting("office") as act:
        now = member_token(member_line(act.session, county.congress_id, line.member_id))
        change_member(act, county.congress_id, line.member_id, replace(as_it_is(line), post="二"), seen=now)
    after = line_of(county, line.member_id)
    assert (after.post, after.right.votes) == ("二", False)


def test_a_category_that_changed_meanwhile_is_told_by_its_name(county: County) -> None:
    line = line_of(county, county.members("u1-b1")[0])
    with county.acting("office") as act:
        change = replace(as_it_is(line), category="other")
        change_member(act, county.congress_id, line.member_id, change, seen=member_token(line))
    with pytest.raises(Stale) as stale, county.acting("office") as act:
        change_member(act, county.congress_id, line.member_id, as_it_is(line), seen=member_token(line))
    assert "主要类别由“领导干部”改为“其他基层”" in sentence(stale.value.code, stale.value.params).zh


@pytest.mark.parametrize("seen", ["", "{}", "[]", '{"name": 3}', "x" * 5000, "null"])
def test_a_form_that_tells_nothing_of_what_was_seen_changes_nothing(county: County, seen: str) -> None:
    line = line_of(county, county.members("u1-b1")[0])
    with pytest.raises(Stale), county.acting("office") as act:
        change_member(act, county.congress_id, line.member_id, replace(as_it_is(line), post="三"), seen=seen)
    assert line_of(county, line.member_id).post == ""


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": " "}, "people.name_missing"),
        ({"category": "artist"}, "roster.category_unknown"),
        ({"branch_id": 1}, "roster.no_such_branch"),
        ({"joined_on": date(1985, 5, 5)}, "roster.joined_before_birth"),
        ({"joined_on": date(2099, 1, 1)}, "roster.joined_to_come"),
        ({"ethnicity": "不详"}, "roster.ethnicity_unknown"),
        ({"ethnicity": "汉人"}, "roster.ethnicity_unknown"),
    ],
)
def test_a_wrong_correction_is_refused(county: County, change: dict[str, object], code: str) -> None:
    line = line_of(county, county.members("u1-b1")[0])
    with pytest.raises((Refused, NotFound)) as refusal, county.acting("office") as act:
        wanted = replace(as_it_is(line), **change)  # type: ignore[arg-type]
        change_member(act, county.congress_id, line.member_id, wanted, seen=member_token(line))
    assert refusal.value.code == code


def test_a_voting_right_is_suspended_with_a_reason_and_restored(county: County) -> None:
    member_id = county.members("u1-b1")[0]
    with county.reading() as session:
        before = unit_roster(session, county.units["u1"]).state
    suspend(county, member_id)
    assert not line_of(county, member_id).right.votes
    with county.reading() as session:
        after = unit_roster(session, county.units["u1"]).state
        assert (before.members - after.members, before.expected - after.expected) == (0, 1)
        assert member_id not in {line.member_id for line in elector_list(session, county.units["u1"])}
    seen = member_token(line_of(county, member_id))
    with county.acting("office") as act:
        set_voting_right(act, county.congress_id, member_id, Standing.FULL, None, reason="期满恢复", seen=seen)
    assert line_of(county, member_id).right.votes


def set_days(
    county: County, line: MemberLine, since: date | None, until: date | None, reason: str = "县纪委决定"
) -> None:
    with county.acting("office") as act:
        set_voting_right(
            act, county.congress_id, line.member_id, Standing.FULL, Suspension.UNDER_WATCH, since=since, until=until,
            reason=reason, seen=member_token(line),
        )  # fmt: skip


def test_a_right_is_kept_with_its_days_and_nothing_changes_by_itself_when_they_end(county: County) -> None:
    line = line_of(county, county.members("u1-b1")[0])
    set_days(county, line, date(2029, 3, 1), date(2031, 2, 28))
    after = line_of(county, line.member_id)
    assert (after.right.since, after.right.until, after.right_reason) == (
        date(2029, 3, 1), date(2031, 2, 28), "县纪委决定"
    )  # fmt: skip
    assert not after.right.votes and after.right.due(county.now.date())
    with county.reading() as session:
        today = county.now.date()
        assert rights_due(session, county.congress_id, today) == 1
        assert [one.member_id for one in members_page(session, county.congress_id, due=today).lines] == [line.member_id]
        assert rights_due(session, county.congress_id, date(2031, 2, 28)) == 0


def test_nobody_lost_a_vote_before_joining(county: County) -> None:
    line = line_of(county, county.members("u1-b1")[0])
    with pytest.raises(Refused) as refusal:
        set_days(county, line, date(2010, 6, 30), None)
    assert (refusal.value.code, refusal.value.field) == ("roster.right_before_joining", "since")


def test_days_may_be_corrected_and_a_vote_that_comes_back_has_none(county: County) -> None:
    line = line_of(county, county.members("u1-b1")[0])
    set_days(county, line, date(2030, 1, 1), None)
    set_days(county, line_of(county, line.member_id), date(2030, 1, 1), date(2032, 1, 1))
    with pytest.raises(Refused) as refusal:
        set_days(county, line_of(county, line.member_id), date(2030, 1, 1), date(2032, 1, 1))
    assert refusal.value.code == "roster.right_unchanged"
    with county.acting("office") as act:
        seen = member_token(member_line(act.session, county.congress_id, line.member_id))
        set_voting_right(act, county.congress_id, line.member_id, Standing.FULL, None, reason="期满恢复", seen=seen)
    after = line_of(county, line.member_id)
    assert (after.right_since, after.right_until, after.right_reason) == (None, None, "期满恢复")
    with county.reading() as session:
        events = session.scalars(select(AuditEvent.details).where(AuditEvent.action == "voting_right.set")).all()
    assert [one["until"] for one in events] == [None, "2032-01-01", None]


@pytest.mark.parametrize("standing", Standing)
@pytest.mark.parametrize("suspension", [None, *Suspension])
def test_the_database_and_the_rule_agree_on_who_votes(
    county: County, standing: Standing, suspension: Suspension | None
) -> None:
    if suspension is not None and standing is not Standing.FULL:
        return
    member_id = county.members("u1-b1")[0]
    with county.database.writing() as session:
        row = session.get_one(Member, member_id)
        row.standing, row.suspension = standing, suspension
    with county.reading() as session:
        listed = member_id in {line.member_id for line in elector_list(session, county.units["u1"])}
    assert listed == has_vote(standing, suspension)


@pytest.mark.parametrize(
    ("standing", "suspension", "reason", "code"),
    [
        (Standing.FULL, Suspension.DETAINED, " ", "roster.reason_missing"),
        (Standing.FULL, None, "无", "roster.right_unchanged"),
        (Standing.PROBATIONARY, Suspension.DETAINED, "误", "roster.suspension_of_probationary"),
    ],
)
def test_a_voting_right_is_not_touched_without_ground(
    county: County, standing: Standing, suspension: Suspension | None, reason: str, code: str
) -> None:
    line = line_of(county, county.members("u1-b1")[0])
    with pytest.raises(Refused) as refusal, county.acting("office") as act:
        set_voting_right(
            act, county.congress_id, line.member_id, standing, suspension, reason=reason, seen=member_token(line)
        )
    assert refusal.value.code == code


def test_the_unit_s_clerk_verifies_the_roster_with_its_counts(county: County) -> None:
    suspend(county, county.members("u1-b1")[0])
    verify(county, "u1")
    with county.reading() as session:
        found = unit_roster(session, county.units["u1"])
    assert found.verified and not found.stale
    assert found.verification is not None
    assert (found.verification.members, found.verification.expected) == (24, 23)
    assert found.verified_by == county.people["u1"].name


def test_a_later_change_shows_the_verification_as_stale_until_it_is_done_again(county: County) -> None:
    verify(county, "u1")
    verify(county, "u2")
    suspend(county, county.members("u1-b1")[0])
    with county.reading() as session:
        first, second = unit_rosters(session, county.congress_id)
    assert (first.stale, first.verified) == (True, False)
    assert (second.stale, second.verified) == (False, True)
    verify(county, "u1")
    with county.reading() as session:
        assert unit_roster(session, county.units["u1"]).verified


def test_a_list_that_changed_while_it_was_looked_at_is_not_verified(county: County) -> None:
    with county.reading() as session:
        seen = unit_roster(session, county.units["u1"]).state.hash
    suspend(county, county.members("u1-b1")[0])
    with pytest.raises(Stale), county.acting("u1") as act:
        verify_unit(act, county.units["u1"], seen=seen)


def test_an_unchanged_roster_is_verified_once(county: County) -> None:
    verify(county, "u1")
    with pytest.raises(Refused) as refusal:
        verify(county, "u1")
    assert refusal.value.code == "roster.already_verified"


@pytest.mark.parametrize("who", ["u2", "office", "u1-b1"])
def test_only_the_unit_s_own_clerk_verifies(county: County, who: str) -> None:
    with pytest.raises(Forbidden), county.acting(who) as act:
        verify_unit(act, county.units["u1"], seen="")


def test_a_unit_that_has_no_members_on_the_county_s_roster_is_verified_as_it_is(county: County) -> None:
    for branch in ("u1-b1", "u1-b2"):
        with county.acting("office") as act:
            assign_branch(act, county.congress_id, county.branches[branch], county.units["u2"])
    verify(county, "u1")
    with county.reading() as session:
        found = unit_roster(session, county.units["u1"])
    assert found.verified and (found.state.members, found.state.expected) == (0, 0)


@pytest.mark.parametrize(
    ("typed", "kept"), [(("汉 族", "本科"), ("汉族", "大学本科")), (("土家", "自学"), ("土家族", "自学"))]
)
def test_what_is_typed_by_hand_is_kept_in_the_written_form_of_an_import(
    county: County, typed: tuple[str, str], kept: tuple[str, str]
) -> None:
    line = line_of(county, county.members("u1-b1")[0])
    with county.acting("office") as act:
        change = replace(as_it_is(line), ethnicity=typed[0], education=typed[1])
        change_member(act, county.congress_id, line.member_id, change, seen=member_token(line))
    after = line_of(county, line.member_id)
    assert (after.ethnicity, after.education) == kept


def test_a_save_that_changes_nothing_is_no_change(county: County) -> None:
    line = line_of(county, county.members("u1-b1")[0])
    with pytest.raises(Refused) as refusal, county.acting("office") as act:
        change_member(act, county.congress_id, line.member_id, as_it_is(line), seen=member_token(line))
    assert refusal.value.code == "roster.member_unchanged"


def test_a_move_between_branches_of_one_name_is_seen_by_the_second_clerk(county: County) -> None:
    line = line_of(county, county.members("u1-b1")[0])
    with county.database.writing() as session:
        for code in ("u1-b1", "u2-b1"):
            session.get_one(Organisation, county.branches[code]).name = "机关党支部"
    line = line_of(county, line.member_id)
    with county.acting("office") as act:
        change = replace(as_it_is(line), branch_id=county.branches["u2-b1"])
        change_member(act, county.congress_id, line.member_id, change, seen=member_token(line))
    with pytest.raises(Stale) as stale, county.acting("office") as act:
        change_member(
            act, county.congress_id, line.member_id, replace(as_it_is(line), post="二"), seen=member_token(line)
        )
    assert "机关党支部（u1-b1）" in sentence(stale.value.code, stale.value.params).zh


@pytest.fixture
def other(county: County) -> int:
    """The next congress, in which the first branch votes already; its office sits at "office15"."""
    with county.acting(ROOT) as act:
        congress_id = create_congress(
            act, code="xian-15", name="某县第十五次代表大会", county="某县", total_seats=20, reference_date=REFERENCE
        ).id
    first, county.congress_id = county.congress_id, congress_id
    county.sit("office15", Role.OFFICE)
    county.congress_id = first
    with county.acting("office15") as act:
        set_categories(act, congress_id, CATEGORIES)
        unit = add_unit(act, congress_id, code="n1", name="新1镇", kind=UnitKind.TOWNSHIP)
        act.session.flush()
        assign_branch(act, congress_id, county.branches["u1-b1"], unit.id)
    return congress_id


def test_a_member_who_votes_in_two_congresses_is_changed_by_who_keeps_both(county: County, other: int) -> None:
    member = county.members("u1-b1")[0]
    for who, congress_id in (("office", county.congress_id), ("office15", other)):
        with pytest.raises(Forbidden), county.acting(who) as act:
            line = member_line(act.session, congress_id, member)
            change_member(act, congress_id, member, replace(as_it_is(line), post="三"), seen=member_token(line))
    both = replace(county.people["office"], grants=county.people["office"].grants + county.people["office15"].grants)
    with county.reading() as session:
        before = {one.id: one.revision for one in session.scalars(select(Congress))}
    with county.acting(both) as act:
        line = member_line(act.session, other, member)
        set_voting_right(
            act, other, member, Standing.FULL, Suspension.DETAINED, reason="县监委通报", seen=member_token(line)
        )
    with county.reading() as session:
        chains = session.scalars(select(AuditEvent.chain).where(AuditEvent.action == "voting_right.set")).all()
        after = {one.id: one.revision for one in session.scalars(select(Congress))}
    assert set(chains) == {congress_chain(county.congress_id), congress_chain(other)}
    assert all(after[one] == before[one] + 1 for one in (county.congress_id, other))


@pytest.mark.parametrize(("phase", "open_"), [(Phase.ANNOUNCEMENT, False), (Phase.ARCHIVE, True)])
def test_a_congress_whose_results_are_out_keeps_its_members_until_it_is_archived(
    county: County, other: int, phase: Phase, open_: bool
) -> None:
    member = county.members("u1-b1")[0]
    with county.database.writing() as session:
        session.get_one(Congress, county.congress_id).phase = phase
    both = replace(county.people["office"], grants=county.people["office"].grants + county.people["office15"].grants)
    with nullcontext() if open_ else pytest.raises(Refused) as refusal, county.acting(both) as act:
        line = member_line(act.session, other, member)
        change_member(act, other, member, replace(as_it_is(line), post="三"), seen=member_token(line))
    assert (line_of(county, member).post == "三") is open_
    assert open_ or "某县第十四次代表大会" in sentence(refusal.value.code, refusal.value.params).zh


def test_an_office_takes_out_the_numbers_of_its_own_congress_only(county: County, other: int) -> None:
    with county.acting("office15") as act:
        sheet = opened(export_roster(act, other, KEYS))["党员"]
    assert sheet.max_row == 1 + 12


def test_a_branch_s_members_vote_where_the_branch_is_assigned(county: County) -> None:
    with county.acting("office") as act:
        assign_branch(act, county.congress_id, county.branches["u1-b2"], county.units["u2"])
    with county.reading() as session:
        assert [one.members for one in unit_totals(session, county.congress_id)] == [12, 36]
        person = line_of(county, county.members("u1-b2")[0]).person_id
        assert unit_of_person(session, county.congress_id, person) == county.units["u2"]


def test_branches_stay_where_they_are_once_nomination_has_begun(county: County) -> None:
    with county.database.writing() as session:
        session.get_one(Congress, county.congress_id).phase = Phase.NOMINATION
    with pytest.raises(Refused) as refusal, county.acting("office") as act:
        assign_branch(act, county.congress_id, county.branches["u1-b2"], county.units["u2"])
    assert refusal.value.code == "roster.branches_fixed"


def test_the_roster_is_closed_from_the_announcement_on(county: County) -> None:
    with county.database.writing() as session:
        session.get_one(Congress, county.congress_id).phase = Phase.ANNOUNCEMENT
    with pytest.raises(Refused) as refusal:
        suspend(county, county.members("u1-b1")[0])
    assert refusal.value.code == "roster.closed"


def test_unit_totals_count_voters_by_recorded_category_and_overlay(county: County) -> None:
    suspend(county, county.members("u1-b1")[0])  # a woman, a leader
    with county.reading() as session:
        first, second = unit_totals(session, county.congress_id)
    assert (first.members, first.voters, first.organisations) == (24, 23, 3)
    assert first.by_category == {"leader": 7, "farmer": 8, "other": 8}
    assert first.overlays == {"women": 7, "under50": 23}
    assert second.by_category == {"leader": 8, "farmer": 8, "other": 8}


def test_an_organisation_spread_over_two_units_counts_in_neither(county: County) -> None:
    with county.acting("office") as act:
        assign_branch(act, county.congress_id, county.branches["u1-b2"], county.units["u2"])
    with county.reading() as session:
        assert [one.organisations for one in unit_totals(session, county.congress_id)] == [1, 4]
        assert organisation_tree(session, county.congress_id)[0].unit_name == ""


def test_members_are_read_by_page_and_narrowed(county: County) -> None:
    with county.reading() as session:
        assert {line.name for line in members_page(session, county.congress_id, name="丁 一").lines} == {"丁一一"}
        everyone = members_page(session, county.congress_id, size=20)
        assert (everyone.total, everyone.pages, len(everyone.lines)) == (48, 3, 20)
        last = members_page(session, county.congress_id, size=20, page=99)
        assert (last.page, len(last.lines)) == (3, 8)
        one = members_page(session, county.congress_id, name="丁一")
        assert {line.name for line in one.lines} == {"丁一一"}
        assert members_page(session, county.congress_id, name="%").total == 0
        assert members_page(session, county.congress_id, unit_id=county.units["u2"]).total == 24
        assert members_page(session, county.congress_id, branch_id=county.branches["u1-b1"]).total == 12
    suspend(county, county.members("u1-b1")[3])
    with county.reading() as session:
        assert members_page(session, county.congress_id, without_vote=True).total == 1


def test_the_tree_sums_up_what_lies_below(county: County) -> None:
    suspend(county, county.members("u1-b1")[0])
    with county.reading() as session:
        tree = organisation_tree(session, county.congress_id)
    assert [(node.code, node.members, node.voters, node.branches) for node in tree] == [
        ("u1", 24, 23, 2),
        ("u1-b1", 12, 11, 1),
        ("u1-b2", 12, 12, 1),
        ("u2", 24, 24, 2),
        ("u2-b1", 12, 12, 1),
        ("u2-b2", 12, 12, 1),
    ]
    assert [node.unit_name for node in tree] == ["第1镇"] * 3 + ["第2镇"] * 3


def test_every_act_on_the_roster_locks_the_congress_before_the_member_as_an_import_does(county: County) -> None:
    member = county.members("u1-b1")[0]
    sent: list[str] = []
    event.listen(county.database.engine, "before_cursor_execute", lambda *given: sent.append(given[2]))

    def locked() -> list[str]:
        """The tables whose rows were locked, in that order; the embedded database has one writer and locks none."""
        return [found[1] for one in sent if "FOR UPDATE" in one and (found := re.search(r"FROM (\w+)", one))]

    suspend(county, member)
    assert locked()[:1] in ([], ["congress"])
    sent.clear()
    record(county, member)
    assert locked()[:1] in ([], ["congress"])
    sent.clear()
    verify(county, "u1")
    assert locked()[:1] in ([], ["congress"])


def record(county: County, member_id: int) -> None:
    with county.acting("u1") as act:
        record_absence(
            act, county.congress_id, member_id, AbsenceKind.AWAY, None, "", None, None, "", seen=absence_token(None)
        )
