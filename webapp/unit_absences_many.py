"""The desk of an electoral unit at its roster: many members who are away recorded at once, many told at once. One member's
absence has its own page in `unit_roster`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published types
from wtforms.validators import Length, Optional

from election.people.permissions import Permission
from election.roster.absences.names import read_names
from election.roster.absences.operations import record_absences, tell_absentees
from election.roster.absences.queries import absence_list
from election.roster.models import AbsenceKind, ExclusionReason, Notification
from election.roster.queries import MemberLine, members_of_branches
from election.roster.queries_organisations import branches_of_units
from webapp.access import permitted
from webapp.errors import said_lazily
from webapp.forms import Form, whole_number
from webapp.requests import act, reading

desk = Blueprint("unit_absences_many", __name__)


class ManyForm(Form):
    """What is alike for everybody who is ticked."""

    kind = SelectField(_l("外出情况"), choices=[SelectChoice(one.value, said_lazily(one)) for one in AbsenceKind])
    whereabouts = StringField(_l("去向"), [Length(max=120, message=_l("最多 120 个字。"))])
    notified = SelectField(
        _l("通知方式"),
        choices=[
            SelectChoice("", _l("还没有通知")),
            *(SelectChoice(one.value, said_lazily(one)) for one in Notification),
        ],
    )
    notified_on = DateField(_l("通知日期"), [Optional()])
    reason = SelectField(
        _l("建议不计入应到会的理由"),
        choices=[
            SelectChoice("", _l("没有，计入应到会")),
            *(SelectChoice(one.value, said_lazily(one)) for one in ExclusionReason),
        ],
    )


@dataclass(frozen=True, slots=True)
class Found:
    """Whom a branch or pasted names led to. `several`: members of one name, of whom somebody has to say which."""

    lines: tuple[MemberLine, ...]
    several: frozenset[str]
    missing: tuple[str, ...]
    ticked: frozenset[int]


def ticked_members() -> list[int]:
    """The members whose boxes were ticked; what is no number is nobody."""
    numbers = (whole_number(text) for text in request.form.getlist("member"))
    return [number for number in numbers if number is not None]


@desk.route("/c/<congress>/units/<unit>/absences/many", methods=["GET", "POST"])
@permitted(Permission.ROSTER_VERIFY, Permission.ROSTER_EDIT)
def many(congress: str, unit: str) -> ResponseReturnValue:
    """Members of a branch, or those whose names were pasted, to tick; then what is alike for all of them."""
    asked = request.form if request.method == "POST" else {}
    saving = "save" in asked
    form = ManyForm() if saving else ManyForm(formdata=None)
    if saving and form.validate_on_submit():
        with form.refusals():
            with act() as unit_of_work:
                count = record_absences(
                    unit_of_work,
                    g.congress.id,
                    g.unit.id,
                    ticked_members(),
                    AbsenceKind(form.kind.data),
                    ExclusionReason(form.reason.data) if form.reason.data else None,
                    form.whereabouts.data or "",
                    Notification(form.notified.data) if form.notified.data else None,
                    form.notified_on.data,
                )
            flash(_("已登记外出党员 %(n)s 人。", n=count), "ok")
            return redirect(url_for("unit_roster.absences", congress=congress, unit=unit))
    everyone = members_of_branches(reading(), g.congress.id, branches_of_units(reading(), g.congress.id, [g.unit.id]))
    branches = {line.branch_id: line.branch_name for line in everyone}
    branch = whole_number(asked.get("branch"))
    away = {line.member_id for line in absence_list(reading(), g.congress.id, g.unit.id)}
    found = None
    if asked.get("names", "").strip() or branch in branches:
        found = _found(everyone, branch, asked.get("names", ""), away)
        if saving:
            found = Found(found.lines, found.several, found.missing, frozenset(ticked_members()))
    return render_template(
        "unit/absences_many.html",
        unit=g.unit,
        branches=branches,
        branch=branch,
        names=asked.get("names", ""),
        found=found,
        away=away,
        form=form,
    ), form.status


def _found(everyone: list[MemberLine], branch: int | None, names: str, away: set[int]) -> Found:
    """Pasted names come first; a branch beside them narrows whom they may mean."""
    here = [line for line in everyone if branch in (None, line.branch_id)]
    if not names.strip():
        return Found(tuple(here), frozenset(), (), frozenset())
    count = Counter(line.name for line in here)
    wanted = read_names(names, count)
    lines = tuple(line for line in here if line.name in wanted)
    return Found(
        lines,
        frozenset(name for name in wanted if count[name] > 1),
        tuple(name for name in wanted if name not in count),
        frozenset(line.member_id for line in lines if count[line.name] == 1 and line.member_id not in away),
    )


@desk.post("/c/<congress>/units/<unit>/absences/told")
@permitted(Permission.ROSTER_VERIFY, Permission.ROSTER_EDIT)
def told(congress: str, unit: str) -> ResponseReturnValue:
    """Those who are ticked were told alike, on one day."""
    form = ManyForm()
    if form.notified_on.validate(form):
        with form.refusals():
            with act() as unit_of_work:
                count = tell_absentees(
                    unit_of_work,
                    g.congress.id,
                    g.unit.id,
                    ticked_members(),
                    Notification(form.notified.data) if form.notified.data in set(Notification) else None,
                    form.notified_on.data,
                )
            flash(_("已登记 %(n)s 人的通知情况。", n=count), "ok")
            return redirect(url_for("unit_roster.absences", congress=congress, unit=unit))
    for error in [*form.form_errors, *form.notified.errors, *form.notified_on.errors]:
        flash(error, "error")
    return redirect(url_for("unit_roster.absences", congress=congress, unit=unit))
