"""The room's verbs: a notice is put up for its working days, objections to it are received and closed with a finding.

What follows from an objection that is upheld is another room's act: for a candidate, see the nomination room.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from election.congress.lifecycle import Phase
from election.congress.models import Congress
from election.congress.rules_in_force import use_rules
from election.errors import NotFound, Refused
from election.notices.models import Notice, NoticeKind, Objection
from election.notices.queries import BEFORE_THE_SLATES, calendar, is_over
from election.notices.workdays import last_day
from election.people.act import Act
from election.people.models import Person
from election.people.permissions import Permission
from election.roster.queries import unit_of_person
from election.store.audit import digest
from election.texts import chinese_date

# Whom a notice is about: the ids of these persons stand in its content under this key.
PEOPLE = "people"


def publish_notice(
    act: Act, congress_id: int, kind: NoticeKind, content: Mapping[str, Any], *, corrects: Notice | None = None
) -> Notice:
    """Puts a notice up today for the working days of the rule (S3.3). `content` is what it shows, kept unchanged;
    `content["people"]` lists the ids of the persons whom it names. Its last day follows from the calendar as it is now
    and stays, whatever day is added to the calendar later. `corrects`: the notice whose days this one takes over; it
    has none of its own where they have passed.
    """
    act.require(Permission.NOTICE_PUBLISH, congress_id=congress_id)
    if act.session.get(Congress, congress_id, with_for_update=True) is None:
        raise NotFound("congress.none")
    if not content.get(PEOPLE):
        raise Refused("notice.empty")
    days = int(use_rules(act, congress_id, "notice.published", "publicity_days")["publicity_days"])
    ends = last_day(act.today, days, calendar(act.session)) if days else act.today
    if corrects is not None:
        days = 0 if is_over(corrects, act.today) else corrects.working_days
        ends = corrects.last_day if days else act.today
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
        content=dict(content),
        content_hash=digest(content),
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


def record_objection(
    act: Act, notice_id: int, about_person_id: int, raised_by: str, text: str, *, late: bool = False
) -> Objection:
    """Someone objects to a person on a notice. A unit's clerk takes objections about the unit's own people.

    Of the electors one may also object that somebody is missing: any member of the congress. `late`: the office takes it
    knowingly after the last day of the notice (逾期受理); without it, it is refused then.
    """
    notice = act.session.get(Notice, notice_id)
    if notice is None:
        raise NotFound("notice.none")
    unit_id = unit_of_person(act.session, notice.congress_id, about_person_id)
    over = act.today > notice.last_day
    act.require(Permission.OBJECTION_RECORD, congress_id=notice.congress_id, unit_id=unit_id)
    _require_in_time(act, notice, over, late)
    missing_counts = notice.kind is NoticeKind.ELECTORS and unit_id is not None
    if act.session.get(Person, about_person_id) is None or not (
        missing_counts or about_person_id in notice.content[PEOPLE]
    ):
        raise Refused("notice.not_on_it", field="about")
    if not raised_by.strip():
        raise Refused("notice.objector_missing", field="raised_by")
    if not text.strip():
        raise Refused("notice.objection_empty", field="text")
    row = Objection(
        notice_id=notice_id,
        about_person_id=about_person_id,
        raised_by=raised_by.strip(),
        text=text.strip(),
        received_at=act.now,
    )
    act.session.add(row)
    act.record(
        "objection.received", row, congress_id=notice.congress_id, notice=notice_id, about=about_person_id, late=over
    )
    return row


def _require_in_time(act: Act, notice: Notice, over: bool, late: bool) -> None:
    phase = act.session.get_one(Congress, notice.congress_id).phase
    if phase in (SETTLED if notice.kind in BEFORE_THE_SLATES else (Phase.ARCHIVE,)):
        raise Refused("notice.objection_too_late", phase=phase)
    if over and not late:
        raise Refused("notice.objection_after_last_day", field="late", day=chinese_date(notice.last_day))
    if over:  # of the whole congress: the office's own word, no unit's
        act.require(Permission.OBJECTION_RECORD, congress_id=notice.congress_id)


def close_objection(act: Act, objection_id: int, *, finding: str, upheld: bool) -> Objection:
    """Closes an objection with what was found. Closed once: a closed one is never opened again."""
    row = act.session.get(Objection, objection_id, with_for_update=True)
    if row is None:
        raise NotFound("notice.no_such_objection")
    congress_id = row.notice.congress_id
    act.require(Permission.OBJECTION_CLOSE, congress_id=congress_id)
    if row.closed_at is not None:
        raise Refused("notice.objection_closed")
    if row.about_person_id == act.actor.person_id:
        raise Refused("notice.own_objection")
    if not finding.strip():
        raise Refused("notice.finding_missing", field="finding")
    row.finding, row.upheld, row.closed_by_id, row.closed_at = finding.strip(), upheld, act.person_id, act.now
    act.record("objection.closed", row, congress_id=congress_id, about=row.about_person_id, upheld=upheld)
    return row
