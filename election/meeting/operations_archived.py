"""The end of all acts on an evening: once the congress is in its archive nothing of it is changed any more."""

from __future__ import annotations

from election.congress.lifecycle import Phase
from election.congress.models import Congress
from election.errors import Refused
from election.people.act import Act


def require_not_archived(act: Act, congress_id: int) -> None:
    """Asked by every act on attendance, ballots, counts and what follows after them. Raises Refused."""
    if act.session.get_one(Congress, congress_id).phase is Phase.ARCHIVE:
        raise Refused("meeting.archived")
