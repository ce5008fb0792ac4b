"""What has to follow in a contest: a table of the rules, and what holds whatever the votes were."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from election.contests.follow_up import NextRound, PastRound, Standing, next_round, open_seats
from election.contests.models import RoundKind
from election.contests.outcome import OutcomeStatus, candidates_needed

K, S = RoundKind, OutcomeStatus
FIRST = PastRound(K.ORDINARY, 3, tuple(Standing(member, votes) for member, votes in enumerate((80, 70, 60, 50, 50), 1)))


def shortfall(*elected: int) -> PastRound:
    return replace(FIRST, status=S.SHORTFALL, elected=elected)


TIED = replace(FIRST, status=S.TIE, elected=(1, 2, 3)[:2], tied=(3, 4))
TABLE = [
    ("nothing is due before the first round is decided", (FIRST,), {}, None),
    ("nothing is due once every seat is filled", (replace(FIRST, status=S.DECIDED, elected=(1, 2, 3)),), {}, None),
    ("a void ballot is voted on again by all", (replace(FIRST, void=True),), {}, (K.RERUN, 3, (1, 2, 3, 4, 5))),
    ("a tie is voted on by the tied alone", (TIED,), {}, (K.TIE_BALLOT, 1, (3, 4))),
    ("a shortfall by the best of the unsuccessful", (shortfall(1, 2),), {}, (K.SUPPLEMENTARY, 1, (3, 4, 5))),
    ("more seats take more names", (shortfall(1),), {}, (K.SUPPLEMENTARY, 2, (2, 3, 4, 5))),
    ("an uncontested contest has no margin", (shortfall(1, 2),), {"contested": False}, (K.SUPPLEMENTARY, 1, (3,))),
    ("a recorded decision leaves the seat vacant", (shortfall(1, 2),), {"vacant": 1}, None),
    (
        "a tie ballot that ties again is repeated",
        (TIED, PastRound(K.TIE_BALLOT, 1, (Standing(3, 40), Standing(4, 40)), status=S.TIE, tied=(3, 4))),
        {},
        (K.TIE_BALLOT, 1, (3, 4)),
    ),
    (
        "a void tie ballot is a tie ballot again",
        (TIED, PastRound(K.TIE_BALLOT, 1, (Standing(3), Standing(4)), void=True)),
        {},
        (K.TIE_BALLOT, 1, (3, 4)),
    ),
    ("who may stand no longer is on no later slate", (shortfall(1, 2),), {"gone": {4}}, (K.SUPPLEMENTARY, 1, (3, 5))),
    ("nor on the one that is repeated", (replace(FIRST, void=True),), {"gone": {4}}, (K.RERUN, 3, (1, 2, 3, 5))),
    (
        "votes of a tie ballot rank nobody afterwards",
        (TIED, PastRound(K.TIE_BALLOT, 1, (Standing(4, 0), Standing(3, 0)), status=S.SHORTFALL)),
        {},
        (K.SUPPLEMENTARY, 1, (3, 4, 5)),
    ),
    (
        "a void rerun is run again",
        (replace(FIRST, void=True), replace(FIRST, kind=K.RERUN, void=True)),
        {},
        (K.RERUN, 3, (1, 2, 3, 4, 5)),
    ),
]


@pytest.mark.parametrize(("rounds", "given_", "due"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_what_is_due(rounds: tuple[PastRound, ...], given_: dict[str, object], due: tuple[object, ...] | None) -> None:
    found = next_round(3, rounds, margin=40, **given_)  # type: ignore[arg-type]
    assert (None if found is None else (found.kind, found.seats, found.candidates)) == due


def test_by_which_votes_of_which_round_people_may_stand_again_is_told() -> None:
    """Those of a tie ballot were cast among the tied alone; those of two rounds with a majority do not really compare."""
    first = shortfall(1)
    second = PastRound(K.SUPPLEMENTARY, 2, (Standing(2, 30), Standing(3, 55)), status=S.SHORTFALL)
    once, twice = next_round(3, (first,), margin=40), next_round(3, (first, second), margin=40)
    assert once is not None and twice is not None
    assert [(one.member, one.votes, one.round) for one in twice.votes] == [
        (3, 55, 2),
        (4, 50, 1),
        (5, 50, 1),
        (2, 30, 2),
    ]
    assert tuple(one.member for one in twice.votes) == twice.may_stand
    assert (once.mixes_rounds, twice.mixes_rounds) == (False, True)


def test_a_contest_without_a_round_needs_none_here() -> None:
    assert next_round(3, ()) is None


@st.composite
def histories(draw: st.DrawFn) -> tuple[int, list[PastRound]]:
    """A contest and rounds that the rules allow, each following from the one before."""
    seats = draw(st.integers(1, 4))
    names = list(range(1, draw(st.integers(seats, seats + 4)) + 1))
    rounds: list[PastRound] = []
    due: NextRound | None = NextRound(K.ORDINARY, seats, tuple(names), tuple(names), 0)
    while due is not None and len(rounds) < 4:
        standing = tuple(Standing(name, draw(st.integers(0, 5))) for name in due.candidates)
        one = PastRound(due.kind, due.seats, standing)
        status = draw(st.sampled_from([S.DECIDED, S.SHORTFALL, S.TIE, None]))
        ranked = sorted(due.candidates)
        if status is None:
            one = replace(one, void=True)
        elif status is S.TIE and len(ranked) > due.seats:
            one = replace(
                one, status=S.TIE, elected=tuple(ranked[: due.seats - 1]), tied=tuple(ranked[due.seats - 1 :])
            )
        elif status is S.SHORTFALL or len(ranked) < due.seats:
            some = draw(st.integers(0, min(due.seats, len(ranked)) - 1)) if due.seats > 1 or len(ranked) > 0 else 0
            one = replace(one, status=S.SHORTFALL, elected=tuple(ranked[:some]))
        else:
            one = replace(one, status=S.DECIDED, elected=tuple(ranked[: due.seats]))
        rounds.append(one)
        due = next_round(seats, rounds, margin=20)
        if due is not None and not due.candidates:
            break
    return seats, rounds


@given(histories(), st.integers(0, 4), st.integers(0, 100))
def test_whatever_happened_no_seat_is_filled_twice_and_nobody_elected_stands_again(
    history: tuple[int, list[PastRound]], vacant: int, margin: int
) -> None:
    seats, rounds = history
    elected = [member for one in rounds for member in one.elected]
    assert len(elected) == len(set(elected)) <= seats
    due = next_round(seats, rounds, vacant=vacant, margin=margin)
    if due is None:
        assert rounds[-1].status is not None or vacant, "only a decision ends what a void ballot left open"
        assert open_seats(seats, rounds, vacant) <= 0
        return
    assert not set(due.candidates) & (set(elected) - ({*due.candidates} if rounds[-1].void else set()))
    assert set(due.candidates) <= set(due.may_stand) <= {one.member for past in rounds for one in past.standing}
    assert len(set(due.candidates)) == len(due.candidates)
    assert 1 <= due.seats <= open_seats(seats, rounds, vacant)
    if rounds[-1].void:
        assert due.candidates == due.may_stand == tuple(one.member for one in rounds[-1].standing)
        assert due.needed == len(due.candidates), "as it was, however thin"
        assert due.seats == min(rounds[-1].seats, open_seats(seats, rounds, vacant))
    elif due.kind is K.SUPPLEMENTARY:
        assert due.needed == candidates_needed(due.seats, margin)
        assert len(due.candidates) >= min(due.needed, len(due.may_stand))
