"""The administrator's desk: accounts, roles, the congresses of this installation. Touches no election."""

from __future__ import annotations

import re
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published types
from wtforms.validators import InputRequired

from election.congress.models import Congress
from election.congress.operations import create_congress
from election.congress.queries import congress_by_code, congresses
from election.errors import NotFound, Refused
from election.people.actor import Role
from election.people.identity import read_identity
from election.people.operations import (
    declare_relatives,
    find_or_add_person,
    grant_role,
    open_account,
    record_identity,
    reset_password,
    revoke_role,
    set_active,
)
from election.people.passwords import initial_password
from election.people.permissions import Permission
from election.people.queries import (
    account_by_id,
    all_accounts,
    declared_relatives,
    names_of,
    person_by_id,
    person_by_identity,
)
from election.results.queries_fingerprints import mismatches
from election.roster.queries import branch_ids, organisation_names
from election.store.audit import chains, congress_chain, verify
from election.texts import sentence
from webapp.access import permitted
from webapp.errors import said
from webapp.forms import Form
from webapp.requests import act, clock, keys, reading

desk = Blueprint("admin", __name__, url_prefix="/admin")

ROLE_NAMES = {
    Role.ADMIN: _l("系统管理员"),
    Role.OFFICE: _l("县委组织部经办人"),
    Role.APPROVER: _l("审批人"),
    Role.UNIT_CLERK: _l("选举单位经办人"),
    Role.BRANCH_CLERK: _l("支部经办人"),
    Role.TELLER: _l("计票人"),
    Role.SCRUTINEER: _l("监票人"),
    Role.CREDENTIALS_REVIEWER: _l("代表资格审查人"),
    Role.OBSERVER: _l("观察员"),
}


class AccountForm(Form):
    name = StringField(_l("姓名"), [InputRequired(_l("请填写姓名。"))])
    identity = StringField(_l("身份证号"))
    login = StringField(_l("登录名"), [InputRequired(_l("请填写登录名。"))])


class RelativesForm(Form):
    person = StringField(_l("本人身份证号"), [InputRequired(_l("请填写身份证号。"))])
    relative = StringField(_l("近亲属身份证号"), [InputRequired(_l("请填写身份证号。"))])
    relation = StringField(_l("关系"), [InputRequired(_l("请填写关系，如“夫妻”。"))])


class GrantForm(Form):
    role = SelectField(_l("职责"), choices=[SelectChoice(role.value, name) for role, name in ROLE_NAMES.items()])
    congress = SelectField(_l("党代会"))
    unit = StringField(_l("选举单位代号"))
    organisation = StringField(_l("党支部编号"))


class CongressForm(Form):
    name = StringField(_l("名称"), [InputRequired(_l("请填写名称。"))])
    code = StringField(_l("代号"), [InputRequired(_l("请填写代号。"))])
    county = StringField(_l("县（市、区）"))
    total_seats = IntegerField(_l("代表名额"), [InputRequired(_l("代表名额须为正整数。"))])
    reference_date = DateField(_l("年龄计算日期"), [InputRequired(_l("请填写日期。"))])


@desk.get("/")
@permitted(Permission.ACCOUNTS_MANAGE)
def home() -> ResponseReturnValue:
    return render_template(
        "admin/home.html", accounts=all_accounts(reading()), congresses=congresses(reading()), role_names=ROLE_NAMES
    )


@desk.route("/accounts/new", methods=["GET", "POST"])
@permitted(Permission.ACCOUNTS_MANAGE)
def new_account() -> ResponseReturnValue:
    form = AccountForm()
    if form.validate_on_submit():
        with form.refusals():
            identity = read_identity(form.identity.data) if form.identity.data else None
            password = initial_password()
            with act() as unit_of_work:
                person = find_or_add_person(unit_of_work, form.name.data or "", identity, keys().identity)
                account = open_account(unit_of_work, person, form.login.data or "", password)
            return render_template("admin/handed_over.html", account=account, name=person.name, password=password)
    return render_template("admin/new_account.html", form=form), form.status


@desk.route("/accounts/<int:account_id>", methods=["GET", "POST"])
@permitted(Permission.ACCOUNTS_MANAGE)
def account(account_id: int) -> ResponseReturnValue:
    found = account_by_id(reading(), account_id)
    if found is None:
        raise NotFound("people.no_such_account")
    form = GrantForm()
    form.congress.choices = [
        SelectChoice("", "—"),
        *(SelectChoice(item.code, item.name) for item in congresses(reading())),
    ]
    if form.validate_on_submit():
        with form.refusals():
            role = Role(form.role.data)
            places_named = _places(form, role)
            with act() as unit_of_work:
                person = person_by_id(unit_of_work.session, found.person_id)
                for place in places_named:
                    grant_role(unit_of_work, person, role, **place)
            flash(_("已授权。"), "ok")
            return redirect(url_for("admin.account", account_id=account_id))
    rows = [row for row in all_accounts(reading()) if row.account.id == account_id]
    places = {item.id: item for item in congresses(reading())}
    return render_template(
        "admin/account.html",
        form=form,
        row=rows[0],
        role_names=ROLE_NAMES,
        places=places,
        units=_unit_names(places),
        branches=organisation_names(
            reading(), [grant.organisation_id for grant in rows[0].grants if grant.organisation_id]
        ),
    ), form.status


def _unit_names(places: dict[int, Congress]) -> dict[int, str]:
    return {unit.id: unit.name for congress in places.values() for unit in congress.units}


def _places(form: GrantForm, role: Role) -> list[dict[str, int | None]]:
    """Where the role is granted, all of it or none: units and branches by the codes that people know them by, several
    with a space, comma or 、 between them.
    """
    if role is Role.ADMIN:
        return [{"congress_id": None}]
    if not form.congress.data:
        raise Refused("people.role_needs_congress", field="congress")
    congress = congress_by_code(reading(), form.congress.data)
    if role is Role.BRANCH_CLERK:
        branches = branch_ids(reading(), (codes := _listed(form.organisation.data)))
        if unknown := [code for code in codes if code not in branches]:
            raise Refused("people.no_such_branch_code", field="organisation", code=unknown[0])
        return [{"congress_id": congress.id, "organisation_id": branches.get(code)} for code in codes or [""]]
    known = {name: unit.id for unit in congress.units for name in (unit.code, unit.name)}
    named = _listed(form.unit.data)
    if unknown := [name for name in named if name not in known]:
        raise Refused("people.no_such_unit_code", field="unit", code=unknown[0])
    return [{"congress_id": congress.id, "unit_id": known.get(name)} for name in named or [""]]


def _listed(text: str | None) -> list[str]:
    return list(dict.fromkeys(re.split(r"[\s,，、;；]+", (text or "").strip()))) if text and text.strip() else []


@desk.post("/accounts/<int:account_id>/identity")
@permitted(Permission.ACCOUNTS_MANAGE)
def identity(account_id: int) -> ResponseReturnValue:
    """Adds the identity number of a person who was registered without one."""
    found = account_by_id(reading(), account_id)
    if found is None:
        raise NotFound("people.no_such_account")
    number = read_identity(request.form.get("identity", ""))
    with act() as unit_of_work:
        record_identity(unit_of_work, person_by_id(unit_of_work.session, found.person_id), number, keys().identity)
    flash(_("身份证号已登记。"), "ok")
    return redirect(url_for("admin.account", account_id=account_id))


@desk.route("/relatives", methods=["GET", "POST"])
@permitted(Permission.ACCOUNTS_MANAGE)
def relatives() -> ResponseReturnValue:
    """Declared close relatives: none of them may be scrutineer where the other stands (地方条例 28)."""
    form = RelativesForm()
    if form.validate_on_submit():
        with form.refusals():
            with act() as unit_of_work:
                pair = [
                    person_by_identity(unit_of_work.session, field.data or "", keys().identity, field.name)
                    for field in (form.person, form.relative)
                ]
                declare_relatives(unit_of_work, pair[0], pair[1], form.relation.data or "")
            flash(_("已登记。"), "ok")
            return redirect(url_for("admin.relatives"))
    return render_template("admin/relatives.html", form=form, lines=declared_relatives(reading())), form.status


@desk.post("/accounts/<int:account_id>/password")
@permitted(Permission.ACCOUNTS_MANAGE)
def new_password(account_id: int) -> ResponseReturnValue:
    password = initial_password()
    with act() as unit_of_work:
        changed = reset_password(unit_of_work, account_id, password)
    name = names_of(reading(), {changed.person_id})[changed.person_id]
    return render_template("admin/handed_over.html", account=changed, name=name, password=password)


@desk.post("/accounts/<int:account_id>/active")
@permitted(Permission.ACCOUNTS_MANAGE)
def active(account_id: int) -> ResponseReturnValue:
    opened = request.form.get("active") == "yes"
    with act() as unit_of_work:
        set_active(unit_of_work, account_id, opened)
    flash(_("账号已启用。") if opened else _("账号已停用。"), "ok")
    return redirect(url_for("admin.account", account_id=account_id))


@desk.post("/accounts/<int:account_id>/grants/<int:grant_id>/revoke")
@permitted(Permission.ACCOUNTS_MANAGE)
def revoke(account_id: int, grant_id: int) -> ResponseReturnValue:
    with act() as unit_of_work:
        revoke_role(unit_of_work, grant_id)
    flash(_("授权已撤销。"), "ok")
    return redirect(url_for("admin.account", account_id=account_id))


@desk.route("/congresses/new", methods=["GET", "POST"])
@permitted(Permission.CONGRESS_CREATE)
def new_congress() -> ResponseReturnValue:
    form = CongressForm()
    if form.validate_on_submit():
        with form.refusals():
            with act() as unit_of_work:
                congress = create_congress(
                    unit_of_work,
                    code=(form.code.data or "").strip(),
                    name=form.name.data or "",
                    county=form.county.data or "",
                    total_seats=form.total_seats.data or 0,
                    reference_date=form.reference_date.data or date.min,
                )
            flash(_("“%(name)s”已建立。请给组织部经办人授权，由其继续设置。", name=congress.name), "ok")
            return redirect(url_for("admin.home"))
    return render_template("admin/new_congress.html", form=form), form.status


@desk.route("/audit", methods=["GET", "POST"])
@permitted(Permission.AUDIT_READ)
def audit() -> ResponseReturnValue:
    """The chains with their lengths; walking every event of them takes a while, so it is done when asked for."""
    walked = request.method == "POST"
    breaks = verify(reading()) if walked else []
    differing = mismatches(reading()) if walked else []
    return render_template(
        "admin/audit.html",
        walked=walked,
        chains=chains(reading()),
        broken={found.chain for found in breaks},
        breaks=[
            *(said(sentence(found.reason, {"chain": found.chain, "position": found.position})) for found in breaks),
            *(said(found.words) for found in differing),
        ],
        congresses={congress_chain(row.id): row.name for row in congresses(reading())},
        now=clock()(),
    )
