"""The room's verbs about assigned leaders: a leader takes a unit's seat uncontested, moves to another unit's, or no longer does.

The assignments themselves belong to `quotas/`, which divides the seats by them; the verbs stand here because they must
see who applies and which slates are handed in. Never changes a scheme: one computed before shows itself as stale.
"""

from __future__ import annotations

from sqlalchemy import select

from election.congress.models import Category, Unit
from election.contests.models import ContestKind
from election.errors import NotFound, Refused
from election.nomination.leaders.queries import noticed_persons
from election.nomination.lifecycle import GONE
from election.nomination.models import Application
from election.nomination.phase import require_assigning
from election.nomination.slates.operations import leave_as_member
from election.nomination.slates.queries_margin import handed_in_state
from election.people.act import Act
from election.people.permissions import Permission
from election.quotas.models import AssignedLeader
from election.roster.electors import has_vote
from election.roster.models import Member


def assign_leader(act: Act, congress_id: int, member_id: int, unit_id: int) -> AssignedLeader:
    """Assigns a leader to a unit's seat, uncontested; until the unit's slate of assigned leaders is handed in."""
    act.require(Permission.SCHEME_EDIT, congress_id=congress_id)
    require_assigning(act, congress_id)
    # An application locks the same row: nobody applies and is assigned at once.
    member = act.session.get(Member, member_id, with_for_update=True)
    if member is None or member.branch_id is None:
        raise NotFound("quotas.no_such_member")
    name = member.person.name
    if not has_vote(member.standing, member.suspension):
        raise Refused("quotas.leader_without_vote", field="member", name=name)
    taking = act.session.scalar(
        select(Category).where(Category.congress_id == congress_id, Category.takes_assigned.is_(True))
    )
    if taking is None:
        raise Refused("quotas.no_category_takes_assigned", field="member")
    if member.category != taking.code:
        raise Refused("quotas.leader_of_other_category", field="member", name=name, category=taking.name)
    unit = _open_unit(act, congress_id, unit_id)
    known = select(AssignedLeader.id).where(
        AssignedLeader.congress_id == congress_id, AssignedLeader.member_id == member_id
    )
    if act.session.scalar(known) is not None:
        raise Refused("quotas.leader_assigned_already", field="member", name=name)
    alive = select(Application.id).where(
        Application.congress_id == congress_id, Application.member_id == member_id, Application.state.not_in(GONE)
    )
    if act.session.scalar(alive) is not None:
        raise Refused("quotas.leader_applied", field="member", name=name)
    row = AssignedLeader(congress_id=congress_id, member_id=member_id, unit_id=unit_id)
    act.session.add(row)
    act.record("leader.assigned", row, congress_id=congress_id, member=member_id, unit=unit.code)
    return row


def move_leader(act: Act, congress_id: int, assignment_id: int, unit_id: int, reason: str = "") -> AssignedLeader:
    """The leader takes a seat of another unit instead. Neither unit's slate of assigned leaders may be handed in; who has
    been on public notice is moved with a reason only.

    What is short in either now is told by `queries_leaders.leader_places`.
    """
    act.require(Permission.SCHEME_EDIT, congress_id=congress_id)
    require_assigning(act, congress_id)
    row = _assignment(act, congress_id, assignment_id)
    if row.unit_id == unit_id:
        raise Refused("quotas.leader_there_already", field="unit", name=row.member.person.name)
    # In one order, whoever moves whom where: no two moves wait for each other.
    units = {where: _open_unit(act, congress_id, where) for where in sorted((row.unit_id, unit_id))}
    _require_reason(act, row, units[row.unit_id], reason)
    before, row.unit_id = units[row.unit_id], unit_id
    leave_as_member(act, congress_id, row.member, f"改到{units[unit_id].name}")
    act.record(
        "leader.moved",
        row,
        congress_id=congress_id,
        member=row.member_id,
        before=before.name,
        after=units[unit_id].name,
        reason=reason.strip(),
    )
    return row


def release_leader(act: Act, congress_id: int, assignment_id: int, reason: str = "") -> None:
    """The leader no longer takes the seat. Where they have been on public notice, or the unit's slate of leaders is handed in
    or frozen, it says why (death, transfer): the slate is given back, or gives way to a new version, without the name (edge
    case 14).
    """
    act.require(Permission.SCHEME_EDIT, congress_id=congress_id)
    require_assigning(act, congress_id)
    row = _assignment(act, congress_id, assignment_id)
    unit = act.session.get_one(Unit, row.unit_id, with_for_update=True)
    _require_reason(act, row, unit, reason)
    member = row.member
    act.record("leader.released", row, congress_id=congress_id, member=row.member_id, reason=reason.strip())
    act.session.delete(row)
    act.session.flush()
    leave_as_member(act, congress_id, member, reason.strip() or "取消等额安排")


def _assignment(act: Act, congress_id: int, assignment_id: int) -> AssignedLeader:
    row = act.session.get(AssignedLeader, assignment_id, with_for_update=True, populate_existing=True)
    if row is None or row.congress_id != congress_id:
        raise NotFound("quotas.no_such_member")
    return row


def _open_unit(act: Act, congress_id: int, unit_id: int) -> Unit:
    """The unit, locked as by handing in and freezing, unless its slate of assigned leaders is handed in or frozen."""
    unit = act.session.get(Unit, unit_id, with_for_update=True)
    if unit is None or unit.congress_id != congress_id:
        raise NotFound("congress.no_such_unit")
    if _is_handed_in(act, unit_id):
        raise Refused("quotas.leaders_fixed", field="unit", unit=unit.name)
    return unit


def _require_reason(act: Act, row: AssignedLeader, unit: Unit, reason: str) -> None:
    if reason.strip():
        return
    if _is_handed_in(act, row.unit_id):
        raise Refused("quotas.leader_release_unexplained", field="reason", unit=unit.name)
    if row.member.person_id in noticed_persons(act.session, row.congress_id):
        raise Refused("quotas.leader_change_unexplained", field="reason", name=row.member.person.name)


def _is_handed_in(act: Act, unit_id: int) -> bool:
    return handed_in_state(act.session, unit_id, ContestKind.UNCONTESTED) is not None
