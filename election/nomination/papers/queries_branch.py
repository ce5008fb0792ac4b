"""Reads what the report of a branch ballot says, and has it set. Changes nothing.

What the counts mean is decided once more by the pure `branch_vote.py`, never read off the paper.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from election.congress.models import Category, Congress, Unit
from election.congress.rules_in_force import rules_in_force
from election.contests.outcome import decide
from election.documents.paper import Paper, set_sheets
from election.errors import NotFound
from election.nomination.branch.vote import BY_PLACES, BallotTotals, Vote, Votes, contest, results
from election.nomination.models import (
    Application,
    BranchBallot,
    BranchBallotLine,
)
from election.nomination.papers.branch import TITLE, Report, ballot_sheet
from election.people.act import local_day
from election.people.models import Person
from election.people.queries import names_of
from election.roster.models import Member, Organisation, UnitBranch
from election.store.audit import digest
from election.texts import chinese_date

FORMAT = "branch-ballot/1"


def report_hash(facts: Mapping[str, Any]) -> str:
    """The fingerprint of a ballot's own figures: what was counted in the branch, not who typed it in."""
    return digest({"format": FORMAT, **facts})


def ballot_paper(session: Session, congress: Congress, branch_id: int, ballot_id: int, *, demo: bool) -> Paper:
    """The report of one ballot of this branch, of a superseded version too, marked as such. Raises NotFound."""
    ballot = session.get(BranchBallot, ballot_id)
    if ballot is None or (ballot.congress_id, ballot.branch_id) != (congress.id, branch_id):
        raise NotFound("branch_ballot.none")
    report = _report(session, congress, ballot)
    return set_sheets(
        [ballot_sheet(report)],
        title=f"{TITLE} {report.branch} {report.category}",
        day=report.held_on,
        demo=demo,
        mark="已更正" if report.superseded else "",
    )


def _report(session: Session, congress: Congress, ballot: BranchBallot) -> Report:
    branch, unit, category = session.execute(
        select(Organisation.name, Unit.name, Category.name)
        .join(UnitBranch, UnitBranch.branch_id == Organisation.id)
        .join(Unit, Unit.id == UnitBranch.unit_id)
        .join(Category, Category.congress_id == UnitBranch.congress_id)
        .where(
            UnitBranch.congress_id == congress.id,
            Organisation.id == ballot.branch_id,
            Category.id == ballot.category_id,
        )
    ).one()
    lines = session.execute(
        select(BranchBallotLine, Person.name)
        .join(Application, Application.id == BranchBallotLine.application_id)
        .join(Member, Member.id == Application.member_id)
        .join(Person, Person.id == Member.person_id)
        .where(BranchBallotLine.ballot_id == ballot.id)
        .order_by(BranchBallotLine.id)
    ).all()
    votes = {line.application_id: Votes(line.votes_for, line.votes_against, line.abstentions) for line, _ in lines}
    figures = (ballot.expected, ballot.present, ballot.issued, ballot.returned, ballot.valid, ballot.spoiled)
    totals = BallotTotals(*figures, votes)
    vote = Vote(tuple(votes), ballot.places, _votes_again(session, ballot, list(votes)))
    rules = rules_in_force(session, congress.id)
    outcome = decide(contest(vote, totals, rules))
    names = {line.application_id: name for line, name in lines}
    facts = {
        "congress": congress.code,
        "branch": branch,
        "category": category,
        "number": ballot.number,
        "version": ballot.version,
        "held_on": ballot.held_on.isoformat(),
        "totals": list(figures),
        "voters": ballot.voters,
        "excluded_because": ballot.excluded_because,
        "places": ballot.places,
        "applicants": [
            {"name": names[one], "for": vote.for_, "against": vote.against, "abstain": vote.abstain}
            for one, vote in votes.items()
        ],
    }
    who = names_of(session, {ballot.person_id})[ballot.person_id]
    return Report(
        congress=congress.name,
        branch=branch,
        unit=unit,
        category=category,
        number=ballot.number,
        version=ballot.version,
        reason=ballot.reason,
        superseded=ballot.superseded_at is not None,
        tie=vote.tie,
        places=ballot.places if rules["branch_places"] == BY_PLACES else None,
        held_on=ballot.held_on,
        voters=ballot.voters,
        excluded_because=ballot.excluded_because,
        totals=totals,
        names=names,
        found=results(outcome, vote.applicants),
        votes_needed=outcome.votes_needed,
        recorded=f"{who}，{chinese_date(local_day(ballot.recorded_at))}",
        rules=rules,
        hash=report_hash(facts),
    )


def _votes_again(session: Session, ballot: BranchBallot, application_ids: Sequence[int]) -> bool:
    """Whether an earlier ballot of the branch left these people undecided: they tied at its last place."""
    earlier = (
        select(BranchBallotLine.id)
        .join(BranchBallot, BranchBallot.id == BranchBallotLine.ballot_id)
        .where(
            BranchBallot.congress_id == ballot.congress_id,
            BranchBallot.branch_id == ballot.branch_id,
            BranchBallot.category_id == ballot.category_id,
            BranchBallot.number < ballot.number,
            BranchBallotLine.application_id.in_(application_ids),
        )
        .limit(1)
    )
    return session.scalar(earlier) is not None
