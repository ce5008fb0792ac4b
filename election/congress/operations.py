"""The room's verbs: a congress begins, its units, categories and overlays are set, the superior's reply recorded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from election.congress.lifecycle import Phase
from election.congress.models import Category, Congress, Overlay, OverlayFact, RuleValue, Unit, UnitKind
from election.errors import Invalid, NotFound, Refused
from election.people.act import Act
from election.people.permissions import Permission
from election.rules import RULES
from election.store.models import Installation

# A technical bound: far beyond any congress, and still quick to divide.
MOST_SEATS = 9_999
MOST_PLACES = 12
CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,38}")


@dataclass(frozen=True, slots=True)
class CategoryInput:
    code: str
    name: str
    share: Fraction
    name_en: str = ""
    takes_assigned: bool = False


@dataclass(frozen=True, slots=True)
class OverlayInput:
    code: str
    name: str
    share: Fraction
    fact: OverlayFact
    age: int | None = None


def create_congress(act: Act, *, code: str, name: str, county: str, total_seats: int, reference_date: date) -> Congress:
    """A congress in its first phase, with every rule at its default. A demo folder holds its demo county alone."""
    act.require(Permission.CONGRESS_CREATE)
    if not CODE.fullmatch(code):
        raise Refused("congress.code_wrong", field="code")
    if not name.strip():
        raise Refused("congress.name_missing", field="name")
    _check_seats(total_seats)
    installation = act.session.get(Installation, 1)
    if (
        installation is not None
        and installation.demo
        and act.session.scalar(select(func.count()).select_from(Congress))
    ):
        raise Refused("congress.demo_folder")
    if act.session.scalar(select(Congress.id).where(Congress.code == code)) is not None:
        raise Refused("congress.code_taken", field="code", code=code)
    congress = Congress(
        code=code,
        name=name.strip(),
        county=county.strip(),
        total_seats=total_seats,
        reference_date=reference_date,
        created_at=act.now,
    )
    act.session.add(congress)
    act.session.flush()
    act.session.add_all(RuleValue(congress_id=congress.id, name=rule.name, value=rule.default) for rule in RULES)
    act.record("congress.created", congress, congress_id=congress.id, code=code, name=congress.name, seats=total_seats)
    return congress


def is_short_decimal(number: Fraction) -> bool:
    """Whether the number can be written exactly, as the machine interface (SPEC) writes numbers: a third cannot."""
    return bool((number * 10**MOST_PLACES).denominator == 1)


def _check_seats(total_seats: int) -> None:
    if not 1 <= total_seats <= MOST_SEATS:
        raise Refused("congress.seats_wrong", field="total_seats", most=f"{MOST_SEATS:,}")


def _in_preparation(act: Act, congress_id: int) -> Congress:
    act.require(Permission.CONGRESS_EDIT, congress_id=congress_id)
    congress = act.session.get(Congress, congress_id, with_for_update=True)
    if congress is None:
        raise NotFound("congress.none")
    if congress.phase is not Phase.PREPARATION:
        raise Refused("congress.past_preparation", phase=congress.phase)
    return congress


def change_congress(
    act: Act, congress_id: int, *, name: str, county: str, total_seats: int, reference_date: date
) -> None:
    congress = _in_preparation(act, congress_id)
    if not name.strip():
        raise Refused("congress.name_missing", field="name")
    _check_seats(total_seats)
    before = _basics(congress)
    congress.name, congress.county = name.strip(), county.strip()
    congress.total_seats, congress.reference_date = total_seats, reference_date
    act.record("congress.changed", congress, congress_id=congress_id, before=before, after=_basics(congress))


def _basics(congress: Congress) -> dict[str, object]:
    return {
        "name": congress.name,
        "county": congress.county,
        "seats": congress.total_seats,
        "reference_date": congress.reference_date.isoformat(),
    }


def add_unit(
    act: Act,
    congress_id: int,
    *,
    code: str,
    name: str,
    kind: UnitKind,
    factor: Fraction = Fraction(1),
    factor_reason: str = "",
) -> Unit:
    """An electoral unit, placed after the others. A factor other than 1 needs its reason (行业领域、地域分布)."""
    _in_preparation(act, congress_id)
    _check_unit(act, congress_id, None, code, name, factor, factor_reason)
    last = act.session.scalar(select(func.max(Unit.position)).where(Unit.congress_id == congress_id)) or 0
    unit = Unit(
        congress_id=congress_id,
        code=code,
        position=last + 1,
        name=name.strip(),
        kind=kind,
        factor=factor,
        factor_reason=factor_reason.strip(),
    )
    act.session.add(unit)
    act.session.flush()
    act.record("unit.added", unit, congress_id=congress_id, **_described(unit))
    return unit


def _described(unit: Unit) -> dict[str, object]:
    return {
        "code": unit.code,
        "name": unit.name,
        "kind": unit.kind.value,
        "factor": str(unit.factor),
        "factor_reason": unit.factor_reason,
    }


def change_unit(act: Act, unit_id: int, *, name: str, kind: UnitKind, factor: Fraction, factor_reason: str) -> Unit:
    unit = act.session.get(Unit, unit_id)
    if unit is None:
        raise NotFound("congress.no_such_unit")
    _in_preparation(act, unit.congress_id)
    _check_unit(act, unit.congress_id, unit.id, unit.code, name, factor, factor_reason)
    before = _described(unit)
    unit.name, unit.kind, unit.factor, unit.factor_reason = name.strip(), kind, factor, factor_reason.strip()
    act.record("unit.changed", unit, congress_id=unit.congress_id, before=before, after=_described(unit))
    return unit


def _check_unit(
    act: Act, congress_id: int, unit_id: int | None, code: str, name: str, factor: Fraction, factor_reason: str
) -> None:
    if not CODE.fullmatch(code):
        raise Refused("congress.code_wrong", field="code")
    if not name.strip():
        raise Refused("congress.name_missing", field="name")
    if factor <= 0:
        raise Refused("congress.factor_wrong", field="factor")
    if not is_short_decimal(factor):
        raise Refused("congress.not_decimal", field="factor", most=MOST_PLACES)
    if factor != 1 and not factor_reason.strip():
        raise Refused("congress.factor_unexplained", field="factor_reason")
    others = select(Unit.code, Unit.name).where(Unit.congress_id == congress_id, Unit.id.is_distinct_from(unit_id))
    for other_code, other_name in act.session.execute(others):
        if other_code == code:
            raise Refused("congress.unit_code_taken", field="code", code=code)
        if other_name == name.strip():
            raise Refused("congress.unit_name_taken", field="name", name=name.strip())


def remove_unit(act: Act, unit_id: int) -> None:
    """Removes a unit that nothing refers to yet."""
    unit = act.session.get(Unit, unit_id)
    if unit is None:
        raise NotFound("congress.no_such_unit")
    _in_preparation(act, unit.congress_id)
    act.record("unit.removed", unit, congress_id=unit.congress_id, code=unit.code, name=unit.name)
    _remove(act, unit, unit.name)


def _remove(act: Act, row: Unit | Category | Overlay, name: str) -> None:
    try:
        with act.session.begin_nested():
            act.session.delete(row)
    except IntegrityError:
        raise Refused("congress.in_use", name=name) from None


def set_categories(act: Act, congress_id: int, wanted: Sequence[CategoryInput]) -> None:
    """The whole list of exclusive categories, in order. Their shares must sum to exactly the whole."""
    _in_preparation(act, congress_id)
    _check_list(wanted, (item.name for item in wanted))
    if not wanted:
        raise Refused("congress.categories_missing", field="categories")
    total = sum((item.share for item in wanted), Fraction(0))
    if total != 1:
        raise Refused("congress.shares_do_not_sum", field="categories", total=_percent(total))
    if sum(item.takes_assigned for item in wanted) > 1:
        raise Refused("congress.one_takes_assigned", field="categories")
    present = {
        row.code: row for row in act.session.scalars(select(Category).where(Category.congress_id == congress_id))
    }
    for code in present.keys() - {item.code for item in wanted}:
        _remove(act, present[code], present[code].name)
    _make_room(act, [row for code, row in present.items() if code in {item.code for item in wanted}])
    for position, item in enumerate(wanted, 1):
        row = present.get(item.code) or Category(congress_id=congress_id, code=item.code)
        row.position, row.name, row.name_en = position, item.name.strip(), item.name_en.strip()
        row.share, row.takes_assigned = item.share, item.takes_assigned
        act.session.add(row)
    act.record(
        "categories.set",
        "congress",
        congress_id=congress_id,
        categories=[[item.code, item.name, str(item.share), item.takes_assigned] for item in wanted],
    )


def set_overlays(act: Act, congress_id: int, wanted: Sequence[OverlayInput]) -> None:
    """The whole list of overlapping 其中, in order; floors, never summed."""
    _in_preparation(act, congress_id)
    _check_list(wanted, (item.name for item in wanted))
    for place, item in enumerate(wanted):
        if (item.fact is OverlayFact.AGE_AT_MOST) != (item.age is not None):
            raise Refused("congress.overlay_age", field=f"{place}.age", name=item.name)
    present = {row.code: row for row in act.session.scalars(select(Overlay).where(Overlay.congress_id == congress_id))}
    for code in present.keys() - {item.code for item in wanted}:
        _remove(act, present[code], present[code].name)
    _make_room(act, [row for code, row in present.items() if code in {item.code for item in wanted}])
    for position, item in enumerate(wanted, 1):
        row = present.get(item.code) or Overlay(congress_id=congress_id, code=item.code)
        row.position, row.name, row.share = position, item.name.strip(), item.share
        row.fact, row.age = item.fact, item.age
        act.session.add(row)
    act.record(
        "overlays.set",
        "congress",
        congress_id=congress_id,
        overlays=[[item.code, item.name, str(item.share), item.fact.value, item.age] for item in wanted],
    )


def _make_room(act: Act, rows: Sequence[Category | Overlay]) -> None:
    """Moves the rows out of the way, since positions and names are unique at every moment."""
    for row in rows:
        row.position, row.name = -row.position, f"-{row.id}"
        if isinstance(row, Category):
            row.takes_assigned = False
    act.session.flush()


def _check_list(wanted: Sequence[CategoryInput | OverlayInput], names: Iterable[str]) -> None:
    refusals: list[Refused] = []
    codes: set[str] = set()
    seen: set[str] = set()
    for place, (item, name) in enumerate(zip(wanted, names, strict=True)):
        if not CODE.fullmatch(item.code):
            refusals.append(Refused("congress.code_wrong", field=f"{place}.code"))
        if not name.strip():
            refusals.append(Refused("congress.name_missing", field=f"{place}.name"))
        if item.code in codes or name.strip() in seen:
            refusals.append(Refused("congress.listed_twice", field=f"{place}.name", name=name))
        if not 0 <= item.share <= 1:
            refusals.append(Refused("congress.share_wrong", field=f"{place}.share", name=name))
        elif not is_short_decimal(item.share):
            refusals.append(Refused("congress.not_decimal", field=f"{place}.share", most=MOST_PLACES - 2))
        codes.add(item.code)
        seen.add(name.strip())
    if refusals:
        raise Invalid(refusals)


def _percent(share: Fraction) -> str:
    """Two decimals, or as many as it takes not to look like the whole."""
    exact = share * 100
    if exact.denominator == 1:
        return f"{exact.numerator}"
    places = 2
    while round(exact, places) == 100:
        places += 1
    return f"{float(round(exact, places)):.{places}f}"


def record_reply(act: Act, congress_id: int, *, number: str, replied_on: date) -> None:
    """批复: the superior committee's reply to total, composition and method."""
    congress = _in_preparation(act, congress_id)
    if not number.strip():
        raise Refused("congress.reply_number_missing", field="number")
    congress.reply_number, congress.reply_on, congress.reply_waived_because = number.strip(), replied_on, None
    act.record("reply.recorded", congress, congress_id=congress_id, number=number.strip(), on=replied_on.isoformat())


def waive_reply(act: Act, congress_id: int, reason: str) -> None:
    """The step may be switched off, with a reason."""
    congress = _in_preparation(act, congress_id)
    if not reason.strip():
        raise Refused("congress.reply_waived_without_reason", field="reason")
    congress.reply_number, congress.reply_on, congress.reply_waived_because = None, None, reason.strip()
    act.record("reply.waived", congress, congress_id=congress_id, reason=reason.strip())
