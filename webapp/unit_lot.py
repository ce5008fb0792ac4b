"""A tie decided by lot before the hall: first the hash of the system's half, then the hall's word, typed by a scrutineer who
agrees; shown with the lines by which anybody can draw it again. Who may and what is due is decided by the domain.
"""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from election.count.operations_follow_up import agree
from election.count.operations_lot import Said
from election.count.queries_lot import lot_of
from election.errors import NotFound
from election.people.actor import Scope
from election.people.permissions import Permission
from webapp.access import may_open, permitted
from webapp.lot_page import WordForm, download, shown
from webapp.requests import act, reading

desk = Blueprint("unit_lot", __name__)


@desk.get("/c/<congress>/units/<unit>/meeting/lots/<int:follow_up>")
@permitted(Permission.MEETING_VIEW, Permission.FOLLOW_UP_AGREE)
def lot(congress: str, unit: str, follow_up: int) -> ResponseReturnValue:
    return _page(follow_up, WordForm(formdata=None))


def _page(follow_up: int, form: WordForm) -> ResponseReturnValue:
    view = lot_of(reading(), g.unit.id, follow_up)
    here = Scope(g.congress.id, g.unit.id)
    scrutineer = may_open("unit_lot.draw", here)
    return render_template(
        "unit/lot.html",
        unit=g.unit,
        view=view,
        form=form,
        draws=scrutineer and view.waits and g.actor.person_id != view.row.proposed_by_id,
        at_scrutiny=scrutineer,
        refusals=form.form_errors,
        **shown(None if view.draw is None else view.draw.content),
    ), form.status


@desk.post("/c/<congress>/units/<unit>/meeting/lots/<int:follow_up>")
@permitted(Permission.FOLLOW_UP_AGREE)
def draw(congress: str, unit: str, follow_up: int) -> ResponseReturnValue:
    """Agrees and draws in one act."""
    lot_of(reading(), g.unit.id, follow_up)
    form = WordForm()
    if form.validate_on_submit():
        with form.refusals(), act() as unit_of_work:
            agree(unit_of_work, follow_up, Said(form.seed.data or "", form.witness.data or ""))
    if form.status != 200:
        return _page(follow_up, form)
    flash(_("已抽定。"), "ok")
    return redirect(url_for("unit_lot.lot", congress=congress, unit=unit, follow_up=follow_up, drawn=1))


@desk.get("/c/<congress>/units/<unit>/meeting/lots/<int:follow_up>.json")
@permitted(Permission.MEETING_VIEW, Permission.FOLLOW_UP_AGREE)
def recorded(congress: str, unit: str, follow_up: int) -> ResponseReturnValue:
    view = lot_of(reading(), g.unit.id, follow_up)
    if view.draw is None:
        raise NotFound("lot.none")
    return download(view.draw.content, view.row.id)
