"""Lets pages of a document stand in it many times, without setting them again: ballots are printed by the thousand. Pure.

The copies share the one content of their page, so that a page more costs a line in the file. Reads what the typesetter
writes and nothing else; a file of another shape is an error, never guessed at. Setting a thousand pages one by one takes the
typesetter the better part of a minute and gigabytes.

What is appended keeps to PDF/A-2b as ISO 19005-2 has it: the identifier in every trailer, nothing encrypted (6.1.3), every
object where the table says (6.1.4), and the metadata say how many pages there are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

PAGES = re.compile(rb"(\d+) 0 obj\n<</Type/Pages/Count (\d+)/Kids\[((?:\d+ 0 R ?)+)\]>>\nendobj\n")
METADATA = re.compile(rb"\n(\d+) 0 obj\n<<([^>]*/Type/Metadata[^>]*)>>\nstream\n(.*?)\nendstream\nendobj\n", re.DOTALL)
COUNTED, LENGTH = re.compile(rb"(?<=<xmpTPg:NPages>)\d+(?=</)"), re.compile(rb"/Length \d+")
TRAILER = re.compile(rb"trailer\n<</Size (\d+)(/Root .*)>>\nstartxref\n(\d+)\n%%EOF\Z", re.DOTALL)


def repeat_pages(pdf: bytes, times: Sequence[int]) -> bytes:
    """The document with its last `len(times)` pages so many times each, one after another; the pages before them stay.

    The document must not be tagged: a tag belongs to one page. Raises ValueError for a file that is not the typesetter's.
    """
    tree, end = PAGES.findall(pdf), TRAILER.search(pdf)
    if len(tree) != 1 or end is None:
        raise ValueError("not a document of the typesetter")
    root, _count, listed = tree[0]
    pages = [int(number) for number in re.findall(rb"(\d+) 0 R", listed)]
    if len(pages) < len(times) or min(times, default=1) < 1:
        raise ValueError("every page that is repeated stands there at least once")
    size = int(end[1])
    made: dict[int, bytes] = {}
    kids = pages[: len(pages) - len(times)]
    for page, wanted in zip(pages[len(kids) :], times, strict=True):
        body = _body(pdf, page)
        kids.append(page)
        for _ in range(wanted - 1):
            number = size + len(made)
            made[number] = body
            kids.append(number)
    every = b" ".join(b"%d 0 R" % number for number in kids)
    told, metadata = _metadata(pdf, len(kids))
    new = {int(root): b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(kids), every), told: metadata, **made}
    return pdf + _update(len(pdf) + 1, new, size + len(made), end[2], int(end[3]))


def _body(pdf: bytes, number: int) -> bytes:
    found = re.findall(rb"\n%d 0 obj\n(<</Type/Page/.*?>>)\nendobj\n" % number, pdf, re.DOTALL)
    if len(found) != 1 or b"/StructParents" in found[0]:
        raise ValueError("not a page that can be repeated")
    return bytes(found[0])


def _metadata(pdf: bytes, pages: int) -> tuple[int, bytes]:
    """The document's properties (XMP), of so many pages; and which object they are."""
    found = METADATA.findall(pdf)
    if len(found) != 1:
        raise ValueError("not a document of the typesetter")
    number, words, text = found[0]
    text = COUNTED.sub(b"%d" % pages, text)
    words = LENGTH.sub(b"/Length %d" % len(text), words)
    return int(number), b"<<%s>>\nstream\n%s\nendstream" % (words, text)


def _update(start: int, objects: dict[int, bytes], size: int, root: bytes, before: int) -> bytes:
    """What is appended to a file so that these objects are in it (ISO 32000-1, 7.5.6): they, where they stand, and an end
    that names the end before it.
    """
    written, places = bytearray(b"\n"), {}
    for number, body in objects.items():
        places[number] = start + len(written) - 1
        written += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = start + len(written) - 1
    written += b"xref\n0 1\n0000000000 65535 f\r\n"
    for number, place in places.items():
        written += b"%d 1\n%010d 00000 n\r\n" % (number, place)
    written += b"trailer\n<</Size %d%s/Prev %d>>\nstartxref\n%d\n%%%%EOF" % (size, root, before, table)
    return bytes(written)
