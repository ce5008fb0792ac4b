"""Who may use an endpoint. Every view says so with one of these; the application refuses to start if one does not.

A declaration decides by role and place only. What the state of things allows is decided by the operation,
which checks the permission once more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, current_app, g, redirect, request, url_for

from election.congress.queries import congress_by_code, unit_by_code
from election.errors import Forbidden
from election.people.actor import Actor, Role, Scope
from election.people.permissions import ALLOWED, Permission
from election.roster.queries import unit_of_branch
from webapp.requests import account_or_none, actor_or_none, reading

View = TypeVar("View", bound=Callable[..., Any])

DECLARED = "_access_declared"


@dataclass(frozen=True, slots=True)
class Declaration:
    """Who may use an endpoint, in `words` and as a question. `roles` is None where any person may, or anyone at all."""

    words: str
    roles: frozenset[Role] | None = None
    anywhere: bool = False

    def admits(self, actor: Actor, scope: Scope) -> bool:
        if self.roles is None:
            return True
        if self.anywhere:
            return any(
                grant.role in self.roles and grant.congress_id in (None, scope.congress_id) for grant in actor.grants
            )
        return actor.has(self.roles, scope)


def public(view: View) -> View:
    """Anyone, signed in or not."""
    setattr(view, DECLARED, Declaration("public"))
    return view


def signed_in(view: View) -> View:
    """Any person who has signed in; `<congress>` in the address is loaded when it is there and theirs."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if (elsewhere := _at_the_door()) is not None:
            return elsewhere
        _load_place(kwargs)
        congress = g.get("congress")
        if congress is not None and not g.actor.roles_in(congress.id):
            raise Forbidden("people.not_permitted", name=g.actor.name)
        return view(*args, **kwargs)

    setattr(guarded, DECLARED, Declaration("signed in"))
    return guarded  # type: ignore[return-value]


def permitted(*permissions: Permission, anywhere: bool = False) -> Callable[[View], View]:
    """Persons whose role allows one of `permissions` at the address's place: `<congress>`, `<unit>`, `<int:branch>`.

    With `anywhere`, a role in any unit or branch of the congress will do: for lists that show each person their own.
    """

    roles = frozenset(role for permission in permissions for role in ALLOWED[permission])
    declaration = Declaration(", ".join(permissions), roles, anywhere)

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if (elsewhere := _at_the_door()) is not None:
                return elsewhere
            if not declaration.admits(g.actor, _load_place(kwargs)):
                raise Forbidden("people.not_permitted", name=g.actor.name)
            return view(*args, **kwargs)

        setattr(guarded, DECLARED, declaration)
        return guarded  # type: ignore[return-value]

    return declare


def _at_the_door() -> Any | None:
    """Where to send someone who is not signed in, or still has the password that was handed out."""
    if actor_or_none() is None:
        return _to_sign_in()
    account = account_or_none()
    if account is not None and account.must_change_password and request.blueprint != "account":
        return redirect(url_for("account.account"))
    return None


def _to_sign_in() -> Any:
    if request.method != "GET" or request.accept_mimetypes.best == "application/json":
        raise Forbidden("people.sign_in_first")
    return redirect(url_for("account.sign_in", next=request.full_path.rstrip("?")))


def _load_place(kwargs: dict[str, Any]) -> Scope:
    """Puts `g.congress` and `g.unit` in place. An unknown place is 404 before anyone is told that it is forbidden."""
    congress_id = unit_id = None
    if "congress" in kwargs:
        g.congress = congress_by_code(reading(), kwargs["congress"])
        congress_id = g.congress.id
    if "unit" in kwargs:
        g.unit = unit_by_code(reading(), g.congress.id, kwargs["unit"])
        unit_id = g.unit.id
    if "branch" in kwargs and unit_id is None:
        # A unit's clerk works at the desks of its branches too.
        unit_id = unit_of_branch(reading(), g.congress.id, kwargs["branch"])
    return Scope(congress_id, unit_id, kwargs.get("branch"))


def may_open(endpoint: str, scope: Scope) -> bool:
    """Whether the signed-in person may use `endpoint` there: no page offers a way to a closed door."""
    declaration: Declaration = getattr(current_app.view_functions[endpoint], DECLARED)
    return declaration.admits(g.actor, scope)


def require_declarations(app: Flask) -> None:
    """Raises RuntimeError naming every endpoint that does not say who may use it."""
    silent = [name for name, view in app.view_functions.items() if name != "static" and not hasattr(view, DECLARED)]
    if silent:
        raise RuntimeError(f"endpoints that do not declare who may use them: {', '.join(sorted(silent))}")
