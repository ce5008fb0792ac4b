"""What no column can hold is refused in words before it reaches the database, the same on both kinds.

PostgreSQL would end the act with an error of its own; the embedded database would keep it. Decides nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import Enum, Integer, String, inspect
from sqlalchemy.orm import Mapper, Session

from election.errors import Refused

LARGEST = 2**31 - 1
# What neither a database nor a workbook (XML 1.0) can hold: control characters, halves of pairs, non-characters.
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@cache
def _bounds(mapper: Mapper[Any]) -> tuple[tuple[str, str, int], ...]:
    """(attribute, "text" or "number", bound); 0 for a text of any length. Closed sets have a check of their own."""
    found: list[tuple[str, str, int]] = []
    for attribute in mapper.column_attrs:
        kind = attribute.columns[0].type
        if isinstance(kind, Integer):
            found.append((attribute.key, "number", LARGEST))
        elif isinstance(kind, String) and not isinstance(kind, Enum):
            found.append((attribute.key, "text", kind.length or 0))
    return tuple(found)


def refuse_misfits(session: Session, _context: object, _instances: object) -> None:
    """Raises Refused for the first new or changed value that does not fit its column; `field` is the column's name."""
    for row in _rows(session):
        state = inspect(row)
        for name, kind, bound in _bounds(state.mapper):
            value = state.dict.get(name)
            if kind == "text" and isinstance(value, str):
                _check_text(name, value, bound)
            elif kind == "number" and isinstance(value, int) and abs(value) > bound:
                raise Refused("store.number_too_large", field=name, most=f"{bound:,}")


def _rows(session: Session) -> Iterable[Any]:
    yield from session.new
    yield from session.dirty


def _check_text(name: str, value: str, most: int) -> None:
    if most and len(value) > most:
        raise Refused("store.too_long", field=name, most=most)
    if UNWRITABLE.search(value):
        raise Refused("store.not_text", field=name)
