"""The public figures, whatever the election: every seat accounted for, nothing unconfirmed, nothing past the switch."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from election.contests.models import RoundKind
from election.results.announcement import COLUMNS, announcement, flat_rows
from election.results.board import (
    CategoryLine,
    ContestLine,
    NameLine,
    OverlayLine,
    Standing,
    board,
    cards,
    confirmed_units,
    turnout,
)
from election.strokes import stroke_order

START = datetime(2031, 3, 3, 1, tzinfo=UTC)
CODES = ("leader", "farmer", "other")
NAMES = ("丁一", "王二", "刘三", "李四", "张五", "陈六", "赵七", "龚八", "欧阳九")
moments = st.integers(0, 10**6).map(lambda seconds: START + timedelta(seconds=seconds))


@st.composite
def contest_lines(draw: st.DrawFn) -> ContestLine:
    seats = draw(st.integers(1, 6))
    unit = draw(st.integers(1, 4))
    head: dict[str, Any] = {
        "unit": f"u{unit}",
        "unit_name": f"第{unit}镇",
        "category": draw(st.sampled_from(CODES)),
        "seats": seats,
    }
    if draw(st.booleans()):
        return ContestLine(**head, void=draw(st.booleans()))
    elected = draw(st.integers(0, seats))
    tied = draw(st.integers(0, seats - elected))
    vacant = draw(st.integers(0, seats - elected - tied))
    expected = draw(st.integers(1, 500))
    results = ["elected"] * elected + ["tied"] * (tied + 1 if tied else 0) + ["not_elected"]
    names = tuple(
        NameLine(
            draw(st.sampled_from(NAMES)),
            draw(st.integers(0, expected)),
            result,
            draw(st.frozensets(st.sampled_from(("women", "under50")))),
        )
        for result in results
    )
    return ContestLine(
        **head,
        status="tie" if tied else "shortfall" if vacant else "decided",
        votes_needed=draw(st.none() | st.integers(1, expected)),
        elected=elected,
        tied_seats=tied,
        vacant=vacant,
        expected=expected,
        returned=draw(st.integers(0, expected)),
        decided_at=draw(moments),
        names=names,
    )


standings = st.builds(
    Standing,
    congress=st.just("xian-14"),
    phase=st.sampled_from(("nomination", "election", "announcement")),
    published_at=st.none() | moments,
    since=st.just(START),
    units=st.just(4),
    categories=st.just(tuple(CategoryLine(code, code) for code in CODES)),
    overlays=st.just((OverlayLine("women", "妇女", 3), OverlayLine("under50", "50岁以下", 9))),
    contests=st.lists(contest_lines(), max_size=8).map(tuple),
)


@given(standings, st.booleans(), st.booleans())
def test_every_seat_is_elected_tied_pending_or_vacant(standing: Standing, progress: bool, results: bool) -> None:
    figures = board(standing, show_progress=progress, show_results=results)
    for category in figures["categories"]:
        parts = [category[key] for key in ("elected", "tied", "pending", "vacant")]
        assert sum(parts) == category["seats"] and min(parts) >= 0
    assert sum(category["seats"] for category in figures["categories"]) == sum(one.seats for one in standing.contests)


@given(standings)
def test_only_confirmed_contests_are_listed_and_all_of_them(standing: Standing) -> None:
    listed = board(standing)["contests"]
    confirmed = [one for one in standing.contests if one.status is not None]
    assert [(one["unit"], one["category"], one["status"]) for one in listed] == [
        (one.unit, one.category, one.status) for one in confirmed
    ]
    assert [len(one["candidates"]) for one in listed] == [len(one.names) for one in confirmed]


@given(standings)
def test_what_is_not_confirmed_leaves_no_trace_whatever_it_would_say(standing: Standing) -> None:
    """The same board comes from an election in which the unconfirmed contests hold other figures."""
    other = replace(
        standing,
        contests=tuple(
            one
            if one.status is not None
            else replace(one, elected=one.seats, returned=99, expected=99, names=(NameLine("某人", 99, "elected"),))
            for one in standing.contests
        ),
    )
    assert board(other) == board(standing)


@given(standings)
def test_progress_only_shows_how_far_and_no_result(standing: Standing) -> None:
    shown, hidden = board(standing), board(standing, show_results=False)
    assert hidden["contests"] == []
    assert hidden["units"] == shown["units"] and hidden["turnout"] == shown["turnout"]
    assert all(category["pending"] == category["seats"] for category in hidden["categories"])
    assert all(overlay["elected"] == 0 for overlay in hidden["overlays"])


@given(standings)
def test_the_curtain_shows_neither_progress_nor_results(standing: Standing) -> None:
    drawn = board(standing, show_progress=False, show_results=False)
    assert drawn["units"]["confirmed"] == 0 and drawn["turnout"] == {"expected": 0, "returned": 0}
    for category in drawn["categories"]:
        assert category["pending"] == category["seats"]
    assert not any(name.name in json.dumps(drawn) for one in standing.contests for name in one.names)


@given(standings)
def test_the_overlays_count_the_elected_only(standing: Standing) -> None:
    for overlay in board(standing)["overlays"]:
        assert overlay["elected"] == sum(
            1
            for one in standing.contests
            if one.status is not None
            for line in one.names
            if line.result == "elected" and overlay["id"] in line.overlays
        )


@given(standings)
def test_interim_until_published_and_the_moment_is_never_before_what_it_shows(standing: Standing) -> None:
    figures = board(standing)
    assert figures["interim"] == (standing.published_at is None)
    as_of = datetime.fromisoformat(figures["as_of"])
    shown = [one.decided_at for one in standing.contests if one.decided_at] + [standing.published_at or START]
    assert as_of == max(shown).replace(microsecond=0)
    assert figures["as_of"].endswith("Z")


@given(standings)
def test_the_figures_are_plain_json_under_the_names_of_the_interface(standing: Standing) -> None:
    figures = board(standing)
    assert json.loads(json.dumps(figures)) == figures
    assert list(figures) == [
        "format", "congress", "phase", "interim", "as_of", "units", "turnout", "categories", "overlays", "contests"
    ]  # fmt: skip
    for contest in figures["contests"]:
        assert set(contest) == {"unit", "unit_name", "category", "seats", "votes_needed", "status", "candidates"}
        assert all(set(one) == {"name", "for", "result"} for one in contest["candidates"])


@given(st.lists(contest_lines(), max_size=8))
def test_a_unit_is_confirmed_when_each_of_its_contests_is_and_a_void_one_never_is(contests: list[ContestLine]) -> None:
    units = {one.unit for one in contests}
    done = {unit for unit in units if all(one.status is not None for one in contests if one.unit == unit)}
    assert confirmed_units(contests) == len(done)
    again = [replace(one, voting=RoundKind.TIE_BALLOT) if one.unit == "u1" else one for one in contests]
    assert confirmed_units(again) == len(done - {"u1"})


@given(standings)
def test_the_hall_sees_void_contests_and_what_becomes_of_every_open_seat(standing: Standing) -> None:
    shown = cards(standing)
    assert [one["unit"] for one in shown] == [
        one.unit for one in standing.contests if one.status is not None or one.void
    ]
    void = [one for one in shown if one["status"] == "void"]
    assert len(void) == sum(one.void for one in standing.contests) and not any(one["candidates"] for one in void)
    assert all(one["open_seats"] >= 0 for one in shown)
    assert cards(standing, show_results=False) == []
    again = replace(standing, contests=tuple(replace(one, voting=RoundKind.TIE_BALLOT) for one in standing.contests))
    assert {one["voting"] for one in cards(again)} <= {"tie_ballot"}


def test_who_was_written_in_and_not_elected_is_counted_and_not_named() -> None:
    names = (
        NameLine("丁一", 30, "elected"),
        NameLine("王二", 21, "elected", written_in=True),
        NameLine("刘三", 9, "not_elected"),
        NameLine("李四", 6, "not_elected", written_in=True),
        NameLine("张五", 1, "not_elected", written_in=True),
    )
    contest = ContestLine("u1", "第1镇", "leader", 2, status="decided", elected=2, names=names)
    standing = Standing("xian-14", "election", None, START, 1, (CategoryLine("leader", "领导干部"),), (), (contest,))
    (told,), (announced,) = board(standing)["contests"], announcement(standing)["contests"]
    for lines in (told["candidates"], announced["names"]):
        assert [(one["name"], one["for"]) for one in lines] == [
            ("丁一", 30),
            ("王二", 21),
            ("刘三", 9),
            ("另选他人 2 人", 7),
        ]
    assert not any(name in json.dumps([told, announced], ensure_ascii=False) for name in ("李四", "张五"))


@given(st.lists(contest_lines(), max_size=8))
def test_an_elector_is_counted_once_in_the_turnout(contests: list[ContestLine]) -> None:
    confirmed = [one for one in contests if one.status is not None]
    assume(confirmed)
    expected, returned = turnout(confirmed)
    units = {one.unit for one in confirmed}
    assert expected <= sum(one.expected for one in confirmed)
    assert expected >= max(one.expected for one in confirmed)
    assert returned <= expected or len(units) < len(confirmed)
    assert turnout([]) == (0, 0)


# The announcement


@given(standings)
def test_winners_are_announced_in_stroke_order_and_names_stay_by_votes(standing: Standing) -> None:
    content = announcement(standing)
    for told, contest in zip(content["contests"], standing.contests, strict=True):
        assert told["elected"] == stroke_order([line.name for line in contest.names if line.result == "elected"])
        assert [line["name"] for line in told["names"]] == [line.name for line in contest.names]
        assert told["open_seats"] == contest.seats - contest.elected
        assert (told["status"] == "void") == (contest.void or contest.status == "void")


@given(standings)
def test_the_table_has_a_row_for_every_name_and_one_for_a_contest_without_names(standing: Standing) -> None:
    rows = flat_rows(announcement(standing))
    assert len(rows) == sum(max(1, len(one.names)) for one in standing.contests)
    assert all(len(row) == len(COLUMNS) for row in rows)
    assert None not in [value for row in rows for value in row]


def test_the_stroke_order_is_that_of_the_regulations() -> None:
    standing = Standing(
        "xian-14", "election", None, START, 1, (CategoryLine("leader", "领导干部"),), (),
        (
            ContestLine(
                "u1", "第1镇", "leader", 8, status="decided", elected=8,
                names=tuple(NameLine(name, 9, "elected") for name in ("龚八", "赵七", "陈六", "张五", "李四", "刘三", "王二", "丁一")),
            ),
        ),
    )  # fmt: skip
    (told,) = announcement(standing)["contests"]
    assert told["elected"] == ["丁一", "王二", "刘三", "李四", "张五", "陈六", "赵七", "龚八"]
