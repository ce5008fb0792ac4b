"""The six phases of a congress: forward only, one at a time, through a gate. Never looks at the election itself:
what still blocks the next phase is passed in (asked of `progress/`).
"""

from __future__ import annotations

from collections.abc import Sequence

from election.errors import Refused
from election.machine import Bilingual, Worded, listed


class Phase(Worded):
    """S3.3: the county's headline. Acts are gated by their own unit, contest and round, never by this alone."""

    PREPARATION = "preparation", "准备", "preparation"
    REGISTRATION = "registration", "党员登记", "registration"
    NOMINATION = "nomination", "代表候选人产生", "nomination"
    ELECTION = "election", "代表选举", "election"
    ANNOUNCEMENT = "announcement", "代表公告", "announcement"
    ARCHIVE = "archive", "资料整理", "archive"


def next_phase(phase: Phase) -> Phase | None:
    """None after the archive."""
    phases = list(Phase)
    place = phases.index(phase) + 1
    return phases[place] if place < len(phases) else None


def advance(phase: Phase, to: Phase, blockers: Sequence[Bilingual | str] = ()) -> Phase:
    """The phase `to`, if it is the next one and nothing blocks it. `to` is named so that a stale page moves nothing."""
    phases = list(Phase)
    if phases.index(to) <= phases.index(phase):
        raise Refused("phase.no_way_back", phase=phase, to=to)
    if to is not next_phase(phase):
        raise Refused("phase.not_next", phase=phase, to=to, next=next_phase(phase))
    if blockers:
        raise Refused("phase.blocked", to=to, count=len(blockers), blockers=listed(blockers))
    return to


def print_table() -> str:
    """The phases for the docs."""
    lines = ["| phase | 阶段 | next |", "|---|---|---|"]
    for phase in Phase:
        after = next_phase(phase)
        lines.append(f"| `{phase.value}` | {phase.zh} | {f'`{after.value}`' if after else ''} |")
    return "\n".join(lines) + "\n"
