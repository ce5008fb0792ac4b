"""Builds the Flask application: settings, security headers, language, error pages and every desk's views."""

from __future__ import annotations

import re
from datetime import timedelta
from importlib import import_module
from typing import Any

from flask import Flask, Response, request, session
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf import CSRFProtect
from sqlalchemy.orm import configure_mappers
from werkzeug.routing import IntegerConverter, Map

from election.people.act import Clock, wall_clock
from election.store.database import Database
from election.store.limits import LARGEST
from webapp import access, context, errors, logs, requests
from webapp.settings import Keys, Settings, load_keys

# One module per desk, or per part of a desk where it has many pages; each holds a blueprint `desk`.
DESKS = (
    "account",
    "admin",
    "home",
    "office_congress",
    "office_scheme",
    "office_leaders",
    "office_quotas",
    "office_letters",
    "office_roster",
    "office_import",
    "office_member",
    "office_departures",
    "office_newcomer",
    "office_calendar",
    "office_reviews",
    "office_notices",
    "office_objections",
    "office_slates",
    "office_cells",
    "office_results",
    "branch",
    "branch_ballot",
    "branch_workbook",
    "unit_nomination",
    "unit_speeches",
    "unit_roster",
    "unit_absences_many",
    "unit_nominees",
    "unit_letters",
    "unit_meeting",
    "unit_officers",
    "unit_venues",
    "unit_sign_in",
    "unit_follow_up",
    "unit_lot",
    "tally",
    "scrutiny",
    "scrutiny_ballots",
    "scrutiny_follow_up",
    "papers",
    "papers_evening",
    "board",
)

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)

# A working day and the election evening after it.
LONGEST_SIGN_IN = timedelta(hours=16)
LARGEST_UPLOAD = 20 * 1024 * 1024

limiter = Limiter(get_remote_address, storage_uri="memory://")
csrf = CSRFProtect()


class RowNumber(IntegerConverter):
    """A number in an address: what no row can have is no address of ours, and never asked of the database."""

    def __init__(self, map: Map, **options: Any) -> None:
        super().__init__(map, **{"max": LARGEST} | options)


class SignInCookie(SecureCookieSessionInterface):
    """Opening a page lengthens a sign-in. What a page sends by itself, such as a draft, leaves the cookie alone: it may be
    answered after the person has signed out.
    """

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        return session.modified or (request.method == "GET" and super().should_set_cookie(app, session))


def language() -> str:
    """Chinese unless the person chose English."""
    return "en" if session.get("language") == "en" else "zh"


def secured(response: Response) -> Response:
    """The headers of every answer; public figures may be cached for revalidation, nothing else may be kept."""
    response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response


# The name of a download for those who know ASCII only, with its ending.
PLAIN_NAME = re.compile(r'filename="?([^";]*)\.(\w+)"?(?=;|$)')


def plainly_named(response: Response) -> Response:
    """A download whose name has no letter of ASCII before its ending bears the page's there, with the numbers that it has:
    older browsers and gateways know the plain name only.
    """
    named = response.headers.get("Content-Disposition", "")
    found = PLAIN_NAME.search(named)
    if found and request.endpoint and not re.search("[A-Za-z]", found[1]):
        plain = "-".join([request.endpoint.rpartition(".")[2].replace("_", "-"), *re.findall(r"\d+", found[1])])
        told = f"filename={plain}.{found[2]}"
        response.headers["Content-Disposition"] = named[: found.start()] + told + named[found.end() :]
    return response


def furnish(app: Flask, settings: Settings, *, database: Database, keys: Keys, clock: Clock) -> None:
    """What is this installation's own; all else in an application is alike in every one."""
    app.extensions.update(
        {
            "xiheng.database": database,
            "xiheng.keys": keys,
            "xiheng.data": settings.data,
            "xiheng.clock": clock,
        }
    )


def create_app(
    settings: Settings, *, database: Database | None = None, keys: Keys | None = None, clock: Clock = wall_clock
) -> Flask:
    """The application on one installation. Raises RuntimeError if an endpoint does not declare who may use it."""
    logs.configure()
    app = Flask("webapp", template_folder="../templates", static_folder="static")
    loaded = keys or load_keys(settings.keys)
    app.config.update(
        SECRET_KEY=loaded.session,
        SESSION_COOKIE_NAME="xiheng",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # Behind a proxy that speaks https, XIHENG_HTTPS=1 keeps the cookie off plain http.
        SESSION_COOKIE_SECURE=settings.https,
        PERMANENT_SESSION_LIFETIME=LONGEST_SIGN_IN,
        MAX_CONTENT_LENGTH=LARGEST_UPLOAD,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        MAX_FORM_PARTS=5000,
        WTF_CSRF_TIME_LIMIT=None,  # a teller's page stays open all evening
        BABEL_DEFAULT_LOCALE="zh",
        BABEL_DEFAULT_TIMEZONE="Asia/Shanghai",
        BABEL_TRANSLATION_DIRECTORIES="translations",
        RATELIMIT_HEADERS_ENABLED=False,
    )
    furnish(app, settings, database=database or Database(settings.database_url), keys=loaded, clock=clock)
    app.session_interface = SignInCookie()
    app.url_map.converters["int"] = RowNumber
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    Babel(app, locale_selector=language)
    csrf.init_app(app)
    # Every limit stands at its view and is counted there: for all other requests nothing has to be looked up.
    app.extensions["limiter"] = {limiter}
    limiter.init_app(app)
    app.after_request(secured)
    app.after_request(plainly_named)
    requests.register(app)
    context.register(app)
    errors.register(app)
    for name in DESKS:
        app.register_blueprint(import_module(f"webapp.{name}").desk)
    access.require_declarations(app)
    return app


def load_pages(app: Flask) -> None:
    """Translates every template and joins the stored classes now: a server's first visitors do not wait for it."""
    configure_mappers()
    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)
