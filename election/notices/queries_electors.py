"""Whether notice 1 still says what the roster says. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy.orm import Session

from election.congress.models import Congress, Unit
from election.notices.models import Notice, NoticeKind
from election.notices.queries import latest_notice
from election.roster.queries_electors import electors
from election.store.remembered import Remembered


@dataclass(frozen=True, slots=True)
class ListChanges:
    """Who came onto the elector lists since they were published, who left them, whose name or sex was corrected, and in
    which units anything changed.

    Someone who moved to another branch counts in `moved` only.
    """

    joined: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    corrected: tuple[str, ...] = ()
    units: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.joined or self.left or self.moved or self.corrected)


def list_changes(session: Session, notice: Notice, unit: Unit | None = None) -> ListChanges:
    """What has changed of the electors since this notice of them: of all units, or of one, where whoever went to another
    unit has left the list and whoever came from one has joined it.
    """
    names, everyone = _as_published(session, notice)
    published = everyone if unit is None else {at: one for at, one in everyone.items() if one[3] == unit.code}
    present = {
        one.person_id: (one.name, one.sex and one.sex.value, one.branch_code, one.unit_code)
        for one in electors(session, notice.congress_id, None if unit is None else unit.id)
    }
    joined = [now for person, now in present.items() if person not in published]
    left = [before for person, before in published.items() if person not in present]
    differ = [(published[person], now) for person, now in present.items() if published.get(person, now)[:3] != now[:3]]
    moved = [(before, now) for before, now in differ if before[2] != now[2]]
    corrected = [now for before, now in differ if before[2] == now[2]]
    changed = {now[3] for now in joined + left + corrected}
    changed |= {one[3] for pair in moved for one in pair}
    return ListChanges(
        tuple(one[0] for one in joined),
        tuple(one[0] for one in left),
        tuple(now[0] for _, now in moved),
        tuple(one[0] for one in corrected),
        tuple(name for code, name in names.items() if code in changed),
    )


# Name, sex, code of the branch, code of the unit: what of an elector hangs in the street.
_Published: TypeAlias = tuple[str, str | None, str, str]
_published: Remembered[tuple[dict[str, str], dict[int, _Published]]] = Remembered()


def _as_published(session: Session, notice: Notice) -> tuple[dict[str, str], dict[int, _Published]]:
    """code → name of its units, person → elector. What hangs never changes: taken apart once, kept by its hash."""

    def read() -> tuple[dict[str, str], dict[int, _Published]]:
        units = notice.content["units"]
        return {one["code"]: one["name"] for one in units}, {
            one["person"]: (one["name"], one["sex"], branch["code"], place["code"])
            for place in units
            for branch in place["branches"]
            for one in branch["people"]
        }

    return _published.get(session, notice.congress_id, int(notice.content_hash, 16), read)


_changes: Remembered[ListChanges | None] = Remembered()


def changes_since_notice(session: Session, congress: Congress) -> ListChanges | None:
    """What has changed since the latest notice of electors; None where there is none. Read once per revision."""

    def read() -> ListChanges | None:
        notice = latest_notice(session, congress.id, NoticeKind.ELECTORS)
        return None if notice is None else list_changes(session, notice)

    return _changes.get(session, congress.id, congress.revision, read)
