"""The office's page of one member: facts corrected, the right to vote set, the identity number seen on the record, close
relatives declared.
"""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published types
from wtforms.validators import InputRequired, Length, Optional

from election.congress.lifecycle import Phase
from election.errors import Refused, Stale
from election.people.act import local_day
from election.people.permissions import Permission
from election.people.queries import relatives_named
from election.roster.absences.queries import absence_of
from election.roster.importing.operations import IMPORT_PHASES
from election.roster.models import Standing, Suspension
from election.roster.operations import MemberChange, change_member, set_voting_right
from election.roster.operations_identity import reveal_identity
from election.roster.operations_relatives import declare_member_relatives, take_back_relatives
from election.roster.queries import (
    MemberLine,
    member_line,
    member_token,
)
from election.roster.queries_member import masked_identity, namesakes
from election.roster.queries_organisations import branch_choices, branch_named, branch_word
from election.roster.words import EDUCATION_WORDS, ETHNIC_GROUPS
from webapp.access import permitted
from webapp.errors import said_lazily
from webapp.forms import Form, whole_number
from webapp.requests import act, clock, keys, reading

desk = Blueprint("office_member", __name__)

ROSTER_OPEN = (*IMPORT_PHASES, Phase.ELECTION)


class MemberForm(Form):
    name = StringField(_l("姓名"), [InputRequired(_l("请填写姓名。")), Length(max=60, message=_l("最多 60 个字。"))])
    branch = StringField(_l("党支部"), [InputRequired(_l("请填写党支部。"))])
    ethnicity = StringField(_l("民族"), [Length(max=20, message=_l("最多 20 个字。"))])
    education = StringField(_l("学历"), [Length(max=20, message=_l("最多 20 个字。"))])
    joined_on = DateField(_l("入党日期"), [Optional()])
    category = SelectField(_l("主要类别"))
    post = StringField(_l("职务"), [Length(max=80, message=_l("最多 80 个字。"))])
    seen = HiddenField()


class RightForm(Form):
    standing = SelectField(_l("党员类型"), choices=[SelectChoice(one.value, said_lazily(one)) for one in Standing])
    suspension = SelectField(_l("停权原因"))
    since = DateField(_l("起始日期"), [Optional()])
    until = DateField(_l("截止日期"), [Optional()])
    reason = TextAreaField(
        _l("依据和理由"), [InputRequired(_l("请写明理由。")), Length(max=400, message=_l("最多 400 个字。"))]
    )
    seen = HiddenField()


class PurposeForm(Form):
    purpose = StringField(
        _l("用途"), [InputRequired(_l("请写明查看身份证号的用途。")), Length(max=200, message=_l("最多 200 个字。"))]
    )


class RelativeForm(Form):
    """`chosen`: which of several members of that name, asked only where there are several."""

    relative = StringField(_l("近亲属姓名"), [InputRequired(_l("请填写姓名。"))])
    chosen = SelectField(_l("是哪一位"), validate_choice=False)
    relation = StringField(
        _l("关系"), [InputRequired(_l("请填写关系。")), Length(max=20, message=_l("最多 20 个字。"))]
    )


class TakeBackForm(Form):
    reason = StringField(
        _l("理由"), [InputRequired(_l("请写明撤销登记的理由。")), Length(max=200, message=_l("最多 200 个字。"))]
    )


def _page(line: MemberLine, shown: str = "", taking_back: int | None = None, **given: Form) -> ResponseReturnValue:
    """The whole page; `given`: the form that was refused, in place of the fresh one. `shown`: the identity number.
    `taking_back`: the declaration whose form was refused.
    """
    token = member_token(line)
    form = given.get("form") or MemberForm(formdata=None, obj=line, seen=token)
    rights = given.get("rights") or RightForm(
        formdata=None, seen=token, since=line.right_since, until=line.right_until, reason=line.right_reason
    )
    _offer(form, rights)
    if "form" not in given:
        form["branch"].data, form["category"].data = branch_word(line.branch_name, line.branch_code), line.category
    if "rights" not in given:
        rights["standing"].data, rights["suspension"].data = line.standing.value, line.suspension or ""
    for one in (form, rights):
        if one.status == Stale.status:
            one["seen"].data = token  # whoever saves now has been told what changed
    relatives = given.get("relatives") or RelativeForm(formdata=None)
    purpose = given.get("purpose") or PurposeForm(formdata=None)
    take_back = given.get("take_back") or TakeBackForm(formdata=None)
    for place, one in (("right", rights), ("relative", relatives), ("identity", purpose), ("back", take_back)):
        for field in one:
            field.id = f"{place}-{field.short_name}"  # fields of the same name stand several times on the page
    return render_template(
        "office/member.html",
        line=line,
        form=form,
        rights=rights,
        relatives=relatives,
        purpose=purpose,
        declared=relatives_named(reading(), line.person_id),
        take_back=take_back,
        taking_back=taking_back,
        absence=absence_of(reading(), g.congress.id, line.member_id),
        unit=next((one for one in g.congress.units if one.id == line.unit_id), None),
        ethnic_groups=ETHNIC_GROUPS,
        education_words=EDUCATION_WORDS,
        branches=branch_choices(reading(), g.congress.id),
        masked=masked_identity(reading(), line.person_id, keys().identity),
        shown=shown,
        today=local_day(clock()()),
        open=g.congress.phase in ROSTER_OPEN,
    ), max(one.status for one in (form, rights, relatives, purpose, take_back))


def _offer(form: Form, rights: Form) -> None:
    """The choices of the selects."""
    form["category"].choices = [SelectChoice(one.code, one.name) for one in g.congress.categories]
    rights["suspension"].choices = [
        SelectChoice("", _("没有停权")),
        *(SelectChoice(one.value, said_lazily(one)) for one in Suspension),
    ]


@desk.route("/c/<congress>/office/roster/members/<int:member>", methods=["GET", "POST"])
@permitted(Permission.ROSTER_EDIT)
def member(congress: str, member: int) -> ResponseReturnValue:
    """One member's facts, corrected here."""
    line = member_line(reading(), g.congress.id, member)
    if request.method == "GET":
        return _page(line)
    form = MemberForm()
    _offer(form, RightForm(formdata=None))
    if form.validate_on_submit():
        with form.refusals():
            change = MemberChange(
                form.name.data or "",
                branch_named(reading(), form.branch.data or ""),
                form.ethnicity.data or "",
                form.education.data or "",
                form.joined_on.data,
                form.category.data,
                form.post.data or "",
            )
            with act() as unit_of_work:
                change_member(unit_of_work, g.congress.id, member, change, seen=form.seen.data or "")
            flash(_("%(name)s的记载已更正。", name=change.name), "ok")
            return _back(congress, member)
    return _page(line, form=form)


def _back(congress: str, member: int) -> ResponseReturnValue:
    return redirect(url_for("office_member.member", congress=congress, member=member))


@desk.post("/c/<congress>/office/roster/members/<int:member>/right")
@permitted(Permission.ROSTER_EDIT)
def right(congress: str, member: int) -> ResponseReturnValue:
    """The right to vote, suspended or restored."""
    line = member_line(reading(), g.congress.id, member)
    form = RightForm()
    _offer(MemberForm(formdata=None), form)
    if form.validate_on_submit():
        with form.refusals():
            with act() as unit_of_work:
                set_voting_right(
                    unit_of_work,
                    g.congress.id,
                    member,
                    Standing(form.standing.data),
                    Suspension(form.suspension.data) if form.suspension.data else None,
                    since=form.since.data,
                    until=form.until.data,
                    reason=form.reason.data or "",
                    seen=form.seen.data or "",
                )
            flash(_("%(name)s的表决权情况已保存。", name=line.name), "ok")
            return _back(congress, member)
    return _page(line, rights=form)


@desk.post("/c/<congress>/office/roster/members/<int:member>/identity")
@permitted(Permission.ROSTER_EDIT)
def identity(congress: str, member: int) -> ResponseReturnValue:
    """The identity number on this one answer; the chain keeps who saw it and what for."""
    line = member_line(reading(), g.congress.id, member)
    form = PurposeForm()
    if form.validate_on_submit():
        with form.refusals():
            with act() as unit_of_work:
                number = reveal_identity(unit_of_work, g.congress.id, member, form.purpose.data or "", keys().identity)
            return _page(line, shown=number)
    return _page(line, purpose=form)


@desk.post("/c/<congress>/office/roster/members/<int:member>/relatives")
@permitted(Permission.ROSTER_EDIT)
def relatives(congress: str, member: int) -> ResponseReturnValue:
    """A close relative among the members, by name; where several bear it, by choice among them."""
    line = member_line(reading(), g.congress.id, member)
    form = RelativeForm()
    if form.validate_on_submit():
        with form.refusals():
            other = _relative(form, line)
            with act() as unit_of_work:
                declare_member_relatives(unit_of_work, g.congress.id, member, other.member_id, form.relation.data or "")
            flash(_("已登记%(name)s为近亲属。", name=other.name), "ok")
            return _back(congress, member)
    return _page(line, relatives=form)


@desk.post("/c/<congress>/office/roster/members/<int:member>/relatives/<int:relative>/remove")
@permitted(Permission.ROSTER_EDIT)
def relative_remove(congress: str, member: int, relative: int) -> ResponseReturnValue:
    """What was declared by mistake is taken back, with a reason."""
    line = member_line(reading(), g.congress.id, member)
    form = TakeBackForm()
    if form.validate_on_submit():
        with form.refusals():
            with act() as unit_of_work:
                take_back_relatives(unit_of_work, g.congress.id, member, relative, form.reason.data or "")
            flash(_("近亲属登记已撤销。"), "ok")
            return _back(congress, member)
    return _page(line, taking_back=relative, take_back=form)


def _relative(form: RelativeForm, line: MemberLine) -> MemberLine:
    """The member whom the form names. Raises Refused at the field, with those of that name to choose from."""
    same = [
        one for one in namesakes(reading(), g.congress.id, form.relative.data or "") if one.person_id != line.person_id
    ]
    if not same:
        raise Refused("roster.nobody_named", field="relative", name=(form.relative.data or "").strip())
    if len(same) == 1:
        return same[0]
    form.chosen.choices = [SelectChoice("", _("请选择"))] + [
        SelectChoice(str(one.member_id), f"{one.name}（{one.branch_name}）") for one in same
    ]
    chosen = whole_number(form.chosen.data)
    for one in same:
        if one.member_id == chosen:
            return one
    raise Refused("roster.several_named", field="chosen", name=same[0].name, count=len(same))
