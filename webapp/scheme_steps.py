"""What to know about a scheme and what its reader may do next: notices above the sheet, buttons at its head. Decides nothing.

Whether an act is possible is decided by its operation; here only those are offered that are.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from flask import g, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from election.congress.models import OverlayFact
from election.people.queries import names_of
from election.quotas.advice import leaders_at_cap, women_below_members
from election.quotas.lifecycle import SchemeState
from election.quotas.models import Scheme
from election.quotas.queries import approved_scheme, divides_alike
from election.quotas.queries import schemes as all_schemes
from election.texts import Sentence
from webapp.context import chinese_date
from webapp.errors import said
from webapp.requests import reading
from webapp.scheme_readers import readable_schemes, works_on_schemes
from webapp.scheme_view import FROZEN, View

# How many other versions the menu offers to compare with; the comparison's own page has them all.
COMPARED = 6
NAMED_AT_MOST = 3


def notices(view: View) -> list[dict[str, Any]]:
    """What the state of the scheme means for its reader, one sentence each."""
    return [{"href": None, "link": None} | one for one in _state(view)]


def _state(view: View) -> Iterator[dict[str, Any]]:
    found = view.found
    if found.state in (SchemeState.RETURNED, SchemeState.DRAFT) and found.returned_because:
        # Stays while the draft is being mended: that is what it is mended for.
        returned = found.state is SchemeState.RETURNED
        words = _("审批人退回：%(reason)s", reason=found.returned_because)
        yield {"kind": "warn", "text": words if returned else _("曾被退回：%(reason)s", reason=found.returned_because)}
    if found.state is SchemeState.SUPERSEDED:
        yield _superseded(found)
    for text in _too_many(view):
        yield {"kind": "warn", "text": text}
    if found.state is SchemeState.SUBMITTED:
        if view.approver and (why := _not_mine(view)):
            yield {"kind": "info", "text": why}
        elif not view.approver:
            yield {"kind": "info", "text": _("已送审，等待另一人批准；其间不能改动。")}
    if (same := _no_news(view)) is not None:
        yield {"kind": "info", "text": _("与现行的方案%(number)s 完全相同，无须再批。", number=same.number)}
    if found.state is not SchemeState.SUPERSEDED and view.stale:
        text = _("花名册、等额安排、名额组或规则在本方案计算之后有变化，本方案不会自动改动。")
        yield {"kind": "warn", "text": text + STALE.get(found.state, _("需要时请另立新方案。"))}


def _no_news(view: View) -> Scheme | None:
    """The version in force, where one that is on its way to approval says the same."""
    if view.found.state in FROZEN or view.open_changes:
        return None
    approved = approved_scheme(reading(), g.congress.id)
    return approved if approved is not None and divides_alike(approved, view.found) else None


def _superseded(found: Scheme) -> dict[str, Any]:
    """By which version, and when."""
    approved = [row for row in all_schemes(reading(), g.congress.id) if row.approved_at is not None]
    approved.sort(key=lambda row: (row.approved_at or found.computed_at, row.number))
    after = next((late for early, late in pairwise(approved) if early.id == found.id), None)
    if after is None or after.approved_at is None:
        text = _("本方案已取代，只供查阅。")
        return {"kind": "info", "text": text, "href": _list(), "link": _("看全部方案")}
    day, number = chinese_date(after.approved_at), after.number
    text = _("本方案已取代：%(day)s起由方案%(number)s 代替，只供查阅。", day=day, number=number)
    href = url_for("office_scheme.scheme", congress=g.congress.code, number=number)
    return {"kind": "info", "text": text, "href": href, "link": _("看方案%(number)s", number=number)}


STALE = {
    SchemeState.DRAFT: _l("重新计算后才能送审。"),
    SchemeState.RETURNED: _l("重新计算后才能送审。"),
    SchemeState.SUBMITTED: _l("须撤回或退回，重新计算后再送审。"),
}


def _not_mine(view: View) -> str | None:
    """Why this approver does not decide on this version: four eyes, by person."""
    if g.actor.person_id == view.found.submitted_by_id:
        return str(_("本方案由您送审，须由另一人批准或退回。"))
    if g.actor.person_id in view.authors:
        return str(_("您参加过本方案的编制或修改，须由另一人批准或退回。"))
    return None


def advice(view: View) -> list[str]:
    """What is unwise or missing in the composition although no rule forbids it."""
    return [*_overlays(view), *(said(one) for one in _advice(view))]


def _too_many(view: View) -> Iterator[str]:
    """Cells with more seats than their members could contest: no rule forbids it, but nobody could hold that election."""
    shown = view.shown
    far = [
        _(
            "%(unit)s·%(category)s %(n)s 席，有选举权的该类党员 %(m)s 人",
            unit=row.name,
            category=target.name,
            n=cell.seats,
            m=cell.weight,
        )
        for row in shown.rows
        for cell, target in zip(row.cells, shown.categories, strict=True)
        if cell.too_many
    ]
    if far:
        names = _("；").join(far[:NAMED_AT_MOST])
        cells = _("%(names)s等 %(n)s 格", names=names, n=len(far)) if len(far) > NAMED_AT_MOST else names
        yield _("%(cells)s，不够差额。", cells=cells)


def _too_many_words(view: View) -> str:
    """The same within a question."""
    far = sum(cell.too_many for row in view.shown.rows for cell in row.cells)
    return str(_("有 %(n)s 格不够差额。", n=far)) if far else ""


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
        "letters": view.elsewhere("office_letters.letters") if state in FROZEN and works_on_schemes() else None,
        "letters_primary": state is SchemeState.APPROVED,
        "recompute": _recompute(view) if view.office and not submitted else None,
        "submit": view.href("submit")
        if view.edits and not view.open_changes and not view.stale and _no_news(view) is None
        else None,
        "withdraw": view.href("withdraw")
        if view.office and submitted and g.actor.person_id == found.submitted_by_id
        else None,
        "submit_question": _too_many_words(view) + _("送审后由另一人批准，其间不能再改。确定送审？"),
        "approve": view.href("approve") if decides and not view.stale and _no_news(view) is None else None,
        "approve_question": _approve_question(view) if decides and not view.stale else None,
        "give_back": view.href("give_back") if decides else None,
        "give_back_errors": give_back_errors,
    }


def _approve_question(view: View) -> str:
    """What an approver decides: whose work it is, how much of it was set by hand, what it puts out of force."""
    people = names_of(reading(), set(view.authors))
    told = _(
        "方案%(number)s 由%(names)s编制",
        number=view.found.number,
        names=_("、").join(people[one] for one in view.authors),
    )
    told += _("，含 %(n)s 处人工调整。", n=len(view.hand)) if view.hand else _("，没有人工调整。")
    told += _too_many_words(view)
    if before := approved_scheme(reading(), g.congress.id):
        letters = len(before.problem["units"])
        told += _("将取代方案%(number)s，其 %(n)s 份名额通知作废，须重新签收。", number=before.number, n=letters)
    return str(told + _("批准后本方案冻结并留存指纹，名额通知随即生成；以后的变动须另立新方案。确定批准？"))


def _list() -> str:
    return url_for("office_scheme.schemes", congress=g.congress.code)


def _compared(found: Scheme) -> list[dict[str, str]]:
    others = [row for row in readable_schemes() if row.id != found.id]
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
