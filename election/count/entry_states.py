"""What a count form's double entry consists of: its states, the acts upon it, and the values it carries.

A form whose parts do not fit its state cannot be made: whoever loads one from storage learns at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from election.count.form import FormContents
from election.machine import Worded

PersonId = int


class EntryState(Worded):
    EMPTY = "empty", "未录入", "empty"
    FIRST_IN_PROGRESS = "first_in_progress", "第一次录入中", "first entry in progress"
    FIRST_HAS_ERRORS = "first_has_errors", "第一次录入有错误", "first entry has errors"
    FIRST_FINALISED = "first_finalised", "第一次录入完成", "first entry finalised"
    SECOND_IN_PROGRESS = "second_in_progress", "第二次录入中", "second entry in progress"
    ENTRIES_EQUAL = "entries_equal", "两次一致，待确认", "entries equal, awaiting confirmation"
    ENTRIES_DIFFER = "entries_differ", "两次不一致", "entries differ"
    FIRST_IN_CORRECTION = "first_in_correction", "第一次录入更正中", "first entry in correction"
    SECOND_IN_CORRECTION = "second_in_correction", "第二次录入更正中", "second entry in correction"
    CONFIRMED = "confirmed", "已确认", "confirmed"


class EntryAction(Worded):
    CLAIM = "claim", "领取录入", "claim"
    SAVE = "save", "保存草稿", "save the draft"
    FINALISE = "finalise", "提交录入", "finalise"
    DISCARD = "discard", "放弃录入", "discard"
    RESUME = "resume", "继续录入", "resume"
    RETURN = "return", "退回计票人", "return to its teller"
    KEEP = "keep", "保留一份", "keep one"
    DROP_BOTH = "drop_both", "两份作废", "drop both"
    CONFIRM = "confirm", "确认", "confirm"
    WITHDRAW = "withdraw", "撤销确认", "withdraw the confirmation"


class Side(Worded):
    FIRST = "first", "第一次录入", "first entry"
    SECOND = "second", "第二次录入", "second entry"


@dataclass(frozen=True, slots=True)
class Entry:
    """One person's entry. `has_errors` as found when it was finalised; `accepted`: keys of the warnings ticked."""

    person: PersonId
    values: FormContents = field(default_factory=FormContents)
    has_errors: bool = False
    accepted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A confirmation that one person wants withdrawn; another person has to agree."""

    asked_by: PersonId
    reason: str


@dataclass(frozen=True, slots=True)
class Reopening:
    """Why this version exists: the two names and the reason (edge case 19)."""

    asked_by: PersonId
    agreed_by: PersonId
    reason: str


_BOTH = (
    EntryState.SECOND_IN_PROGRESS,
    EntryState.ENTRIES_EQUAL,
    EntryState.ENTRIES_DIFFER,
    EntryState.FIRST_IN_CORRECTION,
    EntryState.SECOND_IN_CORRECTION,
    EntryState.CONFIRMED,
)


@dataclass(frozen=True, slots=True)
class FormState:
    """One version of a form. Raises ValueError when its parts do not fit its state."""

    version: int = 1
    state: EntryState = EntryState.EMPTY
    first: Entry | None = None
    second: Entry | None = None
    confirmed_by: PersonId | None = None
    withdrawal: Withdrawal | None = None
    reopening: Reopening | None = None
    # Who returned, kept or dropped an entry of this version, discarded another person's, or confirmed or withdrew the version
    # before: they enter none of it.
    judged_by: frozenset[PersonId] = frozenset()

    def __post_init__(self) -> None:
        confirmed = self.state is EntryState.CONFIRMED
        fits = (
            (self.first is not None) == (self.state is not EntryState.EMPTY)
            and (self.second is not None) == (self.state in _BOTH)
            and (self.confirmed_by is not None) == confirmed
            and (self.withdrawal is None or confirmed)
            and (self.reopening is not None) == (self.version > 1)
        )
        persons = [entry.person for entry in (self.first, self.second) if entry] + [self.confirmed_by]
        if not fits or len(persons) != len(set(persons)):
            raise ValueError(f"no form can be like this: {self.state.value}")
        if self.reopening and self.reopening.asked_by == self.reopening.agreed_by:
            raise ValueError("a form is reopened by two persons")

    def entry(self, side: Side) -> Entry | None:
        return self.first if side is Side.FIRST else self.second

    @property
    def active_side(self) -> Side | None:
        """The entry that someone is typing at the moment."""
        return ACTIVE.get(self.state)


ACTIVE: dict[EntryState, Side] = {
    EntryState.FIRST_IN_PROGRESS: Side.FIRST,
    EntryState.SECOND_IN_PROGRESS: Side.SECOND,
    EntryState.FIRST_IN_CORRECTION: Side.FIRST,
    EntryState.SECOND_IN_CORRECTION: Side.SECOND,
}

_S, _A = EntryState, EntryAction

# What a teller does with an entry. A refusal of these never says how the form stands.
TELLERS_ACTS = frozenset({_A.CLAIM, _A.SAVE, _A.FINALISE, _A.RESUME})

# Where each act may lead. What is not here is refused as `entry.not_now`, a teller's act as `entry.taken`.
TRANSITIONS: dict[tuple[EntryState, EntryAction], tuple[EntryState, ...]] = {
    (_S.EMPTY, _A.CLAIM): (_S.FIRST_IN_PROGRESS,),
    (_S.FIRST_IN_PROGRESS, _A.CLAIM): (_S.FIRST_IN_PROGRESS,),
    (_S.FIRST_IN_PROGRESS, _A.SAVE): (_S.FIRST_IN_PROGRESS,),
    (_S.FIRST_IN_PROGRESS, _A.FINALISE): (_S.FIRST_FINALISED, _S.FIRST_HAS_ERRORS),
    (_S.FIRST_IN_PROGRESS, _A.DISCARD): (_S.EMPTY,),
    (_S.FIRST_HAS_ERRORS, _A.RESUME): (_S.FIRST_IN_PROGRESS,),
    (_S.FIRST_HAS_ERRORS, _A.RETURN): (_S.FIRST_IN_PROGRESS,),
    (_S.FIRST_HAS_ERRORS, _A.DISCARD): (_S.EMPTY,),
    (_S.FIRST_FINALISED, _A.CLAIM): (_S.SECOND_IN_PROGRESS,),
    (_S.FIRST_FINALISED, _A.DISCARD): (_S.EMPTY,),
    (_S.SECOND_IN_PROGRESS, _A.CLAIM): (_S.SECOND_IN_PROGRESS,),
    (_S.SECOND_IN_PROGRESS, _A.SAVE): (_S.SECOND_IN_PROGRESS,),
    (_S.SECOND_IN_PROGRESS, _A.FINALISE): (_S.ENTRIES_EQUAL, _S.ENTRIES_DIFFER, _S.FIRST_HAS_ERRORS),
    (_S.SECOND_IN_PROGRESS, _A.DISCARD): (_S.FIRST_FINALISED,),
    (_S.ENTRIES_EQUAL, _A.CONFIRM): (_S.CONFIRMED,),
    (_S.ENTRIES_EQUAL, _A.DROP_BOTH): (_S.EMPTY,),
    (_S.ENTRIES_DIFFER, _A.RETURN): (_S.FIRST_IN_CORRECTION, _S.SECOND_IN_CORRECTION),
    (_S.ENTRIES_DIFFER, _A.KEEP): (_S.FIRST_FINALISED, _S.FIRST_HAS_ERRORS),
    (_S.ENTRIES_DIFFER, _A.DROP_BOTH): (_S.EMPTY,),
    (_S.FIRST_IN_CORRECTION, _A.CLAIM): (_S.FIRST_IN_CORRECTION,),
    (_S.FIRST_IN_CORRECTION, _A.SAVE): (_S.FIRST_IN_CORRECTION,),
    (_S.FIRST_IN_CORRECTION, _A.FINALISE): (_S.ENTRIES_EQUAL, _S.ENTRIES_DIFFER, _S.FIRST_HAS_ERRORS),
    (_S.FIRST_IN_CORRECTION, _A.DISCARD): (_S.FIRST_FINALISED,),
    (_S.SECOND_IN_CORRECTION, _A.CLAIM): (_S.SECOND_IN_CORRECTION,),
    (_S.SECOND_IN_CORRECTION, _A.SAVE): (_S.SECOND_IN_CORRECTION,),
    (_S.SECOND_IN_CORRECTION, _A.FINALISE): (_S.ENTRIES_EQUAL, _S.ENTRIES_DIFFER, _S.FIRST_HAS_ERRORS),
    (_S.SECOND_IN_CORRECTION, _A.DISCARD): (_S.FIRST_FINALISED,),
    (_S.CONFIRMED, _A.WITHDRAW): (_S.CONFIRMED, _S.EMPTY),
    (_S.CONFIRMED, _A.DISCARD): (_S.CONFIRMED,),
}
