"""What was frozen or put up is held against its fingerprint: with the file in hand nobody changes it unseen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from election.congress.models import Congress, Unit
from election.errors import Refused
from election.nomination.models import Slate
from election.nomination.papers.queries_slate import slates_paper
from election.notices.models import Notice
from election.results.queries_fingerprints import mismatches
from election.store.audit import digest, require_whole
from tests.support.county import County, county_from
from tests.support.nominating import freeze, handed_in
from tests.support.stores import Stores


@pytest.fixture
def county(stores: Stores) -> Iterator[County]:
    made = county_from(stores, "handed in", handed_in)
    made.now = made.now.replace(day=28)
    yield made
    made.database.close()


def unguarded(session: Session, table: str) -> None:
    """As somebody would who has the database itself in hand."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        return
    for name in session.scalars(
        text(f"SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{table}'")
    ):
        session.execute(text(f"DROP TRIGGER {name}"))


def found(county: County) -> list[tuple[str, str]]:
    with county.reading() as session:
        return [(one.subject, one.code) for one in mismatches(session)]


def test_a_slate_or_notice_that_was_changed_is_told_and_not_printed(county: County) -> None:
    slate_id = freeze(county, "u1")[0].id
    assert found(county) == []
    with county.database.writing() as session:
        unguarded(session, "slate")
        unguarded(session, "notice")
        slate = session.get_one(Slate, slate_id)
        content = {**(slate.content or {}), "seats": 9}
        session.execute(update(Slate).where(Slate.id == slate_id).values(content=content))
        notice_id, told = session.execute(select(Notice.id, Notice.content).order_by(Notice.id)).first() or (0, {})
        changed = {**told, "units": []}
        session.execute(
            update(Notice).where(Notice.id == notice_id).values(content=changed, content_hash=digest(changed))
        )
    assert found(county) == [
        (f"slate:{slate_id}", "fingerprint.content_differs"),
        (f"notice:{notice_id}", "fingerprint.chain_differs"),
    ]
    with county.reading() as session:
        congress = session.get_one(Congress, county.congress_id)
        with pytest.raises(Refused) as refusal:
            slates_paper(session, congress, session.get_one(Unit, county.units["u1"]), demo=False)
        assert refusal.value.code == "store.fingerprint_differs"
    with county.database.writing() as session:
        session.execute(update(Notice).where(Notice.id == notice_id).values(content_hash="0" * 64))
    with county.reading() as session, pytest.raises(Refused):
        notice = session.get_one(Notice, notice_id)
        require_whole(notice.content, notice.content_hash)
