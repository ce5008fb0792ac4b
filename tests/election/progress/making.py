"""Facts for the tests of this room: a congress at a point where nothing is left to do, changed by each test."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from election.contests.models import ContestKind, RoundKind
from election.meeting.lifecycle import MeetingState
from election.progress.facts import Facts, UnitFacts
from election.progress.queries_registration import ElectorsNotice
from election.quotas.lifecycle import SchemeState
from election.results.lifecycle import ResultsState
from election.results.queries_settling import ContestStanding
from election.results.settling import Unsettled

TODAY = date(2031, 3, 10)
UNIT = UnitFacts(1, "u1", "第1镇", True, 3, 0, 3, 3, 0, MeetingState.CLOSED)
DONE = Facts(
    categories=3,
    reply_settled=True,
    schemes={SchemeState.APPROVED: 1},
    scheme_outdated=False,
    units=(UNIT, replace(UNIT, id=2, code="u2", name="第2镇")),
    electors_notice=ElectorsNotice(last_day=date(2031, 3, 7)),
    applied_by_branch={},
    ballots_by_branch={},
    awaiting_review=0,
    proposed=9,
    notice_published=True,
    notice_last_day=date(2031, 3, 9),
    objections_open=0,
    objections_unsettled=0,
    forms=(),
    results=ResultsState.PUBLISHED,
    proposer=None,
)


def facts(**change: Any) -> Facts:
    return replace(DONE, **change)


def units(number: int = 1, **change: Any) -> tuple[UnitFacts, ...]:
    return tuple(replace(UNIT, id=each, code=f"u{each}", name=f"第{each}镇", **change) for each in range(1, number + 1))


def contests(
    number: int, unsettled: Unsettled | None = None, later: RoundKind | None = None, unit: int = 1
) -> tuple[ContestStanding, ...]:
    """So many contests of one unit that wait alike."""
    one = ContestStanding(1, unit, f"u{unit}", f"第{unit}镇", "农民", ContestKind.CONTESTED, unsettled, later)
    return (one,) * number
