"""The room's verb that puts up notice 2: all who are proposed, by unit and category, in the order of strokes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from election.congress.models import Category, Congress, Unit
from election.errors import Invalid, NotFound, Refused
from election.nomination.applying.operations_applicants import lapses, load_applications, require_nomination
from election.nomination.lifecycle import ApplicationState
from election.nomination.models import Application
from election.nomination.queries import applications, applications_by_state
from election.notices.models import Notice, NoticeKind
from election.notices.operations import publish_notice
from election.notices.queries import latest_notice
from election.people.act import Act
from election.people.models import Person
from election.people.permissions import Permission
from election.quotas.models import AssignedLeader
from election.roster.models import Member, Organisation
from election.strokes import stroke_key

FORMAT = "candidates-notice/1"
WAITING = (
    (ApplicationState.PRELIMINARY, "notice.proposals_open"),
    (ApplicationState.PUT_FORWARD, "notice.reviews_open"),
)


def publish_candidates_notice(act: Act, congress_id: int) -> Notice:
    """Publishes every proposed candidate, and the assigned leaders as such.

    Refused while a unit has not said whom it puts forward, a review is open, or one of them can no longer stand.
    """
    act.require(Permission.NOTICE_PUBLISH, congress_id=congress_id)
    if act.session.get(Congress, congress_id, with_for_update=True) is None:
        raise NotFound("congress.none")
    by_state = applications_by_state(act.session, congress_id)
    for state, code in WAITING:
        if by_state.get(state):
            raise Refused(code, count=by_state[state])
    require_nomination(act, congress_id)
    proposed = select(Application.id).where(
        Application.congress_id == congress_id, Application.state == ApplicationState.PROPOSED
    )
    if gone := lapses(load_applications(act, congress_id, act.session.scalars(proposed).all())):
        raise Invalid(gone)
    entries = _entries(act, congress_id)
    units: list[dict[str, Any]] = []
    for unit, category, assigned, person in sorted(entries, key=lambda entry: _order(*entry)):
        if not units or units[-1]["code"] != unit.code:
            units.append({"code": unit.code, "name": unit.name, "groups": []})
        groups = units[-1]["groups"]
        if not groups or (groups[-1]["category"], groups[-1]["assigned"]) != (category.code, assigned):
            groups.append({"category": category.code, "name": category.name, "assigned": assigned, "people": []})
        groups[-1]["people"].append(person)
    people = sorted(person["person"] for _, _, _, person in entries)
    last = latest_notice(act.session, congress_id, NoticeKind.CANDIDATES)
    if last is not None and last.content["units"] == units:
        raise Refused("notice.candidates_unchanged", number=last.number)
    return publish_notice(act, congress_id, NoticeKind.CANDIDATES, {"format": FORMAT, "units": units, "people": people})


def _order(unit: Unit, category: Category, assigned: bool, person: dict[str, Any]) -> tuple[Any, ...]:
    """By unit, category, assigned first, strokes; a name outside the stroke table stands last in its group."""
    try:
        return (unit.position, category.position, not assigned, 0, stroke_key(person["name"]))
    except Refused:
        return (unit.position, category.position, not assigned, 1, (), person["name"])


def _entries(act: Act, congress_id: int) -> list[tuple[Unit, Category, bool, dict[str, Any]]]:
    def shown(person: Person, member: Member, branch: str) -> dict[str, Any]:
        born = person.born_on
        return {
            "person": person.id,
            "name": person.name,
            "sex": person.sex and person.sex.value,
            "born": None if born is None else f"{born.year}年{born.month}月",
            "ethnicity": person.ethnicity,
            "education": person.education,
            "branch": branch,
            "post": member.post,
        }

    units = {unit.id: unit for unit in act.session.scalars(select(Unit).where(Unit.congress_id == congress_id))}
    categories = {
        row.id: row for row in act.session.scalars(select(Category).where(Category.congress_id == congress_id))
    }
    leaders = (
        select(AssignedLeader.unit_id, Person, Member, Organisation.name)
        .join(Member, Member.id == AssignedLeader.member_id)
        .join(Person, Person.id == Member.person_id)
        .join(Organisation, Organisation.id == Member.branch_id)
        .where(AssignedLeader.congress_id == congress_id)
    )
    for_leaders = next((row for row in categories.values() if row.takes_assigned), None)
    entries = [
        (units[unit_id], for_leaders, True, shown(person, member, branch))
        for unit_id, person, member, branch in act.session.execute(leaders)
        if for_leaders is not None
    ]
    for line in applications(act.session, congress_id, states=[ApplicationState.PROPOSED]):
        entries.append(
            (
                units[line.unit_id],
                categories[line.category_id],
                False,
                {
                    "person": line.person_id,
                    "name": line.name,
                    "sex": line.sex and line.sex.value,
                    "born": line.born_on and f"{line.born_on.year}年{line.born_on.month}月",
                    "ethnicity": line.ethnicity,
                    "education": line.education,
                    "branch": line.branch_name,
                    "post": line.post,
                },
            )
        )
    return entries
