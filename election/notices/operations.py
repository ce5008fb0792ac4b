"""The room's verbs: a notice is put up for its working days, objections to it are received and closed with a finding.

What follows from an objection that is upheld is another room's act: for a candidate, see the nomination room.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from election.congress.models import Congress
from election.congress.rules_in_force import use_rules
from election.errors import NotFound, Refused
from election.notices.models import Notice, NoticeKind, Objection
from election.notices.queries import calendar
from election.notices.workdays import last_day
from election.people.act import Act
from election.people.models import Person
from election.people.permissions import Permission
from election.roster.queries import unit_of_person
from election.store.audit import digest

# Whom a notice is about: the ids of these persons stand in its content under this key.
PEOPLE = "people"


def publish_notice(act: Act, congress_id: int, kind: NoticeKind, content: Mapping[str, Any]) -> Notice:
    """Puts a notice up today for the working days of the rule (S3.3). `content` is what it shows, kept unchanged;
    `content["people"]` lists the ids of the persons whom it names. Its last day follows from the calendar as it is now
    and stays, whatever day is added to the calendar later.
    """
    act.require(Permission.NOTICE_PUBLISH, congress_id=congress_id)
    if act.session.get(Congress, congress_id, with_for_update=True) is None:
        raise NotFound("congress.none")
    if not content.get(PEOPLE):
        raise Refused("notice.empty")
    days = int(use_rules(act, congress_id, "notice.published", "publicity_days")["publicity_days"])
    last = act.session.scalar(
        select(func.max(Notice.number)).where(Notice.congress_id == congress_id, Notice.kind == kind)
    )
    row = Notice(
        congress_id=congress_id,
        kind=kind,
        number=(last or 0) + 1,
        published_on=act.today,
        working_days=days,
        last_day=last_day(act.today, days, calendar(act.session)) if days else act.today,
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


def record_objection(act: Act, notice_id: int, about_person_id: int, raised_by: str, text: str) -> Objection:
    """Someone objects to a person on a notice. A unit's clerk takes objections about the unit's own people.

    Of the electors one may also object that somebody is missing: any member of the congress.
    """
    notice = act.session.get(Notice, notice_id)
    if notice is None:
        raise NotFound("notice.none")
    unit_id = unit_of_person(act.session, notice.congress_id, about_person_id)
    act.require(Permission.OBJECTION_RECORD, congress_id=notice.congress_id, unit_id=unit_id)
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
    act.record("objection.received", row, congress_id=notice.congress_id, notice=notice_id, about=about_person_id)
    return row


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
