"""What to know about a scheme and what its reader may do next: notices above the sheet, buttons at its head. Decides nothing.

Whether an act is possible is decided by its operation; here only those are offered that are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import g, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from election.congress.models import OverlayFact
from election.quotas.advice import leaders_at_cap, women_below_members
from election.quotas.lifecycle import SchemeState
from election.quotas.models import Scheme
from election.quotas.queries import authors
from election.quotas.queries import schemes as all_schemes
from election.texts import Sentence
from webapp.errors import said
from webapp.requests import reading
from webapp.scheme_view import FROZEN, View

# How many other versions the menu offers to compare with; the comparison's own page has them all.
COMPARED = 6
NAMED_AT_MOST = 3


def notices(view: View) -> list[dict[str, Any]]:
    """What the state of the scheme means for its reader, one sentence each."""
    return [{"href": None, "link": None} | one for one in _state(view)]


def _state(view: View) -> Iterator[dict[str, Any]]:
    found = view.found
    if found.state is SchemeState.RETURNED and found.returned_because:
        yield {"kind": "warn", "text": _("审批人退回：%(reason)s", reason=found.returned_because)}
    if found.state is SchemeState.SUPERSEDED:
        text = _("本方案已被后来批准的方案取代，只供查阅。")
        yield {"kind": "info", "text": text, "href": _list(), "link": _("看全部方案")}
    if found.state is SchemeState.SUBMITTED:
        if view.approver and (why := _not_mine(view)):
            yield {"kind": "info", "text": why}
        elif not view.approver:
            yield {"kind": "info", "text": _("已送审，等待另一人批准；其间不能改动。")}
    if found.state is not SchemeState.SUPERSEDED and view.stale:
        text = _("花名册、等额安排、名额组或规则在本方案计算之后有变化，本方案不会自动改动。")
        yield {"kind": "warn", "text": text + STALE.get(found.state, _("需要时请另立新方案。"))}


STALE = {
    SchemeState.DRAFT: _l("重新计算后才能送审。"),
    SchemeState.RETURNED: _l("重新计算后才能送审。"),
    SchemeState.SUBMITTED: _l("须撤回或退回，重新计算后再送审。"),
}


def _not_mine(view: View) -> str | None:
    """Why this approver does not decide on this version: four eyes, by person."""
    if g.actor.person_id == view.found.submitted_by_id:
        return str(_("本方案由您送审，须由另一人批准或退回。"))
    if g.actor.person_id in authors(reading(), view.found):
        return str(_("您参加过本方案的编制或修改，须由另一人批准或退回。"))
    return None


def advice(view: View) -> list[str]:
    """What is unwise or missing in the composition although no rule forbids it."""
    return [*_too_many(view), *_overlays(view), *(said(one) for one in _advice(view))]


def _too_many(view: View) -> Iterator[str]:
    shown = view.shown
    far = [
        f"{row.name}·{target.name}"
        for row in shown.rows
        for cell, target in zip(row.cells, shown.categories, strict=True)
        if cell.too_many
    ]
    if far:
        names = _("、").join(far[:NAMED_AT_MOST])
        cells = _("%(names)s等 %(n)s 格", names=names, n=len(far)) if len(far) > NAMED_AT_MOST else names
        yield _("%(cells)s的名额多于其党员能够差额竞选的席数。", cells=cells)


def _overlays(view: View) -> Iterator[str]:
    for target in view.shown.overlays:
        if target.seats < target.wanted:
            yield _("“%(name)s”目标 %(n)s 名，只能落实 %(m)s 名。", name=target.name, n=target.wanted, m=target.seats)


def _advice(view: View) -> Iterator[Sentence]:
    shown, rules = view.shown, view.rules
    if not shown.seats:
        return
    led = {category.code for category in g.congress.categories if category.takes_assigned}
    for target in shown.categories:
        cap = int(rules["leader_cap"])
        if target.code in led and (found := leaders_at_cap(target.name, target.seats, shown.seats, cap)):
            yield found
    if rules["women_floor_advice"] == "off":
        return
    women = {overlay.code for overlay in g.congress.overlays if overlay.fact is OverlayFact.WOMEN}
    figures = view.found.basis["units"]
    voters = sum(one["voters"] for one in figures)
    for target in shown.overlays:
        if target.code in women:
            members = sum(one["overlays"].get(target.code, 0) for one in figures)
            if found := women_below_members(target.name, target.seats, shown.seats, members, voters):
                yield found


def acts(view: View, give_back_errors: Any = ()) -> dict[str, Any]:
    found, state = view.found, view.found.state
    submitted = state is SchemeState.SUBMITTED
    decides = submitted and view.approver and _not_mine(view) is None
    return {
        "fields": {"seen": view.seen},
        "compare": _compared(found),
        "methods": view.elsewhere("office_quotas.methods"),
        "exports": _exports(view),
        "letters": view.elsewhere("office_letters.letters") if state is SchemeState.APPROVED else None,
        "recompute": _recompute(view) if view.office and not submitted else None,
        "submit": view.href("submit") if view.edits and not view.open_changes and not view.stale else None,
        "withdraw": view.href("withdraw")
        if view.office and submitted and g.actor.person_id == found.submitted_by_id
        else None,
        "approve": view.href("approve") if decides and not view.stale else None,
        "give_back": view.href("give_back") if decides else None,
        "give_back_errors": give_back_errors,
    }


def _list() -> str:
    return url_for("office_scheme.schemes", congress=g.congress.code)


def _compared(found: Scheme) -> list[dict[str, str]]:
    others = [row for row in all_schemes(reading(), g.congress.id) if row.id != found.id]
    return [
        {
            "label": _("与方案%(number)s（%(state)s）", number=row.number, state=said(row.state)),
            "href": url_for("office_quotas.compare", congress=g.congress.code, a=row.number, b=found.number),
        }
        for row in others[:COMPARED]
    ]


def _exports(view: View) -> list[dict[str, Any]]:
    return [
        {"label": _("A3 工作簿（.xlsx）"), "href": view.elsewhere("office_letters.plan_workbook")},
        {"label": _("分配方案（PDF，含证书）"), "href": view.elsewhere("office_letters.plan_pdf")},
        {"label": _("分配问题（JSON）"), "href": view.href("exported", part="problem"), "apart": True},
        {"label": _("分配结果与证书（JSON）"), "href": view.href("exported", part="allocation")},
    ]


def _recompute(view: View) -> dict[str, Any]:
    """The question before a recomputing says what becomes of the changes by hand."""
    locked = sum(line.locked for line in view.hand)
    loose = len(view.hand) - locked
    state = view.found.state
    if state in FROZEN:
        kept = _("沿用 %(n)s 处锁定的调整。", n=locked) if locked else ""
        question = _("本方案已冻结。按现在的花名册和规则另立一个新方案？") + kept
        return _button(view, _("另立新方案"), question, primary=False)
    if not view.hand:
        return _button(view, _("重新计算"), _("按现在的花名册和规则重新计算本方案？"), primary=view.stale)
    parts = [_("按现在的花名册和规则，围绕 %(n)s 处锁定重新计算。", n=locked)] if locked else []
    if loose:
        parts.append(_("%(n)s 处未锁定的调整将放回系统算出的数。", n=loose))
    label = _("围绕锁定重新计算") if locked else _("重新计算")
    return _button(view, label, "".join(parts), primary=view.stale or view.open_changes > 0)


def _button(view: View, label: str, question: str, *, primary: bool) -> dict[str, Any]:
    return {
        "label": label,
        "question": question,
        "yes": _("开始计算"),
        "action": view.href("recompute"),
        "fields": {"seen": view.seen},
        "primary": primary,
    }
