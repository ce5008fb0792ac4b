"""Adds a round's figures up over all venues and groups, makes the contest of them, and ranks its names afterwards.

Whole numbers only, nothing typed, nothing stored. What the sums mean is decided in `contests/outcome.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from election.contests.decide import CONTEST_FORMAT
from election.contests.models import ContestKind as SeatsKind
from election.contests.models import RoundKind
from election.contests.outcome import (
    CandidateCount,
    ContestInput,
    ContestKind,
    ContestRules,
    MajorityBase,
    Outcome,
    Quorum,
    TieRule,
    WriteInCount,
    WriteInRule,
    votes_needed,
)
from election.count.form import FormContents, Marks
from election.count.models import Result
from election.count.sheet import SheetSection
from election.errors import Refused
from election.strokes import plain_name

# (name, category code) → who bears it with a vote in the unit, and whether they may be elected there.
Bearers = Mapping[tuple[str, str], Sequence[tuple[int, bool]]]

# (round id, name written in) → the member it stands for; None: ruled not eligible.
WriteInRulings = Mapping[tuple[int, str], int | None]


@dataclass(frozen=True, slots=True)
class Written:
    """A name written in, its votes over all forms, and the member it stands for."""

    id: str
    name: str
    votes: int
    member_id: int | None
    eligible: bool


@dataclass(frozen=True, slots=True)
class Totals:
    """A round's figures over all venues and groups."""

    valid: int
    spoiled: int
    marks: Mapping[str, tuple[int, int, int]]
    written: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Ballots:
    """The meeting's own figures for a round, over all venues."""

    expected: int
    present: int
    issued: int
    returned: int


@dataclass(frozen=True, slots=True)
class Line:
    """One name's votes in a round, ranked, and what became of it."""

    candidate_id: int | None
    member_id: int | None
    name: str
    rank: int
    votes_for: int
    votes_against: int
    abstentions: int
    result: Result


def contest_of(
    section: SheetSection,
    ballots: Ballots,
    sums: Totals,
    rules: ContestRules,
    members: Bearers,
    rulings: WriteInRulings,
) -> tuple[ContestInput, tuple[Written, ...]]:
    """The contest as counted. `members`: those who bear a name that was written in (edge case 9). Seats that are filled
    uncontested have no margin, in a supplementary election neither.
    """
    margin = 0 if section.kind is SeatsKind.UNCONTESTED else rules.margin
    bare = ContestInput(
        kind=kind_of(section),
        seats=section.seats,
        expected=ballots.expected,
        present=ballots.present,
        issued=ballots.issued,
        returned=ballots.returned,
        valid=sums.valid,
        spoiled=sums.spoiled,
        candidates=tuple(CandidateCount(f"c{key}", *marks) for key, marks in sums.marks.items()),
        write_ins=(),
        rules=replace(rules, write_in=section.write_in(rules.write_in), margin=margin),
    )
    written = identify(section, sums, votes_needed(bare), members, rulings)
    names = tuple(WriteInCount(one.id, one.votes, one.eligible) for one in written)
    return replace(bare, write_ins=names), written


def contest_rules(values: Mapping[str, Any]) -> ContestRules:
    """The rules of a contest from the congress's rules in force."""
    return ContestRules(
        Quorum.parse(str(values["quorum_meeting"])),
        MajorityBase(str(values["majority_base"])),
        int(values["margin_min"]),
        WriteInRule(str(values["write_in"])),
        TieRule(str(values["tie_at_cut"])),
    )


def kind_of(section: SheetSection) -> ContestKind:
    """A rerun is the same contest again; a tie ballot or supplementary election has its own rules."""
    if section.round_kind is RoundKind.TIE_BALLOT:
        return ContestKind.TIE_BALLOT
    if section.round_kind is RoundKind.SUPPLEMENTARY:
        return ContestKind.SUPPLEMENTARY
    return ContestKind(section.kind.value)


def add_up(section: SheetSection, forms: Sequence[FormContents]) -> Totals:
    """The exact sums of one round over the confirmed forms."""
    parts = [form.sections[section.key] for form in forms]
    written: dict[str, int] = {}
    for part in parts:
        for one in part.write_ins:
            written[one.name] = written.get(one.name, 0) + (one.for_ or 0)
    return Totals(
        valid=sum(part.valid or 0 for part in parts),
        spoiled=sum(part.spoiled or 0 for part in parts),
        marks={key.id: _sum_marks(part.candidates[key.id] for part in parts) for key in section.candidates},
        written=dict(sorted(written.items())),
    )


def _sum_marks(rows: Iterable[Marks]) -> tuple[int, int, int]:
    kept = list(rows)
    return (
        sum(row.for_ or 0 for row in kept),
        sum(row.against or 0 for row in kept),
        sum(row.abstain or 0 for row in kept),
    )


def identify(
    section: SheetSection,
    sums: Totals,
    needed: int | None,
    members: Bearers,
    rulings: WriteInRulings,
) -> tuple[Written, ...]:
    """Who the written-in names stand for. Where the roster knows one such person, it is that one; where it knows
    several (one who stands among them), or none who may be elected, and the name has enough votes, the scrutineer has to
    rule: nobody is passed over for a slip of the pen without a word. Who may not be elected is never guessed away: a namesake does not win with the
    votes of someone who stands elsewhere.
    """
    standing = {one.member_id for one in section.candidates}
    candidates = {plain_name(one.name) for one in section.candidates}
    threshold = 1 if needed is None else needed
    written = []
    for place, (name, votes) in enumerate(sums.written.items(), start=1):
        bearers = [one for one in members.get((name, section.category_code), []) if one[0] not in standing]
        known = [member_id for member_id, eligible in bearers if eligible]
        chosen: int | None
        if (section.round_id, name) in rulings:
            chosen = rulings[section.round_id, name]
            if chosen is not None and chosen not in known:
                raise Refused("count.write_in_not_eligible", field="write_ins", name=name, category=section.category)
        elif known and (len(bearers) > 1 or name in candidates) and votes >= threshold:
            raise Refused(
                "count.write_in_unclear", field="write_ins", name=name, count=len(bearers), category=section.category
            )
        elif not known and votes >= threshold:
            raise Refused("count.write_in_unknown", field="write_ins", name=name, category=section.category)
        else:
            chosen = known[0] if known and len(bearers) == 1 and name not in candidates else None
        written.append(Written(f"w{place}", name, votes, chosen, chosen is not None))
    return tuple(written)


def ranked(section: SheetSection, contest: ContestInput, outcome: Outcome, written: Sequence[Written]) -> list[Line]:
    """Every name, ranked: the elected by votes, then the tied, then the others by votes."""
    counts = {one.id: (one.for_, one.against, one.abstain) for one in contest.candidates}
    counts |= {one.id: (one.votes, 0, 0) for one in written}
    names: dict[str, tuple[int | None, int | None, str]] = {
        f"c{one.id}": (one.candidate_id, one.member_id, one.name) for one in section.candidates
    }
    names |= {one.id: (None, one.member_id, one.name) for one in written}
    settled = [*outcome.elected, *outcome.tied]
    # sorted() is stable: equal votes stay in ballot order, write-ins after candidates.
    others = sorted((key for key in counts if key not in settled), key=lambda key: -counts[key][0])
    lines = []
    for rank, key in enumerate([*settled, *others], start=1):
        candidate_id, member_id, name = names[key]
        votes_for, against, abstain = counts[key]
        result = Result.NOT_ELECTED
        if key in settled:
            result = Result.ELECTED if key in outcome.elected else Result.TIED
        lines.append(
            Line(
                candidate_id=candidate_id,
                member_id=member_id,
                name=name,
                rank=rank,
                votes_for=votes_for,
                votes_against=against,
                abstentions=abstain,
                result=result,
            )
        )
    return lines


def contest_json(contest: ContestInput) -> dict[str, Any]:
    """contest/1, as decided: anyone can decide it again."""
    return {
        "format": CONTEST_FORMAT,
        "kind": contest.kind.value,
        "seats": contest.seats,
        "electors": {"expected": contest.expected, "present": contest.present},
        "ballots": {
            "issued": contest.issued,
            "returned": contest.returned,
            "valid": contest.valid,
            "spoiled": contest.spoiled,
        },
        "candidates": [
            {"id": one.id, "for": one.for_, "against": one.against, "abstain": one.abstain}
            for one in contest.candidates
        ],
        "write_ins": [{"id": one.id, "for": one.for_, "eligible": one.eligible} for one in contest.write_ins],
        "rules": {
            "quorum": str(contest.rules.quorum),
            "majority_base": contest.rules.majority_base.value,
            "margin": contest.rules.margin,
            "write_in": contest.rules.write_in.value,
            "tie_at_cut": contest.rules.tie_at_cut.value,
        },
    }
