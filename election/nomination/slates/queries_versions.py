"""Reads the versions of slates: what has to be printed anew, why, and in which order the candidates of a slate speak.

Changes nothing; a version that was frozen keeps for ever what was printed from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from election.nomination.lifecycle import SlateState
from election.nomination.models import Candidate, Slate
from election.nomination.models_margin import SlateReprint, SpeechCommitment, SpeechOrder
from election.nomination.queries import SlateLine
from election.people.models import Person


@dataclass(frozen=True, slots=True)
class Reprint:
    """A slate that was frozen once and is another now: `left` and `joined` by name against the version it replaced.

    `hash`: of the version that was printed; `why`: as it was superseded. `line`: the version in force, which may still be
    in the making; `frozen_at` of it once it can be printed.
    """

    line: SlateLine
    replaced: int
    why: str
    hash: str
    left: tuple[str, ...]
    joined: tuple[str, ...]
    reordered: bool

    @property
    def version(self) -> int:
        return self.line.slate.version if self.line.slate is not None else 0

    @property
    def frozen_at(self) -> datetime | None:
        return self.line.slate.frozen_at if self.line.slate is not None else None


def reprints(session: Session, lines: Sequence[SlateLine]) -> list[Reprint]:
    """Of these slates (`queries.slates`) those that took the place of a frozen one, in their order: one statement."""
    lines = [line for line in lines if line.slate is not None and line.slate.version > 1]
    if not lines:
        return []
    before: dict[int, Slate] = {}
    wanted = select(Slate).where(
        Slate.round_id.in_([line.round_id for line in lines]), Slate.state == SlateState.SUPERSEDED
    )
    for slate in session.scalars(wanted.order_by(Slate.version)):
        before[slate.round_id] = slate
    return [_reprint(line, before[line.round_id]) for line in lines if line.round_id in before]


def _reprint(line: SlateLine, before: Slate) -> Reprint:
    printed = [] if before.content is None else [(one["person"], one["name"]) for one in before.content["candidates"]]
    now = [(one.person_id, one.name) for one in line.candidates]
    were, are = {person for person, _ in printed}, {person for person, _ in now}
    return Reprint(
        line,
        before.version,
        before.superseded_because,
        before.hash,
        tuple(name for person, name in printed if person not in are),
        tuple(name for person, name in now if person not in were),
        [person for person, _ in printed if person in are] != [person for person, _ in now if person in were],
    )


@dataclass(frozen=True, slots=True)
class ReprintDone:
    """Who said when that the old prints are withdrawn and the new version is printed."""

    by: str
    at: datetime
    note: str


def reprints_done(session: Session, slate_ids: Sequence[int]) -> Mapping[int, ReprintDone]:
    """slate → that it was printed anew, where somebody said so: one statement."""
    rows = session.execute(
        select(SlateReprint.slate_id, Person.name, SlateReprint.done_at, SlateReprint.note)
        .join(Person, Person.id == SlateReprint.person_id)
        .where(SlateReprint.slate_id.in_(slate_ids))
    )
    return {slate_id: ReprintDone(by, at, note) for slate_id, by, at, note in rows}


def of_same_names(session: Session, slate_ids: Sequence[int]) -> dict[int, list[int]]:
    """slate → itself and every earlier version of its round with the same people in the same order, the latest first: what
    was drawn or begun for them is not drawn again because the list was printed anew.
    """
    rounds = select(Slate.round_id).where(Slate.id.in_(slate_ids))
    rows = session.execute(
        select(Slate.id, Slate.round_id, Candidate.member_id)
        .join(Candidate, Candidate.slate_id == Slate.id)
        .where(Slate.round_id.in_(rounds))
        .order_by(Slate.version.desc(), Candidate.position)
    ).all()
    standing: dict[int, list[int]] = {}
    round_of = {slate_id: round_id for slate_id, round_id, _ in rows}
    for slate_id, _, member_id in rows:
        standing.setdefault(slate_id, []).append(member_id)
    return {
        one: [
            other
            for other, people in standing.items()
            if round_of[other] == round_of[one] and people == standing[one] and other <= one
        ]
        for one in slate_ids
        if one in standing
    }


def speech_orders(session: Session, slate_ids: list[int]) -> Mapping[int, SpeechOrder]:
    """slate → the drawn order of speeches of its people, where there is one."""
    same = of_same_names(session, slate_ids)
    wanted = {other for others in same.values() for other in others}
    drawn = {row.slate_id: row for row in session.scalars(select(SpeechOrder).where(SpeechOrder.slate_id.in_(wanted)))}
    return {
        one: next(drawn[other] for other in others if other in drawn)
        for one, others in same.items()
        if drawn.keys() & set(others)
    }


def speech_commitment(session: Session, slate_id: int) -> SpeechCommitment | None:
    """The system's half of the seed for these people, if it is made. Only its hash may be shown before the order is drawn."""
    same = of_same_names(session, [slate_id]).get(slate_id, [])
    rows = {
        row.slate_id: row
        for row in session.scalars(select(SpeechCommitment).where(SpeechCommitment.slate_id.in_(same)))
    }
    return next((rows[one] for one in same if one in rows), None)
