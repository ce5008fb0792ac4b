"""The seats that units had in the previous congress: entered or imported, for comparison only. No seat is computed from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from election.congress.models import PreviousSeats, Unit
from election.congress.operations import MOST_SEATS
from election.congress.queries import congress_by_id, units_with_previous
from election.errors import Invalid, NotFound, Refused, Stale
from election.machine import Words
from election.people.act import Act
from election.people.permissions import Permission
from election.store.audit import digest


def previous_token(units: Iterable[Unit]) -> str:
    """What a form was made from: it changes whenever a unit or a number of it does."""
    return digest([[unit.code, _seats(unit)] for unit in units])


def set_previous_seats(
    act: Act, congress_id: int, seats: Mapping[str, int | None], *, seen: str | None = None
) -> dict[str, tuple[int | None, int | None]]:
    """Sets the units named by code, None for a unit that the previous congress did not have; others stay.

    In any phase, since nothing is decided by them (RULES 3.21). Returns what changed, code → (before, after); all of it is
    one recorded act, and none when nothing does. Raises Invalid with a refusal at the code of each wrong number, NotFound
    for a unit that is none, Stale when the numbers are no longer those that `seen` stands for.
    """
    act.require(Permission.CONGRESS_EDIT, congress_id=congress_id)
    congress_by_id(act.session, congress_id, for_update=True)
    units = {unit.code: unit for unit in units_with_previous(act.session, congress_id)}
    if seats.keys() - units.keys():
        raise NotFound("congress.no_such_unit")
    if seen is not None and seen != previous_token(units.values()):
        raise Stale("store.stale", what=Words("上届名额", "the previous seats"))
    wrong = [
        Refused("congress.previous_wrong", field=code, unit=units[code].name, most=f"{MOST_SEATS:,}")
        for code, number in seats.items()
        if number is not None and not 0 <= number <= MOST_SEATS
    ]
    if wrong:
        raise Invalid(wrong)
    changes: dict[str, tuple[int | None, int | None]] = {}
    for code, unit in units.items():
        before = _seats(unit)
        after = seats.get(code, before)
        if before == after:
            continue
        changes[code] = (before, after)
        if after is None:
            unit.previous = None
        elif unit.previous is None:
            unit.previous = PreviousSeats(seats=after)
        else:
            unit.previous.seats = after
    if changes:
        act.record("previous.set", "congress", congress_id=congress_id, units={k: list(v) for k, v in changes.items()})
    return changes


def _seats(unit: Unit) -> int | None:
    return None if unit.previous is None else unit.previous.seats
