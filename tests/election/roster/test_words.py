"""One written form for what offices write in several ways."""

from __future__ import annotations

import pytest

from election.errors import Refused
from election.roster import words
from election.roster.importing import cells


def test_the_list_is_that_of_the_standard() -> None:
    assert len(words.ETHNIC_GROUPS) == len(set(words.ETHNIC_GROUPS)) == 56
    assert all(name.endswith("族") for name in words.ETHNIC_GROUPS)


@pytest.mark.parametrize(
    ("written", "read"),
    [("汉", "汉族"), ("汉族", "汉族"), ("土家", "土家族"), ("土", "土族"), ("维吾尔", "维吾尔族"), ("蒙", "蒙古族"),
     ("汉 族", "汉族"), (" 苗　族 ", "苗族"), ("", ""), ("穿青人", "穿青人")],
)  # fmt: skip
def test_an_ethnic_group_has_one_written_form(written: str, read: str) -> None:
    assert cells.read_ethnicity(written) == read


@pytest.mark.parametrize("written", ["火星族", "大专", "汉汉"])
def test_what_is_no_ethnic_group_is_refused_by_name(written: str) -> None:
    with pytest.raises(Refused) as refusal:
        cells.read_ethnicity(written)
    assert (refusal.value.code, refusal.value.params["value"]) == ("roster.ethnicity_unknown", written)


@pytest.mark.parametrize(
    ("written", "read"),
    [("本科", "大学本科"), ("大学", "大学本科"), ("大学本科", "大学本科"), ("专科", "大专"), ("大专", "大专"),
     ("硕士", "硕士研究生"), ("研究生", "研究生"), ("夜大", "夜大"), ("", "")],
)  # fmt: skip
def test_education_has_one_written_form_and_keeps_what_it_does_not_know(written: str, read: str) -> None:
    assert cells.read_education(written) == read


def test_every_written_form_is_its_own() -> None:
    for table in (words.ETHNIC, words.EDUCATION):
        assert all(table[word] == word for word in table.values())
