"""Invented names of persons. Pure: a seeded generator in, names out; any likeness to a person is chance."""

from __future__ import annotations

from random import Random

# Surnames as a mountain county in the middle of China has them, and how common each is.
SURNAMES = (
    ("张", 60),
    ("王", 58),
    ("李", 56),
    ("刘", 44),
    ("陈", 42),
    ("杨", 40),
    ("黄", 26),
    ("田", 34),
    ("向", 34),
    ("覃", 26),
    ("冉", 20),
    ("谭", 24),
    ("吴", 22),
    ("周", 22),
    ("胡", 20),
    ("罗", 18),
    ("郭", 14),
    ("何", 14),
    ("林", 12),
    ("郑", 10),
    ("梁", 8),
    ("谢", 10),
    ("宋", 8),
    ("唐", 10),
    ("许", 8),
    ("冯", 8),
    ("韩", 6),
    ("曹", 6),
    ("曾", 8),
    ("彭", 16),
    ("萧", 4),
    ("蔡", 4),
    ("潘", 6),
    ("袁", 6),
    ("于", 4),
    ("董", 4),
    ("余", 8),
    ("苏", 4),
    ("叶", 4),
    ("吕", 4),
    ("魏", 6),
    ("蒋", 6),
    ("汪", 6),
    ("丁", 4),
    ("姚", 4),
    ("卢", 4),
    ("傅", 3),
    ("钟", 4),
    ("姜", 4),
    ("秦", 8),
    ("龚", 6),
    ("龙", 6),
    ("石", 5),
    ("牟", 5),
    ("腾", 1),
    ("欧阳", 2),
    ("司马", 1),
    ("上官", 1),
)
MEN = "建国志军伟勇明辉涛斌波鹏亮峰林松柏成荣华云山海江河春秋天贵生福根文武学礼义忠孝廉安康健世启永长正德光宗家庆祥瑞泽恩仁和达远宏伦彦俊杰豪昌盛旺兴"
WOMEN = (
    "芳秀英敏静丽霞娟艳红梅兰菊莲桂芝香玉珍珠琴凤燕萍莉洁雪梦瑶婷佳慧颖琳丹娜倩蓉菲雅淑惠贞素春秋月云彩虹珊青翠青晓清雯"
)
MIDDLE = "文世启永佳国明春天家建志光正德玉学光兴宗先仕朝廷开远绍继方元代"
ETHNICITIES = (("汉族", 62), ("土家族", 24), ("苗族", 11), ("侗族", 3))


def person_name(random: Random, female: bool) -> str:
    """A surname and a given name of one or two characters."""
    surname = random.choices([name for name, _ in SURNAMES], [weight for _, weight in SURNAMES])[0]
    last = random.choice(WOMEN if female else MEN)
    if random.random() < 0.14:
        return surname + last
    middle = random.choice(MIDDLE if random.random() < 0.7 else (WOMEN if female else MEN))
    while middle == last:
        middle = random.choice(MIDDLE)
    return surname + middle + last


def ethnicity(random: Random) -> str:
    return random.choices([name for name, _ in ETHNICITIES], [weight for _, weight in ETHNICITIES])[0]
