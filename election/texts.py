"""Turns a code with parameters into a sentence, in Chinese and English at once. Decides nothing.

The sentences are data: one file per room in `sentences/`, each code with `zh` and `en`. A code without
both, or whose languages name different parameters, is refused when the catalogue is read.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

SENTENCES = Path(__file__).parent / "sentences"


@dataclass(frozen=True, slots=True)
class Sentence:
    zh: str
    en: str

    def __str__(self) -> str:
        return self.zh

    def in_language(self, language: str) -> str:
        return self.en if language.startswith("en") else self.zh


def parameters(template: str) -> frozenset[str]:
    """The names that a template fills in."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(template) if name)


def read_catalogue(folder: Path = SENTENCES) -> dict[str, Sentence]:
    """Code → templates. Raises ValueError for a code that is doubled, one-sided or uneven."""
    catalogue: dict[str, Sentence] = {}
    for path in sorted(folder.glob("*.toml")):
        for code, entry in tomllib.loads(path.read_text("utf-8")).items():
            if code in catalogue:
                raise ValueError(f"{path.name}: {code} stands in two files")
            if set(entry) != {"zh", "en"}:
                raise ValueError(f"{path.name}: {code} needs zh and en, nothing else")
            if parameters(entry["zh"]) != parameters(entry["en"]):
                raise ValueError(f"{path.name}: {code} names different parameters in its two languages")
            catalogue[code] = Sentence(entry["zh"], entry["en"])
    return catalogue


@cache
def catalogue() -> dict[str, Sentence]:
    return read_catalogue()


def sentence(code: str, params: Mapping[str, object] | None = None) -> Sentence:
    """The sentence for a code. Raises KeyError for an unknown code or a missing parameter."""
    template = catalogue()[code]
    values = params or {}
    return Sentence(template.zh.format_map(values), template.en.format_map(values))


def chinese_date(day: date) -> str:
    """2026年3月5日, as it stands in every sentence and on every page."""
    return f"{day.year}年{day.month}月{day.day}日"


def chinese_month(day: date | None) -> str:
    """1985年5月, as births and admissions are written; nothing for a day that is not known."""
    return "" if day is None else f"{day.year}年{day.month}月"
