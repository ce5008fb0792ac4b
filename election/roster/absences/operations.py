"""The room's verbs for members who are away at this election: recorded with how they were told, taken off again.

Being away takes nobody's vote. Who has a listed reason is only proposed to the meeting, which may agree not to expect them.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from election.congress.models import Congress
from election.errors import Forbidden, NotFound, Refused
from election.people.act import Act
from election.people.permissions import Permission
from election.roster.absences.queries import ABSENCE_FIELDS, absence_facts, absence_of
from election.roster.edits import differences, read_seen, stale
from election.roster.models import Absence, AbsenceKind, ExclusionReason, Member, Notification
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
    member = _member(act, congress_id, member_id)
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
    act.session.flush()
    after = absence_facts(absence_of(act.session, congress_id, member_id))
    if before == after:
        raise Refused("absence.unchanged")
    # Health and whereabouts are nobody's who reads the chain: it keeps which fields changed, and how they were told.
    changed = [word.zh for key, word in ABSENCE_FIELDS.items() if before.get(key, "") != after.get(key, "")]
    act.record(
        "absence.recorded",
        member,
        congress_id=congress_id,
        member=member_id,
        fields=changed,
        notified=notified and notified.value,
        notified_on=notified_on and notified_on.isoformat(),
    )
    return row


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
