"""The room's verbs: a notice is put up for its working days, objections to it are received, closed with a finding and, where
the roster was wrong, settled by putting it right.

What follows from an objection that is upheld is another room's act: the correction is the roster's, for a candidate see the
nomination room.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from election.congress.lifecycle import Phase
from election.congress.models import Congress, Unit
from election.congress.rules_in_force import use_rules
from election.errors import NotFound, Refused
from election.notices.models import How, Notice, NoticeKind, Objection
from election.notices.queries import BEFORE_THE_SLATES, calendar, is_over, last_reception, put_right
from election.notices.reception import Reception
from election.notices.workdays import last_day
from election.people.act import Act
from election.people.models import Person
from election.people.permissions import Permission
from election.roster.queries import unit_of_person
from election.store.audit import digest
from election.texts import chinese_date


@dataclass(frozen=True, slots=True)
class Following:
    """The notice that this one follows, and how."""

    notice: Notice
    how: How


# Whom a notice is about: the ids of these persons stand in its content under this key.
PEOPLE = "people"


def publish_notice(
    act: Act,
    congress_id: int,
    kind: NoticeKind,
    content: Mapping[str, Any],
    *,
    follows: Following | None = None,
    reception: Reception | None = None,
) -> Notice:
    """Puts a notice up today for the working days of the rule (S3.3). `content` is what it shows, kept unchanged;
    `content["people"]` lists the ids of the persons whom it names. Its last day follows from the calendar as it is now
    and stays, whatever day is added to the calendar later. One that corrects another takes over its days, and has none
    of its own where they have passed. `reception`: where objections are received; as on the notice before, if not said.

    Kept beside the content: {"reception": {...}, "follows": {"number", "how"}}, the latter where it follows one.
    """
    act.require(Permission.NOTICE_PUBLISH, congress_id=congress_id)
    if act.session.get(Congress, congress_id, with_for_update=True) is None:
        raise NotFound("congress.none")
    if not content.get(PEOPLE):
        raise Refused("notice.empty")
    days = int(use_rules(act, congress_id, "notice.published", "publicity_days")["publicity_days"])
    ends = last_day(act.today, days, calendar(act.session)) if days else act.today
    if follows is not None and follows.how is How.CORRECTS:
        days = 0 if is_over(follows.notice, act.today) else follows.notice.working_days
        ends = follows.notice.last_day if days else act.today
    shown = {**content, "reception": (reception or last_reception(act.session, congress_id)).kept()}
    if follows is not None:
        shown["follows"] = {"number": follows.notice.number, "how": follows.how.value}
    last = act.session.scalar(
        select(func.max(Notice.number)).where(Notice.congress_id == congress_id, Notice.kind == kind)
    )
    row = Notice(
        congress_id=congress_id,
        kind=kind,
        number=(last or 0) + 1,
        published_on=act.today,
        working_days=days,
        last_day=ends,
        content=shown,
        content_hash=digest(shown),
        person_id=act.person_id,
        published_at=act.now,
    )
    act.session.add(row)
    act.record(
        "notice.published",
        row,
        congress_id=congress_id,
        kind=kind.value,
        number=row.number,
        last_day=row.last_day.isoformat(),
        hash=row.content_hash,
    )
    return row


# Once the results are out, whoever voted and stood is settled; an objection to the results outlives them until the archive.
SETTLED = (Phase.ANNOUNCEMENT, Phase.ARCHIVE)


# So much of a name is kept beside the name of the unit.
LONGEST_NAME = 50
LONGEST_HOW = 400


@dataclass(frozen=True, slots=True)
class Unlisted:
    """Somebody who stands on no roster and, as the objection says, should stand on that of this unit."""

    name: str
    unit_id: int


def record_objection(
    act: Act, notice_id: int, whom: int | Unlisted, raised_by: str, text: str, *, late: bool = False
) -> Objection:
    """Someone objects to a person on a notice. A unit's clerk takes objections about the unit's own people.

    Of the electors one may also object that somebody is missing (应列而未列): any member of the congress, or by name
    somebody who stands on no roster. `late`: the office takes it knowingly after the last day of the notice (逾期受理);
    without it, it is refused then.
    """
    notice = act.session.get(Notice, notice_id)
    if notice is None:
        raise NotFound("notice.none")
    unit_id = unit_of_person(act.session, notice.congress_id, whom) if isinstance(whom, int) else whom.unit_id
    over = act.today > notice.last_day
    act.require(Permission.OBJECTION_RECORD, congress_id=notice.congress_id, unit_id=unit_id)
    _require_in_time(act, notice, over, late)
    if isinstance(whom, int):
        _require_on(act, notice, whom, unit_id)
    about = "" if isinstance(whom, int) else _named(act, notice, whom)
    if not raised_by.strip():
        raise Refused("notice.objector_missing", field="raised_by")
    if not text.strip():
        raise Refused("notice.objection_empty", field="text")
    row = Objection(
        notice_id=notice_id,
        about_person_id=whom if isinstance(whom, int) else None,
        about=about,
        raised_by=raised_by.strip(),
        text=text.strip(),
        received_at=act.now,
    )
    act.session.add(row)
    act.record(
        "objection.received", row, congress_id=notice.congress_id, notice=notice_id, about=_about(row), late=over
    )
    return row


def _about(row: Objection) -> int | str:
    """Whom the chain names: a person, or the name that stands on no roster."""
    return row.about if row.about_person_id is None else row.about_person_id


def _require_on(act: Act, notice: Notice, person_id: int, unit_id: int | None) -> None:
    missing_counts = notice.kind is NoticeKind.ELECTORS and unit_id is not None
    if act.session.get(Person, person_id) is None or not (missing_counts or person_id in notice.content[PEOPLE]):
        raise Refused("notice.not_on_it", field="about")


def _named(act: Act, notice: Notice, whom: Unlisted) -> str:
    """The name with its unit, as the objection is called from then on. Only the electors may lack somebody."""
    unit = act.session.get(Unit, whom.unit_id)
    if unit is None or unit.congress_id != notice.congress_id:
        raise NotFound("congress.no_such_unit", field="unit")
    if notice.kind is not NoticeKind.ELECTORS:
        raise Refused("notice.not_on_it", field="about")
    name = "".join(whom.name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise Refused("notice.unlisted_name", field="name", most=LONGEST_NAME)
    return f"{name}（{unit.name}）"


def _require_in_time(act: Act, notice: Notice, over: bool, late: bool) -> None:
    phase = act.session.get_one(Congress, notice.congress_id).phase
    if phase in (SETTLED if notice.kind in BEFORE_THE_SLATES else (Phase.ARCHIVE,)):
        raise Refused("notice.objection_too_late", phase=phase)
    if over and not late:
        raise Refused("notice.objection_after_last_day", field="late", day=chinese_date(notice.last_day))
    if over:  # of the whole congress: the office's own word, no unit's
        act.require(Permission.OBJECTION_RECORD, congress_id=notice.congress_id)


def close_objection(act: Act, objection_id: int, *, finding: str, upheld: bool) -> Objection:
    """Closes an objection with what was found. Closed once: a closed one is never opened again.

    A step of the nomination's verb, which knows who may not: whoever had a hand in whom it is about.
    """
    row = _objection(act, objection_id)
    if row.closed_at is not None:
        raise Refused("notice.objection_closed")
    if not finding.strip():
        raise Refused("notice.finding_missing", field="finding")
    row.finding, row.upheld, row.closed_by_id, row.closed_at = finding.strip(), upheld, act.person_id, act.now
    act.record("objection.closed", row, congress_id=row.notice.congress_id, about=_about(row), upheld=upheld)
    return row


def settle_objection(act: Act, objection_id: int, how: str) -> Objection:
    """Says how the roster was put right after an objection to the electors was upheld; until then it blocks the slates.

    Refused while nothing of whom it is about was changed since the notice; of who is on no roster nobody can tell. What
    follows from one to a candidate is done when it is closed.
    """
    row = _objection(act, objection_id)
    if not row.upheld or row.notice.kind is not NoticeKind.ELECTORS:
        raise Refused("notice.nothing_to_settle")
    if row.settled_at is not None:
        raise Refused("notice.objection_settled")
    if not 0 < len(how.strip()) <= LONGEST_HOW:
        raise Refused("notice.how_missing", field="how", most=LONGEST_HOW)
    about, congress_id = row.about_person_id, row.notice.congress_id
    if about is not None and not put_right(act.session, congress_id, about, row.notice.published_at):
        name = act.session.get_one(Person, about).name
        raise Refused("notice.nothing_put_right", field="how", name=name)
    row.settled_how, row.settled_by_id, row.settled_at = how.strip(), act.person_id, act.now
    act.record("objection.settled", row, congress_id=congress_id, about=_about(row))
    return row


def _objection(act: Act, objection_id: int) -> Objection:
    """The objection, locked, for the office; never for whom it is about, and never once the congress is archived."""
    row = act.session.get(Objection, objection_id, with_for_update=True)
    if row is None:
        raise NotFound("notice.no_such_objection")
    congress_id = row.notice.congress_id
    act.require(Permission.OBJECTION_CLOSE, congress_id=congress_id)
    if act.session.get_one(Congress, congress_id).phase is Phase.ARCHIVE:
        raise Refused("notice.objections_archived")
    if row.about_person_id is not None and row.about_person_id == act.actor.person_id:
        raise Refused("notice.own_objection")
    return row
