"""What a scrutineer holds a form against: the other forms of its vote with the exact sum, and the form's earlier versions.

Of other forms only confirmed figures are shown, of earlier versions those that were confirmed. Changes nothing, decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from election.count.entry import EntryState, Side
from election.count.form import FormContents, from_json
from election.count.models import CountForm, FormEntry
from election.count.queries_form import Difference, ScrutinyView, VersionView, differing_fields
from election.count.sheet import SheetSection
from election.count.summing import Totals, add_up
from election.meeting.counted import name_where_counted
from election.meeting.models import CountingGroup, Meeting, Venue, VenueBallots
from election.meeting.queries import venues_of, withheld_at


@dataclass(frozen=True, slots=True)
class Part:
    """One form of the vote. `contents`: its figures once it is confirmed, and those of the form that is being compared.
    `withheld`: they only go into the sums, since they would show how a handful voted (edge case 15).
    """

    number: str
    venue: str
    state: EntryState
    here: bool
    withheld: bool
    contents: FormContents | None


@dataclass(frozen=True, slots=True)
class Record:
    """The scrutineers' own figures of a round over all venues; `spoiled` None until every venue has said how many."""

    issued: int
    returned: int
    spoiled: int | None = None


@dataclass(frozen=True, slots=True)
class SectionSum:
    """A round's exact sums over the forms that are in, beside the scrutineers' record of it."""

    section: SheetSection
    issued: int
    returned: int
    totals: Totals
    record: Record

    @property
    def differs(self) -> bool:
        """Whether the sums contradict the record: then nothing can be decided from them."""
        split = self.totals.valid + self.totals.spoiled
        ruled = self.record.spoiled
        summed = (self.issued, self.returned, split)
        recorded = (self.record.issued, self.record.returned, self.record.returned)
        return summed != recorded or (ruled is not None and ruled != self.totals.spoiled)


@dataclass(frozen=True, slots=True)
class Parts:
    """Every form of the vote and the sums of those that are in."""

    parts: tuple[Part, ...]
    sums: tuple[SectionSum, ...]

    @property
    def entered(self) -> list[FormContents]:
        """The figures of the forms that are in."""
        return [part.contents for part in self.parts if part.contents is not None]

    @property
    def whole(self) -> bool:
        return all(part.contents is not None for part in self.parts)

    @property
    def missing(self) -> int:
        return sum(part.contents is None for part in self.parts)

    @property
    def contradicts(self) -> bool:
        return self.whole and any(one.differs for one in self.sums)


def parts_of(session: Session, view: ScrutinyView) -> Parts | None:
    """The vote that a form belongs to, part by part: a fixed number of statements. None where this form is all of it."""
    sheet = view.sheet
    rows = session.execute(
        select(CountForm, Venue.id, FormEntry.contents)
        .join(CountingGroup, CountingGroup.id == CountForm.group_id)
        .join(Venue, Venue.id == CountingGroup.venue_id)
        .outerjoin(FormEntry, (FormEntry.form_id == CountForm.id) & (FormEntry.side == Side.FIRST))
        .where(
            Venue.meeting_id == sheet.meeting_id,
            CountForm.ballot == sheet.ballot,
            CountForm.superseded_at.is_(None),
        )
        .order_by(Venue.number, CountingGroup.number)
    ).all()
    if len(rows) < 2:
        return None
    meeting = session.get_one(Meeting, sheet.meeting_id)
    venues, hidden = venues_of(session, meeting.id), withheld_at(session, meeting, sheet.ballot)
    parts = []
    for form, venue, stored in rows:
        here = form.id == view.form.id
        shown = view.contents if here else None
        if form.state is EntryState.CONFIRMED and stored is not None:
            shown = sheet.fitted(from_json(stored))
        name = name_where_counted(venue, venues.names, venues.counted_with)
        parts.append(Part(form.number, name, form.state, here, venue in hidden and not here, shown))
    entered = [part.contents for part in parts if part.contents is not None]
    records = _records(session, sheet.meeting_id)
    return Parts(
        parts=tuple(parts),
        sums=tuple(
            SectionSum(
                section,
                sum(one.sections[section.key].issued or 0 for one in entered),
                sum(one.sections[section.key].returned or 0 for one in entered),
                add_up(section, entered),
                records.get(section.round_id, Record(0, 0)),
            )
            for section in sheet.sections
        ),
    )


def _records(session: Session, meeting_id: int) -> Mapping[int, Record]:
    """round → the scrutineers' figures over all venues of the meeting."""
    sums = (func.sum(VenueBallots.issued), func.sum(VenueBallots.returned), func.sum(VenueBallots.spoiled))
    rows = session.execute(
        select(VenueBallots.round_id, *sums, func.count(VenueBallots.id) == func.count(VenueBallots.spoiled))
        .where(VenueBallots.meeting_id == meeting_id)
        .group_by(VenueBallots.round_id)
    )
    return {
        round_id: Record(int(issued or 0), int(returned or 0), int(spoiled or 0) if said else None)
        for round_id, issued, returned, spoiled, said in rows
    }


@dataclass(frozen=True, slots=True)
class EarlierVersion:
    """A version that was confirmed once and corrected since. `changes`: where the next one differs, None while that one's
    figures are not to be seen yet.
    """

    version: VersionView
    contents: FormContents
    changes: tuple[Difference, ...] | None


def earlier_versions(session: Session, view: ScrutinyView) -> tuple[EarlierVersion, ...]:
    """The earlier versions of a form, the latest of them first: one statement, none where there is no earlier one."""
    if view.form.version == 1:
        return ()
    stored = {
        version: view.sheet.fitted(from_json(contents))
        for version, contents in session.execute(
            select(CountForm.version, FormEntry.contents)
            .join(FormEntry, (FormEntry.form_id == CountForm.id) & (FormEntry.side == Side.FIRST))
            .where(
                CountForm.group_id == view.form.group_id,
                CountForm.ballot == view.form.ballot,
                CountForm.superseded_at.is_not(None),
            )
        )
    }
    known: dict[int, FormContents | None] = {**stored, view.form.version: view.contents}
    found = []
    for version in reversed(view.versions[:-1]):
        later = known.get(version.version + 1)
        contents = stored[version.version]
        changes = None if later is None else differing_fields(view.sheet, contents, later)
        found.append(EarlierVersion(version, contents, changes))
    return tuple(found)
