"""Reads objects, lists and numbers strictly: integers, decimals and decimal strings become `int` and `Fraction`, never a float.

Everything that only looks like a number is refused by name: booleans, NaN, infinities, blanks, digits of other
scripts, exponents that would fill the memory.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from allocation.errors import BadInput

# Wide enough for every office and any published election; narrow enough that a number is never a trap.
LONGEST_NUMBER = 60
LONGEST_TEXT = 200
LARGEST_EXPONENT = 40
LARGEST_COUNT = 1_000_000

_DECIMAL = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?")
_WHOLE = re.compile(r"[+-]?[0-9]+")


def within(place: str, key: str) -> str:
    """The path of a key."""
    return f"{place}.{key}" if place else key


def as_object(value: object, place: str) -> Mapping[str, object]:
    """An object. Raises BadInput."""
    if not isinstance(value, Mapping):
        raise BadInput(place, "必须是对象", "must be an object")
    for key in value:
        if not isinstance(key, str):
            raise BadInput(place, "键必须是文字", "must have text keys")
    return value


def only(obj: Mapping[str, object], known: Collection[str], place: str) -> None:
    """Raises BadInput at the first key that is not known."""
    for key in obj:
        if key not in known:
            raise BadInput(within(place, key[:LONGEST_TEXT]), "未知的键", "unknown key")


def as_list(value: object, place: str) -> Sequence[object]:
    """A list. Raises BadInput."""
    if not isinstance(value, (list, tuple)):
        raise BadInput(place, "必须是列表", "must be a list")
    return value


def required(obj: Mapping[str, object], keys: Collection[str], place: str) -> None:
    """Raises BadInput at the first key that is missing."""
    for key in keys:
        if key not in obj:
            raise BadInput(within(place, key), "缺少", "is missing")


def _text(value: object, place: str) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, str, float, Decimal)):
        raise BadInput(place, "必须是数字", "must be a number")
    if isinstance(value, int) and value.bit_length() > 200:
        raise BadInput(place, "数字过长", "has too many digits")
    text = value if isinstance(value, str) else str(value)
    if len(text) > LONGEST_NUMBER:
        raise BadInput(place, "数字过长", "has too many digits")
    if not _DECIMAL.fullmatch(text):
        raise BadInput(place, "必须是数字", "must be a number")
    return text


def exact(value: object, place: str) -> Fraction:
    """A number of zero or more, exact. Raises BadInput."""
    text = _text(value, place)
    number = Decimal(text)
    if number and abs(number.adjusted()) > LARGEST_EXPONENT:
        raise BadInput(place, "数量级超出范围", f"is out of range (powers of ten up to {LARGEST_EXPONENT})")
    if number < 0:
        raise BadInput(place, "不能为负", "must not be negative")
    return Fraction(number)


def share(value: object, place: str) -> Fraction:
    """A share of the whole, 0 to 1."""
    number = exact(value, place)
    if number > 1:
        raise BadInput(place, "比例不能大于 1", "must not be more than 1")
    return number


def count(value: object, place: str) -> int:
    """A whole number of seats, zero or more."""
    text = _text(value, place)
    if not _WHOLE.fullmatch(text):
        raise BadInput(place, "必须是整数", "must be a whole number")
    number = int(text)
    if number < 0:
        raise BadInput(place, "不能为负", "must not be negative")
    if number > LARGEST_COUNT:
        raise BadInput(place, f"不能大于 {LARGEST_COUNT}", f"must not be more than {LARGEST_COUNT}")
    return number
