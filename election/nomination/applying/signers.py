"""Who joins in nominating someone (联名推荐): names as typed become members, and enough of them with a vote. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from election.errors import Refused

BETWEEN = re.compile(r"[、，,；;\n\r]+")
# A blank parts names too, as pasted from a spreadsheet; but not one inside a name (王　芳) or inside brackets.
BLANK = re.compile(r"\s+(?![^()]*\))")
# What could not be read back from inside the brackets is left out of a post.
UNWRITABLE = re.compile(r"[\s()、，,；;]")
# 王芳（高山镇一村党支部 1985年5月）
QUALIFIED = re.compile(r"([^()]+)\(([^()]*)\)")


@dataclass(frozen=True, slots=True)
class Elector:
    """A member of the applicant's unit as far as signing goes. `born` (1985年5月), `sex` (女), `joined` (2008年7月1日入党) and
    `post` tell namesakes of a branch apart; never the identity number.
    """

    member_id: int
    name: str
    branch_code: str
    branch_name: str
    born: str
    votes: bool
    sex: str = ""
    joined: str = ""
    post: str = ""

    @property
    def shown(self) -> tuple[str, ...]:
        """What may stand in brackets behind the name, the best known first."""
        post = UNWRITABLE.sub("", unicodedata.normalize("NFKC", self.post)) or "无职务"
        return tuple(filter(None, (self.branch_name, self.born, self.sex, self.joined, post)))

    @property
    def marks(self) -> tuple[str, ...]:
        return (_plain(self.branch_code), *map(_plain, self.shown))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace(" ", "")


def resolve(typed: str, electors: Sequence[Elector]) -> tuple[list[int], list[Refused]]:
    """Members behind typed names, each once, in the order typed; and a refusal for each name that is nobody or several.

    A name may be told apart by its branch (name or number) or month of birth in brackets behind it.
    """
    by_name: dict[str, list[Elector]] = {}
    for one in electors:
        by_name.setdefault(_plain(one.name), []).append(one)
    found: dict[int, None] = {}
    refused: list[Refused] = []
    for part in _parts(typed, by_name):
        text = unicodedata.normalize("NFKC", part)
        match = QUALIFIED.fullmatch(text)
        name = _plain(match[1] if match else text)
        wanted = match[2].split() if match else []
        meant = [one for one in by_name.get(name, []) if all(_plain(mark) in one.marks for mark in wanted)]
        if len(meant) == 1:
            found[meant[0].member_id] = None
        elif not meant:
            refused.append(Refused("signers.unknown", field="signers", name=part))
        else:
            choices = "、".join(told_apart(one, by_name[name]) for one in meant)
            refused.append(Refused("signers.ambiguous", field="signers", name=part, choices=choices))
    return list(found), refused


def told_apart(one: Elector, namesakes: Collection[Elector]) -> str:
    """The name as it can be typed: with as many facts in brackets as it takes to mean this one among its namesakes."""
    others = [other.marks for other in namesakes if other.member_id != one.member_id]
    said: tuple[str, ...] = ()
    for number in range(len(one.shown) + 1):
        said = one.shown[:number]
        if not any(all(_plain(mark) in marks for mark in said) for marks in others):
            break
    return f"{one.name}（{' '.join(said)}）" if said else one.name


def written(member_ids: Collection[int], electors: Collection[Elector]) -> dict[int, str]:
    """member → the name as `resolve` reads it back; only of those who are among the electors."""
    wanted, by_name = set(member_ids), dict[str, list[Elector]]()
    for one in electors:
        by_name.setdefault(_plain(one.name), []).append(one)
    return {one.member_id: told_apart(one, by_name[_plain(one.name)]) for one in electors if one.member_id in wanted}


def _parts(typed: str, known: Collection[str]) -> Iterator[str]:
    """Each name as typed."""
    for piece in BETWEEN.split(typed):
        text = unicodedata.normalize("NFKC", piece).strip()
        if _plain(text.split("(")[0]) in known:
            yield piece.strip()
        else:
            yield from (part for part in BLANK.split(text) if part)


def faults(
    applicant: int, signers: Collection[int], electors: Mapping[int, Elector], names: Mapping[int, str], least: int
) -> list[Refused]:
    """Why these members cannot nominate jointly. `electors`: all of the unit; `names`: of signers outside it too."""
    found: list[Refused] = []
    for member_id in dict.fromkeys(signers):
        name = names.get(member_id, "")
        if member_id == applicant:
            found.append(Refused("signers.own", field="signers", name=name))
        elif member_id not in electors:
            found.append(Refused("signers.other_unit", field="signers", name=name))
        elif not electors[member_id].votes:
            found.append(Refused("signers.no_vote", field="signers", name=name))
    have = len(set(signers) - {applicant})
    if not found and have < least:
        found.append(Refused("signers.too_few", field="signers", need=least, have=have))
    return found
