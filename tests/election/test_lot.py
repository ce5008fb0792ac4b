"""The lot for the order of speeches: the same seed gives everybody the same order, and nobody a place of their own."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from election.errors import Refused
from election.lot import (
    LONGEST_SEED,
    LONGEST_WORD,
    command,
    draw,
    is_as_drawn,
    read_recorded,
    read_seed,
    read_word,
    recorded,
    recorded_from_halves,
    windows_command,
)
from election.texts import sentence

NAMES = ["丁一", "王小二", "欧阳平", "阿依古丽·买买提"]
KEPT = [(1, 4, "阿依古丽·买买提"), (2, 3, "欧阳平"), (3, 2, "王小二"), (4, 1, "丁一")]
KEPT_SUM = "1e2bc765b6b81552"
names = st.lists(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=6), min_size=1, max_size=9)
seeds = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=30)


def test_the_order_is_the_one_that_was_drawn_when_the_rule_was_written() -> None:
    """Fixed for ever: a drawing on paper must come out the same in every later version."""
    drawn = draw(NAMES, "三月五日 会场报数 3 1 4 1 5 9")
    assert [(one.place, one.number, one.name) for one in drawn] == KEPT
    assert drawn[0].digest.startswith(KEPT_SUM)


@pytest.mark.parametrize("seed", ["314159", "it's a 'seed' | $HOME `x`", "三 月"])
def test_an_outsider_gets_the_same_sums_with_the_line_that_is_shown(seed: str) -> None:
    for one in draw(NAMES, seed):
        told = subprocess.run(
            ["sh", "-c", command(seed, one.number, one.name)], capture_output=True, check=True, text=True
        )
        assert told.stdout.split()[0] == one.digest


@given(names, seeds)
def test_everyone_is_drawn_once_by_rising_sums(given_names: list[str], seed: str) -> None:
    drawn = draw(given_names, seed)
    assert sorted(one.number for one in drawn) == list(range(1, len(given_names) + 1))
    assert [one.place for one in drawn] == list(range(1, len(given_names) + 1))
    assert all(one.name == given_names[one.number - 1] for one in drawn)
    assert [one.digest for one in drawn] == sorted(one.digest for one in drawn)


def test_every_order_comes_about_as_often_as_any_other() -> None:
    found = Counter(tuple(one.number for one in draw(NAMES[:3], str(seed))) for seed in range(3000))
    assert set(found) == set(permutations((1, 2, 3)))
    assert all(400 < count < 600 for count in found.values())


def test_two_of_one_name_are_told_apart_by_their_numbers() -> None:
    drawn = draw(["王平", "王平"], "7")
    assert {one.number for one in drawn} == {1, 2} and drawn[0].digest != drawn[1].digest


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (" ", "lot.seed_missing"),
        ("种" * (LONGEST_SEED + 1), "lot.seed_long"),
        ("3\n1", "lot.seed_unprintable"),
        ("3\u200b1", "lot.seed_unprintable"),
        ("\ud800", "lot.seed_unprintable"),
    ],
)
def test_a_seed_is_something_that_two_people_type_alike(typed: str, code: str) -> None:
    with pytest.raises(Refused) as caught:
        read_seed(typed)
    assert (caught.value.code, caught.value.field) == (code, "seed")
    assert sentence(caught.value.code, caught.value.params).en


def test_a_seed_is_used_without_the_spaces_around_it() -> None:
    assert read_seed(" 3 1　4 ") == read_seed("３ 1 4") == "3 1 4"


@given(names, seeds)
def test_a_recorded_drawing_is_drawn_again_from_its_file(given_names: list[str], seed: str) -> None:
    kept = recorded(given_names, read_seed(seed))
    assert is_as_drawn(read_recorded(json.dumps(kept).encode()))


def test_the_seed_of_two_halves_is_the_half_and_the_word_and_a_changed_half_is_found_out() -> None:
    kept = recorded_from_halves(NAMES, "a" * 64, "3 1 4")
    assert kept["seed"] == "a" * 64 + "-3 1 4" and kept["order"] == recorded(NAMES, kept["seed"])["order"]
    assert kept["commitment"] == "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"  # sha256sum of it
    assert is_as_drawn(read_recorded(json.dumps(kept).encode()))
    for change in ({"half": "b" * 64}, {"word": "3 1 5"}, {"commitment": "0" * 64}):
        assert not is_as_drawn(kept | change)
    # Another half with the order that it gives: the sum that was shown before tells.
    other = recorded_from_halves(NAMES, "b" * 64, "3 1 4")
    assert not is_as_drawn(other | {"commitment": kept["commitment"]})


def test_a_word_leaves_room_for_the_half() -> None:
    assert read_word(" ３ ") == "3"
    with pytest.raises(Refused) as caught:
        read_word("长" * (LONGEST_WORD + 1))
    assert (caught.value.code, caught.value.field) == ("lot.seed_long", "seed")


def test_the_line_for_windows_keeps_every_quote() -> None:
    assert "GetBytes('it''s ‘‘so’’|1|丁一')" in windows_command("it's ‘so’|1|丁一")


def test_a_changed_record_is_found_out() -> None:
    kept = recorded(NAMES, "7")
    kept["order"][0], kept["order"][1] = kept["order"][1], kept["order"][0]
    assert not is_as_drawn(read_recorded(json.dumps(kept).encode()))
    assert not is_as_drawn(recorded(NAMES, "7") | {"seed": "8"})
    assert not is_as_drawn(recorded(NAMES, "7") | {"names": NAMES[::-1]})


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"format": "lot/3"}, "lot.not_a_lot", "format"),
        ({"format": 1}, "lot.not_a_lot", "format"),
        ({"format": "lot/2"}, "lot.malformed", "half"),
        ({"word": "7"}, "lot.unknown_key", "file"),
        ({"extra": 1}, "lot.unknown_key", "file"),
        ({"seed": 7}, "lot.malformed", "seed"),
        ({"seed": " 7"}, "lot.malformed", "seed"),
        ({"seed": ""}, "lot.seed_missing", "seed"),
        ({"names": []}, "lot.malformed", "names"),
        ({"names": ["a\n"]}, "lot.malformed", "names"),
        ({"names": [1]}, "lot.malformed", "names"),
        ({"names": None}, "lot.malformed", "names"),
        ({"order": 3}, "lot.malformed", "order"),
    ],
)
def test_what_is_no_record_is_refused_at_its_place(change: dict[str, object], code: str, field: str) -> None:
    with pytest.raises(Refused) as caught:
        read_recorded(json.dumps(recorded(NAMES, "7") | change).encode())
    assert (caught.value.code, caught.value.field) == (code, field)
    assert sentence(caught.value.code, caught.value.params).zh


@pytest.mark.parametrize("content", [b"", b"\xff", b"[", b"[" * 100_000, b"[]", b"null", b"9" * 5000])
def test_any_other_file_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(Refused) as caught:
        read_recorded(content)
    assert caught.value.code in ("lot.not_json", "lot.not_a_lot")
