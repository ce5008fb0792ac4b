"""One count form: what its own teller may see of it, and what the scrutineer may. Changes nothing.

A teller gets the own entry and nothing of the other one, not even whether it differs. A scrutineer sees figures only
after both entries are in; before that, at most where an entry has errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, select
from sqlalchemy.orm import Session, aliased

from election.count.checks import check, has_errors
from election.count.entry import EntryState, Side
from election.count.entry_states import ACTIVE
from election.count.form import FormContents, counts, differences, from_json
from election.count.models import CountForm, FormEntry
from election.count.queries_sheet import load_sheet
from election.count.shared_ballots import shared_path, shared_texts
from election.count.sheet import Sheet
from election.errors import NotFound
from election.findings import Finding, Severity
from election.meeting.lifecycle import MeetingState
from election.meeting.models import CountingGroup, Meeting, Venue
from election.people.models import Person

# Both entries are in: only now may anyone lay them side by side.
BOTH_IN = (EntryState.ENTRIES_DIFFER, EntryState.ENTRIES_EQUAL, EntryState.CONFIRMED)

_TYPES_NOW = case(
    (CountForm.state == EntryState.FIRST_IN_PROGRESS, CountForm.first_person_id),
    (CountForm.state == EntryState.SECOND_IN_PROGRESS, CountForm.second_person_id),
)


@dataclass(frozen=True, slots=True)
class EntryView:
    """A form with one person's own entry. `side` and `contents` are None while the person has none."""

    form_id: int
    revision: int
    version: int
    state: EntryState
    sheet: Sheet
    side: Side | None
    contents: FormContents | None
    accepted: frozenset[str]
    typing: bool
    # As found when it was last handed in: it came back to be mended.
    has_errors: bool
    saved_at: datetime | None
    # The open page that saved it last.
    saved_by: str
    reopened_because: str
    # Who types it for the first or second time at this moment. Of corrections nobody is told: there the entries differ.
    typed_by: str | None

    def judged(self, contents: FormContents) -> tuple[Finding, ...]:
        """What the checks say of these figures on this paper."""
        return check(contents, self.sheet.context)


def errors_of(stored: FormEntry, contents: FormContents, sheet: Sheet) -> bool:
    """Whether an entry has errors: one that was handed in is judged by the meeting's record as it is now, which may have
    been put right since.
    """
    return stored.has_errors if stored.finalised_at is None else has_errors(check(contents, sheet.context))


def form_id_of_number(session: Session, congress_id: int, number: str) -> int | None:
    """The form in force with this number, of a meeting that was not called off."""
    return session.scalar(
        select(CountForm.id)
        .join(CountingGroup, CountingGroup.id == CountForm.group_id)
        .join(Venue, Venue.id == CountingGroup.venue_id)
        .join(Meeting, Meeting.id == Venue.meeting_id)
        .where(
            Meeting.congress_id == congress_id,
            Meeting.state != MeetingState.CALLED_OFF,
            CountForm.number == number.strip(),
            CountForm.superseded_at.is_(None),
        )
        .order_by(Meeting.number.desc())
        .limit(1)
    )


def entry_for(session: Session, form_id: int, person_id: int) -> EntryView:
    """The form in force as this person may see it. Raises NotFound."""
    row = session.execute(
        select(CountForm, FormEntry, Person.name)
        .outerjoin(FormEntry, (FormEntry.form_id == CountForm.id) & (FormEntry.person_id == person_id))
        .outerjoin(Person, Person.id == _TYPES_NOW)
        .where(CountForm.id == form_id, CountForm.superseded_at.is_(None))
    ).one_or_none()
    if row is None:
        raise NotFound("count.no_such_form")
    form: CountForm = row[0]
    own: FormEntry | None = row[1]
    sheet = load_sheet(session, form.group_id, form.ballot)
    return EntryView(
        form_id=form.id,
        revision=form.revision,
        version=form.version,
        state=form.state,
        sheet=sheet,
        side=None if own is None else own.side,
        contents=None if own is None else sheet.fitted(from_json(own.contents)),
        accepted=frozenset() if own is None else frozenset(own.accepted),
        typing=own is not None and ACTIVE.get(form.state) == own.side,
        has_errors=own is not None and own.has_errors,
        saved_at=None if own is None else own.saved_at,
        saved_by="" if own is None else own.page,
        reopened_because=form.reopened_because,
        typed_by=row[2],
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """A field in which two entries differ, with its place on the paper. `field`: the last part of the path."""

    path: str
    category: str
    candidate: str
    field: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class VersionView:
    """A version of a form and the persons who made it what it is."""

    version: int
    state: EntryState
    first_person: str | None
    second_person: str | None
    confirmed_by: str | None
    confirmed_at: datetime | None
    reopened_by: str | None
    reopening_agreed_by: str | None
    reopened_because: str


@dataclass(frozen=True, slots=True)
class ScrutinyView:
    """A form at the scrutineer's desk. `contents` is what to compare with the paper, once the entries are equal."""

    form: CountForm
    sheet: Sheet
    meeting_state: MeetingState
    first_person: str | None
    second_person: str | None
    withdrawal_asked_by: str | None
    contents: FormContents | None
    differences: tuple[Difference, ...]
    kept_has_errors: Mapping[Side, bool]
    findings: tuple[Finding, ...]
    error_fields: tuple[str, ...]
    versions: tuple[VersionView, ...]

    def faulty(self, side: str) -> bool:
        """Whether the entry of this side has errors."""
        return self.kept_has_errors.get(Side(side), False)

    def may_judge(self, person_id: int) -> bool:
        return person_id not in (self.form.first_person_id, self.form.second_person_id)


def scrutiny_form(session: Session, form_id: int) -> ScrutinyView:
    """The form in force as the scrutineer may see it: figures only once both entries are in. Raises NotFound."""
    form = session.get(CountForm, form_id)
    if form is None or form.superseded_at is not None:
        raise NotFound("count.no_such_form")
    sheet = load_sheet(session, form.group_id, form.ballot)
    state = session.scalars(select(Meeting.state).where(Meeting.id == sheet.meeting_id)).one()
    stored = {entry.side: entry for entry in session.scalars(select(FormEntry).where(FormEntry.form_id == form_id))}
    entries = {side: sheet.fitted(from_json(entry.contents)) for side, entry in stored.items()}
    differing: tuple[Difference, ...] = ()
    contents: FormContents | None = None
    findings: tuple[Finding, ...] = ()
    if form.state is EntryState.ENTRIES_DIFFER:
        differing = differing_fields(sheet, entries[Side.FIRST], entries[Side.SECOND])
    elif form.state in BOTH_IN:
        contents = entries[Side.FIRST]
        findings = check(contents, sheet.context)
    errors: tuple[str, ...] = ()
    if form.state is EntryState.FIRST_HAS_ERRORS:
        found = check(entries[Side.FIRST], sheet.context)
        errors = tuple(dict.fromkeys(one.field for one in found if one.severity is Severity.ERROR))
    versions = _versions(session, form)
    return ScrutinyView(
        form=form,
        sheet=sheet,
        meeting_state=state,
        first_person=versions[-1].first_person,
        second_person=versions[-1].second_person,
        withdrawal_asked_by=_name(session, form.withdrawal_asked_by_id),
        contents=contents,
        differences=differing,
        kept_has_errors={side: errors_of(entry, entries[side], sheet) for side, entry in stored.items()},
        findings=findings,
        error_fields=errors,
        versions=versions,
    )


def _name(session: Session, person_id: int | None) -> str | None:
    return None if person_id is None else session.scalar(select(Person.name).where(Person.id == person_id))


def _versions(session: Session, form: CountForm) -> tuple[VersionView, ...]:
    names = [aliased(Person) for _ in range(5)]
    keys = (
        CountForm.first_person_id,
        CountForm.second_person_id,
        CountForm.confirmed_by_id,
        CountForm.reopened_by_id,
        CountForm.reopening_agreed_by_id,
    )
    wanted = select(CountForm, *(name.name for name in names)).where(
        CountForm.group_id == form.group_id, CountForm.ballot == form.ballot
    )
    for name, key in zip(names, keys, strict=True):
        wanted = wanted.outerjoin(name, name.id == key)
    found = []
    for row, *persons in session.execute(wanted.order_by(CountForm.version)):
        first, second, confirmed, reopened, agreed = persons
        found.append(
            VersionView(
                row.version,
                row.state,
                first,
                second,
                confirmed,
                row.confirmed_at,
                reopened,
                agreed,
                row.reopened_because,
            )
        )
    return tuple(found)


def differing_fields(sheet: Sheet, first: FormContents, second: FormContents) -> tuple[Difference, ...]:
    """Where two fillings of a form differ, in paper order."""
    ones, others = _shown(first), _shown(second)
    found = differences(first, second)
    if sheet.context.one_sheet:
        ones, others = ({**texts, **shared_texts(each)} for texts, each in ((ones, first), (others, second)))
        found = list(dict.fromkeys(map(shared_path, found)))
    return tuple(Difference(path, *describe(sheet, path), ones.get(path, ""), others.get(path, "")) for path in found)


def _shown(contents: FormContents) -> dict[str, str]:
    """path → what the entry has there, as text; write-ins of a section as one list."""
    shown = {path: "" if value is None else str(value) for path, value in counts(contents)}
    for key, section in contents.sections.items():
        names = [f"{one.name} {'' if one.for_ is None else one.for_}".strip() for one in section.write_ins]
        shown[f"sections.{key}.write_ins"] = "；".join(names)
    return shown


def describe(sheet: Sheet, path: str) -> tuple[str, str, str]:
    """Category, candidate and field that a path names: ("农民", "田佳兰", "for"). Empty where it has none."""
    parts = path.split(".")
    if parts[0] != "sections":
        return "", "", parts[-1]
    section = next((one for one in sheet.sections if one.key == parts[1]), None)
    if section is None:
        return "", "", parts[-1]
    if len(parts) > 3 and parts[2] == "candidates":
        name = next((one.name for one in section.candidates if one.id == parts[3]), "")
        return section.category, name, parts[4] if len(parts) > 4 else "row"
    return section.category, "", "write_ins" if "write_ins" in parts else parts[-1]
