"""The board while contests go on from vote to vote: tie ballots, supplementary elections, reruns, seats left vacant."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from election.congress.models import Category, Unit
from election.contests.follow_up import PastRound, Standing, next_round, open_seats
from election.contests.models import Contest, ContestKind, Round, RoundKind
from election.contests.outcome import OutcomeStatus
from election.count.models import CandidateResult, Result, RoundOutcome
from election.count.queries_outcome import ContestResult, ContestStatus, RoundResult
from election.results.announcement import announcement
from election.results.board import CategoryLine, board
from election.results.board import Standing as Shown
from election.results.queries import _line
from election.results.settling import TO_PROPOSE, Ballot, settle

NOW = datetime(2031, 3, 3, 1, tzinfo=UTC)
EXPECTED, NEEDED = 9, 5
MOST_ROUNDS = 5


def counted(kind: RoundKind, seats: int, votes: dict[int, int]) -> PastRound:
    """A round as the rules decide it: by votes among those above the majority, and nobody of equals at the cut."""
    standing = tuple(Standing(member, number) for member, number in votes.items())
    above = sorted((number for number in votes.values() if number >= NEEDED), reverse=True)
    if len(above) > seats and above[seats - 1] == above[seats]:
        cut = above[seats]
        tied = tuple(member for member, number in votes.items() if number == cut)
        elected = tuple(member for member, number in votes.items() if number > cut)
        return PastRound(kind, seats, standing, status=OutcomeStatus.TIE, elected=elected, tied=tied)
    cut = above[seats - 1] if len(above) >= seats else NEEDED
    elected = tuple(member for member, number in votes.items() if number >= cut)
    status = OutcomeStatus.DECIDED if len(elected) == seats else OutcomeStatus.SHORTFALL
    return PastRound(kind, seats, standing, status=status, elected=elected)


def stored(past: PastRound) -> RoundResult:
    """The round as the database would hold it."""
    row = Round(kind=past.kind, seats=past.seats, void_at=NOW if past.void else None)
    if past.status is None:
        return RoundResult(row, None)
    results = dict.fromkeys(past.elected, Result.ELECTED) | dict.fromkeys(past.tied, Result.TIED)
    lines = [
        CandidateResult(
            member_id=one.member,
            name=f"候选人{one.member}",
            votes_for=one.votes,
            votes_against=EXPECTED - one.votes,
            abstentions=0,
            result=results.get(one.member, Result.NOT_ELECTED),
        )
        for one in past.standing
    ]
    open_here = past.seats - len(past.elected)
    outcome = RoundOutcome(
        status=past.status.value,
        votes_needed=NEEDED,
        elected=len(past.elected),
        tied_seats=open_here if past.tied else 0,
        shortfall=0 if past.tied else open_here,
        expected=EXPECTED,
        returned=EXPECTED,
        decided_at=NOW,
        lines=lines,
    )
    return RoundResult(row, outcome)


@st.composite
def contests(draw: st.DrawFn) -> tuple[ContestResult, int]:
    """A contest somewhere on its way, by the product's own rule of what comes next; and the seats still open in it."""
    seats = draw(st.integers(1, 4))
    kind, here, names = RoundKind.ORDINARY, seats, tuple(range(seats + draw(st.integers(0, 2))))
    past: list[PastRound] = []
    vacant = 0
    for _ in range(draw(st.integers(1, MOST_ROUNDS))):
        became = draw(st.sampled_from(("counted", "counted", "counted", "void", "open")))
        if became == "counted":
            past.append(counted(kind, here, {name: draw(st.integers(3, 7)) for name in names}))
        else:
            past.append(PastRound(kind, here, tuple(map(Standing, names)), void=became == "void"))
        due = next_round(seats, past, vacant=vacant, margin=20)
        if due is not None and due.kind is RoundKind.SUPPLEMENTARY and draw(st.booleans()):
            vacant += due.seats
            due = next_round(seats, past, vacant=vacant, margin=20)
        if due is None or not due.candidates:
            break
        kind, here, names = due.kind, due.seats, due.candidates
    contest = Contest(kind=ContestKind.CONTESTED, seats=seats)
    contest.unit, contest.category = Unit(code="u1", name="第1镇"), Category(code="farmer", name="农民")
    return ContestResult(contest, tuple(map(stored, past)), vacant), open_seats(seats, past, vacant)


def shown(result: ContestResult) -> Shown:
    line = _line(result, {}, {})
    return Shown("xian-14", "election", None, NOW, 1, (CategoryLine("farmer", "农民"),), (), (line,))


@given(contests())
def test_every_seat_is_accounted_for_after_every_vote(drawn: tuple[ContestResult, int]) -> None:
    result, still_open = drawn
    (category,) = board(shown(result))["categories"]
    parts = [category[part] for part in ("elected", "tied", "pending", "vacant")]
    assert min(parts) >= 0 and sum(parts) == category["seats"] == result.contest.seats
    assert category["tied"] + category["pending"] == still_open
    assert (category["elected"], category["vacant"]) == (result.elected, result.vacant)


@given(contests())
def test_the_elected_are_named_once_and_before_the_tied_and_those_before_the_rest(
    drawn: tuple[ContestResult, int],
) -> None:
    result, _ = drawn
    for contest in board(shown(result))["contests"]:
        order = [one["result"] for one in contest["candidates"]]
        assert order == sorted(order, key=["elected", "tied", "not_elected"].index)
        names = [one["name"] for one in contest["candidates"]]
        assert len(names) == len(set(names))
        assert order.count("elected") == result.elected <= result.contest.seats


@given(contests())
def test_seats_that_a_decision_leaves_vacant_are_said_to_be_vacant_and_wait_for_nothing(
    drawn: tuple[ContestResult, int],
) -> None:
    result, still_open = drawn
    (told,) = announcement(shown(result))["contests"]
    assert (result.status is ContestStatus.VACANT) == (told["status"] == "vacant")
    if told["status"] == "vacant":
        assert still_open == 0 and told["open_seats"] == result.vacant > 0 and told["tied"] == []


@given(contests(), st.booleans(), st.booleans())
def test_a_contest_is_announced_when_no_seat_is_open_or_the_open_ones_wait_for_a_later_meeting(
    drawn: tuple[ContestResult, int], held: bool, proposed: bool
) -> None:
    result, still_open = drawn
    last = result.rounds[-1]
    ballots = [
        Ballot(
            one.round.kind,
            one.round.void_at is not None,
            None if one.outcome is None else OutcomeStatus(one.outcome.status),
            0 if one.outcome is None else one.outcome.elected,
            held if one is last else True,
        )
        for one in result.rounds
    ]
    found = settle(result.contest.seats, result.vacant, ballots, proposed)
    waits = last.status is ContestStatus.PENDING and len(ballots) > 1 and not held and not proposed
    assert (found.later is not None) == (waits and still_open > 0)
    assert (found.unsettled is None) == (still_open == 0 or waits)
    if still_open and not proposed and last.status is not ContestStatus.PENDING:
        assert found.unsettled in TO_PROPOSE
