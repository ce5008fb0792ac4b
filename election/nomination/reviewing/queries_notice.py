"""What a notice of candidates would hold, and what it lacks: who stands, who is new since the notices before, which cells
nobody stands for, and which units hold it up. Changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from election.congress.models import Category, Congress, Unit
from election.contests.models import Contest, ContestKind
from election.contests.queries import STANDS
from election.nomination.lifecycle import ApplicationState
from election.nomination.models import Application
from election.nomination.queries import applications
from election.nomination.queries_hanging import Announced, Posted, announced, as_shown
from election.notices.models import How
from election.notices.queries_electors import ListChange, What
from election.people.models import Person
from election.quotas.models import AssignedLeader
from election.roster.models import Member, Organisation
from election.store.remembered import Remembered
from election.strokes import known_first


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody who stands for a contest, and what a notice shows of the person."""

    unit: Unit
    category: Category
    assigned: bool
    person: Mapping[str, Any]

    @property
    def id(self) -> int:
        return int(self.person["person"])

    @property
    def posted(self) -> Posted:
        return Posted(self.id, self.unit.code, self.category.code, self.assigned)


def entries(session: Session, congress: Congress) -> list[Entry]:
    """Every proposed candidate and assigned leader by unit and category, assigned ones first, by strokes."""
    units = {unit.id: unit for unit in congress.units}
    categories = {category.id: category for category in congress.categories}
    leaders = (
        select(AssignedLeader.unit_id, Person, Member.post, Organisation.name)
        .join(Member, Member.id == AssignedLeader.member_id)
        .join(Person, Person.id == Member.person_id)
        .join(Organisation, Organisation.id == Member.branch_id)
        .where(AssignedLeader.congress_id == congress.id)
    )
    for_leaders = next((row for row in categories.values() if row.takes_assigned), None)
    found = [
        Entry(units[unit_id], for_leaders, True, _shown(person.id, person, branch, post))
        for unit_id, person, post, branch in session.execute(leaders)
        if for_leaders is not None
    ]
    branches = _branches(session, congress.id)
    for line in applications(session, congress.id, states=[ApplicationState.PROPOSED]):
        shown = _shown(line.person_id, line, branches.get(line.person_id, line.branch_name), line.post)
        found.append(Entry(units[line.unit_id], categories[line.category_id], False, shown))
    return sorted(
        found,
        key=lambda one: (one.unit.position, one.category.position, not one.assigned, known_first(one.person["name"])),
    )


def _branches(session: Session, congress_id: int) -> dict[int, str]:
    """person → the branch of now: within the unit one may have moved since one applied, and the slate says so."""
    rows = session.execute(
        select(Member.person_id, Organisation.name)
        .join(Organisation, Organisation.id == Member.branch_id)
        .join(Application, Application.member_id == Member.id)
        .where(Application.congress_id == congress_id, Application.state == ApplicationState.PROPOSED)
    )
    return {person_id: name for person_id, name in rows}


def _shown(number: int, person: Any, branch: str, post: str) -> dict[str, Any]:
    """`person`: whatever has the facts of a person."""
    return as_shown(number, person.name, person.sex, person.born_on, person.ethnicity, person.education, branch, post)


def newcomers(before: Announced, now: Iterable[Entry]) -> list[Entry]:
    """Who hangs nowhere yet for the contest for which they stand: new, come back, or from another unit or category."""
    return [one for one in now if one.posted not in before.hanging]


def changes_since(before: Announced, now: Sequence[Entry]) -> tuple[ListChange, ...]:
    """Who of those that hang stands there no longer, or otherwise than it says; a newcomer there is not in it."""
    present = {one.posted: one for one in now}
    gone = [
        ListChange(What.LEFT, posted.unit, hung.unit_name, hung.shown["name"])
        for posted, hung in before.hanging.items()
        if posted not in present
    ]
    differ = [
        ListChange(What.CORRECTED, one.unit.code, one.unit.name, one.person["name"])
        for posted, one in present.items()
        if (hung := before.hanging.get(posted)) is not None
        and (hung.unit_name, hung.shown) != (one.unit.name, one.person)
    ]
    return (*gone, *differ)


@dataclass(frozen=True, slots=True)
class Holding:
    """A unit that holds a notice up: nominees on whom it has not decided, nominees whose review is open."""

    unit: str
    nominees: int
    reviews: int


@dataclass(frozen=True, slots=True)
class NoticeOutlook:
    """`empty`: unit → its categories that are contested and for which nobody stands, `whole` those of which all are so;
    `newcomers`: not on a notice yet for this contest; `changes`: in what hangs, apart from them.
    """

    published: int
    newcomers: tuple[str, ...]
    changes: tuple[ListChange, ...]
    empty: Mapping[str, tuple[str, ...]]
    whole: frozenset[str]

    @property
    def how(self) -> How | None:
        """What a notice put up now would be to those before; None for the first one."""
        if not self.published:
            return None
        return How.SUPPLEMENTS if self.newcomers else How.CORRECTS

    @property
    def cells(self) -> int:
        return sum(len(categories) for categories in self.empty.values())


_outlooks: Remembered[NoticeOutlook] = Remembered()


def notice_outlook(session: Session, congress: Congress) -> NoticeOutlook:
    """Read once per revision."""

    def read() -> NoticeOutlook:
        before, now = announced(session, congress.id), entries(session, congress)
        empty, whole = _empty_cells(session, congress.id, now)
        return NoticeOutlook(
            0 if before.latest is None else before.latest.number,
            tuple(one.person["name"] for one in newcomers(before, now)),
            changes_since(before, now),
            empty,
            whole,
        )

    return _outlooks.get(session, congress.id, congress.revision, read)


def holding(session: Session, congress_id: int) -> tuple[Holding, ...]:
    """The units on whose nominees somebody has yet to decide, in their order: one statement."""
    counts: dict[str, Counter[ApplicationState]] = {}
    rows = session.execute(
        select(Unit.name, Application.state, func.count())
        .join(Unit, Unit.id == Application.unit_id)
        .where(
            Application.congress_id == congress_id,
            Application.state.in_((ApplicationState.PRELIMINARY, ApplicationState.PUT_FORWARD)),
        )
        .group_by(Unit.position, Unit.name, Application.state)
        .order_by(Unit.position)
    )
    for unit, state, number in rows:
        counts.setdefault(unit, Counter())[state] = number
    return tuple(
        Holding(unit, each[ApplicationState.PRELIMINARY], each[ApplicationState.PUT_FORWARD])
        for unit, each in counts.items()
    )


def _empty_cells(
    session: Session, congress_id: int, now: Iterable[Entry]
) -> tuple[dict[str, tuple[str, ...]], frozenset[str]]:
    taken = {(one.unit.id, one.category.id) for one in now if not one.assigned}
    contested = (
        select(Unit.id, Unit.name, Category.id, Category.name)
        .select_from(Contest)
        .join(Contest.unit)
        .join(Contest.category)
        .where(Contest.congress_id == congress_id, Contest.kind == ContestKind.CONTESTED, STANDS)
        .order_by(Unit.position, Category.position)
    )
    empty: dict[str, tuple[str, ...]] = {}
    all_of: Counter[str] = Counter()
    for unit_id, unit, category_id, category in session.execute(contested):
        all_of[unit] += 1
        if (unit_id, category_id) not in taken:
            empty[unit] = (*empty.get(unit, ()), category)
    return empty, frozenset(unit for unit, categories in empty.items() if len(categories) == all_of[unit])
