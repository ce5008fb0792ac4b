"""The office's pages about the roster: units and their verification, the organisation tree, members, the import."""

from __future__ import annotations

import io
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import FileStorage
from wtforms import DateField, FileField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published types
from wtforms.validators import InputRequired, Length, Optional

from election.congress.lifecycle import Phase
from election.errors import Invalid, Refused
from election.people.permissions import Permission
from election.roster.models import OrganisationKind, Standing, Suspension
from election.roster.operations import BRANCHES_MOVE, MemberChange, assign_branch, change_member, set_voting_right
from election.roster.operations_import import IMPORT_PHASES, RosterPreview, export_roster
from election.roster.operations_upload import import_staged, stage_roster
from election.roster.queries import (
    MemberLine,
    branch_of,
    elector_list,
    member_line,
    member_token,
    members_page,
    rosters_at,
    unit_rosters,
)
from election.roster.queries_organisations import branch_lines, organisation_tree
from election.roster.queries_totals import unit_totals
from election.roster.workbook_writing import template_workbook
from webapp.access import permitted
from webapp.errors import say
from webapp.forms import Form
from webapp.requests import act, keys, reading

desk = Blueprint("office_roster", __name__)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Faults shown on the page; beyond that many a workbook needs another look as a whole.
FAULTS_SHOWN = 200
ROSTER_OPEN = (*IMPORT_PHASES, Phase.ELECTION)


class UploadForm(Form):
    file = FileField(_l("花名册工作簿"))


class MemberForm(Form):
    name = StringField(_l("姓名"), [InputRequired(_l("请填写姓名。")), Length(max=60, message=_l("最多 60 个字。"))])
    branch_id = SelectField(_l("党支部"), coerce=int)
    ethnicity = StringField(_l("民族"), [Length(max=20, message=_l("最多 20 个字。"))])
    education = StringField(_l("学历"), [Length(max=20, message=_l("最多 20 个字。"))])
    joined_on = DateField(_l("入党日期"), [Optional()])
    category = SelectField(_l("主要类别"))
    post = StringField(_l("职务"), [Length(max=80, message=_l("最多 80 个字。"))])
    seen = HiddenField()


class RightForm(Form):
    standing = SelectField(_l("党员类型"))
    suspension = SelectField(_l("停权原因"))
    reason = TextAreaField(
        _l("依据和理由"), [InputRequired(_l("请写明理由。")), Length(max=400, message=_l("最多 400 个字。"))]
    )
    seen = HiddenField()


@desk.get("/c/<congress>/office/roster")
@permitted(Permission.ROSTER_EDIT)
def roster(congress: str) -> ResponseReturnValue:
    """Every unit in figures, and whether its clerk has verified its roster."""
    totals = {one.unit_id: one for one in unit_totals(reading(), g.congress.id)}
    units = rosters_at(reading(), g.congress)
    return render_template(
        "office/roster.html",
        units=units,
        totals=totals,
        importing=g.congress.phase in IMPORT_PHASES,
        verified=sum(unit.verified for unit in units),
        stale=sum(unit.stale for unit in units),
        members=sum(unit.state.members for unit in units),
        voters=sum(unit.state.expected for unit in units),
    )


@desk.get("/c/<congress>/office/roster/units/<unit>")
@permitted(Permission.ROSTER_EDIT)
def roster_electors(congress: str, unit: str) -> ResponseReturnValue:
    """A unit's elector list, to look at and to print."""
    (state,) = unit_rosters(reading(), g.congress.id, g.unit.id)
    back = {"href": url_for("office_roster.roster", congress=congress), "label": _("花名册")}
    return render_template(
        "unit/electors.html",
        unit=g.unit,
        state=state,
        electors=elector_list(reading(), g.unit.id),
        month_words=_("%(y)s年%(m)s月"),
        back=back,
    )


@desk.get("/c/<congress>/office/roster/organisations")
@permitted(Permission.ROSTER_EDIT)
def organisations(congress: str) -> ResponseReturnValue:
    """The tree. Of a county's thousand branches those of one committee are shown at a time."""
    tree = organisation_tree(reading(), g.congress.id)
    chosen = request.args.get("committee", type=int)
    shown = []
    inside = False
    for node in tree:
        if node.depth == 0:
            inside = node.id == chosen
        if node.depth == 0 or inside or len(tree) <= FAULTS_SHOWN:
            shown.append(node)
    return render_template(
        "office/organisations.html",
        nodes=shown,
        chosen=chosen,
        count={kind: sum(node.kind is kind for node in tree) for kind in OrganisationKind},
        homeless=sum(node.kind is OrganisationKind.BRANCH and node.unit_id is None for node in tree),
    )


@desk.route("/c/<congress>/office/roster/branches/<int:branch>", methods=["GET", "POST"])
@permitted(Permission.ROSTER_EDIT)
def roster_branch(congress: str, branch: int) -> ResponseReturnValue:
    """One branch: its members, and the unit in which they vote."""
    row, unit = branch_of(reading(), g.congress.id, branch)
    refusals: list[str] = []
    status = 200
    if request.method == "POST":
        chosen = next((one for one in g.congress.units if one.code == request.form.get("unit")), None)
        try:
            with act() as unit_of_work:
                assign_branch(unit_of_work, g.congress.id, branch, chosen.id if chosen else 0)
            flash(_("“%(name)s”的选举单位已保存。", name=row.name), "ok")
            return redirect(url_for("office_roster.roster_branch", congress=congress, branch=branch))
        except Refused as refused:
            if refused.status == 403:
                raise
            refusals, status = [say(refused)], refused.status
    return render_template(
        "office/roster_branch.html",
        branch=row,
        unit=unit,
        units=g.congress.units,
        open=g.congress.phase in BRANCHES_MOVE,
        page=members_page(reading(), g.congress.id, branch_id=branch, size=500),
        categories={category.code: category for category in g.congress.categories},
        refusals=refusals,
    ), status


@desk.get("/c/<congress>/office/roster/members")
@permitted(Permission.ROSTER_EDIT)
def members(congress: str) -> ResponseReturnValue:
    """Members by page, narrowed by unit, name and right to vote."""
    unit = next((one for one in g.congress.units if one.code == request.args.get("unit")), None)
    name, without_vote = request.args.get("name", ""), request.args.get("vote") == "no"
    page = members_page(
        reading(),
        g.congress.id,
        unit_id=unit.id if unit else None,
        name=name,
        without_vote=without_vote,
        page=request.args.get("page", 1, type=int),
    )

    def address(number: int) -> str:
        query: dict[str, Any] = {"unit": unit.code if unit else None, "name": name or None, "page": number}
        return url_for("office_roster.members", congress=congress, vote="no" if without_vote else None, **query)

    return render_template(
        "office/members.html",
        page=page,
        unit=unit,
        name=name,
        without_vote=without_vote,
        units=g.congress.units,
        categories={category.code: category for category in g.congress.categories},
        pages={
            "number": page.page,
            "count": page.pages,
            "previous": address(page.page - 1) if page.page > 1 else None,
            "next": address(page.page + 1) if page.page < page.pages else None,
        },
    )


def _member_page(
    line: MemberLine, member_form: MemberForm | None = None, right_form: RightForm | None = None
) -> ResponseReturnValue:
    token = member_token(line)
    form = member_form or MemberForm(formdata=None, obj=line, seen=token)
    rights = right_form or RightForm(formdata=None, seen=token)
    _offer(form, rights)
    if member_form is None:
        form.branch_id.data, form.category.data = line.branch_id, line.category
    if right_form is None:
        rights.standing.data = line.standing.value
        rights.suspension.data = line.suspension.value if line.suspension else ""
    status = max(form.status, rights.status)
    return render_template(
        "office/member.html", line=line, form=form, rights=rights, open=g.congress.phase in ROSTER_OPEN
    ), status


def _offer(form: MemberForm | None, rights: RightForm | None) -> None:
    """The choices of the selects."""
    if form is not None:
        form.branch_id.choices = [
            SelectChoice(str(one.id), f"{one.name}（{one.unit_name}）" if one.unit_name else one.name)
            for one in branch_lines(reading(), g.congress.id, None)
        ]
        form.category.choices = [SelectChoice(one.code, one.name) for one in g.congress.categories]
    if rights is not None:
        rights.standing.choices = [SelectChoice(one.value, one.zh) for one in Standing]
        rights.suspension.choices = [
            SelectChoice("", _("没有停权")),
            *(SelectChoice(one.value, one.zh) for one in Suspension),
        ]


@desk.route("/c/<congress>/office/roster/members/<int:member>", methods=["GET", "POST"])
@permitted(Permission.ROSTER_EDIT)
def member(congress: str, member: int) -> ResponseReturnValue:
    """One member's facts, corrected here."""
    line = member_line(reading(), g.congress.id, member)
    if request.method == "GET":
        return _member_page(line)
    form = MemberForm()
    _offer(form, None)
    if form.validate_on_submit():
        with form.refusals():
            change = MemberChange(
                form.name.data or "",
                form.branch_id.data,
                form.ethnicity.data or "",
                form.education.data or "",
                form.joined_on.data,
                form.category.data,
                form.post.data or "",
            )
            with act() as unit_of_work:
                change_member(unit_of_work, g.congress.id, member, change, seen=form.seen.data or "")
            flash(_("%(name)s的记载已更正。", name=change.name), "ok")
            return redirect(url_for("office_roster.member", congress=congress, member=member))
    return _member_page(line, member_form=form)


@desk.post("/c/<congress>/office/roster/members/<int:member>/right")
@permitted(Permission.ROSTER_EDIT)
def member_right(congress: str, member: int) -> ResponseReturnValue:
    """The right to vote, suspended or restored."""
    line = member_line(reading(), g.congress.id, member)
    form = RightForm()
    _offer(None, form)
    if form.validate_on_submit():
        with form.refusals():
            suspension = Suspension(form.suspension.data) if form.suspension.data else None
            with act() as unit_of_work:
                set_voting_right(
                    unit_of_work,
                    g.congress.id,
                    member,
                    Standing(form.standing.data),
                    suspension,
                    reason=form.reason.data or "",
                    seen=form.seen.data or "",
                )
            flash(_("%(name)s的表决权情况已保存。", name=line.name), "ok")
            return redirect(url_for("office_roster.member", congress=congress, member=member))
    return _member_page(line, right_form=form)


# The import


def _import_page(form: UploadForm, preview: RosterPreview | None = None, **more: Any) -> ResponseReturnValue:
    return render_template(
        "office/roster_import.html",
        form=form,
        preview=preview,
        faults=[] if preview is None else preview.faults[:FAULTS_SHOWN],
        open=g.congress.phase in IMPORT_PHASES,
        has_categories=bool(g.congress.categories),
        **more,
    ), 422 if preview is not None and preview.faults else form.status


@desk.get("/c/<congress>/office/roster/import")
@permitted(Permission.ROSTER_EDIT)
def roster_import(congress: str) -> ResponseReturnValue:
    return _import_page(UploadForm(formdata=None))


@desk.post("/c/<congress>/office/roster/import")
@permitted(Permission.ROSTER_EDIT)
def roster_check(congress: str) -> ResponseReturnValue:
    """Checks the uploaded workbook and shows what its import would do; nothing of the roster changes yet."""
    form = UploadForm()
    if form.validate_on_submit():
        with form.refusals():
            file = form.file.data
            if not isinstance(file, FileStorage) or not file.filename:
                raise Refused("roster.file_missing", field="file")
            data = file.read()
            with act() as unit_of_work:
                preview, kept = stage_roster(unit_of_work, g.congress.id, file.filename, data, keys().identity)
            return _import_page(form, preview, file_name=file.filename, upload=kept.id if kept else None)
    return _import_page(form)


@desk.post("/c/<congress>/office/roster/import/<int:upload>")
@permitted(Permission.ROSTER_EDIT)
def roster_commit(congress: str, upload: int) -> ResponseReturnValue:
    """Reads the checked workbook in, all of it. What changed in the meantime is checked once more."""
    form = UploadForm(formdata=None)
    try:
        with act() as unit_of_work:
            row = import_staged(unit_of_work, g.congress.id, upload, keys().identity)
    except Invalid as invalid:
        for refused in invalid.refusals[:FAULTS_SHOWN]:
            form.refuse(refused)
        return _import_page(form)
    flash(
        _(
            "已导入：新增党组织 %(o)s 个、党员 %(m)s 名，更新党员 %(c)s 名。",
            o=row.organisations_added,
            m=row.members_added,
            c=row.members_changed,
        ),
        "ok",
    )
    return redirect(url_for("office_roster.roster", congress=congress))


@desk.get("/c/<congress>/office/roster/template.xlsx")
@permitted(Permission.ROSTER_EDIT)
def roster_template(congress: str) -> ResponseReturnValue:
    data = template_workbook(
        [category.name for category in g.congress.categories], [unit.name for unit in g.congress.units]
    )
    return _workbook(data, _("花名册模板"))


@desk.post("/c/<congress>/office/roster/export")
@permitted(Permission.ROSTER_EDIT)
def roster_export(congress: str) -> ResponseReturnValue:
    """The whole roster with its identity numbers: taken by name, and recorded."""
    with act() as unit_of_work:
        data = export_roster(unit_of_work, g.congress.id, keys().identity)
    return _workbook(data, _("花名册"))


def _workbook(data: bytes, name: str) -> Response:
    return send_file(io.BytesIO(data), mimetype=XLSX, as_attachment=True, download_name=f"{g.congress.name}{name}.xlsx")
