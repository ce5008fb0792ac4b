"""The rows of a roster workbook as values: what was read of them, what is wrong with them and what is to be said of them. Pure."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Generic, TypeVar

from election.congress.models import UnitKind
from election.errors import Refused
from election.machine import Words
from election.people.identity import Identity, hide_numbers
from election.roster.importing.headers import MEMBERS, ORGANISATIONS, SHEETS, UNITS
from election.roster.importing.notes import Note
from election.roster.models import OrganisationKind, Standing, Suspension
from election.texts import sentence

# So many faults are kept with their words, a few hundred megabytes; beyond it every faulty row keeps the first of its own and the
# others are counted. More is the wrong file.
MOST_FAULTS = 300_000
# The fault of a row that has none of its own and refers to a row with one.
WAITS = "roster.row_waits"


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
    `right_since`, `right_until`, `right_reason`: of who has no vote, since when, until when and by which paper.
    `within`: what else the row says of where its branch is: a unit, an organisation above it; `branch_said`: the branch's name
    beside its number.
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
    right_since: date | None = None
    right_until: date | None = None
    right_reason: str = ""
    within: tuple[str, ...] = ()
    branch_said: str = ""


def _anew(refusal: Refused) -> Refused:
    """The same refusal, never raised: what led to one that was would keep every cell of its row in the memory."""
    made = Refused(refusal.code)
    made.params = refusal.params
    return made


Line = TypeVar("Line", UnitRow, OrganisationRow, MemberRow)


@dataclass(frozen=True, slots=True)
class Half(Generic[Line]):
    """A row that goes back: what stands under the headers in `bad` could not be read, and in its place something else does.

    The rest is held against the other rows and against what is stored all the same, so that all its faults are told at once.
    """

    line: Line
    bad: Set[str]


@dataclass(slots=True)
class RosterContents:
    """The rows that could be read, and what is wrong with the others. `letters`: sheet → header → column letter.

    `headers`: sheet → the last row of its header, 1 where none was found. `broken`: a sheet has no whole header, so that none of
    it may be trusted. `remarks`: (sheet, kind of note) → its rows, each with the word that it is about, if any. `bad`: sheet →
    its rows with a fault, of which each has one in `faults`; `own`: those with one of their own. `fault_count` counts these all,
    `faults_unsaid` by sheet those that are not among `faults`.
    """

    units: list[UnitRow] = field(default_factory=list)
    organisations: list[OrganisationRow] = field(default_factory=list)
    members: list[MemberRow] = field(default_factory=list)
    faults: list[RowFault] = field(default_factory=list)
    letters: dict[str, dict[str, str]] = field(default_factory=dict)
    headers: dict[str, int] = field(default_factory=dict)
    broken: bool = False
    remarks: dict[tuple[str, str], list[tuple[int, str]]] = field(default_factory=dict)
    half_units: list[Half[UnitRow]] = field(default_factory=list)
    half_organisations: list[Half[OrganisationRow]] = field(default_factory=list)
    half_members: list[Half[MemberRow]] = field(default_factory=list)
    bad: dict[str, set[int]] = field(default_factory=lambda: {sheet: set() for sheet in SHEETS})
    own: set[tuple[str, int]] = field(default_factory=set)
    fault_count: int = 0
    faults_unsaid: dict[str, int] = field(default_factory=dict)

    def remark(self, sheet: str, row: int, code: str, said: str = "") -> None:
        self.remarks.setdefault((sheet, code), []).append((row, said))

    def notes(self) -> tuple[Note, ...]:
        """What is to be mentioned of the rows that go in or were passed over; what is said of faulty ones is enough."""
        notes = []
        for (sheet, code), remarks in self.remarks.items():
            kept = [(row, said) for row, said in remarks if row not in self.bad[sheet]]
            if kept:
                rows, words = dict.fromkeys(row for row, _ in kept), dict.fromkeys(said for _, said in kept if said)
                notes.append(Note(sheet, code, tuple(rows), tuple(map(hide_numbers, words))))
        return tuple(notes)

    def fault(self, sheet: str, row: int, header: str, refusal: Refused) -> None:
        letter = self.letters.get(sheet, {}).get(header, "")
        self.fault_at(sheet, row, letter, refusal, header if letter else "")

    def fault_at(self, sheet: str, row: int, column: str, refusal: Refused, header: str = "") -> None:
        """Notes a fault; of a row that has one already, where there are too many, only that there is one more."""
        first = row not in self.bad[sheet]
        self.bad[sheet].add(row)
        if refusal.code != WAITS:
            self.own.add((sheet, row))
            self.fault_count += 1
        if first or len(self.faults) < MOST_FAULTS:
            self.faults.append(RowFault(sheet, row, column, _anew(refusal), header))
        else:
            self.faults_unsaid[sheet] = self.faults_unsaid.get(sheet, 0) + 1

    def has(self, sheet: str, header: str) -> bool:
        """Whether the sheet has this column; what has none is left as it is stored."""
        return header in self.letters.get(sheet, {})

    def settle(self) -> None:
        """Keeps the sound rows and puts the faults in reading order."""
        self.units = [row for row in self.units if row.row not in self.bad[UNITS]]
        self.organisations = [row for row in self.organisations if row.row not in self.bad[ORGANISATIONS]]
        self.members = [row for row in self.members if row.row not in self.bad[MEMBERS]]
        self.faults.sort(key=lambda fault: (SHEETS.index(fault.sheet), fault.row, len(fault.column), fault.column))
