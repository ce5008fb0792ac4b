"""Seat letters as values: what their fingerprint covers, what they say, and that paper and file can be compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from election.documents.paper import in_fours, render
from election.quotas.letters import (
    Frozen,
    Letter,
    Replaced,
    SeatChange,
    Surroundings,
    compared,
    letter_of,
    on_paper,
    opening,
    paragraphs,
    seat_changes,
    table,
)
from election.quotas.queries_letters import letter_hash
from election.rules import BY_NAME
from tests.support.paper import pages_of

DAY = date(2031, 3, 5)
AROUND = Surroundings("某县第十四次代表大会", "中共某县委组织部", {"women": "妇女"})
FROZEN = Frozen(
    congress="xian-14",
    scheme=2,
    scheme_hash="cd34" * 16,
    problem={
        "units": [{"id": "u1", "name": "第1镇"}, {"id": "u2"}, {"id": "u3", "name": "第3镇"}],
        "categories": [{"id": "leader", "name": "领导干部"}, {"id": "farmer", "name": "农民"}],
        "overlays": [{"id": "women"}],
    },
    allocation={"seats": [[4, 2], [0, 0], [1, 0]], "overlays": {"women": [2, 0, 1]}},
    assigned={("u1", "leader"): 1, ("u3", "leader"): 1},
    margin=40,
)


def letter(unit: str = "u1", **change: Any) -> Letter:
    return letter_of(replace(FROZEN, **change), unit, 7, DAY)


def test_a_letter_tells_the_unit_s_own_seats() -> None:
    found = letter()
    assert [(cell.name, cell.seats, cell.assigned, cell.contested) for cell in found.cells] == [
        ("领导干部", 4, 1, 3),
        ("农民", 2, 0, 2),
    ]
    assert (found.seats, found.assigned, found.overlays) == (6, 1, (("women", 2),))
    assert found.reference == "名额通知〔2031〕7号"


def test_the_fewest_candidates_are_those_of_the_contested_seats_with_the_margin() -> None:
    """RULES 3.7: a cell of four with one assigned is three contested: at forty percent, five candidates."""
    assert [cell.candidates for cell in letter().cells] == [5, 3]
    assert [cell.candidates for cell in letter(margin=0).cells] == [3, 2]


def test_a_line_without_a_name_goes_by_its_id_and_a_unit_that_is_not_there_is_an_error() -> None:
    assert letter("u2").unit_name == "u2"
    with pytest.raises(KeyError):
        letter("u9")


CHANGES: dict[str, Callable[[], Letter]] = {
    "seats": lambda: letter(allocation=dict(FROZEN.allocation) | {"seats": [[4, 3], [0, 0], [1, 0]]}),
    "assigned": lambda: letter(assigned={}),
    "overlay": lambda: letter(allocation=dict(FROZEN.allocation) | {"overlays": {"women": [3, 0, 1]}}),
    "margin": lambda: letter(margin=20),
    "scheme": lambda: letter(scheme=3),
    "scheme's hash": lambda: letter(scheme_hash="ef56" * 16),
    "congress": lambda: letter(congress="xian-15"),
    "number": lambda: letter_of(FROZEN, "u1", 8, DAY),
    "day": lambda: letter_of(FROZEN, "u1", 7, date(2031, 3, 6)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_fact_changes_the_fingerprint(change: str) -> None:
    assert letter_hash(CHANGES[change]()) != letter_hash(letter())


def test_the_fingerprint_is_that_of_the_facts_alone() -> None:
    assert letter_hash(letter()) == letter_hash(letter())
    assert len(letter_hash(letter())) == 64
    assert "第十四次" not in str(letter().to_json())


def test_the_table_says_what_is_assigned_and_what_is_contested() -> None:
    head, rows = table(letter())
    assert head == ["", "领导干部", "农民", "合计"]
    assert rows == [
        ["代表名额", "4", "2", "6"],
        ["其中等额安排", "1", "—", "1"],
        ["其中差额选举", "3", "2", "5"],
        ["差额候选人不少于", "5", "3", "8"],
    ]


def test_a_table_leaves_out_what_there_is_none_of() -> None:
    assert [row[0] for row in table(letter(assigned={}))[1]] == ["代表名额", "差额候选人不少于"]
    assert [row[0] for row in table(letter("u3"))[1]] == ["代表名额", "其中等额安排"]


def test_the_margin_stands_with_its_source() -> None:
    text = "".join(paragraphs(letter(), AROUND))
    assert "差额比例不低于40%" in text and BY_NAME["margin_min"].source in text
    assert "妇女不少于2名" in text and "等额安排的1名" in text


def test_a_unit_without_contested_seats_is_told_of_no_margin() -> None:
    text = "".join(paragraphs(letter("u3"), AROUND))
    assert "差额比例" not in text and "等额安排的1名" in text


def test_a_unit_without_seats_is_told_so() -> None:
    nothing = letter("u2")
    text = "".join(paragraphs(nothing, AROUND))
    assert "没有名额" in text and "候选人" not in text
    assert "现将有关情况" in opening(nothing, AROUND)
    assert on_paper(nothing, AROUND, letter_hash(nothing))["table"] is None


def after(seats: list[int], *, assigned: int = 1, women: int = 2, **change: Any) -> Letter:
    """The unit's letter of a later version, with these seats."""
    later = replace(
        FROZEN,
        scheme=3,
        allocation={"seats": [seats, [0, 0], [1, 0]], "overlays": {"women": [women, 0, 1]}},
        assigned={("u1", "leader"): assigned} if assigned else {},
        **change,
    )
    return letter_of(later, "u1", 42, date(2031, 4, 1), Replaced(letter(), letter_hash(letter())))


def test_a_letter_says_which_one_it_makes_void_and_what_changed() -> None:
    told = opening(after([3, 3]), AROUND)
    assert "（方案3）已经批准，原名额通知〔2031〕7号同时作废。" in told
    assert "与原通知相比：领导干部由4名改为3名，农民由2名改为3名。现将你单位" in told
    assert seat_changes(after([3, 3])) == (SeatChange("领导干部", 4, 3), SeatChange("农民", 2, 3))


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: after([4, 2]), "与原通知相比：名额未变。"),
        (lambda: after([4, 3]), "与原通知相比：农民由2名改为3名，合计由6名改为7名。"),
        (lambda: after([4, 2], assigned=0), "与原通知相比：名额未变，领导干部中等额安排由1名改为0名。"),
        (lambda: after([4, 2], women=3), "与原通知相比：名额未变，其中妇女由不少于2名改为不少于3名。"),
    ],
)
def test_what_changed_is_one_sentence(made: Callable[[], Letter], words: str) -> None:
    assert compared(made(), AROUND) == words


def test_a_category_that_came_or_went_is_told_as_well() -> None:
    categories = [{"id": "leader", "name": "领导干部"}, {"id": "army", "name": "军警"}]
    later = after([4, 1], problem=dict(FROZEN.problem) | {"categories": categories})
    assert "农民由2名改为0名" in compared(later, AROUND) and "军警由0名改为1名" in compared(later, AROUND)


def test_a_first_letter_replaces_nothing() -> None:
    assert compared(letter(), AROUND) == "" and seat_changes(letter()) == ()
    assert "作废" not in str(on_paper(letter(), AROUND, letter_hash(letter())))
    assert letter().to_json()["replaces"] is None


def test_the_fingerprint_covers_the_letter_before_but_not_the_one_before_that() -> None:
    told = after([3, 3])
    assert letter_hash(told) != letter_hash(replace(told, replaces=None))
    assert letter_hash(told) != letter_hash(replace(told, replaces=Replaced(letter(), "ef56" * 16)))
    third = replace(told, replaces=Replaced(told, letter_hash(told)))
    alone = replace(told, replaces=Replaced(replace(told, replaces=None), letter_hash(told)))
    assert letter_hash(third) == letter_hash(alone)


def test_a_letter_that_says_what_everything_was_before_still_stands_on_one_page() -> None:
    codes = [f"c{place}" for place in range(10)]
    problem = {
        "units": [{"id": "u1", "name": "第一镇" * 4}],
        "categories": [{"id": code, "name": f"类别名称{place}"} for place, code in enumerate(codes)],
        "overlays": [{"id": "women"}],
    }
    frozen = replace(FROZEN, problem=problem, assigned={("u1", "c0"): 1})
    seats = [
        replace(frozen, allocation={"seats": [row], "overlays": {"women": [n]}})
        for row, n in (([3] * 10, 9), ([4] * 10, 12))
    ]
    before = letter_of(seats[0], "u1", 7, DAY)
    told = letter_of(seats[1], "u1", 42, DAY, Replaced(before, letter_hash(before)))
    made = on_paper(told, AROUND, letter_hash(told))
    (page,) = pages_of(render("letter", {"letters": [made]}, title="通知", day=DAY, demo=False))
    assert "原名额通知〔2031〕7号同时作废" in page and "类别名称9由3名改为4名" in page and "原7号作废" in page


def test_an_overlay_that_was_taken_off_the_list_still_stands_by_its_code() -> None:
    assert "women不少于2名" in "".join(paragraphs(letter(), replace(AROUND, overlays={})))


@pytest.mark.parametrize("unit", ["u1", "u2", "u3"])
def test_paper_carries_the_fingerprint_in_groups_of_four_and_the_same_sentences(unit: str) -> None:
    told = letter(unit)
    made = on_paper(told, AROUND, letter_hash(told))
    assert made["prints"][0]["fours"] == in_fours(letter_hash(told))
    (page,) = pages_of(render("letter", {"letters": [made]}, title="通知", day=DAY, demo=False))
    for text in (letter_hash(told), told.scheme_hash, told.reference, *paragraphs(told, AROUND), "2031年3月5日"):
        assert text in page
    assert "回执" in page and "签收人" in page
