"""Reads a lot that decides a tie: who is drawn among, what was announced, and what came out. Never tells the system's half before
the lot is drawn. Changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from election.contests.models import Contest, Round
from election.count.models import CandidateResult, RoundOutcome
from election.count.models_lot import LotCommitment, LotDraw
from election.count.papers_lot import DrawnLot, LotLine
from election.errors import NotFound
from election.meeting.models import Meeting, MeetingRound
from election.meeting.models_evening import FollowUp, FollowUpKind
from election.people.act import local_day
from election.people.models import Person
from election.people.queries import names_of
from election.roster.models import Member


@dataclass(frozen=True, slots=True)
class Tied:
    """Somebody who is drawn among: `number` in the lot, `votes` in the ballot that was tied."""

    number: int
    name: str
    votes: int | None


@dataclass(frozen=True, slots=True)
class LotView:
    """A lot as proposed, and as drawn: `draw` is None until then. `hash`: of the system's half; `vote`: the vote of the evening
    that was tied.
    """

    row: FollowUp
    contest: Contest
    meeting: Meeting
    vote: int
    tied: tuple[Tied, ...]
    hash: str
    draw: LotDraw | None
    proposed_by: str
    drawn_by: str

    @property
    def waits(self) -> bool:
        return self.row.agreed_at is None and self.row.dropped_at is None


def lot_of(session: Session, unit_id: int, follow_up_id: int) -> LotView:
    """A lot of this unit. Raises NotFound."""
    found = session.execute(
        select(FollowUp, Contest, Meeting, MeetingRound.ballot, LotCommitment.hash, LotDraw)
        .join(Round, Round.id == FollowUp.round_id)
        .join(Contest, Contest.id == Round.contest_id)
        .join(Meeting, Meeting.id == FollowUp.meeting_id)
        .join(MeetingRound, MeetingRound.round_id == FollowUp.round_id)
        .join(LotCommitment, LotCommitment.follow_up_id == FollowUp.id)
        .outerjoin(LotDraw, LotDraw.commitment_id == LotCommitment.id)
        .where(FollowUp.id == follow_up_id, FollowUp.kind == FollowUpKind.LOT, Contest.unit_id == unit_id)
    ).one_or_none()
    if found is None:
        raise NotFound("follow_up.none")
    row, contest, meeting, vote, hash, _ = found
    draw: LotDraw | None = found[5]
    who = names_of(session, {row.proposed_by_id, *(() if draw is None else (draw.person_id,))})
    return LotView(
        row=row,
        contest=contest,
        meeting=meeting,
        vote=vote,
        tied=_tied(session, row, draw),
        hash=hash,
        draw=draw,
        proposed_by=who[row.proposed_by_id],
        drawn_by="" if draw is None else who[draw.person_id],
    )


def _tied(session: Session, row: FollowUp, draw: LotDraw | None) -> tuple[Tied, ...]:
    """As they are numbered; by the names under which they were drawn, once they are."""
    relied_on = (
        RoundOutcome.id == draw.tie_id
        if draw is not None
        else (RoundOutcome.round_id == row.round_id) & RoundOutcome.superseded_at.is_(None)
    )
    tie = session.scalar(select(RoundOutcome).where(relied_on))
    votes = {} if tie is None else {line.member_id: line.votes_for for line in tie.lines}
    members = [int(one) for one in row.members]
    if draw is None:
        known = session.execute(
            select(Member.id, Person.name).join(Person, Person.id == Member.person_id).where(Member.id.in_(members))
        )
        by_member = {member: name for member, name in known}
        names = [by_member[member] for member in members]
    else:
        names = draw.content["names"]
    return tuple(
        Tied(number, name, votes.get(member))
        for number, (member, name) in enumerate(zip(members, names, strict=True), 1)
    )


def drawn_lots(session: Session, rounds: Collection[int]) -> dict[int, DrawnLot]:
    """Of these rounds those that are lots, as they were drawn: one statement."""
    proposer, agreer = aliased(Person), aliased(Person)
    # As the vote that was tied stands now: a correction that came out alike may have changed how many each had.
    votes = (
        select(CandidateResult.votes_for)
        .join(RoundOutcome, RoundOutcome.id == CandidateResult.outcome_id)
        .where(RoundOutcome.round_id == LotDraw.round_id)
        .order_by(RoundOutcome.version.desc(), CandidateResult.rank)
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(
        select(LotDraw, Round.seats, MeetingRound.ballot, votes, proposer.name, agreer.name)
        .join(Round, Round.id == LotDraw.round_id)
        .join(MeetingRound, MeetingRound.round_id == LotDraw.round_id)
        .join(LotCommitment, LotCommitment.id == LotDraw.commitment_id)
        .join(proposer, proposer.id == LotCommitment.person_id)
        .join(agreer, agreer.id == LotDraw.person_id)
        .where(LotDraw.round_id.in_(rounds))
    )
    return {
        drawn.round_id: DrawnLot(
            vote=vote,
            votes=each or 0,
            seats=seats,
            lines=[
                LotLine(one["name"], one["number"], one["digest"], one["place"] <= seats)
                for one in drawn.content["order"]
            ],
            seed=drawn.content["seed"],
            word=drawn.content["word"],
            commitment=drawn.content["commitment"],
            witness=drawn.witness,
            drawn_on=local_day(drawn.drawn_at),
            proposed_by=proposed_by,
            agreed_by=agreed_by,
        )
        for drawn, seats, vote, each, proposed_by, agreed_by in rows
    }
