"""Names as they are pasted from a list: separated by marks, lines or blanks, or typeset with a blank within (冯 家武). Pure."""

from __future__ import annotations

import re
from collections.abc import Container

SEPARATORS = re.compile(r"[、，,；;。\n\r\t]+")


def read_names(text: str, known: Container[str]) -> list[str]:
    """Each name once, in the order in which they stand. What is in no way `known` comes back as it was written."""
    found: list[str] = []
    for piece in (one.strip() for one in SEPARATORS.split(text)):
        joined = "".join(piece.split())
        if not piece or joined in known or piece in known:
            found += [joined if joined in known else piece] if piece else []
            continue
        apart = _apart(piece.split(), known)
        found += apart if len(apart) > 1 else [piece]
    return list(dict.fromkeys(found))


def _apart(words: list[str], known: Container[str]) -> list[str]:
    """Names that stand on one line with blanks between them; two words that are a name together are one."""
    found: list[str] = []
    while words:
        pair = "".join(words[:2])
        taken = 2 if len(words) > 1 and words[0] not in known and pair in known else 1
        found.append(pair if taken == 2 else words[0])
        words = words[taken:]
    return found
