"""The unit's desk for its seat letter: read on screen as on paper, downloaded, signed for in person."""

from __future__ import annotations

import itertools
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from election.errors import NotFound, Refused
from election.people.permissions import Permission
from election.progress.queries import is_demo
from election.quotas.letters import compared, opening, paragraphs, table, title_lines
from election.quotas.operations_letters import sign_letter
from election.quotas.queries_letters import LetterLine, letters_of_unit, letters_pdf, surroundings
from webapp.access import permitted
from webapp.errors import say
from webapp.forms import whole_number
from webapp.office_letters import PDF, file
from webapp.requests import act, reading

desk = Blueprint("unit_letters", __name__)


@desk.get("/c/<congress>/units/<unit>/letter")
@permitted(Permission.LETTER_SIGN)
def letter(congress: str, unit: str) -> ResponseReturnValue:
    """The letter in force; with `?number=` an older one."""
    return _page()


def _page(refusals: list[str] | None = None, status: int = 200) -> ResponseReturnValue:
    lines = letters_of_unit(reading(), g.unit)
    shown = _chosen(lines) if lines else None
    return render_template(
        "unit/letter.html",
        unit=g.unit,
        line=shown,
        words=None if shown is None else _words(shown),
        after=_after(lines, shown),
        others=[line for line in lines if line is not shown],
        refusals=refusals or [],
    ), status


def _chosen(lines: list[LetterLine]) -> LetterLine:
    """The letter that the address names by its number, the newest where it names none. Raises NotFound."""
    asked = request.args.get("number")
    if asked is None:
        return lines[0]
    number = whole_number(asked)
    for line in lines:
        if line.letter.number == number:
            return line
    raise NotFound("letter.none")


def _after(lines: list[LetterLine], shown: LetterLine | None) -> LetterLine | None:
    """The letter that replaced this one; the newest stands first."""
    return next(
        (one for one, older in itertools.pairwise(lines) if older is shown),
        None,
    )


def _words(line: LetterLine) -> dict[str, Any]:
    """The sentences of the letter: the same as on paper."""
    around = surroundings(g.congress)
    head, rows = table(line.letter)
    return {
        "title": title_lines(around.congress),
        "sender": around.sender,
        "opening": opening(line.letter, around),
        "compared": compared(line.letter, around),
        "points": paragraphs(line.letter, around),
        "head": head,
        "rows": rows,
    }


@desk.post("/c/<congress>/units/<unit>/letter")
@permitted(Permission.LETTER_SIGN)
def sign(congress: str, unit: str) -> ResponseReturnValue:
    """The clerk signs for the letter that the page showed."""
    try:
        with act() as unit_of_work:
            sign_letter(unit_of_work, g.congress.id, g.unit.id, seen=request.form.get("seen", ""))
    except Refused as refused:
        if refused.status in (403, 404):
            raise
        return _page([say(refused)], refused.status)
    flash(_("名额通知已签收。"), "ok")
    return redirect(url_for("unit_letters.letter", congress=congress, unit=unit))


@desk.get("/c/<congress>/units/<unit>/letter.pdf")
@permitted(Permission.LETTER_SIGN)
def pdf(congress: str, unit: str) -> ResponseReturnValue:
    lines = letters_of_unit(reading(), g.unit)
    if not lines:
        raise NotFound("letter.none")
    made = letters_pdf(g.congress, [_chosen(lines)], demo=is_demo(reading()))
    return file(made, PDF, f"{_('名额通知')} {g.unit.name}.pdf")
