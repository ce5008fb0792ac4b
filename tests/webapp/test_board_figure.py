"""The half-circle of the board: one circle for every seat, nobody on anybody's lap."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.board_figure import HEIGHT, STATES, WIDTH, Seat, hemicycle, seat_radius

counts = st.integers(min_value=0, max_value=60)
categories = st.lists(st.fixed_dictionaries(dict.fromkeys(STATES, counts)), min_size=0, max_size=8).map(
    lambda rows: [{"id": f"c{number}", **row} for number, row in enumerate(rows)]
)


def county() -> list[dict[str, object]]:
    seats = {"leader": 100, "army": 2, "expert": 41, "farmer": 20, "private": 10, "other": 31}
    return [
        {
            "id": name,
            "elected": number // 2,
            "tied": number // 10,
            "vacant": 0,
            "pending": number - number // 2 - number // 10,
        }
        for name, number in seats.items()
    ]


@given(categories)
def test_every_seat_is_drawn_once_in_its_category_and_state(figures: list[dict[str, object]]) -> None:
    drawn = Counter((seat.category_id, seat.state) for seat in hemicycle(figures))
    asked = Counter({(str(row["id"]), state): row[state] for row in figures for state in STATES if row[state]})
    assert drawn == asked


@given(categories)
def test_no_two_circles_touch_and_all_stay_in_the_picture(figures: list[dict[str, object]]) -> None:
    seats = hemicycle(figures)
    radius = seat_radius(len(seats))
    for seat in seats:
        assert radius <= seat.x <= WIDTH - radius and radius <= seat.y <= HEIGHT - radius
    nearest = sorted((seat.x, seat.y) for seat in seats)
    for number, (x, y) in enumerate(nearest):
        for other_x, other_y in nearest[number + 1 :]:
            if other_x - x > 2 * radius:
                break
            assert math.hypot(other_x - x, other_y - y) >= 2 * radius


def test_categories_stand_from_left_to_right_in_the_order_of_the_board() -> None:
    seats = hemicycle(county())
    assert len(seats) == 204
    middle = {
        name: sum(seat.x for seat in of) / len(of)
        for name in ("leader", "expert", "farmer", "private", "other")
        if (of := [seat for seat in seats if seat.category_id == name])
    }
    assert list(middle.values()) == sorted(middle.values())


def test_within_a_category_the_elected_come_before_the_tied_and_the_pending() -> None:
    states = [seat.state for seat in hemicycle(county()) if seat.category_id == "expert"]
    assert states == ["elected"] * 20 + ["tied"] * 4 + ["pending"] * 17


def test_the_same_figures_give_the_same_picture() -> None:
    assert hemicycle(county()) == hemicycle(county())


def test_an_empty_board_draws_nothing_and_a_single_seat_sits_in_the_middle() -> None:
    assert hemicycle([]) == []
    one = hemicycle([{"id": "a", "elected": 1, "tied": 0, "pending": 0, "vacant": 0}])
    assert one == [Seat(WIDTH / 2, one[0].y, "a", "elected")]


@pytest.mark.parametrize("wrong", [-1, 1.5, "3", None])
def test_what_is_not_a_count_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match="must be a count"):
        hemicycle([{"id": "a", "elected": wrong, "tied": 0, "pending": 0, "vacant": 0}])
