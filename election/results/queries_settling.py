"""How far each contest of a congress is from being announced: one statement whatever its size. Changes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from election.congress.models import Category, Unit
from election.contests.models import Contest, ContestKind, Round, RoundKind
from election.contests.outcome import OutcomeStatus
from election.contests.queries import UNCONTESTED_FIRST, WITH_SEATS
from election.count.models import RoundOutcome
from election.machine import Words
from election.meeting.models import MeetingRound
from election.meeting.models_evening import FollowUp, FollowUpKind
from election.results.settling import Ballot, Unsettled, settle


@dataclass(frozen=True, slots=True)
class ContestStanding:
    """A contest by name with what keeps it from being announced, or as what it is voted on later."""

    contest_id: int
    unit_id: int
    unit_code: str
    unit: str
    category: str
    kind: ContestKind
    unsettled: Unsettled | None
    later: RoundKind | None

    @property
    def name(self) -> Words:
        """The category, and whether it is the uncontested one of its cell."""
        if self.kind is ContestKind.CONTESTED:
            return Words(self.category, self.category)
        return Words(f"{self.category}（{self.kind.zh}）", f"{self.category} ({self.kind.en})")


def contest_standings(session: Session, congress_id: int) -> list[ContestStanding]:
    """Every contest that has seats, by unit and category."""
    follows = (FollowUp.round_id == Round.id) & FollowUp.dropped_at.is_(None) & (FollowUp.kind != FollowUpKind.STRIKE)
    rows: Sequence[Any] = session.execute(
        select(
            Contest.id,
            Unit.id.label("unit_id"),
            Unit.code,
            Unit.name,
            Category.name.label("category"),
            Contest.kind,
            Contest.seats,
            Round.id.label("round_id"),
            Round.kind.label("round_kind"),
            Round.void_at,
            RoundOutcome.status,
            RoundOutcome.elected,
            MeetingRound.id.label("held"),
            FollowUp.kind.label("follows"),
            FollowUp.seats.label("follow_seats"),
            FollowUp.agreed_at,
        )
        .join(Unit, Unit.id == Contest.unit_id)
        .join(Category, Category.id == Contest.category_id)
        .join(Round, Round.contest_id == Contest.id)
        .outerjoin(RoundOutcome, (RoundOutcome.round_id == Round.id) & RoundOutcome.superseded_at.is_(None))
        .outerjoin(MeetingRound, MeetingRound.round_id == Round.id)
        .outerjoin(FollowUp, follows)
        .where(Contest.congress_id == congress_id, WITH_SEATS)
        .order_by(Unit.position, Category.position, UNCONTESTED_FIRST, Round.number)
    ).all()
    by_contest: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        by_contest[row.id].append(row)
    return [_standing(here) for here in by_contest.values()]


def _standing(rows: Sequence[Any]) -> ContestStanding:
    """One contest from its rounds, each once for every follow-up that stands after it."""
    head, last = rows[0], rows[-1]
    rounds = {row.round_id: row for row in rows}
    ballots = [
        Ballot(
            row.round_kind,
            row.void_at is not None,
            None if row.status is None else OutcomeStatus(row.status),
            row.elected or 0,
            row.held is not None,
        )
        for row in rounds.values()
    ]
    vacant = sum(row.follow_seats for row in rows if row.follows is FollowUpKind.VACANT and row.agreed_at is not None)
    proposed = any(row.follows is not None and row.agreed_at is None for row in rows if row.round_id == last.round_id)
    settled = settle(head.seats, vacant, ballots, proposed)
    return ContestStanding(
        head.id, head.unit_id, head.code, head.name, head.category, head.kind, settled.unsettled, settled.later
    )
