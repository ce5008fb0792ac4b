"""Do the rows of a roster workbook agree with each other and with what is known: codes, parents, branches, persons.

Pure. Every fault stands at the cell that has to be corrected; nothing is mended by guessing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from election.errors import Refused
from election.roster.models import OrganisationKind
from election.roster.workbook import MEMBERS, ORGANISATIONS, UNITS, OrganisationRow, RosterContents

# What may stand above an organisation.
ABOVE: Mapping[OrganisationKind, tuple[OrganisationKind, ...]] = {
    OrganisationKind.COMMITTEE: (),
    OrganisationKind.GENERAL_BRANCH: (OrganisationKind.COMMITTEE,),
    OrganisationKind.BRANCH: (OrganisationKind.COMMITTEE, OrganisationKind.GENERAL_BRANCH),
}


@dataclass(frozen=True, slots=True)
class Known:
    """What the system holds: unit code → name, organisation code → kind, branch code → name of its unit.

    `units_open`: units may still be added and changed, as in preparation; `branches_open`: a branch may still move
    to another unit, as until the nomination begins.
    """

    units: Mapping[str, str] = field(default_factory=dict)
    organisations: Mapping[str, OrganisationKind] = field(default_factory=dict)
    branch_units: Mapping[str, str] = field(default_factory=dict)
    units_open: bool = True
    branches_open: bool = True


def cross_check(contents: RosterContents, known: Known) -> None:
    """Adds to `contents.faults` what only several rows together show, then puts all faults in reading order."""
    units = _check_units(contents, known)
    kinds = _check_organisations(contents, known, units)
    _check_members(contents, kinds)
    sheets = {UNITS: 0, ORGANISATIONS: 1, MEMBERS: 2}
    contents.faults.sort(key=lambda fault: (sheets[fault.sheet], fault.row, len(fault.column), fault.column))


def _check_units(contents: RosterContents, known: Known) -> set[str]:
    """The names of all units, listed or known."""
    names = {name: code for code, name in known.units.items()}
    listed: dict[str, int] = {}
    for unit in contents.units:
        if unit.code in listed:
            refusal = Refused("roster.listed_twice", value=unit.code, first=listed[unit.code])
            contents.fault(UNITS, unit.row, "代号", refusal)
        elif names.get(unit.name, unit.code) != unit.code:
            contents.fault(UNITS, unit.row, "名称", Refused("congress.unit_name_taken", name=unit.name))
        elif unit.code not in known.units and not known.units_open:
            contents.fault(UNITS, unit.row, "代号", Refused("roster.units_fixed", name=unit.name))
        listed.setdefault(unit.code, unit.row)
        names.setdefault(unit.name, unit.code)
    return set(names)


def _check_organisations(contents: RosterContents, known: Known, units: set[str]) -> dict[str, OrganisationKind]:
    """Code → kind of all organisations, listed or known."""
    kinds = dict(known.organisations)
    listed: dict[str, int] = {}
    for row in contents.organisations:
        if row.code in listed:
            refusal = Refused("roster.listed_twice", value=row.code, first=listed[row.code])
            contents.fault(ORGANISATIONS, row.row, "编号", refusal)
        elif known.organisations.get(row.code, row.kind) is not row.kind:
            refusal = Refused("roster.kind_changed", name=row.name, kind=known.organisations[row.code])
            contents.fault(ORGANISATIONS, row.row, "类型", refusal)
        listed.setdefault(row.code, row.row)
        kinds.setdefault(row.code, row.kind)
    for row in contents.organisations:
        _check_parent(contents, row, kinds)
        if row.kind is OrganisationKind.BRANCH:
            _check_branch_unit(contents, row, known, units)
    return kinds


def _check_parent(contents: RosterContents, row: OrganisationRow, kinds: Mapping[str, OrganisationKind]) -> None:
    above = ABOVE[row.kind]
    refusal: Refused | None = None
    if not above:
        if row.parent:
            refusal = Refused("roster.committee_has_parent", name=row.name)
    elif not row.parent:
        refusal = Refused("roster.parent_missing", name=row.name, kind=row.kind)
    elif row.parent not in kinds:
        if row.parent not in contents.named:
            refusal = Refused("roster.parent_unknown", value=row.parent)
    elif kinds[row.parent] not in above:
        refusal = Refused("roster.parent_of_wrong_kind", name=row.name, kind=row.kind, parent=kinds[row.parent])
    if refusal is not None:
        contents.fault(ORGANISATIONS, row.row, "上级编号", refusal)


def _check_branch_unit(contents: RosterContents, row: OrganisationRow, known: Known, units: set[str]) -> None:
    if not row.unit:
        if row.code not in known.branch_units:
            contents.fault(ORGANISATIONS, row.row, "选举单位", Refused("roster.branch_without_unit", name=row.name))
    elif row.unit not in units and row.unit not in contents.named:
        contents.fault(ORGANISATIONS, row.row, "选举单位", Refused("roster.unit_unknown", value=row.unit))
    elif not known.branches_open and known.branch_units.get(row.code, row.unit) != row.unit:
        refusal = Refused("roster.branch_stays", name=row.name, unit=known.branch_units[row.code])
        contents.fault(ORGANISATIONS, row.row, "选举单位", refusal)


def _check_members(contents: RosterContents, kinds: Mapping[str, OrganisationKind]) -> None:
    listed: dict[str, int] = {}
    for row in contents.members:
        if row.identity.number in listed:
            refusal = Refused("roster.person_twice", name=row.name, first=listed[row.identity.number])
            contents.fault(MEMBERS, row.row, "身份证号", refusal)
        listed.setdefault(row.identity.number, row.row)
        if row.branch not in kinds:
            if row.branch in contents.named:
                continue
            contents.fault(MEMBERS, row.row, "党支部编号", Refused("roster.branch_unknown", value=row.branch))
        elif kinds[row.branch] is not OrganisationKind.BRANCH:
            refusal = Refused("roster.not_a_branch", value=row.branch, kind=kinds[row.branch])
            contents.fault(MEMBERS, row.row, "党支部编号", refusal)
