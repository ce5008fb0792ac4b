"""Who can no longer stand goes no further: not through the ballot, the proposal, the review, nor onto the notice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from election.congress.lifecycle import Phase
from election.errors import Invalid, Refused
from election.nomination.applying.operations import end_application, submit_application
from election.nomination.branch.operations import record_branch_ballot
from election.nomination.lifecycle import ApplicationEnd, ApplicationState
from election.nomination.models import Application
from election.nomination.reviewing.operations_proposal import put_forward
from election.nomination.reviewing.operations_review import review_many
from election.people.act import Act
from election.roster.models import Member, Suspension
from tests.support.county import County
from tests.support.nominating import (
    apply,
    ballot,
    enter,
    forward,
    hear,
    members_of,
    pass_reviews,
    publish,
    totals,
)


def change(county: County, application_id: int, how: Callable[[Act, Member], None]) -> None:
    with county.acting("office") as act:
        row = act.session.get_one(Application, application_id)
        how(act, act.session.get_one(Member, row.member_id))


def suspended(act: Act, member: Member) -> None:
    member.suspension = Suspension.DETAINED


def moved(county: County) -> Callable[[Act, Member], None]:
    def move(act: Act, member: Member) -> None:
        member.branch_id = county.branches["u2-b1"]

    return move


def recorded_otherwise(act: Act, member: Member) -> None:
    member.category = "other"


WAYS = ("vote", "moved", "category")


def lapse(county: County, application_id: int, way: str) -> None:
    how = {"vote": suspended, "moved": moved(county), "category": recorded_otherwise}[way]
    change(county, application_id, how)


def codes(invalid: pytest.ExceptionInfo[Invalid]) -> list[str]:
    return [one.code for one in invalid.value.refusals]


@pytest.mark.parametrize("way", WAYS)
def test_a_branch_does_not_vote_on_who_lapsed(county: County, way: str) -> None:
    ids = apply(county, "u1-b1", "farmer", 2)
    lapse(county, ids[0], way)
    with pytest.raises(Invalid) as invalid:
        ballot(county, "u1-b1", "farmer", ids, [12, 12])
    assert codes(invalid) == [f"application.lapsed_{way}"]
    with county.acting("office") as act:
        end_application(act, ids[0], ApplicationEnd.TRANSFER)
    vote(county, ids[1:], 12 if way == "category" else 11)


@pytest.mark.parametrize("way", WAYS)
def test_a_unit_puts_nobody_forward_who_lapsed_and_the_office_passes_none(county: County, way: str) -> None:
    ids = apply(county, "u1-b1", "farmer", 3)
    ballot(county, "u1-b1", "farmer", ids, [12] * 3)
    lapse(county, ids[0], way)
    with pytest.raises(Invalid) as invalid, county.acting("u1") as act:
        put_forward(act, county.units["u1"], ids)
    assert codes(invalid) == [f"application.lapsed_{way}"]
    with county.acting("u1") as act:
        put_forward(act, county.units["u1"], ids[1:], {ids[0]: "已转出"})
    hear(county, ids[1:])
    lapse(county, ids[1], way)
    with pytest.raises(Invalid) as invalid, county.acting("office") as act:
        review_many(act, county.congress_id, ids[1:])
    assert codes(invalid) == [f"application.lapsed_{way}"]


def vote(county: County, ids: list[int], voters: int) -> None:
    with county.acting("u1-b1") as act:
        record_branch_ballot(
            act, county.congress_id, county.branches["u1-b1"], county.categories["farmer"], held_on=act.today,
            totals=totals([voters] * len(ids), ids, expected=voters),
        )  # fmt: skip


def test_nobody_who_lapsed_hangs_on_the_notice(county: County) -> None:
    ids = apply(county, "u1-b1", "farmer", 2)
    ballot(county, "u1-b1", "farmer", ids, [12, 12])
    pass_reviews(county)
    lapse(county, ids[1], "vote")
    with pytest.raises(Invalid) as invalid:
        publish(county)
    assert [one.code for one in invalid.value.refusals] == ["application.lapsed_vote"]
    with county.acting("office") as act:
        end_application(act, ids[1], ApplicationEnd.RIGHTS_SUSPENDED)
    publish(county)


@pytest.mark.parametrize("phase", [Phase.PREPARATION, Phase.REGISTRATION, Phase.ANNOUNCEMENT, Phase.ARCHIVE])
def test_nobody_is_nominated_outside_the_time_for_it(county: County, phase: Phase) -> None:
    ids = apply(county, "u1-b1", "farmer", 1)
    enter(county, phase)
    late = members_of(county, "u1-b1", "farmer")[1]
    with pytest.raises(Refused) as refusal, county.acting("u1-b1") as act:
        submit_application(act, county.congress_id, late, county.categories["farmer"])
    assert refusal.value.code == "application.not_in_phase"
    with pytest.raises(Refused) as refusal:
        ballot(county, "u1-b1", "farmer", ids, [12])
    assert refusal.value.code == "application.not_in_phase"
    enter(county, Phase.NOMINATION)
    ballot(county, "u1-b1", "farmer", ids, [12])
    enter(county, phase)
    with pytest.raises(Refused) as refusal:
        forward(county)
    assert refusal.value.code == "application.not_in_phase"
    with county.reading() as session:
        assert session.get_one(Application, ids[0]).state is ApplicationState.PRELIMINARY
