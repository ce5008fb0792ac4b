"""The office's desk: the congress itself, its units, categories, overlays and rules, the superior's reply."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from fractions import Fraction

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published types
from wtforms.validators import InputRequired

from election.congress.lifecycle import Phase
from election.congress.models import OverlayFact, UnitKind
from election.congress.operations import (
    CategoryInput,
    OverlayInput,
    add_unit,
    change_congress,
    change_unit,
    record_reply,
    remove_unit,
    set_categories,
    set_overlays,
    waive_reply,
)
from election.congress.rules_in_force import rule_rows, set_rule
from election.errors import Invalid, Refused
from election.people.permissions import Permission
from election.quotas.weights import exact
from election.rules import BY_NAME
from election.store.audit import congress_chain, latest
from election.texts import catalogue, sentence
from webapp.access import permitted
from webapp.audit_words import in_words, names_for, subject_in_words
from webapp.errors import said, said_lazily, say
from webapp.forms import Form
from webapp.requests import act, reading

desk = Blueprint("office_congress", __name__)

# Empty lines that the two list forms offer beyond what is there.
SPARE_LINES = 2
# As many as a county has categories: the whole list is typed at once.
USUAL_LINES = 6
# No exponents: ten characters of them can stand for a number that fills the memory.
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?(/[0-9]+)?")


class CongressForm(Form):
    name = StringField(_l("名称"), [InputRequired(_l("请填写名称。"))])
    county = StringField(_l("县（市、区）"))
    total_seats = IntegerField(_l("代表名额"), [InputRequired(_l("代表名额须为正整数。"))])
    reference_date = DateField(_l("年龄计算日期"), [InputRequired(_l("请填写日期。"))])


class ReplyForm(Form):
    number = StringField(_l("批复文号"))
    replied_on = DateField(_l("批复日期"), [InputRequired(_l("请填写批复日期。"))])


class WaiverForm(Form):
    reason = TextAreaField(_l("不报批的理由"))


class UnitForm(Form):
    code = StringField(_l("代号"))
    name = StringField(_l("名称"))
    kind = SelectField(_l("类型"), choices=[SelectChoice(kind.value, said_lazily(kind)) for kind in UnitKind])
    factor = StringField(_l("系数"), default="1")
    factor_reason = StringField(_l("系数理由"))


def exact_number(text: str, field: str) -> Fraction:
    """A number as a person types it, exactly: 12, 12.5 or 25/2. Raises Refused at the field."""
    cleaned = unicodedata.normalize("NFKC", text).strip().removesuffix("%").strip()
    try:
        if len(cleaned) > 20 or not NUMBER.fullmatch(cleaned):
            raise ValueError
        return Fraction(cleaned)
    except (ValueError, ZeroDivisionError):
        raise Refused("web.not_a_number", field=field, text=text) from None


@desk.route("/c/<congress>/office/", methods=["GET", "POST"])
@permitted(Permission.CONGRESS_EDIT)
def settings(congress: str) -> ResponseReturnValue:
    form = CongressForm(obj=g.congress)
    if form.validate_on_submit():
        with form.refusals():
            with act() as unit_of_work:
                change_congress(
                    unit_of_work,
                    g.congress.id,
                    name=form.name.data or "",
                    county=form.county.data or "",
                    total_seats=form.total_seats.data or 0,
                    reference_date=form.reference_date.data or date.min,
                )
            flash(_("已保存。"), "ok")
            return redirect(url_for("office_congress.settings", congress=congress))
    return render_template("office/settings.html", form=form, **_settings_context()), form.status


def _settings_context(sent: Form | None = None) -> dict[str, object]:
    """`sent`: a form that the page no longer shows once the preparation is over; its refusals go on top then."""
    still_open = g.congress.phase is Phase.PREPARATION
    return {
        "reply_form": ReplyForm(formdata=None),
        "waiver_form": WaiverForm(formdata=None),
        "open": still_open,
        "refusals": [] if still_open or sent is None else sent.form_errors,
    }


@desk.post("/c/<congress>/office/reply")
@permitted(Permission.CONGRESS_EDIT)
def reply(congress: str) -> ResponseReturnValue:
    form = ReplyForm()
    if form.validate_on_submit():
        with form.refusals():
            with act() as unit_of_work:
                record_reply(
                    unit_of_work,
                    g.congress.id,
                    number=form.number.data or "",
                    replied_on=form.replied_on.data or date.min,
                )
            flash(_("批复已登记。"), "ok")
            return redirect(url_for("office_congress.settings", congress=congress))
    context = _settings_context(form) | {"reply_form": form}
    return render_template(
        "office/settings.html", form=CongressForm(formdata=None, obj=g.congress), **context
    ), form.status


@desk.post("/c/<congress>/office/waiver")
@permitted(Permission.CONGRESS_EDIT)
def waiver(congress: str) -> ResponseReturnValue:
    form = WaiverForm()
    if form.validate_on_submit():
        with form.refusals():
            with act() as unit_of_work:
                waive_reply(unit_of_work, g.congress.id, form.reason.data or "")
            flash(_("已登记不报批的理由。"), "ok")
            return redirect(url_for("office_congress.settings", congress=congress))
    context = _settings_context(form) | {"waiver_form": form}
    return render_template(
        "office/settings.html", form=CongressForm(formdata=None, obj=g.congress), **context
    ), form.status


@desk.route("/c/<congress>/office/units", methods=["GET", "POST"])
@permitted(Permission.CONGRESS_EDIT)
def units(congress: str) -> ResponseReturnValue:
    form = UnitForm()
    if form.validate_on_submit():
        with form.refusals():
            with act() as unit_of_work:
                add_unit(
                    unit_of_work,
                    g.congress.id,
                    code=(form.code.data or "").strip(),
                    name=form.name.data or "",
                    kind=UnitKind(form.kind.data),
                    factor=exact_number(form.factor.data or "1", "factor"),
                    factor_reason=form.factor_reason.data or "",
                )
            flash(_("已增加。"), "ok")
            return redirect(url_for("office_congress.units", congress=congress))
    still_open = g.congress.phase is Phase.PREPARATION
    context = {"units": g.congress.units, "open": still_open, "refusals": [] if still_open else form.form_errors}
    return render_template("office/units.html", form=form, **context), form.status


@desk.route("/c/<congress>/office/units/<unit>", methods=["GET", "POST"])
@permitted(Permission.CONGRESS_EDIT)
def unit(congress: str, unit: str) -> ResponseReturnValue:
    form = UnitForm(obj=g.unit, data={"kind": g.unit.kind.value, "factor": str(g.unit.factor)})
    if not form.is_submitted():
        form.kind.data, form.factor.data = g.unit.kind.value, str(g.unit.factor)
    if form.validate_on_submit():
        with form.refusals():
            with act() as unit_of_work:
                change_unit(
                    unit_of_work,
                    g.unit.id,
                    name=form.name.data or "",
                    kind=UnitKind(form.kind.data),
                    factor=exact_number(form.factor.data or "1", "factor"),
                    factor_reason=form.factor_reason.data or "",
                )
            flash(_("已保存。"), "ok")
            return redirect(url_for("office_congress.units", congress=congress))
    return render_template("office/unit.html", form=form, unit=g.unit), form.status


@desk.post("/c/<congress>/office/units/<unit>/remove")
@permitted(Permission.CONGRESS_EDIT)
def remove(congress: str, unit: str) -> ResponseReturnValue:
    with act() as unit_of_work:
        remove_unit(unit_of_work, g.unit.id)
    flash(_("已删除。"), "ok")
    return redirect(url_for("office_congress.units", congress=congress))


def _lines(*names: str) -> list[dict[str, str]]:
    """The lines of a list form that hold anything; a line is a code, a name and what belongs to them."""
    columns = {name: request.form.getlist(name) for name in names}
    count = max((len(values) for values in columns.values()), default=0)
    lines = [
        {name: (values[place] if place < len(values) else "").strip() for name, values in columns.items()}
        for place in range(min(count, 60))
    ]
    return [line for line in lines if line["code"] or line["name"] or line["share"]]


@desk.route("/c/<congress>/office/categories", methods=["GET", "POST"])
@permitted(Permission.CONGRESS_EDIT)
def categories(congress: str) -> ResponseReturnValue:
    """Two lists: the exclusive categories with their shares, and the overlays."""
    category_lines = [
        {
            "code": item.code,
            "name": item.name,
            "name_en": item.name_en,
            "share": _percent(item.share),
            "assigned": "yes" if item.takes_assigned else "no",
        }
        for item in g.congress.categories
    ]
    overlay_lines = [
        {
            "code": item.code,
            "name": item.name,
            "share": _percent(item.share),
            "fact": item.fact.value,
            "age": "" if item.age is None else str(item.age),
        }
        for item in g.congress.overlays
    ]
    refusals: list[Refused] = []
    if request.method == "POST":
        overlays_sent = request.form.get("list") == "overlays"
        lines = (
            _lines("code", "name", "share", "fact", "age")
            if overlays_sent
            else _lines("code", "name", "name_en", "share", "assigned")
        )
        try:
            if overlays_sent:
                overlay_lines = lines
                wanted_overlays = [_overlay(line, place) for place, line in enumerate(lines)]
                with act() as unit_of_work:
                    set_overlays(unit_of_work, g.congress.id, wanted_overlays)
            else:
                category_lines = lines
                wanted = [_category(line, place) for place, line in enumerate(lines)]
                with act() as unit_of_work:
                    set_categories(unit_of_work, g.congress.id, wanted)
        except Invalid as invalid:
            refusals = invalid.refusals
        except Refused as refused:
            if refused.status in (403, 404):
                raise
            refusals = [refused]
        else:
            flash(_("已保存。"), "ok")
            return redirect(url_for("office_congress.categories", congress=congress))
    still_open = g.congress.phase is Phase.PREPARATION

    def with_spare(lines: list[dict[str, str]]) -> list[dict[str, str]]:
        return lines + [{}] * max(SPARE_LINES, USUAL_LINES - len(lines)) if still_open else lines

    return render_template(
        "office/categories.html",
        category_lines=with_spare(category_lines),
        overlay_lines=with_spare(overlay_lines),
        facts=list(OverlayFact),
        refusals=[_at_its_line(refused) for refused in refusals],
        open=still_open,
    ), (422 if refusals else 200)


def _at_its_line(refused: Refused) -> str:
    line, dot, _column = (refused.field or "").partition(".")
    if not dot or not line.isdecimal():
        return say(refused)
    return str(_("第 %(line)s 行：%(what)s", line=int(line) + 1, what=say(refused)))


def _category(line: dict[str, str], place: int) -> CategoryInput:
    share = exact_number(line["share"], f"{place}.share") / 100
    return CategoryInput(line["code"], line["name"], share, line["name_en"], line["assigned"] == "yes")


def _overlay(line: dict[str, str], place: int) -> OverlayInput:
    age = line["age"]
    if age and not age.isdecimal():
        raise Refused("web.not_a_number", field=f"{place}.age", text=age)
    try:
        fact = OverlayFact(line["fact"])
    except ValueError:
        raise Refused("web.bad_request") from None
    share = exact_number(line["share"], f"{place}.share") / 100
    return OverlayInput(line["code"], line["name"], share, fact, int(age) if age else None)


def _percent(share: Fraction) -> str:
    return str(exact(share * 100))


@desk.route("/c/<congress>/office/rules", methods=["GET", "POST"])
@permitted(Permission.CONGRESS_EDIT)
def rules(congress: str) -> ResponseReturnValue:
    """Every rule in force with its source; those that an act has used are fixed."""
    refusals: list[Refused] = []
    typed: dict[str, str] = {}
    if request.method == "POST":
        typed = {name: text for name, text in request.form.items() if name in BY_NAME}
        try:
            with act() as unit_of_work:
                for name, text in typed.items():
                    try:
                        set_rule(unit_of_work, g.congress.id, name, text)
                    except Refused as refused:
                        if refused.status != 422:
                            raise
                        refusals.append(refused)
                if refusals:
                    raise Invalid(refusals)
        except Invalid:
            pass
        else:
            flash(_("规则已保存。"), "ok")
            return redirect(url_for("office_congress.rules", congress=congress))
    return render_template(
        "office/rules.html",
        rows=[(BY_NAME[row.name], row) for row in rule_rows(reading(), g.congress.id)],
        typed=typed,
        wrong={refused.field: say(refused) for refused in refusals},
    ), (422 if refusals else 200)


@desk.get("/c/<congress>/office/audit")
@permitted(Permission.AUDIT_READ)
def audit(congress: str) -> ResponseReturnValue:
    """Who did what and when, the newest first: the line along which a public number is walked back."""
    before = request.args.get("before", type=int)
    events = latest(reading(), congress_chain(g.congress.id), before=before)
    older = events[-1].position if events and events[-1].position > 1 else None
    names = names_for(reading(), g.congress, events)
    return render_template(
        "office/audit.html",
        rows=[(event, _act(event.action), subject_in_words(event), in_words(event, names)) for event in events],
        older=older,
    )


def _act(code: str) -> str:
    """What an act is called; an act of a later version that has no name here stands under its code."""
    return said(sentence(f"act.{code}")) if f"act.{code}" in catalogue() else code
