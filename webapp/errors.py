"""Turns what the domain refused into a page or JSON with its status: once, here. No exception's own text gets out."""

from __future__ import annotations

import structlog
from flask import Flask, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel.speaklater import LazyString
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError
from werkzeug.exceptions import HTTPException

from election.errors import Invalid, Refused
from election.machine import Bilingual
from election.texts import sentence
from webapp.requests import close_reading

log = structlog.get_logger()


def say(refused: Refused) -> str:
    """The sentence of a refusal in the language of the page."""
    return said(sentence(refused.code, refused.params))


def said(words: Bilingual) -> str:
    return words.en if str(get_locale() or "zh").startswith("en") else words.zh


def said_lazily(words: Bilingual) -> LazyString:
    """The same, for what is built once and read in every language: the choices of a form."""
    return LazyString(said, words)


def wants_json() -> bool:
    return request.path.endswith(".json") or request.accept_mimetypes.best == "application/json"


def answer(status: int, refusals: list[Refused]) -> ResponseReturnValue:
    """One page for every refusal that no form took to itself: what was refused and the way back."""
    if wants_json():
        listed = [{"code": refused.code, "field": refused.field, **_both(refused)} for refused in refusals]
        return jsonify({"refused": listed}), status
    sentences = [say(refused) for refused in refusals]
    return render_template("errors/error.html", status=status, sentences=sentences, back=_page_before()), status


def _page_before() -> str | None:
    """The page of this site that the request came from."""
    here = request.host_url
    came_from = request.referrer or ""
    return came_from if came_from.startswith(here) else None


def _both(refused: Refused) -> dict[str, str]:
    words = sentence(refused.code, refused.params)
    return {"zh": words.zh, "en": words.en}


def refused_page(refused: Refused) -> ResponseReturnValue:
    return answer(refused.status, [refused])


def invalid_page(invalid: Invalid) -> ResponseReturnValue:
    return answer(invalid.status, invalid.refusals)


def csrf_page(_error: CSRFError) -> ResponseReturnValue:
    return answer(400, [Refused("web.form_expired")])


def http_page(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    known = {
        400: "web.bad_request",
        403: "web.forbidden",
        404: "web.not_found",
        405: "web.not_allowed",
        413: "web.too_large",
        429: "web.too_many",
    }
    return answer(status, [Refused(known.get(status, "web.broken" if status >= 500 else "web.bad_request"))])


def misfit_page(_error: Exception) -> ResponseReturnValue:
    """A number or text that the database cannot even be asked about: nothing anyone could have meant."""
    close_reading()
    return answer(400, [Refused("web.bad_request")])


def broken_page(error: Exception) -> ResponseReturnValue:
    log.error("request failed", path=request.path, error=type(error).__name__, exc_info=error)
    g.broken = True
    return answer(500, [Refused("web.broken")])


def register(app: Flask) -> None:
    app.register_error_handler(Refused, refused_page)
    app.register_error_handler(Invalid, invalid_page)
    app.register_error_handler(CSRFError, csrf_page)
    app.register_error_handler(HTTPException, http_page)
    app.register_error_handler(DataError, misfit_page)
    app.register_error_handler(OverflowError, misfit_page)
    app.register_error_handler(Exception, broken_page)
