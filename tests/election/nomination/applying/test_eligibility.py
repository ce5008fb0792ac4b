"""Who may stand where: each obstacle alone refuses, with its source; without any of them everybody may stand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from election.nomination.applying.eligibility import RECOMMENDED, Candidacy, refusal, way_refusal, ways
from election.nomination.models import Source
from election.roster.electors import voting_right
from election.roster.models import Standing, Suspension
from election.texts import sentence

FREE = Candidacy(
    name="丁一一",
    right=voting_right(Standing.FULL, None),
    assigned=False,
    in_a_unit=True,
    roster_verified=True,
    scheme_approved=True,
    recorded="farmer",
    wanted="farmer",
    category="农民",
    seats=1,
    standing=False,
    judged=False,
    voted=False,
    reopened=False,
    slate_closed=False,
)
OBSTACLES = {
    "application.no_vote": {"right": voting_right(Standing.PROBATIONARY, None)},
    "application.assigned": {"assigned": True},
    "application.no_unit": {"in_a_unit": False},
    "application.roster_unverified": {"roster_verified": False},
    "application.other_category": {"wanted": "leader"},
    "application.no_scheme": {"scheme_approved": False},
    "application.no_seat": {"seats": 0},
    "application.already": {"standing": True},
    "application.voted_on": {"judged": True},
    "application.ballot_done": {"voted": True},
    "application.slate_closed": {"slate_closed": True},
}
candidacies = st.builds(
    Candidacy,
    name=st.just("丁一一"),
    right=st.builds(voting_right, st.sampled_from(Standing), st.none() | st.sampled_from(Suspension)),
    assigned=st.booleans(),
    in_a_unit=st.booleans(),
    roster_verified=st.booleans(),
    scheme_approved=st.booleans(),
    recorded=st.sampled_from(["farmer", "leader"]),
    wanted=st.sampled_from(["farmer", "leader"]),
    category=st.just("农民"),
    seats=st.integers(-1, 3),
    standing=st.booleans(),
    judged=st.booleans(),
    voted=st.booleans(),
    reopened=st.booleans(),
    slate_closed=st.booleans(),
)


def code(one: Candidacy) -> str | None:
    found = refusal(one)
    return None if found is None else found.code


@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_each_obstacle_alone_refuses_and_names_its_source(obstacle: str) -> None:
    found = refusal(replace(FREE, **OBSTACLES[obstacle]))  # type: ignore[arg-type]
    assert found is not None and found.code == obstacle
    said = sentence(found.code, found.params)
    assert "依据：" in said.zh and "Source:" in said.en


def test_without_an_obstacle_one_may_stand() -> None:
    assert refusal(FREE) is None


def test_after_the_branch_has_voted_one_may_stand_only_where_nomination_is_open_again() -> None:
    assert code(replace(FREE, voted=True)) == "application.ballot_done"
    assert code(replace(FREE, voted=True, reopened=True)) is None
    assert code(replace(FREE, voted=True, reopened=True, judged=True)) == "application.voted_on"
    assert code(replace(FREE, voted=True, reopened=True, slate_closed=True)) == "application.slate_closed"


@given(candidacies)
def test_nobody_stands_past_an_obstacle_and_nobody_is_refused_without_one(one: Candidacy) -> None:
    free = (
        one.right.votes
        and not one.assigned
        and one.in_a_unit
        and one.roster_verified
        and one.scheme_approved
        and one.recorded == one.wanted
        and one.seats > 0
        and not one.standing
        and not one.judged
        and (not one.voted or one.reopened)
        and not one.slate_closed
    )
    assert (refusal(one) is None) == free


HARDER = sorted(set(OBSTACLES) - {"application.other_category"})  # for a leader, standing as one is no obstacle


@given(candidacies, st.sampled_from(HARDER))
def test_a_further_obstacle_never_opens_the_way(one: Candidacy, obstacle: str) -> None:
    if refusal(one) is not None:
        assert refusal(replace(one, **OBSTACLES[obstacle])) is not None  # type: ignore[arg-type]


def test_the_rule_closes_every_way_but_self_nomination() -> None:
    assert ways("open") == tuple(Source) and ways("self") == (Source.SELF,)
    by = {source: "某某党委" if source in RECOMMENDED else "" for source in Source}
    refused = [source for source in Source if way_refusal(source, "self", by[source]) is not None]
    assert refused == [source for source in Source if source is not Source.SELF]


@pytest.mark.parametrize("source", [Source.ORGANISATION, Source.PUBLIC])
def test_who_puts_another_forward_says_who_they_are(source: Source) -> None:
    found = way_refusal(source, "open", " ")
    assert found is not None and (found.code, found.field) == ("application.recommender_missing", "recommended_by")
    assert way_refusal(source, "open", "第1镇党委") is None
