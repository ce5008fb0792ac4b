"""Whether enough electors are present, and how many are missing. Whole numbers only; never decides what follows."""

from __future__ import annotations

from dataclasses import dataclass

from election.contests.outcome import Quorum

__all__ = ["Meter", "Quorum", "meter"]


@dataclass(frozen=True, slots=True)
class Meter:
    """The quorum meter of the meeting's page."""

    expected: int
    present: int
    needed: int
    missing: int
    holds: bool


def meter(quorum: Quorum, expected: int, present: int) -> Meter:
    """`expected` as reduced by consented exclusions (or provisional before), `present` over all venues."""
    needed = quorum.needed(expected)
    return Meter(expected, present, needed, max(0, needed - present), quorum.holds(present, expected))
