"""The room's verbs for members who are away at this election: recorded with how they were told, taken off again.

Being away takes nobody's vote. Who has a listed reason is only proposed to the meeting, which may agree not to expect them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from election.congress.models import Congress
from election.errors import Forbidden, NotFound, Refused
from election.machine import listed
from election.people.act import Act
from election.people.permissions import Permission
from election.roster.absences.queries import ABSENCE_FIELDS, absence_facts, absence_of, plain_facts
from election.roster.edits import differences, read_seen, stale
from election.roster.models import Absence, AbsenceKind, ExclusionReason, Member, Notification, UnitBranch
from election.roster.operations import require_roster_open
from election.roster.queries import names_of_members, unit_of_branch
from election.roster.queries_edits import last_edit

LONGEST_PLACE, LONGEST_NOTE = 120, 200
ACTIONS = ("absence.recorded", "absence.removed")


def record_absence(
    act: Act,
    congress_id: int,
    member_id: int,
    kind: AbsenceKind,
    reason: ExclusionReason | None,
    whereabouts: str,
    notified: Notification | None,
    notified_on: date | None,
    note: str,
    seen: str,
) -> Absence:
    """A member of the unit is away; how and when they were told of the election, once they were. By the unit's clerk or
    the office. `seen`: the `absence_token` of the page; Stale, saying what changed, if somebody changed it since.
    """
    _member(act, congress_id, member_id)
    row = _absence(act, congress_id, member_id)
    _require_seen(act, congress_id, member_id, seen)
    _require_sound(act, notified, notified_on, whereabouts.strip(), note.strip())
    before = absence_facts(absence_of(act.session, congress_id, member_id))
    if row is None:
        row = Absence(congress_id=congress_id, member_id=member_id)
        act.session.add(row)
    row.kind, row.reason, row.whereabouts = kind, reason, whereabouts.strip()
    row.notified, row.notified_on, row.note = notified, notified_on, note.strip()
    row.person_id, row.recorded_at = act.person_id, act.now
    if before == _plain(row):
        raise Refused("absence.unchanged")
    _record(act, congress_id, [(row, before)])
    return row


def record_absences(
    act: Act,
    congress_id: int,
    unit_id: int,
    member_ids: Collection[int],
    kind: AbsenceKind,
    reason: ExclusionReason | None,
    whereabouts: str,
    notified: Notification | None,
    notified_on: date | None,
) -> int:
    """Many members of the unit are away alike: all of them are recorded or none. Whoever is recorded by now is not written
    over: Refused, naming them. Returns how many.
    """
    members = _members(act, congress_id, unit_id, member_ids)
    _require_none(act, "absence.recorded_meanwhile", _absences(act, congress_id, members))
    _require_sound(act, notified, notified_on, whereabouts.strip(), "")
    rows = [
        Absence(
            congress_id=congress_id,
            member_id=member_id,
            kind=kind,
            reason=reason,
            whereabouts=whereabouts.strip(),
            notified=notified,
            notified_on=notified_on,
            person_id=act.person_id,
            recorded_at=act.now,
        )
        for member_id in members
    ]
    act.session.add_all(rows)
    _record(act, congress_id, [(row, {}) for row in rows])
    return len(members)


def tell_absentees(
    act: Act,
    congress_id: int,
    unit_id: int,
    member_ids: Collection[int],
    notified: Notification | None,
    notified_on: date | None,
) -> int:
    """Many members who are recorded as away were told alike, on one day. Who was told before keeps how: Refused, naming
    them. Returns how many.
    """
    members = _members(act, congress_id, unit_id, member_ids)
    rows = _absences(act, congress_id, members)
    if len(rows) != len(members):
        raise NotFound("absence.none")
    _require_none(act, "absence.told_meanwhile", [row for row in rows if row.notified is not None])
    if notified is None:
        raise Refused("absence.means_missing", field="notified")
    _require_sound(act, notified, notified_on, "", "")
    before = [_plain(row) for row in rows]
    for row in rows:
        row.notified, row.notified_on = notified, notified_on
        row.person_id, row.recorded_at = act.person_id, act.now
    _record(act, congress_id, list(zip(rows, before, strict=True)))
    return len(rows)


def _plain(row: Absence) -> dict[str, str]:
    return plain_facts(row.kind, row.reason, row.whereabouts, row.notified, row.notified_on, row.note or "")


def _record(act: Act, congress_id: int, changed: Sequence[tuple[Absence, Mapping[str, str]]]) -> None:
    """Each row with what stood there before, as an event of its own."""
    told: list[tuple[str, dict[str, Any]]] = []
    for row, before in changed:
        # Health and whereabouts are nobody's who reads the chain: it keeps which fields changed, and how they were told.
        after = _plain(row)
        details = {
            "member": row.member_id,
            "fields": [word.zh for key, word in ABSENCE_FIELDS.items() if before.get(key, "") != after[key]],
            "notified": row.notified and row.notified.value,
            "notified_on": row.notified_on and row.notified_on.isoformat(),
        }
        told.append((f"member:{row.member_id}", details))
    act.record_all("absence.recorded", told, congress_id=congress_id)


def _members(act: Act, congress_id: int, unit_id: int, member_ids: Collection[int]) -> list[int]:
    """The members, locked, if all of them vote in this unit and this person keeps its roster. Raises Refused for nobody."""
    require_roll_keeper(act, congress_id, unit_id)
    require_roster_open(act, congress_id)
    if not member_ids:
        raise Refused("absence.nobody_ticked", field="member")
    here = select(UnitBranch.branch_id).where(UnitBranch.congress_id == congress_id, UnitBranch.unit_id == unit_id)
    wanted = select(Member.id).where(Member.id.in_(member_ids), Member.branch_id.in_(here))
    found = list(act.session.scalars(wanted.order_by(Member.id).with_for_update()))
    if len(found) != len(set(member_ids)):
        raise NotFound("roster.no_such_member")
    return found


def _absences(act: Act, congress_id: int, member_ids: Collection[int]) -> list[Absence]:
    wanted = select(Absence).where(Absence.congress_id == congress_id, Absence.member_id.in_(member_ids))
    return list(act.session.scalars(wanted.order_by(Absence.member_id).with_for_update()))


def _require_none(act: Act, code: str, rows: Collection[Absence]) -> None:
    if rows:
        names = names_of_members(act.session, {row.member_id for row in rows})
        raise Refused(code, field="member", names=listed(names[row.member_id] for row in rows))


def remove_absence(act: Act, congress_id: int, member_id: int, seen: str) -> None:
    """The member is not away after all."""
    member = _member(act, congress_id, member_id)
    row = _absence(act, congress_id, member_id)
    if row is None:
        raise NotFound("absence.none")
    _require_seen(act, congress_id, member_id, seen)
    act.record("absence.removed", member, congress_id=congress_id, member=member_id)
    act.session.delete(row)
    act.session.flush()


def _member(act: Act, congress_id: int, member_id: int) -> Member:
    """The member, locked, if this person keeps the roster on which they stand."""
    act.session.get(Congress, congress_id, with_for_update=True)  # before the member, as every act on the roster
    member = act.session.get(Member, member_id, with_for_update=True)
    unit_id = None if member is None else unit_of_branch(act.session, congress_id, member.branch_id)
    if unit_id is None:
        act.require(Permission.ROSTER_EDIT, congress_id=congress_id)
    else:
        require_roll_keeper(act, congress_id, unit_id)
    if member is None or unit_id is None:
        raise NotFound("roster.no_such_member")
    require_roster_open(act, congress_id)
    return member


def require_roll_keeper(act: Act, congress_id: int, unit_id: int) -> None:
    """Raises Forbidden for who is neither of the office nor the unit's clerk."""
    try:
        act.require(Permission.ROSTER_EDIT, congress_id=congress_id)
    except Forbidden:
        act.require(Permission.ROSTER_VERIFY, congress_id=congress_id, unit_id=unit_id)


def _absence(act: Act, congress_id: int, member_id: int) -> Absence | None:
    wanted = select(Absence).where(Absence.congress_id == congress_id, Absence.member_id == member_id)
    return act.session.scalar(wanted.with_for_update())


def _require_seen(act: Act, congress_id: int, member_id: int, seen: str) -> None:
    now = absence_facts(absence_of(act.session, congress_id, member_id))
    before = read_seen(seen)
    if before == now:
        return
    name = names_of_members(act.session, {member_id})[member_id]
    edit = last_edit(act.session, congress_id, f"member:{member_id}", ACTIONS)
    raise stale(name, differences(before, now, ABSENCE_FIELDS), edit)


def _require_sound(
    act: Act, notified: Notification | None, notified_on: date | None, whereabouts: str, note: str
) -> None:
    if notified is not None and notified_on is None:
        raise Refused("absence.day_missing", field="notified_on")
    if notified is None and notified_on is not None:
        raise Refused("absence.means_missing", field="notified")
    if notified_on is not None and notified_on > act.today:
        raise Refused("absence.day_ahead", field="notified_on")
    for field, text, most in (("whereabouts", whereabouts, LONGEST_PLACE), ("note", note, LONGEST_NOTE)):
        if len(text) > most:
            raise Refused("roster.cell_too_long", field=field, most=most)
