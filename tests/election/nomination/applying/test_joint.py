"""Applications by way of nomination: joint with its signers, by an organisation, corrected before the vote."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from election.congress.rules_in_force import set_rule
from election.errors import Forbidden, Invalid, Refused
from election.nomination.applying.operations import Nomination, correct_application, submit_application
from election.nomination.applying.queries_signers import signers_of
from election.nomination.models import Source
from election.nomination.queries import applications
from election.store.models import AuditEvent
from tests.support.county import County
from tests.support.nominating import apply, ballot, members_of


def jointly(county: County, signers: list[int]) -> int:
    member_id = members_of(county, "u1-b1", "farmer")[0]
    with county.acting("u1") as act:
        said = Nomination(Source.JOINT, signers=tuple(signers))
        return submit_application(act, county.congress_id, member_id, county.categories["farmer"], said).id


def others(county: County, count: int) -> list[int]:
    applicant = members_of(county, "u1-b1", "farmer")[0]
    return [one for one in county.members("u1-b1") + county.members("u1-b2") if one != applicant][:count]


def test_ten_members_of_the_unit_nominate_jointly(county: County) -> None:
    signed = others(county, 10)
    number = jointly(county, signed)
    with county.reading() as session:
        assert [one.member_id for one in signers_of(session, [number])[number]] == signed


def test_nine_are_too_few(county: County) -> None:
    with pytest.raises(Invalid) as invalid:
        jointly(county, others(county, 9))
    (refused,) = invalid.value.refusals
    assert (refused.code, refused.field, refused.params["need"]) == ("signers.too_few", "signers", 10)


def test_a_member_of_another_unit_does_not_sign(county: County) -> None:
    with pytest.raises(Invalid) as invalid:
        jointly(county, [*others(county, 10), county.members("u2-b1")[0]])
    assert [one.code for one in invalid.value.refusals] == ["signers.other_unit"]


def test_a_county_may_take_self_nominations_only(county: County) -> None:
    with county.acting("office") as act:
        set_rule(act, county.congress_id, "nomination_source", "self")
    with pytest.raises(Refused) as refusal:
        jointly(county, others(county, 10))
    assert refusal.value.code == "application.way_closed"


def test_the_rule_of_who_may_be_nominated_is_fixed_by_the_first_application(county: County) -> None:
    apply(county, "u1-b1", "farmer", 1)
    with pytest.raises(Refused) as refusal, county.acting("office") as act:
        set_rule(act, county.congress_id, "nomination_source", "self")
    assert refusal.value.code == "rules.frozen"


def test_an_application_is_corrected_until_the_branch_votes(county: County) -> None:
    number = jointly(county, others(county, 10))
    with county.acting("u1-b1") as act:
        correct_application(act, number, Nomination(Source.SELF, "改为自荐", "种粮大户"))
    with county.reading() as session:
        (line,) = applications(session, county.congress_id)
        assert (line.source, line.statement, line.career) == (Source.SELF, "改为自荐", "种粮大户")
        assert signers_of(session, [number]) == {}
    with county.acting("u1-b1") as act:
        correct_application(act, number, Nomination(Source.SELF, "改" * 300, "种粮大户"))
    with county.reading() as session:
        first, second = session.scalars(
            select(AuditEvent.details).where(AuditEvent.action == "application.corrected").order_by(AuditEvent.id)
        )
    assert (first["career"], first["was"]["career"], len(first["was"]["members"])) == ("种粮大户", "", 10)
    # What stayed is not told again; what is long is told as far as it takes to know it.
    assert (second["was"]["statement"], second["statement"]) == ("改为自荐", "改" * 200 + "…")
    assert "career" not in second and "career" not in second["was"]
    ballot(county, "u1-b1", "farmer", [number], [12])
    with pytest.raises(Refused) as refusal, county.acting("u1-b1") as act:
        correct_application(act, number, Nomination(Source.SELF, "太晚"))
    assert refusal.value.code == "application.corrected_late"


def test_another_branch_corrects_nothing(county: County) -> None:
    (number,) = apply(county, "u1-b1", "farmer", 1)
    with pytest.raises(Forbidden), county.acting("u1-b2") as act:
        correct_application(act, number, Nomination())
