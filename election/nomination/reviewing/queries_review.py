"""Shaped reading of units' proposals and of applicants' reviews: findings, opinions, what is missing. Changes nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import case, func, select, union
from sqlalchemy.orm import Session

from election.nomination.models import (
    Application,
    BranchBallot,
    BranchBallotLine,
    Review,
    UnitProposal,
    UnitProposalLine,
)
from election.nomination.models_review import Opinion, ReviewFinding, Verdict
from election.people.models import Person
from election.roster.models import Member


@dataclass(frozen=True, slots=True)
class FindingLine:
    criterion: str
    met: bool
    note: str


def findings_of(session: Session, application_ids: Collection[int]) -> dict[int, list[FindingLine]]:
    """application → what the review found, criterion by criterion."""
    found: dict[int, list[FindingLine]] = {}
    rows: Any = session.execute(
        select(Review.application_id, ReviewFinding.criterion, ReviewFinding.met, ReviewFinding.note)
        .join(Review, Review.id == ReviewFinding.review_id)
        .where(Review.application_id.in_(application_ids), Review.superseded_at.is_(None))
        .order_by(ReviewFinding.id)
    )
    for application_id, *finding in rows:
        found.setdefault(application_id, []).append(FindingLine(*finding))
    return found


@dataclass(frozen=True, slots=True)
class OpinionLine:
    body: str
    verdict: Verdict
    text: str
    document: str
    given_on: date
    recorded_by: str


def opinions_of(session: Session, application_ids: Collection[int]) -> dict[int, list[OpinionLine]]:
    """application → what each body says of it, in the order in which it came in."""
    found: dict[int, list[OpinionLine]] = {}
    rows: Any = session.execute(
        select(
            Opinion.application_id,
            Opinion.body,
            Opinion.verdict,
            Opinion.text,
            Opinion.document,
            Opinion.given_on,
            Person.name,
        )
        .join(Person, Person.id == Opinion.person_id)
        .where(Opinion.application_id.in_(application_ids), Opinion.superseded_at.is_(None))
        .order_by(Opinion.id)
    )
    for application_id, *opinion in rows:
        found.setdefault(application_id, []).append(OpinionLine(*opinion))
    return found


@dataclass(frozen=True, slots=True)
class ProposalLine:
    """One proposal of a unit, with how many it named when it was handed in, and how many were taken back since."""

    id: int
    number: int
    proposed_at: datetime
    proposed_by: str
    put_forward: int
    left_out: int
    taken_back: int


def proposals(session: Session, unit_id: int) -> list[ProposalLine]:
    """Every proposal of a unit in their order, also one whose people were all taken back."""
    line = UnitProposalLine
    rows = session.execute(
        select(
            UnitProposal.id,
            UnitProposal.number,
            UnitProposal.proposed_at,
            Person.name,
            *(
                func.coalesce(func.sum(case((one, 1), else_=0)), 0)
                for one in (line.forward, ~line.forward, line.taken_back_at.is_not(None))
            ),
        )
        .join(Person, Person.id == UnitProposal.person_id)
        .outerjoin(line, line.proposal_id == UnitProposal.id)
        .where(UnitProposal.unit_id == unit_id)
        .group_by(UnitProposal.id, UnitProposal.number, UnitProposal.proposed_at, Person.name)
        .order_by(UnitProposal.number)
    )
    return [ProposalLine(*row) for row in rows]


def brought_by(session: Session, application_ids: Collection[int]) -> dict[int, dict[int, str]]:
    """application → who put it forward for the unit or recorded a ballot of the branch on it, with their names.

    Whatever was taken back or corrected since: these persons never review it (RULES 2, four eyes by person).
    """
    forward = (
        select(UnitProposalLine.application_id, Person.id, Person.name)
        .join(UnitProposal, UnitProposal.id == UnitProposalLine.proposal_id)
        .join(Person, Person.id == UnitProposal.person_id)
        .where(UnitProposalLine.application_id.in_(application_ids), UnitProposalLine.forward)
    )
    counted = (
        select(BranchBallotLine.application_id, Person.id, Person.name)
        .join(BranchBallot, BranchBallot.id == BranchBallotLine.ballot_id)
        .join(Person, Person.id == BranchBallot.person_id)
        .where(BranchBallotLine.application_id.in_(application_ids))
    )
    found: dict[int, dict[int, str]] = {}
    for application_id, person_id, name in session.execute(union(forward, counted)):
        found.setdefault(application_id, {})[person_id] = name
    return found


def answering_for(session: Session, application_ids: Collection[int]) -> dict[int, dict[int, str]]:
    """application → who brought it or passed its review, with their names: these never close an objection to it."""
    found = brought_by(session, application_ids)
    passed = (
        select(Review.application_id, Person.id, Person.name)
        .join(Person, Person.id == Review.person_id)
        .where(Review.application_id.in_(application_ids), Review.approved.is_(True), Review.superseded_at.is_(None))
    )
    for application_id, person_id, name in session.execute(passed):
        found.setdefault(application_id, {})[person_id] = name
    return found


def answering_for_person(session: Session, congress_id: int, person_id: int) -> dict[int, str]:
    """The same of a person, whatever they applied for in this congress."""
    numbers = session.scalars(
        select(Application.id)
        .join(Member, Member.id == Application.member_id)
        .where(Application.congress_id == congress_id, Member.person_id == person_id)
    ).all()
    every = answering_for(session, numbers) if numbers else {}
    return {number: name for who in every.values() for number, name in who.items()}
