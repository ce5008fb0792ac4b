"""Contests for tests, with everything that does not matter filled in."""

from __future__ import annotations

from collections.abc import Sequence

from election.contests.outcome import (
    CandidateCount,
    ContestInput,
    ContestKind,
    ContestRules,
    MajorityBase,
    Quorum,
    TieRule,
    WriteInCount,
    WriteInRule,
)

RULES = ContestRules(Quorum(4, 5), MajorityBase.EXPECTED, 20, WriteInRule.AGAINST, TieRule.BALLOT)


def contest(
    votes: Sequence[int | tuple[int, int, int]],
    *,
    seats: int = 1,
    expected: int = 10,
    present: int | None = None,
    issued: int | None = None,
    returned: int | None = None,
    valid: int | None = None,
    spoiled: int = 0,
    write_ins: Sequence[tuple[int, bool]] = (),
    kind: ContestKind = ContestKind.CONTESTED,
    rules: ContestRules = RULES,
) -> ContestInput:
    """Candidates c1, c2, … by their votes for (the rest against) or by all three marks; write-ins w1, w2, …"""
    present = expected if present is None else present
    issued = present if issued is None else issued
    returned = issued if returned is None else returned
    valid = returned - spoiled if valid is None else valid
    marks = [one if isinstance(one, tuple) else (one, valid - one, 0) for one in votes]
    return ContestInput(
        kind,
        seats,
        expected,
        present,
        issued,
        returned,
        valid,
        spoiled,
        tuple(CandidateCount(f"c{place}", *three) for place, three in enumerate(marks, 1)),
        tuple(WriteInCount(f"w{place}", *two) for place, two in enumerate(write_ins, 1)),
        rules,
    )
