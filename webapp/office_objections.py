"""The pages of objections to public notices: received at the office or a unit, closed with a finding, settled on the roster."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published types
from wtforms.validators import DataRequired, InputRequired, Length

from election.congress.models import Unit
from election.errors import Refused
from election.nomination.reviewing.operations_objection import decide_objection
from election.nomination.reviewing.queries_review import answering_for_person
from election.notices.models import Notice, NoticeKind
from election.notices.operations import LONGEST_HOW, Unlisted, record_objection, settle_objection
from election.notices.queries import notice_of, objection_of
from election.people.act import local_day
from election.people.actor import Scope
from election.people.permissions import Permission
from election.roster.queries import MemberLine, members_page
from election.roster.queries_member import member_of_person
from webapp.access import may_open, permitted
from webapp.errors import said
from webapp.forms import Form
from webapp.requests import act, clock, reading

desk = Blueprint("office_objections", __name__)

UPHELD, DISMISSED = "yes", "no"
# Found by a name: beyond this many the name says too little.
MOST_FOUND = 40
# Chosen instead of a person: whoever is meant stands on no roster.
UNLISTED = -1


class ObjectionForm(Form):
    about = SelectField(_l("对谁有异议"), [DataRequired(_l("请选定对谁有异议。"))], coerce=int)
    unit = SelectField(_l("应列入哪个选举单位"), [DataRequired(_l("请选择应列入的选举单位。"))], coerce=int)
    raised_by = StringField(
        _l("提出人"), [InputRequired(_l("请填写提出异议的人或单位。")), Length(max=60, message=_l("最多 60 个字。"))]
    )
    text = TextAreaField(
        _l("内容"), [InputRequired(_l("请写明异议的内容。")), Length(max=4000, message=_l("最多 4000 个字。"))]
    )
    late = BooleanField(_l("逾期受理"))


class FindingForm(Form):
    finding = TextAreaField(
        _l("调查核实的结果"),
        [InputRequired(_l("请写明调查核实的结果。")), Length(max=4000, message=_l("最多 4000 个字。"))],
    )
    upheld = RadioField(
        _l("异议是否成立"),
        [InputRequired(_l("请选择异议是否成立。"))],
        choices=[
            SelectChoice(DISMISSED, _l("不成立，或部分属实但不影响其人选资格")),
            SelectChoice(UPHELD, _l("成立，终止其人选资格")),
        ],
    )
    certain = BooleanField(_l("确定终止其人选资格"))


class SettledForm(Form):
    how = TextAreaField(
        _l("怎样更正"),
        [InputRequired(_l("请写明花名册怎样更正。")), Length(max=LONGEST_HOW, message=_l("最多 400 个字。"))],
    )


def _named(row: Notice, unit: Unit | None) -> list[SelectChoice]:
    """The persons on a notice of candidates (of one unit), for the form of an objection."""
    return [
        SelectChoice(str(one["person"]), f"{one['name']}（{part['name']} · {group['name']}）")
        for part in row.content.get("units", [])
        if unit is None or part["code"] == unit.code
        for group in part.get("groups", [])
        for one in group["people"]
    ]


def _members_named(name: str, unit: Unit | None) -> list[SelectChoice]:
    """The members of a name: to the electors one may also object that somebody is missing."""
    page = members_page(reading(), g.congress.id, unit_id=unit.id if unit else None, name=name, size=MOST_FOUND)
    if page.total > MOST_FOUND:
        flash(
            _(
                "姓名含“%(name)s”的党员有 %(n)s 人，只列出前 %(most)s 人，请写全姓名。",
                name=name,
                n=page.total,
                most=MOST_FOUND,
            ),
            "warn",
        )
    return [SelectChoice(str(line.person_id), _whom(line)) for line in page.lines if line.unit_id is not None]


def _whom(line: MemberLine) -> str:
    where = [line.unit_name, line.branch_name, *([] if line.right.votes else [said(line.right.ground)])]
    return f"{line.name}（{' · '.join(where)}）"


@desk.route("/c/<congress>/office/notices/<int:notice>/objection", methods=["GET", "POST"])
@permitted(Permission.OBJECTION_RECORD)
def received(congress: str, notice: int) -> ResponseReturnValue:
    """An objection that came to the office."""
    return _received(notice, None, url_for("office_notices.notices", congress=congress), _("公示与异议"))


@desk.route("/c/<congress>/units/<unit>/notices/<int:notice>/objection", methods=["GET", "POST"])
@permitted(Permission.OBJECTION_RECORD)
def received_by_unit(congress: str, unit: str, notice: int) -> ResponseReturnValue:
    """An objection that came to a unit, to one of its own people."""
    return _received(notice, g.unit, url_for("unit_roster.roster", congress=congress, unit=unit), g.unit.name)


def _received(notice: int, unit: Unit | None, back: str, label: str) -> ResponseReturnValue:
    """Of thousands of electors the person is found by name first; whoever is found nowhere is named with the unit."""
    row = notice_of(reading(), g.congress.id, notice)
    form = ObjectionForm()
    over = local_day(clock()()) > row.last_day
    if not over or unit is not None:
        del form.late  # after the last day it is the office that may take one
    by_name = row.kind is NoticeKind.ELECTORS
    asked = request.form.get("name", "").strip() if by_name else ""
    found = _members_named(asked, unit) if asked else []
    unlisted = [SelectChoice(str(UNLISTED), _("“%(name)s”不在花名册上（应列而未列）", name=asked))] if asked else []
    form.about.choices = [SelectChoice("0", _("请选择")), *([*found, *unlisted] if by_name else _named(row, unit))]
    if unlisted and unit is None:
        form.unit.choices = [SelectChoice("0", _("请选择"))] + [
            SelectChoice(str(one.id), one.name) for one in g.congress.units
        ]
        if form.about.data != UNLISTED:
            # Who stands on a roster has a unit.
            form.unit.validators, form.unit.validate_choice = (), False
    else:
        del form.unit  # a unit's clerk names nobody else's
    searching = by_name and "search" in request.form
    if searching and asked and len(found) <= 1:
        # Only one can be meant; whoever records it sees who.
        form.about.data = int(found[0].value) if found else UNLISTED
    if not searching and form.validate_on_submit():
        where = form.unit.data if "unit" in form else unit and unit.id
        whom = Unlisted(asked, where or 0) if form.about.data == UNLISTED else form.about.data
        with form.refusals():
            with act() as unit_of_work:
                record_objection(
                    unit_of_work,
                    notice,
                    whom,
                    form.raised_by.data or "",
                    form.text.data or "",
                    late="late" in form and form.late.data,
                )
            flash(_("异议已登记，由县委组织部调查核实后办结。") if unit else _("异议已登记。"), "ok")
            return redirect(back)
    return render_template(
        "office/objection_received.html",
        hung=row,
        form=form,
        over=over,
        by_name=by_name,
        asked=asked,
        found=len(found),
        back={"href": back, "label": label},
    ), form.status


@desk.route("/c/<congress>/office/objections/<int:objection>", methods=["GET", "POST"])
@permitted(Permission.OBJECTION_CLOSE)
def objection(congress: str, objection: int) -> ResponseReturnValue:
    """An objection is closed with what was found; upheld against a candidate, it ends the candidacy, which is asked once more."""
    line = objection_of(reading(), g.congress.id, objection)
    of_electors = line.kind is NoticeKind.ELECTORS
    form = FindingForm()
    if of_electors:
        form.upheld.choices = [
            SelectChoice(DISMISSED, _("不成立")),
            SelectChoice(UPHELD, _("成立，须更正花名册（记载、表决权，或者增减党员）")),
        ]
    if form.validate_on_submit():
        with form.refusals():
            upheld = form.upheld.data == UPHELD
            if upheld and not of_electors and not form.certain.data:
                raise Refused("notice.upheld_ends_candidacy", field="certain", name=line.about)
            with act() as unit_of_work:
                decide_objection(unit_of_work, objection, finding=form.finding.data or "", upheld=upheld)
            flash(_("对%(name)s的异议已办结。", name=line.about), "ok")
            if of_electors and upheld:
                return redirect(url_for("office_objections.objection", congress=congress, objection=objection))
            return redirect(url_for("office_notices.notices", congress=congress))
    return _page(objection, form, SettledForm(formdata=None)), form.status


@desk.post("/c/<congress>/office/objections/<int:objection>/settled")
@permitted(Permission.OBJECTION_CLOSE)
def settled(congress: str, objection: int) -> ResponseReturnValue:
    """How the roster was put right after an objection to the electors was upheld."""
    form = SettledForm()
    if form.validate_on_submit():
        with form.refusals():
            with act() as unit_of_work:
                settle_objection(unit_of_work, objection, form.how.data or "")
            flash(_("更正已登记。花名册有变动的，由选举单位重新核对后重新公示选举人名单。"), "ok")
            return redirect(url_for("office_notices.notices", congress=congress))
    return _page(objection, FindingForm(formdata=None), form), form.status


def _page(objection: int, form: FindingForm, settles: SettledForm) -> str:
    line = objection_of(reading(), g.congress.id, objection)
    about = line.about_person_id
    answering = {} if about is None else answering_for_person(reading(), g.congress.id, about)
    opens = about is not None and may_open("office_member.member", Scope(g.congress.id))
    return render_template(
        "office/objection.html",
        line=line,
        form=form,
        settles=settles,
        by_another=g.actor.person_id in answering,
        answering="、".join(answering.values()),
        member=member_of_person(reading(), about) if opens and about else None,
        imports=may_open("office_import.roster_import", Scope(g.congress.id)),
    )
