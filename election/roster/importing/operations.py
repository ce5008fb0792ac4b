"""The room's largest verb: the sound rows of a roster workbook read in as one act; and its preview.

Members who are not in the workbook are left as they are: leaving is an act of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from itertools import chain
from typing import Any

from sqlalchemy import Table, insert, select, update
from sqlalchemy.orm import Session

from election.congress.lifecycle import Phase
from election.congress.models import Congress, Unit
from election.congress.operations import add_unit, change_unit
from election.congress.rules_in_force import use_rules
from election.errors import Invalid, NotFound, Refused, Stale
from election.people.act import Act
from election.people.identity import IdentityKeys
from election.people.models import Person
from election.people.permissions import Permission
from election.roster.importing.crosscheck import LEVELS
from election.roster.importing.plan import MEMBER_FACTS, PERSON_FACTS, Plan, with_known
from election.roster.importing.preview import RosterPreview
from election.roster.importing.queries import planned
from election.roster.importing.queries_export import stored_roster
from election.roster.importing.rows import MemberRow
from election.roster.importing.workbook import Progress, silent
from election.roster.models import Member, Organisation, OrganisationKind, RosterImport, UnitBranch
from election.roster.queries import branch_ids, open_congresses

# Once slates stand, a member changes by an act of its own and not by the thousand.
IMPORT_PHASES = (Phase.PREPARATION, Phase.REGISTRATION, Phase.NOMINATION)
# What the check goes by.
RULES_APPLIED = ("member_age_least",)
# So many faults are told where nothing is read in; the workbook that goes back has them all.
MOST_TOLD = 5_000
# Rows of one statement: between two of them, whoever watches is told.
BATCH = 2_000


def preview_roster(
    act: Act, congress_id: int, data: bytes, keys: IdentityKeys, *, progress: Progress = silent
) -> RosterPreview:
    """A dry run: counts, changes and every fault. Stores nothing. Raises Refused for a file that is no roster workbook."""
    act.require(Permission.ROSTER_EDIT, congress_id=congress_id)
    return planned(act.session, open_congress(act.session, congress_id), data, keys, act.today, progress).preview()


def import_roster(
    act: Act,
    congress_id: int,
    file_name: str,
    data: bytes,
    keys: IdentityKeys,
    *,
    partial: bool = False,
    promised: str | None = None,
    undo: Collection[int] = (),
    renamed: Collection[int] = (),
    progress: Progress = silent,
) -> RosterImport:
    """Reads the workbook in. Raises Invalid with its faults, each at its place; then nothing was stored.

    `partial`: rows with a fault stay out and the sound ones are read in, unless a sheet has no whole header or no row is sound.
    `promised`: the digest of the preview that was shown; Stale when the import would do anything else by now.
    `undo`: rows of the sheet of members that count even where they put back what was corrected by hand since.
    `renamed`: rows whose identity number bears another name on the roster and that mean the same person all the same; of the
    others of that kind nothing is taken.
    """
    act.require(Permission.ROSTER_EDIT, congress_id=congress_id)
    congress = open_congress(act.session, congress_id, lock=True)
    use_rules(act, congress_id, "roster.imported", *RULES_APPLIED)
    plan = planned(act.session, congress, data, keys, act.today, progress)
    done = plan.preview()
    if promised not in (None, done.digest):
        raise Stale("roster.preview_changed")
    if done.faults and (not partial or done.broken or not done.rows):
        raise Invalid([fault.refused() for fault in done.faults[:MOST_TOLD]])
    plan.confirm_names(renamed)
    plan.undo_corrections(undo)
    changed = len(plan.changed_members)
    others = _other_congresses(act, congress_id, plan)
    _store_units(act, congress_id, plan)
    branches = _store_organisations(act.session, congress_id, plan)
    _store_members(act.session, plan, branches, keys, progress)
    told = _told(act.session, plan)
    act.session.expire_all()  # the bulk statements went past what the session holds
    row = RosterImport(
        congress_id=congress_id,
        file_name=file_name[-200:],
        file_hash=hashlib.sha256(data).hexdigest(),
        organisations_added=done.organisations_added,
        members_added=len(plan.new_members) + len(plan.joining),
        members_changed=changed,
        rows_left_out=done.rows_left_out,
        person_id=act.actor.person_id,
        imported_at=act.now,
    )
    act.session.add(row)
    for each in (congress_id, *others):
        act.record(
            "roster.imported",
            row,
            congress_id=each,
            file=row.file_name,
            hash=row.file_hash,
            units_added=done.units_added,
            organisations_added=done.organisations_added,
            organisations_changed=done.organisations_changed,
            members_added=row.members_added,
            members_changed=changed,
            names_in_doubt=len(plan.renaming),
            corrections_undone=sum(one.row in undo for one in done.undone),
            rows_left_out=done.rows_left_out,
        )
        here = branches.keys() if each == congress_id else _codes_in(act.session, each)
        act.record_all("member.updated", [event for codes, event in told if codes & here], congress_id=each)
    return row


def _told(session: Session, plan: Plan) -> list[tuple[Set[str], tuple[str, dict[str, Any]]]]:
    """Of everybody who is known and changes: the branches that it concerns, and the event with what stood there before."""
    joined = {known.person_id: row for known, row in plan.joining}
    ids = dict(session.execute(select(Member.person_id, Member.id).where(Member.person_id.in_(joined))).all())
    told: list[tuple[Set[str], tuple[str, dict[str, Any]]]] = []
    for known, row in chain(plan.joining, plan.changed_members):
        facts = PERSON_FACTS if known.member_id is None else MEMBER_FACTS
        after = with_known(row, known) if known.member_id is None else row
        changed = [fact for fact in facts.values() if getattr(known, fact) != getattr(after, fact)]
        if changed:
            member = known.member_id or ids[known.person_id]
            details = {
                "member": member,
                "before": {fact: plan.plain(fact, getattr(known, fact)) for fact in changed},
                "after": {fact: plan.plain(fact, getattr(after, fact)) for fact in changed},
            }
            told.append(({known.branch or row.branch, row.branch}, (f"member:{member}", details)))
    return told


def _codes_in(session: Session, congress_id: int) -> Set[str]:
    """The numbers of the branches that vote in a congress."""
    votes = select(Organisation.code).join(UnitBranch, UnitBranch.branch_id == Organisation.id)
    return set(session.scalars(votes.where(UnitBranch.congress_id == congress_id)))


def open_congress(session: Session, congress_id: int, *, lock: bool = False) -> Congress:
    """The congress, if a roster may still be imported. `lock`: nobody else changes anything of it meanwhile."""
    congress = session.get(Congress, congress_id, with_for_update=lock)
    if congress is None:
        raise NotFound("congress.none")
    if congress.phase not in IMPORT_PHASES:
        raise Refused("roster.import_closed", phase=congress.phase)
    return congress


def _other_congresses(act: Act, congress_id: int, plan: Plan) -> list[int]:
    """The other congresses in which members vote whom the workbook adds or changes: members outlive a congress. Each is
    asked for its permission and its phase, and gets the act on its chain.
    """
    codes = {row.branch for row in plan.new_members}
    codes |= {
        code for known, row in (*plan.joining, *plan.changed_members) for code in (known.branch, row.branch) if code
    }
    branches = branch_ids(act.session, sorted(codes)).values()
    others = sorted(open_congresses(act.session, set(branches)) - {congress_id})
    for other in others:
        act.require(Permission.ROSTER_EDIT, congress_id=other)
        open_congress(act.session, other, lock=True)
    return others


def _store_units(act: Act, congress_id: int, plan: Plan) -> None:
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


def _store_organisations(session: Session, congress_id: int, plan: Plan) -> dict[str, int]:
    """Level by level from the top, since each names the one above. Code → id of all organisations."""
    ids = dict(session.execute(select(Organisation.code, Organisation.id)).all())
    for level in LEVELS:
        rows = [row for row in plan.new_organisations if row.kind is level]
        _insert(
            session,
            Organisation,
            [{"code": row.code, "name": row.name, "kind": row.kind, "parent_id": ids.get(row.parent)} for row in rows],
        )
        if rows:
            ids = dict(session.execute(select(Organisation.code, Organisation.id)).all())
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


def _store_members(
    session: Session, plan: Plan, branches: Mapping[str, int], keys: IdentityKeys, progress: Progress
) -> None:
    total = len(plan.new_members)
    for start in range(0, total, BATCH):
        progress("store", start, total)
        rows = {keys.key_of(row.identity.number): row for row in plan.new_members[start : start + BATCH]}
        _insert(
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
                for key, row in rows.items()
            ],
        )
        found = select(Person.identity_key, Person.id).where(Person.identity_key.in_(rows))
        ids = dict(session.execute(found).all())
        _insert(session, Member, [{"person_id": ids[key], **_newcomer(row, branches)} for key, row in rows.items()])
    progress("store", total, total)
    joining = [(known, {"person_id": known.person_id, **_newcomer(row, branches)}, row) for known, row in plan.joining]
    _insert(session, Member, [facts for _, facts, _ in joining])
    _update(
        session,
        Person,
        [
            {
                "id": known.person_id,
                "name": row.name,
                "ethnicity": row.ethnicity or known.ethnicity,
                "education": row.education or known.education,
            }
            for known, _, row in joining
        ]
        + [
            {"id": known.person_id, "name": row.name, "ethnicity": row.ethnicity, "education": row.education}
            for known, row in plan.changed_members
        ],
    )
    _update(session, Member, [{"id": known.member_id, **_facts(row, branches)} for known, row in plan.changed_members])


def _newcomer(row: MemberRow, branches: Mapping[str, int]) -> dict[str, Any]:
    """Only who is new has the right to vote from the workbook."""
    return {
        **_facts(row, branches),
        "standing": row.standing,
        "suspension": row.suspension,
        "right_since": row.right_since,
        "right_until": row.right_until,
        "right_reason": row.right_reason,
    }


def _facts(row: MemberRow, branches: Mapping[str, int]) -> dict[str, Any]:
    return {
        "branch_id": branches[row.branch],
        "joined_on": row.joined_on,
        "category": row.category,
        "post": row.post,
    }


def _insert(session: Session, kind: type[Any], rows: Sequence[dict[str, Any]]) -> None:
    """Into the table itself: the mapper would look at each row by itself."""
    table: Table = kind.__table__
    if rows:
        session.execute(insert(table), rows)


def _update(session: Session, kind: type[Any], rows: Iterable[dict[str, Any]]) -> None:
    if changes := list(rows):
        session.execute(update(kind), changes)


def export_roster(act: Act, congress_id: int, keys: IdentityKeys) -> bytes:
    """The whole roster with its identity numbers as a workbook; who took it, and when, is recorded."""
    act.require(Permission.ROSTER_EDIT, congress_id=congress_id)
    data = stored_roster(act.session, congress_id, keys)
    act.record("roster.exported", "roster", congress_id=congress_id, hash=hashlib.sha256(data).hexdigest())
    return data
