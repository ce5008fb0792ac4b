"""The unit's desk in the hall: the order of speeches drawn by lot from a seed that is said aloud, shown with the line by which
anybody can draw it again. The drawing itself is `election/lot.py`; only a seed asked of the system is made here.
"""

from __future__ import annotations

import json
import secrets
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from election.errors import NotFound
from election.lot import LONGEST_SEED, command
from election.nomination.lifecycle import SlateState
from election.nomination.models_margin import SpeechOrder
from election.nomination.queries import SlateLine, slates
from election.nomination.slates.operations_speeches import draw_speeches
from election.nomination.slates.queries_versions import speech_orders
from election.people.actor import Scope
from election.people.permissions import Permission
from election.people.queries import names_of
from webapp.access import may_open, permitted
from webapp.forms import Form
from webapp.requests import act, reading

desk = Blueprint("unit_speeches", __name__)

# Sixteen hexadecimal digits, short enough to be read aloud.
SEED_BYTES = 8
BY_SYSTEM = "系统随机生成"


class SeedForm(Form):
    seed = StringField(
        _l("种子"),
        [InputRequired(_l("请填写在会场当众报出的种子。")), Length(max=LONGEST_SEED, message=_l("最多 200 个字。"))],
    )
    witness = StringField(
        _l("报种子的人"),
        [InputRequired(_l("请填写报种子的人。")), Length(max=60, message=_l("最多 60 个字。"))],
    )


def _found(slate_id: int) -> tuple[SlateLine, SpeechOrder | None]:
    for line in slates(reading(), g.congress.id, g.unit.id):
        if line.slate is not None and line.slate.id == slate_id:
            return line, speech_orders(reading(), [slate_id]).get(slate_id)
    raise NotFound("slate.none")


@desk.get("/c/<congress>/units/<unit>/slates/<int:slate_id>/speeches")
@permitted(Permission.SPEECHES_DRAW, Permission.MEETING_VIEW)
def speeches(congress: str, unit: str, slate_id: int) -> ResponseReturnValue:
    return _page(slate_id, SeedForm(formdata=None))


def _page(slate_id: int, form: SeedForm) -> ResponseReturnValue:
    line, drawn = _found(slate_id)
    order: list[dict[str, Any]] = [] if drawn is None else drawn.content["order"]
    return render_template(
        "unit/speeches.html",
        unit=g.unit,
        line=line,
        drawn=drawn,
        order=order,
        commands=[] if drawn is None else [command(drawn.seed, one["number"], one["name"]) for one in order],
        drawn_by="" if drawn is None else names_of(reading(), {drawn.person_id}).get(drawn.person_id, ""),
        form=form,
        frozen=line.state is SlateState.FROZEN,
        draws=may_open("unit_speeches.draw", Scope(g.congress.id, g.unit.id)),
        refusals=list(form.form_errors),
        at_desk=may_open("unit_nomination.unit", Scope(g.congress.id, g.unit.id)),
    ), form.status


@desk.post("/c/<congress>/units/<unit>/slates/<int:slate_id>/speeches")
@permitted(Permission.SPEECHES_DRAW)
def draw(congress: str, unit: str, slate_id: int) -> ResponseReturnValue:
    """With `made=system` from a seed that the system makes as it draws: nobody sees it before, nobody asks for another."""
    _found(slate_id)
    by_system = request.form.get("made") == "system"
    form = SeedForm(formdata=None) if by_system else SeedForm()
    seed, witness = form.seed.data or "", (form.witness.data or "").strip()
    if by_system:
        seed, witness = secrets.token_hex(SEED_BYTES), BY_SYSTEM
    elif witness == BY_SYSTEM:
        witness = ""  # nobody is of that name; a seed that was typed is no seed of the system's
    if by_system or form.validate_on_submit():
        with form.refusals(), act() as unit_of_work:
            draw_speeches(unit_of_work, slate_id, seed, witness)
    if form.status != 200:
        return _page(slate_id, form)
    flash(_("发言次序已抽定。"), "ok")
    return redirect(url_for("unit_speeches.speeches", congress=congress, unit=unit, slate_id=slate_id, drawn=1))


@desk.get("/c/<congress>/units/<unit>/slates/<int:slate_id>/speeches.json")
@permitted(Permission.SPEECHES_DRAW, Permission.MEETING_VIEW)
def recorded(congress: str, unit: str, slate_id: int) -> ResponseReturnValue:
    """The drawing as it is kept: what `xiheng lot` draws again."""
    _line, drawn = _found(slate_id)
    if drawn is None:
        raise NotFound("speeches.none")
    answer = Response(json.dumps(drawn.content, ensure_ascii=False, indent=2) + "\n", mimetype="application/json")
    answer.headers["Content-Disposition"] = f"attachment; filename=lot-{slate_id}.json"
    return answer
