"""The nomination workbook at the desk of whoever keeps branches: offered, looked through, taken in as one act.

Nothing is stored between the preview and the import: the preview's own form carries the file along, sealed for this person.
"""

from __future__ import annotations

import base64
import io
import json

from cryptography.fernet import InvalidToken
from flask import Blueprint, flash, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from election.congress.rules_in_force import rules_in_force
from election.errors import Refused, Stale
from election.nomination.applying.eligibility import ways
from election.nomination.lifecycle import ApplicationState
from election.nomination.queries import applications
from election.nomination.workbook.operations import (
    FaultyBook,
    NominationSummary,
    import_nominations,
    preview_nominations,
)
from election.nomination.workbook.reading import read_nominations
from election.nomination.workbook.writing import Prefilled, nomination_template
from election.people.permissions import Permission
from election.roster.importing.returned import marked_workbook
from election.roster.queries import members_of_branches
from election.roster.queries_organisations import branch_lines
from webapp.access import permitted
from webapp.branch import my_branches
from webapp.errors import say
from webapp.requests import act, keys, reading
from webapp.rule_line import rule_lines

desk = Blueprint("branch_workbook", __name__)

# What a form may carry along, sealed, within the size that any form may have.
MOST_KILOBYTES = 1000
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@desk.route("/c/<congress>/branches/workbook", methods=["GET", "POST"])
@permitted(Permission.APPLICATION_RECORD, anywhere=True)
def workbook(congress: str) -> ResponseReturnValue:
    """Asks for the file; a good one is shown as it would be taken in, a bad one with every fault at its place."""
    if request.method == "GET":
        return _page([])
    data, name = b"", ""
    try:
        file = request.files.get("file")
        if not isinstance(file, FileStorage) or not file.filename:
            raise Refused("roster.file_missing", field="file")
        data, name = file.read(), file.filename
        if len(data) > MOST_KILOBYTES * 1024:
            raise Refused("nominations.file_too_large", field="file", most=MOST_KILOBYTES)
        book = read_nominations(data)
        with act() as unit_of_work:
            summary = preview_nominations(unit_of_work, g.congress.id, book, keys().identity)
    except FaultyBook as faulty:
        return _page(faulty.refusals, sealed=_seal(data), name=name)
    except Refused as refused:
        return _page([refused])
    return _page([], summary, _seal(data, summary.digest), name)


@desk.post("/c/<congress>/branches/workbook/faults.xlsx")
@permitted(Permission.APPLICATION_RECORD, anywhere=True)
def faults(congress: str) -> ResponseReturnValue:
    """The workbook that was checked, with what is wrong beside every bad row."""
    try:
        data, _promised = _open(request.form.get("sealed", ""))
        book = read_nominations(data)
    except Refused as refused:
        return _page([refused])
    try:
        with act() as unit_of_work:
            preview_nominations(unit_of_work, g.congress.id, book, keys().identity)
    except FaultyBook as faulty:
        marked = io.BytesIO(marked_workbook(data, faulty.faults, book.headers))
        return send_file(marked, SHEET, as_attachment=True, download_name=f"{_('报名和推选汇总表-标出错误')}.xlsx")
    flash(_("这份汇总表现在没有错误，请重新上传导入。"), "ok")
    return redirect(url_for("branch_workbook.workbook", congress=congress))


@desk.post("/c/<congress>/branches/workbook/import")
@permitted(Permission.APPLICATION_RECORD, anywhere=True)
def take_in(congress: str) -> ResponseReturnValue:
    """Takes in what was shown. What has changed since is told: a fault at its place; else the file is looked through anew."""
    try:
        data, promised = _open(request.form.get("sealed", ""))
        book = read_nominations(data)
    except Refused as refused:
        return _page([refused])
    try:
        with act() as unit_of_work:
            summary = import_nominations(unit_of_work, g.congress.id, book, keys().identity, promised=promised)
    except FaultyBook as faulty:
        return _page(faulty.refusals, sealed=request.form["sealed"])
    except Stale as stale:
        with act() as unit_of_work:
            summary = preview_nominations(unit_of_work, g.congress.id, book, keys().identity)
        return _page([stale], summary, _seal(data, summary.digest))
    except Refused as refused:
        return _page([refused])
    counts = {"n": len(summary.applications), "m": len(summary.ballots)}
    flash(_("已登记 %(n)s 人报名、%(m)s 次支部推选。", **counts), "ok")
    return redirect(url_for("branch.branches", congress=congress))


@desk.get("/c/<congress>/branches/workbook/template.xlsx")
@permitted(Permission.APPLICATION_RECORD, anywhere=True)
def template(congress: str) -> ResponseReturnValue:
    """The workbook with this person's branches, their members with a vote, and the applicants who wait."""
    mine = my_branches()
    names = {category.code: category.name for category in g.congress.categories}
    members = [
        (line.branch_code, line.branch_name, line.name, names.get(line.category, ""))
        for line in members_of_branches(reading(), g.congress.id, mine)
        if line.right.votes
    ]
    waiting = [
        (line.branch_code, line.category_name, line.name)
        for line in applications(reading(), g.congress.id, states=[ApplicationState.APPLIED])
        if line.branch_id in mine
    ]
    voters = {line.code: line.voters for line in branch_lines(reading(), g.congress.id, mine)}
    permitted_ways = ways(rules_in_force(reading(), g.congress.id)["nomination_source"])
    data = nomination_template(
        Prefilled(members, sorted(waiting), voters), list(names.values()), [one.zh for one in permitted_ways]
    )
    return send_file(io.BytesIO(data), SHEET, as_attachment=True, download_name=f"{_('报名和推选汇总表')}.xlsx")


def _seal(data: bytes, promised: str | None = None) -> str:
    """`promised`: the digest of what this person was shown."""
    bound = {"person": g.actor.person_id, "congress": g.congress.id, "file": base64.b64encode(data).decode()}
    bound["promised"] = promised
    return keys().identity.seal(json.dumps(bound))


def _open(sealed: str) -> tuple[bytes, str | None]:
    """The file that this person was shown, and what it said. Raises Refused for anything else."""
    try:
        bound = json.loads(keys().identity.open(sealed))
        if (bound["person"], bound["congress"]) == (g.actor.person_id, g.congress.id):
            return base64.b64decode(bound["file"]), bound["promised"]
    except (InvalidToken, ValueError, KeyError, TypeError):
        pass
    raise Refused("nominations.upload_lost", field="file")


def _page(
    refusals: list[Refused], summary: NominationSummary | None = None, sealed: str = "", name: str = ""
) -> ResponseReturnValue:
    return render_template(
        "branch/workbook.html",
        wrong=[say(one) for one in refusals],
        summary=summary,
        sealed=sealed,
        file_name=name,
        rules=rule_lines(g.congress.id, "nomination_source", "joint_signers", "branch_places", "quorum_branch"),
    ), (refusals[0].status if summary and refusals else 422 if refusals else 200)
