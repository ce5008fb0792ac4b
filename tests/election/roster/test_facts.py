"""Facts about persons that overlays count."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from election.congress.models import OverlayFact
from election.people.models import Sex
from election.roster.facts import Facts, age_on, born_after, matches_overlay

DAY = date(2031, 6, 30)


def test_one_grows_older_on_the_birthday() -> None:
    assert age_on(date(1981, 6, 30), DAY) == 50
    assert age_on(date(1981, 7, 1), DAY) == 49


def test_who_was_born_on_29_february_grows_older_on_1_march_in_a_common_year() -> None:
    assert age_on(date(1980, 2, 29), date(2030, 2, 28)) == 49
    assert age_on(date(1980, 2, 29), date(2030, 3, 1)) == 50


@pytest.mark.parametrize(("included", "counts"), [(True, True), (False, False)])
def test_whether_50_or_younger_includes_50_is_a_rule(included: bool, counts: bool) -> None:
    facts = Facts(Sex.MALE, date(1981, 6, 30))
    assert matches_overlay(OverlayFact.AGE_AT_MOST, 50, included, facts, DAY) is counts


def test_an_unknown_birth_date_never_counts() -> None:
    assert not matches_overlay(OverlayFact.AGE_AT_MOST, 50, True, Facts(None, None), DAY)


def test_a_woman_counts_among_women_and_nobody_else_does() -> None:
    assert matches_overlay(OverlayFact.WOMEN, None, True, Facts(Sex.FEMALE, None), DAY)
    assert not matches_overlay(OverlayFact.WOMEN, None, True, Facts(Sex.MALE, None), DAY)
    assert not matches_overlay(OverlayFact.WOMEN, None, True, Facts(None, None), DAY)


@pytest.mark.parametrize(("ethnicity", "counts"), [("土家族", True), ("汉族", False), ("汉", False), ("", False)])
def test_a_minority_is_any_known_ethnicity_but_the_majority_s(ethnicity: str, counts: bool) -> None:
    assert matches_overlay(OverlayFact.ETHNIC_MINORITY, None, True, Facts(None, None, ethnicity), DAY) is counts


days = st.dates(date(1930, 1, 1), date(2060, 12, 31))


@given(born=days, reference=days, age=st.integers(18, 80), included=st.booleans())
def test_the_day_for_the_database_says_the_same_as_the_age(
    born: date, reference: date, age: int, included: bool
) -> None:
    facts = Facts(None, born)
    by_age = matches_overlay(OverlayFact.AGE_AT_MOST, age, included, facts, reference)
    assert (born > born_after(age, included, reference)) == by_age
