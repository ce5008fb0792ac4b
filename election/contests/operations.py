"""The room's verbs: a contest begins with its first round, and a round is declared void.

They are steps of another room's act (a slate prepared, a ballot declared void), which has asked for the permission;
whoever calls them has. Decides no outcome.
"""

from __future__ import annotations

from sqlalchemy import func, select

from election.congress.models import Category, Unit
from election.contests.models import NOT_NEEDED, SEATS_MOVED, Contest, ContestKind, Round, RoundKind
from election.errors import NotFound, Refused
from election.people.act import Act

# The grounds on which a round that was voted on is void: more ballots returned than issued (选举办法), or that while it was
# voted on too few were present (基层条例: 4/5 of the expected).
RETURNED_OVER_ISSUED = "returned_over_issued"
NO_QUORUM = "no_quorum"


def open_contest(act: Act, unit_id: int, category_id: int, kind: ContestKind, seats: int) -> Round:
    """The contest for a cell's seats with its first round, or the first round of the one that stands already.

    Its seats may still change while nobody has voted: the caller knows, since it holds the slate.
    """
    unit, category = act.session.get(Unit, unit_id), act.session.get(Category, category_id)
    if unit is None:
        raise NotFound("congress.no_such_unit")
    if category is None or category.congress_id != unit.congress_id:
        raise NotFound("contest.no_such_category")
    if seats < 1:
        raise Refused("contest.seats_wrong", field="seats")
    contest = act.session.scalar(
        select(Contest).where(Contest.unit_id == unit_id, Contest.category_id == category_id, Contest.kind == kind)
    )
    if contest is None:
        contest = Contest(
            congress_id=unit.congress_id, unit_id=unit_id, category_id=category_id, kind=kind, seats=seats
        )
        act.session.add(contest)
        act.session.flush()
        act.session.add(Round(contest_id=contest.id, number=1, kind=RoundKind.ORDINARY, seats=seats))
        act.record(
            "contest.opened",
            contest,
            congress_id=unit.congress_id,
            unit=unit.code,
            category=category.code,
            kind=kind.value,
            seats=seats,
        )
    first = _first(act, contest)
    before = 0 if first.void_reason == SEATS_MOVED else contest.seats
    if before != seats:
        contest.seats = first.seats = seats
        first.void_at = first.void_by_id = first.void_reason = None
        act.record("contest.seats_changed", contest, congress_id=contest.congress_id, before=before, after=seats)
    return first


def close_contest(act: Act, contest: Contest) -> None:
    """Every seat of it went elsewhere by a new scheme. It is kept, as the slate that stood for it is; nobody votes on it
    unless a later scheme gives it seats again (`open_contest`).
    """
    first = _first(act, contest)
    if first.void_at is not None:
        raise Refused("contest.void_already")
    first.void_at, first.void_by_id, first.void_reason = act.now, act.person_id, SEATS_MOVED
    act.record("contest.seats_changed", contest, congress_id=contest.congress_id, before=contest.seats, after=0)


def _first(act: Act, contest: Contest) -> Round:
    return act.session.scalars(select(Round).where(Round.contest_id == contest.id, Round.number == 1)).one()


def open_round(act: Act, contest_id: int, kind: RoundKind, seats: int) -> Round:
    """The next round of a contest: made necessary by a tie, a shortfall or a void ballot."""
    contest = act.session.get(Contest, contest_id, with_for_update=True)
    if contest is None:
        raise NotFound("contest.none")
    if not 1 <= seats <= contest.seats:
        raise Refused("contest.seats_wrong", field="seats")
    last = act.session.scalar(select(func.max(Round.number)).where(Round.contest_id == contest_id)) or 0
    new = Round(contest_id=contest_id, number=last + 1, kind=kind, seats=seats)
    act.session.add(new)
    act.record(
        "round.opened",
        new,
        congress_id=contest.congress_id,
        contest=contest_id,
        number=new.number,
        kind=kind.value,
        seats=seats,
    )
    return new


def void_round(
    act: Act, row: Round, congress_id: int, *, issued: int, returned: int, because: str = RETURNED_OVER_ISSUED
) -> Round:
    """Marks the round as void; nothing of it is ever counted."""
    if row.void_at is not None:
        raise Refused("contest.void_already")
    row.void_at, row.void_by_id, row.void_reason = act.now, act.person_id, because
    details = {} if because == RETURNED_OVER_ISSUED else {"because": because}
    act.record("round.voided", row, congress_id=congress_id, issued=issued, returned=returned, **details)
    return row


def drop_round(act: Act, row: Round, congress_id: int, reason: str) -> Round:
    """A round that followed from what has to be corrected is not held: kept, and counted nowhere."""
    if row.void_at is not None:
        raise Refused("contest.void_already")
    row.void_at, row.void_by_id, row.void_reason = act.now, act.person_id, NOT_NEEDED
    act.record("round.dropped", row, congress_id=congress_id, reason=reason)
    return row
