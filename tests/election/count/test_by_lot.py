"""A tie that the rules let the lot decide: proposed by the chair, drawn with a scrutineer, kept as it was drawn, counted like any outcome."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from election.congress.models import RuleValue
from election.congress.queries import congress_by_id
from election.contests.by_lot import decide_by_lot
from election.contests.models import RoundKind
from election.count.models import Result
from election.count.models_lot import LotCommitment, LotDraw
from election.count.operations_follow_up import agree, drop, propose_round
from election.count.operations_lot import Said
from election.count.operations_scrutiny import confirm, withdraw_confirmation
from election.count.queries_lot import drawn_lots
from election.count.queries_outcome import ContestStatus
from election.errors import Forbidden, Refused, Stale
from election.lot import is_as_drawn
from election.meeting.models_evening import FollowUp, FollowUpKind
from election.meeting.operations import close_meeting
from election.people.models import Person
from election.results.queries import standing
from election.roster.models import Member, Suspension
from tests.election.count.test_follow_up import CHIEF, OTHER, TIE, contest_id, state_of
from tests.support.evening import TELLERS, Evening

WORD = Said("3 1 4", "群众代表甲")


def by_the_lot(counting: Evening) -> Evening:
    """The farmers' second seat is tied, and the congress's rule is the lot."""
    with counting.county.acting("office") as act:
        act.session.execute(update(RuleValue).where(RuleValue.name == "tie_at_cut").values(value="lot"))
    counting.count("u1", TIE)
    return counting


@pytest.fixture
def tied(counting: Evening) -> Evening:
    return by_the_lot(counting)


def proposed(evening: Evening) -> int:
    with evening.county.acting("u1") as act:
        return propose_round(act, contest_id(evening), FollowUpKind.LOT).id


def drawn(evening: Evening, who: str = CHIEF, said: Said | None = WORD) -> FollowUp:
    row = proposed(evening)
    with evening.county.acting(who) as act:
        return agree(act, row, said)


def test_the_first_of_the_drawn_order_takes_the_seat_and_nothing_else_moves(tied: Evening) -> None:
    farmers = state_of(tied)
    assert farmers.due is not None and (farmers.due.kind, farmers.due.seats) == (RoundKind.LOT, 1)
    forms, sheet = tied.form("u1").number, tied.sheet("u1")
    row = drawn(tied)
    with tied.county.reading() as session:
        lot = session.scalars(select(LotDraw)).one()
        made = session.scalars(select(LotCommitment)).one()
        lines = standing(session, congress_by_id(session, tied.county.congress_id)).contests
    # Nothing is hidden afterwards, and anybody draws it again.
    assert is_as_drawn(lot.content) and (lot.content["half"], lot.content["word"]) == (made.half, "3 1 4")
    assert (lot.round_id, lot.witness, made.hash) == (row.next_round_id, "群众代表甲", lot.content["commitment"])
    after = state_of(tied)
    assert (after.settled, after.due, after.result.elected) == (True, None, 2)
    last = after.result.rounds[-1]
    assert last.outcome is not None and (last.round.kind, last.outcome.status) == (RoundKind.LOT, "decided")
    assert tuple(last.outcome.outcome["elected"]) == decide_by_lot(last.outcome.contest).elected
    assert [(line.name, line.result) for line in last.lines] == list(
        zip([one["name"] for one in lot.content["order"]], [Result.ELECTED, Result.NOT_ELECTED], strict=True)
    )
    # It has the votes of the ballot whose tie it decides, and no ballot, form or vote of its own.
    assert {line.votes_for for line in last.lines} == {16} and last.outcome.returned == 28
    assert (tied.form("u1").number, tied.sheet("u1")) == (forms, sheet)
    shown = next(one for one in lines if one.unit == "u1" and one.category == "farmer")
    assert (shown.status, shown.elected, shown.tied_seats) == ("decided", 2, 0)
    with tied.county.acting("u1") as act:
        close_meeting(act, tied.meetings["u1"])


def test_the_system_s_half_is_made_before_the_word_and_the_tied_are_numbered_as_they_will_stand(tied: Evening) -> None:
    row = proposed(tied)
    with tied.county.reading() as session:
        made = session.scalars(select(LotCommitment)).one()
        members = session.get_one(FollowUp, row).members
    assert made.follow_up_id == row and len(made.half) == len(made.hash) == 64
    for said, code in (
        (None, "lot.seed_missing"),
        (Said(" ", "群众代表甲"), "lot.seed_missing"),
        (Said("3 1 4", " "), "lot.witness_missing"),
        (Said("3 1 4", tied.county.person_of(members[0]).name), "lot.witness_interested"),
        (Said("3 1 4", f"{tied.county.people['u1'].name}（主持人）"), "lot.witness_interested"),
        (Said("3 1 4", tied.county.people[CHIEF].name), "lot.witness_interested"),
    ):
        with pytest.raises(Refused) as refusal, tied.county.acting(CHIEF) as act:
            agree(act, row, said)
        assert refusal.value.code == code
    with tied.county.acting(CHIEF) as act:
        agree(act, row, WORD)
    with tied.county.reading() as session:
        assert session.scalars(select(LotDraw)).one().content["names"] == [
            tied.county.person_of(member).name for member in members
        ]


def test_two_persons_draw_and_neither_alone(tied: Evening) -> None:
    with pytest.raises(Forbidden), tied.county.acting(CHIEF) as act:
        propose_round(act, contest_id(tied), FollowUpKind.LOT)
    for other in (FollowUpKind.TIE_BALLOT, FollowUpKind.RERUN):
        with pytest.raises(Refused, match=r"follow_up\.other_kind"), tied.county.acting("u1") as act:
            propose_round(act, contest_id(tied), other)
    row = proposed(tied)
    for who in ("u1", "office", TELLERS[0]):
        with pytest.raises(Forbidden), tied.county.acting(who) as act:
            agree(act, row, WORD)
    with tied.county.acting(OTHER) as act:
        agree(act, row, WORD)
    with pytest.raises(Stale), tied.county.acting(CHIEF) as act:
        agree(act, row, WORD)


def reopened(evening: Evening) -> None:
    for who, reason in ((CHIEF, "抄错一行"), (OTHER, "")):
        with evening.county.acting(who) as act:
            withdraw_confirmation(act, evening.form_id("u1"), reason)


def entered(evening: Evening, votes: dict[str, list[int]]) -> None:
    contents = evening.contents("u1", votes)
    for who in TELLERS[2:]:
        evening.enter(who, "u1", contents)


def test_what_was_drawn_is_dropped_by_no_wish(tied: Evening) -> None:
    row = drawn(tied).id
    for statement in (
        "UPDATE lot_commitment SET half = 'x'",
        "DELETE FROM lot_commitment",
        "UPDATE lot_draw SET witness = 'x'",
        "DELETE FROM lot_draw",
    ):
        with pytest.raises(DBAPIError), tied.county.database.writing() as session:
            session.execute(text(statement))
    with tied.county.acting(CHIEF) as act:
        withdraw_confirmation(act, tied.form_id("u1"), "抄错一行")
    with pytest.raises(Refused, match=r"lot\.stays"), tied.county.acting(OTHER) as act:
        drop(act, row, "再抽一次")


def test_a_lot_stands_where_the_corrected_count_has_the_same_tie_and_is_never_drawn_again(tied: Evening) -> None:
    """With the figures of the vote as they are now, since no others were cast; the draw itself is not touched."""
    row = drawn(tied).id
    before = state_of(tied).result.rounds[-1].lines
    reopened(tied)
    waiting = state_of(tied)
    assert (waiting.result.status, waiting.settled, waiting.due) == (ContestStatus.PENDING, False, None)
    with pytest.raises(Refused, match=r"follow_up\.correct_first"), tied.county.acting(OTHER) as act:
        drop(act, row, "再抽一次")
    with pytest.raises(Refused, match=r"follow_up\.correction_asked"):
        proposed(tied)
    entered(tied, {"农民": [22, 17, 17], "其他基层": [20, 8]})
    with pytest.raises(Refused, match=r"follow_up\.still_follows"), tied.county.acting(OTHER) as act:
        drop(act, row, "再抽一次")
    with tied.county.acting(CHIEF) as act:
        confirm(act, tied.form_id("u1"))
    after = state_of(tied)
    last = after.result.rounds[-1]
    assert (after.settled, after.result.elected, last.outcome and last.outcome.version) == (True, 2, 2)
    assert [(line.member_id, line.result) for line in last.lines] == [(line.member_id, line.result) for line in before]
    assert {line.votes_for for line in last.lines} == {17}
    with tied.county.reading() as session:
        assert len(session.scalars(select(LotDraw)).all()) == 1
        assert {one.votes for one in drawn_lots(session, [last.round.id]).values()} == {17}
    with tied.county.acting("u1") as act:
        close_meeting(act, tied.meetings["u1"])


def test_a_lot_for_a_tie_that_there_never_was_is_kept_and_counts_nowhere(tied: Evening) -> None:
    row = drawn(tied).id
    reopened(tied)
    entered(tied, {"农民": [24, 17, 15], "其他基层": [20, 8]})
    with pytest.raises(Refused, match=r"count\.followed_otherwise"), tied.county.acting(CHIEF) as act:
        confirm(act, tied.form_id("u1"))
    with tied.county.acting(OTHER) as act:
        drop(act, row, "更正后没有得票相等")
    with tied.county.acting(CHIEF) as act:
        confirm(act, tied.form_id("u1"))
    state = state_of(tied)
    assert (state.settled, state.result.elected, len(state.result.rounds)) == (True, 2, 1)
    with tied.county.reading() as session:
        assert len(session.scalars(select(LotDraw)).all()) == 1, "what was drawn is kept"


def test_a_tie_that_comes_back_has_the_lot_that_was_drawn_for_it(tied: Evening) -> None:
    """Corrected away and corrected back: nobody gets another order by it (one lot for one tie)."""
    row = drawn(tied).id
    before = [(line.member_id, line.result) for line in state_of(tied).result.rounds[-1].lines]
    for votes in ([24, 17, 15], [24, 16, 16]):
        reopened(tied)
        entered(tied, {"农民": votes, "其他基层": [20, 8]})
        if votes[1] == 17:
            with tied.county.acting(OTHER) as act:
                drop(act, row, "更正后没有得票相等")
        with tied.county.acting(CHIEF) as act:
            confirm(act, tied.form_id("u1"))
    again = proposed(tied)
    with pytest.raises(Refused, match=r"lot\.word_before"), tied.county.acting(CHIEF) as act:
        agree(act, again, Said("别的一句话", "群众代表乙"))
    with tied.county.acting(CHIEF) as act:
        agree(act, again, WORD)
    state = state_of(tied)
    assert [(line.member_id, line.result) for line in state.result.rounds[-1].lines] == before and state.settled


def test_what_changed_since_the_hall_was_shown_the_names_stops_the_draw(tied: Evening) -> None:
    row = proposed(tied)
    with tied.county.reading() as session:
        gone, left = session.get_one(FollowUp, row).members
    name = tied.county.person_of(left).name

    def call(name: str) -> None:
        with tied.county.acting("office") as act:
            act.session.get_one(Person, act.session.get_one(Member, left).person_id).name = name

    # By the corrected name they would stand in another order than the hall has seen.
    call("丁一")
    with pytest.raises(Stale, match=r"follow_up\.no_longer_due"), tied.county.acting(CHIEF) as act:
        agree(act, row, WORD)
    call(name)
    # Who can be elected no more is not drawn among.
    with tied.county.acting("office") as act:
        act.session.get_one(Member, gone).suspension = Suspension.DETAINED
    with pytest.raises(Refused, match=r"follow_up\.not_eligible"), tied.county.acting(CHIEF) as act:
        agree(act, row, WORD)
    with tied.county.acting("u1") as act:
        drop(act, row, "一人不能参选")
    drawn(tied)
    last = state_of(tied).result.rounds[-1]
    assert [(line.member_id, line.result) for line in last.lines] == [(left, Result.ELECTED)]
