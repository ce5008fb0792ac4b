"""The allocation sheet: seats as shown, what they are to add up to, the previous congress, marks of changes by hand."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import event, inspect

from election.congress.models import UnitKind
from election.congress.operations import change_unit, set_categories, set_overlays
from election.congress.operations_previous import set_previous_seats
from election.congress.queries import congress_by_code
from election.errors import Refused
from election.nomination.leaders.operations import assign_leader
from election.quotas.hand import Change
from election.quotas.models import ChangeKind as Kind
from election.quotas.operations import approve_scheme, compute_scheme, submit_scheme
from election.quotas.operations_groups import save_group
from election.quotas.operations_hand import recompute_scheme
from election.quotas.queries import explanation, hand_changes, is_settled, mark, scheme_by_number, schemes
from election.quotas.queries_sheet import Sheet, sheet
from tests.election.quotas.making import cell, change, leaders, read, refused, run, said, submitted
from tests.support.county import CATEGORIES, OVERLAYS, County


def shown(county: County, number: int) -> Sheet:
    return read(county, number, lambda congress, scheme: sheet(congress, scheme, 20))


def test_the_sheet_adds_up_and_costs_no_statement(county: County) -> None:
    run(county, "office", assign_leader, leaders(county)[0], county.units["u1"])
    number = submitted(county).number
    with county.reading() as session:
        congress, scheme = congress_by_code(session, "xian-14"), scheme_by_number(session, county.congress_id, number)
        sent: list[str] = []
        event.listen(county.database.engine, "before_cursor_execute", lambda *given: sent.append(given[2]))
        table = sheet(congress, scheme, 20)
        hand_changes(congress, scheme), is_settled(congress, scheme), mark(scheme), explanation(scheme).why(0, 0)
        assert sent == []
    assert table.adds_up and table.wanted == 20
    assert table.seats == sum(row.seats for row in table.rows) == sum(target.seats for target in table.categories) == 20
    assert table.assigned == 1 and table.members == 48
    assert table.candidates == sum(row.candidates for row in table.rows)
    for row in table.rows:
        for one in row.cells:
            assert abs(float(one.product) - one.seats) <= 0.51 or one.seats in (0, one.assigned)


def test_a_list_of_versions_leaves_their_large_parts_unread_and_one_of_them_is_read_whole(
    county: County, draft: int
) -> None:
    with county.reading() as session:
        (listed,) = schemes(session, county.congress_id)
        assert {"base", "problem", "allocation", "basis"} <= inspect(listed).unloaded
        found = scheme_by_number(session, county.congress_id, draft)
        assert found is listed and {"cells", "changes", "base", "problem", "allocation", "basis"} <= vars(found).keys()


def test_a_factor_stays_the_one_that_the_scheme_was_computed_with(county: County) -> None:
    def factor(value: str, reason: str) -> None:
        with county.acting("office") as act:
            kept = {"name": "第1镇", "kind": UnitKind.TOWNSHIP}
            change_unit(act, county.units["u1"], **kept, factor=Fraction(value), factor_reason=reason)

    factor("6/5", "边远")
    number = run(county, "office", compute_scheme).number
    factor("2", "另有考虑")
    row = shown(county, number).rows[0]
    assert (row.factor, row.factor_reason) == ("6/5", "边远")
    assert refused(county, "office", submit_scheme, number).code == "scheme.blocked"


def test_the_previous_seats_of_an_approved_plan_stay_those_it_was_approved_with(county: County) -> None:
    run(county, "office", set_previous_seats, {"u1": 9})
    number = submitted(county).number
    run(county, "office", set_previous_seats, {"u1": 8})
    assert [row.since_previous for row in shown(county, number).rows] == [2, None]
    run(county, "approver", approve_scheme, number)
    run(county, "office", set_previous_seats, {"u1": 5, "u2": 5})
    assert [row.since_previous for row in shown(county, number).rows] == [2, None]
    assert shown(county, number).previous == 8
    lock = Change(Kind.CELL, "u1", "farmer", "", 4, locked=True)
    later = run(county, "office", recompute_scheme, number, [lock]).number
    assert later != number and [row.since_previous for row in shown(county, later).rows] == [5, 5]
    run(county, "office", submit_scheme, later)
    run(county, "approver", approve_scheme, later)
    assert [row.since_previous for row in shown(county, number).rows] == [2, None]
    basis_hash = read(county, number, lambda _, scheme: scheme.basis_hash)
    assert basis_hash == read(county, later, lambda _, scheme: scheme.basis_hash)


def test_a_change_by_hand_is_shown_with_what_no_longer_adds_up(county: County, draft: int) -> None:
    change(county, "office", draft, cell("u1", "farmer", 5))
    table = shown(county, draft)
    one = table.rows[0].cells[1]
    assert (one.seats, one.solved) == (5, 3)
    assert one.by_hand is not None and (one.by_hand.computed, one.by_hand.reason) == (3, "照顾小村")
    assert (table.rows[0].seats, table.rows[0].wanted) == (12, 10)
    assert (table.categories[1].seats, table.categories[1].wanted) == (8, 6)
    assert (table.seats, table.wanted, table.adds_up) == (22, 20, False)
    assert [cell.by_hand for row in table.rows for cell in row.cells].count(None) == 5


def test_a_line_set_by_hand_says_what_it_is_to_make(county: County, draft: int) -> None:
    change(county, "office", draft, Change(Kind.UNIT, "u2", None, "", 12, locked=False))
    change(county, "office", draft, Change(Kind.CATEGORY, None, "other", "", 5, locked=False))
    table = shown(county, draft)
    assert [(row.seats, row.wanted, row.by_hand is not None) for row in table.rows] == [(10, 10, False), (10, 12, True)]
    assert [(t.code, t.seats, t.wanted, t.by_hand is not None) for t in table.categories] == [
        ("leader", 10, 10, False),
        ("farmer", 6, 6, False),
        ("other", 4, 5, True),
    ]
    assert not table.adds_up


def test_the_guide_share_stays_beside_a_category_whose_seats_are_a_rule(county: County, draft: int) -> None:
    change(county, "office", draft, Change(Kind.CATEGORY, None, "farmer", "", 5, locked=True))
    run(county, "office", recompute_scheme, draft)
    farmers = shown(county, draft).categories[1]
    assert (farmers.share, farmers.seats, farmers.wanted, farmers.percent) == (Fraction(3, 10), 5, 5, 25)


@pytest.mark.parametrize(("seats", "too_many"), [(6, False), (7, True)])
def test_more_seats_than_a_cell_s_voters_can_contest_are_said(
    county: County, draft: int, seats: int, too_many: bool
) -> None:
    change(county, "office", draft, cell("u1", "leader", seats))
    one = shown(county, draft).rows[0].cells[0]
    assert (one.most, one.too_many) == (6, too_many)
    assert one.needed == {6: 8, 7: 9}[seats]


def test_fewer_seats_than_assigned_leaders_never_ask_for_fewer_than_no_candidates(county: County) -> None:
    for leader in leaders(county)[:2]:
        run(county, "office", assign_leader, leader, county.units["u1"])
    number = run(county, "office", compute_scheme).number
    change(county, "office", number, cell("u1", "leader", 2))
    one = shown(county, number).rows[0].cells[0]
    assert (one.assigned, one.needed) == (2, 2)


def test_the_previous_congress_stands_beside_each_unit_that_it_had(county: County, draft: int) -> None:
    table = shown(county, draft)
    assert (table.previous, table.since_previous, table.rows[0].since_previous) == (None, None, None)
    run(county, "office", set_previous_seats, {"u1": 12})
    change(county, "office", draft, cell("u1", "farmer", 4))
    table = shown(county, draft)
    assert [(row.previous, row.since_previous) for row in table.rows] == [(12, -1), (None, None)]
    assert (table.previous, table.since_previous) == (12, 9)


def test_the_product_of_a_cell_counts_its_groups(county: County) -> None:
    run(county, "office", save_group, "far", "边远", ["u1"], ["farmer"], 5, None)
    number = run(county, "office", compute_scheme).number
    table = shown(county, number)
    exact = read(
        county, number, lambda _, scheme: [[explanation(scheme).why(i, j).product for j in range(3)] for i in range(2)]
    )
    for row, products in zip(table.rows, exact, strict=True):
        assert [one.product for one in row.cells] == [f"{float(product):.2f}" for product in products]
    assert table.rows[0].cells[1].seats == 5


def test_an_old_scheme_is_still_shown_after_categories_and_overlays_changed(county: County) -> None:
    from dataclasses import replace

    number = submitted(county).number
    before = shown(county, number)
    fourth = replace(CATEGORIES[2], code="fourth", name="第四类", share=Fraction(0))
    run(county, "office", set_categories, [CATEGORIES[1], fourth, CATEGORIES[0], CATEGORIES[2]])
    run(county, "office", set_overlays, OVERLAYS[1:])
    after = shown(county, number)
    assert [target.name for target in after.categories] == [target.name for target in before.categories]
    assert [target.seats for target in after.overlays] == [target.seats for target in before.overlays]
    assert after.rows == before.rows


def test_an_explanation_is_made_once_for_each_answer(county: County, draft: int) -> None:
    first = read(county, draft, lambda _, scheme: explanation(scheme))
    assert read(county, draft, lambda _, scheme: explanation(scheme)) is first
    assert first.why(0, 1).seats == 3
    change(county, "office", draft, cell("u1", "farmer", 5, locked=True))
    assert read(county, draft, lambda _, scheme: explanation(scheme)) is first
    run(county, "office", recompute_scheme, draft)
    assert read(county, draft, lambda _, scheme: explanation(scheme)).why(0, 1).seats == 5


@pytest.mark.parametrize(
    "deed",
    [
        lambda county, number: change(county, "office", number, cell("u1", "farmer", 4)),
        lambda county, number: run(county, "office", recompute_scheme, number, [cell("u1", "farmer", 4)]),
    ],
    ids=["a change", "a computing"],
)
def test_the_mark_of_a_scheme_moves_with_whatever_is_done_to_it(
    county: County, draft: int, deed: Callable[[County, int], Any]
) -> None:
    before = read(county, draft, lambda _, scheme: mark(scheme))
    assert read(county, draft, lambda _, scheme: mark(scheme)) == before
    deed(county, draft)
    assert read(county, draft, lambda _, scheme: mark(scheme)) != before


def test_a_stored_answer_that_does_not_prove_itself_is_said_not_explained(county: County, draft: int) -> None:
    with county.database.writing() as session:
        scheme = scheme_by_number(session, county.congress_id, draft)
        scheme.allocation = scheme.allocation | {"unit_seats": [11, 9]}
        scheme.hash = "f" * 64
    with pytest.raises(Refused) as caught:
        read(county, draft, lambda _, scheme: explanation(scheme))
    assert "证书不符" in said(caught.value)
