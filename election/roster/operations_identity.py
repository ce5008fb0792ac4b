"""The room's verbs about identity numbers, on the record: a member's number shown to who needs it, a number's member found.
Never stores or logs the number.
"""

from __future__ import annotations

from election.errors import NotFound, Refused
from election.people.act import Act
from election.people.identity import IdentityKeys
from election.people.permissions import Permission
from election.roster.models import Member
from election.roster.queries import unit_of_branch
from election.roster.queries_member import member_with_identity

LONGEST_PURPOSE = 200


def reveal_identity(act: Act, congress_id: int, member_id: int, purpose: str, keys: IdentityKeys) -> str:
    """The whole number, once, for a stated purpose; the audit chain says who saw whose number and what for."""
    act.require(Permission.ROSTER_EDIT, congress_id=congress_id)
    member = act.session.get(Member, member_id)
    if member is None or unit_of_branch(act.session, congress_id, member.branch_id) is None:
        raise NotFound("roster.no_such_member")
    purpose = purpose.strip()
    if not purpose:
        raise Refused("identity.purpose_missing", field="purpose")
    if len(purpose) > LONGEST_PURPOSE:
        raise Refused("roster.cell_too_long", field="purpose", most=LONGEST_PURPOSE)
    sealed = member.person.identity_sealed
    if sealed is None:
        raise Refused("identity.none", name=member.person.name)
    act.record("identity.revealed", member, congress_id=congress_id, member=member_id, purpose=purpose)
    return keys.open(sealed)


def find_by_identity(act: Act, congress_id: int, number: str, keys: IdentityKeys) -> int:
    """The member whose number this is: the audit chain says who asked whose it is. Raises Refused at `text` for nobody's."""
    act.require(Permission.ROSTER_EDIT, congress_id=congress_id)
    member_id = member_with_identity(act.session, congress_id, number, keys)
    act.record("identity.searched", f"member:{member_id}", congress_id=congress_id, member=member_id)
    return member_id
