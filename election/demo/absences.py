"""Who is away in the demo county, and how far they have been told. Invented; the same seed, the same people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random

from election.roster.models import AbsenceKind, ExclusionReason, Notification

# Of so many electors one is away; of so many of those one is not told yet when the roster is verified.
ONE_IN, UNTOLD_ONE_IN = 45, 9
# Who is older than this is away for age or illness, not for work.
OLD = 68
PLACES = ("邻省开发区务工", "省城建筑工地", "沿海城市电子厂", "外省经商", "随子女居住", "外地带孙辈", "跨省货运")
AT_HOME = ("本村卧床休养", "县城养老院", "随家人在城区居住")
NOTES = ("已留书面回执", "由亲属转告", "约定大会前返乡", "")


@dataclass(frozen=True, slots=True)
class Away:
    member_id: int
    kind: AbsenceKind
    reason: ExclusionReason | None
    whereabouts: str
    notified: Notification | None
    notified_on: date | None
    note: str


def away(random: Random, electors: list[tuple[int, date | None]], told_on: date) -> Iterator[Away]:
    """Some of a unit's electors, given as (member, born on)."""
    for member_id, born_on in sorted(random.sample(electors, len(electors) // ONE_IN)):
        old = born_on is not None and told_on.year - born_on.year > OLD
        told = random.randrange(UNTOLD_ONE_IN) > 0
        means = random.choice(list(Notification))
        if old:
            kind, reason = AbsenceKind.UNFIT, random.choice((ExclusionReason.FRAIL, None))
        else:
            kind = random.choice((AbsenceKind.MIGRANT, AbsenceKind.MIGRANT, AbsenceKind.AWAY))
            reason = ExclusionReason.WORKING_AWAY if kind is AbsenceKind.MIGRANT and random.random() < 0.6 else None
        yield Away(
            member_id,
            kind,
            reason,
            random.choice(AT_HOME if old else PLACES),
            means if told else None,
            told_on if told else None,
            random.choice(NOTES) if told else "",
        )
