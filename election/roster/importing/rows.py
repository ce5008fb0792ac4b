"""The rows of a roster workbook as values: what was read of them, what is wrong with them and what is to be said of them. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from election.congress.models import UnitKind
from election.errors import Refused
from election.machine import Words
from election.people.identity import Identity, hide_numbers
from election.roster.importing.headers import MEMBERS, ORGANISATIONS, SHEETS, UNITS
from election.roster.importing.notes import Note
from election.roster.models import OrganisationKind, Standing, Suspension
from election.texts import sentence


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong at one place of the workbook. `column` is its letter, empty when the whole row is meant; `header` what
    stands above it, in the template's word.
    """

    sheet: str
    row: int
    column: str
    refusal: Refused
    header: str = ""

    @property
    def words(self) -> Words:
        """The sentence; an identity number that stands in a wrong place is masked here, before it goes anywhere."""
        said = sentence(self.refusal.code, self.refusal.params)
        return Words(hide_numbers(said.zh), hide_numbers(said.en))

    def refused(self) -> Refused:
        """The fault with its place in the sentence, as the command line and the errors of a form show it."""
        where = f"{self.sheet}!{self.column}{self.row}"
        if not self.column:
            return Refused("roster.fault_in_row", field=where, sheet=self.sheet, row=self.row, fault=self.words)
        return Refused(
            "roster.fault_in_cell", field=where, sheet=self.sheet, row=self.row, column=self.column, fault=self.words
        )


@dataclass(frozen=True, slots=True)
class UnitRow:
    row: int
    code: str
    name: str
    kind: UnitKind
    factor: Fraction
    factor_reason: str


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """`parent`: the code above, empty for a committee. `unit`: the name of the branch's electoral unit."""

    row: int
    code: str
    name: str
    kind: OrganisationKind
    parent: str
    unit: str


@dataclass(frozen=True, slots=True)
class MemberRow:
    """`category`: the code of the recorded primary category. `branch`: the code of the branch.

    `standing_said`: the cell has a word; an empty one makes a full member of who is new and leaves who is known as stored.
    """

    row: int
    name: str
    identity: Identity
    branch: str
    ethnicity: str
    education: str
    standing: Standing
    suspension: Suspension | None
    joined_on: date | None
    category: str
    post: str
    standing_said: bool = True


@dataclass(slots=True)
class RosterContents:
    """The rows that could be read, and every fault that was found. `letters`: sheet → header → column letter.

    `headers`: sheet → the last row of its header, 1 where none was found. `named`: (sheet, what a faulty row names: a unit by
    name, an organisation by code) → its row, for the rows that refer to it. `broken`: a sheet has no whole header, so that
    none of it may be trusted. `remarks`: (sheet, kind of note) → its rows.
    """

    units: list[UnitRow] = field(default_factory=list)
    organisations: list[OrganisationRow] = field(default_factory=list)
    members: list[MemberRow] = field(default_factory=list)
    faults: list[RowFault] = field(default_factory=list)
    letters: dict[str, dict[str, str]] = field(default_factory=dict)
    headers: dict[str, int] = field(default_factory=dict)
    named: dict[tuple[str, str], int] = field(default_factory=dict)
    broken: bool = False
    remarks: dict[tuple[str, str], list[int]] = field(default_factory=dict)

    def remark(self, sheet: str, row: int, code: str) -> None:
        self.remarks.setdefault((sheet, code), []).append(row)

    def notes(self) -> tuple[Note, ...]:
        """What is to be mentioned of the rows that go in or were passed over; what is said of faulty ones is enough."""
        bad = {sheet: self.faulty_rows(sheet) for sheet in SHEETS}
        kept = (
            Note(sheet, code, tuple(row for row in rows if row not in bad[sheet]))
            for (sheet, code), rows in self.remarks.items()
        )
        return tuple(note for note in kept if note.rows)

    def fault(self, sheet: str, row: int, header: str, refusal: Refused) -> None:
        letter = self.letters.get(sheet, {}).get(header, "")
        self.faults.append(RowFault(sheet, row, letter, refusal, header if letter else ""))

    def has(self, sheet: str, header: str) -> bool:
        """Whether the sheet has this column; what has none is left as it is stored."""
        return header in self.letters.get(sheet, {})

    def faulty_rows(self, sheet: str) -> set[int]:
        return {fault.row for fault in self.faults if fault.sheet == sheet}

    def settle(self) -> None:
        """Keeps the sound rows and puts the faults in reading order."""
        bad = {sheet: self.faulty_rows(sheet) for sheet in SHEETS}
        self.units = [row for row in self.units if row.row not in bad[UNITS]]
        self.organisations = [row for row in self.organisations if row.row not in bad[ORGANISATIONS]]
        self.members = [row for row in self.members if row.row not in bad[MEMBERS]]
        self.faults.sort(key=lambda fault: (SHEETS.index(fault.sheet), fault.row, len(fault.column), fault.column))
