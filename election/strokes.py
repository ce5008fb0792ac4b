"""Names in the order of their strokes (姓氏笔画), as ballots and announcements list them. Never guesses: a name with a
character outside the table asks the operator, who may set the order by hand with a reason.

地方条例 30: by strokes of the surname. One surname stands together; equal counts by kind of stroke (横竖撇点折);
single-character given names first; compound surnames by their first character. The table is the official one of 8,105
characters, built by `data/build_strokes.py`: its line number is the order.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from election.errors import Refused

TABLE: Final = Path(__file__).parent / "data" / "strokes.tsv"

# The dot of transliterated names (阿依古丽·买买提), in the shapes that keyboards and old files give it.
DOTS: Final = "·•・‧∙⋅．."

COMPOUND: Final = (
    "欧阳 司马 上官 诸葛 夏侯 皇甫 尉迟 公孙 令狐 慕容 司徒 司空 "
    "长孙 宇文 轩辕 钟离 端木 独孤 呼延 东方 东郭 南宫 南门 西门 "
    "澹台 太史 太叔 申屠 公羊 公冶 公良 公西 闻人 赫连 濮阳 淳于 "
    "单于 仲孙 叔孙 鲜于 闾丘 司寇 亓官 巫马 颛孙 壤驷 漆雕 乐正 "
    "宰父 谷梁 拓跋 夹谷 段干 百里 万俟 宗政 子车 左丘 梁丘 羊舌 "
    "微生 第五 纳兰 完颜"
)
COMPOUND_SURNAMES: Final = frozenset(COMPOUND.split())

Key = tuple[int, tuple[int, ...], bool, tuple[int, ...]]


@cache
def _table() -> dict[str, tuple[int, int]]:
    """Character → its place in the order, its number of strokes."""
    lines = TABLE.read_text("utf-8").splitlines()
    return {line[0]: (place, int(line[2:])) for place, line in enumerate(lines)}


def strokes(character: str) -> int:
    """How many strokes a character has. Raises Refused for one outside the table."""
    return _entry(character, character)[1]


def _entry(character: str, name: str) -> tuple[int, int]:
    try:
        return _table()[character]
    except KeyError:
        raise Refused("strokes.unknown_character", character=character, name=name) from None


def plain_name(name: str) -> str:
    """The name without spaces, compatibility characters as the usual ones, every dot as ·: by it names are compared,
    however a roster, a form or a typist spaced them.
    """
    plain = "".join(unicodedata.normalize("NFKC", name).split())
    return re.sub(f"[{re.escape(DOTS)}]", "·", plain).strip("·")


def _plain(name: str) -> str:
    plain = plain_name(name)
    if not plain:
        raise Refused("strokes.name_missing")
    return plain


def surname(name: str) -> str:
    """The part by which a name is ordered first: the surname, or the first character of a transliterated name."""
    plain = _plain(name)
    if "·" not in plain and len(plain) > 2 and plain[:2] in COMPOUND_SURNAMES:
        return plain[:2]
    return plain[0]


def stroke_key(name: str) -> Key:
    """Sorts names by strokes. Raises Refused `strokes.unknown_character` naming character and name."""
    plain = _plain(name)
    family = surname(name)
    given = plain[len(family) :]
    first, *rest = (_entry(character, name)[0] for character in family)
    places = tuple(_entry(character, name)[0] for character in given if character != "·")
    return first, tuple(rest), len(places) > 1, places


def known_first(name: str) -> tuple[bool, Key | None, str]:
    """Sorts a list that waits for no operator: by strokes; names with a character outside the table stand last."""
    try:
        return (False, stroke_key(name), name)
    except Refused:
        return (True, None, name)


def stroke_order(names: Iterable[str]) -> list[str]:
    """The names in stroke order; the same name twice keeps the given order."""
    return sorted(names, key=stroke_key)
