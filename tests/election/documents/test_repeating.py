"""Pages that stand many times in a document: the same content, a file that readers open, nothing guessed at."""

from __future__ import annotations

import io
from datetime import date

import pytest
from pypdf import PdfReader

from election.documents.paper import render
from election.documents.parts import Style, sheet, text
from election.documents.repeating import repeat_pages
from tests.support.paper import pages_of


def made(*words: str, tagged: bool = False) -> bytes:
    sheets = [sheet([one], text(one), style=Style.FORM) for one in words]
    return render("sheets", {"sheets": sheets}, title="样张", day=date(2031, 3, 3), demo=False, tagged=tagged)


def first_words(content: bytes) -> str:
    return "".join(page[0] for page in pages_of(content))


def test_the_last_pages_stand_as_often_as_they_are_wanted_in_their_order() -> None:
    assert first_words(repeat_pages(made("甲", "乙", "丙"), [3, 2])) == "甲乙乙乙丙丙"
    assert first_words(repeat_pages(made("甲", "乙"), [1, 1])) == "甲乙"


def test_readers_that_are_strict_open_it_and_what_it_says_of_itself_stays() -> None:
    reader = PdfReader(io.BytesIO(repeat_pages(made("甲", "乙"), [5])), strict=True)
    assert len(reader.pages) == 6 and reader.metadata is not None and reader.metadata.title == "样张"


def test_a_thousand_pages_more_cost_next_to_nothing_and_are_the_same_bytes_again() -> None:
    once = made("甲")
    often = repeat_pages(once, [1000])
    assert len(often) - len(once) < 250_000 and often == repeat_pages(once, [1000])
    assert len(PdfReader(io.BytesIO(often)).pages) == 1000


@pytest.mark.parametrize("times", [[1, 1, 1], [0], [-1]])
def test_what_is_not_there_is_not_repeated(times: list[int]) -> None:
    with pytest.raises(ValueError, match="at least once"):
        repeat_pages(made("甲", "乙"), times)


def test_a_tagged_page_is_not_repeated_since_its_tags_are_its_own() -> None:
    with pytest.raises(ValueError, match="not a page"):
        repeat_pages(made("甲", tagged=True), [2])


def test_another_file_is_refused() -> None:
    with pytest.raises(ValueError, match="typesetter"):
        repeat_pages(b"%PDF-1.4", [1])
