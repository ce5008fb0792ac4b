"""The tellers' verbs: claim a form, save a draft, finalise, resume, discard. Never judges a figure itself.

A draft is overwritten in place, outside the audit chain and without history: a stroke-by-stroke record would keep the
order of the ballots (RULES edge case 15). Everything else is an act.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select, update

from election.congress.rules_in_force import use_rules
from election.count.entry import EntryAction, EntryState, transition
from election.count.entry_states import ACTIVE
from election.count.form import FormContents, from_json, to_json
from election.count.models import CountForm, FormEntry
from election.count.operations_form import load_form, require_countable, require_not_written_in, store_form, verdict
from election.count.queries_form import form_id_of_number
from election.errors import NotFound, Stale
from election.findings import Finding
from election.meeting.models import CountingGroup, Meeting, MeetingOfficer, Office, Venue
from election.meeting.operations_ballots import begin_entry, not_its_officer
from election.people.act import Act
from election.people.permissions import Permission

# What the checks on a form go by.
CHECK_RULES = (
    "spoiled_warning",
    "missing_warning_percent",
    "missing_warning_ballots",
    "turnout_warning",
    "write_in",
)

# Made once and without objects: eighty tellers save every field, and putting a statement together costs more than
# running it.
_FORMS, _ENTRIES, _GROUPS, _VENUES, _MEETINGS, _OFFICERS = (
    kind.metadata.tables[kind.__tablename__]
    for kind in (CountForm, FormEntry, CountingGroup, Venue, Meeting, MeetingOfficer)
)
_DRAFT = (
    select(
        _FORMS.c.state,
        _FORMS.c.revision,
        _FORMS.c.number,
        _FORMS.c.superseded_at,
        _MEETINGS.c.congress_id,
        _MEETINGS.c.unit_id,
        _ENTRIES.c.id,
        _ENTRIES.c.side,
        _ENTRIES.c.page,
        _OFFICERS.c.id,
    )
    .select_from(_FORMS)
    .join(_GROUPS, _GROUPS.c.id == _FORMS.c.group_id)
    .join(_VENUES, _VENUES.c.id == _GROUPS.c.venue_id)
    .join(_MEETINGS, _MEETINGS.c.id == _VENUES.c.meeting_id)
    .outerjoin(_ENTRIES, (_ENTRIES.c.form_id == _FORMS.c.id) & (_ENTRIES.c.person_id == bindparam("person")))
    .outerjoin(
        _OFFICERS,
        (_OFFICERS.c.meeting_id == _MEETINGS.c.id)
        & (_OFFICERS.c.person_id == bindparam("person"))
        & (_OFFICERS.c.office == Office.TELLER),
    )
    .where(_FORMS.c.id == bindparam("form"))
    # The form's row: while it is held nobody finalises, returns or drops the entry.
    .with_for_update(of=_FORMS)
)
_SAVE = (
    update(_ENTRIES)
    .where(_ENTRIES.c.id == bindparam("entry"))
    .values(contents=bindparam("figures"), saved_at=bindparam("now"), page=bindparam("by"))
)


@dataclass(frozen=True, slots=True)
class OpenPage:
    """An open page of a form: its own mark, and the save with whose figures it was made (empty: with none). `turn`: which of
    its own saves this is; None for one that the page itself waits for. `took`: the mark of the page before it in the same
    browser, whose unsent figures it took over.

    Of two machines on one entry the one whose figures are older may not overwrite the other: a page saves as long as nothing
    was saved since but by itself, or by the page that it took over as that was left.
    """

    mark: str
    after: str
    turn: int | None = None
    took: str = ""

    def require_newest(self, saved_by: str, number: str) -> None:
        if saved_by != self.after and _mark(saved_by) not in (self.mark, self.took or self.mark):
            raise Stale("count.newer_elsewhere", number=number)

    def made(self, saved_by: str) -> bool:
        """Whether the save was one of this page."""
        return _mark(saved_by) == self.mark

    def is_late(self, saved_by: str) -> bool:
        """Whether a later save of this page lies there already, with everything that this one would say."""
        return self.turn is not None and self.made(saved_by) and self.turn < _turn(saved_by)

    def save(self, saved_by: str) -> str:
        """By what this save is known, after `saved_by`."""
        turn = self.turn if self.turn is not None else _turn(saved_by) if self.made(saved_by) else 0
        return f"{self.mark}-{turn}"


def _mark(saved_by: str) -> str:
    return saved_by.partition("-")[0]


def _turn(saved_by: str) -> int:
    return int(saved_by.partition("-")[2])


def claim(act: Act, congress_id: int, form_number: str) -> CountForm:
    """Takes the form for an entry: the first, or the second when another person's first is in. One's own stays so.

    Raises NotFound for a number that no paper of this congress carries.
    """
    form_id = form_id_of_number(act.session, congress_id, form_number)
    if form_id is None:
        raise NotFound("count.no_such_number", field="number", number=form_number.strip())
    loaded = load_form(act, form_id, Permission.COUNT_ENTER)
    require_countable(loaded.sheet, loaded.meeting)
    after = transition(loaded.state, EntryAction.CLAIM, act.person_id)
    if after is loaded.state:
        return loaded.row
    begin_entry(act, loaded.meeting.id, loaded.row.ballot)
    return store_form(loaded, after, "count.claimed")


def save_draft(
    act: Act,
    form_id: int,
    contents: dict[str, Any] | FormContents,
    revision: int | None = None,
    page: OpenPage | None = None,
) -> None:
    """Overwrites the draft that this person is typing: one statement to read, one to write.

    Figures are only read as figures here, never judged. Raises Invalid for what is no form, Stale when the form moved
    on (it was discarded, returned, or finalised in another window) or another page has saved newer figures.
    """
    values = to_json(contents if isinstance(contents, FormContents) else from_json(contents))
    found = act.session.execute(_DRAFT, {"form": form_id, "person": act.person_id}).one_or_none()
    if found is None:
        raise NotFound("count.no_such_form")
    state, stands_at, number, superseded, congress_id, unit_id, entry_id, side, saved_by, officer = found
    act.require(Permission.COUNT_ENTER, congress_id=congress_id, unit_id=unit_id)
    if officer is None:
        raise not_its_officer(Office.TELLER)
    moved_on = revision is not None and revision != stands_at
    if superseded is not None or moved_on or state not in ACTIVE or ACTIVE[state] != side:
        raise Stale("count.in_other_hands", number=number)
    if page is not None:
        page.require_newest(saved_by, number)
        if page.is_late(saved_by):
            return
    by = saved_by if page is None else page.save(saved_by)
    act.session.execute(_SAVE, {"entry": entry_id, "figures": values, "now": act.now, "by": by})


@dataclass(frozen=True, slots=True)
class Finalised:
    """What became of a finalised entry: the form's state and what the checks found, for the fields' sides."""

    form: CountForm
    state: EntryState
    findings: tuple[Finding, ...]


def finalise(
    act: Act,
    form_id: int,
    contents: dict[str, Any] | FormContents | None,
    accepted: Collection[str] = (),
    revision: int | None = None,
    page: OpenPage | None = None,
) -> Finalised:
    """Hands the entry in. `contents` None: as saved last. `accepted`: keys of the warnings ticked.

    With errors the first entry waits for its teller or the scrutineer and no second one begins. Raises Refused
    `entry.warnings_open` while a warning wants its tick.
    """
    loaded = load_form(act, form_id, Permission.COUNT_ENTER, revision)
    require_countable(loaded.sheet, loaded.meeting)
    active = loaded.state.active_side
    mine = None if active is None else loaded.state.entry(active)
    if isinstance(contents, FormContents):
        contents = to_json(contents)
    if page is not None and mine is not None and active is not None:
        page.require_newest(loaded.entries[active].page, loaded.row.number)
    values = loaded.sheet.fitted(from_json(contents, loaded.sheet.shape)) if contents is not None else None
    judged = values if values is not None else (mine.values if mine is not None else FormContents())
    require_not_written_in(loaded, judged)
    use_rules(act, loaded.meeting.congress_id, "count.finalised", *CHECK_RULES)
    findings, errors, warnings = verdict(loaded, judged)
    ticks = frozenset(accepted) & warnings
    if mine is not None and contents is None:
        ticks |= mine.accepted & warnings
    after = transition(
        loaded.state,
        EntryAction.FINALISE,
        act.person_id,
        values=values,
        accepted=ticks,
        errors=errors,
        warnings=warnings,
    )
    row = store_form(
        loaded,
        after,
        "count.finalised",
        side=None if active is None else active.value,
        errors=errors,
        # How many, never which: a warning's key says where it stands and what was typed there.
        ticks=len(ticks),
    )
    return Finalised(row, after.state, findings)


def resume(act: Act, form_id: int, revision: int | None = None) -> CountForm:
    """The teller takes the own entry up again after it was found to have errors."""
    loaded = load_form(act, form_id, Permission.COUNT_ENTER, revision)
    after = transition(loaded.state, EntryAction.RESUME, act.person_id)
    return store_form(loaded, after, "count.resumed")


def discard(act: Act, form_id: int, reason: str = "", revision: int | None = None) -> CountForm:
    """Drops an entry that is not judged yet: the own draft, or with a reason (and the scrutineer's hand) another's.

    On a confirmed form it takes back the question whether to withdraw the confirmation.
    """
    permission = Permission.COUNT_ENTER if _is_own_draft(act, form_id) else Permission.COUNT_CONFIRM
    loaded = load_form(act, form_id, permission, revision)
    if permission is Permission.COUNT_ENTER and not _is_own_draft(act, form_id):
        raise Stale("count.in_other_hands", number=loaded.row.number)  # it moved on before the lock
    after = transition(loaded.state, EntryAction.DISCARD, act.person_id, reason=reason)
    return store_form(loaded, after, "count.discarded", reason=reason.strip())


def _is_own_draft(act: Act, form_id: int) -> bool:
    row = act.session.execute(
        select(CountForm.state, FormEntry.side)
        .join(FormEntry, FormEntry.form_id == CountForm.id)
        .where(CountForm.id == form_id, FormEntry.person_id == act.person_id)
    ).one_or_none()
    if row is None:
        return False
    state, side = row
    # An entry with errors is its teller's to give up as well, with a reason.
    return ACTIVE.get(state) == side or state is EntryState.FIRST_HAS_ERRORS
