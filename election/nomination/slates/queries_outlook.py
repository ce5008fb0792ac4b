"""Reads who stands with the facts that overlays count, and holds it against the approved scheme's targets. Changes nothing.

The pure `outlook.py` judges; here are its numbers, for the county and for each unit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, null, select
from sqlalchemy.orm import Session

from election.congress.models import Congress, Overlay
from election.congress.rules_in_force import rules_in_force
from election.nomination.lifecycle import OPEN_STATES, ApplicationState
from election.nomination.models import Application
from election.nomination.slates.outlook import ContestFacts, OverlayOutlook, overlay_outlook
from election.people.models import Person
from election.quotas.models import AssignedLeader, Scheme, SchemeCell
from election.quotas.queries import approved_scheme
from election.roster.facts import Facts, matches_overlay
from election.roster.models import Member
from election.store.remembered import Remembered

# (unit, category) of a contested contest; (unit, None) of the unit's assigned leaders.
Place = tuple[int, int | None]


@dataclass(frozen=True, slots=True)
class OverlayLine:
    """One overlay. `county`, `units` (by id): with the proposed candidates and assigned leaders alone; `hoped`: with
    everyone who is still on the way beside them.
    """

    code: str
    name: str
    county: OverlayOutlook
    hoped: OverlayOutlook
    units: Mapping[int, OverlayOutlook]


def overlay_lines(session: Session, congress: Congress, unit_id: int | None = None) -> tuple[OverlayLine, ...]:
    """Every overlay with a target in the approved scheme, in order; of one unit, `county` and `hoped` are the unit's."""
    lines = []
    for one in _read.get(session, congress.id, congress.revision, lambda: _read_now(session, congress)):
        target = one.target if unit_id is None else one.by_unit.get(unit_id, 0)
        lines.append(
            OverlayLine(
                one.code,
                one.name,
                overlay_outlook(_of(one.sure, unit_id), target),
                overlay_outlook(_of(one.hope, unit_id), target),
                {unit: overlay_outlook(_of(one.sure, unit), number) for unit, number in one.by_unit.items()},
            )
        )
    return tuple(lines)


@dataclass(frozen=True, slots=True)
class _Overlay:
    """One overlay as read: its targets, and each contest with the proposed alone (`sure`) and with all on the way."""

    code: str
    name: str
    target: int
    by_unit: Mapping[int, int]
    sure: Mapping[Place, ContestFacts]
    hope: Mapping[Place, ContestFacts]


# Read by the board, and by the page of every unit and of every unit's slates.
_read: Remembered[tuple[_Overlay, ...]] = Remembered()


def _read_now(session: Session, congress: Congress) -> tuple[_Overlay, ...]:
    scheme = approved_scheme(session, congress.id)
    targets = {} if scheme is None else _targets(congress, scheme)
    if scheme is None or not targets:
        return ()
    seats = _seats(session, scheme.id)
    people = _people(session, congress.id)
    included = rules_in_force(session, congress.id)["age_reference"] == "included"
    found = []
    for overlay in sorted(congress.overlays, key=lambda row: row.position):
        if overlay.code not in targets:
            continue
        whole, by_unit = targets[overlay.code]
        having = _counted(people, overlay, included, congress)
        sure = {
            place: _facts(number, having, place, (ApplicationState.PROPOSED, None)) for place, number in seats.items()
        }
        hope = {place: _facts(number, having, place, (*OPEN_STATES, None)) for place, number in seats.items()}
        found.append(_Overlay(overlay.code, overlay.name, whole, by_unit, sure, hope))
    return tuple(found)


def _targets(congress: Congress, scheme: Scheme) -> dict[str, tuple[int, dict[int, int]]]:
    """overlay → its target for the county, and by unit."""
    answer, made = scheme.allocation, scheme.problem
    ids = {unit.code: unit.id for unit in congress.units}
    found = {}
    for line in made.get("overlays", ()):
        code = line["id"]
        placed = {
            ids[unit["id"]]: int(number)
            for unit, number in zip(made["units"], answer["overlays"][code], strict=True)
            if unit["id"] in ids
        }
        missing = int(answer.get("overlay_shortfall", {}).get(code, 0))
        found[code] = (sum(placed.values()) + missing, placed)
    return found


def _seats(session: Session, scheme_id: int) -> dict[Place, int]:
    seats: Counter[Place] = Counter()
    wanted = select(SchemeCell.unit_id, SchemeCell.category_id, SchemeCell.seats, SchemeCell.assigned)
    for unit, category, number, assigned in session.execute(wanted.where(SchemeCell.scheme_id == scheme_id)):
        seats[unit, category] += number - assigned
        seats[unit, None] += assigned
    return seats


def _people(session: Session, congress_id: int) -> list[tuple[Place, ApplicationState | None, Facts]]:
    """Everyone who may still come onto a slate: where, how far, with their facts. Two statements."""
    standing: Select[*tuple[Any, ...]] = (
        select(
            Application.unit_id,
            Application.category_id,
            Application.state,
            Person.sex,
            Person.born_on,
            Person.ethnicity,
        )
        .join(Member, Member.id == Application.member_id)
        .join(Person, Person.id == Member.person_id)
        .where(Application.congress_id == congress_id, Application.state.in_(OPEN_STATES))
    )
    leaders = (
        select(AssignedLeader.unit_id, null(), null(), Person.sex, Person.born_on, Person.ethnicity)
        .join(Member, Member.id == AssignedLeader.member_id)
        .join(Person, Person.id == Member.person_id)
        .where(AssignedLeader.congress_id == congress_id)
    )
    return [
        ((unit, category), state, Facts(sex, born_on, ethnicity))
        for wanted in (standing, leaders)
        for unit, category, state, sex, born_on, ethnicity in session.execute(wanted)
    ]


def _counted(
    people: Iterable[tuple[Place, ApplicationState | None, Facts]], overlay: Overlay, included: bool, congress: Congress
) -> Counter[tuple[Place, ApplicationState | None, bool]]:
    return Counter(
        (
            place,
            state,
            matches_overlay(overlay.fact, overlay.age, included, facts, congress.reference_date),
        )
        for place, state, facts in people
    )


def _facts(
    seats: int,
    people: Mapping[tuple[Place, Any, bool], int],
    place: Place,
    states: Collection[ApplicationState | None],
) -> ContestFacts:
    having, lacking = (sum(people.get((place, state, fact), 0) for state in states) for fact in (True, False))
    return ContestFacts(seats, having, lacking)


def _of(contests: Mapping[Place, ContestFacts], unit_id: int | None) -> list[ContestFacts]:
    return [facts for (unit, _), facts in contests.items() if unit_id in (None, unit)]
