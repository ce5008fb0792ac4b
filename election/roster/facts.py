"""Facts about a person that overlays (其中) count: sex, age on a day, ethnicity. Pure; never a primary category."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from election.congress.models import OverlayFact
from election.people.models import Sex

# How the majority nationality is written; an unknown one is not counted as a minority.
MAJORITY_OR_UNKNOWN = ("", "汉", "汉族")


@dataclass(frozen=True, slots=True)
class Facts:
    sex: Sex | None
    born_on: date | None
    ethnicity: str = ""


def age_on(born_on: date, day: date) -> int:
    """Full years of life. Who was born on 29 February grows older on 1 March in a common year."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def born_after(age: int, included: bool, reference: date) -> date:
    """The day after which one must be born to be `age` or younger on `reference` (younger than, if not included)."""
    year = reference.year - (age + 1 if included else age)
    try:
        return reference.replace(year=year)
    except ValueError:  # 29 February, and that year has none
        return reference.replace(year=year, day=28)


def matches_overlay(fact: OverlayFact, age: int | None, included: bool, facts: Facts, reference: date) -> bool:
    """Whether a person counts for an overlay. `included`: the rule that 50岁以下 includes 50 (edge case 12)."""
    if fact is OverlayFact.WOMEN:
        return facts.sex is Sex.FEMALE
    if fact is OverlayFact.ETHNIC_MINORITY:
        return facts.ethnicity not in MAJORITY_OR_UNKNOWN
    if facts.born_on is None or age is None:
        return False
    years = age_on(facts.born_on, reference)
    return years <= age if included else years < age
