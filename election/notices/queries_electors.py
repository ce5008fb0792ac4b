"""Whether notice 1 still says what the roster says. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy.orm import Session

from election.congress.models import Congress, Unit
from election.machine import Worded
from election.notices.models import Notice, NoticeKind
from election.notices.queries import latest_notice
from election.roster.queries_electors import electors
from election.store.remembered import Remembered


class What(Worded):
    """What became of somebody on a list since it was published."""

    JOINED = "joined", "新增", "joined"
    LEFT = "left", "减少", "left"
    MOVED = "moved", "调换支部", "moved to another branch"
    CORRECTED = "corrected", "更正", "corrected"


@dataclass(frozen=True, slots=True)
class ListChange:
    """One of them; `unit` is the code of the one on whose list it shows, `place` its name."""

    what: What
    unit: str
    place: str
    name: str

    def kept(self) -> dict[str, str]:
        """As a later notice says it."""
        return {"what": self.what.value, "unit": self.unit, "place": self.place, "name": self.name}


@dataclass(frozen=True, slots=True)
class ListChanges:
    """Who came onto the elector lists since they were published, who left them, whose name or sex was corrected, and in
    which units (by name) anything changed. Someone who moved to another branch is nothing but moved.
    """

    lines: tuple[ListChange, ...] = ()
    units: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.lines)

    def named(self, what: What) -> tuple[str, ...]:
        return tuple(one.name for one in self.lines if one.what is what)

    @property
    def joined(self) -> tuple[str, ...]:
        return self.named(What.JOINED)

    @property
    def left(self) -> tuple[str, ...]:
        return self.named(What.LEFT)

    @property
    def moved(self) -> tuple[str, ...]:
        return self.named(What.MOVED)

    @property
    def corrected(self) -> tuple[str, ...]:
        return self.named(What.CORRECTED)


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
    found = (
        (What.JOINED, joined),
        (What.LEFT, left),
        (What.MOVED, [now for _, now in moved]),
        (What.CORRECTED, corrected),
    )
    return ListChanges(
        tuple(ListChange(what, one[3], names.get(one[3], one[3]), one[0]) for what, people in found for one in people),
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
