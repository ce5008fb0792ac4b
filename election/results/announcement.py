"""The announcement (代表公告): who is elected, by unit and category, names by surname strokes. Pure.

地方条例 30: winners are announced by strokes; counting sheets list them by votes (RULES edge case 18).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from election.errors import Refused
from election.results.board import NameLine, Standing, open_words, public_names
from election.strokes import stroke_key


def in_ballot_order(lines: Iterable[NameLine]) -> list[str]:
    """Names as they stood on the ballot: by strokes, or as somebody set them with a reason. Written-in names follow by
    strokes; one with a character that the table does not know comes last, so that a result never waits for a table.
    """
    return [line.name for line in sorted(lines, key=_place)]


def _place(line: NameLine) -> tuple[bool, int, bool, tuple[object, ...], str]:
    if line.position is not None:
        return (False, line.position, False, (), line.name)
    try:
        return (True, 0, False, stroke_key(line.name), line.name)
    except Refused:
        return (True, 0, True, (), line.name)


def announcement(standing: Standing) -> dict[str, Any]:
    """Every contest with its winners in stroke order, its tied names, the seats left open and as what they are voted on in a
    later meeting.
    """
    names = {category.code: category.name for category in standing.categories}
    contests = []
    for contest in standing.contests:
        elected = in_ballot_order(line for line in contest.names if line.result == "elected")
        tied = in_ballot_order(line for line in contest.names if line.result == "tied")
        contests.append(
            {
                "unit": contest.unit,
                "unit_name": contest.unit_name,
                "category": contest.category,
                "category_name": names[contest.category],
                **open_words(contest),
                "seats": contest.seats,
                "votes_needed": contest.votes_needed,
                "elected": elected,
                "tied": tied,
                "names": [
                    {
                        "name": line.name,
                        "for": line.votes_for,
                        "against": line.votes_against,
                        "abstain": line.abstentions,
                        "result": line.result,
                    }
                    for line in public_names(contest.names)
                ],
            }
        )
    return {"format": "announcement/1", "congress": standing.congress, "contests": contests}


COLUMNS = (
    "unit",
    "unit_name",
    "category",
    "category_name",
    "kind",
    "seats",
    "status",
    "votes_needed",
    "name",
    "for",
    "against",
    "abstain",
    "result",
)


def flat_rows(content: dict[str, Any]) -> list[list[object]]:
    """One row per name, under `COLUMNS`; a contest without names has one row of its own."""
    rows: list[list[object]] = []
    for contest in content["contests"]:
        head = [contest[key] if contest[key] is not None else "" for key in COLUMNS[:8]]
        for line in contest["names"]:
            rows.append([*head, *(line[key] for key in COLUMNS[8:])])
        if not contest["names"]:
            rows.append([*head, "", "", "", "", ""])
    return rows
