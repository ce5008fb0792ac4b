"""Loads a count form into the pure machine's state and stores what became of it. Every act on a form goes through here.

Decides nothing: `entry.py` does. `operations.py` holds the tellers' verbs, `operations_scrutiny.py` the scrutineers'.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from election.count.checks import check, has_errors, warning_keys
from election.count.entry import Entry, EntryState, FormState, Reopening, Side, Withdrawal
from election.count.form import FormContents, from_json, to_json
from election.count.models import CountForm, FormEntry
from election.count.queries_form import errors_of
from election.count.queries_sheet import load_sheet
from election.count.queries_write_ins import members_named, votes_that_elect
from election.count.sheet import Sheet
from election.errors import NotFound, Refused, Stale
from election.findings import Finding
from election.meeting.models import CountingGroup, Meeting, Venue
from election.meeting.operations import load_meeting
from election.meeting.operations_ballots import require_disinterested, require_officer
from election.people.act import Act
from election.people.permissions import Permission
from election.store.database import leave_no_history

SIDES = (Side.FIRST, Side.SECOND)


@dataclass(slots=True)
class Loaded:
    """A form locked for the act, its meeting, its paper and the state the machine works on."""

    act: Act
    row: CountForm
    meeting: Meeting
    sheet: Sheet
    entries: dict[Side, FormEntry]
    state: FormState

    def findings(self, contents: FormContents) -> tuple[Finding, ...]:
        return check(contents, self.sheet.context)


def load_form(act: Act, form_id: int, permission: Permission, revision: int | None = None) -> Loaded:
    """The form in force, locked. `revision`: the one the page was made from; None where the act cannot be stale.

    Raises NotFound, Forbidden for a person who may not (a candidate of the unit never may, nor anyone who is no
    officer of this meeting), Stale.
    """
    meeting_id = act.session.scalar(
        select(Venue.meeting_id)
        .join(CountingGroup, CountingGroup.venue_id == Venue.id)
        .join(CountForm, CountForm.group_id == CountingGroup.id)
        .where(CountForm.id == form_id)
    )
    if meeting_id is None:
        raise NotFound("count.no_such_form")
    # The meeting first, always: its figures and its void rounds must not change under the act.
    meeting = load_meeting(act, meeting_id)
    require_officer(act, meeting, permission)
    row = act.session.get_one(CountForm, form_id, with_for_update=True)
    if row.superseded_at is not None or (revision is not None and row.revision != revision):
        if permission is Permission.COUNT_ENTER:  # a teller is never told how the form stands
            raise Stale("count.in_other_hands", number=row.number)
        raise Stale("count.moved_on", number=row.number, state=current_state(act, row))
    sheet = load_sheet(act.session, row.group_id, row.ballot)
    entries = {
        entry.side: entry for entry in act.session.scalars(select(FormEntry).where(FormEntry.form_id == form_id))
    }
    return Loaded(act, row, meeting, sheet, entries, _state_of(row, entries, sheet))


def current_state(act: Act, row: CountForm) -> EntryState:
    """The state of the version in force of this form."""
    return act.session.scalars(
        select(CountForm.state).where(
            CountForm.group_id == row.group_id, CountForm.ballot == row.ballot, CountForm.superseded_at.is_(None)
        )
    ).one()


def _state_of(row: CountForm, entries: dict[Side, FormEntry], sheet: Sheet) -> FormState:
    def entry(side: Side) -> Entry | None:
        stored = entries.get(side)
        if stored is None:
            return None
        contents = sheet.fitted(from_json(stored.contents))
        return Entry(stored.person_id, contents, errors_of(stored, contents, sheet), frozenset(stored.accepted))

    reopening = None
    if row.reopened_by_id is not None and row.reopening_agreed_by_id is not None:
        reopening = Reopening(row.reopened_by_id, row.reopening_agreed_by_id, row.reopened_because)
    withdrawal = None
    if row.withdrawal_asked_by_id is not None:
        withdrawal = Withdrawal(row.withdrawal_asked_by_id, row.withdrawal_because)
    return FormState(
        version=row.version,
        state=row.state,
        first=entry(Side.FIRST),
        second=entry(Side.SECOND),
        confirmed_by=row.confirmed_by_id,
        withdrawal=withdrawal,
        reopening=reopening,
        judged_by=frozenset(row.judged_by),
    )


def store_form(loaded: Loaded, after: FormState, action: str, **details: Any) -> CountForm:
    """Stores the state after an act and records it. What did not change is not written, and nothing stays of how an entry
    grew: from drafts saved while ballots are called one could read the ballots one by one (RULES edge case 15).
    """
    act, row = loaded.act, loaded.row
    _store_entries(loaded, after)
    row.state = after.state
    row.first_person_id = None if after.first is None else after.first.person
    row.second_person_id = None if after.second is None else after.second.person
    if row.confirmed_by_id != after.confirmed_by:
        row.confirmed_by_id = after.confirmed_by
        row.confirmed_at = None if after.confirmed_by is None else act.now
    row.withdrawal_asked_by_id = None if after.withdrawal is None else after.withdrawal.asked_by
    row.withdrawal_because = "" if after.withdrawal is None else after.withdrawal.reason
    if after.judged_by != frozenset(row.judged_by):
        row.judged_by = sorted(after.judged_by)
    row.revision += 1
    loaded.state = after
    leave_no_history(act.session)
    act.record(
        action,
        row,
        congress_id=loaded.meeting.congress_id,
        number=row.number,
        version=row.version,
        state=after.state.value,
        **details,
    )
    return row


def _store_entries(loaded: Loaded, after: FormState) -> None:
    """Rows follow their person: a kept entry moves to the first side, a dropped one leaves nothing behind."""
    act, session = loaded.act, loaded.act.session
    by_person = {entry.person_id: entry for entry in loaded.entries.values()}
    wanted = {side: entry for side in SIDES if (entry := after.entry(side)) is not None}
    staying = {entry.person for entry in wanted.values()}
    for person, stored in by_person.items():
        if person not in staying:
            session.delete(stored)
    session.flush()
    loaded.entries = {}
    for side, entry in wanted.items():
        kept = by_person.get(entry.person)
        if kept is None:
            kept = FormEntry(
                form_id=loaded.row.id,
                side=side,
                person_id=entry.person,
                contents=to_json(entry.values),
                accepted=[],
                finalised_at=None,
                saved_at=act.now,
            )
            session.add(kept)
        contents = to_json(entry.values)
        if kept.contents != contents:
            kept.contents, kept.saved_at = contents, act.now
        kept.side, kept.has_errors, kept.accepted = side, entry.has_errors, sorted(entry.accepted)
        if after.active_side == side:
            kept.finalised_at = None
        elif kept.finalised_at is None:
            kept.finalised_at = act.now
        loaded.entries[side] = kept
    session.flush()  # before the form is confirmed: from then on the database keeps them


def verdict(loaded: Loaded, contents: FormContents) -> tuple[tuple[Finding, ...], bool, frozenset[str]]:
    """What the checks say of these figures: everything found, whether it stops, the keys of the warnings."""
    findings = loaded.findings(contents)
    return findings, has_errors(findings), warning_keys(findings)


def require_countable(sheet: Sheet, meeting: Meeting) -> None:
    """Counting begins when the scrutineers have noted the venue's ballots and void contests are declared void."""
    if not sheet.sections:
        raise Refused("count.nothing_to_count")
    if meeting.expected is None or not sheet.recorded:
        raise Refused("count.ballots_not_recorded", unit=sheet.unit_name)
    for section in sheet.sections:
        if sheet.context.sections[section.key].void:
            raise Refused("count.void_not_declared", category=section.category)


def require_not_written_in(loaded: Loaded, contents: FormContents) -> None:
    """Nobody enters or confirms votes that may elect themselves or a declared close relative by a name written in
    (地方条例 28, 29): where the name may be elected there, and the share of this form in the vote is enough for it. A single
    voter who writes the officers' names stops no count; and who completes the vote is asked again of whom it elects.
    """
    session, sheet = loaded.act.session, loaded.sheet
    written = [
        (section, one.name, one.for_ or 0)
        for section in sheet.sections
        for one in contents.sections[section.key].write_ins
    ]
    if not written:
        return
    enough, forms = votes_that_elect(session, sheet), _forms_of_vote(loaded)
    bearers = members_named(session, sheet, {name for _, name, _ in written})
    elected = [
        bearer.member_id
        for section, name, votes in written
        for bearer in bearers
        if bearer.name == name
        and bearer.category == section.category_code
        and bearer.eligible(section.contest_id)
        and votes * forms >= enough
    ]
    require_disinterested(loaded.act, elected)


def _forms_of_vote(loaded: Loaded) -> int:
    forms = (
        select(func.count())
        .select_from(CountForm)
        .join(CountingGroup, CountingGroup.id == CountForm.group_id)
        .join(Venue, Venue.id == CountingGroup.venue_id)
        .where(
            Venue.meeting_id == loaded.meeting.id,
            CountForm.ballot == loaded.row.ballot,
            CountForm.superseded_at.is_(None),
        )
    )
    return loaded.act.session.scalar(forms) or 1
