"""Reads a roster workbook: three sheets found by their headers, every row either understood or named with its fault.

Pure: looks at one row at a time (`crosscheck.py` looks at all of them together), and never stores anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from datetime import date
from fractions import Fraction
from typing import TypeVar

from election.congress.models import UnitKind
from election.errors import Refused
from election.people.identity import Identity, read_identity
from election.people.models import Sex
from election.roster.electors import has_vote, probation_over, require_right
from election.roster.facts import age_on
from election.roster.importing import cells
from election.roster.importing.headers import NEEDED, ORGANISATIONS, SHEETS, UNITS, Header, find_header
from election.roster.importing.notes import (
    COLUMNS_UNREAD,
    HIDDEN_ROWS,
    HIDDEN_SHEET,
    JOINED_YOUNG,
    MONTH_ONLY,
    PROBATION_OVER,
    SKIPPED,
    is_footer,
)
from election.roster.importing.reading import Cell, Rows
from election.roster.importing.rows import Half, Line, MemberRow, OrganisationRow, RosterContents, UnitRow
from election.roster.importing.sheets import column_letter, open_workbook
from election.roster.models import OrganisationKind, Standing, Suspension
from election.roster.newcomers import require_age, require_joined
from election.texts import chinese_date

UNIT_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,19}")
# Longer than a branch's number: a name may stand in its place.
LONGEST_BRANCH = 80
# Of who has no vote; they go in with newcomers only.
RIGHT_COLUMNS = frozenset({"停权起", "停权止", "依据"})
# Where a branch that is named is looked for.
WITHIN = ("上级党组织", "选举单位")
# A row whose first cell begins like this only shows how to fill in the others.
EXAMPLE = "示例"
NONE: Set[str] = frozenset()
NONE_HIDDEN: Set[int] = frozenset()
# Stands in for an identity number that could not be read; never stored.
NOBODY = Identity("", date.min, Sex.MALE)

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
SEXES: Mapping[str, Sex] = {"男": Sex.MALE, "女": Sex.FEMALE, "男性": Sex.MALE, "女性": Sex.FEMALE}

# Is told (step, done, of) while long work goes on; the steps are named in `STEPS`.
Progress = Callable[[str, int, int], None]
STEPS = ("open", "check", "compare", "store")
# So often it is told within a step.
EVERY = 500


def silent(_step: str, _done: int, _of: int) -> None:
    """For work that nobody watches."""


Value = TypeVar("Value")


class _Row:
    """One row while it is read: takes cells by header, notes faults, goes on."""

    __slots__ = ("bad", "contents", "formulas", "number", "sheet", "values")

    def __init__(
        self, contents: RosterContents, sheet: str, number: int, values: Mapping[str, Cell], formulas: Set[str]
    ) -> None:
        self.contents, self.sheet, self.number, self.values, self.formulas = contents, sheet, number, values, formulas
        self.bad = NONE

    def take(self, header: str, read: Callable[[Cell], Value], otherwise: Value) -> Value:
        """The cell under `header`; a fault is noted and `otherwise` stands in so that the row's other faults show."""
        try:
            if header in self.formulas:
                raise Refused("roster.cell_formula")
            return read(self.values.get(header, ""))
        except Refused as refusal:
            self.fault(header, refusal)
            return otherwise

    def fault(self, header: str, refusal: Refused) -> None:
        self.bad = self.bad | {header}
        self.contents.fault(self.sheet, self.number, header, refusal)


def read_roster(
    data: bytes, categories: Mapping[str, str], today: date, progress: Progress = silent, *, age_least: int = 0
) -> RosterContents:
    """The workbook's rows. `categories`: name → code, as the congress has them; `age_least`: of a member, in years.
    Raises Refused for no workbook.
    """
    progress("open", 0, 1)
    opened = open_workbook(data, SHEETS, legacy=True)
    sheets = opened.sheets
    if not sheets:
        raise Refused("roster.no_sheet", field="file", sheets="、".join(SHEETS))
    contents = RosterContents()
    total, before = sum(map(len, sheets.values())), 0
    for sheet, rows in sheets.items():
        unseen = opened.hidden_rows.get(sheet, NONE_HIDDEN)
        for row in _rows(contents, sheet, rows, opened.formulas.get(sheet, ())):
            if sheet in opened.hidden or row.number in unseen:
                contents.remark(sheet, row.number, HIDDEN_SHEET if sheet in opened.hidden else HIDDEN_ROWS)
            if row.number % EVERY == 0:
                progress("check", before + row.number, total)
            if sheet == UNITS:
                _keep(row, _unit(row), contents.units, contents.half_units)
            elif sheet == ORGANISATIONS:
                _keep(row, _organisation(row), contents.organisations, contents.half_organisations)
            else:
                member = _member(row, categories, today, age_least)
                _keep(row, member, contents.members, contents.half_members)
        before += len(rows)
    if not contents.fault_count and not (contents.units or contents.organisations or contents.members):
        raise Refused("roster.no_rows", field="file")
    return contents


def _keep(row: _Row, made: Line, sound: list[Line], halves: list[Half[Line]]) -> None:
    if row.bad:
        halves.append(Half(made, row.bad))
    else:
        sound.append(made)


def _rows(contents: RosterContents, sheet: str, rows: Rows, formulas: Iterable[tuple[int, str]]) -> Iterator[_Row]:
    """The filled rows below the header; the header itself may stand under a title."""
    contents.headers[sheet] = 1
    header = find_header(sheet, rows)
    if header is None:
        if rows:
            contents.broken = True
            missing = Refused("roster.header_missing", headers="、".join(NEEDED[sheet]))
            contents.fault_at(sheet, 1, "", missing)
        return
    contents.headers[sheet] = header.row
    contents.letters[sheet] = {name: column_letter(index) for name, index in header.columns.items()}
    if not _whole(contents, sheet, header):
        return
    for name in header.unread:
        contents.remark(sheet, header.row, COLUMNS_UNREAD, name)
    calculated = _by_row(formulas, {letter: name for name, letter in contents.letters[sheet].items()})
    columns = list(header.columns.items())
    for number, values in enumerate(rows[header.row :], header.row + 1):
        named = {name: values[index] for name, index in columns}
        first = next((text for value in values if value != "" and (text := cells.plain(value))), "")
        if not first or first.startswith(EXAMPLE) or not any(map(cells.plain, named.values())):
            continue
        if is_footer(first):
            contents.remark(sheet, number, SKIPPED)
            continue
        yield _Row(contents, sheet, number, named, calculated.get(number, NONE))


def _whole(contents: RosterContents, sheet: str, header: Header) -> bool:
    """Every needed column is there, and each once."""
    for name, index in header.twice:
        contents.fault_at(sheet, header.row, column_letter(index), Refused("roster.column_twice", header=name))
    missing = [name for name in NEEDED[sheet] if name not in header.columns]
    if missing:
        contents.fault_at(sheet, header.row, "", Refused("roster.column_missing", headers="、".join(missing)))
    contents.broken = contents.broken or bool(header.twice or missing)
    return not missing


def _by_row(formulas: Iterable[tuple[int, str]], headers: Mapping[str, str]) -> dict[int, set[str]]:
    """Row → the headers under which it has a formula. `headers`: column letter → header."""
    found: dict[int, set[str]] = {}
    for row, letter in formulas:
        if letter in headers:
            found.setdefault(row, set()).add(headers[letter])
    return found


def _unit(row: _Row) -> UnitRow:
    def code(cell: Cell) -> str:
        text = cells.read_code(cell).lower()
        if not UNIT_CODE.fullmatch(text):
            raise Refused("congress.code_wrong")
        return text

    factor = row.take("系数", cells.read_factor, Fraction(1))
    reason = row.take("系数理由", lambda cell: cells.read_text(cell, 200, required=False), "")
    if factor != 1 and not reason and "系数理由" not in row.bad:
        row.fault("系数理由", Refused("congress.factor_unexplained"))
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


def _member(row: _Row, categories: Mapping[str, str], today: date, age_least: int) -> MemberRow:
    identity = row.take("身份证号", lambda cell: _identity(cell, today, age_least), NOBODY)
    known = identity is not NOBODY

    def joined(cell: Cell) -> date | None:
        day = cells.read_date(cell)
        if day is not None:
            require_joined(day, identity.born_on if known else None, today, value=cells.plain(cell))
        if day is not None and day.day == 1 and cells.is_month_only(cell):
            row.contents.remark(row.sheet, row.number, MONTH_ONLY)
        if day is not None and known and age_on(identity.born_on, day) < age_least:
            row.contents.remark(row.sheet, row.number, JOINED_YOUNG)
        return day

    standing = row.take("党员类型", _standing, Standing.FULL)

    def suspension(cell: Cell) -> Suspension | None:
        if not cells.plain(cell):
            return None
        reason = cells.read_choice(cell, SUSPENSIONS)
        if standing is not Standing.FULL:
            raise Refused("roster.suspension_of_probationary")
        return reason

    def branch(cell: Cell) -> str:
        """Its number, or its name where there is none."""
        code = cells.read_code(cell, LONGEST_BRANCH, required="党支部" not in row.values)
        return code or cells.read_code(row.values["党支部"], LONGEST_BRANCH)

    member = (
        row.take("姓名", cells.read_person_name, ""),
        row.take("党支部编号", branch, ""),
        row.take("民族", cells.read_ethnicity, ""),
        row.take("学历", cells.read_education, ""),
        row.take("停权原因", suspension, None),
        row.take("入党日期", joined, None),
        row.take("主要类别", lambda cell: cells.read_choice(cell, categories), ""),
        row.take("职务", lambda cell: cells.read_text(cell, 80, required=False), ""),
    )
    if known:
        _hold_against(row, identity)
    joined_on = member[5]
    if standing is Standing.PROBATIONARY and joined_on is not None and joined_on <= probation_over(today):
        row.contents.remark(row.sheet, row.number, PROBATION_OVER)
    since, until, reason = _right(row, standing, member[4], member[5], today)
    name, in_branch, ethnicity, education, suspended, joined_on, category, post = member
    return MemberRow(
        row.number,
        name,
        identity,
        in_branch,
        ethnicity,
        education,
        standing,
        suspended,
        joined_on,
        category,
        post,
        cells.plain(row.values.get("党员类型", "")) != "",
        since,
        until,
        reason,
        tuple(text for header in WITHIN if (text := cells.plain(row.values.get(header, "")))),
        cells.plain(row.values.get("党支部", "")) if cells.plain(row.values.get("党支部编号", "")) else "",
    )


def _right(
    row: _Row, standing: Standing, suspension: Suspension | None, joined_on: date | None, today: date
) -> tuple[date | None, date | None, str]:
    """Since when, until when and by which paper somebody has no vote, by the same rules as at the member's page."""
    if RIGHT_COLUMNS.isdisjoint(row.values):
        return None, None, ""
    since = row.take("停权起", cells.read_day, None)
    until = row.take("停权止", cells.read_day, None)
    reason = row.take("依据", lambda cell: cells.read_text(cell, 400, required=False), "")
    if row.bad & {"党员类型", "停权原因", "停权起", "停权止"}:
        return since, until, reason
    try:
        require_right(standing, suspension, since, until, today)
        if since is not None and joined_on is not None and since < joined_on:
            raise Refused("roster.right_before_joining", field="since", day=chinese_date(joined_on))
    except Refused as refusal:
        row.fault(
            "停权起" if refusal.field == "since" else "停权止", Refused(refusal.code, field=None, **refusal.params)
        )
    return since, until, "" if has_vote(standing, suspension) else reason


def _hold_against(row: _Row, identity: Identity) -> None:
    """Sex and birthday, where the sheet has them, must be those that the identity number states."""

    def sex(cell: Cell) -> None:
        if cells.plain(cell) and cells.read_choice(cell, SEXES) is not identity.sex:
            raise Refused("roster.sex_differs", value=cells.plain(cell))

    def birth(cell: Cell) -> None:
        day = cells.read_date(cell)
        if day is not None and not cells.agree_on_birth(day, identity.born_on):
            raise Refused("roster.birth_differs", value=day.isoformat(), day=identity.born_on.isoformat())

    if "性别" in row.values:
        row.take("性别", sex, None)
    if "出生日期" in row.values:
        row.take("出生日期", birth, None)


def _identity(cell: Cell, today: date, age_least: int) -> Identity:
    text = cells.plain(cell)
    if not text:
        raise Refused("roster.cell_empty")
    if isinstance(cell, float) and cell > 10**15:
        # A spreadsheet keeps fifteen digits of a number: the last three are lost for good.
        raise Refused("roster.identity_as_number")
    identity = read_identity(text)
    require_age(identity.born_on, today, age_least)
    return identity


def _standing(cell: Cell) -> Standing:
    return cells.read_choice(cell, STANDINGS) if cells.plain(cell) else Standing.FULL
