"""Passwords: hashing with argon2 and what a new one must be. Keeps nothing."""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from election.errors import Refused

LEAST_LENGTH = 8
# Letters and digits that nobody mistakes for another when reading them from paper.
LEGIBLE = "abcdefghjkmnpqrstuvwxyz23456789"

_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def matches(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def require_fit(password: str, login: str) -> None:
    """Raises Refused for a password that is too short or is the sign-in name itself."""
    if len(password) < LEAST_LENGTH:
        raise Refused("people.password_short", field="password", least=LEAST_LENGTH)
    if password.casefold() == login.casefold():
        raise Refused("people.password_is_login", field="password")


def initial_password() -> str:
    """A first password to hand over on paper; the person must change it at the first sign-in."""
    return "-".join("".join(secrets.choice(LEGIBLE) for _ in range(4)) for _ in range(3))
