"""A unit's slates walked at random by unit and office while people come and go, beside a shadow that knows only the rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from election.contests.models import ContestKind
from election.errors import Refused
from election.nomination.applying.operations import end_application
from election.nomination.lifecycle import ApplicationEnd, ApplicationState, SlateState
from election.nomination.models import Application, Slate, Source
from election.nomination.queries import SlateLine, slates
from election.nomination.slates.operations import (
    freeze_slates,
    open_slates,
    return_slates,
    submit_slates,
    supersede_slate,
    withdraw_slates,
)
from election.store.audit import digest, verify
from tests.support.county import County, county_from
from tests.support.depth import examples
from tests.support.nominating import LONG, handed_in, members_of, publish
from tests.support.stores import Stores

IN_HAND = (SlateState.DRAFT, SlateState.RETURNED)
CATEGORIES = ("leader", "farmer")
# One contested seat each in this county; the margin asks for a second candidate.
NEEDED = 2


@dataclass
class Shadow:
    """A slate as it must be: its state, version and members; `standing`: who should be on it."""

    state: SlateState = SlateState.SUBMITTED
    version: int = 1
    people: set[int] = field(default_factory=set)
    standing: set[int] = field(default_factory=set)


class SlatesOfAUnit(RuleBasedStateMachine):
    stores: Stores

    @initialize()
    def begin(self) -> None:
        self.county: County = county_from(self.stores, "handed in", handed_in)
        self.county.wait(LONG)
        self.contents: dict[int, str] = {}
        self.shadows: dict[str, Shadow] = {name: Shadow() for name in (*CATEGORIES, "assigned")}
        for name, members in self._seen_members().items():
            self.shadows[name].people, self.shadows[name].standing = set(members), set(members)

    def teardown(self) -> None:
        if hasattr(self, "county"):
            self.county.database.close()

    def _lines(self) -> dict[str, SlateLine]:
        with self.county.reading() as session:
            return {
                "assigned" if line.kind is ContestKind.UNCONTESTED else line.category_code: line
                for line in slates(session, self.county.congress_id, self.county.units["u1"])
            }

    def _seen_members(self) -> dict[str, list[int]]:
        return {name: [one.member_id for one in line.candidates] for name, line in self._lines().items()}

    def _try(self, who: str, operation: Callable[..., object], *given: object) -> bool:
        try:
            with self.county.acting(who) as act:
                operation(act, *given)
        except Refused:
            return False
        return True

    def _unit(self, who: str, operation: Callable[..., object], *given: object) -> bool:
        return self._try(who, operation, self.county.units["u1"], *given)

    @rule()
    def drawn_up(self) -> None:
        in_hand = [one for one in self.shadows.values() if one.state in IN_HAND]
        assert self._unit("u1", open_slates) == bool(in_hand)
        for one in in_hand:
            one.state, one.people = SlateState.DRAFT, set(one.standing)

    @rule()
    def handed_in(self) -> None:
        in_hand = [one for one in self.shadows.values() if one.state in IN_HAND]
        allowed = bool(in_hand) and all(one.people == one.standing for one in in_hand)
        assert self._unit("u1", submit_slates) == allowed
        for one in in_hand if allowed else ():
            one.state = SlateState.SUBMITTED

    @rule(back=st.sampled_from(["taken", "given"]))
    def back_to_the_unit(self, back: str) -> None:
        submitted = [one for one in self.shadows.values() if one.state is SlateState.SUBMITTED]
        done = self._unit("u1", withdraw_slates) if back == "taken" else self._unit("office", return_slates, "请核对")
        assert done == bool(submitted)
        for one in submitted:
            one.state = SlateState.DRAFT if back == "taken" else SlateState.RETURNED

    @rule()
    def frozen(self) -> None:
        every = list(self.shadows.values())
        submitted = [one for one in every if one.state is SlateState.SUBMITTED]
        allowed = (
            bool(submitted)
            and not any(one.state in IN_HAND for one in every)
            and all(one.people == one.standing for one in every)
            and all(len(self.shadows[name].standing) >= NEEDED for name in CATEGORIES)
        )
        assert self._unit("office", freeze_slates) == allowed
        for one in submitted if allowed else ():
            one.state = SlateState.FROZEN

    @rule(category=st.sampled_from(CATEGORIES), place=st.integers(0, 3))
    def somebody_leaves(self, category: str, place: int) -> None:
        one = self.shadows[category]
        standing = sorted(one.standing)
        if not standing:
            return
        member = standing[place % len(standing)]
        with self.county.reading() as session:
            application = session.query(Application).filter_by(member_id=member, state=ApplicationState.PROPOSED).one()
        assert self._try("office", end_application, application.id, ApplicationEnd.TRANSFER)
        one.standing.discard(member)
        if member not in one.people:
            return
        if one.state is SlateState.FROZEN:
            one.state, one.version, one.people = SlateState.DRAFT, one.version + 1, set(one.standing)
        else:
            one.state = SlateState.RETURNED if one.state is SlateState.SUBMITTED else one.state
            one.people.discard(member)

    @precondition(lambda self: hasattr(self, "county"))
    @rule(category=st.sampled_from(CATEGORIES))
    def somebody_joins(self, category: str) -> None:
        ever = set().union(*(set(members) for members in self._ever().values()))
        free = [one for one in members_of(self.county, "u1-b2", category) if one not in ever]
        if not free:
            return
        with self.county.acting("office") as act:
            act.session.add(
                Application(
                    congress_id=self.county.congress_id,
                    member_id=free[0],
                    branch_id=self.county.branches["u1-b2"],
                    unit_id=self.county.units["u1"],
                    category_id=self.county.categories[category],
                    source=Source.SELF,
                    state=ApplicationState.PROPOSED,
                    submitted_at=act.now,
                )
            )
            act.record("application.reviewed", "application", congress_id=self.county.congress_id)
        publish(self.county)
        self.county.wait(LONG)
        self.shadows[category].standing.add(free[0])

    def _ever(self) -> dict[str, list[int]]:
        with self.county.reading() as session:
            applied = [row.member_id for row in session.query(Application).all()]
        return {"applied": applied, **{name: list(one.people) for name, one in self.shadows.items()}}

    @rule(category=st.sampled_from(CATEGORIES), reason=st.sampled_from(["", "有变动"]))
    def a_new_version(self, category: str, reason: str) -> None:
        one, line = self.shadows[category], self._lines()[category]
        assert line.slate is not None
        allowed = one.state is SlateState.FROZEN and bool(reason)
        assert self._try("office", supersede_slate, line.slate.id, reason) == allowed
        if allowed:
            one.state, one.version, one.people = SlateState.DRAFT, one.version + 1, set(one.standing)

    @invariant()
    def everything_is_as_the_shadow_says(self) -> None:
        if not hasattr(self, "shadows"):
            return
        for name, line in self._lines().items():
            one = self.shadows[name]
            assert line.slate is not None
            assert (line.state, line.slate.version) == (one.state, one.version), name
            assert {candidate.member_id for candidate in line.candidates} == one.people, name
            assert [candidate.position for candidate in line.candidates] == list(range(1, len(one.people) + 1))

    @invariant()
    def what_was_frozen_never_changes(self) -> None:
        if not hasattr(self, "contents"):
            return
        with self.county.reading() as session:
            for slate in session.query(Slate).filter(Slate.state.in_((SlateState.FROZEN, SlateState.SUPERSEDED))):
                assert slate.hash == digest(slate.content) == self.contents.setdefault(slate.id, slate.hash)
                assert slate.frozen_by_id != slate.submitted_by_id
                assert slate.content is not None and len(slate.content["candidates"]) == len(slate.candidates)
            assert verify(session) == []


def test_slates_go_only_where_the_rules_let_them(sqlite_stores: Stores) -> None:
    machine = type("Machine", (SlatesOfAUnit,), {"stores": sqlite_stores})
    run_state_machine_as_test(machine, settings=examples(10, steps=14))
