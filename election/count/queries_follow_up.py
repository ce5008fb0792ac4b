"""Where each contest of a unit stands after its votes: what is due next, what was proposed and agreed. Changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from election.congress.models import Category
from election.congress.rules_in_force import rules_in_force
from election.contests.follow_up import NextRound, PastRound, Standing, next_round, open_seats
from election.contests.models import Contest, ContestKind
from election.contests.outcome import FollowUp as Then
from election.contests.outcome import OutcomeStatus
from election.count.models import Result
from election.count.queries_outcome import ContestResult, RoundResult, outcomes_of_unit
from election.count.queries_write_ins import elected_already
from election.meeting.models import MeetingRound
from election.meeting.models_evening import FollowUp, FollowUpKind
from election.nomination.lifecycle import ApplicationState, SlateState
from election.nomination.models import Application, Candidate, Slate
from election.people.models import Person
from election.quotas.models import AssignedLeader
from election.roster.models import Member, UnitBranch
from election.roster.queries import VOTES


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
    # Who stood and may stand no longer: elected, struck, without the vote, in another unit or category by now.
    gone: frozenset[int]

    @property
    def last_round_id(self) -> int:
        return self.result.rounds[-1].round.id

    @property
    def settled(self) -> bool:
        """Every seat filled, or left vacant by a recorded decision, by counts that stand."""
        return self.open_seats == 0 and not self.result.in_correction


def contest_states(session: Session, congress_id: int, unit_id: int) -> list[ContestState]:
    """The unit's contests in the order of the ballots: a fixed number of statements."""
    results = outcomes_of_unit(session, unit_id)
    margin = int(str(rules_in_force(session, congress_id)["margin_min"]))
    rounds = [one.round.id for result in results for one in result.rounds]
    standing = standing_by_round(session, rounds)
    held = {
        row.round_id: (row.meeting_id, row.ballot)
        for row in session.scalars(select(MeetingRound).where(MeetingRound.round_id.in_(rounds)))
    }
    follow_ups = session.scalars(
        select(FollowUp).where(FollowUp.round_id.in_(rounds), FollowUp.dropped_at.is_(None)).order_by(FollowUp.id)
    ).all()
    waiting = {row.round_id: row for row in follow_ups if row.agreed_at is None}
    stood = {member for slate in standing.values() for member in slate}
    stood |= {line.member_id for result in results for one in result.rounds for line in one.lines if line.member_id}
    names, eligible = _people(session, unit_id, stood)
    elsewhere = elected_already(session, congress_id, sorted(stood)).keys()
    struck = {
        int(member)
        for row in follow_ups
        if row.kind is FollowUpKind.STRIKE and row.agreed_at is not None
        for member in row.members
    }
    return [
        _state(
            result,
            standing,
            held,
            waiting,
            margin,
            names,
            frozenset(stood - eligible(result.contest) | struck | elsewhere),
        )
        for result in results
    ]


def contest_state(session: Session, contest_id: int) -> ContestState | None:
    """One contest; None where there is none."""
    contest = session.get(Contest, contest_id)
    if contest is None:
        return None
    states = contest_states(session, contest.congress_id, contest.unit_id)
    return next((one for one in states if one.result.contest.id == contest_id), None)


def others_of(session: Session, unit_id: int, states: Sequence[ContestState]) -> dict[int, dict[int, str]]:
    """contest → member → name, of who stood in none of its rounds and may be taken into a supplementary election: other
    proposed candidates of the cell; for assigned seats other leaders assigned to the unit. Nobody who has a seat, was struck,
    or may not vote. Three statements, however many contests.
    """
    applied = session.execute(
        select(Application.category_id, Member.id, Person.name)
        .join(Member, Member.id == Application.member_id)
        .join(Person, Person.id == Member.person_id)
        .join(Category, Category.id == Application.category_id)
        .join(UnitBranch, (UnitBranch.branch_id == Member.branch_id) & (UnitBranch.unit_id == unit_id))
        .where(
            Application.unit_id == unit_id,
            Application.state == ApplicationState.PROPOSED,
            Member.category == Category.code,
            VOTES,
        )
        .order_by(Person.name, Member.id)
    ).all()
    leaders = session.execute(
        select(Member.id, Person.name)
        .join(Person, Person.id == Member.person_id)
        .join(AssignedLeader, AssignedLeader.member_id == Member.id)
        .where(AssignedLeader.unit_id == unit_id, VOTES)
        .order_by(Person.name, Member.id)
    ).all()
    known = {member for _, member, _ in applied} | {member for member, _ in leaders}
    congress_id = states[0].result.contest.congress_id if states else 0
    elected = elected_already(session, congress_id, sorted(known)).keys()
    found: dict[int, dict[int, str]] = {}
    for state in states:
        contest = state.result.contest
        if contest.kind is ContestKind.UNCONTESTED:
            others = {member: name for member, name in leaders}
        else:
            others = {member: name for category, member, name in applied if category == contest.category_id}
        out = elected | state.gone | set(() if state.due is None else state.due.may_stand)
        found[contest.id] = {member: name for member, name in others.items() if member not in out}
    return found


def _state(
    result: ContestResult,
    standing: Mapping[int, Sequence[int]],
    held: Mapping[int, tuple[int, int]],
    waiting: Mapping[int, FollowUp],
    margin: int,
    names: Mapping[int, str],
    gone: frozenset[int],
) -> ContestState:
    past = tuple(past_round(one, standing.get(one.round.id, ())) for one in result.rounds)
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
            gone=gone,
        ),
        proposed=waiting.get(last),
        names=names,
        gone=gone,
    )


def past_round(one: RoundResult, slate: Sequence[int]) -> PastRound:
    """The round for the pure functions; `slate`: the members on its ballots."""
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
        by_lot=outcome.follow_up == Then.LOT,
    )


def standing_by_round(session: Session, rounds: Sequence[int]) -> dict[int, list[int]]:
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


def _people(
    session: Session, unit_id: int, members: Collection[int]
) -> tuple[dict[int, str], Callable[[Contest], set[int]]]:
    """The names of these members, and who of them may still stand in a contest of the unit: with the vote, and for a
    contested one in the unit and the category (edge case 9). Assigned leaders may vote elsewhere.
    """
    rows: Sequence[Any] = session.execute(
        select(Member.id, Person.name, Member.category, UnitBranch.unit_id, VOTES)
        .join(Person, Person.id == Member.person_id)
        .outerjoin(UnitBranch, (UnitBranch.branch_id == Member.branch_id) & (UnitBranch.unit_id == unit_id))
        .where(Member.id.in_(members))
    ).all()

    def eligible(contest: Contest) -> set[int]:
        if contest.kind is not ContestKind.CONTESTED:
            return {member for member, _, _, _, votes in rows if votes}
        return {
            member
            for member, _, category, unit, votes in rows
            if votes and unit is not None and category == contest.category.code
        }

    return {member: name for member, name, *_ in rows}, eligible
