"""The life of a scheme: every state × act × person, and a walk at random beside a shadow."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from election.errors import Refused
from election.quotas.lifecycle import SchemeAction as A
from election.quotas.lifecycle import SchemeState as S
from election.quotas.lifecycle import print_table, transition
from election.texts import sentence

AUTHOR, SUBMITTER, OTHER = 1, 2, 3

# What AUTHOR, SUBMITTER and OTHER get, with a reason and nothing that blocks.
EXPECTED = {
    (S.DRAFT, A.CHANGE): [S.DRAFT] * 3,
    (S.DRAFT, A.SUBMIT): [S.SUBMITTED] * 3,
    (S.RETURNED, A.CHANGE): [S.DRAFT] * 3,
    (S.RETURNED, A.SUBMIT): [S.SUBMITTED] * 3,
    (S.SUBMITTED, A.WITHDRAW): ["scheme.withdrawn_by_other", S.DRAFT, "scheme.withdrawn_by_other"],
    (S.SUBMITTED, A.APPROVE): ["scheme.decided_by_author", "scheme.decided_by_submitter", S.APPROVED],
    (S.SUBMITTED, A.RETURN): ["scheme.decided_by_author", "scheme.decided_by_submitter", S.RETURNED],
    (S.APPROVED, A.SUPERSEDE): [S.SUPERSEDED] * 3,
}


def outcome(state: S, action: A, actor: int, **given: Any) -> S | str:
    try:
        return transition(state, action, actor, authors={AUTHOR}, submitter=SUBMITTER, **given)
    except Refused as refusal:
        assert sentence(refusal.code, refusal.params).en
        return refusal.code


@pytest.mark.parametrize(("state", "action"), list(product(S, A)))
def test_every_person_gets_what_the_table_says(state, action):
    found = [outcome(state, action, person, reason="理由") for person in (AUTHOR, SUBMITTER, OTHER)]
    assert found == EXPECTED.get((state, action), ["scheme.not_now"] * 3)


def test_an_approved_scheme_is_never_changed():
    assert outcome(S.APPROVED, A.CHANGE, OTHER) == "scheme.not_now"


def test_a_return_needs_a_reason():
    assert outcome(S.SUBMITTED, A.RETURN, OTHER) == "scheme.reason_missing"


@pytest.mark.parametrize(("state", "action"), [(S.DRAFT, A.SUBMIT), (S.SUBMITTED, A.APPROVE)])
def test_what_is_wrong_with_a_scheme_stops_it_and_is_said(state, action):
    with pytest.raises(Refused) as caught:
        transition(state, action, OTHER, authors={AUTHOR}, submitter=SUBMITTER, blockers=["合计不符", "有冲突"])
    assert caught.value.code == "scheme.blocked"
    assert "合计不符；有冲突" in sentence(caught.value.code, caught.value.params).zh


def test_the_table_is_printed_for_the_docs():
    assert "| 待批准 `submitted` |" in print_table()
    assert len(print_table().splitlines()) == 2 + len(S)


class Scheme(RuleBasedStateMachine):
    """The shadow keeps who has written and who has submitted, and which decisions were taken by whom."""

    def __init__(self) -> None:
        super().__init__()
        self.state = S.DRAFT
        self.authors = {1}
        self.submitter: int | None = None
        self.approver: int | None = None

    @rule(action=st.sampled_from(A), actor=st.integers(1, 4), reason=st.sampled_from(["", "理由"]))
    def act(self, action, actor, reason):
        try:
            after = transition(self.state, action, actor, authors=self.authors, submitter=self.submitter, reason=reason)
        except Refused as refusal:
            assert refusal.code.startswith("scheme.")
            return
        assert self.state is not S.SUPERSEDED
        if self.state is S.APPROVED:
            assert after is S.SUPERSEDED
        if action is A.CHANGE:
            self.authors |= {actor}
        if action is A.SUBMIT:
            self.submitter = actor
        if action is A.APPROVE:
            self.approver = actor
        if action is A.RETURN:
            assert reason
            assert actor not in self.authors | {self.submitter}
        self.state = after

    @invariant()
    def no_scheme_is_approved_by_who_wrote_or_submitted_it(self):
        if self.state in (S.APPROVED, S.SUPERSEDED):
            assert self.approver is not None
            assert self.approver not in self.authors | {self.submitter}


TestScheme = Scheme.TestCase
