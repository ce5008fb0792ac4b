"""The certificate on paper: how to check by hand, the numbers, what stands at a bound or a tie, every cell's product. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from string import ascii_uppercase

from election.documents.parts import Data, table
from election.quotas.plan.figures import Plan, PlanCell, two_decimals
from election.quotas.plan.sections import named, section
from election.quotas.weights import exact

# So many categories stand side by side with weight, product and seats on a page.
SIDE_BY_SIDE = 6


def certificate(plan: Plan) -> list[Data]:
    more = []
    if plan.total_number != "1":
        more.append(f"总系数{plan.total_number}")
    letters = _letters(plan)
    if letters:
        more.append("权重后所标各组的系数")
    times = f"，再乘以{'和'.join(more)}" if more else ""
    found = [
        section(
            "怎样验算",
            f"任取一格，用该格权重（人数）× 单位系数 × 类别系数{times}，四舍五入到整数，就是该格名额。单位系数、权重和乘积印在逐格验算表上，"
            "类别系数印在下面；一只计算器就能逐格核对。",
            _example(plan),
            "权重为0的格没有该类别的党员，不设名额，表中以“·”表示。",
        ),
        section("类别系数", tables=[_category_numbers(plan)]),
    ]
    if letters:
        members = [
            (
                letter,
                plan.groups[at].name,
                "、".join(plan.groups[at].units) or "全部单位",
                "、".join(plan.groups[at].categories) or "全部类别",
                plan.groups[at].number,
            )
            for at, letter in letters.items()
        ]
        found.append(
            section(
                "组系数", tables=[table(("", "组", "单位", "类别", "系数"), "clllr", (None, None, 2, 1, None), members)]
            )
        )
    held = [(i, j, cell) for i, row in enumerate(plan.rows) for j, cell in enumerate(row.cells) if cell.held]
    if held:
        found.append(_held(plan, held))
    if plan.ties:
        found.append(_ties(plan))
    if plan.exceptions:
        rows = [(named(plan, (i, j)), str(plan.rows[i].cells[j].seats), price) for i, j, price in plan.exceptions]
        found.append(
            section(
                "例外",
                f"各组互相交叉，下列各格的名额不能由系数四舍五入得出；代价之和{plan.gap}为与最优方案的最大可能差距。",
                tables=[table(("单位、类别", "名额", "代价"), "lrr", (1, None, None), rows)],
            )
        )
    found.append(
        section(
            "用程序验算",
            "在方案页下载两个文件：“分配问题”写明总名额、各格人数和各项规则，“分配结果与证书”写明各格名额和全部系数。"
            "在装有本系统的计算机上，于系统所在文件夹打开命令窗口，输入“./run check”和这两个文件的位置，中间各空一格，回车。"
            "程序只作整数运算，不重新分配，逐格核对乘积、各项合计、应得份额、“其中”和并列。通过的，只显示一个词“certified”"
            "（意为“验算通过”）；不通过的，逐条写明哪里不符。",
            "两个文件合在一起，算出的 SHA-256 就是本方案的指纹；纸面与文件的指纹一致，说的就是同一个方案。",
        )
    )
    return found


def _letters(plan: Plan) -> dict[int, str]:
    """A letter for each group, by position, whose number changes anything."""
    moved = [at for at, group in enumerate(plan.groups) if Fraction(group.number) != 1]
    return {at: ascii_uppercase[place % 26] * (place // 26 + 1) for place, at in enumerate(moved)}


def _category_numbers(plan: Plan) -> Data:
    """The categories' numbers, two side by side where there are many."""
    lines = [(column.name, column.number, str(column.seats)) for column in plan.categories]
    if len(lines) <= SIDE_BY_SIDE:
        return table(("类别", "系数", "名额"), "lrr", (1, 1, None), lines)
    half = -(-len(lines) // 2)
    pairs = zip(lines[:half], [*lines[half:], ("", "", "")], strict=False)
    return table(("类别", "系数", "名额") * 2, "lrr" * 2, (1.4, 1, None) * 2, [left + right for left, right in pairs])


def _example(plan: Plan) -> str:
    """One cell worked out with this scheme's own numbers: an ordinary one, of several seats if there is one."""
    plain = [
        (cell.seats < 2, i, j)
        for i, row in enumerate(plan.rows)
        for j, cell in enumerate(row.cells)
        if cell.weight and not cell.held and not cell.at_half and not cell.exception
    ]
    if not plain:
        return ""
    _, i, j = min(plain)
    row, cell = plan.rows[i], plan.rows[i].cells[j]
    factors = [f"权重{exact(cell.weight)}", f"单位系数{row.number}", f"类别系数{plan.categories[j].number}"]
    if plan.total_number != "1":
        factors.append(f"总系数{plan.total_number}")
    letters = _letters(plan)
    factors += [f"组系数{letters[at]} {plan.groups[at].number}" for at in plan.groups_of(i, j) if at in letters]
    return (
        f"例：{named(plan, (i, j))}，{' × '.join(factors)} = {two_decimals(cell.product)}，四舍五入得{cell.seats}名。"
    )


def _held(plan: Plan, held: Sequence[tuple[int, int, PlanCell]]) -> Data:
    alone = plan.only_cells
    rows = [
        (
            named(plan, (i, j)),
            two_decimals(cell.product),
            two_decimals(plan.fair(i, j) if cell.by_hand else cell.share),
            "只此一个单位有该类党员" if (i, j) in alone else cell.bound,
            str(cell.seats),
        )
        for i, j, cell in held
    ]
    return section(
        "受上下限约束的格",
        "下列各格的乘积超出了上限或下限（验算表中以▼▲标出），名额不按乘积取整：▼取上限，▲取下限。",
        tables=[
            table(("单位、类别", "乘积", "应得份额", "上下限", "名额"), "lrrlr", (1, None, None, None, None), rows)
        ],
    )


def _ties(plan: Plan) -> Data:
    order = "抽签顺序即分配表中单位的次序。" if plan.drawn_as_listed else f"抽签顺序：{'、'.join(_drawn(plan))}。"
    rows = []
    for number, cells in enumerate(plan.ties, 1):
        for i, j in cells:
            cell = plan.rows[i].cells[j]
            rows.append((str(number), named(plan, (i, j)), two_decimals(cell.product), str(cell.seats)))
    return section(
        "并列",
        "下列各格的乘积恰为一半（验算表中标½），进一名、舍一名同样公平，按抽签顺序决定，排在前面的单位先得。" + order,
        tables=[table(("组别", "单位、类别", "乘积", "名额"), "llrr", (None, 1, None, None), rows)],
    )


def _drawn(plan: Plan) -> list[str]:
    names = {row.code: row.name for row in plan.rows}
    return [names[code] for code in plan.drawing_order]


def matrices(plan: Plan) -> list[Data]:
    """The cells with their proof, so many categories at a time as a page takes."""
    columns, letters = len(plan.categories), _letters(plan)
    pages = -(-columns // SIDE_BY_SIDE)
    per_page = -(-columns // pages)
    return [
        {
            "heading": ["逐格验算表"],
            "version": f"方案{plan.number}　权重 × 单位系数 × 类别系数{'（× 所标组系数）' if letters else ''} = 乘积，四舍五入得名额"
            + (f"　（{page + 1}/{pages}）" if pages > 1 else ""),
            "categories": [
                {"name": column.name, "number": column.number, "seats": str(column.seats)}
                for column in plan.categories[page * per_page : (page + 1) * per_page]
            ],
            "rows": [
                {
                    "head": [str(row.position), row.name, row.number, str(row.seats)],
                    "cells": [
                        proof(row.cells[at], [letters[one] for one in plan.groups_of(place, at) if one in letters])
                        for at in range(page * per_page, min((page + 1) * per_page, columns))
                    ],
                }
                for place, row in enumerate(plan.rows)
            ],
            "note": "▼ 取上限　▲ 取下限　½ 恰为一半，由抽签顺序决定"
            + ("　※ 例外" if plan.exceptions else "")
            + "　· 没有该类别党员，不设名额",
        }
        for page in range(pages)
    ]


def proof(cell: PlanCell, letters: Sequence[str] = ()) -> list[str]:
    """Weight, product and seats of a cell as the matrix prints them; `letters` of the groups that multiply it."""
    if not cell.weight:
        return ["0", "", "·"]
    mark = ""
    if cell.exception:
        mark = "※"
    elif cell.held:
        mark = "▼" if cell.held in ("at_most", "quota_ceiling") else "▲"
    elif cell.at_half:
        mark = "½"
    return ["×".join((str(exact(cell.weight)), *letters)), f"{mark}{two_decimals(cell.product)}", str(cell.seats)]
