"""What the notices of candidates show of whom, and since which notice it hangs. Changes nothing.

A notice is about a candidacy, not about a name: who hangs for one cell has been shown to nobody for another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from election.notices.models import How, Notice, NoticeKind
from election.notices.queries import is_over
from election.people.models import Sex


class Posted(NamedTuple):
    """Whom a notice shows, and for which contest. `person`: the number; unit and category by their codes."""

    person: int
    unit: str
    category: str
    assigned: bool


@dataclass(frozen=True, slots=True)
class Hung:
    """How somebody hangs. `since`: the notice that put them up for the whole period; `shown`: as the latest one shows it."""

    since: Notice
    unit_name: str
    shown: Mapping[str, Any]

    def waits_until(self, today: date) -> date | None:
        """The last day of the period; None once it has run."""
        return None if is_over(self.since, today) else self.since.last_day


@dataclass(frozen=True, slots=True)
class Announced:
    """What the notices of candidates say together: the latest one, and everybody who hangs after it."""

    latest: Notice | None = None
    hanging: Mapping[Posted, Hung] = field(default_factory=dict)


def announced(session: Session, congress_id: int) -> Announced:
    """One statement."""
    notices = session.scalars(
        select(Notice)
        .where(Notice.congress_id == congress_id, Notice.kind == NoticeKind.CANDIDATES)
        .order_by(Notice.number)
        .options(undefer(Notice.content))
    ).all()
    return Announced(notices[-1] if notices else None, hanging(notices))


def hanging(notices: Iterable[Notice]) -> dict[Posted, Hung]:
    """Who hangs after these, in their order, each since the notice that put them up.

    A whole notice that lacks somebody takes them down; put up again, they hang from the beginning. A correction puts
    nobody up: its days are those of the notice before.
    """
    up: dict[Posted, Hung] = {}
    for notice in notices:
        how = notice.content.get("follows", {}).get("how")
        stays = how == How.SUPPLEMENTS.value
        found = dict(up) if stays else {}
        for posted, unit_name, shown in _lines(notice):
            if posted in up:
                found[posted] = Hung(up[posted].since, unit_name, shown)
            elif how != How.CORRECTS.value:
                found[posted] = Hung(notice, unit_name, shown)
        up = found
    return up


def _lines(notice: Notice) -> Iterable[tuple[Posted, str, Mapping[str, Any]]]:
    for unit in notice.content.get("units", ()):
        for group in unit["groups"]:
            for one in group["people"]:
                yield Posted(one["person"], unit["code"], group["category"], group["assigned"]), unit["name"], one


def as_shown(
    person: int, name: str, sex: Sex | None, born: date | None, ethnicity: str, education: str, branch: str, post: str
) -> dict[str, Any]:
    """What a notice shows of a person. Of the day of birth only year and month hang in the street."""
    return {
        "person": person,
        "name": name,
        "sex": sex and sex.value,
        "born": None if born is None else f"{born.year}年{born.month}月",
        "ethnicity": ethnicity,
        "education": education,
        "branch": branch,
        "post": post,
    }
