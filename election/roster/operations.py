"""The room's verbs for one member, one branch, one unit: facts changed, voting rights set, a roster verified."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import select

from election.congress.lifecycle import Phase
from election.congress.models import Category, Congress, Unit
from election.errors import NotFound, Refused, Stale
from election.people.act import Act
from election.people.permissions import Permission
from election.roster.edits import differences, read_seen, stale
from election.roster.electors import require_right, voting_right
from election.roster.models import (
    Member,
    Organisation,
    OrganisationKind,
    RosterVerification,
    Standing,
    Suspension,
    UnitBranch,
)
from election.roster.newcomers import require_joined
from election.roster.queries import MEMBER_FIELDS, MemberLine, member_facts, member_line, open_congresses
from election.roster.queries_edits import last_edit
from election.roster.queries_units import unit_roster
from election.roster.queries_verified import roster_content
from election.roster.words import education, ethnic_group
from election.texts import chinese_date

# Applications name the unit of their branch, so that it stays where it is from the nomination on.
BRANCHES_MOVE = (Phase.PREPARATION, Phase.REGISTRATION)
EDITS = ("member.changed", "member.updated", "voting_right.set")


@dataclass(frozen=True, slots=True)
class MemberChange:
    """The facts about a member that may be corrected. Voting rights are set by an act of their own."""

    name: str
    branch_id: int
    ethnicity: str
    education: str
    joined_on: date | None
    category: str
    post: str


def change_member(act: Act, congress_id: int, member_id: int, change: MemberChange, *, seen: str) -> Member:
    """Corrects a member's facts. `seen`: the `member_token` of the page it was made from; Stale, saying what somebody
    else changed, if they are not as seen any more. It is recorded in every congress in which the member votes, before
    or after.
    """
    member, congresses = load_member(act, congress_id, member_id, seen, change.branch_id)
    name, category = change.name.strip(), change.category
    if not name:
        raise Refused("people.name_missing", field="name")
    known = select(Category.id).where(Category.congress_id == congress_id, Category.code == category)
    if act.session.scalar(known) is None:
        raise Refused("roster.category_unknown", field="category")
    branch = act.session.get(Organisation, change.branch_id)
    if branch is None or branch.kind is not OrganisationKind.BRANCH:
        raise NotFound("roster.no_such_branch")
    ethnicity = ethnic_group(change.ethnicity.strip())
    if ethnicity is None:
        raise Refused("roster.ethnicity_unknown", field="ethnicity", value=change.ethnicity.strip())
    person, old_branch, old_branch_id = member.person, member.branch, member.branch_id
    assert old_branch is not None and old_branch_id is not None  # who left the roster is not loaded
    if change.joined_on is not None:
        day = change.joined_on.isoformat()
        require_joined(change.joined_on, person.born_on, act.today, value=day, field="joined_on")
    before = MemberChange(
        person.name,
        old_branch_id,
        person.ethnicity,
        person.education,
        member.joined_on,
        member.category,
        member.post,
    )
    after = replace(
        change, name=name, ethnicity=ethnicity, education=education(change.education.strip()), post=change.post.strip()
    )
    person.name, person.ethnicity, person.education = name, ethnicity, after.education
    member.branch_id, member.joined_on = after.branch_id, after.joined_on
    member.category, member.post = category, after.post
    was, now = _plain(before, old_branch), _plain(after, branch)
    changed = [key for key in now if was[key] != now[key]]
    if not changed:
        raise Refused("roster.member_unchanged", name=name)
    for each in congresses:
        act.record(
            "member.changed",
            member,
            congress_id=each,
            member=member_id,
            before={key: was[key] for key in changed},
            after={key: now[key] for key in changed},
        )
    return member


def _plain(change: MemberChange, branch: Organisation) -> dict[str, Any]:
    facts = {key: value.isoformat() if isinstance(value, date) else value for key, value in asdict(change).items()}
    del facts["branch_id"]
    return {**facts, "branch": f"{branch.name}（{branch.code}）"}


def set_voting_right(
    act: Act,
    congress_id: int,
    member_id: int,
    standing: Standing,
    suspension: Suspension | None,
    *,
    since: date | None = None,
    until: date | None = None,
    reason: str,
    seen: str,
) -> Member:
    """A member becomes a full member, or the right to vote is suspended or restored, with its reason; in every congress
    in which the member votes.

    Without a vote: `since` when, and the last day `until` which, where known. Nothing changes by itself on that day.
    """
    member, congresses = load_member(act, congress_id, member_id, seen)
    require_right(standing, suspension, since, until, act.today)
    reason = reason.strip()
    if not reason:
        raise Refused("roster.reason_missing", field="reason")
    known = (member.standing, member.suspension, member.right_since, member.right_until)
    wanted = (standing, suspension, since, until)
    if known == wanted and (known[:2] == (Standing.FULL, None) or member.right_reason == reason):
        raise Refused("roster.right_unchanged", field="standing", name=member.person.name)
    if since is not None and member.joined_on is not None and since < member.joined_on:
        raise Refused("roster.right_before_joining", field="since", day=chinese_date(member.joined_on))
    before = voting_right(*known)
    member.standing, member.suspension = standing, suspension
    member.right_since, member.right_until, member.right_reason = since, until, reason
    after = voting_right(*wanted)
    for each in congresses:
        act.record(
            "voting_right.set",
            member,
            congress_id=each,
            member=member_id,
            before=before.ground.zh,
            after=after.ground.zh,
            votes=after.votes,
            since=since and since.isoformat(),
            until=until and until.isoformat(),
            reason=reason,
        )
    return member


def load_member(
    act: Act, congress_id: int, member_id: int, seen: str, branch_id: int | None = None
) -> tuple[Member, list[int]]:
    """The member, locked, and the congresses in which the act counts: this one, and every other that is not archived and in
    which the member's branch (or `branch_id`, the one to come) votes. Members outlive a congress, so each is asked for
    its permission and its phase, and each gets the act on its chain.
    """
    act.require(Permission.ROSTER_EDIT, congress_id=congress_id)
    branch = act.session.scalar(select(Member.branch_id).where(Member.id == member_id))
    congresses = open_to(act, congress_id, {one for one in (branch, branch_id) if one is not None})
    member = act.session.get(Member, member_id, with_for_update=True)
    if member is None:
        raise NotFound("roster.no_such_member")
    # Whoever moved the member to another branch since then is told of here as well.
    _require_seen(act, congress_id, member_line(act.session, congress_id, member_id), seen)
    return member, congresses


def open_to(act: Act, congress_id: int, branch_ids: Set[int]) -> list[int]:
    """This congress and every other that is not archived and in which one of these branches votes, locked in ascending order;
    each is asked for its permission and its phase.
    """
    congresses = sorted({congress_id, *open_congresses(act.session, branch_ids)})
    for each in congresses:
        act.require(Permission.ROSTER_EDIT, congress_id=each)
        require_roster_open(act, each, elsewhere=each != congress_id)
    return congresses


def _require_seen(act: Act, congress_id: int, line: MemberLine, seen: str) -> None:
    now, before = member_facts(line), read_seen(seen)
    if before == now:
        return
    names = dict(
        act.session.execute(select(Category.code, Category.name).where(Category.congress_id == congress_id)).all()
    )
    changes = tuple(
        replace(one, before=names.get(one.before, one.before), after=names.get(one.after, one.after))
        if one.field is MEMBER_FIELDS["category"]
        else one
        for one in differences(before, now, MEMBER_FIELDS)
    )
    raise stale(
        line.name,
        changes,
        last_edit(act.session, congress_id, f"member:{line.member_id}", EDITS, or_by="roster.imported"),
    )


def require_roster_open(act: Act, congress_id: int, *, elsewhere: bool = False) -> None:
    """Raises Refused once the results are out; `elsewhere`: of another congress, which is then named.

    Locks the congress before any row of its roster, as an import does: who locks in one order never waits for each
    other in a circle.
    """
    congress = act.session.get(Congress, congress_id, with_for_update=True)
    if congress is None:
        raise NotFound("congress.none")
    if congress.phase in (Phase.ANNOUNCEMENT, Phase.ARCHIVE):
        if elsewhere:
            raise Refused("roster.closed_elsewhere", congress=congress.name, phase=congress.phase)
        raise Refused("roster.closed", phase=congress.phase)


def assign_branch(act: Act, congress_id: int, branch_id: int, unit_id: int) -> UnitBranch:
    """The members of this branch vote in this unit; while the seats are not yet divided."""
    act.require(Permission.ROSTER_EDIT, congress_id=congress_id)
    congress = act.session.get(Congress, congress_id, with_for_update=True)
    unit = act.session.get(Unit, unit_id)
    if congress is None or unit is None or unit.congress_id != congress_id:
        raise NotFound("congress.no_such_unit")
    if congress.phase not in BRANCHES_MOVE:
        raise Refused("roster.branches_fixed", phase=congress.phase)
    branch = act.session.get(Organisation, branch_id)
    if branch is None or branch.kind is not OrganisationKind.BRANCH:
        raise NotFound("roster.no_such_branch")
    placed = act.session.scalar(
        select(UnitBranch).where(UnitBranch.congress_id == congress_id, UnitBranch.branch_id == branch_id)
    )
    before = None if placed is None else placed.unit_id
    if placed is None:
        placed = UnitBranch(congress_id=congress_id, unit_id=unit_id, branch_id=branch_id)
        act.session.add(placed)
    placed.unit_id = unit_id
    act.record("branch.assigned", placed, congress_id=congress_id, branch=branch.code, before=before, after=unit_id)
    return placed


def verify_unit(act: Act, unit_id: int, *, seen: str) -> RosterVerification:
    """The unit's clerk found the roster right. `seen`: the hash of the list that was looked at.

    A unit may have no members on the county's roster at all (armed forces): then that is what is confirmed. A later change
    of the roster leaves the verification standing and shows it as stale, until it is done again.
    """
    unit = act.session.get(Unit, unit_id)
    if unit is None:
        raise NotFound("congress.no_such_unit")
    act.require(Permission.ROSTER_VERIFY, congress_id=unit.congress_id, unit_id=unit_id)
    require_roster_open(act, unit.congress_id)
    found = unit_roster(act.session, unit_id)
    if found.state.hash != seen:
        raise Stale("roster.changed_meanwhile", unit=unit.name)
    if found.verified:
        raise Refused("roster.already_verified", unit=unit.name)
    row = found.verification or RosterVerification(unit_id=unit_id)
    row.members, row.expected, row.electors_hash = found.state.members, found.state.expected, found.state.hash
    row.content = roster_content(act.session, unit.congress_id, unit_id)
    row.person_id, row.verified_at = act.person_id, act.now
    act.session.add(row)
    act.record(
        "roster.verified",
        row,
        congress_id=unit.congress_id,
        unit=unit.code,
        members=row.members,
        expected=row.expected,
        hash=row.electors_hash,
    )
    return row
