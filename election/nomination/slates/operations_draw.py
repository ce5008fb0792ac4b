"""The steps by which a slate gets its names: who stands, in which order, put in their places. Part of other acts, which
have asked for the permission and hold the unit; never hands anything in and never touches a frozen slate.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select

from election.contests.models import ContestKind, Round, RoundKind
from election.nomination.lifecycle import ApplicationState, SlateAction, SlateState, slate_transition
from election.nomination.models import Application, Candidate, Slate
from election.nomination.queries import SlateLine
from election.people.act import Act
from election.people.models import Person
from election.quotas.models import AssignedLeader
from election.roster.models import Member
from election.strokes import known_first

# Rounds whose candidates are all who stand; a tie ballot has only the tied, and is prepared where the tie was found.
WHOLE_ROUNDS = (RoundKind.ORDINARY, RoundKind.RERUN)


@dataclass(frozen=True, slots=True)
class Standing:
    """Someone who belongs on a slate."""

    member_id: int
    application_id: int | None
    name: str


def is_whole(act: Act, line: SlateLine) -> bool:
    return act.session.get_one(Round, line.round_id).kind in WHOLE_ROUNDS


def draw(act: Act, congress_id: int, line: SlateLine, before: Slate | None = None) -> Slate:
    """Draws the slate of a round up from who stands now: a draft anew, or the next version. `before`: the version whose
    place it takes. An order set by hand is kept as long as nobody has joined; then it is dropped, and the record says so.
    """
    slate = line.slate
    if slate is None:
        last = act.session.scalar(select(func.max(Slate.version)).where(Slate.round_id == line.round_id)) or 0
        slate = Slate(round_id=line.round_id, version=last + 1, state=SlateState.DRAFT)
        act.session.add(slate)
        act.session.flush()
    else:
        slate.state = slate_transition(slate.state, SlateAction.CHANGE, act.person_id)
    model = before or slate
    known = [one.member_id for one in model.candidates]
    by_hand = model.order_reason
    people = who_stands(act, congress_id, line)
    if before is not None and not is_whole(act, line):
        people = [one for one in people if one.member_id in known]
    details: dict[str, object] = {}
    slate.order_reason = ""
    if by_hand and {one.member_id for one in people} <= set(known):
        slate.order_reason = by_hand
        people = sorted(people, key=lambda one: known.index(one.member_id))
    else:
        people = in_order(people)
        if by_hand:
            details["order_dropped"] = by_hand
    place(act, slate, people)
    act.record(
        "slate.drawn",
        slate,
        congress_id=congress_id,
        version=slate.version,
        members=[one.member_id for one in people],
        **details,
    )
    return slate


def who_stands(act: Act, congress_id: int, line: SlateLine) -> list[Standing]:
    """The assigned leaders of an uncontested contest, the proposed candidates of a contested one."""
    if line.kind is ContestKind.UNCONTESTED:
        leaders = (
            select(AssignedLeader.member_id, Person.name)
            .join(Member, Member.id == AssignedLeader.member_id)
            .join(Person, Person.id == Member.person_id)
            .where(AssignedLeader.congress_id == congress_id, AssignedLeader.unit_id == line.unit_id)
            .order_by(AssignedLeader.id)
        )
        return [Standing(member_id, None, name) for member_id, name in act.session.execute(leaders)]
    proposed = (
        select(Application.member_id, Application.id, Person.name)
        .join(Member, Member.id == Application.member_id)
        .join(Person, Person.id == Member.person_id)
        .where(
            Application.unit_id == line.unit_id,
            Application.category_id == line.category_id,
            Application.state == ApplicationState.PROPOSED,
        )
        .order_by(Application.id)
    )
    return [Standing(*row) for row in act.session.execute(proposed)]


def in_order(people: Sequence[Standing]) -> list[Standing]:
    """地方条例 30: by strokes. Names that the table does not know stand last until the unit sets the order by hand."""
    return sorted(people, key=lambda one: known_first(one.name))


def place(act: Act, slate: Slate, people: Sequence[Standing]) -> None:
    """These and nobody else, in this order."""
    act.session.execute(delete(Candidate).where(Candidate.slate_id == slate.id))
    act.session.add_all(
        Candidate(
            slate_id=slate.id,
            position=position,
            member_id=one.member_id,
            application_id=one.application_id,
            name=one.name,
        )
        for position, one in enumerate(people, 1)
    )
    act.session.flush()
    act.session.expire(slate, ["candidates"])


def take_off(act: Act, slate: Slate, members: Collection[int]) -> None:
    """Takes members off a slate that is still being made; who stood behind them moves up."""
    place(
        act,
        slate,
        [
            Standing(one.member_id, one.application_id, one.name)
            for one in slate.candidates
            if one.member_id not in members
        ],
    )
