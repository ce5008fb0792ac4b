"""How counts decide one contest, for branch ballots, elections and sessions alike.

Values in, values out: whole numbers only, nothing is ever typed in, drawn or remembered, and no contest knows of
another one. Never elects at or below the majority, never more than the seats (edge case 4).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from election.findings import Finding, Severity


class ContestKind(StrEnum):
    CONTESTED = "contested"
    UNCONTESTED = "uncontested"
    TIE_BALLOT = "tie_ballot"
    SUPPLEMENTARY = "supplementary"
    PRESELECTION = "preselection"


class OutcomeStatus(StrEnum):
    REJECTED = "rejected"
    NO_QUORUM = "no_quorum"
    VOID = "void"
    TIE = "tie"
    SHORTFALL = "shortfall"
    DECIDED = "decided"


class FollowUp(StrEnum):
    RERUN = "rerun"
    TIE_BALLOT = "tie_ballot"
    LOT = "lot"
    SUPPLEMENTARY = "supplementary"


class MajorityBase(StrEnum):
    EXPECTED = "expected"
    PRESENT = "present"


class WriteInRule(StrEnum):
    """Who may write in another name (党章 11): one who votes against, also one who abstains, nobody."""

    AGAINST = "against"
    AGAINST_OR_ABSTAIN = "against_or_abstain"
    OFF = "off"


class TieRule(StrEnum):
    BALLOT = "ballot"
    LOT = "lot"


@dataclass(frozen=True, slots=True)
class Quorum:
    """A share of the expected electors: `4/5` means at least, `>1/2` means more than."""

    num: int
    den: int
    more_than: bool = False

    @classmethod
    def parse(cls, text: str) -> Quorum:
        """Raises ValueError for anything but a share from none to the whole, written `4/5` or `>1/2`."""
        match = re.fullmatch(r"(>?)([0-9]{1,9})/([0-9]{1,9})", text)
        if match is None:
            raise ValueError(text)
        num, den = int(match[2]), int(match[3])
        if not 0 <= num <= den or den == 0:
            raise ValueError(text)
        return cls(num, den, match[1] == ">")

    def holds(self, present: int, expected: int) -> bool:
        if self.more_than:
            return present * self.den > expected * self.num
        return present * self.den >= expected * self.num

    def needed(self, expected: int) -> int:
        """The least number present with which it holds."""
        if self.more_than:
            return expected * self.num // self.den + 1
        return -(-expected * self.num // self.den)

    def __str__(self) -> str:
        return f"{'>' if self.more_than else ''}{self.num}/{self.den}"


@dataclass(frozen=True, slots=True)
class ContestRules:
    """The rules in force for a contest, from the congress's rules. `margin` in percent of the seats."""

    quorum: Quorum
    majority_base: MajorityBase
    margin: int
    write_in: WriteInRule
    tie_at_cut: TieRule


@dataclass(frozen=True, slots=True)
class CandidateCount:
    id: str
    for_: int
    against: int
    abstain: int


@dataclass(frozen=True, slots=True)
class WriteInCount:
    """`eligible`: may be elected in this contest's category (edge case 9)."""

    id: str
    for_: int
    eligible: bool


@dataclass(frozen=True, slots=True)
class ContestInput:
    """One contest as counted, summed over all venues. Ids are unique over candidates and write-ins."""

    kind: ContestKind
    seats: int
    expected: int
    present: int
    issued: int
    returned: int
    valid: int
    spoiled: int
    candidates: tuple[CandidateCount, ...]
    write_ins: tuple[WriteInCount, ...]
    rules: ContestRules


@dataclass(frozen=True, slots=True)
class Outcome:
    """`votes_needed` is None where most votes win. `elected` in order of votes; `tied` in the given order."""

    status: OutcomeStatus
    votes_needed: int | None
    elected: tuple[str, ...] = ()
    tied: tuple[str, ...] = ()
    tied_seats: int = 0
    shortfall: int = 0
    follow_up: FollowUp | None = None
    findings: tuple[Finding, ...] = ()


def candidates_needed(seats: int, margin: int) -> int:
    """The least number of candidates for `seats` with `margin` percent more (差额比例, rounded up)."""
    return -(-seats * (100 + margin) // 100)


def votes_needed(contest: ContestInput) -> int | None:
    """地方条例: more than half of the base. In a tie ballot most votes win."""
    if contest.kind is ContestKind.TIE_BALLOT:
        return None
    return majority(contest.rules.majority_base, contest.expected, contest.present)


def majority(base: MajorityBase, expected: int, present: int) -> int:
    """The fewest votes that are more than half."""
    return (expected if base is MajorityBase.EXPECTED else present) // 2 + 1


def decide(contest: ContestInput) -> Outcome:
    """The outcome of a contest. Of the stages, the first that applies."""
    needed = votes_needed(contest)
    hints = _warnings(contest, needed)

    if wrong := _impossible_numbers(contest):
        return Outcome(OutcomeStatus.REJECTED, needed, findings=wrong + hints)
    if not contest.rules.quorum.holds(contest.present, contest.expected):
        return Outcome(
            OutcomeStatus.NO_QUORUM, needed, follow_up=FollowUp.RERUN, findings=(_no_quorum(contest), *hints)
        )
    if contest.returned > contest.issued:
        void = _error("contest.void", "ballots.returned", issued=contest.issued, returned=contest.returned)
        return Outcome(OutcomeStatus.VOID, needed, follow_up=FollowUp.RERUN, findings=(void, *hints))
    if wrong := _inconsistent_counts(contest):
        return Outcome(OutcomeStatus.REJECTED, needed, findings=wrong + hints)
    return _ranked(contest, needed, hints)


def _ranked(contest: ContestInput, needed: int | None, hints: tuple[Finding, ...]) -> Outcome:
    # A tie ballot knows no majority, but nobody wins it without a single vote.
    threshold = 1 if needed is None else needed
    standing = [(candidate.id, candidate.for_) for candidate in contest.candidates]
    standing += [(write_in.id, write_in.for_) for write_in in contest.write_ins if write_in.eligible]
    # sorted() is stable: equal votes stay in the given order, write-ins after candidates.
    above = sorted((entry for entry in standing if entry[1] >= threshold), key=lambda entry: -entry[1])

    open_seats = contest.seats - len(above)
    if open_seats < 0 and above[contest.seats - 1][1] == above[contest.seats][1]:
        # Edge case 10: a tie matters only across the cut, and only above the majority.
        cut = above[contest.seats][1]
        elected = tuple(name for name, votes in above if votes > cut)
        return Outcome(
            OutcomeStatus.TIE,
            needed,
            elected=elected,
            tied=tuple(name for name, votes in above if votes == cut),
            tied_seats=contest.seats - len(elected),
            follow_up=FollowUp.LOT if contest.rules.tie_at_cut is TieRule.LOT else FollowUp.TIE_BALLOT,
            findings=hints,
        )
    elected = tuple(name for name, _ in above[: contest.seats])
    if open_seats > 0:
        # Edge case 3: a valid election in which too few pass is a shortfall, never void.
        return Outcome(
            OutcomeStatus.SHORTFALL,
            needed,
            elected=elected,
            shortfall=open_seats,
            follow_up=FollowUp.SUPPLEMENTARY,
            findings=hints,
        )
    return Outcome(OutcomeStatus.DECIDED, needed, elected=elected, findings=hints)


def _error(code: str, field: str, **params: object) -> Finding:
    return Finding(code, Severity.ERROR, field, params)


def _warning(code: str, field: str, **params: object) -> Finding:
    return Finding(code, Severity.WARNING, field, params)


def _impossible_numbers(contest: ContestInput) -> tuple[Finding, ...]:
    found: list[Finding] = []
    if contest.expected < 1:
        found.append(_error("contest.nobody_expected", "electors.expected"))
    if contest.present > contest.expected:
        found.append(
            _error(
                "contest.present_over_expected",
                "electors.present",
                present=contest.present,
                expected=contest.expected,
            )
        )
    if contest.issued > contest.present:
        found.append(
            _error("contest.issued_over_present", "ballots.issued", issued=contest.issued, present=contest.present)
        )
    return tuple(found)


def _no_quorum(contest: ContestInput) -> Finding:
    return _error(
        "contest.no_quorum",
        "electors.present",
        present=contest.present,
        expected=contest.expected,
        quorum=str(contest.rules.quorum),
        need=contest.rules.quorum.needed(contest.expected),
    )


def write_ins_allowed(contest: ContestInput) -> int:
    """How many write-in votes the marks leave room for under the rule in force."""
    if contest.rules.write_in is WriteInRule.OFF:
        return 0
    room = sum(candidate.against for candidate in contest.candidates)
    if contest.rules.write_in is WriteInRule.AGAINST_OR_ABSTAIN:
        room += sum(candidate.abstain for candidate in contest.candidates)
    return room


def _inconsistent_counts(contest: ContestInput) -> tuple[Finding, ...]:
    found: list[Finding] = []
    if contest.valid + contest.spoiled != contest.returned:
        found.append(
            _error(
                "contest.returned_not_split",
                "ballots.valid",
                valid=contest.valid,
                spoiled=contest.spoiled,
                sum=contest.valid + contest.spoiled,
                returned=contest.returned,
            )
        )
    for place, candidate in enumerate(contest.candidates):
        marks = candidate.for_ + candidate.against + candidate.abstain
        if marks != contest.valid:
            found.append(
                _error(
                    "contest.marks_not_valid",
                    f"candidates[{place}]",
                    candidate=candidate.id,
                    sum=marks,
                    valid=contest.valid,
                )
            )
    written = sum(write_in.for_ for write_in in contest.write_ins)
    votes = sum(candidate.for_ for candidate in contest.candidates) + written
    if votes > contest.valid * contest.seats:
        found.append(
            _error(
                "contest.votes_over_seats",
                "candidates",
                sum=votes,
                valid=contest.valid,
                seats=contest.seats,
                most=contest.valid * contest.seats,
            )
        )
    if written > (room := write_ins_allowed(contest)):
        if contest.rules.write_in is WriteInRule.OFF:
            found.append(_error("contest.write_ins_off", "write_ins", sum=written))
        else:
            found.append(_error("contest.write_ins_over_marks", "write_ins", sum=written, most=room))
    return tuple(found)


def _warnings(contest: ContestInput, needed: int | None) -> tuple[Finding, ...]:
    """What a reader should see beside the outcome; never a different outcome."""
    found: list[Finding] = []
    if contest.kind not in (ContestKind.UNCONTESTED, ContestKind.TIE_BALLOT):
        need = candidates_needed(contest.seats, contest.rules.margin)
        if len(contest.candidates) < need:
            found.append(
                _warning(
                    "contest.margin_thin",
                    "candidates",
                    have=len(contest.candidates),
                    need=need,
                    seats=contest.seats,
                    margin=contest.rules.margin,
                )
            )
    for place, write_in in enumerate(contest.write_ins):
        field = f"write_ins[{place}]"
        if not write_in.eligible and write_in.for_ >= (1 if needed is None else needed):
            found.append(_warning("contest.write_in_ineligible", field, candidate=write_in.id, votes=write_in.for_))
        if write_in.for_ > contest.valid:
            found.append(
                _warning(
                    "contest.write_in_over_valid",
                    field,
                    candidate=write_in.id,
                    votes=write_in.for_,
                    valid=contest.valid,
                )
            )
    return tuple(found)
