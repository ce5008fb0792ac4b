"""Whether a contest can be announced, as one pure function of its ballots: every seat filled or left vacant by a recorded
decision, or what follows agreed to and waiting for a later meeting. Decides no outcome and proposes nothing.

RULES, notice 3: all contests decided or their follow-up recorded. A ballot that is being held is neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from election.contests.models import RoundKind
from election.contests.outcome import OutcomeStatus
from election.machine import Worded


class Unsettled(Worded):
    """Why a contest cannot be announced yet."""

    NO_RESULT = "no_result", "没有结果", "no result"
    VOTING = "voting", "后续投票没有结果", "the later ballot has no result"
    VOID = "void", "选举无效，后续办法未定", "void, and what follows is not agreed"
    TIE = "tie", "得票相等，后续办法未定", "tied, and what follows is not agreed"
    SHORT = "short", "当选不足，后续办法未定", "seats unfilled, and what follows is not agreed"
    PROPOSED = "proposed", "后续办法已提出，等待监票人同意", "what follows is proposed and awaits a scrutineer"


# A meeting has voted, and its chair is to say what follows.
TO_PROPOSE = (Unsettled.VOID, Unsettled.TIE, Unsettled.SHORT)


@dataclass(frozen=True, slots=True)
class Ballot:
    """A round as it stands. `status`: of its outcome in force, None without one; `held`: a meeting votes on it, or has."""

    kind: RoundKind
    void: bool = False
    status: OutcomeStatus | None = None
    elected: int = 0
    held: bool = True


@dataclass(frozen=True, slots=True)
class Settlement:
    """`unsettled`: what keeps the contest from being announced; `later`: as what its open seats are voted on in a later
    meeting. Neither: it is done with.
    """

    unsettled: Unsettled | None = None
    later: RoundKind | None = None


def settle(seats: int, vacant: int, ballots: Sequence[Ballot], proposed: bool) -> Settlement:
    """`ballots`: the contest's rounds in their order, but for those that were not needed; `proposed`: what follows after the
    last of them waits for a scrutineer to agree.
    """
    relied_on = ballots if vacant else ballots[:-1]
    if any(not ballot.void and ballot.status is None for ballot in relied_on):  # withdrawn to be corrected
        return Settlement(Unsettled.NO_RESULT)
    if seats <= vacant + sum(ballot.elected for ballot in ballots):
        return Settlement()
    last = ballots[-1] if ballots else None
    if last is None or (len(ballots) == 1 and not last.void and last.status is None):
        return Settlement(Unsettled.NO_RESULT)
    if proposed:
        return Settlement(Unsettled.PROPOSED)
    if last.void:
        return Settlement(Unsettled.VOID)
    if last.status is None:
        return Settlement(Unsettled.VOTING) if last.held else Settlement(later=last.kind)
    return Settlement(Unsettled.TIE if last.status is OutcomeStatus.TIE else Unsettled.SHORT)
