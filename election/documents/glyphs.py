"""Which characters the faces of the documents can show, read from the fonts' own tables. Pure, but for reading the fonts.

Never chooses another font: a document is set from these alone, the same on every machine.
"""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

# 〓, which printers set where they have no type for a character: it is seen, and filled in by hand.
MISSING = "〓"
# Controls, formats, and marks that belong to the sign before them: they have no shape of their own on any paper.
_SHAPELESS = ("Cc", "Cf", "Mn", "Me")
_SEGMENTED = 12  # the table that holds characters beyond the first 65,536, rare names among them


def printable(value: Any, shown: frozenset[int]) -> Any:
    """The same data with every text made of characters that can be set: signs without a shape left out, others 〓."""
    if isinstance(value, str):
        return "".join(_sign(sign, shown) for sign in value)
    if isinstance(value, dict):
        return {key: printable(one, shown) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [printable(one, shown) for one in value]
    return value


def _sign(sign: str, shown: frozenset[int]) -> str:
    if ord(sign) in shown or sign in "\n\t":
        return sign
    return "" if unicodedata.category(sign) in _SHAPELESS else MISSING


@cache
def characters(*fonts: Path) -> frozenset[int]:
    """The code points that at least one of these OpenType files has a shape for."""
    return frozenset(point for font in fonts for point in _points(font.read_bytes()))


def _points(font: bytes) -> Iterator[int]:
    (tables,) = struct.unpack_from(">H", font, 4)
    directory = {font[at : at + 4]: struct.unpack_from(">I", font, at + 8)[0] for at in range(12, 12 + 16 * tables, 16)}
    start = directory[b"cmap"]
    (encodings,) = struct.unpack_from(">H", font, start + 2)
    for at in range(start + 4, start + 4 + 8 * encodings, 8):
        table = start + struct.unpack_from(">I", font, at + 4)[0]
        (kind,) = struct.unpack_from(">H", font, table)
        if kind == _SEGMENTED:
            (segments,) = struct.unpack_from(">I", font, table + 12)
            for segment in range(table + 16, table + 16 + 12 * segments, 12):
                first, last = struct.unpack_from(">II", font, segment)
                yield from range(first, last + 1)
