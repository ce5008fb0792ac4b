"""What two people who edit one thing at once are told: the facts as a page showed them, held against those of now. Pure.

A form carries the facts it was made from as text; nobody's typed words are lost, and whoever comes second sees, field
by field, what became of them meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from election.errors import Stale
from election.machine import Words, listed
from election.people.act import CHINA

# Any of these may be longer in a form that somebody made up; a page of ours never sends that much.
LONGEST_SEEN = 4000


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that has changed: its name in both languages, and what it said before and says now."""

    field: Words
    before: str
    after: str


def seen_text(facts: Mapping[str, str]) -> str:
    """The facts as the hidden field of a form carries them."""
    return json.dumps(dict(facts), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def day_text(day: date | None) -> str:
    """A day as facts carry it."""
    return "" if day is None else day.isoformat()


def read_seen(text: str) -> dict[str, str] | None:
    """The facts that a form carried; None for a text that no page of ours wrote."""
    if len(text) > LONGEST_SEEN:
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return None
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        return None
    return found


def differences(
    seen: Mapping[str, str] | None, now: Mapping[str, str], names: Mapping[str, Words]
) -> tuple[Difference, ...]:
    """What has changed between the facts seen and those of now, in the order of `names`; all of it where what was seen
    cannot be told.
    """
    before = seen or {}
    return tuple(
        Difference(name, before.get(key, ""), now.get(key, ""))
        for key, name in names.items()
        if before.get(key, "") != now.get(key, "") or (seen is None and now.get(key))
    )


@dataclass(frozen=True, slots=True)
class LastEdit:
    """By whom and when something was last changed."""

    name: str
    at: datetime


def stale(what: str, changes: tuple[Difference, ...], edit: LastEdit | None) -> Stale:
    """What the second of two people is told: who changed which field, from what to what."""
    if not changes:
        return Stale("store.stale", what=what)
    said = listed(
        Words(
            f"{one.field.zh}由“{one.before or '空'}”改为“{one.after or '空'}”",
            f"{one.field.en} from “{one.before or 'empty'}” to “{one.after or 'empty'}”",
        )
        for one in changes
    )
    if edit is None:
        return Stale("roster.changed_since", what=what, changes=said)
    at = edit.at.astimezone(CHINA)
    when = Words(f"{at.month}月{at.day}日 {at:%H:%M}", f"{at:%Y-%m-%d %H:%M}")
    return Stale("roster.changed_by", what=what, name=edit.name, when=when, changes=said)
