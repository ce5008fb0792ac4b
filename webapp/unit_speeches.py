"""The unit's desk in the hall: the order of speeches drawn by lot, first the system's half by its hash, then the hall's word;
shown with the lines by which anybody can draw it again. The drawing itself is `election/lot.py`; nothing is made here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from election.errors import NotFound, Refused
from election.lot import LONGEST_WORD, command, line, windows_command
from election.nomination.lifecycle import SlateState
from election.nomination.models_margin import SpeechOrder
from election.nomination.queries import SlateLine, slates
from election.nomination.slates.operations_speeches import commit_half, draw_speeches
from election.nomination.slates.queries_versions import speech_commitment, speech_orders
from election.people.actor import Scope
from election.people.permissions import Permission
from election.people.queries import names_of
from webapp.access import may_open, permitted
from webapp.errors import say
from webapp.forms import Form
from webapp.requests import act, reading

desk = Blueprint("unit_speeches", __name__)


class WordForm(Form):
    seed = StringField(
        _l("会场报的数"),
        [InputRequired(_l("请填写在会场当众报出的数。")), Length(max=LONGEST_WORD, message=_l("最多 100 个字。"))],
    )
    witness = StringField(
        _l("报数的人"),
        [InputRequired(_l("请填写报数的人。")), Length(max=60, message=_l("最多 60 个字。"))],
    )


def _found(slate_id: int) -> tuple[SlateLine, SpeechOrder | None]:
    for found in slates(reading(), g.congress.id, g.unit.id):
        if found.slate is not None and found.slate.id == slate_id:
            return found, speech_orders(reading(), [slate_id]).get(slate_id)
    raise NotFound("slate.none")


@desk.get("/c/<congress>/units/<unit>/slates/<int:slate_id>/speeches")
@permitted(Permission.SPEECHES_DRAW, Permission.MEETING_VIEW)
def speeches(congress: str, unit: str, slate_id: int) -> ResponseReturnValue:
    return _page(slate_id, WordForm(formdata=None))


def _page(slate_id: int, form: WordForm, refusals: Sequence[str] = (), status: int = 0) -> ResponseReturnValue:
    found, drawn = _found(slate_id)
    made = speech_commitment(reading(), slate_id)
    order: list[dict[str, Any]] = [] if drawn is None else drawn.content["order"]
    seed = "" if drawn is None else drawn.seed
    return render_template(
        "unit/speeches.html",
        unit=g.unit,
        line=found,
        drawn=drawn,
        made=made,
        order=order,
        commands=[command(seed, one["number"], one["name"]) for one in order],
        windows=[windows_command(line(seed, one["number"], one["name"])) for one in order],
        half_command=windows_command(made.half) if made is not None and drawn is not None else "",
        drawn_by="" if drawn is None else names_of(reading(), {drawn.person_id}).get(drawn.person_id, ""),
        form=form,
        frozen=found.state is SlateState.FROZEN,
        draws=may_open("unit_speeches.draw", Scope(g.congress.id, g.unit.id)),
        refusals=[*refusals, *form.form_errors],
        at_desk=may_open("unit_nomination.unit", Scope(g.congress.id, g.unit.id)),
    ), status or form.status


@desk.post("/c/<congress>/units/<unit>/slates/<int:slate_id>/speeches/half")
@permitted(Permission.SPEECHES_DRAW)
def commit(congress: str, unit: str, slate_id: int) -> ResponseReturnValue:
    """The system's half is made; the page shows its hash."""
    _found(slate_id)
    try:
        with act() as unit_of_work:
            commit_half(unit_of_work, slate_id)
    except Refused as refused:
        if refused.status == 403:
            raise
        return _page(slate_id, WordForm(formdata=None), [say(refused)], refused.status)
    return redirect(url_for("unit_speeches.speeches", congress=congress, unit=unit, slate_id=slate_id))


@desk.post("/c/<congress>/units/<unit>/slates/<int:slate_id>/speeches")
@permitted(Permission.SPEECHES_DRAW)
def draw(congress: str, unit: str, slate_id: int) -> ResponseReturnValue:
    _found(slate_id)
    form = WordForm()
    if form.validate_on_submit():
        with form.refusals(), act() as unit_of_work:
            draw_speeches(unit_of_work, slate_id, form.seed.data or "", form.witness.data or "")
    if form.status != 200:
        return _page(slate_id, form)
    flash(_("发言次序已抽定。"), "ok")
    return redirect(url_for("unit_speeches.speeches", congress=congress, unit=unit, slate_id=slate_id, drawn=1))


@desk.get("/c/<congress>/units/<unit>/slates/<int:slate_id>/speeches.json")
@permitted(Permission.SPEECHES_DRAW, Permission.MEETING_VIEW)
def recorded(congress: str, unit: str, slate_id: int) -> ResponseReturnValue:
    """The drawing as it is kept: what `xiheng lot` draws again."""
    _slate, drawn = _found(slate_id)
    if drawn is None:
        raise NotFound("speeches.none")
    answer = Response(json.dumps(drawn.content, ensure_ascii=False, indent=2) + "\n", mimetype="application/json")
    answer.headers["Content-Disposition"] = f"attachment; filename=lot-{slate_id}.json"
    return answer
