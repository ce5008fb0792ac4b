"""The room's verbs for seat letters: issued with the approval, signed for on screen, a paper receipt recorded."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select

from election.congress.models import Unit
from election.errors import NotFound, Refused, Stale
from election.machine import Words, require_reason
from election.people.act import Act, local_day
from election.people.permissions import Permission
from election.people.queries import names_of
from election.quotas.letters import letter_of
from election.quotas.lifecycle import SchemeState
from election.quotas.models import Scheme
from election.quotas.models_letters import SeatLetter
from election.quotas.queries_letters import frozen_of, letter_hash, letters_before
from election.texts import chinese_date


def issue_letters(act: Act, congress_id: int, scheme: Scheme) -> None:
    """A letter for every unit of the scheme that is being approved, numbered on from the congress's last one.

    Part of `approve_scheme`, which has asked for the permission and frozen the rules.
    """
    units = dict(act.session.execute(select(Unit.code, Unit.id).where(Unit.congress_id == congress_id)).all())
    last = act.session.scalar(select(func.max(SeatLetter.number)).join(Scheme).where(Scheme.congress_id == congress_id))
    frozen = frozen_of(act.session, congress_id, [scheme])[scheme.id]
    before = letters_before(act.session, congress_id, (last or 0) + 1)
    hashes = {}
    for number, line in enumerate(scheme.problem["units"], (last or 0) + 1):
        letter = letter_of(frozen, line["id"], number, act.today, before.get(line["id"]))
        hashes[letter.unit] = letter_hash(letter)
        act.session.add(
            SeatLetter(
                scheme_id=scheme.id,
                unit_id=units[letter.unit],
                number=number,
                hash=hashes[letter.unit],
                issued_at=act.now,
                issued_by_id=act.person_id,
            )
        )
    # The chain holds every fingerprint: a letter on paper can be proved from it alone.
    act.record("letters.issued", scheme, congress_id=congress_id, number=scheme.number, letters=hashes)


def sign_letter(act: Act, congress_id: int, unit_id: int, *, seen: str) -> SeatLetter:
    """The unit's clerk signs in person for the letter of the approved scheme. `seen`: its fingerprint on the page."""
    act.require(Permission.LETTER_SIGN, congress_id=congress_id, unit_id=unit_id)
    letter = act.session.scalar(
        select(SeatLetter)
        .join(Scheme)
        .where(Scheme.congress_id == congress_id, Scheme.state == SchemeState.APPROVED, SeatLetter.unit_id == unit_id)
        .with_for_update(of=SeatLetter)
    )
    if letter is None:
        raise NotFound("letter.none")
    if letter.hash != seen:
        raise Stale("store.stale", what=Words("名额通知", "the seat letter"))
    return _receive(act, congress_id, letter, act.actor.name, act.today, "letter.signed")


def record_receipt(
    act: Act, congress_id: int, scheme_number: int, unit_id: int, *, signed_by: str, on: date | None
) -> SeatLetter:
    """The office records the receipt that came back on paper: who signed it, and the day written on it."""
    act.require(Permission.SCHEME_EDIT, congress_id=congress_id)
    letter = _in_force(_found(act, congress_id, scheme_number, unit_id))
    name, day = _on_paper(act, letter, signed_by, on)
    return _receive(act, congress_id, letter, name, day, "letter.receipt_recorded")


def correct_receipt(
    act: Act, congress_id: int, scheme_number: int, unit_id: int, *, signed_by: str, on: date | None, reason: str
) -> SeatLetter:
    """The office corrects a paper receipt that it recorded wrongly; without signer and day, nobody has signed yet.

    What a clerk signed on screen is theirs and stays. The chain keeps what stood there before, and the reason.
    """
    act.require(Permission.SCHEME_EDIT, congress_id=congress_id)
    letter = _in_force(_found(act, congress_id, scheme_number, unit_id))
    if letter.received_on is None:
        raise Refused("letter.not_received")
    if letter.received_by == names_of(act.session, {letter.recorded_by_id}).get(letter.recorded_by_id or 0):
        raise Refused("letter.signed_in_person", name=letter.received_by)
    none = not signed_by.strip() and on is None
    name, day = ("", None) if none else _on_paper(act, letter, signed_by, on)
    require_reason("letter", reason)
    before = {"by": letter.received_by, "on": letter.received_on.isoformat()}
    letter.received_by, letter.received_on = name, day
    letter.recorded_by_id, letter.recorded_at = (None, None) if none else (act.person_id, act.now)
    after = {"by": name, "on": None if day is None else day.isoformat()}
    act.record(
        "letter.receipt_corrected",
        letter,
        congress_id=congress_id,
        number=letter.number,
        before=before,
        after=after,
        reason=reason.strip(),
    )
    return letter


def _found(act: Act, congress_id: int, scheme_number: int, unit_id: int) -> tuple[SeatLetter, SchemeState]:
    found = act.session.execute(
        select(SeatLetter, Scheme.state)
        .join(Scheme)
        .where(Scheme.congress_id == congress_id, Scheme.number == scheme_number, SeatLetter.unit_id == unit_id)
        .with_for_update(of=SeatLetter)
    ).one_or_none()
    if found is None:
        raise NotFound("letter.none")
    return found[0], found[1]


def _in_force(found: tuple[SeatLetter, SchemeState]) -> SeatLetter:
    letter, state = found
    if state is not SchemeState.APPROVED:
        raise Refused("letter.replaced")
    return letter


def _on_paper(act: Act, letter: SeatLetter, signed_by: str, on: date | None) -> tuple[str, date]:
    """Who signed on paper and when, where that can be. Raises Refused at `received_by` or `received_on`."""
    name = signed_by.strip()
    if not name:
        raise Refused("letter.signer_missing", field="received_by")
    if name == act.actor.name:
        # It would read as a signature on screen, and nobody is a witness of their own.
        raise Refused("letter.signer_records", field="received_by", name=name)
    if on is None:
        raise Refused("letter.day_missing", field="received_on")
    if on > act.today:
        raise Refused("letter.received_in_future", field="received_on", day=chinese_date(act.today))
    issued = local_day(letter.issued_at)
    if on < issued:
        raise Refused("letter.received_before_issue", field="received_on", day=chinese_date(issued))
    return name, on


def _receive(act: Act, congress_id: int, letter: SeatLetter, name: str, on: date, action: str) -> SeatLetter:
    if letter.received_on is not None:
        raise Refused("letter.received_already", name=letter.received_by, day=chinese_date(letter.received_on))
    letter.received_by, letter.received_on = name, on
    letter.recorded_by_id, letter.recorded_at = act.person_id, act.now
    act.record(action, letter, congress_id=congress_id, number=letter.number, by=name, on=on.isoformat())
    return letter
