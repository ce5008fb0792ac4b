"""What can be wrong with a file that is handed in: one sentence, at its place, in two languages.

Says what is wrong with the *form* of an input. That rules contradict each other is not an error but an answer
(`conflicts.py`).
"""

from __future__ import annotations


def _one_line(text: str) -> str:
    """Control characters made visible, so that a message is one line whatever the input held."""
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)


class BadInput(Exception):
    """`place` is the path of the number or key (`units[3].weight`), or a cell of a sheet."""

    def __init__(self, place: str, zh: str, en: str) -> None:
        self.place = _one_line(place)
        self.zh = _one_line(zh)
        self.en = _one_line(en)
        super().__init__(str(self))

    def __str__(self) -> str:
        return f"{self.place}: {self.en}" if self.place else self.en
