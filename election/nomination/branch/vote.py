"""A branch's secret ballot as a contest of the pure `contests/`: which kind it is, and what it means for each applicant.

Pure. Without places all above the majority go on; with places only as many, and a tie across the last place is voted on
again among the tied alone. Never counts, stores or remembers anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

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
)
from election.errors import Refused

# branch_places: as many go on as there are places.
BY_PLACES = "places"
COUNTED = (OutcomeStatus.DECIDED, OutcomeStatus.SHORTFALL, OutcomeStatus.TIE)


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


class Result(Enum):
    PASSED = "passed"
    TIED = "tied"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Vote:
    """What a branch votes on: applicants, and how many may go on. `tie`: they tied across the last place before."""

    applicants: tuple[int, ...]
    places: int | None
    tie: bool

    @property
    def kind(self) -> ContestKind:
        """More applicants than places make it a contest; else each is approved or not."""
        if self.tie:
            return ContestKind.TIE_BALLOT
        contested = self.places is not None and len(self.applicants) > self.places
        return ContestKind.CONTESTED if contested else ContestKind.PRESELECTION

    @property
    def seats(self) -> int:
        """Not contested: as many seats as applicants, so that the majority alone decides and nothing ties."""
        return len(self.applicants) if self.places is None else min(self.places, len(self.applicants))


def contest(vote: Vote, totals: BallotTotals, rules: Mapping[str, Any]) -> ContestInput:
    """The contest to be decided. `rules`: the congress's values of quorum_branch and majority_base."""
    return ContestInput(
        kind=vote.kind,
        seats=vote.seats,
        expected=totals.expected,
        present=totals.present,
        issued=totals.issued,
        returned=totals.returned,
        valid=totals.valid,
        spoiled=totals.spoiled,
        candidates=tuple(
            CandidateCount(str(one), totals.votes[one].for_, totals.votes[one].against, totals.votes[one].abstain)
            for one in vote.applicants
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


def expected_refusal(expected: int, voters: int, excluded_because: str) -> Refused | None:
    """Why a branch of `voters` with a vote cannot have expected so many: never more, and fewer only for a reason, since
    quorum and majority rest on this number.
    """
    if expected > voters:
        return Refused(
            "branch_ballot.expected_over_voters", field="electors.expected", expected=expected, voters=voters
        )
    if expected < voters and not excluded_because.strip():
        return Refused(
            "branch_ballot.fewer_unexplained",
            field="excluded_because",
            expected=expected,
            voters=voters,
            missing=voters - expected,
        )
    if expected == voters and excluded_because.strip():
        return Refused("branch_ballot.nobody_excluded", field="excluded_because", voters=voters)
    return None


def results(outcome: Outcome, applicants: Sequence[int]) -> dict[int, Result]:
    """What a counted outcome means for each applicant."""
    return {
        one: Result.PASSED
        if str(one) in outcome.elected
        else Result.TIED
        if str(one) in outcome.tied
        else Result.FAILED
        for one in applicants
    }


def votes_needed(outcome: Outcome) -> int:
    """The votes with which one goes on at least: in a tie ballot, where most votes win, a single one."""
    return 1 if outcome.votes_needed is None else outcome.votes_needed
