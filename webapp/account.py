"""Signing in and out, the own password, the language. Any person."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired

from election.demo import LOGINS, PASSWORD
from election.errors import Refused
from election.people.act import acting
from election.people.actor import Actor
from election.people.operations import begin_sign_in, change_password, end_sign_in
from election.people.passwords import hash_password, matches
from election.people.queries import account_by_login
from election.progress.queries import is_demo
from webapp.access import public, signed_in
from webapp.application import limiter
from webapp.forms import Form
from webapp.requests import EPOCH, TOKEN, account_or_none, act, actor_or_none, clock, database, reading

desk = Blueprint("account", __name__)

# Compared against when nobody has the sign-in name, so that the answer takes as long either way.
NOBODY = hash_password("nobody has this password")


# A hall may sit behind one address; a password is guessed against one account.
TRIES_PER_ADDRESS = "300 per minute"
TRIES_PER_ACCOUNT = "15 per minute"


def typed_login() -> str:
    return f"login:{request.form.get('login', '').strip()[:60]}"


class SignInForm(Form):
    login = StringField(_l("登录名"), [InputRequired(_l("请填写登录名。"))], render_kw={"autocomplete": "username"})
    password = PasswordField(
        _l("密码"), [InputRequired(_l("请填写密码。"))], render_kw={"autocomplete": "current-password"}
    )


class PasswordForm(Form):
    old = PasswordField(
        _l("原密码"), [InputRequired(_l("请填写原密码。"))], render_kw={"autocomplete": "current-password"}
    )
    password = PasswordField(
        _l("新密码"), [InputRequired(_l("请填写新密码。"))], render_kw={"autocomplete": "new-password"}
    )
    again = PasswordField(
        _l("再次填写新密码"), [InputRequired(_l("请再次填写新密码。"))], render_kw={"autocomplete": "new-password"}
    )


def own_address(target: str | None) -> str | None:
    """`target` when it is a path of this site and nothing else."""
    if not target or not target.isprintable():  # a tab or a line end means something else to every browser
        return None
    try:
        parts = urlsplit(target)
    except ValueError:  # half an address, such as "http://["
        return None
    if parts.scheme or parts.netloc or not parts.path.startswith("/") or target.startswith(("//", "/\\")):
        return None
    return target


@desk.route("/sign-in", methods=["GET", "POST"])
@public
@limiter.limit(TRIES_PER_ACCOUNT, key_func=typed_login, methods=["POST"])
@limiter.limit(TRIES_PER_ADDRESS, methods=["POST"])
def sign_in() -> ResponseReturnValue:
    form = SignInForm()
    if form.validate_on_submit():
        account = account_by_login(reading(), form.login.data or "")
        right = matches(NOBODY if account is None else account.password_hash, form.password.data or "")
        if account is not None and right and account.active:
            language = session.get("language")
            session.clear()
            if language:
                session["language"] = language
            with acting(database(), Actor(account.person_id, account.person.name), clock()) as unit_of_work:
                session[TOKEN] = begin_sign_in(unit_of_work, account)
            session[EPOCH], session.permanent = account.sign_in_epoch, True
            if account.must_change_password:
                flash(_("这是初始密码，请先改成自己的密码。"), "warn")
                return redirect(url_for("account.account"))
            return redirect(own_address(request.args.get("next")) or url_for("home.start"))
        form.refuse(Refused("people.sign_in_wrong"))
    return render_template("account/sign_in.html", form=form, demo_logins=demo_logins()), form.status


def demo_logins() -> list[dict[str, str]]:
    """Who may sign in with what, in a demo only: there is nothing to guard in it."""
    if not is_demo(reading()):
        return []
    return [{"login": login, "password": PASSWORD, "desk": words} for login, words in LOGINS]


@desk.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    """Ends the sign-in itself, not only this browser's memory of it."""
    if account_or_none() is not None:
        actor_or_none()
        with act() as unit_of_work:
            end_sign_in(unit_of_work, session[TOKEN])
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language
    return redirect(url_for("account.sign_in"))


@desk.route("/account", methods=["GET", "POST"])
@signed_in
def account() -> ResponseReturnValue:
    form = PasswordForm()
    if form.validate_on_submit():
        with form.refusals():
            if form.password.data != form.again.data:
                raise Refused("people.password_differs", field="again")
            with act() as unit_of_work:
                changed = change_password(unit_of_work, form.old.data or "", form.password.data or "")
            session[EPOCH] = changed.sign_in_epoch
            flash(_("密码已修改。"), "ok")
            return redirect(url_for("home.start"))
    return render_template("account/account.html", form=form, account=account_or_none(), actor=g.actor), form.status


@desk.get("/language")
@public
def language() -> ResponseReturnValue:
    """A preference of this browser; goes back to the page it was asked from."""
    session["language"] = "en" if request.args.get("to") == "en" else "zh"
    try:
        came_from = urlsplit(request.referrer or "").path
    except ValueError:
        came_from = ""
    return redirect(own_address(came_from) or url_for("home.start"))
