"""The verbs of groups: the seats of a set of units, of all or some categories, within bounds (S3.3: 行业领域、地域分布).

Groups are the congress's. A scheme computed before one was changed is stale, and says so; none is changed by it.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from election.congress.models import Congress
from election.congress.operations import CODE, MOST_SEATS
from election.congress.queries import congress_by_id
from election.errors import Invalid, NotFound, Refused
from election.people.act import Act
from election.people.permissions import Permission
from election.quotas.models import QuotaGroup

LONGEST_CODE = 20


def save_group(
    act: Act,
    congress_id: int,
    code: str,
    name: str,
    units: Collection[str],
    categories: Collection[str],
    least: int | None,
    most: int | None,
    group_id: int | None = None,
) -> QuotaGroup:
    """A new group, or the one with `group_id` changed. Units and categories by code; of a side that names none, all.

    Raises Invalid with a refusal at each wrong field (`code`, `name`, `units`, `categories`, `least`, `most`).
    """
    act.require(Permission.SCHEME_EDIT, congress_id=congress_id)
    congress = congress_by_id(act.session, congress_id, for_update=True)
    group = None if group_id is None else _group(act, group_id, congress_id)
    code, name = code.strip(), name.strip()
    if wrong := _faults(act, congress, group_id, code, name, units, categories, least, most):
        raise Invalid(wrong)
    before = None if group is None else _described(group)
    if group is None:
        group = QuotaGroup(congress_id=congress_id)
        act.session.add(group)
    group.code, group.name, group.least, group.most = code, name, least, most
    group.units = [unit for unit in congress.units if unit.code in units]
    group.categories = [category for category in congress.categories if category.code in categories]
    after = _described(group)
    if before is None:
        act.record("group.added", group, congress_id=congress_id, **after)
    elif before != after:
        act.record("group.changed", group, congress_id=congress_id, before=before, after=after)
    return group


def remove_group(act: Act, group_id: int) -> None:
    """Takes a group off the list. What schemes were computed with it stays theirs."""
    found = act.session.get(QuotaGroup, group_id)
    if found is None:
        raise NotFound("quotas.group_gone")
    congress_id = found.congress_id
    act.require(Permission.SCHEME_EDIT, congress_id=congress_id)
    congress_by_id(act.session, congress_id, for_update=True)
    group = _group(act, group_id, congress_id)
    act.record("group.removed", group, congress_id=congress_id, **_described(group))
    act.session.delete(group)
    act.session.flush()


def _group(act: Act, group_id: int, congress_id: int) -> QuotaGroup:
    group = act.session.get(QuotaGroup, group_id, with_for_update=True)
    if group is None or group.congress_id != congress_id:
        raise NotFound("quotas.group_gone")
    return group


def _faults(
    act: Act,
    congress: Congress,
    group_id: int | None,
    code: str,
    name: str,
    units: Collection[str],
    categories: Collection[str],
    least: int | None,
    most: int | None,
) -> list[Refused]:
    found: list[Refused] = []
    if not CODE.fullmatch(code) or len(code) > LONGEST_CODE:
        found.append(Refused("quotas.group_code_wrong", field="code", most=LONGEST_CODE))
    if not name:
        found.append(Refused("quotas.group_name_missing", field="name"))
    others = select(QuotaGroup.code, QuotaGroup.name).where(
        QuotaGroup.congress_id == congress.id, QuotaGroup.id.is_distinct_from(group_id)
    )
    for other_code, other_name in act.session.execute(others):
        if other_code == code:
            found.append(Refused("quotas.group_code_taken", field="code", code=code))
        if other_name == name:
            found.append(Refused("quotas.group_name_taken", field="name", name=name))
    for unknown in sorted(set(units) - {unit.code for unit in congress.units}):
        found.append(Refused("quotas.no_such_unit", field="units", unit=unknown))
    for unknown in sorted(set(categories) - {category.code for category in congress.categories}):
        found.append(Refused("quotas.no_such_category", field="categories", category=unknown))
    for field, number in (("least", least), ("most", most)):
        if number is not None and not 0 <= number <= MOST_SEATS:
            found.append(Refused("quotas.group_bound_wrong", field=field, most=f"{MOST_SEATS:,}"))
    if least is None and most is None:
        found.append(Refused("quotas.group_without_bound", field="least"))
    elif least is not None and most is not None and least > most:
        found.append(Refused("quotas.group_least_above_most", field="least", least=least, most=most))
    elif least is not None and least > congress.total_seats:
        found.append(Refused("quotas.group_above_total", field="least", least=least, total=congress.total_seats))
    elif most is not None and most < congress.total_seats and _whole(congress, units, categories):
        found.append(Refused("quotas.group_whole_below_total", field="most", most=most, total=congress.total_seats))
    return found


def _whole(congress: Congress, units: Collection[str], categories: Collection[str]) -> bool:
    """Whether the group holds all seats there are: a side that names none, or all, is meant whole."""
    return all(
        not chosen or {line.code for line in lines} <= set(chosen)
        for lines, chosen in ((congress.units, units), (congress.categories, categories))
    )


def _described(group: QuotaGroup) -> dict[str, object]:
    return {
        "code": group.code,
        "name": group.name,
        "units": [unit.code for unit in group.units],
        "categories": [category.code for category in group.categories],
        "least": group.least,
        "most": group.most,
    }
