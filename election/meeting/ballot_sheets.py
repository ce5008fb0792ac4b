"""The rule `ballot_sheets`: a ballot for each contest, or one sheet with a section for each. Pure.

On one sheet 发出 and 收回 are of the sheet, so the same number in every section; 有效 and 无效 are each section's own, since
a section with more marks than seats is void by itself. Figures are kept by contest either way.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from election.errors import Refused
from election.meeting.ballot_checks import Ballots

SHEETS_RULE: Final = "ballot_sheets"


class BallotSheets(StrEnum):
    """Ballots of a vote: one for each contest in the colour of its category, or one for all."""

    CATEGORY = "category"
    ONE = "one"


def on_one_sheet(rules: Mapping[str, object]) -> bool:
    """By the names of the catalogue of rules."""
    return BallotSheets(str(rules[SHEETS_RULE])) is BallotSheets.ONE


def unlike(given: Mapping[int, Ballots]) -> list[Refused]:
    """What cannot be where all contests stand on one sheet: another number issued or returned than in the first, at its field."""
    found: list[Refused] = []
    first = next(iter(given.values()), None)
    for round_id, one in given.items():
        for name in ("issued", "returned"):
            number, sheet = getattr(one, name), getattr(first, name)
            if None not in (number, sheet) and number != sheet:
                found.append(
                    Refused("meeting.one_sheet", field=f"ballots.{round_id}.{name}", number=number, sheet=sheet)
                )
    return found
