"""Reads the nomination workbook (报名和推选汇总表): applications and branch ballots of many branches at once.

Pure: cells in, rows out, every bad cell at its place. Who may stand and what a ballot means is decided where it always is,
by the operations that take these rows in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date

from election.errors import Refused
from election.nomination.models import Source
from election.people.identity import read_identity
from election.roster.importing.cells import plain, read_code, read_date, read_person_name, read_text
from election.roster.importing.headers import HEADER_WITHIN, header_name
from election.roster.importing.rows import RowFault
from election.roster.importing.sheets import Cell, Rows, column_letter, open_workbook

APPLICATIONS, BALLOTS = "报名", "支部推选"
EXCLUDED = "不计入应到的理由"
BRANCH, NAME, IDENTITY, CATEGORY, WAY = "党支部编号", "姓名", "身份证号", "类别", "报名方式"
COLUMNS: Mapping[str, tuple[str, ...]] = {
    APPLICATIONS: (BRANCH, NAME, IDENTITY, CATEGORY, "报名方式", "推荐单位", "联名人", "履历", "自荐理由"),
    BALLOTS: (
        BRANCH, CATEGORY, "日期", "应到", "实到", "发出", "收回", "有效", "无效", NAME, "赞成", "不赞成", "弃权", EXCLUDED,
    ),
}  # fmt: skip
NEEDED: Mapping[str, tuple[str, ...]] = {
    APPLICATIONS: (BRANCH, NAME),
    BALLOTS: COLUMNS[BALLOTS][:-1],
}
FIGURES = ("应到", "实到", "发出", "收回", "有效", "无效")
MARKS = ("赞成", "不赞成", "弃权")
# The page's and the pure contest's names of the figures, by column.
FIELDS: Mapping[str, str] = {
    "held_on": "日期",
    "excluded_because": EXCLUDED,
    "electors.expected": "应到",
    "electors.present": "实到",
    "ballots.issued": "发出",
    "ballots.returned": "收回",
    "ballots.valid": "有效",
    "ballots.spoiled": "无效",
    "branch": BRANCH,
    "member": NAME,
    "category": CATEGORY,
    "source": "报名方式",
    "recommended_by": "推荐单位",
    "signers": "联名人",
}
WAYS: Mapping[str, Source] = {
    **{source.zh: source for source in Source},
    "": Source.SELF, "自荐": Source.SELF, "本人自荐": Source.SELF,
    "组织": Source.ORGANISATION, "联名": Source.JOINT, "联名推荐": Source.JOINT, "群众": Source.PUBLIC,
}  # fmt: skip
LONGEST = 4000
LONGEST_STATEMENT = 2000
MOST_VOTES = 1_000_000


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    """One who stands. `identity`: the number, where it was given; `category`: as written, empty where it was not."""

    row: int
    branch: str
    name: str
    identity: str
    category: str
    source: Source
    recommended_by: str
    signers: str
    career: str
    statement: str


@dataclass(frozen=True, slots=True)
class VoteRow:
    row: int
    name: str
    votes: tuple[int, int, int]


@dataclass(slots=True)
class BallotRows:
    """One branch's ballot on one category; `row`: its first, which holds the day and the figures."""

    row: int
    branch: str
    category: str
    held_on: date
    figures: tuple[int, ...]
    excluded_because: str
    votes: list[VoteRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class NominationBook:
    """`columns`: sheet → header → letter, to say where something is wrong; `headers`: sheet → the row of its header.
    `faults`: of the cells that could not be read, each at its place; the rows that could be are here all the same, so that
    everything wrong is told at once. `unread`: (branch, name) of the rows of 报名 that could not be.
    """

    applications: tuple[ApplicationRow, ...]
    ballots: tuple[BallotRows, ...]
    columns: Mapping[str, Mapping[str, str]]
    headers: Mapping[str, int]
    faults: tuple[RowFault, ...] = ()
    unread: frozenset[tuple[str, str]] = frozenset()

    def fault(self, sheet: str, row: int, refusal: Refused, header: str = "") -> RowFault:
        """A refusal at its place in the workbook; the whole row where its field has no column."""
        named = header or FIELDS.get(refusal.field or "", "")
        letter = self.columns.get(sheet, {}).get(named, "")
        return RowFault(sheet, row, letter, refusal, named if letter else "")


def in_order(faults: Sequence[RowFault]) -> list[Refused]:
    """Faults as they are told: sheet by sheet, row by row."""
    return [one.refused() for one in sorted(faults, key=lambda one: (one.sheet != APPLICATIONS, one.row))]


class _Reader:
    """The rows of one sheet below its header."""

    def __init__(self, sheet: str, rows: Rows, faults: list[RowFault]) -> None:
        self.sheet, self.faults, self.header = sheet, faults, 1
        self.columns, self.rows = self._below_header(rows)

    def _below_header(self, rows: Rows) -> tuple[dict[str, int], list[tuple[int, Sequence[Cell]]]]:
        for place, values in enumerate(rows[:HEADER_WITHIN]):
            names = [header_name(value) for value in values]
            columns = {header: names.index(header) for header in COLUMNS[self.sheet] if header in names}
            if all(header in columns for header in (BRANCH, NAME)):
                self.header = place + 1
                for header in NEEDED[self.sheet]:
                    if header not in columns:
                        missing = Refused("roster.column_missing", sheet=self.sheet, headers=header)
                        self.faults.append(RowFault(self.sheet, place + 1, "", missing))
                        return columns, []
                return columns, [
                    (number, row)
                    for number, row in enumerate(rows[place + 1 :], place + 2)
                    if any(plain(value) for value in row)
                ]
        if any(plain(value) for row in rows for value in row):
            self.faults.append(RowFault(self.sheet, 1, "", Refused("nominations.no_header", sheet=self.sheet)))
        return {}, []

    def cell(self, row: Sequence[Cell], header: str) -> Cell:
        place = self.columns.get(header)
        return row[place] if place is not None and place < len(row) else ""

    def wrong(self, number: int, header: str, refusal: Refused) -> None:
        letter = column_letter(self.columns[header]) if header in self.columns else ""
        self.faults.append(RowFault(self.sheet, number, letter, refusal, header))

    def look_through(self, formulas: Set[tuple[int, str]], hidden: Set[int]) -> None:
        """A formula's value is whatever the last program left there, and a hidden row is one that nobody has seen: votes are
        taken from neither.
        """
        headers = {letter: header for header, letter in self.letters.items()}
        numbers = {number for number, _ in self.rows}
        for number, letter in sorted(formulas):
            if number in numbers and letter in headers:
                self.wrong(number, headers[letter], Refused("roster.cell_formula"))
        for number in sorted(numbers & hidden):
            self.faults.append(RowFault(self.sheet, number, "", Refused("nominations.row_hidden")))

    @property
    def letters(self) -> dict[str, str]:
        return {header: column_letter(place) for header, place in self.columns.items()}


def read_nominations(data: bytes) -> NominationBook:
    """The workbook's rows and every bad cell. Raises Refused for what is no such workbook."""
    opened = open_workbook(data, (APPLICATIONS, BALLOTS), legacy=True)
    sheets = opened.sheets
    if not sheets:
        raise Refused("roster.no_sheet", field="file", sheets=f"{APPLICATIONS}、{BALLOTS}")
    faults: list[RowFault] = []
    readers = {name: _Reader(name, rows, faults) for name, rows in sheets.items()}
    for name, reader in readers.items():
        if name in opened.hidden and reader.rows:
            faults.append(RowFault(name, reader.header, "", Refused("nominations.sheet_hidden")))
        reader.look_through(opened.formulas.get(name, frozenset()), opened.hidden_rows.get(name, frozenset()))
    unread: set[tuple[str, str]] = set()
    applications = _applications(readers[APPLICATIONS], unread) if APPLICATIONS in readers else ()
    ballots = _ballots(readers[BALLOTS]) if BALLOTS in readers else ()
    if not applications and not ballots and not faults:
        raise Refused("roster.no_rows", field="file")
    letters = {name: one.letters for name, one in readers.items()}
    headers = {name: one.header for name, one in readers.items()}
    return NominationBook(applications, ballots, letters, headers, tuple(faults), frozenset(unread))


def _applications(sheet: _Reader, unread: set[tuple[str, str]]) -> tuple[ApplicationRow, ...]:
    found = []
    for number, row in sheet.rows:
        before = len(sheet.faults)
        texts: dict[str, str] = {}
        for header, read in (
            (BRANCH, read_code),
            (NAME, read_person_name),
            (IDENTITY, _identity),
            (CATEGORY, lambda cell: read_text(cell, 60, required=False)),
            ("推荐单位", lambda cell: read_text(cell, 120, required=False)),
            ("联名人", lambda cell: read_text(cell, LONGEST, required=False)),
            ("履历", lambda cell: _lines(cell, LONGEST)),
            ("自荐理由", lambda cell: _lines(cell, LONGEST_STATEMENT)),
        ):
            try:
                texts[header] = read(sheet.cell(row, header))
            except Refused as refused:
                sheet.wrong(number, header, refused)
        way = plain(sheet.cell(row, "报名方式")).replace(" ", "")
        if way not in WAYS:
            choices = "、".join(source.zh for source in Source)
            sheet.wrong(number, "报名方式", Refused("roster.cell_not_a_choice", value=way, choices=choices))
        if len(sheet.faults) > before:
            unread.add((texts.get(BRANCH, ""), texts.get(NAME, "")))
        else:
            found.append(
                ApplicationRow(
                    number,
                    texts[BRANCH],
                    texts[NAME],
                    texts[IDENTITY],
                    texts[CATEGORY],
                    WAYS[way],
                    texts["推荐单位"],
                    texts["联名人"],
                    texts["履历"],
                    texts["自荐理由"],
                )
            )
    return tuple(found)


def _identity(cell: Cell) -> str:
    text = plain(cell)
    return read_identity(text).number if text else ""


def _lines(cell: Cell, most: int) -> str:
    """A longer text with its own lines kept."""
    text = "\n".join(plain(line) for line in str(cell).splitlines()).strip()
    if len(text) > most:
        raise Refused("roster.cell_too_long", most=most)
    return text


def _ballots(sheet: _Reader) -> tuple[BallotRows, ...]:
    """Consecutive rows of one branch and category are one ballot; its day and figures stand in the first."""
    found: list[BallotRows] = []
    seen: dict[tuple[str, str], int] = {}
    for number, row in sheet.rows:
        before = len(sheet.faults)
        branch, category = (plain(sheet.cell(row, header)).replace(" ", "") for header in (BRANCH, CATEGORY))
        last = found[-1] if found else None
        same = last is not None and branch in ("", last.branch) and category in ("", last.category)
        if not same or last is None:
            if (branch, category) in seen:
                twice = Refused("nominations.ballot_twice", first=seen[branch, category])
                sheet.wrong(number, BRANCH, twice)
            last = _ballot(sheet, number, row)
            if last is None:
                continue
            seen.setdefault((last.branch, last.category), number)
            found.append(last)
        else:
            _require_empty_or_same(sheet, number, row, last)
        vote = _vote(sheet, number, row)
        if vote is not None and len(sheet.faults) == before:
            last.votes.append(vote)
    return tuple(found)


def _ballot(sheet: _Reader, number: int, row: Sequence[Cell]) -> BallotRows | None:
    before = len(sheet.faults)
    texts: dict[str, str] = {}
    for header in (BRANCH, CATEGORY):
        try:
            texts[header] = read_code(sheet.cell(row, header), 60)
        except Refused as refused:
            sheet.wrong(number, header, refused)
    held_on: date | None = None
    try:
        held_on = read_date(sheet.cell(row, "日期"))
        if held_on is None:
            raise Refused("roster.cell_empty")
    except Refused as refused:
        sheet.wrong(number, "日期", refused)
    figures = tuple(_number(sheet, number, row, header) for header in FIGURES)
    try:
        texts[EXCLUDED] = read_text(sheet.cell(row, EXCLUDED), 400, required=False)
    except Refused as refused:
        sheet.wrong(number, EXCLUDED, refused)
    if len(sheet.faults) > before or held_on is None:
        return None
    return BallotRows(number, texts[BRANCH], texts[CATEGORY], held_on, figures, texts[EXCLUDED])


def _require_empty_or_same(sheet: _Reader, number: int, row: Sequence[Cell], ballot: BallotRows) -> None:
    """A figure that stands again further down must be the same: another one would be passed over in silence."""
    for header, known in zip(FIGURES, ballot.figures, strict=True):
        cell = sheet.cell(row, header)
        if plain(cell) and _number(sheet, number, row, header) != known:
            sheet.wrong(number, header, Refused("nominations.other_figure", first=ballot.row, known=known))
    if plain(sheet.cell(row, "日期")):
        try:
            if read_date(sheet.cell(row, "日期")) != ballot.held_on:
                raise Refused("nominations.other_day", first=ballot.row)
        except Refused as refused:
            sheet.wrong(number, "日期", refused)


def _vote(sheet: _Reader, number: int, row: Sequence[Cell]) -> VoteRow | None:
    before = len(sheet.faults)
    name = ""
    try:
        name = read_person_name(sheet.cell(row, NAME))
    except Refused as refused:
        sheet.wrong(number, NAME, refused)
    for_, against, abstain = (_number(sheet, number, row, header) for header in MARKS)
    return VoteRow(number, name, (for_, against, abstain)) if len(sheet.faults) == before else None


def _number(sheet: _Reader, number: int, row: Sequence[Cell], header: str) -> int:
    """A count. Blank is not zero (edge case 22)."""
    text = read_code(sheet.cell(row, header), 40, required=False)
    if text.isascii() and text.isdigit() and len(text) <= len(str(MOST_VOTES)):
        return int(text)
    sheet.wrong(
        number, header, Refused("nominations.cell_not_a_count", value=text) if text else Refused("roster.cell_empty")
    )
    return 0
