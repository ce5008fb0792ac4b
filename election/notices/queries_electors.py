"""Whether notice 1 still says what the roster says. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from election.congress.models import Congress
from election.notices.models import Notice, NoticeKind
from election.notices.queries import latest_notice
from election.roster.queries_electors import electors
from election.store.remembered import Remembered


@dataclass(frozen=True, slots=True)
class ListChanges:
    """Who came onto the elector lists since they were published, who left them, and in which units anything changed.

    Someone who moved to another branch counts in `moved` only.
    """

    joined: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    units: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.joined or self.left or self.moved)


def list_changes(session: Session, notice: Notice) -> ListChanges:
    """What has changed of the electors since this notice of them, by person and branch."""
    units = notice.content["units"]
    names = {unit["code"]: unit["name"] for unit in units}
    published = {
        one["person"]: (branch["code"], unit["code"], one["name"])
        for unit in units
        for branch in unit["branches"]
        for one in branch["people"]
    }
    present = {one.person_id: one for one in electors(session, notice.congress_id)}
    joined = [one for person, one in present.items() if person not in published]
    left = [place for person, place in published.items() if person not in present]
    moved = [
        (one, published[person])
        for person, one in present.items()
        if person in published and published[person][0] != one.branch_code
    ]
    changed = {one.unit_code for one in joined} | {unit for _, unit, _ in left}
    changed |= {code for one, (_, unit, _) in moved for code in (one.unit_code, unit)}
    return ListChanges(
        tuple(one.name for one in joined),
        tuple(name for _, _, name in left),
        tuple(one.name for one, _ in moved),
        tuple(name for code, name in names.items() if code in changed),
    )


_changes: Remembered[ListChanges | None] = Remembered()


def changes_since_notice(session: Session, congress: Congress) -> ListChanges | None:
    """What has changed since the latest notice of electors; None where there is none. Read once per revision."""

    def read() -> ListChanges | None:
        notice = latest_notice(session, congress.id, NoticeKind.ELECTORS)
        return None if notice is None else list_changes(session, notice)

    return _changes.get(session, congress.id, congress.revision, read)
