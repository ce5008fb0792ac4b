"""Whether a contest can be announced: a table of every way in which its ballots can stand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from election.contests.models import RoundKind
from election.contests.outcome import OutcomeStatus
from election.results.settling import TO_PROPOSE, Ballot, Settlement, Unsettled, settle

K, S, U = RoundKind, OutcomeStatus, Unsettled
COUNTING = Ballot(K.ORDINARY)
VOID = Ballot(K.ORDINARY, void=True)
ALL = Ballot(K.ORDINARY, status=S.DECIDED, elected=3)
SHORT = Ballot(K.ORDINARY, status=S.SHORTFALL, elected=2)
TIED = Ballot(K.ORDINARY, status=S.TIE, elected=2)
NEXT = Ballot(K.SUPPLEMENTARY)
LATER = Ballot(K.SUPPLEMENTARY, held=False)
FILLED = Ballot(K.SUPPLEMENTARY, status=S.DECIDED, elected=1)

TABLE = [
    ("nobody has voted", [], 0, False, U.NO_RESULT, None),
    ("the votes are being counted", [COUNTING], 0, False, U.NO_RESULT, None),
    ("they are, and what follows is proposed already", [COUNTING], 0, True, U.NO_RESULT, None),
    ("every seat is filled", [ALL], 0, False, None, None),
    ("the one seat that is left is vacant by a decision", [SHORT], 1, False, None, None),
    (
        "of two seats one is vacant by a decision",
        [Ballot(K.ORDINARY, status=S.SHORTFALL, elected=1)],
        1,
        False,
        U.SHORT,
        None,
    ),
    ("all seats are vacant by a decision", [], 3, False, None, None),
    ("a seat is left and nothing said of it", [SHORT], 0, False, U.SHORT, None),
    ("a tie and nothing said of it", [TIED], 0, False, U.TIE, None),
    ("a void ballot and nothing said of it", [VOID], 0, False, U.VOID, None),
    ("what follows waits for a scrutineer", [SHORT], 0, True, U.PROPOSED, None),
    ("a void ballot's does too", [VOID], 0, True, U.PROPOSED, None),
    ("the later ballot is held", [SHORT, NEXT], 0, False, U.VOTING, None),
    ("the later ballot waits for another meeting", [SHORT, LATER], 0, False, None, K.SUPPLEMENTARY),
    ("a rerun waits for another meeting", [VOID, Ballot(K.RERUN, held=False)], 0, False, None, K.RERUN),
    ("the later ballot filled it", [SHORT, FILLED], 0, False, None, None),
    ("an earlier count is being corrected", [COUNTING, FILLED], 0, False, U.NO_RESULT, None),
    ("also of a later ballot", [SHORT, NEXT, FILLED], 0, False, U.NO_RESULT, None),
    ("also the one that a seat was left vacant after", [COUNTING], 3, False, U.NO_RESULT, None),
    ("also of a later ballot then", [SHORT, NEXT], 1, False, U.NO_RESULT, None),
    ("an earlier ballot was void", [VOID, replace(ALL, kind=K.RERUN)], 0, False, None, None),
    ("the later ballot is void", [SHORT, Ballot(K.SUPPLEMENTARY, void=True)], 0, False, U.VOID, None),
    ("the later ballot tied", [TIED, Ballot(K.TIE_BALLOT, status=S.TIE)], 0, False, U.TIE, None),
]


@pytest.mark.parametrize(
    ("ballots", "vacant", "proposed", "unsettled", "later"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_a_contest_is_settled_or_waits_for_what_the_table_says(
    ballots: list[Ballot], vacant: int, proposed: bool, unsettled: Unsettled | None, later: RoundKind | None
) -> None:
    assert settle(3, vacant, ballots, proposed) == Settlement(unsettled, later)


def test_a_chair_proposes_what_follows_after_a_vote_that_left_something_open() -> None:
    assert set(TO_PROPOSE) == {U.VOID, U.TIE, U.SHORT}
