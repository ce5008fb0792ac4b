"""The office's and the approver's desk: the schemes, and the allocation sheet with its changes by hand and its approval."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from election.errors import Invalid, Refused, Stale
from election.nomination.slates.operations import give_way
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
from election.quotas.queries import authors_by_scheme, change_counts, hand_changes
from webapp.access import permitted
from webapp.errors import say
from webapp.forms import whole_number
from webapp.requests import act, reading
from webapp.scheme_after import changed_meanwhile, recomputed, seats_by_name
from webapp.scheme_conflicts import conflict_context, from_fields
from webapp.scheme_page import BADGES, page_context, title_of
from webapp.scheme_panel import PUT_BACK_LATER, told
from webapp.scheme_readers import MAY_READ, readable_scheme, readable_schemes
from webapp.scheme_table import choice_of
from webapp.scheme_view import OPEN, Refusals, Typed, View

desk = Blueprint("office_scheme", __name__)

# The code of "what you saw is not what stands now"; another conflict of the same status is told on its own page.
STALE = "store.stale"
MAY_SEE = (Permission.SCHEME_EDIT, Permission.SCHEME_APPROVE)


# The list


@desk.get("/c/<congress>/office/schemes")
@permitted(MAY_READ)
def schemes(congress: str) -> ResponseReturnValue:
    return _list()


def _list(refused: Refused | Invalid | None = None, note: str = "") -> ResponseReturnValue:
    """Every version, also after a computing that was refused: its note is kept."""
    rows = readable_schemes()
    authors = authors_by_scheme(reading(), g.congress.id)
    conflicts = refused.contradictions if isinstance(refused, Impossible) else ()
    again = url_for("office_scheme.compute", congress=g.congress.code)
    return render_template(
        "office/schemes.html",
        schemes=rows,
        changes=change_counts(reading(), g.congress.id),
        people=names_of(reading(), {row.approved_by_id for row in rows}.union(*authors.values())),
        authors=authors,
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
@permitted(MAY_READ)
def scheme(congress: str, number: int) -> ResponseReturnValue:
    return _sheet(_found(number))


def _found(number: int) -> Scheme:
    return readable_scheme(number)


def _sheet(found: Scheme, refused: Refusals | None = None, status: int = 200) -> ResponseReturnValue:
    context = page_context(found, request.args, price="price" in request.args, refused=refused)
    return render_template("office/scheme_sheet.html", **context), status


@desk.get("/c/<congress>/office/schemes/<int:number>/cell")
@permitted(MAY_READ)
def cell(congress: str, number: int) -> ResponseReturnValue:
    """The facts of one cell or total alone, for the sheet's script."""
    view = View(_found(number))
    facts = told(view, choice_of(request.args, view.shown), price="price" in request.args)
    if facts is None:
        raise Refused("web.bad_request")
    return render_template("office/scheme_cell.html", told=facts, alone=True)


@desk.get("/c/<congress>/office/schemes/<int:number>/<any(problem,allocation):part>.json")
@permitted(MAY_READ)
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
    seats = whole_number(unicodedata.normalize("NFKC", fields.get("seats", "")).strip(), most=g.congress.total_seats)
    if seats is None:
        return _refused(number, fields, "seats", _("请填 0 至 %(total)s 的整数。", total=g.congress.total_seats))
    made = _change(fields, seats)
    try:
        with act() as unit_of_work:
            kept = change_seats(
                unit_of_work, g.congress.id, number, made, fields.get("reason", ""), seen=fields.get("seen", "")
            )
    except Stale as stale:
        return _stale(number, stale, fields)
    except Refused as refused:
        if refused.status != 422:
            raise
        return _refused(number, fields, "reason" if refused.field == "reason" else "seats", say(refused))
    # Said in the panel, not above the sheet: a page that moves at each saving is hard to work on.
    return _to(number, **_chosen(made), saved="1" if kept is not None else "0")


def _refused(number: int, fields: dict[str, str], at: str, words: str) -> ResponseReturnValue:
    return _sheet(_found(number), Refusals(change=Typed(fields, {at: [words]})), 422)


def _stale(number: int, stale: Stale, fields: dict[str, str] | None = None) -> ResponseReturnValue:
    """The sheet as it is now, with who changed it meanwhile; what was typed into the panel is kept, to be saved again."""
    if stale.code != STALE:
        raise stale
    found = _found(number)
    typed = Typed(fields, {}) if fields is not None and found.state in OPEN else None
    words = changed_meanwhile(found, typed=typed is not None)
    return _sheet(found, Refusals(change=typed, others=[words]), stale.status)


def _change(fields: dict[str, str], seats: int) -> Change:
    """What the panel's form sets."""
    unit, category = fields.get("unit") or None, fields.get("category") or None
    if unit is None and category is None:
        raise Refused("web.bad_request")
    kind = ChangeKind.CATEGORY if unit is None else ChangeKind.UNIT if category is None else ChangeKind.CELL
    return Change(kind, unit, category, "", seats, locked="locked" in fields)


def _chosen(made: Change) -> dict[str, str]:
    if made.kind is ChangeKind.CELL:
        return {"cell": f"{made.unit}.{made.category}"}
    return {"unit": made.unit or ""} if made.unit is not None else {"category": made.category or ""}


@desk.post("/c/<congress>/office/schemes/<int:number>/changes/<int:change>/put-back")
@permitted(Permission.SCHEME_EDIT)
def take_back(congress: str, number: int, change: int) -> ResponseReturnValue:
    line = next((one for one in hand_changes(g.congress, _found(number)) if one.id == change), None)
    try:
        with act() as unit_of_work:
            put_back(unit_of_work, g.congress.id, number, change, seen=request.form.get("seen", ""))
    except Stale as stale:
        return _stale(number, stale)
    if line is not None and line.in_force:
        # The answer still holds to it.
        flash(_("%(title)s：%(words)s", title=title_of(line), words=PUT_BACK_LATER), "ok")
    else:
        flash(_("已放回系统算出的数。"), "ok")
    return _to(number)


@desk.post("/c/<congress>/office/schemes/<int:number>/recompute")
@permitted(Permission.SCHEME_EDIT)
def recompute(congress: str, number: int) -> ResponseReturnValue:
    """Computes anew around the locks, in place where the scheme is open, else as a new version."""
    found = _found(number)
    before, loose = seats_by_name(found), sum(not row.locked for row in found.changes)
    try:
        changes = from_fields(request.form.getlist("relax"))
        with act() as unit_of_work:
            made = recompute_scheme(unit_of_work, g.congress.id, number, changes, seen=request.form.get("seen")).number
    except Stale as stale:
        return _stale(number, stale)
    except Impossible as impossible:
        return _sheet(
            _found(number), Refusals(conflicts=impossible.contradictions, tried=request.form.getlist("relax")), 422
        )
    except (Refused, Invalid) as refused:
        if refused.status != 422:
            raise
        return _sheet(_found(number), Refusals(others=_sentences(refused)), 422)
    flash(recomputed(before, number, loose, _found(made)), "ok")
    return _to(made)


# From draft to approval


def _decided(number: int, operation: Callable[..., object], words: str, **details: Any) -> ResponseReturnValue:
    try:
        with act() as unit_of_work:
            operation(unit_of_work, g.congress.id, number, **details)
    except Stale as stale:
        return _stale(number, stale)
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
    return _decided(number, approve_scheme, words, seen=request.form.get("seen"), give_way=give_way)


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
