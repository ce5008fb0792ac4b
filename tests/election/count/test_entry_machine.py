"""Count entry driven at random beside a shadow model that remembers, in plain words, what has happened."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from election.count.entry import TRANSITIONS, EntryAction, EntryState, FormState, Side, transition
from election.count.form import Attendance, FormContents
from election.errors import Refused

persons = st.integers(1, 4)
sheets = st.integers(1, 2).map(lambda present: FormContents(Attendance(9, present)))
ACT = EntryAction


class Shadow:
    """Entries, first and second: [person, values, finalised, errors]; the confirmer; who wants it withdrawn."""

    def __init__(self, version: int = 1) -> None:
        self.version = version
        self.entries: list[list] = []
        self.confirmed_by: int | None = None
        self.asked_by: int | None = None

    @property
    def tellers(self) -> list[int]:
        return [entry[0] for entry in self.entries]

    @property
    def typing(self) -> list | None:
        return next((entry for entry in self.entries if not entry[2]), None)

    @property
    def agree(self) -> bool:
        return len(self.entries) == 2 and self.entries[0][1] == self.entries[1][1] and not self.typing

    def may_claim(self, person: int) -> bool:
        if self.confirmed_by:
            return False
        if self.typing:
            return self.typing[0] == person
        if not self.entries:
            return True
        return len(self.entries) == 1 and not self.entries[0][3] and person not in self.tellers


class CountEntry(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.form = FormState()
        self.shadow = Shadow()

    def act(self, allowed: bool, action: EntryAction, actor: int, **given) -> bool:
        """Does it, and insists that the machine and the shadow agree on whether it may be done."""
        before = self.form
        try:
            self.form = transition(before, action, actor, **given)
        except Refused as refusal:
            assert not allowed, (before, action, actor, given, refusal)
            assert refusal.code.startswith("entry.")
            return False
        assert allowed, (before, action, actor, given)
        assert self.form.state in TRANSITIONS[before.state, action]
        return True

    @rule(actor=persons)
    def claim(self, actor):
        shadow = self.shadow
        fresh = shadow.typing is None
        if self.act(shadow.may_claim(actor), ACT.CLAIM, actor) and fresh:
            shadow.entries.append([actor, FormContents(), False, False])

    @rule(actor=persons, values=sheets)
    def save(self, actor, values):
        typing = self.shadow.typing
        if self.act(typing is not None and typing[0] == actor, ACT.SAVE, actor, values=values):
            typing[1] = values

    @rule(actor=persons, values=sheets, errors=st.booleans(), ticked=st.booleans())
    def finalise(self, actor, values, errors, ticked):
        shadow, typing = self.shadow, self.shadow.typing
        allowed = typing is not None and typing[0] == actor and (errors or ticked)
        warnings = frozenset({"w"})
        accepted = warnings if ticked else frozenset()
        if self.act(allowed, ACT.FINALISE, actor, values=values, errors=errors, warnings=warnings, accepted=accepted):
            typing[1:] = [values, True, errors]
            if shadow.agree:
                shadow.entries[0][3] = shadow.entries[1][3] = errors
                if errors:
                    shadow.entries.pop()

    @rule(actor=persons, reason=st.sampled_from(["", "离场"]), own=st.booleans())
    def discard(self, actor, reason, own):
        shadow = self.shadow
        if shadow.confirmed_by:
            if self.act(shadow.asked_by is not None, ACT.DISCARD, actor, reason=reason):
                shadow.asked_by = None
            return
        typing = shadow.typing
        gone = typing or (shadow.entries[0] if len(shadow.entries) == 1 else None)
        if own and gone:
            actor = gone[0]
        correction = typing is not None and len(typing) == 5
        free = typing is not None and typing[0] == actor and not correction
        if self.act(gone is not None and (free or bool(reason)), ACT.DISCARD, actor, reason=reason):
            shadow.entries.remove(gone)

    @rule(actor=persons)
    def resume(self, actor):
        shadow = self.shadow
        wrong = shadow.entries[0] if len(shadow.entries) == 1 and shadow.entries[0][2:4] == [True, True] else None
        if self.act(wrong is not None and wrong[0] == actor, ACT.RESUME, actor):
            wrong[2] = False

    @rule(actor=persons, side=st.sampled_from(Side))
    def send_back(self, actor, side):
        shadow = self.shadow
        third = actor not in shadow.tellers
        if len(shadow.entries) == 1:
            wrong = shadow.entries[0]
            if self.act(third and wrong[2:4] == [True, True], ACT.RETURN, actor, side=side):
                wrong[2] = False
            return
        place = 0 if side is Side.FIRST else 1
        differ = len(shadow.entries) == 2 and not shadow.typing and not shadow.agree
        clean = differ and not shadow.entries[1 - place][3]
        if self.act(third and clean, ACT.RETURN, actor, side=side):
            entry = shadow.entries[place]
            entry[2] = False
            entry[4:] = ["correction"]

    @rule(actor=persons, side=st.sampled_from(Side))
    def keep(self, actor, side):
        shadow = self.shadow
        differ = len(shadow.entries) == 2 and not shadow.typing and not shadow.agree
        if self.act(differ and actor not in shadow.tellers, ACT.KEEP, actor, side=side):
            shadow.entries = [shadow.entries[0 if side is Side.FIRST else 1]]

    @rule(actor=persons, reason=st.sampled_from(["", "重计"]))
    def drop_both(self, actor, reason):
        shadow = self.shadow
        both = len(shadow.entries) == 2 and not shadow.typing and not shadow.confirmed_by
        if self.act(both and actor not in shadow.tellers and bool(reason), ACT.DROP_BOTH, actor, reason=reason):
            shadow.entries = []

    @rule(actor=persons)
    def confirm(self, actor):
        shadow = self.shadow
        ready = shadow.agree and not shadow.confirmed_by
        if self.act(ready and actor not in shadow.tellers, ACT.CONFIRM, actor):
            shadow.confirmed_by = actor

    @rule(actor=persons, reason=st.sampled_from(["", "漏记"]))
    def withdraw(self, actor, reason):
        shadow = self.shadow
        asked = shadow.asked_by
        allowed = bool(shadow.confirmed_by) and (bool(reason) if asked is None else asked != actor)
        if self.act(allowed, ACT.WITHDRAW, actor, reason=reason):
            if asked is None:
                shadow.asked_by = actor
            else:
                assert {self.form.reopening.asked_by, self.form.reopening.agreed_by} == {asked, actor}
                self.shadow = Shadow(shadow.version + 1)

    @invariant()
    def machine_and_shadow_tell_the_same(self):
        entries = [entry for entry in (self.form.first, self.form.second) if entry]
        assert [entry.person for entry in entries] == self.shadow.tellers
        assert [entry.values for entry in entries] == [entry[1] for entry in self.shadow.entries]
        assert (self.form.version, self.form.confirmed_by) == (self.shadow.version, self.shadow.confirmed_by)

    @invariant()
    def what_is_confirmed_has_two_equal_clean_entries_and_three_persons(self):
        if self.form.state in (EntryState.CONFIRMED, EntryState.ENTRIES_EQUAL):
            first, second = self.form.first, self.form.second
            assert first.values == second.values
            assert not first.has_errors
            assert not second.has_errors
        if self.form.state is EntryState.CONFIRMED:
            assert len({self.form.first.person, self.form.second.person, self.form.confirmed_by}) == 3


TestCountEntry = CountEntry.TestCase
