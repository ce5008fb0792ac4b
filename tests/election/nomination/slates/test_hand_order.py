"""An order set by hand: every place once, or one name moved; what is wrong is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from election.errors import Refused
from election.nomination.slates.hand_order import order_by_numbers
from election.texts import sentence

NAMES = {1: "丁一", 2: "王小二", 3: "欧阳平", 4: "陈四"}
SHOWN = [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("typed", "order"),
    [
        ([1, 2, 3, 4], [1, 2, 3, 4]),
        ([4, 3, 2, 1], [4, 3, 2, 1]),
        ([1, 2, 3, 1], [4, 1, 2, 3]),
        ([3, 2, 3, 4], [2, 3, 1, 4]),
    ],
)
def test_every_place_once_or_one_name_moved(typed: list[int], order: list[int]) -> None:
    assert order_by_numbers(SHOWN, dict(zip(SHOWN, typed, strict=True)), NAMES) == order


@pytest.mark.parametrize(
    ("typed", "code", "told"),
    [
        ([2, 2, 2, 4], "slate.order_doubled", "丁一、王小二、欧阳平"),
        ([2, 1, None, 4], "slate.order_number_missing", "欧阳平"),
        ([2, 1, 9, 4], "slate.order_number_missing", "欧阳平"),
        ([1, 2, 3, 0], "slate.order_number_missing", "陈四"),
    ],
)
def test_what_is_wrong_is_named(typed: list[int | None], code: str, told: str) -> None:
    with pytest.raises(Refused) as caught:
        order_by_numbers(SHOWN, dict(zip(SHOWN, typed, strict=True)), NAMES)
    assert caught.value.code == code and told in sentence(code, caught.value.params).zh


@given(st.permutations(SHOWN))
def test_any_order_is_reached_and_nobody_is_lost(wanted: list[int]) -> None:
    typed = {one: wanted.index(one) + 1 for one in SHOWN}
    assert order_by_numbers(SHOWN, typed, NAMES) == wanted
