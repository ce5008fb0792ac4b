"""Reads what the papers of a unit's slates say, and has them set. Changes nothing.

A frozen slate is read from what was frozen, so that its fingerprint is that of the paper; one in the making is marked.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from election.congress.models import Congress, Unit
from election.documents.paper import Paper, set_sheets
from election.errors import NotFound
from election.nomination.candidates import CandidateLine
from election.nomination.lifecycle import SlateState
from election.nomination.models import Slate
from election.nomination.models_margin import SpeechOrder
from election.nomination.papers.common import SEXES
from election.nomination.papers.slate import TITLE, Listed, PrintedSlate, Speeches, slate_sheets
from election.nomination.queries import SlateLine, slates
from election.nomination.slates.frozen import Written, frozen_words
from election.nomination.slates.queries_frozen import written_by
from election.people.act import local_day
from election.store.audit import require_whole
from election.texts import chinese_date, chinese_month

DRAFT = "草稿"


def slates_paper(session: Session, congress: Congress, unit: Unit, *, demo: bool) -> Paper:
    """Every slate in force of a unit. Raises NotFound while none is drawn up."""
    lines = [line for line in slates(session, congress.id, unit.id) if line.slate is not None]
    if not lines:
        raise NotFound("slate.none")
    written = written_by(session, lines)
    drawn = {
        row.slate_id: row
        for row in session.scalars(
            select(SpeechOrder).where(SpeechOrder.slate_id.in_([line.slate.id for line in lines if line.slate]))
        )
    }
    printed = [_printed(line, line.slate, written, drawn) for line in lines if line.slate is not None]
    days = [local_day(moment) for line in lines if line.slate for moment in _moments(line.slate, drawn)]
    return set_sheets(
        slate_sheets(congress.name, unit.name, printed),
        title=f"{TITLE} {unit.name}",
        day=max(days, default=local_day(congress.created_at)),
        demo=demo,
        mark="" if all(one.hash for one in printed) else DRAFT,
    )


def _moments(slate: Slate, drawn: Mapping[int, SpeechOrder]) -> list[datetime]:
    order = drawn.get(slate.id)
    moments = (slate.submitted_at, slate.frozen_at, None if order is None else order.drawn_at)
    return [moment for moment in moments if moment is not None]


def _printed(
    line: SlateLine, slate: Slate, written: Mapping[int, Written], drawn: Mapping[int, SpeechOrder]
) -> PrintedSlate:
    frozen = slate.content if slate.state is SlateState.FROZEN else None
    if frozen is not None:
        require_whole(frozen, slate.hash)
    words = frozen_words(slate)
    order = drawn.get(slate.id)
    return PrintedSlate(
        category=line.category_name if frozen is None else frozen["category"]["name"],
        kind=line.kind,
        round=line.round_number,
        seats=line.seats,
        version=slate.version,
        frozen_on=None if frozen is None or slate.frozen_at is None else local_day(slate.frozen_at),
        hash="" if frozen is None else slate.hash,
        order_reason=slate.order_reason,
        exempt_by="" if frozen is None else _exempt(frozen.get("exempt_by")),
        introduced_by_hash=words is not None,
        candidates=[_listed(one, written if words is None else words) for one in line.candidates],
        speeches=None
        if order is None
        else Speeches(
            [one["name"] for one in order.content["order"]],
            order.seed,
            order.witness,
            chinese_date(local_day(order.drawn_at)),
            order.content.get("commitment", ""),
        ),
    )


def _exempt(decision: Mapping[str, Any] | None) -> str:
    if decision is None:
        return ""
    return f"经{decision['document']}（{chinese_date(date.fromisoformat(decision['decided_on']))}）决定。"


def _listed(one: CandidateLine, written: Mapping[int, Written]) -> Listed:
    return Listed(
        one.position,
        one.name,
        SEXES[one.sex],
        chinese_month(one.born_on),
        one.ethnicity,
        one.education,
        one.branch_name,
        one.post,
        *written.get(one.person_id, ("", "")),
    )
