"""Names in stroke order, and the table behind it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from election.data.build_strokes import agreeing
from election.errors import Refused
from election.strokes import TABLE, stroke_key, stroke_order, strokes, surname


def test_surnames_stand_by_their_strokes():
    names = ["龚平", "赵平", "陈平", "张平", "李平", "刘平", "王平", "丁平"]
    assert stroke_order(names) == ["丁平", "王平", "刘平", "李平", "张平", "陈平", "赵平", "龚平"]


@pytest.mark.parametrize(
    ("character", "count"),
    [
        ("一", 1),
        ("丁", 2),
        ("王", 4),
        ("达", 6),
        ("刘", 6),
        ("张", 7),
        ("李", 7),
        ("陈", 7),
        ("阿", 7),
        ("赵", 9),
        ("龚", 11),
    ],
)
def test_the_strokes_are_counted_as_in_the_official_table(character, count):
    assert strokes(character) == count


def test_equal_counts_stand_by_the_kind_of_the_first_strokes():
    # seven strokes: 横 李, 竖 吴, 撇 何, 点 汪, 折 张
    assert stroke_order(["张甲", "汪甲", "何甲", "吴甲", "李甲"]) == ["李甲", "吴甲", "何甲", "汪甲", "张甲"]


def test_one_surname_stands_together_and_single_given_names_first():
    names = ["王一鸣", "汪乙", "王龚", "王乙", "李乙", "王二小"]
    assert stroke_order(names) == ["王乙", "王龚", "王一鸣", "王二小", "李乙", "汪乙"]


def test_compound_surnames_stand_by_their_first_character():
    names = ["赵甲", "欧阳甲", "欧甲", "司马光明", "王甲", "欧阳一山"]
    assert stroke_order(names) == ["王甲", "司马光明", "欧甲", "欧阳甲", "欧阳一山", "赵甲"]


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("王甲", "王"),
        ("欧阳甲", "欧阳"),
        ("欧阳", "欧"),
        ("欧甲", "欧"),
        ("阿依古丽·买买提", "阿"),
        ("司马义·买买提", "司"),
        ("欧 阳 甲", "欧阳"),
    ],
)
def test_the_surname_of_a_name(name, family):
    assert surname(name) == family


def test_a_transliterated_name_stands_by_its_first_character_whatever_the_dot():
    assert stroke_order(["陈甲", "阿依古丽·买买提", "丁甲"]) == ["丁甲", "阿依古丽·买买提", "陈甲"]
    dots = ["阿依古丽·买买提", "阿依古丽•买买提", "阿依古丽・买买提", "阿依古丽．买买提"]
    assert len({stroke_key(name) for name in dots}) == 1


def test_spaces_in_a_short_name_do_not_matter():
    assert stroke_key("张　三") == stroke_key("张三") == stroke_key(" 张 三 ")


@pytest.mark.parametrize(
    ("name", "character"), [("王𠮷𠮷", "𠮷"), ("張三", "張"), ("Li", "L"), ("张3", "3"), ("欧阳?", "?")]
)
def test_an_unknown_character_asks_and_never_sorts_in_silence(name, character):
    with pytest.raises(Refused) as caught:
        stroke_order(["丁一", name])
    assert caught.value.code == "strokes.unknown_character"
    assert dict(caught.value.params) == {"character": character, "name": name}


@pytest.mark.parametrize("name", ["", "  ", "·"])
def test_an_empty_name_is_refused(name):
    with pytest.raises(Refused) as caught:
        stroke_key(name)
    assert caught.value.code == "strokes.name_missing"


def test_the_table_is_the_official_one_in_order_of_strokes():
    rows = [line.split("\t") for line in TABLE.read_text("utf-8").splitlines()]
    assert len({character for character, _ in rows}) == len(rows) == 8105
    counts = [int(count) for _, count in rows]
    assert counts == sorted(counts)
    assert (counts[0], counts[-1]) == (1, 36)


@pytest.mark.parametrize(
    ("ranks", "kept"),
    [
        ([], set()),
        ([None], set()),
        ([3, 1, 2], {1, 2}),
        ([1, 9, 2, None, 3], {0, 2, 4}),
        ([5, 5], {1}),
        ([1, 2, 3], {0, 1, 2}),
    ],
)
def test_the_builder_hears_the_second_source_only_where_it_agrees(ranks, kept):
    assert agreeing(ranks) == kept


characters = st.sampled_from(TABLE.read_text("utf-8").split()[::2])
names = st.lists(characters, min_size=2, max_size=4).map("".join)


@given(st.lists(names, max_size=8), st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_the_order_given(given_names, random):
    shuffled = list(given_names)
    random.shuffle(shuffled)
    assert stroke_order(shuffled) == stroke_order(given_names)


@given(st.lists(names, min_size=1, max_size=8))
def test_one_surname_is_never_torn_apart(given_names):
    families = [surname(name) for name in stroke_order(given_names)]
    changes = [family for place, family in enumerate(families) if place == 0 or families[place - 1] != family]
    assert len(changes) == len(set(changes))
    assert [strokes(family[0]) for family in families] == sorted(strokes(family[0]) for family in families)


# What goes wrong with other sources: ICU puts 张 before 李 and counts 达 as ten, pinyin puts 陈 first, old forms count more.
TRAPS = {
    "丁": 2, "卜": 2, "万": 3, "马": 3, "王": 4, "方": 4, "邓": 4, "龙": 5, "卢": 5, "冯": 5, "达": 6, "刘": 6, "许": 6,
    "吕": 6, "阳": 6, "张": 7, "李": 7, "陈": 7, "吴": 7, "杨": 7, "沈": 7, "欧": 8, "郑": 8, "林": 8, "赵": 9, "贺": 9,
    "姜": 9, "秦": 10, "顾": 10, "郭": 10, "黄": 11, "龚": 11, "曹": 11, "韩": 12, "谢": 12, "彭": 12, "詹": 13, "蔡": 14,
    "谭": 14, "黎": 15, "薛": 16, "戴": 17, "魏": 17,
}  # fmt: skip


@pytest.mark.parametrize(("character", "count"), TRAPS.items())
def test_surnames_that_other_tables_miscount_are_counted_as_in_the_official_one(character, count):
    assert strokes(character) == count


def test_the_usual_surnames_stand_in_one_order_whatever_order_they_come_in():
    surnames = ["丁", "王", "刘", "李", "张", "陈", "赵", "龚"]
    assert stroke_order(reversed([f"{one}平" for one in surnames])) == [f"{one}平" for one in surnames]
    # both six: 达 begins with 横, 刘 with 点
    assert stroke_order(["刘平", "达平"]) == ["达平", "刘平"]


def test_a_compound_surname_stands_with_its_first_character_before_longer_counts():
    assert stroke_order(["赵欧", "欧阳丁", "欧平", "郑平"]) == stroke_order(["郑平", "欧平", "欧阳丁", "赵欧"])
    names = stroke_order(["欧阳丁", "欧平", "张平", "赵平"])
    assert names == ["张平", "欧平", "欧阳丁", "赵平"]
