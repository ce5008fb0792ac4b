"""The announcement lists winners as they stood on the ballot and never waits for a character."""

from __future__ import annotations

from election.results.announcement import in_ballot_order
from election.results.board import NameLine


def line(name: str, position: int | None = None) -> NameLine:
    return NameLine(name, 10, "elected", position=position)


def test_winners_stand_as_on_the_ballot() -> None:
    assert in_ballot_order([line("龚一", 3), line("丁二", 7), line("王三", 1)]) == ["王三", "龚一", "丁二"]


def test_written_in_names_follow_by_strokes() -> None:
    assert in_ballot_order([line("赵六"), line("龚一", 3), line("丁二")]) == ["龚一", "丁二", "赵六"]


def test_a_character_that_no_table_knows_comes_last_and_stops_nothing() -> None:
    assert in_ballot_order([line("李𪚥一"), line("赵六"), line("李𪚥二", 2)]) == ["李𪚥二", "赵六", "李𪚥一"]
