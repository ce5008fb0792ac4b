"""The lives of applications and slates: every state × act × person, and walks at random beside a shadow."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from election.errors import Refused
from election.nomination.lifecycle import ApplicationAction as D
from election.nomination.lifecycle import (
    ApplicationEnd,
    application_transition,
    print_table,
    slate_transition,
)
from election.nomination.lifecycle import ApplicationState as P
from election.nomination.lifecycle import SlateAction as A
from election.nomination.lifecycle import SlateState as S
from election.texts import sentence

APPLICANT, OTHER = 1, 2
SUBMITTER = 1


def application(state: P, action: D, actor: int, **given: Any) -> P | str:
    try:
        return application_transition(state, action, actor, applicant=APPLICANT, **given)
    except Refused as refusal:
        assert sentence(refusal.code, refusal.params).en
        return refusal.code


# What the applicant and another person get, with a reason and a kind of end.
APPLICATIONS = {
    (P.APPLIED, D.NOMINATE): [P.PRELIMINARY] * 2,
    (P.APPLIED, D.PASS_OVER): [P.NOT_NOMINATED] * 2,
    (P.APPLIED, D.WITHDRAW): [P.WITHDRAWN] * 2,
    (P.APPLIED, D.END): [P.ENDED] * 2,
    (P.PRELIMINARY, D.RECOUNT): [P.APPLIED] * 2,
    (P.PRELIMINARY, D.PUT_FORWARD): [P.PUT_FORWARD] * 2,
    (P.PRELIMINARY, D.LEAVE_OUT): [P.LEFT_OUT] * 2,
    (P.PRELIMINARY, D.WITHDRAW): [P.WITHDRAWN] * 2,
    (P.PRELIMINARY, D.END): [P.ENDED] * 2,
    (P.NOT_NOMINATED, D.RECOUNT): [P.APPLIED] * 2,
    (P.LEFT_OUT, D.TAKE_BACK): [P.PRELIMINARY] * 2,
    (P.PUT_FORWARD, D.TAKE_BACK): [P.PRELIMINARY] * 2,
    (P.PUT_FORWARD, D.PROPOSE): ["application.own_review", P.PROPOSED],
    (P.PUT_FORWARD, D.REFUSE): ["application.own_review", P.REVIEW_REFUSED],
    (P.PUT_FORWARD, D.WITHDRAW): [P.WITHDRAWN] * 2,
    (P.PUT_FORWARD, D.END): [P.ENDED] * 2,
    (P.PROPOSED, D.REVIEW_AGAIN): [P.PUT_FORWARD] * 2,
    (P.PROPOSED, D.REFUSE): ["application.own_review", P.REVIEW_REFUSED],
    (P.PROPOSED, D.WITHDRAW): [P.WITHDRAWN] * 2,
    (P.PROPOSED, D.END): [P.ENDED] * 2,
}


@pytest.mark.parametrize(("state", "action"), list(product(P, D)))
def test_every_application_goes_where_the_table_says(state, action):
    found = [
        application(state, action, person, reason="理由", end=ApplicationEnd.DEATH) for person in (APPLICANT, OTHER)
    ]
    assert found == APPLICATIONS.get((state, action), ["application.not_now"] * 2)


def test_a_refusal_in_review_has_a_reason_and_an_end_its_kind():
    assert application(P.PUT_FORWARD, D.REFUSE, OTHER) == "application.reason_missing"
    assert application(P.PROPOSED, D.REFUSE, OTHER, reason=" ") == "application.reason_missing"
    assert application(P.PROPOSED, D.END, OTHER) == "application.end_unnamed"
    for end in ApplicationEnd:
        assert application(P.PROPOSED, D.END, OTHER, end=end) is P.ENDED


def test_who_is_left_out_or_voted_on_anew_is_told_why():
    assert application(P.PRELIMINARY, D.LEAVE_OUT, OTHER) == "application.reason_missing"
    assert application(P.PRELIMINARY, D.RECOUNT, OTHER, reason=" ") == "application.reason_missing"


def slate(state: S, action: A, actor: int, **given: Any) -> S | str:
    try:
        return slate_transition(state, action, actor, submitter=SUBMITTER, **given)
    except Refused as refusal:
        assert sentence(refusal.code, refusal.params).en
        return refusal.code


# What the submitter and another person get, with a reason and nothing that blocks.
SLATES = {
    (S.DRAFT, A.CHANGE): [S.DRAFT] * 2,
    (S.DRAFT, A.SUBMIT): [S.SUBMITTED] * 2,
    (S.RETURNED, A.CHANGE): [S.DRAFT] * 2,
    (S.RETURNED, A.SUBMIT): [S.SUBMITTED] * 2,
    (S.SUBMITTED, A.WITHDRAW): [S.DRAFT, "slate.withdrawn_by_other"],
    (S.SUBMITTED, A.FREEZE): ["slate.decided_by_submitter", S.FROZEN],
    (S.SUBMITTED, A.RETURN): ["slate.decided_by_submitter", S.RETURNED],
    (S.FROZEN, A.SUPERSEDE): [S.SUPERSEDED] * 2,
}


@pytest.mark.parametrize(("state", "action"), list(product(S, A)))
def test_every_slate_goes_where_the_table_says(state, action):
    found = [slate(state, action, person, reason="理由") for person in (SUBMITTER, OTHER)]
    assert found == SLATES.get((state, action), ["slate.not_now"] * 2)


@pytest.mark.parametrize(("state", "action"), [(S.SUBMITTED, A.RETURN), (S.FROZEN, A.SUPERSEDE)])
def test_a_return_and_a_new_version_need_a_reason(state, action):
    assert slate(state, action, OTHER) == "slate.reason_missing"


def test_a_slate_that_is_short_can_be_submitted_but_not_frozen():
    short = [sentence("slate.margin_short", {"unit": "高山镇", "category": "农民", "need": 5, "have": 4})]
    assert slate(S.DRAFT, A.SUBMIT, OTHER, blockers=short) is S.SUBMITTED
    with pytest.raises(Refused) as caught:
        slate_transition(S.SUBMITTED, A.FREEZE, OTHER, submitter=SUBMITTER, blockers=short)
    said = sentence(caught.value.code, caught.value.params)
    assert "高山镇·农民 需要 5 名候选人" in said.zh
    assert "5 candidates needed" in said.en


def test_both_tables_are_printed_for_the_docs():
    assert "初步人选 `preliminary`" in print_table()
    assert "已确定 `frozen`" in print_table()


class Application(RuleBasedStateMachine):
    """The shadow is what each desk has said last: the branch, the unit, the office. Who is proposed has three times yes,
    the last from somebody else; a desk takes back only what the next one has not gone on from.
    """

    def __init__(self) -> None:
        super().__init__()
        self.state = P.APPLIED
        self.said: dict[str, bool] = {}
        self.closed = False

    @rule(
        action=st.sampled_from(D),
        actor=st.integers(1, 3),
        reason=st.sampled_from(["", "理由"]),
        end=st.none() | st.sampled_from(ApplicationEnd),
    )
    def act(self, action, actor, reason, end):
        try:
            after = application_transition(self.state, action, actor, applicant=APPLICANT, reason=reason, end=end)
        except Refused:
            return
        assert not self.closed
        self.state = after
        if action in (D.LEAVE_OUT, D.REFUSE, D.RECOUNT):
            assert reason.strip()
        if action in (D.PROPOSE, D.REFUSE):
            assert actor != APPLICANT
        if action in (D.NOMINATE, D.PASS_OVER):
            assert self.said == {}
            self.said["branch"] = action is D.NOMINATE
        elif action is D.RECOUNT:
            assert set(self.said) == {"branch"}
            self.said = {}
        elif action in (D.PUT_FORWARD, D.LEAVE_OUT):
            assert self.said == {"branch": True}
            self.said["unit"] = action is D.PUT_FORWARD
        elif action is D.TAKE_BACK:
            assert "office" not in self.said
            del self.said["unit"]
        elif action in (D.PROPOSE, D.REFUSE):
            assert self.said.get("unit")
            self.said["office"] = action is D.PROPOSE
        elif action is D.REVIEW_AGAIN:
            assert self.said == {"branch": True, "unit": True, "office": True}
            del self.said["office"]
        self.closed = action in (D.WITHDRAW, D.END) or self.said.get("office") is False

    @invariant()
    def the_way_fits_the_state(self):
        assert (self.state is P.PROPOSED) == (
            not self.closed and self.said == {"branch": True, "unit": True, "office": True}
        )
        assert (self.state is P.APPLIED) == (not self.closed and self.said == {})
        assert (self.state is P.PUT_FORWARD) == (not self.closed and self.said == {"branch": True, "unit": True})


class Slate(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.state = S.DRAFT
        self.submitter: int | None = None
        self.freezer: int | None = None

    @rule(
        action=st.sampled_from(A),
        actor=st.integers(1, 3),
        reason=st.sampled_from(["", "理由"]),
        blockers=st.sampled_from([[], ["公示有异议"]]),
    )
    def act(self, action, actor, reason, blockers):
        try:
            after = slate_transition(
                self.state, action, actor, submitter=self.submitter, reason=reason, blockers=blockers
            )
        except Refused:
            return
        if self.state is S.FROZEN:
            assert (after, bool(reason)) == (S.SUPERSEDED, True)
        if action is A.SUBMIT:
            self.submitter = actor
        if action is A.FREEZE:
            assert not blockers
            self.freezer = actor
        self.state = after

    @invariant()
    def a_slate_is_frozen_by_another_person_than_its_submitter(self):
        if self.state in (S.FROZEN, S.SUPERSEDED):
            assert self.freezer is not None
            assert self.freezer != self.submitter


TestApplication = Application.TestCase
TestSlate = Slate.TestCase
