"""Shaped reading of applications, branch ballots and slates. Changes nothing; one statement per list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session, aliased, selectinload

from election.congress.models import Category, Unit
from election.contests.models import Contest, ContestKind, Round
from election.contests.queries import UNCONTESTED_FIRST
from election.errors import NotFound
from election.nomination.candidates import CandidateLine, as_frozen
from election.nomination.lifecycle import ApplicationState, SlateState
from election.nomination.models import (
    Application,
    BranchBallot,
    BranchBallotLine,
    BranchPlaces,
    Candidate,
    Review,
    Slate,
    Source,
)
from election.people.models import Person, Sex
from election.roster.models import Member, Organisation, Standing, Suspension


@dataclass(frozen=True, slots=True)
class ApplicationLine:
    """An application with the person behind it, the branch's last vote on it and the office's review, if any.

    `ballot_number`: which ballot of the branch on its category that vote was. `voted_again`: it was on who had tied, and
    the most votes decided. `proposal_id`: in which proposal of the
    unit it was put forward or left out.
    """

    id: int
    state: ApplicationState
    source: Source
    statement: str
    ended_because: str
    submitted_at: datetime
    member_id: int
    person_id: int
    name: str
    sex: Sex | None
    born_on: date | None
    ethnicity: str
    education: str
    joined_on: date | None
    post: str
    standing: Standing
    suspension: Suspension | None
    recorded_category: str
    branch_id: int
    branch_name: str
    unit_id: int
    unit_code: str
    unit_name: str
    category_id: int
    category_code: str
    category_name: str
    category_position: int
    votes_for: int | None
    votes_against: int | None
    abstentions: int | None
    votes_needed: int | None
    approved: bool | None
    review_reason: str
    reviewed_by: str
    reviewed_at: datetime | None
    career: str
    recommended_by: str
    proposal_id: int | None
    ballot_id: int | None
    ballot_number: int | None
    branch_code: str
    voted_again: bool

    @property
    def told(self) -> str:
        """Why the application went no further, as its branch and its unit are told: never the office's own reason of a
        refusal, nor what it noted beside an end (a running inquiry may be named there).
        """
        return self.ended_because.partition("：")[0] if self.state is ApplicationState.ENDED else self.ended_because


# The line of the last ballot in force on each application: corrections supersede, a tie ballot comes after its ballot.
_LAST_LINE = (
    select(
        BranchBallotLine.application_id,
        func.max(BranchBallotLine.id).label("line_id"),
        func.count().label("votes"),
    )
    .join(BranchBallot, BranchBallot.id == BranchBallotLine.ballot_id)
    .where(BranchBallot.superseded_at.is_(None))
    .group_by(BranchBallotLine.application_id)
    .subquery()
)


def applications(
    session: Session,
    congress_id: int,
    *,
    branch_id: int | None = None,
    unit_id: int | None = None,
    category_id: int | None = None,
    states: Collection[ApplicationState] | None = None,
    ids: Collection[int] | None = None,
) -> list[ApplicationLine]:
    """Applications by unit, category, branch and moment, narrowed as asked: one statement."""
    reviewer = aliased(Person)
    wanted: Select[*tuple[Any, ...]] = (
        select(
            Application.id,
            Application.state,
            Application.source,
            Application.statement,
            Application.ended_because,
            Application.submitted_at,
            Member.id,
            Person.id,
            Person.name,
            Person.sex,
            Person.born_on,
            Person.ethnicity,
            Person.education,
            Member.joined_on,
            Member.post,
            Member.standing,
            Member.suspension,
            Member.category,
            Organisation.id,
            Organisation.name,
            Unit.id,
            Unit.code,
            Unit.name,
            Category.id,
            Category.code,
            Category.name,
            Category.position,
            BranchBallotLine.votes_for,
            BranchBallotLine.votes_against,
            BranchBallotLine.abstentions,
            BranchBallot.votes_needed,
            Review.approved,
            func.coalesce(Review.reason, ""),
            func.coalesce(reviewer.name, ""),
            Review.reviewed_at,
            Application.career,
            Application.recommended_by,
            Application.proposal_id,
            BranchBallot.id,
            BranchBallot.number,
            Organisation.code,
            func.coalesce(_LAST_LINE.c.votes, 0) > 1,
        )
        .join(Member, Member.id == Application.member_id)
        .join(Person, Person.id == Member.person_id)
        .join(Organisation, Organisation.id == Application.branch_id)
        .join(Unit, Unit.id == Application.unit_id)
        .join(Category, Category.id == Application.category_id)
        .outerjoin(_LAST_LINE, _LAST_LINE.c.application_id == Application.id)
        .outerjoin(BranchBallotLine, BranchBallotLine.id == _LAST_LINE.c.line_id)
        .outerjoin(BranchBallot, BranchBallot.id == BranchBallotLine.ballot_id)
        .outerjoin(Review, and_(Review.application_id == Application.id, Review.superseded_at.is_(None)))
        .outerjoin(reviewer, reviewer.id == Review.person_id)
        .where(Application.congress_id == congress_id)
        .order_by(Unit.position, Category.position, Organisation.code, Application.id)
    )
    if branch_id is not None:
        wanted = wanted.where(Application.branch_id == branch_id)
    if unit_id is not None:
        wanted = wanted.where(Application.unit_id == unit_id)
    if category_id is not None:
        wanted = wanted.where(Application.category_id == category_id)
    if states is not None:
        wanted = wanted.where(Application.state.in_(list(states)))
    if ids is not None:
        wanted = wanted.where(Application.id.in_(ids))
    return [ApplicationLine(*row) for row in session.execute(wanted)]


def application_of(session: Session, congress_id: int, application_id: int) -> ApplicationLine:
    """One application of this congress with everything that lists show. Raises NotFound."""
    lines = applications(session, congress_id, ids=[application_id])
    if not lines:
        raise NotFound("application.none")
    return lines[0]


@dataclass(frozen=True, slots=True)
class BranchProgress:
    """How far a branch is: who ever applied and has not withdrawn, on whom it has to vote, on whom it has voted, whom it
    nominated.
    """

    applied: int
    waiting: int
    voted: int
    nominated: int


NOT_VOTED_ON = (ApplicationState.APPLIED, ApplicationState.WITHDRAWN, ApplicationState.ENDED)
NOMINATED = (
    ApplicationState.PRELIMINARY,
    ApplicationState.PUT_FORWARD,
    ApplicationState.LEFT_OUT,
    ApplicationState.PROPOSED,
    ApplicationState.REVIEW_REFUSED,
)


def branch_progress(session: Session, congress_id: int) -> dict[int, BranchProgress]:
    """branch → how far it is, where anybody ever applied: one statement for the whole congress."""
    counted: dict[int, Counter[ApplicationState]] = {}
    rows = session.execute(
        select(Application.branch_id, Application.state, func.count())
        .where(Application.congress_id == congress_id)
        .group_by(Application.branch_id, Application.state)
    )
    for branch_id, state, number in rows:
        counted.setdefault(branch_id, Counter())[state] = number
    return {
        branch_id: BranchProgress(
            applied=sum(states.values()) - states[ApplicationState.WITHDRAWN] - states[ApplicationState.ENDED],
            waiting=states[ApplicationState.APPLIED],
            voted=sum(number for state, number in states.items() if state not in NOT_VOTED_ON),
            nominated=sum(states[state] for state in NOMINATED),
        )
        for branch_id, states in counted.items()
    }


def applications_by_state(session: Session, congress_id: int) -> dict[ApplicationState, int]:
    rows = session.execute(
        select(Application.state, func.count())
        .where(Application.congress_id == congress_id)
        .group_by(Application.state)
    )
    return dict(rows.all())


@dataclass(frozen=True, slots=True)
class BranchBallotRecord:
    """A branch's ballot on one category as it was recorded. `tie`: on whom an earlier one had left undecided."""

    ballot: BranchBallot
    category_name: str
    category_position: int
    recorded_by: str
    tie: bool


def branch_ballots(session: Session, congress_id: int, branch_id: int) -> list[BranchBallotRecord]:
    """The ballots in force of a branch, by category and number."""
    rows = session.execute(
        select(BranchBallot, Category.name, Category.position, Person.name)
        .join(Category, Category.id == BranchBallot.category_id)
        .join(Person, Person.id == BranchBallot.person_id)
        .where(
            BranchBallot.congress_id == congress_id,
            BranchBallot.branch_id == branch_id,
            BranchBallot.superseded_at.is_(None),
        )
        .options(selectinload(BranchBallot.lines))
        .order_by(Category.position, BranchBallot.number)
    )
    found: list[BranchBallotRecord] = []
    voted_on: set[int] = set()
    for ballot, category, position, recorded_by in rows:
        people = {line.application_id for line in ballot.lines}
        found.append(BranchBallotRecord(ballot, category, position, recorded_by, tie=bool(people & voted_on)))
        voted_on |= people
    return found


def branch_ballot_of(session: Session, congress_id: int, branch_id: int, ballot_id: int) -> BranchBallotRecord:
    """One ballot in force of this branch. Raises NotFound, also for one that was corrected since."""
    for record in branch_ballots(session, congress_id, branch_id):
        if record.ballot.id == ballot_id:
            return record
    raise NotFound("branch_ballot.none")


def branch_places(session: Session, congress_id: int, branch_ids: Collection[int]) -> dict[tuple[int, int], int]:
    """(branch, category) → how many of its applicants may go on, where a number was given."""
    rows = session.execute(
        select(BranchPlaces.branch_id, BranchPlaces.category_id, BranchPlaces.places).where(
            BranchPlaces.congress_id == congress_id, BranchPlaces.branch_id.in_(branch_ids)
        )
    )
    return {(branch_id, category_id): places for branch_id, category_id, places in rows}


@dataclass(frozen=True, slots=True)
class SlateLine:
    """A round of a contest with the slate in force, if there is one, and its candidates in the order of the ballot."""

    unit_id: int
    unit_code: str
    unit_name: str
    category_id: int
    category_code: str
    category_name: str
    category_position: int
    kind: ContestKind
    contest_id: int
    round_id: int
    round_number: int
    seats: int
    slate: Slate | None
    candidates: tuple[CandidateLine, ...]

    @property
    def state(self) -> SlateState | None:
        return None if self.slate is None else self.slate.state


def slates(session: Session, congress_id: int, unit_id: int | None = None) -> list[SlateLine]:
    """Every round that is not void, by unit and category, assigned seats first; two statements. The candidates of a frozen
    slate are told as they were frozen, whatever was corrected in their records since.
    """
    rounds = (
        select(
            Unit.id,
            Unit.code,
            Unit.name,
            Category.id,
            Category.code,
            Category.name,
            Category.position,
            Contest.kind,
            Contest.id,
            Round.id,
            Round.number,
            Round.seats,
            Slate,
        )
        .join(Contest, Contest.unit_id == Unit.id)
        .join(Category, Category.id == Contest.category_id)
        .join(Round, Round.contest_id == Contest.id)
        .outerjoin(Slate, and_(Slate.round_id == Round.id, Slate.state != SlateState.SUPERSEDED))
        .where(Unit.congress_id == congress_id, Round.void_at.is_(None))
        .order_by(Unit.position, Category.position, UNCONTESTED_FIRST, Round.number)
    )
    candidates = (
        select(
            Candidate.slate_id,
            Candidate.id,
            Candidate.position,
            Candidate.name,
            Member.id,
            Person.id,
            Candidate.application_id,
            Person.sex,
            Person.born_on,
            Person.ethnicity,
            Person.education,
            Member.post,
            # A member who has left the roster stands on what was frozen all the same.
            func.coalesce(Organisation.name, ""),
        )
        .join(Slate, Slate.id == Candidate.slate_id)
        .join(Round, Round.id == Slate.round_id)
        .join(Contest, Contest.id == Round.contest_id)
        .join(Member, Member.id == Candidate.member_id)
        .join(Person, Person.id == Member.person_id)
        .outerjoin(Organisation, Organisation.id == Member.branch_id)
        .where(Contest.congress_id == congress_id, Slate.state != SlateState.SUPERSEDED)
        .order_by(Candidate.slate_id, Candidate.position)
    )
    if unit_id is not None:
        rounds, candidates = rounds.where(Unit.id == unit_id), candidates.where(Contest.unit_id == unit_id)
    names: dict[int, list[CandidateLine]] = {}
    for slate_id, *person in session.execute(candidates):
        names.setdefault(slate_id, []).append(CandidateLine(*person))
    lines: list[SlateLine] = []
    for row in session.execute(rounds):
        facts: list[Any] = [*row, () if row.Slate is None else as_frozen(row.Slate, names.get(row.Slate.id, ()))]
        lines.append(SlateLine(*facts))
    return lines
