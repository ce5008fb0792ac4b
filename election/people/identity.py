"""Identity numbers: checked, sealed for storage, and found again by a keyed hash. Pure but for its keys.

The number itself is only ever in memory: the database keeps a keyed hash to look it up by and a sealed copy.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from cryptography.fernet import Fernet
from stdnum.cn import ric
from stdnum.exceptions import InvalidFormat, ValidationError

from election.errors import Refused
from election.people.models import Sex

# A wrong number is shown too, so that it can be found; beyond so many signs it may be somebody's, less one digit.
NEVER_SHOWN = 10
WELL_FORMED = re.compile(r"[1-9][0-9]{16}[0-9X]")
# Fifteen signs and more, with or without gaps: a number of either length, or one with a digit too many or too few.
NUMBER_LIKE = re.compile(r"\d(?:[ -]*\d){13,}[ -]*[\dXx]")


@dataclass(frozen=True, slots=True)
class Identity:
    """A checked identity number and the facts that it states."""

    number: str
    born_on: date
    sex: Sex

    @property
    def masked(self) -> str:
        return mask(self.number)


def mask(number: str) -> str:
    return f"{number[:6]}********{number[-4:]}"


def hide_numbers(text: str) -> str:
    """The text with whatever may be somebody's identity number masked, wherever and however it was typed."""
    plain = unicodedata.normalize("NFKC", text)
    if NUMBER_LIKE.search(plain) is None:
        return text
    return NUMBER_LIKE.sub(lambda match: mask(re.sub("[ -]", "", match[0])), plain)


def read_identity(text: str) -> Identity:
    """Full-width digits and spaces are normalised. Raises Refused `people.identity_wrong` for a number that cannot be.

    Length, birth date and check digit decide. The area code is not held against the areas of the birth year: numbers
    were first given out decades after many of their holders were born, with the areas of that day.
    """
    number = unicodedata.normalize("NFKC", text).replace(" ", "").upper()
    try:
        if not WELL_FORMED.fullmatch(number) or ric.calc_check_digit(number) != number[-1]:
            raise InvalidFormat
        born_on = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except (ValidationError, ValueError):
        shown = mask(number) if len(number) > NEVER_SHOWN else number
        raise Refused("people.identity_wrong", field="identity", shown=shown) from None
    return Identity(number, born_on, Sex.MALE if int(number[16]) % 2 else Sex.FEMALE)


@lru_cache(maxsize=4)
def _box(sealing: bytes) -> Fernet:
    """What seals and opens: made once per key, not once for each of ten thousand numbers."""
    return Fernet(sealing)


@dataclass(frozen=True, slots=True)
class IdentityKeys:
    """The installation's keys for identity numbers; they lie in the data folder, never in the database."""

    look_up: bytes
    sealing: bytes

    def key_of(self, number: str) -> str:
        return hmac.digest(self.look_up, number.encode(), hashlib.sha256).hex()

    def seal(self, number: str) -> str:
        return _box(self.sealing).encrypt(number.encode()).decode()

    def open(self, sealed: str) -> str:
        return _box(self.sealing).decrypt(sealed.encode()).decode()
