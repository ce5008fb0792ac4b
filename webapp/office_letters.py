"""The office's desk for paper: seat letters with their receipts, the plan with its certificate, the sheet as a workbook."""

from __future__ import annotations

import io

from flask import Blueprint, flash, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, HiddenField, SelectField, StringField
from wtforms.validators import InputRequired, Optional

from election.errors import NotFound
from election.people.actor import Role
from election.people.permissions import Permission
from election.progress.queries import is_demo
from election.quotas.models import Scheme
from election.quotas.operations_letters import correct_receipt, record_receipt
from election.quotas.queries import approved_scheme, scheme_by_number
from election.quotas.queries_letters import letters_of_scheme, letters_pdf, schemes_with_letters
from election.quotas.queries_plan import plan_pdf as plan_as_pdf
from election.quotas.queries_plan import plan_xlsx
from webapp.access import permitted
from webapp.forms import Form
from webapp.office_scheme import MAY_SEE
from webapp.requests import act, reading
from webapp.scheme_readers import MAY_READ, readable_scheme

desk = Blueprint("office_letters", __name__)

PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ReceiptForm(Form):
    unit = SelectField(_l("选举单位"), validate_choice=False)
    received_by = StringField(_l("签收人"), [InputRequired(_l("请填写签收人姓名。"))])
    received_on = DateField(_l("签收日期"), [InputRequired(_l("请填写回执上的签收日期。"))])


class CorrectionForm(Form):
    unit = HiddenField()
    received_by = StringField(_l("签收人"))
    received_on = DateField(_l("签收日期"), [Optional()])
    nobody = BooleanField(_l("登记错了单位，这份通知其实还没有签收"))
    reason = StringField(_l("更正理由"), [InputRequired(_l("请写明更正的理由。"))])


@desk.get("/c/<congress>/office/letters")
@permitted(*MAY_SEE)
def current(congress: str) -> ResponseReturnValue:
    """The letters of the approved scheme."""
    found = approved_scheme(reading(), g.congress.id)
    if found is None:
        return render_template("office/letters.html", scheme=None, lines=[])
    return redirect(url_for("office_letters.letters", congress=congress, number=found.number))


@desk.get("/c/<congress>/office/schemes/<int:number>/letters")
@permitted(*MAY_SEE)
def letters(congress: str, number: int) -> ResponseReturnValue:
    """Every unit's letter and where its receipt stands.

    `?unit=` is the one whose paper receipt is at hand, `?correct=` the one whose receipt was recorded wrongly.
    """
    form = ReceiptForm(formdata=None, unit=request.args.get("unit"))
    return _page(scheme_by_number(reading(), g.congress.id, number), form, wrong=request.args.get("correct"))


def _page(
    found: Scheme, form: ReceiptForm, correction: CorrectionForm | None = None, wrong: str | None = None
) -> ResponseReturnValue:
    """`correction`: as it was refused; `wrong`: the unit whose receipt is to be corrected."""
    lines = letters_of_scheme(reading(), found)
    line = next((one for one in lines if one.letter.unit == wrong and one.on_paper and not one.replaced), None)
    if correction is None and line is not None:
        correction = CorrectionForm(
            formdata=None, unit=wrong, received_by=line.received_by, received_on=line.received_on
        )
    unsigned = [line for line in lines if not line.received and not line.replaced]
    form.unit.choices = [(line.letter.unit, line.letter.unit_name) for line in unsigned]
    return render_template(
        "office/letters.html",
        scheme=found,
        lines=lines,
        unsigned=unsigned,
        compared=any(line.letter.replaces for line in lines),
        changed=[line for line in lines if line.changes],
        others=[one for one in schemes_with_letters(reading(), g.congress.id) if one.id != found.id],
        form=form,
        correction=correction if line is not None else None,
        corrected=line,
        # Of a receipt that is no longer there to be corrected, the refusal stands on top.
        refusals=correction.form_errors if correction is not None and line is None else [],
        records=Role.OFFICE in g.actor.roles_in(g.congress.id),
    ), (correction or form).status


@desk.post("/c/<congress>/office/schemes/<int:number>/letters")
@permitted(Permission.SCHEME_EDIT)
def receive(congress: str, number: int) -> ResponseReturnValue:
    """Records the receipt that came back on paper."""
    form = ReceiptForm()
    unit = next((unit for unit in g.congress.units if unit.code == form.unit.data), None)
    if unit is None:
        raise NotFound("letter.none")
    if form.validate_on_submit():
        with form.refusals():
            with act() as unit_of_work:
                record_receipt(
                    unit_of_work,
                    g.congress.id,
                    number,
                    unit.id,
                    signed_by=form.received_by.data or "",
                    on=form.received_on.data,
                )
            flash(_("%(unit)s的回执已登记。", unit=unit.name), "ok")
            return redirect(url_for("office_letters.letters", congress=congress, number=number))
    return _page(scheme_by_number(reading(), g.congress.id, number), form)


@desk.post("/c/<congress>/office/schemes/<int:number>/letters/correct")
@permitted(Permission.SCHEME_EDIT)
def correct(congress: str, number: int) -> ResponseReturnValue:
    """Corrects a paper receipt that was recorded wrongly."""
    form = CorrectionForm()
    unit = next((unit for unit in g.congress.units if unit.code == form.unit.data), None)
    if unit is None:
        raise NotFound("letter.none")
    if form.validate_on_submit():
        nobody = form.nobody.data
        with form.refusals():
            with act() as unit_of_work:
                correct_receipt(
                    unit_of_work,
                    g.congress.id,
                    number,
                    unit.id,
                    signed_by="" if nobody else form.received_by.data or "",
                    on=None if nobody else form.received_on.data,
                    reason=form.reason.data or "",
                )
            flash(_("%(unit)s的回执已更正。", unit=unit.name), "ok")
            return redirect(url_for("office_letters.letters", congress=congress, number=number))
    found = scheme_by_number(reading(), g.congress.id, number)
    return _page(found, ReceiptForm(formdata=None), form, unit.code)


@desk.get("/c/<congress>/office/schemes/<int:number>/letters.pdf")
@permitted(*MAY_SEE)
def pdf(congress: str, number: int) -> ResponseReturnValue:
    """All letters of a version in one file, or that of one unit."""
    found = scheme_by_number(reading(), g.congress.id, number)
    unit = request.args.get("unit")
    lines = [line for line in letters_of_scheme(reading(), found) if unit in (None, line.letter.unit)]
    if not lines:
        raise NotFound("letter.none")
    name = _("名额通知") if unit is None else f"{_('名额通知')} {lines[0].letter.unit_name}"
    return file(letters_pdf(g.congress, lines, demo=is_demo(reading())), PDF, f"{name}.pdf")


@desk.get("/c/<congress>/office/schemes/<int:number>/plan.pdf")
@permitted(MAY_READ)
def plan_pdf(congress: str, number: int) -> ResponseReturnValue:
    """The plan with the sheet and the certificate."""
    found = readable_scheme(number)
    made = plan_as_pdf(reading(), g.congress, found, demo=is_demo(reading()))
    return file(made, PDF, f"{_('名额分配方案')}{number}.pdf")


@desk.get("/c/<congress>/office/schemes/<int:number>/plan.xlsx")
@permitted(MAY_READ)
def plan_workbook(congress: str, number: int) -> ResponseReturnValue:
    """The sheet as a workbook with live sums."""
    found = readable_scheme(number)
    made = plan_xlsx(reading(), g.congress, found, demo=is_demo(reading()))
    return file(made, XLSX, f"{_('名额分配表')} {_('方案')}{number}.xlsx")


def file(content: bytes, kind: str, name: str) -> ResponseReturnValue:
    """A document to keep and to print: no browser shows it inside the page's own policy."""
    return send_file(io.BytesIO(content), mimetype=kind, as_attachment=True, download_name=name)
