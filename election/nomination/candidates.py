"""A candidate as lists and papers show them: from the roster while the slate is made, as it was frozen from then on. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from election.nomination.lifecycle import SlateState
from election.nomination.models import Slate
from election.people.models import Sex


@dataclass(frozen=True, slots=True)
class CandidateLine:
    """`branch_name` is empty of a member who has left the roster since."""

    candidate_id: int
    position: int
    name: str
    member_id: int
    person_id: int
    application_id: int | None
    sex: Sex | None
    born_on: date | None
    ethnicity: str
    education: str
    post: str
    branch_name: str


def as_frozen(slate: Slate, candidates: Sequence[CandidateLine]) -> tuple[CandidateLine, ...]:
    """The candidates of a frozen slate as they were frozen, whatever was corrected since; of another as they are."""
    if slate.state is not SlateState.FROZEN or not slate.content:
        return tuple(candidates)
    frozen = {one["person"]: one for one in slate.content["candidates"]}
    return tuple(_told_as(one, frozen[one.person_id]) if one.person_id in frozen else one for one in candidates)


def _told_as(one: CandidateLine, frozen: Mapping[str, Any]) -> CandidateLine:
    """Of the day of birth the month is frozen: its first day stands for it."""
    return replace(
        one,
        sex=frozen["sex"] and Sex(frozen["sex"]),
        born_on=frozen["born"] and date.fromisoformat(f"{frozen['born']}-01"),
        ethnicity=frozen["ethnicity"],
        education=frozen["education"],
        post=frozen["post"],
        branch_name=frozen["branch"],
    )
