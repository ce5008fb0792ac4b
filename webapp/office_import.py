"""The office's pages about the roster workbook: template, check with its faults and changes, import, export."""

from __future__ import annotations

import io
import secrets
from pathlib import PurePath

from flask import Blueprint, Response, flash, g, jsonify, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import FileStorage
from wtforms import FileField

from election.errors import Invalid, Refused, Stale
from election.people.act import Act, local_day
from election.people.permissions import Permission
from election.roster.importing.operations import IMPORT_PHASES, RULES_APPLIED, export_roster, preview_roster
from election.roster.importing.operations_upload import check_again, discard_upload, import_staged, stage_roster
from election.roster.importing.queries_upload import KeptUpload, kept_upload, kept_workbook
from election.roster.importing.returned import changes_workbook, faulty_workbook
from election.roster.importing.workbook_writing import template_workbook
from webapp.access import permitted
from webapp.errors import say
from webapp.forms import Form
from webapp.progress_file import progress_of, told
from webapp.requests import act, clock, keys, reading
from webapp.rule_line import rule_lines

desk = Blueprint("office_import", __name__)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHECKING = {"open": (5, 25), "check": (25, 90), "compare": (90, 100)}
IMPORTING = {"open": (5, 15), "check": (15, 45), "compare": (45, 55), "store": (55, 100)}
STEP_WORDS = {
    "open": _l("正在打开工作簿"),
    "check": _l("正在逐行检查"),
    "compare": _l("正在与花名册比对"),
    "store": _l("正在写入花名册"),
}


class UploadForm(Form):
    file = FileField(_l("花名册工作簿"))


@desk.app_template_global()
def roster_imports() -> bool:
    """Whether a roster may be imported in the congress's phase: else no tab leads here."""
    return g.congress.phase in IMPORT_PHASES


def _kept() -> KeptUpload | None:
    return kept_upload(reading(), g.congress.id, g.actor.person_id)


def _page(form: UploadForm, refusals: list[str] | None = None) -> ResponseReturnValue:
    token = secrets.token_hex(16)
    return render_template(
        "office/roster_import.html",
        form=form,
        kept=_kept(),
        refusals=refusals or [],
        open=g.congress.phase in IMPORT_PHASES,
        rules=rule_lines(g.congress.id, *RULES_APPLIED),
        has_categories=bool(g.congress.categories),
        token=token,
        progress=url_for("office_import.roster_progress", congress=g.congress.code, token=token),
    ), form.status


@desk.get("/c/<congress>/office/roster/import")
@permitted(Permission.ROSTER_EDIT)
def roster_import(congress: str) -> ResponseReturnValue:
    """Choose a file; or what was found in the one that this person had checked, and what is to become of it."""
    return _page(UploadForm(formdata=None))


@desk.post("/c/<congress>/office/roster/import")
@permitted(Permission.ROSTER_EDIT)
def roster_check(congress: str) -> ResponseReturnValue:
    """Checks the uploaded workbook and keeps it with what was found; nothing of the roster changes yet."""
    form = UploadForm()
    if form.validate_on_submit():
        with form.refusals():
            file = form.file.data
            if not isinstance(file, FileStorage) or not file.filename:
                raise Refused("roster.file_missing", field="file")
            data = file.read()
            with told(request.form.get("progress", ""), g.actor.person_id, CHECKING) as tell:
                looking = Act(reading(), g.actor, clock()())
                preview = preview_roster(looking, g.congress.id, data, keys().identity, progress=tell)
                with act() as unit_of_work:
                    stage_roster(unit_of_work, g.congress.id, file.filename, data, preview, keys().identity)
            return redirect(url_for("office_import.roster_import", congress=congress), 303)
    return _page(form)


@desk.post("/c/<congress>/office/roster/import/<int:upload>")
@permitted(Permission.ROSTER_EDIT)
def roster_commit(congress: str, upload: int) -> ResponseReturnValue:
    """Reads the sound rows of the checked workbook in. What changed in the meantime is shown before anything is stored."""
    form = UploadForm(formdata=None)
    page = url_for("office_import.roster_import", congress=congress)
    with told(request.form.get("progress", ""), g.actor.person_id, IMPORTING) as tell:
        try:
            undo = request.form.getlist("undo", type=int)
            renamed = request.form.getlist("renamed", type=int)
            with act() as unit_of_work:
                row = import_staged(
                    unit_of_work,
                    g.congress.id,
                    upload,
                    keys().identity,
                    undo=undo,
                    renamed=renamed,
                    progress=tell,
                )
        except (Stale, Invalid):
            with act() as unit_of_work:
                check_again(unit_of_work, g.congress.id, upload, keys().identity, progress=tell)
            flash(say(Stale("roster.preview_changed")), "warn")
            return redirect(page, 303)
        except Refused as refused:
            if refused.status in (403, 404):
                raise
            form.status = refused.status
            return _page(form, [say(refused)])
    flash(
        _(
            "已导入：新增党组织 %(o)s 个、党员 %(m)s 名，更新党员 %(c)s 名。",
            o=row.organisations_added,
            m=row.members_added,
            c=row.members_changed,
        ),
        "ok",
    )
    if row.rows_left_out:
        return redirect(page, 303)
    return redirect(url_for("office_roster.roster", congress=congress), 303)


@desk.post("/c/<congress>/office/roster/import/<int:upload>/discard")
@permitted(Permission.ROSTER_EDIT)
def roster_discard(congress: str, upload: int) -> ResponseReturnValue:
    """The checked workbook is not wanted any more."""
    with act() as unit_of_work:
        name = discard_upload(unit_of_work, g.congress.id, upload)
    flash(_("“%(name)s”已收起，花名册没有因此改动。", name=name), "info")
    return redirect(url_for("office_import.roster_import", congress=congress), 303)


@desk.get("/c/<congress>/office/roster/import/<int:upload>/faults.xlsx")
@permitted(Permission.ROSTER_EDIT)
def roster_faults(congress: str, upload: int) -> ResponseReturnValue:
    """The workbook as it came, with what is wrong at every bad row: to be corrected and uploaded again."""
    data, preview = kept_workbook(
        reading(), g.congress, g.actor.person_id, upload, keys().identity, local_day(clock()())
    )
    kept = _kept()
    name = PurePath(kept.file_name).stem if kept else _("花名册")
    return _workbook(faulty_workbook(data, preview), _("%(name)s（待改正）", name=name))


@desk.get("/c/<congress>/office/roster/import/<int:upload>/changes.xlsx")
@permitted(Permission.ROSTER_EDIT)
def roster_changes(congress: str, upload: int) -> ResponseReturnValue:
    """Every fact that the import would change, and those that stay as they were corrected by hand."""
    _data, preview = kept_workbook(
        reading(), g.congress, g.actor.person_id, upload, keys().identity, local_day(clock()())
    )
    return _workbook(
        changes_workbook(preview),
        _("%(name)s花名册更新内容", name=g.congress.name),
    )


@desk.get("/c/<congress>/office/roster/import/progress/<token>")
@permitted(Permission.ROSTER_EDIT)
def roster_progress(congress: str, token: str) -> ResponseReturnValue:
    """How far this person's check or import has come; without words before it began and after it ended."""
    found = progress_of(token, g.actor.person_id)
    if found is None:
        return jsonify({"percent": None, "words": ""})
    step, percent = found
    return jsonify({"percent": percent, "words": str(STEP_WORDS[step])})


@desk.get("/c/<congress>/office/roster/template.xlsx")
@permitted(Permission.ROSTER_EDIT)
def roster_template(congress: str) -> ResponseReturnValue:
    data = template_workbook(
        [category.name for category in g.congress.categories], [unit.name for unit in g.congress.units]
    )
    return _workbook(data, _("%(name)s花名册模板", name=g.congress.name))


@desk.post("/c/<congress>/office/roster/export")
@permitted(Permission.ROSTER_EDIT)
def roster_export(congress: str) -> ResponseReturnValue:
    """The whole roster with its identity numbers: taken by name, and recorded."""
    with act() as unit_of_work:
        data = export_roster(unit_of_work, g.congress.id, keys().identity)
    return _workbook(data, _("%(name)s花名册", name=g.congress.name))


def _workbook(data: bytes, name: str) -> Response:
    return send_file(io.BytesIO(data), mimetype=XLSX, as_attachment=True, download_name=f"{name}.xlsx")
