"""The life of an allocation scheme, as one pure function. Never computes seats and never knows who holds which role.

Four eyes by person: whoever wrote or submitted a scheme does not decide on it. An approved scheme is frozen and
hashed; a change after that is a new version, and its approval supersedes the old one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from election.errors import Refused
from election.machine import Bilingual, Worded, listed, require_reason, step, table_markdown


class SchemeState(Worded):
    DRAFT = "draft", "草案", "draft"
    SUBMITTED = "submitted", "待批准", "submitted"
    APPROVED = "approved", "已批准", "approved"
    RETURNED = "returned", "已退回", "returned"
    SUPERSEDED = "superseded", "已取代", "superseded"


class SchemeAction(Worded):
    CHANGE = "change", "修改", "change"
    SUBMIT = "submit", "送审", "submit"
    WITHDRAW = "withdraw", "撤回送审", "withdraw"
    APPROVE = "approve", "批准", "approve"
    RETURN = "return", "退回", "return"
    SUPERSEDE = "supersede", "由新版本取代", "supersede"


TRANSITIONS: dict[tuple[SchemeState, SchemeAction], SchemeState] = {
    (SchemeState.DRAFT, SchemeAction.CHANGE): SchemeState.DRAFT,
    (SchemeState.DRAFT, SchemeAction.SUBMIT): SchemeState.SUBMITTED,
    (SchemeState.RETURNED, SchemeAction.CHANGE): SchemeState.DRAFT,
    (SchemeState.RETURNED, SchemeAction.SUBMIT): SchemeState.SUBMITTED,
    (SchemeState.SUBMITTED, SchemeAction.WITHDRAW): SchemeState.DRAFT,
    (SchemeState.SUBMITTED, SchemeAction.APPROVE): SchemeState.APPROVED,
    (SchemeState.SUBMITTED, SchemeAction.RETURN): SchemeState.RETURNED,
    (SchemeState.APPROVED, SchemeAction.SUPERSEDE): SchemeState.SUPERSEDED,
}


def transition(
    state: SchemeState,
    action: SchemeAction,
    actor: int,
    *,
    authors: Collection[int],
    submitter: int | None = None,
    reason: str = "",
    blockers: Sequence[Bilingual | str] = (),
) -> SchemeState:
    """The state after the act of `actor`, or Refused.

    `authors`: every person who made or changed this version. `submitter`: who submitted it, once someone has.
    `blockers`: what is still wrong with it (totals that do not match, conflicts); they stop submission and approval.
    """
    after = step("scheme", TRANSITIONS, state, action)
    if action in (SchemeAction.APPROVE, SchemeAction.RETURN):
        if actor == submitter:
            raise Refused("scheme.decided_by_submitter")
        if actor in authors:
            raise Refused("scheme.decided_by_author")
    if action is SchemeAction.WITHDRAW and actor != submitter:
        raise Refused("scheme.withdrawn_by_other")
    if action is SchemeAction.RETURN:
        require_reason("scheme", reason)
    if action in (SchemeAction.SUBMIT, SchemeAction.APPROVE) and blockers:
        raise Refused("scheme.blocked", count=len(blockers), blockers=listed(blockers))
    return after


def print_table() -> str:
    return table_markdown(SchemeState, SchemeAction, TRANSITIONS)
