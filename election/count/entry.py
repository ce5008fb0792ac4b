"""The state machine of one count form, as one pure function. It compares persons, never accounts or roles: the second
entry needs another person than the first, what becomes of the two entries is judged by a third, no role exempt, and
who judged a version enters none of it. A teller who is refused is never told how the form stands.

It never checks figures (`checks.py` does, and its verdict is passed in) and never knows the meeting.
"""

from __future__ import annotations

from dataclasses import replace

from election.count.entry_states import (
    TELLERS_ACTS,
    TRANSITIONS,
    Entry,
    EntryAction,
    EntryState,
    FormState,
    PersonId,
    Reopening,
    Side,
    Withdrawal,
)
from election.count.form import FormContents, differences
from election.errors import Refused
from election.machine import require_reason

__all__ = [
    "TELLERS_ACTS",
    "TRANSITIONS",
    "Entry",
    "EntryAction",
    "EntryState",
    "FormState",
    "PersonId",
    "Reopening",
    "Side",
    "Withdrawal",
    "print_table",
    "transition",
]


def transition(
    form: FormState,
    action: EntryAction,
    actor: PersonId,
    *,
    side: Side | None = None,
    values: FormContents | None = None,
    accepted: frozenset[str] | None = None,
    errors: bool = False,
    warnings: frozenset[str] = frozenset(),
    reason: str = "",
) -> FormState:
    """The form after the act of `actor`, or Refused with a code `entry.…`.

    `side`: the entry that RETURN sends back or KEEP keeps. `values`, `accepted`: what SAVE and FINALISE store (None: as
    saved before). `errors`, `warnings`: what the checks say of the values being finalised, warnings by their keys; they
    must all be accepted unless there are errors. `reason`: needed by DROP_BOTH, WITHDRAW, and DISCARD of an entry that
    is another person's or was finalised once.

    WITHDRAW takes two persons: the first asks with a reason, the form stays confirmed; another one agrees, and the next
    version comes back empty. At least one of them is none of its tellers. The version before stays as it was: it is
    the value passed in. DISCARD takes the question back.
    """
    if (form.state, action) not in TRANSITIONS:
        if action in TELLERS_ACTS:
            raise Refused("entry.taken")
        raise Refused("entry.not_now", state=form.state, action=action)
    match action:
        case EntryAction.CLAIM:
            return _claim(form, actor)
        case EntryAction.SAVE:
            return _put(form, _typed(form, actor, values, accepted))
        case EntryAction.FINALISE:
            return _finalise(form, _typed(form, actor, values, accepted), errors, warnings)
        case EntryAction.DISCARD:
            return _discard(form, actor, reason)
        case EntryAction.RESUME:
            _require_own(form.first, actor)
            return replace(form, state=EntryState.FIRST_IN_PROGRESS)
        case EntryAction.RETURN:
            return _return(form, actor, side)
        case EntryAction.KEEP:
            return _keep(form, actor, side)
        case EntryAction.DROP_BOTH:
            _require_third(form, actor)
            require_reason("entry", reason)
            return _judged(replace(form, state=EntryState.EMPTY, first=None, second=None), actor)
        case EntryAction.CONFIRM:
            if actor in _persons(form):
                raise Refused("entry.confirmed_by_its_teller")
            return replace(form, state=EntryState.CONFIRMED, confirmed_by=actor)
        case EntryAction.WITHDRAW:
            return _withdraw(form, actor, reason)


def _persons(form: FormState) -> set[PersonId]:
    return {entry.person for entry in (form.first, form.second) if entry is not None}


def _require_own(entry: Entry | None, actor: PersonId) -> None:
    if entry is None or entry.person != actor:
        raise Refused("entry.taken")


def _require_third(form: FormState, actor: PersonId) -> None:
    """Nobody judges between an own entry and another one."""
    if actor in _persons(form):
        raise Refused("entry.judged_by_its_teller")


def _judged(form: FormState, actor: PersonId) -> FormState:
    """Who has seen two entries side by side cannot make one of them independently afterwards."""
    return replace(form, judged_by=form.judged_by | {actor})


def _put(form: FormState, entry: Entry) -> FormState:
    return replace(form, first=entry) if form.active_side is Side.FIRST else replace(form, second=entry)


def _typed(form: FormState, actor: PersonId, values: FormContents | None, accepted: frozenset[str] | None) -> Entry:
    """The entry being typed, with what was typed last; only its own person types."""
    entry = form.first if form.active_side is Side.FIRST else form.second
    _require_own(entry, actor)
    assert entry is not None
    return replace(
        entry,
        values=entry.values if values is None else values,
        accepted=entry.accepted if accepted is None else accepted,
    )


def _claim(form: FormState, actor: PersonId) -> FormState:
    if form.state in (EntryState.EMPTY, EntryState.FIRST_FINALISED) and actor in form.judged_by:
        raise Refused("entry.judge_may_not_enter")
    if form.state is EntryState.EMPTY:
        return replace(form, state=EntryState.FIRST_IN_PROGRESS, first=Entry(actor))
    if form.state is EntryState.FIRST_FINALISED:
        if actor in _persons(form):
            raise Refused("entry.second_by_first")
        if form.first is not None and form.first.has_errors:
            # Clean when it was handed in; the meeting's record has changed since.
            raise Refused("entry.not_ready")
        return replace(form, state=EntryState.SECOND_IN_PROGRESS, second=Entry(actor))
    # Someone is typing: claiming one's own again, after a crash or on another machine, changes nothing.
    typing = form.first if form.active_side is Side.FIRST else form.second
    if typing is not None and typing.person == actor:
        return form
    raise Refused("entry.taken")


def _finalise(form: FormState, entry: Entry, errors: bool, warnings: frozenset[str]) -> FormState:
    if not errors and (unticked := warnings - entry.accepted):
        raise Refused("entry.warnings_open", count=len(unticked))
    form = _put(form, replace(entry, has_errors=errors))
    if form.second is None:
        return replace(form, state=EntryState.FIRST_HAS_ERRORS if errors else EntryState.FIRST_FINALISED)
    assert form.first is not None
    if differences(form.first.values, form.second.values):
        return replace(form, state=EntryState.ENTRIES_DIFFER)
    if errors:
        # The same figures were clean before: the meeting's record has changed since. Nothing unclean is ever confirmed.
        return replace(form, state=EntryState.FIRST_HAS_ERRORS, first=replace(form.first, has_errors=True), second=None)
    return replace(form, state=EntryState.ENTRIES_EQUAL)


def _discard(form: FormState, actor: PersonId, reason: str) -> FormState:
    if form.state is EntryState.CONFIRMED:
        if form.withdrawal is None:
            raise Refused("entry.not_now", state=form.state, action=EntryAction.DISCARD)
        if form.withdrawal.asked_by != actor:
            _require_third(form, actor)
        return replace(form, withdrawal=None)
    side = form.active_side
    entry = form.second if side is Side.SECOND else form.first
    assert entry is not None
    # A teller may drop an own draft; for a teller who has left, or an entry once finalised, somebody gives a reason.
    if entry.person != actor or form.state not in (EntryState.FIRST_IN_PROGRESS, EntryState.SECOND_IN_PROGRESS):
        require_reason("entry", reason)
    kept = form.second if entry is form.first else form.first
    state = EntryState.EMPTY if kept is None else EntryState.FIRST_FINALISED
    left = replace(form, state=state, first=kept, second=None)
    if entry.person == actor:
        return left
    # Nobody rids an own entry of the one it is compared with.
    _require_third(form, actor)
    return _judged(left, actor)


def _sides(form: FormState, side: Side | None) -> tuple[Side, Entry, Entry]:
    """The side chosen, its entry, and the other one."""
    if side is None:
        raise Refused("entry.side_missing", field="side")
    assert form.first is not None and form.second is not None
    if side == Side.FIRST:
        return Side.FIRST, form.first, form.second
    return Side.SECOND, form.second, form.first


def _return(form: FormState, actor: PersonId, side: Side | None) -> FormState:
    _require_third(form, actor)
    if form.state is EntryState.FIRST_HAS_ERRORS:
        return _judged(replace(form, state=EntryState.FIRST_IN_PROGRESS), actor)
    returned, _, kept = _sides(form, side)
    if kept.has_errors:
        raise Refused("entry.kept_has_errors")
    corrected = EntryState.FIRST_IN_CORRECTION if returned is Side.FIRST else EntryState.SECOND_IN_CORRECTION
    return _judged(replace(form, state=corrected), actor)


def _keep(form: FormState, actor: PersonId, side: Side | None) -> FormState:
    """The kept entry is the first from now on; of the dropped one nothing is remembered, not even its author."""
    _require_third(form, actor)
    _, kept, _ = _sides(form, side)
    state = EntryState.FIRST_HAS_ERRORS if kept.has_errors else EntryState.FIRST_FINALISED
    return _judged(replace(form, state=state, first=kept, second=None), actor)


def _withdraw(form: FormState, actor: PersonId, reason: str) -> FormState:
    asked = form.withdrawal
    if asked is None:
        require_reason("entry", reason)
        return replace(form, withdrawal=Withdrawal(actor, reason.strip()))
    if asked.asked_by == actor:
        raise Refused("entry.withdrawn_by_one")
    if {asked.asked_by, actor} <= _persons(form):
        raise Refused("entry.withdrawn_by_its_tellers")
    assert form.confirmed_by is not None
    # Who has judged the figures does not type the next version; its tellers may, whoever of them asked.
    judges = (form.judged_by | {form.confirmed_by, asked.asked_by, actor}) - _persons(form)
    return FormState(
        version=form.version + 1, reopening=Reopening(asked.asked_by, actor, asked.reason), judged_by=judges
    )


def print_table() -> str:
    """The states × actions table for the docs. An empty cell is refused as `entry.not_now`."""
    acts = list(EntryAction)
    lines = ["| | " + " | ".join(f"{act.zh} `{act.value}`" for act in acts) + " |", "|---" * (len(acts) + 1) + "|"]
    for state in EntryState:
        cells = [" / ".join(f"`{after.value}`" for after in TRANSITIONS.get((state, act), ())) for act in acts]
        lines.append(f"| {state.zh} `{state.value}` | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
