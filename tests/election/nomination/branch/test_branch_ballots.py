"""Branch ballots by places: who goes on, ties voted on again, corrections by another person, further ballots."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from election.congress.lifecycle import Phase
from election.congress.rules_in_force import set_rule
from election.errors import Forbidden, Invalid, NotFound, Refused
from election.nomination.applying.operations import submit_application, withdraw_application
from election.nomination.branch.operations import correct_branch_ballot, record_branch_ballot
from election.nomination.branch.operations_places import set_branch_places
from election.nomination.lifecycle import ApplicationState
from election.nomination.models import BranchBallot
from election.nomination.models_margin import Reopening
from election.nomination.queries import applications, branch_ballots
from election.roster.models import Member
from tests.support.county import County
from tests.support.nominating import apply, ballot, enter, forward, members_of, totals

A = ApplicationState


def states(county: County, ids: list[int]) -> list[ApplicationState]:
    with county.reading() as session:
        found = {line.id: line.state for line in applications(session, county.congress_id)}
    return [found[one] for one in ids]


def by_places(county: County, places: int) -> None:
    with county.acting("office") as act:
        set_rule(act, county.congress_id, "branch_places", "places")
    give_places(county, places)


def give_places(county: County, places: int | None) -> None:
    with county.acting("u1") as act:
        set_branch_places(act, county.congress_id, county.branches["u1-b1"], county.categories["farmer"], places)


def in_force(county: County) -> list[BranchBallot]:
    with county.reading() as session:
        return [one.ballot for one in branch_ballots(session, county.congress_id, county.branches["u1-b1"])]


def correct(county: County, ids: list[int], votes: list[int], *, who: str = "u1", reason: str = "抄错了") -> None:
    number = in_force(county)[-1].id
    with county.acting(who) as act:
        correct_branch_ballot(act, number, totals=totals(votes, ids), reason=reason)


def reopen(county: County) -> None:
    with county.acting("office") as act:
        act.session.add(
            Reopening(
                congress_id=county.congress_id,
                unit_id=county.units["u1"],
                category_id=county.categories["farmer"],
                number=1,
                reason="人选不足",
                until=act.today + timedelta(days=3),
                person_id=act.person_id,
                opened_at=act.now,
            )
        )


# Places


def test_with_places_only_as_many_go_on_by_votes(county: County) -> None:
    by_places(county, 1)
    ids = apply(county, "u1-b1", "farmer", 2)
    ballot(county, "u1-b1", "farmer", ids, [3, 9])
    assert states(county, ids) == [A.NOT_NOMINATED, A.PRELIMINARY]
    assert in_force(county)[0].places == 1


def test_a_place_is_not_filled_from_below_the_majority(county: County) -> None:
    by_places(county, 1)
    ids = apply(county, "u1-b1", "farmer", 2)
    ballot(county, "u1-b1", "farmer", ids, [6, 5])  # of 12 expected
    assert states(county, ids) == [A.NOT_NOMINATED] * 2


def test_applicants_within_the_places_are_each_approved_or_not(county: County) -> None:
    by_places(county, 3)
    ids = apply(county, "u1-b1", "farmer", 3)
    ballot(county, "u1-b1", "farmer", ids, [12, 7, 6])
    assert states(county, ids) == [A.PRELIMINARY, A.PRELIMINARY, A.NOT_NOMINATED]


def test_more_votes_than_places_allow_are_refused(county: County) -> None:
    by_places(county, 1)
    ids = apply(county, "u1-b1", "farmer", 2)
    with pytest.raises(Invalid) as invalid:
        ballot(county, "u1-b1", "farmer", ids, [8, 8])  # 16 votes on 12 ballots for one place
    assert [one.field for one in invalid.value.refusals] == ["candidates"]


def tie(county: County) -> list[int]:
    """One passes with 10 votes, two tie with 7 for the second place."""
    by_places(county, 2)
    ids = apply(county, "u1-b1", "farmer", 3)
    ballot(county, "u1-b1", "farmer", ids, [7, 10, 7])
    return ids


def test_the_tied_wait_and_the_tie_ballot_needs_no_majority(county: County) -> None:
    ids = tie(county)
    assert states(county, ids) == [A.APPLIED, A.PRELIMINARY, A.APPLIED]
    with pytest.raises(NotFound):
        ballot(county, "u1-b1", "farmer", ids, [4, 4, 4])  # only the tied stand again
    ballot(county, "u1-b1", "farmer", [ids[0], ids[2]], [4, 5])
    assert states(county, ids) == [A.NOT_NOMINATED, A.PRELIMINARY, A.PRELIMINARY]
    first, second = in_force(county)
    assert (first.number, second.number, second.places) == (1, 2, 1)
    with county.reading() as session:
        found = {line.id: line.votes_for for line in applications(session, county.congress_id)}
    assert found == {ids[0]: 4, ids[1]: 10, ids[2]: 5}  # the last vote on each


def test_a_tie_in_the_tie_ballot_is_voted_on_once_more(county: County) -> None:
    ids = tie(county)
    ballot(county, "u1-b1", "farmer", [ids[0], ids[2]], [5, 5])
    assert states(county, ids)[0] is A.APPLIED
    ballot(county, "u1-b1", "farmer", [ids[0], ids[2]], [6, 5])
    assert states(county, ids) == [A.PRELIMINARY, A.PRELIMINARY, A.NOT_NOMINATED]


def test_places_are_asked_for_before_the_vote(county: County) -> None:
    with county.acting("office") as act:
        set_rule(act, county.congress_id, "branch_places", "places")
    ids = apply(county, "u1-b1", "farmer", 1)
    with pytest.raises(Refused) as refusal:
        ballot(county, "u1-b1", "farmer", ids, [12])
    assert refusal.value.code == "branch_ballot.places_unset"


def test_places_belong_to_the_rule_and_to_the_time_before_the_vote(county: County) -> None:
    with pytest.raises(Refused) as refusal:
        give_places(county, 1)
    assert refusal.value.code == "branch_places.not_by_rule"
    by_places(county, 2)
    give_places(county, None)
    give_places(county, 1)
    with pytest.raises(Refused) as refusal:
        give_places(county, 0)
    assert refusal.value.code == "branch_places.too_few"
    ballot(county, "u1-b1", "farmer", apply(county, "u1-b1", "farmer", 1), [12])
    with pytest.raises(Refused) as refusal:
        give_places(county, 2)
    assert refusal.value.code == "branch_places.voted"
    enter(county, Phase.ARCHIVE)
    with pytest.raises(Refused) as refusal:
        give_places(county, None)
    assert refusal.value.code == "application.not_in_phase"


def test_a_branch_does_not_set_its_own_places(county: County) -> None:
    with pytest.raises(Forbidden), county.acting("u1-b1") as act:
        set_branch_places(act, county.congress_id, county.branches["u1-b1"], county.categories["farmer"], 1)


# Corrections


def test_another_person_corrects_a_ballot_and_the_old_one_is_kept(county: County) -> None:
    ids = apply(county, "u1-b1", "farmer", 2)
    ballot(county, "u1-b1", "farmer", ids, [12, 6])
    correct(county, ids, [6, 12])
    assert states(county, ids) == [A.NOT_NOMINATED, A.PRELIMINARY]
    (now,) = in_force(county)
    assert (now.number, now.version, now.reason) == (1, 2, "抄错了")
    with county.reading() as session:
        old = session.scalars(select(BranchBallot).where(BranchBallot.version == 1)).one()
        assert old.superseded_at is not None and [one.votes_for for one in old.lines] == [12, 6]


def test_who_recorded_a_ballot_does_not_correct_it(county: County) -> None:
    (number,) = apply(county, "u1-b1", "farmer", 1)
    with county.acting("u1") as act:
        record_branch_ballot(
            act, county.congress_id, county.branches["u1-b1"], county.categories["farmer"],
            held_on=act.today, totals=totals([12], [number]),
        )  # fmt: skip
    with pytest.raises(Refused) as refusal:
        correct(county, [number], [3])
    assert refusal.value.code == "branch_ballot.corrected_by_recorder"
    correct(county, [number], [3], who="office")
    assert states(county, [number]) == [A.NOT_NOMINATED]


def test_a_correction_has_its_reason_and_changes_something(county: County) -> None:
    ids = apply(county, "u1-b1", "farmer", 1)
    ballot(county, "u1-b1", "farmer", ids, [12])
    for votes, reason, code in (([3], " ", "correction_reason_missing"), ([12], "同样", "unchanged")):
        with pytest.raises(Refused) as refusal:
            correct(county, ids, votes, reason=reason)
        assert refusal.value.code == f"branch_ballot.{code}"


def test_a_branch_s_clerk_does_not_correct(county: County) -> None:
    ids = apply(county, "u1-b1", "farmer", 1)
    ballot(county, "u1-b1", "farmer", ids, [12])
    with pytest.raises(Forbidden):
        correct(county, ids, [3], who="u1-b1")


def test_nothing_is_corrected_once_the_unit_has_gone_on(county: County) -> None:
    ids = apply(county, "u1-b1", "farmer", 2)
    ballot(county, "u1-b1", "farmer", ids, [12, 6])
    forward(county)
    with pytest.raises(Refused) as refusal:
        correct(county, ids, [6, 12])
    assert refusal.value.code == "branch_ballot.gone_beyond"


def test_a_ballot_is_not_corrected_under_its_tie_ballot(county: County) -> None:
    ids = tie(county)
    first = in_force(county)[0].id
    ballot(county, "u1-b1", "farmer", [ids[0], ids[2]], [4, 5])
    with pytest.raises(Refused) as refusal, county.acting("u1") as act:
        correct_branch_ballot(act, first, totals=totals([9, 10, 5], ids), reason="抄错了")
    assert refusal.value.code == "branch_ballot.followed"
    correct(county, [ids[0], ids[2]], [5, 4])  # the tie ballot itself, still without a majority
    assert states(county, ids) == [A.PRELIMINARY, A.PRELIMINARY, A.NOT_NOMINATED]


def test_a_correction_that_shows_a_tie_makes_the_tied_wait(county: County) -> None:
    by_places(county, 2)
    ids = apply(county, "u1-b1", "farmer", 3)
    ballot(county, "u1-b1", "farmer", ids, [8, 10, 6])
    assert states(county, ids) == [A.PRELIMINARY, A.PRELIMINARY, A.NOT_NOMINATED]
    correct(county, ids, [7, 10, 7])
    assert states(county, ids) == [A.APPLIED, A.PRELIMINARY, A.APPLIED]


def test_who_withdrew_since_keeps_the_state_and_only_the_counts_change(county: County) -> None:
    ids = apply(county, "u1-b1", "farmer", 2)
    ballot(county, "u1-b1", "farmer", ids, [12, 6])
    with county.acting("u1-b1") as act:
        withdraw_application(act, ids[0], "家中有事")
    correct(county, ids, [11, 12])
    assert states(county, ids) == [A.WITHDRAWN, A.PRELIMINARY]


def test_a_corrected_ballot_is_not_corrected_a_second_time_by_its_old_number(county: County) -> None:
    ids = apply(county, "u1-b1", "farmer", 1)
    ballot(county, "u1-b1", "farmer", ids, [12])
    old = in_force(county)[0].id
    correct(county, ids, [3])
    with pytest.raises(NotFound), county.acting("office") as act:
        correct_branch_ballot(act, old, totals=totals([5], ids), reason="再改")


# Opened again


def test_who_applies_after_nomination_was_opened_again_is_voted_on_apart(county: County) -> None:
    first = apply(county, "u1-b1", "farmer", 1)
    ballot(county, "u1-b1", "farmer", first, [12])
    reopen(county)
    late = members_of(county, "u1-b1", "farmer")[1]
    with county.acting("u1-b1") as act:
        second = submit_application(act, county.congress_id, late, county.categories["farmer"]).id
    ballot(county, "u1-b1", "farmer", [second], [9])
    assert states(county, [*first, second]) == [A.PRELIMINARY] * 2
    assert [one.number for one in in_force(county)] == [1, 2]


def test_when_the_day_has_passed_nobody_applies_any_more(county: County) -> None:
    ballot(county, "u1-b1", "farmer", apply(county, "u1-b1", "farmer", 1), [12])
    reopen(county)
    county.wait(4)
    late = members_of(county, "u1-b1", "farmer")[1]
    with pytest.raises(Refused) as refusal, county.acting("u1-b1") as act:
        submit_application(act, county.congress_id, late, county.categories["farmer"])
    assert refusal.value.code == "application.ballot_done"


# Who was expected, and when


def short(county: County, ids: list[int], expected: int, why: str) -> None:
    with county.acting("u1-b1") as act:
        record_branch_ballot(
            act, county.congress_id, county.branches["u1-b1"], county.categories["farmer"], held_on=act.today,
            totals=totals([expected] * len(ids), ids, expected=expected), excluded_because=why,
        )  # fmt: skip


def test_fewer_are_expected_only_for_a_reason_which_is_kept(county: County) -> None:
    ids = apply(county, "u1-b1", "farmer", 1)
    for expected, why, code in ((5, " ", "fewer_unexplained"), (12, "出国", "nobody_excluded")):
        with pytest.raises(Invalid) as invalid:
            short(county, ids, expected, why)
        assert [one.code for one in invalid.value.refusals] == [f"branch_ballot.{code}"]
    short(county, ids, 10, " 2 人出国 ")
    (made,) = in_force(county)
    assert (made.voters, made.expected, made.excluded_because) == (12, 10, "2 人出国")


def test_a_correction_is_held_against_those_who_had_a_vote_then(county: County) -> None:
    ids = apply(county, "u1-b1", "farmer", 2)
    ballot(county, "u1-b1", "farmer", ids, [12, 6])
    gone = members_of(county, "u1-b1", "leader")[0]
    with county.acting("office") as act:
        act.session.get_one(Member, gone).branch_id = county.branches["u1-b2"]
    correct(county, ids, [11, 6])  # still of 12
    assert in_force(county)[0].expected == 12


def test_a_branch_has_not_voted_before_the_seats_were_divided_nor_before_its_last_ballot(county: County) -> None:
    by_places(county, 1)
    ids = apply(county, "u1-b1", "farmer", 2)
    county.wait(2)

    def vote(days_ago: int, votes: list[int]) -> None:
        with county.acting("u1-b1") as act:
            record_branch_ballot(
                act, county.congress_id, county.branches["u1-b1"], county.categories["farmer"],
                held_on=act.today - timedelta(days=days_ago), totals=totals(votes, ids),
            )  # fmt: skip

    with pytest.raises(Refused) as refusal:
        vote(3, [6, 6])
    assert (refusal.value.code, refusal.value.field) == ("branch_ballot.before_the_scheme", "held_on")
    with county.acting("u1") as act:
        set_branch_places(act, county.congress_id, county.branches["u1-b1"], county.categories["farmer"], 2)
    third = members_of(county, "u1-b1", "farmer")[2]
    with county.acting("u1-b1") as act:
        ids.append(submit_application(act, county.congress_id, third, county.categories["farmer"]).id)
    vote(0, [7, 10, 7])
    ids = [ids[0], ids[2]]
    with pytest.raises(Refused) as refusal:
        vote(1, [4, 5])
    assert refusal.value.code == "branch_ballot.before_the_last"
    vote(0, [4, 5])


def test_places_that_are_filled_are_not_filled_again(county: County) -> None:
    by_places(county, 1)
    ballot(county, "u1-b1", "farmer", apply(county, "u1-b1", "farmer", 1), [12])
    reopen(county)
    late = members_of(county, "u1-b1", "farmer")[1]
    with county.acting("u1-b1") as act:
        second = submit_application(act, county.congress_id, late, county.categories["farmer"]).id
    with pytest.raises(Refused) as refusal:
        ballot(county, "u1-b1", "farmer", [second], [9])
    assert refusal.value.code == "branch_ballot.places_filled"
    give_places(county, 2)
    ballot(county, "u1-b1", "farmer", [second], [9])
    assert in_force(county)[-1].places == 1
    with pytest.raises(Refused) as refusal:
        give_places(county, 1)
    assert refusal.value.code == "branch_places.filled"


def test_places_that_stay_as_they_are_may_be_saved_with_others_while_a_tie_waits(county: County) -> None:
    tie(county)
    give_places(county, 2)
