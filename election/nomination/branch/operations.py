"""The room's verbs for a branch's secret ballot (支部推选): its places, its totals, their correction by another person.

A branch votes on its applicants of one category together; what the totals mean is decided by the pure `branch_vote.py`
and `contests/`. Nothing that was recorded is overwritten (edge case 19).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

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
)
from election.nomination.branch.operations_places import hold_branch
from election.nomination.branch.queries_due import Due, Place, ballots_in_force, load_due
from election.nomination.branch.vote import (
    BY_PLACES,
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
from election.nomination.phase import require_nomination
from election.people.act import Act, local_day
from election.people.permissions import Permission
from election.quotas.models import Scheme
from election.roster.models import Organisation
from election.roster.queries import unit_of_branch

# From these an application can still be voted on anew, or has left for good and only its counts are put right.
CORRECTABLE = (
    ApplicationState.APPLIED,
    ApplicationState.PRELIMINARY,
    ApplicationState.NOT_NOMINATED,
    ApplicationState.WITHDRAWN,
    ApplicationState.ENDED,
)
RECOUNTED = (ApplicationState.PRELIMINARY, ApplicationState.NOT_NOMINATED)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A ballot as its branch hands it in. `excluded_because`: why fewer were expected than have a vote in the branch."""

    held_on: date
    totals: BallotTotals
    excluded_because: str = ""


@dataclass(frozen=True, slots=True)
class Counted:
    """A ballot that was decided: what it means for each of its applicants."""

    ballot: BranchBallot
    totals: BallotTotals
    applicants: Mapping[int, LoadedApplication]
    found: Mapping[int, Result]


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
    place = (branch_id, category_id)
    # Before anything is said of a branch.
    act.require(
        Permission.APPLICATION_RECORD,
        congress_id=congress_id,
        unit_id=unit_of_branch(act.session, congress_id, branch_id),
        organisation_id=branch_id,
    )
    due = load_due(act, congress_id, [place])
    counted, refused = record_sheets(act, congress_id, {place: (due[place], Sheet(held_on, totals, excluded_because))})
    for against in refused.values():
        raise against
    return counted[place].ballot


def record_sheets(
    act: Act, congress_id: int, sheets: Mapping[Place, tuple[Due, Sheet]]
) -> tuple[dict[Place, Counted], dict[Place, Refused | Invalid]]:
    """The ballots of many branches at once, each as in `record_branch_ballot`: what can be is stored, and what stands
    against the others is handed back for the caller to judge. No statement per ballot.
    """
    ground = _Ground(act, congress_id)
    counted: dict[Place, Counted] = {}
    refused: dict[Place, Refused | Invalid] = {}
    for place, (due, sheet) in sheets.items():
        try:
            counted[place] = _count(act, congress_id, due, sheet, ground)
        except (Refused, Invalid) as against:
            refused[place] = against
    _store(act, congress_id, list(counted.values()))
    return counted, refused


def _count(act: Act, congress_id: int, due: Due, sheet: Sheet, ground: _Ground) -> Counted:
    act.require(
        Permission.APPLICATION_RECORD, congress_id=congress_id, unit_id=due.unit_id, organisation_id=due.branch.id
    )
    ground.require_nomination()
    due.require_somebody()
    applicants = due.applicants
    if gone := lapses(applicants.values(), within_branch=True):
        raise Invalid(gone)
    places = due.places(asked=ground.by_places)
    vote = Vote(tuple(applicants), places, bool(due.tied))
    return _decide(act, vote, applicants, sheet.totals, due.held, ground, BranchBallot(
        congress_id=congress_id,
        branch_id=due.branch.id,
        category_id=due.category.id,
        number=max((one.number for one in due.held), default=0) + 1,
        version=1,
        places=places,
        held_on=sheet.held_on,
        voters=due.voters,
        excluded_because=sheet.excluded_because.strip(),
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
    counted = _decide(act, vote, people, totals, earlier, _Ground(act, wrong.congress_id), BranchBallot(
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
    _store(act, wrong.congress_id, [counted])
    return counted.ballot


def tied_by(act: Act, ballot: BranchBallot) -> int:
    """How many the ballot left undecided: they tied and are voted on again."""
    numbers = [line.application_id for line in ballot.lines]
    waiting = select(func.count()).where(Application.id.in_(numbers), Application.state == ApplicationState.APPLIED)
    return act.session.scalar(waiting) or 0


def _people(act: Act, congress_id: int, numbers: Select[int]) -> dict[int, LoadedApplication]:
    """The applications among `numbers`, locked, by number."""
    ids = act.session.scalars(numbers).all()
    return {one.row.id: one for one in load_applications(act, congress_id, ids)}


class _Ground:
    """What holds for every ballot of a congress: its rules, and since when the seats are divided. Each is read once."""

    def __init__(self, act: Act, congress_id: int) -> None:
        self.act, self.congress_id, self.open = act, congress_id, False

    def require_nomination(self) -> None:
        if not self.open:
            require_nomination(self.act, self.congress_id)
            self.open = True

    @cached_property
    def by_places(self) -> bool:
        rules = use_rules(self.act, self.congress_id, "branch_ballot.recorded", "branch_places")
        return bool(rules["branch_places"] == BY_PLACES)

    @cached_property
    def rules(self) -> dict[str, Any]:
        return use_rules(self.act, self.congress_id, "branch_ballot.recorded", "quorum_branch", "majority_base")

    @cached_property
    def approved_on(self) -> date | None:
        wanted = select(func.min(Scheme.approved_at)).where(Scheme.congress_id == self.congress_id)
        approved = self.act.session.scalar(wanted)
        return None if approved is None else local_day(approved)


def _decide(
    act: Act,
    vote: Vote,
    applicants: Mapping[int, LoadedApplication],
    totals: BallotTotals,
    earlier: Sequence[BranchBallot],
    ground: _Ground,
    ballot: BranchBallot,
) -> Counted:
    """What the ballot means; nothing is stored yet."""
    if set(totals.votes) != set(applicants):
        raise NotFound("branch_ballot.other_applicants")
    vote = replace(vote, applicants=tuple(totals.votes))
    _require_day(act, ballot, earlier, ground.approved_on)
    outcome = decide(contest(vote, totals, ground.rules))
    refusals = [_at_its_place(finding, applicants) for finding in outcome.findings if _stops(finding)]
    against = expected_refusal(totals.expected, ballot.voters, ballot.excluded_because)
    if against is not None:
        refusals.insert(0, against)
    if refusals:
        raise Invalid(refusals)
    assert outcome.status in COUNTED
    _fill(ballot, totals, votes_needed(outcome))
    ballot.person_id, ballot.recorded_at = act.person_id, act.now
    return Counted(ballot, totals, applicants, results(outcome, vote.applicants))


def _store(act: Act, congress_id: int, counted: Sequence[Counted]) -> None:
    """Keeps the ballots with what they mean for each applicant who still waits."""
    act.session.add_all(one.ballot for one in counted)
    act.session.flush()
    act.session.add_all(
        _line(one.ballot.id, number, one.totals, one.found[number]) for one in counted for number in one.totals.votes
    )
    for one in counted:
        for number, loaded in one.applicants.items():
            row, result = loaded.row, one.found[number]
            if row.state is ApplicationState.APPLIED and result is not Result.TIED:
                action = ApplicationAction.NOMINATE if result is Result.PASSED else ApplicationAction.PASS_OVER
                row.state = application_transition(row.state, action, act.person_id, applicant=loaded.person_id)
    for said, some in (
        ("branch_ballot.recorded", [one for one in counted if one.ballot.version == 1]),
        ("branch_ballot.corrected", [one for one in counted if one.ballot.version > 1]),
    ):
        act.record_all(said, [(one.ballot, _told(act, one)) for one in some], congress_id=congress_id)


def _require_day(act: Act, ballot: BranchBallot, earlier: Sequence[BranchBallot], approved_on: date | None) -> None:
    """A branch votes after the seats are divided, on a day that has come, and never before its ballot before."""
    if ballot.held_on > act.today:
        raise Refused("branch_ballot.in_the_future", field="held_on")
    if approved_on is None or ballot.held_on < approved_on:
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


def _told(act: Act, counted: Counted) -> dict[str, object]:
    """What the audit chain keeps of a ballot."""
    ballot = counted.ballot

    def members(result: Result) -> list[int]:
        return [one.row.member_id for number, one in counted.applicants.items() if counted.found[number] is result]

    told: dict[str, object] = {
        "branch": act.session.get_one(Organisation, ballot.branch_id).code,
        "category": act.session.get_one(Category, ballot.category_id).code,
        "expected": ballot.expected,
        "valid": ballot.valid,
        "needed": ballot.votes_needed,
        "passed": members(Result.PASSED),
        "number": ballot.number,
    }
    if ballot.places is not None:
        told["places"] = ballot.places
    if ballot.version > 1:
        told |= {"version": ballot.version, "reason": ballot.reason}
    if ballot.excluded_because:
        told |= {"excluded": ballot.voters - ballot.expected, "note": ballot.excluded_because}
    if tied := members(Result.TIED):
        told["tied"] = tied
    return told


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
