"""The public figures, board/1 of the machine interfaces, from confirmed contests alone. Pure; knows no time but theirs.

Whatever the presenter's switch hides is shown as not yet known: the seats stay pending.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from election.contests.models import RoundKind
from election.results.settling import Unsettled


@dataclass(frozen=True, slots=True)
class NameLine:
    """A name of a confirmed contest with its votes; `overlays` are the codes of the overlays whose fact holds,
    `position` its place on the ballot (None: it has none, or it stood on several).
    """

    name: str
    votes_for: int
    result: str
    overlays: frozenset[str] = frozenset()
    votes_against: int = 0
    abstentions: int = 0
    position: int | None = None
    written_in: bool = False


@dataclass(frozen=True, slots=True)
class ContestLine:
    """A contest of one unit and category. `status` is None until its counts are confirmed. `unsettled`: what keeps it from
    being announced; `later`: as what its open seats are voted on in a later meeting; `voting`: as what they are voted on by
    a meeting that has no result yet.
    """

    unit: str
    unit_name: str
    category: str
    seats: int
    kind: str = "contested"
    status: str | None = None
    votes_needed: int | None = None
    elected: int = 0
    tied_seats: int = 0
    vacant: int = 0
    void: bool = False
    expected: int = 0
    returned: int = 0
    decided_at: datetime | None = None
    names: tuple[NameLine, ...] = ()
    unsettled: Unsettled | None = None
    later: RoundKind | None = None
    voting: RoundKind | None = None


@dataclass(frozen=True, slots=True)
class CategoryLine:
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class OverlayLine:
    code: str
    name: str
    target: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything the board is made from."""

    congress: str
    phase: str
    published_at: datetime | None
    # The moment before which nothing that is shown can have come about.
    since: datetime
    units: int
    categories: tuple[CategoryLine, ...]
    overlays: tuple[OverlayLine, ...]
    contests: tuple[ContestLine, ...]


def board(standing: Standing, *, show_progress: bool = True, show_results: bool = True) -> dict[str, Any]:
    """board/1. Per category elected + tied + pending + vacant = seats, always."""
    confirmed = [contest for contest in standing.contests if contest.status is not None]
    shown = confirmed if show_results else []
    as_of = standing.since
    if show_progress:  # behind the curtain not even the hour of a confirmation is seen
        as_of = max([as_of, *(contest.decided_at for contest in confirmed if contest.decided_at is not None)])
        as_of = max(as_of, standing.published_at or as_of)
    expected, returned = turnout(confirmed)
    return {
        "format": "board/1",
        "congress": standing.congress,
        "phase": standing.phase,
        "interim": standing.published_at is None,
        "as_of": as_of.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "units": {"total": standing.units, "confirmed": confirmed_units(standing.contests) if show_progress else 0},
        "turnout": {"expected": expected if show_progress else 0, "returned": returned if show_progress else 0},
        "categories": [_category(category, standing.contests, shown) for category in standing.categories],
        "overlays": [
            {"id": overlay.code, "name": overlay.name, "target": overlay.target, "elected": _overlay(overlay, shown)}
            for overlay in standing.overlays
        ],
        "contests": [_contest(contest) for contest in shown],
    }


def cards(standing: Standing, *, show_results: bool = True) -> list[dict[str, Any]]:
    """The contests as the hall sees them: those of board/1 and the void ones, each with what becomes of its open seats."""
    all_of_them = [_contest(one) | open_words(one) for one in standing.contests]
    return [card for card in all_of_them if card["status"] is not None] if show_results else []


def open_words(contest: ContestLine) -> dict[str, Any]:
    """What is said of a contest beside its names. `later`, `voting` only where they say something: a contest without such a
    round is said as if there were none.
    """
    void = contest.void or RoundKind.RERUN in (contest.later, contest.voting)
    return {
        "kind": contest.kind,
        "status": "void" if void else contest.status,
        "open_seats": contest.seats - contest.elected,
        **({} if contest.later is None else {"later": contest.later.value}),
        **({} if contest.voting is None else {"voting": contest.voting.value}),
    }


def confirmed_units(contests: Sequence[ContestLine]) -> int:
    """Units in which every vote that was held is confirmed. A void one is not: its seats wait for a rerun (重新选举); nor is
    one that votes again.
    """
    open_units = {contest.unit for contest in contests if contest.status is None or contest.voting is not None}
    return len({contest.unit for contest in contests} - open_units)


def turnout(confirmed: Sequence[ContestLine]) -> tuple[int, int]:
    """(expected, returned) over the units with confirmed contests: an elector who returned any ballot took part."""
    expected: dict[str, int] = {}
    returned: dict[str, int] = {}
    for contest in confirmed:
        expected[contest.unit] = max(expected.get(contest.unit, 0), contest.expected)
        returned[contest.unit] = max(returned.get(contest.unit, 0), contest.returned)
    return sum(expected.values()), sum(returned.values())


def _category(category: CategoryLine, contests: Sequence[ContestLine], shown: Sequence[ContestLine]) -> dict[str, Any]:
    seats = sum(contest.seats for contest in contests if contest.category == category.code)
    here = [contest for contest in shown if contest.category == category.code]
    elected = sum(contest.elected for contest in here)
    tied = sum(contest.tied_seats for contest in here)
    vacant = sum(contest.vacant for contest in here)
    return {
        "id": category.code,
        "name": category.name,
        "seats": seats,
        "elected": elected,
        "tied": tied,
        "pending": seats - elected - tied - vacant,
        "vacant": vacant,
    }


def _overlay(overlay: OverlayLine, shown: Sequence[ContestLine]) -> int:
    return sum(
        1 for contest in shown for line in contest.names if line.result == "elected" and overlay.code in line.overlays
    )


# The order in which names are read out; within each as they were counted.
ORDER = ("elected", "tied", "not_elected")


def public_names(names: Sequence[NameLine]) -> list[NameLine]:
    """As the public reads them: who was written in (另选他人) and not elected is counted, not named. Nobody agreed to stand."""
    unnamed = [line for line in names if line.written_in and line.result == "not_elected"]
    if not unnamed:
        return list(names)
    together = NameLine(
        f"另选他人 {len(unnamed)} 人",
        sum(line.votes_for for line in unnamed),
        "not_elected",
        votes_against=sum(line.votes_against for line in unnamed),
        abstentions=sum(line.abstentions for line in unnamed),
        written_in=True,
    )
    return [*(line for line in names if line not in unnamed), together]


def _contest(contest: ContestLine) -> dict[str, Any]:
    names = sorted(public_names(contest.names), key=lambda line: ORDER.index(line.result))
    return {
        "unit": contest.unit,
        "unit_name": contest.unit_name,
        "category": contest.category,
        "seats": contest.seats,
        "votes_needed": contest.votes_needed,
        "status": contest.status,
        "candidates": [{"name": line.name, "for": line.votes_for, "result": line.result} for line in names],
    }
