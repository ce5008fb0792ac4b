"""How the application is served: so many requests at once, and when what they leave behind is cleared away."""

from __future__ import annotations

import gc
import sys

from flask import Flask
from waitress.server import BaseWSGIServer, MultiSocketServer, create_server

THREADS = 8
# Objects between two collections of the youngest: about what a large page makes.
PAGE_OBJECTS = 10_000
# A save asks the database a dozen things and after each waits for its turn; a page being made takes turns of this length.
# With the usual 5 ms, a save that meets a page waits for most of the page.
TURN_SECONDS = 0.0001

Server = BaseWSGIServer | MultiSocketServer


def listening(app: Flask, host: str, port: int) -> Server:
    """A server that has its place; whoever comes waits until it runs. Raises OSError where the place cannot be had."""
    return create_server(app, host=host, port=port, threads=THREADS, ident=None)


def run(server: Server) -> None:
    """Answers until the process is told to end."""
    # What is loaded stays for good: without this every full collection walks all of it in the middle of a page.
    gc.collect()
    gc.freeze()
    # What a page makes dies with it, if it is not collected while the page is still being made.
    gc.set_threshold(PAGE_OBJECTS)
    sys.setswitchinterval(TURN_SECONDS)
    server.run()
