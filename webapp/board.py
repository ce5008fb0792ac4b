"""The public: the list of boards, the display in the hall, the announcement and its table. Anyone, no login."""

from __future__ import annotations

import csv
import io
from datetime import datetime

from flask import Blueprint, Response, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from election.congress.letterhead import sender_of
from election.congress.lifecycle import Phase
from election.congress.models import BoardMode
from election.congress.queries import congress_by_code, congresses
from election.errors import NotFound
from election.people.act import CHINA
from election.progress.queries import facts_of
from election.results.announcement import COLUMNS, flat_rows
from election.results.lifecycle import is_public
from election.results.queries import Shown, announced, publications, published, results_state, shown
from election.store.audit import canonical, digest
from election.store.database import Database
from webapp.access import public
from webapp.board_figure import hemicycle, seat_radius
from webapp.context import chinese_date
from webapp.requests import clock, database, reading

desk = Blueprint("board", __name__)

# A spreadsheet takes a cell that begins so for a formula.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def get_ready(database: Database) -> None:
    """Reads every board's figures and the facts below every masthead now: a server's first visitors do not wait for it."""
    with database.reading() as session:
        for congress in congresses(session):
            facts_of(session, congress)
            if congress.phase is not Phase.PREPARATION:
                shown(session, congress)


@desk.get("/")
@public
def index() -> ResponseReturnValue:
    """Every congress that has a board: one whose contests exist."""
    shown = [congress for congress in congresses(reading()) if congress.phase is not Phase.PREPARATION]
    return render_template("board/index.html", congresses=shown, announced=announced(reading()))


@desk.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    return Response("ok\n" if database().answers() else "no\n", 200, mimetype="text/plain")


def _shown(code: str) -> Shown:
    """The board's figures; a congress in preparation has no board yet."""
    congress = congress_by_code(reading(), code)
    if congress.phase is Phase.PREPARATION:
        raise NotFound("congress.none")
    g.board_congress = congress
    return shown(reading(), congress)


@desk.get("/board/<congress>.json")
@public
def figures(congress: str) -> ResponseReturnValue:
    found = _shown(congress)
    response = Response(canonical(found.figures), mimetype="application/json")
    response.headers["Cache-Control"] = "no-cache"
    # Of all that the screen shows: it asks here whether to draw itself anew.
    response.set_etag(digest([found.figures, found.cards]))
    return response.make_conditional(request)


@desk.get("/board/<congress>")
@public
def board(congress: str) -> ResponseReturnValue:
    found = _shown(congress)
    content, cards = found.figures, found.cards
    here = g.board_congress
    as_of = datetime.fromisoformat(content["as_of"]).astimezone(CHINA)
    now = clock()().astimezone(CHINA)
    total = sum(category["seats"] for category in content["categories"])
    mode = here.board_mode
    if is_public(results_state(reading(), here.id)):
        mode = BoardMode.RESULTS if mode is BoardMode.PROGRESS else mode
    units = {card["unit"]: card["unit_name"] for card in cards}
    unit = request.args.get("unit", "")
    if unit in units:
        cards = [card for card in cards if card["unit"] == unit]
    template = "board/figure.html" if request.args.get("part") == "figure" else "board/board.html"
    page = render_template(
        template,
        board=content,
        cards=cards,
        congress_name=here.name,
        mode=mode.value,
        seats=hemicycle(content["categories"]),
        seat_radius=seat_radius(total),
        clock_text=f"{now:%H:%M}",
        as_of_text=f"{as_of:%H:%M:%S}" if as_of.date() == now.date() else f"{chinese_date(as_of)} {as_of:%H:%M:%S}",
        units=units,
        unit=unit if unit in units else "",
        json_href=url_for("board.figures", congress=congress),
        part_href=url_for("board.board", congress=congress, part="figure", unit=unit if unit in units else None),
    )
    response = Response(page, mimetype="text/html")
    response.headers["Cache-Control"] = "no-cache"
    return response


@desk.get("/results/<congress>")
@public
def announcement(congress: str) -> ResponseReturnValue:
    here = g.board_congress = congress_by_code(reading(), congress)
    row = published(publications(reading(), here.id))
    if row is None:  # the address is the right one, only the day has not come
        return render_template(
            "board/not_announced.html", shown=here, has_board=here.phase is not Phase.PREPARATION
        ), 404
    return render_template(
        "board/announcement.html",
        publication=row,
        content=row.content,
        shown=here,
        sender=sender_of(here.county),
        correcting=shown(reading(), here).figures["interim"],
    )


@desk.get("/results/<congress>.csv")
@public
def table(congress: str) -> ResponseReturnValue:
    row = published(publications(reading(), congress_by_code(reading(), congress).id))
    if row is None:
        raise NotFound("results.not_published")
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([_plain(value) for value in line] for line in flat_rows(row.content))
    # The byte order mark tells spreadsheets that the Chinese is UTF-8.
    response = Response("\ufeff" + out.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f"attachment; filename={congress}.csv"
    return response


def _plain(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_SIGNS) else value
