"""The scrutineers' verbs on a count form: return, keep, drop, confirm, withdraw. Always a third person, no role exempt.

A confirmation that completes the meeting lets its contests be decided (`operations_outcome.py`), in the same act.
"""

from __future__ import annotations

from sqlalchemy import select

from election.count.entry import EntryAction, EntryState, Side, transition
from election.count.models import CountForm
from election.count.operations_form import (
    Loaded,
    load_form,
    require_countable,
    require_not_written_in,
    store_form,
    verdict,
)
from election.count.operations_outcome import decide_rounds, supersede_outcomes
from election.count.summing import WriteInRulings
from election.errors import Refused
from election.machine import listed
from election.meeting.models import CountingGroup, Venue
from election.people.act import Act
from election.people.permissions import Permission
from election.texts import sentence


def load_disinterested(act: Act, form_id: int, revision: int | None) -> Loaded:
    """The form for an act of the scrutineer, whom none of its figures may elect."""
    loaded = load_form(act, form_id, Permission.COUNT_CONFIRM, revision)
    for entry in (loaded.state.first, loaded.state.second):
        if entry is not None:
            require_not_written_in(loaded, entry.values)
    return loaded


def return_to_teller(act: Act, form_id: int, side: Side | None = None, revision: int | None = None) -> CountForm:
    """Sends one entry back to the person who made it; `side` where there are two. The other must be free of errors."""
    loaded = load_disinterested(act, form_id, revision)
    after = transition(loaded.state, EntryAction.RETURN, act.person_id, side=side)
    returned = after.entry(after.active_side) if after.active_side is not None else None
    return store_form(
        loaded,
        after,
        "count.returned",
        side=None if after.active_side is None else after.active_side.value,
        person=None if returned is None else returned.person,
    )


def keep_one(act: Act, form_id: int, side: Side, revision: int | None = None) -> CountForm:
    """Keeps one of two differing entries as the first; the other is dropped and another second one is made."""
    loaded = load_disinterested(act, form_id, revision)
    after = transition(loaded.state, EntryAction.KEEP, act.person_id, side=side)
    return store_form(
        loaded, after, "count.kept", side=side.value, person=None if after.first is None else after.first.person
    )


def drop_both(act: Act, form_id: int, reason: str, revision: int | None = None) -> CountForm:
    """Both entries are void; the form is entered anew."""
    loaded = load_disinterested(act, form_id, revision)
    persons = [entry.person for entry in (loaded.state.first, loaded.state.second) if entry is not None]
    after = transition(loaded.state, EntryAction.DROP_BOTH, act.person_id, reason=reason)
    return store_form(loaded, after, "count.dropped", persons=persons, reason=reason.strip())


def confirm(
    act: Act,
    form_id: int,
    revision: int | None = None,
    *,
    rulings: WriteInRulings | None = None,
) -> CountForm:
    """The scrutineer has compared the equal entries with the paper. The meeting's last form decides its rounds.

    `rulings`: who a written-in name stands for, where the roster alone cannot say (see `operations_outcome`). Raises
    Refused `count.not_clean` when the meeting's own record has changed under the figures.
    """
    loaded = load_disinterested(act, form_id, revision)
    after = transition(loaded.state, EntryAction.CONFIRM, act.person_id)
    require_countable(loaded.sheet, loaded.meeting)
    assert after.first is not None and after.second is not None
    findings, errors, _ = verdict(loaded, after.first.values)
    if errors:
        sentences = listed(sentence(one.code, one.params) for one in findings if one.severity.value == "error")
        raise Refused("count.not_clean", findings=sentences)
    row = store_form(loaded, after, "count.confirmed", tellers=[after.first.person, after.second.person])
    if not _waiting(act, loaded.meeting.id, row.ballot):
        decide_rounds(act, loaded.meeting, row.ballot, rulings or {})
    return row


def _waiting(act: Act, meeting_id: int, ballot: int) -> bool:
    """Whether a form of this ballot, of any venue and group, is still to be confirmed."""
    return (
        act.session.scalar(
            select(CountForm.id)
            .join(CountingGroup, CountingGroup.id == CountForm.group_id)
            .join(Venue, Venue.id == CountingGroup.venue_id)
            .where(
                Venue.meeting_id == meeting_id,
                CountForm.ballot == ballot,
                CountForm.superseded_at.is_(None),
                CountForm.state != EntryState.CONFIRMED,
            )
            .limit(1)
        )
        is not None
    )


def withdraw_confirmation(act: Act, form_id: int, reason: str = "", revision: int | None = None) -> CountForm:
    """Two persons reopen a confirmed form: the first asks with a reason, the second agrees and gets the new version.

    The version before stays as it was, and the outcomes that relied on it are superseded. What followed from them stands and
    waits: it counts on where its contest comes out alike, and else is taken back before the corrected form is confirmed
    (`decide_rounds`). Returns the form in force. `discard` takes the question back.
    """
    loaded = load_disinterested(act, form_id, revision)
    after = transition(loaded.state, EntryAction.WITHDRAW, act.person_id, reason=reason)
    if after.version == loaded.state.version:
        return store_form(loaded, after, "count.withdrawal_asked", reason=reason.strip())
    old, reopening = loaded.row, after.reopening
    assert reopening is not None
    old.superseded_at = act.now
    old.revision += 1
    act.session.flush()
    new = CountForm(
        group_id=old.group_id,
        number=old.number,
        ballot=old.ballot,
        version=after.version,
        state=after.state,
        reopened_by_id=reopening.asked_by,
        reopening_agreed_by_id=reopening.agreed_by,
        reopened_because=reopening.reason,
        judged_by=sorted(after.judged_by),
    )
    act.session.add(new)
    superseded = supersede_outcomes(act, loaded.meeting, old.ballot)
    act.record(
        "count.reopened",
        new,
        congress_id=loaded.meeting.congress_id,
        number=new.number,
        version=new.version,
        asked_by=reopening.asked_by,
        agreed_by=reopening.agreed_by,
        reason=reopening.reason,
        outcomes=superseded,
    )
    return new
