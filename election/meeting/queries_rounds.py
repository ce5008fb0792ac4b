"""What a meeting votes on, with the scrutineers' record of its ballots: issued, returned and spoiled per venue. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased

from election.congress.models import Category
from election.contests.models import Contest, ContestKind, Round, RoundKind
from election.contests.operations import NO_QUORUM
from election.contests.queries import BY_BALLOT, UNCONTESTED_FIRST, WITH_SEATS
from election.meeting.ballot_checks import Author
from election.meeting.counted import together
from election.meeting.lifecycle import MeetingState
from election.meeting.models import Meeting, MeetingRound, VenueBallots
from election.meeting.models_evening import SpoiledKind, SpoiledRuling
from election.nomination.lifecycle import SlateState
from election.nomination.models import Candidate, Slate

Spoiled = Mapping[SpoiledKind, int]


@dataclass(frozen=True, slots=True)
class RoundView:
    """A round on the meeting's table. Sums over all venues; None: not every venue has its record yet. `spoiled_by_venue`:
    what the scrutineers ruled, by venue and kind: empty for a venue that had none, absent where nothing was said.
    `authors`: who recorded a venue's figures, and whether after entry had begun. `slate_id`: the slate on its ballots, None
    while there is none; `entry_begun`: somebody has begun to enter its vote. `no_quorum`: void because too few were there.
    """

    round_id: int
    contest_id: int
    category: str
    category_position: int
    kind: ContestKind
    round_kind: RoundKind
    seats: int
    candidates: int
    slate_id: int | None
    slate_frozen: bool
    issued: int | None
    returned: int | None
    by_venue: Mapping[int, tuple[int, int | None]]
    authors: Mapping[int, Author]
    spoiled_by_venue: Mapping[int, Spoiled]
    ballot: int
    void: bool
    no_quorum: bool
    entry_begun: bool
    counted: bool

    @property
    def must_be_void(self) -> bool:
        """More returned than issued, and not yet declared void."""
        return not self.void and self.returned is not None and self.issued is not None and self.returned > self.issued

    @property
    def settled(self) -> bool:
        """Nothing of it is left to do this evening: counted, or void."""
        return self.counted or self.void

    @property
    def spoiled(self) -> dict[SpoiledKind, int]:
        """Over the venues that have said how many."""
        found: dict[SpoiledKind, int] = {}
        for kinds in self.spoiled_by_venue.values():
            for kind, number in kinds.items():
                found[kind] = found.get(kind, 0) + number
        return found


def rounds_of(session: Session, meeting: Meeting) -> tuple[RoundView, ...]:
    """The rounds the meeting votes on (before it opens: those it would vote on) with its ballot records, vote by vote."""
    held = aliased(MeetingRound)
    candidates = select(func.count(Candidate.id)).where(Candidate.slate_id == Slate.id).scalar_subquery()
    planned = meeting.state is MeetingState.PLANNED
    chosen = (
        select(Round, Contest, Category, held, Slate.id, Slate.state, candidates)
        .join(Contest, Contest.id == Round.contest_id)
        .join(Category, Category.id == Contest.category_id)
        .order_by(func.coalesce(held.ballot, 1), Category.position, UNCONTESTED_FIRST, Round.number)
    )
    if planned:
        in_force = and_(Slate.round_id == Round.id, Slate.state != SlateState.SUPERSEDED)
        chosen = (
            chosen.outerjoin(held, held.round_id == Round.id)
            .outerjoin(Slate, in_force)
            .where(Contest.unit_id == meeting.unit_id, Round.void_at.is_(None), held.id.is_(None))
        )
    else:
        chosen = (
            chosen.join(held, held.round_id == Round.id)
            .join(Slate, Slate.id == held.slate_id)
            .where(held.meeting_id == meeting.id, WITH_SEATS, BY_BALLOT)
        )
    kept = session.scalars(select(VenueBallots).where(VenueBallots.meeting_id == meeting.id)).all()
    ballots, spoiled = _ballots(kept), _spoiled(session, meeting.id, kept)
    authors: dict[int, dict[int, Author]] = {}
    for one in kept:
        authors.setdefault(one.round_id, {})[one.venue_id] = (one.recorded_by_id, bool(one.changed_because))
    venues = len(meeting.venues)
    views = []
    for row, contest, category, mark, slate_id, state, number in session.execute(chosen):
        parts = ballots.get(row.id, {})
        whole = len(parts) == venues and venues > 0
        views.append(
            RoundView(
                round_id=row.id,
                contest_id=contest.id,
                category=category.name,
                category_position=category.position,
                kind=contest.kind,
                round_kind=row.kind,
                seats=row.seats,
                candidates=number or 0,
                slate_id=slate_id,
                slate_frozen=state is SlateState.FROZEN,
                issued=sum(issued for issued, _ in parts.values()) if whole else None,
                returned=together(returned for _, returned in parts.values()) if whole else None,
                by_venue=parts,
                authors=authors.get(row.id, {}),
                spoiled_by_venue=spoiled.get(row.id, {}),
                ballot=1 if mark is None else mark.ballot,
                void=row.void_at is not None,
                no_quorum=row.void_reason == NO_QUORUM,
                entry_begun=mark is not None and mark.entry_begun,
                counted=mark is not None and mark.counted_at is not None,
            )
        )
    return tuple(views)


def _ballots(kept: Iterable[VenueBallots]) -> dict[int, dict[int, tuple[int, int | None]]]:
    """round → venue → (issued, returned)."""
    found: dict[int, dict[int, tuple[int, int | None]]] = {}
    for record in kept:
        found.setdefault(record.round_id, {})[record.venue_id] = (record.issued, record.returned)
    return found


def _spoiled(
    session: Session, meeting_id: int, kept: Iterable[VenueBallots]
) -> dict[int, dict[int, dict[SpoiledKind, int]]]:
    """round → venue → kind → how many, the kinds in the order in which a form lists them; only where something was said."""
    order = list(SpoiledKind)
    found: dict[int, dict[int, dict[SpoiledKind, int]]] = {}
    for record in kept:
        if record.spoiled is not None:
            found.setdefault(record.round_id, {})[record.venue_id] = {}
    rows = session.scalars(select(SpoiledRuling).where(SpoiledRuling.meeting_id == meeting_id)).all()
    for row in sorted(rows, key=lambda one: order.index(one.kind)):
        found.setdefault(row.round_id, {}).setdefault(row.venue_id, {})[row.kind] = row.number
    return found
