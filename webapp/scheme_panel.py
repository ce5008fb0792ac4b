"""The panel beside the sheet: why what was chosen has its seats, and the form that changes them. Decides nothing."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from allocation.explain import Explanation
from election.errors import Refused
from election.quotas.hand import Place
from election.quotas.models import ChangeKind
from election.quotas.queries import HandLine, explanation
from election.quotas.queries_sheet import SheetCell, SheetRow
from webapp.errors import say
from webapp.scheme_table import Choice
from webapp.scheme_view import Typed, View
from webapp.scheme_words import category_reckoning, cell_reckoning, next_seat, short, unit_reckoning, without_hand

PUT_BACK_LATER = _l("已取消，重新计算后恢复为系统算出的数。")


def told(view: View, choice: Choice | None, *, price: bool = False) -> dict[str, Any] | None:
    """What the panel says. `price`: work out the next seat's even where groups make that long work."""
    if choice is None:
        return None
    if choice.unit is not None and choice.category is not None:
        return _cell(view, choice, price)
    return _line(view, choice)


def _cell(view: View, choice: Choice, price: bool) -> dict[str, Any]:
    place, row = next((at, row) for at, row in enumerate(view.shown.rows) if row.unit == choice.unit)
    column, target = next((at, one) for at, one in enumerate(view.shown.categories) if one.code == choice.category)
    cell = row.cells[column]
    locked = cell.by_hand if cell.by_hand is not None and cell.by_hand.in_force else None
    explained: Explanation | None
    try:
        explained = explanation(view.found)
        lines = cell_reckoning(explained, explained.why(place, column), locked)
    except Refused as refused:  # the stored answer does not prove itself: the sheet is still shown, its reasons are not
        explained, lines = None, [say(refused)]
    if cell.seats != cell.solved:
        lines.append(_("以上是上次计算的 %(n)s 席；人工改为 %(m)s 席，还没有重新计算。", n=cell.solved, m=cell.seats))
    lines += _freed(view, (ChangeKind.CELL, choice.unit, choice.category, ""), cell.solved)
    if cell.too_many:
        told = _("本格 %(n)s 席，有选举权的该类党员 %(m)s 人，不够差额", n=cell.seats, m=cell.weight)
        lines.append(told + _("：至多 %(most)s 席。", most=cell.most))
    facts: dict[str, Any] = {
        "title": f"{row.name} · {target.name}",
        "share": short(cell.fair_share),
        "seats": cell.seats,
        "assigned": cell.assigned,
        "change": cell.by_hand,
        "without": _without(view, cell.by_hand, cell.solved),
        "reckoning": lines,
    }
    if explained is None or cell.weight == "0" or locked is not None:
        return facts
    if price or not view.found.problem.get("groups"):
        return facts | {"price": _price(view, explained, place, column)}
    asked = choice.query | {"price": "1"}
    return facts | {"price_href": view.href(**asked), "price_part": view.href("cell", **asked)}


def _price(view: View, explained: Explanation, place: int, column: int) -> str:
    words = next_seat(explained, explained.next_seat(place, column), place, column)
    return _("按上次计算：%(words)s", words=words) if view.open_changes else words


def _line(view: View, choice: Choice) -> dict[str, Any]:
    made, answer = view.found.problem, view.found.allocation
    if choice.unit is not None:
        at, row = next((at, row) for at, row in enumerate(view.shown.rows) if row.unit == choice.unit)
        title, previous = f"{row.name} · {_('名额')}", row.previous
        have, want, by_hand, solved = row.seats, row.wanted, row.by_hand, answer["unit_seats"][at]
        kind = ChangeKind.UNIT
        lines = [*_weight(view, at, row), *unit_reckoning(made, choice.unit, answer["unit_seats"][at])]
    else:
        at, target = next((at, one) for at, one in enumerate(view.shown.categories) if one.code == choice.category)
        title, previous = f"{target.name} · {_('合计')}", None
        have, want, by_hand, solved = target.seats, target.wanted, target.by_hand, answer["category_seats"][at]
        kind = ChangeKind.CATEGORY
        lines = category_reckoning(made, target.code, answer["category_seats"][at])
    if have != want:
        lines.append(_("各格相加是 %(have)s 席，应为 %(want)s 席。", have=have, want=want))
    return {
        "title": title,
        "share": None,
        "seats": want,
        "previous": previous,
        "change": by_hand,
        "without": _without(view, by_hand, solved),
        "reckoning": lines + _freed(view, (kind, choice.unit, choice.category, ""), solved),
    }


def _without(view: View, by_hand: HandLine | None, solved: int) -> str | None:
    return None if by_hand is None else without_hand(by_hand, solved, view.computed_by_others(by_hand))


def _freed(view: View, place: Place, solved: int) -> list[str]:
    """What stands where a lock was put back and nothing has been computed since."""
    if place not in view.freed:
        return []
    return [_("这里的锁定（%(n)s 席）已取消，尚未重新计算；重新计算后恢复为系统算出的数。", n=solved)]


def _weight(view: View, at: int, row: SheetRow) -> list[str]:
    """How the roster gives the unit's weight, where it does: a workbook may say another."""
    line = view.found.problem["units"][at]
    each, per, factor = int(view.rules["weight_members"]), int(view.rules["weight_organisations"]), Fraction(row.factor)
    if "weight" not in line or Fraction(str(line["weight"])) != (each * row.members + per * row.organisations) * factor:
        return []
    counted = _(
        "党员 %(members)s × %(each)s + 党组织 %(organisations)s × %(per)s",
        members=row.members,
        each=each,
        organisations=row.organisations,
        per=per,
    )
    if factor != 1:
        counted = _("（%(counted)s）× 系数 %(factor)s", counted=counted, factor=f"{float(factor):g}")
    return [f"{counted} = {float(Fraction(str(line['weight']))):,.10g}"]


def editing(view: View, choice: Choice | None, typed: Typed | None, saved: str) -> dict[str, Any] | None:
    """The form as it opens; None where this person may change nothing here. `saved`: what the last saving did."""
    if not view.edits:
        return None
    form: dict[str, Any] = {
        "action": view.href("change"),
        "seen": view.seen,
        "unit": (choice.unit if choice else None) or "",
        "category": (choice.category if choice else None) or "",
        "shown": choice is not None,
        "seats": "",
        "reason": "",
        "locked": True,
        "errors": {},
        "typed": typed is not None,
        "said": {"1": _("已保存。"), "0": _("已放回系统算出的数。")}.get(saved, ""),
    }
    if choice is not None:
        seats, by_hand, form["shown"] = _number(view, choice)
        form["seats"] = str(seats)
        if saved == "0" and _freed_here(view, choice):
            form["said"] = PUT_BACK_LATER
        if by_hand is not None:
            form |= {"reason": by_hand.reason, "locked": by_hand.locked}
    if typed is not None:
        form |= {name: typed.fields.get(name, "") for name in ("seats", "reason")}
        form |= {"locked": "locked" in typed.fields, "errors": typed.errors}
    return form


def _number(view: View, choice: Choice) -> tuple[int, HandLine | None, bool]:
    """The number that may be changed, its change by hand, and whether a seat can be there at all."""
    if choice.unit is None:
        target = next(one for one in view.shown.categories if one.code == choice.category)
        return target.wanted, target.by_hand, True
    row = next(row for row in view.shown.rows if row.unit == choice.unit)
    if choice.category is None:
        return row.wanted, row.by_hand, True
    cell: SheetCell = next(cell for cell in row.cells if cell.category == choice.category)
    return cell.seats, cell.by_hand, cell.weight != "0"


def _freed_here(view: View, choice: Choice) -> bool:
    kind = (
        ChangeKind.CATEGORY if choice.unit is None else ChangeKind.UNIT if choice.category is None else ChangeKind.CELL
    )
    return (kind, choice.unit, choice.category, "") in view.freed
