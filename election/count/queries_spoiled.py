"""Which contests of a count form have spoiled ballots that no scrutineer has ruled on by kind. Changes nothing.

The ruling is recorded by kind and number (RULES edge case 1), and only until the vote is counted: who confirms is told before.
"""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from election.count.form import FormContents
from election.count.sheet import Sheet, SheetSection
from election.meeting.models import CountingGroup, Venue, VenueBallots


def unruled_spoiled(session: Session, sheet: Sheet, contents: FormContents | None) -> list[SheetSection]:
    """In the order of the form: the contests with spoiled ballots where a venue that is counted here has not said of which
    kind they are. One statement, none without spoiled ballots.
    """
    if contents is None:
        return []
    spoiled = {one.round_id: one for one in sheet.sections if contents.sections[one.key].spoiled}
    if not spoiled:
        return []
    counted_here = select(CountingGroup.venue_id).where(CountingGroup.id == sheet.group_id).scalar_subquery()
    unruled = set(
        session.scalars(
            select(VenueBallots.round_id)
            .join(Venue, Venue.id == VenueBallots.venue_id)
            .where(
                or_(Venue.id == counted_here, Venue.counted_with_id == counted_here),
                VenueBallots.round_id.in_(spoiled),
                VenueBallots.spoiled.is_(None),
            )
        )
    )
    return [one for round_id, one in spoiled.items() if round_id in unruled]
