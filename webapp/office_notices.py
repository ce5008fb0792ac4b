"""The office's pages about public notices: put up, supplemented or corrected, and shown as they hang, also to who only reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import Length

from election.congress.letterhead import sender_of
from election.congress.rules_in_force import rules_in_force
from election.errors import NotFound
from election.nomination.reviewing.operations_notice import publish_candidates_notice
from election.nomination.reviewing.queries_notice import notice_outlook
from election.notices.models import How, Notice, NoticeKind
from election.notices.operations import SETTLED
from election.notices.operations_electors import publish_electors_notice
from election.notices.papers import changes, hung_notice, opening, unit_facts
from election.notices.queries import NoticeLine, calendar, days_left, is_over, notice_of, objections
from election.notices.queries import notices as notice_lines
from election.notices.queries_electors import changes_since_notice
from election.notices.reception import LONGEST, Reception
from election.notices.workdays import Holidays, last_day
from election.people.act import Act, local_day
from election.people.actor import Scope
from election.people.permissions import ALLOWED, Permission
from election.progress.queries import facts_of
from election.roster.models import Notification
from election.roster.queries_units import rosters_at
from webapp.access import permitted
from webapp.forms import Form
from webapp.requests import act, clock, reading
from webapp.rule_line import rule_lines

desk = Blueprint("office_notices", __name__)

PUBLISH: dict[NoticeKind, Callable[[Act, int, Reception | None], Notice]] = {
    NoticeKind.ELECTORS: publish_electors_notice,
    NoticeKind.CANDIDATES: publish_candidates_notice,
}
TOO_LONG = Length(max=LONGEST, message=_l("最多 80 个字。"))


class ReceptionForm(Form):
    """Where objections are received, as the notice will say it; as on the last one until somebody says otherwise."""

    body = StringField(_l("受理单位"), [TOO_LONG])
    address = StringField(_l("地址"), [TOO_LONG])
    telephone = StringField(_l("联系电话"), [TOO_LONG])
    hours = StringField(_l("受理时间"), [TOO_LONG])

    @property
    def said(self) -> Reception:
        return Reception(*(field.data or "" for field in (self.body, self.address, self.telephone, self.hours)))


@desk.get("/c/<congress>/office/notices")
@permitted(Permission.NOTICE_VIEW)
def notices(congress: str) -> ResponseReturnValue:
    """The office's desk for notices and objections; for who only reads, the notices that were put up."""
    if g.actor.has(ALLOWED[Permission.NOTICE_PUBLISH], Scope(g.congress.id)):
        return _page({})
    lines = _lines(notice_lines(reading(), g.congress.id), local_day(clock()()), calendar(reading()))
    return render_template("office/notices_read.html", lines=lines)


def _lines(lines: list[NoticeLine], today: date, holidays: Holidays) -> list[dict[str, object]]:
    return [
        {
            "line": line,
            "left": days_left(line.notice, today, holidays),
            "over": is_over(line.notice, today),
            "replaced_by": _replaced_by(line, lines),
        }
        for line in lines
    ]


def _page(typed: dict[NoticeKind, ReceptionForm]) -> str:
    """`typed`: what was typed for a notice and could not be put up."""
    today, holidays = local_day(clock()()), calendar(reading())
    facts = facts_of(reading(), g.congress)
    lines = notice_lines(reading(), g.congress.id)
    rosters = rosters_at(reading(), g.congress)
    unverified, closed = sum(not one.verified for one in rosters), g.congress.phase in SETTLED
    known = lines[0].reception if lines else Reception()
    if known == Reception():
        known = Reception(body=sender_of(g.congress.county))
    return render_template(
        "office/notices.html",
        lines=_lines(lines, today, holidays),
        objections=objections(reading(), g.congress.id),
        electors=sum(one.state.expected for one in rosters),
        units=len(rosters),
        unverified=unverified,
        # Compared where it decides: a county's electors are many.
        changes=None if unverified or closed else changes_since_notice(reading(), g.congress),
        outlook=notice_outlook(reading(), g.congress),
        holding=[unit for unit in facts.units if unit.nominees or unit.reviewing],
        proposed=facts.proposed,
        waiting=facts.awaiting_review,
        applied=sum(facts.applied_by_branch.values()),
        closed=closed,
        years_unknown=_years_unknown(holidays, today),
        rules=rule_lines(g.congress.id, "publicity_days"),
        receptions={
            kind.value: typed.get(kind) or ReceptionForm(formdata=None, obj=known, prefix=f"{kind.value}-")
            for kind in PUBLISH
        },
    )


def _replaced_by(line: NoticeLine, lines: list[NoticeLine]) -> int | None:
    """The number of the notice that says anew what this one said; a supplement says something else."""
    later = (
        one.notice.number
        for one in lines
        if one.notice.kind is line.notice.kind
        and one.notice.number > line.notice.number
        and one.how is not How.SUPPLEMENTS
    )
    return max(later, default=None)


def _years_unknown(holidays: Holidays, today: date) -> list[int]:
    """The years into which a notice published today would reach and of which the calendar says nothing."""
    days = int(rules_in_force(reading(), g.congress.id)["publicity_days"])
    last = last_day(today, days, holidays) if days else today
    return [year for year in range(today.year, last.year + 1) if all(day.year != year for day in holidays.rest)]


@desk.post("/c/<congress>/office/notices")
@permitted(Permission.NOTICE_PUBLISH)
def notice_publish(congress: str) -> ResponseReturnValue:
    """Puts up notice 1 or notice 2, as the button says."""
    kind = next((one for one in PUBLISH if one.value == request.form.get("kind")), None)
    if kind is None:
        raise NotFound("web.not_found")
    form = ReceptionForm(prefix=f"{kind.value}-")
    if not form.validate_on_submit():
        return _page({kind: form}), form.status
    with act() as unit_of_work:
        # Nothing typed at all is the last one's; an empty field beside others says nothing.
        row = PUBLISH[kind](unit_of_work, g.congress.id, form.said if form.said != Reception() else None)
    flash(_("公示已发布，请打印张贴。"), "ok")
    return redirect(url_for("office_notices.notice", congress=congress, notice=row.id))


@desk.get("/c/<congress>/office/notices/<int:notice>")
@permitted(Permission.NOTICE_VIEW)
def notice(congress: str, notice: int) -> ResponseReturnValue:
    """The notice as it hangs, to print. Of the electors one unit at a time: a county has thousands."""
    row = notice_of(reading(), g.congress.id, notice)
    units = row.content.get("units", [])
    chosen = next((one for one in units if one["code"] == request.args.get("unit")), None)
    paper = hung_notice(g.congress, row)
    return render_template(
        "office/notice_electors.html" if row.kind is NoticeKind.ELECTORS else "office/notice.html",
        hung=row,
        units=units,
        unit=chosen,
        left=days_left(row, local_day(clock()()), calendar(reading())),
        candidates=row.kind is NoticeKind.CANDIDATES,
        opening=[one for one in opening(paper) if one],
        changes=changes(paper, None if chosen is None else chosen["code"]),
        figures=[] if chosen is None else unit_facts(paper, chosen),
        paper=paper,
        means={one.value: one for one in Notification},
    )
