"""The room's verbs for close relatives among the members: declared by the office while the roster is open, and taken back
with a reason. Who may be scrutineer is decided at the meeting, by what is declared then.
"""

from __future__ import annotations

from sqlalchemy import select

from election.errors import NotFound, Refused
from election.people.act import Act
from election.people.models import Relative
from election.people.operations import declare_relatives
from election.people.permissions import Permission
from election.people.queries import person_by_id
from election.roster.models import Member
from election.roster.operations import require_roster_open
from election.roster.queries import unit_of_branch

LONGEST_REASON = 200


def declare_member_relatives(act: Act, congress_id: int, member_id: int, other_id: int, relation: str) -> Relative:
    """Two members of the congress are close relatives (地方条例 28)."""
    act.require(Permission.ROSTER_EDIT, congress_id=congress_id)
    require_roster_open(act, congress_id)
    one, other = (
        person_by_id(act.session, _member(act, congress_id, each).person_id) for each in (member_id, other_id)
    )
    return declare_relatives(act, one, other, relation, congress_id=congress_id)


def take_back_relatives(act: Act, congress_id: int, member_id: int, relative_id: int, reason: str) -> None:
    """What was declared of this member by mistake is declared no more. Raises Refused without a reason."""
    act.require(Permission.ROSTER_EDIT, congress_id=congress_id)
    require_roster_open(act, congress_id)
    member = _member(act, congress_id, member_id)
    row = act.session.scalar(select(Relative).where(Relative.id == relative_id).with_for_update())
    if row is None or member.person_id not in (row.person_id, row.relative_id):
        raise NotFound("roster.no_such_relatives")
    reason = reason.strip()
    if not reason:
        raise Refused("roster.relatives_reason", field="reason")
    if len(reason) > LONGEST_REASON:
        raise Refused("roster.cell_too_long", field="reason", most=LONGEST_REASON)
    act.record(
        "relatives.taken_back",
        row,
        congress_id=congress_id,
        persons=[row.person_id, row.relative_id],
        relation=row.relation,
        reason=reason,
    )
    act.session.delete(row)
    act.session.flush()


def _member(act: Act, congress_id: int, member_id: int) -> Member:
    member = act.session.get(Member, member_id)
    if member is None or unit_of_branch(act.session, congress_id, member.branch_id) is None:
        raise NotFound("roster.no_such_member")
    return member
