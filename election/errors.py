"""How the domain says no: a stable code with parameters, never a sentence.

A refusal is raised where the rule lives and turned into a page or a status once, in `webapp/errors.py`.
The sentence for a code stands in `sentences/`, in both languages (see `texts.py`).
"""

from __future__ import annotations

from collections.abc import Mapping


class Refused(Exception):
    """An act that the rules do not allow. `code` is stable; `params` fill its sentence.

    `field` names the place in a form where the sentence belongs, when there is one.
    """

    status = 422

    def __init__(self, code: str, /, *, field: str | None = None, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.params: Mapping[str, object] = params

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.code!r}, field={self.field!r}, {dict(self.params)!r})"


class Forbidden(Refused):
    """The person may not do this, whatever the state of things."""

    status = 403


class NotFound(Refused):
    """What was named does not exist, or not for this person."""

    status = 404


class Stale(Refused):
    """The page was made from a state that has since changed; the sentence says what changed."""

    status = 409


class Invalid(Exception):
    """Entered data that cannot be accepted: one or more refusals, each at its place. Nothing was stored."""

    status = 422

    def __init__(self, refusals: list[Refused]) -> None:
        # For whoever reads a log: which kinds, not each of thousands.
        super().__init__(", ".join(sorted({refusal.code for refusal in refusals})))
        self.refusals = refusals
