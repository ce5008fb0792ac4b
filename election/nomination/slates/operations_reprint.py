"""The room's verb about paper: what was printed of an older version is withdrawn, the new one is printed. Changes no slate."""

from __future__ import annotations

from sqlalchemy import select

from election.errors import NotFound, Refused
from election.nomination.lifecycle import SlateState
from election.nomination.models import Slate
from election.nomination.models_margin import SlateReprint
from election.nomination.phase import require_slates
from election.people.act import Act
from election.people.permissions import Permission


def mark_reprinted(act: Act, slate_id: int, note: str = "") -> SlateReprint:
    """Somebody of the unit or the office says by name that the prints of the version before are withdrawn (edge case 14)."""
    slate = act.session.get(Slate, slate_id, with_for_update=True)
    if slate is None:
        raise NotFound("slate.none")
    contest = slate.round.contest
    act.require(Permission.SLATE_REPRINT, congress_id=contest.congress_id, unit_id=contest.unit_id)
    require_slates(act, contest.congress_id)
    if slate.version == 1 or slate.state is not SlateState.FROZEN:
        raise Refused("slate.nothing_to_reprint")
    if act.session.scalar(select(SlateReprint.id).where(SlateReprint.slate_id == slate_id)) is not None:
        raise Refused("slate.reprinted_already")
    row = SlateReprint(slate_id=slate_id, note=note.strip(), person_id=act.person_id, done_at=act.now)
    act.session.add(row)
    act.record(
        "slate.reprinted", row, congress_id=contest.congress_id, slate=slate_id, version=slate.version, note=row.note
    )
    return row
