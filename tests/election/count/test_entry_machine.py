"""Count entry driven at random beside a shadow model that remembers, in plain words, what has happened."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from election.count.entry import TRANSITIONS, EntryAction, EntryState, FormState, Side, transition
from election.count.form import Attendance, FormContents
from election.errors import Refused

persons = st.integers(1, 5)
sheets = st.integers(1, 2).map(lambda present: FormContents(Attendance(9, present)))
ACT = EntryAction


@dataclass
class Sheet:
    """One entry as the shadow remembers it."""

    person: int
    values: FormContents = field(default_factory=FormContents)
    finalised: bool = False
    errors: bool = False
    in_correction: bool = False


class Shadow:
    """The entries, first and second; the confirmer; who wants the confirmation withdrawn."""

    def __init__(self, version: int = 1) -> None:
        self.version = version
        self.entries: list[Sheet] = []
        self.confirmed_by: int | None = None
        self.asked_by: int | None = None
        self.judges: set[int] = set()

    @property
    def tellers(self) -> list[int]:
        return [entry.person for entry in self.entries]

    @property
    def typing(self) -> Sheet | None:
        return next((entry for entry in self.entries if not entry.finalised), None)

    @property
    def wrong(self) -> Sheet | None:
        """A lone finalised entry with errors."""
        lone = self.entries[0] if len(self.entries) == 1 else None
        return lone if lone and lone.finalised and lone.errors else None

    @property
    def agree(self) -> bool:
        return self.complete and self.entries[0].values == self.entries[1].values

    @property
    def differ(self) -> bool:
        return self.complete and not self.agree

    @property
    def complete(self) -> bool:
        return len(self.entries) == 2 and self.typing is None

    def may_claim(self, person: int) -> bool:
        if self.confirmed_by:
            return False
        if self.typing:
            return self.typing.person == person
        if person in self.judges:
            return False
        if not self.entries:
            return True
        return len(self.entries) == 1 and not self.entries[0].errors and person not in self.tellers


class CountEntry(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.form = FormState()
        self.shadow = Shadow()

    def act(self, allowed: bool, action: EntryAction, actor: int, **given: Any) -> bool:
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
            shadow.entries.append(Sheet(actor))

    @rule(actor=persons, values=sheets)
    def save(self, actor, values):
        typing = self.shadow.typing
        mine = typing is not None and typing.person == actor
        if self.act(mine, ACT.SAVE, actor, values=values) and typing:
            typing.values = values

    @rule(actor=persons, values=sheets, errors=st.booleans(), ticked=st.booleans())
    def finalise(self, actor, values, errors, ticked):
        shadow, typing = self.shadow, self.shadow.typing
        allowed = typing is not None and typing.person == actor and (errors or ticked)
        warnings = frozenset({"w"})
        accepted = warnings if ticked else frozenset[str]()
        done = self.act(
            allowed, ACT.FINALISE, actor, values=values, errors=errors, warnings=warnings, accepted=accepted
        )
        if not done or not typing:
            return
        typing.values, typing.finalised, typing.errors, typing.in_correction = values, True, errors, False
        if shadow.agree:
            for entry in shadow.entries:
                entry.errors = errors
            if errors:
                shadow.entries.pop()

    @rule(actor=persons, reason=st.sampled_from(["", "离场"]), own=st.booleans())
    def discard(self, actor, reason, own):
        shadow = self.shadow
        if shadow.confirmed_by:
            free = shadow.asked_by == actor or actor not in shadow.tellers
            if self.act(shadow.asked_by is not None and free, ACT.DISCARD, actor, reason=reason):
                shadow.asked_by = None
            return
        typing = shadow.typing
        gone = typing or (shadow.entries[0] if len(shadow.entries) == 1 else None)
        if own and gone:
            actor = gone.person
        free = typing is not None and typing.person == actor and not typing.in_correction
        anothers = gone is not None and gone.person != actor
        compared = any(entry.person == actor for entry in shadow.entries if entry is not gone)
        allowed = gone is not None and (free or bool(reason)) and not (anothers and compared)
        if self.act(allowed, ACT.DISCARD, actor, reason=reason) and gone:
            shadow.entries.remove(gone)
            if anothers:
                shadow.judges.add(actor)

    @rule(actor=persons)
    def resume(self, actor):
        wrong = self.shadow.wrong
        if self.act(wrong is not None and wrong.person == actor, ACT.RESUME, actor) and wrong:
            wrong.finalised = False

    @rule(actor=persons, side=st.sampled_from(Side))
    def send_back(self, actor, side):
        shadow, wrong = self.shadow, self.shadow.wrong
        third = actor not in shadow.tellers
        if len(shadow.entries) < 2:
            if self.act(third and wrong is not None, ACT.RETURN, actor, side=side) and wrong:
                wrong.finalised = False
                shadow.judges.add(actor)
            return
        place = 0 if side is Side.FIRST else 1
        clean = shadow.differ and not shadow.entries[1 - place].errors
        if self.act(third and clean, ACT.RETURN, actor, side=side):
            shadow.entries[place].finalised = False
            shadow.entries[place].in_correction = True
            shadow.judges.add(actor)

    @rule(actor=persons, side=st.sampled_from(Side))
    def keep(self, actor, side):
        shadow = self.shadow
        if self.act(shadow.differ and actor not in shadow.tellers, ACT.KEEP, actor, side=side):
            shadow.entries = [shadow.entries[0 if side is Side.FIRST else 1]]
            shadow.judges.add(actor)

    @rule(actor=persons, reason=st.sampled_from(["", "重计"]))
    def drop_both(self, actor, reason):
        shadow = self.shadow
        both = shadow.complete and not shadow.confirmed_by
        if self.act(both and actor not in shadow.tellers and bool(reason), ACT.DROP_BOTH, actor, reason=reason):
            shadow.entries = []
            shadow.judges.add(actor)

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
        allowed = bool(shadow.confirmed_by) and (
            bool(reason) if asked is None else asked != actor and not {asked, actor} <= set(shadow.tellers)
        )
        if self.act(allowed, ACT.WITHDRAW, actor, reason=reason):
            if asked is None:
                shadow.asked_by = actor
            else:
                assert self.form.reopening
                assert (self.form.reopening.asked_by, self.form.reopening.agreed_by) == (asked, actor)
                judges = (shadow.judges | {shadow.confirmed_by, asked, actor}) - set(shadow.tellers)
                self.shadow = Shadow(shadow.version + 1)
                self.shadow.judges = judges

    @rule(steps=st.lists(st.tuples(persons, sheets, st.sampled_from([False, False, True])), min_size=3, max_size=8))
    def an_evening_goes_on(self, steps):
        """What each state waits for, by whoever may do it: at random almost no form is ever confirmed."""
        for actor, values, errors in steps:
            shadow, typing = self.shadow, self.shadow.typing
            if typing:
                self.finalise(actor=typing.person, values=values, errors=errors, ticked=True)
            elif shadow.confirmed_by:
                self.withdraw(actor=actor, reason="漏记")
            elif shadow.agree:
                self.confirm(actor=actor)
            elif shadow.differ:
                self.send_back(actor=actor, side=Side.SECOND if errors else Side.FIRST)
            elif shadow.wrong:
                self.resume(actor=shadow.wrong.person)
            else:
                self.claim(actor=actor)
            self.machine_and_shadow_tell_the_same()
            self.what_is_confirmed_has_two_equal_clean_entries_and_three_persons()

    @invariant()
    def machine_and_shadow_tell_the_same(self) -> None:
        entries = [entry for entry in (self.form.first, self.form.second) if entry]
        assert [entry.person for entry in entries] == self.shadow.tellers
        assert [entry.values for entry in entries] == [entry.values for entry in self.shadow.entries]
        assert self.form.judged_by == self.shadow.judges
        assert (self.form.version, self.form.confirmed_by) == (self.shadow.version, self.shadow.confirmed_by)

    @invariant()
    def what_is_confirmed_has_two_equal_clean_entries_and_three_persons(self) -> None:
        if self.form.state not in (EntryState.CONFIRMED, EntryState.ENTRIES_EQUAL):
            return
        first, second = self.form.first, self.form.second
        assert first
        assert second
        assert first.values == second.values
        assert not first.has_errors
        assert not second.has_errors
        if self.form.state is EntryState.CONFIRMED:
            assert len({first.person, second.person, self.form.confirmed_by}) == 3


TestCountEntry = CountEntry.TestCase
