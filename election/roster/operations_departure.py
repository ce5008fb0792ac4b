"""The room's verbs for who leaves the roster and who comes back. Ends no candidacy: the slate tells of that itself."""

from __future__ import annotations

from datetime import date

from election.errors import NotFound, Refused
from election.people.act import Act
from election.people.permissions import Permission
from election.roster.models import Departure, Member, Organisation
from election.roster.operations import load_member, open_to
from election.roster.queries_organisations import branch_named


def remove_member(
    act: Act, congress_id: int, member_id: int, because: Departure | None, on: date | None, note: str, *, seen: str
) -> Member:
    """The member is no longer on the roster since the day `on`; recorded in every congress in which the member voted.

    `seen`: as `change_member`. Raises Refused without a reason or a day, and for a day to come.
    """
    member, congresses = load_member(act, congress_id, member_id, seen)
    if because is None:
        raise Refused("roster.departure_unnamed", field="because")
    if on is None:
        raise Refused("roster.departure_undated", field="on")
    if on > act.today:
        raise Refused("roster.departure_to_come", field="on")
    branch = member.branch
    member.branch_id, member.left_on, member.left_because, member.left_note = None, on, because, note.strip()
    for each in congresses:
        act.record(
            "member.left",
            member,
            congress_id=each,
            member=member_id,
            branch=branch.name if branch is not None else "",
            departure=because.value,
            on=on.isoformat(),
            note=note.strip(),
        )
    return member


def readmit_member(act: Act, congress_id: int, member_id: int, branch_text: str, note: str) -> Member:
    """Someone who had left is on the roster again, in the branch of this code or name; in every congress in which that branch
    votes, each asked for its permission and its phase. Raises Refused for no such branch.
    """
    act.require(Permission.ROSTER_EDIT, congress_id=congress_id)
    branch_id = branch_named(act.session, branch_text)
    congresses = open_to(act, congress_id, {branch_id})
    member: Member | None = act.session.get(Member, member_id, with_for_update=True)
    if member is None or member.left_because is None:
        raise NotFound("roster.no_such_member")
    branch = act.session.get_one(Organisation, branch_id)
    before = member.left_because.value
    member.branch_id, member.left_on, member.left_because, member.left_note = branch.id, None, None, ""
    for each in congresses:
        act.record(
            "member.readmitted",
            member,
            congress_id=each,
            member=member_id,
            branch=branch.name,
            departure=before,
            note=note.strip(),
        )
    return member
