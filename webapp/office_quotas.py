"""The office's desk beside the allocation sheet: schemes and methods compared, groups, previous seats, the workbook."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import FileStorage
from wtforms import FileField, HiddenField, SelectMultipleField, StringField
from wtforms.validators import InputRequired

from allocation import read_problem
from allocation.workbook_out import write_problem
from election.congress.models import UnitKind
from election.congress.operations import MOST_SEATS
from election.congress.operations_previous import previous_token, set_previous_seats
from election.errors import Invalid, NotFound, Refused
from election.people.actor import Role
from election.people.permissions import Permission
from election.quotas.comparison import change, differences
from election.quotas.impossible import Impossible
from election.quotas.methods import Method
from election.quotas.models import QuotaGroup, Scheme
from election.quotas.operations import compute_from_workbook
from election.quotas.operations_groups import remove_group as drop_group
from election.quotas.operations_groups import save_group
from election.quotas.previous_workbook import previous_template, read_previous
from election.quotas.queries import scheme_by_number
from election.quotas.queries import schemes as all_schemes
from election.quotas.queries_basis import basis_at
from election.quotas.queries_basis import groups as all_groups
from election.quotas.queries_comparison import by_method, compared, division, measure_of, seats_shown
from webapp.access import permitted
from webapp.deviation_words import bound_by_hand, method_card, two_places, worst_cell
from webapp.errors import said, say
from webapp.forms import Form, whole_number
from webapp.office_scheme import MAY_SEE
from webapp.requests import act, reading
from webapp.scheme_conflicts import conflict_context
from webapp.scheme_page import BADGES
from webapp.scheme_readers import MAY_READ, readable_scheme, readable_schemes

desk = Blueprint("office_quotas", __name__)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


# Schemes side by side


@desk.get("/c/<congress>/office/schemes/compare")
@permitted(MAY_READ)
def compare(congress: str) -> ResponseReturnValue:
    """Two or three schemes, only where they differ. Without a choice: the newest and the one before."""
    rows = readable_schemes()
    chosen = _chosen(rows)
    sides = compared(g.congress, [readable_scheme(number) for number in chosen])
    enough = len(sides) > 1
    return render_template(
        "office/scheme_compare.html",
        schemes=rows,
        badges=BADGES,
        asked=[request.args.get(name, "") for name in "abc"] if request.args else [str(number) for number in chosen],
        sides=sides if enough else [],
        words=[(two_places(s.deviation.total), worst_cell(s.division, s.deviation)) for s in sides],
        found=differences([side.division for side in sides]) if enough else None,
        change=change,
    )


def _chosen(rows: Sequence[Scheme]) -> list[int]:
    """The numbers asked for, each once, in the order given."""
    if not request.args:
        return [row.number for row in reversed(rows[:2])]
    asked = (whole_number(request.args.get(name)) for name in "abc")
    return list(dict.fromkeys(number for number in asked if number is not None))


# Methods side by side


@desk.get("/c/<congress>/office/schemes/<int:number>/methods")
@permitted(MAY_READ)
def methods(congress: str, number: int) -> ResponseReturnValue:
    """The scheme's problem by every method, and where they differ."""
    found = readable_scheme(number)
    made = by_method(found)
    sides = [division(g.congress, found.problem, variant.seats, {}) for variant in made]
    names = [group.get("name", group["id"]) for group in found.problem.get("groups", ())]
    return render_template(
        "office/scheme_methods.html",
        scheme=found,
        badge_kind=BADGES[found.state],
        cards=[
            method_card(variant, side, found.problem["method"], names)
            for variant, side in zip(made, sides, strict=True)
        ],
        farthest=float(max(variant.deviation.total for variant in made)) or 1.0,
        tallest=max(max(variant.deviation.spread) for variant in made) or 1,
        names=[said(variant.method) for variant in made],
        by_rules=measure_of(found).by_rules,
        unproved=[method for method in Method if method not in {variant.method for variant in made}],
        found=differences(sides),
    )


# Groups


class GroupForm(Form):
    name = StringField(_l("名称"), [InputRequired(_l("请填写名称。"))])
    code = StringField(_l("编号"), [InputRequired(_l("请填写编号。"))])
    least = StringField(_l("合计不少于"))
    most = StringField(_l("合计不多于"))
    # What may be chosen is decided by the operation.
    units = SelectMultipleField(_l("选举单位"), validate_choice=False)
    categories = SelectMultipleField(_l("类别"), validate_choice=False)


@desk.get("/c/<congress>/office/groups")
@permitted(*MAY_SEE)
def groups(congress: str) -> ResponseReturnValue:
    """Every group in a sentence, with the seats that the newest scheme gives it."""
    newest, seats = _newest()
    by_hand = {} if newest is None else {(row.kind, row.group_code): row.seats for row in newest.changes}
    rows = [
        {
            "group": group,
            "seats": seats.within([u.code for u in group.units], [c.code for c in group.categories]) if seats else None,
            "by_hand": bound_by_hand(group, by_hand),
        }
        for group in all_groups(reading(), g.congress.id)
    ]
    return render_template("office/groups.html", rows=rows, newest=newest, edits=_edits())


def _newest() -> tuple[Scheme | None, Any]:
    """The newest scheme and its seats."""
    rows = all_schemes(reading(), g.congress.id)
    if not rows:
        return None, None
    newest = scheme_by_number(reading(), g.congress.id, rows[0].number)
    return newest, seats_shown(g.congress, newest)


def _edits() -> bool:
    return Role.OFFICE in g.actor.roles_in(g.congress.id)


@desk.route("/c/<congress>/office/groups/new", methods=["GET", "POST"])
@permitted(Permission.SCHEME_EDIT)
def new_group(congress: str) -> ResponseReturnValue:
    form = GroupForm()
    if request.method == "GET":
        taken = {group.code for group in all_groups(reading(), g.congress.id)}
        form.code.data = next(code for at in range(1, len(taken) + 2) if (code := f"g{at}") not in taken)
    return _group_page(form, None)


@desk.route("/c/<congress>/office/groups/<int:group>", methods=["GET", "POST"])
@permitted(Permission.SCHEME_EDIT)
def group(congress: str, group: int) -> ResponseReturnValue:
    row = _group_here(group)
    form = GroupForm()
    if request.method == "GET":
        form.name.data, form.code.data = row.name, row.code
        form.least.data, form.most.data = ("" if bound is None else str(bound) for bound in (row.least, row.most))
        form.units.data, form.categories.data = [u.code for u in row.units], [c.code for c in row.categories]
    return _group_page(form, row)


def _group_here(group: int) -> QuotaGroup:
    """A group of this congress. Raises NotFound."""
    row = next((one for one in all_groups(reading(), g.congress.id) if one.id == group), None)
    if row is None:
        raise NotFound("quotas.group_gone")
    return row


def _group_page(form: GroupForm, row: QuotaGroup | None) -> ResponseReturnValue:
    """The form of a group; its buttons that choose all units of a kind only show it again with these ticked."""
    kind = request.form.get("kind", "")
    if kind:
        form.units.data = _with_kind(form.units.data or [], kind)
    elif form.validate_on_submit():
        with form.refusals():
            least, most = (
                _number(form[name].data, Refused("quotas.group_bound_wrong", field=name, most=f"{MOST_SEATS:,}"))
                for name in ("least", "most")
            )
            with act() as unit_of_work:
                save_group(
                    unit_of_work,
                    g.congress.id,
                    (form.code.data or "").strip(),
                    (form.name.data or "").strip(),
                    form.units.data or [],
                    form.categories.data or [],
                    least,
                    most,
                    group_id=None if row is None else row.id,
                )
            flash(_("名额组已保存。已有的方案不会自动改动，需要时请重新计算。"), "ok")
            return redirect(url_for("office_quotas.groups", congress=g.congress.code))
    kinds = [
        (kind, members) for kind in UnitKind if (members := [unit for unit in g.congress.units if unit.kind is kind])
    ]
    return render_template("office/group.html", form=form, row=row, kinds=kinds), form.status


def _with_kind(codes: Sequence[str], kind: str) -> list[str]:
    """All units of a kind chosen besides the others; or none of them, where all were chosen already."""
    members = {unit.code for unit in g.congress.units if unit.kind.value == kind}
    chosen = set(codes)
    chosen = chosen - members if members <= chosen else chosen | members
    return [unit.code for unit in g.congress.units if unit.code in chosen]


def _number(text: str | None, otherwise: Refused) -> int | None:
    """A number as it is typed, full-width digits too; None for nothing. Raises `otherwise` for what is no whole number."""
    plain = unicodedata.normalize("NFKC", text or "").replace(" ", "")
    number = whole_number(plain)
    if plain and number is None:
        raise otherwise
    return number


@desk.post("/c/<congress>/office/groups/<int:group>/remove")
@permitted(Permission.SCHEME_EDIT)
def remove_group(congress: str, group: int) -> ResponseReturnValue:
    _group_here(group)  # a person of two congresses removes it only from its own
    with act() as unit_of_work:
        drop_group(unit_of_work, group)
    flash(_("名额组已删除。"), "ok")
    return redirect(url_for("office_quotas.groups", congress=congress))


# Seats of the previous congress


class PreviousForm(Form):
    seen = HiddenField()


class PreviousFileForm(Form):
    file = FileField(_l("工作簿"))


@desk.route("/c/<congress>/office/previous", methods=["GET", "POST"])
@permitted(Permission.CONGRESS_EDIT)
def previous(congress: str) -> ResponseReturnValue:
    """One number for each unit, all saved at once; an empty field is a unit that the previous congress did not have."""
    form, typed, wrong = PreviousForm(), _kept(), dict[str, str]()
    if form.validate_on_submit():
        typed = {code: request.form.get(f"seats-{code}", text) for code, text in typed.items()}
        try:
            seats = _numbers(typed)
            with act() as unit_of_work:
                changed = set_previous_seats(unit_of_work, g.congress.id, seats, seen=form.seen.data)
        except Invalid as invalid:
            wrong, form.status = {refused.field or "": say(refused) for refused in invalid.refusals}, invalid.status
        else:
            flash(_("已保存，%(n)s 个单位有变动。", n=len(changed)) if changed else _("没有变动。"), "ok")
            return redirect(url_for("office_quotas.previous", congress=congress))
    return _previous_page(form, PreviousFileForm(formdata=None), typed, wrong)


def _previous_page(
    form: PreviousForm, file_form: PreviousFileForm, typed: dict[str, str], wrong: dict[str, str]
) -> ResponseReturnValue:
    if form.seen.data is None:
        form.seen.data = previous_token(g.congress.units)
    known = [unit.previous.seats for unit in g.congress.units if unit.previous is not None]
    newest, seats = _newest()
    return render_template(
        "office/previous.html",
        form=form,
        file_form=file_form,
        typed=typed,
        wrong=wrong,
        known=len(known),
        total=sum(known),
        newest=newest,
        now={unit.code: seats.within([unit.code], ()) for unit in g.congress.units} if seats else {},
    ), max(form.status, file_form.status)


def _kept() -> dict[str, str]:
    """unit → the number as its field shows it."""
    return {unit.code: "" if unit.previous is None else str(unit.previous.seats) for unit in g.congress.units}


def _numbers(typed: dict[str, str]) -> dict[str, int | None]:
    """Raises Invalid with a refusal at the code of each unit whose field holds no number."""
    found: dict[str, int | None] = {}
    wrong: list[Refused] = []
    names = {unit.code: unit.name for unit in g.congress.units}
    for code, text in typed.items():
        try:
            found[code] = _number(
                text, Refused("congress.previous_wrong", field=code, unit=names[code], most=f"{MOST_SEATS:,}")
            )
        except Refused as refused:
            wrong.append(refused)
    if wrong:
        raise Invalid(wrong)
    return found


@desk.post("/c/<congress>/office/previous/import")
@permitted(Permission.CONGRESS_EDIT)
def previous_workbook(congress: str) -> ResponseReturnValue:
    """The numbers from a workbook, all of it or nothing; units that it does not list stay as they are."""
    form = PreviousFileForm()
    if form.validate_on_submit():
        with form.refusals():
            data = _sent(form.file.data, "file").read()
            seats = read_previous(data, {unit.code: unit.name for unit in g.congress.units}, MOST_SEATS)
            with act() as unit_of_work:
                changed = set_previous_seats(unit_of_work, g.congress.id, seats)
            flash(_("已导入 %(all)s 个单位，其中 %(n)s 个有变动。", all=len(seats), n=len(changed)), "ok")
            return redirect(url_for("office_quotas.previous", congress=congress))
    return _previous_page(PreviousForm(formdata=None), form, _kept(), {})


def _sent(file: object, field: str) -> FileStorage:
    """Raises Refused where no file was chosen."""
    if not isinstance(file, FileStorage) or not file.filename:
        raise Refused("roster.file_missing", field=field)
    return file


@desk.get("/c/<congress>/office/previous/template.xlsx")
@permitted(Permission.CONGRESS_EDIT)
def previous_file(congress: str) -> ResponseReturnValue:
    lines = [(unit.name, None if unit.previous is None else unit.previous.seats) for unit in g.congress.units]
    return _download(previous_template(lines), _("上届名额"))


def _download(data: bytes, name: str) -> Response:
    return send_file(io.BytesIO(data), mimetype=XLSX, as_attachment=True, download_name=f"{g.congress.name}{name}.xlsx")


# The problem as a workbook


class WorkbookForm(Form):
    workbook = FileField(_l("测算工作簿"))
    note = StringField(_l("说明"))


@desk.route("/c/<congress>/office/schemes/workbook", methods=["GET", "POST"])
@permitted(Permission.SCHEME_EDIT)
def workbook(congress: str) -> ResponseReturnValue:
    """A scheme from a workbook; rules in it that cannot hold together are said in sentences, and nothing is kept."""
    form = WorkbookForm()
    conflicts: dict[str, Any] | None = None
    if form.validate_on_submit():
        with form.refusals():
            file = _sent(form.workbook.data, "workbook")
            try:
                with act() as unit_of_work:
                    made = compute_from_workbook(
                        unit_of_work,
                        g.congress.id,
                        file_name=file.filename or "",
                        content=file.read(),
                        note=form.note.data or "",
                    )
            except Impossible as impossible:
                form.status = impossible.status
                told = conflict_context(impossible.contradictions, "", {})
                # What mends them is changed in the workbook: there is nothing to try on the page.
                conflicts = told and told | {"list": [one | {"relax": []} for one in told["list"]], "all": []}
            else:
                flash(_("方案%(number)s 已按工作簿算出。", number=made.number), "ok")
                return redirect(url_for("office_scheme.scheme", congress=congress, number=made.number))
    return render_template("office/workbook.html", form=form, conflicts=conflicts, ready=_ready()), form.status


def _ready() -> bool:
    """Whether there is anything to write into a problem's workbook."""
    return bool(g.congress.units and g.congress.categories)


@desk.get("/c/<congress>/office/schemes/workbook.xlsx")
@permitted(Permission.SCHEME_EDIT)
def workbook_file(congress: str) -> ResponseReturnValue:
    """The problem as roster, assignments, rules and groups stand, to be changed and handed in again."""
    if not _ready():
        raise Refused("gate.no_units" if not g.congress.units else "gate.no_categories")
    return _download(write_problem(read_problem(basis_at(reading(), g.congress).problem)), _("名额测算"))
