"""The overlay outlook read from a county: targets from the approved scheme, candidates and assigned leaders with their facts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from election.congress.models import Congress
from election.nomination.leaders.operations import assign_leader
from election.nomination.lifecycle import ApplicationState
from election.nomination.models import Application, Source
from election.nomination.slates.queries_outlook import OverlayLine, overlay_lines
from election.people.models import Sex
from election.quotas.operations import approve_scheme, compute_scheme, submit_scheme
from election.quotas.queries import approved_scheme
from tests.election.quotas.conftest import made
from tests.support.county import County, county_from
from tests.support.nominating import members_of
from tests.support.stores import Stores


@pytest.fixture
def divided(stores: Stores) -> Iterator[County]:
    """A scheme computed and approved: overlays have their targets; a woman is assigned to u1."""
    county = county_from(stores, "to be divided", made)
    with county.acting("office") as act:
        leader = next(one for one in members_of(county, "u1-b1", "leader") if county.person_of(one).sex is Sex.FEMALE)
        assign_leader(act, county.congress_id, leader, county.units["u1"])
    for who, operation in (("office", compute_scheme), ("office", submit_scheme), ("approver", approve_scheme)):
        with county.acting(who) as act:
            operation(act, county.congress_id, *(() if operation is compute_scheme else (1,)))
    yield county
    county.database.close()


def stand(county: County, branch: str, category: str, state: ApplicationState, women: int, men: int) -> None:
    """So many of each sex stand in a branch, brought straight to a state."""
    unit = branch.partition("-")[0]
    chosen = []
    for sex, number in ((Sex.FEMALE, women), (Sex.MALE, men)):
        free = [one for one in members_of(county, branch, category) if county.person_of(one).sex is sex]
        chosen += free[-number:] if number else []
    with county.acting("office") as act:
        for member in chosen:
            act.session.add(
                Application(
                    congress_id=county.congress_id,
                    member_id=member,
                    branch_id=county.branches[branch],
                    unit_id=county.units[unit],
                    category_id=county.categories[category],
                    source=Source.SELF,
                    state=state,
                    submitted_at=act.now,
                )
            )
        act.record("application.submitted", "application", congress_id=county.congress_id)


def women(county: County, unit: str | None = None) -> OverlayLine:
    with county.reading() as session:
        congress = session.get_one(Congress, county.congress_id)
        lines = overlay_lines(session, congress, None if unit is None else county.units[unit])
    assert [line.code for line in lines] == ["women", "under50"]
    return lines[0]


def test_before_anybody_stands_only_the_assigned_are_counted(divided: County) -> None:
    with divided.reading() as session:
        scheme = approved_scheme(session, divided.congress_id)
        assert scheme is not None
        targets = scheme.allocation["overlays"]["women"]
    line = women(divided)
    assert (line.county.target, line.county.least, line.county.most) == (sum(targets), 1, 1)
    assert {unit: one.target for unit, one in line.units.items()} == dict(
        zip(divided.units.values(), targets, strict=True)
    )
    assert line.county.unfilled == 20 - 1


def test_the_proposed_count_now_and_those_on_their_way_as_a_hope(divided: County) -> None:
    roster = [one for one in members_of(divided, "u2-b1", "farmer") if divided.person_of(one).sex is Sex.FEMALE]
    stand(divided, "u2-b1", "farmer", ApplicationState.PROPOSED, women=0, men=1)
    stand(divided, "u2-b1", "farmer", ApplicationState.PRELIMINARY, women=len(roster), men=0)
    line = women(divided, "u2")
    assert (line.county.least, line.county.most) == (0, 0)
    assert line.hoped.most == len(roster)
    assert women(divided).units[divided.units["u2"]] == line.county


def test_a_unit_s_line_has_the_unit_s_target(divided: County) -> None:
    whole = women(divided)
    for unit, unit_id in divided.units.items():
        assert women(divided, unit).county == whole.units[unit_id]


def test_without_an_approved_scheme_there_is_nothing_to_foretell(stores: Stores) -> None:
    county = county_from(stores, "to be divided", made)
    with county.reading() as session:
        assert overlay_lines(session, session.get_one(Congress, county.congress_id)) == ()
    county.database.close()
