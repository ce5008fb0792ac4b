"""What the papers of this room share: someone who stands, as forms, reports and introductions print it. Pure.

Facts about a person come from the record, never from what somebody typed on a form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from election.errors import Refused
from election.nomination.queries import ApplicationLine
from election.people.models import Sex
from election.strokes import stroke_key
from election.texts import chinese_month

SEXES = {Sex.MALE: "男", Sex.FEMALE: "女", None: ""}


@dataclass(frozen=True, slots=True)
class Applicant(ApplicationLine):
    """Someone who stands, with the facts of the record. `overlays`: those (其中) that the person counts for."""

    overlays: tuple[str, ...]

    @property
    def sex_word(self) -> str:
        return SEXES[self.sex]

    @property
    def born(self) -> str:
        return chinese_month(self.born_on)

    @property
    def joined(self) -> str:
        return chinese_month(self.joined_on)

    @property
    def place_and_post(self) -> str:
        return "，".join(filter(None, (self.branch_name, self.post)))


def by_strokes(name: str) -> tuple[Any, ...]:
    """地方条例 30: by strokes; a name that the table does not know stands last."""
    try:
        return (0, stroke_key(name))
    except Refused:
        return (1, name)
