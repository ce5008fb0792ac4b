"""The room's verbs for a branch's secret ballot (支部推选): its places, its totals, their correction by another person.

A branch votes on its applicants of one category together; what the totals mean is decided by the pure `branch_vote.py`
and `contests/`. Nothing that was recorded is overwritten (edge case 19).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import Select, func, select

from election.congress.models import Category
from election.congress.rules_in_force import use_rules
from election.contests.outcome import decide
from election.errors import Invalid, NotFound, Refused
from election.findings import Finding, Severity
from election.nomination.applying.operations_applicants import (
    LoadedApplication,
    lapses,
    load_applications,
    require_nomination,
)
from election.nomination.branch.operations_places import ballots_in_force, hold_branch, places_left
from election.nomination.branch.vote import (
    COUNTED,
    BallotTotals,
    Result,
    Vote,
    contest,
    expected_refusal,
    results,
    votes_needed,
)
from election.nomination.lifecycle import ApplicationAction, ApplicationState, application_transition
from election.nomination.models import Application, BranchBallot, BranchBallotLine
from election.people.act import Act, local_day
from election.people.permissions import Permission
from election.quotas.models import Scheme
from election.roster.models import Member, Organisation
from election.roster.queries import VOTES, unit_of_branch

# From these an application can still be voted on anew, or has left for good and only its counts are put right.
CORRECTABLE = (
    ApplicationState.APPLIED,
    ApplicationState.PRELIMINARY,
    ApplicationState.NOT_NOMINATED,
    ApplicationState.WITHDRAWN,
    ApplicationState.ENDED,
)
RECOUNTED = (ApplicationState.PRELIMINARY, ApplicationState.NOT_NOMINATED)


def record_branch_ballot(
    act: Act,
    congress_id: int,
    branch_id: int,
    category_id: int,
    *,
    held_on: date,
    totals: BallotTotals,
    excluded_because: str = "",
) -> BranchBallot:
    """Enters the totals of a branch's ballot on who waits for it. Who passes is preliminary nominee (初步人选).

    Who tied across the last place waits on and is voted on again, alone; who applied after nomination was opened again
    is voted on in a further ballot. `excluded_because`: why fewer were expected than have a vote in the branch. Raises
    Invalid with every number that cannot be, at its field (`candidates[1]`, by the order of `totals.votes`).
    """
    act.require(
        Permission.APPLICATION_RECORD,
        congress_id=congress_id,
        unit_id=unit_of_branch(act.session, congress_id, branch_id),
        organisation_id=branch_id,
    )
    branch, category = hold_branch(act, congress_id, branch_id, category_id)
    require_nomination(act, congress_id)
    waiting = _people(
        act,
        congress_id,
        select(Application.id).where(
            Application.congress_id == congress_id,
            Application.branch_id == branch_id,
            Application.category_id == category_id,
            Application.state == ApplicationState.APPLIED,
        ),
    )
    held = ballots_in_force(act, congress_id, branch_id, category_id)
    if not waiting:
        if held:
            raise Refused("branch_ballot.recorded_already", branch=branch.name)
        raise Refused("branch_ballot.nobody_applied", branch=branch.name)
    tied = tied_in(held, waiting)
    applicants = {number: one for number, one in waiting.items() if not tied or number in tied}
    if gone := lapses(applicants.values(), within_branch=True):
        raise Invalid(gone)
    places = _tied_places(held, tied) if tied else places_left(act, congress_id, branch, category, held)
    vote = Vote(tuple(applicants), places, bool(tied))
    return _enter(act, vote, applicants, totals, held, BranchBallot(
        congress_id=congress_id,
        branch_id=branch_id,
        category_id=category_id,
        number=max((one.number for one in held), default=0) + 1,
        version=1,
        places=places,
        held_on=held_on,
        voters=_voters(act, branch_id),
        excluded_because=excluded_because.strip(),
    ))  # fmt: skip


def correct_branch_ballot(
    act: Act,
    ballot_id: int,
    *,
    totals: BallotTotals,
    reason: str,
    held_on: date | None = None,
    excluded_because: str = "",
) -> BranchBallot:
    """Puts the totals of a ballot right: a new version by another person, with its reason; the old one is kept. It is held
    against those who had a vote when the ballot was recorded, whoever has come or gone since.

    Refused once somebody it was about was put forward or left out, or another ballot followed it.
    """
    wrong = act.session.get(BranchBallot, ballot_id, with_for_update=True)
    if wrong is None or wrong.superseded_at is not None:
        raise NotFound("branch_ballot.none")
    act.require(
        Permission.BRANCH_BALLOT_CORRECT,
        congress_id=wrong.congress_id,
        unit_id=unit_of_branch(act.session, wrong.congress_id, wrong.branch_id),
    )
    if wrong.person_id == act.person_id:
        raise Refused("branch_ballot.corrected_by_recorder")
    if not reason.strip():
        raise Refused("branch_ballot.correction_reason_missing", field="reason")
    hold_branch(act, wrong.congress_id, wrong.branch_id, wrong.category_id)
    require_nomination(act, wrong.congress_id)
    lines = select(BranchBallotLine.application_id).where(BranchBallotLine.ballot_id == ballot_id)
    people = _people(act, wrong.congress_id, lines)
    held = ballots_in_force(act, wrong.congress_id, wrong.branch_id, wrong.category_id)
    for one in people.values():
        if one.row.state not in CORRECTABLE:
            raise Refused("branch_ballot.gone_beyond", name=one.name, state=one.row.state)
    if any(one.number > wrong.number and people.keys() & {line.application_id for line in one.lines} for one in held):
        raise Refused("branch_ballot.followed")
    earlier = [one for one in held if one.number < wrong.number]
    again = any(people.keys() & {line.application_id for line in one.lines} for one in earlier)
    same_day = held_on in (None, wrong.held_on)
    if _figures(wrong) == _entered(totals) and same_day and wrong.excluded_because == excluded_because.strip():
        raise Refused("branch_ballot.unchanged")
    for one in people.values():
        if one.row.state in RECOUNTED:
            one.row.state = application_transition(
                one.row.state, ApplicationAction.RECOUNT, act.person_id, applicant=one.person_id, reason=reason
            )
    wrong.superseded_at = act.now
    act.session.flush()
    vote = Vote(tuple(people), wrong.places, again)
    return _enter(act, vote, people, totals, earlier, BranchBallot(
        congress_id=wrong.congress_id,
        branch_id=wrong.branch_id,
        category_id=wrong.category_id,
        number=wrong.number,
        version=wrong.version + 1,
        places=wrong.places,
        reason=reason.strip(),
        held_on=held_on or wrong.held_on,
        voters=wrong.voters,
        excluded_because=excluded_because.strip(),
    ))  # fmt: skip


def tied_in(held: Sequence[BranchBallot], waiting: Mapping[int, object]) -> set[int]:
    """Of the applications that wait, those on whom the branch has voted without deciding: they tied."""
    return {line.application_id for ballot in held for line in ballot.lines} & set(waiting)


def _tied_places(held: Sequence[BranchBallot], tied: set[int]) -> int:
    """How many places the ballot left open in which they tied."""
    last = max((one for one in held if tied & {line.application_id for line in one.lines}), key=lambda one: one.number)
    assert last.places is not None  # nothing ties without places
    return last.places - sum(1 for line in last.lines if line.passed)


def _people(act: Act, congress_id: int, numbers: Select[int]) -> dict[int, LoadedApplication]:
    """The applications among `numbers`, locked, by number."""
    ids = act.session.scalars(numbers).all()
    return {one.row.id: one for one in load_applications(act, congress_id, ids)}


def _voters(act: Act, branch_id: int) -> int:
    found = select(func.count()).select_from(Member).where(Member.branch_id == branch_id, VOTES)
    return act.session.scalar(found) or 0


def _enter(
    act: Act,
    vote: Vote,
    applicants: Mapping[int, LoadedApplication],
    totals: BallotTotals,
    earlier: Sequence[BranchBallot],
    ballot: BranchBallot,
) -> BranchBallot:
    """Decides the vote and stores it with what it means for each applicant who still waits."""
    if set(totals.votes) != set(applicants):
        raise NotFound("branch_ballot.other_applicants")
    vote = replace(vote, applicants=tuple(totals.votes))
    _require_day(act, ballot, earlier)
    rules = use_rules(act, ballot.congress_id, "branch_ballot.recorded", "quorum_branch", "majority_base")
    outcome = decide(contest(vote, totals, rules))
    refusals = [_at_its_place(finding, applicants) for finding in outcome.findings if _stops(finding)]
    against = expected_refusal(totals.expected, ballot.voters, ballot.excluded_because)
    if against is not None:
        refusals.insert(0, against)
    if refusals:
        raise Invalid(refusals)
    assert outcome.status in COUNTED
    found = results(outcome, vote.applicants)
    _fill(ballot, totals, votes_needed(outcome))
    ballot.person_id, ballot.recorded_at = act.person_id, act.now
    act.session.add(ballot)
    act.session.flush()
    act.session.add_all(_line(ballot.id, number, totals, found[number]) for number in vote.applicants)
    for number, one in applicants.items():
        if one.row.state is ApplicationState.APPLIED and found[number] is not Result.TIED:
            action = ApplicationAction.NOMINATE if found[number] is Result.PASSED else ApplicationAction.PASS_OVER
            one.row.state = application_transition(one.row.state, action, act.person_id, applicant=one.person_id)
    _tell(act, ballot, applicants, found)
    return ballot


def _require_day(act: Act, ballot: BranchBallot, earlier: Sequence[BranchBallot]) -> None:
    """A branch votes after the seats are divided, on a day that has come, and never before its ballot before."""
    if ballot.held_on > act.today:
        raise Refused("branch_ballot.in_the_future", field="held_on")
    approved = act.session.scalar(select(func.min(Scheme.approved_at)).where(Scheme.congress_id == ballot.congress_id))
    if approved is None or ballot.held_on < local_day(approved):
        raise Refused("branch_ballot.before_the_scheme", field="held_on")
    if any(ballot.held_on < one.held_on for one in earlier):
        raise Refused("branch_ballot.before_the_last", field="held_on")


def _fill(ballot: BranchBallot, totals: BallotTotals, needed: int) -> None:
    ballot.expected, ballot.present = totals.expected, totals.present
    ballot.issued, ballot.returned = totals.issued, totals.returned
    ballot.valid, ballot.spoiled = totals.valid, totals.spoiled
    ballot.votes_needed = needed


def _line(ballot_id: int, number: int, totals: BallotTotals, result: Result) -> BranchBallotLine:
    votes = totals.votes[number]
    return BranchBallotLine(
        ballot_id=ballot_id,
        application_id=number,
        votes_for=votes.for_,
        votes_against=votes.against,
        abstentions=votes.abstain,
        passed=result is Result.PASSED,
    )


def _tell(
    act: Act, ballot: BranchBallot, applicants: Mapping[int, LoadedApplication], found: Mapping[int, Result]
) -> None:
    told: dict[str, object] = {"number": ballot.number}
    if ballot.places is not None:
        told["places"] = ballot.places
    if ballot.version > 1:
        told |= {"version": ballot.version, "reason": ballot.reason}
    if ballot.excluded_because:
        told |= {"excluded": ballot.voters - ballot.expected, "note": ballot.excluded_because}
    if tied := [one.row.member_id for number, one in applicants.items() if found[number] is Result.TIED]:
        told["tied"] = tied
    act.record(
        "branch_ballot.recorded" if ballot.version == 1 else "branch_ballot.corrected",
        ballot,
        congress_id=ballot.congress_id,
        branch=act.session.get_one(Organisation, ballot.branch_id).code,
        category=act.session.get_one(Category, ballot.category_id).code,
        expected=ballot.expected,
        valid=ballot.valid,
        needed=ballot.votes_needed,
        passed=[one.row.member_id for number, one in applicants.items() if found[number] is Result.PASSED],
        **told,
    )


def _figures(ballot: BranchBallot) -> tuple[object, ...]:
    lines = {one.application_id: (one.votes_for, one.votes_against, one.abstentions) for one in ballot.lines}
    return (
        ballot.expected, ballot.present, ballot.issued, ballot.returned, ballot.valid, ballot.spoiled, lines,
    )  # fmt: skip


def _entered(totals: BallotTotals) -> tuple[object, ...]:
    lines = {number: (one.for_, one.against, one.abstain) for number, one in totals.votes.items()}
    return (
        totals.expected, totals.present, totals.issued, totals.returned, totals.valid, totals.spoiled, lines,
    )  # fmt: skip


def _stops(finding: Finding) -> bool:
    return finding.severity is Severity.ERROR


def _at_its_place(finding: Finding, applicants: Mapping[int, LoadedApplication]) -> Refused:
    """The finding as a refusal, with the applicant's name in place of the id."""
    params = dict(finding.params)
    if "candidate" in params:
        params["candidate"] = applicants[int(str(params["candidate"]))].name
    return Refused(finding.code, field=finding.field, **params)
