"""The outcomes in force of a congress: contests with their rounds, outcomes and ranked names. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from election.contests.models import NOT_NEEDED, Contest, Round
from election.contests.outcome import OutcomeStatus
from election.contests.queries import contests_of_congress, contests_of_unit
from election.count.models import CandidateResult, RoundOutcome
from election.machine import Worded
from election.meeting.models_evening import FollowUp, FollowUpKind


class ContestStatus(Worded):
    """Where a contest stands after its latest round."""

    PENDING = "pending", "待确认", "pending"
    DECIDED = "decided", "已选出", "decided"
    TIE = "tie", "得票相等", "tie"
    SHORTFALL = "shortfall", "当选不足，须另行选举", "shortfall"
    VACANT = "vacant", "缺额不再选举", "seat left vacant"
    VOID = "void", "选举无效，须重新选举", "void"


_STATUS = {
    OutcomeStatus.DECIDED: ContestStatus.DECIDED,
    OutcomeStatus.TIE: ContestStatus.TIE,
    OutcomeStatus.SHORTFALL: ContestStatus.SHORTFALL,
}


@dataclass(frozen=True, slots=True)
class RoundResult:
    """A round and its outcome in force: None while it is not counted, and for ever when it is void."""

    round: Round
    outcome: RoundOutcome | None

    @property
    def lines(self) -> tuple[CandidateResult, ...]:
        return () if self.outcome is None else tuple(self.outcome.lines)

    @property
    def status(self) -> ContestStatus:
        if self.round.void_at is not None:
            return ContestStatus.VOID
        if self.outcome is None:
            return ContestStatus.PENDING
        return _STATUS[OutcomeStatus(self.outcome.status)]


@dataclass(frozen=True, slots=True)
class ContestResult:
    """A contest (with unit and category loaded) and its rounds. Figures of several rounds add up to the seats."""

    contest: Contest
    rounds: tuple[RoundResult, ...]
    # Seats that a recorded decision leaves without a delegate.
    vacant: int = 0

    @property
    def in_correction(self) -> bool:
        """A count from which something followed that stands is withdrawn: nothing of the contest is settled until the corrected
        figures are confirmed.
        """
        relied_on = self.rounds if self.vacant else self.rounds[:-1]
        return any(one.status is ContestStatus.PENDING for one in relied_on)

    @property
    def status(self) -> ContestStatus:
        if not self.rounds or self.in_correction:
            return ContestStatus.PENDING
        status = self.rounds[-1].status
        if status is ContestStatus.SHORTFALL and self.elected + self.vacant >= self.contest.seats:
            return ContestStatus.VACANT
        return status

    @property
    def elected(self) -> int:
        return sum(one.outcome.elected for one in self.rounds if one.outcome is not None)

    @property
    def tied_seats(self) -> int:
        """Seats that a tie keeps open after the latest count, also while its tie ballot is being held."""
        return 0 if self._last is None else self._last.tied_seats

    @property
    def shortfall(self) -> int:
        """Seats that nobody reached the majority for in the latest count and no decision leaves vacant."""
        return 0 if self._last is None else max(0, self._last.shortfall - self.vacant)

    @property
    def _last(self) -> RoundOutcome | None:
        return next((one.outcome for one in reversed(self.rounds) if one.outcome is not None), None)


def outcomes_of_congress(session: Session, congress_id: int) -> list[ContestResult]:
    """Every contest of the congress by unit and category: five statements whatever its size."""
    return _with_outcomes(session, contests_of_congress(session, congress_id), Contest.congress_id == congress_id)


def outcomes_of_unit(session: Session, unit_id: int) -> list[ContestResult]:
    return _with_outcomes(session, contests_of_unit(session, unit_id), Contest.unit_id == unit_id)


def _with_outcomes(session: Session, contests: list[Contest], chosen: object) -> list[ContestResult]:
    rows = session.scalars(
        select(RoundOutcome)
        .join(Round, Round.id == RoundOutcome.round_id)
        .join(Contest, Contest.id == Round.contest_id)
        .where(chosen, RoundOutcome.superseded_at.is_(None))  # type: ignore[arg-type]
        .options(selectinload(RoundOutcome.lines))
    )
    found = {row.round_id: row for row in rows}
    vacant = _vacant(session, chosen)
    return [
        ContestResult(
            contest,
            tuple(RoundResult(each, found.get(each.id)) for each in contest.rounds if each.void_reason != NOT_NEEDED),
            vacant.get(contest.id, 0),
        )
        for contest in contests
    ]


def _vacant(session: Session, chosen: object) -> dict[int, int]:
    rows = session.execute(
        select(Round.contest_id, func.sum(FollowUp.seats))
        .join(Round, Round.id == FollowUp.round_id)
        .join(Contest, Contest.id == Round.contest_id)
        .where(
            chosen,  # type: ignore[arg-type]
            FollowUp.kind == FollowUpKind.VACANT,
            FollowUp.agreed_at.is_not(None),
            FollowUp.dropped_at.is_(None),
        )
        .group_by(Round.contest_id)
    )
    return {contest_id: int(seats) for contest_id, seats in rows}
