"""Publication by two persons, exactly what was proposed; corrections are versions; the board follows the switch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError

from election.congress.lifecycle import Phase
from election.congress.models import BoardMode
from election.congress.queries import congress_by_code
from election.contests.models import Round
from election.count.operations_follow_up import agree, propose_round
from election.count.operations_scrutiny import confirm, withdraw_confirmation
from election.errors import Forbidden, NotFound, Refused, Stale
from election.meeting.models_evening import FollowUpKind
from election.meeting.operations_ballots import declare_void, record_ballots
from election.people.models import Person, Sex
from election.progress.facts import read_facts
from election.results.board import cards
from election.results.lifecycle import ResultsState
from election.results.models import Publication
from election.results.operations import (
    propose_publication,
    publish_results,
    switch_board,
    unfinished,
    withdraw_proposal,
)
from election.results.queries import (
    build_shown,
    open_proposal,
    proposer,
    publications,
    published,
    results_state,
    shown,
    standing,
)
from election.results.settling import Unsettled
from election.roster.models import Member
from election.store.audit import digest, verify
from election.strokes import stroke_order
from election.texts import sentence
from tests.election.results.conftest import put_off
from tests.support.evening import SCRUTINEERS, TELLERS, Evening


def run(evening: Evening, who: str, operation: Callable[..., Any], **given: Any) -> Any:
    with evening.county.acting(who) as act:
        return operation(act, evening.county.congress_id, **given)


def refused(evening: Evening, who: str, operation: Callable[..., Any], **given: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        run(evening, who, operation, **given)
    assert sentence(caught.value.code, caught.value.params).en
    return caught.value


def state(evening: Evening) -> ResultsState:
    with evening.county.reading() as session:
        return results_state(session, evening.county.congress_id)


def figures(evening: Evening) -> dict[str, Any]:
    with evening.county.reading() as session:
        return build_shown(session, congress_by_code(session, "xian-14")).figures


def switch(evening: Evening, mode: BoardMode) -> None:
    run(evening, "office", switch_board, mode=mode)


def recount(evening: Evening, votes: dict[str, list[int]]) -> None:
    """The first unit's form is withdrawn by two persons, entered again and confirmed."""
    for who in SCRUTINEERS:
        with evening.county.acting(who) as act:
            withdraw_confirmation(act, evening.form_id("u1"), "核对发现有误")
    evening.count("u1", votes, by=TELLERS[2:])


def test_nothing_is_proposed_while_a_contest_has_no_result(half: Evening) -> None:
    error = refused(half, "office", propose_publication)
    assert error.code == "results.blocked" and error.params["count"] == 2
    assert "第2镇·农民：没有结果" in sentence(error.code, error.params).zh


def test_a_congress_without_contests_has_nothing_to_publish(database) -> None:
    from tests.support.county import begin

    county = begin(database)
    with pytest.raises(Refused) as caught, county.acting("office") as act:
        propose_publication(act, county.congress_id)
    assert "还没有任何选举" in sentence(caught.value.code, caught.value.params).zh


def test_a_tie_and_a_shortfall_stop_the_publication_until_what_follows_is_agreed(unsettled: Evening) -> None:
    error = refused(unsettled, "office", propose_publication)
    said = sentence(error.code, error.params).zh
    assert error.params["count"] == 2
    assert "第2镇·农民：得票相等" in said and "第2镇·其他基层：当选不足" in said
    put_off(unsettled)
    run(unsettled, "office", propose_publication)


def test_a_proposal_that_waits_and_a_vote_in_session_stop_the_publication(unsettled: Evening) -> None:
    """And so do void ballots: what stands after them has to be agreed, and then to wait for a later meeting."""

    def whys() -> list[Unsettled | None]:
        with unsettled.county.reading() as session:
            found = standing(session, congress_by_code(session, "xian-14")).contests
        return [one.unsettled for one in found if one.unit == "u2"]

    def farmers() -> dict[str, Any]:
        with unsettled.county.reading() as session:
            hall = cards(standing(session, congress_by_code(session, "xian-14")))
        return next(one for one in hall if (one["unit"], one["category"]) == ("u2", "farmer"))

    assert whys() == [Unsettled.TIE, Unsettled.SHORT]
    with unsettled.county.acting("u2") as act:
        contest = act.session.get_one(Round, unsettled.round_of("u2", "farmer")).contest_id
        proposed = propose_round(act, contest, FollowUpKind.TIE_BALLOT).id
    assert whys() == [Unsettled.PROPOSED, Unsettled.SHORT]
    with unsettled.county.acting(SCRUTINEERS[0]) as act:
        again = agree(act, proposed).next_round_id or 0
    assert whys() == [Unsettled.VOTING, Unsettled.SHORT]
    assert farmers()["voting"] == "tie_ballot"
    with unsettled.county.acting(SCRUTINEERS[0]) as act:
        record_ballots(act, unsettled.meetings["u2"], {again: (28, 29)}, ballot=2)
        declare_void(act, again)
    assert whys() == [Unsettled.VOID, Unsettled.SHORT]
    # The hall sees who was elected before and that the vote was void.
    void = farmers()
    assert void["status"] == "void" and "voting" not in void and void["candidates"][0]["result"] == "elected"


def test_what_is_voted_on_later_is_announced_with_what_it_waits_for(evening: Evening) -> None:
    row = run(evening, "office", propose_publication)
    found = {(one["unit"], one["category_name"]): one for one in row.content["contests"]}
    tie, short = found["u2", "农民"], found["u2", "其他基层"]
    assert (tie["status"], len(tie["elected"]), len(tie["tied"]), tie["open_seats"]) == ("tie", 1, 2, 1)
    assert (short["status"], short["elected"], short["open_seats"]) == ("shortfall", [], 1)
    assert (tie["later"], short["later"]) == ("tie_ballot", "supplementary")
    assert all("later" not in one for (unit, _), one in found.items() if unit == "u1")
    assert row.hash == digest(row.content)


def test_winners_stand_in_stroke_order(evening: Evening) -> None:
    row = run(evening, "office", propose_publication)
    for contest in row.content["contests"]:
        assert contest["elected"] == stroke_order(contest["elected"])
        votes = [line["for"] for line in contest["names"]]
        assert votes == sorted(votes, reverse=True)


def test_who_proposed_does_not_publish_whatever_roles_they_hold(evening: Evening) -> None:
    row = run(evening, "approver", propose_publication)
    assert refused(evening, "approver", publish_results, hash=row.hash).code == "results.published_by_proposer"
    run(evening, "office", publish_results, hash=row.hash)
    assert state(evening) is ResultsState.PUBLISHED


def test_the_database_itself_refuses_a_publication_by_its_proposer(evening: Evening) -> None:
    row = run(evening, "office", propose_publication)
    with pytest.raises(IntegrityError), evening.county.database.writing() as session:
        kept = session.get_one(Publication, row.id)
        kept.published_by_id, kept.published_at = kept.proposed_by_id, evening.county.now


def test_the_database_itself_refuses_a_second_open_proposal_and_a_correction_without_reason(evening: Evening) -> None:
    row = run(evening, "office", propose_publication)
    for version, reason in ((2, "更正"), (3, "")):
        with pytest.raises(IntegrityError), evening.county.database.writing() as session:
            session.add(
                Publication(
                    congress_id=row.congress_id, version=version, content={}, hash="", reason=reason,
                    proposed_by_id=row.proposed_by_id, proposed_at=evening.county.now,
                    withdrawn_at=None if reason else evening.county.now,
                )
            )  # fmt: skip


def test_only_those_with_the_role_propose_publish_and_switch(evening: Evening) -> None:
    for who in (*TELLERS, *SCRUTINEERS, "u1"):
        for operation, given in (
            (propose_publication, {}),
            (withdraw_proposal, {}),
            (publish_results, {"hash": ""}),
            (switch_board, {"mode": BoardMode.RESULTS}),
        ):
            assert isinstance(refused(evening, who, operation, **given), Forbidden)


def test_there_is_one_proposal_at_a_time_and_it_can_be_withdrawn_and_made_again(evening: Evening) -> None:
    first = run(evening, "office", propose_publication)
    assert refused(evening, "office2", propose_publication).code == "results.not_now"
    with evening.county.reading() as session:
        assert proposer(session, evening.county.congress_id) == evening.county.people["office"].person_id
    run(evening, "office2", withdraw_proposal)
    assert state(evening) is ResultsState.NONE
    assert isinstance(refused(evening, "approver", publish_results, hash=first.hash), NotFound)
    assert refused(evening, "office", withdraw_proposal).code == "results.not_now"
    second = run(evening, "office2", propose_publication)
    assert (second.version, second.hash) == (2, first.hash)
    run(evening, "office", publish_results, hash=second.hash)
    with evening.county.reading() as session:
        rows = publications(session, evening.county.congress_id)
        assert [row.version for row in rows] == [2, 1]
        public = published(rows)
        assert public is not None and public.version == 2 and open_proposal(rows) is None
        assert proposer(session, evening.county.congress_id) is None


def test_what_is_published_is_what_the_second_person_was_shown(evening: Evening) -> None:
    row = run(evening, "office", propose_publication)
    assert isinstance(refused(evening, "approver", publish_results, hash="0" * 64), Stale)
    assert isinstance(refused(evening, "approver", publish_results, hash=""), Stale)
    run(evening, "approver", publish_results, hash=row.hash)


def test_a_withdrawn_confirmation_stops_a_proposal_and_a_recount_makes_it_stale(evening: Evening) -> None:
    row = run(evening, "office", propose_publication)
    for who in SCRUTINEERS:
        with evening.county.acting(who) as act:
            withdraw_confirmation(act, evening.form_id("u1"), "核对发现有误")
    assert refused(evening, "approver", publish_results, hash=row.hash).code == "results.blocked"
    evening.count("u1", {"农民": [24, 21, 10], "其他基层": [20, 8]}, by=TELLERS[2:])
    error = refused(evening, "approver", publish_results, hash=row.hash)
    assert isinstance(error, Stale) and error.code == "results.changed_since"
    assert state(evening) is ResultsState.PROPOSED


def test_a_recount_that_says_the_same_leaves_the_proposal_good(evening: Evening) -> None:
    row = run(evening, "office", propose_publication)
    recount(evening, {"农民": [25, 20, 10], "其他基层": [20, 8]})
    run(evening, "approver", publish_results, hash=row.hash)


def test_a_correction_is_a_new_version_with_a_reason_and_the_old_one_stays_until_then(evening: Evening) -> None:
    first = run(evening, "office", propose_publication)
    run(evening, "approver", publish_results, hash=first.hash)
    assert not figures(evening)["interim"]
    assert not moved(evening)
    recount(evening, {"农民": [24, 21, 10], "其他基层": [20, 8]})
    assert moved(evening)
    assert refused(evening, "office", propose_publication).code == "results.reason_missing"
    assert refused(evening, "office", propose_publication, reason="长" * 401).code == "store.too_long"
    second = run(evening, "office", propose_publication, reason=" 重新核对计票单 ")
    assert (second.version, second.reason) == (2, "重新核对计票单")
    with evening.county.reading() as session:
        public = published(publications(session, evening.county.congress_id))
        assert public is not None and public.content == first.content
    # What differs from the published version is not yet final.
    assert figures(evening)["interim"]
    run(evening, "approver", publish_results, hash=second.hash)
    assert not figures(evening)["interim"] and not moved(evening)
    with evening.county.reading() as session:
        assert [row.content for row in publications(session, evening.county.congress_id)] == [
            second.content, first.content
        ]  # fmt: skip
        assert verify(session) == []


def moved(evening: Evening) -> bool:
    """Whether the office is told that the results are no longer those published."""
    with evening.county.reading() as session:
        return read_facts(session, congress_by_code(session, "xian-14")).results_moved


def test_no_confirmation_is_withdrawn_once_the_election_is_in_its_archive(evening: Evening) -> None:
    with evening.county.database.writing() as session:
        congress_by_code(session, "xian-14").phase = Phase.ARCHIVE
    with pytest.raises(Refused) as caught, evening.county.acting(SCRUTINEERS[0]) as act:
        withdraw_confirmation(act, evening.form_id("u1"), "核对发现有误")
    assert caught.value.code == "meeting.archived"


# The board


def test_the_board_shows_as_far_as_the_switch_lets_it(half: Evening) -> None:
    assert figures(half)["contests"] == [] and figures(half)["units"] == {"total": 2, "confirmed": 1}
    switch(half, BoardMode.RESULTS)
    assert {one["unit"] for one in figures(half)["contests"]} == {"u1"}
    switch(half, BoardMode.CURTAIN)
    drawn = figures(half)
    assert (drawn["contests"], drawn["units"]["confirmed"], drawn["turnout"]["returned"]) == ([], 0, 0)


def test_a_drawn_curtain_hides_published_results_too_and_progress_only_does_not(evening: Evening) -> None:
    row = run(evening, "office", propose_publication)
    run(evening, "approver", publish_results, hash=row.hash)
    assert len(figures(evening)["contests"]) == 4  # publishing lifts the switch
    switch(evening, BoardMode.PROGRESS)
    assert len(figures(evening)["contests"]) == 4
    switch(evening, BoardMode.CURTAIN)
    drawn = figures(evening)
    assert drawn["contests"] == [] and drawn["units"]["confirmed"] == 0


def test_the_board_is_kept_until_the_revision_moves(half: Evening) -> None:
    database = half.county.database

    def figures_kept() -> dict[str, Any]:
        with database.reading() as session:
            return shown(session, congress_by_code(session, "xian-14")).figures

    first = figures_kept()
    sent: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *given: sent.append(given[2]))
    assert figures_kept() == first
    assert not any("round_outcome" in statement for statement in sent)
    switch(half, BoardMode.RESULTS)
    assert figures_kept() != first


def test_an_unconfirmed_form_never_reaches_the_board(half: Evening) -> None:
    switch(half, BoardMode.RESULTS)
    before = figures(half)
    contents = half.contents("u2", {"农民": [22, 16, 16], "其他基层": [12, 9]})
    for who in TELLERS[:2]:
        half.enter(who, "u2", contents)
        assert figures(half) == before
    with half.county.acting(SCRUTINEERS[0]) as act:
        confirm(act, half.form_id("u2"))
    assert figures(half) != before


def test_the_figures_add_up_from_the_database(evening: Evening) -> None:
    switch(evening, BoardMode.RESULTS)
    found = {one["id"]: one for one in figures(evening)["categories"]}
    assert {key: found["farmer"][key] for key in ("seats", "elected", "tied", "pending", "vacant")} == {
        "seats": 4, "elected": 3, "tied": 1, "pending": 0, "vacant": 0
    }  # fmt: skip
    # The missing seat waits for its supplementary election; it is not given up.
    assert {key: found["other"][key] for key in ("seats", "elected", "tied", "pending", "vacant")} == {
        "seats": 2, "elected": 1, "tied": 0, "pending": 1, "vacant": 0
    }  # fmt: skip
    assert figures(evening)["turnout"] == {"expected": 60, "returned": 56}


def test_overlays_count_the_elected_by_their_recorded_facts(evening: Evening) -> None:
    switch(evening, BoardMode.RESULTS)
    names = {
        line["name"]
        for one in figures(evening)["contests"]
        for line in one["candidates"]
        if line["result"] == "elected"
    }
    with evening.county.reading() as session:
        women = session.scalars(
            select(Person.name).join(Member).where(Person.name.in_(names), Person.sex == Sex.FEMALE)
        ).all()
    found = {one["id"]: one["elected"] for one in figures(evening)["overlays"]}
    assert found == {"women": len(women), "under50": len(names)}


def test_the_standing_costs_the_same_statements_for_any_number_of_contests(evening: Evening) -> None:
    sent: list[str] = []
    event.listen(evening.county.database.engine, "before_cursor_execute", lambda *given: sent.append(given[2]))
    with evening.county.reading() as session:
        congress = congress_by_code(session, "xian-14")
        sent.clear()
        assert unfinished(standing(session, congress)) == []
    assert len([one for one in sent if one.startswith("SELECT")]) <= 11, sent
