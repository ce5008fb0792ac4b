"""A congress begins and is set up: every refusal at its field, nothing half-done, nothing after preparation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from election.congress.lifecycle import Phase
from election.congress.models import Category, Congress, Overlay, OverlayFact, RuleValue, Unit, UnitKind
from election.congress.operations import (
    MOST_SEATS,
    CategoryInput,
    OverlayInput,
    _percent,
    add_unit,
    change_congress,
    change_unit,
    create_congress,
    record_reply,
    remove_unit,
    set_categories,
    set_overlays,
    waive_reply,
)
from election.congress.queries import congress_by_code, congress_by_id, congresses, unit_by_code
from election.errors import Forbidden, Invalid, NotFound, Refused
from election.people.act import Act
from election.people.actor import Actor, Grant, Role
from election.rules import RULES
from election.store.audit import verify
from election.store.database import Database
from election.store.installation import begin_installation
from election.texts import sentence
from tests.support.county import CATEGORIES, OVERLAYS, REFERENCE, ROOT, County, begin, county_from, registered
from tests.support.stores import Stores

RIGHT: dict[str, Any] = {
    "code": "c2",
    "name": "第二届",
    "county": "某县",
    "total_seats": 9,
    "reference_date": REFERENCE,
}
COUNTY_SHARES = {"leader": 49, "army": 1, "technical": 20, "farmer": 10, "private": 5, "other": 15}


@pytest.fixture
def county(stores: Stores):
    made = county_from(stores, "begun", begin)
    yield made
    made.database.close()


def caught(county: County, run: Callable[[Act], Any], who: str | Actor = "office") -> Refused:
    """What `run` is refused with; its sentence can be said, and nothing was changed."""
    before = state(county)
    with pytest.raises(Refused) as error, county.acting(who) as act:
        run(act)
    assert sentence(error.value.code, error.value.params).en
    assert state(county) == before
    return error.value


def state(county: County) -> tuple[object, ...]:
    with county.reading() as session:
        congress = congress_by_id(session, county.congress_id)
        return (
            congress.revision,
            congress.total_seats,
            [(row.code, row.name, row.position) for row in congress.units],
            [(row.code, row.name, row.position, row.share) for row in congress.categories],
            [(row.code, row.position, row.share, row.age) for row in congress.overlays],
            len(congresses(session)),
        )


def past_preparation(county: County, phase: Phase = Phase.REGISTRATION) -> None:
    with county.database.writing() as session:
        session.get_one(Congress, county.congress_id).phase = phase


def test_a_new_congress_has_every_rule_at_its_default_and_none_frozen(county: County) -> None:
    with county.acting(ROOT) as act:
        congress_id = create_congress(act, **RIGHT).id
    with county.reading() as session:
        rows = session.scalars(select(RuleValue).where(RuleValue.congress_id == congress_id)).all()
        assert {row.name: row.value for row in rows} == {rule.name: rule.default for rule in RULES}
        assert {row.frozen_by for row in rows} == {None}
        assert congress_by_code(session, "c2").phase is Phase.PREPARATION
        assert verify(session) == []


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"code": ""}, "congress.code_wrong", "code"),
        ({"code": "C2"}, "congress.code_wrong", "code"),
        ({"code": "-c2"}, "congress.code_wrong", "code"),
        ({"code": "c2/../x"}, "congress.code_wrong", "code"),
        ({"code": "c2\n"}, "congress.code_wrong", "code"),
        ({"code": "十四"}, "congress.code_wrong", "code"),
        ({"code": "c" * 40}, "congress.code_wrong", "code"),
        ({"code": "xian-14"}, "congress.code_taken", "code"),
        ({"name": "  "}, "congress.name_missing", "name"),
        ({"name": "长" * 81}, "store.too_long", "name"),
        ({"name": "a\x00b"}, "store.not_text", "name"),
        ({"name": "a\x0bb"}, "store.not_text", "name"),
        ({"name": "a\uffffb"}, "store.not_text", "name"),
        ({"county": "长" * 41}, "store.too_long", "county"),
        ({"total_seats": 0}, "congress.seats_wrong", "total_seats"),
        ({"total_seats": -1}, "congress.seats_wrong", "total_seats"),
        ({"total_seats": MOST_SEATS + 1}, "congress.seats_wrong", "total_seats"),
    ],
)
def test_a_congress_that_cannot_be_is_refused_at_its_field(county: County, change, code: str, field: str) -> None:
    error = caught(county, lambda act: create_congress(act, **(RIGHT | change)), ROOT)
    assert (error.code, error.field) == (code, field)


def test_a_demo_folder_holds_its_one_county_and_refuses_a_real_congress(database: Database) -> None:
    with database.writing() as session:
        begin_installation(session, demo=True, now=Act(session, ROOT, County(database).now).now)
    county = begin(database)
    assert caught(county, lambda act: create_congress(act, **RIGHT), ROOT).code == "congress.demo_folder"


def test_only_the_administrator_begins_a_congress_and_only_its_office_sets_it_up(county: County) -> None:
    assert isinstance(caught(county, lambda act: create_congress(act, **RIGHT)), Forbidden)
    others = [Actor(1, "甲", (Grant(role, county.congress_id),)) for role in Role if role is not Role.OFFICE]
    others += [ROOT, Actor(1, "甲", (Grant(Role.OFFICE, county.congress_id + 1),))]
    for other in others:
        assert isinstance(
            caught(county, lambda act: set_categories(act, county.congress_id, CATEGORIES), other), Forbidden
        )


# Units


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"code": "U9"}, "congress.code_wrong", "code"),
        ({"code": "u" * 21}, "store.too_long", "code"),
        ({"code": "u1"}, "congress.unit_code_taken", "code"),
        ({"name": ""}, "congress.name_missing", "name"),
        ({"name": " 第1镇 "}, "congress.unit_name_taken", "name"),
        ({"factor": Fraction(0)}, "congress.factor_wrong", "factor"),
        ({"factor": Fraction(-1)}, "congress.factor_wrong", "factor"),
        ({"factor": Fraction(21, 20)}, "congress.factor_unexplained", "factor_reason"),
        ({"factor": Fraction(4, 3), "factor_reason": "理由"}, "congress.not_decimal", "factor"),
        ({"factor": Fraction(21, 20), "factor_reason": "长" * 201}, "store.too_long", "factor_reason"),
    ],
)
def test_a_unit_that_cannot_be_is_refused_at_its_field(county: County, change, code: str, field: str) -> None:
    given = {"code": "u9", "name": "第9镇", "kind": UnitKind.ORGAN} | change
    error = caught(county, lambda act: add_unit(act, county.congress_id, **given))
    assert (error.code, error.field) == (code, field)


def test_a_unit_may_keep_its_own_name_and_not_take_another_s(county: County) -> None:
    given = {"kind": UnitKind.TOWNSHIP, "factor": Fraction(1), "factor_reason": ""}
    with county.acting("office") as act:
        change_unit(act, county.units["u1"], name="第1镇", **given)
    error = caught(county, lambda act: change_unit(act, county.units["u1"], name="第2镇", **given))
    assert error.code == "congress.unit_name_taken"


def test_the_database_refuses_an_unexplained_factor_too(county: County) -> None:
    with pytest.raises(IntegrityError), county.database.writing() as session:
        session.get_one(Unit, county.units["u1"]).factor = Fraction(3, 2)


def test_a_unit_in_use_stays_and_an_unused_one_goes(database: Database) -> None:
    county = registered(database, units=1, branches=1, members=1, verified=False)
    assert caught(county, lambda act: remove_unit(act, county.units["u1"])).code == "congress.in_use"
    with county.acting("office") as act:
        unit = add_unit(act, county.congress_id, code="u9", name="第9镇", kind=UnitKind.ORGAN)
    with county.acting("office") as act:
        remove_unit(act, unit.id)
    with county.reading() as session, pytest.raises(NotFound):
        unit_by_code(session, county.congress_id, "u9")


def test_an_unknown_unit_or_congress_is_not_found(county: County) -> None:
    assert isinstance(caught(county, lambda act: remove_unit(act, 999)), NotFound)
    nowhere = Actor(1, "甲", (Grant(Role.OFFICE, 999),))
    assert isinstance(caught(county, lambda act: set_overlays(act, 999, []), nowhere), NotFound)
    with county.reading() as session, pytest.raises(NotFound):
        congress_by_code(session, "nowhere")


# Categories and overlays


def inputs(shares: dict[str, Fraction]) -> list[CategoryInput]:
    return [CategoryInput(code, f"类别{code}", share) for code, share in shares.items()]


def test_the_county_s_shares_sum_to_exactly_the_whole(county: County) -> None:
    with county.acting("office") as act:
        set_categories(
            act, county.congress_id, inputs({code: Fraction(share, 100) for code, share in COUNTY_SHARES.items()})
        )
    with county.reading() as session:
        rows = session.scalars(select(Category).order_by(Category.position)).all()
        assert [(row.code, row.share * 100) for row in rows] == list(COUNTY_SHARES.items())


@pytest.mark.parametrize(
    ("last", "shown"), [(Fraction(16, 100), "101"), (Fraction(1499, 10000), "99.99"), (Fraction(14, 100), "99")]
)
def test_shares_that_miss_the_whole_by_anything_are_refused_with_their_sum(
    county: County, last: Fraction, shown: str
) -> None:
    shares = {code: Fraction(share, 100) for code, share in COUNTY_SHARES.items()} | {"other": last}
    error = caught(county, lambda act: set_categories(act, county.congress_id, inputs(shares)))
    assert (error.code, error.params["total"]) == ("congress.shares_do_not_sum", shown)


@pytest.mark.parametrize("share", [Fraction(1, 3), Fraction(1, 10**13)])
def test_a_share_that_no_short_decimal_says_is_refused_at_its_line(county: County, share: Fraction) -> None:
    """The machine interface writes decimals: a third could not be handed to the allocator exactly."""
    wrong = inputs({"leader": share, "b": 1 - share})
    assert refusals(county, lambda act: set_categories(act, county.congress_id, wrong)) == [
        ("congress.not_decimal", "0.share"),
        ("congress.not_decimal", "1.share"),
    ]


@given(st.fractions(0, 3, max_denominator=10**6).filter(lambda total: total != 1))
@example(Fraction(999_999, 1_000_000))
@example(Fraction(10**9 + 1, 10**9))
def test_a_sum_that_is_not_the_whole_is_never_shown_as_if_it_were(total: Fraction) -> None:
    assert Fraction(_percent(total)) != 100


@pytest.mark.parametrize("order", [(1, 0, 2), (2, 1, 0), (2, 0, 1)])
def test_positions_and_names_swap(county: County, order: tuple[int, ...]) -> None:
    wanted = [CATEGORIES[place] for place in order]
    wanted[0], wanted[1] = replace(wanted[0], name=wanted[1].name), replace(wanted[1], name=wanted[0].name)
    before = dict(county.categories)
    with county.acting("office") as act:
        set_categories(act, county.congress_id, wanted)
    with county.reading() as session:
        rows = session.scalars(select(Category).order_by(Category.position)).all()
        assert [(row.code, row.name, row.position) for row in rows] == [
            (item.code, item.name, place) for place, item in enumerate(wanted, 1)
        ]
        assert {row.code: row.id for row in rows} == before


def test_overlays_swap_change_and_go(county: County) -> None:
    wanted = [replace(OVERLAYS[1], age=45), replace(OVERLAYS[0], share=Fraction(1, 8))]
    with county.acting("office") as act:
        set_overlays(act, county.congress_id, wanted)
    with county.reading() as session:
        rows = session.scalars(select(Overlay).order_by(Overlay.position)).all()
        assert [(row.code, row.age, row.share) for row in rows] == [
            ("under50", 45, Fraction(92, 100)), ("women", None, Fraction(1, 8))
        ]  # fmt: skip
    with county.acting("office") as act:
        set_overlays(act, county.congress_id, [])
    with county.reading() as session:
        assert session.scalars(select(Overlay)).all() == []


def refusals(county: County, run: Callable[[Act], Any]) -> list[tuple[str, str | None]]:
    before = state(county)
    with pytest.raises(Invalid) as error, county.acting("office") as act:
        run(act)
    assert state(county) == before
    return [(refused.code, refused.field) for refused in error.value.refusals]


def test_every_fault_of_a_list_is_named_at_its_line(county: County) -> None:
    wrong = [
        CategoryInput("A", "甲", Fraction(1, 2)),
        CategoryInput("b", " ", Fraction(1, 2)),
        CategoryInput("b", "乙", Fraction(-1)),
        CategoryInput("d", "甲", Fraction(101, 100)),
    ]
    assert refusals(county, lambda act: set_categories(act, county.congress_id, wrong)) == [
        ("congress.code_wrong", "0.code"),
        ("congress.name_missing", "1.name"),
        ("congress.listed_twice", "2.name"),
        ("congress.share_wrong", "2.share"),
        ("congress.listed_twice", "3.name"),
        ("congress.share_wrong", "3.share"),
    ]


def test_there_is_at_least_one_category(county: County) -> None:
    assert caught(county, lambda act: set_categories(act, county.congress_id, [])).code == "congress.categories_missing"


@pytest.mark.parametrize(("fact", "age"), [(OverlayFact.AGE_AT_MOST, None), (OverlayFact.WOMEN, 50)])
def test_an_overlay_has_an_age_where_it_counts_ages_and_nowhere_else(county: County, fact, age) -> None:
    wrong = OverlayInput("x", "某", Fraction(1, 2), fact, age)
    error = caught(county, lambda act: set_overlays(act, county.congress_id, [wrong]))
    assert (error.code, error.field) == ("congress.overlay_age", "0.age")
    with pytest.raises(IntegrityError), county.database.writing() as session:
        session.add(
            Overlay(congress_id=county.congress_id, code="x", position=9, name="某", share=0, fact=fact, age=age)
        )


# The superior's reply


def test_the_reply_is_recorded_or_waived_and_never_both(county: County) -> None:
    with county.acting("office") as act:
        record_reply(act, county.congress_id, number=" 某组复〔2031〕1号 ", replied_on=date(2031, 3, 1))
    with county.acting("office") as act:
        waive_reply(act, county.congress_id, "本届试点，县委批准")
    with county.reading() as session:
        row = congress_by_id(session, county.congress_id)
        assert (row.reply_number, row.reply_on, row.reply_waived_because) == (None, None, "本届试点，县委批准")
    with pytest.raises(IntegrityError), county.database.writing() as session:
        session.get_one(Congress, county.congress_id).reply_number = "1号"


def test_a_reply_needs_its_number_and_a_waiver_its_reason(county: County) -> None:
    error = caught(county, lambda act: record_reply(act, county.congress_id, number=" ", replied_on=REFERENCE))
    assert (error.code, error.field) == ("congress.reply_number_missing", "number")
    error = caught(county, lambda act: record_reply(act, county.congress_id, number="长" * 81, replied_on=REFERENCE))
    assert error.code == "store.too_long"
    error = caught(county, lambda act: waive_reply(act, county.congress_id, "\u3000"))
    assert (error.code, error.field) == ("congress.reply_waived_without_reason", "reason")


# Past preparation


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase is not Phase.PREPARATION])
@pytest.mark.parametrize(
    "run",
    [
        lambda act, c: change_congress(act, c, name="名", county="", total_seats=9, reference_date=REFERENCE),
        lambda act, c: add_unit(act, c, code="u9", name="第9镇", kind=UnitKind.ORGAN),
        lambda act, c: set_categories(act, c, CATEGORIES),
        lambda act, c: set_overlays(act, c, OVERLAYS),
        lambda act, c: record_reply(act, c, number="1号", replied_on=REFERENCE),
        lambda act, c: waive_reply(act, c, "理由"),
    ],
    ids=["congress", "unit", "categories", "overlays", "reply", "waiver"],
)
def test_nothing_of_the_preparation_changes_afterwards(sqlite_stores: Stores, run, phase: Phase) -> None:
    county = county_from(sqlite_stores, "begun", begin)
    past_preparation(county, phase)
    error = caught(county, lambda act: run(act, county.congress_id))
    assert error.code == "congress.past_preparation"
    assert phase.zh in sentence(error.code, error.params).zh
    county.database.close()


def test_units_neither_change_nor_go_afterwards(county: County) -> None:
    past_preparation(county)
    unit = county.units["u1"]
    given = {"name": "新名", "kind": UnitKind.ORGAN, "factor": Fraction(1), "factor_reason": ""}
    assert caught(county, lambda act: change_unit(act, unit, **given)).code == "congress.past_preparation"
    assert caught(county, lambda act: remove_unit(act, unit)).code == "congress.past_preparation"


def test_every_change_raises_the_revision_and_is_in_the_chain(county: County) -> None:
    before = state(county)[0]
    with county.acting("office") as act:
        change_congress(act, county.congress_id, name="新名", county="某县", total_seats=21, reference_date=REFERENCE)
    assert state(county)[:2] == (int(str(before)) + 1, 21)
    with county.reading() as session:
        assert verify(session) == []
