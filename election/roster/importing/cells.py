"""Reads one cell of a roster workbook: text, code, date, factor, identity, as offices type them. Pure.

Full-width digits and stray spaces are normalised. What cannot be read raises Refused; the caller names the place.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import TypeVar

from election.errors import Refused
from election.roster import words
from election.roster.importing.reading import Cell

Kind = TypeVar("Kind")

# Serial 1 is 1 January 1900; the workbook's calendar wrongly has a 29 February 1900, hence one day earlier.
SERIAL_EPOCH = date(1900, 1, 1) - timedelta(days=2)
# What is below (a number such as 1998.07 or 1998) is a year as somebody typed it: no day before 1 January 1910 is meant.
FIRST_SERIAL, LAST_SERIAL = 3654, 2958465
DATE_TEXT = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})(?:[-/.月]([0-9]{1,2})?日?)?(?: .*)?")
# Written out: a power of ten would be a number with as many digits.
FACTOR = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9}|/[0-9]{1,9})?%?")
DATE_DIGITS = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})?")


def plain(cell: Cell) -> str:
    """The cell as text: a whole number without its decimal point, no control characters, single spaces."""
    if type(cell) is str and " " not in cell and cell.isprintable():
        return cell  # as nearly every cell is
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 10**15:
        cell = int(cell)
    text = "".join(" " if sign.isspace() else sign for sign in str(cell) if sign.isspace() or sign.isprintable())
    return " ".join(text.split())


def read_text(cell: Cell, most: int, *, required: bool = True) -> str:
    text = plain(cell)
    if required and not text:
        raise Refused("roster.cell_empty")
    if len(text) > most:
        raise Refused("roster.cell_too_long", most=most)
    return text


def read_person_name(cell: Cell, most: int = 60) -> str:
    """Spaces between Chinese characters are typesetting (王　芳), not part of the name."""
    text = read_text(cell, most)
    if " " in text and all(sign == " " or unicodedata.category(sign) == "Lo" for sign in text):
        return text.replace(" ", "")
    return text


def read_code(cell: Cell, most: int = 20, *, required: bool = True) -> str:
    """An identifier: never a number, whatever the workbook made of it."""
    if type(cell) is str and cell.isalnum() and cell.isascii() and len(cell) <= most:
        return cell
    return read_text(unicodedata.normalize("NFKC", plain(cell)).replace(" ", ""), most, required=required)


def read_choice(cell: Cell, choices: Mapping[str, Kind]) -> Kind:
    """One of the words in `choices`. The refusal lists them."""
    text = read_text(cell, 100)
    try:
        return choices[text]
    except KeyError:
        raise Refused("roster.cell_not_a_choice", value=text, choices="、".join(choices)) from None


def read_date(cell: Cell) -> date | None:
    """A real date, a serial number, or text such as 2001-03-05, 2001.3.5, 2001年3月, 20010305. Empty: None.

    A month without its day stands for its first day, as the party register often has it.
    """
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        if FIRST_SERIAL <= cell <= LAST_SERIAL and not DATE_DIGITS.fullmatch(plain(cell)):
            return SERIAL_EPOCH + timedelta(days=int(cell))
        cell = _year_and_month(cell)
    text = unicodedata.normalize("NFKC", plain(cell))
    if not text:
        return None
    match = DATE_DIGITS.fullmatch(text) or DATE_TEXT.fullmatch(text)
    try:
        if match is not None:
            return date(int(match[1]), int(match[2]), int(match[3] or 1))
    except ValueError:
        pass
    raise Refused("roster.cell_not_a_date", value=text)


def read_day(cell: Cell) -> date | None:
    """A date that names its day: of the last day of something, no month can stand for its first."""
    day = read_date(cell)
    if day is not None and is_month_only(cell):
        raise Refused("roster.cell_needs_day", value=plain(cell))
    return day


def _year_and_month(number: float) -> str:
    """A number such as 1998.07 as it was typed. 1998.1 may have been 1998.10, which loses its last digit."""
    text = plain(number)
    year, _, month = text.partition(".")
    if month == "1" and len(year) == 4:
        raise Refused("roster.cell_month_unclear", value=text, year=year)
    return text


def is_month_only(cell: Cell) -> bool:
    """Whether a cell that was read as a date names a month and no day."""
    if isinstance(cell, date):
        return False
    text = unicodedata.normalize("NFKC", plain(cell))
    match = DATE_DIGITS.fullmatch(text) or DATE_TEXT.fullmatch(text)
    return match is not None and match[3] is None


def read_ethnicity(cell: Cell) -> str:
    """The ethnic group in its one written form. Empty stays empty."""
    text = plain(cell)
    group = words.ethnic_group(text)
    if group is None:
        raise Refused("roster.ethnicity_unknown", value=text)
    return group


def read_education(cell: Cell, most: int = 20) -> str:
    """The level of education in its one written form. Empty stays empty."""
    return words.education(read_text(cell, most, required=False))


def agree_on_birth(day: date, born_on: date) -> bool:
    """A stated birthday against that of the identity number. The first of a month also stands for the month alone."""
    return day == born_on or (day.day == 1 and (day.year, day.month) == (born_on.year, born_on.month))


def read_factor(cell: Cell) -> Fraction:
    """A factor above 0, as 1.2, 6/5 or 120%. Empty: 1."""
    text = unicodedata.normalize("NFKC", plain(cell)).replace(" ", "")
    if not text:
        return Fraction(1)
    try:
        if not FACTOR.fullmatch(text):
            raise ValueError(text)
        share = Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text)
        if 0 < share <= 100 and len(str(share)) <= 40:
            return share
    except (ValueError, ZeroDivisionError):
        pass
    raise Refused("roster.cell_not_a_factor", value=text)
