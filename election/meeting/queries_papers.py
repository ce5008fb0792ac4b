"""Reads what the meeting's papers say, and has them set. Changes nothing.

The same for every paper of a vote: its contests in the order of the ballots, each with the very slate that is on its ballot.
Before the meeting opens these are the slates in force, which must be frozen by then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from election.congress.models import Category, Congress, Unit
from election.congress.rules_in_force import rules_in_force
from election.contests.follow_up import write_in_of
from election.contests.models import Contest, Round
from election.contests.outcome import WriteInRule
from election.contests.queries import BY_BALLOT, UNCONTESTED_FIRST, WITH_SEATS
from election.documents.paper import Paper, render
from election.documents.repeating import repeat_pages
from election.errors import NotFound, Refused
from election.meeting.ballot_sheets import on_one_sheet
from election.meeting.lifecycle import MeetingState
from election.meeting.models import Meeting, MeetingRound
from election.meeting.papers_ballots import (
    MOST_COPIES,
    TITLE,
    Ballot,
    MarkRule,
    OnBallot,
    Voters,
    ballot_data,
    order_sheet,
)
from election.meeting.papers_one_sheet import OneSheet, one_sheet_data, order_of_one_sheet
from election.meeting.queries import count_expected, meeting_by_id, present_at, slates_in_force
from election.nomination.lifecycle import SlateState
from election.nomination.models import Candidate, Slate
from election.people.act import local_day
from election.roster.models import Member, Organisation


@dataclass(frozen=True, slots=True)
class VotedOn:
    """A contest of a vote: its round, the slate on its ballot and who is on it, in the order of the ballot."""

    contest: Contest
    category: Category
    round: Round
    slate: Slate
    candidates: tuple[OnBallot, ...]


def meeting_here(session: Session, unit: Unit, meeting_id: int) -> Meeting:
    """The meeting with its venues and groups. Raises NotFound for one of another unit, or called off."""
    meeting = meeting_by_id(session, meeting_id)
    if meeting.unit_id != unit.id or meeting.state is MeetingState.CALLED_OFF:
        raise NotFound("meeting.none")
    return meeting


def voted_on(session: Session, meeting: Meeting, vote: int, *, void: bool = False) -> list[VotedOn]:
    """The contests of a vote that are not void, with `void` those as well that were declared so: three statements. Raises
    NotFound for a vote that is none, and Refused while a slate is not frozen.
    """
    planned = meeting.state is MeetingState.PLANNED
    if planned and vote == 1:
        pairs = slates_in_force(session, meeting.unit_id)
        if any(slate is None or slate.state is not SlateState.FROZEN for _, slate in pairs):
            raise Refused("meeting.slate_not_frozen")
        chosen = [slate.id for _, slate in pairs if slate is not None]
    else:
        held = select(MeetingRound.slate_id).where(MeetingRound.meeting_id == meeting.id, MeetingRound.ballot == vote)
        chosen = list(session.scalars(held))
    rows = session.execute(
        select(Contest, Category, Round, Slate)
        .join(Round, Round.contest_id == Contest.id)
        .join(Category, Category.id == Contest.category_id)
        .join(Slate, Slate.round_id == Round.id)
        .where(Slate.id.in_(chosen), WITH_SEATS if void else Round.void_at.is_(None), BY_BALLOT)
        .order_by(Category.position, UNCONTESTED_FIRST, Round.number)
    ).all()
    if not rows:
        raise NotFound("papers.no_such_vote", vote=vote)
    standing = standing_on(session, chosen)
    return [
        VotedOn(contest, category, row, slate, tuple(standing.get(slate.id, ())))
        for contest, category, row, slate in rows
    ]


def standing_on(session: Session, slates: Sequence[int]) -> dict[int, list[OnBallot]]:
    """slate → who is on it, in the order of the ballot."""
    found: dict[int, list[OnBallot]] = {}
    rows = session.execute(
        select(Candidate.slate_id, Candidate.id, Candidate.name, Organisation.name)
        .join(Member, Member.id == Candidate.member_id)
        .outerjoin(Organisation, Organisation.id == Member.branch_id)
        .where(Candidate.slate_id.in_(slates))
        .order_by(Candidate.slate_id, Candidate.position)
    )
    for slate_id, candidate_id, name, branch in rows:
        found.setdefault(slate_id, []).append(OnBallot(candidate_id, name, branch or ""))
    return found


def expected_of(session: Session, meeting: Meeting) -> int:
    """As frozen by the opening; before it as it stands."""
    return count_expected(session, meeting) if meeting.expected is None else meeting.expected


def voters_at(session: Session, meeting: Meeting, vote: int) -> Voters:
    """A later vote is printed for those who were counted as present, the first one for all who are expected."""
    if vote > 1:
        present = [number for number in present_at(session, meeting.id, vote).values() if number is not None]
        if present:
            return Voters(sum(present), present=True)
    return Voters(expected_of(session, meeting), present=False)


def ballots_paper(
    session: Session,
    congress: Congress,
    unit: Unit,
    meeting_id: int,
    vote: int,
    *,
    copies: int | None = None,
    masters: bool = False,
    demo: bool,
) -> Paper:
    """Every ballot of a vote, each on as many sheets as `copies` take (left out: for all voters, with spares), behind the
    order that says so; `masters`: one sheet of each, to be copied. Raises Refused for copies that nobody can want.
    """
    meeting = meeting_here(session, unit, meeting_id)
    found = voted_on(session, meeting, vote)
    rules = rules_in_force(session, congress.id)
    voters = voters_at(session, meeting, vote)
    if copies is None:
        copies = voters.copies
    elif not 1 <= copies <= MOST_COPIES:
        raise Refused("papers.copies_wrong", field="copies", most=MOST_COPIES)
    ballots = [_ballot(one, WriteInRule(str(rules["write_in"]))) for one in found]
    marks = MarkRule(str(rules["marks"]))
    days = [local_day(one.slate.frozen_at) for one in found if one.slate.frozen_at is not None]
    title = f"{TITLE} {unit.name}" + (f" 第{vote}次投票" if vote > 1 else "")
    if on_one_sheet(rules):
        whole = OneSheet(ballots)
        order = order_of_one_sheet(congress.name, unit.name, vote, whole, voters, copies)
        made = [one_sheet_data(congress.name, unit.name, vote, whole, marks)]
        sheets = [copies]
    else:
        order = order_sheet(congress.name, unit.name, vote, ballots, voters, copies)
        made = [ballot_data(congress.name, unit.name, vote, one, marks) for one in ballots]
        sheets = [one.sheets(copies) for one in ballots]
    content = render(
        "ballots",
        {"sheets": [order], "ballots": made},
        title=title,
        day=max(days, default=local_day(congress.created_at)),
        demo=demo,
        tagged=False,
    )
    if masters:
        return Paper(f"{title}（母版）", content)
    return Paper(title, repeat_pages(content, sheets))


def _ballot(one: VotedOn, write_in: WriteInRule) -> Ballot:
    return Ballot(
        category=one.category.name,
        position=one.category.position,
        kind=one.contest.kind,
        round_kind=one.round.kind,
        seats=one.round.seats,
        candidates=one.candidates,
        write_in=write_in_of(one.round.kind, write_in),
        by_strokes=not one.slate.order_reason,
    )
