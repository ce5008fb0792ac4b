"""Why a cell or a total has its seats and what one more would cost, in the words of the trade. Decides and computes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _

from allocation.explain import Explanation, NextSeat, Why
from allocation.problem import WITHIN_QUOTA
from election.quotas.hand import ids
from election.quotas.plan.figures import two_decimals
from election.quotas.queries import HandLine

Problem = Mapping[str, Any]
NAMED_AT_MOST = 4
# A smaller price would read 0.00.
LEAST_SHOWN = 0.005


def cell_reckoning(explained: Explanation, why: Why, locked: HandLine | None) -> list[str]:
    """`locked`: the change by hand that the answer was computed around, where this cell is one."""
    if "zero_weight" in why.codes:
        return [_("本单位没有该类别有选举权的党员，不设名额。")]
    if locked is not None:
        told = [_("人工锁定 %(n)s 席，其余各格围绕它计算。", n=why.seats)]
        if locked.computed is None:
            return [*told, _("不作任何人工调整，规则互相矛盾，算不出方案。")]
        return [
            *told,
            _("不作任何人工调整时，应得 %(q)s 席，取 %(n)s 席。", q=short(locked.computed_share), n=locked.computed),
        ]
    return _told(explained, why, _product(explained, why))


def _product(explained: Explanation, why: Why) -> str:
    """The multiplication that anyone can check by hand."""
    factors = [
        _("该类党员 %(weight)s", weight=f"{float(why.weight):.10g}"),
        _("单位系数 %(number)s", number=why.number_unit),
        _("类别系数 %(number)s", number=why.number_category),
    ]
    numbers = explained.numbers
    if Fraction(numbers.total) != 1:
        factors.append(_("总系数 %(number)s", number=numbers.total))
    for group, number in zip(explained.problem.groups, numbers.groups, strict=False):
        if why.unit in group.units and why.category in group.categories and Fraction(number) != 1:
            factors.append(_("“%(name)s”组系数 %(number)s", name=group.name, number=number))
    return f"{' × '.join(factors)} = {short(why.product)}"


def _told(explained: Explanation, why: Why, product: str) -> list[str]:
    n, share = why.seats, short(why.fair_share)
    if "at_least" in why.codes:
        return [_("%(product)s，取整不足 %(n)s 席；本格至少 %(n)s 席，取 %(n)s 席。", product=product, n=n)]
    if "at_most" in why.codes:
        said = _("%(product)s，取整超过 %(n)s 席；本格至多 %(n)s 席", product=product, n=n)
        return [said + _("（再多就凑不足差额候选人），取 %(n)s 席。", n=n)]
    if "whole_share" in why.codes and not {"quota_floor", "quota_ceiling"}.isdisjoint(why.codes):
        return [_("应得份额恰为 %(n)s 席，不用取整。", n=n)]
    if "quota_floor" in why.codes:
        said = _("%(product)s，取整不足 %(n)s 席；", product=product, n=n)
        return [said + _("应得 %(q)s 席，只能上下取整，不少于 %(n)s 席。", q=share, n=n)]
    if "quota_ceiling" in why.codes:
        said = _("%(product)s，取整超过 %(n)s 席；", product=product, n=n)
        return [said + _("应得 %(q)s 席，只能上下取整，不多于 %(n)s 席。", q=share, n=n)]
    if "exception" in why.codes:
        return [_("%(product)s；因各组互相交叉，本格不按四舍五入，取 %(n)s 席。", product=product, n=n)]
    if "tie" in why.codes:
        others = _named(explained, _tied_with(explained, why))
        said = _("%(product)s，恰为一半，与%(others)s并列；", product=product, others=others)
        return [said + _("并列按抽签顺序，取 %(n)s 席。", n=n)]
    told = [_("%(product)s，四舍五入得 %(n)s 席。", product=product, n=n)]
    nearest = int(why.fair_share + Fraction(1, 2))
    if nearest != n:
        said = _("应得份额 %(q)s 是没有取整时的份额，单看本格接近 %(near)s 席；", q=share, near=nearest)
        told.append(said + _("取整后每个单位、每个类别都要恰好等于自己的合计，本格因此取 %(n)s 席。", n=n))
    return told


def _tied_with(explained: Explanation, why: Why) -> list[tuple[int, int]]:
    here = (why.unit, why.category)
    return [cell for tie in explained.allocation.ties if here in tie.cells for cell in tie.cells if cell != here]


def _named(explained: Explanation, cells: Sequence[tuple[int, int]]) -> str:
    """「清坪镇·农民」「县委机关·领导干部」; of very many the first and their number."""
    names: list[str] = [_cell_name(explained, cell) for cell in cells]
    more: str = _("等 %(n)s 格", n=len(names)) if len(names) > NAMED_AT_MOST else ""
    return "".join(names[:NAMED_AT_MOST]) + more


def _cell_name(explained: Explanation, cell: tuple[int, int]) -> str:
    units, categories = explained.problem.units, explained.problem.categories
    return str(_("「%(unit)s·%(category)s」", unit=units[cell[0]].name, category=categories[cell[1]].name))


def next_seat(explained: Explanation, found: NextSeat, unit: int, category: int) -> str:
    """The price of one more seat in a cell: from whom it would come, and by how much the division gets worse."""
    if found.possible:
        return f"{_moved(explained, found, (unit, category))}{_price(found.price)}"
    if _at_most(explained, unit, category):
        return str(_("不能再给：本格已到上限。"))
    if explained.problem.method == WITHIN_QUOTA:
        return str(_("不能再给：合计不变、每格只能上下取整时，没有别的格可以调出 1 席。"))
    return str(_("不能再给：合计不变时，没有别的格可以调出 1 席。"))


def _moved(explained: Explanation, found: NextSeat, asked: tuple[int, int]) -> str:
    """Who gives the seat: one cell, or units that change a seat of one category into one of another, in turn."""
    gives, gets = Counter(found.gives), Counter(found.gets)
    gets[asked] -= 1
    # A seat that a cell gives and gets back in the same exchange has not moved.
    gives, gets = gives - gets, gets - gives
    if not gives:
        return str(_("可以再给 1 席，不必从别的格调出，"))
    if not gets:
        given = "".join(_cell_name(explained, cell) for cell in gives.elements())
        return str(_("若再给 1 席，须从%(gives)s调出，", gives=given))
    order = [asked[0], *(unit for unit, _category in (*gives, *gets) if unit != asked[0])]
    moves = [_move(explained, unit, asked[0], gives, gets) for unit in dict.fromkeys(order)]
    return str(_("若再给 1 席，须连带调整：%(moves)s；", moves=_("；").join(filter(None, moves))))


def _move(
    explained: Explanation, unit: int, asked: int, gives: Counter[tuple[int, int]], gets: Counter[tuple[int, int]]
) -> str:
    def names(cells: Counter[tuple[int, int]]) -> str:
        own = [explained.problem.categories[j].name for i, j in cells.elements() if i == unit]
        return str(_("、").join(own))

    given, got, name = names(gives), names(gets), explained.problem.units[unit].name
    if unit == asked:
        name = _("本单位")
    if given and got:
        return str(_("%(unit)s%(gives)s 1 席改为%(gets)s", unit=name, gives=given, gets=got))
    if given:
        return str(_("%(unit)s减%(gives)s 1 席", unit=name, gives=given))
    return str(_("%(unit)s增%(gets)s 1 席", unit=name, gets=got)) if got else ""


def _price(price: float) -> str:
    if price < LEAST_SHOWN:
        return str(_("偏差不变：本来并列，按抽签顺序未得。"))
    return str(_("偏差增加 %(price)s。", price=f"{price:.2f}"))


def _at_most(explained: Explanation, unit: int, category: int) -> bool:
    seats = explained.allocation.seats[unit][category]
    return any(
        (rule.unit, rule.category) == (unit, category) and rule.seats <= seats for rule in explained.problem.at_most
    )


def unit_reckoning(problem: Problem, code: str, n: int) -> list[str]:
    """How a unit's seats came about. `n`: what was computed."""
    lines = problem["units"]
    line = lines[ids(problem, "units")[code]]
    if "seats" in line:
        return [_("名额定为 %(n)s 席。", n=n)]
    if "weight" not in line:
        return [_("没有规定合计，由各类别相加得 %(n)s 席。", n=n)]
    own = Fraction(str(line["weight"]))
    whole = sum((Fraction(str(other["weight"])) for other in lines if "weight" in other), Fraction(0))
    left = problem["total"] - sum(int(other.get("seats", 0)) for other in lines)
    told = [
        _(
            "单位权重 %(own)s，占 %(part)s%%；%(left)s 席按比例应得 %(q)s 席，取整（韦伯斯特法）得 %(n)s 席。",
            own=f"{float(own):,.10g}",
            part=f"{float(100 * own / whole):.1f}",
            left=left,
            q=short(own * left / whole),
            n=n,
        )
        if whole
        else _("各单位权重都是 0。")
    ]
    told += [_("规定不少于 %(n)s 席。", n=n)] if line.get("min") == n else []
    return told + ([_("规定不多于 %(n)s 席。", n=n)] if line.get("max") == n else [])


def category_reckoning(problem: Problem, code: str, n: int) -> list[str]:
    """How a category's seats came about. `n`: what was computed."""
    line = problem["categories"][ids(problem, "categories")[code]]
    if "seats" in line:
        return [_("合计定为 %(n)s 席。", n=n)]
    if "share" not in line:
        return [_("没有规定合计，由各单位相加得 %(n)s 席。", n=n)]
    share = Fraction(str(line["share"]))
    method = _("韦伯斯特法") if problem.get("category_rounding", "largest-remainder") == "webster" else _("最大余数法")
    return [
        _(
            "总名额 %(total)s × %(share)s%% = %(q)s，按%(method)s取整，得 %(n)s 席。",
            total=problem["total"],
            share=f"{float(100 * share):g}",
            q=short(share * problem["total"]),
            method=method,
            n=n,
        )
    ]


def short(number: Fraction | str) -> str:
    """A share or product as the plan's paper prints it: more decimals where two would hide the side of a half."""
    return two_decimals(Fraction(number)) if number != "" else "–"


def without_hand(line: HandLine, solved: int, by_others: bool) -> str:
    """What the place of a change would have without it. `solved`: what it has in the answer, which may know other locks."""
    alone = _("不作任何人工调整时 %(n)s 席", n=line.computed)
    if line.computed is None:
        alone = _("不调整则规则互相矛盾，算不出席数")
    if line.in_force or solved == line.computed:
        return str(alone)
    now = _("按其他锁定计算 %(n)s 席", n=solved) if by_others else _("上次计算 %(n)s 席", n=solved)
    return f"{alone}{_('；')}{now}"
