"""What is frozen of a slate, and hashed: everything that a ballot, a list or an introduction prints. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from election.contests.models import ContestKind
from election.nomination.candidates import CandidateLine
from election.nomination.models import Slate
from election.nomination.models_margin import MarginExemption
from election.nomination.queries import SlateLine

# What someone wrote of themselves: career and statement.
Written = tuple[str, str]


def frozen_content(
    line: SlateLine, slate: Slate, exempt: MarginExemption | None, written: Mapping[int, Written]
) -> dict[str, Any]:
    """`exempt_by` only where a recorded decision lets a contested cell be uncontested."""
    content = {
        "format": "slate/1",
        "unit": {"code": line.unit_code, "name": line.unit_name},
        "category": {"code": line.category_code, "name": line.category_name},
        "kind": line.kind.value,
        "round": line.round_number,
        "seats": line.seats,
        "version": slate.version,
        "order": slate.order_reason or "strokes",
        "candidates": [_candidate(one, written.get(one.person_id, ("", ""))) for one in line.candidates],
    }
    if exempt is not None and line.kind is ContestKind.CONTESTED:
        content["exempt_by"] = {"document": exempt.document, "decided_on": exempt.decided_on.isoformat()}
    return content


def _candidate(one: CandidateLine, written: Written) -> dict[str, Any]:
    career, statement = written
    return {
        "position": one.position,
        "person": one.person_id,
        "name": one.name,
        "sex": one.sex and one.sex.value,
        "born": one.born_on and f"{one.born_on:%Y-%m}",
        "ethnicity": one.ethnicity,
        "education": one.education,
        "branch": one.branch_name,
        "post": one.post,
        "career": career,
        "statement": statement,
    }


def frozen_words(slate: Slate) -> dict[int, Written] | None:
    """person → what they wrote, as it was frozen. None of a slate whose fingerprint does not cover it (one in the making,
    or frozen before this was kept).
    """
    if not slate.hash or not slate.content or any("career" not in one for one in slate.content["candidates"]):
        return None
    people = slate.content["candidates"]
    return {one["person"]: (one["career"], one["statement"]) for one in people}
