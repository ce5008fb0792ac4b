"""The steps by which the lot decides a tie where the rules say so (得票相等，抽签决定): the system's half is made as the lot is
proposed, then the hall says its word and the tied are drawn. Part of the acts in `operations_follow_up.py`, which ask for the
permission and for two persons; the pure `lot.py` draws and `contests/by_lot.py` decides.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from election.contests.by_lot import contest_by_lot, decide_by_lot
from election.contests.decide import outcome_json
from election.contests.models import Round, RoundKind
from election.contests.operations import drop_round, open_round
from election.contests.outcome import Outcome
from election.count.models import CandidateResult, Result, RoundOutcome
from election.count.models_lot import LotCommitment, LotDraw
from election.errors import Refused, Stale
from election.lot import HALF_BYTES, commitment, read_witness, read_word, recorded_from_halves
from election.meeting.models import Meeting, MeetingRound
from election.meeting.models_evening import FollowUp
from election.nomination.models import Candidate, Slate
from election.nomination.slates.operations_follow_up import freeze_for_round
from election.people.act import Act
from election.people.queries import names_of


@dataclass(frozen=True, slots=True)
class Said:
    """The hall's half: the word, and who said it."""

    word: str
    witness: str


def require_undrawn(act: Act, round_id: int) -> None:
    """One lot for one tie: what was drawn is drawn again only where the vote was corrected first."""
    drawn = select(LotDraw.id).where(LotDraw.tie_id == _tie(act, round_id).id)
    if act.session.scalar(drawn) is not None:
        raise Refused("lot.drawn_already")


def commit_half(act: Act, row: FollowUp, meeting: Meeting) -> LotCommitment:
    """Makes the system's half and announces its hash. Whoever reads the database could know it, which is why the hall says the
    other half. For a tie that was drawn before and comes back, the lot stays as drawn: its own half again.
    """
    before = _drawn_before(act, row)
    half = secrets.token_hex(HALF_BYTES) if before is None else str(before.content["half"])
    act.session.flush()
    made = LotCommitment(
        follow_up_id=row.id, half=half, hash=commitment(half), person_id=act.person_id, committed_at=act.now
    )
    act.session.add(made)
    act.record(
        "lot.committed",
        made,
        congress_id=meeting.congress_id,
        meeting=meeting.id,
        seats=row.seats,
        members=row.members,
        commitment=made.hash,
    )
    return made


def draw_lot(act: Act, row: FollowUp, meeting: Meeting, said: Said | None) -> Round:
    """Draws the lot among the tied. It is a round of its own, without ballots or forms: its slate has the tied, its outcome the
    first of the drawn order. Raises Stale where the tied stand in another order than the hall was shown.
    """
    if said is None:
        raise Refused("lot.seed_missing", field="seed")
    word = read_word(said.word)
    before = _drawn_before(act, row)
    if before is not None and word != before.content["word"]:
        raise Refused("lot.word_before", field="seed", word=before.content["word"])
    require_undrawn(act, row.round_id)
    tie = _tie(act, row.round_id)
    made = act.session.scalars(select(LotCommitment).where(LotCommitment.follow_up_id == row.id)).one()
    new = open_round(act, tie.round.contest_id, RoundKind.LOT, row.seats)
    act.session.flush()
    slate = freeze_for_round(act, new, [int(one) for one in row.members], row.proposed_by_id)
    standing = _in_order(act, slate)
    if [one.member_id for one in standing] != row.members:
        raise Stale("follow_up.no_longer_due")
    names = [one.name for one in standing]
    operating = names_of(act.session, {act.person_id, row.proposed_by_id}).values()
    witness = read_witness(said.witness, [*names, *operating])
    content = recorded_from_halves(names, made.half, word)
    held = act.session.scalars(select(MeetingRound).where(MeetingRound.round_id == row.round_id)).one()
    act.session.add(
        MeetingRound(meeting_id=meeting.id, round_id=new.id, slate_id=slate.id, ballot=held.ballot, counted_at=act.now)
    )
    slate.in_use_at = act.now
    drawn = LotDraw(
        commitment_id=made.id,
        tie_id=tie.id,
        round_id=new.id,
        witness=witness,
        content=content,
        person_id=act.person_id,
        drawn_at=act.now,
    )
    act.session.add(drawn)
    act.record(
        "lot.drawn",
        drawn,
        congress_id=meeting.congress_id,
        meeting=meeting.id,
        round=new.id,
        seed=content["seed"],
        word=content["word"],
        witness=witness,
        order=[one["number"] for one in content["order"]],
    )
    outcome = _outcome(act, new, tie, standing, drawn)
    act.session.add(outcome)
    act.record(
        "round.decided",
        outcome,
        congress_id=meeting.congress_id,
        round=new.id,
        version=outcome.version,
        category=new.contest.category.code,
        status=outcome.status,
        outcome=outcome.outcome,
    )
    return new


def _drawn_before(act: Act, row: FollowUp) -> LotDraw | None:
    """The lot that was drawn after the same vote among the same people for as many seats, and dropped for a correction."""
    rows = act.session.execute(
        select(LotDraw, FollowUp)
        .join(FollowUp, FollowUp.next_round_id == LotDraw.round_id)
        .where(FollowUp.round_id == row.round_id, FollowUp.id != row.id)
        .order_by(LotDraw.id)
    )
    alike = (drawn for drawn, one in rows if one.members == row.members and one.seats == row.seats)
    return next(alike, None)


def renew_lots(act: Act, ties: Sequence[RoundOutcome]) -> list[RoundOutcome]:
    """The outcomes of the lots that decided these ties stand again once the count was corrected and came out alike: as they
    were drawn, never drawn anew, with the figures of the vote as they are now.
    """
    after = {row.round_id: row for row in ties}
    rows = act.session.execute(
        select(LotDraw, FollowUp.round_id)
        .join(FollowUp, FollowUp.next_round_id == LotDraw.round_id)
        .where(FollowUp.round_id.in_(after), FollowUp.dropped_at.is_(None))
        .order_by(LotDraw.id)
    )
    renewed = []
    for drawn, round_id in rows.all():
        row = act.session.get_one(Round, drawn.round_id)
        slate = act.session.scalars(
            select(Slate)
            .join(MeetingRound, MeetingRound.slate_id == Slate.id)
            .where(MeetingRound.round_id == drawn.round_id)
        ).one()
        last = act.session.scalar(select(func.max(RoundOutcome.version)).where(RoundOutcome.round_id == drawn.round_id))
        renewed.append(_outcome(act, row, after[round_id], _in_order(act, slate), drawn, (last or 0) + 1))
    act.session.add_all(renewed)
    act.session.flush()
    return renewed


def annul_lot(act: Act, row: Round, congress_id: int, reason: str) -> None:
    """What was drawn from figures that were wrong: kept as it was drawn, and counted nowhere."""
    outcome = act.session.scalar(
        select(RoundOutcome).where(RoundOutcome.round_id == row.id, RoundOutcome.superseded_at.is_(None))
    )
    held = act.session.scalars(select(MeetingRound).where(MeetingRound.round_id == row.id)).one()
    held.counted_at = None
    if outcome is not None:  # it falls with the vote whose figures it bears, and is dropped after that
        outcome.superseded_at = act.now
        act.session.flush()
    drop_round(act, row, congress_id, reason)


def _tie(act: Act, round_id: int) -> RoundOutcome:
    """The outcome in force whose tie is to be decided."""
    found = act.session.scalar(
        select(RoundOutcome).where(RoundOutcome.round_id == round_id, RoundOutcome.superseded_at.is_(None))
    )
    if found is None:
        raise Stale("follow_up.no_longer_due")
    return found


def _in_order(act: Act, slate: Slate) -> Sequence[Candidate]:
    return act.session.scalars(
        select(Candidate).where(Candidate.slate_id == slate.id).order_by(Candidate.position)
    ).all()


def _outcome(
    act: Act, new: Round, tie: RoundOutcome, standing: Sequence[Candidate], drawn: LotDraw, version: int = 1
) -> RoundOutcome:
    """The outcome of the lot bears the figures of the vote whose tie it decides: no others were cast."""
    ids = [f"c{one.id}" for one in standing]
    contest = contest_by_lot(new.seats, ids, drawn.content)
    decided: Outcome = decide_by_lot(contest)
    row = RoundOutcome(
        round_id=new.id,
        version=version,
        status=decided.status.value,
        follow_up=None if decided.follow_up is None else decided.follow_up.value,
        votes_needed=None,
        elected=len(decided.elected),
        tied_seats=0,
        shortfall=decided.shortfall,
        expected=tie.expected,
        present=tie.present,
        issued=tie.issued,
        returned=tie.returned,
        valid=tie.valid,
        spoiled=tie.spoiled,
        contest=contest,
        outcome=outcome_json(decided),
        decided_at=act.now,
    )
    votes = {line.member_id: line for line in tie.lines}
    for place, one in enumerate((standing[drawn_as["number"] - 1] for drawn_as in drawn.content["order"]), start=1):
        before = votes[one.member_id]
        row.lines.append(
            CandidateResult(
                candidate_id=one.id,
                member_id=one.member_id,
                name=one.name,
                rank=place,
                votes_for=before.votes_for,
                votes_against=before.votes_against,
                abstentions=before.abstentions,
                result=Result.ELECTED if f"c{one.id}" in decided.elected else Result.NOT_ELECTED,
            )
        )
    return row
