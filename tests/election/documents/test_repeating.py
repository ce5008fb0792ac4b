"""Pages that stand many times in a document: the same content, a file that readers open, nothing guessed at."""

from __future__ import annotations

import io
import re
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


def test_what_is_appended_keeps_to_the_standard_of_the_archive() -> None:
    """ISO 19005-2: an identifier in every trailer and no encryption (6.1.3), each object where its table says (6.1.4, 6.1.9),
    properties that are true (6.6).
    """
    once = made("甲", "乙")
    often = repeat_pages(once, [5])
    assert often.startswith(once) and often.endswith(b"%%EOF") and b"/Encrypt" not in often
    first, second = re.findall(rb"trailer\n<<(.*?)>>\nstartxref\n(\d+)\n%%EOF", often, re.DOTALL)
    identifiers = [re.findall(rb"/ID\[(\(.+?\)|<.+?>)(\(.+?\)|<.+?>)\]", trailer) for trailer, _ in (first, second)]
    assert len(identifiers[0]) == 1 and identifiers[0] == identifiers[1]
    assert b"/Prev " + first[1] in second[0] and b"/Prev" not in first[0]
    table = often[int(second[1]) :]
    sections = re.findall(rb"(\d+) 1\n(\d{10} \d{5} [nf]\r\n)", table[: table.index(b"trailer")])
    assert table.startswith(b"xref\n0 1\n") and sections[0] == (b"0", b"0000000000 65535 f\r\n")
    assert len(b"xref\n") + sum(len(b"".join(one)) + len(b" 1\n") for one in sections) == table.index(b"trailer")
    for number, entry in sections[1:]:
        place = int(entry[:10])
        assert place > len(once) and often[place - 1 :].startswith(b"\n" + number + b" 0 obj\n")
    assert b"/Size %d/" % (max(int(number) for number, _ in sections) + 1) in second[0]
    reader = PdfReader(io.BytesIO(often), strict=True)
    assert reader.xmp_metadata is not None
    properties = reader.xmp_metadata.stream.get_data()
    assert b"<pdfaid:part>2<" in properties and b"<pdfaid:conformance>B<" in properties
    assert b"<xmpTPg:NPages>6<" in properties and len(reader.pages) == 6
    alike = {str(page.get_object()) for page in reader.pages}
    assert len(alike) == 2, "a page more is the page that it repeats, with all that it holds"


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
