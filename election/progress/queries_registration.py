"""How far registration is: notice 1 as it stands, and which verified rosters have changed since. Decides nothing.

Both are asked in earnest only until the election begins, while a change can still be verified and published; comparing
every member of a county costs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from election.congress.lifecycle import Phase
from election.congress.models import Congress, Unit
from election.notices.models import NoticeKind
from election.notices.queries import latest_notice
from election.notices.queries_electors import list_changes
from election.roster.models import RosterVerification
from election.roster.queries_units import UnitRoster, unit_rosters

# From the election on, who came or left is a matter of each meeting's own roster.
LISTS_MOVE = (Phase.REGISTRATION, Phase.NOMINATION)


@dataclass(frozen=True, slots=True)
class ElectorsNotice:
    """Notice 1 as it stands. `outdated`: the elector lists have changed since it was put up; `last_day`: until when it
    hangs (None: it has no waiting time).
    """

    outdated: bool = False
    last_day: date | None = None


def electors_notice(session: Session, congress: Congress) -> ElectorsNotice | None:
    """The latest notice of electors; None before there is one."""
    notice = latest_notice(session, congress.id, NoticeKind.ELECTORS)
    if notice is None:
        return None
    verified_since = (
        select(RosterVerification.id)
        .join(Unit, Unit.id == RosterVerification.unit_id)
        .where(Unit.congress_id == congress.id, RosterVerification.verified_at > notice.published_at)
    )
    # Only what a clerk has verified anew can be on the lists of now and not on the notice; the rest blocks as unverified.
    asked = congress.phase in LISTS_MOVE and session.scalar(verified_since.limit(1)) is not None
    return ElectorsNotice(
        outdated=asked and bool(list_changes(session, notice)),
        last_day=notice.last_day if notice.working_days else None,
    )


def stale_units(session: Session, congress: Congress, rosters: Sequence[UnitRoster] | None = None) -> frozenset[int]:
    """The units whose roster has changed since it was verified. `rosters`: where they were just read."""
    if congress.phase not in LISTS_MOVE:
        return frozenset()
    return frozenset(one.unit_id for one in rosters or unit_rosters(session, congress.id) if one.stale)
