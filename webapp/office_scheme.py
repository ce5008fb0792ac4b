"""The office's and the approver's desk: assigned leaders, schemes and the allocation sheet."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published types
from wtforms.validators import InputRequired

from election.congress.rules_in_force import rules_in_force
from election.errors import Invalid, Refused, Stale
from election.nomination.operations_leaders import assign_leader, release_leader
from election.people.actor import Role
from election.people.permissions import Permission
from election.people.queries import names_of
from election.quotas.lifecycle import SchemeState
from election.quotas.models import Scheme
from election.quotas.operations import (
    approve_scheme,
    compute_scheme,
    return_scheme,
    submit_scheme,
    withdraw_scheme,
)
from election.quotas.queries import (
    Sheet,
    SheetCell,
    SheetRow,
    assigned_leaders,
    basis_at,
    members_named,
    scheme_by_number,
    sheet,
)
from election.quotas.queries import schemes as all_schemes
from webapp.access import permitted
from webapp.context import chinese_time
from webapp.errors import say
from webapp.forms import Form
from webapp.requests import act, reading

desk = Blueprint("office_scheme", __name__)

BADGES = {
    SchemeState.DRAFT: "draft",
    SchemeState.SUBMITTED: "waiting",
    SchemeState.APPROVED: "ok",
    SchemeState.RETURNED: "warn",
    SchemeState.SUPERSEDED: "off",
}
MAY_SEE = (Permission.SCHEME_EDIT, Permission.SCHEME_APPROVE)


class LeaderForm(Form):
    name = StringField(_l("姓名"), [InputRequired(_l("请填写姓名。"))])
    unit = SelectField(_l("安排到"), choices=lambda: [SelectChoice(unit.code, unit.name) for unit in g.congress.units])


@desk.get("/c/<congress>/office/schemes")
@permitted(*MAY_SEE)
def schemes(congress: str) -> ResponseReturnValue:
    return _schemes_page()


def _schemes_page(refusals: list[str] | None = None) -> ResponseReturnValue:
    rows = all_schemes(reading(), g.congress.id)
    return render_template(
        "office/schemes.html",
        schemes=rows,
        people=names_of(reading(), {row.author_id for row in rows} | {row.approved_by_id for row in rows}),
        badges=BADGES,
        edits=Role.OFFICE in g.actor.roles_in(g.congress.id),
        leaders=len(assigned_leaders(reading(), g.congress.id)),
        refusals=refusals or [],
    ), 422 if refusals else 200


@desk.post("/c/<congress>/office/schemes")
@permitted(Permission.SCHEME_EDIT)
def compute(congress: str) -> ResponseReturnValue:
    """Computes a new draft; rules that contradict each other are answered with a sentence each, on the list."""
    try:
        with act() as unit_of_work:
            scheme = compute_scheme(unit_of_work, g.congress.id, request.form.get("note", ""))
    except Refused as refused:
        if refused.status == 403:
            raise
        return _schemes_page([say(refused)])
    except Invalid as invalid:
        return _schemes_page([say(refused) for refused in invalid.refusals])
    flash(_("方案%(number)s 已算出。", number=scheme.number), "ok")
    return redirect(url_for("office_scheme.scheme", congress=congress, number=scheme.number))


@desk.get("/c/<congress>/office/schemes/<int:number>")
@permitted(*MAY_SEE)
def scheme(congress: str, number: int) -> ResponseReturnValue:
    found = scheme_by_number(reading(), g.congress.id, number)
    rules = rules_in_force(reading(), g.congress.id)
    shown = sheet(g.congress, found, int(rules["margin_min"]))
    return render_template("office/scheme_sheet.html", **_sheet_context(found, shown, rules))


def _sheet_context(found: Scheme, shown: Sheet, rules: dict[str, Any]) -> dict[str, Any]:
    categories = [
        {"index": place, "name": target.name, "short": target.name, "seats": target.seats}
        for place, target in enumerate(shown.categories, 1)
    ]
    # Said once for the hundreds of cells: a page of this size would spend its time on looking the sentences up.
    words = _CellWords(
        url_for("office_scheme.scheme", **_place(found)),
        _("本单位没有该类别有选举权的党员，不设名额。"),
        _("该类党员 %(weight)s × 单位系数 %(unit)s × 类别系数 %(category)s = %(product)s，取整得 %(seats)s。"),
    )
    rows = [_row(words, shown, row) for row in shown.rows]
    chosen = next(
        (
            cell
            for row in rows
            for cell in row["cells"]
            if f"{cell['unit']}.{cell['category']}" == request.args.get("cell")
        ),
        None,
    )
    stale = basis_at(reading(), g.congress).hash != found.basis_hash
    warnings = (
        [_("花名册、等额安排或规则在本方案计算之后有变化，本方案不会自动改动；需要时请重新计算。")] if stale else []
    )
    if found.state is SchemeState.RETURNED and found.returned_because:
        warnings.insert(0, _("审批人退回：%(reason)s", reason=found.returned_because))
    cap = int(rules["leader_cap"])
    led = {category.code for category in g.congress.categories if category.takes_assigned}
    warnings += [
        _(
            "%(name)s占 %(share)s%%，达到提醒线 %(cap)s%%。",
            name=target.name,
            share=f"{float(target.percent):.1f}",
            cap=cap,
        )
        for category, target in zip(found.problem["categories"], shown.categories, strict=True)
        if category["id"] in led and target.percent >= cap
    ]
    return {
        "scheme": {
            "version": found.number,
            "title": _("方案%(number)s", number=found.number),
            "state_kind": BADGES[found.state],
            "state_label": found.state.zh,
            "lead": _(
                "%(units)s 个选举单位 · %(members)s 名党员 · 每名党员计 %(a)s、每个党组织计 %(b)s · %(method)s",
                units=len(rows),
                members=f"{shown.members:,}",
                a=rules["weight_members"],
                b=rules["weight_organisations"],
                method=_("每格在应得份额上下取整")
                if found.problem["method"] == "within-quota"
                else _("双向韦伯斯特法"),
            ),
            "note": found.note,
        },
        "categories": categories,
        "overlays": [{"name": target.name, "seats": target.seats} for target in shown.overlays],
        "rows": rows,
        "totals": {
            "organisations": shown.organisations,
            "members": shown.members,
            "seats": shown.seats,
            "change": None,
            "candidates": shown.candidates,
        },
        "targets": [_target(target) for target in shown.categories],
        "overlay_targets": [_target(target) for target in shown.overlays],
        "chosen": chosen,
        "certificate": {
            "sentence": _(
                "各单位、各类别合计与总额一致；每格名额等于该类党员数 × 单位系数 × 类别系数取整，可逐格验算。"
            ),
            "files": [
                {"label": label, "href": url_for("office_scheme.exported", part=part, **_place(found))}
                for label, part in ((_("分配问题"), "problem"), (_("分配结果与证书"), "allocation"))
            ],
            "hash": found.hash,
        },
        "warnings": warnings,
        "history": _history(found),
        "acts": _acts(found),
    }


@dataclass(frozen=True, slots=True)
class _CellWords:
    """What all cells of a page share: its address, the sentence of a cell without members, that of every other."""

    page: str
    shut: str
    reckoning: str


def _row(words: _CellWords, shown: Sheet, row: SheetRow) -> dict[str, Any]:
    return {
        "unit": row.unit,
        "name": row.name,
        "organisations": row.organisations,
        "members": row.members,
        "share": f"{100 * row.members / shown.members:.1f}%" if shown.members else "–",
        "seats": row.seats,
        "change": None,
        "cells": [
            _cell(words, row, cell, target.name) for cell, target in zip(row.cells, shown.categories, strict=True)
        ],
        "overlays": list(row.overlays),
        "candidates": row.candidates,
        "note": _("系数 %(factor)s", factor=f"{float(Fraction(row.factor)):g}") if row.factor != "1" else "",
        "note_title": row.factor_reason,
    }


def _cell(words: _CellWords, row: SheetRow, cell: SheetCell, category: str) -> dict[str, Any]:
    why = words.shut
    if cell.weight != "0":
        why = words.reckoning % {
            "weight": cell.weight,
            "unit": cell.unit_number,
            "category": cell.category_number,
            "product": cell.product,
            "seats": cell.seats,
        }
    return {
        "unit": row.unit,
        "category": cell.category,
        "seats": cell.seats,
        "fair": f"{float(cell.fair_share):.2f}",
        "assigned": cell.assigned,
        "open": cell.weight != "0",
        "title": f"{row.name} · {category}",
        "why": why,
        "next": None,
        "href": f"{words.page}?cell={row.unit}.{cell.category}",
    }


def _target(target: Any) -> dict[str, Any]:
    now, wanted = float(target.percent), float(target.share * 100)
    return {
        "name": target.name,
        "current": now,
        "target": wanted,
        "max": max(60.0, now, wanted) if wanted <= 60 else 100.0,
        "value": str(target.seats),
        "note": f"{now:.1f}% / {wanted:g}%",
    }


def _history(found: Scheme) -> dict[str, str]:
    people = names_of(reading(), {found.author_id, found.submitted_by_id, found.approved_by_id})
    facts = {_("计算"): f"{people[found.author_id]} {chinese_time(found.computed_at)}"}
    if found.submitted_at is not None and found.submitted_by_id is not None:
        facts[_("送审")] = f"{people[found.submitted_by_id]} {chinese_time(found.submitted_at)}"
    if found.approved_at is not None and found.approved_by_id is not None:
        facts[_("批准")] = f"{people[found.approved_by_id]} {chinese_time(found.approved_at)}"
    if found.note:
        facts[_("说明")] = found.note
    return facts


def _place(found: Scheme) -> dict[str, Any]:
    return {"congress": g.congress.code, "number": found.number}


def _acts(found: Scheme) -> dict[str, str | None]:
    roles = g.actor.roles_in(g.congress.id)
    office, approver = Role.OFFICE in roles, Role.APPROVER in roles
    place = _place(found)

    def when(allowed: bool, endpoint: str, **values: object) -> str | None:
        return url_for(endpoint, **(values or place)) if allowed else None

    return {
        "recompute": when(office, "office_scheme.compute", congress=g.congress.code),
        "submit": when(office and found.state in (SchemeState.DRAFT, SchemeState.RETURNED), "office_scheme.submit"),
        "approve": when(
            approver and found.state is SchemeState.SUBMITTED and g.actor.person_id != found.author_id,
            "office_scheme.approve",
        ),
        "withdraw": when(
            office and found.state is SchemeState.SUBMITTED and g.actor.person_id == found.submitted_by_id,
            "office_scheme.withdraw",
        ),
        "give_back": when(approver and found.state is SchemeState.SUBMITTED, "office_scheme.give_back"),
        "export": None,
    }


@desk.get("/c/<congress>/office/schemes/<int:number>/<any(problem,allocation):part>.json")
@permitted(*MAY_SEE)
def exported(congress: str, number: int, part: str) -> ResponseReturnValue:
    """The problem and its answer, for anyone who wants to prove the scheme with `check` on a machine of their own."""
    found = scheme_by_number(reading(), g.congress.id, number)
    content = found.problem if part == "problem" else found.allocation
    response = Response(json.dumps(content, ensure_ascii=False, indent=1) + "\n", mimetype="application/json")
    response.headers["Content-Disposition"] = f"attachment; filename={congress}-{number}-{part}.json"
    return response


def _require_version(number: int) -> None:
    if request.form.get("version") not in (None, str(number)):
        raise Stale("store.stale", what=_("方案"))


@desk.post("/c/<congress>/office/schemes/<int:number>/submit")
@permitted(Permission.SCHEME_EDIT)
def submit(congress: str, number: int) -> ResponseReturnValue:
    _require_version(number)
    with act() as unit_of_work:
        submit_scheme(unit_of_work, g.congress.id, number)
    flash(_("方案%(number)s 已送审，等待另一人批准。", number=number), "ok")
    return redirect(url_for("office_scheme.scheme", congress=congress, number=number))


@desk.post("/c/<congress>/office/schemes/<int:number>/withdraw")
@permitted(Permission.SCHEME_EDIT)
def withdraw(congress: str, number: int) -> ResponseReturnValue:
    with act() as unit_of_work:
        withdraw_scheme(unit_of_work, g.congress.id, number)
    flash(_("方案%(number)s 已撤回。", number=number), "ok")
    return redirect(url_for("office_scheme.scheme", congress=congress, number=number))


@desk.post("/c/<congress>/office/schemes/<int:number>/approve")
@permitted(Permission.SCHEME_APPROVE)
def approve(congress: str, number: int) -> ResponseReturnValue:
    _require_version(number)
    with act() as unit_of_work:
        approve_scheme(unit_of_work, g.congress.id, number)
    flash(_("方案%(number)s 已批准并冻结。", number=number), "ok")
    return redirect(url_for("office_scheme.scheme", congress=congress, number=number))


@desk.post("/c/<congress>/office/schemes/<int:number>/return")
@permitted(Permission.SCHEME_APPROVE)
def give_back(congress: str, number: int) -> ResponseReturnValue:
    _require_version(number)
    with act() as unit_of_work:
        return_scheme(unit_of_work, g.congress.id, number, request.form.get("reason", ""))
    flash(_("方案%(number)s 已退回。", number=number), "ok")
    return redirect(url_for("office_scheme.scheme", congress=congress, number=number))


@desk.route("/c/<congress>/office/leaders", methods=["GET", "POST"])
@permitted(Permission.SCHEME_EDIT)
def leaders(congress: str) -> ResponseReturnValue:
    """The leaders assigned to units, uncontested. A name that several members share asks which one is meant."""
    form = LeaderForm()
    matching: list[Any] = []
    if form.validate_on_submit():
        with form.refusals():
            matching = members_named(reading(), g.congress.id, form.name.data or "")
            chosen = request.form.get("member", type=int)
            if not matching:
                raise Refused("quotas.no_such_name", field="name", name=form.name.data)
            if chosen not in {one.member_id for one in matching}:
                chosen = matching[0].member_id if len(matching) == 1 else None
            if chosen is not None:
                unit_id = next(unit.id for unit in g.congress.units if unit.code == form.unit.data)
                with act() as unit_of_work:
                    assign_leader(unit_of_work, g.congress.id, chosen, unit_id)
                flash(_("已安排。"), "ok")
                return redirect(url_for("office_scheme.leaders", congress=congress))
    return _leaders_page(form, matching)


def _leaders_page(form: LeaderForm, matching: list[Any]) -> ResponseReturnValue:
    return render_template(
        "office/leaders.html", form=form, matching=matching, leaders=assigned_leaders(reading(), g.congress.id)
    ), form.status


@desk.post("/c/<congress>/office/leaders/<int:assignment>/release")
@permitted(Permission.SCHEME_EDIT)
def release(congress: str, assignment: int) -> ResponseReturnValue:
    form = LeaderForm(formdata=None)
    with form.refusals(), act() as unit_of_work:
        release_leader(unit_of_work, g.congress.id, assignment)
    if form.status != 200:
        return _leaders_page(form, [])
    flash(_("已取消安排。"), "ok")
    return redirect(url_for("office_scheme.leaders", congress=congress))
