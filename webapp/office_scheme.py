"""The office's and the approver's desk: the schemes, and the allocation sheet with its changes by hand and its approval."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from election.errors import Invalid, Refused
from election.people.actor import Role
from election.people.permissions import Permission
from election.people.queries import names_of
from election.quotas.hand import Change
from election.quotas.impossible import Impossible
from election.quotas.models import ChangeKind, Scheme
from election.quotas.operations import (
    approve_scheme,
    compute_scheme,
    return_scheme,
    submit_scheme,
    withdraw_scheme,
)
from election.quotas.operations_hand import change_seats, put_back, recompute_scheme
from election.quotas.queries import change_counts, scheme_by_number
from election.quotas.queries import schemes as all_schemes
from webapp.access import permitted
from webapp.errors import say
from webapp.forms import whole_number
from webapp.requests import act, reading
from webapp.scheme_conflicts import conflict_context, from_fields
from webapp.scheme_page import BADGES, page_context
from webapp.scheme_panel import told
from webapp.scheme_table import choice_of
from webapp.scheme_view import Refusals, Typed, View

desk = Blueprint("office_scheme", __name__)

MAY_SEE = (Permission.SCHEME_EDIT, Permission.SCHEME_APPROVE)


# The list


@desk.get("/c/<congress>/office/schemes")
@permitted(*MAY_SEE)
def schemes(congress: str) -> ResponseReturnValue:
    return _list()


def _list(refused: Refused | Invalid | None = None, note: str = "") -> ResponseReturnValue:
    """Every version, also after a computing that was refused: its note is kept."""
    rows = all_schemes(reading(), g.congress.id)
    conflicts = refused.contradictions if isinstance(refused, Impossible) else ()
    again = url_for("office_scheme.compute", congress=g.congress.code)
    return render_template(
        "office/schemes.html",
        schemes=rows,
        changes=change_counts(reading(), g.congress.id),
        people=names_of(reading(), {row.author_id for row in rows} | {row.approved_by_id for row in rows}),
        badges=BADGES,
        edits=Role.OFFICE in g.actor.roles_in(g.congress.id),
        note=note,
        refusals=_sentences(refused) if refused is not None and not conflicts else [],
        conflicts=conflict_context(conflicts, again, {"note": note}, request.form.getlist("relax")),
    ), refused.status if refused is not None else 200


def _sentences(refused: Refused | Invalid) -> list[str]:
    return [say(one) for one in (refused.refusals if isinstance(refused, Invalid) else [refused])]


@desk.post("/c/<congress>/office/schemes")
@permitted(Permission.SCHEME_EDIT)
def compute(congress: str) -> ResponseReturnValue:
    """A new draft; rules that contradict each other are answered with a sentence each, on the list."""
    note = request.form.get("note", "")
    try:
        changes = from_fields(request.form.getlist("relax"))
        with act() as unit_of_work:
            scheme = compute_scheme(unit_of_work, g.congress.id, note, changes=changes)
    except (Refused, Invalid) as refused:
        if refused.status in (403, 404):
            raise
        return _list(refused, note)
    flash(_("方案%(number)s 已算出。", number=scheme.number), "ok")
    return _to(scheme.number)


# The sheet


@desk.get("/c/<congress>/office/schemes/<int:number>")
@permitted(*MAY_SEE)
def scheme(congress: str, number: int) -> ResponseReturnValue:
    return _sheet(_found(number))


def _found(number: int) -> Scheme:
    return scheme_by_number(reading(), g.congress.id, number)


def _sheet(found: Scheme, refused: Refusals | None = None, status: int = 200) -> ResponseReturnValue:
    context = page_context(found, request.args, price="price" in request.args, refused=refused)
    return render_template("office/scheme_sheet.html", **context), status


@desk.get("/c/<congress>/office/schemes/<int:number>/cell")
@permitted(*MAY_SEE)
def cell(congress: str, number: int) -> ResponseReturnValue:
    """The facts of one cell or total alone, for the sheet's script."""
    view = View(_found(number))
    facts = told(view, choice_of(request.args, view.shown), price="price" in request.args)
    if facts is None:
        raise Refused("web.bad_request")
    return render_template("office/scheme_cell.html", told=facts, alone=True)


@desk.get("/c/<congress>/office/schemes/<int:number>/<any(problem,allocation):part>.json")
@permitted(*MAY_SEE)
def exported(congress: str, number: int, part: str) -> ResponseReturnValue:
    """The problem and its answer, for anyone who wants to prove the scheme with `check` on a machine of their own."""
    found = _found(number)
    content = found.problem if part == "problem" else found.allocation
    response = Response(json.dumps(content, ensure_ascii=False, indent=1) + "\n", mimetype="application/json")
    response.headers["Content-Disposition"] = f"attachment; filename={congress}-{number}-{part}.json"
    return response


# Changes by hand


@desk.post("/c/<congress>/office/schemes/<int:number>/change")
@permitted(Permission.SCHEME_EDIT)
def change(congress: str, number: int) -> ResponseReturnValue:
    """Sets a cell's, a unit's or a category's seats; what is refused is said at its field in the panel."""
    fields = request.form.to_dict()
    if not fields.get("seats", "").strip():
        return _refused(number, fields, "seats", _("请填写席数。"))
    try:
        made = _change(fields)
        with act() as unit_of_work:
            kept = change_seats(
                unit_of_work, g.congress.id, number, made, fields.get("reason", ""), seen=fields.get("seen", "")
            )
    except Refused as refused:
        if refused.status != 422:
            raise
        return _refused(number, fields, "reason" if refused.field == "reason" else "seats", say(refused))
    # Said in the panel, not above the sheet: a page that moves at each saving is hard to work on.
    return _to(number, **_chosen(made), saved="1" if kept is not None else "0")


def _refused(number: int, fields: dict[str, str], at: str, words: str) -> ResponseReturnValue:
    return _sheet(_found(number), Refusals(change=Typed(fields, {at: [words]})), 422)


def _change(fields: dict[str, str]) -> Change:
    """What the panel's form sets. Raises Refused at `seats`."""
    unit, category = fields.get("unit") or None, fields.get("category") or None
    if unit is None and category is None:
        raise Refused("web.bad_request")
    text = unicodedata.normalize("NFKC", fields["seats"]).strip()
    seats = whole_number(text)
    if seats is None:
        raise Refused("web.not_a_number", field="seats", text=text)
    kind = ChangeKind.CATEGORY if unit is None else ChangeKind.UNIT if category is None else ChangeKind.CELL
    return Change(kind, unit, category, "", seats, locked="locked" in fields)


def _chosen(made: Change) -> dict[str, str]:
    if made.kind is ChangeKind.CELL:
        return {"cell": f"{made.unit}.{made.category}"}
    return {"unit": made.unit or ""} if made.unit is not None else {"category": made.category or ""}


@desk.post("/c/<congress>/office/schemes/<int:number>/changes/<int:change>/put-back")
@permitted(Permission.SCHEME_EDIT)
def take_back(congress: str, number: int, change: int) -> ResponseReturnValue:
    with act() as unit_of_work:
        put_back(unit_of_work, g.congress.id, number, change, seen=request.form.get("seen", ""))
    flash(_("已放回系统算出的数。"), "ok")
    return _to(number)


@desk.post("/c/<congress>/office/schemes/<int:number>/recompute")
@permitted(Permission.SCHEME_EDIT)
def recompute(congress: str, number: int) -> ResponseReturnValue:
    """Computes anew around the locks, in place where the scheme is open, else as a new version."""
    try:
        changes = from_fields(request.form.getlist("relax"))
        with act() as unit_of_work:
            made = recompute_scheme(unit_of_work, g.congress.id, number, changes, seen=request.form.get("seen")).number
    except Impossible as impossible:
        return _sheet(
            _found(number), Refusals(conflicts=impossible.contradictions, tried=request.form.getlist("relax")), 422
        )
    except (Refused, Invalid) as refused:
        if refused.status != 422:
            raise
        return _sheet(_found(number), Refusals(others=_sentences(refused)), 422)
    flash(
        _("方案%(number)s 已重新计算。", number=number)
        if made == number
        else _("方案%(number)s 已算出。", number=made),
        "ok",
    )
    return _to(made)


# From draft to approval


def _decided(number: int, operation: Callable[..., object], words: str, **details: Any) -> ResponseReturnValue:
    with act() as unit_of_work:
        operation(unit_of_work, g.congress.id, number, **details)
    flash(words, "ok")
    return _to(number)


def _to(number: int, **chosen: str) -> ResponseReturnValue:
    place: dict[str, Any] = {"congress": g.congress.code, "number": number} | chosen
    return redirect(url_for("office_scheme.scheme", **place))


@desk.post("/c/<congress>/office/schemes/<int:number>/submit")
@permitted(Permission.SCHEME_EDIT)
def submit(congress: str, number: int) -> ResponseReturnValue:
    words = _("方案%(number)s 已送审，等待另一人批准。", number=number)
    return _decided(number, submit_scheme, words, seen=request.form.get("seen"))


@desk.post("/c/<congress>/office/schemes/<int:number>/withdraw")
@permitted(Permission.SCHEME_EDIT)
def withdraw(congress: str, number: int) -> ResponseReturnValue:
    return _decided(number, withdraw_scheme, _("方案%(number)s 已撤回。", number=number))


@desk.post("/c/<congress>/office/schemes/<int:number>/approve")
@permitted(Permission.SCHEME_APPROVE)
def approve(congress: str, number: int) -> ResponseReturnValue:
    words = _("方案%(number)s 已批准并冻结，名额通知已生成。", number=number)
    return _decided(number, approve_scheme, words, seen=request.form.get("seen"))


@desk.post("/c/<congress>/office/schemes/<int:number>/return")
@permitted(Permission.SCHEME_APPROVE)
def give_back(congress: str, number: int) -> ResponseReturnValue:
    reason = request.form.get("reason", "")
    try:
        return _decided(number, return_scheme, _("方案%(number)s 已退回。", number=number), reason=reason)
    except Refused as refused:
        if refused.code != "scheme.reason_missing":
            raise
        return _sheet(_found(number), Refusals(give_back=[say(refused)]), 422)
