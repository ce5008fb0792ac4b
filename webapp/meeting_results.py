"""What the votes of a unit's evening came to, shaped for its page: who is elected, by strokes, and contest by contest why.

Reads what was recorded and decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from election.contests.models import ContestKind, RoundKind
from election.contests.outcome import MajorityBase
from election.count.models import CandidateResult, Result, RoundOutcome
from election.count.queries_follow_up import ContestState
from election.count.queries_outcome import ContestStatus, RoundResult
from election.strokes import known_first


@dataclass(frozen=True, slots=True)
class VoteCard:
    """A vote that a contest came to, or a lot (`number` None)."""

    number: int | None
    result: RoundResult

    @property
    def outcome(self) -> RoundOutcome | None:
        return self.result.outcome

    @property
    def kind(self) -> RoundKind:
        return self.result.round.kind

    @property
    def lines(self) -> tuple[CandidateResult, ...]:
        return self.result.lines

    @property
    def threshold(self) -> str:
        """How many votes were needed, and of whom that is more than half; empty where the most votes win."""
        outcome = self.outcome
        if outcome is None or outcome.votes_needed is None:
            return ""
        if outcome.contest["rules"]["majority_base"] == MajorityBase.PRESENT:
            return str(_("须得 %(n)s 票（超过实到会 %(m)s 人的一半）", n=outcome.votes_needed, m=outcome.present))
        return str(_("须得 %(n)s 票（超过应到会 %(m)s 人的一半）", n=outcome.votes_needed, m=outcome.expected))


@dataclass(frozen=True, slots=True)
class ContestCard:
    """A contest with those of its votes that the page is about, the latest first."""

    state: ContestState
    votes: tuple[VoteCard, ...]

    @property
    def status(self) -> ContestStatus:
        return self.state.result.status

    @property
    def open(self) -> bool:
        """Something of it is still to be done."""
        return not self.state.settled

    @property
    def stands(self) -> str:
        """What is to be done with its open seats."""
        return _open(self.state)


def contest_cards(
    states: Sequence[ContestState], ballots: Mapping[int, int], lots: frozenset[int]
) -> list[ContestCard]:
    """The contests that have a result here, those with open seats first. `ballots`: round → vote of the evening; `lots`: the
    rounds of this meeting that were drawn.
    """
    cards = []
    for state in states:
        votes = [
            VoteCard(ballots.get(one.round.id), one)
            for one in reversed(state.result.rounds)
            if (one.round.id in ballots or one.round.id in lots) and (one.outcome or one.round.void_at is not None)
        ]
        if votes:
            cards.append(ContestCard(state, tuple(votes)))
    return sorted(cards, key=lambda card: not card.open)


@dataclass(frozen=True, slots=True)
class Winner:
    name: str
    written_in: bool


@dataclass(frozen=True, slots=True)
class Filled:
    """A category of the unit: its seats, who has one, and what becomes of the others, contest by contest."""

    position: int
    category: str
    seats: int
    winners: tuple[Winner, ...]
    vacant: int
    left: tuple[str, ...]

    @property
    def open(self) -> int:
        return self.seats - len(self.winners) - self.vacant


def filled(states: Sequence[ContestState]) -> list[Filled]:
    """The unit's categories in the order of the ballots, winners by strokes (地方条例 30)."""
    found: dict[int, list[ContestState]] = {}
    for state in states:
        found.setdefault(state.result.contest.category.position, []).append(state)
    return [
        Filled(
            position=position,
            category=group[0].result.contest.category.name,
            seats=sum(one.result.contest.seats for one in group),
            winners=_winners(group),
            vacant=sum(one.vacant for one in group),
            left=tuple(words for one in group if (words := _left(one, alone=len(group) == 1))),
        )
        for position, group in sorted(found.items())
    ]


def _winners(group: Sequence[ContestState]) -> tuple[Winner, ...]:
    lines = [
        line
        for one in group
        if not one.result.in_correction
        for each in one.result.rounds
        for line in each.lines
        if line.result is Result.ELECTED and each.round.void_at is None
    ]
    lines.sort(key=lambda line: known_first(line.name))
    return tuple(Winner(line.name, line.candidate_id is None) for line in lines)


def _left(state: ContestState, *, alone: bool) -> str:
    """What becomes of the seats that nobody has, in words; empty where each is filled."""
    kind = state.result.contest.kind
    which = "" if alone else (_("等额：") if kind is ContestKind.UNCONTESTED else _("差额："))
    words = []
    if state.vacant:
        words.append(_("缺额 %(n)s 名，经同意不再选举", n=state.vacant))
    if state.open_seats or state.result.in_correction:
        words.append(_open(state))
    return which + "，".join(words) if words else ""


def _open(state: ContestState) -> str:
    seats = state.open_seats
    if state.result.in_correction:
        return str(_("计票更正中，结果待重新确认"))
    if state.proposed is not None:
        return str(_("%(n)s 名等监票人同意后续安排", n=seats))
    if state.due is not None:
        words = {
            RoundKind.TIE_BALLOT: _("%(n)s 名得票相等，待再次投票", n=seats),
            RoundKind.LOT: _("%(n)s 名得票相等，待抽签", n=seats),
            RoundKind.RERUN: _("选举无效，%(n)s 名待重新选举", n=seats),
        }
        return str(words.get(state.due.kind, _("缺 %(n)s 名，待另行选举", n=seats)))
    if state.meeting_id is None and len(state.result.rounds) > 1:
        return str(_("%(n)s 名另开大会选举", n=seats))
    if len(state.result.rounds) > 1:
        return str(_("%(n)s 名正在第 %(vote)s 次投票", n=seats, vote=state.ballot))
    return str(_("%(n)s 名还没有结果", n=seats))
