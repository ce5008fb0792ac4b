"""The life of a congress's published results, as one pure function. Never adds up anything.

Four eyes by person: who proposes does not publish. Every publication is a version of its own; while a correction is
proposed, the public still reads the version before (edge case 19).
"""

from __future__ import annotations

from collections.abc import Sequence

from election.errors import Refused
from election.machine import Bilingual, Worded, listed, require_reason, step, table_markdown


class ResultsState(Worded):
    NONE = "none", "未公布", "not published"
    PROPOSED = "proposed", "拟公布", "proposed"
    PUBLISHED = "published", "已公布", "published"
    CORRECTION_PROPOSED = "correction_proposed", "拟更正", "correction proposed"


class ResultsAction(Worded):
    PROPOSE = "propose", "提请公布", "propose"
    PUBLISH = "publish", "公布", "publish"
    WITHDRAW = "withdraw", "撤回提请", "withdraw the proposal"
    CORRECT = "correct", "提请更正", "propose a correction"


TRANSITIONS: dict[tuple[ResultsState, ResultsAction], ResultsState] = {
    (ResultsState.NONE, ResultsAction.PROPOSE): ResultsState.PROPOSED,
    (ResultsState.PROPOSED, ResultsAction.PUBLISH): ResultsState.PUBLISHED,
    (ResultsState.PROPOSED, ResultsAction.WITHDRAW): ResultsState.NONE,
    (ResultsState.PUBLISHED, ResultsAction.CORRECT): ResultsState.CORRECTION_PROPOSED,
    (ResultsState.CORRECTION_PROPOSED, ResultsAction.PUBLISH): ResultsState.PUBLISHED,
    (ResultsState.CORRECTION_PROPOSED, ResultsAction.WITHDRAW): ResultsState.PUBLISHED,
}


def transition(
    state: ResultsState,
    action: ResultsAction,
    actor: int,
    *,
    proposer: int | None = None,
    reason: str = "",
    blockers: Sequence[Bilingual | str] = (),
) -> ResultsState:
    """The state after the act of `actor`, or Refused.

    `proposer`: who made the proposal that is open. `blockers`: contests neither decided nor with a recorded follow-up;
    they stop proposing and publishing alike, since they may have come up between the two.
    """
    after = step("results", TRANSITIONS, state, action)
    if action is ResultsAction.PUBLISH and actor == proposer:
        raise Refused("results.published_by_proposer")
    if action is ResultsAction.CORRECT:
        require_reason("results", reason)
    if action is not ResultsAction.WITHDRAW and blockers:
        raise Refused("results.blocked", count=len(blockers), blockers=listed(blockers))
    return after


def is_public(state: ResultsState) -> bool:
    """Whether there is a published version to be read."""
    return state in (ResultsState.PUBLISHED, ResultsState.CORRECTION_PROPOSED)


def print_table() -> str:
    return table_markdown(ResultsState, ResultsAction, TRANSITIONS)
