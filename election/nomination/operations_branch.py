"""The room's verbs for a branch's secret ballot (支部推选): its places, its totals, their correction by another person.

A branch votes on its applicants of one category together; what the totals mean is decided by the pure `branch_vote.py`
and `contests/`. Nothing that was recorded is overwritten (edge case 19).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, delete, func, select

from election.congress.models import Category
from election.congress.rules_in_force import use_rules
from election.contests.outcome import decide
from election.errors import Invalid, NotFound, Refused
from election.findings import Finding, Severity
from election.nomination.branch_vote import (
    BY_PLACES,
    COUNTED,
    BallotTotals,
    Result,
    Vote,
    contest,
    results,
    votes_needed,
)
from election.nomination.lifecycle import ApplicationAction, ApplicationState, application_transition
from election.nomination.models import Application, BranchBallot, BranchBallotLine, BranchPlaces
from election.nomination.models_margin import Reopening
from election.people.act import Act
from election.people.models import Person
from election.people.permissions import Permission
from election.roster.models import Member, Organisation
from election.roster.queries import VOTES, branch_of, unit_of_branch

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
class _Applicant:
    row: Application
    person_id: int
    name: str


def set_branch_places(act: Act, congress_id: int, branch_id: int, category_id: int, places: int | None) -> None:
    """How many of a branch's applicants of a category may go on; None takes the number away again.

    Only before the branch votes, or while nomination is open again there, and where the rule gives branches places.
    """
    unit_id = unit_of_branch(act.session, congress_id, branch_id)
    act.require(Permission.NOMINEES_PROPOSE, congress_id=congress_id, unit_id=unit_id)
    branch, category = _hold(act, congress_id, branch_id, category_id)
    if use_rules(act, congress_id, "branch_places.set", "branch_places")["branch_places"] != BY_PLACES:
        raise Refused("branch_places.not_by_rule")
    if places is not None and places < 1:
        raise Refused("branch_places.too_few", field="places")
    if _ballots(act, congress_id, branch_id, category_id) and not _reopened(act, unit_id, category_id):
        raise Refused("branch_places.voted", branch=branch.name, category=category.name)
    kept = select(BranchPlaces).where(
        BranchPlaces.congress_id == congress_id,
        BranchPlaces.branch_id == branch_id,
        BranchPlaces.category_id == category_id,
    )
    row = act.session.scalar(kept)
    before = row.places if row is not None else None
    if before == places:
        return
    if places is None:
        act.session.execute(delete(BranchPlaces).where(BranchPlaces.id == (row.id if row is not None else 0)))
    elif row is None:
        act.session.add(
            BranchPlaces(congress_id=congress_id, branch_id=branch_id, category_id=category_id, places=places)
        )
    else:
        row.places = places
    act.record(
        "branch_places.set",
        f"organisation:{branch_id}",
        congress_id=congress_id,
        organisation=branch.name,
        category=category.code,
        before=before,
        after=places,
    )


def record_branch_ballot(
    act: Act, congress_id: int, branch_id: int, category_id: int, *, held_on: date, totals: BallotTotals
) -> BranchBallot:
    """Enters the totals of a branch's ballot on who waits for it. Who passes is preliminary nominee (初步人选).

    Who tied across the last place waits on and is voted on again, alone; who applied after nomination was opened again
    is voted on in a further ballot. Raises Invalid with every number that cannot be, at its field (`candidates[1]`).
    """
    act.require(
        Permission.APPLICATION_RECORD,
        congress_id=congress_id,
        unit_id=unit_of_branch(act.session, congress_id, branch_id),
        organisation_id=branch_id,
    )
    branch, category = _hold(act, congress_id, branch_id, category_id)
    waiting = _people(
        act,
        select(Application.id).where(
            Application.congress_id == congress_id,
            Application.branch_id == branch_id,
            Application.category_id == category_id,
            Application.state == ApplicationState.APPLIED,
        ),
    )
    held = _ballots(act, congress_id, branch_id, category_id)
    if not waiting:
        if held:
            raise Refused("branch_ballot.recorded_already", branch=branch.name)
        raise Refused("branch_ballot.nobody_applied", branch=branch.name)
    tied = tied_in(held, waiting)
    applicants = {number: one for number, one in waiting.items() if not tied or number in tied}
    places = _tied_places(held, tied) if tied else _places(act, congress_id, branch, category)
    vote = Vote(tuple(applicants), places, bool(tied))
    return _enter(act, vote, applicants, totals, BranchBallot(
        congress_id=congress_id,
        branch_id=branch_id,
        category_id=category_id,
        number=max((one.number for one in held), default=0) + 1,
        version=1,
        places=places,
        held_on=held_on,
    ))  # fmt: skip


def correct_branch_ballot(
    act: Act, ballot_id: int, *, totals: BallotTotals, reason: str, held_on: date | None = None
) -> BranchBallot:
    """Puts the totals of a ballot right: a new version by another person, with its reason; the old one is kept.

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
    _hold(act, wrong.congress_id, wrong.branch_id, wrong.category_id)
    people = _people(act, select(BranchBallotLine.application_id).where(BranchBallotLine.ballot_id == ballot_id))
    held = _ballots(act, wrong.congress_id, wrong.branch_id, wrong.category_id)
    for one in people.values():
        if one.row.state not in CORRECTABLE:
            raise Refused("branch_ballot.gone_beyond", name=one.name, state=one.row.state)
    if any(one.number > wrong.number and people.keys() & {line.application_id for line in one.lines} for one in held):
        raise Refused("branch_ballot.followed")
    earlier = [one for one in held if one.number < wrong.number]
    again = any(people.keys() & {line.application_id for line in one.lines} for one in earlier)
    if _figures(wrong) == _entered(totals) and held_on in (None, wrong.held_on):
        raise Refused("branch_ballot.unchanged")
    for one in people.values():
        if one.row.state in RECOUNTED:
            one.row.state = application_transition(
                one.row.state, ApplicationAction.RECOUNT, act.person_id, applicant=one.person_id, reason=reason
            )
    wrong.superseded_at = act.now
    act.session.flush()
    vote = Vote(tuple(people), wrong.places, again)
    return _enter(act, vote, people, totals, BranchBallot(
        congress_id=wrong.congress_id,
        branch_id=wrong.branch_id,
        category_id=wrong.category_id,
        number=wrong.number,
        version=wrong.version + 1,
        places=wrong.places,
        reason=reason.strip(),
        held_on=held_on or wrong.held_on,
    ))  # fmt: skip


def tied_in(held: Sequence[BranchBallot], waiting: Mapping[int, object]) -> set[int]:
    """Of the applications that wait, those on whom the branch has voted without deciding: they tied."""
    return {line.application_id for ballot in held for line in ballot.lines} & set(waiting)


def _tied_places(held: Sequence[BranchBallot], tied: set[int]) -> int:
    """How many places the ballot left open in which they tied."""
    last = max((one for one in held if tied & {line.application_id for line in one.lines}), key=lambda one: one.number)
    assert last.places is not None  # nothing ties without places
    return last.places - sum(1 for line in last.lines if line.passed)


def _places(act: Act, congress_id: int, branch: Organisation, category: Category) -> int | None:
    if use_rules(act, congress_id, "branch_ballot.recorded", "branch_places")["branch_places"] != BY_PLACES:
        return None
    places = act.session.scalar(
        select(BranchPlaces.places).where(
            BranchPlaces.congress_id == congress_id,
            BranchPlaces.branch_id == branch.id,
            BranchPlaces.category_id == category.id,
        )
    )
    if places is None:
        raise Refused("branch_ballot.places_unset", branch=branch.name, category=category.name)
    return places


def _hold(act: Act, congress_id: int, branch_id: int, category_id: int) -> tuple[Organisation, Category]:
    """The branch, locked as an application does: who stands is fixed while its ballot is recorded."""
    act.session.execute(select(Organisation.id).where(Organisation.id == branch_id).with_for_update())
    branch, _ = branch_of(act.session, congress_id, branch_id)
    category = act.session.get(Category, category_id)
    if category is None or category.congress_id != congress_id:
        raise NotFound("application.no_such_category")
    return branch, category


def _ballots(act: Act, congress_id: int, branch_id: int, category_id: int) -> list[BranchBallot]:
    """The ballots in force of a branch on a category."""
    found = select(BranchBallot).where(
        BranchBallot.congress_id == congress_id,
        BranchBallot.branch_id == branch_id,
        BranchBallot.category_id == category_id,
        BranchBallot.superseded_at.is_(None),
    )
    return list(act.session.scalars(found.order_by(BranchBallot.number)))


def _reopened(act: Act, unit_id: int | None, category_id: int) -> bool:
    return (
        act.session.scalar(
            select(func.count())
            .select_from(Reopening)
            .where(Reopening.unit_id == unit_id, Reopening.category_id == category_id, Reopening.until >= act.today)
        )
        or 0
    ) > 0


def _people(act: Act, numbers: Select[int]) -> dict[int, _Applicant]:
    """The applications among `numbers`, locked, by number."""
    rows = act.session.execute(
        select(Application, Person.id, Person.name)
        .join(Member, Member.id == Application.member_id)
        .join(Person, Person.id == Member.person_id)
        .where(Application.id.in_(numbers))
        .order_by(Application.id)
        .with_for_update(of=Application)
    )
    return {row.id: _Applicant(row, person_id, name) for row, person_id, name in rows}


def _enter(
    act: Act, vote: Vote, applicants: Mapping[int, _Applicant], totals: BallotTotals, ballot: BranchBallot
) -> BranchBallot:
    """Decides the vote and stores it with what it means for each applicant who still waits."""
    if set(totals.votes) != set(applicants):
        raise NotFound("branch_ballot.other_applicants")
    if ballot.held_on > act.today:
        raise Refused("branch_ballot.in_the_future", field="held_on")
    rules = use_rules(act, ballot.congress_id, "branch_ballot.recorded", "quorum_branch", "majority_base")
    outcome = decide(contest(vote, totals, rules))
    refusals = [_at_its_place(finding, applicants) for finding in outcome.findings if _stops(finding)]
    voters = act.session.scalar(
        select(func.count()).select_from(Member).where(Member.branch_id == ballot.branch_id, VOTES)
    )
    if totals.expected > (voters or 0):
        over = Refused(
            "branch_ballot.expected_over_voters", field="electors.expected", expected=totals.expected, voters=voters
        )
        refusals.insert(0, over)
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


def _tell(act: Act, ballot: BranchBallot, applicants: Mapping[int, _Applicant], found: Mapping[int, Result]) -> None:
    told: dict[str, object] = {"number": ballot.number}
    if ballot.places is not None:
        told["places"] = ballot.places
    if ballot.version > 1:
        told |= {"version": ballot.version, "reason": ballot.reason}
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


def _at_its_place(finding: Finding, applicants: Mapping[int, _Applicant]) -> Refused:
    """The finding as a refusal, with the applicant's name in place of the id."""
    params = dict(finding.params)
    if "candidate" in params:
        params["candidate"] = applicants[int(str(params["candidate"]))].name
    return Refused(finding.code, field=finding.field, **params)
