"""The base of every form: what the domain refuses is shown at its field, and no entered value is lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask_wtf import FlaskForm

from election.errors import Invalid, Refused
from webapp.errors import say


class Form(FlaskForm):  # type: ignore[misc]
    """`status` is the page's status: 200, or that of what was refused."""

    status = 200

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """Runs an operation; a refusal becomes the sentence at its field, or above the form, instead of another page."""
        try:
            yield
        except Refused as refused:
            if refused.status in (403, 404):
                raise
            self.refuse(refused)
        except Invalid as invalid:
            for each in invalid.refusals:
                self.refuse(each)

    def refuse(self, refused: Refused) -> None:
        self.status = refused.status
        field = self._fields.get((refused.field or "").replace(".", "-"))
        if field is None:
            self.form_errors.append(say(refused))
        else:
            field.errors = [*field.errors, say(refused)]

    def validate_on_submit(self, extra_validators: object = None) -> bool:
        valid = bool(super().validate_on_submit(extra_validators))
        if self.is_submitted() and not valid:
            self.status = 422
        return valid


# What any column of whole numbers holds; a longer text is no number that anyone meant.
LARGEST = 2**31 - 1


def revision_in(text: object) -> int:
    """The revision that a page was made from. A page says it always: without it nobody is told what moved on."""
    number = whole_number(text)
    if number is None:
        raise Refused("web.bad_request")
    return number


def whole_number(text: object, *, most: int = LARGEST) -> int | None:
    """The number that a field or address names in plain digits, from 0 to `most`; None for anything else."""
    if not isinstance(text, str) or not (text.isascii() and text.isdigit()) or len(text) > len(str(most)):
        return None
    number = int(text)
    return number if number <= most else None
