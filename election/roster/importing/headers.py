"""Finds the header of a roster sheet: under titles, in any order of columns, in one row or in two merged ones. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from election.roster.importing import cells
from election.roster.importing.reading import Cell, Rows

UNITS, ORGANISATIONS, MEMBERS = "选举单位", "党组织", "党员"
SHEETS = (UNITS, ORGANISATIONS, MEMBERS)

# The columns of each sheet: header → the other ways in which offices write it.
COLUMNS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    UNITS: {
        "代号": ("单位代号",),
        "名称": ("单位名称", "选举单位"),
        "类型": ("单位类型",),
        "系数": ("单位系数",),
        "系数理由": ("理由",),
    },
    ORGANISATIONS: {
        "编号": ("党组织编号", "组织编号"),
        "名称": ("党组织名称", "组织名称"),
        "类型": ("党组织类型", "组织类型"),
        "上级编号": ("上级党组织编号", "上级组织编号"),
        "选举单位": ("所在选举单位",),
    },
    MEMBERS: {
        "姓名": ("党员姓名",),
        "身份证号": ("身份证号码", "公民身份号码", "公民身份证号", "公民身份证号码", "身份证"),
        "党支部编号": ("支部编号", "所在党支部编号", "所在支部编号"),
        "民族": (),
        "学历": ("文化程度",),
        "党员类型": ("人员类别",),
        "停权原因": ("停止行使表决权原因",),
        "入党日期": ("入党时间", "加入党组织日期", "入党年月"),
        "主要类别": ("类别", "代表类别"),
        "职务": ("现任职务", "工作单位及职务", "单位职务", "工作岗位", "单位及职务"),
        "停权起": ("停权起始日期", "停权开始日期", "预备期起", "预备期开始日期"),
        "停权止": ("停权截止日期", "停权结束日期", "预备期止", "预备期结束日期"),
        "依据": ("停权依据",),
    },
}
# What a register often has beside: the number says the same, so these are only held against it.
CHECKED: Mapping[str, Mapping[str, tuple[str, ...]]] = {MEMBERS: {"性别": (), "出生日期": ("出生年月", "出生年月日")}}
# What a register has beside or instead of the number of a branch: its name, and where it is, which tells namesakes apart.
PLACES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    MEMBERS: {
        "党支部": ("党支部名称", "所在党支部", "所在党支部名称", "所在支部", "支部", "支部名称"),
        "上级党组织": ("上级党组织名称", "所在党委", "所属党委", "党委"),
        "选举单位": ("所在选举单位",),
    }
}
# What may stand in a column's place where there is none: a branch by its name.
STANDS_IN: Mapping[str, Mapping[str, str]] = {MEMBERS: {"党支部编号": "党支部"}}
# What must have its column; the others may be left out altogether.
NEEDED: Mapping[str, tuple[str, ...]] = {
    UNITS: ("代号", "名称", "类型"),
    ORGANISATIONS: ("编号", "名称", "类型"),
    MEMBERS: ("姓名", "身份证号", "党支部编号", "主要类别"),
}
HEADER_WITHIN = 10
# A count of the rows, and the column that a returned workbook has from here.
UNMENTIONED = ("序号", "错误")
SYNONYMS: Mapping[str, Mapping[str, str]] = {
    sheet: {
        name: header
        for columns in (COLUMNS[sheet], CHECKED.get(sheet, {}), PLACES.get(sheet, {}))
        for header, others in columns.items()
        for name in (header, *others)
    }
    for sheet in SHEETS
}


@dataclass(frozen=True, slots=True)
class Header:
    """`row`: the last row of the header, from 1. `columns`: header → place from 0. `twice`: those that stand again. `unread`:
    what stands above the columns of which nothing is read.
    """

    row: int
    columns: Mapping[str, int]
    twice: Sequence[tuple[str, int]] = field(default=())
    unread: Sequence[str] = field(default=())


def find_header(sheet: str, rows: Rows) -> Header | None:
    """The header of a sheet; None where the first rows have none."""
    for place, values in enumerate(rows[:HEADER_WITHIN]):
        upper, twice = _known(sheet, values)
        lower, lower_twice = _known(sheet, rows[place + 1]) if place + 1 < len(rows) else ({}, [])
        if upper and lower and _one_header(upper, rows[place + 1], lower):
            both = _stood_in(sheet, {**upper, **lower})
            if len(both) > len(upper) and all(header in both for header in NEEDED[sheet]):
                read = {*both.values(), *(index for _, index in (*twice, *lower_twice))}
                return Header(place + 2, both, (*twice, *lower_twice), _unread([values, rows[place + 1]], read))
        if NEEDED[sheet][0] in upper or len(upper) >= 3:
            read = {*upper.values(), *(index for _, index in twice)}
            return Header(place + 1, _stood_in(sheet, upper), twice, _unread([values], read))
    return None


def _stood_in(sheet: str, columns: Mapping[str, int]) -> dict[str, int]:
    """The columns, where one is missing with the other that does instead under its header."""
    instead = {other: header for header, other in STANDS_IN.get(sheet, {}).items() if header not in columns}
    return {instead.get(header, header): place for header, place in columns.items()}


def _unread(rows: Sequence[Sequence[Cell]], read: Set[int]) -> list[str]:
    """The lowest word of the header above each column that is not read, but for what needs no mention."""
    names: dict[int, str] = {}
    for values in rows:
        names |= {index: name for index, value in enumerate(values) if (name := header_name(value))}
    return [name for index, name in sorted(names.items()) if index not in read and not name.startswith(UNMENTIONED)]


def _known(sheet: str, values: Sequence[Cell]) -> tuple[dict[str, int], list[tuple[str, int]]]:
    found: dict[str, int] = {}
    twice: list[tuple[str, int]] = []
    for index, value in enumerate(values):
        header = SYNONYMS[sheet].get(header_name(value)) if value != "" else None
        if header is None:
            continue
        if header in found:
            twice.append((header, index))
        else:
            found[header] = index
    return found, twice


def _one_header(upper: Mapping[str, int], below: Sequence[Cell], lower: Mapping[str, int]) -> bool:
    """Whether the row below belongs to the header: where a header stands above, its cell is merged and therefore empty."""
    return not set(upper) & set(lower) and all(cells.plain(below[place]) == "" for place in upper.values())


def header_name(value: Cell) -> str:
    """A header without the star of a required column, its note in brackets and any space."""
    return cells.plain(value).replace(" ", "").strip("*＊").split("（")[0].split("(")[0]
