"""What the comparison pages say: a division's worst cell, a method's card, a group's bound by hand. Values in, words out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _

from election.quotas.comparison import Deviation, Division
from election.quotas.methods import Broken, Method, Variant
from election.quotas.models import ChangeKind, QuotaGroup

# How many of a method's broken rules are said outright.
BROKEN_SHOWN = 5


def two_places(number: Fraction) -> str:
    """For looking at; rounded half up, as a county clerk does it."""
    hundredths = int(number * 100 + Fraction(1, 2))
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def worst_cell(division: Division, found: Deviation) -> dict[str, Any] | None:
    """The cell farthest from its fair share, in words; None where every cell has exactly its share."""
    if found.worst is None or not found.worst.away:
        return None
    return {
        "cell": _cell(division, found.worst.unit, found.worst.category),
        "seats": found.worst.seats,
        "share": two_places(found.worst.share),
        "away": two_places(found.worst.away),
    }


def method_card(variant: Variant, division: Division, own: str, groups: Sequence[str]) -> dict[str, Any]:
    """A method's figures. `own`: the method that the scheme was made by; `groups`: their names, by position."""
    said = [_broken(one, division, groups) for one in variant.broken]
    return {
        "method": variant.method,
        "how": _how(variant.method),
        "default": variant.method is Method.WITHIN_QUOTA,
        "own": variant.method.value == own,
        "total": float(variant.deviation.total),
        "total_said": two_places(variant.deviation.total),
        "worst": worst_cell(division, variant.deviation),
        "outside": variant.deviation.outside,
        "spread": variant.deviation.spread,
        "missed": [(name, by) for name, by in zip(division.categories.values(), variant.missed, strict=True) if by],
        "broken": said[:BROKEN_SHOWN],
        "broken_count": len(said),
    }


def _how(method: Method) -> str:
    return str(
        {
            Method.WITHIN_QUOTA: _("每格得应得份额的整数部分，或再多一席；合计一席不差。"),
            Method.WEBSTER: _("人数 × 单位系数 × 类别系数，四舍五入；合计一席不差。"),
            Method.BY_UNIT: _("手工常用：各单位按本单位各类党员数（按类别名额折算）分自己的名额，余数大的先得。"),
        }[method]
    )


def _cell(division: Division, unit: int, category: int) -> str:
    return f"{list(division.units.values())[unit]} · {list(division.categories.values())[category]}"


def _broken(one: Broken, division: Division, groups: Sequence[str]) -> str:
    where = groups[one.group] if one.group is not None else _cell(division, one.unit or 0, one.category or 0)
    if one.least:
        return str(_("%(where)s：至少 %(asked)s 席，只得 %(seats)s 席", where=where, asked=one.asked, seats=one.seats))
    return str(_("%(where)s：至多 %(asked)s 席，却得 %(seats)s 席", where=where, asked=one.asked, seats=one.seats))


def bound_by_hand(group: QuotaGroup, changes: Mapping[tuple[ChangeKind, str], int]) -> str:
    """What a scheme has in place of the group's own bounds, by a change of its own; nothing where it has none."""
    least = changes.get((ChangeKind.GROUP_LEAST, group.code))
    most = changes.get((ChangeKind.GROUP_MOST, group.code))
    words: list[str] = []
    if least is not None:
        stretched = group.least is not None and least < group.least
        words.append(
            _("已人工放宽为不少于 %(n)s 席", n=least) if stretched else _("已人工改为不少于 %(n)s 席", n=least)
        )
    if most is not None:
        stretched = group.most is not None and most > group.most
        words.append(_("已人工放宽为不多于 %(n)s 席", n=most) if stretched else _("已人工改为不多于 %(n)s 席", n=most))
    return str(_("，")).join(words)
