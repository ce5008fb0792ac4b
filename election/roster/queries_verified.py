"""What moved on a unit's roster since its clerk verified it, and by whom where the chain knows. Changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from election.congress.models import Unit
from election.roster.edits import LastEdit
from election.roster.models import Departure, Member, Organisation, RosterVerification, UnitBranch
from election.roster.queries_edits import last_edits
from election.roster.queries_units import confirmed_facts
from election.roster.verified import Move, RosterChange, content_of, roster_changes

MEMBER_ACTS = (
    "member.registered",
    "member.changed",
    "member.updated",
    "voting_right.set",
    "member.left",
    "member.readmitted",
)
# Acts that move many members and name none of them.
SWEEPING = ("roster.imported", "branch.assigned")


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where someone is who left a unit's roster: off every roster for a reason, or in another unit's branch."""

    because: Departure | None
    on: date | None
    branch: str
    unit: str


@dataclass(frozen=True, slots=True)
class VerifiedChange:
    change: RosterChange
    gone: Whereabouts | None
    edit: LastEdit | None


def roster_content(session: Session, congress_id: int, unit_id: int) -> dict[str, Any]:
    """The unit's roster as a verification keeps it: three statements."""
    rows = [(member, facts) for _unit, _votes, (member, *facts) in confirmed_facts(session, congress_id, unit_id)]
    names = session.execute(
        select(Organisation.code, Organisation.name)
        .join(UnitBranch, UnitBranch.branch_id == Organisation.id)
        .where(UnitBranch.congress_id == congress_id, UnitBranch.unit_id == unit_id)
    )
    return content_of(rows, dict(names.all()))


def changes_since_verified(
    session: Session, unit: Unit, verification: RosterVerification, categories: Mapping[str, str]
) -> list[VerifiedChange] | None:
    """None where the verification kept nothing to compare with. `categories`: code → name. Six statements."""
    if verification.content is None:
        return None
    found = roster_changes(verification.content, roster_content(session, unit.congress_id, unit.id), categories)
    gone = _whereabouts(session, unit.congress_id, {one.member_id for one in found if one.move is Move.LEFT})
    edits = _edits(session, unit.congress_id, {one.member_id for one in found}, verification.verified_at)
    return [VerifiedChange(one, gone.get(one.member_id), edits.get(one.member_id)) for one in found]


def _whereabouts(session: Session, congress_id: int, members: Collection[int]) -> dict[int, Whereabouts]:
    if not members:
        return {}
    rows = session.execute(
        select(Member.id, Member.left_because, Member.left_on, Organisation.name, Unit.name)
        .outerjoin(Organisation, Organisation.id == Member.branch_id)
        .outerjoin(UnitBranch, and_(UnitBranch.branch_id == Member.branch_id, UnitBranch.congress_id == congress_id))
        .outerjoin(Unit, Unit.id == UnitBranch.unit_id)
        .where(Member.id.in_(members))
    )
    return {member: Whereabouts(because, on, branch or "", unit or "") for member, because, on, branch, unit in rows}


def _edits(session: Session, congress_id: int, members: Collection[int], since: datetime) -> dict[int, LastEdit]:
    if not members:
        return {}
    subjects = {f"member:{member}": member for member in members}
    known = last_edits(session, congress_id, subjects, MEMBER_ACTS, SWEEPING, since)
    return {subjects[subject]: edit for subject, edit in known.items()}
