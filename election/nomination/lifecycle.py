"""The lives of an application and of a slate, each as one pure function. Never counts votes and never tests a margin:
the branch ballot is decided in `contests/`, the margin in `margins.py`, and what blocks a slate is passed in.
"""

from __future__ import annotations

from collections.abc import Sequence

from election.errors import Refused
from election.machine import Bilingual, Worded, listed, require_reason, step, table_markdown


class ApplicationState(Worded):
    APPLIED = "applied", "已报名", "applied"
    PRELIMINARY = "preliminary", "初步人选", "preliminary nominee"
    NOT_NOMINATED = "not_nominated", "支部未推荐", "not nominated"
    PUT_FORWARD = "put_forward", "选举单位已上报", "put forward by the unit"
    LEFT_OUT = "left_out", "选举单位未上报", "left out by the unit"
    PROPOSED = "proposed", "预备人选", "proposed candidate"
    REVIEW_REFUSED = "review_refused", "审查未通过", "refused in review"
    WITHDRAWN = "withdrawn", "本人退出", "withdrawn"
    ENDED = "ended", "资格终止", "ended"


class ApplicationAction(Worded):
    NOMINATE = "nominate", "支部推荐", "nominate"
    PASS_OVER = "pass_over", "支部不推荐", "pass over"
    RECOUNT = "recount", "更正推选结果", "correct the branch ballot"
    PUT_FORWARD = "put_forward", "选举单位上报", "put forward"
    LEAVE_OUT = "leave_out", "选举单位不上报", "leave out"
    TAKE_BACK = "take_back", "选举单位撤回", "take back"
    REVIEW_AGAIN = "review_again", "重新审查", "review again"
    PROPOSE = "propose", "审查通过", "pass in review"
    REFUSE = "refuse", "审查不通过", "refuse in review"
    WITHDRAW = "withdraw", "退出", "withdraw"
    END = "end", "终止", "end"


class ApplicationEnd(Worded):
    """Why an application ends without anyone's will or judgement (edge case 14)."""

    DEATH = "death", "去世", "death"
    TRANSFER = "transfer", "组织关系转出", "transferred out"
    SCRUTINEER = "scrutineer", "担任监票人或计票人", "made scrutineer or teller"
    RIGHTS_SUSPENDED = "rights_suspended", "停止行使表决权", "voting rights suspended"


OPEN_STATES = (
    ApplicationState.APPLIED,
    ApplicationState.PRELIMINARY,
    ApplicationState.PUT_FORWARD,
    ApplicationState.PROPOSED,
)

# Who left for good, by will or by event: such an application holds nobody from another one.
GONE = (ApplicationState.WITHDRAWN, ApplicationState.ENDED)

APPLICATION_TRANSITIONS: dict[tuple[ApplicationState, ApplicationAction], ApplicationState] = {
    (ApplicationState.APPLIED, ApplicationAction.NOMINATE): ApplicationState.PRELIMINARY,
    (ApplicationState.APPLIED, ApplicationAction.PASS_OVER): ApplicationState.NOT_NOMINATED,
    # a branch ballot is corrected only while the unit has not gone on from it
    (ApplicationState.PRELIMINARY, ApplicationAction.RECOUNT): ApplicationState.APPLIED,
    (ApplicationState.NOT_NOMINATED, ApplicationAction.RECOUNT): ApplicationState.APPLIED,
    (ApplicationState.PRELIMINARY, ApplicationAction.PUT_FORWARD): ApplicationState.PUT_FORWARD,
    (ApplicationState.PRELIMINARY, ApplicationAction.LEAVE_OUT): ApplicationState.LEFT_OUT,
    (ApplicationState.LEFT_OUT, ApplicationAction.TAKE_BACK): ApplicationState.PRELIMINARY,
    (ApplicationState.PUT_FORWARD, ApplicationAction.TAKE_BACK): ApplicationState.PRELIMINARY,
    (ApplicationState.PUT_FORWARD, ApplicationAction.PROPOSE): ApplicationState.PROPOSED,
    (ApplicationState.PUT_FORWARD, ApplicationAction.REFUSE): ApplicationState.REVIEW_REFUSED,
    # a body objects after the review: the office has to answer before a slate may hold the person
    (ApplicationState.PROPOSED, ApplicationAction.REVIEW_AGAIN): ApplicationState.PUT_FORWARD,
    # an objection upheld after the review, or another person who sees it otherwise
    (ApplicationState.PROPOSED, ApplicationAction.REFUSE): ApplicationState.REVIEW_REFUSED,
    **{(state, ApplicationAction.WITHDRAW): ApplicationState.WITHDRAWN for state in OPEN_STATES},
    **{(state, ApplicationAction.END): ApplicationState.ENDED for state in OPEN_STATES},
}


def application_transition(
    state: ApplicationState,
    action: ApplicationAction,
    actor: int,
    *,
    applicant: int,
    reason: str = "",
    end: ApplicationEnd | None = None,
) -> ApplicationState:
    """The state after the act of `actor`, or Refused. Nobody reviews the own application; a refusal and a withdrawal
    have a reason, an end its kind.
    """
    after = step("application", APPLICATION_TRANSITIONS, state, action)
    if action in (ApplicationAction.PROPOSE, ApplicationAction.REFUSE) and actor == applicant:
        raise Refused("application.own_review")
    if action in (ApplicationAction.REFUSE, ApplicationAction.LEAVE_OUT, ApplicationAction.RECOUNT):
        require_reason("application", reason)
    if action is ApplicationAction.WITHDRAW and not reason.strip():
        raise Refused("application.withdrawal_unexplained", field="reason")
    if action is ApplicationAction.END and end is None:
        raise Refused("application.end_unnamed", field="end")
    return after


class SlateState(Worded):
    DRAFT = "draft", "草稿", "draft"
    SUBMITTED = "submitted", "选举单位已提交", "submitted"
    FROZEN = "frozen", "已确定", "frozen"
    RETURNED = "returned", "退回", "returned"
    SUPERSEDED = "superseded", "已取代", "superseded"


# Still made by the unit, or out of its hands.
IN_HAND = (SlateState.DRAFT, SlateState.RETURNED)
HANDED_IN = (SlateState.SUBMITTED, SlateState.FROZEN)


class SlateAction(Worded):
    CHANGE = "change", "修改", "change"
    SUBMIT = "submit", "提交", "submit"
    WITHDRAW = "withdraw", "撤回", "withdraw"
    FREEZE = "freeze", "确定", "freeze"
    RETURN = "return", "退回", "return"
    SUPERSEDE = "supersede", "由新版本取代", "supersede"


SLATE_TRANSITIONS: dict[tuple[SlateState, SlateAction], SlateState] = {
    (SlateState.DRAFT, SlateAction.CHANGE): SlateState.DRAFT,
    (SlateState.DRAFT, SlateAction.SUBMIT): SlateState.SUBMITTED,
    (SlateState.RETURNED, SlateAction.CHANGE): SlateState.DRAFT,
    (SlateState.RETURNED, SlateAction.SUBMIT): SlateState.SUBMITTED,
    (SlateState.SUBMITTED, SlateAction.WITHDRAW): SlateState.DRAFT,
    (SlateState.SUBMITTED, SlateAction.FREEZE): SlateState.FROZEN,
    (SlateState.SUBMITTED, SlateAction.RETURN): SlateState.RETURNED,
    (SlateState.FROZEN, SlateAction.SUPERSEDE): SlateState.SUPERSEDED,
}


def slate_transition(
    state: SlateState,
    action: SlateAction,
    actor: int,
    *,
    submitter: int | None = None,
    reason: str = "",
    blockers: Sequence[Bilingual | str] = (),
) -> SlateState:
    """The state after the act of `actor`, or Refused.

    The unit submits, the office freezes: two persons. `blockers` (margins short, objections open) stop the freezing
    only, so that a unit can show the office a slate that needs its decision. Superseding needs a reason (edge case 14).
    """
    after = step("slate", SLATE_TRANSITIONS, state, action)
    if action in (SlateAction.FREEZE, SlateAction.RETURN) and actor == submitter:
        raise Refused("slate.decided_by_submitter")
    if action is SlateAction.WITHDRAW and actor != submitter:
        raise Refused("slate.withdrawn_by_other")
    if action in (SlateAction.RETURN, SlateAction.SUPERSEDE):
        require_reason("slate", reason)
    if action is SlateAction.FREEZE and blockers:
        raise Refused("slate.blocked", count=len(blockers), blockers=listed(blockers))
    return after


def print_table() -> str:
    """Both tables for the docs."""
    return (
        table_markdown(ApplicationState, ApplicationAction, APPLICATION_TRANSITIONS)
        + "\n"
        + table_markdown(SlateState, SlateAction, SLATE_TRANSITIONS)
    )
