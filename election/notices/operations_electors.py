"""The room's verb that puts up notice 1: every elector by unit and branch, and who is away with how they were told.

Names no reason for which anyone has no vote or is away, and no place where anyone is: those are nobody's business in the street.
"""

from __future__ import annotations

from typing import Any

from election.congress.lifecycle import Phase
from election.congress.models import Congress
from election.errors import NotFound, Refused
from election.notices.models import How, Notice, NoticeKind
from election.notices.operations import PEOPLE, Following, publish_notice
from election.notices.queries import latest_notice
from election.notices.queries_electors import list_changes
from election.notices.reception import Reception
from election.people.act import Act
from election.people.permissions import Permission
from election.roster.absences.queries import AbsenceLine, absence_list
from election.roster.queries_electors import Elector, electors, without_vote
from election.roster.queries_units import UnitRoster, unit_rosters
from election.strokes import known_first

FORMAT = "electors-notice/1"


def publish_electors_notice(act: Act, congress_id: int, reception: Reception | None = None) -> Notice:
    """Publishes the elector list of every unit as its clerk verified it. Refused while one is not, or has changed since; and
    again while nothing has changed on the lists, so that no second click makes the days begin anew.

    Content: {"format", "units": [{"code", "name", "members", "expected", "excusable", "without_vote": {why: number},
    "branches": [{"code", "name", "people": [{"person", "name", "sex"}]}], "absent": [{"person", "name", "branch",
    "notified", "notified_on"}]}], "people": [person ids]}; "expected" is provisional, "excusable" of them have a listed
    reason to be away. People stand by strokes within their branch. Put up once more: "changes": [{"what", "unit", "place", "name"}].

    Published again with nobody new on the lists, it is a correction: it hangs until the day on which the notice that it
    replaces ends, and not beyond today where that has ended (no rule asks more; see docs/house.md, Departures).
    """
    act.require(Permission.NOTICE_PUBLISH, congress_id=congress_id)
    congress = act.session.get(Congress, congress_id, with_for_update=True)
    if congress is None:
        raise NotFound("congress.none")
    if congress.phase in (Phase.ANNOUNCEMENT, Phase.ARCHIVE):
        raise Refused("roster.closed", phase=congress.phase)
    rosters = unit_rosters(act.session, congress_id)
    open_ones = [one for one in rosters if not one.verified]
    if open_ones:
        raise Refused("notice.rosters_open", count=len(open_ones), unit=open_ones[0].unit_name)
    listed = electors(act.session, congress_id)
    content: dict[str, Any] = {
        "format": FORMAT,
        "units": _units(
            rosters, listed, absence_list(act.session, congress_id), without_vote(act.session, congress_id)
        ),
        PEOPLE: sorted(one.person_id for one in listed),
    }
    before = latest_notice(act.session, congress_id, NoticeKind.ELECTORS)
    changes = None if before is None else list_changes(act.session, before)
    if changes is not None and not changes:
        raise Refused("notice.electors_unchanged")
    follows = None
    if before is not None and changes is not None:
        follows = Following(before, How.RENEWS if changes.joined else How.CORRECTS)
        content["changes"] = [one.kept() for one in changes.lines]
    return publish_notice(act, congress_id, NoticeKind.ELECTORS, content, follows=follows, reception=reception)


def _units(
    rosters: list[UnitRoster], listed: list[Elector], away: list[AbsenceLine], voteless: dict[int, dict[str, int]]
) -> list[dict[str, Any]]:
    units: dict[str, dict[str, Any]] = {
        one.unit_code: {
            "code": one.unit_code,
            "name": one.unit_name,
            "members": one.state.members,
            "expected": one.state.expected,
            "excusable": sum(line.votes and line.reason is not None for line in away if line.unit_id == one.unit_id),
            "without_vote": voteless.get(one.unit_id, {}),
            "branches": [],
            # Who has no vote is on no list that hangs in the street, away or not.
            "absent": [_absent(line) for line in away if line.unit_id == one.unit_id and line.votes],
        }
        for one in rosters
    }
    for elector in listed:
        branches = units[elector.unit_code]["branches"]
        if not branches or branches[-1]["code"] != elector.branch_code:
            branches.append({"code": elector.branch_code, "name": elector.branch_name, "people": []})
        branches[-1]["people"].append(
            {"person": elector.person_id, "name": elector.name, "sex": elector.sex and elector.sex.value}
        )
    for branch in (one for unit in units.values() for one in unit["branches"]):
        branch["people"].sort(key=lambda one: known_first(one["name"]))
    return list(units.values())


def _absent(line: AbsenceLine) -> dict[str, Any]:
    return {
        "person": line.person_id,
        "name": line.name,
        "branch": line.branch_name,
        "notified": line.notified and line.notified.value,
        "notified_on": line.notified_on and line.notified_on.isoformat(),
    }
