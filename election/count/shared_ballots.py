"""What stands once on a count form where all contests share one ballot sheet (rule `ballot_sheets`): 发出 and 收回. Pure.

Kept contents stay by section, with the same number in each; only the paper, the screen and what is said of them have it once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from election.count import check_codes as codes
from election.count.form import SHARED, FormContents
from election.findings import Finding

SHEET: Final = "选票"
_OF_SECTION: Final = re.compile(rf"sections\.\d+\.({'|'.join(SHARED)})")


def shared_path(path: str) -> str:
    """Where a field stands on the form of one sheet: 发出 and 收回 of any section once, all else where it was."""
    found = _OF_SECTION.fullmatch(path)
    return path if found is None else f"ballots.{found[1]}"


def told_once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings with what is said of the sheet's own numbers said once, of the sheet; what compares them with a category's
    branch ballots stays that category's.
    """
    kept: list[Finding] = []
    for each in findings:
        path = shared_path(each.field)
        if path != each.field and each.code != codes.TURNOUT_JUMP:
            params = {**each.params, "category": SHEET} if each.params else each.params
            each = replace(each, field=path, params=params)
            if each in kept:
                continue
        kept.append(each)
    return tuple(kept)


def shared_texts(contents: FormContents) -> Mapping[str, str]:
    """The sheet's own numbers, as text; blank is left out."""
    first = next(iter(contents.sections.values()), None)
    values = {name: getattr(first, name, None) for name in SHARED}
    return {f"ballots.{name}": str(value) for name, value in values.items() if value is not None}
