"""The paper form of a counting group, as values: its sections and rows, and what its figures are held against.

Says nothing of what anyone entered. Loaded by `queries_sheet.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from election.contests.follow_up import write_in_of
from election.contests.models import ContestKind, RoundKind
from election.contests.outcome import WriteInRule
from election.count.checks import FormContext
from election.count.form import FormContents, FormShape, Marks, Section
from election.people.models import Sex


def form_number_of(group_number: str, ballot: int) -> str:
    """The number on a group's paper for a vote of the evening: 07-1-1, and 07-1-1-2 for the second; 07.2-1-1 at the unit's
    second meeting.
    """
    return group_number if ballot == 1 else f"{group_number}-{ballot}"


@dataclass(frozen=True, slots=True)
class SheetCandidate:
    """A row of the paper. `age` on the congress's reference date, None where the birth date is not known."""

    id: str
    candidate_id: int
    member_id: int
    name: str
    sex: Sex | None
    age: int | None


@dataclass(frozen=True, slots=True)
class SheetSection:
    """A contest on the paper, in the order of the ballots. `issued`, `returned`: the venue's own record."""

    round_id: int
    contest_id: int
    category_id: int
    category_code: str
    category: str
    category_position: int
    kind: ContestKind
    round_kind: RoundKind
    seats: int
    candidates: tuple[SheetCandidate, ...]
    issued: int | None
    returned: int | None

    @property
    def key(self) -> str:
        return str(self.round_id)

    def write_in(self, rule: WriteInRule) -> WriteInRule:
        return write_in_of(self.round_kind, rule)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The paper form of one counting group. Void rounds are left out: nothing of them is counted."""

    group_id: int
    number: str
    ballot: int
    meeting_id: int
    meeting_number: int
    congress_id: int
    unit_id: int
    unit_name: str
    unit_position: int
    venue_name: str
    venues: int
    group: int
    groups: int  # in which this venue's ballots are counted
    expected: int | None
    present: int | None
    sections: tuple[SheetSection, ...]
    write_in: WriteInRule
    context: FormContext

    @property
    def shape(self) -> FormShape:
        return {section.key: [one.id for one in section.candidates] for section in self.sections}

    @property
    def recorded(self) -> bool:
        """True when the scrutineers have noted the ballots of this venue."""
        return all(section.returned is not None for section in self.sections)

    def fitted(self, contents: FormContents) -> FormContents:
        """The contents on this paper: in its order, without sections that are void since, blank where it is blank."""
        sections = {}
        for key, ids in self.shape.items():
            old = contents.sections.get(key, Section())
            sections[key] = Section(
                old.issued,
                old.returned,
                old.valid,
                old.spoiled,
                {each: old.candidates.get(each, Marks()) for each in ids},
                old.write_ins,
            )
        return FormContents(contents.attendance, sections)
