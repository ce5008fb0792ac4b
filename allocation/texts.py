"""The sentences of this package, in both languages at once. Codes come from elsewhere; nothing is decided here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_SENTENCES: dict[str, tuple[str, str]] = {
    # What `check` finds.
    "check.status": ("状态 {status} 未知", "the status {status} is unknown"),
    "check.method": ("方法是 {have}，题目要求 {want}", "the method is {have}, the problem asks for {want}"),
    "check.shape": ("行列数与题目不符", "does not have the shape of the problem"),
    "check.possible": ("题目有解，不应判为矛盾", "the problem can be solved, so it is not impossible"),
    "check.conflicts": ("所列矛盾与题目不符", "the conflicts are not those of the problem"),
    "check.impossible": (
        "题目的规则互相矛盾，不可能有分配",
        "the rules of the problem contradict each other: no allocation exists",
    ),
    "check.sum": ("合计 {have} 与各单元之和 {want} 不符", "is {have}, but the cells sum to {want}"),
    "check.total": ("合计应为 {want}，现为 {have}", "must be {want}, is {have}"),
    "check.range": ("合计 {have} 不在 {low} 至 {high} 之间", "is {have}, not between {low} and {high}"),
    "check.zero": ("权重为 0 的单元不得有名额", "has seats although its weight is 0"),
    "check.bound": ("名额 {have} 不在 {low} 至 {high} 之间", "has {have} seats, not between {low} and {high}"),
    "check.group": (
        "组内名额 {have} 不在 {low} 至 {high} 之间",
        "the group has {have} seats, not between {low} and {high}",
    ),
    "check.positive": ("证书的数必须大于 0", "a number of the certificate must be above 0"),
    "check.rounding": (
        "权重与系数之积 {product} 不能舍入为 {seats}",
        "its product {product} does not round to {seats}",
    ),
    "check.sign": (
        "自由行的系数 {number} 与其合计不合",
        "the number {number} does not fit the total of this free line",
    ),
    "check.total_number": (
        "只有两边都有自由行时，total 才可不为 1",
        "may differ from 1 only when both sides have free lines",
    ),
    "check.group_sign": ("组的系数 {number} 与其合计不合", "the number {number} does not fit the seats of the group"),
    "check.exceptions": ("例外与价格不符", "the exceptions and prices are not those of the matrix"),
    "check.gap": ("gap 与价格之和不符", "is not the sum of the prices"),
    "check.quota": ("名额 {seats} 不是应得份额 {share} 的上下取整", "has {seats} seats, its fair share is {share}"),
    "check.error": ("应得份额的误差 E = {error} 过大", "the fair shares' error E = {error} is too large"),
    "check.near": ("应得份额离整数太近，无法判定", "the fair share is too near the limit of a whole number to decide"),
    "check.share": ("应得份额应为 {want}", "must be {want}"),
    "check.tie": (
        "按抽签顺序可以调入一席而不减少更早的单元",
        "by the drawing order it could have one more seat without taking from an earlier cell",
    ),
    "check.ties": ("并列的单元应为 {want} 组", "must list the {want} sets of tied cells"),
    "check.too_many_ties": ("并列单元过多，无法逐一验证", "has too many ties across groups to be proved"),
    "check.overlay": ("“其中”应为 {want}", "must be {want}"),
    "check.overlay_shortfall": ("未能落实的“其中”应为 {want}", "must be {want}"),
    "check.extra": ("有分配时不应有矛盾", "an allocation has no conflicts"),
    # Rules in a few words, and how they contradict each other.
    "rule.total": ("总名额 {seats}", "the total of {seats}"),
    "rule.exact": ("{name}合计 {seats}", "{name} with {seats}"),
    "rule.min": ("{name}至少 {seats}", "{name} with at least {seats}"),
    "rule.max": ("{name}至多 {seats}", "{name} with at most {seats}"),
    "conflict.short": (
        "{demand_zh}，共需 {need} 席；但受{limits_zh}所限，最多只有 {room} 席，差 {short} 席。",
        "Seats needed: {need} ({demand_en}). Seats possible: {room} ({limits_en}). Short by {short}.",
    ),
    "conflict.not_eligible": (
        "{demand_zh}，共需 {need} 席；但有资格的单元只容得下 {room} 席，差 {short} 席。",
        "Seats needed: {need} ({demand_en}). Seats possible in eligible cells: {room}. Short by {short}.",
    ),
    "conflict.unknown": ("规则不能同时成立。", "The rules cannot hold together."),
    "conflict.groups": (
        "以下规则不能同时成立：{rules_zh}；去掉其中任何一条即可。",
        "These rules cannot hold together, though any fewer of them could: {rules_en}.",
    ),
    "totals.categories.floors_above_total": (
        "各类别比例取整后共 {floors} 席，只剩 {left} 席可分。",
        "The shares of categories come to {floors} seats, but only {left} are left.",
    ),
    "totals.categories.shares_below_total": (
        "各类别比例取整后共 {floors} 席，{left} 席分不完：余额超过类别数 {lines}。",
        "The shares of categories come to {floors} seats of {left}: "
        "more are left over than the {lines} categories can take.",
    ),
    "totals.category.share_below_min": (
        "{line}按比例得 {seats} 席，少于下限 {min} 席。",
        "{line} gets {seats} seats by its share, fewer than its minimum of {min}.",
    ),
    "totals.category.share_above_max": (
        "{line}按比例得 {seats} 席，多于上限 {max} 席。",
        "{line} gets {seats} seats by its share, more than its maximum of {max}.",
    ),
}


def sentence(code: str, params: Mapping[str, object] | None = None) -> tuple[str, str]:
    """Chinese and English for a code. Raises KeyError for an unknown code or a missing parameter."""
    zh, en = _SENTENCES[code]
    values = params or {}
    return zh.format_map(values), en.format_map(values)


def joined(names: Sequence[str]) -> tuple[str, str]:
    """A list in words: 甲、乙、丙 and "a, b and c"."""
    zh = "、".join(names)
    en = ", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else "".join(names)
    return zh, en
