"""Reads a PDF back: the words of each page, without the white space that setting them in type puts in between."""

from __future__ import annotations

import io
from typing import Any

from pypdf import PdfReader


def pages_of(content: bytes) -> list[str]:
    """The text of every page with all white space taken out."""
    return ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages]


def fonts_of(content: bytes) -> set[str]:
    """The names of all fonts, without the letters that mark a part of one."""
    found = set()
    for page in PdfReader(io.BytesIO(content)).pages:
        resources: Any = page["/Resources"]
        for font in resources["/Font"].values():
            found.add(str(font.get_object()["/BaseFont"]).rpartition("+")[2].lstrip("/"))
    return found


def sizes_of(content: bytes) -> list[tuple[int, int]]:
    """Width and height of every page in millimetres."""
    return [
        (round(float(page.mediabox.width) / 72 * 25.4), round(float(page.mediabox.height) / 72 * 25.4))
        for page in PdfReader(io.BytesIO(content)).pages
    ]


def type_sizes(content: bytes, page: int, sign: str) -> list[float]:
    """In which sizes a page is set where this sign stands, in points as they are printed."""
    found = []

    def look(text: str, matrix: list[float], line: list[float], _font: Any, size: float) -> None:
        if sign in text:
            found.append(round(abs(size * line[3] * matrix[3]), 1))

    PdfReader(io.BytesIO(content)).pages[page].extract_text(visitor_text=look)
    return found


def squeezed(text: str) -> str:
    """Text as `pages_of` gives it."""
    return "".join(text.split())
