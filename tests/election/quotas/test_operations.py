"""Schemes: computed, submitted by one, approved by another, made contests; never impossible ones, never stale ones."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from allocation import check, read_problem
from election.congress.models import Category, Congress, RuleValue, Unit, UnitKind
from election.congress.operations import add_unit, set_categories, set_overlays
from election.congress.queries import congress_by_code
from election.congress.rules_in_force import set_rule
from election.contests.models import Contest
from election.errors import Forbidden, Invalid, NotFound
from election.nomination.leaders.operations import assign_leader, release_leader
from election.nomination.lifecycle import SlateState
from election.nomination.models import Slate
from election.quotas.lifecycle import SchemeState
from election.quotas.models import AssignedLeader, Scheme, SchemeCell
from election.quotas.models_letters import SeatLetter
from election.quotas.operations import (
    approve_scheme,
    compute_scheme,
    return_scheme,
    submit_scheme,
    withdraw_scheme,
)
from election.quotas.queries import assigned_leaders, divides_alike, fits, members_named, scheme_by_number, schemes
from election.quotas.weights import RULES_USED
from election.store.audit import digest, verify
from election.store.database import Database
from election.texts import sentence
from tests.election.quotas.making import approved, everything, leaders, refused, run, submitted, suspend
from tests.support.county import CATEGORIES, OVERLAYS, County, begin, name_of


def contests(county: County) -> dict[tuple[str, str, str], int]:
    with county.reading() as session:
        rows = session.execute(
            select(Unit.code, Category.code, Contest.kind, Contest.seats)
            .join(Unit, Contest.unit_id == Unit.id)
            .join(Category, Contest.category_id == Category.id)
        )
        return {(unit, category, kind.value): seats for unit, category, kind, seats in rows}


# Computing


def test_a_scheme_divides_every_seat_and_proves_itself(county: County) -> None:
    scheme = run(county, "office", compute_scheme, " 第一稿 ")
    assert (scheme.number, scheme.state, scheme.note) == (1, SchemeState.DRAFT, "第一稿")
    assert scheme.allocation["category_seats"] == [10, 6, 4]
    assert check(read_problem(scheme.problem), scheme.allocation) == []
    assert scheme.hash == digest({"problem": scheme.problem, "allocation": scheme.allocation})
    with county.reading() as session:
        cells = session.scalars(select(SchemeCell).where(SchemeCell.scheme_id == scheme.id)).all()
        assert sum(cell.seats for cell in cells) == 20 and len(cells) == 6
        assert verify(session) == []


def test_the_same_roster_gives_the_same_scheme_under_the_next_number(county: County) -> None:
    first, second = (run(county, who, compute_scheme) for who in ("office", "office2"))
    assert (first.number, second.number) == (1, 2)
    assert (first.hash, first.basis_hash) == (second.hash, second.basis_hash)
    with county.reading() as session:
        assert [row.number for row in schemes(session, county.congress_id)] == [2, 1]


def test_without_units_categories_or_members_there_is_nothing_to_divide(database: Database) -> None:
    county = begin(database, units=0)
    assert refused(county, "office", compute_scheme).code == "gate.no_units"
    with county.acting("office") as act:
        add_unit(act, county.congress_id, code="u1", name="第1镇", kind=UnitKind.TOWNSHIP)
    assert refused(county, "office", compute_scheme).code == "quotas.nobody_on_the_roster"


def test_impossible_rules_are_answered_with_a_sentence_for_each_conflict_and_nothing_is_kept(county: County) -> None:
    run(county, "office", set_rule, "unit_least", "11")
    with pytest.raises(Invalid) as caught:
        run(county, "office", compute_scheme)
    said = [sentence(each.code, each.params) for each in caught.value.refusals]
    assert said and all(
        "名额分不下去" in each.zh and "第1镇" in each.zh and "cannot be divided" in each.en for each in said
    )
    with county.reading() as session:
        assert schemes(session, county.congress_id) == []


def test_more_seats_than_the_county_can_contest_are_impossible_too(county: County) -> None:
    with county.database.writing() as session:
        session.get_one(Congress, county.congress_id).total_seats = 100
    with pytest.raises(Invalid):
        run(county, "office", compute_scheme)


@pytest.mark.parametrize("operation", [compute_scheme, lambda act, c: submit_scheme(act, c, 1)])
def test_only_the_office_draws_up_schemes(county: County, operation) -> None:
    for who in ("approver", "u1", "u1-b1"):
        assert isinstance(refused(county, who, operation), Forbidden)


@pytest.mark.parametrize("operation", [submit_scheme, withdraw_scheme])
def test_a_scheme_that_is_not_there_is_not_found(county: County, operation) -> None:
    assert isinstance(refused(county, "office", operation, 7), NotFound)
    assert isinstance(refused(county, "approver", approve_scheme, 7), NotFound)


# Four eyes


@pytest.mark.parametrize("decide", [approve_scheme, lambda act, c, number: return_scheme(act, c, number, "不妥")])
def test_neither_author_nor_submitter_decides_whatever_roles_they_hold(county: County, decide) -> None:
    number = submitted(county).number
    everything(county, "office", "office2")
    assert refused(county, "office", decide, number).code == "scheme.decided_by_author"
    assert refused(county, "office2", decide, number).code == "scheme.decided_by_submitter"
    run(county, "approver", decide, number)


@pytest.mark.parametrize("who", ["office", "office2"])
def test_the_database_itself_refuses_an_approval_by_author_or_submitter(county: County, who: str) -> None:
    number = submitted(county).number
    with pytest.raises(DBAPIError), county.database.writing() as session:
        scheme = scheme_by_number(session, county.congress_id, number)
        scheme.state, scheme.approved_at = SchemeState.APPROVED, county.now
        scheme.approved_by_id = county.people[who].person_id


def test_the_database_itself_refuses_two_approved_schemes_and_one_without_an_approver(county: County) -> None:
    approved(county)
    second = run(county, "office", compute_scheme)
    with pytest.raises(IntegrityError), county.database.writing() as session:
        session.get_one(Scheme, second.id).state = SchemeState.APPROVED
    with pytest.raises(IntegrityError), county.database.writing() as session:
        row = session.get_one(Scheme, second.id)
        row.state, row.approved_at = SchemeState.APPROVED, county.now
        row.approved_by_id = county.people["approver2"].person_id


@pytest.mark.parametrize(
    "impossible",
    [
        {"submitted_by_id": None, "submitted_at": None},
        {"submitted_by_id": None},
        {"approved_by_id": None, "approved_at": None},
        {"state": SchemeState.DRAFT},
        {"state": SchemeState.RETURNED, "approved_by_id": None, "approved_at": None},
        {"hash": ""},
    ],
    ids=lambda values: " ".join(values),
)
def test_the_database_itself_refuses_an_approval_that_is_not_whole(county: County, impossible) -> None:
    scheme = approved(county)
    with pytest.raises(DBAPIError), county.database.writing() as session:
        session.execute(update(Scheme).where(Scheme.id == scheme.id).values(**impossible))


def test_a_note_that_is_too_long_is_refused_not_cut(county: County) -> None:
    assert refused(county, "office", compute_scheme, "长" * 201).code == "store.too_long"


def test_a_returned_scheme_says_why_and_may_be_submitted_again(county: County) -> None:
    number = submitted(county).number
    assert refused(county, "approver", return_scheme, number, " ").code == "scheme.reason_missing"
    assert refused(county, "approver", return_scheme, number, "长" * 401).code == "store.too_long"
    run(county, "approver", return_scheme, number, " 农民偏少 ")
    with county.reading() as session:
        assert scheme_by_number(session, county.congress_id, number).returned_because == "农民偏少"
    run(county, "office", submit_scheme, number)
    with county.reading() as session:
        assert scheme_by_number(session, county.congress_id, number).returned_because == ""


def test_only_who_submitted_withdraws(county: County) -> None:
    number = submitted(county).number
    assert refused(county, "office", withdraw_scheme, number).code == "scheme.withdrawn_by_other"
    run(county, "office2", withdraw_scheme, number)
    assert refused(county, "approver", approve_scheme, number).code == "scheme.not_now"


# Approval


def test_approval_freezes_the_rules_that_shaped_it_and_makes_the_contests(county: County) -> None:
    scheme = approved(county)
    expected = {}
    for unit, row in zip(("u1", "u2"), scheme.allocation["seats"], strict=True):
        for category, seats in zip(("leader", "farmer", "other"), row, strict=True):
            if seats:
                expected[unit, category, "contested"] = seats
    assert contests(county) == expected
    with county.reading() as session:
        frozen = session.scalars(select(RuleValue.name).where(RuleValue.frozen_by == "scheme.approved")).all()
    assert sorted(frozen) == sorted(RULES_USED)


def test_assigned_seats_are_a_contest_of_their_own(county: County) -> None:
    first, second = leaders(county)[:2]
    run(county, "office", assign_leader, first, county.units["u1"])
    run(county, "office", assign_leader, second, county.units["u1"])
    scheme = approved(county)
    found = contests(county)
    leader_seats = scheme.allocation["seats"][0][0]
    assert found["u1", "leader", "uncontested"] == 2
    assert found.get(("u1", "leader", "contested"), 0) == leader_seats - 2
    assert sum(found.values()) == 20


@pytest.mark.parametrize(
    "change",
    [
        lambda county: run(county, "office", set_rule, "margin_min", "0"),
        lambda county: run(county, "office", assign_leader, leaders(county)[0], county.units["u2"]),
        lambda county: run(county, "office", set_overlays, OVERLAYS[:1]),
        lambda county: suspend(county),
    ],
    ids=["a rule", "an assignment", "an overlay", "the roster"],
)
def test_what_changed_since_the_computing_stops_submission_and_approval(county: County, change) -> None:
    draft = run(county, "office", compute_scheme)
    number = submitted(county).number
    change(county)
    for error in (
        refused(county, "office", submit_scheme, draft.number),
        refused(county, "approver", approve_scheme, number),
    ):
        assert error.code == "scheme.blocked"
        assert "请重新计算" in sentence(error.code, error.params).zh
    assert contests(county) == {}


def test_a_new_version_supersedes_the_old_and_changes_only_the_contests_that_differ(county: County) -> None:
    first = approved(county)
    before = contests(county)
    run(county, "office", assign_leader, leaders(county)[0], county.units["u1"])
    second = approved(county)
    with county.reading() as session:
        states = {row.number: row.state for row in schemes(session, county.congress_id)}
    assert states == {first.number: SchemeState.SUPERSEDED, second.number: SchemeState.APPROVED}
    after = contests(county)
    assert after["u1", "leader", "uncontested"] == 1
    assert sum(after.values()) == 20 == sum(before.values())


def test_a_version_that_says_the_same_as_the_one_in_force_is_neither_submitted_nor_approved(county: County) -> None:
    first = approved(county)
    again = run(county, "office", compute_scheme)
    assert again.hash == first.hash
    error = refused(county, "office2", submit_scheme, again.number)
    assert error.code == "scheme.blocked"
    assert "与现行的方案1完全相同，无须再批" in sentence(error.code, error.params).zh
    with county.reading() as session:
        assert session.scalars(select(SeatLetter.number)).all() == [1, 2]


def test_two_equal_versions_that_wait_are_not_both_approved(county: County) -> None:
    first, second = submitted(county), submitted(county)
    run(county, "approver", approve_scheme, first.number)
    error = refused(county, "approver", approve_scheme, second.number)
    assert "完全相同" in sentence(error.code, error.params).zh


def test_other_assigned_seats_are_news_even_where_problem_and_answer_are_the_same() -> None:
    def version(assigned: int) -> Scheme:
        return Scheme(hash="ab" * 32, cells=[SchemeCell(unit_id=1, category_id=1, seats=2, assigned=assigned)])

    assert divides_alike(version(1), version(1))
    assert not divides_alike(version(1), version(0))


def test_seats_that_already_have_a_slate_do_not_change(county: County) -> None:
    approved(county)
    with county.acting("office") as act:
        contest = act.session.scalars(
            select(Contest).join(Category).where(Category.code == "leader", Contest.unit_id == county.units["u1"])
        ).one()
        act.session.add(Slate(round_id=contest.rounds[0].id, version=1, state=SlateState.DRAFT, content={}))
    run(county, "office", assign_leader, leaders(county)[0], county.units["u1"])
    number = submitted(county).number
    before = contests(county)
    error = refused(county, "approver", approve_scheme, number)
    assert (error.code, error.params["unit"]) == ("quotas.contest_in_use", "第1镇")
    assert contests(county) == before
    with county.reading() as session:
        assert scheme_by_number(session, county.congress_id, number).state is SchemeState.SUBMITTED


def test_an_approved_scheme_fits_the_congress_until_the_congress_changes(county: County) -> None:
    number = approved(county).number

    def fitting() -> bool:
        with county.reading() as session:
            congress = congress_by_code(session, "xian-14")
            return fits(congress, scheme_by_number(session, county.congress_id, number))

    assert fitting()
    run(county, "office", set_overlays, [])
    assert fitting()
    run(county, "office", set_categories, [CATEGORIES[1], CATEGORIES[0], CATEGORIES[2]])
    assert not fitting()
    run(county, "office", set_categories, CATEGORIES)
    assert fitting()
    with county.acting("office") as act:
        add_unit(act, county.congress_id, code="u9", name="第9镇", kind=UnitKind.ORGAN)
    assert not fitting()


# Leaders


def test_a_leader_is_assigned_once_and_released(county: County) -> None:
    member = leaders(county)[0]
    row = run(county, "office", assign_leader, member, county.units["u2"])
    assert refused(county, "office", assign_leader, member, county.units["u1"]).code == "quotas.leader_assigned_already"
    with county.reading() as session:
        assert [line.unit_code for line in assigned_leaders(session, county.congress_id)] == ["u2"]
    with pytest.raises(IntegrityError), county.database.writing() as session:
        session.add(AssignedLeader(congress_id=county.congress_id, member_id=member, unit_id=county.units["u1"]))
    run(county, "office", release_leader, row.id)
    assert isinstance(refused(county, "office", release_leader, row.id), NotFound)


def test_who_cannot_be_a_leader_is_not_assigned(county: County) -> None:
    farmer = next(each for each in county.members("u1-b1") if each not in leaders(county))
    assert (
        refused(county, "office", assign_leader, farmer, county.units["u1"]).code == "quotas.leader_of_other_category"
    )
    assert isinstance(refused(county, "office", assign_leader, 9999, county.units["u1"]), NotFound)
    assert isinstance(refused(county, "office", assign_leader, leaders(county)[0], 9999), NotFound)
    suspend(county)  # the first member, a leader, becomes one without a vote
    assert refused(county, "office", assign_leader, leaders(county)[0], county.units["u1"]).code == (
        "quotas.leader_without_vote"
    )


def test_without_a_category_that_takes_them_no_leader_is_assigned(county: County) -> None:
    from dataclasses import replace

    run(county, "office", set_categories, [replace(one, takes_assigned=False) for one in CATEGORIES])
    error = refused(county, "office", assign_leader, leaders(county)[0], county.units["u1"])
    assert error.code == "quotas.no_category_takes_assigned"


def test_members_are_found_by_their_whole_name(county: County) -> None:
    with county.reading() as session:
        assert [one.member_id for one in members_named(session, county.congress_id, f" {name_of(0)} ")] == [
            county.members("u1-b1")[0]
        ]
        assert members_named(session, county.congress_id, name_of(0)[:1]) == []
