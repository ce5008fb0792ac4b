"""Page labels are complete in English: the catalogue has each label of the pages once, and nothing else."""

from __future__ import annotations

import re
from functools import cache
from io import BytesIO

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from tests.house.sources import ROOT

FOLDER = ROOT / "webapp" / "translations" / "en" / "LC_MESSAGES"
CHINESE = re.compile("[\u3400-\u9fff]+")
# What a label fills in or marks up: the same in both languages, in whatever order.
KEPT = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}|<[^>]+>")


def labels() -> set[str]:
    """Every Chinese label of templates and views, as the extractor finds it."""
    methods = [("webapp/**.py", "python"), ("templates/**.html", "jinja2")]
    found = extract_from_dir(ROOT, methods, {}, keywords={**DEFAULT_KEYWORDS, "_l": None})
    return {str(message) for _, _, message, _, _ in found}


@cache
def catalogue() -> Catalog:
    with (FOLDER / "messages.po").open("rb") as file:
        return read_po(file, locale="en")


def test_every_label_has_its_english_and_no_english_is_left_over() -> None:
    told = {str(one.id) for one in catalogue() if one.id}
    assert (sorted(labels() - told), sorted(told - labels())) == ([], [])
    assert [one.id for one in catalogue() if one.id and not one.string] == []


def test_the_english_fills_in_what_the_chinese_does() -> None:
    uneven = [
        one.id
        for one in catalogue()
        if one.id and sorted(KEPT.findall(str(one.id))) != sorted(KEPT.findall(str(one.string)))
    ]
    assert uneven == []


def test_the_english_is_english_but_for_the_sheets_columns_and_words_of_a_workbook() -> None:
    """These are read by their Chinese names, and named so by the Chinese label too."""
    foreign = [
        one.string
        for one in catalogue()
        if one.id and any(word not in str(one.id) for word in CHINESE.findall(str(one.string)))
    ]
    assert foreign == []
    kept = [one.id for one in catalogue() if one.id and CHINESE.search(str(one.string))]
    assert len(kept) < len(labels()) / 100


def test_what_the_pages_read_is_made_from_the_catalogue() -> None:
    made = BytesIO()
    write_mo(made, catalogue())
    assert made.getvalue() == (FOLDER / "messages.mo").read_bytes()
