"""Setting in type: the same data give the same bytes, data stay text, a demo says so on every page."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from hashlib import sha256
from typing import Any

import pytest

from election.documents.paper import TEMPLATES, in_fours, render
from tests.house.sources import ROOT
from tests.support.paper import fonts_of, pages_of, sizes_of, squeezed

DAY = date(2031, 3, 3)
LETTER: dict[str, Any] = {
    "sender": "中共某县委组织部",
    "number": "名额通知〔2031〕1号",
    "title": ["关于某县第十四次代表大会", "代表名额分配的通知"],
    "unit": "第1镇",
    "opening": "方案已经批准。",
    "points": ["一、代表名额。", "二、请签收。"],
    "table": {"head": ["", "农民", "合计"], "rows": [["代表名额", "3", "3"]]},
    "date": "2031年3月3日",
    "prints": [{"label": "本通知数据指纹", "fours": in_fours("ab12" * 16)}],
    "receipt": "已收到。",
}


def letter(**change: Any) -> bytes:
    return render("letter", {"letters": [LETTER | change]}, title="通知", day=DAY, demo=False)


def test_the_same_data_give_the_same_bytes() -> None:
    assert letter() == letter()
    assert letter() != letter(unit="第2镇")


def test_the_same_data_give_the_same_bytes_in_another_process() -> None:
    """Nothing of the machine or the moment gets in: no clock, no font of the system."""
    script = (
        "from tests.election.documents.test_paper import letter;from hashlib import sha256;"
        "print(sha256(letter()).hexdigest())"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == sha256(letter()).hexdigest()


def test_the_day_is_the_document_s_own() -> None:
    content = render("letter", {"letters": [LETTER]}, title="通知", day=DAY, demo=False)
    assert b"20310303" in content


@pytest.mark.parametrize(
    "name", ["#panic()", "*甲*", "$x^2$", "_乙_", "@丙", "= 丁", "\\u{41}", "<戊>", "//己", "`庚`", '"辛"', "#import壬"]
)
def test_no_name_becomes_markup(name: str) -> None:
    assert squeezed(name) in pages_of(letter(unit=name))[0]


@pytest.mark.parametrize("sign", ["𡒄", "\ue863", "🙂", "\ufffe", "ก"])
def test_a_character_that_no_face_has_is_seen_to_be_missing_and_stops_no_letter(sign: str) -> None:
    """Rare characters of names, those of the old registers' private use, a sign from a telephone's keyboard."""
    assert "张〓三：" in pages_of(letter(unit=f"张{sign}三"))[0]


@pytest.mark.parametrize("sign", ["\b", "\x1f", "\x7f", "\x80", "\u200d", "\ufe0f"])
def test_what_has_no_shape_is_left_out(sign: str) -> None:
    assert "张三：" in pages_of(letter(unit=f"张{sign}三"))[0]


@pytest.mark.parametrize("name", ["䶮㐀", "𬭳𫖯", "é①㈱か"])
def test_every_character_of_the_faces_is_set_as_it_is(name: str) -> None:
    assert f"{name}：" in pages_of(letter(unit=name))[0]


def test_only_the_fonts_of_the_wheel_are_used() -> None:
    assert all(name.startswith(("NotoSerifSC", "NotoSansSC")) for name in fonts_of(letter()))


def test_the_file_says_that_it_is_for_the_archive() -> None:
    content = letter()
    assert b"<pdfaid:part>2</pdfaid:part>" in content
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in content


@pytest.mark.parametrize(("demo", "mark"), [(True, ""), (False, "草案"), (True, "草案")])
def test_every_page_is_marked(demo: bool, mark: str) -> None:
    content = render("letter", {"letters": [LETTER] * 3}, title="通知", day=DAY, demo=demo, mark=mark)
    for page in pages_of(content):
        assert ("演示" in page) is demo
        assert page.count("草案") == (2 if mark else 0)


def test_without_a_reason_no_page_is_marked() -> None:
    assert "演示" not in pages_of(letter())[0]


def test_a_letter_is_one_page_of_a4_whatever_it_has_to_say() -> None:
    long = {"unit": "某" * 60, "points": ["一、" + "很长的一段话。" * 60] * 4, "receipt": "已收到。" * 30}
    for content in (letter(), letter(**long), letter(table=None)):
        assert sizes_of(content) == [(210, 297)]


def test_letters_stand_a_page_each() -> None:
    letters = [LETTER | {"unit": f"第{at}镇"} for at in range(5)]
    pages = pages_of(render("letter", {"letters": letters}, title="通知", day=DAY, demo=False))
    assert [f"第{at}镇：" in page for at, page in enumerate(pages)] == [True] * 5


def test_documents_set_at_the_same_time_do_not_mix() -> None:
    units = [f"第{at}镇" for at in range(12)]
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda unit: letter(unit=unit), units))
    assert made == [letter(unit=unit) for unit in units]


def test_templates_fetch_nothing() -> None:
    """A package of the typesetter would be looked for in the network."""
    assert [path.name for path in TEMPLATES.glob("*.typ") if "@preview" in path.read_text("utf-8")] == []


def test_a_hash_stands_in_groups_of_four() -> None:
    assert in_fours("0123456789") == "0123 4567 89"
