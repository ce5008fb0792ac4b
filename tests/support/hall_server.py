"""A program that serves an installation as the command `serve` does, and beside it the barest draft one could write.

`python -m tests.support.hall_server --data DIR --port N`; with `--pages` its templates are ready before it answers, as those
of `serve` are. What serves is a child of the program: killed, it is followed by another, which begins from nothing but what
lies on the disk, without reading the whole product in again. Each child's process number is written to standard output. Under
`/bare/` lies a Flask application of one route that inserts the JSON it is sent into an embedded database of its own: no
sign-in, no checks.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import JSON, Column, Integer, MetaData, Table
from sqlalchemy.orm import configure_mappers
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from election.store.database import Database
from webapp.application import create_app, load_pages
from webapp.server import listening, run
from webapp.settings import read_settings


def bare(folder: Path) -> Flask:
    """One route, one insert, which lies on the disk when it is answered, as what the product keeps does."""
    database = Database(f"sqlite:///{folder / 'bare.db'}")
    metadata = MetaData()
    drafts = Table(
        "draft", metadata, Column("id", Integer, primary_key=True), Column("form_id", Integer), Column("contents", JSON)
    )
    writer = database.engine.execution_options(writing=True)
    metadata.create_all(writer)
    database.close()  # a child opens its own
    app = Flask(__name__, static_folder=None)

    @app.post("/drafts/<int:form_id>")
    def draft(form_id: int) -> ResponseReturnValue:
        body: Any = request.get_json()
        with writer.begin() as connection:
            connection.execute(drafts.insert(), {"form_id": form_id, "contents": body["values"]})
        return jsonify({"saved": True})

    return app


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--pages", action="store_true")
    given = options.parse_args()
    app = create_app(read_settings(given.data))
    if given.pages:
        load_pages(app)
    configure_mappers()
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/bare": bare(given.data)})  # type: ignore[method-assign]
    while child := os.fork():
        print(child, flush=True)
        os.waitpid(child, 0)
    run(listening(app, "127.0.0.1", given.port))


if __name__ == "__main__":
    main()
