"""What the scrutineers' report of a meeting says, as data: what its fingerprint is of is made from these. Pure.

Computes nothing but who was elected over all votes, which is the record's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from election.contests.models import ContestKind, RoundKind
from election.contests.outcome import OutcomeStatus
from election.count.models import Result
from election.count.papers_lot import DrawnLot
from election.meeting.models_evening import SpoiledKind


@dataclass(frozen=True, slots=True)
class Marked:
    """A name's votes. `key` tells namesakes apart; `against` and `abstain` are None for a name that was written in."""

    key: str
    name: str
    for_: int
    against: int | None
    abstain: int | None


@dataclass(frozen=True, slots=True)
class Ranked(Marked):
    result: Result


@dataclass(frozen=True, slots=True)
class Part:
    """What one counting group's confirmed form says of a contest. `where`: its venue; `number`: the form's own. `valid`,
    `spoiled` None, no marks: withheld, since so few voted there that it would show how (edge case 15).
    """

    where: str
    number: str
    issued: int
    returned: int
    valid: int | None
    spoiled: int | None
    marks: Sequence[Marked]

    @property
    def figures(self) -> tuple[int | None, ...]:
        return self.issued, self.returned, self.valid, self.spoiled

    @property
    def withheld(self) -> bool:
        return self.valid is None


@dataclass(frozen=True, slots=True)
class Vacancy:
    """A decision to leave seats without a delegate."""

    seats: int
    consented: int
    expected: int
    reason: str
    document: str
    decided_on: date | None


@dataclass(frozen=True, slots=True)
class CountedContest:
    """A round with its outcome in force. `void`: more ballots came back than were issued, and nothing was counted;
    `status` is None then, and while the count is not confirmed. `lot`: of a tie that was not voted on again but drawn.
    `by_venue`: of a void round, what each venue issued and got back.
    """

    category: str
    kind: ContestKind
    round_kind: RoundKind
    seats: int
    void: bool
    status: OutcomeStatus | None
    version: int
    issued: int
    returned: int
    valid: int
    spoiled: int
    votes_needed: int | None
    tied_seats: int
    shortfall: int
    lines: Sequence[Ranked]
    parts: Sequence[Part]
    spoiled_by_kind: Mapping[SpoiledKind, int]
    vacancy: Vacancy | None
    lot: DrawnLot | None = None
    by_venue: Sequence[tuple[str, int, int]] = ()

    @property
    def name(self) -> str:
        again = "" if self.round_kind is RoundKind.ORDINARY else f"·{self.round_kind.zh}"
        return f"{self.category}（{self.kind.zh}{again}）"


@dataclass(frozen=True, slots=True)
class CountedVote:
    """One vote of the evening. `present`: over all venues."""

    vote: int
    present: int
    contests: Sequence[CountedContest]


@dataclass(frozen=True, slots=True)
class Correction:
    """A form that was confirmed, reopened by two persons for a reason, and confirmed anew (edge case 19)."""

    number: str
    version: int
    because: str
    asked_by: str
    agreed_by: str


@dataclass(frozen=True, slots=True)
class Report:
    """`counted_on`: the day of the last outcome; `facts`: the data that the paper was made from, `hash` their fingerprint;
    `rules`: the congress's values of `RULES`.
    """

    congress: str
    unit: str
    meeting: int
    held_on: date
    counted_on: date
    place: str
    expected: int
    venues: Sequence[tuple[str, int]]
    votes: Sequence[CountedVote]
    scrutineers: Sequence[str]
    tellers: Sequence[str]
    corrections: Sequence[Correction]
    chair: str
    rules: Mapping[str, Any]
    facts: Mapping[str, Any]
    hash: str

    @property
    def complete(self) -> bool:
        return all(one.void or one.status is not None for vote in self.votes for one in vote.contests)

    def elected(self) -> list[Elected]:
        """Category by category, over all votes. Of a contest the first vote here says how many seats were to be filled."""
        rounds: dict[str, dict[ContestKind, list[CountedContest]]] = {}
        for vote in self.votes:
            for one in vote.contests:
                rounds.setdefault(one.category, {}).setdefault(one.kind, []).append(one)
        found = []
        for category, contests in rounds.items():
            every = [one for held in contests.values() for one in held]
            names = [line.name for one in every for line in one.lines if line.result is Result.ELECTED]
            vacant = sum(one.vacancy.seats for one in every if one.vacancy is not None)
            found.append(Elected(category, sum(held[0].seats for held in contests.values()), names, vacant))
        return found


@dataclass(frozen=True, slots=True)
class Elected:
    """Who was elected in a category. `vacant`: seats that were left without a delegate by a decision."""

    category: str
    seats: int
    names: Sequence[str]
    vacant: int

    @property
    def open(self) -> int:
        return self.seats - len(self.names) - self.vacant
