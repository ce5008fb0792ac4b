"""The room's largest verb: a roster workbook read in as one act, all of it or none; and its preview.

Members who are not in the workbook are left as they are: leaving is an act of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from election.congress.lifecycle import Phase
from election.congress.models import Category, Congress, Unit
from election.congress.operations import add_unit, change_unit
from election.errors import Invalid, NotFound, Refused
from election.people.act import Act
from election.people.identity import IdentityKeys
from election.people.models import Person
from election.people.permissions import Permission
from election.roster.crosscheck import Known, cross_check
from election.roster.electors import has_vote
from election.roster.models import Member, Organisation, OrganisationKind, RosterImport, UnitBranch
from election.roster.operations import BRANCHES_MOVE
from election.roster.queries_export import stored_roster
from election.roster.workbook import MemberRow, OrganisationRow, RosterContents, RowFault, UnitRow, read_roster

LEVELS = (OrganisationKind.COMMITTEE, OrganisationKind.GENERAL_BRANCH, OrganisationKind.BRANCH)
# Once slates stand, a member changes by an act of its own and not by the thousand.
IMPORT_PHASES = (Phase.PREPARATION, Phase.REGISTRATION, Phase.NOMINATION)


@dataclass(frozen=True, slots=True)
class RosterPreview:
    """What an import would do. With faults it would do nothing at all."""

    units: int
    units_added: int
    organisations: int
    organisations_added: int
    organisations_changed: int
    members: int
    members_added: int
    members_changed: int
    voters: int
    faults: tuple[RowFault, ...]


@dataclass(slots=True)
class _Plan:
    """The workbook against what is stored: the rows to add, and of those that differ what changes."""

    contents: RosterContents
    new_units: list[UnitRow] = field(default_factory=list)
    changed_units: list[tuple[int, UnitRow]] = field(default_factory=list)
    new_organisations: list[OrganisationRow] = field(default_factory=list)
    changed_organisations: list[tuple[int, OrganisationRow]] = field(default_factory=list)
    # by the keyed hash of the identity number
    new_members: list[tuple[str, MemberRow]] = field(default_factory=list)
    # persons who are known and no members yet
    joining: list[tuple[int, MemberRow]] = field(default_factory=list)
    changed_members: list[tuple[int, int, MemberRow]] = field(default_factory=list)

    def preview(self) -> RosterPreview:
        rows = self.contents
        return RosterPreview(
            units=len(rows.units),
            units_added=len(self.new_units),
            organisations=len(rows.organisations),
            organisations_added=len(self.new_organisations),
            organisations_changed=len(self.changed_organisations),
            members=len(rows.members),
            members_added=len(self.new_members) + len(self.joining),
            members_changed=len(self.changed_members),
            voters=sum(has_vote(row.standing, row.suspension) for row in rows.members),
            faults=tuple(rows.faults),
        )


def preview_roster(act: Act, congress_id: int, data: bytes, keys: IdentityKeys) -> RosterPreview:
    """A dry run: counts and every fault. Stores nothing. Raises Refused for a file that is no roster workbook."""
    act.require(Permission.ROSTER_EDIT, congress_id=congress_id)
    return _plan(act.session, _open_congress(act.session, congress_id), data, keys, act.today).preview()


def import_roster(act: Act, congress_id: int, file_name: str, data: bytes, keys: IdentityKeys) -> RosterImport:
    """Reads the workbook in. Raises Invalid with every fault at its place; then nothing was stored."""
    act.require(Permission.ROSTER_EDIT, congress_id=congress_id)
    congress = _open_congress(act.session, congress_id, lock=True)
    plan = _plan(act.session, congress, data, keys, act.today)
    if plan.contents.faults:
        raise Invalid([fault.refused() for fault in plan.contents.faults])
    _store_units(act, congress_id, plan)
    branches = _store_organisations(act.session, congress_id, plan)
    _store_members(act.session, plan, branches, keys)
    act.session.expire_all()  # the bulk statements went past what the session holds
    done = plan.preview()
    row = RosterImport(
        congress_id=congress_id,
        file_name=file_name[-200:],
        file_hash=hashlib.sha256(data).hexdigest(),
        organisations_added=done.organisations_added,
        members_added=done.members_added,
        members_changed=done.members_changed,
        person_id=act.actor.person_id,
        imported_at=act.now,
    )
    act.session.add(row)
    act.record(
        "roster.imported",
        row,
        congress_id=congress_id,
        file=row.file_name,
        hash=row.file_hash,
        units_added=done.units_added,
        organisations_added=done.organisations_added,
        organisations_changed=done.organisations_changed,
        members_added=done.members_added,
        members_changed=done.members_changed,
    )
    return row


def _open_congress(session: Session, congress_id: int, *, lock: bool = False) -> Congress:
    congress = session.get(Congress, congress_id, with_for_update=lock)
    if congress is None:
        raise NotFound("congress.none")
    if congress.phase not in IMPORT_PHASES:
        raise Refused("roster.import_closed", phase=congress.phase)
    return congress


def _plan(session: Session, congress: Congress, data: bytes, keys: IdentityKeys, today: date) -> _Plan:
    named = select(Category.name, Category.code).where(Category.congress_id == congress.id).order_by(Category.position)
    categories = dict(session.execute(named).all())
    if not categories:
        raise Refused("roster.no_categories")
    contents = read_roster(data, categories, today)
    units = {row.code: row for row in session.scalars(select(Unit).where(Unit.congress_id == congress.id))}
    organisations = {row.code: row for row in session.scalars(select(Organisation))}
    by_id = {row.id: row for row in organisations.values()}
    votes_in = (
        select(UnitBranch.branch_id, Unit.name)
        .join(Unit, Unit.id == UnitBranch.unit_id)
        .where(UnitBranch.congress_id == congress.id)
    )
    unit_of = dict(session.execute(votes_in).all())
    known = Known(
        units={code: row.name for code, row in units.items()},
        organisations={code: row.kind for code, row in organisations.items()},
        branch_units={by_id[branch_id].code: name for branch_id, name in unit_of.items()},
        units_open=congress.phase is Phase.PREPARATION,
        branches_open=congress.phase in BRANCHES_MOVE,
    )
    cross_check(contents, known)
    plan = _Plan(contents)
    _plan_units(plan, units, known)
    for row in contents.organisations:
        stored = organisations.get(row.code)
        if stored is None:
            plan.new_organisations.append(row)
        else:
            parent = by_id[stored.parent_id].code if stored.parent_id is not None else ""
            unit = unit_of.get(stored.id, "")
            if (stored.name, parent) != (row.name, row.parent) or row.unit not in ("", unit):
                plan.changed_organisations.append((stored.id, row))
    _plan_members(session, plan, keys)
    return plan


def _plan_units(plan: _Plan, units: Mapping[str, Unit], known: Known) -> None:
    for row in plan.contents.units:
        stored = units.get(row.code)
        if stored is None:
            plan.new_units.append(row)
        elif _unit_facts(stored) != _unit_facts(row):
            plan.changed_units.append((stored.id, row))
            if not known.units_open:
                plan.contents.fault("选举单位", row.row, "名称", Refused("roster.units_fixed", name=row.name))


def _unit_facts(unit: Unit | UnitRow) -> tuple[Any, ...]:
    return (unit.name, unit.kind, unit.factor, unit.factor_reason)


def _plan_members(session: Session, plan: _Plan, keys: IdentityKeys) -> None:
    """Members are found again by the keyed hash of their identity number."""
    if not plan.contents.members:
        return
    stored = {
        key: facts
        for key, *facts in session.execute(
            select(
                Person.identity_key,
                Person.id,
                Member.id,
                Person.name,
                Person.ethnicity,
                Person.education,
                Organisation.code,
                Member.standing,
                Member.suspension,
                Member.joined_on,
                Member.category,
                Member.post,
            )
            .outerjoin(Member, Member.person_id == Person.id)
            .outerjoin(Organisation, Organisation.id == Member.branch_id)
            .where(Person.identity_key.is_not(None))
        )
    }
    for row in plan.contents.members:
        key = keys.key_of(row.identity.number)
        facts = stored.get(key)
        if facts is None:
            plan.new_members.append((key, row))
        elif facts[1] is None:
            plan.joining.append((facts[0], row))
        elif facts[2:] != [
            row.name,
            row.ethnicity,
            row.education,
            row.branch,
            row.standing,
            row.suspension,
            row.joined_on,
            row.category,
            row.post,
        ]:
            plan.changed_members.append((facts[0], facts[1], row))


def _store_units(act: Act, congress_id: int, plan: _Plan) -> None:
    for row in plan.new_units:
        add_unit(
            act,
            congress_id,
            code=row.code,
            name=row.name,
            kind=row.kind,
            factor=row.factor,
            factor_reason=row.factor_reason,
        )
    for unit_id, row in plan.changed_units:
        change_unit(act, unit_id, name=row.name, kind=row.kind, factor=row.factor, factor_reason=row.factor_reason)


def _store_organisations(session: Session, congress_id: int, plan: _Plan) -> dict[str, int]:
    """Level by level from the top, since each names the one above. Code → id of all organisations."""
    ids = dict(session.execute(select(Organisation.code, Organisation.id)).all())
    for level in LEVELS:
        rows = [row for row in plan.new_organisations if row.kind is level]
        made = _insert(
            session,
            Organisation,
            [{"code": row.code, "name": row.name, "kind": row.kind, "parent_id": ids.get(row.parent)} for row in rows],
        )
        ids.update(zip((row.code for row in rows), made, strict=True))
    _update(
        session,
        Organisation,
        [
            {"id": row_id, "name": row.name, "parent_id": ids.get(row.parent)}
            for row_id, row in plan.changed_organisations
        ],
    )
    named = select(Unit.name, Unit.id).where(Unit.congress_id == congress_id)
    units = dict(session.execute(named).all())
    placed = {
        branch_id: (place_id, unit_id)
        for place_id, branch_id, unit_id in session.execute(
            select(UnitBranch.id, UnitBranch.branch_id, UnitBranch.unit_id).where(UnitBranch.congress_id == congress_id)
        )
    }
    new, moved = [], []
    for organisation in plan.contents.organisations:
        if organisation.kind is not OrganisationKind.BRANCH or not organisation.unit:
            continue
        branch_id, unit_id = ids[organisation.code], units[organisation.unit]
        if branch_id not in placed:
            new.append({"congress_id": congress_id, "unit_id": unit_id, "branch_id": branch_id})
        elif placed[branch_id][1] != unit_id:
            moved.append({"id": placed[branch_id][0], "unit_id": unit_id})
    _insert(session, UnitBranch, new)
    _update(session, UnitBranch, moved)
    return ids


def _store_members(session: Session, plan: _Plan, branches: Mapping[str, int], keys: IdentityKeys) -> None:
    persons = _insert(
        session,
        Person,
        [
            {
                "name": row.name,
                "identity_key": key,
                "identity_sealed": keys.seal(row.identity.number),
                "sex": row.identity.sex,
                "born_on": row.identity.born_on,
                "ethnicity": row.ethnicity,
                "education": row.education,
            }
            for key, row in plan.new_members
        ],
    )
    joining = [*zip(persons, (row for _, row in plan.new_members), strict=True), *plan.joining]
    _insert(session, Member, [{"person_id": person_id, **_member(row, branches)} for person_id, row in joining])
    known = [*plan.joining, *((person_id, row) for person_id, _, row in plan.changed_members)]
    _update(
        session,
        Person,
        [
            {"id": person_id, "name": row.name, "ethnicity": row.ethnicity, "education": row.education}
            for person_id, row in known
        ],
    )
    _update(
        session, Member, [{"id": member_id, **_member(row, branches)} for _, member_id, row in plan.changed_members]
    )


def _member(row: MemberRow, branches: Mapping[str, int]) -> dict[str, Any]:
    return {
        "branch_id": branches[row.branch],
        "standing": row.standing,
        "suspension": row.suspension,
        "joined_on": row.joined_on,
        "category": row.category,
        "post": row.post,
    }


def _insert(session: Session, kind: type[Any], rows: Sequence[dict[str, Any]]) -> list[int]:
    """The ids of the new rows, in the order given."""
    if not rows:
        return []
    return list(session.scalars(insert(kind).returning(kind.id, sort_by_parameter_order=True), rows))


def _update(session: Session, kind: type[Any], rows: Iterable[dict[str, Any]]) -> None:
    if changes := list(rows):
        session.execute(update(kind), changes)


def export_roster(act: Act, congress_id: int, keys: IdentityKeys) -> bytes:
    """The whole roster with its identity numbers as a workbook; who took it, and when, is recorded."""
    act.require(Permission.ROSTER_EDIT, congress_id=congress_id)
    data = stored_roster(act.session, congress_id, keys)
    act.record("roster.exported", "roster", congress_id=congress_id, hash=hashlib.sha256(data).hexdigest())
    return data
