"""The margin of every cell: enough candidates before anyone prints a ballot."""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from election.findings import Severity
from election.nomination.slates.margins import (
    CellSlate,
    MarginStatus,
    Outlook,
    Pipeline,
    cell_forecast,
    cell_margin,
    contestable,
    forecast_totals,
    margin_findings,
    totals,
)
from election.texts import sentence


def cell(seats: int, have: int, **more: Any) -> CellSlate:
    return CellSlate("高山镇", "农民", seats, have, **more)


@pytest.mark.parametrize(
    ("seats", "have", "margin", "needed", "missing", "status"),
    [
        (3, 5, 40, 5, 0, MarginStatus.HELD),
        (3, 4, 40, 5, 1, MarginStatus.SHORT),
        (5, 6, 20, 6, 0, MarginStatus.HELD),
        (6, 7, 20, 8, 1, MarginStatus.SHORT),
        (1, 1, 20, 2, 1, MarginStatus.SHORT),
        (1, 2, 20, 2, 0, MarginStatus.HELD),
        (1, 1, 0, 1, 0, MarginStatus.HELD),
        (0, 0, 40, 0, 0, MarginStatus.NO_SEAT),
        (3, 0, 40, 5, 5, MarginStatus.SHORT),
    ],
)
def test_a_cell_needs_its_seats_and_the_margin_rounded_up(seats, have, margin, needed, missing, status):
    one = cell_margin(cell(seats, have), margin)
    assert (one.needed, one.missing, one.status) == (needed, missing, status)


def test_assigned_seats_stand_outside_the_margin():
    one = cell_margin(cell(4, 5, assigned=1), 40)
    assert (one.contested, one.needed, one.status) == (3, 5, MarginStatus.HELD)
    assert cell_margin(cell(2, 0, assigned=2), 40).status is MarginStatus.NO_SEAT


def test_an_exempt_cell_is_named_and_still_fills_its_seats():
    exempt = cell_margin(cell(2, 2, exempt_by="县委〔3〕号"), 20)
    assert (exempt.needed, exempt.status) == (2, MarginStatus.EXEMPT)
    assert cell_margin(cell(2, 1, exempt_by="县委〔3〕号"), 20).status is MarginStatus.SHORT
    assert cell_margin(cell(2, 3, exempt_by="县委〔3〕号"), 20).status is MarginStatus.HELD


def test_no_surplus_pays_for_a_shortage_elsewhere():
    sums = totals(
        cell_margin(one, 40) for one in (cell(1, 9), cell(3, 4), cell(2, 2, exempt_by="批复"), cell(4, 5, assigned=1))
    )
    assert (sums.seats, sums.assigned, sums.contested) == (10, 1, 9)
    assert (sums.needed, sums.have, sums.missing) == (2 + 5 + 2 + 5, 20, 1)
    assert (sums.short_cells, sums.exempt_cells) == (1, 1)


@pytest.mark.parametrize(
    ("one", "code", "severity"),
    [
        (cell(3, 4), "slate.margin_short", Severity.ERROR),
        (cell(1, 2, assigned=2), "slate.assigned_over_seats", Severity.ERROR),
        (cell(0, 1), "slate.no_seat", Severity.ERROR),
        (cell(2, 2, exempt_by="县委〔3〕号"), "slate.exempt", Severity.WARNING),
    ],
)
def test_what_is_found_about_a_cell_is_said_in_both_languages(one, code, severity):
    found = margin_findings([cell_margin(one, 40)])
    assert (code, severity) in [(finding.code, finding.severity) for finding in found]
    for finding in found:
        said = sentence(finding.code, finding.params)
        assert "高山镇" in said.zh
        assert "高山镇" in said.en


def test_a_cell_that_holds_its_margin_is_not_mentioned():
    assert margin_findings([cell_margin(cell(3, 5), 40), cell_margin(cell(0, 0), 40)]) == ()


@pytest.mark.parametrize(
    ("pipeline", "outlook", "spare"),
    [
        (Pipeline(applied=0, preliminary=0, proposed=5), Outlook.SURE, 0),
        (Pipeline(applied=3, preliminary=1, proposed=4), Outlook.POSSIBLE, 3),
        (Pipeline(applied=1, preliminary=1, proposed=3), Outlook.POSSIBLE, 0),
        (Pipeline(applied=1, preliminary=1, proposed=2), Outlook.SHORT, -1),
        (Pipeline(applied=1, preliminary=1, put_forward=1, proposed=2), Outlook.POSSIBLE, 0),
        (Pipeline(), Outlook.SHORT, -5),
    ],
)
def test_a_shortage_is_seen_before_the_slate(pipeline, outlook, spare):
    seen = cell_forecast(cell(3, 0), pipeline, 40)
    assert (seen.needed, seen.outlook, seen.spare) == (5, outlook, spare)
    assert seen.missing == max(0, -spare)


def test_who_stands_already_plays_no_part_in_the_forecast():
    for have in (1, 4, 9):
        assert cell_forecast(cell(3, have), Pipeline(proposed=4), 40) == cell_forecast(
            cell(3, 0), Pipeline(proposed=4), 40
        )


def test_a_cell_without_a_seat_has_no_outlook():
    seen = cell_forecast(cell(1, 0, assigned=1), Pipeline(applied=2), 40)
    assert (seen.outlook, seen.missing) == (Outlook.NO_SEAT, 0)


def test_the_forecast_of_several_cells_sets_no_surplus_against_a_shortage():
    seen = forecast_totals(
        [
            cell_forecast(cell(1, 0), Pipeline(applied=9), 40),
            cell_forecast(cell(3, 0), Pipeline(preliminary=1, put_forward=1, proposed=1), 40),
            cell_forecast(cell(0, 0), Pipeline(), 40),
        ]
    )
    assert (seen.needed, seen.missing, seen.short_cells) == (2 + 5, 2, 1)
    assert seen.pipeline == Pipeline(applied=9, preliminary=1, put_forward=1, proposed=1)
    assert (seen.pipeline.all, seen.pipeline.on_the_way) == (12, 11)


@given(st.integers(0, 400), st.integers(0, 200))
def test_a_cell_is_brought_down_to_as_many_seats_as_its_candidates_can_contest(have, margin):
    seats = contestable(have, margin)
    assert cell_margin(cell(seats, have), margin).missing == 0
    assert cell_margin(cell(seats + 1, have), margin).missing > 0


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 300), st.integers(0, 200))
def test_the_need_is_the_exact_share_rounded_up(seats, assigned, have, margin):
    one = cell_margin(cell(seats, have, assigned=assigned), margin)
    contested = max(0, seats - assigned)
    assert one.needed == ceil(contested * (1 + Fraction(margin, 100)))
    assert one.missing == max(0, one.needed - have)
    assert (one.status is MarginStatus.SHORT) == (one.missing > 0)
    if margin and contested:
        assert one.needed > contested  # edge case 5: one seat needs two candidates at any margin
