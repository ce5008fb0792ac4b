"""Reads a roster workbook: three sheets found by their headers, every row either understood or named with its fault.

Pure: compares the workbook with what is already `Known`, and never stores anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import TypeVar

from election.congress.models import UnitKind
from election.errors import Refused
from election.machine import Words
from election.people.identity import Identity, read_identity
from election.roster import cells
from election.roster.models import OrganisationKind, Standing, Suspension
from election.roster.sheets import Cell, Rows, column_letter, open_sheets
from election.texts import sentence

UNITS, ORGANISATIONS, MEMBERS = "选举单位", "党组织", "党员"
SHEETS = (UNITS, ORGANISATIONS, MEMBERS)

# The columns of each sheet: header → the other ways in which offices write it.
COLUMNS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    UNITS: {
        "代号": ("单位代号",),
        "名称": ("单位名称", "选举单位"),
        "类型": ("单位类型",),
        "系数": ("单位系数",),
        "系数理由": ("理由",),
    },
    ORGANISATIONS: {
        "编号": ("党组织编号", "组织编号"),
        "名称": ("党组织名称", "组织名称"),
        "类型": ("党组织类型", "组织类型"),
        "上级编号": ("上级党组织编号", "上级组织编号"),
        "选举单位": ("所在选举单位",),
    },
    MEMBERS: {
        "姓名": ("党员姓名",),
        "身份证号": ("身份证号码", "公民身份号码", "身份证"),
        "党支部编号": ("支部编号", "所在党支部编号"),
        "民族": (),
        "学历": ("文化程度",),
        "党员类型": ("人员类别",),
        "停权原因": ("停止行使表决权原因",),
        "入党日期": ("入党时间", "加入党组织日期"),
        "主要类别": ("类别", "代表类别"),
        "职务": ("工作岗位", "单位及职务"),
    },
}
# What must have its column; the others may be left out altogether.
NEEDED: Mapping[str, tuple[str, ...]] = {
    UNITS: ("代号", "名称", "类型"),
    ORGANISATIONS: ("编号", "名称", "类型"),
    MEMBERS: ("姓名", "身份证号", "党支部编号", "主要类别"),
}
UNIT_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,19}")
HEADER_WITHIN = 10
# A row whose first cell begins like this only shows how to fill in the others.
EXAMPLE = "示例"

UNIT_KINDS: Mapping[str, UnitKind] = {
    "乡镇": UnitKind.TOWNSHIP,
    "县直机关": UnitKind.ORGAN,
    "教育": UnitKind.EDUCATION,
    "卫生健康": UnitKind.HEALTH,
    "政法": UnitKind.SECURITY,
    "国有企业": UnitKind.STATE_ENTERPRISE,
    "非公经济": UnitKind.PRIVATE_ENTERPRISE,
    "军队武警": UnitKind.ARMED_FORCES,
    "其他": UnitKind.OTHER,
}
ORGANISATION_KINDS: Mapping[str, OrganisationKind] = {kind.zh: kind for kind in OrganisationKind}
STANDINGS: Mapping[str, Standing] = {
    "正式": Standing.FULL,
    "预备": Standing.PROBATIONARY,
    "正式党员": Standing.FULL,
    "预备党员": Standing.PROBATIONARY,
}
SUSPENSIONS: Mapping[str, Suspension] = {reason.zh: reason for reason in Suspension}


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong at one place of the workbook. `column` is its letter, empty when the whole row is meant."""

    sheet: str
    row: int
    column: str
    refusal: Refused

    @property
    def words(self) -> Words:
        said = sentence(self.refusal.code, self.refusal.params)
        return Words(said.zh, said.en)

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
    """`category`: the code of the recorded primary category. `branch`: the code of the branch."""

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


@dataclass(slots=True)
class RosterContents:
    """The rows that could be read, and every fault that was found. `letters`: sheet → header → column letter.

    `named`: what faulty rows name (a unit by name, an organisation by code), so that one fault is not reported again
    at every row that refers to it.
    """

    units: list[UnitRow] = field(default_factory=list)
    organisations: list[OrganisationRow] = field(default_factory=list)
    members: list[MemberRow] = field(default_factory=list)
    faults: list[RowFault] = field(default_factory=list)
    letters: dict[str, dict[str, str]] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)

    def fault(self, sheet: str, row: int, header: str, refusal: Refused) -> None:
        self.faults.append(RowFault(sheet, row, self.letters.get(sheet, {}).get(header, ""), refusal))


Made = TypeVar("Made")
Value = TypeVar("Value")


class _Row:
    """One row while it is read: takes cells by header, notes faults, goes on."""

    def __init__(self, contents: RosterContents, sheet: str, number: int, values: Mapping[str, Cell]) -> None:
        self.contents, self.sheet, self.number, self.values = contents, sheet, number, values
        self.sound = True

    def take(self, header: str, read: Callable[[Cell], Value], otherwise: Value) -> Value:
        """The cell under `header`; a fault is noted and `otherwise` stands in so that the row's other faults show."""
        try:
            return read(self.values.get(header, ""))
        except Refused as refusal:
            self.sound = False
            self.contents.fault(self.sheet, self.number, header, refusal)
            return otherwise


def read_roster(data: bytes, categories: Mapping[str, str], today: date) -> RosterContents:
    """The workbook's rows. `categories`: name → code, as the congress has them. Raises Refused for no workbook."""
    sheets = open_sheets(data, SHEETS)
    if not sheets:
        raise Refused("roster.no_sheet", field="file", sheets="、".join(SHEETS))
    contents = RosterContents()
    for sheet, rows in sheets.items():
        for row in _rows(contents, sheet, rows):
            if sheet == UNITS:
                unit = _unit(row)
                _keep(contents, contents.units, row, unit, unit.name)
            elif sheet == ORGANISATIONS:
                organisation = _organisation(row)
                _keep(contents, contents.organisations, row, organisation, organisation.code)
            else:
                _keep(contents, contents.members, row, _member(row, categories, today), "")
    if not contents.faults and not (contents.units or contents.organisations or contents.members):
        raise Refused("roster.no_rows", field="file")
    return contents


def _keep(contents: RosterContents, into: list[Made], row: _Row, made: Made | None, name: str) -> None:
    if row.sound and made is not None:
        into.append(made)
    elif name:
        contents.named.add(name)


def _rows(contents: RosterContents, sheet: str, rows: Rows) -> Iterator[_Row]:
    """The filled rows below the header; the header itself may stand under a title."""
    synonyms = {name: header for header, others in COLUMNS[sheet].items() for name in (header, *others)}
    for place, values in enumerate(rows[:HEADER_WITHIN]):
        found: dict[str, int] = {}
        for index, value in enumerate(values):
            header = synonyms.get(_header_name(value))
            if header is not None and header in found:
                contents.faults.append(
                    RowFault(sheet, place + 1, column_letter(index), Refused("roster.column_twice", header=header))
                )
            elif header is not None:
                found[header] = index
        if NEEDED[sheet][0] in found or len(found) >= 3:
            break
    else:
        if any(cells.plain(value) for values in rows for value in values):
            contents.faults.append(
                RowFault(sheet, 1, "", Refused("roster.header_missing", headers="、".join(NEEDED[sheet])))
            )
        return
    contents.letters[sheet] = {header: column_letter(index) for header, index in found.items()}
    if missing := [header for header in NEEDED[sheet] if header not in found]:
        contents.faults.append(
            RowFault(sheet, place + 1, "", Refused("roster.column_missing", headers="、".join(missing)))
        )
        return
    for number, values in enumerate(rows[place + 1 :], place + 2):
        named = {header: values[index] for header, index in found.items()}
        filled = [text for value in values if (text := cells.plain(value))]
        if not filled or filled[0].startswith(EXAMPLE) or not any(value != "" for value in named.values()):
            continue
        yield _Row(contents, sheet, number, named)


def _header_name(value: Cell) -> str:
    """A header without the star of a required column, its note in brackets and any space."""
    return cells.plain(value).replace(" ", "").strip("*＊").split("（")[0].split("(")[0]


def _unit(row: _Row) -> UnitRow:
    def code(cell: Cell) -> str:
        text = cells.read_code(cell).lower()
        if not UNIT_CODE.fullmatch(text):
            raise Refused("congress.code_wrong")
        return text

    factor = row.take("系数", cells.read_factor, Fraction(1))
    reason = row.take("系数理由", lambda cell: cells.read_text(cell, 200, required=False), "")
    if factor != 1 and not reason and row.sound:
        row.sound = False
        row.contents.fault(row.sheet, row.number, "系数理由", Refused("congress.factor_unexplained"))
    return UnitRow(
        row.number,
        row.take("代号", code, ""),
        row.take("名称", lambda cell: cells.read_text(cell, 60), ""),
        row.take("类型", lambda cell: cells.read_choice(cell, UNIT_KINDS), UnitKind.OTHER),
        factor,
        reason,
    )


def _organisation(row: _Row) -> OrganisationRow:
    return OrganisationRow(
        row.number,
        row.take("编号", cells.read_code, ""),
        row.take("名称", lambda cell: cells.read_text(cell, 80), ""),
        row.take("类型", lambda cell: cells.read_choice(cell, ORGANISATION_KINDS), OrganisationKind.BRANCH),
        row.take("上级编号", lambda cell: cells.read_code(cell, required=False), ""),
        row.take("选举单位", lambda cell: cells.read_text(cell, 60, required=False), ""),
    )


def _member(row: _Row, categories: Mapping[str, str], today: date) -> MemberRow | None:
    identity = row.take("身份证号", _identity, None)

    def joined(cell: Cell) -> date | None:
        day = cells.read_date(cell)
        if day is not None and (day > today or (identity is not None and day <= identity.born_on)):
            raise Refused("roster.joined_impossible", value=cells.plain(cell))
        return day

    standing = row.take("党员类型", _standing, Standing.FULL)

    def suspension(cell: Cell) -> Suspension | None:
        if not cells.plain(cell):
            return None
        reason = cells.read_choice(cell, SUSPENSIONS)
        if standing is not Standing.FULL:
            raise Refused("roster.suspension_of_probationary")
        return reason

    member = (
        row.take("姓名", cells.read_person_name, ""),
        row.take("党支部编号", cells.read_code, ""),
        row.take("民族", _ethnicity, ""),
        row.take("学历", lambda cell: cells.read_text(cell, 20, required=False), ""),
        row.take("停权原因", suspension, None),
        row.take("入党日期", joined, None),
        row.take("主要类别", lambda cell: cells.read_choice(cell, categories), ""),
        row.take("职务", lambda cell: cells.read_text(cell, 80, required=False), ""),
    )
    if identity is None:
        return None
    name, branch, ethnicity, education, suspended, joined_on, category, post = member
    return MemberRow(
        row.number, name, identity, branch, ethnicity, education, standing, suspended, joined_on, category, post
    )


def _identity(cell: Cell) -> Identity | None:
    text = cells.plain(cell)
    if not text:
        raise Refused("roster.cell_empty")
    if isinstance(cell, float) and cell > 10**15:
        # A spreadsheet keeps fifteen digits of a number: the last three are lost for good.
        raise Refused("roster.identity_as_number")
    return read_identity(text)


def _standing(cell: Cell) -> Standing:
    return cells.read_choice(cell, STANDINGS) if cells.plain(cell) else Standing.FULL


def _ethnicity(cell: Cell) -> str:
    """汉 is written for 汉族 everywhere."""
    text = cells.read_text(cell, 20, required=False)
    return text + "族" if text and not text.endswith("族") and len(text) <= 3 else text
