"""Do the rows of a roster workbook agree with each other and with what is known: codes, parents, branches, persons.

Pure. Every fault stands at the cell that has to be corrected; nothing is mended by guessing. A row that refers to a faulty row
has to wait for it, and says so at its own place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import chain

from election.errors import Refused
from election.roster.importing.branches import BranchNames, name_key
from election.roster.importing.headers import MEMBERS, ORGANISATIONS, UNITS
from election.roster.importing.notes import PLACE_UNKNOWN
from election.roster.importing.rows import WAITS, Half, Line, MemberRow, OrganisationRow, RosterContents, UnitRow
from election.roster.models import OrganisationKind

# What may stand above an organisation.
ABOVE: Mapping[OrganisationKind, tuple[OrganisationKind, ...]] = {
    OrganisationKind.COMMITTEE: (),
    OrganisationKind.GENERAL_BRANCH: (OrganisationKind.COMMITTEE,),
    OrganisationKind.BRANCH: (OrganisationKind.COMMITTEE, OrganisationKind.GENERAL_BRANCH),
}
# From the top, since each names the one above it.
LEVELS = tuple(ABOVE)
NONE: Set[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Known:
    """What the system holds: unit code → name, organisation code → kind, branch code → name of its unit.

    `units_open`: units may still be added and changed, as in preparation; `branches_open`: a branch may still move
    to another unit, as until the nomination begins. `unit_rows`, `organisation_rows`: code → what is stored of it.
    """

    units: Mapping[str, str] = field(default_factory=dict)
    organisations: Mapping[str, OrganisationKind] = field(default_factory=dict)
    branch_units: Mapping[str, str] = field(default_factory=dict)
    units_open: bool = True
    branches_open: bool = True
    unit_rows: Mapping[str, UnitRow] = field(default_factory=dict)
    organisation_rows: Mapping[str, OrganisationRow] = field(default_factory=dict)


def cross_check(contents: RosterContents, known: Known) -> None:
    """Adds to `contents.faults` what only several rows together show; afterwards `contents` holds the sound rows only."""
    units = _check_units(contents, known)
    codes = _check_organisations(contents, known, units)
    organisations = _told(contents.organisations, contents.half_organisations, "编号", "名称", "类型")
    names = BranchNames(organisations, known.organisation_rows, chain(units.sound, units.waiting))
    _check_members(contents, codes, names)
    contents.settle()


def _told(sound: Sequence[Line], halves: Sequence[Half[Line]], *headers: str) -> Sequence[Line]:
    """The rows of which these cells could be read, in the order of the sheet."""
    readable = [half.line for half in halves if not half.bad & set(headers)]
    return sorted(chain(sound, readable), key=lambda line: line.row) if readable else sound


def _each(sound: Iterable[Line], halves: Iterable[Half[Line]]) -> list[tuple[Line, Set[str]]]:
    """Every row with the headers under which nothing is known of it."""
    return list(chain(((line, NONE) for line in sound), ((half.line, half.bad) for half in halves)))


@dataclass(slots=True)
class _Names:
    """What rows may refer to: `sound` names or codes, and those that `wait` for the faulty row of that number."""

    sound: set[str]
    waiting: dict[str, int]
    sheet: str
    kinds: Mapping[str, OrganisationKind] = field(default_factory=dict)

    def wait(self, name: str) -> Refused:
        return Refused(WAITS, value=name, sheet=self.sheet, row=self.waiting[name])


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
    told: set[int] = set()
    for line in lines:
        other = first.setdefault(key(line), line)
        if other is line:
            continue
        contents.fault(sheet, line.row, header, refuse(line, other.row))
        if other.row not in told and replace(line, row=other.row) != other:
            told.add(other.row)
            contents.fault(sheet, other.row, header, refuse(other, line.row))


def _listed_twice(line: UnitRow | OrganisationRow, other: int) -> Refused:
    return Refused("roster.listed_twice", value=line.code, first=other)


def _check_units(contents: RosterContents, known: Known) -> _Names:
    """The names of all units, listed or known."""
    names = {name: code for code, name in known.units.items()}
    coded = _told(contents.units, contents.half_units, "代号")
    _doubled(contents, UNITS, "代号", coded, lambda unit: unit.code, _listed_twice)
    for unit, unread in _each(contents.units, contents.half_units):
        if unread & {"代号", "名称"}:
            continue
        if names.setdefault(unit.name, unit.code) != unit.code:
            contents.fault(UNITS, unit.row, "名称", Refused("congress.unit_name_taken", name=unit.name))
        elif unit.code not in known.units and not known.units_open:
            contents.fault(UNITS, unit.row, "代号", Refused("roster.units_fixed", name=unit.name))
        elif not unread and not known.units_open and unit.code in known.unit_rows:
            stored = known.unit_rows[unit.code]
            if stored != replace(unit, row=stored.row):
                contents.fault(UNITS, unit.row, "名称", Refused("roster.units_fixed", name=unit.name))
    bad = contents.bad[UNITS]
    renamed = {unit.code: unit.name for unit in contents.units if unit.row not in bad}
    sound = {*renamed.values(), *(name for code, name in known.units.items() if code not in renamed)}
    named = _told(contents.units, contents.half_units, "名称")
    return _Names(sound, {unit.name: unit.row for unit in named if unit.row in bad}, UNITS)


def _check_organisations(contents: RosterContents, known: Known, units: _Names) -> _Names:
    """The codes of all organisations, listed or known, with their kinds."""
    halves = contents.half_organisations
    coded = _told(contents.organisations, halves, "编号")
    _doubled(contents, ORGANISATIONS, "编号", coded, lambda row: row.code, _listed_twice)
    typed = _told(contents.organisations, halves, "编号", "类型")
    for row in typed:
        if known.organisations.get(row.code, row.kind) is not row.kind:
            refusal = Refused("roster.kind_changed", name=row.name, kind=known.organisations[row.code])
            contents.fault(ORGANISATIONS, row.row, "类型", refusal)
    kinds = {row.code: row.kind for row in reversed(typed)} | dict(known.organisations)
    # Who names a branch whose number is faulty has to wait for it as well.
    waiting = {name_key(half.line.name): half.line.row for half in halves if "编号" in half.bad}
    waiting |= {row.code: row.row for row in reversed(coded)}
    waiting.pop("", None)
    codes = _Names(set(known.organisations), waiting, ORGANISATIONS, kinds)
    for level in LEVELS:
        rows = [
            (row, unread)
            for row, unread in _each(contents.organisations, halves)
            if row.kind is level and "类型" not in unread
        ]
        for row, unread in rows:
            refusals = [("上级编号", _parent_fault(row, codes))]
            if level is OrganisationKind.BRANCH:
                refusals.append(("选举单位", _unit_fault(row, known, units)))
            for header, fault in refusals:
                if fault is not None and header not in unread:
                    contents.fault(ORGANISATIONS, row.row, header, fault)
        codes.sound.update(row.code for row, _ in rows if row.row not in contents.bad[ORGANISATIONS])
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


def _check_members(contents: RosterContents, codes: _Names, names: BranchNames) -> None:
    """Whoever stands twice, and in which branch everybody is; a branch that is named gets its number here."""
    _doubled(
        contents,
        MEMBERS,
        "身份证号",
        _told(contents.members, contents.half_members, "身份证号"),
        lambda row: row.identity.number,
        lambda row, other: Refused("roster.person_twice", name=row.name, first=other),
    )
    for place, row in enumerate(contents.members):
        code = _branch_of(contents, row, codes, names)
        if code != row.branch:
            contents.members[place] = replace(row, branch=code)
    for half in contents.half_members:
        if "党支部编号" not in half.bad:
            _branch_of(contents, half.line, codes, names)


def _branch_of(contents: RosterContents, row: MemberRow, codes: _Names, names: BranchNames) -> str:
    """The code of the row's branch; what it says where that is none, which is noted."""
    code = row.branch
    try:
        if code not in codes.kinds and code not in codes.waiting:
            code = names.code_of(code, row.within)
        elif code in codes.sound and (row.branch_said or row.within):
            for text in names.hold_against(code, row.branch_said, row.within):
                contents.remark(MEMBERS, row.row, PLACE_UNKNOWN, text)
        kind = codes.kinds.get(code)
        if kind is not None and kind is not OrganisationKind.BRANCH:
            raise Refused("roster.not_a_branch", value=code, kind=kind)
        if code not in codes.sound:
            raise codes.wait(code)
    except Refused as refusal:
        contents.fault(MEMBERS, row.row, "党支部编号", refusal)
    return code
