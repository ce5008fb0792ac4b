"""Seats moved by a new scheme after slates were made: what stands on the changed cells gives way by the same act."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import select

from election.congress.lifecycle import Phase
from election.congress.models import Congress
from election.contests.models import SEATS_MOVED, Contest, Round
from election.contests.queries import contests_of_congress
from election.errors import Refused
from election.nomination.lifecycle import ApplicationState, SlateState
from election.nomination.models import Application, Slate, Source
from election.nomination.queries import SlateLine
from election.nomination.slates.operations import give_way, open_slates
from election.nomination.slates.operations_margin import exempt_cell
from election.nomination.slates.queries_margin import exemptions
from election.progress.facts import read_facts
from election.quotas.hand import Change
from election.quotas.models import ChangeKind
from election.quotas.operations import approve_scheme, compute_scheme, submit_scheme
from election.quotas.operations_hand import recompute_scheme
from election.quotas.queries import approved_scheme
from election.store.database import Database
from tests.election.quotas.conftest import made
from tests.support.county import County, county_from
from tests.support.nominating import enter, hand_in, lines, members_of
from tests.support.stores import Stores


def with_slates(database: Database) -> County:
    """Scheme 1 approved, two proposed candidates in every category of u1, its slates handed in."""
    county = made(database)
    for who, operation in (("office", submit_scheme), ("approver", approve_scheme)):
        with county.acting(who) as act:
            if operation is submit_scheme:
                compute_scheme(act, county.congress_id)
            operation(act, county.congress_id, 1)
    enter(county, Phase.NOMINATION)
    with county.acting("office") as act:
        for category in county.categories:
            for member in members_of(county, "u1-b1", category)[:2]:
                act.session.add(
                    Application(
                        congress_id=county.congress_id,
                        member_id=member,
                        branch_id=county.branches["u1-b1"],
                        unit_id=county.units["u1"],
                        category_id=county.categories[category],
                        source=Source.SELF,
                        state=ApplicationState.PROPOSED,
                        submitted_at=act.now,
                    )
                )
    hand_in(county, "u1")
    return county


@pytest.fixture
def county(stores: Stores) -> Iterator[County]:
    ready = county_from(stores, "divided, with slates", with_slates)
    yield ready
    ready.database.close()


def found(county: County, category: str) -> SlateLine | None:
    return next((one for one in lines(county, "u1") if one.category_code == category), None)


def here(county: County, category: str) -> SlateLine:
    line = found(county, category)
    assert line is not None
    return line


def slate_of(county: County, category: str) -> Slate:
    slate = here(county, category).slate
    assert slate is not None
    return slate


def frozen(county: County, category: str) -> None:
    """As the office leaves it; what it asks before is tried elsewhere."""
    slate_id = slate_of(county, category).id
    with county.acting("office") as act:
        slate = act.session.get_one(Slate, slate_id)
        slate.state, slate.frozen_by_id, slate.frozen_at = SlateState.FROZEN, act.person_id, act.now
        slate.content, slate.hash = {"candidates": []}, "0" * 64


def moved(county: County, category: str, seats: int) -> int:
    """A new scheme in which the cell of u1 has so many seats, approved. Its number."""
    change = Change(ChangeKind.CELL, "u1", category, "", seats, locked=True)
    with county.acting("office") as act:
        number = recompute_scheme(act, county.congress_id, last(county), [change], "报名不足").number
        submit_scheme(act, county.congress_id, number)
    with county.acting("approver") as act:
        approve_scheme(act, county.congress_id, number, give_way=give_way)
    return number


def last(county: County) -> int:
    with county.reading() as session:
        scheme = approved_scheme(session, county.congress_id)
    assert scheme is not None
    return scheme.number


def versions(county: County, round_id: int) -> list[tuple[int, SlateState, str]]:
    with county.reading() as session:
        rows = session.scalars(select(Slate).where(Slate.round_id == round_id).order_by(Slate.version))
        return [(row.version, row.state, row.superseded_because) for row in rows]


def test_a_frozen_slate_whose_seats_change_gives_way_to_a_new_version_that_says_why(county: County) -> None:
    frozen(county, "farmer")
    before = here(county, "farmer")
    number = moved(county, "farmer", before.seats - 1)
    after = here(county, "farmer")
    assert (after.contest_id, after.round_id, after.seats) == (before.contest_id, before.round_id, before.seats - 1)
    assert versions(county, after.round_id) == [
        (1, SlateState.SUPERSEDED, f"名额分配方案第 {number} 版"),
        (2, SlateState.DRAFT, ""),
    ]
    assert {one.member_id for one in after.candidates} == {one.member_id for one in before.candidates}


def test_slates_of_cells_that_keep_their_seats_stay_as_they_are(county: County) -> None:
    for category in ("leader", "other"):
        frozen(county, category)
    seats = {category: here(county, category).seats for category in ("leader", "farmer", "other")}
    moved(county, "farmer", seats["farmer"] - 1)
    for category in ("leader", "other"):
        line = here(county, category)
        kept = line.seats == seats[category]
        assert slate_of(county, category).state is (SlateState.FROZEN if kept else SlateState.DRAFT)
        assert slate_of(county, category).version == (1 if kept else 2)


def test_a_slate_that_was_handed_in_is_given_back_with_the_reason(county: County) -> None:
    number = moved(county, "farmer", here(county, "farmer").seats - 1)
    slate = slate_of(county, "farmer")
    assert (slate.version, slate.state) == (1, SlateState.RETURNED)
    assert slate.returned_because == f"名额分配方案第 {number} 版"


def test_a_cell_that_loses_every_seat_is_gone_if_it_never_had_a_frozen_slate(county: County) -> None:
    contest = here(county, "farmer").contest_id
    moved(county, "farmer", 0)
    assert found(county, "farmer") is None
    with county.reading() as session:
        assert session.get(Contest, contest) is None


def test_a_cell_that_loses_every_seat_after_a_freezing_is_kept_closed_and_counts_nowhere(county: County) -> None:
    frozen(county, "farmer")
    before = here(county, "farmer")
    rounds = facts_of(county)
    moved(county, "farmer", 0)
    assert found(county, "farmer") is None
    assert versions(county, before.round_id)[0][:2] == (1, SlateState.SUPERSEDED)
    with county.reading() as session:
        assert session.get_one(Round, before.round_id).void_reason == SEATS_MOVED
        assert before.contest_id not in {one.id for one in contests_of_congress(session, county.congress_id)}
    assert facts_of(county) == rounds - 1


def test_a_later_scheme_gives_a_closed_cell_its_seats_back_under_the_same_contest(county: County) -> None:
    frozen(county, "farmer")
    before = here(county, "farmer")
    moved(county, "farmer", 0)
    moved(county, "farmer", 1)
    after = here(county, "farmer")
    assert (after.contest_id, after.seats, after.slate) == (before.contest_id, 1, None)
    with county.acting("u1") as act:
        open_slates(act, county.units["u1"])
    assert slate_of(county, "farmer").version == 2


def test_seats_that_a_meeting_votes_on_do_not_change(county: County) -> None:
    frozen(county, "farmer")
    slate_id, seats = slate_of(county, "farmer").id, here(county, "farmer").seats
    with county.acting("office") as act:
        act.session.get_one(Slate, slate_id).in_use_at = act.now
    with pytest.raises(Refused) as caught:
        moved(county, "farmer", seats - 1)
    assert caught.value.code == "slate.in_use"
    assert (here(county, "farmer").seats, slate_of(county, "farmer").state) == (seats, SlateState.FROZEN)


def test_a_decision_to_be_uncontested_ends_with_the_seats_it_was_about(county: County) -> None:
    for unit_category in ("leader", "farmer", "other"):
        with county.acting("approver") as act:
            exempt_cell(
                act,
                county.congress_id,
                county.units["u1"],
                county.categories[unit_category],
                "报名不足",
                "纪要1号",
                date(2031, 3, 1),
            )
    seats = {one.category_id: one.seats for one in lines(county, "u1")}
    moved(county, "farmer", here(county, "farmer").seats - 1)
    same = {one.category_id for one in lines(county, "u1") if seats[one.category_id] == one.seats}
    with county.reading() as session:
        left = {category for _, category in exemptions(session, county.congress_id)}
    assert left == same and county.categories["farmer"] not in left


def facts_of(county: County) -> int:
    with county.reading() as session:
        units = read_facts(session, session.get_one(Congress, county.congress_id)).units
    return next(unit.rounds for unit in units if unit.code == "u1")
