"""Versions computed anew: from what stands now, around their locks, in place or as the next version; all or nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from election.congress.rules_in_force import set_rule
from election.errors import Refused
from election.nomination.leaders.operations import assign_leader
from election.quotas.hand import Change
from election.quotas.lifecycle import SchemeState
from election.quotas.models import ChangeKind as Kind
from election.quotas.models import HandChange, SchemeCell
from election.quotas.operations import approve_scheme, compute_scheme, submit_scheme
from election.quotas.operations_hand import recompute_scheme
from election.quotas.queries import authors, changes_of, scheme_by_number, schemes
from election.store.audit import verify
from tests.election.quotas.making import (
    approved,
    cell,
    change,
    invalid,
    last_event,
    leaders,
    lines,
    read,
    refused,
    run,
    seats_of,
    seen,
    settled,
    submitted,
    suspend,
)
from tests.support.county import County


def test_a_draft_is_computed_from_what_stands_now(county: County, draft: int) -> None:
    change(county, "office", draft, cell("u1", "farmer", 4, locked=True))
    suspend(county, 1)
    assert refused(county, "office", submit_scheme, draft).code == "scheme.blocked"
    run(county, "office", recompute_scheme, draft)
    assert read(county, draft, lambda _, scheme: scheme.base["weights"][0]) == [8, 7, 8]
    run(county, "office", submit_scheme, draft)


def test_an_approved_scheme_is_computed_anew_as_the_next_version_with_its_locks(county: County) -> None:
    first = run(county, "office", compute_scheme, "第一稿").number
    change(county, "office2", first, cell("u1", "farmer", 5, locked=True), "照顾小村")
    run(county, "office", recompute_scheme, first)
    run(county, "office", submit_scheme, first)
    run(county, "approver", approve_scheme, first)
    second = run(county, "office", recompute_scheme, first)
    assert (second.number, second.state) == (2, SchemeState.DRAFT)
    (line,) = lines(county, 2)
    assert (line.seats, line.reason, line.in_force) == (5, "照顾小村", True)
    assert line.author_id == county.people["office2"].person_id
    with county.reading() as session:
        scheme = scheme_by_number(session, county.congress_id, 2)
        assert authors(session, scheme) == {county.people[who].person_id for who in ("office", "office2")}
    assert last_event(county, "scheme.computed")["like"] == 1
    assert settled(county, 2)
    assert read(county, 1, lambda _, scheme: scheme.state) is SchemeState.APPROVED


def test_a_superseded_scheme_may_be_taken_up_again(county: County) -> None:
    approved(county)
    run(county, "office", assign_leader, leaders(county)[0], county.units["u1"])
    approved(county)
    assert run(county, "office", recompute_scheme, 1).number == 3


def test_a_version_with_changes_is_computed_in_one_act(county: County, draft: int) -> None:
    made = [cell("u1", "farmer", 5), Change(Kind.UNIT, "u1", None, "", 11, locked=True)]
    number = run(county, "office", compute_scheme, "试算", changes=made, reason="照顾小村").number
    assert seats_of(county, number)[0][1] == 5 and sum(seats_of(county, number)[0]) == 11
    assert {line.reason for line in lines(county, number)} == {"照顾小村"}
    assert all(line.locked for line in lines(county, number)) and settled(county, number)
    assert [told["kind"] for told in last_event(county, "scheme.computed")["changes"]] == ["cell", "unit"]
    later = run(county, "office", compute_scheme, changes=[cell("u1", "farmer", 4)], like=number).number
    assert read(county, later, changes_of) == (cell("u1", "farmer", 4, locked=True), made[1])


def test_a_recomputing_that_fails_leaves_everything_as_it_was(county: County, draft: int) -> None:
    change(county, "office", draft, cell("u1", "farmer", 4))
    before = seen(county, draft)
    run(county, "office", set_rule, "unit_least", "11")
    invalid(county, "office", recompute_scheme, draft)
    assert seen(county, draft) == before and len(lines(county, draft)) == 1
    with county.reading() as session:
        assert len(session.scalars(select(SchemeCell)).all()) == 6
        assert len(session.scalars(select(HandChange)).all()) == 1
        assert len(schemes(session, county.congress_id)) == 1


def test_the_reason_of_a_change_in_a_new_version_is_not_cut_either(county: County, draft: int) -> None:
    with pytest.raises(Refused) as caught:
        run(county, "office", recompute_scheme, draft, [cell("u1", "farmer", 4)], "长" * 201)
    assert caught.value.code == "store.too_long"


def test_a_hand_change_and_the_approval_of_it_are_told_by_the_chain(county: County) -> None:
    submitted(county)
    with county.reading() as session:
        assert verify(session) == []
