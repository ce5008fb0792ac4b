"""What an import would do, as its person is shown it before anything is stored. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from election.roster.edits import LastEdit
from election.roster.importing.notes import Note
from election.roster.importing.rows import RowFault


@dataclass(frozen=True, slots=True)
class Change:
    """One fact of one row that an import would change. `who`: whose fact; `header`: which; in the workbook's words.

    `undoes`: who corrected by hand, and when, what this would put back as it was before.
    """

    sheet: str
    row: int
    who: str
    header: str
    before: str
    after: str
    undoes: LastEdit | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """A row that an import would add. `place`: the unit or code below which it comes."""

    sheet: str
    row: int
    who: str
    place: str


@dataclass(frozen=True, slots=True)
class RosterPreview:
    """What an import would do: with its sound rows, while those with a fault go back. With `broken`, nothing at all.

    `renamed`: rows whose identity number bears another name on the roster, with all that they would change: none of it is taken
    unless somebody says that it is the same person. `members_changed` and the like count rows; `changes` names each fact that changes, `undone` each that
    stays as it was corrected by hand unless somebody says otherwise. `rows_left_out` counts rows with a fault,
    `rows_waiting` those among them that only refer to a faulty row. `faults` has one at least of each row with a fault, and
    `faults_unsaid` counts by sheet those that are too many for it. `rows_bad`: sheet → its rows with a fault. `headers`: sheet →
    the last row of its header. `voters`: of the members, who has a vote. `digest`: over all that would be done; another one means another import.
    """

    units: int
    units_added: int
    units_changed: int
    organisations: int
    organisations_added: int
    organisations_changed: int
    members: int
    members_added: int
    members_changed: int
    voters: int
    rows_left_out: int
    rows_waiting: int
    rows_bad: Mapping[str, int]
    fault_count: int
    faults_unsaid: Mapping[str, int]
    broken: bool
    changes: tuple[Change, ...]
    undone: tuple[Change, ...]
    renamed: tuple[Change, ...]
    faults: tuple[RowFault, ...]
    headers: Mapping[str, int]
    added: tuple[Added, ...]
    notes: tuple[Note, ...]
    digest: str

    @property
    def rows(self) -> int:
        """The sound rows of all sheets."""
        return self.units + self.organisations + self.members
