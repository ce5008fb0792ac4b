"""Plans for the tests of the documents: any problem, answered by the allocator, in the shape that a scheme gives it."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from allocation import allocate, read_problem
from allocation.explain import Explanation
from election.quotas.comparison import Shares
from election.quotas.plan.figures import Plan, plan_of
from election.quotas.plan.paper import Occasion
from election.quotas.queries import HandLine
from election.quotas.queries_sheet import Sheet, SheetCell, SheetRow, Target

OCCASION = Occasion(
    congress="某县第十四次代表大会",
    sender="中共某县委组织部",
    state="草案",
    date="2031年3月3日",
    reply="上级批复：某组复〔2031〕1号（2031年3月1日）。",
    source="",
    per_member=1,
    per_organisation=3,
    rules=(("最低差额比例", "20%", "地方条例；基层条例第九条"),),
    people=(("编制", "经办甲　2031年3月3日"),),
    authors={1: "经办甲"},
)


def problem(weights: list[list[int]], units: list[int], categories: list[int], **more: Any) -> dict[str, Any]:
    """Exact totals for every line; lines are named by their place."""
    return {
        "format": "allocation-problem/1",
        "total": sum(units),
        "method": "webster",
        "units": [{"id": f"u{at}", "name": f"第{at}镇", "seats": seats} for at, seats in enumerate(units)],
        "categories": [{"id": f"c{at}", "name": f"第{at}类", "seats": seats} for at, seats in enumerate(categories)],
        "weights": weights,
        **more,
    }


def planned(
    asked: dict[str, Any],
    *,
    assigned: Mapping[tuple[int, int], int] | None = None,
    previous: Mapping[int, int] | None = None,
    changed: Mapping[tuple[int, int], HandLine] | None = None,
    margin: int = 40,
    shares: Shares | None = None,
) -> Plan:
    """The plan of a problem. Every unit has ten members for each of its places in the list."""
    read = read_problem(asked)
    answer = allocate(read)
    assert answer.allocated
    stored: dict[str, Any] = answer.to_json()
    changed = changed or {}
    rows = [
        SheetRow(
            position=i + 1,
            unit=line.id,
            name=line.name,
            organisations=i + 1,
            members=10 * (i + 1),
            seats=sum(answer.seats[i]),
            wanted=sum(answer.seats[i]),
            previous=(previous or {}).get(i),
            cells=tuple(
                SheetCell(
                    category=category.id,
                    seats=answer.seats[i][j],
                    solved=answer.seats[i][j],
                    assigned=(assigned or {}).get((i, j), 0),
                    fair_share=stored["fair_shares"][i][j],
                    weight=str(read.weights[i][j]),
                    unit_number=stored["certificate"]["units"][i],
                    category_number=stored["certificate"]["categories"][j],
                    product="",
                    needed=0,
                    most=None,
                    by_hand=changed.get((i, j)),
                )
                for j, category in enumerate(read.categories)
            ),
            overlays=tuple(parts[i] for parts in answer.overlays.values()),
            candidates=0,
            factor="1",
            factor_reason="",
            by_hand=None,
        )
        for i, line in enumerate(read.units)
    ]
    total = sum(row.seats for row in rows)
    sheet = Sheet(
        rows=tuple(rows),
        categories=tuple(
            Target(line.id, line.name, seats, seats, Fraction(seats, total), total)
            for line, seats in zip(read.categories, answer.category_seats, strict=True)
        ),
        overlays=tuple(
            Target(key, key, sum(parts), sum(parts), Fraction(sum(parts), total), total)
            for key, parts in answer.overlays.items()
        ),
        organisations=sum(row.organisations for row in rows),
        members=sum(row.members for row in rows),
        seats=total,
        wanted=total,
        previous=None,
        assigned=0,
        candidates=0,
    )
    return plan_of(
        1,
        "ab12" * 16,
        asked,
        stored,
        sheet,
        Explanation(answer),
        list(changed.values()),
        margin,
        base=asked,
        shares=shares or answer.fair_shares,
    )
