"""The room's verb for a branch's secret ballot (支部推选), entered as totals and decided by the pure `contests/`.

A branch votes on its applicants of one category together; without a number of places, all above the majority go on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from election.congress.rules_in_force import use_rules
from election.contests.outcome import (
    CandidateCount,
    ContestInput,
    ContestKind,
    ContestRules,
    MajorityBase,
    Outcome,
    OutcomeStatus,
    Quorum,
    TieRule,
    WriteInRule,
    decide,
)
from election.errors import Invalid, NotFound, Refused
from election.findings import Finding, Severity
from election.nomination.lifecycle import ApplicationAction, ApplicationState, application_transition
from election.nomination.models import Application, BranchBallot, BranchBallotLine
from election.people.act import Act
from election.people.models import Person
from election.people.permissions import Permission
from election.roster.models import Member, Organisation
from election.roster.queries import VOTES, branch_of

COUNTED = (OutcomeStatus.DECIDED, OutcomeStatus.SHORTFALL)


@dataclass(frozen=True, slots=True)
class Votes:
    """An applicant's counts."""

    for_: int
    against: int
    abstain: int


@dataclass(frozen=True, slots=True)
class BallotTotals:
    """The ballot as counted in the branch; `votes`: application id → counts."""

    expected: int
    present: int
    issued: int
    returned: int
    valid: int
    spoiled: int
    votes: Mapping[int, Votes]


def record_branch_ballot(
    act: Act, congress_id: int, branch_id: int, category_id: int, *, held_on: date, totals: BallotTotals
) -> BranchBallot:
    """Enters the totals of the one ballot of a branch and category. Who passes is preliminary nominee (初步人选).

    Raises Invalid with every number that cannot be, at its field (`electors.present`, `candidates[1]`).
    """
    act.require(Permission.APPLICATION_RECORD, congress_id=congress_id, organisation_id=branch_id)
    # As an application does: who stands is fixed while the ballot is recorded.
    act.session.execute(select(Organisation.id).where(Organisation.id == branch_id).with_for_update())
    branch, _ = branch_of(act.session, congress_id, branch_id)
    applicants = {
        row.id: (row, person_id, name)
        for row, person_id, name in act.session.execute(
            select(Application, Person.id, Person.name)
            .join(Member, Member.id == Application.member_id)
            .join(Person, Person.id == Member.person_id)
            .where(
                Application.congress_id == congress_id,
                Application.branch_id == branch_id,
                Application.category_id == category_id,
                Application.state == ApplicationState.APPLIED,
            )
            .order_by(Application.id)
            .with_for_update(of=Application)
        )
    }
    same = select(BranchBallot.id).where(
        BranchBallot.congress_id == congress_id,
        BranchBallot.branch_id == branch_id,
        BranchBallot.category_id == category_id,
    )
    if act.session.scalar(same) is not None:
        raise Refused("branch_ballot.recorded_already", branch=branch.name)
    if not applicants:
        raise Refused("branch_ballot.nobody_applied", branch=branch.name)
    if set(totals.votes) != set(applicants):
        raise NotFound("branch_ballot.other_applicants")
    if held_on > act.today:
        raise Refused("branch_ballot.in_the_future", field="held_on")
    rules = use_rules(act, congress_id, "branch_ballot.recorded", "quorum_branch", "majority_base")
    outcome = decide(_contest(totals, list(applicants), rules))
    refusals = [_at_its_place(finding, applicants) for finding in outcome.findings if _stops(finding)]
    voters = len(act.session.scalars(select(Member.id).where(Member.branch_id == branch_id, VOTES)).all())
    if totals.expected > voters:
        refusals.insert(
            0,
            Refused(
                "branch_ballot.expected_over_voters", field="electors.expected", expected=totals.expected, voters=voters
            ),
        )
    if refusals:
        raise Invalid(refusals)
    return _store(act, congress_id, branch_id, category_id, held_on, totals, outcome, applicants)


def _contest(totals: BallotTotals, ids: list[int], rules: Mapping[str, Any]) -> ContestInput:
    """As many seats as applicants: the majority alone decides, nothing is cut off and nothing ties."""
    return ContestInput(
        kind=ContestKind.PRESELECTION,
        seats=len(ids),
        expected=totals.expected,
        present=totals.present,
        issued=totals.issued,
        returned=totals.returned,
        valid=totals.valid,
        spoiled=totals.spoiled,
        candidates=tuple(
            CandidateCount(str(one), totals.votes[one].for_, totals.votes[one].against, totals.votes[one].abstain)
            for one in ids
        ),
        write_ins=(),
        rules=ContestRules(
            Quorum.parse(rules["quorum_branch"]),
            MajorityBase(rules["majority_base"]),
            0,
            WriteInRule.OFF,
            TieRule.BALLOT,
        ),
    )


def _stops(finding: Finding) -> bool:
    return finding.severity is Severity.ERROR


def _at_its_place(finding: Finding, applicants: Mapping[int, tuple[Application, int, str]]) -> Refused:
    """The finding as a refusal, with the applicant's name in place of the id."""
    params = dict(finding.params)
    if "candidate" in params:
        params["candidate"] = applicants[int(str(params["candidate"]))][2]
    return Refused(finding.code, field=finding.field, **params)


def _store(
    act: Act,
    congress_id: int,
    branch_id: int,
    category_id: int,
    held_on: date,
    totals: BallotTotals,
    outcome: Outcome,
    applicants: Mapping[int, tuple[Application, int, str]],
) -> BranchBallot:
    assert outcome.status in COUNTED and outcome.votes_needed is not None
    ballot = BranchBallot(
        congress_id=congress_id,
        branch_id=branch_id,
        category_id=category_id,
        held_on=held_on,
        expected=totals.expected,
        present=totals.present,
        issued=totals.issued,
        returned=totals.returned,
        valid=totals.valid,
        spoiled=totals.spoiled,
        votes_needed=outcome.votes_needed,
        person_id=act.person_id,
        recorded_at=act.now,
    )
    act.session.add(ballot)
    act.session.flush()
    for application_id, (row, person_id, _) in applicants.items():
        passed, votes = str(application_id) in outcome.elected, totals.votes[application_id]
        action = ApplicationAction.NOMINATE if passed else ApplicationAction.PASS_OVER
        row.state = application_transition(row.state, action, act.person_id, applicant=person_id)
        act.session.add(
            BranchBallotLine(
                ballot_id=ballot.id,
                application_id=application_id,
                votes_for=votes.for_,
                votes_against=votes.against,
                abstentions=votes.abstain,
                passed=passed,
            )
        )
    act.record(
        "branch_ballot.recorded",
        ballot,
        congress_id=congress_id,
        branch=branch_id,
        category=category_id,
        expected=totals.expected,
        valid=totals.valid,
        needed=outcome.votes_needed,
        passed=[int(one) for one in outcome.elected],
    )
    return ballot
