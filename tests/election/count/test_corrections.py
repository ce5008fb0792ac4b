"""A count is corrected after something followed from it: what comes out alike stands and counts on, what does not is taken back
first, by a third person; and of no contest more than its own figures ask for (issue, Outcome: independent per contest).
"""

from __future__ import annotations

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from election.congress.lifecycle import Phase
from election.congress.models import Congress
from election.congress.queries import congress_by_id
from election.contests.models import RoundKind
from election.count.entry import EntryState
from election.count.models import RoundOutcome
from election.count.operations_follow_up import Vacancy, agree, drop, propose_round, propose_strike, propose_vacancy
from election.count.operations_scrutiny import confirm, withdraw_confirmation
from election.count.queries_outcome import ContestStatus
from election.errors import Refused
from election.meeting.models import VenueBallots
from election.meeting.models_evening import FollowUp, FollowUpKind
from election.meeting.operations import call_off_meeting, close_meeting
from election.meeting.operations_attendance import set_present
from election.meeting.operations_ballots import declare_void, record_ballots, record_spoiled
from election.results.queries import standing
from election.results.queries_settling import contest_standings
from election.results.settling import Unsettled
from tests.election.count.test_follow_up import (
    CHIEF,
    FARMERS,
    OTHER,
    SHORT,
    TIE,
    ballots,
    contest_id,
    follow,
    state_of,
)
from tests.support.evening import TELLERS, Evening, opened

OTHERS = "其他基层"


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.raises(Refused, match=f"^{code}$".replace(".", r"\."))


def reopened(evening: Evening, ballot: int = 1) -> None:
    """One scrutineer asks for the correction, the other agrees."""
    form = evening.form_id("u1", ballot)
    for who, reason in ((CHIEF, "抄错一位"), (OTHER, "")):
        with evening.county.acting(who) as act:
            withdraw_confirmation(act, form, reason)


def entered(evening: Evening, votes: dict[str, list[int]], ballot: int = 1) -> None:
    contents = evening.contents("u1", votes, ballot=ballot)
    for who in TELLERS[2:]:
        evening.enter(who, "u1", contents, ballot)


def confirmed(evening: Evening, ballot: int = 1) -> None:
    with evening.county.acting(CHIEF) as act:
        confirm(act, evening.form_id("u1", ballot))


def dropped(evening: Evening, row: FollowUp, who: str = OTHER) -> None:
    with evening.county.acting(who) as act:
        drop(act, row.id, "更正计票")


def versions(evening: Evening, category: str = FARMERS) -> list[int]:
    """Of the outcomes in force of the contest's rounds."""
    rounds = state_of(evening, category).result.rounds
    return [one.outcome.version for one in rounds if one.outcome is not None]


@pytest.fixture
def tied_and_voted(counting: Evening) -> tuple[Evening, FollowUp]:
    """The farmers' tie was voted on again and decided, by 9 and 19 of 28."""
    counting.count("u1", TIE)
    row = follow(counting, FollowUpKind.TIE_BALLOT)
    ballots(counting, 2)
    counting.count("u1", {FARMERS: [9, 19]}, ballot=2)
    return counting, row


def test_a_wrong_figure_of_one_contest_annuls_no_vote_of_another(tied_and_voted: tuple[Evening, FollowUp]) -> None:
    evening, row = tied_and_voted
    last = state_of(evening).result.rounds[-1].outcome
    reopened(evening)
    with refused("follow_up.correct_first"):
        dropped(evening, row)
    entered(evening, {FARMERS: [24, 16, 16], OTHERS: [21, 7]})
    with refused("follow_up.still_follows"):
        dropped(evening, row)
    confirmed(evening)
    farmers, others = state_of(evening), state_of(evening, OTHERS)
    assert (farmers.settled, farmers.due, farmers.result.elected, others.settled) == (True, None, 2, True)
    assert farmers.result.rounds[-1].outcome is not None and last is not None
    assert farmers.result.rounds[-1].outcome.id == last.id, "the vote that was cast counts on as it was decided"
    with evening.county.acting("u1") as act:
        close_meeting(act, evening.meetings["u1"])


def test_while_a_count_is_corrected_its_contests_are_pending_whatever_later_votes_came_to(
    tied_and_voted: tuple[Evening, FollowUp],
) -> None:
    evening, _ = tied_and_voted
    reopened(evening)
    farmers = state_of(evening)
    assert (farmers.result.status, farmers.settled, farmers.due) == (ContestStatus.PENDING, False, None)
    with refused("follow_up.correction_asked"), evening.county.acting("u1") as act:
        propose_round(act, contest_id(evening), FollowUpKind.TIE_BALLOT)
    with evening.county.reading() as session:
        shown = standing(session, congress_by_id(session, evening.county.congress_id)).contests
        found = contest_standings(session, evening.county.congress_id)
    line = next(one for one in shown if (one.unit, one.category) == ("u1", "farmer"))
    assert (line.status, line.names, line.elected, line.voting) == (None, (), 0, None)
    unsettled = {one.category: one.unsettled for one in found if one.unit_code == "u1"}
    assert unsettled == {FARMERS: Unsettled.NO_RESULT, OTHERS: Unsettled.NO_RESULT}, "nothing is published meanwhile"


def test_a_figure_of_the_contest_itself_may_change_as_long_as_it_comes_out_alike(
    tied_and_voted: tuple[Evening, FollowUp],
) -> None:
    evening, _ = tied_and_voted
    reopened(evening)
    entered(evening, {FARMERS: [23, 16, 16], OTHERS: [20, 8]})
    confirmed(evening)
    first = state_of(evening).result.rounds[0]
    assert [line.votes_for for line in first.lines] == [23, 16, 16]
    assert (versions(evening), state_of(evening).settled) == ([2, 1], True)


def test_a_tie_that_there_never_was_takes_its_vote_back_by_a_third_person_and_never_by_a_wish(
    tied_and_voted: tuple[Evening, FollowUp],
) -> None:
    evening, row = tied_and_voted
    with evening.county.acting(CHIEF) as act:
        withdraw_confirmation(act, evening.form_id("u1"), "抄错一位")
    with refused("follow_up.ballots_issued"):
        dropped(evening, row)  # asked for is not corrected yet
    with evening.county.acting(OTHER) as act:
        withdraw_confirmation(act, evening.form_id("u1"))
    entered(evening, {FARMERS: [24, 17, 15], OTHERS: [20, 8]})
    with pytest.raises(Refused) as refusal:
        confirmed(evening)
    assert refusal.value.code == "count.followed_otherwise"
    assert (refusal.value.params["category"], refusal.value.params["follows"]) == (FARMERS, RoundKind.TIE_BALLOT)
    # Nothing half-done: the form waits, nothing of the vote is decided, what was cast is still there.
    assert evening.form("u1").state is EntryState.ENTRIES_EQUAL
    assert (versions(evening), versions(evening, OTHERS)) == ([1], [])
    with refused("follow_up.own_agreement"):
        dropped(evening, row, CHIEF)
    with refused("follow_up.counted"):
        dropped(evening, row)
    reopened(evening, 2)
    dropped(evening, row)
    confirmed(evening)
    farmers = state_of(evening)
    assert (farmers.settled, farmers.result.elected, len(farmers.result.rounds)) == (True, 2, 1)


def test_ballots_that_are_out_wait_for_the_corrected_figures(counting: Evening) -> None:
    counting.count("u1", TIE)
    row = follow(counting, FollowUpKind.TIE_BALLOT)
    ballots(counting, 2)
    reopened(counting)
    entered(counting, {FARMERS: [24, 17, 15], OTHERS: [20, 8]})
    dropped(counting, row)
    confirmed(counting)
    assert state_of(counting).settled


def test_no_ballot_is_handed_out_for_what_may_turn_out_not_to_follow(counting: Evening) -> None:
    counting.count("u1", TIE)
    follow(counting, FollowUpKind.TIE_BALLOT)
    reopened(counting)
    with refused("meeting.follows_correction"):
        ballots(counting, 2)
    entered(counting, {FARMERS: [23, 16, 16], OTHERS: [20, 8]})
    confirmed(counting)
    ballots(counting, 2)
    counting.count("u1", {FARMERS: [9, 19]}, ballot=2)
    assert state_of(counting).settled


def test_what_nobody_was_handed_a_ballot_of_is_dropped_without_a_correction(counting: Evening) -> None:
    counting.count("u1", TIE)
    dropped(counting, follow(counting, FollowUpKind.TIE_BALLOT))
    assert state_of(counting).due is not None


def test_who_stood_again_is_who_stands_again_by_the_corrected_votes(counting: Evening) -> None:
    """选举法 44: by votes. With two places and three unsuccessful the third never stood."""
    counting.count("u1", {FARMERS: [25, 12, 10], OTHERS: [20, 8]})
    row = follow(counting, FollowUpKind.SUPPLEMENTARY)
    ballots(counting, 2)
    counting.count("u1", {FARMERS: [17, 3]}, ballot=2)
    reopened(counting)
    entered(counting, {FARMERS: [25, 9, 13], OTHERS: [20, 8]})
    confirmed(counting)  # the same two, the other way round
    assert state_of(counting).settled
    reopened(counting)
    contents = counting.contents("u1", {FARMERS: [25, 16, 10], OTHERS: [20, 8]})
    for who in TELLERS[2:]:
        counting.enter(who, "u1", contents)
    with refused("count.followed_otherwise"):
        confirmed(counting)  # both seats were filled by the first vote
    reopened(counting, 2)
    dropped(counting, row)
    confirmed(counting)
    assert (state_of(counting).settled, len(state_of(counting).result.rounds)) == (True, 1)


def test_a_seat_stays_vacant_where_the_corrected_count_leaves_it_open_too(counting: Evening) -> None:
    counting.count("u1", SHORT)
    with counting.county.acting("u1") as act:
        row = propose_vacancy(act, contest_id(counting), Vacancy(16), "票数接近")
    with counting.county.acting(CHIEF) as act:
        agree(act, row.id)
    reopened(counting)
    farmers = state_of(counting)
    assert (farmers.result.status, farmers.settled) == (ContestStatus.PENDING, False)
    entered(counting, {FARMERS: [24, 12, 10], OTHERS: [20, 8]})
    confirmed(counting)
    assert (state_of(counting).settled, state_of(counting).result.status) == (True, ContestStatus.VACANT)
    reopened(counting)
    entered(counting, {FARMERS: [24, 17, 10], OTHERS: [20, 8]})
    with pytest.raises(Refused) as refusal:
        confirmed(counting)
    assert refusal.value.params["follows"] is FollowUpKind.VACANT
    with refused("follow_up.own_agreement"):
        dropped(counting, row, CHIEF)
    dropped(counting, row)
    confirmed(counting)
    assert (state_of(counting).vacant, state_of(counting).result.elected) == (0, 2)


def test_a_proposal_that_waits_is_agreed_to_after_the_correction_or_no_longer_due(counting: Evening) -> None:
    counting.count("u1", TIE)
    with counting.county.acting("u1") as act:
        row = propose_round(act, contest_id(counting), FollowUpKind.TIE_BALLOT).id
    reopened(counting)
    with refused("follow_up.correction_asked"), counting.county.acting(CHIEF) as act:
        agree(act, row)
    entered(counting, {FARMERS: [23, 16, 16], OTHERS: [20, 8]})
    confirmed(counting)
    with counting.county.acting(CHIEF) as act:
        assert agree(act, row).next_round_id is not None


def test_what_was_counted_is_void_only_once_nothing_stands_that_followed_from_it(
    tied_and_voted: tuple[Evening, FollowUp],
) -> None:
    """By the ballots as they are counted again more came back than went out."""
    evening, row = tied_and_voted
    farmers, others = evening.round_of("u1", "farmer"), evening.round_of("u1", "other")
    reopened(evening)
    with evening.county.acting(OTHER) as act:
        given = {farmers: (27, 28), others: (28, 28)}
        record_ballots(act, evening.meetings["u1"], given, ballot=1, knowingly=True, reason="重新清点")
    with refused("meeting.void_followed"), evening.county.acting(CHIEF) as act:
        declare_void(act, farmers)
    reopened(evening, 2)
    dropped(evening, row)
    with evening.county.acting(CHIEF) as act:
        declare_void(act, farmers)
    entered(evening, {OTHERS: [20, 8]})
    confirmed(evening)
    assert state_of(evening).result.status is ContestStatus.VOID
    follow(evening, FollowUpKind.RERUN)


# A later meeting


@pytest.fixture
def second_meeting(counting: Evening) -> tuple[Evening, FollowUp, int]:
    """The first meeting left a farmers' seat open and closed; the second is open with the supplementary election."""
    first = counting.meetings["u1"]
    counting.count("u1", SHORT)
    with counting.county.acting("u1") as act:
        close_meeting(act, first)
    row = follow(counting, FollowUpKind.SUPPLEMENTARY)
    return counting, row, opened(counting).id


def test_a_count_of_the_first_meeting_is_corrected_though_the_second_is_open(
    second_meeting: tuple[Evening, FollowUp, int],
) -> None:
    evening, row, second = second_meeting
    reopened(evening)
    entered(evening, {FARMERS: [25, 17, 10], OTHERS: [20, 8]})
    with refused("count.followed_otherwise"):
        confirmed(evening)
    dropped(evening, row)
    confirmed(evening)
    assert (state_of(evening).settled, len(state_of(evening).result.rounds)) == (True, 1)
    with evening.county.acting("u1") as act:
        call_off_meeting(act, second, "更正后没有缺额")


def test_what_the_second_meeting_votes_on_stands_where_the_first_comes_out_alike(
    second_meeting: tuple[Evening, FollowUp, int],
) -> None:
    evening, row, second = second_meeting
    supplementary = row.next_round_id or 0
    reopened(evening)
    entered(evening, {FARMERS: [24, 12, 10], OTHERS: [20, 8]})
    confirmed(evening)
    with evening.county.acting(CHIEF) as act:
        record_ballots(act, second, {supplementary: (28, 28)})
    reopened(evening)
    with refused("follow_up.correct_first"):
        dropped(evening, row)
    contents = evening.contents("u1", {FARMERS: [24, 17, 10], OTHERS: [20, 8]})
    for who in TELLERS[2:]:
        evening.enter(who, "u1", contents)
    dropped(evening, row)  # cast in a later meeting, for a seat that was filled in the first
    confirmed(evening)
    assert state_of(evening).settled
    with evening.county.reading() as session:
        kept = session.scalars(select(VenueBallots.issued).where(VenueBallots.round_id == supplementary)).all()
    assert kept == [28], "what was cast is kept, and counted nowhere"


def test_a_follow_up_that_another_meeting_opened_with_is_dropped_before_a_ballot_is_out(
    second_meeting: tuple[Evening, FollowUp, int],
) -> None:
    evening, row, second = second_meeting
    dropped(evening, row)
    assert state_of(evening).due is not None
    with evening.county.acting("u1") as act:
        call_off_meeting(act, second, "不再投票")
    follow(evening, FollowUpKind.SUPPLEMENTARY)


# The archive


def test_in_the_archive_nothing_of_the_evening_changes_any_more(counting: Evening) -> None:
    counting.count("u1", SHORT)
    with counting.county.acting("u1") as act:
        vacant = propose_vacancy(act, contest_id(counting), Vacancy(16), "票数接近").id
    with counting.county.acting(CHIEF) as act:
        agree(act, vacant)
    farmers, others = counting.round_of("u1", "farmer"), counting.round_of("u1", "other")
    with counting.county.reading() as session:
        venue = session.scalars(select(VenueBallots.venue_id)).first() or 0
    with counting.county.acting("office") as act:
        act.session.execute(update(Congress).values(phase=Phase.ARCHIVE))
    contest, meeting, form = contest_id(counting), counting.meetings["u1"], counting.form_id("u1")
    for who, verb in (
        (CHIEF, lambda act: withdraw_confirmation(act, form, "抄错")),
        (OTHER, lambda act: drop(act, vacant, "改变主意")),
        (CHIEF, lambda act: agree(act, vacant)),
        ("u1", lambda act: propose_strike(act, farmers, counting.members_standing("u1", "farmer")[0], "去世")),
        ("u1", lambda act: set_present(act, venue, 29, reason="重数")),
        (CHIEF, lambda act: record_ballots(act, meeting, {farmers: (28, 27), others: (28, 28)}, reason="重数")),
        (CHIEF, lambda act: record_spoiled(act, meeting, farmers, {})),
        (CHIEF, lambda act: declare_void(act, farmers)),
        ("u1", lambda act: close_meeting(act, meeting)),
    ):
        with refused("meeting.archived"), counting.county.acting(who) as act:
            verb(act)
    assert state_of(counting).settled
    # A seat that was left open stays open in the archive.
    with counting.county.acting("office") as act:
        act.session.execute(update(Congress).values(phase=Phase.ELECTION))
    with counting.county.acting(OTHER) as act:
        drop(act, vacant, "误录")
    with counting.county.acting("office") as act:
        act.session.execute(update(Congress).values(phase=Phase.ARCHIVE))
    with refused("meeting.archived"), counting.county.acting("u1") as act:
        propose_round(act, contest, FollowUpKind.SUPPLEMENTARY)
    with refused("meeting.archived"), counting.county.acting("u1") as act:
        propose_vacancy(act, contest, Vacancy(16), "票数接近")


# What the database itself refuses


def test_the_database_lets_an_outcome_fall_under_a_later_one_only_for_a_correction_that_comes_out_alike(
    tied_and_voted: tuple[Evening, FollowUp],
) -> None:
    evening, _ = tied_and_voted
    farmers = evening.round_of("u1", "farmer")
    with pytest.raises(DBAPIError, match="is taken back first"), evening.county.database.writing() as session:
        session.execute(text(f"UPDATE round_outcome SET superseded_at = decided_at WHERE round_id = {farmers}"))
    reopened(evening)
    with pytest.raises(DBAPIError, match="under one that is alike"), evening.county.database.writing() as session:
        old = session.scalars(select(RoundOutcome).where(RoundOutcome.round_id == farmers)).one()
        values = {one.name: getattr(old, one.name) for one in RoundOutcome.__table__.columns if one.name != "id"}
        changed = {"version": 2, "superseded_at": None, "status": "decided", "elected": 2, "tied_seats": 0}
        session.add(RoundOutcome(**values | changed))
        session.flush()
