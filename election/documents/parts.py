"""The parts that the template `sheets` sets: sheets of headings, text, tables, forms, names and signatures. Pure.

Says what stands where and in which order, never in which type: that is the template's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

from election.documents.paper import in_fours

Data = dict[str, Any]


class Style(StrEnum):
    """How a sheet is set: as a letter by the grid of GB/T 9704, as a list that hangs, as a form, or lying across."""

    LETTER = "letter"
    LIST = "list"
    FORM = "form"
    LYING = "lying"


def sheet(
    heading: Sequence[str],
    *blocks: Data | None,
    style: Style,
    note: str = "",
    running: str = "",
    number: str = "",
    band: str = "",
    loose: bool = False,
) -> Data:
    """One sheet, begun on a page of its own. `running`: what stands above its further pages; `number`: the form's own, in
    the upper right corner of each of its pages; `band`: in large type over the whole width; `loose`: handed out by itself,
    so that its pages are counted by themselves. A block that is None is left out.
    """
    return {
        "heading": [line for line in heading if line],
        "note": note,
        "running": running,
        "number": number,
        "band": band,
        "loose": loose,
        "style": style.value,
        "blocks": [block for block in blocks if block is not None],
    }


def table(
    head: Sequence[str],
    align: str,
    widths: Sequence[float | None],
    rows: Sequence[Sequence[str]],
    *,
    total: bool = False,
    tall: bool = False,
    whole: bool = False,
    stays: bool = False,
    deep: Sequence[int] = (),
) -> Data:
    """`align`: l, c, r, n for names, or f for figures that never break, of each column; a width of None is as wide as its words, others share the rest.

    `total`: the last row sums up the others; `tall`: rows in which one signs; `whole`: never goes on over a page;
    `stays`: on the page of what follows; `deep`: how many millimetres each row is high, to write in.
    """
    return {
        "kind": "table",
        "head": list(head),
        "align": list(align),
        "widths": list(widths),
        "rows": [list(row) for row in rows],
        "total": total,
        "tall": tall,
        "whole": whole,
        "stays": stays,
        "deep": list(deep),
    }


def text(*words: str) -> Data:
    """Paragraphs with their indent; empty ones are left out."""
    return {"kind": "text", "words": [one for one in words if one]}


def note(*words: str, stays: bool = False) -> Data:
    """Small print without an indent: grounds, explanations. `stays`: on the page of what follows."""
    return {"kind": "note", "words": [one for one in words if one], "stays": stays}


def heading(words: str, aside: str = "", *, level: int = 1) -> Data:
    """A heading between blocks, and what stands small behind it. It never ends a page."""
    return {"kind": "heading", "words": words, "aside": aside, "level": level}


def names(people: Iterable[tuple[str, str]]) -> Data:
    """Names side by side, each with a mark behind it or none."""
    return {"kind": "names", "names": [list(one) for one in people]}


def form(columns: Sequence[float | None], rows: Sequence[Sequence[Data]], *, stays: bool = False) -> Data:
    """A form of bordered cells. `columns`: shares of what is left of the width by the labels, whose columns are None.
    `stays`: on the page of what follows.
    """
    return {"kind": "form", "columns": list(columns), "rows": [list(row) for row in rows], "stays": stays}


def label(words: str, *, span: int = 1, rows: int = 1) -> Data:
    """What a cell of the form asks for."""
    return {"part": "label", "words": words, "span": span, "rows": rows}


def value(words: str, *, span: int = 1, rows: int = 1) -> Data:
    """What is filled in beside a label; empty to be filled in by hand."""
    return {"part": "value", "words": words, "span": span, "rows": rows}


def room(words: str, *, span: int = 1, height: int, signed: str = "", seal: str = "") -> Data:
    """A cell of running text, at least `height` mm high. `signed`: who signs at its foot; `seal`: who seals there."""
    return {
        "part": "room",
        "words": words,
        "span": span,
        "rows": 1,
        "height": height,
        "signed": signed,
        "seal": seal,
    }


def choices(options: Iterable[tuple[str, bool]], *, span: int = 1) -> Data:
    """Boxes to tick, those that apply ticked."""
    return {"part": "choices", "options": [list(one) for one in options], "span": span, "rows": 1}


def person(line: str, about: str, *paragraphs: tuple[str, str]) -> Data:
    """Someone introduced: the name with its place, the facts, and paragraphs under their heads."""
    return {"kind": "person", "line": line, "about": about, "paragraphs": [list(one) for one in paragraphs if one[1]]}


def signatures(*signers: str, seal: str = "") -> Data:
    """Lines to sign beside each signer; `seal`: the body that seals, with a line for the day."""
    return {"kind": "signatures", "signers": list(signers), "seal": seal}


def closing(sender: str, day: str) -> Data:
    """Who published it, and when."""
    return {"kind": "closing", "sender": sender, "date": day}


def fingerprint(label: str, value: str) -> Data:
    """A hash in groups of four, to compare paper with file."""
    return {"kind": "fingerprint", "label": label, "fours": in_fours(value)}
