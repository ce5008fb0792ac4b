"""The room's verb by which the order of speeches is drawn: once for each frozen slate, from a seed said in the hall.

The pure `lot.py` draws; here it is asked for, kept and audited. Makes no seed and never draws again.
"""

from __future__ import annotations

from sqlalchemy import select

from election.errors import NotFound, Refused
from election.lot import read_seed, recorded
from election.nomination.lifecycle import SlateState
from election.nomination.models import Slate
from election.nomination.models_margin import SpeechOrder
from election.people.act import Act
from election.people.permissions import Permission


def draw_speeches(act: Act, slate_id: int, seed: str, witness: str) -> SpeechOrder:
    """Draws in which order the candidates of a frozen slate speak (S3.3: 按抽签顺序). `witness`: who named the seed."""
    slate = act.session.get(Slate, slate_id, with_for_update=True)
    if slate is None:
        raise NotFound("slate.none")
    contest = slate.round.contest
    act.require(Permission.SPEECHES_DRAW, congress_id=contest.congress_id, unit_id=contest.unit_id)
    if slate.state is not SlateState.FROZEN:
        raise Refused("speeches.not_frozen")
    if act.session.scalar(select(SpeechOrder.id).where(SpeechOrder.slate_id == slate_id)) is not None:
        raise Refused("speeches.drawn_already")
    if not witness.strip():
        raise Refused("speeches.witness_missing", field="witness")
    names = [one.name for one in slate.candidates]
    if not names:
        raise Refused("speeches.nobody")
    row = SpeechOrder(
        slate_id=slate_id,
        seed=read_seed(seed),
        witness=witness.strip(),
        content=recorded(names, read_seed(seed)),
        person_id=act.person_id,
        drawn_at=act.now,
    )
    act.session.add(row)
    act.record(
        "speeches.drawn",
        row,
        congress_id=contest.congress_id,
        slate=slate_id,
        seed=row.seed,
        witness=row.witness,
        order=[one["number"] for one in row.content["order"]],
    )
    return row
