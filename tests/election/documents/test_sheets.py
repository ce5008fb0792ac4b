"""Sheets of notices, lists and forms: heads are repeated, nothing is signed on a page of its own, long text goes on."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from election.documents.paper import set_sheets
from election.documents.parts import (
    Data,
    Style,
    choices,
    closing,
    fingerprint,
    form,
    heading,
    label,
    names,
    note,
    person,
    room,
    sheet,
    signatures,
    table,
    text,
    value,
)
from tests.support.paper import fonts_of, pages_of, sizes_of

DAY = date(2031, 3, 3)


def made(*sheets: Data, **options: Any) -> bytes:
    return set_sheets(sheets, title="样张", day=DAY, demo=False, **options).content


def pages(*blocks: Data, style: Style = Style.FORM, **options: Any) -> list[str]:
    return pages_of(made(sheet(["某县", "样张"], *blocks, style=style, **options)))


def register(rows: int, *after: Data) -> list[Data]:
    lines = [(str(place), f"第{place}人") for place in range(1, rows + 1)]
    return [table(("序号", "姓名"), "cn", (None, 1), lines), *after]


def test_the_same_sheets_give_the_same_bytes_and_go_by_their_title() -> None:
    paper = set_sheets([sheet(["甲"], text("乙"), style=Style.LETTER)], title="样张 一", day=DAY, demo=False)
    assert paper.name == "样张 一"
    again = set_sheets([sheet(["甲"], text("乙"), style=Style.LETTER)], title="样张 一", day=DAY, demo=False)
    assert paper == again


def test_a_long_table_repeats_its_head_on_every_page() -> None:
    found = pages(*register(120))
    assert len(found) > 2
    assert all("序号姓名" in page for page in found)
    assert "第120人" in found[-1]


@pytest.mark.parametrize("rows", range(28, 40))
def test_nobody_signs_on_a_page_of_its_own(rows: int) -> None:
    """Whatever the length of the list, its last two lines stand above the signatures."""
    found = pages(*register(rows, note("依据"), signatures("填表人", "审核人", seal="某单位")))
    assert "填表人：" in found[-1] and "某单位（盖章）" in found[-1]
    assert f"第{rows}人" in found[-1] and f"第{rows - 1}人" in found[-1]


def test_a_list_of_one_and_a_list_of_none_can_be_signed_too() -> None:
    for rows in (0, 1):
        assert "填表人：" in pages(*register(rows, signatures("填表人")))[0]


def test_what_a_sheet_is_stands_above_its_further_pages_only() -> None:
    found = pages_of(
        made(
            *(
                sheet([name], *register(90), style=Style.LIST, running=f"{name}　续页")
                for name in ("第1单位", "第2单位")
            )
        )
    )
    first, second = (next(at for at, page in enumerate(found) if name in page) for name in ("第1单位", "第2单位"))
    assert second > first + 1
    for at, page in enumerate(found):
        assert page.count("续页") == (0 if at in (first, second) else 1)


def test_pages_are_counted_through() -> None:
    found = pages_of(made(*(sheet(["样"], text("文"), style=style) for style in Style)))
    assert [f"第{at}页共4页" in page for at, page in enumerate(found, 1)] == [True] * 4


def test_a_register_lies_and_everything_else_stands() -> None:
    assert sizes_of(made(*(sheet(["样"], style=style) for style in Style))) == [(210, 297)] * 3 + [(297, 210)]


def test_every_name_is_on_the_list_once_however_long() -> None:
    people = [
        (f"王{'甲乙丙丁戊己庚辛'[at % 8]}{'一二三四五'[at // 8]}", "（女）" if at % 3 else "") for at in range(40)
    ]
    long = [("阿依古丽·买买提江", "（女）"), ("很长的名字" * 12, "")]
    page = "".join(pages(names([*people, *long]), style=Style.LIST))
    for name, mark in [*people, *long]:
        assert page.count(name + mark) == 1
    assert "李四" in "".join(pages(names([("李四", "")])))


def test_a_text_that_is_longer_than_its_room_goes_on_over_the_pages() -> None:
    words = "\n".join(f"第{at}段，做了很多工作。" for at in range(150))
    rows = [
        [label("简历"), room(words, height=40, signed="本人签名")],
        [label("意见"), room("", height=20, seal="支部")],
    ]
    found = pages(form((None, 1), rows))
    assert len(found) > 1
    assert "第0段" in found[0] and "第149段" in "".join(found[1:])
    assert "".join(found).count("本人签名：") == 1 and "支部（盖章）" in found[-1]


def test_a_short_text_leaves_the_rest_of_its_room_to_write_in() -> None:
    short = made(sheet(["样"], form((None, 1), [[label("意见"), room("同意。", height=200)]]), style=Style.FORM))
    assert len(pages_of(short)) == 1
    two = form((None, 1), [[label("意见"), room("同意。", height=200)]] * 2)
    assert len(pages_of(made(sheet(["样"], two, style=Style.FORM)))) == 2


def test_what_applies_is_ticked() -> None:
    page = pages(form((None, 1), [[label("类别"), choices([("农民", False), ("专业技术", True)])]]))[0]
    assert "农民√专业技术" in page and page.count("√") == 1


def test_cells_span_and_hold_what_is_filled_in() -> None:
    rows = [
        [label("姓名"), value("欧阳文"), label("照片", rows=2)],
        [label("单位"), value("某村党支部")],
    ]
    assert "姓名欧阳文照片单位某村党支部" in pages(form((None, 1, None), rows))[0]


def test_someone_who_is_introduced_shortly_is_not_torn_apart() -> None:
    people = [person(f"{at}．某人", "女，汉族", ("简历", "做工作。" * 30), ("理由", "热心。")) for at in range(1, 13)]
    found = pages(heading("农民", "12人"), *people, style=Style.LIST)
    assert len(found) > 1
    for page in found:
        assert page.count("简历") == page.count("理由") == page.count("．某人")


def test_an_introduction_without_words_is_a_name_and_its_facts() -> None:
    page = pages(person("1．某人", "女，汉族", ("简历", "")), style=Style.LIST)[0]
    assert "1．某人女，汉族" in page and "简历" not in page


def test_the_end_of_a_notice_stands_together() -> None:
    page = pages(text("现予公示。"), closing("某县委组织部", "2031年3月3日"), fingerprint("指纹", "ab12" * 16))[-1]
    assert "某县委组织部2031年3月3日指纹ab12ab12" in page


def test_blocks_that_are_none_are_left_out() -> None:
    assert "样张" in pages(None, text("有"))[0]  # type: ignore[arg-type]


def test_only_the_fonts_of_the_wheel_are_used() -> None:
    content = made(sheet(["样"], heading("一、题"), text("文"), note("注"), style=Style.LETTER), mark="草稿")
    assert all(name.startswith(("NotoSerifSC", "NotoSansSC")) for name in fonts_of(content))


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=80))
def test_no_words_stop_a_sheet(words: str) -> None:
    """Names and careers come from keyboards and old workbooks: whatever they hold, the paper is set."""
    blocks = [
        text(words), heading(words, words), table((words, "姓名"), "ln", (None, 1), [(words, words)]),
        form((None, 1), [[label(words), room(words, height=10, signed=words, seal=words)]]),
        names([(words, words)]), person(words, words, (words, words)), signatures(words, seal=words),
        closing(words, words), note(words),
    ]  # fmt: skip
    assert made(sheet([words, "样"], *blocks, style=Style.LIST, note=words, running=words)).startswith(b"%PDF")


def resident() -> int:
    """Megabytes that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 // 2**20


def test_a_county_s_notices_do_not_pile_up_in_memory() -> None:
    """Each alone takes some hundred megabytes to set."""

    def notice(number: int) -> list[Data]:
        lists = (names((f"张{number}的{place}之{at}", "（女）") for at in range(40)) for place in range(150))
        blocks = [block for at, one in enumerate(lists) for block in (heading(f"第{number}次第{at}支部", level=2), one)]
        return [sheet([f"第{number}次公示"], *blocks, style=Style.LIST)]

    sizes = []
    for number in range(4):
        made(*notice(number))
        sizes.append(resident())
    assert sizes[-1] - sizes[0] < 80, sizes
