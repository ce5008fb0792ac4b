"""A category has one colour: on its ballots, on the screens of those who count them, on the board."""

from __future__ import annotations

import colorsys
import json
import re

import pytest

from election.documents.paper import TEMPLATES
from tests.house.sources import ROOT

PRINTED = json.loads((TEMPLATES / "colours.json").read_text("utf-8"))
SCREEN = {
    int(place): dict(re.findall(r"--(cat[a-z-]*): (#[0-9a-f]{6})", rules))
    for place, rules in re.findall(
        r"^\.cat-(\d) \{(.*)\}$", (ROOT / "webapp" / "static" / "base.css").read_text("utf-8"), re.MULTILINE
    )
}
WORDS, SIGNS = 4.5, 2.5  # to one, on white
HUES = 12  # degrees that nobody tells apart


def parts(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def contrast(colour: str, ground: str = "#ffffff") -> float:
    """As WCAG 2 reckons it."""

    def light(one: str) -> float:
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts(one)]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    lighter, darker = sorted((light(colour), light(ground)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def turned(one: str, other: str) -> float:
    """How far apart two hues are on the wheel, in degrees."""
    apart = abs(colorsys.rgb_to_hls(*parts(one))[0] - colorsys.rgb_to_hls(*parts(other))[0]) * 360
    return min(apart, 360 - apart)


def test_the_ballots_and_the_screens_have_the_same_eight() -> None:
    assert len(PRINTED) == len(SCREEN) == 8
    assert "colours.json" in (TEMPLATES / "ballots.typ").read_text("utf-8")


@pytest.mark.parametrize("place", range(1, 9))
def test_a_category_has_the_colour_of_its_ballots_on_every_screen(place: int) -> None:
    printed, shown = PRINTED[place - 1], SCREEN[place]
    assert shown["cat-ink"] == printed["ink"]
    for tone in (shown["cat"], shown["cat-pale"], printed["pale"]):
        assert turned(tone, printed["ink"]) <= HUES, tone


@pytest.mark.parametrize("place", range(1, 9))
def test_its_words_are_readable_on_white_and_on_the_pale_that_is_printed_behind_them(place: int) -> None:
    printed = PRINTED[place - 1]
    assert contrast(printed["ink"]) >= WORDS and contrast(printed["ink"], printed["pale"]) >= WORDS
    assert contrast(SCREEN[place]["cat"]) >= SIGNS
