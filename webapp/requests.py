"""What a view needs of its request: the acting person, a session to read from, an act to change things in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from flask import Flask, current_app, g, session
from sqlalchemy.orm import Session

from election.people.act import Act, Clock, acting, wall_clock
from election.people.actor import Actor
from election.people.queries import SignedIn, account_signed_in
from election.store.database import Database
from webapp.settings import Keys

TOKEN, EPOCH = "sign_in", "epoch"


def database() -> Database:
    return cast(Database, current_app.extensions["xiheng.database"])


def keys() -> Keys:
    return cast(Keys, current_app.extensions["xiheng.keys"])


def clock() -> Clock:
    return cast(Clock, current_app.extensions.get("xiheng.clock", wall_clock))


def reading() -> Session:
    """The request's one session for queries; closed with the request."""
    if "reading" not in g:
        g.reading_context = database().reading()
        g.reading = g.reading_context.__enter__()
    return cast(Session, g.reading)


@contextmanager
def act(*, draft: bool = False) -> Iterator[Act]:
    """One act of the signed-in person in one transaction. Reads made before it are let go, so none of them is stale.

    `draft`: it keeps a draft of a count form and nothing else.
    """
    close_reading()
    with acting(database(), g.actor, clock(), draft=draft) as unit_of_work:
        yield unit_of_work


def close_reading(_error: BaseException | None = None) -> None:
    context = g.pop("reading_context", None)
    g.pop("reading", None)
    if context is not None:
        context.__exit__(None, None, None)


def account_or_none() -> SignedIn | None:
    """The account of this sign-in, unless it was closed or its password changed since."""
    if "account" not in g:
        g.account = None
        token = session.get(TOKEN)
        if isinstance(token, str):
            account = account_signed_in(reading(), token)
            if account is not None and account.active and account.sign_in_epoch == session.get(EPOCH):
                g.account = account
    return cast("SignedIn | None", g.account)


def actor_or_none() -> Actor | None:
    """The signed-in person with their roles as they are now."""
    if "actor" not in g:
        account = account_or_none()
        g.actor = None if account is None else account.actor
    return cast("Actor | None", g.actor)


def register(app: Flask) -> None:
    app.teardown_request(close_reading)
