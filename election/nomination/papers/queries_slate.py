"""Reads what the papers of a unit's slates say, and has them set. Changes nothing.

A frozen slate is read from what was frozen, so that its fingerprint is that of the paper; one in the making is marked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from election.congress.models import Congress, Unit
from election.documents.paper import Paper, set_sheets
from election.errors import NotFound
from election.nomination.lifecycle import SlateState
from election.nomination.models import (
    Application,
    Slate,
)
from election.nomination.models_margin import SpeechOrder
from election.nomination.papers.common import SEXES
from election.nomination.papers.slate import TITLE, Listed, PrintedSlate, Speeches, slate_sheets
from election.nomination.queries import CandidateLine, SlateLine, slates
from election.people.act import local_day
from election.people.models import Sex
from election.texts import chinese_date, chinese_month

DRAFT = "草稿"


def slates_paper(session: Session, congress: Congress, unit: Unit, *, demo: bool) -> Paper:
    """Every slate in force of a unit. Raises NotFound while none is drawn up."""
    lines = [line for line in slates(session, congress.id, unit.id) if line.slate is not None]
    if not lines:
        raise NotFound("slate.none")
    written = _written(session, lines)
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


def _written(session: Session, lines: Sequence[SlateLine]) -> dict[int, tuple[str, str]]:
    """person → what they wrote: career and statement of the application by which they stand. One statement."""
    persons = {
        one.application_id: one.person_id for line in lines for one in line.candidates if one.application_id is not None
    }
    rows = session.execute(
        select(Application.id, Application.career, Application.statement).where(Application.id.in_(persons))
    )
    return {persons[application_id]: (career, statement) for application_id, career, statement in rows}


def _printed(
    line: SlateLine, slate: Slate, written: Mapping[int, tuple[str, str]], drawn: Mapping[int, SpeechOrder]
) -> PrintedSlate:
    frozen = slate.content if slate.state is SlateState.FROZEN else None
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
        candidates=[_live(one, written) for one in line.candidates]
        if frozen is None
        else [_frozen(one, written) for one in frozen["candidates"]],
        speeches=None
        if order is None
        else Speeches(
            [one["name"] for one in order.content["order"]],
            order.seed,
            order.witness,
            chinese_date(local_day(order.drawn_at)),
        ),
    )


def _exempt(decision: Mapping[str, Any] | None) -> str:
    if decision is None:
        return ""
    return f"经{decision['document']}（{chinese_date(date.fromisoformat(decision['decided_on']))}）决定。"


def _live(one: CandidateLine, written: Mapping[int, tuple[str, str]]) -> Listed:
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


def _frozen(one: Mapping[str, Any], written: Mapping[int, tuple[str, str]]) -> Listed:
    return Listed(
        one["position"],
        one["name"],
        SEXES[None if one["sex"] is None else Sex(one["sex"])],
        "" if one["born"] is None else chinese_month(date.fromisoformat(f"{one['born']}-01")),
        one["ethnicity"],
        one["education"],
        one["branch"],
        one["post"],
        *written.get(one["person"], ("", "")),
    )
