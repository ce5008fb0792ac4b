"""The room's verb that puts up notice 2: all who are proposed, by unit and category, in the order of strokes; later notices
supplement it with whoever is new, or correct it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from election.congress.models import Congress
from election.errors import Invalid, NotFound, Refused
from election.nomination.applying.operations_applicants import lapses, load_applications
from election.nomination.lifecycle import ApplicationState
from election.nomination.models import Application
from election.nomination.phase import require_nomination
from election.nomination.queries_hanging import announced
from election.nomination.reviewing.queries_notice import Entry, changes_since, entries, holding, newcomers
from election.notices.models import How, Notice, NoticeKind
from election.notices.operations import Following, publish_notice
from election.notices.queries_electors import ListChange
from election.notices.reception import Reception
from election.people.act import Act
from election.people.permissions import Permission

FORMAT = "candidates-notice/1"


def publish_candidates_notice(act: Act, congress_id: int, reception: Reception | None = None) -> Notice:
    """Publishes every proposed candidate, and the assigned leaders as such.

    Put up again, it is a supplement where somebody hangs nowhere yet for the contest for which they stand: only those are
    on it, and only they hang for the whole period. Otherwise it corrects: everybody is on it, with what changed ("changes", as in notice 1), and it
    takes over the days of the one before. Refused while a unit has not said whom it puts forward, a review is open, or
    one of them can no longer stand; and where nothing has changed.
    """
    act.require(Permission.NOTICE_PUBLISH, congress_id=congress_id)
    congress = act.session.get(Congress, congress_id, with_for_update=True)
    if congress is None:
        raise NotFound("congress.none")
    _require_decided(act, congress_id)
    require_nomination(act, congress_id)
    proposed = select(Application.id).where(
        Application.congress_id == congress_id, Application.state == ApplicationState.PROPOSED
    )
    if gone := lapses(load_applications(act, congress_id, act.session.scalars(proposed).all())):
        raise Invalid(gone)
    before, shown = announced(act.session, congress_id), entries(act.session, congress)
    follows: Following | None = None
    changes: tuple[ListChange, ...] = ()
    if before.latest is not None:
        new = newcomers(before, shown)
        changes = () if new else changes_since(before, shown)
        if not new and not changes:
            raise Refused("notice.candidates_unchanged", number=before.latest.number)
        follows = Following(before.latest, How.SUPPLEMENTS if new else How.CORRECTS)
        shown = new or shown
    content: dict[str, Any] = {
        "format": FORMAT,
        "units": _by_unit(shown),
        "people": sorted(one.id for one in shown),
    }
    if changes:
        content["changes"] = [one.kept() for one in changes]
    return publish_notice(act, congress_id, NoticeKind.CANDIDATES, content, follows=follows, reception=reception)


def _require_decided(act: Act, congress_id: int) -> None:
    """Every unit has said whom it puts forward, and every review is closed."""
    held_up = holding(act.session, congress_id)
    for code, waits in (
        ("notice.proposals_open", [(one.unit, one.nominees) for one in held_up if one.nominees]),
        ("notice.reviews_open", [(one.unit, one.reviews) for one in held_up if one.reviews]),
    ):
        if waits:
            units = "、".join(unit for unit, _ in waits)
            raise Refused(code, count=sum(number for _, number in waits), units=units)


def _by_unit(shown: Iterable[Entry]) -> list[dict[str, Any]]:
    units: list[dict[str, Any]] = []
    for one in shown:
        if not units or units[-1]["code"] != one.unit.code:
            units.append({"code": one.unit.code, "name": one.unit.name, "groups": []})
        groups = units[-1]["groups"]
        if not groups or (groups[-1]["category"], groups[-1]["assigned"]) != (one.category.code, one.assigned):
            about = {"category": one.category.code, "name": one.category.name, "assigned": one.assigned}
            groups.append({**about, "people": []})
        groups[-1]["people"].append(dict(one.person))
    return units
