"""What a notice of candidates would hold, and what it lacks: who stands, who is new since the notices before, which cells
nobody stands for, and which units hold it up. Changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from election.congress.models import Category, Congress, Unit
from election.contests.models import Contest, ContestKind
from election.contests.queries import STANDS
from election.nomination.lifecycle import ApplicationState
from election.nomination.models import Application
from election.nomination.queries import applications
from election.notices.models import How, Notice, NoticeKind
from election.notices.queries_electors import ListChange, What
from election.people.models import Person
from election.quotas.models import AssignedLeader
from election.roster.models import Member, Organisation
from election.store.remembered import Remembered
from election.strokes import known_first

# Code of the unit, code of the category, whether assigned.
_Place = tuple[str, str, bool]


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
    def place(self) -> _Place:
        return self.unit.code, self.category.code, self.assigned


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
    for line in applications(session, congress.id, states=[ApplicationState.PROPOSED]):
        shown = _shown(line.person_id, line, line.branch_name, line.post)
        found.append(Entry(units[line.unit_id], categories[line.category_id], False, shown))
    return sorted(
        found,
        key=lambda one: (one.unit.position, one.category.position, not one.assigned, known_first(one.person["name"])),
    )


def _shown(number: int, person: Any, branch: str, post: str) -> dict[str, Any]:
    """`person`: whatever has the facts of a person. Of the day of birth only year and month hang in the street."""
    born = person.born_on
    return {
        "person": number,
        "name": person.name,
        "sex": person.sex and person.sex.value,
        "born": None if born is None else f"{born.year}年{born.month}月",
        "ethnicity": person.ethnicity,
        "education": person.education,
        "branch": branch,
        "post": post,
    }


@dataclass(frozen=True, slots=True)
class Announced:
    """What the notices of candidates say together: the latest one, everybody who was ever on one, and how those show who
    are on the last whole notice or on a supplement to it.
    """

    latest: Notice | None = None
    people: frozenset[int] = frozenset()
    hanging: Mapping[int, tuple[_Place, str, Mapping[str, Any]]] = field(default_factory=dict)


def announced(session: Session, congress_id: int) -> Announced:
    """One statement."""
    notices = session.scalars(
        select(Notice)
        .where(Notice.congress_id == congress_id, Notice.kind == NoticeKind.CANDIDATES)
        .order_by(Notice.number)
        .options(undefer(Notice.content))
    ).all()
    people: set[int] = set()
    hanging: dict[int, tuple[_Place, str, Mapping[str, Any]]] = {}
    for notice in notices:
        people.update(notice.content["people"])
        if notice.content.get("follows", {}).get("how") != How.SUPPLEMENTS.value:
            hanging.clear()
        for unit in notice.content.get("units", ()):
            for group in unit["groups"]:
                place = (unit["code"], group["category"], group["assigned"])
                hanging.update({one["person"]: (place, unit["name"], one) for one in group["people"]})
    return Announced(notices[-1] if notices else None, frozenset(people), hanging)


def changes_since(before: Announced, now: Sequence[Entry]) -> tuple[ListChange, ...]:
    """Who of those that hang stands no longer, or otherwise than it says; whoever is on no notice yet is not in it."""
    present = {one.id: one for one in now}
    gone = [
        ListChange(What.LEFT, place[0], unit, shown["name"])
        for number, (place, unit, shown) in before.hanging.items()
        if number not in present
    ]
    differ = [
        ListChange(What.CORRECTED, one.unit.code, one.unit.name, one.person["name"])
        for number, one in present.items()
        if number in before.people and before.hanging.get(number) != (one.place, one.unit.name, one.person)
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
    `newcomers`: on no notice yet; `changes`: in what hangs, apart from them.
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
            tuple(one.person["name"] for one in now if one.id not in before.people),
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
