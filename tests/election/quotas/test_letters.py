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
    Surroundings,
    letter_of,
    on_paper,
    opening,
    paragraphs,
    sender_of,
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


def test_an_overlay_that_was_taken_off_the_list_still_stands_by_its_code() -> None:
    assert "women不少于2名" in "".join(paragraphs(letter(), replace(AROUND, overlays={})))


@pytest.mark.parametrize(("county", "sender"), [("某县", "中共某县委组织部"), ("", "县委组织部")])
def test_the_county_s_own_department_signs(county: str, sender: str) -> None:
    assert sender_of(county) == sender


@pytest.mark.parametrize("unit", ["u1", "u2", "u3"])
def test_paper_carries_the_fingerprint_in_groups_of_four_and_the_same_sentences(unit: str) -> None:
    told = letter(unit)
    made = on_paper(told, AROUND, letter_hash(told))
    assert made["prints"][0]["fours"] == in_fours(letter_hash(told))
    (page,) = pages_of(render("letter", {"letters": [made]}, title="通知", day=DAY, demo=False))
    for text in (letter_hash(told), told.scheme_hash, told.reference, *paragraphs(told, AROUND), "2031年3月5日"):
        assert text in page
    assert "回执" in page and "签收人" in page
