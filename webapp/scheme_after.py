"""What a recomputing did, and what others did to a scheme while a page of it stood open, in one sentence each. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g
from flask_babel import gettext as _

from election.people.act import name_of
from election.quotas.hand import Change
from election.quotas.hand_limits import place
from election.quotas.models import ChangeKind, Scheme
from election.quotas.queries import hand_changes
from election.store.audit import congress_chain, latest
from election.texts import sentence
from webapp.context import chinese_time
from webapp.errors import said
from webapp.requests import reading

# Of many cells that moved the first are named; the comparison of versions has them all.
NAMED_AT_MOST = 6
LOOKED_BACK = 200

Seats = Mapping[tuple[str, str], int]


def seats_by_name(found: Scheme) -> dict[tuple[str, str], int]:
    """(unit, category) by name → what was computed."""
    problem = found.problem
    return {
        (str(unit.get("name", unit["id"])), str(category.get("name", category["id"]))): int(seats)
        for unit, row in zip(problem["units"], found.allocation["seats"], strict=True)
        for category, seats in zip(problem["categories"], row, strict=True)
    }


def recomputed(before: Seats, number: int, loose: int, found: Scheme) -> str:
    """`before`: of version `number`, as it was computed; `loose`: its changes that were not locked; `found`: what came of it."""
    by_hand = {
        (line.unit_name, line.category_name)
        for line in hand_changes(g.congress, found)
        if line.kind is ChangeKind.CELL and line.in_force
    }
    after = seats_by_name(found)
    moved = [at for at in after if at not in by_hand and before.get(at, 0) != after[at]]
    named: str = _("、").join(f"{'·'.join(at)} {before.get(at, 0)}→{after[at]}" for at in moved[:NAMED_AT_MOST])
    if len(moved) > NAMED_AT_MOST:
        named = _("%(names)s等", names=named)
    if found.number != number:
        told = _("方案%(number)s 已算出；", number=found.number)
        told += (
            _("与方案%(number)s 相比有 %(n)s 格变动：%(names)s。", number=number, n=len(moved), names=named)
            if moved
            else _("各格与方案%(number)s 相同。", number=number)
        )
    else:
        told = _("方案%(number)s 已重新计算；", number=number)
        told += (
            _("其他格有 %(n)s 格随之变动：%(names)s。", n=len(moved), names=named) if moved else _("其他各格没有变动。")
        )
        if loose:
            told += _("%(n)s 处未锁定的调整已放回系统算出的数。", n=loose)
    return str(told)


def changed_meanwhile(found: Scheme, *, typed: bool) -> str:
    """Who did what to the scheme last, for a person whose page is older; `typed`: with a number that is not saved yet."""
    now = _("您填的席数和理由还在，核对后可以再次保存。") if typed else _("下面是现在的样子。")
    events = latest(reading(), congress_chain(g.congress.id), number=LOOKED_BACK)
    event = next((one for one in events if one.subject == name_of(found)), None)
    if event is None:
        return str(_("方案%(number)s 在您打开之后已由他人改动；%(now)s", number=found.number, now=now))
    who = _("您本人（在另一个页面上）") if event.person_id == g.actor.person_id else event.person_name
    return str(
        _(
            "方案%(number)s 在您打开之后已由%(who)s改动（%(time)s，%(what)s）；%(now)s",
            now=now,
            number=found.number,
            who=who,
            time=chinese_time(event.at),
            what=said(sentence(f"act.{event.action}")) + _where(found, event.details),
        )
    )


def _where(found: Scheme, details: Mapping[str, Any]) -> str:
    """：清坪镇·农民 3 席, where the act was about one number."""
    if "kind" not in details or "seats" not in details:
        return ""
    change = Change(
        ChangeKind(details["kind"]),
        details.get("unit"),
        details.get("category"),
        details.get("group", ""),
        int(details["seats"]),
        locked=True,
    )
    try:
        where = said(place(found.base, change))
    except KeyError:  # what it named has been removed since
        return ""
    return str(_("：%(where)s %(n)s 席", where=where, n=change.seats))
