"""What has to follow in a contest: a table of the rules, and what holds whatever the votes were."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from election.contests.follow_up import (
    NextRound,
    PastRound,
    Standing,
    next_round,
    open_seats,
    still_follows,
    write_in_of,
)
from election.contests.models import RoundKind
from election.contests.outcome import OutcomeStatus, WriteInRule, candidates_needed

K, S = RoundKind, OutcomeStatus
FIRST = PastRound(K.ORDINARY, 3, tuple(Standing(member, votes) for member, votes in enumerate((80, 70, 60, 50, 50), 1)))


def shortfall(*elected: int) -> PastRound:
    return replace(FIRST, status=S.SHORTFALL, elected=elected)


TIED = replace(FIRST, status=S.TIE, elected=(1, 2, 3)[:2], tied=(3, 4))
TIE_BALLOT = PastRound(K.TIE_BALLOT, 1, (Standing(3, 9), Standing(4, 19)), status=S.DECIDED, elected=(4,))
TABLE = [
    ("nothing is due before the first round is decided", (FIRST,), {}, None),
    ("nothing while an earlier count is corrected", (FIRST, replace(TIE_BALLOT, status=None, elected=())), {}, None),
    ("nor whatever a later vote came to", (FIRST, TIE_BALLOT), {}, None),
    ("nor to repeat a void one", (FIRST, replace(TIE_BALLOT, status=None, elected=(), void=True)), {}, None),
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
    ("nor among the tied", (TIED,), {"gone": {3}}, (K.TIE_BALLOT, 1, (4,))),
    ("where nobody tied may, all others stand", (TIED,), {"gone": {3, 4}}, (K.SUPPLEMENTARY, 1, (5,))),
    ("nobody is left to repeat it", (replace(FIRST, void=True),), {"gone": {1, 2, 3, 4, 5}}, (K.SUPPLEMENTARY, 3, ())),
    ("fewer may than are needed", (shortfall(),), {"gone": {2}}, (K.SUPPLEMENTARY, 3, (1, 3, 4, 5))),
    (
        "a void ballot is repeated for what is open",
        (replace(FIRST, void=True),),
        {"vacant": 1},
        (K.RERUN, 2, (1, 2, 3, 4, 5)),
    ),
    (
        "a tie across more seats than are open by now",
        (replace(FIRST, status=S.TIE, elected=(1,), tied=(2, 3, 4)),),
        {"vacant": 1},
        (K.TIE_BALLOT, 1, (2, 3, 4)),
    ),
    (
        "a tie in a ballot for fewer seats than are open by now",
        (shortfall(), PastRound(K.SUPPLEMENTARY, 2, FIRST.standing, status=S.TIE, elected=(1,), tied=(2, 3))),
        {},
        (K.TIE_BALLOT, 1, (2, 3)),
    ),
    (
        "a void ballot for fewer seats than are open by now",
        (shortfall(1), PastRound(K.SUPPLEMENTARY, 1, FIRST.standing[1:4], void=True)),
        {},
        (K.SUPPLEMENTARY, 1, (2, 3, 4)),
    ),
    (
        "a lot ranks nobody afterwards either",
        (
            replace(FIRST, status=S.TIE, elected=(1,), tied=(2, 4)),
            PastRound(K.LOT, 1, (Standing(4), Standing(2)), status=S.SHORTFALL),
        ),
        {"vacant": 1},
        (K.SUPPLEMENTARY, 1, (2, 3)),
    ),
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


def test_how_many_have_to_stand_is_told_where_the_margin_asks_for_it() -> None:
    void, short, tie = (next_round(3, (one,), margin=40) for one in (replace(FIRST, void=True), shortfall(1), TIED))
    assert void is not None and short is not None and tie is not None
    assert (void.needed, short.needed, tie.needed) == (5, 3, 0)


@pytest.mark.parametrize("rule", WriteInRule)
def test_nobody_is_written_in_where_only_the_tied_stand(rule: WriteInRule) -> None:
    assert {kind: write_in_of(kind, rule) for kind in RoundKind if kind is not K.LOT} == {
        K.ORDINARY: rule,
        K.RERUN: rule,
        K.SUPPLEMENTARY: rule,
        K.TIE_BALLOT: WriteInRule.OFF,
    }


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


def voted(*votes: int, status: OutcomeStatus, elected: tuple[int, ...], tied: tuple[int, ...] = ()) -> PastRound:
    standing = tuple(Standing(member, number) for member, number in enumerate(votes, 1))
    return replace(FIRST, standing=standing, status=status, elected=elected, tied=tied)


SHORT = voted(80, 70, 30, 20, 10, status=S.SHORTFALL, elected=(1, 2))
AGAIN = PastRound(K.SUPPLEMENTARY, 1, (Standing(3, 70), Standing(4, 20)), status=S.DECIDED, elected=(3,))
ALIKE = [
    ("the same figures", (TIED, TIE_BALLOT), (TIED, TIE_BALLOT), 1, True),
    (
        "other votes, the same tie",
        (TIED,),
        (voted(79, 70, 61, 61, 5, status=S.TIE, elected=(1, 2), tied=(4, 3)),),
        1,
        True,
    ),
    ("no tie after all", (TIED,), (voted(80, 70, 61, 60, 5, status=S.DECIDED, elected=(1, 2, 3)),), 1, False),
    ("others are tied", (TIED,), (voted(80, 70, 60, 40, 60, status=S.TIE, elected=(1, 2), tied=(3, 5)),), 1, False),
    ("a third is tied", (TIED,), (replace(TIED, tied=(3, 4, 5)),), 1, False),
    ("somebody else is elected", (TIED,), (replace(TIED, elected=(1, 5)),), 1, False),
    ("it was a shortfall", (TIED,), (replace(TIED, status=S.SHORTFALL, tied=()),), 1, False),
    (
        "the same stand again by votes",
        (SHORT, AGAIN),
        (voted(81, 70, 20, 31, 10, status=S.SHORTFALL, elected=(1, 2)), AGAIN),
        1,
        True,
    ),
    (
        "another should have stood",
        (SHORT, AGAIN),
        (voted(80, 70, 30, 10, 20, status=S.SHORTFALL, elected=(1, 2)), AGAIN),
        1,
        False,
    ),
    (
        "an equal should have stood too",
        (SHORT, AGAIN),
        (voted(80, 70, 30, 20, 20, status=S.SHORTFALL, elected=(1, 2)), AGAIN),
        1,
        False,
    ),
    (
        "more seats are open",
        (SHORT, AGAIN),
        (voted(80, 40, 30, 20, 10, status=S.SHORTFALL, elected=(1,)), AGAIN),
        1,
        False,
    ),
    ("what nothing followed from may change", (TIED, TIE_BALLOT), (TIED, replace(TIE_BALLOT, elected=(3,))), 1, True),
    ("and not once something did", (TIED, TIE_BALLOT), (TIED, replace(TIE_BALLOT, elected=(3,))), 2, False),
    ("a void ballot has no figures", (replace(FIRST, void=True), SHORT), (replace(FIRST, void=True), SHORT), 1, True),
    ("what was counted is void", (TIED,), (replace(FIRST, void=True),), 1, False),
]


@pytest.mark.parametrize(
    ("before", "after", "followed", "alike"), [row[1:] for row in ALIKE], ids=[row[0] for row in ALIKE]
)
def test_what_followed_stands_where_the_corrected_count_comes_out_alike(
    before: tuple[PastRound, ...], after: tuple[PastRound, ...], followed: int, alike: bool
) -> None:
    assert still_follows(3, before, after, followed, margin=20) is alike
    assert still_follows(3, after, before, followed, margin=20) is alike


def test_nothing_follows_from_a_count_that_filled_every_seat_before_and_after() -> None:
    filled = voted(80, 70, 61, 50, 5, status=S.DECIDED, elected=(1, 2, 3))
    assert still_follows(3, (filled,), (replace(filled, elected=(2, 1, 3)),), 1, margin=20)


def test_a_vote_that_was_void_is_not_the_same_as_one_that_nobody_passed() -> None:
    """Though the same people stand again for the same seat."""
    void = PastRound(K.SUPPLEMENTARY, 1, (Standing(3), Standing(4)), void=True)
    passed_by_nobody = PastRound(K.SUPPLEMENTARY, 1, (Standing(3, 40), Standing(4, 39)), status=S.SHORTFALL)
    assert not still_follows(3, (SHORT, void), (SHORT, passed_by_nobody), 2, margin=20)
    assert not still_follows(3, (SHORT, passed_by_nobody), (SHORT, void), 2, margin=20)


def test_another_tie_is_another_one_even_where_the_same_may_stand_again() -> None:
    assert not still_follows(3, (TIED,), (replace(TIED, tied=(3, 4, 5)),), 1, margin=20, gone=frozenset({5}))


def test_who_stood_later_by_being_written_in_must_still_have_been_written_in() -> None:
    with_a_sixth = replace(SHORT, standing=(*SHORT.standing, Standing(6, 5)))
    stood = replace(AGAIN, standing=(*AGAIN.standing, Standing(6, 1)))
    assert not still_follows(3, (with_a_sixth, stood), (SHORT, stood), 1, margin=20)
    assert still_follows(3, (with_a_sixth, stood), (with_a_sixth, stood), 1, margin=20)
    assert still_follows(3, (with_a_sixth, AGAIN), (SHORT, AGAIN), 1, margin=20), "who did not stand may be missing"
