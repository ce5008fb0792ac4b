"""Where each contest of a unit stands after its votes: what is due next, what was proposed and agreed. Changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from election.congress.rules_in_force import rules_in_force
from election.contests.follow_up import NextRound, PastRound, Standing, next_round, open_seats
from election.contests.models import Contest, ContestKind
from election.contests.outcome import OutcomeStatus
from election.count.models import Result
from election.count.queries_outcome import ContestResult, RoundResult, outcomes_of_unit
from election.meeting.models import MeetingRound
from election.meeting.models_evening import FollowUp
from election.nomination.lifecycle import SlateState
from election.nomination.models import Candidate, Slate
from election.people.models import Person
from election.roster.models import Member


@dataclass(frozen=True, slots=True)
class ContestState:
    """A contest after its rounds so far. `meeting_id`: of the meeting that voted last on it; None while none has. `due`:
    what its last round makes necessary. `proposed`: what waits for agreement. `names`: of everyone who stood.
    """

    result: ContestResult
    meeting_id: int | None
    ballot: int
    open_seats: int
    vacant: int
    due: NextRound | None
    proposed: FollowUp | None
    names: Mapping[int, str]

    @property
    def last_round_id(self) -> int:
        return self.result.rounds[-1].round.id

    @property
    def settled(self) -> bool:
        """Every seat filled, or left vacant by a recorded decision."""
        return self.open_seats == 0


def contest_states(session: Session, congress_id: int, unit_id: int) -> list[ContestState]:
    """The unit's contests in the order of the ballots: a fixed number of statements."""
    results = outcomes_of_unit(session, unit_id)
    margin = int(str(rules_in_force(session, congress_id)["margin_min"]))
    rounds = [one.round.id for result in results for one in result.rounds]
    standing = _standing(session, rounds)
    held = {
        row.round_id: (row.meeting_id, row.ballot)
        for row in session.scalars(select(MeetingRound).where(MeetingRound.round_id.in_(rounds)))
    }
    follow_ups = session.scalars(
        select(FollowUp).where(FollowUp.round_id.in_(rounds), FollowUp.dropped_at.is_(None)).order_by(FollowUp.id)
    ).all()
    waiting = {row.round_id: row for row in follow_ups if row.agreed_at is None}
    names = _names(session, standing)
    return [_state(result, standing, held, waiting, margin, names) for result in results]


def contest_state(session: Session, contest_id: int) -> ContestState | None:
    """One contest; None where there is none."""
    contest = session.get(Contest, contest_id)
    if contest is None:
        return None
    states = contest_states(session, contest.congress_id, contest.unit_id)
    return next((one for one in states if one.result.contest.id == contest_id), None)


def _state(
    result: ContestResult,
    standing: Mapping[int, Sequence[int]],
    held: Mapping[int, tuple[int, int]],
    waiting: Mapping[int, FollowUp],
    margin: int,
    names: Mapping[int, str],
) -> ContestState:
    past = tuple(_past(one, standing.get(one.round.id, ())) for one in result.rounds)
    last = result.rounds[-1].round.id
    contest = result.contest
    meeting_id, ballot = held.get(last, (None, 1))
    return ContestState(
        result=result,
        meeting_id=meeting_id,
        ballot=ballot,
        open_seats=open_seats(contest.seats, past, result.vacant),
        vacant=result.vacant,
        due=next_round(
            contest.seats,
            past,
            vacant=result.vacant,
            margin=margin,
            contested=contest.kind is ContestKind.CONTESTED,
        ),
        proposed=waiting.get(last),
        names=names,
    )


def _past(one: RoundResult, slate: Sequence[int]) -> PastRound:
    outcome = one.outcome
    if outcome is None or one.round.void_at is not None:
        names = tuple(Standing(member) for member in slate)
        return PastRound(one.round.kind, one.round.seats, names, void=one.round.void_at is not None)
    lines = [line for line in outcome.lines if line.member_id is not None]
    return PastRound(
        one.round.kind,
        one.round.seats,
        tuple(Standing(line.member_id or 0, line.votes_for) for line in lines),
        status=OutcomeStatus(outcome.status),
        elected=tuple(line.member_id or 0 for line in lines if line.result is Result.ELECTED),
        tied=tuple(line.member_id or 0 for line in lines if line.result is Result.TIED),
    )


def _standing(session: Session, rounds: Sequence[int]) -> dict[int, list[int]]:
    """round → the members on its slate in force, in ballot order."""
    found: dict[int, list[int]] = {}
    rows = session.execute(
        select(Slate.round_id, Candidate.member_id)
        .join(Candidate, Candidate.slate_id == Slate.id)
        .where(Slate.round_id.in_(rounds), Slate.state != SlateState.SUPERSEDED)
        .order_by(Slate.round_id, Candidate.position)
    )
    for round_id, member_id in rows:
        found.setdefault(round_id, []).append(member_id)
    return found


def _names(session: Session, standing: Mapping[int, Sequence[int]]) -> dict[int, str]:
    members = {member for slate in standing.values() for member in slate}
    rows = session.execute(
        select(Member.id, Person.name).join(Person, Person.id == Member.person_id).where(Member.id.in_(members))
    )
    return {member_id: name for member_id, name in rows}
