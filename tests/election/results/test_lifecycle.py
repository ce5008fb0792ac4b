"""The life of published results: every state × act × person, and a walk at random beside a shadow."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from election.errors import Refused
from election.results.lifecycle import ResultsAction as A
from election.results.lifecycle import ResultsState as S
from election.results.lifecycle import is_public, print_table, transition
from election.texts import sentence

PROPOSER, OTHER = 1, 2

EXPECTED = {
    (S.NONE, A.PROPOSE): [S.PROPOSED] * 2,
    (S.PROPOSED, A.PUBLISH): ["results.published_by_proposer", S.PUBLISHED],
    (S.PROPOSED, A.WITHDRAW): [S.NONE] * 2,
    (S.PUBLISHED, A.CORRECT): [S.CORRECTION_PROPOSED] * 2,
    (S.CORRECTION_PROPOSED, A.PUBLISH): ["results.published_by_proposer", S.PUBLISHED],
    (S.CORRECTION_PROPOSED, A.WITHDRAW): [S.PUBLISHED] * 2,
}


def outcome(state: S, action: A, actor: int, **given: Any) -> S | str:
    try:
        return transition(state, action, actor, proposer=PROPOSER, **given)
    except Refused as refusal:
        assert sentence(refusal.code, refusal.params).en
        return refusal.code


@pytest.mark.parametrize(("state", "action"), list(product(S, A)))
def test_every_person_gets_what_the_table_says(state, action):
    found = [outcome(state, action, person, reason="更正") for person in (PROPOSER, OTHER)]
    assert found == EXPECTED.get((state, action), ["results.not_now"] * 2)


@pytest.mark.parametrize(
    ("state", "action"),
    [(S.NONE, A.PROPOSE), (S.PROPOSED, A.PUBLISH), (S.PUBLISHED, A.CORRECT), (S.CORRECTION_PROPOSED, A.PUBLISH)],
)
def test_undecided_contests_stop_proposing_and_publishing_alike(state, action):
    assert outcome(state, action, OTHER, reason="更正", blockers=["高山镇·农民"]) == "results.blocked"


def test_a_proposal_can_be_withdrawn_whatever_blocks():
    assert outcome(S.PROPOSED, A.WITHDRAW, OTHER, blockers=["高山镇·农民"]) is S.NONE


def test_a_correction_needs_a_reason():
    assert outcome(S.PUBLISHED, A.CORRECT, OTHER) == "results.reason_missing"


def test_the_table_is_printed_for_the_docs():
    assert "拟更正 `correction_proposed`" in print_table()


class Results(RuleBasedStateMachine):
    """The shadow counts publications and remembers the open proposal."""

    def __init__(self) -> None:
        super().__init__()
        self.state = S.NONE
        self.proposer: int | None = None
        self.versions: list[tuple[int | None, int]] = []

    @rule(action=st.sampled_from(A), actor=st.integers(1, 3), reason=st.sampled_from(["", "更正"]))
    def act(self, action, actor, reason):
        try:
            after = transition(self.state, action, actor, proposer=self.proposer, reason=reason)
        except Refused:
            return
        if action in (A.PROPOSE, A.CORRECT):
            assert self.proposer is None
            self.proposer = actor
        if action is A.PUBLISH:
            self.versions.append((self.proposer, actor))
        if action in (A.PUBLISH, A.WITHDRAW):
            self.proposer = None
        self.state = after

    @invariant()
    def what_is_public_was_published_by_two_persons(self):
        assert is_public(self.state) == bool(self.versions)
        assert all(proposer not in (None, publisher) for proposer, publisher in self.versions)
        assert (self.proposer is None) == (self.state in (S.NONE, S.PUBLISHED))


TestResults = Results.TestCase
