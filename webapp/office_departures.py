"""The office's pages about who leaves the roster: taken off with reason and day, listed, put back."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published types
from wtforms.validators import InputRequired, Length

from election.people.act import local_day
from election.people.permissions import Permission
from election.roster.models import Departure
from election.roster.operations_departure import readmit_member, remove_member
from election.roster.queries import member_line, member_token
from election.roster.queries_departure import departures
from election.roster.queries_organisations import branch_choices
from webapp.access import permitted
from webapp.errors import said_lazily
from webapp.forms import Form
from webapp.requests import act, clock, reading

desk = Blueprint("office_departures", __name__)


class DepartureForm(Form):
    because = SelectField(
        _l("原因"),
        choices=[SelectChoice("", _l("请选择")), *(SelectChoice(one.value, said_lazily(one)) for one in Departure)],
    )
    on = DateField(_l("日期"), [InputRequired(_l("请填写日期。"))])
    note = StringField(_l("说明"), [Length(max=200, message=_l("最多 200 个字。"))])
    seen = HiddenField()


@desk.get("/c/<congress>/office/roster/left")
@permitted(Permission.ROSTER_EDIT)
def left(congress: str) -> ResponseReturnValue:
    """Everyone who is no longer on the roster; each can be put back in a branch."""
    return _left(None), 200


@desk.route("/c/<congress>/office/roster/members/<int:member>/leave", methods=["GET", "POST"])
@permitted(Permission.ROSTER_EDIT)
def leave(congress: str, member: int) -> ResponseReturnValue:
    """A member is taken off the roster, with the reason and the day."""
    line = member_line(reading(), g.congress.id, member)
    form = DepartureForm()
    if form.validate_on_submit():
        with form.refusals():
            because = Departure(form.because.data) if form.because.data else None
            with act() as unit_of_work:
                remove_member(
                    unit_of_work, g.congress.id, member, because, form.on.data, form.note.data or "",
                    seen=form.seen.data or "",
                )  # fmt: skip
            flash(_("%(name)s已移出花名册。", name=line.name), "ok")
            return redirect(url_for("office_departures.left", congress=congress))
    form.seen.data = member_token(line)
    if request.method == "GET" and request.args.get("because") in set(Departure):
        form.because.data = request.args["because"]
    return render_template("office/departure.html", line=line, form=form, today=local_day(clock()())), form.status


@desk.post("/c/<congress>/office/roster/left/<int:member>/return")
@permitted(Permission.ROSTER_EDIT)
def back(congress: str, member: int) -> ResponseReturnValue:
    """Someone who had left is put back, in the branch whose name or code was typed."""
    form = Form()
    if form.validate_on_submit():
        with form.refusals():
            with act() as unit_of_work:
                row = readmit_member(unit_of_work, g.congress.id, member, request.form.get("branch", ""), "")
                name = row.person.name
            flash(_("%(name)s已恢复到花名册。", name=name), "ok")
            return redirect(url_for("office_member.member", congress=congress, member=member))
    return _left(form), form.status


def _left(form: Form | None) -> str:
    lines = departures(reading())
    branches = branch_choices(reading(), g.congress.id) if lines else []
    return render_template("office/departures.html", lines=lines, branches=branches, form=form)
