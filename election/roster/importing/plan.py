"""A roster workbook against what is stored: which rows are new, which change what, which stay as they are. Pure.

A column that the workbook does not have leaves what is stored. Nobody who is known gets or loses the vote by a workbook: what
is stored of it stays where a cell is empty, and a row that says something else goes back.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from election.congress.models import UnitKind
from election.errors import Refused
from election.machine import Worded, Words
from election.people.identity import hide_numbers
from election.roster.electors import has_vote
from election.roster.importing.corrections import Corrections
from election.roster.importing.crosscheck import Known, cross_check
from election.roster.importing.headers import MEMBERS, ORGANISATIONS, UNITS
from election.roster.importing.preview import Added, Change, RosterPreview
from election.roster.importing.rows import Half, MemberRow, OrganisationRow, RosterContents, UnitRow
from election.roster.importing.workbook import EVERY, UNIT_KINDS, Progress, silent
from election.roster.models import Standing, Suspension

# The header under which a member's fact stands, and its name in `MemberRow` and `StoredMember`; the right to vote apart.
MEMBER_FACTS: Mapping[str, str] = {
    "姓名": "name",
    "党支部编号": "branch",
    "民族": "ethnicity",
    "学历": "education",
    "入党日期": "joined_on",
    "主要类别": "category",
    "职务": "post",
}
# What is also known of a person who is no member yet: somebody with an account.
PERSON_FACTS: Mapping[str, str] = {"姓名": "name", "民族": "ethnicity", "学历": "education"}
ORGANISATION_FACTS: Mapping[str, str] = {"名称": "name", "上级编号": "parent", "选举单位": "unit"}
UNIT_FACTS: Mapping[str, str] = {"名称": "name", "类型": "kind", "系数": "factor", "系数理由": "factor_reason"}
NO_SUSPENSION = Words("没有停权", "not suspended")
NOT_RECORDED = Words("没有记载", "not recorded")
# The header of what is recorded of a missing vote besides its ground, and its name in `MemberRow` and `StoredMember`.
RIGHT_FACTS: Mapping[str, str] = {"停权起": "right_since", "停权止": "right_until", "依据": "right_reason"}


@dataclass(frozen=True, slots=True)
class StoredMember:
    """A person with an identity number; `member_id` is None for one who is known and no member yet."""

    person_id: int
    member_id: int | None
    name: str
    ethnicity: str
    education: str
    branch: str | None
    standing: Standing | None
    suspension: Suspension | None
    joined_on: date | None
    category: str | None
    post: str | None
    right_since: date | None = None
    right_until: date | None = None
    right_reason: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """What is stored, as the workbook would say it; units and organisations by code with their ids.

    `find_members` is asked once, with the identity numbers of the workbook: number → the person, if known. `find_corrections`
    is asked only where somebody changes: what of members was corrected by hand.
    """

    units: Mapping[str, tuple[int, UnitRow]]
    organisations: Mapping[str, tuple[int, OrganisationRow]]
    find_members: Callable[[list[str]], Mapping[str, StoredMember]]
    find_corrections: Callable[[], Corrections] = Corrections


@dataclass(slots=True)
class Plan:
    """The sound rows to add, and of those that differ from what is stored the row as it is to be."""

    contents: RosterContents
    new_units: list[UnitRow] = field(default_factory=list)
    changed_units: list[tuple[int, UnitRow]] = field(default_factory=list)
    new_organisations: list[OrganisationRow] = field(default_factory=list)
    changed_organisations: list[tuple[int, OrganisationRow]] = field(default_factory=list)
    new_members: list[MemberRow] = field(default_factory=list)
    # persons who are known and no members yet
    joining: list[tuple[StoredMember, MemberRow]] = field(default_factory=list)
    changed_members: list[tuple[StoredMember, MemberRow]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    # what would put a correction by hand back, and by row what becomes of the member if that is confirmed
    undone: list[Change] = field(default_factory=list)
    undoing: dict[int, tuple[StoredMember, MemberRow]] = field(default_factory=dict)
    # rows whose number bears another name: what they would change, and what becomes of the person if that is confirmed
    renamed: list[Change] = field(default_factory=list)
    renaming: dict[int, tuple[StoredMember, MemberRow]] = field(default_factory=dict)
    voters: int = 0
    # code → name of all organisations, as they will be
    named: dict[str, str] = field(default_factory=dict)

    def confirm_names(self, rows: Collection[int]) -> None:
        """Whoever bears the number of these rows of the sheet of members is the same person under another name. Before
        `undo_corrections`, which takes nothing of a row whose name is in doubt.
        """
        for row in rows:
            if row in self.renaming:
                known, facts = self.renaming.pop(row)
                (self.joining if known.member_id is None else self.changed_members).append((known, facts))

    def undo_corrections(self, rows: Collection[int]) -> None:
        """What these rows of the sheet of members say counts, though it was corrected by hand since."""
        confirmed = {row: self.undoing[row] for row in rows if row in self.undoing and row not in self.renaming}
        self.changed_members = [one for one in self.changed_members if one[1].row not in confirmed]
        self.changed_members += confirmed.values()

    def preview(self) -> RosterPreview:
        rows = self.contents
        bad = {sheet: len(found) for sheet, found in rows.bad.items()}
        left_out = sum(bad.values())
        return RosterPreview(
            units=len(rows.units),
            units_added=len(self.new_units),
            units_changed=len(self.changed_units),
            organisations=len(rows.organisations),
            organisations_added=len(self.new_organisations),
            organisations_changed=len(self.changed_organisations),
            members=len(rows.members),
            members_added=len(self.new_members) + len(self.joining),
            members_changed=len(self.changed_members),
            voters=self.voters,
            rows_left_out=left_out,
            rows_waiting=left_out - len(rows.own),
            rows_bad=bad,
            fault_count=rows.fault_count,
            faults_unsaid=rows.faults_unsaid,
            broken=rows.broken,
            changes=tuple(self.changes),
            undone=tuple(self.undone),
            renamed=tuple(self.renamed),
            faults=tuple(rows.faults),
            headers=rows.headers,
            added=self._added(),
            notes=rows.notes(),
            digest=self._digest(),
        )

    def _added(self) -> tuple[Added, ...]:
        lines = [(UNITS, row.row, row.name, row.code) for row in self.new_units]
        lines += [
            (ORGANISATIONS, row.row, row.name, row.unit or self._place(row.parent)) for row in self.new_organisations
        ]
        joined = sorted([*self.new_members, *(row for _, row in self.joining)], key=lambda row: row.row)
        lines += [(MEMBERS, row.row, row.name, self._place(row.branch)) for row in joined]
        return tuple(Added(sheet, row, hide_numbers(who), place) for sheet, row, who, place in lines)

    def plain(self, fact: str, value: object) -> str | None:
        """A member's fact as the audit chain keeps it, as at the member's page."""
        if isinstance(value, date):
            return value.isoformat()
        return value if value is None else self._place(str(value)) if fact == "branch" else hide_numbers(str(value))

    def _place(self, code: str) -> str:
        return f"{self.named[code]}（{code}）" if code in self.named else code

    def _digest(self) -> str:
        """Over every row that is added, every fact that changes and every row that stays out. Of one and the same workbook
        the number of a row says whose it is: no identity number is in it.
        """
        facts = [*MEMBER_FACTS.values(), "standing", "suspension", *RIGHT_FACTS.values()]
        done = [
            [[str(part) for part in (row.row, row.code, row.name, row.kind, row.factor)] for row in self.new_units],
            [[row.row, row.code, row.name, row.kind, row.parent, row.unit] for row in self.new_organisations],
            [[row.row, *(str(getattr(row, fact)) for fact in facts)] for row in self.new_members],
            [[row.row, known.person_id, *(str(getattr(row, fact)) for fact in facts)] for known, row in self.joining],
            [[one.sheet, one.row, one.header, one.before, one.after] for one in self.changes],
            [[one.row, one.header, one.before, one.after] for one in self.undone],
            [[one.row, one.header, one.before, one.after] for one in self.renamed],
            [[fault.sheet, fault.row, fault.refusal.code] for fault in self.contents.faults],
            [sorted(rows) for rows in self.contents.bad.values()],
        ]
        return hashlib.sha256(json.dumps(done, ensure_ascii=False).encode()).hexdigest()


def make_plan(
    contents: RosterContents,
    known: Known,
    stored: Stored,
    category_names: Mapping[str, str],
    progress: Progress = silent,
) -> Plan:
    """Cross-checks the workbook and compares its sound rows with what is stored. `category_names`: code → name."""
    _keep_absent(contents, stored)
    read = [*contents.members, *(half.line for half in contents.half_members if "身份证号" not in half.bad)]
    persons = stored.find_members([row.identity.number for row in read])
    _hold_rights(contents, persons)
    cross_check(contents, known)
    plan = Plan(contents)
    plan.named = {code: row.name for code, (_, row) in stored.organisations.items()}
    plan.named |= {row.code: row.name for row in contents.organisations}
    for unit in contents.units:
        if unit.code not in stored.units:
            plan.new_units.append(unit)
        elif differences := _differences(UNIT_FACTS, stored.units[unit.code][1], unit):
            plan.changed_units.append((stored.units[unit.code][0], unit))
            plan.changes += [Change(UNITS, unit.row, hide_numbers(unit.name), *said) for said in _said(differences, {})]
    for row in contents.organisations:
        if row.code not in stored.organisations:
            plan.new_organisations.append(row)
            continue
        row_id, before = stored.organisations[row.code]
        if differences := _differences(ORGANISATION_FACTS, before, row if row.unit else replace(row, unit=before.unit)):
            plan.changed_organisations.append((row_id, row))
            plan.changes += [
                Change(ORGANISATIONS, row.row, hide_numbers(row.name), *said) for said in _said(differences, {})
            ]
    _plan_members(plan, stored, persons, category_names, progress)
    return plan


def _keep_absent(contents: RosterContents, stored: Stored) -> None:
    """What a known unit's or organisation's row does not say, because its sheet has no such column, stays as it is."""

    def unit_with(row: UnitRow) -> UnitRow:
        if row.code not in stored.units:
            return row
        known = stored.units[row.code][1]
        return replace(row, factor=known.factor, factor_reason=known.factor_reason)

    def organisation_with(row: OrganisationRow) -> OrganisationRow:
        known = stored.organisations.get(row.code)
        return row if known is None else replace(row, parent=known[1].parent)

    if not contents.has(UNITS, "系数"):
        contents.units = [unit_with(row) for row in contents.units]
    if not contents.has(ORGANISATIONS, "上级编号"):
        contents.organisations = [organisation_with(row) for row in contents.organisations]
        contents.half_organisations = [
            Half(organisation_with(half.line), half.bad) for half in contents.half_organisations
        ]


def _hold_rights(contents: RosterContents, persons: Mapping[str, StoredMember]) -> None:
    """Every row of a known member against what is stored of the right to vote, also where other cells of it are faulty."""
    for row in contents.members:
        known = persons.get(row.identity.number)
        if known is not None and known.member_id is not None:
            _by_hand_only(contents, known, row)
    for half in contents.half_members:
        known = None if "身份证号" in half.bad else persons.get(half.line.identity.number)
        if known is not None and known.member_id is not None:
            _by_hand_only(contents, known, half.line, half.bad)


def _plan_members(
    plan: Plan,
    stored: Stored,
    persons: Mapping[str, StoredMember],
    category_names: Mapping[str, str],
    progress: Progress,
) -> None:
    """Members are found again by their identity number."""
    contents = plan.contents
    rows = contents.members
    corrections: Corrections | None = None
    absent = [name for header, name in MEMBER_FACTS.items() if not contents.has(MEMBERS, header)]
    for place, row in enumerate(rows, 1):
        if place % EVERY == 0:
            progress("compare", place, len(rows))
        known = persons.get(row.identity.number)
        if known is None or known.member_id is None:
            plan.voters += has_vote(row.standing, row.suspension)
            if known is None:
                plan.new_members.append(row)
                continue
            said = _said(_differences(PERSON_FACTS, known, with_known(row, known)), category_names)
            changes = [Change(MEMBERS, row.row, hide_numbers(row.name), *one) for one in said]
            if row.name != known.name:
                plan.renaming[row.row] = (known, row)
                plan.renamed += changes
            else:
                plan.joining.append((known, row))
                plan.changes += changes
            continue
        plan.voters += known.standing is not None and has_vote(known.standing, known.suspension)
        merged = replace(row, **{name: getattr(known, name) for name in absent}) if absent else row
        if differences := _differences(MEMBER_FACTS, known, merged):
            corrections = stored.find_corrections() if corrections is None else corrections
            _plan_change(plan, known, merged, differences, corrections, category_names)


def _plan_change(
    plan: Plan,
    known: StoredMember,
    row: MemberRow,
    differences: Iterable[tuple[str, Any, Any]],
    corrections: Corrections,
    category_names: Mapping[str, str],
) -> None:
    """What a row changes of a known member. A fact that somebody corrected by hand, and that the row would put back as it was
    before, stays: an older list is no correction. A row with another name waits whole: a column that slipped by one row looks
    like this.
    """
    assert known.member_id is not None
    taken, kept = [], {}
    for header, before, after in differences:
        fact = MEMBER_FACTS[header]
        edit = corrections.undone_by(known.member_id, fact, before, after)
        change = Change(
            MEMBERS,
            row.row,
            hide_numbers(row.name),
            *next(iter(_said([(header, before, after)], category_names))),
            edit,
        )
        if edit is None:
            taken.append(change)
        else:
            plan.undone.append(change)
            kept[fact] = before
    if taken and row.name != known.name and "name" not in kept:
        plan.renaming[row.row] = (known, replace(row, **kept))
        plan.renamed += taken
    elif taken:
        plan.changed_members.append((known, replace(row, **kept)))
        plan.changes += taken
    if kept:
        plan.undoing[row.row] = (known, row)


def with_known(row: MemberRow, known: StoredMember) -> MemberRow:
    """The row of a person who is known and joins the roster: what it does not say of the person stays."""
    return replace(row, ethnicity=row.ethnicity or known.ethnicity, education=row.education or known.education)


def _by_hand_only(
    contents: RosterContents, known: StoredMember, row: MemberRow, unread: Set[str] = frozenset()
) -> None:
    """Notes a fault where a row would change what is changed at the member's page alone, with its reason, its dates and its
    own line in the audit chain: another standing or suspension than is stored, other days or another paper (an empty cell
    names none), or that someone who left the roster is on it again. `unread`: headers under which nothing is known.
    """
    if known.branch is None:
        # Whoever left comes back by an act of the office, never because an older list still names the member.
        contents.fault(MEMBERS, row.row, "姓名", Refused("roster.row_of_departed", name=row.name))
        return
    stored: Worded | Words
    said = row.standing_said and "党员类型" not in unread
    if said and known.standing is not None and row.standing is not known.standing:
        header, stored = "党员类型", known.standing
    elif "停权原因" not in unread and row.suspension is not None and row.suspension is not known.suspension:
        header, stored = "停权原因", known.suspension or NO_SUSPENSION
    elif other := next(
        (one for one in RIGHT_FACTS.items() if one[0] not in unread and _other(known, row, one[1])), None
    ):
        header, text = other[0], str(getattr(known, other[1]) or "")
        stored = Words(text, text) if text else NOT_RECORDED
    else:
        return
    contents.fault(MEMBERS, row.row, header, Refused("roster.right_by_hand", name=row.name, stored=stored))


def _other(known: StoredMember, row: MemberRow, fact: str) -> bool:
    """Whether the row names something else than is stored."""
    return bool(getattr(row, fact)) and getattr(row, fact) != getattr(known, fact)


def _differences(facts: Mapping[str, str], before: Any, after: Any) -> list[tuple[str, Any, Any]]:
    """(header, before, after) of every fact in which the two differ."""
    return [
        (header, old, new)
        for header, name in facts.items()
        if (old := getattr(before, name)) != (new := getattr(after, name))
    ]


def _said(
    differences: Iterable[tuple[str, Any, Any]], category_names: Mapping[str, str]
) -> Iterable[tuple[str, str, str]]:
    for header, before, after in differences:
        names = category_names if header == "主要类别" else {}
        yield header, hide_numbers(_word(before, names)), hide_numbers(_word(after, names))


def _word(value: Any, names: Mapping[str, str]) -> str:
    """A stored value as the workbook writes it."""
    if value is None:
        return ""
    if isinstance(value, UnitKind):
        return next(word for word, kind in UNIT_KINDS.items() if kind is value)
    if isinstance(value, Worded):
        return value.zh
    return names.get(value, str(value)) if isinstance(value, str) else str(value)
