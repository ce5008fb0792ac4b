"""Rules that contradict each other, as a page shows them, and the remedies as its forms send them. Decides nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flask import g, url_for

from election.errors import Refused
from election.quotas.hand import Change, Place
from election.quotas.impossible import Contradiction, Elsewhere, Remedy, Way
from election.quotas.models import ChangeKind
from election.quotas.queries_basis import groups as all_groups
from webapp.errors import said
from webapp.forms import LARGEST
from webapp.requests import reading

WHERE = {
    Elsewhere.LEADERS: "office_leaders.leaders",
    Elsewhere.SETTINGS: "office_congress.settings",
    Elsewhere.WORKBOOK: "office_quotas.workbook",
    Elsewhere.GROUP: "office_quotas.groups",
    Elsewhere.RULES: "office_congress.rules",
    Elsewhere.UNITS: "office_congress.units",
    Elsewhere.PEOPLE: "office_congress.categories",
    Elsewhere.CATEGORIES: "office_congress.categories",
}
PARTS = 5
LONGEST = 200  # far beyond any change as a field


def conflict_context(
    conflicts: Sequence[Contradiction],
    action: str,
    fields: Mapping[str, str],
    tried: Sequence[str] = (),
    by_hand: Mapping[Place, Mapping[str, Any]] | None = None,
) -> dict[str, Any] | None:
    """What `conflict_list` of the template shows; None where nothing contradicts.

    `tried`: the remedies that the last trial sent. They go along with the next, so that one after another mends all.
    `by_hand`: the changes of the page, each with .title .seats .reason .href; those that contradict are named.
    """
    if not conflicts:
        return None
    known = by_hand or {}
    groups = _group_pages(conflicts)
    changes = [[as_field(change) for change in one.changes] for one in conflicts]
    together = [change for some in changes for change in some]
    return {
        "list": [
            {
                "why": said(one.why),
                "plainly": said(one.plainly) if one.plainly is not None else None,
                "by_hand": [known[change.place] for change in one.by_hand if change.place in known],
                "ways": [_way(way, groups) for way in one.ways],
                "remedies": [_remedy(remedy) for remedy in one.remedies],
                "relax": [*tried, *some] if some else [],
            }
            for one, some in zip(conflicts, changes, strict=True)
        ],
        "action": action,
        "fields": fields,
        "all": [*tried, *together] if sum(bool(some) for some in changes) > 1 else [],
        "tried": len(tried),
    }


def _group_pages(conflicts: Sequence[Contradiction]) -> dict[str, str]:
    """code → the page of the group, of the groups that stand in the way."""
    meant = {way.group for one in conflicts for way in one.ways if way.group}
    if not meant:
        return {}
    return {
        group.code: url_for("office_quotas.group", congress=g.congress.code, group=group.id)
        for group in all_groups(reading(), g.congress.id)
        if group.code in meant
    }


def _way(way: Way, groups: Mapping[str, str]) -> dict[str, str]:
    href = groups.get(way.group) or url_for(WHERE[way.elsewhere], congress=g.congress.code)
    return {"what": said(way.what), "href": href, "link": said(way.elsewhere)}


def _remedy(remedy: Remedy) -> dict[str, Any]:
    where = remedy.elsewhere
    return {
        "what": said(remedy.what),
        "before": remedy.before,
        "after": remedy.after,
        "href": url_for(WHERE[where], congress=g.congress.code) if where is not None else None,
        "link": said(where) if where is not None else None,
    }


def as_field(change: Change) -> str:
    """A change as a hidden field; what it means is decided anew when it comes back."""
    return json.dumps([change.kind.value, change.unit, change.category, change.group, change.seats], ensure_ascii=False)


def from_fields(texts: Sequence[str]) -> list[Change]:
    """The changes that a trial sends. Raises Refused for what no page of ours sent."""
    return [_change(text) for text in texts]


def _change(text: str) -> Change:
    try:
        # Nested without end or with half a character, it would break whoever reads on.
        parts = json.loads(text) if len(text) <= LONGEST else None
        json.dumps(parts, ensure_ascii=False).encode()
    except ValueError:
        raise Refused("web.bad_request") from None
    if not isinstance(parts, list) or len(parts) != PARTS:
        raise Refused("web.bad_request")
    kind, unit, category, group, seats = parts
    named = all(code is None or isinstance(code, str) for code in (unit, category)) and isinstance(group, str)
    known = isinstance(kind, str) and kind in {one.value for one in ChangeKind}
    if not named or not known or type(seats) is not int or not 0 <= seats <= LARGEST:
        raise Refused("web.bad_request")
    return Change(ChangeKind(kind), unit, category, group, seats, locked=True)
