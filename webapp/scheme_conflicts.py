"""Rules that contradict each other, as a page shows them, and the remedies as its forms send them. Decides nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flask import g, url_for

from election.errors import Refused
from election.quotas.hand import Change
from election.quotas.impossible import Contradiction, Elsewhere, Remedy
from election.quotas.models import ChangeKind
from webapp.errors import said
from webapp.forms import LARGEST

WHERE = {
    Elsewhere.LEADERS: "office_leaders.leaders",
    Elsewhere.SETTINGS: "office_congress.settings",
    Elsewhere.WORKBOOK: "office_quotas.workbook",
}
PARTS = 5


def conflict_context(
    conflicts: Sequence[Contradiction], action: str, fields: Mapping[str, str], tried: Sequence[str] = ()
) -> dict[str, Any] | None:
    """What `conflict_list` of the template shows; None where nothing contradicts.

    `tried`: the remedies that the last trial sent. They go along with the next, so that one after another mends all.
    """
    if not conflicts:
        return None
    changes = [[as_field(change) for change in one.changes] for one in conflicts]
    together = [change for some in changes for change in some]
    return {
        "list": [
            {
                "why": said(one.why),
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
        parts = json.loads(text)
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
