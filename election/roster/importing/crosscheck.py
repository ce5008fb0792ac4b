"""Do the rows of a roster workbook agree with each other and with what is known: codes, parents, branches, persons.

Pure. Every fault stands at the cell that has to be corrected; nothing is mended by guessing. A row that refers to a faulty row
has to wait for it, and says so at its own place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from election.errors import Refused
from election.roster.importing.headers import MEMBERS, ORGANISATIONS, UNITS
from election.roster.importing.rows import MemberRow, OrganisationRow, RosterContents, UnitRow
from election.roster.models import OrganisationKind

# What may stand above an organisation.
ABOVE: Mapping[OrganisationKind, tuple[OrganisationKind, ...]] = {
    OrganisationKind.COMMITTEE: (),
    OrganisationKind.GENERAL_BRANCH: (OrganisationKind.COMMITTEE,),
    OrganisationKind.BRANCH: (OrganisationKind.COMMITTEE, OrganisationKind.GENERAL_BRANCH),
}
# From the top, since each names the one above it.
LEVELS = tuple(ABOVE)

Line = TypeVar("Line", UnitRow, OrganisationRow, MemberRow)


@dataclass(frozen=True, slots=True)
class Known:
    """What the system holds: unit code → name, organisation code → kind, branch code → name of its unit.

    `units_open`: units may still be added and changed, as in preparation; `branches_open`: a branch may still move
    to another unit, as until the nomination begins. `unit_rows`: code → what is stored of it.
    """

    units: Mapping[str, str] = field(default_factory=dict)
    organisations: Mapping[str, OrganisationKind] = field(default_factory=dict)
    branch_units: Mapping[str, str] = field(default_factory=dict)
    units_open: bool = True
    branches_open: bool = True
    unit_rows: Mapping[str, UnitRow] = field(default_factory=dict)


def cross_check(contents: RosterContents, known: Known) -> None:
    """Adds to `contents.faults` what only several rows together show; afterwards `contents` holds the sound rows only."""
    units = _check_units(contents, known)
    branches = _check_organisations(contents, known, units)
    _check_members(contents, branches)
    contents.settle()


@dataclass(slots=True)
class _Names:
    """What rows may refer to: `sound` names or codes, and those that `wait` for the faulty row of that number."""

    sound: set[str]
    waiting: dict[str, int]
    sheet: str
    kinds: Mapping[str, OrganisationKind] = field(default_factory=dict)

    def wait(self, name: str) -> Refused:
        return Refused("roster.row_waits", value=name, sheet=self.sheet, row=self.waiting[name])


def _doubled(
    contents: RosterContents,
    sheet: str,
    header: str,
    lines: Iterable[Line],
    key: Callable[[Line], str],
    refuse: Callable[[Line, int], Refused],
) -> None:
    """The later of two rows is a fault; where they do not say the same, the first is too: neither is known to be right."""
    first: dict[str, Line] = {}
    for line in lines:
        other = first.setdefault(key(line), line)
        if other is line:
            continue
        contents.fault(sheet, line.row, header, refuse(line, other.row))
        if replace(line, row=other.row) != other and other.row not in contents.faulty_rows(sheet):
            contents.fault(sheet, other.row, header, refuse(other, line.row))


def _listed_twice(line: UnitRow | OrganisationRow, other: int) -> Refused:
    return Refused("roster.listed_twice", value=line.code, first=other)


def _check_units(contents: RosterContents, known: Known) -> _Names:
    """The names of all units, listed or known."""
    names = {name: code for code, name in known.units.items()}
    _doubled(contents, UNITS, "代号", contents.units, lambda unit: unit.code, _listed_twice)
    for unit in contents.units:
        if names.setdefault(unit.name, unit.code) != unit.code:
            contents.fault(UNITS, unit.row, "名称", Refused("congress.unit_name_taken", name=unit.name))
        elif unit.code not in known.units and not known.units_open:
            contents.fault(UNITS, unit.row, "代号", Refused("roster.units_fixed", name=unit.name))
        elif not known.units_open and unit.code in known.unit_rows:
            stored = known.unit_rows[unit.code]
            if stored != replace(unit, row=stored.row):
                contents.fault(UNITS, unit.row, "名称", Refused("roster.units_fixed", name=unit.name))
    bad = contents.faulty_rows(UNITS)
    renamed = {unit.code: unit.name for unit in contents.units if unit.row not in bad}
    sound = {*renamed.values(), *(name for code, name in known.units.items() if code not in renamed)}
    waiting = {name: row for (sheet, name), row in contents.named.items() if sheet == UNITS}
    waiting |= {unit.name: unit.row for unit in contents.units if unit.row in bad}
    return _Names(sound, waiting, UNITS)


def _check_organisations(contents: RosterContents, known: Known, units: _Names) -> _Names:
    """The codes of all organisations, listed or known, with their kinds."""
    _doubled(contents, ORGANISATIONS, "编号", contents.organisations, lambda row: row.code, _listed_twice)
    for row in contents.organisations:
        if known.organisations.get(row.code, row.kind) is not row.kind:
            refusal = Refused("roster.kind_changed", name=row.name, kind=known.organisations[row.code])
            contents.fault(ORGANISATIONS, row.row, "类型", refusal)
    kinds = {row.code: row.kind for row in reversed(contents.organisations)} | dict(known.organisations)
    waiting = {code: row for (sheet, code), row in contents.named.items() if sheet == ORGANISATIONS}
    waiting |= {row.code: row.row for row in reversed(contents.organisations)}
    codes = _Names(set(known.organisations), waiting, ORGANISATIONS, kinds)
    bad = contents.faulty_rows(ORGANISATIONS)
    for level in LEVELS:
        rows = [row for row in contents.organisations if row.kind is level]
        for row in rows:
            refusals = [("上级编号", _parent_fault(row, codes))]
            if level is OrganisationKind.BRANCH:
                refusals.append(("选举单位", _unit_fault(row, known, units)))
            for header, fault in refusals:
                if fault is not None:
                    contents.fault(ORGANISATIONS, row.row, header, fault)
                    bad.add(row.row)
        codes.sound.update(row.code for row in rows if row.row not in bad)
    return codes


def _parent_fault(row: OrganisationRow, codes: _Names) -> Refused | None:
    above = ABOVE[row.kind]
    if not above:
        return Refused("roster.committee_has_parent", name=row.name) if row.parent else None
    if not row.parent:
        return Refused("roster.parent_missing", name=row.name, kind=row.kind)
    kind = codes.kinds.get(row.parent)
    if kind is not None and kind not in above:
        return Refused("roster.parent_of_wrong_kind", name=row.name, kind=row.kind, parent=kind)
    if row.parent in codes.sound:
        return None
    return codes.wait(row.parent) if row.parent in codes.waiting else Refused("roster.parent_unknown", value=row.parent)


def _unit_fault(row: OrganisationRow, known: Known, units: _Names) -> Refused | None:
    if not row.unit:
        return None if row.code in known.branch_units else Refused("roster.branch_without_unit", name=row.name)
    if row.unit not in units.sound:
        return units.wait(row.unit) if row.unit in units.waiting else Refused("roster.unit_unknown", value=row.unit)
    if not known.branches_open and known.branch_units.get(row.code, row.unit) != row.unit:
        return Refused("roster.branch_stays", name=row.name, unit=known.branch_units[row.code])
    return None


def _check_members(contents: RosterContents, codes: _Names) -> None:
    _doubled(
        contents,
        MEMBERS,
        "身份证号",
        contents.members,
        lambda row: row.identity.number,
        lambda row, other: Refused("roster.person_twice", name=row.name, first=other),
    )
    for row in contents.members:
        kind = codes.kinds.get(row.branch)
        if kind is not None and kind is not OrganisationKind.BRANCH:
            refusal = Refused("roster.not_a_branch", value=row.branch, kind=kind)
        elif row.branch in codes.sound:
            continue
        elif row.branch in codes.waiting:
            refusal = codes.wait(row.branch)
        else:
            refusal = Refused("roster.branch_unknown", value=row.branch)
        contents.fault(MEMBERS, row.row, "党支部编号", refusal)
