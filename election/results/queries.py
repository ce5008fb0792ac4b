"""Reads what the board and the announcement are made from, and remembers the last picture until the revision moves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from election.congress.models import BoardMode, Congress
from election.congress.rules_in_force import rules_in_force
from election.contests.models import Contest, Round
from election.count.models import CandidateResult, Result, RoundOutcome
from election.count.queries_outcome import ContestResult, ContestStatus, outcomes_of_congress
from election.nomination.models import Candidate
from election.people.models import Person
from election.results.announcement import announcement
from election.results.board import CategoryLine, ContestLine, NameLine, OverlayLine, Standing, board, cards
from election.results.lifecycle import ResultsState, is_public
from election.results.models import Publication
from election.results.queries_settling import ContestStanding, contest_standings
from election.roster.facts import Facts, matches_overlay
from election.roster.models import Member
from election.store.audit import digest
from election.store.remembered import Remembered


def publications(session: Session, congress_id: int) -> list[Publication]:
    """Every version, the newest first."""
    return list(
        session.scalars(
            select(Publication).where(Publication.congress_id == congress_id).order_by(Publication.version.desc())
        )
    )


def open_proposal(rows: list[Publication]) -> Publication | None:
    return next((row for row in rows if row.published_at is None and row.withdrawn_at is None), None)


def announced(session: Session) -> set[int]:
    """The congresses whose results the public can read."""
    return set(session.scalars(select(Publication.congress_id).where(Publication.published_at.is_not(None))))


def proposer(session: Session, congress_id: int) -> int | None:
    """Who made the proposal that awaits a second person, if there is one."""
    return session.scalar(
        select(Publication.proposed_by_id).where(
            Publication.congress_id == congress_id,
            Publication.published_at.is_(None),
            Publication.withdrawn_at.is_(None),
        )
    )


def published(rows: list[Publication]) -> Publication | None:
    """The version that the public reads."""
    return next((row for row in rows if row.published_at is not None), None)


def results_state(session: Session, congress_id: int) -> ResultsState:
    """The congress's place in the life of its results, from its publications."""
    rows = session.execute(
        select(Publication.published_at, Publication.withdrawn_at).where(Publication.congress_id == congress_id)
    ).all()
    out = any(row.published_at is not None for row in rows)
    proposed = any(row.published_at is None and row.withdrawn_at is None for row in rows)
    if out:
        return ResultsState.CORRECTION_PROPOSED if proposed else ResultsState.PUBLISHED
    return ResultsState.PROPOSED if proposed else ResultsState.NONE


def standing(session: Session, congress: Congress) -> Standing:
    """Every contest of the congress with its confirmed outcome, if it has one, and what it waits for: a fixed number of statements."""
    facts = _overlays_of_elected(session, congress)
    positions = _ballot_positions(session, congress.id)
    settled = {one.contest_id: one for one in contest_standings(session, congress.id)}
    found = Standing(
        congress=congress.code,
        phase=congress.phase.value,
        published_at=None,
        since=_last_withdrawal(session, congress.id) or congress.created_at,
        units=len(congress.units),
        categories=tuple(CategoryLine(row.code, row.name) for row in congress.categories),
        overlays=tuple(
            # A share of the seats, rounded up: a floor that a fraction of a person does not meet.
            OverlayLine(row.code, row.name, ceil(row.share * congress.total_seats))
            for row in congress.overlays
        ),
        contests=tuple(
            _settled(_line(one, facts, positions), settled[one.contest.id])
            for one in outcomes_of_congress(session, congress.id)
        ),
    )
    return replace(found, published_at=_published_at(session, congress.id, found))


def _settled(line: ContestLine, found: ContestStanding) -> ContestLine:
    later = found.later
    return replace(line, unsettled=found.unsettled, later=later, voting=line.voting if later is None else None)


def _last_withdrawal(session: Session, congress_id: int) -> datetime | None:
    """When a confirmed outcome was last taken back: figures that vanish have their own moment too."""
    return session.scalar(
        select(func.max(RoundOutcome.superseded_at))
        .join(Round, RoundOutcome.round_id == Round.id)
        .join(Contest, Round.contest_id == Contest.id)
        .where(Contest.congress_id == congress_id)
    )


def _published_at(session: Session, congress_id: int, found: Standing) -> datetime | None:
    """When these very results were published. Once they differ from what was, they are interim until a correction."""
    row = session.execute(
        select(Publication.published_at, Publication.hash)
        .where(Publication.congress_id == congress_id, Publication.published_at.is_not(None))
        .order_by(Publication.version.desc())
        .limit(1)
    ).first()
    return row.published_at if row is not None and row.hash == digest(announcement(found)) else None


def _line(result: ContestResult, facts: dict[int, frozenset[str]], positions: dict[int, int]) -> ContestLine:
    contest = result.contest
    head = ContestLine(
        contest.unit.code,
        contest.unit.name,
        contest.category.code,
        contest.seats,
        kind=contest.kind.value,
        void=result.status is ContestStatus.VOID,
        voting=result.rounds[-1].round.kind
        if len(result.rounds) > 1 and result.status is ContestStatus.PENDING and not result.in_correction
        else None,
    )
    counted = [one.outcome for one in result.rounds if one.outcome is not None]
    if not counted or result.in_correction:
        return head
    last = counted[-1]
    # Who was elected in an earlier round stays in the list; everyone of the latest one follows.
    lines = [line for outcome in counted[:-1] for line in outcome.lines if line.result is Result.ELECTED]
    return replace(
        head,
        # What a count calls short is settled once a recorded decision leaves the seats vacant.
        status=result.status.value if result.status is ContestStatus.VACANT else last.status,
        votes_needed=last.votes_needed,
        elected=result.elected,
        tied_seats=result.tied_seats,
        vacant=result.vacant,
        expected=last.expected,
        returned=max(outcome.returned for outcome in counted),
        decided_at=last.decided_at,
        names=tuple(
            NameLine(
                line.name,
                line.votes_for,
                line.result.value,
                facts.get(line.member_id or 0, frozenset()),
                line.votes_against,
                line.abstentions,
                # Places on the ballots of different rounds do not compare: the winners of several stand by strokes.
                positions.get(line.candidate_id or 0) if len(counted) == 1 else None,
                written_in=line.candidate_id is None,
            )
            for line in [*lines, *last.lines]
        ),
    )


def _ballot_positions(session: Session, congress_id: int) -> dict[int, int]:
    """candidate → place on the ballot, for everyone in a confirmed outcome."""
    rows = session.execute(
        select(Candidate.id, Candidate.position)
        .join(CandidateResult, CandidateResult.candidate_id == Candidate.id)
        .join(RoundOutcome, CandidateResult.outcome_id == RoundOutcome.id)
        .join(Round, RoundOutcome.round_id == Round.id)
        .join(Contest, Round.contest_id == Contest.id)
        .where(Contest.congress_id == congress_id, RoundOutcome.superseded_at.is_(None))
    )
    return {candidate_id: position for candidate_id, position in rows}


def _overlays_of_elected(session: Session, congress: Congress) -> dict[int, frozenset[str]]:
    """member → the overlays whose fact holds for them, for everyone in a confirmed outcome."""
    included = rules_in_force(session, congress.id)["age_reference"] == "included"
    rows = session.execute(
        select(Member.id, Person.sex, Person.born_on, Person.ethnicity)
        .join(Person, Member.person_id == Person.id)
        .join(CandidateResult, CandidateResult.member_id == Member.id)
        .join(RoundOutcome, CandidateResult.outcome_id == RoundOutcome.id)
        .join(Round, RoundOutcome.round_id == Round.id)
        .join(Contest, Round.contest_id == Contest.id)
        .where(Contest.congress_id == congress.id, RoundOutcome.superseded_at.is_(None))
    )
    return {
        member_id: frozenset(
            overlay.code
            for overlay in congress.overlays
            if matches_overlay(
                overlay.fact, overlay.age, included, Facts(sex, born_on, ethnicity), congress.reference_date
            )
        )
        for member_id, sex, born_on, ethnicity in rows
    }


@dataclass(frozen=True, slots=True)
class Shown:
    """What the public sees: board/1, and the cards of the hall's screen with what becomes of the open seats."""

    figures: dict[str, Any]
    cards: list[dict[str, Any]]


_shown: Remembered[Shown] = Remembered()


def shown(session: Session, congress: Congress) -> Shown:
    """As the presenter lets the public see it; rebuilt when the congress's revision differs from its own.

    Kept in memory: a public address never waits for whoever is writing to the database.
    """
    return _shown.get(session, congress.id, congress.revision, lambda: build_shown(session, congress))


def build_shown(session: Session, congress: Congress) -> Shown:
    state = results_state(session, congress.id)
    now = standing(session, congress)
    # Published results are no secret, but a drawn curtain hides them from the hall all the same.
    results = congress.board_mode is BoardMode.RESULTS or (
        is_public(state) and congress.board_mode is not BoardMode.CURTAIN
    )
    return Shown(
        board(now, show_progress=congress.board_mode is not BoardMode.CURTAIN, show_results=results),
        cards(now, show_results=results),
    )
