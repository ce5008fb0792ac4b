"""Changes by hand: set with a reason, put back, computed around; every version that goes on proves itself."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from allocation import check, read_problem
from election.errors import Forbidden, NotFound, Stale
from election.nomination.leaders.operations import assign_leader
from election.quotas.hand import Change
from election.quotas.lifecycle import SchemeState
from election.quotas.models import ChangeKind as Kind
from election.quotas.models import SchemeAuthor
from election.quotas.operations import approve_scheme, compute_scheme, return_scheme, submit_scheme, withdraw_scheme
from election.quotas.operations_hand import change_seats, put_back, recompute_scheme
from election.quotas.queries import (
    authors,
    scheme_by_number,
    unsettled,
)
from election.store.audit import digest, verify
from tests.election.quotas.making import (
    cell,
    change,
    everything,
    last_event,
    leaders,
    lines,
    read,
    refused,
    run,
    said,
    seats_of,
    seen,
    settled,
)
from tests.support.county import County

# Looking: unlocked


def test_an_unlocked_change_is_kept_with_its_reason_and_what_was_computed(county: County, draft: int) -> None:
    change(county, "office2", draft, cell("u1", "farmer", 4), " 照顾小村 ")
    (line,) = lines(county, draft)
    assert (line.unit_name, line.category_name, line.seats, line.computed) == ("第1镇", "农民", 4, 3)
    assert (line.computed_share, line.reason, line.locked, line.in_force) == ("3.000000", "照顾小村", False, False)
    assert line.author_id == county.people["office2"].person_id
    assert seats_of(county, draft) == [[5, 3, 2], [5, 3, 2]]
    assert last_event(county, "scheme.changed") == {
        "number": draft, "kind": "cell", "unit": "u1", "category": "farmer", "before": 3, "seats": 4,
        "reason": "照顾小村", "locked": False,
    }  # fmt: skip


def test_a_scheme_that_is_only_looked_at_goes_no_further(county: County, draft: int) -> None:
    change(county, "office", draft, cell("u1", "farmer", 4))
    change(county, "office", draft, cell("u2", "farmer", 2))
    error = refused(county, "office", submit_scheme, draft)
    assert error.code == "scheme.blocked" and "有 2 处调整还没有锁定并重新计算" in said(error)
    run(county, "office", recompute_scheme, draft)
    assert lines(county, draft) == () and settled(county, draft)
    assert last_event(county, "scheme.recomputed")["put_back"] == 2
    run(county, "office", submit_scheme, draft)


def test_the_computed_number_unlocked_is_nothing_to_change_and_puts_back_what_was(county: County, draft: int) -> None:
    error = refused(
        county, "office", change_seats, draft, cell("u1", "farmer", 3), "照顾小村", seen=seen(county, draft)
    )
    assert (error.code, error.field) == ("quotas.seats_as_computed", "seats")
    change(county, "office", draft, cell("u1", "farmer", 4))
    assert change(county, "office", draft, cell("u1", "farmer", 3), "") is None
    assert lines(county, draft) == () and settled(county, draft)


def test_a_changed_cell_changed_again_is_one_change(county: County, draft: int) -> None:
    first = change(county, "office", draft, cell("u1", "farmer", 4)).id
    assert change(county, "office2", draft, cell("u1", "farmer", 5, locked=True), "另有理由").id == first
    (line,) = lines(county, draft)
    assert (line.seats, line.locked, line.reason) == (5, True, "另有理由")
    assert last_event(county, "scheme.changed")["before"] == 4


def test_the_same_change_again_is_no_act(county: County, draft: int) -> None:
    change(county, "office", draft, cell("u1", "farmer", 4))
    before = seen(county, draft)
    change(county, "office2", draft, cell("u1", "farmer", 4))
    assert seen(county, draft) == before
    assert lines(county, draft)[0].author_id == county.people["office"].person_id


# Ruling: locked


def test_the_solver_works_around_a_locked_cell_and_the_answer_proves_itself(county: County, draft: int) -> None:
    change(county, "office", draft, cell("u1", "farmer", 5, locked=True))
    assert read(county, draft, unsettled) == 1 and not lines(county, draft)[0].in_force
    assert refused(county, "office", submit_scheme, draft).code == "scheme.blocked"
    scheme = run(county, "office2", recompute_scheme, draft)
    table = seats_of(county, draft)
    assert table[0][1] == 5
    assert [sum(row) for row in table] == [10, 10]
    assert [sum(column) for column in zip(*table, strict=True)] == [10, 6, 4]
    with county.reading() as session:
        stored = scheme_by_number(session, county.congress_id, draft)
        assert check(read_problem(stored.problem), stored.allocation) == []
        assert stored.hash == digest({"problem": stored.problem, "allocation": stored.allocation}) == scheme.hash
        assert sorted((c.unit_id, c.category_id, c.seats) for c in stored.cells) == sorted(
            (county.units[unit], county.categories[category], table[i][j])
            for i, unit in enumerate(("u1", "u2"))
            for j, category in enumerate(("leader", "farmer", "other"))
        )
        assert verify(session) == []
    (line,) = lines(county, draft)
    assert line.in_force and (line.computed, line.computed_share) == (3, "3.000000")
    assert settled(county, draft)
    run(county, "office", submit_scheme, draft)


def test_locking_the_computed_number_keeps_it_whatever_else_is_locked(county: County, draft: int) -> None:
    change(county, "office", draft, cell("u1", "other", 2, locked=True))
    change(county, "office", draft, cell("u1", "farmer", 4, locked=True))
    run(county, "office", recompute_scheme, draft)
    assert seats_of(county, draft) == [[4, 4, 2], [6, 2, 2]]


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (Change(Kind.UNIT, "u1", None, "", 12, locked=True), [12, 8]),
        (Change(Kind.UNIT_LEAST, "u1", None, "", 11, locked=True), [11, 9]),
        (Change(Kind.UNIT_MOST, "u2", None, "", 8, locked=False), [12, 8]),
    ],
    ids=["seats", "least", "most"],
)
def test_a_unit_is_given_its_number_or_other_bounds(county: County, draft: int, made: Change, expected: Any) -> None:
    change(county, "office", draft, made)
    run(county, "office", recompute_scheme, draft)
    assert [sum(row) for row in seats_of(county, draft)] == expected
    (line,) = lines(county, draft)
    assert line.locked and line.in_force
    assert (line.computed, line.computed_share) == ((10, "10.000000") if made.kind is Kind.UNIT else (None, ""))


def test_a_category_is_given_its_number(county: County, draft: int) -> None:
    change(county, "office", draft, Change(Kind.CATEGORY, None, "farmer", "", 5, locked=True), "农民偏多")
    run(county, "office", recompute_scheme, draft)
    assert [sum(column) for column in zip(*seats_of(county, draft), strict=True)] == [11, 5, 4]
    (line,) = lines(county, draft)
    assert (line.computed, line.computed_share, line.category_name) == (6, "6.000000", "农民")


def test_a_lock_put_back_leaves_a_scheme_to_be_computed_anew(county: County, draft: int) -> None:
    plain = read(county, draft, lambda _, scheme: scheme.hash)
    change(county, "office", draft, cell("u1", "farmer", 5, locked=True))
    run(county, "office", recompute_scheme, draft)
    run(county, "office2", put_back, draft, lines(county, draft)[0].id, seen=seen(county, draft))
    assert lines(county, draft) == () and read(county, draft, unsettled) == 1
    assert refused(county, "office", submit_scheme, draft).code == "scheme.blocked"
    assert last_event(county, "scheme.put_back") == {
        "number": draft, "kind": "cell", "unit": "u1", "category": "farmer", "seats": 5, "locked": True
    }  # fmt: skip
    run(county, "office", recompute_scheme, draft)
    assert read(county, draft, lambda _, scheme: scheme.hash) == plain


def test_a_lock_opened_again_is_something_to_look_at(county: County, draft: int) -> None:
    change(county, "office", draft, cell("u1", "farmer", 5, locked=True))
    run(county, "office", recompute_scheme, draft)
    change(county, "office", draft, cell("u1", "farmer", 5))
    assert not settled(county, draft)
    assert change(county, "office", draft, cell("u1", "farmer", 4)).seats == 4
    run(county, "office", recompute_scheme, draft)
    assert lines(county, draft) == () and seats_of(county, draft)[0][1] == 3


def test_what_the_solver_gives_alone_is_known_beside_other_locks(county: County, draft: int) -> None:
    change(county, "office", draft, cell("u1", "farmer", 6, locked=True))
    run(county, "office", recompute_scheme, draft)
    assert seats_of(county, draft)[1][1] == 0
    change(county, "office", draft, cell("u2", "farmer", 1))
    assert lines(county, draft)[1].computed == 3


def test_more_than_a_cell_can_contest_is_the_office_s_own_decision(county: County, draft: int) -> None:
    change(county, "office", draft, cell("u1", "leader", 7, locked=True))
    run(county, "office", recompute_scheme, draft)
    assert seats_of(county, draft)[0][0] == 7


# What no hand may set


def unit(code: str | None, seats: int) -> Change:
    return Change(Kind.UNIT, code, None, "", seats, locked=True)


@pytest.mark.parametrize(
    ("made", "reason", "code", "field"),
    [
        (cell("u1", "farmer", 4), "  ", "quotas.reason_missing", "reason"),
        (cell("u1", "farmer", 4), "长" * 201, "store.too_long", "reason"),
        (cell("u1", "farmer", -1), "理由", "quotas.seats_negative", "seats"),
        (cell("u1", "farmer", 21), "理由", "quotas.seats_above_total", "seats"),
        (cell("u1", "farmer", 10**30, locked=True), "理由", "quotas.seats_above_total", "seats"),
        (cell("u9", "farmer", 4), "理由", "quotas.no_such_unit", "unit"),
        (cell("u1", "scholar", 4), "理由", "quotas.no_such_category", "category"),
        (unit("u9", 4), "理由", "quotas.no_such_unit", "unit"),
        (unit(None, 4), "理由", "quotas.no_such_unit", "unit"),
        (Change(Kind.CELL, "u1", None, "", 4, locked=True), "理由", "quotas.no_such_category", "category"),
        (Change(Kind.CATEGORY, None, None, "", 4, locked=True), "理由", "quotas.no_such_category", "category"),
        (Change(Kind.GROUP_LEAST, None, None, "towns", 4, locked=True), "理由", "quotas.no_such_group", "group"),
    ],
)
def test_a_change_that_says_nothing_possible_is_refused_at_its_field(
    county: County, draft: int, made: Change, reason: str, code: str, field: str
) -> None:
    error = refused(county, "office", change_seats, draft, made, reason, seen=seen(county, draft))
    assert (error.code, error.field) == (code, field)
    assert lines(county, draft) == ()


def test_a_change_that_names_more_than_its_kind_is_refused_too(county: County, draft: int) -> None:
    for made in (
        Change(Kind.UNIT, "u1", "farmer", "", 4, locked=True),
        Change(Kind.CATEGORY, "u1", "farmer", "", 4, locked=True),
        Change(Kind.CELL, "u1", "farmer", "towns", 4, locked=True),
    ):
        error = refused(county, "office", change_seats, draft, made, "理由", seen=seen(county, draft))
        assert error.code == "quotas.change_unclear"


def test_where_the_unit_has_nobody_of_a_category_there_is_no_seat(county: County) -> None:
    for place in (1, 4, 7, 10):
        for branch in ("u1-b1", "u1-b2"):
            move_to_other(county, county.members(branch)[place])
    number = run(county, "office", compute_scheme).number
    for seats, locked in ((1, True), (1, False), (0, True)):
        error = refused(
            county, "office", change_seats, number, cell("u1", "farmer", seats, locked=locked), "理由",
            seen=seen(county, number),
        )  # fmt: skip
        assert error.code == "quotas.cell_without_members" and "第1镇·农民没有该类别党员" in said(error)


def move_to_other(county: County, member: int) -> None:
    from election.roster.models import Member

    with county.database.writing() as session:
        session.get_one(Member, member).category = "other"


@pytest.mark.parametrize(
    "made",
    [
        cell("u1", "leader", 1),
        cell("u1", "leader", 1, locked=True),
        Change(Kind.CELL_MOST, "u1", "leader", "", 1, locked=True),
        unit("u1", 1),
        Change(Kind.UNIT_MOST, "u1", None, "", 1, locked=True),
        Change(Kind.CATEGORY, None, "leader", "", 1, locked=True),
    ],
)
def test_assigned_leaders_keep_their_seats(county: County, made: Change) -> None:
    for leader in leaders(county)[:2]:
        run(county, "office", assign_leader, leader, county.units["u1"])
    number = run(county, "office", compute_scheme).number
    error = refused(county, "office", change_seats, number, made, "理由", seen=seen(county, number))
    assert (error.code, error.field) == ("quotas.below_assigned", "seats")
    assert "2 名等额领导" in said(error)


def test_leaders_assigned_after_a_lock_are_said_when_it_is_computed_anew(county: County, draft: int) -> None:
    change(county, "office", draft, cell("u1", "leader", 4, locked=True))
    run(county, "office", recompute_scheme, draft)
    for leader in (leaders(county) + leaders(county, "u1-b2"))[:5]:
        run(county, "office", assign_leader, leader, county.units["u1"])
    for operation, given, named in (
        (recompute_scheme, (draft,), {}),
        (compute_scheme, (), {"like": draft}),
    ):
        error = refused(county, "office", operation, *given, **named)
        assert error.code == "quotas.below_assigned" and "第1镇·领导干部改为 4 席" in said(error)


# Who, when, and from which page


@pytest.mark.parametrize("who", ["approver", "u1", "u1-b1"])
def test_only_the_office_changes_a_scheme(county: County, draft: int, who: str) -> None:
    mark = seen(county, draft)
    for operation, given, named in (
        (change_seats, (draft, cell("u1", "farmer", 4), "理由"), {"seen": mark}),
        (put_back, (draft, 1), {"seen": mark}),
        (recompute_scheme, (draft,), {}),
    ):
        assert isinstance(refused(county, who, operation, *given, **named), Forbidden)


def test_a_page_from_before_another_s_change_is_refused(county: County, draft: int) -> None:
    old = seen(county, draft)
    row = change(county, "office2", draft, cell("u1", "farmer", 4))
    for operation, given in (
        (change_seats, (draft, cell("u2", "farmer", 4), "理由")),
        (put_back, (draft, row.id)),
        (recompute_scheme, (draft,)),
        (submit_scheme, (draft,)),
    ):
        assert isinstance(refused(county, "office", operation, *given, seen=old), Stale)


def test_an_approver_decides_on_what_the_page_showed_or_not_at_all(county: County, draft: int) -> None:
    run(county, "office", submit_scheme, draft)
    shown = seen(county, draft)
    run(county, "office", withdraw_scheme, draft)
    change(county, "office", draft, cell("u1", "farmer", 5, locked=True))
    run(county, "office", recompute_scheme, draft)
    run(county, "office", submit_scheme, draft)
    assert isinstance(refused(county, "approver", approve_scheme, draft, seen=shown), Stale)
    run(county, "approver", approve_scheme, draft, seen=seen(county, draft))


def test_what_is_not_there_is_not_put_back(county: County, draft: int) -> None:
    assert isinstance(refused(county, "office", put_back, draft, 77, seen=seen(county, draft)), NotFound)
    other = run(county, "office", compute_scheme).number
    row = change(county, "office", other, cell("u1", "farmer", 4))
    assert isinstance(refused(county, "office", put_back, draft, row.id, seen=seen(county, draft)), NotFound)
    assert isinstance(refused(county, "office", recompute_scheme, 9), NotFound)


def test_a_submitted_scheme_is_not_changed_and_a_returned_one_becomes_a_draft(county: County, draft: int) -> None:
    run(county, "office", submit_scheme, draft)
    for operation, given, named in (
        (change_seats, (draft, cell("u1", "farmer", 4), "理由"), {"seen": seen(county, draft)}),
        (put_back, (draft, 1), {"seen": seen(county, draft)}),
        (recompute_scheme, (draft,), {}),
    ):
        assert refused(county, "office", operation, *given, **named).code == "scheme.not_now"
    run(county, "approver", return_scheme, draft, "农民偏少")
    change(county, "office", draft, cell("u1", "farmer", 4))
    assert read(county, draft, lambda _, scheme: scheme.state) is SchemeState.DRAFT


def test_a_returned_scheme_computed_anew_or_put_back_is_a_draft(county: County, draft: int) -> None:
    run(county, "office", submit_scheme, draft)
    run(county, "approver", return_scheme, draft, "请重算")
    run(county, "office", recompute_scheme, draft)
    assert read(county, draft, lambda _, scheme: scheme.state) is SchemeState.DRAFT


@pytest.mark.parametrize("deed", ["change", "put back", "recompute"])
def test_whoever_had_a_hand_in_a_version_does_not_approve_it(county: County, draft: int, deed: str) -> None:
    everything(county, "approver")
    row = change(county, "approver" if deed == "change" else "office", draft, cell("u1", "farmer", 4))
    if deed == "put back":
        run(county, "approver", put_back, draft, row.id, seen=seen(county, draft))
    run(county, "approver" if deed == "recompute" else "office", recompute_scheme, draft)
    run(county, "office2", submit_scheme, draft)
    assert refused(county, "approver", approve_scheme, draft).code == "scheme.decided_by_author"
    assert refused(county, "approver", return_scheme, draft, "不妥").code == "scheme.decided_by_author"
    run(county, "approver2", approve_scheme, draft)


def test_every_author_is_kept_once(county: County, draft: int) -> None:
    for who in ("office", "office2", "office"):
        run(county, who, recompute_scheme, draft)
    with county.reading() as session:
        scheme = scheme_by_number(session, county.congress_id, draft)
        assert authors(session, scheme) == {county.people[who].person_id for who in ("office", "office2")}
        assert len(session.scalars(select(SchemeAuthor)).all()) == 2
