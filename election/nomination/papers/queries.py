"""Reads what forms, proposals and reviews on paper say, and has them set. Changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from election.congress.letterhead import sender_of
from election.congress.models import Congress, Unit
from election.congress.rules_in_force import rules_in_force
from election.contests.models import Contest, ContestKind
from election.contests.outcome import candidates_needed
from election.contests.queries import STANDS
from election.documents.paper import Paper, set_sheets
from election.errors import NotFound
from election.nomination.models import (
    ApplicationSigner,
    BranchBallot,
    BranchBallotLine,
    Review,
    Source,
    UnitProposal,
    UnitProposalLine,
)
from election.nomination.models_review import Opinion, ReviewFinding
from election.nomination.papers import application as papers_application
from election.nomination.papers import proposal as papers_unit
from election.nomination.papers import review as papers_review
from election.nomination.papers.application import Occasion, Signer, application_sheets
from election.nomination.papers.common import SEXES, Applicant, by_strokes
from election.nomination.papers.proposal import Handed, Proposal, Seats, proposal_sheet
from election.nomination.papers.review import Concluded, Found, Heard, ReviewSheet, review_sheet
from election.nomination.queries import applications
from election.people.act import local_day
from election.people.models import Person
from election.people.queries import names_of
from election.roster.facts import Facts, matches_overlay
from election.roster.models import Member, Organisation
from election.texts import chinese_date


def applicants(session: Session, congress: Congress, application_ids: Collection[int]) -> list[Applicant]:
    """Those of this congress who stand by these applications, by category and strokes: one statement."""
    counted = _overlays(session, congress)
    found = []
    for line in applications(session, congress.id, ids=application_ids):
        facts = {one.name: getattr(line, one.name) for one in fields(line)}
        found.append(Applicant(**facts, overlays=counted(Facts(line.sex, line.born_on, line.ethnicity))))
    return sorted(found, key=lambda one: (one.category_position, by_strokes(one.name)))


def _overlays(session: Session, congress: Congress) -> Any:
    """A person's facts → the names of the overlays they count for."""
    included = rules_in_force(session, congress.id)["age_reference"] == "included"
    overlays = [(one.name, one.fact, one.age) for one in congress.overlays]
    day = congress.reference_date

    def counted(facts: Facts) -> tuple[str, ...]:
        return tuple(name for name, fact, age in overlays if matches_overlay(fact, age, included, facts, day))

    return counted


def _occasion(session: Session, congress: Congress) -> Occasion:
    rules = rules_in_force(session, congress.id)
    return Occasion(
        congress=congress.name,
        categories=[category.name for category in congress.categories],
        sources=list(Source) if rules["nomination_source"] == "open" else [Source.SELF],
        signers=int(rules["joint_signers"]),
    )


def application_paper(
    session: Session, congress: Congress, branch_id: int, application_id: int, *, demo: bool
) -> Paper:
    """The form of one applicant of this branch, with the signers where members nominated jointly. Raises NotFound."""
    found = [one for one in applicants(session, congress, [application_id]) if one.branch_id == branch_id]
    if not found:
        raise NotFound("application.none")
    signers = session.execute(
        select(Person.name, Person.sex, Organisation.name)
        .join(Member, Member.person_id == Person.id)
        .join(ApplicationSigner, ApplicationSigner.member_id == Member.id)
        .join(Organisation, Organisation.id == Member.branch_id)
        .where(ApplicationSigner.application_id == application_id)
        .order_by(ApplicationSigner.id)
    )
    listed = [Signer(name, SEXES[sex], branch) for name, sex, branch in signers]
    who = found[0]
    made = application_sheets(_occasion(session, congress), who, listed)
    return set_sheets(made, title=f"{papers_application.TITLE} {who.name}", day=local_day(who.submitted_at), demo=demo)


def blank_application_paper(session: Session, congress: Congress, *, demo: bool) -> Paper:
    """The form to fill in by hand."""
    made = application_sheets(_occasion(session, congress), None)
    return set_sheets(made, title=papers_application.TITLE, day=local_day(congress.created_at), demo=demo)


def votes_of(session: Session, application_ids: Sequence[int]) -> dict[int, str]:
    """application → its votes in the branch's last ballot in force on it, of those expected: one statement."""
    rows = session.execute(
        select(BranchBallotLine.application_id, BranchBallotLine.votes_for, BranchBallot.expected)
        .join(BranchBallot, BranchBallot.id == BranchBallotLine.ballot_id)
        .where(BranchBallotLine.application_id.in_(application_ids), BranchBallot.superseded_at.is_(None))
        .order_by(BranchBallot.number)
    )
    return {application_id: f"{votes}/{expected}" for application_id, votes, expected in rows}


def proposal_paper(session: Session, congress: Congress, unit: Unit, number: int, *, demo: bool) -> Paper:
    """The `number`-th proposal of a unit. Raises NotFound."""
    row = session.scalar(select(UnitProposal).where(UnitProposal.unit_id == unit.id, UnitProposal.number == number))
    if row is None:
        raise NotFound("proposal.none")
    handed = {
        line.application_id: Handed(
            line.forward, line.reason, None if line.taken_back_at is None else local_day(line.taken_back_at)
        )
        for line in session.scalars(select(UnitProposalLine).where(UnitProposalLine.proposal_id == row.id))
    }
    people = applicants(session, congress, handed)
    margin = int(rules_in_force(session, congress.id)["margin_min"])
    contested = dict(
        session.execute(
            select(Contest.category_id, Contest.seats).where(
                Contest.unit_id == unit.id, Contest.kind == ContestKind.CONTESTED, STANDS
            )
        ).all()
    )
    wanted = {who.category_id for who in people if handed[who.id].forward} | contested.keys()
    proposal = Proposal(
        congress=congress.name,
        unit=unit.name,
        number=number,
        proposed_on=local_day(row.proposed_at),
        by=names_of(session, {row.person_id})[row.person_id],
        seats=[
            Seats(one.id, one.name, contested.get(one.id, 0), candidates_needed(contested.get(one.id, 0), margin))
            for one in congress.categories
            if one.id in wanted
        ],
        people=people,
        handed=handed,
        votes=votes_of(session, list(handed)),
        margin=margin,
    )
    title = f"{papers_unit.TITLE} {unit.name} 第{number}次"
    return set_sheets([proposal_sheet(proposal)], title=title, day=proposal.proposed_on, demo=demo)


def review_paper(session: Session, congress: Congress, application_id: int, *, demo: bool) -> Paper:
    """The review of one applicant of this congress, concluded or not. Raises NotFound."""
    people = applicants(session, congress, [application_id])
    if not people:
        raise NotFound("application.none")
    who = people[0]
    row = session.scalar(select(Review).where(Review.application_id == application_id, Review.superseded_at.is_(None)))
    findings = (
        session.scalars(select(ReviewFinding).where(ReviewFinding.review_id == row.id).order_by(ReviewFinding.id))
        if row is not None
        else ()
    )
    opinions = session.scalars(
        select(Opinion)
        .where(Opinion.application_id == application_id, Opinion.superseded_at.is_(None))
        .order_by(Opinion.id)
    ).all()
    rules = rules_in_force(session, congress.id)
    days = [local_day(who.submitted_at), *(local_day(one.recorded_at) for one in opinions)]
    concluded = None
    if row is not None:
        days.append(local_day(row.reviewed_at))
        by = names_of(session, {row.person_id})[row.person_id]
        concluded = Concluded(row.approved, row.reason, by, chinese_date(local_day(row.reviewed_at)))
    review = ReviewSheet(
        congress=congress.name,
        office=sender_of(congress.county),
        applicant=who,
        votes=votes_of(session, [application_id]).get(application_id, ""),
        criteria=rules["review_criteria"],
        bodies=rules["review_bodies"],
        found={one.criterion: Found(one.met, one.note) for one in findings},
        heard={one.body: Heard(one.verdict.zh, one.text, one.document, chinese_date(one.given_on)) for one in opinions},
        concluded=concluded,
    )
    # The day of the last thing on it: the same review is the same file whenever it is printed.
    return set_sheets([review_sheet(review)], title=f"{papers_review.TITLE} {who.name}", day=max(days), demo=demo)
