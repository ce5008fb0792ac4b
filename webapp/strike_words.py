"""What a strike leaves of a slate, in words, for the chair who asks for it and the scrutineer who agrees: who stands then, and
whether the contest still has a choice (RULES edge case 6: never silently uncontested). Decides nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from election.contests.follow_up import AMONG_THE_TIED
from election.contests.models import ContestKind
from election.contests.outcome import candidates_needed
from election.meeting.queries_rounds import RoundView


@dataclass(frozen=True, slots=True)
class AfterStrike:
    """`names`: who stands then. `needed`: the candidates that the margin asks for, of a contested contest."""

    names: tuple[str, ...]
    seats: int
    needed: int

    @property
    def uncontested(self) -> bool:
        """No more candidates than seats, where there was to be a choice."""
        return self.needed > self.seats >= len(self.names)

    @property
    def thin(self) -> bool:
        """Still a choice, with less of a margin than the rules ask for."""
        return self.seats < len(self.names) < self.needed


def after_strike(
    row: RoundView, standing: Sequence[tuple[int, str]], leaving: Collection[int], margin: int
) -> AfterStrike:
    names = tuple(name for member, name in standing if member not in leaving)
    contested = row.kind is ContestKind.CONTESTED and row.round_kind not in AMONG_THE_TIED
    return AfterStrike(names, row.seats, candidates_needed(row.seats, margin) if contested else 0)
