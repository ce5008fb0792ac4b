"""The office's page for registering one member by hand, at the branch; many come by the workbook."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published types
from wtforms.validators import InputRequired, Length, Optional

from election.people.permissions import Permission
from election.roster.models import Standing
from election.roster.operations_registering import RULES_APPLIED, Newcomer, register_member
from election.roster.queries import branch_of
from election.roster.words import EDUCATION_WORDS, ETHNIC_GROUPS
from webapp.access import permitted
from webapp.errors import said_lazily
from webapp.forms import Form
from webapp.office_member import ROSTER_OPEN
from webapp.requests import act, keys, reading
from webapp.rule_line import rule_lines

desk = Blueprint("office_newcomer", __name__)


class NewcomerForm(Form):
    name = StringField(_l("姓名"), [InputRequired(_l("请填写姓名。")), Length(max=60, message=_l("最多 60 个字。"))])
    identity = StringField(_l("身份证号"), [InputRequired(_l("请填写身份证号。"))])
    category = SelectField(_l("主要类别"))
    standing = SelectField(_l("党员类型"), choices=[SelectChoice(one.value, said_lazily(one)) for one in Standing])
    joined_on = DateField(_l("入党日期"), [Optional()])
    ethnicity = StringField(_l("民族"), [Length(max=20, message=_l("最多 20 个字。"))])
    education = StringField(_l("学历"), [Length(max=20, message=_l("最多 20 个字。"))])
    post = StringField(_l("职务"), [Length(max=80, message=_l("最多 80 个字。"))])


@desk.route("/c/<congress>/office/roster/branches/<int:branch>/register", methods=["GET", "POST"])
@permitted(Permission.ROSTER_EDIT)
def register(congress: str, branch: int) -> ResponseReturnValue:
    """One new member of the branch. The number is checked, sealed and never sent back."""
    row, unit = branch_of(reading(), g.congress.id, branch)
    form = NewcomerForm()
    form.category.choices = [
        SelectChoice("", _("请选择")),
        *(SelectChoice(one.code, one.name) for one in g.congress.categories),
    ]
    if form.validate_on_submit():
        with form.refusals():
            newcomer = Newcomer(
                form.name.data or "",
                form.identity.data or "",
                form.ethnicity.data or "",
                form.education.data or "",
                Standing(form.standing.data),
                form.joined_on.data,
                form.category.data,
                form.post.data or "",
            )
            with act() as unit_of_work:
                member = register_member(unit_of_work, g.congress.id, branch, newcomer, keys().identity).id
            flash(_("%(name)s已登记。", name=newcomer.name.strip()), "ok")
            return redirect(url_for("office_member.member", congress=congress, member=member), 303)
    return render_template(
        "office/newcomer.html",
        branch=row,
        unit=unit,
        form=form,
        open=g.congress.phase in ROSTER_OPEN,
        ethnic_groups=ETHNIC_GROUPS,
        education_words=EDUCATION_WORDS,
        rules=rule_lines(g.congress.id, *RULES_APPLIED),
    ), form.status
