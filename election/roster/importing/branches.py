"""Which branch a member's row means that says its name and not its number. Pure; guesses nothing: a name that several branches
have is decided by what the row says of where its branch is, or goes back with all of them named.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from election.errors import Refused
from election.roster.importing.rows import OrganisationRow
from election.roster.models import OrganisationKind

# So many namesakes are named in a sentence.
MOST_NAMED = 6


def name_key(name: str) -> str:
    """A name without its spaces and with half-width signs, as `cells.read_code` hands one out."""
    return unicodedata.normalize("NFKC", name).replace(" ", "")


class BranchNames:
    """The organisations by name: those that the workbook lists, as it names them, and the others that are stored."""

    def __init__(
        self, listed: Iterable[OrganisationRow], stored: Mapping[str, OrganisationRow], units: Iterable[str]
    ) -> None:
        self._rows = {**stored, **{row.code: row for row in listed}}
        self._units = {code: row.unit for code, row in stored.items()}
        self._units |= {row.code: row.unit for row in self._rows.values() if row.unit}
        self._named: dict[str, list[OrganisationRow]] = {}
        for row in self._rows.values():
            self._named.setdefault(name_key(row.name), []).append(row)
        self._places = {*self._named, *map(name_key, units)}
        self._found: dict[tuple[str, tuple[str, ...]], str | Refused] = {}
        self._held: dict[tuple[str, str, tuple[str, ...]], Sequence[str] | Refused] = {}

    def code_of(self, name: str, within: tuple[str, ...]) -> str:
        """The code of the one branch of this name. `within`: its unit or organisations above it, where the row says them.
        Raises Refused, also for a place that nobody knows: the branch of that name elsewhere is another one.
        """
        asked = (name, within)
        if asked not in self._found:
            try:
                self._found[asked] = self._find(name, within)
            except Refused as refusal:
                self._found[asked] = refusal
        found = self._found[asked]
        if isinstance(found, Refused):
            raise found
        return found

    def hold_against(self, code: str, said: str, within: tuple[str, ...]) -> Sequence[str]:
        """What else a row says of the branch of this number must not name another one: raises Refused. Hands out the names
        of which nobody knows whose they are.
        """
        asked = (code, said, within)
        if asked not in self._held:
            try:
                self._held[asked] = self._hold(code, said, within)
            except Refused as refusal:
                self._held[asked] = refusal
        held = self._held[asked]
        if isinstance(held, Refused):
            raise held
        return held

    def _hold(self, code: str, said: str, within: tuple[str, ...]) -> list[str]:
        row = self._rows[code]
        if said and name_key(said) in self._named and name_key(said) != name_key(row.name):
            raise Refused("roster.branch_differs", value=code, name=row.name, other=said)
        above = self._above(row)
        elsewhere = [text for text in within if (key := name_key(text)) in self._places and key not in above]
        if elsewhere:
            raise Refused("roster.branch_elsewhere", value=code, name=row.name, within="、".join(elsewhere))
        unknown = [text for text in within if name_key(text) not in self._places]
        return [*([said] if said and name_key(said) not in self._named else []), *unknown]

    def _find(self, name: str, within: tuple[str, ...]) -> str:
        namesakes = self._named.get(name_key(name), [])
        branches = [row for row in namesakes if row.kind is OrganisationKind.BRANCH]
        if not namesakes:
            raise Refused("roster.branch_not_found", value=name)
        if not branches:
            raise Refused("roster.not_a_branch", value=name, kind=namesakes[0].kind)
        unknown = [text for text in within if name_key(text) not in self._places]
        if unknown:
            raise Refused("roster.branch_place_unknown", value=name, within="、".join(unknown))
        there = [row for row in branches if set(map(name_key, within)) <= self._above(row)]
        if not there:
            raise Refused("roster.branch_not_there", value=name, within="、".join(within))
        if len(there) > 1:
            places = "、".join(self._place(row) for row in there[:MOST_NAMED])
            more = "等" if len(there) > MOST_NAMED else ""
            raise Refused("roster.branch_several", value=name, count=len(there), places=places + more)
        return there[0].code

    def _above(self, row: OrganisationRow) -> set[str]:
        """The unit in which a branch votes and every organisation above it, by name."""
        places = {name_key(self._units.get(row.code, ""))}
        seen = {row.code}
        while row.parent in self._rows and row.parent not in seen:
            row = self._rows[row.parent]
            seen.add(row.code)
            places.add(name_key(row.name))
        return places

    def _place(self, row: OrganisationRow) -> str:
        """Its number, with what stands above it and the unit in which it votes."""
        above = self._rows.get(row.parent)
        unit = self._units.get(row.code, "")
        return f"{above.name if above else unit}（{row.code}{f'，{unit}' if above and unit else ''}）"
