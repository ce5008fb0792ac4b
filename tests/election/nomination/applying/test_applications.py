"""Applications: who may stand, the branch's ballot on them, the office's review, and how they end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import select

from election.congress.rules_in_force import set_rule
from election.errors import Forbidden, Invalid, NotFound, Refused
from election.nomination.applying.operations import (
    Nomination,
    end_application,
    submit_application,
    withdraw_application,
)
from election.nomination.branch.operations import record_branch_ballot
from election.nomination.branch.vote import BallotTotals, Votes
from election.nomination.lifecycle import ApplicationEnd, ApplicationState
from election.nomination.models import Application, Review, Source
from election.nomination.queries import applications, branch_ballots
from election.nomination.slates.operations_margin import reopen_nomination
from election.progress.queries_reopenings import OpenAgain, open_again
from election.roster.models import Standing, Suspension
from election.roster.operations import set_voting_right
from election.roster.queries import member_line, member_token
from election.store.models import AuditEvent
from tests.support.county import County, registered, with_scheme
from tests.support.nominating import apply, ballot, members_of, propose, totals


def states(county: County) -> dict[int, ApplicationState]:
    with county.reading() as session:
        return {line.id: line.state for line in applications(session, county.congress_id)}


def stand(county: County, member_id: int, category: str, branch: str = "u1-b1") -> Application:
    with county.acting(branch) as act:
        return submit_application(act, county.congress_id, member_id, county.categories[category])


def refusal_of_standing(county: County, member_id: int, category: str, branch: str = "u1-b1") -> Refused:
    with pytest.raises(Refused) as refusal:
        stand(county, member_id, category, branch)
    return refusal.value


def test_a_member_stands_in_the_own_branch_and_category(county: County) -> None:
    member_id = members_of(county, "u1-b1", "farmer")[0]
    said = Nomination(Source.ORGANISATION, " 愿意 ", "种粮大户", "第1镇党委")
    with county.acting("u1-b1") as act:
        submit_application(act, county.congress_id, member_id, county.categories["farmer"], said)
    with county.reading() as session:
        line = applications(session, county.congress_id)[0]
    assert (line.state, line.source, line.statement) == (ApplicationState.APPLIED, Source.ORGANISATION, "愿意")
    assert (line.career, line.recommended_by) == ("种粮大户", "第1镇党委")
    assert (line.unit_code, line.category_code, line.branch_name) == ("u1", "farmer", "第1镇1村党支部")


def test_who_has_no_vote_cannot_stand_and_is_told_the_rule(county: County) -> None:
    member_id = members_of(county, "u1-b1", "farmer")[0]
    with county.acting("office") as act:
        line = member_line(act.session, county.congress_id, member_id)
        set_voting_right(
            act, county.congress_id, member_id, Standing.FULL, Suspension.UNDER_WATCH, reason="处分",
            seen=member_token(line),
        )  # fmt: skip
    refusal = refusal_of_standing(county, member_id, "farmer")
    assert refusal.code == "application.no_vote"
    assert "留党察看" in f"{refusal.params['ground']:zh}"
    assert "基层条例" in f"{refusal.params['source']:zh}"


def test_one_stands_in_the_recorded_category_only(county: County) -> None:
    member_id = members_of(county, "u1-b1", "farmer")[0]
    assert refusal_of_standing(county, member_id, "leader").code == "application.other_category"


def test_there_must_be_a_contested_seat_to_stand_for(county: County) -> None:
    member_id = members_of(county, "u1-b1", "other")[0]
    assert refusal_of_standing(county, member_id, "other").code == "application.no_seat"


def test_an_assigned_leader_does_not_apply(county: County) -> None:
    leader = members_of(county, "u1-b2", "leader")[0]
    assert refusal_of_standing(county, leader, "leader", "u1-b2").code == "application.assigned"


def test_one_stands_once(county: County) -> None:
    member_id = members_of(county, "u1-b1", "farmer")[0]
    stand(county, member_id, "farmer")
    assert refusal_of_standing(county, member_id, "farmer").code == "application.already"


def test_who_withdrew_may_stand_again_until_the_branch_has_voted_on_them(county: County) -> None:
    member_id = members_of(county, "u1-b1", "farmer")[0]
    first = stand(county, member_id, "farmer")
    with county.acting("u1-b1") as act:
        withdraw_application(act, first.id, "家中有事")
    second = stand(county, member_id, "farmer")
    assert states(county) == {first.id: ApplicationState.WITHDRAWN, second.id: ApplicationState.APPLIED}
    ballot(county, "u1-b1", "farmer", [second.id], [12])
    with county.acting("office") as act:
        cell = (county.units["u1"], county.categories["farmer"])
        reopen_nomination(act, county.congress_id, *cell, "人选不足", act.today + timedelta(days=3))
    with county.acting("u1-b1") as act:
        withdraw_application(act, second.id, "家中有事")
    with county.reading() as session:
        branches = [county.branches["u1-b1"], county.branches["u1-b2"], county.branches["u2-b1"]]
        day = county.now.date()
        assert open_again(session, county.congress_id, branches, day) == [OpenAgain("农民", day + timedelta(days=3), 2)]
        assert open_again(session, county.congress_id, branches, day + timedelta(days=4)) == []
    # The branch has voted on her: whatever came of it, and though nomination is open again.
    assert refusal_of_standing(county, member_id, "farmer").code == "application.voted_on"


@pytest.mark.parametrize("who", ["u1-b2", "office", "u2"])
def test_only_the_clerks_of_the_own_branch_and_unit_record_an_application(county: County, who: str) -> None:
    member_id = members_of(county, "u1-b1", "farmer")[0]
    with pytest.raises(Forbidden):
        stand(county, member_id, "farmer", who)


def test_nobody_stands_before_the_roster_is_verified(database) -> None:
    county = registered(database, verified=False)
    with_scheme(county, {("u1", "farmer"): 1})
    member_id = members_of(county, "u1-b1", "farmer")[0]
    assert refusal_of_standing(county, member_id, "farmer").code == "application.roster_unverified"


def test_nobody_stands_before_a_scheme_is_approved(database) -> None:
    county = registered(database)
    member_id = members_of(county, "u1-b1", "farmer")[0]
    assert refusal_of_standing(county, member_id, "farmer").code == "application.no_scheme"


def test_nobody_stands_after_the_branch_has_voted(county: County) -> None:
    ids = apply(county, "u1-b1", "farmer", 2)
    ballot(county, "u1-b1", "farmer", ids, [12, 12])
    late = members_of(county, "u1-b1", "farmer")[2]
    assert refusal_of_standing(county, late, "farmer").code == "application.ballot_done"


def test_nobody_stands_after_the_slate_is_handed_in(slated: County) -> None:
    late = members_of(slated, "u1-b2", "farmer")[0]
    assert refusal_of_standing(slated, late, "farmer", "u1-b2").code == "application.slate_closed"


def test_everyone_above_the_majority_of_the_expected_goes_on(county: County) -> None:
    ids = apply(county, "u1-b1", "farmer", 3)
    ballot(county, "u1-b1", "farmer", ids, [12, 7, 6])  # of 12 expected, 7 are more than half
    assert states(county) == {
        ids[0]: ApplicationState.PRELIMINARY,
        ids[1]: ApplicationState.PRELIMINARY,
        ids[2]: ApplicationState.NOT_NOMINATED,
    }
    with county.reading() as session:
        record = branch_ballots(session, county.congress_id, county.branches["u1-b1"])[0]
        assert (record.category_name, record.ballot.votes_needed) == ("农民", 7)
        lines = applications(session, county.congress_id, branch_id=county.branches["u1-b1"])
        assert [(line.votes_for, line.votes_needed) for line in lines] == [(12, 7), (7, 7), (6, 7)]


def test_a_branch_ballot_fixes_the_rules_that_it_used(county: County) -> None:
    ids = apply(county, "u1-b1", "farmer", 1)
    ballot(county, "u1-b1", "farmer", ids, [12])
    with pytest.raises(Refused) as refusal, county.acting("office") as act:
        set_rule(act, county.congress_id, "majority_base", "present")
    assert refusal.value.code == "rules.frozen"


def good(ids: list[int]) -> BallotTotals:
    return totals([8] * len(ids), ids)


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"expected": 13}, "electors.expected", "branch_ballot.expected_over_voters"),
        ({"present": 13}, "electors.present", "contest.present_over_expected"),
        ({"issued": 13}, "ballots.issued", "contest.issued_over_present"),
        ({"returned": 13}, "ballots.returned", "contest.void"),
        ({"valid": 11}, "ballots.valid", "contest.returned_not_split"),
        ({"present": 9, "issued": 9, "returned": 9, "valid": 9}, "electors.present", "contest.no_quorum"),
    ],
)
def test_a_ballot_that_cannot_be_is_refused_at_its_field(
    county: County, change: dict[str, int], field: str, code: str
) -> None:
    ids = apply(county, "u1-b1", "farmer", 2)
    with pytest.raises(Invalid) as invalid, county.acting("u1-b1") as act:
        record_branch_ballot(
            act, county.congress_id, county.branches["u1-b1"], county.categories["farmer"], held_on=act.today,
            totals=replace(good(ids), **change),  # type: ignore[arg-type]
        )  # fmt: skip
    assert (field, code) in [(refusal.field, refusal.code) for refusal in invalid.value.refusals]
    assert set(states(county).values()) == {ApplicationState.APPLIED}


def test_marks_that_do_not_add_up_name_the_applicant(county: County) -> None:
    ids = apply(county, "u1-b1", "farmer", 2)
    wrong = replace(good(ids), votes={ids[0]: Votes(8, 4, 0), ids[1]: Votes(8, 3, 0)})
    with pytest.raises(Invalid) as invalid, county.acting("u1-b1") as act:
        record_branch_ballot(
            act, county.congress_id, county.branches["u1-b1"], county.categories["farmer"], held_on=act.today,
            totals=wrong,
        )  # fmt: skip
    (refusal,) = invalid.value.refusals
    with county.reading() as session:
        second = applications(session, county.congress_id)[1]
    assert (refusal.field, refusal.params["candidate"]) == ("candidates[1]", second.name)


def test_a_branch_votes_once_on_a_category(county: County) -> None:
    ids = apply(county, "u1-b1", "farmer", 2)
    ballot(county, "u1-b1", "farmer", ids, [12, 12])
    with pytest.raises(Refused) as refusal:
        ballot(county, "u1-b1", "farmer", ids, [12, 12])
    assert refusal.value.code == "branch_ballot.recorded_already"


def test_a_ballot_needs_someone_to_vote_on(county: County) -> None:
    with pytest.raises(Refused) as refusal:
        ballot(county, "u1-b1", "farmer", [], [])
    assert refusal.value.code == "branch_ballot.nobody_applied"


def test_a_ballot_made_from_other_applicants_is_refused(county: County) -> None:
    ids = apply(county, "u1-b1", "farmer", 2)
    with pytest.raises(NotFound):
        ballot(county, "u1-b1", "farmer", ids[:1], [12])


def test_an_application_that_ends_names_its_cause(county: County) -> None:
    ids = propose(county, "u1-b1", "farmer", 2)
    with county.acting("office") as act:
        end_application(act, ids[0], ApplicationEnd.TRANSFER, "调往外县")
    with county.reading() as session:
        ended = applications(session, county.congress_id, states=[ApplicationState.ENDED])[0]
        assert ended.ended_because == "组织关系转出：调往外县"
    with pytest.raises(Refused) as refusal, county.acting("office") as act:
        end_application(act, ids[1], None)
    assert refusal.value.code == "application.end_unnamed"


def test_every_step_of_an_application_is_audited(county: County) -> None:
    ids = propose(county, "u1-b1", "farmer", 1)
    with county.reading() as session:
        found = session.scalars(
            select(AuditEvent.action).where(AuditEvent.subject == f"application:{ids[0]}").order_by(AuditEvent.id)
        ).all()
        assert list(found) == ["application.submitted", "application.reviewed"]  # put forward by an act of its unit
        assert session.scalars(select(Review.person_id)).one() == county.people["office"].person_id


def test_no_application_slips_past_a_ballot_that_is_being_recorded(county: County) -> None:
    first, second = members_of(county, "u1-b1", "farmer")[:2]
    standing = stand(county, first, "farmer")
    found: list[str] = []

    def vote() -> None:
        try:
            ballot(county, "u1-b1", "farmer", [standing.id], [12])
        except Refused as refused:
            found.append(refused.code)

    voting = Thread(target=vote)
    with county.acting("u1-b1") as act:
        submit_application(act, county.congress_id, second, county.categories["farmer"])
        voting.start()
        voting.join(timeout=1)  # long enough to have looked at who stands, were it not kept waiting
        assert voting.is_alive()
    voting.join()
    assert found == ["branch_ballot.other_applicants"]
    assert set(states(county).values()) == {ApplicationState.APPLIED}
