"""The page of one scheme, put together: head, sheet, panel, changes by hand, what may be done. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g, url_for
from flask_babel import gettext as _

from election.people.queries import names_of
from election.quotas.hand import BOUNDS, Place, ids
from election.quotas.lifecycle import SchemeState
from election.quotas.models import ChangeKind, Scheme
from election.quotas.queries import HandLine
from webapp.context import chinese_date, chinese_time
from webapp.errors import said
from webapp.requests import reading
from webapp.scheme_conflicts import conflict_context
from webapp.scheme_panel import editing, told
from webapp.scheme_steps import acts, advice, notices
from webapp.scheme_table import Choice, Table, balance, bar, choice_of
from webapp.scheme_view import Refusals, View
from webapp.scheme_words import without_hand

BADGES = {
    SchemeState.DRAFT: "draft",
    SchemeState.SUBMITTED: "waiting",
    SchemeState.APPROVED: "ok",
    SchemeState.RETURNED: "warn",
    SchemeState.SUPERSEDED: "off",
}


def page_context(
    found: Scheme, arguments: Mapping[str, str], *, price: bool = False, refused: Refusals | None = None
) -> dict[str, Any]:
    """What `scheme_sheet.html` shows. `arguments`: of the address, which say what is chosen."""
    view, refused = View(found), refused or Refusals()
    choice = choice_of(refused.change.fields if refused.change is not None else arguments, view.shown)
    table = Table(view.href(), view.shown, choice, _("名额"), _("合计"), view.freed)
    persons = {*view.authors, found.submitted_by_id, found.approved_by_id}
    waiting = sum(not line.in_force for line in view.hand)
    people = names_of(reading(), persons | {line.author_id for line in view.hand})
    return {
        "scheme": _head(view),
        "table": table.context(view.margin),
        "balance": balance(view.shown, view.open_changes, waiting, list(view.freed.values())),
        "targets": [bar(target) for target in view.shown.categories],
        "overlay_targets": [bar(target) for target in view.shown.overlays],
        "told": told(view, choice, price=price),
        "facts_url": view.href("cell"),
        "page_url": view.href(),
        "editing": editing(view, choice, refused.change, arguments.get("saved", "")),
        "hand": [_hand(view, line, people) for line in view.hand],
        "freed": bool(view.freed),
        "settled": view.open_changes == 0,
        "hash": found.hash,
        "notices": notices(view),
        "advice": advice(view),
        "refusals": refused.others,
        "conflicts": conflict_context(
            refused.conflicts, view.href("recompute"), {"seen": view.seen}, refused.tried, _places(view)
        ),
        "history": _history(view, people),
        "acts": acts(view, refused.give_back),
    }


def _head(view: View) -> dict[str, Any]:
    found, rules = view.found, view.rules
    if found.source:
        weights = _("按测算工作簿“%(name)s”计算", name=found.source)
    else:
        members, organisations = rules["weight_members"], rules["weight_organisations"]
        weights = _("每名党员计 %(a)s、每个党组织计 %(b)s", a=members, b=organisations)
    method = _("双向韦伯斯特法") if found.problem.get("method") == "webster" else _("每格在应得份额上下取整")
    return {
        "title": _("方案%(number)s", number=found.number),
        "state_kind": BADGES[found.state],
        "state_label": said(found.state),
        "back": None
        if view.office
        else {"href": url_for("office_scheme.schemes", congress=g.congress.code), "label": _("名额分配")},
        "lead": _(
            "%(units)s 个选举单位 · %(members)s 名党员 · %(weights)s · %(method)s",
            units=len(view.shown.rows),
            members=f"{view.shown.members:,}",
            weights=weights,
            method=method,
        ),
    }


def _hand(view: View, line: HandLine, people: Mapping[int, str]) -> dict[str, Any]:
    choice = None if line.kind in BOUNDS else Choice(line.unit, line.category)
    lock = None
    if choice is not None and not line.locked:
        place = {"unit": line.unit or "", "category": line.category or "", "seen": view.seen}
        lock = {
            "action": view.href("change"),
            "fields": place | {"seats": str(line.seats), "reason": line.reason, "locked": "1"},
        }
    return {
        "title": title_of(line),
        "computed": line.computed if choice is not None else _bound_before(view.found.base, line),
        "without": _without(view, line) if choice is not None else None,
        "seats": line.seats,
        "locked": line.locked,
        "waits": line.locked and not line.in_force,
        "reason": line.reason,
        "by": people.get(line.author_id, ""),
        "day": chinese_date(line.made_at),
        "href": view.href(**choice.query) if choice is not None else None,
        "put_back": view.href("take_back", change=line.id) if view.edits else None,
        "fields": {"seen": view.seen},
        "lock": lock,
    }


def _without(view: View, line: HandLine) -> str | None:
    """The words that the step from number to number needs: where it is not what the sheet had a moment ago."""
    made, answer = view.found.problem, view.found.allocation
    if line.unit is None:
        solved = answer["category_seats"][ids(made, "categories")[line.category or ""]]
    elif line.category is None:
        solved = answer["unit_seats"][ids(made, "units")[line.unit]]
    else:
        solved = answer["seats"][ids(made, "units")[line.unit]][ids(made, "categories")[line.category]]
    if line.computed is not None and (line.in_force or solved == line.computed):
        return None
    return without_hand(line, solved, view.computed_by_others(line))


def _places(view: View) -> dict[Place, dict[str, Any]]:
    """The changes by hand by what they set, for where they contradict."""
    return {
        (line.kind, line.unit, line.category, line.group): {
            "title": title_of(line),
            "seats": line.seats,
            "reason": line.reason,
            "href": view.href(**({} if line.kind in BOUNDS else Choice(line.unit, line.category).query)),
        }
        for line in view.hand
    }


def title_of(line: HandLine) -> str:
    """清坪镇 · 农民, 清坪镇 · 名额: where a change by hand sets its number."""
    where = " · ".join(filter(None, (line.unit_name, line.category_name, line.group_name if line.group else "")))
    words = {ChangeKind.CELL: "", ChangeKind.UNIT: _("名额"), ChangeKind.CATEGORY: _("合计")}
    word = words.get(line.kind, said(line.kind))
    return f"{where} · {word}" if word else where


def _bound_before(base: Mapping[str, Any], line: HandLine) -> int | None:
    """The bound that the rules had before it was stretched; None where there was none."""
    if line.kind is ChangeKind.CELL_MOST:
        bounds = (
            one for one in base.get("at_most", ()) if (one["unit"], one["category"]) == (line.unit, line.category)
        )
        return next((int(one["seats"]) for one in bounds), None)
    side, code = ("groups", line.group) if line.group else ("units", line.unit)
    key = "min" if line.kind in (ChangeKind.UNIT_LEAST, ChangeKind.GROUP_LEAST) else "max"
    found = next((one.get(key) for one in base.get(side, ()) if one["id"] == code), None)
    return None if found is None else int(found)


def _history(view: View, people: Mapping[int, str]) -> dict[str, str]:
    """Everyone who made a part of it, and when it was computed last: that is nobody's signature."""
    found = view.found
    facts = {
        _("编制"): _("、").join(people[person] for person in view.authors),
        _("最近计算"): chinese_time(found.computed_at),
    }
    # A version that was withdrawn, or returned and changed since, waits for nobody.
    submitted = None if found.state is SchemeState.DRAFT else found.submitted_at
    moments = (
        (_("送审"), found.submitted_by_id, submitted),
        (_("批准"), found.approved_by_id, found.approved_at),
    )
    facts |= {
        word: f"{people[person]} {chinese_time(moment)}"
        for word, person, moment in moments
        if person is not None and moment is not None
    }
    if found.source:
        facts[_("来源")] = _("工作簿 %(name)s", name=found.source)
    if found.note:
        facts[_("说明")] = found.note
    return facts
