"""What the allocation plan says on paper: its sections, the sheet, the certificate that lets anyone check every cell. Pure.

Words and numbers for the template `plan`, in Chinese as all official paper; the template decides only how they stand.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from election.documents.paper import in_fours
from election.documents.parts import Data, table
from election.quotas.advice import percent
from election.quotas.comparison import deviation
from election.quotas.models import ChangeKind
from election.quotas.plan.certificate import certificate, matrices
from election.quotas.plan.figures import Plan, PlanCell, PlanRow, before, two_decimals
from election.quotas.plan.sections import named, numbered, section
from election.quotas.queries import HandLine

NIL = "—"


@dataclass(frozen=True, slots=True)
class Occasion:
    """What surrounds the numbers: whose congress, where the scheme stands, by which rules, in whose hands.

    `state` is printed below the title, `rules` are (name, value, source), `people` (part, name and time).
    """

    congress: str
    sender: str
    state: str
    date: str
    reply: str
    source: str
    per_member: int
    per_organisation: int
    rules: tuple[tuple[str, str, str], ...]
    people: tuple[tuple[str, str], ...]
    authors: dict[int, str]


def plan_paper(plan: Plan, occasion: Occasion) -> Data:
    """The data of the template `plan`."""
    return {
        "heading": [occasion.congress, "代表名额分配方案"],
        "version": f"方案{plan.number}　{occasion.state}",
        "sections": numbered(_sections(plan, occasion)),
        "sender": occasion.sender,
        "date": occasion.date,
        "people": [f"{part}：{who}" for part, who in occasion.people],
        "print": {"label": f"方案{plan.number}指纹", "fours": in_fours(plan.hash)},
        "sheet": _sheet(plan, occasion),
        "certificate": {
            "heading": ["代表名额分配证书"],
            "version": f"{occasion.congress}　方案{plan.number}",
            "sections": numbered(certificate(plan)),
        },
        "matrices": matrices(plan),
    }


def _sections(plan: Plan, occasion: Occasion) -> list[Data]:
    found = [
        section(
            "代表总额",
            f"代表名额共{plan.seats}名，分配到{len(plan.rows)}个选举单位（党组织{plan.organisations:,}个，"
            f"党员{plan.members:,}名），分为{len(plan.categories)}个类别。{occasion.reply}",
        ),
        section("分配办法", _method(plan), _lines(plan, occasion)),
        section(
            "采用的规则",
            tables=[table(("规则", "取值", "依据"), "lll", (None, None, 1), occasion.rules)],
        ),
        section("代表构成", _deviation(plan), tables=[_composition(plan)]),
    ]
    factors = [row for row in plan.rows if row.factor != "1"]
    if factors and not occasion.source:
        rows = [(row.name, f"{float(Fraction(row.factor)):g}", row.factor_reason) for row in factors]
        found.append(
            section("权重调整", tables=[table(("选举单位", "权重乘以", "理由"), "lrl", (None, None, 1), rows)])
        )
    if plan.assigned:
        where = "、".join(
            f"{column.name}{number}名"
            for at, column in enumerate(plan.categories)
            if (number := sum(row.cells[at].assigned for row in plan.rows))
        )
        found.append(
            section(
                "等额安排",
                f"等额安排{plan.assigned}名（{where}），在所在单位的名额之内，单独选举，不计差额；各单位人数见分配表备注。",
            )
        )
    if plan.groups:
        found.append(section("分组要求", tables=[_groups(plan)]))
    if plan.changes:
        found.append(section("人工调整", _tried(plan), tables=[_changes(plan, occasion)]))
    return found


def _method(plan: Plan) -> str:
    if plan.method == "within-quota":
        return (
            "在横向合计等于单位名额、竖向合计等于类别名额的条件下，先求出与各单位各类别人数比例最接近的应得份额，"
            "每格名额由应得份额向上或向下取整得出（应得3.41名的，得3名或4名）；逐格可以验算，见所附证书。"
        )
    return (
        "在横向合计等于单位名额、竖向合计等于类别名额的条件下，每格名额由该格人数乘以单位系数、类别系数后四舍五入得出"
        "（双向韦伯斯特法）；逐格可以验算，见所附证书。"
    )


def _lines(plan: Plan, occasion: Occasion) -> str:
    """Where the totals of units and categories come from."""
    rounding = "最大余数法" if plan.rounding == "largest-remainder" else "韦伯斯特法"
    if occasion.source:
        return f"单位、类别的名额或权重由工作簿“{occasion.source}”给定，类别名额按{rounding}取整。"
    return (
        f"单位名额按单位权重确定，单位权重为党员数×{occasion.per_member}与党组织数×{occasion.per_organisation}之和，"
        f"因行业、地域另有调整的见“权重调整”；类别名额按指导比例和{rounding}确定；每格人数为该单位该类别有选举权的党员数，含等额安排的人选。"
    )


def _composition(plan: Plan) -> Data:
    rows = []
    for column in plan.categories:
        difference = Fraction(100 * column.seats, plan.seats or 1) - 100 * column.share
        rows.append(
            (
                column.name,
                str(column.seats),
                f"{percent(column.seats, plan.seats or 1)}%",
                _share(column.share),
                _signed(difference),
            )
        )
    rows.append(("合计", str(plan.seats), "100%", _share(sum((c.share for c in plan.categories), Fraction(0))), ""))
    for column in plan.overlays:
        difference = Fraction(100 * column.seats, plan.seats or 1) - 100 * column.share
        rows.append(
            (
                f"其中：{column.name}",
                f"≥{column.seats}",
                f"{percent(column.seats, plan.seats or 1)}%",
                _share(column.share),
                _signed(difference),
            )
        )
    return table(("类别", "名额", "占比", "指导比例", "相差（百分点）"), "lrrrr", (1, None, None, None, None), rows)


def _share(share: Fraction) -> str:
    return f"{float(100 * share):g}%"


def _signed(points: Fraction) -> str:
    """Percentage points to one decimal: +0.3, −0.2, 0."""
    text = percent(abs(points.numerator), 100 * points.denominator)
    if text == "0.0":
        return "0"
    return f"{'+' if points > 0 else '−'}{text}"


def _deviation(plan: Plan) -> str:
    """How far the seats lie from what the rules alone give, and how many of them a hand moved out of its rounding."""
    found = deviation(
        [[cell.seats for cell in row.cells] for row in plan.rows],
        [[plan.fair(i, j) for j in range(len(row.cells))] for i, row in enumerate(plan.rows)],
    )
    measure = ""
    if plan.by_hand:
        measure = (
            "应得份额不计人工调整。"
            if plan.shares is not None
            else "不作人工调整，各项规则就互相矛盾，所以应得份额是连同人工调整计算的。"
        )
    worst = found.worst
    if worst is None or not worst.away:
        return f"{measure}各格名额与应得份额完全相符。"
    return (
        f"{measure}{_outside(plan, found.outside)}相差最大的一格为{named(plan, (worst.unit, worst.category))}："
        f"应得{two_decimals(worst.share)}名，分得{worst.seats}名。"
    )


def _outside(plan: Plan, cells: int) -> str:
    """How many cells have another number than their share rounded up or down, and what made it so."""
    moved = plan.by_hand and plan.shares is not None
    if not cells:
        return f"{'人工调整后，' if moved else ''}各格名额都在应得份额的上下取整之内。"
    if plan.method != "within-quota":
        return f"有{cells}格超出应得份额的上下取整{'（含人工调整所致）' if moved else ''}。"
    causes = [word for word, true in (("分组要求", plan.groups), ("人工调整", moved)) if true]
    return f"{'和'.join(causes)}使{cells}格超出应得份额的上下取整。"


def _groups(plan: Plan) -> Data:
    rows = []
    for group in plan.groups:
        bounds = [
            f"不少于{group.least}名" if group.least is not None else "",
            f"不多于{group.most}名" if group.most is not None else "",
        ]
        members = [
            f"{len(group.units)}个单位" if group.units else "全部单位",
            "、".join(group.categories) or "全部类别",
        ]
        rows.append((group.name, "，".join(members), "，".join(filter(None, bounds)), str(group.seats)))
    return table(("组", "范围", "要求", "名额"), "lllr", (None, 1, None, None), rows)


def _tried(plan: Plan) -> str:
    tried = sum(not line.in_force for line in plan.changes)
    return f"有{tried}处调整尚未锁定并重新计算，标为“试算”，不计入本方案各表。" if tried else ""


def _changes(plan: Plan, occasion: Occasion) -> Data:
    rows = [
        (
            _what(line),
            before(line),
            str(line.seats),
            "锁定" if line.in_force else "试算",
            line.reason,
            occasion.authors.get(line.author_id, NIL),
        )
        for line in plan.changes
    ]
    return table(
        ("单位、类别", "原为", "调整为", "状态", "理由", "经办人"), "lrrlll", (1, None, None, None, 1.3, None), rows
    )


def _what(line: HandLine) -> str:
    where = "·".join(filter(None, (line.unit_name, line.category_name, line.group_name)))
    return where if line.kind is ChangeKind.CELL else f"{where}（{line.kind.zh}）"


# The sheet


def _sheet(plan: Plan, occasion: Occasion) -> Data:
    return {
        "heading": ["代表名额分配表"],
        "version": f"{occasion.congress}　方案{plan.number}　{occasion.state}",
        "categories": [column.name for column in plan.categories],
        "overlays": [column.name for column in plan.overlays],
        "totals": _totals(plan),
        "rows": [sheet_row(plan, row) for row in plan.rows],
        "note": "“其中”为下限，可以交叉，不另加名额；“候选人不少于”含等额安排的人选"
        + ("；△为人工调整并已锁定的名额，理由见“人工调整”。" if plan.by_hand else "。"),
    }


def _totals(plan: Plan) -> list[str]:
    return [
        "",
        "合计",
        f"{plan.organisations:,}",
        f"{plan.members:,}",
        "100%",
        str(plan.seats),
        _change(plan.since_previous),
        *(str(column.seats) for column in plan.categories),
        *(str(column.seats) for column in plan.overlays),
        str(plan.candidates),
        "",
    ]


def sheet_row(plan: Plan, row: PlanRow) -> list[str]:
    """One unit of the sheet, column by column."""
    return [
        str(row.position),
        row.name,
        f"{row.organisations:,}",
        f"{row.members:,}",
        f"{percent(row.members, plan.members)}%" if plan.members else NIL,
        f"{row.seats}{_mark(row.by_hand)}",
        _change(row.since_previous),
        *(_seats(cell) for cell in row.cells),
        *(str(seats) for seats in row.overlays),
        str(row.candidates),
        remark(row),
    ]


def remark(row: PlanRow) -> str:
    """备注: assigned seats and the factor of the weight, which is not the number of the certificate."""
    return "；".join(
        filter(
            None,
            (
                f"等额{row.assigned}" if row.assigned else "",
                f"权重×{float(Fraction(row.factor)):g}" if row.factor != "1" else "",
            ),
        )
    )


def _seats(cell: PlanCell) -> str:
    if not cell.seats and not cell.by_hand:
        return NIL if cell.weight else "·"
    return f"{cell.seats}{_mark(cell.by_hand)}"


def _mark(line: HandLine | None) -> str:
    return "△" if line is not None and line.in_force else ""


def _change(number: int | None) -> str:
    if number is None:
        return NIL
    return f"+{number}" if number > 0 else f"−{-number}" if number < 0 else "0"
