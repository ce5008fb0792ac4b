"""The fingerprints of what was frozen or put up, held against the contents and against the audit chains. Changes nothing and
mends nothing: it says where something is not what it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from election.congress.models import Category, Unit
from election.contests.models import Contest, Round
from election.machine import Words
from election.nomination.models import Slate
from election.notices.models import Notice
from election.store.audit import congress_chain, digest
from election.store.models import AuditEvent
from election.texts import sentence

# The acts that keep a fingerprint on the chain.
KEPT_BY = ("slate.frozen", "notice.published")
# So many notices are held in the memory at once: a county's electors are on one.
AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A thing such as `slate:12` that is not what its fingerprint says. `chain`: of its congress; `code`: of a sentence."""

    chain: str
    subject: str
    what: Words
    code: str

    @property
    def words(self) -> Words:
        said = sentence(self.code, {"what": self.what})
        return Words(said.zh, said.en)


@dataclass(frozen=True, slots=True)
class _Kept:
    congress_id: int
    subject: str
    what: Words
    content: Any
    hash: str


def mismatches(session: Session) -> list[Mismatch]:
    """Every slate that was ever frozen and every notice, where the content, the stored fingerprint and the one on the chain
    are not the same.
    """
    on_chain = _on_the_chains(session)
    found = []
    for kept in _all_kept(session):
        chain = congress_chain(kept.congress_id)
        if digest(kept.content) != kept.hash:
            found.append(Mismatch(chain, kept.subject, kept.what, "fingerprint.content_differs"))
        elif on_chain.get((chain, kept.subject), kept.hash) != kept.hash:
            found.append(Mismatch(chain, kept.subject, kept.what, "fingerprint.chain_differs"))
    return found


def _on_the_chains(session: Session) -> Mapping[tuple[str, str], str]:
    """(chain, thing) → its fingerprint, where an act kept one."""
    rows = session.execute(
        select(AuditEvent.chain, AuditEvent.subject, AuditEvent.details)
        .where(AuditEvent.action.in_(KEPT_BY))
        .order_by(AuditEvent.chain, AuditEvent.position)
    )
    return {(chain, subject): str(details["hash"]) for chain, subject, details in rows if "hash" in details}


def _all_kept(session: Session) -> Iterator[_Kept]:
    slates = (
        select(Contest.congress_id, Slate.id, Unit.name, Category.name, Slate.version, Slate.content, Slate.hash)
        .join(Round, Round.id == Slate.round_id)
        .join(Contest, Contest.id == Round.contest_id)
        .join(Unit, Unit.id == Contest.unit_id)
        .join(Category, Category.id == Contest.category_id)
        .where(Slate.frozen_by_id.is_not(None))
        .order_by(Slate.id)
    )
    for congress_id, slate_id, unit, category, version, content, stored in session.execute(slates).yield_per(AT_ONCE):
        what = Words(
            f"{unit}“{category}”候选人名单第 {version} 版", f"the slate of {unit}, {category}, version {version}"
        )
        yield _Kept(congress_id, f"slate:{slate_id}", what, content, stored)
    notices = select(
        Notice.congress_id, Notice.id, Notice.kind, Notice.number, Notice.content, Notice.content_hash
    ).order_by(Notice.id)
    for congress_id, notice_id, kind, number, content, stored in session.execute(notices).yield_per(AT_ONCE):
        what = Words(f"{kind.zh}第 {number} 号", f"{kind.en} no. {number}")
        yield _Kept(congress_id, f"notice:{notice_id}", what, content, stored)
