"""The office's desk: the leaders assigned to units, uncontested. What an assignment may be is decided by its operation."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published types
from wtforms.validators import InputRequired

from election.errors import Refused
from election.nomination.operations_leaders import assign_leader, release_leader
from election.people.permissions import Permission
from election.quotas.queries import NamedMember, assigned_leaders, members_named
from webapp.access import permitted
from webapp.forms import Form
from webapp.requests import act, reading

desk = Blueprint("office_leaders", __name__)


class LeaderForm(Form):
    name = StringField(_l("姓名"), [InputRequired(_l("请填写姓名。"))])
    unit = SelectField(_l("安排到"), choices=lambda: [SelectChoice(unit.code, unit.name) for unit in g.congress.units])


@desk.route("/c/<congress>/office/leaders", methods=["GET", "POST"])
@permitted(Permission.SCHEME_EDIT)
def leaders(congress: str) -> ResponseReturnValue:
    """A name that several members share asks which one is meant."""
    form = LeaderForm()
    matching: list[NamedMember] = []
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
                return redirect(url_for("office_leaders.leaders", congress=congress))
    return _page(form, matching)


def _page(form: LeaderForm, matching: Sequence[NamedMember] = ()) -> ResponseReturnValue:
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
        return _page(form)
    flash(_("已取消安排。"), "ok")
    return redirect(url_for("office_leaders.leaders", congress=congress))
