"""The office's desk for paper: seat letters with their receipts, the plan with its certificate, the sheet as a workbook."""

from __future__ import annotations

import io

from flask import Blueprint, flash, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField, StringField
from wtforms.validators import InputRequired

from election.errors import NotFound
from election.people.actor import Role
from election.people.permissions import Permission
from election.progress.queries import is_demo
from election.quotas.models import Scheme
from election.quotas.operations_letters import record_receipt
from election.quotas.queries import approved_scheme, scheme_by_number
from election.quotas.queries_letters import letters_of_scheme, letters_pdf, schemes_with_letters
from election.quotas.queries_plan import plan_pdf as plan_as_pdf
from election.quotas.queries_plan import plan_xlsx
from webapp.access import permitted
from webapp.forms import Form
from webapp.office_scheme import MAY_SEE
from webapp.requests import act, reading

desk = Blueprint("office_letters", __name__)

PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ReceiptForm(Form):
    unit = SelectField(_l("选举单位"), validate_choice=False)
    received_by = StringField(_l("签收人"), [InputRequired(_l("请填写签收人姓名。"))])
    received_on = DateField(_l("签收日期"), [InputRequired(_l("请填写回执上的签收日期。"))])


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
    """Every unit's letter and where its receipt stands. `?unit=` is the one whose paper receipt is at hand."""
    form = ReceiptForm(formdata=None, unit=request.args.get("unit"))
    return _page(scheme_by_number(reading(), g.congress.id, number), form)


def _page(found: Scheme, form: ReceiptForm) -> ResponseReturnValue:
    lines = letters_of_scheme(reading(), found)
    unsigned = [line for line in lines if not line.received and not line.replaced]
    form.unit.choices = [(line.letter.unit, line.letter.unit_name) for line in unsigned]
    return render_template(
        "office/letters.html",
        scheme=found,
        lines=lines,
        unsigned=unsigned,
        others=[one for one in schemes_with_letters(reading(), g.congress.id) if one.id != found.id],
        form=form,
        records=Role.OFFICE in g.actor.roles_in(g.congress.id),
    ), form.status


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
@permitted(*MAY_SEE)
def plan_pdf(congress: str, number: int) -> ResponseReturnValue:
    """The plan with the sheet and the certificate."""
    found = scheme_by_number(reading(), g.congress.id, number)
    made = plan_as_pdf(reading(), g.congress, found, demo=is_demo(reading()))
    return file(made, PDF, f"{_('名额分配方案')}{number}.pdf")


@desk.get("/c/<congress>/office/schemes/<int:number>/plan.xlsx")
@permitted(*MAY_SEE)
def plan_workbook(congress: str, number: int) -> ResponseReturnValue:
    """The sheet as a workbook with live sums."""
    found = scheme_by_number(reading(), g.congress.id, number)
    made = plan_xlsx(reading(), g.congress, found, demo=is_demo(reading()))
    return file(made, XLSX, f"{_('名额分配表')} {_('方案')}{number}.xlsx")


def file(content: bytes, kind: str, name: str) -> ResponseReturnValue:
    """A document to keep and to print: no browser shows it inside the page's own policy."""
    return send_file(io.BytesIO(content), mimetype=kind, as_attachment=True, download_name=name)
