"""The unit's desk in the hall: the order of speeches drawn by lot, first the system's half by its hash, then the hall's word;
shown with the lines by which anybody can draw it again. The drawing itself is `election/lot.py`; nothing is made here.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from election.errors import NotFound, Refused
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
from webapp.lot_page import WordForm, download, shown
from webapp.requests import act, reading

desk = Blueprint("unit_speeches", __name__)


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
    return render_template(
        "unit/speeches.html",
        unit=g.unit,
        line=found,
        drawn=drawn,
        made=made,
        drawn_by="" if drawn is None else names_of(reading(), {drawn.person_id}).get(drawn.person_id, ""),
        form=form,
        frozen=found.state is SlateState.FROZEN,
        draws=may_open("unit_speeches.draw", Scope(g.congress.id, g.unit.id)),
        refusals=[*refusals, *form.form_errors],
        at_desk=may_open("unit_nomination.unit", Scope(g.congress.id, g.unit.id)),
        **shown(None if drawn is None else drawn.content),
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
    return download(drawn.content, slate_id)
