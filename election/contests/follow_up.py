"""What has to follow in a contest after its rounds so far, as one pure function of them. Opens nothing and votes on nothing.

A void ballot is voted on again as it was (重新选举), a tie across the cut among the tied alone (再次投票) or drawn by lot among
them where the rules say so (抽签), a shortfall among the unsuccessful with the margin again (另行选举), until every seat is filled
or a recorded decision leaves it vacant.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from election.contests.models import RoundKind
from election.contests.outcome import OutcomeStatus, WriteInRule, candidates_needed

MemberId = int

# The rounds that choose among the tied alone, where most votes or the lot decide and no majority is asked for.
AMONG_THE_TIED = (RoundKind.TIE_BALLOT, RoundKind.LOT)
# As what a void ballot is held again; one that followed from another keeps its own kind.
AGAIN = {RoundKind.ORDINARY: RoundKind.RERUN}


@dataclass(frozen=True, slots=True)
class Standing:
    """A name on a round's slate, or written in and eligible; `votes` are those for it, 0 where nothing was counted."""

    member: MemberId
    votes: int = 0


@dataclass(frozen=True, slots=True)
class PastRound:
    """A round as it stands: `status` None while nothing is decided (and for ever when it is void), `standing` in the order
    of the slate, `elected` and `tied` as the outcome in force has them; `by_lot`: the rules that decided it let the lot decide
    its tie.
    """

    kind: RoundKind
    seats: int
    standing: tuple[Standing, ...]
    void: bool = False
    status: OutcomeStatus | None = None
    elected: tuple[MemberId, ...] = ()
    tied: tuple[MemberId, ...] = ()
    by_lot: bool = False

    @property
    def pending(self) -> bool:
        return not self.void and self.status is None


@dataclass(frozen=True, slots=True)
class LastVote:
    """How somebody unsuccessful came off last: `votes` in the contest's round of that number, counted from 1."""

    member: MemberId
    votes: int
    round: int


@dataclass(frozen=True, slots=True)
class NextRound:
    """The round that is due. `candidates`: who stands by default. `may_stand`: who of the contest's own names may; of a
    supplementary election also by which `votes`, in the same order: those of different rounds do not really compare.
    `needed`: the least number of candidates with the margin; fewer is a thin slate, said and never silent.
    """

    kind: RoundKind
    seats: int
    candidates: tuple[MemberId, ...]
    may_stand: tuple[MemberId, ...]
    needed: int
    votes: tuple[LastVote, ...] = ()

    @property
    def mixes_rounds(self) -> bool:
        """Whether the votes by which it puts people in order were cast in different rounds."""
        return len({one.round for one in self.votes}) > 1


def open_seats(seats: int, rounds: Sequence[PastRound], vacant: int = 0) -> int:
    """The seats of the contest that nobody has won and no decision leaves vacant."""
    return seats - sum(len(one.elected) for one in rounds) - vacant


def next_round(
    seats: int,
    rounds: Sequence[PastRound],
    *,
    vacant: int = 0,
    margin: int = 0,
    contested: bool = True,
    gone: Set[MemberId] = frozenset(),
) -> NextRound | None:
    """The round that the last one makes necessary; None while that one is not decided, and when no seat is open.

    `seats`: of the contest; `vacant`: left so by a recorded decision; `margin`: in percent, again at a supplementary
    election of a contested contest; `gone`: who stood and may stand no longer. A void ballot is repeated by the rules of
    what it repeats: that of a tie is a tie ballot again. The first round is none of this function's.
    """
    if not rounds:
        return None
    last, still = rounds[-1], open_seats(seats, rounds, vacant)
    if any(one.pending for one in rounds):  # also while the count of an earlier one is corrected
        return None
    if still <= 0:  # also where its void ballot would be repeated, but a decision leaves the seats vacant
        return None
    if last.void:
        names = tuple(one.member for one in last.standing if one.member not in gone)
        if names:
            return NextRound(AGAIN.get(last.kind, last.kind), min(still, last.seats), names, names, len(names))
    elif last.status is OutcomeStatus.TIE:
        tied = tuple(member for member in last.tied if member not in gone)
        if tied:
            kind = RoundKind.LOT if last.by_lot else RoundKind.TIE_BALLOT
            return NextRound(kind, min(still, last.seats - len(last.elected)), tied, tied, 0)
    # Also where nobody is left whom the same vote could be repeated among.
    unsuccessful = [one for one in _unsuccessful(rounds) if one.member not in gone]
    needed = candidates_needed(still, margin) if contested else still
    return NextRound(
        RoundKind.SUPPLEMENTARY,
        still,
        _best(unsuccessful, needed),
        tuple(one.member for one in unsuccessful),
        needed,
        tuple(unsuccessful),
    )


def still_follows(
    seats: int,
    before: Sequence[PastRound],
    after: Sequence[PastRound],
    followed: int,
    *,
    margin: int = 0,
    contested: bool = True,
    gone: Set[MemberId] = frozenset(),
) -> bool:
    """Whether what followed from the rounds `before` a correction follows from them `after` it too: the first `followed` of
    them, from each of which something came that stands. Then the votes that were cast since are rightly cast.

    Each has the same status, the same elected and tied; and the same round is due after it, for as many seats, among the
    same people (of a supplementary election the same by votes), so that nobody stood there who should not have, nor the
    other way round. Votes may differ as long as none of this does.
    """
    for number in range(1, followed + 1):
        one, other = before[number - 1], after[number - 1]
        if (one.void, one.status) != (other.void, other.status):
            return False
        if set(one.elected) != set(other.elected) or set(one.tied) != set(other.tied):
            return False
        was, now = (
            next_round(seats, rounds[:number], margin=margin, contested=contested, gone=gone)
            for rounds in (before, after)
        )
        if was is None or now is None:
            if was is not now:
                return False
            continue
        if (was.kind, was.seats, set(was.candidates)) != (now.kind, now.seats, set(now.candidates)):
            return False
        stood = {name.member for name in before[number].standing} if number < len(before) else set()
        if not stood & set(was.may_stand) <= set(now.may_stand):
            return False
    return True


def _unsuccessful(rounds: Sequence[PastRound]) -> list[LastVote]:
    """Everybody who stood and was not elected, by the votes of the latest ballot that knew a majority: those of a tie
    ballot were cast among the tied alone and compare with nobody else's, and a lot has none.
    """
    last: dict[MemberId, LastVote] = {}
    for number, one in enumerate(rounds, 1):
        for name in one.standing:
            if one.kind not in AMONG_THE_TIED or name.member not in last:
                last[name.member] = LastVote(name.member, name.votes, number)
    elected = {member for one in rounds for member in one.elected}
    return sorted((one for one in last.values() if one.member not in elected), key=lambda one: -one.votes)


def _best(unsuccessful: Sequence[LastVote], needed: int) -> tuple[MemberId, ...]:
    """The first `needed` by votes, and whoever has as many as the last of them: an equal is not left out by chance."""
    if len(unsuccessful) <= needed:
        return tuple(one.member for one in unsuccessful)
    cut = unsuccessful[needed - 1].votes
    return tuple(one.member for one in unsuccessful if one.votes >= cut)


def write_in_of(kind: RoundKind, rule: WriteInRule) -> WriteInRule:
    """A tie ballot is among the tied alone: nobody else can be written in."""
    return WriteInRule.OFF if kind is RoundKind.TIE_BALLOT else rule
