"""Identity numbers: checked, sealed for storage, and found again by a keyed hash. Pure but for its keys.

The number itself is only ever in memory: the database keeps a keyed hash to look it up by and a sealed copy.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from dataclasses import dataclass
from datetime import date

from cryptography.fernet import Fernet
from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from election.errors import Refused
from election.people.models import Sex


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


def read_identity(text: str) -> Identity:
    """Full-width digits and spaces are normalised. Raises Refused `people.identity_wrong` for a number that cannot be."""
    number = unicodedata.normalize("NFKC", text).replace(" ", "").upper()
    try:
        number = ric.validate(number)
        born_on = ric.get_birth_date(number)
    except (ValidationError, ValueError):
        raise Refused("people.identity_wrong", field="identity", shown=mask(number) if len(number) == 18 else number) from None
    return Identity(number, born_on, Sex.MALE if int(number[16]) % 2 else Sex.FEMALE)


@dataclass(frozen=True, slots=True)
class IdentityKeys:
    """The installation's keys for identity numbers; they lie in the data folder, never in the database."""

    look_up: bytes
    sealing: bytes

    def key_of(self, number: str) -> str:
        return hmac.new(self.look_up, number.encode(), hashlib.sha256).hexdigest()

    def seal(self, number: str) -> str:
        return Fernet(self.sealing).encrypt(number.encode()).decode()

    def open(self, sealed: str) -> str:
        return Fernet(self.sealing).decrypt(sealed.encode()).decode()
