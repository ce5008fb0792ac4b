"""The office's page of days off and make-up working days, from which the last days of notices are counted."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from election.notices.models import CalendarDay
from election.notices.operations_calendar import add_days, remove_day
from election.notices.queries import calendar_days
from election.notices.workdays import SATURDAY
from election.people.act import local_day
from election.people.permissions import Permission
from webapp.access import permitted
from webapp.forms import Form
from webapp.requests import act, clock, reading
from webapp.rule_line import rule_lines

desk = Blueprint("office_calendar", __name__)

WEEKDAYS = (_l("一"), _l("二"), _l("三"), _l("四"), _l("五"), _l("六"), _l("日"))
# So early the next year's days are announced; from then on their absence is worth a word.
LAST_MONTHS = (11, 12)


class LinesForm(Form):
    lines = TextAreaField(
        _l("逐行填写"), [InputRequired(_l("请至少写一行。")), Length(max=20000, message=_l("内容太长。"))]
    )


def _without_days(days: list[CalendarDay], today: date) -> list[int]:
    """The years of which no day is known though they are here, or nearly."""
    known = {row.day.year for row in days}
    near = [today.year, *([today.year + 1] if today.month in LAST_MONTHS else [])]
    return [year for year in near if year not in known]


def _saturday_from(day: date) -> date:
    """A make-up working day for the example: any other day of the week would be refused."""
    return day + timedelta(days=(SATURDAY - day.weekday()) % 7)


def _page(form: LinesForm) -> ResponseReturnValue:
    today = local_day(clock()())
    days = calendar_days(reading())
    coming = [row for row in days if row.day.year >= today.year]
    return render_template(
        "office/calendar.html",
        form=form,
        coming=coming,
        past=len(days) - len(coming),
        today=today,
        makeup=_saturday_from(date(today.year, 10, 8)).isoformat(),
        missing=_without_days(days, today),
        weekdays=WEEKDAYS,
        rules=rule_lines(g.congress.id, "publicity_days"),
    ), form.status


@desk.get("/c/<congress>/office/calendar")
@permitted(Permission.CALENDAR_EDIT)
def calendar(congress: str) -> ResponseReturnValue:
    return _page(LinesForm(formdata=None))


@desk.post("/c/<congress>/office/calendar")
@permitted(Permission.CALENDAR_EDIT)
def add(congress: str) -> ResponseReturnValue:
    form = LinesForm()
    if form.validate_on_submit():
        with form.refusals():
            with act() as unit_of_work:
                rows = add_days(unit_of_work, g.congress.id, form.lines.data or "")
            flash(_("已登记 %(n)s 天。", n=len(rows)), "ok")
            return redirect(url_for("office_calendar.calendar", congress=congress))
    return _page(form)


@desk.post("/c/<congress>/office/calendar/<int:day>/remove")
@permitted(Permission.CALENDAR_EDIT)
def remove(congress: str, day: int) -> ResponseReturnValue:
    with act() as unit_of_work:
        remove_day(unit_of_work, g.congress.id, day)
    flash(_("已删除，那一天按平常的星期计算。"), "ok")
    return redirect(url_for("office_calendar.calendar", congress=congress))
