"""The advice on a composition warns at its boundary and not before."""

from __future__ import annotations

import pytest

from election.quotas.advice import leaders_at_cap, percent, women_below_members


@pytest.mark.parametrize(("seats", "warned"), [(99, False), (100, True), (101, True)])
def test_leaders_are_warned_of_from_exactly_the_cap(seats: int, warned: bool) -> None:
    assert (leaders_at_cap("领导干部", seats, 200, 50) is not None) is warned


def test_no_cap_warns_of_nothing() -> None:
    assert leaders_at_cap("领导干部", 200, 200, 0) is None


@pytest.mark.parametrize(("seats", "warned"), [(53, True), (54, False), (55, False)])
def test_women_are_warned_of_below_their_share_among_the_members(seats: int, warned: bool) -> None:
    assert (women_below_members("妇女", seats, 200, 27, 100) is not None) is warned


def test_the_warning_names_both_shares() -> None:
    found = women_below_members("妇女", 56, 204, 3003, 10000)
    assert found is not None
    assert "27.5%" in found.zh
    assert "30.0%" in found.zh


@pytest.mark.parametrize(
    ("part", "whole", "text"), [(1, 3, "33.3"), (1, 2000, "0.1"), (49, 100, "49.0"), (1, 1, "100.0")]
)
def test_a_share_is_printed_to_one_decimal(part: int, whole: int, text: str) -> None:
    assert percent(part, whole) == text
