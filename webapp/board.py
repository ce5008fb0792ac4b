"""The public: the list of boards, the display in the hall, the announcement and its table. Anyone, no login."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from election.congress.lifecycle import Phase
from election.congress.models import BoardMode
from election.congress.queries import congress_by_code, congresses
from election.errors import NotFound
from election.people.act import CHINA
from election.results.announcement import COLUMNS, flat_rows
from election.results.lifecycle import is_public
from election.results.queries import announced, picture, publications, published, results_state
from election.store.audit import canonical, digest
from webapp.access import public
from webapp.board_figure import hemicycle, seat_radius
from webapp.context import chinese_date
from webapp.requests import clock, database, reading

desk = Blueprint("board", __name__)

# A spreadsheet takes a cell that begins so for a formula.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


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


def _picture(code: str) -> dict[str, Any]:
    """The board's figures; a congress in preparation has no board yet."""
    congress = congress_by_code(reading(), code)
    if congress.phase is Phase.PREPARATION:
        raise NotFound("congress.none")
    g.board_congress = congress
    return picture(reading(), congress)


@desk.get("/board/<congress>.json")
@public
def figures(congress: str) -> ResponseReturnValue:
    content = _picture(congress)
    response = Response(canonical(content), mimetype="application/json")
    response.headers["Cache-Control"] = "no-cache"
    response.set_etag(digest(content))
    return response.make_conditional(request)


@desk.get("/board/<congress>")
@public
def board(congress: str) -> ResponseReturnValue:
    content = _picture(congress)
    shown = g.board_congress
    as_of = datetime.fromisoformat(content["as_of"]).astimezone(CHINA)
    now = clock()().astimezone(CHINA)
    total = sum(category["seats"] for category in content["categories"])
    mode = shown.board_mode
    if is_public(results_state(reading(), shown.id)):
        mode = BoardMode.RESULTS if mode is BoardMode.PROGRESS else mode
    units = {contest["unit"]: contest["unit_name"] for contest in content["contests"]}
    unit = request.args.get("unit", "")
    if unit in units:
        content = content | {"contests": [contest for contest in content["contests"] if contest["unit"] == unit]}
    template = "board/figure.html" if request.args.get("part") == "figure" else "board/board.html"
    page = render_template(
        template,
        board=content,
        congress_name=shown.name,
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


def _announced(code: str) -> Any:
    """The published version, or 404: before publication nobody is told anything."""
    g.board_congress = congress_by_code(reading(), code)
    row = published(publications(reading(), g.board_congress.id))
    if row is None:
        raise NotFound("results.not_published")
    return row


@desk.get("/results/<congress>")
@public
def announcement(congress: str) -> ResponseReturnValue:
    row = _announced(congress)
    return render_template("board/announcement.html", publication=row, content=row.content, shown=g.board_congress)


@desk.get("/results/<congress>.csv")
@public
def table(congress: str) -> ResponseReturnValue:
    row = _announced(congress)
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
