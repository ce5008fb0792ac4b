"""The room's verbs by which the order of speeches is drawn, once for the same people in the same order: the system's half of the seed is made
and announced by its hash, then the hall says its word. The pure `lot.py` draws. Never makes a half anew and never draws again.
"""

from __future__ import annotations

import secrets

from election.errors import NotFound, Refused
from election.lot import HALF_BYTES, commitment, read_witness, read_word, recorded_from_halves
from election.nomination.lifecycle import SlateState
from election.nomination.models import Slate
from election.nomination.models_margin import SpeechCommitment, SpeechOrder
from election.nomination.phase import require_slates
from election.nomination.slates.queries_versions import speech_commitment, speech_orders
from election.people.act import Act
from election.people.permissions import Permission
from election.people.queries import names_of


def commit_half(act: Act, slate_id: int) -> SpeechCommitment:
    """Makes the system's half and announces its hash; the half itself is told with the order, and the same people get no
    second one. No page shows it before; whoever reads the database could, which is why the hall says the other half.
    """
    slate = _slate(act, slate_id)
    if speech_commitment(act.session, slate_id) is not None:
        raise Refused("speeches.committed_already")
    half = secrets.token_hex(HALF_BYTES)
    row = SpeechCommitment(
        slate_id=slate_id, half=half, hash=commitment(half), person_id=act.person_id, committed_at=act.now
    )
    act.session.add(row)
    contest = slate.round.contest
    act.record("speeches.committed", row, congress_id=contest.congress_id, slate=slate_id, commitment=row.hash)
    return row


def draw_speeches(act: Act, slate_id: int, word: str, witness: str) -> SpeechOrder:
    """Draws in which order the candidates of a frozen slate speak (S3.3: 按抽签顺序), from the committed half and the word
    said in the hall. `witness`: who said it.
    """
    slate = _slate(act, slate_id)
    made = speech_commitment(act.session, slate_id)
    if made is None:
        raise Refused("speeches.not_committed")
    standing = [one.name for one in slate.candidates]
    said_by = read_witness(witness, [*standing, *names_of(act.session, {act.person_id}).values()])
    content = recorded_from_halves(standing, made.half, read_word(word))
    row = SpeechOrder(
        slate_id=slate_id,
        seed=content["seed"],
        witness=said_by,
        content=content,
        person_id=act.person_id,
        drawn_at=act.now,
    )
    act.session.add(row)
    act.record(
        "speeches.drawn",
        row,
        congress_id=slate.round.contest.congress_id,
        slate=slate_id,
        seed=row.seed,
        word=content["word"],
        witness=row.witness,
        order=[one["number"] for one in content["order"]],
    )
    return row


def _slate(act: Act, slate_id: int) -> Slate:
    """The slate, locked, if there is something to draw and nothing is drawn yet."""
    slate = act.session.get(Slate, slate_id, with_for_update=True)
    if slate is None:
        raise NotFound("slate.none")
    contest = slate.round.contest
    act.require(Permission.SPEECHES_DRAW, congress_id=contest.congress_id, unit_id=contest.unit_id)
    require_slates(act, contest.congress_id)
    if slate.state is not SlateState.FROZEN:
        raise Refused("speeches.not_frozen")
    if speech_orders(act.session, [slate_id]):
        raise Refused("speeches.drawn_already")
    if not slate.candidates:
        raise Refused("speeches.nobody")
    return slate
